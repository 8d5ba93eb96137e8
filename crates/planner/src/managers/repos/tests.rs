//! Real set-up commands, and commands that only look like one.

use super::*;
use crate::managers::tests::words::script;

fn pipeline(line: &str) -> Pipeline {
    let script = script(line);
    let list = script.list.expect("a script");
    list.items.into_iter().next().expect("a list").and_or.first
}

fn summary(line: &str) -> String {
    let Some(setup) = recognise_pipeline(&pipeline(line)) else { return "nothing".to_owned() };
    let version = setup.version.map(|v| format!(" {}", v.display())).unwrap_or_default();
    let part = if setup.whole { "" } else { " (part)" };
    format!("{:?} {}{version}{part}", setup.kind, setup.product.unwrap_or("?"))
}

fn check(rows: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (line, want) in rows {
        let have = summary(line);
        if have != *want {
            wrong += &format!("{line}\n  want {want}\n  have {have}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn scripts() {
    check(&[
        ("curl -fsSL https://deb.nodesource.com/setup_20.x | bash -", "Script nodejs 20"),
        ("curl -sL https://deb.nodesource.com/setup_8.x | sudo -E bash -", "Script nodejs 8"),
        ("curl -sL deb.nodesource.com/setup_${NODE_VERSION}.x | bash -", "Script nodejs ${NODE_VERSION}"),
        ("wget -qO- https://deb.nodesource.com/setup_lts.x | bash", "Script nodejs"),
        ("curl --silent --location https://rpm.nodesource.com/setup_10.x | bash -", "Script nodejs 10"),
        ("curl -fsSL https://deb.nodesource.com/setup_18.x -o nodesource_setup.sh", "Download nodejs 18"),
        ("bash nodesource_setup.sh", "Script nodejs"),
        ("sh /tmp/setup_16.x", "Script ?"),
        ("bash <(curl -sL https://deb.nodesource.com/setup_12.x)", "Script nodejs 12"),
        ("bash -c \"$(curl -fsSL https://get.docker.com)\"", "Script docker"),
        ("curl -fsSL https://get.docker.com | sh", "Script docker"),
        ("curl -s https://packagecloud.io/install/repositories/github/git-lfs/script.deb.sh | bash", "Script git-lfs"),
        ("curl -sL https://aka.ms/InstallAzureCLIDeb | bash", "Script azure-cli"),
        ("curl -fsSL https://get.docker.com/ -o get-docker.sh", "Download docker"),
        ("curl -fsSL https://get.docker.com/builds/Linux/x86_64/docker-1.11.1.tgz | tar xz", "nothing"),
        ("curl -o /bin/docker https://get.docker.com/builds/Linux/x86_64/docker-latest", "nothing"),
        ("wget https://apt.puppetlabs.com/puppet5-release-bionic.deb", "Download puppet 5"),
        ("curl https://sh.rustup.rs -sSf | sh -s -- -y", "nothing"),
        ("curl -L https://install.example.org/x.sh | bash", "nothing"),
        ("curl -fsSL https://download.docker.com/linux/static/stable/x86_64/docker-20.tgz | tar xz", "nothing"),
    ]);
}

#[test]
fn keys() {
    check(&[
        ("wget -qO - https://dl-ssl.google.com/linux/linux_signing_key.pub | apt-key add -", "Key google-chrome"),
        ("curl -sS https://dl.yarnpkg.com/debian/pubkey.gpg | sudo apt-key add -", "Key yarn"),
        (
            "curl -fsSL https://download.docker.com/linux/debian/gpg | gpg --dearmor -o /etc/apt/keyrings/docker.gpg",
            "Key docker",
        ),
        ("curl -fsSL https://cli.github.com/packages/k.gpg | dd of=/usr/share/keyrings/k.gpg", "Key github-cli"),
        (
            "wget -O- https://apt.releases.hashicorp.com/gpg | gpg --dearmor | tee /usr/share/keyrings/h.gpg",
            "Key hashicorp",
        ),
        (
            "curl https://packages.microsoft.com/keys/microsoft.asc | gpg --dearmor > /etc/apt/trusted.gpg.d/m.gpg",
            "Key microsoft-prod",
        ),
        (
            "apt-key adv --keyserver hkp://keyserver.ubuntu.com:80 --recv-keys 58118E89F3A912897C070ADBF76221572C52609D",
            "Key ?",
        ),
        ("rpm --import https://packages.microsoft.com/keys/microsoft.asc", "Key microsoft-prod"),
        ("apt-key add nginx_signing.key", "Key ?"),
        ("mkdir -p /etc/apt/keyrings", "Key ?"),
        ("chmod a+r /etc/apt/keyrings/docker.asc", "Key ?"),
        ("gpg --keyserver x --recv-keys ABC", "nothing"),
        ("apt-key list", "nothing"),
        (
            "wget -q -O /etc/apk/keys/sgerrand.rsa.pub https://alpine-pkgs.sgerrand.com/sgerrand.rsa.pub",
            "Key alpine-glibc",
        ),
    ]);
}

#[test]
fn sources() {
    check(&[
        (
            "echo \"deb https://dl.yarnpkg.com/debian/ stable main\" | tee /etc/apt/sources.list.d/yarn.list",
            "SourceList yarn",
        ),
        (
            "echo \"deb [signed-by=/etc/apt/keyrings/docker.gpg] https://download.docker.com/linux/debian $(lsb_release -cs) stable\" > /etc/apt/sources.list.d/docker.list",
            "SourceList docker",
        ),
        (
            "echo \"deb http://apt.postgresql.org/pub/repos/apt/ jessie-pgdg main 11\" > /etc/apt/sources.list.d/pgdg.list",
            "SourceList postgresql 11",
        ),
        (
            "echo \"deb http://repo.mongodb.org/apt/debian buster/mongodb-org/4.2 main\" > /etc/apt/sources.list.d/m.list",
            "SourceList mongodb 4.2",
        ),
        (
            "echo 'deb http://ftp.de.debian.org/debian buster-backports main' >> /etc/apt/sources.list",
            "SourceList debian",
        ),
        ("sed -i 's/ftp.de.debian.org/mirrors.aliyun.com/' /etc/apt/sources.list", "SourceList debian"),
        ("echo https://dl-cdn.alpinelinux.org/alpine/edge/testing >> /etc/apk/repositories", "SourceList alpine"),
        (
            "curl https://packages.microsoft.com/config/debian/12/prod.list > /etc/apt/sources.list.d/m.list",
            "SourceList microsoft-prod",
        ),
        ("curl -sL https://dl.yarnpkg.com/rpm/yarn.repo -o /etc/yum.repos.d/yarn.repo", "SourceList yarn"),
        ("yum-config-manager --add-repo https://download.docker.com/linux/centos/docker-ce.repo", "SourceList docker"),
        (
            "dnf config-manager --add-repo=https://rpm.releases.hashicorp.com/fedora/hashicorp.repo",
            "SourceList hashicorp",
        ),
        ("dnf config-manager --set-enabled crb", "Toggle ?"),
        ("yum-config-manager --enable remi-php74", "Toggle ?"),
        ("add-apt-repository -y ppa:deadsnakes/ppa", "ShortName newer-python"),
        (
            "add-apt-repository \"deb [arch=amd64] https://download.docker.com/linux/ubuntu bionic stable\"",
            "SourceList docker",
        ),
        ("add-apt-repository universe", "SourceList ?"),
        ("yes | add-apt-repository ppa:ondrej/php", "ShortName php"),
        ("dnf -y copr enable user/project", "ShortName ?"),
        ("echo 'APT::Install-Recommends 0;' >> /etc/apt/apt.conf.d/01norecommends", "Configuration ?"),
        ("printf '#!/bin/sh\\nexit 0' > /usr/sbin/policy-rc.d", "ServicePolicy ?"),
        ("dpkg --add-architecture i386", "Architecture ?"),
        ("subscription-manager register --org=a --activationkey=b", "Subscription ?"),
        ("echo 'msodbcsql ACCEPT_EULA select true' | debconf-set-selections", "Debconf ?"),
        ("echo x | tee /etc/apt/sources.list.d/a.list /app/b", "SourceList ? (part)"),
        ("echo x > /etc/hosts", "nothing"),
        (
            "echo 'deb http://ppa.launchpad.net/ondrej/php5-5.6/ubuntu trusty main' > /etc/apt/sources.list.d/p.list",
            "SourceList php 5.6",
        ),
        ("{ echo '[a]'; echo x; } | tee /etc/yum.repos.d/mysql.repo", "SourceList ? (part)"),
        ("cat /etc/apt/sources.list", "nothing"),
        ("rm -rf /var/lib/apt/lists/*", "nothing"),
    ]);
}

#[test]
fn packages_that_hold_a_repository() {
    check(&[
        ("yum install -y epel-release", "ReleasePackage epel"),
        ("yum install -y epel-release git", "ReleasePackage epel (part)"),
        (
            "yum install -y https://dl.fedoraproject.org/pub/epel/epel-release-latest-7.noarch.rpm",
            "ReleasePackage epel 7",
        ),
        (
            "rpm -Uvh https://download.postgresql.org/pub/repos/yum/11/redhat/rhel-7-x86_64/pgdg-redhat11-11-2.noarch.rpm",
            "ReleasePackage postgresql 11",
        ),
        ("rpm -Uvh http://rpms.remirepo.net/enterprise/remi-release-7.rpm", "ReleasePackage php"),
        ("yum install -y centos-release-scl", "ReleasePackage scl"),
        ("dpkg -i packages-microsoft-prod.deb", "ReleasePackage microsoft-prod"),
        ("rpm -Uvh https://dev.mysql.com/get/mysql80-community-release-el7-3.noarch.rpm", "ReleasePackage mysql"),
        ("amazon-linux-extras install -y nginx1", "Extras nginx 1"),
        ("amazon-linux-extras enable php7.4", "Extras php 7.4"),
        ("amazon-linux-extras install java-openjdk11", "Extras openjdk 11"),
        ("amazon-linux-extras list", "nothing"),
        ("rpm -ivh https://example.com/app-1.0.rpm", "nothing"),
        ("yum install -y httpd", "nothing"),
        ("apt-get install -y curl", "nothing"),
        ("make install", "nothing"),
    ]);
}

#[test]
fn words_lead_back_to_the_address() {
    let setup =
        recognise_pipeline(&pipeline("curl -fsSL https://deb.nodesource.com/setup_20.x | bash -")).expect("a setup");
    // The word belongs to the fetching command, the first of the pipeline.
    assert_eq!(setup.words, [(0, 2)]);
    let setup =
        recognise_pipeline(&pipeline("curl -sS https://dl.yarnpkg.com/k.gpg | apt-key add -")).expect("a setup");
    assert_eq!(setup.words, [(0, 2)]);
    let setup = recognise_pipeline(&pipeline("yum install -y git epel-release")).expect("a setup");
    assert_eq!(setup.words, [(0, 4)]);
}

#[test]
fn every_row_can_be_found() {
    for row in super::products::PRODUCTS {
        for address in row.addresses {
            let found = product(&Text::from_static(address)).map(|found| found.name);
            assert!(found.is_some(), "{address}");
            // An address behind a wider one of another row would never be reached.
            assert_eq!(found, Some(row.name), "{address}");
        }
    }
}
