//! Directories that root makes and that the application has to write to, once it runs as another user.

use std::collections::BTreeSet;

use wolfify_syntax::shell::{ShellScript, ShellWord};
use wolfify_syntax::{Instruction, Keyword};

use crate::file::File;

/// How many directories one stage may have made with `mkdir` before nobody can tell which of them the application needs.
const MAX_MADE: usize = 16;

/// Directories for the user of the container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Directories {
    /// Those that are there.
    pub(crate) made: Vec<String>,
    /// Those that have to be made.
    pub(crate) missing: Vec<String>,
}

impl Directories {
    /// The command that gives them to a user; `None` when there are none.
    pub(crate) fn command(&self, owner: &str) -> Option<String> {
        let all: Vec<&str> = self.made.iter().chain(&self.missing).map(String::as_str).collect();
        if all.is_empty() {
            return None;
        }
        let make = match self.missing.is_empty() {
            true => String::new(),
            false => format!("mkdir -p {} && ", self.missing.join(" ")),
        };
        Some(format!("{make}chown {owner} {}", all.join(" ")))
    }

    /// The directories in a sentence.
    pub(crate) fn names(&self) -> String {
        let all: Vec<String> = self.made.iter().chain(&self.missing).map(|path| format!("`{path}`")).collect();
        all.join(", ")
    }
}

/// The one user that a stage makes and gives files to, although its container ran as root.
pub(crate) fn account(file: &File<'_>, stage: usize) -> Option<String> {
    let (mut made, mut owners) = (BTreeSet::new(), BTreeSet::new());
    for (index, instruction) in file.body(stage) {
        let chown = instruction.flags.iter().filter(|flag| flag.name == "chown");
        owners.extend(chown.filter_map(|flag| Some(user_of(&flag.value.as_ref()?.text))));
        for script in file.scripts[index].iter().filter(|_| file.is(index, Keyword::Run)) {
            script.visit(&mut |command, _| match command.name().as_deref() {
                Some("useradd" | "adduser") => {
                    made.extend(command.args().iter().filter_map(ShellWord::literal).filter(|word| is_name(word)));
                }
                Some("chown") => {
                    let owner = command.args().iter().find(|word| !word.text.starts_with('-'));
                    owners.extend(owner.and_then(ShellWord::literal).map(|owner| user_of(&owner)));
                }
                _ => {}
            });
        }
    }
    let mut both = made.intersection(&owners);
    both.next().filter(|_| both.next().is_none()).cloned()
}

fn user_of(owner: &str) -> String {
    owner.split([':', '.']).next().unwrap_or_default().to_owned()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && word != "root"
}

/// What the user of a stage's container needs of what root has made. `by_root` says which instructions run as root, `last`
/// behind which one the directories are given away.
pub(crate) fn wanted(file: &File<'_>, stage: usize, last: usize, by_root: impl Fn(usize) -> bool) -> Directories {
    let mut found = Directories::default();
    let made = made(file, stage, &by_root);
    let effective = &file.before[stage];
    if let (Some(path), Some(index)) = (effective.workdir.value.as_deref(), effective.workdir.instruction) {
        let mut earlier = file.body(stage).take_while(|(at, _)| *at < index);
        // WORKDIR makes it for the user in force, unless it is there already.
        let of_root = by_root(index) || earlier.any(|(at, instruction)| at != index && brings(instruction, path));
        if of_root && is_own_directory(path) && !is_of_image(file, stage, path) {
            let there =
                file.body(stage).any(|(at, instruction)| at <= last && (at == index || brings(instruction, path)));
            let list = if there { &mut found.made } else { &mut found.missing };
            list.push(path.to_owned());
        }
    }
    for path in made {
        if !found.made.contains(&path) && !found.missing.contains(&path) && !is_of_image(file, stage, &path) {
            found.made.push(path);
        }
    }
    for path in written(file, stage) {
        if !found.made.contains(&path) && !found.missing.contains(&path) {
            found.missing.push(path);
        }
    }
    for volume in &file.before[stage].volumes {
        let (Some(path), Some(index)) = (&volume.value, volume.instruction) else { continue };
        let known = found.made.contains(path) || found.missing.contains(path);
        if !known && is_own_directory(path) && !is_of_image(file, stage, path) && !is_prepared(file, stage, index, path)
        {
            found.missing.push(path.clone());
        }
    }
    found
}

