//! What the languages' own package managers and compilers write.

use super::effect::{Call, untraced};
use super::path::{base_name, join};
use super::trace::{Binary, Refusal, Tracer};

impl Tracer<'_> {
    pub(super) fn tool(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let args = self.values(call);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.trace.work_directories.extend(self.script_cwd.clone());
        if is_pip(call.name) {
            return self.pip(call, &args);
        }
        if is_python(call.name) {
            return self.python(call, &args);
        }
        match call.name {
            "virtualenv" => self.virtualenv(call, &args),
            "poetry" => self.poetry(call, &args),
            "pipenv" => self.pipenv(call, &args),
            "uv" => self.uv(call, &args),
            "npm" | "yarn" | "pnpm" | "bun" | "npx" | "bunx" | "corepack" | "yarnpkg" | "node-gyp" => {
                self.node(call, &args)
            }
            "node" | "nodejs" => self.interpreter(call, &args, "node"),
            "go" => self.go(call, &args),
            "cargo" | "rustup" | "rustc" => self.cargo(call, &args),
            "mvn" | "mvnw" | "gradle" | "gradlew" | "ant" | "sbt" => self.java(call),
            "java" => self.interpreter(call, &args, "java"),
            "dotnet" => self.dotnet(call, &args),
            "composer" | "composer.phar" => self.composer(call, &args),
            "php" => self.php(call, &args),
            "gem" | "bundle" | "bundler" => self.ruby(call, &args),
            "ruby" => self.interpreter(call, &args, "ruby"),
            "make" | "gmake" => self.make(call, &args),
            "gunicorn" | "uvicorn" | "flask" | "django-admin" | "pytest" | "tox" => self.below_cwd(call),
            _ => Err(untraced(call.range, call.name)),
        }
    }

    fn values(&self, call: &Call<'_>) -> Vec<String> {
        let words = call.command.args().iter();
        words.map(|word| self.word(call.index, word).unwrap_or_else(|| word.text.clone())).collect()
    }

    fn mark(&mut self, tool: &'static str, index: usize) {
        self.trace.tools.entry(tool).or_insert(index);
    }

    fn interpreter(&mut self, call: &Call<'_>, args: &[&str], tool: &'static str) -> Result<(), Refusal> {
        self.mark(tool, call.index);
        if args.iter().all(|arg| matches!(*arg, "-v" | "--version" | "-version" | "-V" | "version")) {
            return Ok(());
        }
        Err(untraced(call.range, &format!("{} {}", call.name, args.first().copied().unwrap_or_default())))
    }

    fn pip(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("pip", call.index);
        let Some(verb) = args.iter().position(|arg| !arg.starts_with('-')).map(|at| args[at]) else { return Ok(()) };
        if !matches!(verb, "install" | "uninstall") {
            return match verb {
                "wheel" | "download" => self.below_cwd(call),
                _ => Ok(()),
            };
        }
        let elsewhere = ["--user", "--target", "-t", "--prefix", "--root", "--src"];
        if let Some(option) = args.iter().find(|arg| {
            elsewhere.iter().any(|name| *arg == name || arg.starts_with(&format!("{name}=")) && name.len() > 2)
        }) {
            return Err(Refusal::new(
                call.range,
                format!("pip installs elsewhere than into an environment (`{option}`)"),
            ));
        }
        let mut at = 0;
        while at < args.len() {
            let arg = args[at];
            at += 1;
            if matches!(
                arg,
                "-r" | "-c"
                    | "-i"
                    | "-f"
                    | "--requirement"
                    | "--constraint"
                    | "--index-url"
                    | "--extra-index-url"
                    | "--find-links"
                    | "--trusted-host"
                    | "--timeout"
                    | "--default-timeout"
                    | "--retries"
                    | "--platform"
                    | "--python-version"
                    | "--progress-bar"
                    | "--cache-dir"
                    | "-e"
                    | "--editable"
            ) {
                if matches!(arg, "-e" | "--editable") {
                    self.below_cwd(call)?;
                }
                at += 1;
            } else if !arg.starts_with('-') && arg != "install" {
                self.trace.pip_names.insert(requirement_name(arg));
            }
        }
        self.environment(call)
    }

    /// Something is installed into the Python that is in force.
    fn environment(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let path = self.word(call.index, &call.command.words[call.command.name_index]).unwrap_or_default();
        let own = path.rsplit_once("/bin/").map(|(venv, _)| venv.to_owned()).filter(|venv| !venv.starts_with("/usr"));
        let own = match own {
            Some(venv) if venv.starts_with('/') || venv.starts_with("./") || !venv.is_empty() => {
                self.script_cwd.as_ref().map(|cwd| join(cwd, &venv))
            }
            _ => None,
        };
        let path_first = self.path_first(call.index);
        match own.or_else(|| self.entered.clone()).or(path_first) {
            Some(venv) if self.trace.venvs.contains(&venv) => {
                self.write_dependencies(call.index, venv);
                Ok(())
            }
            Some(venv) => Err(Refusal::new(call.range, format!("the environment `{venv}` is not made in this stage"))),
            None => {
                self.trace.pip.push(call.index);
                Ok(())
            }
        }
    }

    /// The environment whose programs PATH finds first.
    fn path_first(&self, index: usize) -> Option<String> {
        let scope = self.file.evaluation.scope(index);
        let first_of = |value: &str| {
            let first = value.trim_matches('"').split(':').next()?.strip_suffix("/bin")?.to_owned();
            self.trace.venvs.contains(&first).then_some(first)
        };
        if let Some(path) = scope.get("PATH").definition.and_then(|id| {
            let definition = self.file.evaluation.definition(id);
            let written = definition.written.as_ref()?;
            let text = written.text.replace("$PATH", "").replace("${PATH}", "");
            self.expand(index, &text)
        }) && let Some(venv) = first_of(&path)
        {
            return Some(venv);
        }
        let virtual_env = scope.get("VIRTUAL_ENV").value.text().map(str::to_owned)?;
        self.trace.venvs.contains(&virtual_env).then_some(virtual_env)
    }

    fn python(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        let rest = match args.iter().position(|arg| !matches!(*arg, "-u" | "-B" | "-O" | "-s" | "-E" | "-I")) {
            Some(at) => &args[at..],
            None => &[][..],
        };
        match rest {
            [] | ["-", ..] if call.place.pipeline_index > 0 => self.piped_python(call),
            [] | ["--version" | "-V", ..] => Ok(()),
            ["-m", "venv" | "virtualenv", rest @ ..] => self.virtualenv(call, rest),
            ["-m", "pip", rest @ ..] => self.pip(call, rest),
            ["-m", "compileall" | "build" | "grpc_tools.protoc" | "pytest" | "unittest", ..] => self.below_cwd(call),
            ["-m", "ensurepip", ..] => Ok(()),
            ["-m", "spacy", "download", ..] => self.environment(call),
            ["-m", "nltk.downloader", rest @ ..] => match rest.iter().position(|arg| *arg == "-d") {
                Some(at) if rest.len() > at + 1 => {
                    let cwd = self.script_cwd.clone().unwrap_or_default();
                    self.write(call.index, join(&cwd, rest[at + 1]), true, false, false);
                    Ok(())
                }
                _ => Err(Refusal::new(call.range, "it downloads data to the home directory of root")),
            },
            [script, verb, ..] if base_name(script) == "manage.py" => match *verb {
                "collectstatic" | "compilemessages" | "migrate" | "makemigrations" | "compress" | "check"
                | "compilescss" => self.below_cwd(call),
                _ => Err(untraced(call.range, &format!("manage.py {verb}"))),
            },
            [script, verb, ..] if base_name(script) == "setup.py" => {
                self.trace.settings.insert("setup.py".to_owned());
                self.below_cwd(call)?;
                if matches!(*verb, "install" | "develop") { self.environment(call) } else { Ok(()) }
            }
            // pip, where the new image has it.
            [script, ..] if base_name(script) == "get-pip.py" => Ok(()),
            ["-c", ..] => Err(untraced(call.range, "python -c")),
            [first, ..] => Err(untraced(call.range, &format!("python {first}"))),
        }
    }

    /// `curl … | python3 -`: the installers of build tools leave nothing that an application needs.
    fn piped_python(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        const INSTALLERS: &[&str] = &["install.python-poetry.org", "get-poetry.py", "get-pip.py"];
        let text = &self.file.text[self.file.instruction(call.index).range];
        match INSTALLERS.iter().any(|installer| text.contains(installer)) {
            true => Ok(()),
            false => Err(untraced(call.range, "python -")),
        }
    }

    fn virtualenv(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        if args.contains(&"--system-site-packages") {
            return Err(Refusal::new(call.range, "the environment also uses the system's Python packages"));
        }
        let mut operands = Vec::new();
        let mut at = 0;
        while at < args.len() {
            if matches!(args[at], "-p" | "--python" | "--prompt") {
                at += 1;
            } else if !args[at].starts_with('-') {
                operands.push(args[at]);
            }
            at += 1;
        }
        let (Some(place), Some(cwd)) = (operands.first(), self.script_cwd.clone()) else {
            return Err(untraced(call.range, "venv"));
        };
        if place.contains('$') {
            return Err(Refusal::new(call.range, "where the environment is made is only known when it runs"));
        }
        let place = join(&cwd, place);
        self.trace.venvs.insert(place.clone());
        self.write_dependencies(call.index, place);
        Ok(())
    }

    fn poetry(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("poetry", call.index);
        match args.iter().find(|arg| !arg.starts_with('-')).copied() {
            Some("config") => {
                let words: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
                if let [_, name, value, ..] = &words[..] {
                    self.trace.settings.insert(format!("{name}={value}"));
                }
                Ok(())
            }
            Some("install" | "sync" | "add") => {
                let setting = |name: &str, variable: &str, value: &str| {
                    self.trace.settings.contains(&format!("{name}={value}"))
                        || self.file.evaluation.scope(call.index).get(variable).value.text().is_some_and(|have| {
                            matches!(have.to_ascii_lowercase().as_str(), "0" | "false") == (value == "false")
                        })
                };
                if setting("virtualenvs.create", "POETRY_VIRTUALENVS_CREATE", "false") {
                    if !args.contains(&"--no-root") {
                        self.below_cwd(call)?;
                    }
                    return self.environment(call);
                }
                if setting("virtualenvs.in-project", "POETRY_VIRTUALENVS_IN_PROJECT", "true") {
                    let venv = join(&self.script_cwd.clone().unwrap_or_default(), ".venv");
                    self.trace.venvs.insert(venv);
                    return self.dependencies(call, ".venv");
                }
                Err(Refusal::new(call.range, "Poetry makes an environment of its own in the home directory of root"))
            }
            Some("export" | "lock" | "build") => self.below_cwd(call),
            Some("self" | "cache" | "check" | "show" | "env") | None => Ok(()),
            Some("run") => Err(untraced(call.range, "poetry run")),
            Some(verb) => Err(untraced(call.range, &format!("poetry {verb}"))),
        }
    }

    fn pipenv(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("pipenv", call.index);
        match args.iter().find(|arg| !arg.starts_with('-')).copied() {
            Some("install" | "sync") if args.contains(&"--system") => self.environment(call),
            Some("install" | "sync") => {
                Err(Refusal::new(call.range, "Pipenv makes an environment of its own in the home directory of root"))
            }
            Some("lock" | "requirements") => self.below_cwd(call),
            _ => Ok(()),
        }
    }

    fn uv(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("uv", call.index);
        let words: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
        match &words[..] {
            ["sync", ..] => {
                let cwd = self.script_cwd.clone().unwrap_or_default();
                let own = self.expand(call.index, "${UV_PROJECT_ENVIRONMENT:-.venv}").unwrap_or_default();
                let venv = join(&cwd, if own.is_empty() { ".venv" } else { &own });
                self.trace.venvs.insert(venv.clone());
                self.trace.uv_environment = self.trace.uv_environment.or(Some(call.index));
                self.dependencies(call, &venv)
            }
            ["venv", rest @ ..] => {
                let cwd = self.script_cwd.clone().unwrap_or_default();
                let venv = join(&cwd, rest.first().unwrap_or(&".venv"));
                self.trace.venvs.insert(venv.clone());
                self.trace.uv_environment = self.trace.uv_environment.or(Some(call.index));
                self.write_dependencies(call.index, venv);
                Ok(())
            }
            ["pip", "install" | "sync", ..] if args.contains(&"--system") => {
                Err(Refusal::new(call.range, "uv installs into the system's Python (`--system`)"))
            }
            ["pip", "install" | "sync", ..] => self.environment(call),
            ["export" | "lock", ..] | ["pip", "compile", ..] => self.below_cwd(call),
            ["cache" | "version" | "pip", ..] | [] => Ok(()),
            [verb, ..] => Err(untraced(call.range, &format!("uv {verb}"))),
        }
    }

    fn node(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("npm", call.index);
        if call.name == "corepack" {
            return Ok(());
        }
        let words: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
        // `-gq` is `-g -q`.
        let short = |arg: &str| arg.strip_prefix('-').is_some_and(|own| !own.starts_with('-') && own.contains('g'));
        let global = args.iter().any(|arg| matches!(*arg, "--global" | "--location=global") || short(arg))
            || matches!(words[..], ["global", ..]);
        let verb = words.first().copied().unwrap_or("install");
        if verb == "config" || verb == "cache" || verb == "set" || verb == "--version" || verb == "version" {
            return Ok(());
        }
        if global {
            let names = words
                .iter()
                .filter(|word| !matches!(**word, "install" | "i" | "add" | "global" | "upgrade" | "update" | "up"));
            self.trace.global_npm.extend(names.map(|name| package_name(name)));
            return Ok(());
        }
        if matches!(verb, "start" | "serve") && call.name != "npx" {
            return Err(untraced(call.range, &format!("{} {verb}", call.name)));
        }
        if verb == "playwright" || verb == "puppeteer" {
            return Err(Refusal::new(call.range, "it downloads a browser to the home directory of root"));
        }
        let elsewhere = args.iter().any(|arg| ["--prefix", "--cwd", "-C", "--dir"].iter().any(|o| arg.starts_with(o)));
        if matches!(verb, "install" | "i" | "ci" | "add") && !elsewhere && self.installs_only(args) {
            return self.dependencies(call, "node_modules");
        }
        // `--prefix client` and `--cwd client` go down, not up.
        self.below_cwd(call)
    }

    /// Whether installing what package.json asks for leaves nothing but `node_modules`: it has no scripts of its own that
    /// run then, no workspaces, and no other layout.
    fn installs_only(&self, args: &[&str]) -> bool {
        const HOOKS: &[&str] =
            &["preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare", "prepublish"];
        let Some(cwd) = &self.script_cwd else { return false };
        let Some(manifest) = self.source_text(&join(cwd, "package.json")) else { return false };
        let Ok(manifest) = serde_json::from_str::<serde_json::Value>(&manifest) else { return false };
        let hooked = HOOKS.iter().any(|hook| manifest["scripts"][hook].is_string());
        let beside = [".yarnrc.yml", ".pnp.cjs", "pnpm-workspace.yaml", "lerna.json", ".npmrc"];
        manifest["workspaces"].is_null()
            && (!hooked || args.contains(&"--ignore-scripts"))
            && !beside.iter().any(|name| self.source_text(&join(cwd, name)).is_some())
    }

    /// A package manager fills `directory` with dependencies.
    fn dependencies(&mut self, call: &Call<'_>, directory: &str) -> Result<(), Refusal> {
        let Some(cwd) = self.script_cwd.clone() else {
            return Err(Refusal::new(call.range, "the directory that the command runs in cannot be told"));
        };
        self.needs_directory(call);
        self.write_dependencies(call.index, join(&cwd, directory));
        Ok(())
    }

    fn go(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("go", call.index);
        match args.first().copied() {
            Some("build") => self.go_build(call, args),
            Some("install") => {
                let bin = self.go_bin(call.index);
                let fixed = self.go_is_static(call, args);
                self.trace.binaries.push(Binary { path: bin, named: false, fixed, instruction: call.index });
                Ok(())
            }
            Some("run") => Err(untraced(call.range, "go run")),
            Some("generate" | "mod" | "get" | "vet" | "test" | "fmt" | "work" | "tool") => self.below_cwd(call),
            Some("env" | "version" | "clean" | "list" | "telemetry") | None => Ok(()),
            Some(verb) => Err(untraced(call.range, &format!("go {verb}"))),
        }
    }

    fn go_build(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        let cwd = self.script_cwd.clone();
        let Some(cwd) = cwd else { return Err(untraced(call.range, "go build")) };
        self.trace.work_directories.insert(cwd.clone());
        let fixed = self.go_is_static(call, args);
        let output =
            args.iter().position(|arg| *arg == "-o").and_then(|at| args.get(at + 1)).map(|path| (*path).to_owned());
        let output = output.or_else(|| args.iter().find_map(|arg| arg.strip_prefix("-o=").map(str::to_owned)));
        let binary = match output {
            Some(path) if path.contains(['$', '`', '*']) => {
                return Err(Refusal::new(call.range, "the file it writes is only known when it runs"));
            }
            Some(path) => {
                let place = join(&cwd, &path);
                let named = !path.ends_with('/') && !self.trace.is_directory(&place);
                Binary { path: place, named, fixed, instruction: call.index }
            }
            None => Binary { path: cwd.clone(), named: false, fixed, instruction: call.index },
        };
        if call.command.args().is_empty() || !binary.named {
            self.write(call.index, cwd, true, false, false);
        }
        self.write(call.index, binary.path.clone(), !binary.named, false, false);
        self.trace.binaries.push(binary);
        Ok(())
    }

    fn go_bin(&self, index: usize) -> String {
        let value = |name: &str| self.file.evaluation.scope(index).get(name).value.text().map(str::to_owned);
        let path = value("GOBIN").or_else(|| value("GOPATH").map(|path| format!("{path}/bin")));
        path.or_else(|| self.source_variable("GOPATH").map(|path| format!("{path}/bin")))
            .unwrap_or_else(|| "/root/go/bin".to_owned())
    }

    /// A variable as the old image set it.
    fn source_variable(&self, name: &str) -> Option<String> {
        let source = super::chain::source(self.file, self.stage)?;
        let image = self.file.mappings.source_image(&source.name, source.tag.as_deref())?;
        image.env.into_iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Whether cgo is off for a build.
    fn go_is_static(&self, call: &Call<'_>, _args: &[&str]) -> bool {
        let own = call.command.assignments.iter().find(|assignment| assignment.name == "CGO_ENABLED");
        let own = own.and_then(|assignment| assignment.value.as_ref()).and_then(|word| self.word(call.index, word));
        let by_env = call.command.words[..call.command.name_index].iter().any(|word| word.text == "CGO_ENABLED=0");
        let in_force = self.file.evaluation.scope(call.index).get("CGO_ENABLED").value.text().map(str::to_owned);
        by_env || own.or_else(|| self.exported.get("CGO_ENABLED").cloned()).or(in_force).as_deref() == Some("0")
    }

    fn cargo(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("cargo", call.index);
        let words: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with(['-', '+'])).collect();
        if call.name == "rustup" {
            return Ok(());
        }
        match words.first().copied() {
            Some("build" | "rustc" | "b") => {
                let Some(cwd) = self.script_cwd.clone() else { return Err(untraced(call.range, "cargo build")) };
                self.trace.work_directories.insert(cwd.clone());
                let value_of =
                    |option: &str| args.iter().position(|arg| *arg == option).and_then(|at| args.get(at + 1)).copied();
                let target = value_of("--target").or_else(|| args.iter().find_map(|arg| arg.strip_prefix("--target=")));
                let fixed = target.is_some_and(|target| target.contains("musl"));
                let profile = if args.iter().any(|arg| matches!(*arg, "--release" | "-r"))
                    || value_of("--profile") == Some("release")
                {
                    "release"
                } else {
                    "debug"
                };
                let directory = self.expand(call.index, "${CARGO_TARGET_DIR:-target}").filter(|path| !path.is_empty());
                let place = join(&cwd, &directory.unwrap_or_else(|| "target".to_owned()));
                let place = match target {
                    Some(target) => format!("{place}/{target}/{profile}"),
                    None => format!("{place}/{profile}"),
                };
                self.write(call.index, place.clone(), true, false, false);
                self.trace.binaries.push(Binary { path: place, named: false, fixed, instruction: call.index });
                Ok(())
            }
            Some("install") => {
                let root = args
                    .iter()
                    .position(|arg| *arg == "--root")
                    .and_then(|at| args.get(at + 1))
                    .map(|root| (*root).to_owned());
                let value =
                    |name: &str| self.file.evaluation.scope(call.index).get(name).value.text().map(str::to_owned);
                let home = value("CARGO_INSTALL_ROOT").or_else(|| value("CARGO_HOME"));
                let home = home.or_else(|| self.source_variable("CARGO_HOME"));
                let root = root.or(home).unwrap_or_else(|| "/root/.cargo".to_owned());
                let root = join(self.script_cwd.as_deref().unwrap_or("/"), &root);
                self.trace.binaries.push(Binary {
                    path: format!("{root}/bin"),
                    named: false,
                    fixed: false,
                    instruction: call.index,
                });
                Ok(())
            }
            Some(
                "new" | "init" | "fetch" | "test" | "check" | "vendor" | "chef" | "update" | "clean" | "fmt" | "clippy",
            ) => self.below_cwd(call),
            None => Ok(()),
            Some(verb) => Err(untraced(call.range, &format!("cargo {verb}"))),
        }
    }

    fn java(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        self.mark("java", call.index);
        self.below_cwd(call)
    }

    fn dotnet(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("dotnet", call.index);
        let Some(cwd) = self.script_cwd.clone() else { return Err(untraced(call.range, "dotnet")) };
        match args.first().copied() {
            Some("publish" | "build" | "msbuild") => {
                let value_of = |names: &[&str]| {
                    let at = args.iter().position(|arg| names.contains(arg));
                    at.and_then(|at| args.get(at + 1)).map(|path| (*path).to_owned()).or_else(|| {
                        args.iter().find_map(|arg| {
                            names.iter().find_map(|name| arg.strip_prefix(&format!("{name}=")).map(str::to_owned))
                        })
                    })
                };
                let place = match value_of(&["-o", "--output"]) {
                    Some(path) if path.contains('$') => {
                        return Err(Refusal::new(
                            call.range,
                            "the directory it publishes to is only known when it runs",
                        ));
                    }
                    Some(path) => join(&cwd, &path),
                    None => cwd.clone(),
                };
                let self_contained = args.windows(2).any(|pair| matches!(pair, ["--self-contained", "true"]))
                    || args.iter().any(|arg| {
                        matches!(
                            *arg,
                            "--self-contained=true"
                                | "--sc"
                                | "-p:PublishSingleFile=true"
                                | "/p:PublishSingleFile=true"
                        )
                    })
                    || (args.contains(&"--self-contained")
                        && !args.windows(2).any(|pair| matches!(pair, ["--self-contained", "false"])));
                if self_contained {
                    self.trace.settings.insert("self-contained".to_owned());
                }
                if args[0] == "publish" {
                    self.trace.settings.insert(format!("publish={place}"));
                }
                self.write(call.index, place, true, false, false);
                self.write(call.index, cwd, true, false, false);
                Ok(())
            }
            Some("restore" | "test" | "clean" | "ef" | "new" | "add" | "sln") => self.below_cwd(call),
            Some("tool") => Ok(()),
            Some("dev-certs") => Err(untraced(call.range, "dotnet dev-certs")),
            Some("--version" | "--info" | "nuget" | "workload") | None => Ok(()),
            Some(verb) => Err(untraced(call.range, &format!("dotnet {verb}"))),
        }
    }

    fn composer(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("composer", call.index);
        match args.iter().find(|arg| !arg.starts_with('-')).copied() {
            Some("global") => Err(Refusal::new(call.range, "Composer installs into the home directory of root")),
            Some("config" | "clear-cache" | "clearcache" | "self-update" | "diagnose" | "validate") | None => Ok(()),
            Some("install" | "update") if args.contains(&"--no-scripts") => self.dependencies(call, "vendor"),
            // `-o` optimises the autoloader.
            _ => self.fills_cwd(call),
        }
    }

    fn php(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        match args {
            [artisan, verb, ..] if base_name(artisan) == "artisan" && verb.contains(':') => self.below_cwd(call),
            // Symfony's: its commands write to `var` and `public`.
            [console, verb, ..] if console.ends_with("bin/console") && verb.contains(':') => self.fills_cwd(call),
            [artisan, "optimize", ..] if base_name(artisan) == "artisan" => self.below_cwd(call),
            [composer, rest @ ..] if base_name(composer).starts_with("composer") => self.composer(call, rest),
            ["-v" | "--version" | "-m" | "-i", ..] => Ok(()),
            _ if self.installs_composer(call, args) => Ok(()),
            _ => Err(untraced(call.range, &format!("php {}", args.first().copied().unwrap_or_default()))),
        }
    }

    /// `curl …/installer | php -- --install-dir=/usr/local/bin`, and the steps that Composer's own page lists.
    fn installs_composer(&mut self, call: &Call<'_>, args: &[&str]) -> bool {
        let script = matches!(args.first(), Some(&script) if base_name(script) == "composer-setup.php");
        let text = &self.file.text[self.file.instruction(call.index).range];
        let from_page = text.contains("getcomposer.org/installer") || text.contains("composer-setup.php");
        let reads_input = call.place.pipeline_index > 0 && args.first().is_none_or(|first| first.starts_with('-'));
        let installs = script || (from_page && (reads_input || matches!(args.first(), Some(&"-r"))));
        if installs {
            self.mark("composer", call.index);
        }
        installs
    }

    fn ruby(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("gem", call.index);
        let words: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
        match (call.name, &words[..]) {
            ("gem", ["install", names @ ..]) => {
                self.trace.settings.extend(names.iter().map(|name| format!("gem={name}")));
                self.mark("gems", call.index);
                Ok(())
            }
            ("gem", _) => Ok(()),
            (_, ["config", rest @ ..]) => {
                let rest: Vec<&str> =
                    rest.iter().copied().filter(|word| !matches!(*word, "set" | "--global" | "--local")).collect();
                if let ["path", path, ..] = &rest[..] {
                    self.gem_path(call, path);
                }
                if let ["deployment", "true" | "1", ..] = &rest[..] {
                    self.gem_path(call, "vendor/bundle");
                }
                Ok(())
            }
            (_, ["install" | "update", ..] | []) => {
                let path = args.iter().position(|arg| *arg == "--path").and_then(|at| args.get(at + 1)).copied();
                let path = path.or_else(|| args.iter().find_map(|arg| arg.strip_prefix("--path=")));
                let path = path.or_else(|| args.contains(&"--deployment").then_some("vendor/bundle"));
                if let Some(path) = path {
                    self.gem_path(call, path);
                }
                self.mark("gems", call.index);
                self.mark("bundle", call.index);
                // Bundler notes its settings and the lock beside the Gemfile.
                self.below_cwd(call)
            }
            (_, ["exec", tool, ..])
                if matches!(*tool, "rake" | "rails" | "jekyll" | "middleman" | "bootsnap" | "hanami") =>
            {
                self.below_cwd(call)
            }
            (_, ["package" | "clean" | "lock" | "cache" | "check", ..]) => self.below_cwd(call),
            (_, [verb, ..]) => Err(untraced(call.range, &format!("{} {verb}", call.name))),
        }
    }

    fn gem_path(&mut self, call: &Call<'_>, path: &str) {
        let place = join(self.script_cwd.as_deref().unwrap_or("/"), path);
        self.trace.gem_paths.insert(place.clone());
        self.write(call.index, place, true, false, false);
    }

    fn make(&mut self, call: &Call<'_>, args: &[&str]) -> Result<(), Refusal> {
        self.mark("make", call.index);
        if !args.iter().any(|arg| arg.starts_with("install")) {
            return self.below_cwd(call);
        }
        let value = |names: &[&str]| {
            args.iter().find_map(|arg| {
                let (name, value) = arg.split_once('=')?;
                names.contains(&name).then(|| value.to_owned())
            })
        };
        let cwd = self.script_cwd.clone().unwrap_or_default();
        let prefix = value(&["PREFIX", "prefix"]).map(|path| join(&cwd, &path)).or_else(|| self.trace.prefix.clone());
        // What goes to a directory of its own first is put in place by something else.
        if let Some(staged) = value(&["DESTDIR"]) {
            self.write(call.index, join(&cwd, &staged), true, false, false);
            return self.below_cwd(call);
        }
        self.install_into(call, prefix)?;
        self.below_cwd(call)
    }
}

pub(super) fn is_python(name: &str) -> bool {
    let rest = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

pub(super) fn is_pip(name: &str) -> bool {
    name.strip_prefix("pip").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// The name in `flask[async]==2.0`.
fn requirement_name(text: &str) -> String {
    let end = text.find(['=', '<', '>', '!', '~', '[', ';', '@', ' ']).unwrap_or(text.len());
    text[..end].to_ascii_lowercase().replace('_', "-")
}

/// The name in `@angular/cli@15`.
fn package_name(text: &str) -> String {
    match text.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => text[..=at].to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_versions() {
        assert_eq!(package_name("@angular/cli@15"), "@angular/cli");
        assert_eq!(package_name("pm2@latest"), "pm2");
        assert_eq!(requirement_name("Flask_Login[x]>=2"), "flask-login");
        assert!(is_python("python3.11") && is_pip("pip3") && !is_pip("pipenv") && !is_python("pythonw"));
    }
}
