//! What lies in the home directory of root, in containers that are not root's any more.

mod mounts;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::{ShellWord, SimpleCommand};
use wolfify_syntax::{Arguments, CommandForm, Instruction, Keyword, Transfer, Word};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::references::used_stages;
use crate::rule::Rule;
use crate::rules::root_user;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "root-home",
    summary: "what lies in the home directory of root, in a container that is not root's any more",
    level: Level::Error,
    docs: "\
## What it finds

In a stage whose container ran as root and does not any more: a COPY into `/root`, a variable or a start command that names
something there, a volume there, a comment that tells people to mount something there, and tools that download to the home
directory of whoever calls them (browsers of Playwright, Puppeteer and Cypress, data of NLTK, models of Hugging Face and
PyTorch, `pip install --user`, Maven's and Gradle's caches where the container builds when it starts).

## Why it matters on Wolfi

Nearly all Chainguard images run as uid 65532, whose home is another one, and nobody but root may enter `/root`. The build
succeeds, and the container does not find what it needs.

## What it does

In a stage that runs nothing, `/root` becomes the home of the new image's user, and what is copied there belongs to that user.
For tools that only read their downloads when the container runs, a variable says to put them where everybody can read
them. Everything else is an error that says what to set.

## Example

```dockerfile
FROM python:3.13 AS build
COPY requirements.txt .
RUN pip install --user -r requirements.txt

FROM python:3.13-slim
COPY --from=build /root/.local /root/.local
ENV PATH=/root/.local/bin:$PATH
COPY app.py /app.py
CMD [\"python\", \"/app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev AS build
COPY requirements.txt .
USER root
RUN pip install --user -r requirements.txt

FROM cgr.dev/chainguard/python:latest
COPY --from=build --chown=65532:65532 /root/.local /home/nonroot/.local
ENV PATH=/home/nonroot/.local/bin:$PATH
COPY app.py /app.py
ENTRYPOINT [\"python\", \"/app.py\"]
```
",
};

/// Looks at the stages that people run and the planner does not rebuild.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    for (stage, used) in used_stages(file).into_iter().enumerate() {
        let is_image = stage + 1 == file.stages.len() || !used;
        let planned = draft.builder == Some(stage) || draft.settled_stage == Some(stage);
        if !is_image || !file.stages[stage].migrates || file.is_kin(stage) || draft.kept_root.contains(&stage) {
            continue;
        }
        let effective = &file.before[stage];
        if effective.user.instruction.is_some() || effective.is_root() == Some(false) {
            continue;
        }
        let runtime = draft.runtime_image.as_deref().filter(|_| draft.builder == Some(stage));
        let Some(user) = User::of(file, stage, runtime) else { continue };
        mounts::check(file, draft, stage, &user);
        if planned {
            continue;
        }
        let runs = |stage: usize| {
            let mut body = file.body(stage);
            body.any(|(index, _)| file.is(index, Keyword::Run) && !draft.dropped_instructions.contains(&index))
        };
        if file.chain(stage).any(runs) {
            downloads(file, draft, stage, &user, insertions);
        } else {
            move_home(file, draft, stage, &user);
        }
    }
}

/// Whether a path is root's home or lies in it.
pub(crate) fn in_home(path: &str) -> bool {
    path.strip_prefix("/root").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The user of a new image that does not run as root.
struct User {
    uid: u32,
    home: String,
}

impl User {
    /// The user of a stage's image, or of the image that runs what the stage builds.
    fn of(file: &File<'_>, stage: usize, runtime: Option<&str>) -> Option<Self> {
        let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return None };
        let image = runtime.unwrap_or(&target.image);
        let uid = root_user::run_as(file, image);
        let config = file.mappings.image_config(image, crate::effective::variant(&target.tag, false))?;
        (uid != 0 && config.home.starts_with("/home/")).then_some(Self { uid, home: config.home })
    }
}

