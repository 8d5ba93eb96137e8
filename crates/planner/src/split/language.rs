//! The plans of the languages: what of the builder a finished application needs.

use super::content::{Content, Copied, Cx, HealthCheck, TAKEN_OVER};
use super::managed;
use super::native;
use super::packages;
use super::path::{base_name, is_below, join};
use super::tool::is_python;
use super::trace::{Refusal, Written};
use wolfify_mappings::Lookup;
use wolfify_syntax::shell::ShellWord;
use wolfify_syntax::{Arguments, CommandForm, Keyword};

/// Where pip's packages go. It has to be the same place in both stages.
pub(super) const VENV: &str = "/opt/venv";

/// The runtime stage for the stage at hand.
pub(super) fn content(cx: &Cx<'_>) -> Result<Content, Refusal> {
    let mut content = match cx.target.image.as_str() {
        "python" => python(cx),
        "node" => node(cx),
        "go" | "rust" | "gcc-glibc" | "wolfi-base" | "chainguard-base" => native::content(cx),
        "jdk" | "maven" | "gradle" | "jre" => managed::java(cx),
        "dotnet-sdk" | "aspnet-runtime" | "dotnet-runtime" => managed::dotnet(cx),
        "ruby" => managed::ruby(cx),
        "php" => super::php::content(cx),
        "nginx" => super::web::nginx(cx),
        image => {
            let from = cx.file.dockerfile.stages[cx.stage].instructions.start;
            cx.refuse(from, format!("there is no plan for splitting `{image}`"))
        }
    }?;
    refuse_system_packages(cx, &content)?;
    refuse_other_versions(cx)?;
    refuse_other_languages(cx, &content)?;
    content.packages.extend(packages::runtime_packages(cx.file, cx.draft, cx.stage, &cx.trace, &content.image)?);
    bring_utilities(cx, &mut content);
    say_what_is_left_out(cx, &mut content);
    if let Some(program) = &content.fetched {
        let packages = if content.packages.is_empty() { "" } else { ", and of the packages that the runtime gets" };
        content.remarks.push(format!(
            "`{program}` is taken to need no libraries but those of C and C++{packages}: look with `ldd`"
        ));
    }
    init_package(cx, &mut content);
    match own_health_check(cx, &mut content) {
        Some(tool) => {
            content.packages.remove(&tool);
        }
        None => health_package(cx, &mut content)?,
    }
    time_zones(cx, &mut content);
    check_program(cx, &content)?;
    Ok(content)
}

pub(super) fn base(cx: &Cx<'_>) -> Content {
    Content {
        image: cx.target.image.clone(),
        tag: cx.target.tag.clone(),
        start: cx.start.clone(),
        owned_tail: cx.owned_tail(),
        ..Content::default()
    }
}

/// Where nothing is built, tools that a program can call without a shell are there for the one that is started.
fn bring_utilities(cx: &Cx<'_>, content: &mut Content) {
    const UTILITIES: &[&str] = &[
        "coreutils",
        "diffutils",
        "file",
        "findutils",
        "gawk",
        "gettext",
        "gnupg",
        "gnutar",
        "gpg",
        "grep",
        "gzip",
        "patch",
        "perl",
        "sed",
    ];
    if cx.last_build != cx.from() {
        return;
    }
    let own = cx.installs().filter(|(index, _)| *index > cx.from());
    let named = own.flat_map(|(index, install)| install.packages.iter().map(move |package| (index, package)));
    for (index, package) in named.filter(|(_, package)| UTILITIES.contains(&package.as_str())) {
        if !packages::carried(cx.file, &content.image, package) {
            content.packages.entry(package.clone()).or_insert(index);
        }
    }
}

