//! Patterns with `*`, as the tables and the user's own mappings use them.

/// Whether `pattern`, in which every `*` stands for any text without `/`, matches the whole of `text`.
///
/// `golang*` is `golang` and `golang-fips`, but not `golangci/golangci-lint`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let literal = pattern.find('*').unwrap_or(pattern.len());
    if !text.as_bytes().starts_with(&pattern.as_bytes()[..literal]) {
        return false;
    }
    let (mut patterns, mut texts) = (pattern.split('/'), text.split('/'));
    loop {
        match (patterns.next(), texts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(text)) if part_matches(pattern, text) => {}
            _ => return false,
        }
    }
}

fn part_matches(pattern: &str, text: &str) -> bool {
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

/// Whether some text matches both patterns.
pub(crate) fn overlap(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // `after[j]`: what follows in `left` and what `right` has from j on can be the same text.
    let mut after: Vec<bool> = (0..=right.len()).map(|j| right[j..].iter().all(|c| *c == '*')).collect();
    for a in left.iter().rev() {
        let mut here = vec![false; right.len() + 1];
        for j in (0..=right.len()).rev() {
            let b = right.get(j);
            // A star ends, or takes one more letter of the other side.
            let left_star = *a == '*' && (after[j] || (b.is_some_and(|b| *b != '/') && here[j + 1]));
            let right_star = b == Some(&'*') && (here[j + 1] || (*a != '/' && after[j]));
            let letter = b == Some(a) && after[j + 1];
            here[j] = left_star || right_star || letter;
        }
        after = here;
    }
    after[0]
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
    fn stars_do_not_cross_slashes() {
        assert!(matches("golang*", "golang") && !matches("golang*", "golangci/golangci-lint"));
        assert!(matches("reg/ubi*/nodejs-*", "reg/ubi9/nodejs-20") && !matches("reg/ubi*", "reg/ubi9/ubi"));
    }

    #[test]
    fn overlaps() {
        for (left, right) in [("a*", "*b"), ("a*c", "ab*"), ("*", "x"), ("a*", "a"), ("*x*", "*y*"), ("a*b", "a*b")] {
            assert!(overlap(left, right) && overlap(right, left), "{left} {right}");
        }
        for (left, right) in [("a*", "b*"), ("*a", "*b"), ("ab*", "ac*"), ("a", "ab"), ("a*", "a/b"), ("a/*", "*b")] {
            assert!(!overlap(left, right) && !overlap(right, left), "{left} {right}");
        }
    }

    #[test]
    fn more_letters_are_more_specific() {
        assert!(specificity("abc") > specificity("abcdef*"));
        assert!(specificity("abc*") > specificity("ab*"));
        assert!(specificity("ab*") > specificity("a*b*"));
    }
}
