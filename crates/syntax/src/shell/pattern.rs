//! Shell patterns (POSIX 2.13) over short strings.

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    Character(char),
    Any,
    Star,
    /// A bracket expression: whether it is negated, and its ranges.
    Class(bool, Vec<(char, char)>),
}

impl Element {
    fn matches(&self, character: char) -> bool {
        match self {
            Self::Character(own) => *own == character,
            Self::Any | Self::Star => true,
            Self::Class(negated, ranges) => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

/// A pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Element>);

impl Pattern {
    pub(super) fn literal(&mut self, text: &str) {
        self.0.extend(text.chars().map(Element::Character));
    }

    /// Adds `*`, `?` or a bracket expression; `None` for what is not known here (`[[:alpha:]]`, extended patterns).
    pub(super) fn glob(&mut self, text: &str) -> Option<()> {
        let element = match text {
            "*" => Element::Star,
            "?" => Element::Any,
            _ => class(text.strip_prefix('[')?.strip_suffix(']')?)?,
        };
        self.0.push(element);
        Some(())
    }

    /// Whether the whole of `text` matches; linear in `text` for each `*`.
    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut element, mut at) = (0, 0);
        let mut retry = None;
        while at < text.len() {
            match self.0.get(element) {
                Some(Element::Star) => {
                    retry = Some((element, at));
                    element += 1;
                }
                Some(other) if other.matches(text[at]) => {
                    element += 1;
                    at += 1;
                }
                _ => {
                    let Some((star, from)) = retry else { return false };
                    retry = Some((star, from + 1));
                    element = star + 1;
                    at = from + 1;
                }
            }
        }
        self.0[element..].iter().all(|element| *element == Element::Star)
    }

    /// `value` without its shortest or longest prefix that matches.
    pub(super) fn strip_prefix<'a>(&self, value: &'a str, longest: bool) -> &'a str {
        let fits = |end: &usize| self.matches(&value[..*end]);
        let mut ends = boundaries(value);
        let end = if longest { ends.rev().find(fits) } else { ends.find(fits) };
        &value[end.unwrap_or(0)..]
    }

    /// `value` without its shortest or longest suffix that matches.
    pub(super) fn strip_suffix<'a>(&self, value: &'a str, longest: bool) -> &'a str {
        let fits = |start: &usize| self.matches(&value[*start..]);
        let mut starts = boundaries(value);
        let start = if longest { starts.find(fits) } else { starts.rev().find(fits) };
        &value[..start.unwrap_or(value.len())]
    }

    /// `value` with the first or every longest match replaced. An empty match is none.
    pub(super) fn replace(&self, value: &str, with: &str, all: bool) -> String {
        let mut result = String::with_capacity(value.len());
        let mut at = 0;
        while at < value.len() {
            let fits = |end: &usize| *end > at && self.matches(&value[at..*end]);
            let found = boundaries(value).rev().take_while(|end| *end > at).find(fits);
            let Some(end) = found else {
                let next = value[at..].chars().next().map_or(value.len(), |first| at + first.len_utf8());
                result.push_str(&value[at..next]);
                at = next;
                continue;
            };
            result.push_str(with);
            at = end;
            if !all {
                break;
            }
        }
        result + &value[at..]
    }
}

/// All character boundaries, both ends included.
fn boundaries(value: &str) -> impl DoubleEndedIterator<Item = usize> {
    (0..=value.len()).filter(|at| value.is_char_boundary(*at))
}

fn class(members: &str) -> Option<Element> {
    if members.contains("[:") || members.contains("[.") || members.contains("[=") {
        return None;
    }
    let (negated, members) = match members.strip_prefix(['!', '^']) {
        Some(rest) => (true, rest),
        None => (false, members),
    };
    let characters: Vec<char> = members.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        if characters.get(at + 1) == Some(&'-') && at + 2 < characters.len() {
            ranges.push((characters[at], characters[at + 2]));
            at += 3;
        } else {
            ranges.push((characters[at], characters[at]));
            at += 1;
        }
    }
    Some(Element::Class(negated, ranges))
}
