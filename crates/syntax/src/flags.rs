//! The `--name=value` flags that each instruction takes, and what BuildKit checks about them.

use crate::body::Problem;
use crate::instruction::Keyword;
use crate::split::RawFlag;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `--link`, `--link=false`.
    Switch,
    /// A value, at most once.
    Once,
    /// A value, any number of times.
    Many,
}

const KNOWN: &str = "the flags of each instruction are in the Dockerfile reference";

/// Checks the flags of an instruction.
pub(crate) fn check(keyword: Keyword, flags: &[RawFlag]) -> Result<(), Problem> {
    let known: &[(&str, Kind)] = match keyword {
        // BuildKit never looks at what stands there.
        Keyword::Arg | Keyword::Stopsignal => return Ok(()),
        Keyword::Add => &[
            ("chown", Kind::Once),
            ("chmod", Kind::Once),
            ("link", Kind::Switch),
            ("keep-git-dir", Kind::Switch),
            ("checksum", Kind::Once),
            ("unpack", Kind::Switch),
            ("exclude", Kind::Many),
        ],
        Keyword::Copy => &[
            ("chown", Kind::Once),
            ("from", Kind::Once),
            ("chmod", Kind::Once),
            ("link", Kind::Switch),
            ("exclude", Kind::Many),
            ("parents", Kind::Switch),
        ],
        Keyword::From => &[("platform", Kind::Once)],
        Keyword::Healthcheck => &[
            ("interval", Kind::Once),
            ("timeout", Kind::Once),
            ("start-period", Kind::Once),
            ("start-interval", Kind::Once),
            ("retries", Kind::Once),
        ],
        Keyword::Run => {
            &[("mount", Kind::Many), ("device", Kind::Many), ("network", Kind::Once), ("security", Kind::Once)]
        }
        _ => &[],
    };
    let mut used: Vec<&str> = Vec::new();
    for flag in flags {
        let (name, value) = name_and_value(flag);
        let Some((known_name, kind)) = known.iter().find(|(known, _)| *known == name) else {
            return Err(problem(flag, format!("unknown flag for {keyword}: --{name}")));
        };
        // Only flags that are known get here, so the list stays short.
        if used.contains(known_name) && *kind != Kind::Many {
            return Err(problem(flag, format!("duplicate flag specified: --{name}")));
        }
        if !used.contains(known_name) {
            used.push(known_name);
        }
        check_kind(flag, name, value, *kind)?;
        check_value(flag, name, value.unwrap_or_default(), keyword)?;
    }
    Ok(())
}

/// The name without dashes and the value behind `=`.
pub(crate) fn name_and_value(flag: &RawFlag) -> (&str, Option<&str>) {
    let text = flag.text.strip_prefix("--").unwrap_or(&flag.text);
    text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)))
}

fn problem(flag: &RawFlag, message: String) -> Problem {
    Problem::meaning(flag.range.clone(), message, KNOWN)
}

fn check_kind(flag: &RawFlag, name: &str, value: Option<&str>, kind: Kind) -> Result<(), Problem> {
    match (kind, value) {
        (Kind::Switch, None) | (Kind::Once | Kind::Many, Some(_)) => Ok(()),
        (Kind::Switch, Some("")) | (Kind::Once | Kind::Many, None) => {
            Err(problem(flag, format!("missing a value on flag: --{name}")))
        }
        (Kind::Switch, Some(value)) if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") => {
            Ok(())
        }
        (Kind::Switch, Some(value)) => {
            Err(problem(flag, format!("expecting boolean value for flag --{name}, not: {value}")))
        }
    }
}

fn check_value(flag: &RawFlag, name: &str, value: &str, keyword: Keyword) -> Result<(), Problem> {
    match (keyword, name) {
        (Keyword::Run, "network") if !matches!(value, "default" | "none" | "host") => {
            Err(problem(flag, format!("invalid network mode \"{value}\"")))
        }
        (Keyword::Run, "security") if !matches!(value, "insecure" | "sandbox") => {
            Err(problem(flag, format!("security \"{value}\" is not valid")))
        }
        (Keyword::Run, "mount") => check_mount(value).map_err(|message| problem(flag, message)),
        (Keyword::Run, "device") => check_device(value).map_err(|message| problem(flag, message)),
        (Keyword::Healthcheck, "retries") => check_retries(value).map_err(|message| problem(flag, message)),
        (Keyword::Healthcheck, _) => check_interval(name, value).map_err(|message| problem(flag, message)),
        _ => Ok(()),
    }
}

/// The only thing BuildKit checks about a mount before variables are expanded.
fn check_mount(value: &str) -> Result<(), String> {
    for field in csv_fields(value).ok_or("failed to parse csv mounts")? {
        if let Some((key, value)) = field.split_once('=')
            && key.to_lowercase() == "from"
            && value.find('$').is_some_and(|at| at + 1 != value.len())
        {
            return Err("'from' doesn't support variable expansion, define alias stage instead".to_owned());
        }
    }
    Ok(())
}

