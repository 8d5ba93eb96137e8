//! Compound commands and redirections: `[[ ]]`, `(( ))`, `for (( ))`, `select`, `;&`, `&>>`, `$(<f)`.

use wolfify_syntax::Span;
use wolfify_syntax::shell::{Command, Compound, CompoundKind, Redirect, ShellScript, ShellWord, WordPart};

use super::walk::{Position, Walker};
use super::{Effect, TextChange, builtins, place};
use crate::gnu::static_text;

/// What the shell expands in a compound command's own words.
pub(crate) fn position(kind: CompoundKind) -> Position {
    match kind {
        CompoundKind::For | CompoundKind::Select => Position::Argument,
        CompoundKind::Test => Position::Test,
        _ => Position::Other,
    }
}

/// Judges the command itself, not what is inside.
pub(crate) fn check(walker: &mut Walker<'_>, compound: &Compound) {
    match compound.kind {
        CompoundKind::Test => test(walker, compound),
        CompoundKind::Arithmetic => arithmetic(walker, compound),
        CompoundKind::ArithmeticFor => walker.report(compound.span, "for ((…))", Effect::Error, None),
        CompoundKind::Select => walker.report(compound.span, "select", Effect::Error, None),
        CompoundKind::Coproc => walker.report(compound.span, "coproc", Effect::Error, None),
        CompoundKind::Case => fall_through(walker, compound),
        _ => {}
    }
}

/// `;&` and `;;&` between the arms of a `case`.
fn fall_through(walker: &mut Walker<'_>, compound: &Compound) {
    for (_, list) in &compound.lists {
        let Some(last) = list.items.last() else { continue };
        let end = last.and_or.span.range.end();
        let after = compound.words.partition_point(|word| word.span.range.start() <= end);
        let next = compound.words.get(after).map(|word| word.span.range.start());
        let Some(gap_end) = next.or_else(|| compound.span.range.end().checked_sub(1.into())) else { continue };
        let gap = place::text_between(walker.script, end, gap_end).unwrap_or_default();
        if let Some(at) = gap.find(";&").or_else(|| gap.find(";;&")) {
            let feature = if gap[at..].starts_with(";;&") || gap[..at].ends_with(';') { ";;&" } else { ";&" };
            walker.report(last.and_or.span, feature, Effect::Error, None);
        }
    }
}

/// `(( expr ))` has the status of `[ $(( expr )) -ne 0 ]`; in ash it is a subshell in a subshell.
fn arithmetic(walker: &mut Walker<'_>, compound: &Compound) {
    let text = place::text_at(walker.script, &compound.span).unwrap_or_default();
    let plain = text.starts_with("((") && text.ends_with("))") && !text.contains(['[', '"', '\'', '`']);
    let rewrite = (plain && compound.redirects.is_empty()).then(|| arithmetic_changes(&compound.span)).flatten();
    walker.report(compound.span, "((…))", Effect::Silent, rewrite);
}

fn arithmetic_changes(span: &Span) -> Option<Vec<TextChange>> {
    let length = usize::from(span.range.len());
    let whole = Span { contiguous: true, ..*span };
    let (open, close) = (place::piece(&whole, 0..2)?, place::piece(&whole, length.checked_sub(2)?..length)?);
    Some(vec![
        TextChange { span: open, text: "[ $((".to_owned() },
        TextChange { span: close, text: ")) -ne 0 ]".to_owned() },
    ])
}

/// `[[ … ]]`: ash runs it as `[`, so words are split, patterns look for files, and `<` and `(` are the shell's.
fn test(walker: &mut Walker<'_>, compound: &Compound) {
    operators(walker, compound);
    let words = &compound.words;
    for (at, word) in words.iter().enumerate() {
        let previous = at.checked_sub(1).map_or("", |before| words[before].text.as_str());
        match previous {
            "-v" => {
                let rewrite = builtins::variable_test(&words[at - 1], word);
                walker.report(words[at - 1].span, "[[ -v ]]", Effect::Error, rewrite);
            }
            "=~" => regex(walker, word),
            "==" | "=" | "!=" => pattern(walker, word),
            _ if is_numeric(previous) || words.get(at + 1).is_some_and(|next| is_numeric(&next.text)) => {
                number(walker, word);
            }
            _ => unquoted(walker, word),
        }
    }
}

