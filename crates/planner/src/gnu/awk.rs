//! awk programs: what gawk has and BusyBox's awk has not.

use super::findings::Findings;
use super::invocation::Invocation;

/// Words of gawk that BusyBox does not know; it stops with an error.
const MISSING: &[&str] = &[
    "asort(",
    "asorti(",
    "patsplit(",
    "strtonum(",
    "isarray(",
    "typeof(",
    "PROCINFO[",
    "BEGINFILE",
    "ENDFILE",
    "@include",
    "@load",
    "@namespace",
];

/// Words that BusyBox takes for plain variables.
const IGNORED: &[&str] = &["FPAT", "FIELDWIDTHS", "TEXTDOMAIN"];

/// Judges the program text, when it is on the command line.
pub(crate) fn whole(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let from_file = invocation.has(&["-f", "--file", "-E", "--exec"]);
    let given = invocation.options.iter().filter(|option| matches!(option.spec_name(), "-e" | "--source"));
    let mut programs: Vec<&str> = given.map(super::invocation::Occurrence::value_text).collect();
    if !from_file && programs.is_empty() {
        programs.extend(invocation.operand_texts().next());
    }
    for program in programs {
        if let Some(word) = MISSING.iter().find(|word| program.contains(*word)) {
            findings.need(format!("BusyBox awk has no {}", word.trim_end_matches(['(', '['])), false);
        } else if let Some(word) = IGNORED.iter().find(|word| program.contains(*word)) {
            findings.need(format!("BusyBox awk knows no {word} and takes it for a plain variable"), true);
        } else if match_with_array(program) {
            findings.need("BusyBox awk ignores the third argument of match()", true);
        }
    }
}

/// `match(s, re, array)`: two commas at the call's own depth, outside strings and regular expressions.
fn match_with_array(program: &str) -> bool {
    let mut rest = program;
    while let Some(at) = rest.find("match(") {
        let before = rest[..at].chars().next_back();
        rest = &rest[at + "match(".len()..];
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        if commas_of_call(rest) >= 2 {
            return true;
        }
    }
    false
}

fn commas_of_call(text: &str) -> usize {
    let (mut depth, mut commas, mut quoted) = (0_u32, 0, None);
    let mut previous = ',';
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('\\', Some(_)) => {
                chars.next();
            }
            (c, Some(end)) if c == end => quoted = None,
            (_, Some(_)) => {}
            ('"', None) => quoted = Some('"'),
            // A slash after a comma or a bracket opens a regular expression; anywhere else it divides.
            ('/', None) if matches!(previous, ',' | '(') => quoted = Some('/'),
            ('(' | '[', None) => depth += 1,
            (')' | ']', None) if depth == 0 => return commas,
            (')' | ']', None) => depth -= 1,
            (',', None) if depth == 0 => commas += 1,
            _ => {}
        }
        if !c.is_whitespace() {
            previous = c;
        }
    }
    commas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_array_of_match_is_seen() {
        assert!(match_with_array("{if(match($0,/k(e)y/,m))print m[1]}"));
        assert!(match_with_array(r#"{match($0, "a,b", m)}"#));
        assert!(!match_with_array("{if(match($0,/a,b,c/))print}"));
        assert!(!match_with_array(r#"{match(substr($0,1,2), "x,y")}"#));
        assert!(!match_with_array("{rematch(a,b,c)}"));
    }
}
