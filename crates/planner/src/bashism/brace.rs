//! Brace expansion of words as they are written, for shells that have none.

/// Longer words are left alone, in bytes.
const LONGEST: usize = 1000;

/// No word is written out into more than this many.
const MOST_WORDS: usize = 64;

/// The words that bash makes of a word as written, quotes kept. `None` where that is not known from the text alone
/// (commands inside), where nothing is expanded, or where it would be too many.
pub(crate) fn expand(raw: &str) -> Option<Vec<String>> {
    if raw.len() > LONGEST || raw.contains('`') || raw.contains("$(") {
        return None;
    }
    let words = expand_all(raw, 0)?;
    (words.len() > 1 || words.first().is_some_and(|word| word != raw)).then_some(words)
}

fn expand_all(raw: &str, depth: usize) -> Option<Vec<String>> {
    if depth > 8 {
        return None;
    }
    let Some((open, close, alternatives)) = first_brace(raw) else { return Some(vec![raw.to_owned()]) };
    let (head, tail) = (&raw[..open], &raw[close + 1..]);
    let tails = expand_all(tail, depth + 1)?;
    let mut words = Vec::new();
    for alternative in alternatives {
        for inner in expand_all(&alternative, depth + 1)? {
            words.extend(tails.iter().map(|tail| format!("{head}{inner}{tail}")));
            if words.len() > MOST_WORDS {
                return None;
            }
        }
    }
    Some(words)
}

/// The first brace that bash expands: its two places and what stands between, already split or counted out.
fn first_brace(raw: &str) -> Option<(usize, usize, Vec<String>)> {
    let mut from = 0;
    while let Some(open) = unquoted(raw, from, |c| c == '{') {
        if let Some((close, commas)) = closing(raw, open) {
            let inside = &raw[open + 1..close];
            if !commas.is_empty() {
                let mut parts = Vec::new();
                let mut start = open + 1;
                for comma in commas.into_iter().chain([close]) {
                    parts.push(raw[start..comma].to_owned());
                    start = comma + 1;
                }
                return Some((open, close, parts));
            }
            if let Some(sequence) = sequence(inside) {
                return Some((open, close, sequence));
            }
        }
        from = open + 1;
    }
    None
}

/// The first unquoted character that fits, `${…}` stepped over.
fn unquoted(raw: &str, from: usize, fits: impl Fn(char) -> bool) -> Option<usize> {
    let mut skip_to = 0;
    let mut quote = None;
    for (at, c) in raw.char_indices() {
        if at < skip_to {
            continue;
        }
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => skip_to = at + 1 + raw[at + 1..].chars().next().map_or(0, char::len_utf8),
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '$') if raw[at..].starts_with("${") => {
                skip_to = raw[at..].find('}').map_or(raw.len(), |end| at + end + 1);
            }
            (None, c) if at >= from && fits(c) => return Some(at),
            _ => {}
        }
    }
    None
}

/// The brace that closes the one at `open`, and the commas of its own level.
fn closing(raw: &str, open: usize) -> Option<(usize, Vec<usize>)> {
    let mut depth = 0;
    let mut commas = Vec::new();
    let mut from = open;
    while let Some(at) = unquoted(raw, from, |c| matches!(c, '{' | '}' | ',')) {
        match raw.as_bytes()[at] {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some((at, commas)),
            b'}' => depth -= 1,
            _ if depth == 1 => commas.push(at),
            _ => {}
        }
        from = at + 1;
    }
    None
}

/// `1..3`, `a..e`, `01..10..2`.
fn sequence(inside: &str) -> Option<Vec<String>> {
    let fields: Vec<&str> = inside.split("..").collect();
    let ([first, last] | [first, last, _]) = fields[..] else { return None };
    let step: i64 = fields.get(2).map_or(Ok(1), |step| step.parse()).ok()?;
    let letter = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    if let (Some(first), Some(last)) = (letter(first), letter(last)) {
        let codes = count(i64::from(u32::from(first)), i64::from(u32::from(last)), step)?;
        return codes
            .into_iter()
            .map(|code| u8::try_from(code).ok().map(|byte| char::from(byte).to_string()))
            .collect();
    }
    let (from, to): (i64, i64) = (first.parse().ok()?, last.parse().ok()?);
    let padded = |text: &str| text.trim_start_matches('-').len() > 1 && text.trim_start_matches('-').starts_with('0');
    let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
    let numbers = count(from, to, step)?;
    Some(numbers.into_iter().map(|number| format!("{number:0width$}")).collect())
}

fn count(from: i64, to: i64, step: i64) -> Option<Vec<i64>> {
    let step = step.checked_abs()?.max(1);
    let distance = to.checked_sub(from)?.checked_abs()?;
    if distance / step >= i64::try_from(MOST_WORDS).ok()? {
        return None;
    }
    let sign = if to < from { -1 } else { 1 };
    Some((0..=distance / step).map(|i| from + sign * step * i).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(raw: &str) -> String {
        expand(raw).map_or_else(|| "-".to_owned(), |words| words.join(" "))
    }

    /// Expectations are bash 5.2's own output.
    #[test]
    fn braces_are_written_out() {
        for (raw, expected) in [
            ("{a,b}", "a b"),
            ("x/{a,b}", "x/a x/b"),
            ("a{1..3}b{x,y}", "a1bx a1by a2bx a2by a3bx a3by"),
            ("{3..1}", "3 2 1"),
            ("{01..03}", "01 02 03"),
            ("{a..e..2}", "a c e"),
            ("conf{,.bak}", "conf conf.bak"),
            ("{a,{b,c}}", "a b c"),
            ("{a}", "-"),
            ("a{b", "-"),
            ("\"{a,b}\"", "-"),
            ("'{a,b}'", "-"),
            ("\\{a,b}", "-"),
            ("${x}{a,b}", "${x}a ${x}b"),
            ("{$x,b}.txt", "$x.txt b.txt"),
            ("\"a b\"/{x,y}", "\"a b\"/x \"a b\"/y"),
            ("{$(ls),b}", "-"),
            ("{1..1000}", "-"),
            ("{a,b}/{,.x}*", "a/* a/.x* b/* b/.x*"),
        ] {
            assert_eq!(words(raw), expected, "{raw}");
        }
    }
}