/// Where nothing is built, an author may have installed a shell and its tools for what the application starts.
fn say_what_is_left_out(cx: &Cx<'_>, content: &mut Content) {
    const OF_NO_USE: &[&str] = &["ca-certificates", "ca-certificates-bundle", "apk-tools"];
    if cx.last_build != cx.from() {
        return say_that_bash_is_left_out(cx, content);
    }
    let own = cx.installs().filter(|(index, _)| *index > cx.from()).flat_map(|(_, install)| &install.packages);
    let is_left = |package: &&String| {
        !OF_NO_USE.contains(&package.as_str())
            && packages::is_build_only(package)
            && !content.packages.contains_key(*package)
            && !packages::carried(cx.file, &content.image, package)
    };
    let left: Vec<String> = own.filter(is_left).map(|package| format!("`{package}`")).collect();
    if !left.is_empty() {
        content.doubtful |= left.iter().any(|package| package == "`bash`");
        let what =
            format!("it goes without {}, which nothing seen here calls when the container runs", left.join(", "));
        content.remarks.push(what);
    }
}

/// A shell that the author installs and no RUN calls may be for what the application starts.
fn say_that_bash_is_left_out(cx: &Cx<'_>, content: &mut Content) {
    let by_install =
        cx.installs().any(|(_, install)| !install.temporary && install.packages.iter().any(|own| own == "bash"));
    let by_image = cx.draft.present.iter().any(|(_, package)| package == "bash");
    let shell = cx.file.body(cx.stage).any(|(_, own)| own.keyword == wolfify_syntax::Keyword::Shell);
    if (by_install || by_image)
        && !shell
        && !cx.trace.called.contains("bash")
        && !packages::carried(cx.file, &content.image, "bash")
    {
        content.doubtful = true;
        content
            .remarks
            .push("it goes without `bash`, which nothing seen here calls when the container runs".to_owned());
    }
}

/// Modules that the distribution brings are not seen by an environment of the application's own.
fn refuse_system_packages(cx: &Cx<'_>, content: &Content) -> Result<(), Refusal> {
    if content.image != "python" {
        return Ok(());
    }
    for (index, install) in cx.installs() {
        let module = install.packages.iter().find(|package| {
            package.starts_with("py3")
                && !["pip", "setuptools", "wheel", "virtualenv"].iter().any(|tool| package.contains(tool))
        });
        if let Some(module) = module {
            return cx.refuse(
                index,
                format!("the Python package `{module}` belongs to the system, and no virtual environment sees it"),
            );
        }
    }
    Ok(())
}

/// What another language's package manager installs for the whole image would be left behind.
fn refuse_other_languages(cx: &Cx<'_>, content: &Content) -> Result<(), Refusal> {
    if let Some(index) = cx.trace.pip.first().filter(|_| content.image != "python") {
        return cx.refuse(*index, "pip installs for the whole image, which does not run Python");
    }
    if let Some(index) = cx.trace.tools.get("gems").filter(|_| content.image != "ruby") {
        return cx.refuse(*index, "gems are installed for the whole image, which does not run Ruby");
    }
    Ok(())
}

/// A version of the language that the file installs beside the one of the image.
fn refuse_other_versions(cx: &Cx<'_>) -> Result<(), Refusal> {
    const LANGUAGES: &[&str] = &["nodejs", "openjdk", "php", "python", "ruby"];
    if cx.target.bare {
        return Ok(());
    }
    for (index, install) in cx.installs() {
        for package in &install.packages {
            let version = LANGUAGES.iter().find_map(|language| package.strip_prefix(language)?.strip_prefix('-'));
            let version = version.map(|version| version.split_once('-').map_or(version, |(version, _)| version));
            let is_version = version.is_some_and(|version| {
                !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            });
            let extension = package.starts_with("php-") || package.contains("-dev");
            if is_version && !extension && !cx.file.in_target(cx.stage, package) {
                return cx.refuse(
                    index,
                    format!("it installs `{package}`, and the image of the language has another version"),
                );
            }
        }
    }
    Ok(())
}

/// The image of the language that a stage on a bare distribution starts.
pub(super) fn of_start(start: &super::start::Start) -> Option<&'static str> {
    let program = start.program_word()?;
    match base_name(program) {
        name if is_python(name) || is_console_script(name) || program.ends_with(".py") => Some("python"),
        "node" | "nodejs" | "npm" | "yarn" => Some("node"),
        "java" => Some("jdk"),
        "ruby" | "bundle" => Some("ruby"),
        "php" => Some("php"),
        _ => None,
    }
}

