use super::*;
use crate::parse;

/// Expands `text` at the end of the file.
fn at_end(file: &str, text: &str) -> Value {
    let dockerfile = parse(file).unwrap();
    let evaluation = dockerfile.evaluate();
    let last = dockerfile.instructions.len() - 1;
    evaluation.scope_after(last).expand(text).unwrap().value
}

fn known(text: &str) -> Value {
    Value::Known(text.to_owned())
}

fn default(text: &str) -> Value {
    Value::Default(text.to_owned())
}

#[test]
fn global_args_reach_from_lines_and_redeclarations_only() {
    let file = "ARG V=1\nFROM a:$V\n";
    let dockerfile = parse(file).unwrap();
    let evaluation = dockerfile.evaluate();
    assert_eq!(evaluation.scope(1).expand("a:$V").unwrap().value, default("a:1"));
    assert_eq!(at_end(file, "$V"), Value::Unknown);
    assert_eq!(at_end("ARG V=1\nFROM scratch\n", "x$V"), known("x"));
    assert_eq!(at_end("ARG V=1\nFROM a\nARG V\n", "$V"), default("1"));
    assert_eq!(at_end("ARG V=1\nFROM a\nARG V=2\n", "$V"), default("2"));
    assert_eq!(at_end("ARG V\nFROM a\nARG V\n", "${V:-3}"), default("3"));
    assert_eq!(at_end("ARG V=1\nARG V\nFROM a\nARG V\n", "$V"), default("1"));
}

#[test]
fn stages_inherit_from_earlier_stages() {
    let file = "FROM a AS b\nENV E=1\nARG A=2\nFROM b AS c\nENV F=$E\nFROM c\n";
    assert_eq!(at_end(file, "$E$F"), known("11"));
    // BuildKit keeps ARGs in the stage's state, so they come along too.
    assert_eq!(at_end(file, "$A"), default("2"));
    assert_eq!(at_end("FROM a AS b\nENV E=1\nFROM a\n", "$E"), Value::Unknown);
}

#[test]
fn the_last_one_wins_and_env_is_certain() {
    assert_eq!(at_end("FROM a\nARG V=1\nENV V=2\n", "$V"), known("2"));
    assert_eq!(at_end("FROM a\nENV V=2\nARG V\n", "$V"), known("2"));
    assert_eq!(at_end("FROM a\nARG V=1\nENV W=${V}x\n", "$W"), default("1x"));
    assert_eq!(at_end("FROM a\nENV A=1\nENV A=2 B=$A\n", "$A$B"), known("21"));
    assert_eq!(at_end("FROM a\nARG A=1 B=$A\n", "$B"), default("1"));
    assert_eq!(at_end("FROM a\nENV P=\"a b\" Q='$P' R=x\\ y\n", "$P$Q$R"), known("a b$Px y"));
    assert_eq!(at_end("FROM a\nENV L one  two\n", "$L"), known("one  two"));
}

#[test]
fn what_the_file_does_not_tell_is_unknown() {
    assert_eq!(at_end("FROM a\nARG TARGETARCH\n", "x-$TARGETARCH"), Value::Unknown);
    assert_eq!(at_end("FROM scratch\n", "x-$TARGETARCH"), known("x-"));
    assert_eq!(at_end("FROM scratch\nARG HTTP_PROXY\n", "$HTTP_PROXY"), Value::Unknown);
    assert_eq!(at_end("FROM a\nENV PATH=$PATH:/x\n", "$PATH"), Value::Unknown);
    // What takes no part does not matter.
    assert_eq!(at_end("FROM a\nENV V=1\n", "${V:-$NOPE}"), known("1"));
    assert_eq!(at_end("FROM scratch\nENV V=1\n", "${V:+${W:-2}}"), known("2"));
}

#[test]
fn origins_lead_to_the_defaults() {
    let file = "ARG MAJOR=18\nARG VERSION=${MAJOR}.1\nFROM node:${VERSION}-slim\nARG VERSION\n";
    let dockerfile = parse(file).unwrap();
    let evaluation = dockerfile.evaluate();
    let expansion = evaluation.scope(2).expand("node:${VERSION}-slim").unwrap();
    assert_eq!(expansion.value, default("node:18.1-slim"));
    assert_eq!(expansion.used.len(), 1);
    let written =
        |id| -> Vec<&str> { evaluation.written(id).into_iter().map(|(_, range)| dockerfile.slice(range)).collect() };
    assert_eq!(written(expansion.used[0].definition.unwrap()), ["${MAJOR}.1", "18"]);
    let stage = evaluation.scope_after(3).get("VERSION").definition.unwrap();
    assert_eq!(written(stage), ["${MAJOR}.1", "18"]);
    assert_eq!(evaluation.definition(stage).kind, DefinitionKind::Arg);
}

#[test]
fn defaults_decide_what_a_from_starts_from() {
    let dockerfile =
        parse("ARG BASE=builder\nFROM a AS builder\nFROM ${BASE}\nFROM \"scratch\"\nFROM ${X:-b}\n").unwrap();
    let bases: Vec<BaseImage> = dockerfile.stages.iter().map(|stage| stage.base).collect();
    assert_eq!(bases, [BaseImage::Image, BaseImage::Stage(0), BaseImage::Scratch, BaseImage::Image]);
}

#[test]
fn values_do_not_explode() {
    let mut file = "FROM scratch\nENV A=0123456789\n".to_owned();
    for _ in 0..100 {
        file.push_str("ENV A=$A$A$A\n");
    }
    assert_eq!(at_end(&file, "$A"), Value::Unknown);
}
