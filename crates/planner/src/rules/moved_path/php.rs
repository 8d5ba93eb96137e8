//! Where the distributions keep PHP's configuration, and where Wolfi's packages do: `/etc/php/php.ini`,
//! `/etc/php/conf.d`, `/etc/php/php-fpm.conf`, `/etc/php/php-fpm.d`.

const START: &str = "/etc/php";
const HOME: &str = "/etc/php";

/// Debian has a directory for each way to run PHP.
const INTERFACES: [&str; 6] = ["apache2", "cgi", "cli", "embed", "fpm", "phpdbg"];

/// A path of another distribution: where it starts, its length, and the new path or why there is none.
pub(super) type Found = (usize, usize, Result<String, &'static str>);

/// The paths of Debian (`/etc/php/8.3/fpm/pool.d`, `/etc/php5/cli`), Alpine (`/etc/php83`) and Fedora (`/etc/php.d`).
pub(super) fn places(text: &str) -> Vec<Found> {
    text.match_indices(START).filter_map(|(at, _)| read(text, at)).collect()
}

fn read(text: &str, at: usize) -> Option<Found> {
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || "_-.}/".contains(c)) {
        return None;
    }
    let rest = &text[at + START.len()..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._-/${}*".contains(c))).unwrap_or(rest.len());
    let path = rest[..end].trim_end_matches(['.', '}']);
    let length = START.len() + path.len();
    let below = match path.as_bytes().first()? {
        b'/' => {
            let (version, below) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
            is_version(version).then_some(below)?
        }
        b'.' | b'-' => return fedora(path).map(|new| (at, length, Ok(format!("{HOME}/{new}")))),
        _ => {
            let (version, below) = path.split_once('/').unwrap_or((path, ""));
            is_version(version).then_some(below)?
        }
    };
    Some((at, length, moved(below.trim_end_matches('/'))))
}

/// `8.3`, `83`, `5`, `*`, `${PHP_VERSION}`.
fn is_version(text: &str) -> bool {
    text == "*"
        || text.starts_with('$')
        || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// `/etc/php.ini`, `/etc/php.d`, `/etc/php-fpm.d`, `/etc/php-fpm.conf`.
fn fedora(path: &str) -> Option<String> {
    let (first, below) =
        path.split_once('/').map_or((path, String::new()), |(first, below)| (first, format!("/{below}")));
    let new = match first {
        ".ini" => "php.ini",
        ".d" => "conf.d",
        "-fpm.d" => "php-fpm.d",
        "-fpm.conf" => "php-fpm.conf",
        _ => return None,
    };
    Some(format!("{new}{below}"))
}

fn moved(below: &str) -> Result<String, &'static str> {
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    let below = if INTERFACES.contains(&first) { rest } else { below };
    let (first, rest) =
        below.split_once('/').map_or((below, String::new()), |(first, rest)| (first, format!("/{rest}")));
    match first {
        "" => Ok(HOME.to_owned()),
        "php.ini" | "conf.d" | "php-fpm.d" | "php-fpm.conf" => Ok(format!("{HOME}/{first}{rest}")),
        "pool.d" => Ok(format!("{HOME}/php-fpm.d{rest}")),
        _ => Err("Wolfi's packages switch their extensions on in `/etc/php/conf.d`; write settings to a file there"),
    }
}

#[cfg(test)]
mod tests {
    use super::places;

    fn new(text: &str) -> Vec<String> {
        places(text).into_iter().map(|(_, _, new)| new.unwrap_or_else(|_| "gone".to_owned())).collect()
    }

    #[test]
    fn of_every_distribution() {
        assert_eq!(new("sed -i s/a/b/ /etc/php/8.3/cli/php.ini"), ["/etc/php/php.ini"]);
        assert_eq!(new("COPY x.conf /etc/php/7.4/fpm/pool.d/x.conf"), ["/etc/php/php-fpm.d/x.conf"]);
        assert_eq!(
            new("/etc/php/${PHP_VERSION}/fpm/php-fpm.conf /etc/php/*/cli"),
            ["/etc/php/php-fpm.conf", "/etc/php"]
        );
        assert_eq!(
            new("/etc/php5/fpm/conf.d/20-x.ini;/etc/php83/php-fpm.d"),
            ["/etc/php/conf.d/20-x.ini", "/etc/php/php-fpm.d"]
        );
        assert_eq!(
            new("/etc/php.ini /etc/php.d/x.ini /etc/php-fpm.d/www.conf"),
            ["/etc/php/php.ini", "/etc/php/conf.d/x.ini", "/etc/php/php-fpm.d/www.conf"]
        );
        assert_eq!(new("/etc/php/8.3/mods-available/x.ini"), ["gone"]);
    }

    #[test]
    fn not_of_others() {
        for text in ["/etc/php/php.ini", "/etc/php/conf.d/x.ini", "/etc/phpmyadmin", "/srv/etc/php/8.3/cli", "/etc/php"]
        {
            assert!(new(text).is_empty(), "{text}");
        }
    }
}
