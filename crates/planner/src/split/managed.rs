//! Languages with a virtual machine: Java, .NET, Ruby.

use wolfify_syntax::Scope;

use super::content::{Content, Copied, Cx, TAKEN_OVER};
use super::language::base;
use super::path::{base_name, is_below, join, parent};
use super::trace::Refusal;

/// A jar or a class directory on the JRE.
pub(super) fn java(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let at = cx.start_instruction();
    let mut content = base(cx);
    content.image = "jre".to_owned();
    content.tag = java_tag(cx);
    let program = content.start.program_word().unwrap_or_default().to_owned();
    if let Some(reason) = cx.script_of(&program) {
        return cx.refuse(at, reason);
    }
    if base_name(&program) != "java" {
        return cx.refuse(at, format!("it starts `{program}`, which is no part of the JRE"));
    }
    if !matches!(program.as_str(), "java" | "/usr/bin/java") {
        content.start.replace(1, &["java"]);
    }
    if content.start.run_java {
        options_of_run_java(cx, &mut content);
    }
    let arguments = content.start.arguments();
    let after = |option: &[&str]| {
        arguments.iter().position(|word| option.contains(&word.as_str())).and_then(|at| arguments.get(at + 1))
    };
    let builds = cx.trace.tools.contains_key("java") || cx.trace.called.contains("javac");
    match (after(&["-jar"]), after(&["-cp", "-classpath", "--class-path"])) {
        (Some(jar), _) => {
            let place = join(&cx.trace.cwd, jar);
            if !cx.trace.has(&place) || place.contains('*') {
                return cx.refuse(at, format!("nothing in the file puts `{jar}` there"));
            }
            content.copies =
                if builds && by_build(cx, &place) { vec![jar_copy(cx, &place)] } else { cx.application(&|_| false)? };
        }
        _ if builds && !cx.trace.tools.contains_key("java") => content.copies = cx.application(&|_| false)?,
        (None, Some(_)) if !builds => content.copies = cx.application(&|_| false)?,
        // All that a main class needs is put there by lines that stay.
        (None, None) if cx.last_build == cx.from() => content.copies = cx.application(&|_| false)?,
        _ => return cx.refuse(at, "which classes it needs cannot be told"),
    }
    // Nobody writes to an archive, nor to what another stage has made of one.
    let handed_over = |path: &str| cx.trace.owners.iter().any(|(place, _)| is_below(path, place));
    let is_archive = |path: &str| matches!(base_name(path).rsplit_once('.'), Some((_, "jar" | "war")));
    let from_stage = |index: usize| cx.file.instruction(index).flag("from").is_some();
    let read_only = cx.trace.written.iter().filter(|written| match written.tree {
        true => from_stage(written.instruction) && !handed_over(&written.path),
        false => is_archive(&written.path),
    });
    read_only.for_each(|written| {
        content.owned_tail.remove(&written.instruction);
    });
    for copied in &content.copies {
        if is_below(&copied.path, "/root") {
            return cx.refuse(at, "the program lies in `/root`, which the runtime's user cannot read");
        }
    }
    Ok(content)
}

/// The options that `run-java.sh` hands to the JVM are in a variable of its own; the JVM itself reads another.
fn options_of_run_java(cx: &Cx<'_>, content: &mut Content) {
    const OWN: &[&str] = &["JAVA_OPTS", "JAVA_OPTS_APPEND", "JAVA_OPTIONS"];
    const OF_JVM: &str = "JAVA_TOOL_OPTIONS";
    let mut keys = Vec::new();
    let mut taken = false;
    for (_, instruction) in cx.file.body(cx.stage).filter(|(_, own)| own.keyword == wolfify_syntax::Keyword::Env) {
        let wolfify_syntax::Arguments::Pairs(pairs) = &instruction.arguments else { continue };
        keys.extend(pairs.iter().filter(|pair| OWN.contains(&pair.key.text.as_str())).map(|pair| pair.key.range));
        taken |= pairs.iter().any(|pair| pair.key.text == OF_JVM);
    }
    content.remarks.push(format!(
        "`run-java.sh` belongs to the old image, `java` is started in its place; who sets `JAVA_OPTS` when the container \
         is started has to set `{OF_JVM}`"
    ));
    content.doubtful = true;
    match keys[..] {
        [key] if !taken => content.renamed.push((key, OF_JVM)),
        [] => {}
        _ => content.remarks.push(format!("put the options of `JAVA_OPTS` and the like into one `{OF_JVM}`")),
    }
}

