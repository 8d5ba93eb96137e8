//! What commands that fetch and unpack leave behind.

use super::effect::Call;
use super::path::base_name;
use super::trace::{Refusal, Tracer};

impl Tracer<'_> {
    pub(super) fn curl(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let mut urls = Vec::new();
        let mut output = None;
        let mut remote_name = false;
        let mut at = 0;
        while at < args.len() {
            let arg = args[at].clone().unwrap_or_default();
            at += 1;
            if let Some(path) = arg.strip_prefix("--output=") {
                output = Some(path.to_owned());
            } else if arg == "--output" || (is_short(&arg) && arg.ends_with('o')) {
                output = args.get(at).cloned().unwrap_or_default();
                if output.is_none() {
                    return Err(Refusal::new(call.range, "the file it writes is only known when it runs"));
                }
                at += 1;
            } else if arg == "--remote-name" || (is_short(&arg) && arg.contains('O')) {
                remote_name = true;
            } else if matches!(
                arg.as_str(),
                "-H" | "-X"
                    | "-d"
                    | "-u"
                    | "-A"
                    | "-e"
                    | "-T"
                    | "--header"
                    | "--retry"
                    | "--retry-delay"
                    | "--data"
                    | "--user"
                    | "--proto"
                    | "--max-time"
                    | "--connect-timeout"
                    | "-m"
            ) {
                at += 1;
            } else if !arg.starts_with('-') {
                urls.push((arg, at - 1));
            }
        }
        self.download(call, output.as_deref(), remote_name, &urls)
    }

    pub(super) fn wget(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let mut urls = Vec::new();
        let mut output = None;
        let mut directory = None;
        let mut at = 0;
        while at < args.len() {
            let arg = args[at].clone().unwrap_or_default();
            at += 1;
            if let Some(path) = arg.strip_prefix("--output-document=") {
                output = Some(path.to_owned());
            } else if let Some(path) = arg.strip_prefix("--directory-prefix=") {
                directory = Some(path.to_owned());
            } else if arg == "--output-document" || (is_short(&arg) && arg.ends_with('O')) {
                output = args.get(at).cloned().unwrap_or_default();
                if output.is_none() {
                    return Err(Refusal::new(call.range, "the file it writes is only known when it runs"));
                }
                at += 1;
            } else if is_short(&arg) && arg.contains('O') {
                output = arg.split_once('O').map(|(_, path)| path.to_owned());
            } else if arg == "-P" || arg == "--directory-prefix" {
                directory = args.get(at).cloned().unwrap_or_default();
                at += 1;
            } else if matches!(
                arg.as_str(),
                "--header" | "-o" | "-t" | "-T" | "--tries" | "--timeout" | "-U" | "--user-agent"
            ) {
                at += 1;
            } else if !arg.starts_with('-') {
                urls.push((arg, at - 1));
            }
        }
        if let Some(directory) = directory {
            let path = self.path(call, &directory)?;
            self.write(call.index, path, true, false, false);
            return Ok(());
        }
        let named = output.is_some();
        self.download(call, output.as_deref(), !named, &urls)
    }

    pub(super) fn download(
        &mut self,
        call: &Call<'_>,
        output: Option<&str>,
        remote_name: bool,
        urls: &[(String, usize)],
    ) -> Result<(), Refusal> {
        match output {
            Some("-" | "/dev/stdout" | "/dev/null" | "") => {}
            Some(path) => {
                let path = self.path(call, path)?;
                self.trace.downloads.push((path.clone(), call.index));
                self.write(call.index, path, false, false, false);
            }
            None if remote_name => {
                for (url, at) in urls {
                    // A name made of variables has a static end more often than not.
                    let text = if url.is_empty() { &call.command.args()[*at].text } else { url };
                    let name = base_name(text.trim_matches(['"', '\''])).to_owned();
                    let path = self.path(call, &name)?;
                    self.trace.downloads.push((path.clone(), call.index));
                    self.write(call.index, path, false, false, false);
                }
            }
            None => {}
        }
        Ok(())
    }

    pub(super) fn tar(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let first = args.first().cloned().flatten().unwrap_or_default();
        let old_style = !first.starts_with('-') && !first.is_empty();
        let flags: String = args.iter().flatten().filter(|arg| is_short(arg)).cloned().collect::<String>()
            + if old_style { &first } else { "" };
        let long = |name: &str| args.iter().flatten().any(|arg| arg == name);
        let target = |option: &str| {
            args.iter()
                .position(|arg| {
                    arg.as_deref().is_some_and(|arg| {
                        arg == option || (option.len() == 2 && is_short(arg) && arg.ends_with(&option[1..]))
                    })
                })
                .and_then(|at| args.get(at + 1))
        };
        if flags.contains('x') || long("--extract") {
            let directory = match target("-C").or_else(|| target("--directory")) {
                Some(Some(path)) => self.path(call, path)?,
                Some(None) => {
                    return Err(Refusal::new(call.range, "the directory it unpacks to is only known when it runs"));
                }
                None => match args.iter().flatten().find_map(|arg| arg.strip_prefix("--directory=")) {
                    Some(path) => self.path(call, path)?,
                    None => self.cwd(call)?,
                },
            };
            for member in members(&args) {
                let path = format!("{}/{}", directory.trim_end_matches('/'), member);
                self.write(call.index, path, false, false, false);
            }
            self.trace.downloads.push((directory.clone(), call.index));
            self.write(call.index, directory, true, false, false);
            return Ok(());
        }
        if flags.contains('c') || long("--create") {
            return match target("-f") {
                Some(Some(path)) if path != "-" => {
                    let path = self.path(call, path)?;
                    self.write(call.index, path, false, false, false);
                    Ok(())
                }
                _ => Ok(()),
            };
        }
        Ok(())
    }

    pub(super) fn unzip(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let at = args
            .iter()
            .position(|arg| arg.as_deref().is_some_and(|arg| arg == "-d" || (is_short(arg) && arg.ends_with('d'))));
        let directory = match at.map(|at| args.get(at + 1).cloned().flatten()) {
            Some(Some(path)) => self.path(call, &path)?,
            Some(None) => {
                return Err(Refusal::new(call.range, "the directory it unpacks to is only known when it runs"));
            }
            None => self.cwd(call)?,
        };
        self.trace.downloads.push((directory.clone(), call.index));
        self.write(call.index, directory, true, false, false);
        Ok(())
    }

    pub(super) fn git(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let words = self.operands(call, &["-b", "--branch", "--depth", "-C", "-c", "-o", "-j"])?;
        match words.first().map(String::as_str) {
            Some("clone") => {
                let url = words.get(1).cloned().unwrap_or_default();
                let name = base_name(&url).trim_end_matches(".git").to_owned();
                let path = self.path(call, words.get(2).unwrap_or(&name))?;
                self.write(call.index, path, true, false, false);
                Ok(())
            }
            Some("config") | None => Ok(()),
            _ => self.below_cwd(call),
        }
    }
}

