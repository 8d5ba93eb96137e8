//! The `*` and `?` patterns of `${name#…}`, `${name%…}` and `${name/…/…}`.

/// Patterns and values whose product is larger are refused, so that matching stays cheap.
const MAX_WORK: usize = 4_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Star,
    Any,
    Literal(char),
}

/// `${value#pattern}`; a second `#` at the start of `pattern` asks for the longest match.
pub(super) fn trim_prefix(pattern: &str, value: &str) -> Result<String, String> {
    let (pattern, greedy) = longest(pattern, '#');
    let value: Vec<char> = value.chars().collect();
    let end = end_of_match(&tokens(pattern)?, &value, greedy)?.unwrap_or(0);
    Ok(value[end..].iter().collect())
}

/// `${value%pattern}`; a second `%` at the start of `pattern` asks for the longest match.
pub(super) fn trim_suffix(pattern: &str, value: &str) -> Result<String, String> {
    let (pattern, greedy) = longest(pattern, '%');
    let mut tokens = tokens(pattern)?;
    tokens.reverse();
    let reversed: Vec<char> = value.chars().rev().collect();
    let end = end_of_match(&tokens, &reversed, greedy)?.unwrap_or(0);
    Ok(reversed[end..].iter().rev().collect())
}

/// `${value/pattern/with}`, or every match with `all`.
pub(super) fn replace(pattern: &str, with: &str, value: &str, all: bool) -> Result<String, String> {
    let tokens = tokens(pattern)?;
    let chars: Vec<char> = value.chars().collect();
    // Only the form that replaces every match goes through Go's template expansion.
    let with = if all { expand_template(with) } else { with.to_owned() };
    let mut result = String::new();
    let mut copied = 0;
    let mut at = 0;
    let mut budget = MAX_WORK;
    while at <= chars.len() {
        budget = budget
            .checked_sub((tokens.len() + 1).saturating_mul(chars.len() - at + 1))
            .ok_or_else(|| "pattern is too long".to_owned())?;
        let Some(length) = end_of_match(&tokens, &chars[at..], true)? else {
            at += 1;
            continue;
        };
        if length > 0 || at > copied || copied == 0 {
            result.extend(&chars[copied..at]);
            result.push_str(&with);
            budget = budget.checked_sub(with.len()).ok_or_else(|| "replacement is too long".to_owned())?;
            copied = at + length;
            if !all {
                break;
            }
        }
        at += length.max(1);
    }
    result.extend(&chars[copied.min(chars.len())..]);
    Ok(result)
}

fn longest(pattern: &str, operator: char) -> (&str, bool) {
    pattern.strip_prefix(operator).map_or((pattern, false), |rest| (rest, true))
}

fn tokens(pattern: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => match chars.peek() {
                // Escaped only for the sake of `${…}` itself.
                Some('}' | '/') => continue,
                Some('*' | '?' | '\\') => Token::Literal(chars.next().unwrap_or('\\')),
                other => {
                    let other = other.copied().map(String::from).unwrap_or_default();
                    return Err(format!("invalid pattern ({pattern}) in substitution: invalid escape '\\{other}'"));
                }
            },
            c => Token::Literal(c),
        });
    }
    Ok(tokens)
}

/// The end of the shortest or longest match at the start of `value`.
fn end_of_match(tokens: &[Token], value: &[char], greedy: bool) -> Result<Option<usize>, String> {
    if tokens.len().saturating_mul(value.len()) > MAX_WORK {
        return Err("pattern is too long".to_owned());
    }
    // reachable[i]: the tokens so far can match exactly value[..i].
    let mut reachable = vec![false; value.len() + 1];
    reachable[0] = true;
    for token in tokens {
        match token {
            Token::Star => {
                for i in 1..reachable.len() {
                    reachable[i] |= reachable[i - 1] && value[i - 1] != '\n';
                }
            }
            Token::Any | Token::Literal(_) => {
                for i in (1..reachable.len()).rev() {
                    let fits = match token {
                        Token::Literal(c) => value[i - 1] == *c,
                        _ => value[i - 1] != '\n',
                    };
                    reachable[i] = reachable[i - 1] && fits;
                }
                reachable[0] = false;
            }
        }
    }
    let mut ends = reachable.iter().enumerate().filter_map(|(i, reached)| reached.then_some(i));
    Ok(if greedy { ends.next_back() } else { ends.next() })
}

/// Go's `regexp.Expand` on a pattern without groups: `$$` is `$`, every other `$name` is empty.
fn expand_template(template: &str) -> String {
    let mut result = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some((name, after)) = after.strip_prefix('{').and_then(|braced| braced.split_once('}'))
            && !name.is_empty()
            && name.chars().all(word)
        {
            rest = after;
        } else {
            let stripped = after.trim_start_matches(word);
            if stripped.len() == after.len() {
                result.push('$');
            }
            rest = stripped;
        }
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims() {
        assert_eq!(trim_prefix("a*b", "aXbYbZ").as_deref(), Ok("YbZ"));
        assert_eq!(trim_prefix("#a*b", "aXbYbZ").as_deref(), Ok("Z"));
        assert_eq!(trim_suffix("b*", "aXbYbZ").as_deref(), Ok("aXbY"));
        assert_eq!(trim_suffix("%b*", "aXbYbZ").as_deref(), Ok("aX"));
        assert_eq!(trim_prefix("?", "äb").as_deref(), Ok("b"));
        assert_eq!(trim_prefix("\\*", "*b").as_deref(), Ok("b"));
        assert_eq!(trim_prefix("x", "b").as_deref(), Ok("b"));
        assert!(trim_prefix("\\x", "b").is_err());
    }

    #[test]
    fn replaces() {
        assert_eq!(replace("b", "X", "abcb", false).as_deref(), Ok("aXcb"));
        assert_eq!(replace("b", "X", "abcb", true).as_deref(), Ok("aXcX"));
        assert_eq!(replace("", "X", "abc", true).as_deref(), Ok("XaXbXcX"));
        assert_eq!(replace("b*", "", "abcb", false).as_deref(), Ok("a"));
        assert_eq!(replace("b", "$$1", "abcb", true).as_deref(), Ok("a$1c$1"));
        assert_eq!(replace("b", "$1-", "abcb", false).as_deref(), Ok("a$1-cb"));
    }
}
