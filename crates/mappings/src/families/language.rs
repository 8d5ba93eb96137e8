//! Ruby gems, Perl modules, locales, fonts.

use super::{Answer, Context, absent, dropped, mapped};
use crate::lookup::{Confidence, Distro};

const RUBY: &str = "Ruby gems are rubySTREAM-NAME";
const PERL: &str = "Perl modules are perl-NAME";
const LOCALE: &str = "locales are glibc-locale-LANGUAGE";
const FONT: &str = "fonts are font-NAME";

/// Gems that come with Ruby; Alpine packages them one by one.
const DEFAULT_GEMS: [&str; 14] = [
    "bigdecimal",
    "etc",
    "fiddle",
    "io-console",
    "irb",
    "json",
    "libs",
    "minitest",
    "openssl",
    "rake",
    "rdoc",
    "ri",
    "test-unit",
    "webrick",
];

/// `ruby2.7`, `ruby-dev`, `ruby2.7-dev`, `ruby-nokogiri`, `rubygem-bundler`, `ruby-json`.
pub(super) fn ruby(context: Context<'_>, name: &str) -> Answer {
    let streams = context.streams("ruby");
    let newest = *streams.first()?;
    let (version, gem) = if let Some(gem) = name.strip_prefix("rubygem-") {
        ("", gem)
    } else {
        let rest = name.strip_prefix("ruby")?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        (&rest[..end], rest[end..].trim_start_matches('-'))
    };
    let stream = if streams.contains(&version) { version } else { newest };
    let note = (!version.is_empty() && stream != version)
        .then(|| format!("Ruby {version} is not in Wolfi; this is the newest stream"));
    let confidence = if note.is_some() { Confidence::Low } else { Confidence::Medium };
    match gem {
        "" => mapped(vec![format!("ruby-{stream}")], confidence, RUBY, note),
        "dev" | "devel" => mapped(vec![format!("ruby-{stream}-dev")], confidence, RUBY, note),
        "s" => dropped("comes with ruby", RUBY),
        gem => match context.first_known([format!("ruby{stream}-{gem}")]) {
            Some(package) => mapped(vec![package], confidence, RUBY, note),
            None if DEFAULT_GEMS.contains(&gem) => dropped("comes with ruby", RUBY),
            None => absent(format!("Wolfi has no package of this gem: install {gem} with gem or bundler"), RUBY),
        },
    }
}

/// Perl's own modules, which Fedora packages one by one.
const CORE_MODULES: [&str; 30] = [
    "autodie",
    "carp",
    "constant",
    "core",
    "cpan",
    "data-dumper",
    "devel-peek",
    "digest",
    "digest-md5",
    "digest-sha",
    "encode",
    "env",
    "exporter",
    "extutils-makemaker",
    "file-path",
    "file-temp",
    "getopt-long",
    "interpreter",
    "io",
    "ipc-cmd",
    "json-pp",
    "libs",
    "parent",
    "podlators",
    "scalar-list-utils",
    "socket",
    "storable",
    "test-simple",
    "time-hires",
    "time-local",
];

/// `libdbd-mysql-perl`, `perl-DBD-MySQL`, `perl-Data-Dumper`.
pub(super) fn perl(context: Context<'_>, name: &str) -> Answer {
    let lower = name.to_ascii_lowercase();
    let module = match context.distro {
        Distro::Debian => lower.strip_prefix("lib")?.strip_suffix("-perl")?,
        Distro::Fedora | Distro::Alpine => lower.strip_prefix("perl-")?,
    };
    if matches!(module, "dev" | "devel" | "base" | "doc" | "modules") {
        return None;
    }
    if let Some(package) = context.first_known([format!("perl-{module}"), format!("perl-lib{module}")]) {
        return mapped(vec![package], Confidence::Medium, PERL, None);
    }
    if CORE_MODULES.contains(&module) {
        return dropped("is part of perl", PERL);
    }
    absent(
        "Wolfi has no package of this Perl module: install it with cpanm (package perl-app-cpanminus)".to_owned(),
        PERL,
    )
}

/// `language-pack-de`, `glibc-langpack-en`, `glibc-minimal-langpack`.
pub(super) fn locale(context: Context<'_>, name: &str) -> Answer {
    if name == "glibc-minimal-langpack" {
        return dropped("is what Wolfi's glibc has anyway (C.UTF-8)", LOCALE);
    }
    let language = ["language-pack-", "glibc-langpack-"].iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let language = language.split('-').next().unwrap_or(language);
    let package = context.first_known([format!("glibc-locale-{language}"), "glibc-locales".to_owned()])?;
    mapped(vec![package], Confidence::Medium, LOCALE, None)
}

/// `fonts-noto-cjk`, `ttf-liberation`, `font-noto`, `google-noto-sans-fonts`, `xfonts-100dpi`.
pub(super) fn font(context: Context<'_>, name: &str) -> Answer {
    let lower = name.to_ascii_lowercase();
    let prefixed =
        ["fonts-", "ttf-", "font-", "xfonts-", "texlive-fonts-"].iter().find_map(|prefix| lower.strip_prefix(prefix));
    let stem = prefixed.or_else(|| lower.strip_suffix("-fonts"))?;
    // Fewer and fewer words: noto-sans-cjk, noto-sans, noto.
    let ends = std::iter::once(stem.len()).chain(stem.rmatch_indices('-').map(|(at, _)| at));
    let stems = ends.map(|end| stem[..end].trim_start_matches("google-").trim_start_matches("xorg-x11-"));
    let candidates = stems.flat_map(|stem| [format!("font-{stem}"), format!("ttf-{stem}"), format!("fonts-{stem}")]);
    match context.first_known(candidates) {
        Some(package) => mapped(vec![package], Confidence::Medium, FONT, None),
        None => absent("Wolfi has no package of this font: copy its files to /usr/share/fonts and run fc-cache (package fontconfig)".to_owned(), FONT),
    }
}