/// Whether a RUN of the builder writes what lies at `place`.
fn by_build(cx: &Cx<'_>, place: &str) -> bool {
    cx.head_writes().any(|written| {
        !written.copied && !written.made && (written.path == place || (written.tree && is_below(place, &written.path)))
    })
}

/// The jar alone when it holds all it needs, else the directory with the libraries beside it.
fn jar_copy(cx: &Cx<'_>, jar: &str) -> Copied {
    const WHOLE: &[&str] = &[
        "spring-boot",
        "maven-shade-plugin",
        "maven-assembly-plugin",
        "shadow",
        "quarkus-uber-jar",
        "io.ktor.plugin",
        "micronaut",
    ];
    let manifests = ["pom.xml", "build.gradle", "build.gradle.kts"];
    // Without dependencies there is nothing that a jar could miss.
    let needs_nothing =
        |name: &str, text: &str| name == "pom.xml" && !text.contains("<dependency>") && !text.contains("<parent>");
    let whole = manifests
        .iter()
        .filter_map(|name| cx.context.read(name).map(|text| (*name, text)))
        .any(|(name, text)| WHOLE.iter().any(|plugin| text.contains(plugin)) || needs_nothing(name, &text));
    let moved = cx.head_writes().any(|written| written.path == jar && !written.tree);
    let lone = matches!(base_name(parent(jar)), "target" | "libs" | "lib" | "dist");
    let path = if whole || moved || !lone { jar } else { parent(jar) };
    Copied { path: path.to_owned(), owned: false }
}

/// The JRE's tag for the JDK in use.
fn java_tag(cx: &Cx<'_>) -> String {
    if cx.file.tier() == wolfify_mappings::Tier::Free {
        return "latest".to_owned();
    }
    if matches!(cx.target.image.as_str(), "jdk" | "jre") {
        return cx.target.tag.clone();
    }
    // `maven:3.9-eclipse-temurin-17`, `gradle:8-jdk21`
    let tag = super::chain::source(cx.file, cx.stage).and_then(|source| source.tag.clone()).unwrap_or_default();
    let mut numbers = tag.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok());
    match numbers.rfind(|number| matches!(number, 8 | 11 | 17 | 21 | 25)) {
        Some(release) => format!("openjdk-{release}"),
        None => "latest".to_owned(),
    }
}

/// A published application on the runtime.
pub(super) fn dotnet(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let at = cx.start_instruction();
    let mut content = base(cx);
    content.image = if uses_web(cx) { "aspnet-runtime" } else { "dotnet-runtime" }.to_owned();
    let program = content.start.program_word().unwrap_or_default().to_owned();
    if let Some(reason) = cx.script_of(&program) {
        return cx.refuse(at, reason);
    }
    let file = if base_name(&program) == "dotnet" {
        let arguments = content.start.arguments();
        match arguments.first() {
            Some(dll) if dll.ends_with(".dll") => dll.clone(),
            Some(verb) => return cx.refuse(at, format!("`dotnet {verb}` needs the SDK when it runs")),
            None => return cx.refuse(at, "it starts nothing"),
        }
    } else if cx.trace.settings.contains("self-contained") {
        // The libraries that .NET itself needs are in the image of its runtime.
        content.image = "aspnet-runtime".to_owned();
        program.clone()
    } else {
        return cx.refuse(at, format!("what `{program}` needs cannot be told"));
    };
    let place = join(&cx.trace.cwd, &file);
    let published = cx
        .trace
        .settings
        .iter()
        .filter_map(|setting| setting.strip_prefix("publish="))
        .find(|path| parent(&place) == *path);
    let built = cx.head_writes().any(|written| written.tree && !written.copied && is_below(&place, &written.path));
    if published.is_none() && !built {
        if cx.trace.has(&place) {
            content.copies = cx.application(&|_| false)?;
            return Ok(content);
        }
        return cx.refuse(at, format!("nothing in the file puts `{file}` there"));
    }
    let directory = parent(&place).to_owned();
    if super::path::is_system_directory(&directory) || is_below(&directory, "/root") {
        return cx.refuse(at, format!("it is published into `{directory}`"));
    }
    let published_alone = published.is_some() || base_name(&directory) == "publish";
    if !published_alone {
        return cx.refuse(at, "what it starts is built, not published");
    }
    content.copies = vec![Copied { owned: cx.owns(&directory), path: directory }];
    Ok(content)
}