/// A stage that runs nothing: root's home becomes the user's.
fn move_home(file: &File<'_>, draft: &mut Draft, stage: usize, user: &User) {
    let mut found: Vec<(TextRange, Vec<Edit>)> = Vec::new();
    for (_, instruction) in file.body(stage).filter(|(index, _)| !draft.dropped_instructions.contains(index)) {
        let mut edits: Vec<Edit> = Vec::new();
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Copy | Keyword::Add, Arguments::Transfer(Transfer::Plain(words))) => {
                let Some(edit) = words.last().and_then(|word| in_word(file, word, user)) else { continue };
                edits.extend(owner(instruction, words, user));
                edits.push(edit);
            }
            (Keyword::Workdir, Arguments::Words(words)) => {
                edits.extend(words.first().and_then(|word| in_word(file, word, user)));
            }
            (Keyword::Env, Arguments::Pairs(pairs)) => {
                let values = pairs.iter().filter_map(|pair| pair.value.as_ref());
                edits.extend(values.filter_map(|value| in_word(file, value, user)));
            }
            (
                Keyword::Cmd | Keyword::Entrypoint,
                Arguments::Command(CommandForm::Exec { range, .. } | CommandForm::Shell { range, .. }),
            ) => edits.extend(in_range(file, *range, user)),
            _ => {}
        }
        if !edits.is_empty() {
            found.push((instruction.range, edits));
        }
    }
    let taken = |edit: &Edit| {
        let edits = draft.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
        edits.into_iter().any(|other| {
            edit.range.intersect(other.range).is_some_and(|both| !both.is_empty() || edit.range.is_empty())
        })
    };
    if found.is_empty() || found.iter().flat_map(|(_, edits)| edits).any(taken) {
        return;
    }
    draft.moved_homes.insert(stage);
    let message = format!(
        "only root can enter `/root`; `{}` is the home of uid {}, who runs the container now",
        user.home, user.uid
    );
    for (range, edits) in found {
        draft.report(&RULE, Level::Warning, range, message.clone(), Some(("Use the user's home", edits)));
    }
}

/// `--chown` for what is copied to the home, unless the author says whose it is.
fn owner(instruction: &Instruction, words: &[Word], user: &User) -> Option<Edit> {
    if instruction.flag("chown").is_some() {
        return None;
    }
    let option = format!("--chown={0}:{0} ", user.uid);
    let first = words.first()?;
    Some(Edit::insert(first.range.start(), option))
}

fn in_word(file: &File<'_>, word: &Word, user: &User) -> Option<Edit> {
    word.contiguous.then(|| in_range(file, word.range, user)).flatten()
}

/// A text with the user's home in the place of root's.
fn in_range(file: &File<'_>, range: TextRange, user: &User) -> Option<Edit> {
    let text = &file.text[range];
    let mut new = String::with_capacity(text.len());
    let mut last = 0;
    for (at, found) in text.match_indices("/root") {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        let starts = before.is_none_or(|c| matches!(c, '"' | '\'' | ':' | '=' | ' ' | ','));
        let ends = after.is_none_or(|c| matches!(c, '/' | '"' | '\'' | ':' | ' ' | ','));
        if starts && ends {
            new.push_str(&text[last..at]);
            new.push_str(&user.home);
            last = at + found.len();
        }
    }
    new.push_str(&text[last..]);
    (new != text).then(|| Edit::replace(range, new))
}