/// `tini` and `dumb-init` where the start command names them: those that the file brings itself, else as packages.
fn init_package(cx: &Cx<'_>, content: &mut Content) {
    for word in content.start.all() {
        let name = base_name(&word);
        if !crate::init_process::is_one(name) || packages::carried(cx.file, &content.image, name) {
            continue;
        }
        if !is_brought(cx, content, &word) {
            let is_it = |written: &&Written| !written.made && places(cx, &word).contains(&written.path);
            let own = cx.head_writes().find(is_it).map(|written| written.path.clone());
            content.copies.extend(own.map(|path| Copied { owned: false, path }));
        }
        // tini's own release is linked to the C library, which the package brings to `static`; dumb-init's is not.
        let runs = content.image != "static" || name == "dumb-init";
        if !(runs && is_brought(cx, content, &word)) {
            let at = cx.file.dockerfile.stages[cx.stage].instructions.start;
            content.packages.entry(name.to_owned()).or_insert(at);
        }
    }
}

/// Time zones, where the application asks for one: most runtime images have no zone files.
fn time_zones(cx: &Cx<'_>, content: &mut Content) {
    let range = cx.file.dockerfile.stages[cx.stage].instructions.clone();
    let asks = cx.file.evaluation.scope_after(range.end - 1).get("TZ").definition.is_some();
    let manifests = ["requirements.txt", "Pipfile", "pyproject.toml", "poetry.lock"];
    let django = content.image == "python"
        && manifests
            .iter()
            .filter_map(|name| cx.context.read(name))
            .any(|text| text.to_ascii_lowercase().contains("django"));
    if (asks || django) && !packages::carried(cx.file, &content.image, "tzdata") {
        content.packages.entry("tzdata".to_owned()).or_insert(range.start);
    }
}

/// Lets the application's own runtime make the request of the health check. Returns the tool that nothing calls any more.
fn own_health_check(cx: &Cx<'_>, content: &mut Content) -> Option<String> {
    let (index, _) = cx.file.body(cx.stage).rfind(|(_, instruction)| instruction.keyword == Keyword::Healthcheck)?;
    let (words, tool) = crate::rules::healthcheck::own_request(cx.file, index, &content.image, &content.tag)?;
    let without = match content.packages.contains_key(&tool) {
        true => format!(", which does without `{tool}`"),
        false => String::new(),
    };
    let why = format!("the same request in the application's own runtime{without}");
    content.health = Some(HealthCheck { instruction: index, words, why });
    Some(tool)
}

/// The program of the health check has to be in the runtime too.
fn health_package(cx: &Cx<'_>, content: &mut Content) -> Result<(), Refusal> {
    let Some((index, instruction)) =
        cx.file.body(cx.stage).rfind(|(_, instruction)| instruction.keyword == Keyword::Healthcheck)
    else {
        return Ok(());
    };
    if !matches!(instruction.arguments, Arguments::Healthcheck(Some(_))) {
        return Ok(());
    }
    let mut programs = Vec::new();
    for script in &cx.file.scripts[index] {
        script.visit(&mut |command, _| {
            let word = command.words.get(command.name_index).and_then(ShellWord::literal);
            programs.extend(command.name().map(|name| (name, word)));
        });
    }
    for (program, word) in programs {
        let by_image = match content.image.as_str() {
            "node" => matches!(program.as_str(), "node" | "npm" | "npx"),
            "python" => is_python(&program),
            image => image == program,
        };
        let shell_word = matches!(program.as_str(), "exit" | "test" | "[" | "true" | "false" | "echo");
        let compiled = content.is_compiled() && word.is_some_and(|word| is_brought(cx, content, &word));
        if by_image || shell_word || compiled {
            continue;
        }
        let has_busybox = cx.file.mappings.in_target_image(&content.image, "runtime", "busybox") == Some(true);
        if has_busybox && cx.file.mappings.is_applet(&program) {
            continue;
        }
        match packages::of_command(cx.file, &program) {
            Some(package) if !packages::carried(cx.file, &content.image, &package) => {
                content.packages.entry(package).or_insert(index);
            }
            Some(_) => {}
            None => {
                return cx
                    .refuse(index, format!("the health check calls `{program}`, which the runtime does not have"));
            }
        }
    }
    Ok(())
}

