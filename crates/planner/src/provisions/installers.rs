//! Installers of languages and builds: what they put on the PATH.

use wolfify_syntax::shell::{CommandContext, ShellWord, SimpleCommand};

use crate::provisions::names::products;
use crate::provisions::{ANYTHING, LIST, Step};

/// First letters of Wolfi's packages that hold a language's own packages: what a list of them may bring.
pub(super) const LANGUAGES: [&str; 5] = ["py", "ruby", "perl", "php", "node"];

/// Packages whose commands are not called as the package is.
const COMMANDS: &[(&str, &[&str])] = &[
    ("@angular/cli", &["ng"]),
    ("@nestjs/cli", &["nest"]),
    ("@vue/cli", &["vue"]),
    ("ansible", &["ansible-playbook", "ansible-galaxy", "ansible-vault"]),
    ("ansible-core", &["ansible", "ansible-playbook", "ansible-galaxy", "ansible-vault"]),
    ("awscli", &["aws"]),
    ("awscli-local", &["awslocal"]),
    ("bower-npm-resolver", &["bower"]),
    ("ember-cli", &["ember"]),
    ("firebase-tools", &["firebase"]),
    ("grunt-cli", &["grunt"]),
    ("gulp-cli", &["gulp"]),
    ("httpie", &["http", "https"]),
    ("ipython", &["ipython3"]),
    ("jupyter", &["jupyter-notebook", "jupyter-lab"]),
    ("jupyterlab", &["jupyter", "jupyter-lab"]),
    ("notebook", &["jupyter", "jupyter-notebook"]),
    ("less", &["lessc"]),
    ("n", &["node", "npm", "npx"]),
    ("npm", &["npx"]),
    ("sphinx", &["sphinx-build", "sphinx-quickstart", "sphinx-apidoc"]),
    ("supervisor", &["supervisord", "supervisorctl"]),
    ("typescript", &["tsc", "tsserver"]),
    ("virtualenvwrapper", &["virtualenv"]),
    ("webpack-cli", &["webpack"]),
    ("yo", &["yo"]),
];

/// What a command brings when it is an installer or a build.
pub(super) fn by_command(command: &SimpleCommand, place: &CommandContext, step: &mut Step) {
    if let Some(file) = runs_a_file(command, place) {
        step.open.push(ANYTHING);
        step.names.push(file);
    }
    let Some(name) = command.name() else { return };
    let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let language = language_of(&name, &words);
    if let Some((key, skip)) = language {
        packages(&words[skip.min(words.len())..], key, step);
        if reads_a_list(&name, &words) {
            step.open.push(LIST);
        }
    }
    other(&name, &words, step);
}

/// A script or program of the author's own that may do anything: `./install.sh`, `sh build.sh`, `curl … | sh`.
fn runs_a_file(command: &SimpleCommand, place: &CommandContext) -> Option<String> {
    let word: &ShellWord = command.words.get(command.name_index)?;
    let name = command.name().unwrap_or_default();
    if matches!(name.as_str(), "sh" | "bash" | "ash" | "dash" | "source" | ".") {
        let file = command.args().iter().find(|arg| !arg.text.starts_with('-'));
        let inline = command.args().iter().any(|arg| arg.text.starts_with('-') && arg.text.contains('c'));
        let piped = file.is_none() && place.pipeline_index > 0;
        return (piped || (file.is_some() && !inline)).then(String::new);
    }
    let own = word.text.contains('/')
        && !["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/"]
            .iter()
            .any(|dir| word.text.starts_with(dir))
        && !matches!(name.as_str(), "configure" | "config" | "autogen.sh");
    own.then_some(name)
}

/// The language whose packages a command installs, and where its arguments begin.
fn language_of(name: &str, words: &[&str]) -> Option<(&'static str, usize)> {
    let first = words.first().copied().unwrap_or_default();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if name.starts_with("python") && first == "-m" && words.get(1).is_some_and(|module| module.starts_with("pip")) {
        return Some(("py", 3));
    }
    if name.starts_with("python") && has(&["install", "develop"]) {
        return Some(("py", words.len()));
    }
    if name.starts_with("easy_install") {
        return Some(("py", 0));
    }
    let global = words.iter().any(|word| is_global(word));
    match name {
        _ if name.starts_with("pip") && has(&["install", "inject"]) => Some(("py", 1)),
        "uv" if matches!(first, "pip" | "tool") => Some(("py", 2)),
        "poetry" | "pipenv" | "pdm" | "uv" if matches!(first, "install" | "sync") => Some(("py", words.len())),
        "npm" | "pnpm" | "yarn" if global => Some(("node", 1)),
        "npm" | "pnpm" | "yarn" => Some(("node", words.len())),
        "gem" if first == "install" => Some(("ruby", 1)),
        "bundle" | "bundler" => Some(("ruby", words.len())),
        "composer" if global => Some(("php", 2)),
        "composer" => Some(("php", words.len())),
        "cpan" | "cpanm" | "perl" => Some(("perl", 0)),
        _ => None,
    }
}

