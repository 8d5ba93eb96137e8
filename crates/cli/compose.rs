//! `--include-compose`: the images that the services of a compose file run.

use text_size::{TextRange, TextSize};
use wolfify_edit::{Edit, Fix};
use wolfify_planner::{Finding, Level};

use crate::engine::Engine;
use crate::inventory::{Reference, Variables, counterpart, references};
use crate::problem::COMPOSE_IMAGE;

/// A finding for each image that has a counterpart. Images that the file builds stay, and so do those with a variable in
/// them, whose value is set elsewhere.
pub(crate) fn findings(path: &str, text: &str, variables: &Variables, engine: &Engine) -> Vec<Finding> {
    let (named, _) = references(path, text, variables);
    let of_services = named.into_iter().filter(|reference| !reference.built && !reference.name.contains(".build"));
    let finding = |reference: Reference| {
        let (image, said) = counterpart(engine, &variables.expand(&reference.image))?;
        let offset = |at: usize| TextSize::try_from(at).ok();
        let place = reference.range.and_then(|range| Some(TextRange::new(offset(range.start)?, offset(range.end)?)));
        let (message, fix) = match place {
            _ if reference.image.contains('$') => {
                let by =
                    if variables.is_empty() { "the defaults of its variables" } else { "its variables and `.env`" };
                (format!("by {by} {said}; change it by hand"), None)
            }
            None => (format!("{said}; it is not written in one piece, change it by hand"), None),
            Some(place) => {
                let edits = vec![Edit::replace(place, image.as_str())];
                let data = if keeps_data(&image) && said.contains("is not kept") {
                    "; the data that it wrote may have to be upgraded first"
                } else {
                    ""
                };
                (
                    format!(
                        "{said}{data}; check what the service sets for the old one: user, ports, volumes, variables, command"
                    ),
                    Some(Fix { title: "Use the Chainguard image".to_owned(), edits }),
                )
            }
        };
        let range = place.or_else(|| line(text, reference.line))?;
        Some(Finding { rule: COMPOSE_IMAGE.id, level: Level::Warning, message, range, fix })
    };
    of_services.filter_map(finding).collect()
}

/// A line of a text, without the blanks around it.
fn line(text: &str, number: u32) -> Option<TextRange> {
    let line = text.split_inclusive('\n').nth(usize::try_from(number).ok()?.checked_sub(1)?)?;
    let before = line.as_ptr() as usize - text.as_ptr() as usize + line.len() - line.trim_start().len();
    Some(TextRange::at(TextSize::try_from(before).ok()?, TextSize::try_from(line.trim().len()).ok()?))
}

/// Whether an image keeps data in a form that a newer version may refuse.
fn keeps_data(image: &str) -> bool {
    const STORES: [&str; 12] = [
        "cassandra",
        "clickhouse",
        "couchdb",
        "elasticsearch",
        "influxdb",
        "mariadb",
        "mongodb",
        "mysql",
        "neo4j",
        "opensearch",
        "postgres",
        "rabbitmq",
    ];
    let name = image.rsplit('/').next().and_then(|name| name.split([':', '@']).next()).unwrap_or_default();
    STORES.contains(&name)
}