/// Whether the runtime gets a program: from the builder, or by a COPY that stays.
fn is_brought(cx: &Cx<'_>, content: &Content, word: &str) -> bool {
    places(cx, word).into_iter().any(|place| {
        let stays = |written: &Written| written.copied && written.instruction > cx.last_build;
        let copied = cx.trace.written.iter().filter(|written| stays(written)).map(|written| &written.path);
        content.copies.iter().map(|copied| &copied.path).chain(copied).any(|path| is_below(&place, path))
    })
}

/// Where a program may lie that a command names.
fn places(cx: &Cx<'_>, word: &str) -> Vec<String> {
    match word.contains('/') {
        true => vec![join(&cx.trace.cwd, word)],
        false => ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
            .iter()
            .map(|directory| join(directory, word))
            .collect(),
    }
}

fn python(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let mut content = base(cx);
    content.brings_programs = true;
    refuse_system_python(cx)?;
    let tooling = ["pip", "setuptools", "wheel", "poetry", "uv", "pipenv", "virtualenv", "poetry-core", "pip-tools"];
    let only_tooling =
        !cx.trace.venvs.is_empty() && cx.trace.pip_names.iter().all(|name| tooling.contains(&name.as_str()));
    let venv = (!cx.trace.pip.is_empty() && !only_tooling).then_some(VENV);
    if let Some(venv) = venv {
        let first = cx.trace.pip[0];
        cx.refuse_without_rights(first, "pip")?;
        let run = cx.file.keyword(cx.stage, "RUN");
        let env = cx.file.keyword(cx.stage, "ENV");
        content.prepare(first, format!("{run} python -m venv {venv}"), TAKEN_OVER);
        // These look for the environment in force by this variable, not by PATH.
        let by_variable = ["poetry", "uv"].iter().any(|tool| cx.trace.tools.contains_key(tool));
        let variable = if by_variable { format!("VIRTUAL_ENV={venv} ") } else { String::new() };
        content.prepare(first, format!("{env} {variable}PATH=\"{venv}/bin:$PATH\""), TAKEN_OVER);
        content.env.push(format!("PATH=\"{venv}/bin:$PATH\""));
        content.copies.push(Copied { path: venv.to_owned(), owned: false });
        if cx.trace.settings.contains("setup.py") && !cx.trace.pip_names.contains("setuptools") {
            content.prepare(
                first,
                format!("{run} pip install setuptools"),
                "a virtual environment has no setuptools since Python 3.12, and `setup.py` needs it",
            );
        }
    }
    if let Some(first) = cx.trace.uv_environment
        && ["UV_PYTHON_DOWNLOADS", "UV_NO_PYTHON_DOWNLOADS", "UV_PYTHON_PREFERENCE", "UV_SYSTEM_PYTHON"]
            .iter()
            .all(|name| cx.file.evaluation.scope(first).get(name).definition.is_none())
    {
        let line = format!("{} UV_PYTHON_DOWNLOADS=never", cx.file.keyword(cx.stage, "ENV"));
        content.prepare(first, line, "a Python that uv downloads would stay behind in the builder");
    }
    let from = cx.file.dockerfile.stages[cx.stage].instructions.start;
    // The line that puts it into PATH stays above the COPY that brings it.
    if cx.draft.environment_copies.iter().any(|copy| *copy > from && *copy <= cx.last_build) {
        content.env.push(format!("PATH=\"{VENV}/bin:$PATH\""));
    }
    content.copies.extend(cx.application(&|_| false)?);
    python_start(cx, &mut content)?;
    Ok(content)
}

