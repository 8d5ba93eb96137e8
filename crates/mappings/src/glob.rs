//! Patterns with `*`, as the tables and the user's own mappings use them.

/// Whether `pattern`, in which every `*` stands for any text, matches the whole of `text`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// How specific a pattern is: one without `*` first, then by the letters it states, then by fewer `*`.
pub(crate) fn specificity(pattern: &str) -> (bool, usize, std::cmp::Reverse<usize>) {
    let stars = pattern.matches('*').count();
    (stars == 0, pattern.len() - stars, std::cmp::Reverse(stars))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text) in [("*", ""), ("a*", "a"), ("a*c", "abc"), ("*-jre*", "21-jre-alpine"), ("a*b*c", "axbbc")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*c", "ab"), ("a*a", "a"), ("*x*", "abc"), ("ab*ba", "aba")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn more_letters_are_more_specific() {
        assert!(specificity("abc") > specificity("abcdef*"));
        assert!(specificity("abc*") > specificity("ab*"));
        assert!(specificity("ab*") > specificity("a*b*"));
    }
}
