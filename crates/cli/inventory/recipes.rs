//! `docker build` in Makefiles and shell scripts: which image comes from which Dockerfile.

use crate::inventory::{Built, beside};

/// Whether a file of this name may hold recipes.
pub(crate) fn is_recipe(name: &str) -> bool {
    matches!(name, "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile")
        || [".mk", ".sh", ".bash"].iter().any(|end| name.ends_with(end))
}

/// The images that the lines of a file build. Only what is written out counts: a name in a variable is nobody's.
pub(crate) fn built(path: &str, text: &str, is_there: impl Fn(&str) -> bool) -> Vec<Built> {
    if !text.contains("build") && !text.contains("bud") {
        return Vec::new();
    }
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    joined.lines().flat_map(|line| line_built(path, line, &is_there)).collect()
}

fn line_built(path: &str, line: &str, is_there: &impl Fn(&str) -> bool) -> Vec<Built> {
    let mut found = Vec::new();
    let mut folder = String::from(".");
    for command in line.trim_start_matches(['\t', ' ', '@', '-', '+']).split(['&', ';', '|']) {
        let words: Vec<&str> = command.split_ascii_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
        match &words[..] {
            ["cd", place] if is_plain(place) => folder = format!("{folder}/{place}"),
            _ => found.extend(command_built(path, &folder, &words, is_there)),
        }
    }
    found
}

/// `docker build -t IMAGE -f FILE CONTEXT`, `docker buildx build …`, `podman build …`, `buildah bud …`
fn command_built(path: &str, folder: &str, words: &[&str], is_there: &impl Fn(&str) -> bool) -> Vec<Built> {
    let start =
        words.iter().position(|word| matches!(*word, "docker" | "podman" | "buildah" | "nerdctl" | "$(DOCKER)"));
    let Some(rest) = start.map(|at| &words[at + 1..]) else { return Vec::new() };
    let (["build" | "bud", rest @ ..] | ["buildx" | "image", "build", rest @ ..]) = rest else { return Vec::new() };
    let (mut images, mut file, mut stage, mut context) = (Vec::new(), None, None, None);
    let mut words = rest.iter().copied();
    while let Some(word) = words.next() {
        let (name, mut value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        if !word.starts_with('-') {
            context = Some(word);
            continue;
        }
        if value.is_none() && takes_value(name) {
            value = words.next();
        }
        match name {
            "-t" | "--tag" => images.extend(value),
            "-f" | "--file" => file = value,
            "--target" => stage = value,
            _ => {}
        }
    }
    let Some(context) = context.filter(|context| is_plain(context)) else { return Vec::new() };
    let file = file.map_or_else(|| format!("{context}/Dockerfile"), str::to_owned);
    if !is_plain(&file) {
        return Vec::new();
    }
    // A script is called from its own folder or from the root of the tree.
    let places = [beside(path, &format!("{folder}/{file}")), beside("x", &format!("{folder}/{file}"))];
    let there: Vec<&String> = places.iter().filter(|place| is_there(place)).collect();
    let dockerfile = match there[..] {
        [one] => one,
        [one, other] if one == other => one,
        _ => return Vec::new(),
    };
    let of = |image: &&str| Built { stage: stage.map(str::to_owned), ..Built::of(image, dockerfile) };
    images.iter().map(of).collect()
}

fn takes_value(option: &str) -> bool {
    // What stands alone; everything else that is long takes a value.
    const FLAGS: &[&str] = &[
        "--no-cache",
        "--pull",
        "--push",
        "--load",
        "--quiet",
        "--rm",
        "--force-rm",
        "--squash",
        "--compress",
        "--layers",
    ];
    match option.strip_prefix("--") {
        Some(_) => !FLAGS.contains(&option),
        None => matches!(option, "-t" | "-f" | "-o" | "-m" | "-c"),
    }
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && !word.contains(['$', '`', '*', '~', '{', '(', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_that_build() {
        let there = |path: &str| ["base/Dockerfile", "build/app.Dockerfile", "docker/Dockerfile"].contains(&path);
        let images = |path: &str, text: &str| -> Vec<(String, String)> {
            built(path, text, there).into_iter().map(|built| (built.image, built.dockerfile)).collect()
        };
        let pair = |image: &str, file: &str| (image.to_owned(), file.to_owned());
        assert_eq!(
            images("Makefile", "base:\n\t@docker build --no-cache -t acme/base:$(V) \\\n\t  base\n"),
            [pair("acme/base:$(V)", "base/Dockerfile")]
        );
        assert_eq!(
            images(
                "build/all.sh",
                "docker buildx build --platform linux/amd64 --tag=acme/app -f build/app.Dockerfile .\n"
            ),
            [pair("acme/app", "build/app.Dockerfile")]
        );
        assert_eq!(
            images("all.sh", "cd docker && podman build --target run -t x . && echo built\n"),
            [pair("x", "docker/Dockerfile")]
        );
        assert!(images("all.sh", "docker build -t x $DIR\ndocker run -t x base\necho docker build\n").is_empty());
    }
}
