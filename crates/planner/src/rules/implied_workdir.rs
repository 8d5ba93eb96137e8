//! Relative paths that were seen from the old image's working directory.

use text_size::TextSize;
use wolfify_syntax::shell::{ShellScript, ShellWord, SimpleCommand};
use wolfify_syntax::{Arguments, BaseImage, Instruction, Keyword};

use crate::context_files::CalledScript;
use crate::draft::Draft;
use crate::effective::{BaseFacts, variant};
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::path::file_name;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "implied-workdir",
    summary: "relative paths that lean on the old image's working directory",
    level: Level::Note,
    docs: "\
## What it finds

A stage that uses relative paths without a WORKDIR of its own, where the old and the new image have another working
directory: `/` and `/app` for Node, `/go` and `/` for Go.

## Why it matters on Wolfi

`COPY . .` and `RUN make` would work in another directory than before, and absolute paths further down would not fit.

## What it does

Says the old working directory with a WORKDIR before the first instruction that leans on it.

## Example

```dockerfile
FROM golang:1.24
COPY . src/app
RUN go build -o /app ./src/app
```

## Result

```dockerfile
FROM cgr.dev/chainguard/go:latest-dev
WORKDIR /go
COPY . src/app
RUN go build -o /app ./src/app
```
",
};

/// Looks at the stages that start from an image and migrate.
pub(crate) fn check(file: &File<'_>, draft: &Draft, insertions: &mut Insertions) {
    for stage in 0..file.stages.len() {
        let Base::Converted(target) = &file.stages[stage].base else { continue };
        // The stage planner says what such a stage had from the one that it started from.
        if matches!(file.dockerfile.stages[stage].base, BaseImage::Stage(_)) {
            continue;
        }
        let facts = BaseFacts::target_image(file.mappings, &target.image, variant(&target.tag, false));
        let before = &file.before[stage].base;
        if before.known && facts.known && before.workdir != facts.workdir {
            let runtime = draft.runtime_at.filter(|_| draft.builder == Some(stage));
            check_stage(file, stage, runtime, [&before.workdir, &facts.workdir], insertions);
        }
    }
}

/// Looks at one stage; what stands behind `runtime` is in a stage of its own then, for which the planner speaks.
fn check_stage(
    file: &File<'_>,
    stage: usize,
    runtime: Option<TextSize>,
    [old, new]: [&str; 2],
    insertions: &mut Insertions,
) {
    for (index, instruction) in file.body(stage) {
        if runtime.is_some_and(|at| at <= instruction.range.start()) {
            return;
        }
        if instruction.keyword == Keyword::Workdir && is_absolute(file, index, instruction) {
            return;
        }
        if leans(file, index, instruction) {
            let finding = LineFinding::note(
                &RULE,
                instruction.keyword_range,
                format!(
                    "relative paths were seen from `{old}`, the old image's working directory; the new one's is `{new}`"
                ),
                "Say the working directory",
            );
            let line = format!("{} {old}", file.keyword(stage, "WORKDIR"));
            insertions.add(file.line_before(index), Order::Workdir, line, finding);
            return;
        }
    }
}

fn is_absolute(file: &File<'_>, index: usize, instruction: &Instruction) -> bool {
    let Arguments::Words(words) = &instruction.arguments else { return false };
    let path = words.first().and_then(|word| file.evaluation.scope(index).expand(&word.text).ok());
    // A variable without a value is nearly always a whole path.
    path.is_none_or(|path| path.value.text().is_none_or(|path| path.starts_with('/')))
}