/// Directories that the start command writes files into, as far as it or its scripts say so.
pub(crate) fn written(file: &File<'_>, stage: usize) -> Vec<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let starts = |keyword| matches!(keyword, Keyword::Cmd | Keyword::Entrypoint);
    for (index, _) in file.body(stage).filter(|(_, instruction)| starts(instruction.keyword)) {
        file.scripts[index].iter().for_each(|script| written_by(script, &mut found));
        for called in file.context_files().scripts(file, index).iter() {
            called.parse().iter().for_each(|script| written_by(script, &mut found));
        }
    }
    found.retain(|path| !is_of_image(file, stage, path));
    found.into_iter().take(MAX_MADE).collect()
}

fn written_by(script: &ShellScript, found: &mut BTreeSet<String>) {
    let mut add = |path: &str| {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let of_program = parent.starts_with("/etc/") && crate::words::is_plain(parent);
        if of_program || is_own_directory(parent) {
            found.insert(parent.to_owned());
        }
    };
    script.visit(&mut |command, _| {
        let writes = command.redirects.iter().filter(|redirect| redirect.operator.starts_with('>'));
        writes.filter_map(|redirect| redirect.target.as_ref()?.literal()).for_each(|path| add(&path));
        // In place, by a new file beside the old one.
        let edits = command.name().as_deref() == Some("sed")
            && command.args().iter().any(|word| word.text.starts_with("-i") || word.text.starts_with("--in-place"));
        let operands = command.args().iter().filter(|_| edits).filter_map(ShellWord::literal);
        operands.filter(|path| path.starts_with('/') && !path.contains(' ')).for_each(|path| add(&path));
    });
}

/// Whether something before the start command makes or fills a volume's directory.
pub(crate) fn is_prepared(file: &File<'_>, stage: usize, volume: usize, path: &str) -> bool {
    file.body(stage).any(|(at, instruction)| at != volume && brings(instruction, path))
}

/// Whether the target image has the directory itself, for its own user.
pub(crate) fn is_of_image(file: &File<'_>, stage: usize, path: &str) -> bool {
    let crate::stages::Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    let config = file.mappings.image_config(&target.image, crate::effective::variant(&target.tag, false));
    config.is_some_and(|config| {
        let own = |uid: u32| uid != 0 && Some(uid) == config.uid;
        let home = !config.home.is_empty() && (path == config.home || path.starts_with(&format!("{}/", config.home)));
        home || config.paths.iter().any(|known| known.path == path && own(known.uid))
    })
}

/// Whether an instruction that makes or fills directories names `path` or something below it.
fn brings(instruction: &Instruction, path: &str) -> bool {
    matches!(instruction.keyword, Keyword::Run | Keyword::Copy | Keyword::Add | Keyword::Workdir)
        && names(&instruction.joined, path)
}

fn names(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + path.len()..].chars().next();
        before.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_-./}".contains(c)))
            && after.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
    })
}