/// A tool that keeps what it downloads in the home of whoever calls it.
struct Tool {
    /// What has to stand in the command, every one of these.
    words: &'static [&'static str],
    /// What it puts there.
    what: &'static str,
    /// A variable that says where else.
    variable: &'static str,
    /// A directory that everybody can read, where the container only reads it.
    place: &'static str,
    /// What to do where a variable alone does not help.
    advice: &'static str,
    /// A directory that the tool takes for its downloads when it is there.
    directory: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        words: &["playwright", "install"],
        what: "browsers",
        variable: "PLAYWRIGHT_BROWSERS_PATH",
        place: "/opt/ms-playwright",
        advice: "",
        directory: "",
    },
    Tool {
        words: &["puppeteer", "browsers", "install"],
        what: "browsers",
        variable: "PUPPETEER_CACHE_DIR",
        place: "/opt/puppeteer",
        advice: "",
        directory: "",
    },
    Tool {
        words: &["cypress", "install"],
        what: "the program itself",
        variable: "CYPRESS_CACHE_FOLDER",
        place: "/opt/cypress",
        advice: "",
        directory: "",
    },
    Tool {
        words: &["nltk.download"],
        what: "NLTK's data",
        variable: "NLTK_DATA",
        place: "",
        advice: "",
        directory: NLTK,
    },
    Tool {
        words: &["nltk.downloader"],
        what: "NLTK's data",
        variable: "NLTK_DATA",
        place: "",
        advice: "",
        directory: NLTK,
    },
    Tool {
        words: &["from_pretrained("],
        what: "models",
        variable: "HF_HOME",
        place: "",
        advice: MODELS,
        directory: "",
    },
    Tool {
        words: &["SentenceTransformer("],
        what: "models",
        variable: "HF_HOME",
        place: "",
        advice: MODELS,
        directory: "",
    },
    Tool {
        words: &["snapshot_download("],
        what: "models",
        variable: "HF_HOME",
        place: "",
        advice: MODELS,
        directory: "",
    },
    Tool {
        words: &["huggingface-cli", "download"],
        what: "models",
        variable: "HF_HOME",
        place: "",
        advice: MODELS,
        directory: "",
    },
    Tool { words: &["hf", "download"], what: "models", variable: "HF_HOME", place: "", advice: MODELS, directory: "" },
    Tool { words: &["torch.hub."], what: "models", variable: "TORCH_HOME", place: "", advice: MODELS, directory: "" },
    Tool {
        words: &["whisper.load_model("],
        what: "models",
        variable: "XDG_CACHE_HOME",
        place: "",
        advice: MODELS,
        directory: "",
    },
    Tool {
        words: &["pip", "install", "--user"],
        what: "the packages",
        variable: "PYTHONUSERBASE",
        place: "",
        advice: "install into a virtual environment, or leave out `--user`",
        directory: "",
    },
    Tool {
        words: &["pip3", "install", "--user"],
        what: "the packages",
        variable: "PYTHONUSERBASE",
        place: "",
        advice: "install into a virtual environment, or leave out `--user`",
        directory: "",
    },
];

/// NLTK downloads to the first of its own directories that is there and can be written to, and looks in all of them.
const NLTK: &str = "/usr/share/nltk_data";

const MODELS: &str = "set it to a directory that belongs to the container's user, who writes to it as well";

/// Build tools that a container starts, with what of theirs lies in the home.
const BUILDS: &[(&[&str], &str, &str)] = &[
    (&["mvn", "mvnw"], "/root/.m2", "MAVEN_ARGS=-Dmaven.repo.local=/opt/m2"),
    (&["gradle", "gradlew"], "/root/.gradle", "GRADLE_USER_HOME=/opt/gradle-home"),
];

/// What the RUNs of a stage leave in root's home and its container looks for.
fn downloads(file: &File<'_>, draft: &mut Draft, stage: usize, user: &User, insertions: &mut Insertions) {
    let mut settled: Vec<&'static str> = Vec::new();
    for index in file.chain(stage).flat_map(|stage| file.dockerfile.stages[stage].instructions.clone()) {
        let instruction = file.instruction(index);
        if draft.dropped_instructions.contains(&index) {
            continue;
        }
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Run, _) => run(file, draft, (stage, index), user, &mut settled, insertions),
            (Keyword::Copy | Keyword::Add, Arguments::Transfer(Transfer::Plain(words))) => {
                let last = words.last().filter(|word| in_range(file, word.range, user).is_some());
                if let Some(word) = last {
                    let message = format!(
                        "only root can enter `/root`, and the container runs as uid {}: copy this to `{}`, with `--chown={2}:{2}`, if \
                         the container looks for it",
                        user.uid, user.home, user.uid
                    );
                    draft.report(&RULE, Level::Warning, word.range, message, None);
                }
            }
            _ => {}
        }
    }
}

