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
    /// The services of the compose files in the build context that are built, read once.
    fn services(&self) -> &[(String, Service)] {
        self.memo.services.get_or_init(|| built(self.context))
    }

    /// The first service of a compose file in the build context that is built and gives its container another command.
    pub(crate) fn overridden(&self) -> Option<Override> {
        self.services().iter().find_map(|(file, service)| {
            let program = service.own_command()?.to_owned();
            Some(Override { file: file.clone(), service: service.name.clone(), program })
        })
    }

    /// Where a compose file starts `program` in an image that it builds: its name and the service.
    pub(crate) fn started_by_compose(&self, program: &str) -> Option<(&str, &str)> {
        let starts =
            |service: &Service| [&service.program, &service.entrypoint].into_iter().flatten().any(|own| own == program);
        let found = self.services().iter().find(|(_, service)| starts(service));
        found.map(|(file, service)| (file.as_str(), service.name.as_str()))
    }
}

/// The services of the compose files in a build context that are built, with the files that name them.
fn built(context: &dyn BuildContext) -> Vec<(String, Service)> {
    let mut names: Vec<String> = context.list("").unwrap_or_default();
    names.retain(|name| is_compose(name));
    names.sort();
    let of_file = |file: String| {
        let text = context.read(&file).unwrap_or_default();
        services(&text).into_iter().map(move |service| (file.clone(), service))
    };
    names.into_iter().flat_map(of_file).collect()
}

/// `compose.yaml`, `docker-compose.yml`, `docker-compose.prod.yml`
fn is_compose(name: &str) -> bool {
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| stem.split('.').next().is_some_and(|first| matches!(first, "compose" | "docker-compose")))
}

/// What is known of a service.
#[derive(Debug, Default)]
pub(crate) struct Service {
    name: String,
    built: bool,
    /// It takes settings over from elsewhere in the file.
    merged: bool,
    /// The first word of its entrypoint.
    entrypoint: Option<String>,
    program: Option<String>,
}

impl Service {
    /// The first word of a command that takes the place of the image's own.
    fn own_command(&self) -> Option<&str> {
        let program = self.program.as_deref().filter(|program| !program.starts_with('-'))?;
        self.entrypoint.is_none().then_some(program)
    }
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
    use super::{is_compose, services};

    #[test]
    fn services_with_a_command_of_their_own() {
        let own = |service: super::Service| service.own_command().map(|program| format!("{} {program}", service.name));
        let found = |text: &str| services(text).into_iter().find_map(own);
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
