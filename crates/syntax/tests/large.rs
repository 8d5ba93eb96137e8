//! Large files: what is linear finishes in a moment, what is not would not finish.

use wolfify_syntax::{Arguments, CommandForm, parse};

const COUNT: usize = 100_000;

#[test]
fn many_instructions() {
    let text = format!("FROM a\n{}", "RUN <<E && x\nbody\nE\n# comment\n".repeat(COUNT));
    let dockerfile = parse(&text).unwrap();
    assert_eq!(dockerfile.instructions.len(), COUNT + 1);
    assert_eq!(dockerfile.comments.len(), COUNT);
    assert_eq!(dockerfile.instruction_lines(&dockerfile.instructions[COUNT]).len(), 20.into());
    assert_eq!(dockerfile.shells().len(), COUNT + 1);
}

#[test]
fn one_long_instruction() {
    let text = format!(
        "FROM a\nRUN x{}\n",
        " \\\n # comment\n\n && echo hello \"$WORLD\" and so on, and so on, for a hundred bytes".repeat(COUNT)
    );
    assert!(text.len() > 8_000_000);
    let dockerfile = parse(&text).unwrap();
    let Arguments::Command(CommandForm::Shell { joined, .. }) = &dockerfile.instructions[1].arguments else {
        panic!("not a shell command")
    };
    assert!(usize::from(joined.len()) < text.len());
    assert_eq!(dockerfile.instructions[1].joined_map.segments().len(), COUNT + 1);
}

#[test]
fn many_stages_that_build_on_each_other() {
    let stage =
        |i: usize| format!("FROM s{} AS s{i}\nARG A{i}\nENV V{i}=$V{}x\n", i.saturating_sub(1), i.saturating_sub(1));
    let text: String = (0..COUNT / 10).map(stage).collect();
    let dockerfile = parse(&text).unwrap();
    let evaluation = dockerfile.evaluate();
    let last = dockerfile.instructions.len() - 1;
    let variable = evaluation.scope_after(last).get("V1");
    assert!(variable.definition.is_some());
    assert_eq!(evaluation.scope(1).definitions().count(), 0);
}