fn check_device(value: &str) -> Result<(), String> {
    let mut named = String::new();
    for field in csv_fields(value).ok_or("failed to parse csv devices")? {
        let (key, value) = field.split_once('=').map_or((field.as_str(), None), |(key, value)| (key, Some(value)));
        match (key.to_lowercase().as_str(), value) {
            ("required", None) => {}
            ("required", Some(value)) if is_go_bool(value) => {}
            ("required", Some(value)) => return Err(format!("invalid value for required: {value}")),
            ("name", Some(_)) if !named.is_empty() => return Err(format!("device name already set to {named}")),
            ("name", Some(value)) => value.clone_into(&mut named),
            _ if named.is_empty() => named.clone_from(&field),
            (_, None) => return Err(format!("invalid field '{field}' must be a key=value pair")),
            (key, Some(_)) => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    Ok(())
}

/// What Go's `strconv.ParseBool` takes.
fn is_go_bool(value: &str) -> bool {
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False")
}

fn check_retries(value: &str) -> Result<(), String> {
    match value.parse::<i32>() {
        _ if value.is_empty() => Ok(()),
        Ok(retries) if retries < 0 => Err(format!("--retries cannot be negative ({retries})")),
        Ok(_) => Ok(()),
        Err(_) => Err(format!("--retries must be a whole number, not: {value}")),
    }
}

fn check_interval(name: &str, value: &str) -> Result<(), String> {
    const MILLISECOND: f64 = 1e6;
    if value.is_empty() {
        return Ok(());
    }
    let nanoseconds = duration(value).ok_or_else(|| format!("invalid duration \"{value}\" for --{name}"))?;
    if nanoseconds != 0.0 && nanoseconds < MILLISECOND {
        return Err(format!("Interval \"{name}\" cannot be less than 1ms"));
    }
    Ok(())
}

/// Nanoseconds of a duration as Go's `time.ParseDuration` reads it, cut to whole ones.
fn duration(text: &str) -> Option<f64> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = &rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())];
        rest = &rest[number.len()..];
        let unit = &rest[..rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len())];
        rest = &rest[unit.len()..];
        let scale = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        // Rust reads `1.` and `.5` as Go does, and refuses `.` alone and two points.
        total += (number.parse::<f64>().ok()? * scale).trunc();
    }
    (total < 9.223_372_036_854_775e18).then_some(if negative { -total } else { total })
}

/// The fields of one CSV record; `None` when the quotes do not match.
fn csv_fields(text: &str) -> Option<Vec<String>> {
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) = rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
            if field.contains('"') {
                return None;
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Some(fields),
            }
            continue;
        };
        let mut field = String::new();
        let mut inner = quoted;
        loop {
            let (before, after) = inner.split_once('"')?;
            field.push_str(before);
            let Some(doubled) = after.strip_prefix('"') else {
                inner = after;
                break;
            };
            field.push('"');
            inner = doubled;
        }
        fields.push(field);
        match inner.strip_prefix(',') {
            Some(after) => rest = after,
            None => return inner.is_empty().then_some(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(keyword: Keyword, flags: &[&str]) -> bool {
        let flags: Vec<RawFlag> = flags.iter().map(|flag| RawFlag { range: 0..0, text: (*flag).to_owned() }).collect();
        check(keyword, &flags).is_ok()
    }

    #[test]
    fn knows_each_instructions_flags() {
        assert!(accepts(Keyword::Copy, &["--from=a", "--link", "--exclude=a", "--exclude=b", "--chown="]));
        assert!(accepts(Keyword::Arg, &["--anything"]));
        assert!(accepts(Keyword::Add, &["--link=TRUE", "--keep-git-dir=false"]));
        assert!(!accepts(Keyword::Add, &["--from=a"]));
        assert!(!accepts(Keyword::Copy, &["--from=a", "--from=b"]));
        assert!(!accepts(Keyword::Copy, &["--from"]));
        assert!(!accepts(Keyword::Copy, &["--link="]));
        assert!(!accepts(Keyword::Copy, &["--link=maybe"]));
        assert!(!accepts(Keyword::Cmd, &["--x"]));
        assert!(!accepts(Keyword::From, &["--PLATFORM=x"]));
    }

    #[test]
    fn checks_run_values() {
        assert!(accepts(Keyword::Run, &["--mount=type=cache,target=/a", "--mount=\"type=bind\",\"source=a,b\""]));
        assert!(accepts(Keyword::Run, &["--network=none", "--security=insecure", "--device=v.com/c=a,required"]));
        assert!(!accepts(Keyword::Run, &["--mount=type=bind,from=$X"]));
        assert!(accepts(Keyword::Run, &["--mount=type=bind,from=a$,source=$X"]));
        assert!(!accepts(Keyword::Run, &["--mount=a\"b"]));
        assert!(!accepts(Keyword::Run, &["--mount="]));
        assert!(!accepts(Keyword::Run, &["--network=bridge"]));
        assert!(!accepts(Keyword::Run, &["--device=name=a,name=b"]));
    }

    #[test]
    fn checks_healthcheck_values() {
        for good in
            ["--interval=30s", "--timeout=1h5m2.5s", "--start-period=0", "--retries=3", "--interval=", "--timeout=.5s"]
        {
            assert!(accepts(Keyword::Healthcheck, &[good]), "{good}");
        }
        for bad in [
            "--interval=30",
            "--timeout=1ns",
            "--retries=-1",
            "--retries=x",
            "--interval=-1s",
            "--interval=s",
            "--interval=1..s",
        ] {
            assert!(!accepts(Keyword::Healthcheck, &[bad]), "{bad}");
        }
    }
}