/// Paths into the old image's own Python have no meaning in a virtual environment.
fn refuse_system_python(cx: &Cx<'_>) -> Result<(), Refusal> {
    let own =
        |index: &usize| !cx.draft.dropped_instructions.contains(index) && !cx.draft.environment_copies.contains(index);
    for (index, instruction) in cx.file.body(cx.stage).filter(|(index, _)| own(index)) {
        let text = &cx.file.text[instruction.range];
        if text.contains("/site-packages") || text.contains("/dist-packages") || text.contains("/usr/local/lib/python")
        {
            return cx.refuse(index, "it names a path inside the old image's Python");
        }
    }
    Ok(())
}

/// Programs that pip installs, where the start command names them as arguments by the place that they had.
fn move_programs_of_pip(cx: &Cx<'_>, content: &mut Content) {
    if cx.trace.pip.is_empty() {
        return;
    }
    let program = content.start.program();
    for index in content.start.instructions() {
        let Some(words) = content.start.words.get_mut(&index) else { continue };
        let mut moved = false;
        for (at, word) in words.iter_mut().enumerate().filter(|(at, _)| Some((index, *at)) != program) {
            let name = word.strip_prefix("/usr/local/bin/").filter(|name| !name.contains('/')).map(str::to_owned);
            if let Some(name) = name.filter(|_| at > 0 && !cx.trace.has(word)) {
                *word = format!("{VENV}/bin/{name}");
                moved = true;
            }
        }
        if moved {
            content.start.rewritten.insert(index, words.clone());
        }
    }
}

fn python_start(cx: &Cx<'_>, content: &mut Content) -> Result<(), Refusal> {
    move_programs_of_pip(cx, content);
    let at = cx.start_instruction();
    let words = |content: &Content| {
        let mut words = vec![content.start.program_word().unwrap_or_default().to_owned()];
        words.extend(content.start.arguments());
        words
    };
    let current = words(content);
    if let [tool, verb, program, ..] = &current[..]
        && matches!(tool.as_str(), "poetry" | "pipenv" | "uv")
        && verb == "run"
        && !program.starts_with('-')
    {
        // The environment's programs come first in PATH, which is all that `run` is for.
        enter_own_environment(cx, content);
        content.start.replace(2, &[]);
    }
    let current = words(content);
    let program = current[0].as_str();
    if let Some(reason) = cx.script_of(program) {
        return cx.refuse(at, reason);
    }
    let name = base_name(program);
    if is_python(name) {
        let in_own = cx.trace.venvs.iter().any(|venv| is_below(&join(&cx.trace.cwd, program), venv));
        if !in_own && !matches!(program, "python" | "python3") {
            content.start.replace(1, &["python"]);
        }
        let file = current.iter().skip(1).find(|word| !word.starts_with('-'));
        if let Some(file) = file
            && current.get(1).is_none_or(|word| word != "-m" && word != "-c")
            && !cx.trace.has(&join(&cx.trace.cwd, file))
        {
            return cx.refuse(at, format!("nothing in the file puts `{file}` there"));
        }
        return Ok(());
    }
    if program.ends_with(".py") {
        if !cx.trace.has(&join(&cx.trace.cwd, program)) {
            return cx.refuse(at, format!("nothing in the file puts `{program}` there"));
        }
        content.start.replace(1, &["python", program]);
        return Ok(());
    }
    if program.contains('/') {
        let place = join(&cx.trace.cwd, program);
        if cx.trace.venvs.iter().any(|venv| is_below(&place, venv)) {
            return Ok(());
        }
        if let Some(name) = program.strip_prefix("/usr/local/bin/")
            && !cx.trace.pip.is_empty()
            && !cx.trace.has(&place)
        {
            content.start.replace(1, &[name]);
            return Ok(());
        }
        return cx.refuse(at, format!("what `{program}` needs cannot be told"));
    }
    let known_elsewhere = matches!(cx.file.mappings.command(program), Lookup::Mapped(_));
    let by_pip = cx.trace.pip_names.contains(program) || is_console_script(program);
    refuse_starter(cx, program)?;
    if matches!(program, "bash" | "sh" | "supervisord" | "cron" | "crond" | "nginx" | "apachectl" | "make")
        || (known_elsewhere && !by_pip)
    {
        return cx.refuse(at, format!("it starts `{program}`, which is no part of a Python environment"));
    }
    if cx.trace.pip.is_empty() && cx.trace.venvs.is_empty() && !is_in_copied_environment(cx) {
        return cx.refuse(at, cx.not_there(program));
    }
    Ok(())
}

