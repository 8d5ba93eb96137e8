use wolfify_mappings::EntrypointKind;

use super::*;

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn image(entrypoint: &str, kind: EntrypointKind, cmd: &str) -> BaseFacts {
    BaseFacts {
        entrypoint: words(entrypoint),
        entrypoint_kind: kind,
        cmd: words(cmd),
        has_shell: Some(true),
        ..BaseFacts::scratch()
    }
}

fn with_cmd(base: BaseFacts, cmd: &str) -> Effective {
    let mut effective = Effective::of(base);
    effective.cmd = Setting::of_instruction(Some(Command::Exec(words(cmd))), 3);
    effective
}

#[test]
fn entrypoint_scripts_pass_commands_on() {
    let node = || image("docker-entrypoint.sh", EntrypointKind::Wrapper, "node");
    assert_eq!(runs(&with_cmd(node(), "npm start")), Run::Words(words("npm start")));
    assert_eq!(runs(&with_cmd(node(), "--inspect a.js")), Run::Words(words("node --inspect a.js")));
    assert_eq!(runs(&with_cmd(node(), "server.js")), Run::Words(words("node server.js")));
    assert_eq!(runs(&Effective::of(node())), Run::Words(words("node")));
    let java = image("/usr/bin/java -jar", EntrypointKind::Program, "");
    assert_eq!(runs(&with_cmd(java, "app.jar")), Run::Words(words("/usr/bin/java -jar app.jar")));
    assert_eq!(runs(&Effective::of(BaseFacts::unknown())), Run::Unknown);
    assert_eq!(runs(&Effective::of(BaseFacts::scratch())), Run::Nothing);
}

#[test]
fn commands_find_their_place() {
    let start = |command: &str, entrypoint: &str, kind| start_on(&words(command), &image(entrypoint, kind, ""));
    let entrypoint = |text: &str| Start { entrypoint: Some(words(text)), cmd: None };
    let cmd = |text: &str| Start { entrypoint: None, cmd: Some(words(text)) };
    let program = EntrypointKind::Program;
    assert_eq!(start("python3 a.py", "/usr/bin/python", program), entrypoint("python3 a.py"));
    assert_eq!(start("gunicorn a:b", "/usr/bin/python", program), entrypoint("gunicorn a:b"));
    assert_eq!(start("nginx -g x", "/usr/sbin/nginx", program), cmd("-g x"));
    assert_eq!(start("redis-server", "/usr/bin/redis-server", program), Start::default());
    let nginx = image("/usr/sbin/nginx", program, "-g x");
    assert_eq!(start_on(&words("nginx"), &nginx), entrypoint("nginx"));
    assert_eq!(start("php-fpm", "/bin/s6-svscan /sv", program), Start::default());
    assert_eq!(start("php -S x", "/bin/s6-svscan /sv", program), entrypoint("php -S x"));
    assert_eq!(start("java -jar a", "", EntrypointKind::None), cmd("java -jar a"));
    assert_eq!(start("mysqld --x", "/usr/local/bin/docker-entrypoint.sh mariadbd", program), cmd("--x"));
    assert_eq!(start("postgres", "/usr/bin/docker-entrypoint.sh postgres", program), Start::default());
    assert_eq!(
        start("haproxy -f a", "/usr/local/bin/docker-entrypoint.sh", EntrypointKind::Setup),
        cmd("haproxy -f a")
    );
}
