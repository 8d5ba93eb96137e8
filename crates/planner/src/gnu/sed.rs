//! sed scripts: commands, addresses, flags and escapes of GNU sed that BusyBox does not have or reads differently.

use super::findings::{Effect, Findings};
use super::invocation::{Invocation, Occurrence};

/// Options whose meaning hangs on others.
pub(crate) fn option(invocation: &Invocation<'_>, option: &Occurrence) -> Option<Effect> {
    let in_place = invocation.has(&["-i", "--in-place"]);
    match option.spec_name() {
        // -i means -s; with one file there is nothing to separate.
        "-s" | "--separate" if in_place || files(invocation) < 2 => Some(Effect::Drop),
        "--follow-symlinks" if !in_place => Some(Effect::Drop),
        _ => None,
    }
}

fn files(invocation: &Invocation<'_>) -> usize {
    let script_is_operand = usize::from(!invocation.has(&SCRIPT_OPTIONS));
    invocation.operands.len().saturating_sub(script_is_operand)
}

const SCRIPT_OPTIONS: [&str; 4] = ["-e", "--expression", "-f", "--file"];

/// Judges the scripts on the command line.
pub(crate) fn whole(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let given = invocation.options.iter().filter(|option| matches!(option.spec_name(), "-e" | "--expression"));
    let mut scripts: Vec<&str> = given.map(Occurrence::value_text).collect();
    if !invocation.has(&SCRIPT_OPTIONS) {
        scripts.extend(invocation.operand_texts().next());
    }
    let mut reader = Reader { rest: &scripts.join("\n"), issues: Vec::new() };
    reader.script();
    for (why, silent) in reader.issues {
        findings.need(why, silent);
    }
}

/// Reads a script command by command; stops at the first thing it does not understand.
struct Reader<'s> {
    rest: &'s str,
    issues: Vec<(String, bool)>,
}

