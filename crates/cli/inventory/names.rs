//! Which files beside Dockerfiles may name images.

use crate::inventory::recipes::is_recipe;

/// A compose file: `compose.yaml`, `docker-compose.prod.yml`, …
pub(crate) fn is_compose(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    let named = |stem: &str, base: &str| {
        stem.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    };
    stem.is_some_and(|stem| named(stem, "compose") || named(stem, "docker-compose"))
}

/// A file that may build images from Dockerfiles.
pub(crate) fn may_build(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    is_compose(name)
        || is_bake(name)
        || is_recipe(name)
        || (yaml && (name.starts_with("skaffold") || path.contains(".github/workflows/")))
}

/// Anything that an inventory looks into.
pub(crate) fn names_images(name: &str) -> bool {
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    yaml || is_devcontainer(name) || is_bake(name)
}

pub(super) fn is_devcontainer(name: &str) -> bool {
    name == "devcontainer.json" || name == ".devcontainer.json"
}

pub(super) fn is_bake(name: &str) -> bool {
    name.starts_with("docker-bake") && (name.ends_with(".hcl") || name.ends_with(".json"))
}

/// What a YAML file is, by its name and its text; `None` when it is nothing that is known to name images.
pub(super) fn yaml_kind(path: &str, text: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if is_compose(name) {
        return Some("compose");
    }
    if name.starts_with("skaffold") {
        return Some("skaffold");
    }
    if name.starts_with(".gitlab-ci") || path.contains(".gitlab/ci/") {
        return Some("gitlab-ci");
    }
    if path.contains(".github/workflows/") {
        return Some("github-actions");
    }
    if path.contains(".circleci/") {
        return Some("circleci");
    }
    let line = |word: &str| text.lines().any(|line| line.starts_with(word));
    (line("apiVersion:") && line("kind:")).then_some("kubernetes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files() {
        for name in [
            "compose.yaml",
            "docker-compose.yml",
            "docker-compose.prod.yaml",
            "docker-compose-dev.yml",
            "compose.override.yml",
        ] {
            assert!(is_compose(name), "{name}");
        }
        for name in ["composer.yaml", "docker-composer.yml", "compose.json", "my-compose.yaml"] {
            assert!(!is_compose(name), "{name}");
        }
        assert_eq!(yaml_kind("k/app.yaml", "apiVersion: v1\nkind: Pod\n"), Some("kubernetes"));
        assert_eq!(yaml_kind(".github/workflows/ci.yml", ""), Some("github-actions"));
        assert_eq!(yaml_kind("mkdocs.yml", "site_name: x\n"), None);
    }
}