/// `<`, `>`, `(` and `)` stand between the words.
fn operators(walker: &mut Walker<'_>, compound: &Compound) {
    let end = compound.redirects.first().map_or(compound.span.range.end(), |redirect| redirect.span.range.start());
    let mut from = compound.span.range.start() + wolfify_syntax::TextSize::from(2);
    let starts = compound.words.iter().map(|word| (word.span.range.start(), word.span.range.end()));
    for (start, next) in starts.chain([(end, end)]) {
        let gap = place::text_between(walker.script, from, start.max(from)).unwrap_or_default();
        let gap = gap.split("]]").next().unwrap_or_default();
        for (at, sign) in gap.char_indices().filter(|(_, c)| "<>()".contains(*c)) {
            let span = Span { range: wolfify_syntax::TextRange::new(from, start), contiguous: true };
            // A gap over a line continuation is longer in the source.
            let exact = usize::from(span.range.len()) >= gap.len() && !gap.contains('\n');
            let change = place::piece(&span, at..at + 1)
                .filter(|_| exact)
                .map(|span| TextChange { span, text: format!("\\{sign}") });
            let (feature, place) = if "<>".contains(sign) { ("[[ < ]]", span) } else { ("[[ ( ) ]]", span) };
            walker.report(place, feature, Effect::Error, change.map(|change| vec![change]));
        }
        from = next;
    }
}

/// A regular expression: unquoted parentheses are a syntax error, unquoted backslashes vanish. ash takes a quoted one
/// as a regular expression, bash as plain text.
fn regex(walker: &mut Walker<'_>, word: &ShellWord) {
    let text = &word.text;
    let quoted = text.contains(['\'', '"']);
    if quoted {
        let special = word.parts.iter().any(|part| {
            matches!(part, WordPart::Literal { text, quoted: true } if text.contains(['.', '*', '[', '(', '+', '?', '^', '$', '|']))
        });
        if special {
            walker.report(word.span, "quoted text in a regular expression", Effect::Silent, None);
        }
        return;
    }
    let dynamic = word.parts.iter().any(|part| {
        matches!(part, WordPart::Parameter { .. } | WordPart::CommandSubstitution { .. } | WordPart::Arithmetic)
    });
    if dynamic {
        if word.parts.len() == 1 {
            unquoted(walker, word);
        } else if text.contains(['(', '|', '\\']) {
            walker.report(word.span, "[[ =~ ( ) ]]", Effect::Error, None);
        }
        return;
    }
    let effect = if text.contains(['(', '|']) {
        Effect::Error
    } else if text.contains('\\') {
        Effect::Silent
    } else {
        return;
    };
    let rewrite = place::whole(word, format!("'{text}'")).map(|change| vec![change]);
    walker.report(word.span, "[[ =~ ]] with ( ), | or \\", effect, rewrite);
}

/// The right side of `==`: bash takes quoted text literally, ash as a pattern; unquoted patterns look for files in ash.
fn pattern(walker: &mut Walker<'_>, word: &ShellWord) {
    let quoted_glob = word
        .parts
        .iter()
        .any(|part| matches!(part, WordPart::Literal { text, quoted: true } if text.contains(['*', '?', '[', '\\'])));
    if quoted_glob {
        walker.report(word.span, "quoted pattern in [[ == ]]", Effect::Silent, None);
        return;
    }
    if ["@(", "+(", "!(", "*(", "?("].iter().any(|open| word.text.contains(open)) {
        walker.report(word.span, "extended pattern in [[ == ]]", Effect::Error, None);
        return;
    }
    if !word.parts.iter().any(|part| matches!(part, WordPart::Glob(_))) {
        unquoted(walker, word);
        return;
    }
    let substitution = word.text.contains(['`', '(']);
    let text = if word.text.contains(['"', '\'', '\\']) || substitution {
        let all_static = word.parts.iter().all(|part| matches!(part, WordPart::Literal { .. } | WordPart::Glob(_)));
        let text = static_text(word);
        (all_static && !text.contains('\'')).then(|| format!("'{text}'"))
    } else {
        Some(format!("\"{}\"", word.text))
    };
    let rewrite = text.and_then(|text| place::whole(word, text)).map(|change| vec![change]);
    walker.report(word.span, "pattern in [[ ]], which ash takes for file names", Effect::Silent, rewrite);
}