/// An option or word that asks for an install beside the application.
fn is_global(word: &str) -> bool {
    matches!(word, "-g" | "--global" | "global" | "-global")
}

/// `pip install -r`, `npm ci`, `bundle install`: what they bring stands in a file of the application.
fn reads_a_list(name: &str, words: &[&str]) -> bool {
    let verb = words.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
    match name {
        "npm" | "pnpm" | "yarn" if words.iter().any(|word| is_global(word)) => false,
        "npm" | "pnpm" => matches!(verb, "install" | "ci" | "i" | "clean-install"),
        "yarn" | "bundle" | "bundler" => matches!(verb, "install" | ""),
        "composer" => matches!(verb, "install" | "update"),
        "poetry" | "pipenv" | "pdm" | "uv" if verb != "pip" => matches!(verb, "install" | "sync"),
        _ => words.iter().any(|word| {
            let list = ["-r", "--requirement", "-e", "--editable"].iter().any(|option| word.starts_with(option));
            list || *word == "." || word.starts_with("./") || word.starts_with(".[")
        }),
    }
}

/// Named packages bring commands of their name; a list of them may bring anything of the language.
fn packages(words: &[&str], key: &'static str, step: &mut Step) {
    step.open.push(key);
    for word in words.iter().filter(|word| !word.starts_with('-') && **word != "add" && **word != "install") {
        let word = word.trim_matches(['"', '\'']).to_ascii_lowercase();
        let end = word.find(['=', '<', '>', '[', '~', '!', ';', ':']).unwrap_or(word.len());
        named(&word[..end], step);
    }
}

/// A package, its version behind `@` left out, brings a command of its name, and `sqlx-cli` one that is called `sqlx`.
fn named(package: &str, step: &mut Step) {
    let package = match package.rfind('@') {
        Some(at) if at > 0 => &package[..at],
        _ => package,
    };
    let rows = COMMANDS.iter().filter(|(name, _)| *name == package).flat_map(|(_, commands)| commands.iter());
    step.names.extend(rows.map(|command| (*command).to_owned()));
    let last = package.rsplit('/').next().unwrap_or(package);
    step.names.push(last.to_owned());
    step.names.extend(["-cli", "_cli"].iter().find_map(|end| last.strip_suffix(end)).map(str::to_owned));
    products(last, step);
}

/// Whether a target of a build puts something where programs are looked for.
fn installs(target: &str) -> bool {
    ["install", "deps", "setup", "tools", "bootstrap"].iter().any(|part| target.contains(part))
}

fn other(name: &str, words: &[&str], step: &mut Step) {
    let first = words.first().copied().unwrap_or_default();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let operands = || words.iter().skip(1).filter(|word| !word.starts_with('-'));
    match name {
        "make" | "gmake" | "ninja" | "scons" | "meson" | "rake" | "cmake" | "waf"
            if words.iter().any(|word| installs(word)) =>
        {
            step.open.push(ANYTHING);
        }
        "checkinstall" | "bazel" => step.open.push(ANYTHING),
        "go" if matches!(first, "get" | "install" | "build") => operands().for_each(|path| {
            let path = path.split('@').next().unwrap_or(path).trim_end_matches("/...");
            step.names.extend(path.rsplit('/').take(2).map(str::to_owned));
        }),
        "cargo" if matches!(first, "install" | "binstall") => operands().for_each(|package| named(package, step)),
        "dotnet" if first == "tool" => operands().for_each(|tool| step.names.push((*tool).to_owned())),
        "conda" | "mamba" | "micromamba" | "brew" | "asdf" | "sdk" | "nix-env" | "guix" | "opkg" => {
            operands().for_each(|package| named(package.split('=').next().unwrap_or(package), step));
            if has(&["-f", "--file", "env"]) {
                step.open.push(ANYTHING);
            }
        }
        "corepack" => step.names.extend(["yarn", "pnpm"].map(str::to_owned)),
        "rustup" | "nvm" | "rvm" | "rbenv" | "pyenv" | "fnm" | "volta" | "rustup-init" | "n" => products(name, step),
        "dpkg" | "rpm" | "gdebi" if has(&["-i", "--install", "-ivh", "-Uvh", "-Uivh"]) => step.open.push(ANYTHING),
        "virtualenv" | "venv" => products("pip", step),
        _ if name.starts_with("python") && has(&["venv", "virtualenv"]) => products("pip", step),
        "virtualenv-clone" => products("python", step),
        _ => {}
    }
}