/// Programs of languages whose own commands go through a shell.
pub(super) fn refuse_starter(cx: &Cx<'_>, program: &str) -> Result<(), Refusal> {
    let reason = match program {
        "circusd" | "honcho" => "starts its commands by a shell",
        "foreman" => "starts the commands of a Procfile by a shell",
        name if name.starts_with("ansible") => "runs its tasks by a shell",
        _ => return Ok(()),
    };
    cx.refuse(cx.start_instruction(), format!("`{program}` {reason}"))
}

/// Whether PATH leads into a tree that another stage has filled, an environment by all appearance.
fn is_in_copied_environment(cx: &Cx<'_>) -> bool {
    let last = cx.file.dockerfile.stages[cx.stage].instructions.end - 1;
    let scope = cx.file.evaluation.scope_after(last);
    let Some(written) = scope.get("PATH").definition.and_then(|id| cx.file.evaluation.definition(id).written.as_ref())
    else {
        return false;
    };
    written.text.trim_matches('"').split(':').any(|part| {
        let path = scope.expand(part).ok().and_then(|found| found.value.text().map(str::to_owned));
        let copied = |path: &str| cx.trace.written.iter().any(|own| own.copied && is_below(path, &own.path));
        path.is_some_and(|path| path.starts_with('/') && path.ends_with("/bin") && copied(&path))
    })
}

/// Programs that Python packages are known to bring.
fn is_console_script(program: &str) -> bool {
    const KNOWN: &[&str] = &[
        "aiohttp",
        "alembic",
        "ansible",
        "awslambdaric",
        "bokeh",
        "celery",
        "chainlit",
        "daphne",
        "dagster",
        "dash",
        "django-admin",
        "fastapi",
        "flask",
        "flower",
        "gradio",
        "granian",
        "gunicorn",
        "hypercorn",
        "jupyter",
        "jupyter-lab",
        "jupyter-notebook",
        "locust",
        "mkdocs",
        "mlflow",
        "panel",
        "prefect",
        "pserve",
        "pytest",
        "rasa",
        "rq",
        "rqworker",
        "sanic",
        "scrapy",
        "streamlit",
        "twistd",
        "uvicorn",
        "uwsgi",
        "waitress-serve",
        "functions-framework",
        "functions_framework",
        "dramatiq",
        "huey_consumer",
        "locust",
    ];
    KNOWN.contains(&program)
}

/// Puts the programs of the author's own environment into PATH.
fn enter_own_environment(cx: &Cx<'_>, content: &mut Content) {
    let Some(venv) = cx.trace.venvs.iter().next() else { return };
    let path = format!("PATH=\"{venv}/bin:$PATH\"");
    let inside = format!("{venv}/bin");
    let mut texts = super::chain::body(cx.file, cx.stage).map(|(_, instruction)| &cx.file.text[instruction.range]);
    if !texts.any(|text| text.contains(&inside)) && content.env.is_empty() {
        content.env.push(path);
    }
}

