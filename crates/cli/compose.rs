//! `--include-compose`: the images that the services of a compose file run.

use text_size::{TextRange, TextSize};
use wolfify_edit::{Edit, Fix};
use wolfify_planner::{Finding, Level};

use crate::engine::Engine;
use crate::inventory::{counterpart, references, with_defaults};
use crate::problem::COMPOSE_IMAGE;

/// A finding for each image that has a counterpart. Images that the file builds stay, and so do those with a variable in
/// them, whose value is set elsewhere.
pub(crate) fn findings(path: &str, text: &str, engine: &Engine) -> Vec<Finding> {
    let (named, _) = references(path, text);
    let of_services = named.into_iter().filter(|reference| !reference.built && !reference.name.contains(".build"));
    let finding = |reference: crate::inventory::Reference| {
        let range = reference.range?;
        let (image, said) = counterpart(engine, &with_defaults(&reference.image))?;
        let offset = |at: usize| TextSize::try_from(at).ok();
        let range = TextRange::new(offset(range.start)?, offset(range.end)?);
        let (message, fix) = if reference.image.contains('$') {
            (format!("by the defaults of its variables {said}; change it by hand"), None)
        } else {
            let edits = vec![Edit::replace(range, image)];
            let of_service = "user, ports, volumes, variables, command";
            (
                format!("{said}; check what the service sets for the old one: {of_service}"),
                Some(Fix { title: "Use the Chainguard image".to_owned(), edits }),
            )
        };
        Some(Finding { rule: COMPOSE_IMAGE.id, level: Level::Warning, message, range, fix })
    };
    of_services.filter_map(finding).collect()
}
