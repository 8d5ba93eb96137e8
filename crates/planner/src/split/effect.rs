//! What the commands of a RUN write.

use text_size::TextRange;
use wolfify_syntax::shell::{AndOrOperator, CommandContext, ShellWord, SimpleCommand};
use wolfify_syntax::{Arguments, Instruction};

use super::path::{base_name, join};
use super::trace::{Binary, Refusal, Tracer, Work};
use crate::draft::CommandId;
use crate::managers;

/// Commands that leave nothing behind in the file system of the image, redirections apart.
const QUIET: &[&str] = &[
    ":",
    "[",
    "[[",
    "alias",
    "arch",
    "awk",
    "base64",
    "basename",
    "break",
    "cat",
    "cksum",
    "cmp",
    "command",
    "comm",
    "continue",
    "cut",
    "date",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "exit",
    "expr",
    "false",
    "fgrep",
    "file",
    "find",
    "free",
    "getconf",
    "getent",
    "gpg",
    "gpgconf",
    "grep",
    "head",
    "hash",
    "hostname",
    "id",
    "jq",
    "kill",
    "ldd",
    "local",
    "locale",
    "ls",
    "md5sum",
    "mktemp",
    "nproc",
    "od",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "read",
    "readlink",
    "realpath",
    "return",
    "rm",
    "rmdir",
    "seq",
    "set",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shift",
    "shopt",
    "shuf",
    "sleep",
    "ssh-keyscan",
    "sort",
    "stat",
    "sync",
    "tail",
    "test",
    "time",
    "timeout",
    "tr",
    "trap",
    "tree",
    "true",
    "tty",
    "type",
    "ulimit",
    "umask",
    "uname",
    "uniq",
    "unset",
    "wait",
    "wc",
    "which",
    "whoami",
    "xargs",
    "xxd",
    "yes",
];

/// Build tools that stay below the directory they run in, their own caches apart.
const BELOW_CWD: &[&str] = &[
    "autoconf",
    "autogen.sh",
    "automake",
    "autoreconf",
    "aclocal",
    "bootstrap.sh",
    "c++",
    "cc",
    "clang",
    "clang++",
    "cmake",
    "configure",
    "g++",
    "gcc",
    "gofmt",
    "javac",
    "ld",
    "ar",
    "ranlib",
    "strip",
    "libtoolize",
    "meson",
    "ninja",
    "patch",
    "protoc",
    "swag",
    "sqlc",
    "templ",
    "bower",
    "grunt",
    "gulp",
    "ng",
    "tsc",
    "webpack",
    "vite",
    "next",
    "nuxt",
    "parcel",
    "rollup",
    "esbuild",
    "lerna",
    "nx",
    "turbo",
    "prisma",
    "ember",
    "gatsby",
    "vue-cli-service",
    "react-scripts",
    "sass",
    "jar",
    "pybabel",
    "msgfmt",
    "dos2unix",
    "rake",
    "cython",
];

const ACCOUNTS: &[&str] = &[
    "addgroup", "adduser", "chpasswd", "delgroup", "deluser", "gpasswd", "groupadd", "groupdel", "groupmod", "passwd",
    "useradd", "userdel", "usermod",
];