fn node(cx: &Cx<'_>) -> Result<Content, Refusal> {
    let mut content = base(cx);
    let at = cx.start_instruction();
    content.copies = cx.application(&|_| false)?;
    if let Some((_, reason)) = &cx.start.shell {
        // The image has a shell for npm's own sake; whatever else the line calls must be there too.
        return cx.refuse(at, format!("the start command needs a shell: {reason}"));
    }
    node_start(cx, &mut content)?;
    if content.start.program_word() == Some("npm") && cx.trace.global_npm.contains("npm") {
        content
            .remarks
            .push("the runtime starts with its own `npm`, not with the one that the build installs".to_owned());
    }
    let left: Vec<String> = cx
        .trace
        .global_npm
        .iter()
        .filter(|name| !PART_OF_THE_BUILD.contains(&name.as_str()) && !cx.trace.called.contains(program_of(name)))
        .map(|name| format!("`{name}`"))
        .collect();
    for name in &cx.trace.global_npm {
        if let Some((file, service)) = cx.file.started_by_compose(base_name(name)) {
            return cx.refuse(
                at,
                format!("`{file}` starts `{name}` for the service `{service}`, which is installed for the whole image"),
            );
        }
    }
    if !left.is_empty() {
        content.remarks.push(format!("{} stays behind in the builder (`npm install -g`)", left.join(", ")));
    }
    content.brings_programs = true;
    let has_init = content.start.all().first().is_some_and(|word| crate::init_process::is_one(word));
    if cx.start.entrypoint.is_none() && cx.start.cmd.is_some() && !has_init {
        content.init = true;
    }
    let by_shell = |index: usize| {
        let arguments = &cx.file.instruction(index).arguments;
        matches!(arguments, Arguments::Command(CommandForm::Shell { .. }))
    };
    // The shell was the first process, and Node is now.
    if cx.start.entrypoint.is_some_and(by_shell)
        && !has_init
        && let Some(program) = content.start.program_word().map(str::to_owned)
    {
        content.start.replace(1, &[crate::init_process::PROGRAM, "--", &program]);
    }
    Ok(content)
}

fn node_start(cx: &Cx<'_>, content: &mut Content) -> Result<(), Refusal> {
    let at = cx.start_instruction();
    let Some(program) = content.start.program_word().map(str::to_owned) else {
        return cx.refuse(at, "it starts nothing");
    };
    let arguments = content.start.arguments();
    let first = arguments.iter().find(|word| !word.starts_with('-')).cloned();
    match base_name(&program) {
        "node" | "nodejs" => {
            if !matches!(program.as_str(), "node" | "/usr/bin/node") {
                content.start.replace(1, &["node"]);
            }
            match first {
                Some(file) if !node_file_is_there(cx, &file) => cx.refuse(at, format!("nothing in the file puts `{file}` there")),
                _ => Ok(()),
            }
        }
        name @ ("npm" | "yarn" | "pnpm") => package_script(cx, content, name, &arguments),
        "npx" => Ok(()),
        name if program.contains("node_modules/.bin/") => {
            let place = join(&cx.trace.cwd, &program);
            if cx.trace.has(&place) { Ok(()) } else { cx.refuse(at, format!("nothing in the file installs `{name}`")) }
        }
        name if cx.trace.global_npm.contains(name) || cx.trace.global_npm.iter().any(|package| program_of(package) == name) => {
            cx.refuse(at, format!("`{name}` is installed for the whole image (`npm install -g`); make it a dependency of the application"))
        }
        name => match cx.script_of(&program) {
            Some(reason) => cx.refuse(at, reason),
            None => cx.refuse(at, format!("it starts `{name}`, which is no part of the application")),
        },
    }
}

/// Packages that `npm install -g` brings for the build alone.
const PART_OF_THE_BUILD: &[&str] = &["npm", "yarn", "pnpm", "node-gyp", "corepack"];

/// The program that a package of npm brings for its users.
fn program_of(package: &str) -> &str {
    match package {
        "@angular/cli" => "ng",
        "@nestjs/cli" => "nest",
        "@vue/cli" => "vue",
        "pm2" => "pm2-runtime",
        "typescript" => "tsc",
        name => base_name(name).trim_end_matches("-cli"),
    }
}

fn node_file_is_there(cx: &Cx<'_>, file: &str) -> bool {
    let place = join(&cx.trace.cwd, file);
    let with = |end: &str| cx.trace.has(&format!("{place}{end}"));
    with("") || with(".js") || with(".mjs") || with(".cjs") || with("/index.js")
}

