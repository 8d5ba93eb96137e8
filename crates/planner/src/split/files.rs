//! What commands that make, move and change files leave behind.

use wolfify_syntax::shell::AndOrOperator;

use super::effect::Call;
use super::path::{base_name, join};
use super::trace::{Refusal, Tracer};

impl Tracer<'_> {
    pub(super) fn change_directory(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let target = args.iter().find(|arg| arg.as_deref().is_none_or(|arg| !arg.starts_with('-')));
        // In a subshell or a branch the change may not last; nothing relative is followed from there on.
        let lasts = call.place.roles.is_empty() && call.place.pipeline_len <= 1;
        self.script_cwd = match (target, lasts) {
            (Some(Some(path)), true) => self.path(call, path).ok(),
            (None, true) => Some("/root".to_owned()),
            _ => None,
        };
        Ok(())
    }

    pub(super) fn operands(&self, call: &Call<'_>, with_value: &[&str]) -> Result<Vec<String>, Refusal> {
        let args = self.args(call);
        let mut out = Vec::new();
        let mut at = 0;
        let mut options = true;
        while let Some(arg) = args.get(at) {
            at += 1;
            let Some(arg) = arg else {
                let text = &call.command.args()[at - 1].text;
                if text.contains(['*', '?', '{', '[']) && !text.contains('$') {
                    out.push(text.clone());
                    continue;
                }
                return Err(Refusal::new(call.range, format!("what `{text}` stands for is only known when it runs")));
            };
            if options && arg == "--" {
                options = false;
            } else if options && arg.starts_with('-') && arg.len() > 1 {
                at += usize::from(with_value.contains(&arg.as_str()));
            } else {
                out.push(arg.clone());
            }
        }
        Ok(out)
    }

    pub(super) fn each_operand(&mut self, call: &Call<'_>, with_value: &[&str]) -> Result<(), Refusal> {
        for operand in self.operands(call, with_value)? {
            let path = self.path(call, &operand)?;
            let (path, tree) = without_pattern(&path);
            self.write(call.index, path, tree, false, false);
        }
        Ok(())
    }

    pub(super) fn mkdir(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        for operand in self.operands(call, &["-m", "--mode"])? {
            for operand in braces(&operand) {
                let path = self.path(call, &operand)?;
                self.write(call.index, path, false, false, true);
            }
        }
        Ok(())
    }

    /// What is deleted for certain is not there to be copied.
    pub(super) fn remove(&mut self, call: &Call<'_>) {
        let place = call.place;
        let certain = place.roles.is_empty()
            && place.pipeline_len <= 1
            && !place.background
            && place.operator_before != Some(AndOrOperator::Or);
        let Some(operands) = self.operands(call, &[]).ok().filter(|_| certain) else { return };
        let whole = call.name == "rmdir"
            || call.command.args().iter().any(|word| {
                let short = word.text.starts_with('-') && !word.text.starts_with("--");
                word.text == "--recursive" || (short && word.text.contains(['r', 'R']))
            });
        for operand in operands {
            let Ok(path) = self.path(call, &operand) else { continue };
            if !path.contains(['*', '?', '[', '{']) {
                self.trace.forget(&path, whole);
            }
        }
    }

    pub(super) fn sed(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let in_place = args.iter().flatten().any(|arg| {
            arg.starts_with("-i")
                || arg.starts_with("--in-place")
                || (arg.starts_with('-') && !arg.starts_with("--") && arg.len() <= 4 && arg.contains('i'))
        });
        if !in_place {
            return Ok(());
        }
        let has_script = args.iter().flatten().any(|arg| matches!(arg.as_str(), "-e" | "-f" | "--expression"));
        let mut files: Vec<(usize, &Option<String>)> = args.iter().enumerate().collect();
        files.retain(|(at, arg)| {
            let after_script =
                *at > 0 && args[at - 1].as_deref().is_some_and(|before| matches!(before, "-e" | "-f" | "--expression"));
            !after_script && arg.as_deref().is_none_or(|arg| !arg.starts_with('-'))
        });
        for (at, arg) in files.into_iter().skip(usize::from(!has_script)) {
            let text = match arg {
                Some(text) => text.clone(),
                None => call.command.args()[at].text.clone(),
            };
            if text.contains('$') {
                return Err(Refusal::new(call.range, format!("what `{text}` stands for is only known when it runs")));
            }
            let path = self.path(call, &text)?;
            let (path, tree) = without_pattern(&path);
            self.write(call.index, path, tree, false, false);
        }
        Ok(())
    }

    pub(super) fn chown(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let mut operands = self.operands(call, &["--from"])?.into_iter();
        let Some(owner) = operands.next() else { return Ok(()) };
        let owner = if call.name == "chgrp" { format!(":{owner}") } else { owner };
        for operand in operands {
            for operand in braces(&operand) {
                let path = self.path(call, &operand)?;
                let (path, _) = without_pattern(&path);
                self.trace.owners.push((path, owner.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn copy(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let mut operands = self.operands(call, &["-m", "-o", "-g", "-t", "--mode", "--owner", "--group", "-S"])?;
        if call.name == "install"
            && call
                .command
                .args()
                .iter()
                .any(|word| word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('d'))
        {
            for operand in operands {
                let path = self.path(call, &operand)?;
                self.write(call.index, path, false, false, true);
            }
            return Ok(());
        }
        let Some(target) = operands.pop() else { return Ok(()) };
        let place = self.path(call, &target)?;
        let many = operands.len() > 1 || operands.iter().any(|source| source.contains(['*', '{', '?']));
        let into = many
            || target.ends_with('/')
            || self.trace.is_directory(&place)
            || super::path::is_system_directory(&place)
            || target == ".";
        let recursive = call.name == "mv"
            || call.command.args().iter().any(|word| word.text.starts_with('-') && word.text.contains(['r', 'R', 'a']));
        for source in &operands {
            // A program keeps what is known about it.
            if call.name == "mv" && Self::is_certain(call) && !source.contains(['*', '{', '?', '[']) {
                let place = self.path(call, source)?;
                let tree = self.trace.written.iter().any(|written| written.path == place && written.tree);
                if tree && !self.trace.binaries.iter().any(|binary| super::path::is_below(&binary.path, &place)) {
                    self.trace.forget(&place, true);
                }
            }
            let contents = source.ends_with("/.") || source.ends_with('*') || source.ends_with('}');
            if into && contents {
                self.write(call.index, place.clone(), true, false, false);
                continue;
            }
            let path = if into { join(&place, base_name(source)) } else { place.clone() };
            let (path, pattern) = without_pattern(&path);
            let file = source.rsplit('/').next().is_some_and(|name| name.contains('.'));
            self.write(call.index, path, pattern || (recursive && !file), false, false);
        }
        Ok(())
    }

    pub(super) fn link(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let operands = self.operands(call, &["-t", "-S"])?;
        let [target, rest @ ..] = &operands[..] else { return Ok(()) };
        let link = rest.first().cloned().unwrap_or_else(|| base_name(target).to_owned());
        let mut link = self.path(call, &link)?;
        if self.trace.is_directory(&link) || super::path::is_system_directory(&link) {
            link = join(&link, base_name(target));
        }
        self.trace.links.push((link, target.clone(), call.index));
        Ok(())
    }
}

/// The directory before the first part with a pattern, and whether there was one.
fn without_pattern(path: &str) -> (String, bool) {
    match path.find(['*', '?', '[', '{']) {
        None => (path.to_owned(), false),
        Some(at) => {
            let end = path[..at].rfind('/').unwrap_or(0);
            (if end == 0 { "/".to_owned() } else { path[..end].to_owned() }, true)
        }
    }
}

/// `a/{b,c}` as `a/b` and `a/c`, one level.
fn braces(text: &str) -> Vec<String> {
    let (Some(open), Some(close)) = (text.find('{'), text.rfind('}')) else { return vec![text.to_owned()] };
    if close < open {
        return vec![text.to_owned()];
    }
    text[open + 1..close].split(',').map(|part| format!("{}{part}{}", &text[..open], &text[close + 1..])).collect()
}
