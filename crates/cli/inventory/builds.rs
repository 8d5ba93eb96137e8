//! Images that compose, skaffold, bake and CI files build from Dockerfiles of the tree.

use std::collections::{HashMap, HashSet};

use crate::inventory::references::{Reference, Scalar, is_argument};
use crate::inventory::{Built, Variables, beside};

/// A place that builds one Dockerfile: a service, an artifact, a target, a step.
#[derive(Debug, Default)]
struct Target {
    name: String,
    dockerfile: String,
    stage: Option<String>,
    /// As they are pushed or tagged.
    images: Vec<String>,
    /// Names by which this build alone knows what another target builds: the name, and the target.
    others: Vec<(String, String)>,
    /// Build arguments that it sets: the name, and the value.
    arguments: Vec<(String, String)>,
}

/// Images that a YAML or JSON file builds.
pub(super) fn built(kind: &str, path: &str, scalars: &[Scalar], variables: &Variables) -> Vec<Built> {
    let group_length = match kind {
        // `services: NAME: …`, `target: NAME: …`
        "compose" | "bake" => 2,
        // `build: artifacts: N: …`
        "skaffold" => 3,
        // `jobs: NAME: steps: N: …`
        "github-actions" => 4,
        _ => return Vec::new(),
    };
    let mut groups: Vec<(&[String], usize, Vec<&Scalar>)> = Vec::new();
    for scalar in scalars.iter().filter(|scalar| scalar.keys.len() > group_length) {
        let group = &scalar.keys[..group_length];
        match groups.last_mut() {
            Some((keys, document, list)) if *keys == group && *document == scalar.document => list.push(scalar),
            _ => groups.push((group, scalar.document, vec![scalar])),
        }
    }
    let targets = groups.iter().filter_map(|(group, _, list)| {
        let name = group.last().cloned().unwrap_or_default();
        Some(Target { name, ..target(kind, path, &Group { list, skip: group_length }, variables)? })
    });
    images(&targets.collect::<Vec<_>>())
}

/// The values of one place.
struct Group<'s> {
    list: &'s [&'s Scalar],
    skip: usize,
}

impl Group<'_> {
    fn text(&self, wanted: &[&str]) -> Option<&str> {
        let found = self
            .list
            .iter()
            .find(|scalar| scalar.keys[self.skip..].iter().map(String::as_str).eq(wanted.iter().copied()));
        found.map(|scalar| scalar.value.as_str())
    }

    /// Keys and values below some keys.
    fn below<'g>(&'g self, wanted: &'g [&str]) -> impl Iterator<Item = (&'g str, &'g str)> {
        self.list.iter().filter_map(move |scalar| {
            let (last, before) = scalar.keys[self.skip..].split_last()?;
            let same = before.iter().map(String::as_str).eq(wanted.iter().copied());
            same.then_some((last.as_str(), scalar.value.as_str()))
        })
    }
}

impl Group<'_> {
    /// The artifacts that one of skaffold's needs: the build argument that brings each, and its image.
    fn required(&self) -> Vec<(String, String)> {
        let mut found: Vec<(&str, (String, String))> = Vec::new();
        for scalar in self.list {
            let [list, number, key] = &scalar.keys[self.skip..] else { continue };
            if list != "requires" {
                continue;
            }
            if found.last().is_none_or(|(last, _)| *last != number.as_str()) {
                found.push((number, Default::default()));
            }
            let Some((_, (alias, image))) = found.last_mut() else { continue };
            match key.as_str() {
                "image" => scalar.value.clone_into(image),
                "alias" => scalar.value.clone_into(alias),
                _ => {}
            }
        }
        let named = |(alias, image): (String, String)| (if alias.is_empty() { image.clone() } else { alias }, image);
        found.into_iter().map(|(_, pair)| named(pair)).collect()
    }
}

