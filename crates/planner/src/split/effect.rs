//! What the commands of a RUN write.

use text_size::TextRange;
use wolfify_syntax::shell::{CommandContext, ShellWord, SimpleCommand};
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

/// Commands that make and change accounts.
pub(super) const ACCOUNTS: &[&str] = &[
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
        self.mounted = self.bind_mounts(instruction);
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
        if self.work.builds && !self.work.more {
            self.trace.directory_runs.insert(index);
        }
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
            self.work.more |= !makes_directories(&call);
        }
        if self.readies_nginx(&call) || only_tells(&call) {
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
        self.work.more = true;
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
    pub(super) fn path(&self, call: &Call<'_>, text: &str) -> Result<String, Refusal> {
        if text.starts_with('/') {
            return Ok(join("/", text));
        }
        match &self.script_cwd {
            Some(cwd) => Ok(join(cwd, text)),
            None => Err(Refusal::new(call.range, "the directory that the command runs in cannot be told")),
        }
    }

    pub(super) fn cwd(&self, call: &Call<'_>) -> Result<String, Refusal> {
        self.path(call, ".")
    }

    /// Arguments with their values; an argument that is not static is refused by whoever needs it.
    pub(super) fn args(&self, call: &Call<'_>) -> Vec<Option<String>> {
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
            self.work.more = true;
            let call = Call { index, range: command.span.range, name: "", command, place: &CommandContext::default() };
            let path = self.path(&call, &value)?;
            self.write(index, path, false, false, false);
        }
        Ok(())
    }

    /// Whether a command leaves nothing behind that is not there anyway.
    fn is_idle(&self, call: &Call<'_>) -> bool {
        if self.readies_nginx(call) || only_tells(call) {
            return true;
        }
        match call.name {
            "rm" => self.is_removed_anyway(call),
            "rmdir" | "find" | "xargs" | "gpg" => false,
            "touch" => self.operands(call, &["-d", "-t", "-r"]).is_ok_and(|operands| {
                // A tree that something filled need not have the file.
                let there = |path: &str| self.trace.written.iter().any(|written| written.path == path);
                operands.iter().all(|operand| self.path(call, operand).is_ok_and(|path| there(&path)))
            }),
            "mkdir" => self.operands(call, &["-m", "--mode"]).is_ok_and(|operands| {
                operands.iter().all(|operand| {
                    let path = self.path(call, operand);
                    path.is_ok_and(|path| self.made_anyway.iter().any(|made| super::path::is_below(made, &path)))
                })
            }),
            // What it runs is looked at by itself.
            "sh" | "bash" | "su" => !call.command.nested.is_empty(),
            // It puts names of package managers into PATH, which nothing but a build calls.
            "corepack" => true,
            "update-ca-certificates" | "update-ca-trust" => !self.trace.has_own_certificates(),
            name => QUIET.contains(&name),
        }
    }

    /// Steps that make the old image's nginx run without root and log to the console, which the new one does by itself.
    fn readies_nginx(&self, call: &Call<'_>) -> bool {
        const OWN: &[&str] = &["/var/cache/nginx", "/var/log/nginx", "/var/run", "/run", "/var/lib/nginx"];
        let nginx = self.is_nginx();
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
    pub(super) fn is_certain(call: &Call<'_>) -> bool {
        call.place.roles.is_empty() && call.place.pipeline_len <= 1
    }

    /// Whether what is removed is not in the new image, or is overwritten.
    fn is_removed_anyway(&self, call: &Call<'_>) -> bool {
        let nginx = self.is_nginx();
        self.operands(call, &[]).is_ok_and(|operands| {
            operands.iter().all(|operand| {
                let path = self.path(call, operand);
                path.is_ok_and(|path| {
                    if super::path::is_scratch(&path) || super::path::is_below(&path, "/var/cache") {
                        return true;
                    }
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
        let base = &self.file.stages[self.file.bottoms[self.stage]].base;
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
            "update-ca-certificates" | "update-ca-trust" if !self.trace.has_own_certificates() => Ok(()),
            name @ ("update-ca-certificates" | "update-ca-trust") => {
                let reason = format!("certificates of its own are added to the trust store (`{name}`)");
                Err(Refusal::new(call.range, reason))
            }
            name if BELOW_CWD.contains(&name) => self.below_cwd(call),
            _ => self.tool(call),
        }
    }

    pub(super) fn below_cwd(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        self.output_option(call)?;
        self.fills_cwd(call)
    }

    /// Writes below the working directory; `-o` means something else than a file.
    pub(super) fn fills_cwd(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let cwd = self.cwd(call)?;
        self.needs_directory(call);
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
            let prefix = self.path(call, said.as_deref().unwrap_or("/usr/local"))?;
            self.other_directories(call, &prefix)?;
            self.trace.prefix = Some(prefix);
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

    /// Directories beside the prefix that a build is told to install into (`--sysconfdir=/etc`).
    fn other_directories(&mut self, call: &Call<'_>, prefix: &str) -> Result<(), Refusal> {
        for place in told_places(&self.args(call)) {
            let place = self.path(call, &place)?;
            if super::path::is_below(&place, prefix) {
                continue;
            }
            if super::path::is_system_directory(&place) {
                return Err(Refusal::new(
                    call.range,
                    format!("its build installs files into `{place}` that nobody can list"),
                ));
            }
            self.write(call.index, place, true, false, false);
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

/// Whether a command makes plain directories and nothing else, whenever its RUN runs.
fn makes_directories(call: &Call<'_>) -> bool {
    let plain = |word: &ShellWord| !word.text.starts_with('-') || matches!(word.text.as_str(), "-p" | "-v" | "-pv");
    call.name == "mkdir" && Tracer::is_certain(call) && call.command.args().iter().all(plain)
}

/// Refuses a command that nobody here knows.
pub(super) fn untraced(range: TextRange, command: &str) -> Refusal {
    Refusal::new(range, format!("what `{command}` writes cannot be traced"))
}

/// Variables that every shell of a build has.
fn known_variable(name: &str) -> Option<String> {
    (name == "HOME").then(|| "/root".to_owned())
}

/// The absolute directories that options of `configure` and `cmake` name, but for those that a build only reads.
fn told_places(args: &[Option<String>]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        let Some(arg) = arg.as_deref() else { continue };
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name, value),
            None => (arg, args.get(at + 1).and_then(|next| next.as_deref()).unwrap_or_default()),
        };
        let name = name.strip_prefix("-DCMAKE_INSTALL_").or_else(|| name.strip_prefix("--")).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let reads = ["with-", "without-", "enable-", "disable-", "src", "build", "host", "cache", "include"];
        if !value.starts_with('/') || name == "prefix" || reads.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        if name.ends_with("dir") || name.ends_with("prefix") {
            found.push(value.to_owned());
        } else if name.ends_with("-path") {
            // nginx's: a file, or the start of one's name.
            found.push(super::path::parent(value).to_owned());
        }
    }
    found
}

/// `app --version`
fn only_tells(call: &Call<'_>) -> bool {
    let args = call.command.args();
    !args.is_empty() && args.iter().all(|arg| matches!(arg.text.as_str(), "--version" | "--help"))
}

#[cfg(test)]
mod places {
    use super::told_places;

    #[test]
    fn of_configure_and_cmake() {
        let of = |command: &str| told_places(&command.split(' ').map(|word| Some(word.to_owned())).collect::<Vec<_>>());
        assert_eq!(of("--prefix=/opt/a --sysconfdir=/etc/a --localstatedir /var/a"), ["/etc/a", "/var/a"]);
        assert_eq!(of("--sbin-path=/usr/sbin/nginx --exec-prefix=/opt/b"), ["/usr/sbin", "/opt/b"]);
        assert_eq!(of(". -DCMAKE_INSTALL_SYSCONFDIR=/etc -DCMAKE_INSTALL_PREFIX=/usr"), ["/etc"]);
        assert!(of("--with-openssl=/usr/src/openssl --srcdir=/src --libdir=lib --enable-x").is_empty());
    }
}