fn is_numeric(operator: &str) -> bool {
    matches!(operator, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge")
}

/// An operand of `-eq` and the like: an arithmetic expression for bash, where nothing counts as 0; digits for ash.
fn number(walker: &mut Walker<'_>, word: &ShellWord) {
    let rewrite = match word.parts.as_slice() {
        [WordPart::Parameter { name, .. }] if name.starts_with('#') || matches!(name.as_str(), "?" | "$" | "!") => {
            return;
        }
        [WordPart::Parameter { name, operation, .. }] if operation.is_empty() && builtins::is_name(name) => {
            place::whole(word, format!("$(({name}))")).map(|change| vec![change])
        }
        [WordPart::Literal { text, .. }] if text.trim_start_matches(['-', '+']).chars().all(|c| c.is_ascii_digit()) => {
            return;
        }
        [WordPart::Arithmetic | WordPart::CommandSubstitution { quoted: true, .. }] => return,
        _ => None,
    };
    walker.report(word.span, "arithmetic in a [[ ]] comparison", Effect::Error, rewrite);
}

/// An unquoted variable is split, and is no word at all when it is empty.
fn unquoted(walker: &mut Walker<'_>, word: &ShellWord) {
    let splits = |part: &WordPart| match part {
        WordPart::Parameter { name, quoted: false, .. } => {
            // Numbers have nothing to split and are never empty.
            !(name.starts_with('#') || matches!(name.as_str(), "?" | "$" | "!"))
        }
        WordPart::CommandSubstitution { quoted: false, .. } => true,
        _ => false,
    };
    if !word.parts.iter().any(splits) {
        return;
    }
    let simple = !word.text.contains(['"', '\'', '\\', '`', '*', '?']) || word.parts.len() == 1;
    let rewrite =
        (simple && !word.text.contains('`') && word.parts.iter().all(|part| !matches!(part, WordPart::Tilde(_))))
            .then(|| quotes(word))
            .flatten();
    walker.report(word.span, "unquoted variable in [[ ]]", Effect::Silent, rewrite);
}

fn quotes(word: &ShellWord) -> Option<Vec<TextChange>> {
    word.span
        .contiguous
        .then(|| vec![place::insert(place::before(&word.span), "\""), place::insert(place::after(&word.span), "\"")])
}

/// `&>>f` and `{fd}>f`.
pub(crate) fn redirect(walker: &mut Walker<'_>, redirect: &Redirect) {
    let text = place::text_at(walker.script, &redirect.span).unwrap_or_default();
    if redirect.operator == "&>>" {
        let head = Span { contiguous: true, ..redirect.span };
        let rewrite = place::piece(&head, 0..3).filter(|_| text.starts_with("&>>")).map(|span| {
            vec![TextChange { span, text: ">>".to_owned() }, place::insert(place::after(&redirect.span), " 2>&1")]
        });
        walker.report(redirect.span, "&>>", Effect::Error, rewrite);
    } else if redirect.fd.is_none() && text.starts_with('{') {
        walker.report(redirect.span, "{name}>", Effect::Error, None);
    }
}

/// `$(<file)` is empty in ash.
pub(crate) fn file_substitution(walker: &mut Walker<'_>, script: &ShellScript) {
    let Ok(list) = &script.list else { return };
    let [item] = list.items.as_slice() else { return };
    let ([Command::Simple(command)], true) = (item.and_or.first.commands.as_slice(), item.and_or.rest.is_empty())
    else {
        return;
    };
    let ([redirect], true, true) =
        (command.redirects.as_slice(), command.words.is_empty(), command.assignments.is_empty())
    else {
        return;
    };
    if redirect.operator == "<" && redirect.fd.is_none() {
        let rewrite = vec![place::insert(place::before(&redirect.span), "cat ")];
        walker.report(command.span, "$(<file)", Effect::Silent, Some(rewrite));
    }
}