impl Reader<'_> {
    fn script(&mut self) {
        loop {
            self.skip(|c| c.is_whitespace() || c == ';');
            let Some(first) = self.peek() else { return };
            match first {
                '#' => {
                    self.line();
                }
                '}' => {
                    self.next();
                }
                _ => {
                    if self.addresses().and_then(|()| self.command()).is_none() {
                        return;
                    }
                }
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn skip(&mut self, what: impl Fn(char) -> bool) -> &str {
        let end = self.rest.find(|c| !what(c)).unwrap_or(self.rest.len());
        let (skipped, rest) = self.rest.split_at(end);
        self.rest = rest;
        skipped
    }

    /// The text up to the line's end.
    fn line(&mut self) -> &str {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        line
    }

    fn missing(&mut self, what: &str) {
        self.issues.push((format!("BusyBox sed has no {what}"), false));
    }

    fn silent(&mut self, what: String) {
        self.issues.push((what, true));
    }

    fn addresses(&mut self) -> Option<()> {
        let digits = self.skip(|c| c.is_ascii_digit()).to_owned();
        if digits.is_empty() && !self.address()? {
            return Some(());
        }
        if self.peek() == Some('~') {
            self.missing("address first~step");
            self.next();
            self.skip(|c| c.is_ascii_digit());
        }
        self.skip(|c| c == ' ' || c == '\t');
        if self.peek() != Some(',') {
            return Some(());
        }
        self.next();
        self.skip(|c| c == ' ' || c == '\t');
        if digits == "0" {
            self.silent("BusyBox sed takes the address 0,/re/ but never matches it".to_owned());
        }
        match self.peek()? {
            '+' => {
                self.next();
                self.skip(|c| c.is_ascii_digit());
            }
            '~' => {
                self.missing("address addr,~N");
                self.next();
                self.skip(|c| c.is_ascii_digit());
            }
            c if c.is_ascii_digit() => {
                self.skip(|c| c.is_ascii_digit());
            }
            _ => {
                self.address()?;
            }
        }
        Some(())
    }

    /// `$`, `/re/` or `\cREc`; `Some(false)` when there is none.
    fn address(&mut self) -> Option<bool> {
        match self.peek()? {
            '$' => {
                self.next();
                return Some(true);
            }
            '/' => {
                self.next();
                self.until('/', false)?;
            }
            '\\' => {
                self.next();
                let delimiter = self.next()?;
                self.until(delimiter, false)?;
            }
            _ => return Some(false),
        }
        while let Some(flag @ ('I' | 'M')) = self.peek() {
            self.missing(&format!("address flag /re/{flag}"));
            self.next();
        }
        Some(true)
    }

    /// Reads to the delimiter and looks at the escapes on the way.
    fn until(&mut self, delimiter: char, replacement: bool) -> Option<()> {
        let mut bracket = false;
        loop {
            match self.next()? {
                '\\' => {
                    let escaped = self.next()?;
                    self.escape(escaped, replacement);
                }
                '[' if !replacement && !bracket => {
                    bracket = true;
                    // `[]…]` and `[^]…]` hold the bracket.
                    if self.peek() == Some('^') {
                        self.next();
                    }
                    if self.peek() == Some(']') {
                        self.next();
                    }
                }
                ']' => bracket = false,
                c if c == delimiter && !bracket => return Some(()),
                '\n' if bracket => return None,
                _ => {}
            }
        }
    }

    fn escape(&mut self, c: char, replacement: bool) {
        let follows = self.peek();
        let coded = match c {
            'x' => follows.is_some_and(|c| c.is_ascii_hexdigit()),
            'o' | 'd' => follows.is_some_and(|c| c.is_ascii_digit()),
            'c' => follows.is_some_and(|c| c.is_ascii_uppercase()),
            _ => false,
        };
        let case = replacement && matches!(c, 'U' | 'L' | 'u' | 'l' | 'E');
        if coded || case {
            self.silent(format!("BusyBox sed reads \\{c} as the letter {c}"));
        }
    }

    fn command(&mut self) -> Option<()> {
        self.skip(|c| c.is_whitespace() || c == '!');
        match self.next()? {
            '{' | '}' | '=' | 'd' | 'D' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' => {}
            's' => return self.substitute(),
            'y' => {
                let delimiter = self.next()?;
                self.until(delimiter, false)?;
                self.until(delimiter, false)?;
            }
            'a' | 'i' | 'c' => self.text(),
            ':' | 'b' | 't' | 'T' => {
                self.skip(|c| c != ';' && c != '\n' && c != '}');
            }
            'r' | 'w' => {
                self.line();
            }
            'q' => {
                self.skip(|c| c == ' ');
                if !self.skip(|c| c.is_ascii_digit()).is_empty() {
                    self.silent("BusyBox sed ignores the exit status after q".to_owned());
                }
            }
            'l' => self.silent("BusyBox sed prints nothing for the command l".to_owned()),
            c @ ('Q' | 'F' | 'z' | 'W' | 'R' | 'v' | 'e') => {
                self.missing(&format!("command {c}"));
                self.line();
            }
            _ => return None,
        }
        Some(())
    }

    fn substitute(&mut self) -> Option<()> {
        let delimiter = self.next()?;
        self.until(delimiter, false)?;
        self.until(delimiter, true)?;
        let (mut number, mut global) = (false, false);
        loop {
            match self.peek() {
                Some('g') => global = true,
                Some('p' | 'i' | 'I') => {}
                Some(c) if c.is_ascii_digit() => number = true,
                Some(flag @ ('m' | 'M' | 'e')) => self.missing(&format!("flag s///{flag}")),
                Some('w') => {
                    self.line();
                    break;
                }
                _ => break,
            }
            self.next();
        }
        if number && global {
            self.silent("BusyBox sed replaces every match for s///Ng, not from the Nth on".to_owned());
        }
        Some(())
    }

    /// The text of `a`, `i`, `c`: to the end of the line, backslashed newlines included.
    fn text(&mut self) {
        if matches!(self.rest, "\\" | "\\\n") {
            self.silent("BusyBox sed appends an empty line for a\\ without text".to_owned());
        }
        loop {
            let goes_on = self.line().ends_with('\\');
            if !goes_on || self.next().is_none() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issues(script: &str) -> Vec<(String, bool)> {
        let mut reader = Reader { rest: script, issues: Vec::new() };
        reader.script();
        reader.issues
    }

    #[test]
    fn plain_scripts_have_no_issue() {
        for script in [
            "s/val/VAL/",
            "/^#/d",
            "s|key|/x/y|g",
            "/key/{s/val/V/;n;d}",
            "$!N;$!D",
            ":a;s/1/x/;ta",
            "1i hello",
            "1i\\\n  hello \\x41\\\nmore",
            r"s/\bk\w\+/X/;s/=/\t/",
            "\\,9,d",
            "s/[/]/x/;s/[]x]/y/",
            "y/abc/xyz/",
            "/port/c port = 90",
            "2q",
            "1,+1d",
            "s/a/b/w out",
            r"s#\(.*\)#\1\
x#",
            r"s/\/usr/\/opt/",
            "/^export/,/}/ s/x/y/",
        ] {
            assert_eq!(issues(script), [], "{script}");
        }
    }

    #[test]
    fn what_busybox_lacks_is_named() {
        for (script, word, silent) in [
            (r"s/key/\U&/", "\\U", true),
            (r"s/key/\x27/", "\\x", true),
            ("0,/a/s//X/", "0,/re/", true),
            ("1~2p", "first~step", false),
            ("2,~4p", "addr,~N", false),
            ("1e echo hi", "command e", false),
            ("N;s/^#/X/M", "s///M", false),
            ("2{p;q5}", "exit status", true),
            ("/key/Id", "/re/I", false),
            ("s/1/x/2g", "s///Ng", true),
            ("$a\\", "a\\", true),
            ("2Q", "command Q", false),
        ] {
            let found = issues(script);
            assert_eq!(found.len(), 1, "{script}: {found:?}");
            assert!(found[0].0.contains(word), "{script}: {found:?}");
            assert_eq!(found[0].1, silent, "{script}");
        }
    }
}
