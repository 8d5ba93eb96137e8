//! Compose files beside the application: what they start in place of the image's own command.

use saphyr_parser::{Event, Parser};

use crate::context::BuildContext;
use crate::file::File;

/// A service that is built from the build context and started with a command of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    /// The compose file.
    pub(crate) file: String,
    /// The service.
    pub(crate) service: String,
    /// The first word of its command.
    pub(crate) program: String,
}

impl File<'_> {
    /// The first service of a compose file in the build context that is built and gives its container another command.
    pub(crate) fn overridden(&self) -> Option<&Override> {
        self.memo.overridden.get_or_init(|| find(self.context)).as_ref()
    }
}

/// Where a compose file of the build context starts `program` in an image that it builds: its name and the service.
pub(crate) fn starts(context: &dyn BuildContext, program: &str) -> Option<(String, String)> {
    let mut names: Vec<String> = context.list("")?.into_iter().filter(|name| is_compose(name)).collect();
    names.sort();
    names.into_iter().find_map(|file| {
        let text = context.read(&file)?;
        let own =
            |service: &Service| [&service.program, &service.entrypoint].into_iter().flatten().any(|own| own == program);
        services(&text).into_iter().find(own).map(|service| (file, service.name))
    })
}

fn find(context: &dyn BuildContext) -> Option<Override> {
    let mut names: Vec<String> = context.list("")?.into_iter().filter(|name| is_compose(name)).collect();
    names.sort();
    names.into_iter().find_map(|file| {
        let text = context.read(&file)?;
        let (service, program) = first(&text)?;
        Some(Override { file, service, program })
    })
}

/// `compose.yaml`, `docker-compose.yml`, `docker-compose.prod.yml`
fn is_compose(name: &str) -> bool {
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| stem.split('.').next().is_some_and(|first| matches!(first, "compose" | "docker-compose")))
}

/// What is known of a service.
#[derive(Debug, Default)]
struct Service {
    name: String,
    built: bool,
    /// It takes settings over from elsewhere in the file.
    merged: bool,
    /// The first word of its entrypoint.
    entrypoint: Option<String>,
    program: Option<String>,
}

/// The first service with a command of its own, and the command's first word.
fn first(text: &str) -> Option<(String, String)> {
    services(text).into_iter().find_map(|service| {
        let program = service.program.filter(|program| !program.starts_with('-'))?;
        service.entrypoint.is_none().then_some((service.name, program))
    })
}

/// The services that are built.
fn services(text: &str) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    let mut shared_build = false;
    visit(text, &mut |keys, value| {
        let shared = keys.first().is_some_and(|top| top.starts_with("x-"));
        shared_build |= shared && keys.iter().skip(1).take(2).any(|key| key == "build");
        let [top, name, key, ..] = keys else { return };
        if top != "services" {
            return;
        }
        if services.last().is_none_or(|service| service.name != *name) {
            services.push(Service { name: name.clone(), ..Service::default() });
        }
        let Some(service) = services.last_mut() else { return };
        match key.as_str() {
            "build" => service.built = true,
            "<<" => service.merged = true,
            "entrypoint" if service.entrypoint.is_none() => {
                service.entrypoint = Some(value.split_ascii_whitespace().next().unwrap_or_default().to_owned());
            }
            "command" if service.program.is_none() => {
                service.program = value.split_ascii_whitespace().next().map(str::to_owned);
            }
            _ => {}
        }
    });
    services.retain(|service| service.built || (service.merged && shared_build));
    services
}

/// Calls `action` for every scalar with the keys above it, as far as the text can be read.
fn visit(text: &str, action: &mut dyn FnMut(&[String], &str)) {
    /// A mapping with the key whose value comes next, or a sequence.
    enum Level {
        Map { waits: bool },
        List,
    }
    let mut levels: Vec<Level> = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, _)) = event else { return };
        let mut ends_value = false;
        match event {
            Event::Scalar(text, ..) => match levels.last_mut() {
                Some(Level::Map { waits }) if !*waits => {
                    *waits = true;
                    keys.push(text.into_owned());
                }
                _ => {
                    action(&keys, &text);
                    ends_value = true;
                }
            },
            Event::Alias(_) => {
                action(&keys, "");
                ends_value = true;
            }
            Event::MappingStart(..) => levels.push(Level::Map { waits: false }),
            Event::SequenceStart(..) => levels.push(Level::List),
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
                ends_value = true;
            }
            Event::DocumentEnd => return,
            _ => {}
        }
        if ends_value && let Some(Level::Map { waits }) = levels.last_mut() {
            *waits = false;
            keys.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{first, is_compose};

    #[test]
    fn services_with_a_command_of_their_own() {
        let found = |text: &str| first(text).map(|(service, program)| format!("{service} {program}"));
        let web = "services:\n  db:\n    image: postgres\n    command: postgres -c a=b\n  web:\n    build: .\n    ports: [\"80\"]\n    command: python manage.py runserver\n";
        assert_eq!(found(web).as_deref(), Some("web python"));
        let list = "services:\n  web:\n    command:\n      - celery\n      - worker\n    build:\n      context: .\n";
        assert_eq!(found(list).as_deref(), Some("web celery"));
        let merged = "x-app: &app\n  build: .\nservices:\n  worker:\n    <<: *app\n    command: [\"celery\"]\n";
        assert_eq!(found(merged).as_deref(), Some("worker celery"));
        for text in [
            "services:\n  web:\n    build: .\n    command: --port 80\n",
            "services:\n  web:\n    build: .\n    entrypoint: sh\n    command: x\n",
            "services:\n  web:\n    image: a\n    command: x\n",
            "services:\n  web:\n    build: .\n",
            "{{ template }}: [",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_compose_files() {
        for name in ["compose.yaml", "docker-compose.yml", "docker-compose.prod.yml"] {
            assert!(is_compose(name), "{name}");
        }
        for name in ["compose", "docker-compose.md", "decompose.yml", "composer.json"] {
            assert!(!is_compose(name), "{name}");
        }
    }
}
