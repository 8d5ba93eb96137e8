//! Simple commands from a line of shell.

use wolfify_syntax::SourceMap;
use wolfify_syntax::shell::{Dialect, ShellScript, ShellWord, SimpleCommand, parse_script};

/// The script `text`, read as bash.
pub(crate) fn script(text: &str) -> ShellScript {
    let length = u32::try_from(text.len()).expect("a short text");
    parse_script(text, &SourceMap::identity(0.into(), length.into()), Dialect::Bash)
}

/// The first simple command of a script.
pub(crate) fn command(text: &str) -> SimpleCommand {
    let mut found = None;
    script(text).visit(&mut |command, _| {
        found.get_or_insert_with(|| command.clone());
    });
    found.unwrap_or_else(|| panic!("no command in {text}"))
}

/// The words of the first simple command.
pub(crate) fn words(line: &str) -> Vec<ShellWord> {
    command(line).words
}

#[test]
fn a_nul_is_a_hole() {
    let text = crate::managers::Text::from_static("a\0b");
    assert_eq!((text.pattern(), text.holes().len()), ("a\0b", 1));
    assert_eq!(text.tail(1).holes().len(), 1);
}
