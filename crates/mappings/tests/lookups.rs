//! What the lookups answer with the built-in tables.

mod support;

use std::sync::OnceLock;

use wolfify_mappings::{
    ApkIndex, Confidence, Distro, EntrypointKind, Lookup, Mappings, NameKind, PackageMapping, Tier, UserTable,
    WolfiStatus,
};

fn mappings() -> &'static Mappings {
    static MAPPINGS: OnceLock<Mappings> = OnceLock::new();
    MAPPINGS.get_or_init(support::mappings)
}

fn mapped(distro: Distro, name: &str) -> PackageMapping {
    match mappings().package(distro, name) {
        Lookup::Mapped(answer) => answer,
        other => panic!("{name}: {other:?}"),
    }
}

/// Holds `name → targets` against the answers.
fn assert_mapped(distro: Distro, expected: &[(&str, &str)]) {
    for (name, targets) in expected {
        assert_eq!(mapped(distro, name).packages.join(" "), *targets, "{name}");
    }
}

fn assert_dropped(distro: Distro, names: &[&str]) {
    for name in names {
        assert!(matches!(mappings().package(distro, name), Lookup::Dropped { .. }), "{name}");
    }
}

fn assert_absent(distro: Distro, names: &[(&str, &str)]) {
    for (name, text) in names {
        match mappings().package(distro, name) {
            Lookup::Absent { advice, .. } => assert!(advice.contains(text), "{name}: {advice}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn php() {
    assert_mapped(
        Distro::Debian,
        &[
            ("php8.2-mbstring", "php-8.2-mbstring"),
            ("php-mbstring", "php-mbstring"),
            ("php8.4", "php-8.4"),
            ("php-apcu", "php-8.5-apcu"),
            ("php8.3-apcu", "php-8.3-apcu"),
            ("php-mysql", "php-mysqli php-pdo_mysql"),
            ("php8.3-xml", "php-8.3-dom php-8.3-simplexml php-8.3-xml php-8.3-xmlreader php-8.3-xmlwriter php-8.3-xsl"),
            ("php8.4-dev", "php-8.4-dev"),
            ("php8.4-fpm", "php-8.4-fpm"),
            ("php8.3-mongodb", "php-8.3-pecl-mongodb"),
            ("libapache2-mod-php8.2", "php-8.2-apache"),
        ],
    );
    assert_mapped(
        Distro::Alpine,
        &[
            ("php82-mbstring", "php-8.2-mbstring"),
            ("php83", "php-8.3"),
            ("php84-xml", "php-8.4-xml"),
            ("php83-pecl-redis", "php-8.3-redis"),
            ("php84-mysqlnd", "php-8.4-mysqlnd"),
        ],
    );
    assert_mapped(Distro::Fedora, &[("php-pecl-apcu", "php-8.5-apcu"), ("php82-php-gd", "php-8.2-gd")]);
    let old = mapped(Distro::Debian, "php7.4-gd");
    assert_eq!((old.packages.join(" ").as_str(), old.provenance.confidence), ("php-gd", Confidence::Low));
    assert!(old.note.unwrap().contains("PHP 7.4 is not in Wolfi"));
    assert_dropped(Distro::Debian, &["php-json", "php8.2-tokenizer", "php8.2-dbg"]);
    assert_absent(Distro::Debian, &[("php8.2-imap", "phpize from php-8.2-dev")]);
    // The opcode cache moved into PHP with 8.5; older streams package it.
    assert_mapped(Distro::Debian, &[("php8.4-opcache", "php-8.4-opcache")]);
    assert_dropped(Distro::Debian, &["php8.5-opcache"]);
}

#[test]
fn python() {
    assert_mapped(
        Distro::Debian,
        &[
            ("python3", "python3"),
            ("python3.12", "python-3.12"),
            ("python3.12-dev", "python-3.12-dev"),
            ("libpython3.12-dev", "python-3.12-dev"),
            ("python3-yaml", "py3-pyyaml"),
            ("python3-numpy", "py3-numpy"),
            ("python3-pil", "py3-pillow"),
            ("python3.12-tk", "python-3.12-tk"),
            ("python3-distutils", "py3-setuptools"),
        ],
    );
    assert_mapped(
        Distro::Fedora,
        &[("python3.11-Cython", "py3.11-cython"), ("python3-PyMySQL", "py3-pymysql"), ("python38", "python3")],
    );
    assert_mapped(Distro::Alpine, &[("py3-requests", "py3-requests"), ("py-lxml", "py3-lxml")]);
    assert_dropped(Distro::Debian, &["python3-venv", "python3.11-venv", "python3-doc", "python3-dbg"]);
    assert_absent(
        Distro::Debian,
        &[("python2.7", "Python 2 is not in Wolfi"), ("python3-astropy", "install astropy with pip")],
    );
    assert!(mapped(Distro::Debian, "python-pip").note.unwrap().contains("Python 2"));
}

#[test]
fn version_streams() {
    assert_mapped(
        Distro::Debian,
        &[
            ("openjdk-17-jdk", "openjdk-17-default-jdk"),
            ("openjdk-17-jdk-headless", "openjdk-17-default-jdk"),
            ("openjdk-21-jre-headless", "openjdk-21-default-jvm"),
            ("temurin-21-jdk", "openjdk-21-default-jdk"),
            ("postgresql-client-17", "postgresql-17-client"),
            ("postgresql-server-dev-16", "postgresql-16-dev"),
            ("postgresql-18", "postgresql-18"),
            ("clang-19", "clang-19"),
            ("llvm-19-dev", "llvm-19-dev"),
            ("clang-format-19", "clang-19-extras"),
            ("gcc-13", "gcc-13"),
            ("g++-13", "gcc-13-default"),
            ("golang-1.24-go", "go-1.24"),
            ("golang-go", "go"),
        ],
    );
    assert_mapped(
        Distro::Fedora,
        &[
            ("java-17-openjdk", "openjdk-17-default-jvm"),
            ("java-17-openjdk-devel", "openjdk-17-default-jdk"),
            ("java-1.8.0-openjdk-headless", "openjdk-8-default-jvm"),
            ("java-17-amazon-corretto-devel", "openjdk-17-default-jdk"),
            ("postgresql", "postgresql-client"),
            ("postgresql16-devel", "postgresql-16-dev"),
        ],
    );
    assert_mapped(
        Distro::Alpine,
        &[
            ("openjdk17", "openjdk-17-default-jdk"),
            ("openjdk17-jre-headless", "openjdk-17-default-jvm"),
            ("postgresql17-client", "postgresql-17-client"),
            ("clang19", "clang-19"),
        ],
    );
    assert_absent(Distro::Debian, &[("openjdk-9-jdk", "openjdk-11-default-jdk")]);
    assert!(mapped(Distro::Debian, "postgresql-client-9.6").note.unwrap().contains("9.6 is not in Wolfi"));
}

#[test]
fn modules_fonts_and_locales() {
    assert_mapped(
        Distro::Debian,
        &[
            ("libdbi-perl", "perl-dbi"),
            ("libjson-perl", "perl-json"),
            ("language-pack-de", "glibc-locale-de"),
            ("language-pack-ja", "glibc-locales"),
            ("fonts-noto-cjk", "font-noto-cjk"),
            ("fonts-noto-cjk-extra", "font-noto-cjk"),
            ("ttf-liberation", "font-liberation"),
            ("ruby3.4", "ruby-3.4"),
            ("ruby3.4-dev", "ruby-3.4-dev"),
        ],
    );
    assert_mapped(
        Distro::Fedora,
        &[
            ("perl-JSON", "perl-json"),
            ("glibc-langpack-fr", "glibc-locale-fr"),
            ("google-noto-emoji-fonts", "font-noto-emoji"),
        ],
    );
    assert_dropped(Distro::Fedora, &["perl-Data-Dumper", "perl-CPAN", "glibc-minimal-langpack"]);
    assert_dropped(Distro::Alpine, &["ruby-irb", "ruby-rdoc"]);
    assert_absent(
        Distro::Debian,
        &[("libnot-there-perl", "cpanm"), ("ruby-not-there", "gem"), ("fonts-not-there", "fc-cache")],
    );
}

#[test]
fn libraries_keep_their_kind() {
    assert_mapped(
        Distro::Debian,
        &[
            ("libpng16-16t64", "libpng"),
            ("libgdbm6", "gdbm"),
            ("libjansson-dev", "jansson-dev"),
            ("libboost-regex1.74-dev", "boost-dev"),
            ("libxml2-dev", "libxml2-dev"),
        ],
    );
    assert_mapped(
        Distro::Fedora,
        &[("libXcomposite", "libxcomposite"), ("libjpeg-turbo-devel", "libjpeg-turbo-dev"), ("bzip2-libs", "libbz2-1")],
    );
    assert_dropped(Distro::Debian, &["libfoo-dbg", "libfoo6-dbgsym", "foo-doc"]);
    assert_absent(Distro::Debian, &[("lib32gcc-s1", "64-bit"), ("texlive-fonts-recommended", "TeX Live")]);
    for name in ["libnot-there-dev", "libnot-there1", "no-such-package"] {
        assert_eq!(mappings().package(Distro::Debian, name), Lookup::Unknown, "{name}");
    }
}

/// What the shape of a name tells when nothing else answers; a name without such a shape stays unknown.
#[test]
fn names_that_wolfi_divides_otherwise() {
    assert_mapped(
        Distro::Debian,
        &[
            ("libclang-6.0-dev", "clang"),
            ("libc++-9-dev", "libcxx1-22-dev"),
            ("libomp-9-dev", "openmp-19-dev"),
            ("clang++-18", "clang-18"),
            ("llvm-3.4-runtime", "llvm"),
            ("mysql-server-5.7", "mariadb mariadb-client"),
            ("emacs24", "emacs"),
            ("zsh-common", "zsh"),
            ("erlang-ssl", "erlang"),
        ],
    );
    assert_mapped(Distro::Fedora, &[("pkgconfig(zlib)", "zlib-dev")]);
    assert_dropped(Distro::Fedora, &["perl(Data::Dumper)", "dnf-command(not-there)"]);
    assert_absent(
        Distro::Debian,
        &[
            ("libvpx99", "libvpx"),
            ("@lamp-server", "by name"),
            ("lua-not-there", "luarocks"),
            ("g++-not-there-linux-gnu", "--platform"),
            ("not-there-dkms", "host"),
        ],
    );
    assert_absent(
        Distro::Fedora,
        &[
            ("@Not There", "by name"),
            ("mod_not_there", "apxs"),
            ("libcrypto.so.6", "today's"),
            ("libselinux-static", "libselinux-dev"),
            ("munge-libs", "not in Wolfi"),
            ("netpbm-progs", "not in Wolfi"),
        ],
    );
    assert_mapped(Distro::Fedora, &[("zlib-static", "zlib-static"), ("libstdc++-static", "libstdc++-dev")]);
    for name in ["not-there-5.7", "not-there-common", "libnot-there-5.7", "erlangs"] {
        assert_eq!(mappings().package(Distro::Debian, name), Lookup::Unknown, "{name}");
    }
    // An rpm word may end in version and release: its reader asks again without them.
    for name in ["nginx-mod-not-there-1.2-3.el7", "mod_not_there-2.4-1.el7", "git-2.47.0"] {
        assert_eq!(mappings().package(Distro::Fedora, name), Lookup::Unknown, "{name}");
    }
}

/// Every answer names packages Wolfi is known to have, whatever the rule that gave it.
#[test]
fn families_only_answer_with_known_names() {
    let lists = [
        (Distro::Debian, include_str!("frequency/apt.tsv")),
        (Distro::Fedora, include_str!("frequency/yum.tsv")),
        (Distro::Alpine, include_str!("frequency/apk.tsv")),
    ];
    let mut checked = 0;
    for (_, text) in lists {
        for name in text.lines().skip(1).filter_map(|line| line.split('\t').next()) {
            // Each name under every distribution: rules must hold for what they were not made for, too.
            for distro in [Distro::Debian, Distro::Fedora, Distro::Alpine] {
                if let Lookup::Mapped(answer) = mappings().package(distro, name) {
                    for package in &answer.packages {
                        let known = mappings().wolfi_package(package);
                        assert!(known.is_some_and(|known| known.status != WolfiStatus::Gone), "{name}: {package}");
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 2500, "{checked}");
}

#[test]
fn images_and_tiers() {
    let debian = mappings().image("debian", Some("bookworm-slim")).mapped().unwrap();
    assert_eq!(debian.target(Tier::Paid).unwrap().image, "chainguard-base");
    let free = debian.target(Tier::Free).unwrap();
    assert_eq!((free.image.as_str(), free.tag.as_deref()), ("wolfi-base", Some("latest")));

    let python = mappings().image("docker.io/library/python", Some("3.12-slim")).mapped().unwrap();
    assert_eq!((python.image.as_str(), python.tag.as_deref(), python.free), ("python", None, true));

    let fpm = mappings().image("php", Some("8.3-fpm-alpine")).mapped().unwrap();
    assert_eq!((fpm.tag.as_deref(), fpm.variant.as_deref()), (None, Some("fpm")));
    assert_eq!(fpm.target(Tier::Free).unwrap().tag.as_deref(), Some("latest-fpm"));
    assert!(mappings().image("php", Some("8.3-cli")).mapped().unwrap().variant.is_none());

    let cases = [
        ("eclipse-temurin", "21-jre-alpine", "jre"),
        ("eclipse-temurin", "21-jdk", "jdk"),
        ("openjdk", "8-jre", "jre"),
        ("registry.access.redhat.com/ubi9/nodejs-20", "1-59", "node"),
        ("registry.access.redhat.com/ubi9/openjdk-17-runtime", "1.20", "jre"),
        ("registry.access.redhat.com/ubi9/openjdk-17", "1.20", "jdk"),
        ("registry.access.redhat.com/ubi8/ubi-minimal", "8.9", "chainguard-base"),
        ("registry.access.redhat.com/ubi9-minimal", "9.4", "chainguard-base"),
        ("gcr.io/distroless/java17-debian12", "nonroot", "jre"),
        ("gcr.io/distroless/static-debian12", "nonroot", "static"),
        ("mcr.microsoft.com/dotnet/sdk", "8.0", "dotnet-sdk"),
        ("golang", "1.22", "go"),
    ];
    for (name, tag, image) in cases {
        let answer = mappings().image(name, Some(tag)).mapped().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(answer.image, image, "{name}:{tag}");
    }
    for name in ["mcr.microsoft.com/windows/servercore", "nvidia/cuda", "haskell"] {
        assert!(matches!(mappings().image(name, None), Lookup::Absent { .. }), "{name}");
    }
    for name in ["mycorp/python", "golangci/golangci-lint", "static-web-server", "localhost:5000/base"] {
        assert_eq!(mappings().image(name, None), Lookup::Unknown, "{name}");
    }
    assert_eq!(mappings().image("perl", None).mapped().unwrap().packages, ["perl"]);
}

#[test]
fn what_target_images_are_like() {
    let python = mappings().image_config("python", "dev").unwrap();
    assert_eq!((python.uid, python.run_as.as_str()), (Some(65532), "65532"));
    assert_eq!(python.entrypoint, ["/usr/bin/python"]);
    assert_eq!((python.has_shell, python.has_apk), (Some(true), Some(true)));
    assert_eq!(mappings().image_config("python", "runtime").unwrap().has_shell, Some(false));

    let nginx = mappings().image_config("nginx", "runtime").unwrap();
    assert_eq!(nginx.cmd, ["-c", "/etc/nginx/nginx.conf", "-e", "/dev/stderr", "-g", "daemon off;"]);
    assert_eq!(nginx.stop_signal.as_deref(), Some("SIGQUIT"));
    assert!(nginx.paths.iter().any(|path| path.path == "/var/lib/nginx/tmp" && path.mode == 0o777));

    let postgres = mappings().image_config("postgres", "runtime").unwrap();
    assert_eq!((postgres.other_users[0].name.as_str(), postgres.other_users[0].uid), ("postgres", 70));
    assert!(postgres.env.contains(&("PGDATA".to_owned(), "/var/lib/postgresql/data".to_owned())));
    assert_eq!(mappings().image_config("wolfi-base", "runtime").unwrap().run_as, "0");
    assert!(mappings().image_variants("php").contains(&"fpm-dev".to_owned()));

    assert_eq!(mappings().in_target_image("node", "dev", "git"), Some(true));
    assert_eq!(mappings().in_target_image("node", "dev", "nodejs"), Some(true));
    assert_eq!(mappings().in_target_image("node", "dev", "npm"), Some(true));
    assert_eq!(mappings().in_target_image("python", "runtime", "git"), Some(false));
    assert_eq!(mappings().in_target_image("no-such-image", "dev", "git"), None);
    let python = mappings().image_stream("python", "dev", "python").unwrap();
    assert!(python.starts_with("3.") && python.chars().all(|c| c.is_ascii_digit() || c == '.'), "{python}");
    assert_eq!(mappings().image_stream("python", "dev", "git"), None);
}

#[test]
fn what_source_images_give() {
    let node = mappings().source_image("node", Some("20-bookworm")).unwrap();
    assert_eq!((node.other_users[0].name.as_str(), node.other_users[0].uid), ("node", 1000));
    assert_eq!(node.entrypoint_kind, EntrypointKind::Wrapper);
    let tools = mappings().source_tools("node", Some("20-bookworm"));
    assert!(node.has_tools && ["git", "python3"].iter().all(|tool| tools.iter().any(|other| other == tool)));
    let slim = mappings().source_tools("docker.io/library/node", Some("20-slim"));
    assert!(!slim.iter().any(|tool| tool == "git"));
    assert_eq!(mappings().source_image("node", Some("20-alpine")).unwrap().package_manager.as_deref(), Some("apk"));
    assert_eq!(mappings().source_image("golang", None).unwrap().workdir, "/go");
    let fpm = mappings().source_image("php", Some("8.3-fpm-alpine")).unwrap();
    assert_eq!((fpm.workdir.as_str(), fpm.other_users[0].uid), ("/var/www/html", 82));
    let ubi = mappings().source_image("registry.access.redhat.com/ubi9/python-312", Some("1-2")).unwrap();
    assert_eq!((ubi.uid, ubi.workdir.as_str()), (Some(1001), "/opt/app-root/src"));
    assert!(mappings().source_image("mycorp/base", None).is_none());
}

#[test]
fn commands_applets_and_libraries() {
    let git = mappings().command("git").mapped().unwrap();
    assert!(git.in_dev_images && !git.in_wolfi_base && git.packages == ["git"]);
    let sed = mappings().command("sed").mapped().unwrap();
    assert!(sed.busybox && sed.in_wolfi_base && sed.packages[0] == "sed");
    assert!(matches!(mappings().command("a2enmod"), Lookup::Absent { .. }));
    assert!(matches!(mappings().command("alias"), Lookup::Dropped { .. }));
    assert_eq!(mappings().command("no-such-command"), Lookup::Unknown);
    assert!(mappings().is_applet("adduser") && !mappings().is_applet("wget") && !mappings().is_applet("useradd"));
    assert_eq!(mappings().library_of("openssl-dev"), ["libcrypto3", "libssl3"]);
    assert_eq!(mappings().library_of("postgresql-dev"), ["libpq"]);
    assert!(mappings().library_of("glibc-dev").is_empty());
}

#[test]
fn mistyped_names() {
    assert_eq!(mappings().nearest(NameKind::Package, "openssl-dve")[0], "openssl-dev");
    assert!(mappings().nearest(NameKind::Command, "crul").contains(&"curl".to_owned()));
    assert!(mappings().nearest(NameKind::Image, "pyhton").contains(&"python".to_owned()));
    assert!(mappings().nearest(NameKind::Package, "nothing-is-anywhere-near-this").is_empty());
}

#[test]
fn an_index_decides() {
    let text = "P:git\nV:2.50.0-r0\no:git\np:cmd:git=2.50.0-r0\n\nP:frob\nV:1-r0\no:frob\np:cmd:frobnicate=1-r0 virt=1\n\n\
                P:frob-dev\nV:1-r0\no:frob\nD:so:libfrob.so.1\n\nP:libfrob\nV:1-r0\no:frob\np:so:libfrob.so.1=1\n";
    let mut mappings = support::mappings();
    mappings.set_index(ApkIndex::parse(text).unwrap());
    assert_eq!(mappings.wolfi_package("git").unwrap().status, WolfiStatus::Indexed);
    assert_eq!(mappings.wolfi_package("virt").unwrap().provided_by, ["frob"]);
    assert!(mappings.wolfi_package("curl").is_none(), "known otherwise, but not in the index");
    assert_eq!(mappings.command("frobnicate").mapped().unwrap().packages, ["frob"]);
    assert_eq!(mappings.library_of("frob-dev"), ["libfrob"]);
    assert_eq!(mappings.package(Distro::Debian, "libfrob-dev").mapped().unwrap().packages, ["frob-dev"]);
    let Lookup::Absent { advice, .. } = mappings.package(Distro::Debian, "build-essential") else {
        panic!("`build-base` cannot be installed");
    };
    assert!(advice.contains("does not have `build-base`"), "{advice}");
    assert_eq!(mappings.nearest(NameKind::Package, "frob-dve"), ["frob-dev"]);
    assert!(mappings.nearest(NameKind::Package, "crul").is_empty(), "curl is not in the index");
}

#[test]
fn an_index_overrules_the_tables_but_not_the_user() {
    let text = "P:xz-utils\nV:1-r0\no:xz\np:cmd:xz=1-r0\n\nP:better-curl\nV:1-r0\no:curl\np:cmd:curl=1-r0\n";
    let mut mappings = support::mappings();
    mappings.overlay(UserTable::parse("packages:\n  debian:\n    mine: [private]\n", "mine.yaml").unwrap());
    mappings.set_index(ApkIndex::parse(text).unwrap());
    let packages = |name| mappings.package(Distro::Debian, name).mapped().unwrap().packages;
    assert_eq!(packages("xz-utils"), ["xz-utils"], "the same name is there, the table's `xz` is not");
    assert_eq!(mappings.command("curl").mapped().unwrap().packages, ["better-curl"]);
    assert!(matches!(mappings.command("rsync"), Lookup::Unknown));
    let mine = mappings.package(Distro::Debian, "mine").mapped().unwrap();
    assert_eq!((mine.packages, mine.provenance.confidence), (vec!["private".to_owned()], Confidence::Low));
    assert!(mine.note.unwrap().contains("not in the APKINDEX: private"));
}

#[test]
fn targets_are_what_the_tables_install() {
    let mappings = support::mappings();
    let has = |table: &str, key: &str, package: &str| {
        mappings.targets().any(|target| target.table == table && target.key == key && target.package == package)
    };
    assert!(has("packages-debian.tsv", "build-essential", "build-base"));
    assert!(has("package-patterns.tsv", "debian\tlibboost*-dev", "boost-dev"));
    assert!(has("images.tsv", "buildpack-deps", "wget"));
    assert!(mappings.targets().all(|target| !target.package.contains(['\t', '*', ' ']) && !target.key.is_empty()));
    assert!(mappings.without_builtin().targets().all(|target| !target.table.starts_with("packages-")));
}

/// A tag that asks for a runtime gets one, however it goes on; what no one translates keeps its base.
#[test]
fn tags_and_distributions_of_images() {
    let mappings = mappings();
    let image = |name: &str, tag: &str| mappings.image(name, Some(tag)).mapped().map(|mapping| mapping.image);
    for (name, tag, target) in [
        ("openjdk", "11.0.16-jre-slim", "jre"),
        ("openjdk", "11-slim", "jdk"),
        ("openjdk", "8-jre-alpine", "jre"),
        ("arm64v8/debian", "12", "chainguard-base"),
    ] {
        assert_eq!(image(name, tag).as_deref(), Some(target), "{name}:{tag}");
    }
    for name in ["archlinux", "opensuse/leap", "gentoo/stage3", "i386/alpine", "arm32v7/debian", "s390x/ubuntu"] {
        assert!(matches!(mappings.image(name, Some("latest")), Lookup::Absent { .. }), "{name}");
    }
}

#[test]
fn renamed_by_age_and_by_distribution() {
    // Debian 13 and Ubuntu 24.04 put t64 behind what they built anew.
    assert_eq!(mappings().package(Distro::Debian, "libcurl4t64"), mappings().package(Distro::Debian, "libcurl4"));
    assert_eq!(mappings().package(Distro::Debian, "libcups2t64"), mappings().package(Distro::Debian, "libcups2"));
    // Boost's libraries, by the version they had.
    assert_mapped(
        Distro::Debian,
        &[
            ("libboost-filesystem1.74.0", "libboost-filesystem"),
            ("libboost-program-options1.83.0", "libboost-program_options"),
            ("libboost-dev", "boost-dev"),
        ],
    );
    assert_mapped(Distro::Alpine, &[("boost-iostreams", "libboost-iostreams")]);
    assert_dropped(Distro::Debian, &["libboost-system1.74.0"]);
    // The table of another distribution knows the name.
    assert_absent(Distro::Alpine, &[("keepalived", "not in Wolfi")]);
    assert_absent(Distro::Fedora, &[("cfitsio-devel", "not in Wolfi")]);
    assert_eq!(mappings().package(Distro::Debian, "acme-internal-tool"), Lookup::Unknown);
}

#[test]
fn names_of_the_newest_tree() {
    assert_mapped(
        Distro::Debian,
        &[
            ("libzip-dev", "libzip-dev"),
            ("libass-dev", "libass-dev"),
            ("libqrencode-dev", "qrencode-dev"),
            ("ksh", "ksh"),
        ],
    );
    let status = |name: &str| mappings().wolfi_package(name).map(|package| package.status);
    assert_eq!(status("libzip-dev"), Some(WolfiStatus::Likely));
    // Left the tree between January and August 2026.
    assert_eq!(status("nodejs-20"), Some(WolfiStatus::Uncertain));
}
