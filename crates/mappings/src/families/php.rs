//! PHP and its extensions.

use super::{Answer, Context, absent, dropped, mapped};
use crate::lookup::{Confidence, Distro};

const RULE: &str = "PHP extensions are php-STREAM-NAME";

/// A distribution's name of an extension (or group of them) and Wolfi's.
///
/// Debian's `php-xml` and Fedora's `php-pdo` carry several. An empty list means that PHP itself has it.
const EXTENSIONS: [(&str, &[&str]); 47] = [
    ("apache2", &["apache"]),
    ("apc", &["apcu"]),
    ("cli", &[""]),
    ("common", &[""]),
    ("core", &[]),
    ("date", &[]),
    ("devel", &["dev"]),
    ("embed", &[]),
    ("embedded", &[]),
    ("filter", &[]),
    ("gd2", &["gd"]),
    ("hash", &[]),
    ("json", &[]),
    ("libsodium", &["sodium"]),
    ("mcrypt", &["pecl-mcrypt"]),
    ("memcache", &["memcached"]),
    ("mod", &["apache"]),
    ("mongodb", &["pecl-mongodb"]),
    ("mysql", &["mysqli", "pdo_mysql"]),
    ("mysqlnd", &["mysqli", "mysqlnd", "pdo_mysql"]),
    ("opcache", &["opcache"]),
    ("pcre", &[]),
    ("pdo", &["pdo"]),
    ("pdo-mysql", &["pdo_mysql"]),
    ("pdo-pgsql", &["pdo_pgsql"]),
    ("pdo-sqlite", &["pdo_sqlite"]),
    ("pecl-apc", &["apcu"]),
    ("pecl-memcache", &["memcached"]),
    ("pgsql", &["pgsql", "pdo_pgsql"]),
    ("process", &["pcntl", "posix", "sysvsem", "sysvshm"]),
    ("readline", &[]),
    ("session", &[]),
    ("spl", &[]),
    ("sqlite", &["pdo_sqlite"]),
    ("sqlite3", &["pdo_sqlite"]),
    ("ssh2", &["ssh2"]),
    ("standard", &[]),
    ("sybase", &["pdo_dblib"]),
    ("sysvmsg", &[]),
    ("tokenizer", &[]),
    ("xml", &["dom", "simplexml", "xml", "xmlreader", "xmlwriter", "xsl"]),
    ("xml-util", &[]),
    ("xmlrpc", &["-xmlrpc"]),
    ("xsl", &["xsl"]),
    ("zendopcache", &["opcache"]),
    ("zlib", &[]),
    ("zts", &[]),
];

/// `php`, `php8.2-mbstring`, `php-mbstring`, `php82-mbstring`, `php5-gd`, `php-pecl-redis`, `libapache2-mod-php7.4`.
pub(super) fn resolve(context: Context<'_>, name: &str) -> Answer {
    let (version, extension) = split(name)?;
    let stream = Stream::choose(context, &version)?;
    let Some(extension) = extension else {
        return mapped(vec![stream.package(context, "")?], stream.confidence, RULE, stream.note);
    };
    if matches!(extension.as_str(), "dbg" | "doc" | "manual" | "mysqlnd-ms") && context.distro != Distro::Alpine {
        return dropped("only helps to debug or document PHP", RULE);
    }
    let own = extension.clone();
    // An Alpine package holds exactly one extension.
    let is_one = context.distro == Distro::Alpine && stream.package(context, &extension).is_some();
    let known = EXTENSIONS.iter().find(|(alias, _)| *alias == extension && !is_one);
    let names: Vec<&str> = known.map_or_else(|| vec![own.as_str()], |(_, names)| names.to_vec());
    if names.is_empty() {
        return dropped("is part of PHP itself", RULE);
    }
    let packages: Option<Vec<String>> = names.iter().map(|name| stream.package(context, name)).collect();
    match packages {
        Some(packages) => mapped(packages, stream.confidence, RULE, stream.note),
        None if extension == "opcache" => dropped("is part of PHP itself since 8.5", RULE),
        None => absent(
            format!(
                "Wolfi has no package of the PHP extension {extension}: build it with pecl or phpize from {}-dev, or do without it",
                stream.newest
            ),
            RULE,
        ),
    }
}

/// The version (`8.2`, `7`, empty) and the extension of a PHP package's name.
fn split(name: &str) -> Option<(String, Option<String>)> {
    if let Some(version) = name.strip_prefix("libapache2-mod-php") {
        return Some((version.to_owned(), Some("apache2".to_owned())));
    }
    let rest = name.strip_prefix("php")?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (version, rest) = rest.split_at(digits);
    // Alpine and Remi write php82 for 8.2.
    let version = match version.as_bytes() {
        [major, minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            format!("{}.{}", &version[..1], &version[1..])
        }
        _ => version.to_owned(),
    };
    // Suffixes of the repositories IUS and Webtatic.
    let rest = rest
        .strip_prefix('u')
        .or_else(|| rest.strip_prefix('w'))
        .filter(|rest| rest.is_empty() || rest.starts_with('-'))
        .unwrap_or(rest);
    if rest.is_empty() {
        return Some((version, None));
    }
    let extension = rest.strip_prefix('-')?;
    let extension = extension.strip_prefix("php-").unwrap_or(extension);
    let extension = if extension.starts_with("pecl-") || extension.starts_with("php-pecl-") {
        extension.trim_start_matches("php-").trim_start_matches("pecl-")
    } else {
        extension
    };
    Some((version, Some(extension.to_owned())))
}

struct Stream {
    /// `php-8.4`, or `php` for whatever is newest.
    prefix: String,
    /// The newest stream, for names that have no unversioned form.
    newest: String,
    confidence: Confidence,
    note: Option<String>,
}

impl Stream {
    fn choose(context: Context<'_>, version: &str) -> Option<Self> {
        let streams = context.streams("php");
        let newest = format!("php-{}", streams.first()?);
        if version.is_empty() {
            return Some(Self { prefix: "php".to_owned(), newest, confidence: Confidence::Medium, note: None });
        }
        if streams.contains(&version) {
            let prefix = format!("php-{version}");
            return Some(Self { newest: prefix.clone(), prefix, confidence: Confidence::Medium, note: None });
        }
        let note = format!("PHP {version} is not in Wolfi; this is the newest stream");
        Some(Self { prefix: "php".to_owned(), newest, confidence: Confidence::Low, note: Some(note) })
    }

    /// The package of `extension` in this stream; PHP itself for the empty name.
    fn package(&self, context: Context<'_>, extension: &str) -> Option<String> {
        let join =
            |prefix: &str, name: &str| if name.is_empty() { prefix.to_owned() } else { format!("{prefix}-{name}") };
        let pecl = format!("pecl-{extension}");
        let older = context.streams("php").into_iter().map(|stream| format!("php-{stream}"));
        let older = older.filter(|_| self.prefix == "php");
        let prefixes: Vec<String> = [self.prefix.clone(), self.newest.clone()].into_iter().chain(older).collect();
        context.first_known(prefixes.iter().flat_map(|prefix| [join(prefix, extension), join(prefix, &pecl)]))
    }
}
