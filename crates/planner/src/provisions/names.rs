//! Products named in addresses and in search paths: who downloads `node-v20.tar.gz` has `node` afterwards.

use wolfify_syntax::shell::SimpleCommand;

use crate::provisions::Step;

/// Commands of products whose commands are not called as the product is.
const PRODUCTS: &[(&str, &[&str])] = &[
    ("anaconda", &["conda", "python", "pip"]),
    ("cloud", &["gcloud", "gsutil", "bq"]),
    ("commandlinetools", &["sdkmanager", "avdmanager"]),
    ("conda", &["python", "pip", "mamba"]),
    ("corretto", JAVA),
    ("cpanmin", &["cpanm"]),
    ("cpanminus", &["cpanm"]),
    ("dotnet", &["dotnet"]),
    ("elixir", &["mix", "iex"]),
    ("erlang", &["erl", "erlc"]),
    ("ffmpeg", &["ffprobe"]),
    ("fnm", NODE),
    ("gcc", &["g++", "c++", "gfortran", "cpp"]),
    ("getcomposer", &["composer"]),
    ("glibc", &["localedef", "ldd", "getconf", "locale"]),
    ("gnupg", &["gpg", "gpg2", "gpgconf", "gpg-agent"]),
    ("golang", &["go", "gofmt"]),
    ("go", &["gofmt"]),
    ("graalvm", JAVA),
    ("imagemagick", &["convert", "identify", "mogrify", "magick"]),
    ("java", JAVA),
    ("jdk", JAVA),
    ("jre", JAVA),
    ("kubernetes", &["kubectl", "kubeadm", "kubelet"]),
    ("llvm", &["clang", "clang++", "lld", "opt"]),
    ("maven", &["mvn"]),
    ("mambaforge", &["conda", "mamba", "python", "pip"]),
    ("mariadb", &["mysql", "mysqld", "mysqladmin", "mysqldump"]),
    ("miniconda", &["conda", "python", "pip"]),
    ("miniforge", &["conda", "mamba", "python", "pip"]),
    ("mysql", &["mysqld", "mysqladmin", "mysqldump"]),
    ("n", NODE),
    ("node", NODE),
    ("nodejs", NODE),
    ("nvm", NODE),
    ("openjdk", JAVA),
    ("openssl", &["c_rehash"]),
    ("otp", &["erl", "erlc"]),
    ("perl", &["cpan", "cpanm"]),
    ("php", &["pecl", "pear", "phpize", "php-config", "phar"]),
    ("pip", &["python", "easy_install", "wheel"]),
    ("postgresql", &["psql", "postgres", "initdb", "pg_ctl", "createdb", "pg_config"]),
    ("pyenv", &["python", "pip"]),
    ("python", &["pip", "easy_install", "idle", "pydoc"]),
    ("rbenv", RUBY),
    ("redis", &["redis-server", "redis-cli"]),
    ("ruby", RUBY),
    ("rust", &["cargo", "rustc", "rustup", "rustfmt"]),
    ("rustup", &["cargo", "rustc", "rustup", "rustfmt"]),
    ("rustup-init", &["cargo", "rustc", "rustup", "rustfmt"]),
    ("rvm", RUBY),
    ("scala", &["scalac", "sbt"]),
    ("sdk", &["sdkmanager", "gcloud", "gsutil"]),
    ("sdkman", &["sdk", "java", "gradle", "mvn"]),
    ("subversion", &["svn"]),
    ("temurin", JAVA),
    ("volta", NODE),
    ("zulu", JAVA),
];

const JAVA: &[&str] = &["java", "javac", "jar", "keytool", "jlink"];
const NODE: &[&str] = &["node", "npm", "npx", "nodejs", "yarn", "corepack"];
const RUBY: &[&str] = &["ruby", "gem", "bundle", "bundler", "rake", "irb"];

/// Words in addresses and paths that tell nothing about what is fetched, although they are commands.
const GENERIC: &[&str] = &[
    "bash", "bin", "curl", "file", "get", "git", "install", "link", "make", "sh", "source", "tar", "test", "time",
    "unzip", "wget", "xz", "zip", "gpg", "patch", "strip", "which",
];

/// Adds the commands of a product, by its name in an address.
pub(super) fn products(product: &str, step: &mut Step) {
    let rows = PRODUCTS.iter().filter(|(name, _)| *name == product).flat_map(|(_, commands)| commands.iter());
    step.names.extend(rows.map(|command| (*command).to_owned()));
}

/// A command's name without its version: `python` for `python3.8`, `gcc` for `gcc-9`.
pub(super) fn without_version(name: &str) -> &str {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
    if stem.is_empty() { name } else { stem }
}

/// Reads the addresses in the words and assignments of a command.
pub(super) fn in_words(command: &SimpleCommand, step: &mut Step) {
    command.words.iter().for_each(|word| in_text(&word.text, step));
    let values = command.assignments.iter().filter_map(|assignment| assignment.value.as_ref());
    values.for_each(|value| in_text(&value.text, step));
    if command.name().as_deref() == Some("export") {
        command
            .args()
            .iter()
            .filter_map(|word| word.text.strip_prefix("PATH="))
            .for_each(|path| search_path(path, step));
    }
}

/// Reads the address in a text, or the directories of a search path.
pub(super) fn in_text(text: &str, step: &mut Step) {
    let text = text.trim_matches(['"', '\'']);
    match text.split_once("://") {
        Some((_, address)) => in_address(address, step),
        None if text.contains("$PATH") || text.contains("${PATH}") => search_path(text, step),
        None => {}
    }
}

/// The directories that a search path gains.
fn search_path(text: &str, step: &mut Step) {
    text.split(':').flat_map(|directory| directory.split('/')).for_each(|part| tokens(part, step));
}

fn in_address(address: &str, step: &mut Step) {
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    // The host's last label is its domain; the others may name the product (`getcomposer.org`).
    let labels: Vec<&str> = host.split('.').collect();
    labels[..labels.len().saturating_sub(1)].iter().for_each(|label| tokens(label, step));
    path.split(['/', '?']).for_each(|part| tokens(part, step));
}

/// The names in one part of an address: `node` in `node-v20.11.0-linux-x64.tar.gz`, `docker-compose` in
/// `docker-compose-Linux-x86_64`.
fn tokens(part: &str, step: &mut Step) {
    let lower = part.to_ascii_lowercase();
    let lower = lower.strip_suffix(".git").unwrap_or(&lower);
    let mut before: Option<&str> = None;
    for token in
        lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '+')).filter(|token| !token.is_empty()).take(8)
    {
        let stem = without_version(token);
        if let Some(before) = before {
            step.names.push(format!("{before}-{stem}"));
        }
        before = Some(stem);
        if GENERIC.contains(&stem) || stem.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        step.names.push(stem.to_owned());
        products(stem, step);
    }
}