/// Whether the application may be one for the web: a project file of the context decides, else it is taken to be one.
fn uses_web(cx: &Cx<'_>) -> bool {
    let projects = project_files(cx, "", 0);
    projects.is_empty()
        || projects.iter().any(|text| {
            text.contains("Microsoft.NET.Sdk.Web")
                || text.contains("Microsoft.AspNetCore.App")
                || text.contains("Sdk.Worker")
        })
}

fn project_files(cx: &Cx<'_>, path: &str, depth: usize) -> Vec<String> {
    const DEEPEST: usize = 3;
    let Some(names) = cx.context.list(path) else { return Vec::new() };
    let mut found = Vec::new();
    for name in names {
        let inside = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if name.ends_with("proj") {
            found.extend(cx.context.read(&inside));
        } else if depth < DEEPEST && !name.contains('.') {
            found.extend(project_files(cx, &inside, depth + 1));
        }
    }
    found
}

/// Where the old image kept its gems, which both stages go on using.
const GEM_HOME: &str = "/usr/local/bundle";

/// The directory of gems that the author sets.
fn gem_home(cx: &Cx<'_>, scope: Scope<'_>) -> Result<Option<String>, Refusal> {
    let found = scope.get("GEM_HOME");
    if found.definition.is_none() {
        return Ok(None);
    }
    match found.value.text() {
        Some(path) => Ok(Some(path.to_owned())),
        None => cx.refuse(cx.start_instruction(), "where the gems go is only known when it is built"),
    }
}

