//! rpm.

use super::check;

#[test]
fn command_lines() {
    check(&[
        ("rpm -Uvh https://example.com/b.rpm", "LocalInstall url(https://example.com/b.rpm)"),
        ("rpm -ivh /tmp/foo.rpm", "LocalInstall file(/tmp/foo.rpm)"),
        ("rpm -i foo-1.0-1.x86_64.rpm", "LocalInstall file(foo-1.0-1.x86_64.rpm)"),
        ("rpm -ivh --nodeps --force *.rpm", "LocalInstall [Force Force] file(*.rpm)"),
        ("rpm -Uvh --excludedocs $URL", "LocalInstall [NoDocs] var(${URL})"),
        (
            "rpm -Uvh http://rpms.remirepo.net/enterprise/remi-release-7.rpm",
            "LocalInstall url(http://rpms.remirepo.net/enterprise/remi-release-7.rpm)",
        ),
        (
            "rpm --import https://packages.microsoft.com/keys/microsoft.asc",
            "RepoSetup url(https://packages.microsoft.com/keys/microsoft.asc)",
        ),
        (
            "rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7",
            "RepoSetup other(/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7)",
        ),
        ("rpm -q centos-release", "Query centos-release"),
        ("rpm -qa", "Query"),
        ("rpm -qi bash", "Query bash"),
        ("rpm -qf /etc/os-release", "Query path(/etc/os-release)"),
        (r#"rpm -qa --qf "%{NAME}\n""#, "Query"),
        ("rpm -q --queryformat '%{VERSION}' bash", "Query bash"),
        ("rpm -qpl foo.rpm", "Query file(foo.rpm)"),
        ("rpm -V curl", "Query curl"),
        ("rpm -e --nodeps tzdata", "Remove [Force] tzdata"),
        ("rpm -E %fedora", "Query [PrintArch=%fedora]"),
        ("rpm --eval '%{_arch}'", "Query [PrintArch=%{_arch}]"),
        ("rpm --rebuilddb", "Fix"),
        ("rpm -Kv foo.rpm", "Query file(foo.rpm)"),
        ("rpm --version", "Query [Help]"),
        ("rpm -r /mnt -ivh x.rpm", "LocalInstall [Root=/mnt] file(x.rpm)"),
        ("rpm --root=/mnt -qa", "Query [Root=/mnt]"),
        ("rpm -ivh --prefix /opt x.rpm", "LocalInstall file(x.rpm)"),
        ("rpmkeys --import https://x/key.asc", "RepoSetup url(https://x/key.asc)"),
        ("rpmdb --rebuilddb", "Fix"),
    ]);
}