/// Of a mapping, or of a list of `NAME=value`.
fn arguments<'g>(pairs: impl Iterator<Item = (&'g str, &'g str)>) -> Vec<(String, String)> {
    let pair = |(key, value): (&'g str, &'g str)| match value.split_once('=') {
        Some((name, value)) if key.bytes().all(|byte| byte.is_ascii_digit()) => (name.to_owned(), value.to_owned()),
        _ => (key.to_owned(), value.to_owned()),
    };
    pairs.map(pair).collect()
}

fn target(kind: &str, path: &str, group: &Group<'_>, variables: &Variables) -> Option<Target> {
    let text = |wanted: &[&str]| group.text(wanted);
    let mut target = Target::default();
    let (context, file, stage) = match kind {
        "compose" => {
            if !group.list.iter().any(|scalar| scalar.keys[group.skip] == "build") {
                return None;
            }
            target.images.extend(text(&["image"]).map(str::to_owned));
            target.others = contexts(group.below(&["build", "additional_contexts"]), "service:");
            target.arguments = arguments(group.below(&["build", "args"]));
            let context = text(&["build"]).or(text(&["build", "context"]));
            (context, text(&["build", "dockerfile"]), text(&["build", "target"]))
        }
        "skaffold" => {
            target.images.extend(text(&["image"]).map(str::to_owned));
            target.arguments = group.required();
            (text(&["context"]), text(&["docker", "dockerfile"]), text(&["docker", "target"]))
        }
        "bake" => {
            let tags = group.list.iter().filter(|scalar| scalar.keys[group.skip] == "tags");
            target.images.extend(tags.map(|scalar| scalar.value.clone()));
            target.others = contexts(group.below(&["contexts"]), "target:");
            target.arguments = arguments(group.below(&["args"]));
            (text(&["context"]), text(&["dockerfile"]), text(&["target"]))
        }
        _ => {
            if !text(&["uses"]).is_some_and(|uses| uses.starts_with("docker/build-push-action@")) {
                return None;
            }
            let tags = text(&["with", "tags"]).unwrap_or_default().split([',', '\n']).map(str::trim);
            target.images.extend(tags.filter(|tag| !tag.is_empty()).map(str::to_owned));
            // Paths of a workflow are seen from the root of the repository.
            let root = path.split(".github/").next().unwrap_or_default();
            let context = text(&["with", "context"]).unwrap_or(".");
            let file = text(&["with", "file"]).map_or_else(|| format!("{context}/Dockerfile"), str::to_owned);
            target.dockerfile = beside(&format!("{root}x"), &file);
            target.stage = text(&["with", "target"]).map(str::to_owned);
            return Some(target);
        }
    };
    let [context, file] = [context.unwrap_or("."), file.unwrap_or("Dockerfile")].map(|text| variables.expand(text));
    target.dockerfile = beside(path, &format!("{context}/{file}"));
    target.stage = stage.map(str::to_owned);
    Some(target)
}

/// `NAME: target:OTHER`
fn contexts<'g>(pairs: impl Iterator<Item = (&'g str, &'g str)>, prefix: &str) -> Vec<(String, String)> {
    pairs.filter_map(|(name, value)| Some((name.to_owned(), value.strip_prefix(prefix)?.to_owned()))).collect()
}