/// Whether an instruction works in the working directory.
pub(crate) fn leans(file: &File<'_>, index: usize, instruction: &Instruction) -> bool {
    match (instruction.keyword, &instruction.arguments) {
        (Keyword::Workdir, _) => true,
        (Keyword::Copy | Keyword::Add, _) => {
            instruction.destination().is_some_and(|path| !path.text.starts_with(['/', '$']))
        }
        (Keyword::Run, _) => file.scripts[index].iter().any(script_leans),
        (Keyword::Cmd | Keyword::Entrypoint, _) => {
            // A script of the build context, which asks for the directory that the container starts in.
            let called = file.context_files().scripts(file, index);
            file.scripts[index].iter().any(script_leans)
                || called.iter().filter_map(CalledScript::parse).any(|script| {
                    ["$PWD", "${PWD}", "$(pwd)"].iter().any(|own| script.text.contains(own)) || script_leans(&script)
                })
        }
        _ => false,
    }
}

fn script_leans(script: &ShellScript) -> bool {
    let (mut leans, mut moved) = (script.list.is_err(), false);
    script.visit(&mut |command, _| {
        if command.name().is_some_and(|name| name == "cd") {
            moved |= command.args().first().is_some_and(|word| word.text.starts_with(['/', '~', '$', '"']));
        }
        leans |= !moved && command_leans(command);
    });
    leans
}

/// Programs that read or write the working directory without being told.
const LOCAL: &[&str] = &[
    "ant", "bower", "bundle", "cargo", "cmake", "composer", "gradle", "gradlew", "grunt", "gulp", "make", "meson",
    "mix", "mvn", "mvnw", "ninja", "phpize", "pnpm", "rails", "rake", "sbt", "yarn",
];

fn command_leans(command: &SimpleCommand) -> bool {
    let Some(name) = command.name() else { return false };
    let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let has = |word: &str| words.contains(&word);
    let program = file_name(&name);
    match program {
        "npm" | "yarn" | "pnpm" => {
            !(has("-g")
                || has("--global")
                || has("global")
                || has("config")
                || has("cache")
                || has("-v")
                || has("--version"))
        }
        "go" => {
            !words.first().is_some_and(|verb| matches!(*verb, "install" | "get" | "env" | "version")) || has("./...")
        }
        "cargo" => words.first() != Some(&"install") || has("--path"),
        "java" => java_leans(&words) || command.args().iter().any(is_relative),
        "pip" | "pip3" => has("-e") || command.args().iter().any(is_relative),
        "git" => words.first() == Some(&"clone") && !words.iter().skip(1).any(|word| word.starts_with(['/', '$'])),
        "curl" => {
            has("-O")
                || words.iter().any(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('O'))
        }
        "wget" => !words.iter().any(|word| word.starts_with("-O") || word.starts_with("-qO") || *word == "-P"),
        "tar" | "unzip" => {
            !words.iter().any(|word| matches!(*word, "-C" | "-d" | "--directory") || word.starts_with("--directory="))
        }
        _ if LOCAL.contains(&program) => true,
        _ if name.starts_with("./") => true,
        _ => command.args().iter().any(is_relative),
    }
}

/// Whether a class path has an entry without a leading slash: `-cp app:app/lib/*`.
fn java_leans(words: &[&str]) -> bool {
    let class_path = words.windows(2).filter(|pair| matches!(pair[0], "-cp" | "-classpath" | "--class-path"));
    let joined = words.iter().filter_map(|word| word.strip_prefix("--class-path="));
    class_path.map(|pair| pair[1]).chain(joined).any(|path| {
        path.trim_matches(['"', '\'']).split(':').any(|entry| !entry.is_empty() && !entry.starts_with(['/', '$']))
    })
}

/// A word that names a file from where one stands: `./a`, `src/a`, `app.py`.
fn is_relative(word: &ShellWord) -> bool {
    const ENDINGS: &[&str] =
        &[".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".jar", ".sh", ".json", ".txt", ".yml", ".yaml"];
    let text = word.text.trim_matches(['"', '\'']);
    let is_path = !text.starts_with(['/', '-', '$', '~', '@', '%', '+'])
        && !text.contains("://")
        && !text.contains(['=', '*', '{', '(', '|', ';', ' ', ':', '<', '>', '^', '\\']);
    let file = ENDINGS.iter().any(|ending| text.ends_with(ending));
    text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") || (is_path && file)
}