impl Tracer<'_> {
    pub(super) fn run_instruction(&mut self, index: usize, instruction: &Instruction) -> Result<(), Refusal> {
        if !matches!(instruction.arguments, Arguments::Command(_)) {
            return Ok(());
        }
        let file = self.file;
        self.script_cwd = Some(self.trace.cwd.clone());
        self.entered = None;
        self.exported.clear();
        self.work = Work::default();
        let mut refusal = None;
        for (number, script) in file.scripts[index].iter().enumerate() {
            if let Some((_, opaque)) = script.opaque().first() {
                return Err(Refusal::new(instruction.range, format!("its script cannot be read ({})", opaque.reason)));
            }
            script.visit(&mut |command, place| {
                let id = CommandId { instruction: index, script: number, command: command.id };
                if self.draft.gone.contains(&id) {
                    self.trace.called.extend(command.name());
                    return;
                }
                if refusal.is_some() {
                    return;
                }
                refusal = self.command(index, command, place).err().filter(|_| !self.lenient);
            });
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let kind = match self.work {
            Work { builds: true, .. } => &mut self.trace.runs,
            Work { packages: true, .. } => &mut self.trace.package_runs,
            Work { accounts: true, .. } => &mut self.trace.account_runs,
            _ => &mut self.trace.idle_runs,
        };
        kind.push(index);
        Ok(())
    }

    fn command(&mut self, index: usize, command: &SimpleCommand, place: &CommandContext) -> Result<(), Refusal> {
        for assignment in &command.assignments {
            if command.words.is_empty()
                && let Some(value) = assignment.value.as_ref().and_then(|word| self.word(index, word))
            {
                self.exported.insert(assignment.name.clone(), value);
            }
        }
        self.redirects(index, command)?;
        if command.words.is_empty() {
            return Ok(());
        }
        if managers::called(command).is_some() || self.installs(index, command) {
            self.work.packages = true;
            return Ok(());
        }
        let Some(name) = command.name().or_else(|| self.resolved_name(index, command)) else {
            return self.nameless(index, command);
        };
        self.trace.called.insert(name.clone());
        for wrapper in &command.wrappers {
            self.trace.called.insert(wrapper.name.clone());
        }
        let call = Call { index, range: command.span.range, name: &name, command, place };
        if ACCOUNTS.contains(&name.as_str()) || matches!(name.as_str(), "chown" | "chgrp") {
            self.work.accounts = true;
        } else if !self.is_idle(&call) {
            self.work.builds = true;
        }
        if self.readies_nginx(&call) {
            return Ok(());
        }
        if QUIET.contains(&name.as_str()) {
            return self.quiet(&call);
        }
        if ACCOUNTS.contains(&name.as_str()) {
            self.accounts(&call);
            return Ok(());
        }
        self.files(&call)
    }

    /// The name of a program that is called by a path with variables in it (`$VIRTUAL_ENV/bin/pip`).
    fn resolved_name(&self, index: usize, command: &SimpleCommand) -> Option<String> {
        let value = self.word(index, command.words.get(command.name_index)?)?;
        let own = value.contains('/') && !super::path::is_system_directory(super::path::parent(&value));
        own.then(|| base_name(&value).to_owned())
    }

    /// Whether a rule made the command an install of packages.
    fn installs(&self, index: usize, command: &SimpleCommand) -> bool {
        let installs = self.draft.installs.get(&index);
        installs.is_some_and(|installs| installs.iter().any(|install| install.range == command.span.range))
    }

    fn nameless(&mut self, index: usize, command: &SimpleCommand) -> Result<(), Refusal> {
        self.work.builds = true;
        let word = &command.words[command.name_index.min(command.words.len() - 1)];
        match self.word(index, word) {
            Some(_) => Err(untraced(command.span.range, &word.text)),
            None => Err(Refusal::new(command.span.range, "the command's name is only known when it runs")),
        }
    }

    /// The one value of a word, with the variables of the file and of the script.
    pub(super) fn word(&self, index: usize, word: &ShellWord) -> Option<String> {
        let scope = self.file.evaluation.scope(index);
        let lookup = |name: &str| {
            let own = self.exported.get(name).cloned();
            own.or_else(|| scope.get(name).value.text().map(str::to_owned)).or_else(|| known_variable(name))
        };
        if word.text == "~" || word.text.starts_with("~/") {
            return Some(word.text.replacen('~', "/root", 1));
        }
        let mut fields = word.expand(&lookup)?;
        if fields.len() == 1 { fields.pop() } else { None }
    }

    /// A path as the command sees it.
    fn path(&self, call: &Call<'_>, text: &str) -> Result<String, Refusal> {
        if text.starts_with('/') {
            return Ok(join("/", text));
        }
        match &self.script_cwd {
            Some(cwd) => Ok(join(cwd, text)),
            None => Err(Refusal::new(call.range, "the directory that the command runs in cannot be told")),
        }
    }

    fn cwd(&self, call: &Call<'_>) -> Result<String, Refusal> {
        self.path(call, ".")
    }

    /// Arguments with their values; an argument that is not static is refused by whoever needs it.
    fn args(&self, call: &Call<'_>) -> Vec<Option<String>> {
        call.command.args().iter().map(|word| self.word(call.index, word)).collect()
    }

    fn redirects(&mut self, index: usize, command: &SimpleCommand) -> Result<(), Refusal> {
        for redirect in &command.redirects {
            if !redirect.operator.contains('>') {
                continue;
            }
            let Some(target) = &redirect.target else { continue };
            let Some(value) = self.word(index, target) else {
                return Err(Refusal::new(command.span.range, "the file it writes to is only known when it runs"));
            };
            if redirect.operator.contains('&') && (value == "-" || value.bytes().all(|byte| byte.is_ascii_digit())) {
                continue;
            }
            if value.starts_with("/dev/") || value.starts_with("/proc/") {
                continue;
            }
            self.work.builds = true;
            let call = Call { index, range: command.span.range, name: "", command, place: &CommandContext::default() };
            let path = self.path(&call, &value)?;
            self.write(index, path, false, false, false);
        }
        Ok(())
    }

    /// Whether a command leaves nothing behind that is not there anyway.
    fn is_idle(&self, call: &Call<'_>) -> bool {
        if self.readies_nginx(call) {
            return true;
        }
        match call.name {
            "rm" => self.is_removed_anyway(call),
            "rmdir" | "find" | "xargs" | "gpg" => false,
            "touch" => self.operands(call, &["-d", "-t", "-r"]).is_ok_and(|operands| {
                operands.iter().all(|operand| self.path(call, operand).is_ok_and(|path| self.trace.has(&path)))
            }),
            "mkdir" => self.operands(call, &["-m", "--mode"]).is_ok_and(|operands| {
                operands.iter().all(|operand| {
                    let path = self.path(call, operand);
                    path.is_ok_and(|path| self.made_anyway.iter().any(|made| super::path::is_below(made, &path)))
                })
            }),
            // What it runs is looked at by itself.
            "sh" | "bash" | "su" => !call.command.nested.is_empty(),
            name => QUIET.contains(&name),
        }
    }

    /// Steps that make the old image's nginx run without root and log to the console, which the new one does by itself.
    fn readies_nginx(&self, call: &Call<'_>) -> bool {
        const OWN: &[&str] = &["/var/cache/nginx", "/var/log/nginx", "/var/run", "/run", "/var/lib/nginx"];
        let nginx = matches!(&self.file.stages[self.stage].base,
            crate::stages::Base::Converted(target) if target.image == "nginx");
        let skipped = match call.name {
            "mkdir" | "touch" | "rm" => 0,
            "chmod" | "ln" => 1,
            _ => return false,
        };
        nginx
            && self.operands(call, &[]).is_ok_and(|operands| {
                let mut places = operands.iter().skip(skipped).peekable();
                places.peek().is_some()
                    && places.all(|place| {
                        let path = self.path(call, place);
                        path.is_ok_and(|path| OWN.iter().any(|own| super::path::is_below(&path, own)))
                    })
            })
    }

    /// Whether a command runs whenever its RUN does.
    fn is_certain(call: &Call<'_>) -> bool {
        call.place.roles.is_empty() && call.place.pipeline_len <= 1
    }

    /// Whether what is removed is not in the new image, or is overwritten.
    fn is_removed_anyway(&self, call: &Call<'_>) -> bool {
        let nginx = self.is_nginx();
        self.operands(call, &[]).is_ok_and(|operands| {
            operands.iter().all(|operand| {
                let path = self.path(call, operand);
                path.is_ok_and(|path| {
                    let replaced = self.made_anyway.iter().any(|made| {
                        super::path::is_below(made, "/usr/share/nginx/html")
                            || super::path::is_below("/usr/share/nginx/html", made)
                    });
                    nginx && replaced && super::path::is_below(&path, "/usr/share/nginx/html")
                })
            })
        })
    }

    fn is_nginx(&self) -> bool {
        let base = &self.file.stages[self.stage].base;
        matches!(base, crate::stages::Base::Converted(target) if target.image == "nginx")
    }

    /// Files of the image itself that a server would read are there again in the runtime.
    fn takes_from_the_image(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let Ok(operands) = self.operands(call, &[]) else { return Ok(()) };
        for operand in operands.iter().filter(|_| self.is_nginx()) {
            let Ok(path) = self.path(call, operand) else { continue };
            if ["/etc/nginx", "/usr/share/nginx"].iter().any(|own| super::path::is_below(&path, own)) {
                let reason = format!("`{path}` is taken out of the image, and the runtime would have it again");
                return Err(Refusal::new(call.range, reason));
            }
        }
        Ok(())
    }

    fn quiet(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let runs = |option: &str| call.command.args().iter().any(|word| word.text == option);
        if call.name == "find" && (runs("-exec") || runs("-execdir") || runs("-ok")) {
            let harmless = ["rm", "chmod", "chown", "strip", "ls", "echo", "sed", "grep", "touch", "dos2unix"];
            let args = call.command.args();
            let at = args.iter().position(|word| word.text.starts_with("-exec")).map(|at| at + 1);
            let program = at.and_then(|at| args.get(at)).and_then(ShellWord::literal).unwrap_or_default();
            if !harmless.contains(&base_name(&program)) {
                return Err(untraced(call.range, &call.command.words[call.command.name_index].text));
            }
        }
        if matches!(call.name, "rm" | "rmdir") {
            if !self.is_removed_anyway(call) {
                self.takes_from_the_image(call)?;
            }
            self.remove(call);
        }
        Ok(())
    }

    /// What is deleted for certain is not there to be copied.
    fn remove(&mut self, call: &Call<'_>) {
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

    fn accounts(&mut self, call: &Call<'_>) {
        let args = self.args(call);
        let mut home = None;
        let mut at = 0;
        let mut operands = Vec::new();
        while let Some(arg) = args.get(at) {
            let Some(arg) = arg else {
                at += 1;
                continue;
            };
            let takes_value = match call.name {
                "useradd" | "usermod" => {
                    arg.len() == 2 && "-bcdefgGkKpRsuZ".contains(&arg[1..]) && arg.starts_with('-')
                        || matches!(
                            arg.as_str(),
                            "--home"
                                | "--home-dir"
                                | "--uid"
                                | "--gid"
                                | "--groups"
                                | "--shell"
                                | "--comment"
                                | "--base-dir"
                                | "--password"
                                | "--skel"
                        )
                }
                "adduser" | "addgroup" => {
                    matches!(
                        arg.as_str(),
                        "-h" | "-g"
                            | "-s"
                            | "-G"
                            | "-u"
                            | "-k"
                            | "--home"
                            | "--gecos"
                            | "--shell"
                            | "--ingroup"
                            | "--uid"
                            | "--gid"
                            | "--conf"
                            | "--firstuid"
                            | "--lastuid"
                    )
                }
                "groupadd" | "groupmod" => matches!(arg.as_str(), "-g" | "-K" | "-p" | "--gid"),
                _ => false,
            };
            if takes_value {
                if matches!(arg.as_str(), "-d" | "--home" | "--home-dir") || (call.name == "adduser" && arg == "-h") {
                    home = args.get(at + 1).cloned().flatten();
                }
                at += 2;
                continue;
            }
            if !arg.starts_with('-') {
                operands.push(arg.clone());
            } else if let Some(value) = arg.strip_prefix("--home-dir=").or(arg.strip_prefix("--home=")) {
                home = Some(value.to_owned());
            }
            at += 1;
        }
        if matches!(call.name, "useradd" | "adduser")
            && let Some(name) = operands.first()
        {
            let home = home.unwrap_or_else(|| format!("/home/{name}"));
            self.trace.homes.insert(name.clone(), home);
        }
        if !matches!(call.name, "passwd" | "chpasswd" | "gpasswd") {
            self.trace.accounts.extend(operands);
        }
    }

    fn files(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        match call.name {
            "cd" | "pushd" => self.change_directory(call),
            "popd" => {
                self.script_cwd = None;
                Ok(())
            }
            "export" => {
                for word in call.command.args() {
                    let value = self.word(call.index, word);
                    if let Some((name, value)) = value.as_deref().and_then(|value| value.split_once('=')) {
                        self.exported.insert(name.to_owned(), value.to_owned());
                    }
                }
                Ok(())
            }
            "source" | "." => self.enter(call),
            "mkdir" => self.mkdir(call),
            "touch" | "truncate" | "tee" | "gunzip" | "gzip" | "bunzip2" | "bzip2" | "xz" | "unxz" | "zstd" => {
                self.each_operand(call, &["-s", "-r", "-d", "-t", "-S"])
            }
            "sed" => self.sed(call),
            "chmod" | "setfacl" => Ok(()),
            "chown" | "chgrp" => self.chown(call),
            "cp" | "mv" | "install" => self.copy(call),
            "ln" => self.link(call),
            "curl" => self.curl(call),
            "wget" => self.wget(call),
            "tar" | "bsdtar" => self.tar(call),
            "unzip" => self.unzip(call),
            "git" => self.git(call),
            "openssl" => self.outputs(call, &["-out", "-keyout"]),
            "ssh-keygen" => self.outputs(call, &["-f"]),
            "sh" | "bash" | "ash" | "dash" | "su" | "eval" | "sudo" | "exec" => self.shell(call),
            "ldconfig" => Err(Refusal::new(call.range, "libraries are installed beside the packages (`ldconfig`)")),
            "update-ca-certificates" => Err(Refusal::new(
                call.range,
                "certificates of its own are added to the trust store (`update-ca-certificates`)",
            )),
            name if BELOW_CWD.contains(&name) => self.below_cwd(call),
            _ => self.tool(call),
        }
    }

    pub(super) fn below_cwd(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let cwd = self.cwd(call)?;
        self.needs_directory(call);
        self.output_option(call)?;
        self.configure(call)?;
        self.trace.work_directories.insert(cwd.clone());
        self.write(call.index, cwd, true, false, false);
        Ok(())
    }

    /// The prefix that a build is set up with, and what installs into it.
    fn configure(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        const OPTIONS: &[&str] = &["--prefix=", "-DCMAKE_INSTALL_PREFIX=", "-DCMAKE_INSTALL_PREFIX:PATH="];
        let args = self.args(call);
        let said = args.iter().flatten().find_map(|arg| OPTIONS.iter().find_map(|option| arg.strip_prefix(option)));
        let said = said.map(str::to_owned).or_else(|| {
            let at = args.iter().position(|arg| arg.as_deref() == Some("--prefix"))?;
            args.get(at + 1).cloned().flatten()
        });
        let verb = args.iter().flatten().find(|arg| !arg.starts_with('-')).map_or("", String::as_str);
        let installs = args.iter().flatten().any(|arg| arg == "--install") || verb.starts_with("install");
        let sets_up = match call.name {
            "configure" | "autogen.sh" | "bootstrap.sh" => true,
            "cmake" => !args.iter().flatten().any(|arg| matches!(arg.as_str(), "--build" | "-E" | "-P" | "--install")),
            "meson" => verb != "compile" && verb != "install" && verb != "test",
            _ => false,
        };
        if sets_up {
            let prefix = said.as_deref().unwrap_or("/usr/local");
            self.trace.prefix = Some(self.path(call, prefix)?);
        }
        if matches!(call.name, "cmake" | "meson" | "ninja") && installs {
            let prefix = match said.filter(|_| call.name == "cmake") {
                Some(prefix) => Some(self.path(call, &prefix)?),
                None => self.trace.prefix.clone(),
            };
            return self.install_into(call, prefix);
        }
        Ok(())
    }

    /// A build system installs what it has built.
    pub(super) fn install_into(&mut self, call: &Call<'_>, prefix: Option<String>) -> Result<(), Refusal> {
        match prefix {
            Some(prefix) if prefix == "/usr/local" || !super::path::is_system_directory(&prefix) => {
                self.trace.installed.insert(prefix.clone());
                self.write(call.index, prefix, true, false, false);
                Ok(())
            }
            _ => Err(Refusal::new(
                call.range,
                format!("`{} install` spreads files over the system's directories", call.name),
            )),
        }
    }

    pub(super) fn needs_directory(&mut self, call: &Call<'_>) {
        if self.trace.workdir.is_none()
            && self.trace.implied_cwd.is_none()
            && self.script_cwd.as_deref() == Some(&self.trace.cwd)
        {
            self.trace.implied_cwd = Some(call.index);
        }
    }

    /// `-o PATH` of compilers.
    fn output_option(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        for (at, arg) in args.iter().enumerate() {
            if arg.as_deref() == Some("-o") {
                let Some(Some(path)) = args.get(at + 1) else {
                    return Err(Refusal::new(call.range, "the file it writes is only known when it runs"));
                };
                let path = self.path(call, path)?;
                self.write(call.index, path.clone(), false, false, false);
                if matches!(call.name, "cc" | "c++" | "gcc" | "g++" | "clang" | "clang++") && !path.ends_with(".o") {
                    let fixed = args.iter().flatten().any(|arg| arg == "-static");
                    self.trace.binaries.push(Binary { path, named: true, fixed, instruction: call.index });
                }
            }
        }
        Ok(())
    }

    /// The files that options with a value name; a command without any of them writes to its output.
    fn outputs(&mut self, call: &Call<'_>, options: &[&str]) -> Result<(), Refusal> {
        let args = self.args(call);
        for pair in args.windows(2) {
            let [Some(option), value] = pair else { continue };
            if !options.contains(&option.as_str()) {
                continue;
            }
            let Some(path) = value else {
                return Err(Refusal::new(call.range, "the file it writes is only known when it runs"));
            };
            let path = self.path(call, path)?;
            self.write(call.index, path.clone(), false, false, false);
            if call.name == "ssh-keygen" {
                self.write(call.index, format!("{path}.pub"), false, false, false);
            }
        }
        Ok(())
    }

    fn change_directory(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn enter(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.args(call);
        let Some(Some(path)) = args.first() else { return Err(untraced(call.range, "source")) };
        let path = self.path(call, path)?;
        match path.strip_suffix("/bin/activate") {
            Some(venv) => {
                self.entered = Some(venv.to_owned());
                Ok(())
            }
            None if path.ends_with(".bashrc") || path.ends_with(".profile") || path.ends_with("/env") => Ok(()),
            None => Err(untraced(call.range, &format!("source {path}"))),
        }
    }

    fn operands(&self, call: &Call<'_>, with_value: &[&str]) -> Result<Vec<String>, Refusal> {
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

    fn each_operand(&mut self, call: &Call<'_>, with_value: &[&str]) -> Result<(), Refusal> {
        for operand in self.operands(call, with_value)? {
            let path = self.path(call, &operand)?;
            let (path, tree) = without_pattern(&path);
            self.write(call.index, path, tree, false, false);
        }
        Ok(())
    }

    fn mkdir(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        for operand in self.operands(call, &["-m", "--mode"])? {
            for operand in braces(&operand) {
                let path = self.path(call, &operand)?;
                self.write(call.index, path, false, false, true);
            }
        }
        Ok(())
    }

    fn sed(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn chown(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn copy(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn link(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn curl(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn wget(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn download(
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

    fn tar(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn unzip(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn git(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
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

    fn shell(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        // A script that was read is visited on its own.
        let read = call.command.nested.iter().any(|nested| {
            matches!(
                nested.kind,
                wolfify_syntax::shell::NestedKind::Operand(_) | wolfify_syntax::shell::NestedKind::Heredoc
            )
        });
        if read {
            return Ok(());
        }
        if call.place.pipeline_index > 0 {
            return Err(Refusal::new(
                call.range,
                "a script from the network is run, and what it does cannot be traced",
            ));
        }
        let args = self.args(call);
        let script = args.iter().flatten().find(|arg| !arg.starts_with('-')).cloned();
        Err(untraced(call.range, script.as_deref().unwrap_or(call.name)))
    }
}

/// One command with its surroundings.
pub(super) struct Call<'c> {
    pub(super) index: usize,
    pub(super) range: TextRange,
    pub(super) name: &'c str,
    pub(super) command: &'c SimpleCommand,
    pub(super) place: &'c CommandContext,
}

/// Refuses a command that nobody here knows.
pub(super) fn untraced(range: TextRange, command: &str) -> Refusal {
    Refusal::new(range, format!("what `{command}` writes cannot be traced"))
}

fn is_short(option: &str) -> bool {
    option.starts_with('-') && !option.starts_with("--") && option.len() > 1
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

/// Variables that every shell of a build has.
fn known_variable(name: &str) -> Option<String> {
    (name == "HOME").then(|| "/root".to_owned())
}