/// Gems in one directory in both stages.
pub(super) fn ruby(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let at = cx.start_instruction();
    let mut content = base(cx);
    let program = content.start.program_word().unwrap_or_default().to_owned();
    if let Some(reason) = cx.script_of(&program) {
        return cx.refuse(at, reason);
    }
    let installs = cx.trace.tools.get("gems").copied();
    if let Some(first) = installs {
        cx.refuse_without_rights(first, "Bundler")?;
        let range = cx.file.dockerfile.stages[cx.stage].instructions.clone();
        // Ruby reads files in the encoding that LANG names; the old image set it.
        let own = cx.file.evaluation.scope_after(range.end - 1).get("LANG").definition.is_some();
        let lang = if own { "" } else { "LANG=C.UTF-8 " };
        let at_first = gem_home(cx, cx.file.evaluation.scope(first))?;
        let home = at_first.clone().unwrap_or_else(|| GEM_HOME.to_owned());
        let mut set = if at_first.is_some() { String::new() } else { format!("GEM_HOME={home} ") };
        // The old image kept Bundler's configuration there, for whichever directory one is in.
        let configures = cx.draft.bundler_settings.contains(&cx.stage);
        if configures && cx.file.context_files().workdir(first).trim_end_matches('/') != cx.trace.cwd {
            set.push_str(&format!("BUNDLE_APP_CONFIG={home} "));
        }
        let env = format!("{lang}{set}PATH=\"{home}/bin:$PATH\"");
        content.prepare(first, format!("{} {env}", cx.file.keyword(cx.stage, "ENV")), TAKEN_OVER);
        content.env.push(env);
        if cx.trace.tools.contains_key("bundle")
            && !cx.trace.settings.iter().any(|setting| setting.starts_with("gem=bundler"))
        {
            // The runtime image has no Bundler of its own.
            let line = format!("{} gem install bundler", cx.file.keyword(cx.stage, "RUN"));
            content.prepare(
                first,
                line,
                "the new image's own Bundler is not in the directory that the runtime takes over",
            );
        }
        // Where the author goes on with another directory, gems are in both.
        let at_last = gem_home(cx, cx.file.evaluation.scope_after(range.end - 1))?.filter(|path| *path != home);
        content.copies.push(Copied { path: home, owned: false });
        let application = cx.application(&|_| false)?;
        let comes_along = |path: &String| application.iter().any(|copied| is_below(path, &copied.path));
        content.copies.extend(at_last.filter(|path| !comes_along(path)).map(|path| Copied { path, owned: false }));
        content.copies.extend(application);
    } else {
        content.copies.extend(cx.application(&|_| false)?);
    }
    match base_name(&program) {
        "ruby" => {
            let arguments = content.start.arguments();
            let file = arguments.iter().find(|word| !word.starts_with('-'));
            if let Some(file) = file
                && !cx.trace.has(&join(&cx.trace.cwd, file))
            {
                return cx.refuse(at, format!("nothing in the file puts `{file}` there"));
            }
            if program != "ruby" {
                content.start.replace(1, &["ruby"]);
            }
        }
        name @ "foreman" => super::language::refuse_starter(cx, name)?,
        "bundle" | "bundler" if content.start.arguments().get(1).is_some_and(|word| word == "foreman") => {
            super::language::refuse_starter(cx, "foreman")?;
        }
        "bundle" | "bundler" if cx.trace.tools.contains_key("bundle") => {
            if content.start.arguments().first().is_none_or(|verb| verb != "exec") {
                return cx.refuse(at, "it installs gems when it starts");
            }
        }
        name if installs.is_some()
            && parent(&program) == format!("{GEM_HOME}/bin")
            && cx.trace.settings.contains(&format!("gem={name}")) => {}
        _ if program.contains('/') => {
            let place = join(&cx.trace.cwd, &program);
            if !cx.trace.has(&place) {
                return cx.refuse(at, format!("nothing in the file puts `{program}` there"));
            }
            let own = matches!(base_name(&program), "rails" | "rake" | "bundle" | "puma" | "rackup" | "sidekiq");
            let is_ruby = cx.source_text(&place).map_or(own || program.ends_with(".rb"), |text| {
                program.ends_with(".rb") || text.lines().next().is_some_and(|line| line.contains("ruby"))
            });
            if !is_ruby {
                return cx.refuse(at, format!("whether `{program}` is a script for a shell cannot be seen"));
            }
            // `#!/usr/bin/env ruby` finds no env in the runtime.
            content.start.replace(1, &["ruby", &program]);
        }
        "rails" | "puma" | "rackup" | "thin" | "unicorn" | "sidekiq" | "rake" | "jekyll" | "passenger" | "falcon"
            if installs.is_some() => {}
        name if cx.trace.settings.contains(&format!("gem={name}")) => {}
        name => return cx.refuse(at, cx.not_there(name)),
    }
    if let Some(path) = cx.trace.gem_paths.iter().find(|path| !is_below(path, &cx.trace.cwd)) {
        return cx.refuse(at, format!("Bundler installs into `{path}`, outside the application"));
    }
    // Debian's images have the zone files that Rails asks for.
    if cx.trace.tools.contains_key("bundle")
        && cx.file.stages[cx.stage].distro == Some(wolfify_mappings::Distro::Debian)
    {
        content.packages.entry("tzdata".to_owned()).or_insert(cx.file.dockerfile.stages[cx.stage].instructions.start);
    }
    Ok(content)
}