fn run(
    file: &File<'_>,
    draft: &mut Draft,
    (stage, index): (usize, usize),
    user: &User,
    settled: &mut Vec<&'static str>,
    insertions: &mut Insertions,
) {
    let mut found: Vec<(TextRange, Option<&'static Tool>, String)> = Vec::new();
    for script in &file.scripts[index] {
        script.visit(&mut |command, _| {
            let range = command.span.range;
            if let Some(tool) = TOOLS.iter().find(|tool| uses(command, tool)) {
                found.push((range, Some(tool), String::new()));
            } else if let Some((place, variable)) = build_of(file, stage, command)
                && !settled.contains(&place)
            {
                // Once for all steps of the build.
                settled.push(place);
                found.push((range, None, format!("`{place}` (say, `{variable}`)")));
            }
        });
    }
    found.dedup_by_key(|(_, tool, text)| (tool.map(|tool| tool.variable), text.clone()));
    for (range, tool, text) in found {
        let Some(tool) = tool else {
            let message = format!(
                "this fills the cache of the build tool that the container starts, in root's home; uid {} starts it with another \
                 one: set a place for it that is not in {text}, and give it to that user",
                user.uid
            );
            draft.report(&RULE, Level::Warning, range, message, None);
            continue;
        };
        if settled.contains(&tool.variable) || sets(file, index, tool.variable) || sets(file, index, "HOME") {
            continue;
        }
        settled.push(tool.variable);
        let lost = format!(
            "this puts {} into root's home, which uid {}, who runs the container, cannot enter",
            tool.what, user.uid
        );
        if !tool.directory.is_empty() {
            let home = file.dockerfile.stage_of(index).map_or(stage, |stage| stage.index);
            let line = format!("{} mkdir -p {}", file.keyword(home, "RUN"), tool.directory);
            let message =
                format!("{lost}; `{}` is where it puts and looks for them as well, if it is there", tool.directory);
            let finding = LineFinding {
                rule: &RULE,
                level: Level::Warning,
                message,
                title: "Make the directory".to_owned(),
                range,
            };
            insertions.add(file.line_before(index), Order::Setup, line, finding);
            continue;
        }
        if tool.place.is_empty() {
            let message = format!("{lost}: {} is the variable for another place; {}", tool.variable, tool.advice);
            draft.report(&RULE, Level::Error, range, message, None);
            continue;
        }
        let home = file.dockerfile.stage_of(index).map_or(stage, |stage| stage.index);
        let line = format!("{} {}={}", file.keyword(home, "ENV"), tool.variable, tool.place);
        let finding = LineFinding {
            rule: &RULE,
            level: Level::Warning,
            message: format!("{lost}; {} says where everybody can read it", tool.variable),
            title: format!("Set {}", tool.variable),
            range,
        };
        insertions.add(file.line_before(index), Order::Environment, line, finding);
    }
}

/// Whether a command has all the words of a tool in it, each as a word of its own or, with a bracket or a dot, as a part.
fn uses(command: &SimpleCommand, tool: &Tool) -> bool {
    let texts: Vec<String> =
        command.words.iter().map(|word| word.literal().unwrap_or_else(|| word.text.clone())).collect();
    let elsewhere = !tool.directory.is_empty()
        && texts
            .iter()
            .any(|text| text.starts_with("-d") || text.contains("download_dir") || text.starts_with("--dir"));
    !elsewhere
        && tool.words.iter().all(|wanted| {
            let part = wanted.contains(['(', '.']);
            texts.iter().any(|text| if part { text.contains(wanted) } else { text.rsplit('/').next() == Some(wanted) })
        })
}

/// The cache of a build tool that a RUN calls and the container starts.
fn build_of(file: &File<'_>, stage: usize, command: &SimpleCommand) -> Option<(&'static str, &'static str)> {
    let name = command.name()?;
    let effective = &file.before[stage];
    let starts = [effective.cmd.instruction, effective.entrypoint.instruction];
    let starts = |names: &[&str]| {
        let mut found = false;
        for script in starts.into_iter().flatten().flat_map(|index| &file.scripts[index]) {
            script.visit(&mut |command, _| {
                let words = command.words.iter().filter_map(ShellWord::literal);
                found |= words.into_iter().any(|word| names.contains(&crate::path::file_name(&word)));
            });
        }
        found
    };
    let known = BUILDS.iter().find(|(names, ..)| names.contains(&crate::path::file_name(&name)) && starts(names));
    known.map(|(_, place, variable)| (*place, *variable))
}

/// Whether the file sets a variable that an instruction sees, or the instruction itself does.
fn sets(file: &File<'_>, index: usize, name: &str) -> bool {
    file.declares(index, name) || file.instruction(index).joined.contains(&format!("{name}="))
}