/// What all targets of a file build, and by which names they know each other.
fn images(targets: &[Target]) -> Vec<Built> {
    let by_name: HashMap<&str, &Target> = targets.iter().map(|target| (target.name.as_str(), target)).collect();
    let mut by_image: HashMap<&str, Vec<&Target>> = HashMap::new();
    // By Dockerfile: how many targets build it, and how many of them set an argument.
    let mut builds: HashMap<&str, usize> = HashMap::new();
    let mut sets: HashMap<(&str, &str), usize> = HashMap::new();
    for target in targets {
        *builds.entry(&target.dockerfile).or_default() += 1;
        let names: HashSet<&str> = target.arguments.iter().map(|(name, _)| name.as_str()).collect();
        names.into_iter().for_each(|name| *sets.entry((&target.dockerfile, name)).or_default() += 1);
        target.images.iter().for_each(|image| by_image.entry(image).or_default().push(target));
    }
    let mut found = Vec::new();
    for target in targets {
        let of = |image: &str, target: &Target, only_for: Option<&str>| Built {
            image: image.to_owned(),
            dockerfile: target.dockerfile.clone(),
            stage: target.stage.clone(),
            only_for: only_for.map(str::to_owned),
            argument: None,
        };
        found.extend(target.images.iter().map(|image| of(image, target, None)));
        for (name, other) in &target.others {
            found.extend(by_name.get(other.as_str()).map(|other| of(name, other, Some(&target.dockerfile))));
        }
        for (name, value) in &target.arguments {
            // A Dockerfile that is also built without it has other bases, too.
            let dockerfile = target.dockerfile.as_str();
            let always = sets.get(&(dockerfile, name.as_str())) == builds.get(dockerfile);
            for other in by_image.get(value.as_str()).filter(|_| always).into_iter().flatten() {
                found.push(Built { argument: Some(name.clone()), ..of(value, other, Some(&target.dockerfile)) });
            }
        }
    }
    found
}

/// The targets of a bake file in HCL, as far as they are written out: one attribute a line.
pub(super) fn bake_hcl(path: &str, text: &str) -> (Vec<Reference>, Vec<Built>) {
    let (mut named, mut targets) = (Vec::new(), Vec::new());
    let mut open: Option<(Target, String, String)> = None;
    let (mut in_contexts, mut in_args) = (false, false);
    let mut offset = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let words = line.trim();
        if let Some(rest) = words.strip_prefix("target ").filter(|rest| rest.trim_start().starts_with('"')) {
            let name = rest.split('"').nth(1).unwrap_or_default().to_owned();
            open = Some((Target { name, ..Target::default() }, ".".to_owned(), "Dockerfile".to_owned()));
        } else if let Some((key, value)) = words.split_once('=')
            && let Some((target, context, file)) = &mut open
        {
            let key = key.trim().trim_matches('"');
            let strings: Vec<&str> = value.split('"').skip(1).step_by(2).collect();
            in_contexts |= key == "contexts";
            in_args |= key == "args";
            if in_args && let Some(value) = strings.first() {
                let name = if key == "args" { value_name(words).unwrap_or(key) } else { key };
                target.arguments.push((name.to_owned(), (*value).to_owned()));
            }
            match (key, strings.first()) {
                ("context", Some(value)) => (*value).clone_into(context),
                ("dockerfile", Some(value)) => (*value).clone_into(file),
                ("target", Some(value)) => target.stage = Some((*value).to_owned()),
                ("tags", Some(_)) => target.images.extend(strings.iter().map(|tag| (*tag).to_owned())),
                (key, Some(value)) if in_contexts && value.starts_with("target:") => {
                    // `contexts = { base = "target:base" }` in one line has the name behind the brace.
                    let name = if key == "contexts" { value_name(words).unwrap_or(key) } else { key };
                    target.others.push((name.to_owned(), value["target:".len()..].to_owned()));
                }
                (key, Some(value)) if is_argument(&["args"], key, "args") => {
                    let at = line.find(value).map(|at| offset + at..offset + at + value.len());
                    let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
                    let (name, image) = (target.name.clone(), (*value).to_owned());
                    named.push(Reference { kind: "bake", name, image, range: at, line, built: false });
                }
                _ => {}
            }
            in_contexts &= !words.ends_with('}');
            in_args &= !words.ends_with('}');
        } else if line.starts_with('}')
            && let Some((mut target, context, file)) = open.take()
        {
            target.dockerfile = beside(path, &format!("{context}/{file}"));
            targets.push(target);
        } else if words.starts_with('}') {
            in_contexts = false;
            in_args = false;
        }
        offset += line.len();
    }
    (named, images(&targets))
}

