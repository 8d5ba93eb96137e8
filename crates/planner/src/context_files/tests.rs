use std::cell::OnceCell;

use wolfify_mappings::Mappings;
use wolfify_syntax::Dockerfile;

use super::*;
use crate::context::BuildContext;
use crate::options::Options;
use crate::stages::{Base, StageModel};

/// A context whose files hold their own path.
struct Listed(&'static [&'static str]);

impl BuildContext for Listed {
    fn read(&self, path: &str) -> Option<String> {
        self.0.contains(&path).then(|| format!("#!/bin/sh\n# {path}\n"))
    }

    fn list(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}

fn with_file<T>(text: &str, paths: &'static [&'static str], action: impl FnOnce(&File<'_>) -> T) -> T {
    let dockerfile: Dockerfile = wolfify_syntax::parse(text).unwrap();
    let evaluation = dockerfile.evaluate();
    let mappings = Mappings::default();
    let (options, context) = (Options::default(), Listed(paths));
    let lineage = crate::lineage::Lineage::default();
    let model = StageModel { source: None, distro: None, base: Base::Left(String::new()), migrates: true };
    let shells = crate::shells::shells(&dockerfile);
    let scripts = crate::scripts::read(text, &dockerfile, &shells, |_| true);
    let file = File {
        text,
        line_starts: crate::script::line_starts(text),
        dockerfile: &dockerfile,
        mappings: &mappings,
        options: &options,
        lineage: &lineage,
        kin: &[],
        stages: vec![model; dockerfile.stages.len()],
        bottoms: Vec::new(),
        before: Vec::new(),
        memo: Default::default(),
        evaluation: &evaluation,
        shells,
        scripts,
        context: &context,
        context_files: OnceCell::new(),
    };
    action(&file)
}

/// The context paths of the scripts that the last instruction calls.
fn called(text: &str, paths: &'static [&'static str]) -> Vec<String> {
    with_file(text, paths, |file| {
        let last = file.dockerfile.instructions.len() - 1;
        let scripts = file.context_files().scripts(file, last);
        scripts.iter().map(|script| script.file.name().to_owned()).collect()
    })
}

#[test]
fn a_file_under_its_own_or_another_name() {
    let paths = &["docker/entry.sh", "a.sh"];
    for copy in [
        "COPY docker/entry.sh /entry.sh",
        "COPY docker/entry.sh /",
        "COPY docker /",
        "COPY docker/*.sh /",
        "COPY [\"docker/entry.sh\", \"a.sh\", \"/\"]",
        "ADD ./docker/entry.sh /entry.sh",
        "ENV D=docker\nCOPY $D/entry.sh /",
    ] {
        let text = format!("FROM a\n{copy}\nENTRYPOINT [\"/entry.sh\"]\n");
        assert_eq!(called(&text, paths), ["docker/entry.sh"], "{copy}");
    }
    let renamed = "FROM a\nCOPY docker/entry.sh /usr/local/bin/start\nCMD start\n";
    assert_eq!(called(renamed, paths), ["docker/entry.sh"]);
    let into = "FROM a\nCOPY docker/entry.sh /usr/local/bin\nCMD entry.sh\n";
    assert_eq!(called(into, paths), ["docker/entry.sh"]);
}

#[test]
fn relative_paths_follow_workdir_and_cd() {
    let paths = &["install.sh", "sub/x.sh"];
    assert_eq!(called("FROM a\nWORKDIR /app\nCOPY . .\nRUN ./install.sh\n", paths), ["install.sh"]);
    assert_eq!(called("FROM a\nWORKDIR /app\nCOPY . .\nRUN cd sub && sh x.sh\n", paths), ["sub/x.sh"]);
    assert_eq!(called("FROM a\nWORKDIR /app\nWORKDIR sub\nCOPY sub .\nRUN bash ./x.sh\n", paths), ["sub/x.sh"]);
    assert_eq!(called("FROM a\nWORKDIR /app\nCOPY . .\nRUN cd $X && ./install.sh\n", paths), [""; 0]);
}

#[test]
fn stages_mounts_and_moves() {
    let paths = &["install.sh"];
    for text in [
        "FROM a AS b\nCOPY install.sh /s/\nFROM c\nCOPY --from=b /s/install.sh /x\nRUN /x\n",
        "FROM a AS b\nCOPY install.sh /s/\nFROM c\nCOPY --from=0 /s /t\nRUN /t/install.sh\n",
        "FROM a AS b\nWORKDIR /s\nCOPY install.sh .\nFROM b\nRUN ./install.sh\n",
        "FROM a\nRUN --mount=type=bind,source=.,target=/m /m/install.sh\n",
        "FROM a\nRUN --mount=source=install.sh,target=/tmp/i.sh sh /tmp/i.sh\n",
        "FROM a\nCOPY install.sh /tmp/\nRUN mv /tmp/install.sh /usr/local/bin/setup\nRUN setup\n",
        "FROM a\nCOPY install.sh /tmp/\nRUN cd /opt && cp /tmp/install.sh . && ln -s /opt/install.sh /go\nRUN /go\n",
    ] {
        assert_eq!(called(text, paths), ["install.sh"], "{text}");
    }
}

#[test]
fn a_here_document_is_a_file() {
    let text = "FROM a\nCOPY <<-EOF /run.sh\n\t#!/bin/bash\n\techo\n\tEOF\nCMD [\"/run.sh\"]\n";
    let found = with_file(text, &[], |file| file.context_files().scripts(file, 2));
    assert_eq!(found.len(), 1);
    assert_eq!(&*found[0].file.text, "#!/bin/bash\necho\n");
    assert_eq!((found[0].file.name(), &found[0].interpreter), ("the here-document", &Interpreter::Bash));
}

#[test]
fn what_something_else_brought_is_not_known() {
    let paths = &["run.sh", "x/run.sh", "a.tar"];
    for text in [
        "FROM a\nRUN /run.sh\nCOPY run.sh /\n",
        "FROM a\nCOPY run.sh /\nCOPY --from=other /run.sh /run.sh\nRUN /run.sh\n",
        "FROM a\nADD https://example.com/run.sh /run.sh\nRUN /run.sh\n",
        "FROM a\nADD a.tar /run.sh\nRUN /run.sh\n",
        "FROM a\nCOPY $X /run.sh\nRUN python3 /run.sh\n",
    ] {
        let instruction = if text.ends_with("COPY run.sh /\n") { 1 } else { usize::MAX };
        let found = with_file(text, paths, |file| {
            let last = instruction.min(file.dockerfile.instructions.len() - 1);
            file.context_files().scripts(file, last)
        });
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn the_last_copy_wins() {
    let paths = &["old/run.sh", "new/run.sh"];
    let text = "FROM a\nCOPY old/run.sh /run.sh\nCOPY new /\nRUN /run.sh\n";
    assert_eq!(called(text, paths), ["new/run.sh"]);
    let text = "FROM a\nCOPY new /\nCOPY old/run.sh /run.sh\nRUN /run.sh\n";
    assert_eq!(called(text, paths), ["old/run.sh"]);
}

#[test]
fn patterns_match_whole_names() {
    assert!(matches("*.sh", "a.sh") && matches("docker-*-x?.sh", "docker-a-b-x1.sh") && matches("*", ""));
    assert!(!matches("*.sh", "a.sh.orig") && !matches("a?", "a") && !matches("", "a"));
}
