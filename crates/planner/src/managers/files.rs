//! Which files of a package manager a command writes.

use wolfify_syntax::shell::SimpleCommand;

use super::paths::{ManagedPath, managed_path};
use super::text::Text;

/// Where a command names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Index into the command's words.
    Word(usize),
    /// Index into the command's redirections.
    Redirect(usize),
}

/// The files that a command writes, makes, changes or moves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Writes {
    /// Those of a package manager.
    pub managed: Vec<(Place, ManagedPath)>,
    /// All others.
    pub others: Vec<Place>,
}

impl Writes {
    /// Whether it writes files of package managers and no others.
    #[must_use]
    pub fn only_managed(&self) -> bool {
        !self.managed.is_empty() && self.others.is_empty()
    }

    fn push(&mut self, place: Place, text: &Text) {
        match managed_path(text) {
            Some(path) => self.managed.push((place, path)),
            None => self.others.push(place),
        }
    }
}

/// How a command names the files it writes.
enum Naming {
    /// All operands after the first `n`.
    Operands(usize),
    /// The last operand, and for a move the others too.
    Destination { moves: bool },
    /// Operands of `sed -i`, the script left out.
    Sed,
    /// The rest of a word that begins so (`of=/x`).
    Prefix(&'static str),
    /// The value of an option: its letter, letters without value that may stand before it, its long names.
    Option { letters: &'static str, flags: &'static str, long: &'static [&'static str] },
}

struct Row {
    name: &'static str,
    naming: Naming,
    /// Letters of options whose value is the next word.
    values: &'static str,
}

const fn row(name: &'static str, naming: Naming, values: &'static str) -> Row {
    Row { name, naming, values }
}

/// Sources: the manuals of coreutils, sed, curl, wget and gpg.
static ROWS: &[Row] = &[
    row("mkdir", Naming::Operands(0), "m"),
    row("rmdir", Naming::Operands(0), ""),
    row("touch", Naming::Operands(0), "drt"),
    row("truncate", Naming::Operands(0), "sr"),
    row("tee", Naming::Operands(0), ""),
    row("chmod", Naming::Operands(1), ""),
    row("chown", Naming::Operands(1), ""),
    row("chgrp", Naming::Operands(1), ""),
    row("cp", Naming::Destination { moves: false }, "S"),
    row("ln", Naming::Destination { moves: false }, "S"),
    row("install", Naming::Destination { moves: false }, "mogS"),
    row("mv", Naming::Destination { moves: true }, "S"),
    row("sed", Naming::Sed, "efl"),
    row("dd", Naming::Prefix("of="), ""),
    row("curl", Naming::Option { letters: "o", flags: "fsSLkvgijnq#0123456", long: &["--output"] }, ""),
    row(
        "wget",
        Naming::Option { letters: "OP", flags: "qcvNSdnH46", long: &["--output-document", "--directory-prefix"] },
        "",
    ),
    row("gpg", Naming::Option { letters: "o", flags: "qvaeb", long: &["--output"] }, ""),
    row("gpg2", Naming::Option { letters: "o", flags: "qvaeb", long: &["--output"] }, ""),
];

/// The files that `command` writes, as far as its name and redirections tell. Commands not in the table write what
/// they are redirected to.
#[must_use]
pub fn writes(command: &SimpleCommand) -> Writes {
    let mut writes = Writes::default();
    let texts: Vec<Text> = command.words.iter().map(Text::of).collect();
    let name = command.name().unwrap_or_default();
    if let Some(row) = ROWS.iter().find(|row| row.name == name) {
        for index in named_files(row, &texts, command.name_index + 1) {
            let text = match row.naming {
                Naming::Prefix(prefix) => texts[index].tail(prefix.len()),
                _ => texts[index].clone(),
            };
            // `-O -` is standard output.
            if text.pattern() != "-" {
                writes.push(Place::Word(index), &text);
            }
        }
    }
    for (index, redirect) in command.redirects.iter().enumerate() {
        let Some(target) = redirect.target.as_ref().filter(|_| is_output(&redirect.operator)) else { continue };
        let text = Text::of(target);
        if redirect.fd != Some(2) && text.pattern() != "/dev/null" && !is_descriptor(&text) {
            writes.push(Place::Redirect(index), &text);
        }
    }
    writes
}

fn is_output(operator: &str) -> bool {
    matches!(operator, ">" | ">>" | ">|" | "&>" | "&>>" | "<>" | ">&")
}

/// `>&1`, `>&-`.
fn is_descriptor(text: &Text) -> bool {
    text.as_static().is_some_and(|s| s == "-" || s.bytes().all(|b| b.is_ascii_digit()))
}

fn named_files(row: &Row, texts: &[Text], first: usize) -> Vec<usize> {
    if let Naming::Option { letters, flags, long } = row.naming {
        return option_values(texts, first, letters, flags, long);
    }
    let (options, operands) = split(texts, first, row.values);
    match row.naming {
        Naming::Prefix(prefix) => (first..texts.len()).filter(|&i| texts[i].pattern().starts_with(prefix)).collect(),
        Naming::Operands(skip) => operands.into_iter().skip(skip).collect(),
        Naming::Destination { moves: true } => operands,
        Naming::Destination { moves: false } => operands.last().copied().into_iter().collect(),
        Naming::Sed => {
            let has = |letters: &str, long: &str| {
                options.iter().map(|&i| texts[i].pattern()).any(|option| match option.strip_prefix("--") {
                    Some(name) => long.split(' ').any(|long| name.starts_with(long)),
                    None => option.contains(|c: char| letters.contains(c)),
                })
            };
            let in_place = has("i", "in-place");
            let skip = usize::from(!has("ef", "expression file"));
            operands.into_iter().skip(skip).filter(|_| in_place).collect()
        }
        Naming::Option { .. } => Vec::new(),
    }
}

