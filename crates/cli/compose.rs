//! `--include-compose`: the images that the services of a compose file run.

use text_size::{TextRange, TextSize};
use wolfify_edit::{Edit, Fix};
use wolfify_planner::{Finding, Level};

use crate::engine::Engine;
use crate::inventory::{counterpart, references};
use crate::problem::COMPOSE_IMAGE;

/// A finding for each image that has a counterpart. Images that the file builds, and those with a variable in them, stay.
pub(crate) fn findings(path: &str, text: &str, engine: &Engine) -> Vec<Finding> {
    let (named, _) = references(path, text);
    let of_services = named.into_iter().filter(|reference| !reference.built && !reference.name.contains(".build"));
    let finding = |reference: crate::inventory::Reference| {
        let range = reference.range?;
        let (image, said) = counterpart(engine, &reference.image)?;
        let offset = |at: usize| TextSize::try_from(at).ok();
        let range = TextRange::new(offset(range.start)?, offset(range.end)?);
        Some(Finding {
            rule: COMPOSE_IMAGE.id,
            level: Level::Warning,
            message: format!("{said}; check what the service sets for the old one: user, volumes, variables, command"),
            range,
            fix: Some(Fix { title: "Use the Chainguard image".to_owned(), edits: vec![Edit::replace(range, image)] }),
        })
    };
    of_services.filter_map(finding).collect()
}
