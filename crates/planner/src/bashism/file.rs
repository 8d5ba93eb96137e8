//! Script files from the build context: start scripts and scripts that a RUN calls.

use wolfify_syntax::shell::{Dialect, parse_script};
use wolfify_syntax::{SourceMap, TextSize};

use super::{Bashism, Shell, check};

/// What a script file says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interpreter {
    /// `#!/bin/sh` or no such line.
    Sh,
    /// `#!/bin/bash`, `#!/usr/bin/env bash`: it needs bash, whatever it uses of it.
    Bash,
    /// Another program, by name.
    Other(String),
}

/// What was found in a script file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFile {
    /// Who reads it.
    pub interpreter: Interpreter,
    /// What ash does not do like the shell it was written for; spans count bytes of the file. Empty for a script that
    /// bash reads only because ash could read it as well.
    pub bashisms: Vec<Bashism>,
    /// Why the script could not be read; nothing is known about its inside then.
    pub opaque: Option<String>,
}

/// Reads a script file. `sh` is the original image's `/bin/sh`, which reads files without `#!` and those with `#!/bin/sh`.
///
/// A bash script is judged as if ash were to read it: with no bashism left, `bash` need not be installed for it, only its
/// first line changed.
#[must_use]
pub fn check_file(text: &str, sh: Shell) -> ScriptFile {
    let interpreter = interpreter(text);
    let (dialect, was) = match &interpreter {
        Interpreter::Sh => (Dialect::Sh, sh),
        Interpreter::Bash => (Dialect::Bash, Shell::Bash),
        Interpreter::Other(_) => return ScriptFile { interpreter, bashisms: Vec::new(), opaque: None },
    };
    if TextSize::try_from(text.len()).is_err() {
        return ScriptFile { interpreter, bashisms: Vec::new(), opaque: Some("larger than 4 GiB".to_owned()) };
    }
    let map = SourceMap::identity(0.into(), TextSize::of(text));
    let script = parse_script(text, &map, dialect);
    let opaque = script.list.as_ref().err().map(|opaque| opaque.reason.clone());
    ScriptFile { interpreter, bashisms: check(&script, was), opaque }
}

pub(crate) fn interpreter(text: &str) -> Interpreter {
    let Some(line) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else { return Interpreter::Sh };
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return Interpreter::Sh;
    }
    match Dialect::of_command(&words) {
        Dialect::Sh => Interpreter::Sh,
        Dialect::Bash => Interpreter::Bash,
        Dialect::Other(name) => Interpreter::Other(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_who_reads_it() {
        assert_eq!(interpreter("echo hi\n"), Interpreter::Sh);
        assert_eq!(interpreter("#!/bin/sh -e\n"), Interpreter::Sh);
        assert_eq!(interpreter("#!/usr/bin/env bash\n"), Interpreter::Bash);
        assert_eq!(interpreter("#! /bin/bash -ex\r\n"), Interpreter::Bash);
        assert_eq!(interpreter("#!/usr/bin/python3\n"), Interpreter::Other("python3".to_owned()));
    }

    #[test]
    fn a_bash_script_without_bashisms_has_none() {
        let file = check_file("#!/bin/bash\nset -euo pipefail\nexec \"$@\"\n", Shell::Dash);
        assert_eq!(file, ScriptFile { interpreter: Interpreter::Bash, bashisms: Vec::new(), opaque: None });
    }

    #[test]
    fn spans_count_bytes_of_the_file() {
        let text = "#!/bin/bash\nargs=(a b)\n";
        let file = check_file(text, Shell::Dash);
        let places: Vec<&str> = file.bashisms.iter().map(|bashism| &text[bashism.span.range]).collect();
        assert_eq!(places, ["args=(a b)"]);
    }
}