/// Directories that a RUN makes as root with `mkdir` and that nothing is put into: they wait for the application.
fn made(file: &File<'_>, stage: usize, by_root: &impl Fn(usize) -> bool) -> Vec<String> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (index, _) in file.body(stage).filter(|(index, _)| file.is(*index, Keyword::Run) && by_root(*index)) {
        for script in &file.scripts[index] {
            script.visit(&mut |command, place| {
                if command.name().as_deref() != Some("mkdir") || !place.roles.is_empty() || found.len() > MAX_MADE {
                    return;
                }
                let operands = command.args().iter().filter(|word| !word.text.starts_with('-'));
                let paths = operands.filter_map(ShellWord::literal).map(|path| path.trim_end_matches('/').to_owned());
                // What lies below /usr is read, not written.
                let own = |path: &String| {
                    is_own_directory(path) && (!path.starts_with("/usr/") || path.starts_with("/usr/src/"))
                };
                found.extend(paths.filter(own).map(|path| (index, path)));
            });
        }
    }
    if found.len() > MAX_MADE {
        return Vec::new();
    }
    let mut paths: Vec<String> = Vec::new();
    for (index, path) in found {
        if !paths.contains(&path) && is_left_empty(file, stage, index, &path) {
            paths.push(path);
        }
    }
    paths
}

/// Whether nothing but the `mkdir`, and what only speaks of the container, names the directory.
fn is_left_empty(file: &File<'_>, stage: usize, made: usize, path: &str) -> bool {
    let elsewhere = file.body(stage).any(|(index, instruction)| index != made && brings(instruction, path));
    let mut again = false;
    for script in &file.scripts[made] {
        script.visit(&mut |command, _| {
            let mut words = command.words.iter().map(|word| word.text.as_str());
            let redirects = command.redirects.iter().filter_map(|redirect| redirect.target.as_ref());
            let named =
                words.any(|word| names(word, path)) || redirects.into_iter().any(|word| names(&word.text, path));
            // `[ -d /data ] || mkdir /data`
            let asks = matches!(command.name().as_deref(), Some("mkdir" | "[" | "[[" | "test"));
            again |= named && !asks;
        });
    }
    !elsewhere && !again
}

/// A directory of the application's, which may be given away, with a name that a shell reads as it stands.
pub(crate) fn is_own_directory(path: &str) -> bool {
    const SYSTEM: [&str; 13] =
        ["/", "/bin", "/etc", "/home", "/lib", "/mnt", "/opt", "/root", "/run", "/sbin", "/tmp", "/usr", "/var"];
    const BELOW: [&str; 12] = [
        "/bin/", "/boot", "/dev", "/etc/", "/lib/", "/lib64", "/proc", "/root/", "/sbin/", "/sys", "/tmp/", "/usr/lib",
    ];
    const PROGRAMS: [&str; 8] = [
        "/usr/bin",
        "/usr/include",
        "/usr/local/bin",
        "/usr/local/lib",
        "/usr/sbin",
        "/usr/share/man",
        "/usr/local/share/man",
        "/var/lib/apt",
    ];
    path.starts_with('/')
        && !SYSTEM.contains(&path)
        && !matches!(
            path,
            "/usr/local" | "/usr/share" | "/usr/src" | "/var/lib" | "/var/log" | "/var/run" | "/var/cache"
        )
        && !BELOW.iter().chain(&PROGRAMS).any(|start| path.starts_with(start))
        && crate::words::is_plain(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_the_system_are_not_given_away() {
        assert!(["/app", "/srv", "/opt/app", "/var/log/app", "/usr/src/app"].iter().all(|path| is_own_directory(path)));
        for path in ["/", "/etc/app", "/usr/local/bin", "/root/x", "app", "/var/log", "/app dir", "/usr/share/man/man1"]
        {
            assert!(!is_own_directory(path), "{path}");
        }
    }

    #[test]
    fn paths_are_whole() {
        assert!(names("mkdir /app/log", "/app") && names("COPY . /app", "/app") && names("x=/app y", "/app"));
        assert!(!names("mkdir /apps", "/app") && !names("/srv/app", "/app"));
    }

    #[test]
    fn one_command_makes_and_gives() {
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        let directories = Directories { made: paths(&["/app"]), missing: paths(&["/data"]) };
        assert_eq!(directories.command("1:1").as_deref(), Some("mkdir -p /data && chown 1:1 /app /data"));
        assert_eq!(directories.names(), "`/app`, `/data`");
        assert_eq!(Directories::default().command("1:1"), None);
    }
}