fn is_short(option: &str) -> bool {
    option.starts_with('-') && !option.starts_with("--") && option.len() > 1
}

/// The members that an extracting `tar` names, as they lie in the directory that it unpacks to.
fn members(args: &[Option<String>]) -> Vec<String> {
    const WITH_VALUE: &[&str] = &["--directory", "--file", "--exclude", "--files-from", "--transform"];
    const STRIP: &str = "--strip-components";
    let mut found: Vec<&str> = Vec::new();
    let mut strip = 0;
    let mut words = args.iter().map(|arg| arg.as_deref().unwrap_or("-"));
    // `tar xzf FILE` takes the file behind its first word.
    let first = words.clone().next().filter(|first| !first.starts_with('-'));
    if let Some(first) = first {
        words.nth(usize::from(first.contains('f')));
    }
    while let Some(word) = words.next() {
        if word == STRIP {
            strip = words.next().and_then(|count| count.parse().ok()).unwrap_or(0);
        } else if let Some(count) = word.strip_prefix(STRIP).and_then(|rest| rest.strip_prefix('=')) {
            strip = count.parse().unwrap_or(0);
        } else if WITH_VALUE.contains(&word) || (is_short(word) && word.ends_with(['C', 'f', 'T', 'X'])) {
            words.next();
        } else if !word.starts_with('-') && !word.contains(['*', '?', '[']) {
            found.push(word);
        }
    }
    let below = |member: &str| {
        let member = member.trim_start_matches("./").trim_end_matches('/');
        member.splitn(strip + 1, '/').nth(strip).map(str::to_owned)
    };
    found.into_iter().filter_map(below).filter(|member| !member.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn members_of_an_archive() {
        let of = |command: &str| members(&command.split(' ').map(|word| Some(word.to_owned())).collect::<Vec<_>>());
        assert_eq!(of("-xz -C /usr/local/bin app"), ["app"]);
        assert_eq!(of("xzf a.tar.gz -C /usr/local/bin --strip-components=1 a-1.0/app a-1.0/README"), ["app", "README"]);
        assert_eq!(of("-x --strip-components 2 -f a.tar a/b/bin"), ["bin"]);
        assert!(of("-xjf a.tar.bz2 -C /opt").is_empty());
        assert!(of("-xf a.tar --wildcards */app").is_empty());
    }
}