/// Options and operands; a letter in `values` at the end of a cluster takes the next word.
fn split(texts: &[Text], first: usize, values: &str) -> (Vec<usize>, Vec<usize>) {
    let (mut options, mut operands) = (Vec::new(), Vec::new());
    let mut index = first;
    while index < texts.len() {
        let pattern = texts[index].pattern();
        if pattern == "--" {
            operands.extend(index + 1..texts.len());
            break;
        }
        if pattern.len() > 1 && pattern.starts_with('-') {
            options.push(index);
            let takes = !pattern.starts_with("--") && pattern.ends_with(|c: char| values.contains(c));
            index += usize::from(takes);
        } else {
            operands.push(index);
        }
        index += 1;
    }
    (options, operands)
}

/// The words that are the value of one of the options. A value in the option's own word (`-O/x`) is not looked for.
fn option_values(texts: &[Text], first: usize, letters: &str, flags: &str, long: &[&str]) -> Vec<usize> {
    let mut found = Vec::new();
    for (index, text) in texts.iter().enumerate().skip(first) {
        let pattern = text.pattern();
        if long.contains(&pattern) || ends_in_letter(pattern, letters, flags) {
            found.extend((index + 1 < texts.len()).then_some(index + 1));
        }
    }
    found
}

/// `-o`, `-qO`, `-fsSLo`: letters without value, then the one wanted.
fn ends_in_letter(pattern: &str, letters: &str, flags: &str) -> bool {
    let Some(cluster) = pattern.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
    let mut chars = cluster.chars().rev();
    chars.next().is_some_and(|last| letters.contains(last)) && chars.all(|c| flags.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managers::paths::PathRole;
    use crate::managers::tests::words::command;

    fn roles(line: &str) -> (Vec<PathRole>, usize) {
        let writes = writes(&command(line));
        (writes.managed.iter().map(|(_, path)| path.role).collect(), writes.others.len())
    }

    #[test]
    fn files_of_package_managers() {
        use PathRole::{Configuration, Keys, ServicePolicy, Sources};
        for (line, want) in [
            ("echo 'deb http://x y main' > /etc/apt/sources.list.d/x.list", Sources),
            ("echo x >> /etc/apt/sources.list", Sources),
            ("printf '#!/bin/sh\\nexit 0' > /usr/sbin/policy-rc.d", ServicePolicy),
            ("tee -a /etc/apt/sources.list.d/yarn.list", Sources),
            ("sudo tee /etc/apt/sources.list.d/yarn.list > /dev/null", Sources),
            ("sed -i 's/a/b/' /etc/apt/sources.list", Sources),
            ("sed 's/main$/main universe/' -i /etc/apt/sources.list", Sources),
            ("sed -i -e 's/a/b/' /etc/apt/sources.list", Sources),
            ("sed -ri 's/a/b/g' /etc/apk/repositories", Sources),
            ("sed --in-place=.bak s/a/b/ /etc/yum.repos.d/x.repo", Sources),
            ("sed -i /etc/apt/sources.list -e 's/$/ non-free/'", Sources),
            ("mkdir -p -m 0755 /etc/apt/keyrings", Keys),
            ("install -m 0755 -d /etc/apt/keyrings", Keys),
            ("chmod a+r /etc/apt/keyrings/docker.asc", Keys),
            ("curl -fsSL https://x/gpg -o /etc/apt/keyrings/docker.asc", Keys),
            ("curl -fsSLo /usr/share/keyrings/x.gpg https://x/gpg", Keys),
            ("wget -qO /etc/apt/trusted.gpg.d/php.gpg https://x/apt.gpg", Keys),
            ("wget https://x/y.repo -P /etc/yum.repos.d/", Sources),
            ("gpg --dearmor -o /usr/share/keyrings/x.gpg", Keys),
            ("gpg --batch --yes --dearmor --output /etc/apt/keyrings/x.gpg", Keys),
            ("gpg --dearmor > /etc/apt/trusted.gpg.d/x.gpg", Keys),
            ("mv microsoft.gpg /etc/apt/trusted.gpg.d/", Keys),
            ("cp x /etc/apt/apt.conf.d/99x", Configuration),
            ("ln -sf /bin/false /usr/sbin/policy-rc.d", ServicePolicy),
            ("dd of=/usr/share/keyrings/x.gpg", Keys),
            ("cat > /etc/dpkg/dpkg.cfg.d/excludes", Configuration),
        ] {
            assert_eq!(roles(line).0, [want], "{line}");
        }
    }

    #[test]
    fn other_files_are_counted_apart() {
        assert_eq!(roles("tee /etc/apt/sources.list.d/a.list /tmp/b"), (vec![PathRole::Sources], 1));
        assert_eq!(roles("mkdir -p /etc/apt/keyrings /app"), (vec![PathRole::Keys], 1));
        assert_eq!(roles("mv /etc/apt/sources.list /root/x"), (vec![PathRole::Sources], 1));
        assert_eq!(roles("echo x > /app/y 2> /etc/apt/z"), (vec![], 1));
    }

    #[test]
    fn reading_is_not_writing() {
        for line in [
            "cat /etc/apt/sources.list",
            "sed -n p /etc/apt/sources.list",
            "sed s/a/b/ /etc/apt/sources.list",
            "cp /etc/apt/sources.list /x",
            "wget -qO- https://x/etc/apt/y",
            "curl -H o /etc/apt/x",
            "grep x /etc/apt/y",
            "echo /etc/apt/sources.list >&2",
        ] {
            assert!(roles(line).0.is_empty(), "{line}");
        }
    }
}
