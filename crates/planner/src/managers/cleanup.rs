//! Commands that only remove what a package manager left behind.

use wolfify_syntax::shell::SimpleCommand;

use super::paths::{ManagedPath, managed_path};
use super::text::Text;

/// A command that removes files of package managers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleanup {
    /// How it removes.
    pub tool: CleanupTool,
    /// The words that name files of package managers, and what lies there.
    pub managed: Vec<(usize, ManagedPath)>,
    /// The words that name other files.
    pub others: Vec<usize>,
    /// Whether it also succeeds where the files do not exist: `rm -f` does, `rm -r` and `find` do not.
    pub succeeds_without_files: bool,
}

/// How a [`Cleanup`] removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanupTool {
    /// `rm`: single operands may be taken out.
    Rm,
    /// `find … -delete`, `find … -exec rm`: single starting points may be taken out.
    Find,
}

impl Cleanup {
    /// Whether every file it removes is one of a package manager, so that the whole command may go.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.others.is_empty()
    }

    /// Whether all managed files are caches and logs, which no later command can miss.
    #[must_use]
    pub fn only_caches(&self) -> bool {
        self.managed.iter().all(|(_, path)| path.role.is_cache())
    }
}

/// What `command` removes, when it names files of a package manager; `None` when it names none or is not understood.
#[must_use]
pub fn is_index_cleanup(command: &SimpleCommand) -> Option<Cleanup> {
    let name = command.name()?;
    let first = command.name_index + 1;
    let texts: Vec<Text> = command.words.iter().map(Text::of).collect();
    let found = match name.as_str() {
        "rm" => rm(&texts, first)?,
        "find" => find(&texts, first)?,
        _ => return None,
    };
    (!found.managed.is_empty()).then_some(found)
}

/// rm(1) of coreutils and BusyBox.
fn rm(texts: &[Text], first: usize) -> Option<Cleanup> {
    let mut operands = Vec::new();
    let mut force = false;
    let mut options = true;
    for (index, text) in texts.iter().enumerate().skip(first) {
        let pattern = text.pattern();
        match pattern {
            "--" if options => options = false,
            _ if options && pattern.starts_with("--") => {
                force |= pattern == "--force";
                is_rm_option(pattern).then_some(())?;
            }
            _ if options && pattern.len() > 1 && pattern.starts_with('-') => {
                force |= pattern.contains('f');
                pattern[1..].chars().all(|c| "rRfvdiI".contains(c)).then_some(())?;
            }
            _ => operands.push(index),
        }
    }
    Some(sorted(CleanupTool::Rm, texts, &operands, force))
}

fn is_rm_option(option: &str) -> bool {
    ["--recursive", "--force", "--verbose", "--dir", "--one-file-system", "--no-preserve-root", "--preserve-root"]
        .contains(&option)
        || option.starts_with("--interactive")
}

/// find(1): starting points, then the expression. Only one that removes what it finds is taken.
fn find(texts: &[Text], first: usize) -> Option<Cleanup> {
    let begins_expression = |text: &Text| text.pattern().starts_with(['-', '(', '!']);
    let is_global = |text: &Text| matches!(text.pattern(), "-H" | "-L" | "-P");
    let start = first + texts[first..].iter().take_while(|text| is_global(text)).count();
    let end = start + texts[start..].iter().take_while(|text| !begins_expression(text)).count();
    let expression: Vec<&str> = texts[end..].iter().map(Text::pattern).collect();
    let deletes = expression.contains(&"-delete");
    let removes = expression.windows(2).any(|w| w[0].starts_with("-exec") && (w[1] == "rm" || w[1] == "/bin/rm"));
    let writes =
        expression.iter().any(|word| word.starts_with("-fprint") || *word == "-fls" || word.starts_with("-ok"));
    if !(deletes || removes) || writes {
        return None;
    }
    let operands: Vec<usize> = (start..end).collect();
    Some(sorted(CleanupTool::Find, texts, &operands, false))
}

fn sorted(tool: CleanupTool, texts: &[Text], operands: &[usize], force: bool) -> Cleanup {
    let mut cleanup = Cleanup { tool, managed: Vec::new(), others: Vec::new(), succeeds_without_files: force };
    for &index in operands {
        match managed_path(&texts[index]) {
            Some(path) => cleanup.managed.push((index, path)),
            None => cleanup.others.push(index),
        }
    }
    cleanup
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managers::tests::words::command;

    fn cleanup(line: &str) -> Option<Cleanup> {
        is_index_cleanup(&command(line))
    }

    #[test]
    fn whole_commands() {
        for line in [
            "rm -rf /var/lib/apt/lists/*",
            "rm -r /var/lib/apt/lists/*",
            "rm -fr /var/lib/apt/lists/*",
            "rm -Rf /var/lib/apt/lists",
            "rm --recursive --force /var/lib/apt/lists/*",
            "rm -r -f -v /var/lib/apt/lists /var/cache/apt/*",
            "rm -rf -- /var/lib/apt/lists/*",
            "rm /var/lib/apt/lists/* -rf",
            "/bin/rm -rf /var/cache/yum",
            "sudo rm -rf /var/lib/apt/lists/*",
            "rm -rf /var/cache/apk/*",
            "rm -rf /var/cache/dnf /var/cache/yum",
            "rm -rf /var/cache/debconf/*-old /var/log/dpkg.log",
            "find /var/lib/apt/lists -type f -delete",
            "find /var/lib/apt/lists -mindepth 1 -delete -print",
            "find -L /var/lib/apt/lists /var/cache/apt -type f -exec rm {} +",
        ] {
            let found = cleanup(line).unwrap_or_else(|| panic!("{line}"));
            assert!(found.is_complete() && found.only_caches(), "{line}");
        }
    }

    #[test]
    fn other_operands_stay() {
        let found = cleanup("rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/* /var/cache/apt").expect("a cleanup");
        assert_eq!(found.managed.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(found.others, [3, 4]);
        assert!(!found.is_complete() && found.succeeds_without_files);
    }

    #[test]
    fn without_force_it_fails_where_nothing_is() {
        assert!(!cleanup("rm -r /var/lib/apt/lists/*").expect("a cleanup").succeeds_without_files);
        assert!(!cleanup("find /var/lib/apt/lists -delete").expect("a cleanup").succeeds_without_files);
    }

    #[test]
    fn configuration_is_no_cache() {
        let found = cleanup("rm -f /etc/apt/apt.conf.d/docker-clean").expect("a cleanup");
        assert!(found.is_complete() && !found.only_caches());
        let found = cleanup("rm -rf /etc/apk/keys/x").expect("a cleanup");
        assert!(found.managed[0].1.shared_with_wolfi);
    }

    #[test]
    fn what_is_no_cleanup() {
        for line in [
            "rm -rf /tmp/*",
            "rm --frob /var/lib/apt/lists/*",
            "rm -rfx /var/lib/apt/lists",
            "find /var/lib/apt/lists",
            "find /usr -name '*.pyc' -delete",
            "ls /var/lib/apt/lists",
            "rm -rf $DIR",
            "find . -delete",
            "rm",
            "find /var/lib/apt/lists -fprint /x -delete",
        ] {
            assert_eq!(cleanup(line), None, "{line}");
        }
    }
}