/// `npm start`, `yarn run serve`: by package.json where the build context has it, else by npm, which the image has.
fn package_script(cx: &Cx<'_>, content: &mut Content, manager: &str, arguments: &[String]) -> Result<(), Refusal> {
    let at = cx.start_instruction();
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .take_while(|word| *word != "--")
        .filter(|word| !word.starts_with('-'))
        .collect();
    let script = match words[..] {
        ["run" | "run-script", script, ..] => script,
        ["start" | "test", ..] => words[0],
        [script, ..] if manager != "npm" => script,
        _ => return cx.refuse(at, format!("what `{manager} {}` does cannot be told", words.join(" "))),
    };
    if script == "node" && manager == "yarn" {
        content.start.replace(2, &["node"]);
        return Ok(());
    }
    let manifest = cx.source_text(&join(&cx.trace.cwd, "package.json"));
    let plain = manifest.as_deref().and_then(|manifest| plain_script(manifest, script));
    if words.len() <= 2
        && let Some(plain) = plain
    {
        let count = 1 + arguments.len();
        let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
        content.start.replace(count, &plain);
        content.remarks.push(format!(
            "`{manager} {}` is the script `{}` of package.json",
            words.join(" "),
            plain.join(" ")
        ));
        return Ok(());
    }
    if manifest.as_deref().is_some_and(|manifest| script_text(manifest, script).is_none() && script != "start") {
        return cx.refuse(at, format!("package.json has no script `{script}`"));
    }
    if let Some(package) = cx.trace.global_npm.iter().find(|name| !PART_OF_THE_BUILD.contains(&name.as_str())) {
        let reason = format!("the script that it starts may call `{package}`, which is installed for the whole image");
        return cx.refuse(at, reason);
    }
    if manager != "npm" {
        if words.len() > 2 || arguments.len() > words.len() {
            return cx.refuse(at, format!("`{manager}` is not part of the runtime image"));
        }
        let replacement: Vec<&str> = if script == "start" { vec!["npm", "start"] } else { vec!["npm", "run", script] };
        content.start.replace(1 + arguments.len(), &replacement);
        content.remarks.push(format!("`{manager}` is not part of the runtime image; npm runs the same script"));
    }
    Ok(())
}

fn script_text(manifest: &str, script: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).ok()?;
    manifest["scripts"][script].as_str().map(str::to_owned)
}

/// The words of a script of package.json that is one call of node.
fn plain_script(manifest: &str, script: &str) -> Option<Vec<String>> {
    let value: serde_json::Value = serde_json::from_str(manifest).ok()?;
    let scripts = &value["scripts"];
    let hooked = ["pre", "post"].iter().any(|hook| scripts[format!("{hook}{script}")].is_string());
    let text = scripts[script].as_str().filter(|_| !hooked)?;
    let plain = !text.contains(['$', '&', '|', ';', '<', '>', '"', '\'', '`', '*', '(', '\\', '=', '~', '#']);
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    (plain && words.first().is_some_and(|word| word == "node") && words.len() > 1).then_some(words)
}

/// What a language's package manager installs as a program and a shell reads: azure-cli of PyPI.
const SHELL_PROGRAMS: &[(&str, &str)] = &[("python", "az")];

/// The program has to be in the runtime stage.
fn check_program(cx: &Cx<'_>, content: &Content) -> Result<(), Refusal> {
    let at = cx.start_instruction();
    let Some(program) = content.start.program_word() else {
        let by_itself = content.image == "nginx" || content.tag.ends_with("fpm");
        return if by_itself { Ok(()) } else { cx.refuse(at, "it starts nothing") };
    };
    if SHELL_PROGRAMS.contains(&(content.image.as_str(), base_name(program))) {
        return cx.refuse(at, format!("`{}` is a script for a shell", base_name(program)));
    }
    if matches!(base_name(program), "gosu" | "su-exec" | "sudo" | "su" | "setpriv" | "runuser") {
        return cx.refuse(at, format!("`{}` changes the user when the container starts", base_name(program)));
    }
    Ok(())
}
