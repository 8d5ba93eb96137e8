//! What an image brings, before any instruction.

use wolfify_mappings::{EntrypointKind, ImageConfig, ImageUser, Mappings, SourceImage};

/// The working directory of an image that names none.
const ROOT: &str = "/";

/// An image as the instructions after a FROM find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseFacts {
    /// Whether the rest is known at all.
    pub(crate) known: bool,
    /// Who runs the container; `None` when that is not known.
    pub(crate) user: Option<String>,
    /// That user's number.
    pub(crate) uid: Option<u32>,
    /// The users it has, beside those of every distribution.
    pub(crate) users: Vec<ImageUser>,
    /// The working directory.
    pub(crate) workdir: String,
    /// `ENTRYPOINT`
    pub(crate) entrypoint: Vec<String>,
    /// What the entrypoint does with the command.
    pub(crate) entrypoint_kind: EntrypointKind,
    /// The program whose arguments an entrypoint script also takes, and the first words by which it knows them.
    pub(crate) program: Vec<String>,
    /// `CMD`
    pub(crate) cmd: Vec<String>,
    /// `ENV`, without the `PATH` of the system.
    pub(crate) env: Vec<(String, String)>,
    /// `STOPSIGNAL`; empty for SIGTERM.
    pub(crate) stop_signal: String,
    /// Whether there is a `/bin/sh`; `None` when not known.
    pub(crate) has_shell: Option<bool>,
    /// Whether its packages, and with them its users, are known.
    pub(crate) has_packages: bool,
}

impl BaseFacts {
    /// An image that nothing is known of.
    pub(crate) fn unknown() -> Self {
        Self { known: false, user: None, has_shell: None, ..Self::scratch() }
    }

    /// The empty image.
    pub(crate) fn scratch() -> Self {
        Self {
            known: true,
            user: Some("root".to_owned()),
            uid: Some(0),
            users: Vec::new(),
            workdir: ROOT.to_owned(),
            entrypoint: Vec::new(),
            entrypoint_kind: EntrypointKind::None,
            program: Vec::new(),
            cmd: Vec::new(),
            env: Vec::new(),
            stop_signal: String::new(),
            has_shell: Some(false),
            has_packages: false,
        }
    }

    /// An image as the tables of source images describe it.
    pub(crate) fn source(image: &SourceImage) -> Self {
        let is_distroless = image.package_manager.is_none() && !image.has_tools;
        Self {
            known: true,
            user: Some(or(&image.user, "root")),
            uid: image.uid,
            users: image.other_users.clone(),
            workdir: or(&image.workdir, ROOT),
            entrypoint: image.entrypoint.clone(),
            entrypoint_kind: image.entrypoint_kind,
            program: image.program.clone(),
            cmd: image.cmd.clone(),
            env: image.env.clone(),
            stop_signal: String::new(),
            has_shell: if is_distroless { None } else { Some(true) },
            has_packages: false,
        }
    }

    /// An image as the tables of Chainguard's images describe it.
    pub(crate) fn target(config: &ImageConfig) -> Self {
        let own = config.uid.zip(config.gid).filter(|_| !config.user.is_empty());
        let own = own.map(|(uid, gid)| ImageUser { name: config.user.clone(), uid, gid });
        Self {
            known: true,
            user: Some(or(&config.run_as, "root")),
            uid: config.uid,
            users: own.into_iter().chain(config.other_users.iter().cloned()).collect(),
            workdir: or(&config.workdir, ROOT),
            entrypoint: config.entrypoint.clone(),
            entrypoint_kind: target_kind(&config.entrypoint),
            program: Vec::new(),
            cmd: config.cmd.clone(),
            env: config.env.clone(),
            stop_signal: config.stop_signal.clone().unwrap_or_default(),
            has_shell: config.has_shell,
            has_packages: config.has_packages,
        }
    }

    /// The Chainguard image `image` in a variant, or in the nearest one that is described.
    pub(crate) fn target_image(mappings: &Mappings, image: &str, variant: &str) -> Self {
        let fallback = match variant {
            "dev" => "runtime",
            "fpm-dev" => "fpm",
            "root-dev" => "root",
            _ => "dev",
        };
        match mappings.image_config(image, variant) {
            Some(config) => Self::target(&config),
            None => mappings.image_config(image, fallback).map_or_else(Self::unknown, |config| Self {
                // Only the variant's shell is another.
                has_shell: if variant.ends_with("dev") { Some(true) } else { None },
                has_packages: false,
                ..Self::target(&config)
            }),
        }
    }

    /// The number of a user of the image, by its name or number as text.
    pub(crate) fn uid_of(&self, user: &str) -> Option<u32> {
        let by_name = || self.users.iter().find(|account| account.name == user).map(|account| account.uid);
        user.parse().ok().or_else(by_name).or_else(|| (user == "root").then_some(0))
    }

    /// Whether a user of this name is in the image's passwd file.
    pub(crate) fn has_user(&self, name: &str) -> bool {
        let own = self.users.iter().any(|account| account.name == name);
        own || crate::accounts::is_wolfi_user(name)
    }

    /// Whether a group of this name is in the image's group file.
    pub(crate) fn has_group(&self, name: &str) -> bool {
        let own = self.users.iter().any(|account| account.name == name);
        own || crate::accounts::is_wolfi_group(name)
    }

    /// A variable of the image's environment.
    pub(crate) fn env(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The variant of a target that a tag names: `latest-fpm-dev` is `fpm-dev`, `latest` is `runtime`.
pub(crate) fn variant(tag: &str, dev: bool) -> &'static str {
    let stem = tag.strip_suffix("-dev").unwrap_or(tag);
    let dev = dev || stem.len() < tag.len();
    match (stem.rsplit('-').next(), dev) {
        (Some("fpm"), false) => "fpm",
        (Some("fpm"), true) => "fpm-dev",
        (Some("root"), false) => "root",
        (Some("root"), true) => "root-dev",
        (_, false) => "runtime",
        (_, true) => "dev",
    }
}

/// What an entrypoint of Chainguard's does with the command. Only the databases and haproxy have a script that starts
/// what it is given.
fn target_kind(entrypoint: &[String]) -> EntrypointKind {
    match entrypoint {
        [] => EntrypointKind::None,
        [script] if script.ends_with("docker-entrypoint.sh") => EntrypointKind::Setup,
        _ => EntrypointKind::Program,
    }
}

fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}
