//! Which shell reads the shell-form commands of each instruction.

use crate::dockerfile::{BaseImage, Dockerfile, Stage};
use crate::image_ref::ImageRef;
use crate::instruction::{Arguments, JsonString};
use crate::shell::Dialect;

/// The shell that an instruction's shell-form command is handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellInForce {
    /// Its language.
    pub dialect: Dialect,
    /// Index of the SHELL instruction that set it; `None` for Docker's default (`/bin/sh -c`, `cmd /S /C` on Windows)
    /// and for what a base image may have set.
    pub set_by: Option<usize>,
}

impl Dockerfile {
    /// The shell in force at each instruction, by its index. An ARG before the first FROM has Docker's default.
    #[must_use]
    pub fn shells(&self) -> Vec<ShellInForce> {
        let mut shells = vec![ShellInForce { dialect: Dialect::Sh, set_by: None }; self.global_args().len()];
        let mut ends: Vec<ShellInForce> = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let mut current = match stage.base {
                BaseImage::Stage(index) => ends[index].clone(),
                _ if self.is_windows(stage) => ShellInForce { dialect: Dialect::Other("cmd".to_owned()), set_by: None },
                _ => ShellInForce { dialect: Dialect::Sh, set_by: None },
            };
            for index in stage.instructions.clone() {
                if let Arguments::Shell(words) = &self.instructions[index].arguments {
                    current = ShellInForce { dialect: dialect_of(words), set_by: Some(index) };
                }
                shells.push(current.clone());
            }
            ends.push(current);
        }
        shells
    }

    /// Whether the stage's own FROM names a Windows image or platform.
    #[must_use]
    pub fn is_windows(&self, stage: &Stage) -> bool {
        let platform = self.instructions[stage.instructions.start].flags.iter().find(|flag| flag.name == "platform");
        let platform = platform.and_then(|flag| flag.value.as_ref());
        if platform.is_some_and(|value| value.text.to_ascii_lowercase().starts_with("windows")) {
            return true;
        }
        let (text, _) = stage.image.inner();
        let Ok(image) = ImageRef::parse(text) else { return false };
        let name = format!("{image}").to_ascii_lowercase();
        image.path.text.starts_with("windows/")
            || ["nanoserver", "windowsservercore", "servercore"].iter().any(|part| name.contains(part))
    }
}

/// The language of a SHELL instruction's command.
fn dialect_of(words: &[JsonString]) -> Dialect {
    let mut names = words.iter().map(|word| program(&word.value));
    let mut name = names.next().unwrap_or_default();
    // `env bash` and `busybox sh` run the program that follows.
    if matches!(name.as_str(), "env" | "busybox" | "busybox.static") {
        name = names.find(|name| !name.starts_with('-') && !name.contains('=')).unwrap_or(name);
    }
    match name.as_str() {
        "sh" | "ash" | "dash" => Dialect::Sh,
        "bash" => Dialect::Bash,
        _ => Dialect::Other(name),
    }
}

/// The name of a program without directory and `.exe`, in lower case.
fn program(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use crate::parse;
    use crate::shell::Dialect;

    fn dialects(text: &str) -> Vec<Dialect> {
        parse(text).unwrap().shells().into_iter().map(|shell| shell.dialect).collect()
    }

    #[test]
    fn follows_shell_instructions_through_stages() {
        let text = "ARG X\nFROM a AS b\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN x\nFROM b\nRUN x\nFROM c\nRUN x\n";
        use Dialect::{Bash, Sh};
        assert_eq!(dialects(text), [Sh, Sh, Bash, Bash, Bash, Bash, Sh, Sh]);
    }

    #[test]
    fn tells_shells_apart() {
        for (shell, dialect) in [
            (r#"["/usr/bin/env", "-S", "bash", "-c"]"#, Dialect::Bash),
            (r#"["/busybox", "sh", "-c"]"#, Dialect::Sh),
            (r#"["ash"]"#, Dialect::Sh),
            (r#"["C:\\Windows\\PowerShell.EXE", "-Command"]"#, Dialect::Other("powershell".into())),
        ] {
            assert_eq!(dialects(&format!("FROM a\nSHELL {shell}\n"))[1], dialect, "{shell}");
        }
    }

    #[test]
    fn knows_windows_images() {
        let cmd = Dialect::Other("cmd".into());
        for from in
            ["mcr.microsoft.com/windows/servercore:ltsc2022", "--platform=windows/amd64 x", "golang:1-nanoserver"]
        {
            assert_eq!(dialects(&format!("FROM {from}\n"))[0], cmd, "{from}");
        }
        assert_eq!(dialects("FROM windowsill/app\n")[0], Dialect::Sh);
    }
}