/// The first name in `contexts = { NAME = "…" }`.
fn value_name(line: &str) -> Option<&str> {
    let inside = line.split_once('{')?.1;
    Some(inside.split_once('=')?.0.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use crate::inventory::{Variables, references};

    fn built(path: &str, text: &str) -> Vec<(String, String, Option<String>, Option<String>)> {
        let built = references(path, text, &Variables::default()).1;
        built.into_iter().map(|built| (built.image, built.dockerfile, built.stage, built.only_for)).collect()
    }

    fn row(
        image: &str,
        dockerfile: &str,
        stage: Option<&str>,
        only_for: Option<&str>,
    ) -> (String, String, Option<String>, Option<String>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        (image.to_owned(), dockerfile.to_owned(), owned(stage), owned(only_for))
    }

    #[test]
    fn targets_of_bake_files_know_each_other() {
        let hcl = "target \"base\" {\n  context = \"base\"\n  target = \"run\"\n}\ntarget \"api\" {\n  context = \"api\"\n  contexts = {\n    shared = \"target:base\"\n    docs = \"./docs\"\n  }\n  tags = [\"acme/api\"]\n}\ntarget \"web\" {\n  context = \"web\"\n  contexts = { b = \"target:base\" }\n}\n";
        assert_eq!(
            built("docker-bake.hcl", hcl),
            [
                row("acme/api", "api/Dockerfile", None, None),
                row("shared", "base/Dockerfile", Some("run"), Some("api/Dockerfile")),
                row("b", "base/Dockerfile", Some("run"), Some("web/Dockerfile")),
            ]
        );
        let json = r#"{"target": {"base": {"context": "base"}, "api": {"dockerfile": "api.Dockerfile", "contexts": {"shared": "target:base"}}}}"#;
        assert_eq!(built("docker-bake.json", json), [row("shared", "base/Dockerfile", None, Some("api.Dockerfile"))]);
    }

    #[test]
    fn services_of_compose_files_know_each_other() {
        let text = "services:\n  base:\n    build:\n      context: .\n      target: run\n  api:\n    image: acme/api\n    build:\n      context: api\n      additional_contexts:\n        shared: service:base\n";
        assert_eq!(
            built("compose.yaml", text),
            [
                row("acme/api", "api/Dockerfile", None, None),
                row("shared", "Dockerfile", Some("run"), Some("api/Dockerfile")),
            ]
        );
    }

    #[test]
    fn bases_that_come_by_a_build_argument() {
        let skaffold = "build:\n  artifacts:\n    - image: base\n      context: base\n    - image: app\n      context: app\n      requires:\n        - image: base\n          alias: BASE\n";
        let rows = [
            row("base", "base/Dockerfile", None, None),
            row("app", "app/Dockerfile", None, None),
            row("base", "base/Dockerfile", None, Some("app/Dockerfile")),
        ];
        assert_eq!(references("skaffold.yaml", skaffold, &Variables::default()).1[2].argument.as_deref(), Some("BASE"));
        assert_eq!(built("skaffold.yaml", skaffold), rows);
        let compose = "services:\n  base:\n    image: base\n    build: base\n  app:\n    image: app\n    build:\n      context: app\n      args:\n        - BASE=base\n";
        assert_eq!(built("compose.yaml", compose), rows);
        // A second build of the same file does without it.
        let other = "  other:\n    build: app\n";
        assert_eq!(built("compose.yaml", &format!("{compose}{other}")), rows[..2]);
        let hcl = "target \"base\" {\n  context = \"base\"\n  tags = [\"base\"]\n}\ntarget \"app\" {\n  context = \"app\"\n  tags = [\"app\"]\n  args = {\n    MODE = \"x\"\n    BASE = \"base\"\n  }\n}\n";
        assert_eq!(built("docker-bake.hcl", hcl), rows);
    }

    #[test]
    fn steps_of_workflows_that_build() {
        let text = "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: docker/build-push-action@v6\n        with:\n          context: base\n          tags: |\n            acme/base:1\n            acme/base:latest\n";
        assert_eq!(
            built("sub/.github/workflows/ci.yml", text),
            [
                row("acme/base:1", "sub/base/Dockerfile", None, None),
                row("acme/base:latest", "sub/base/Dockerfile", None, None),
            ]
        );
    }
}
