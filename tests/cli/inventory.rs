//! `inventory`, and compose files.

use super::{OLD, Sandbox};

fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("base/Dockerfile", OLD);
    sandbox
        .write("api/Dockerfile", "ARG TAG=2\nFROM acme/base:${TAG} AS api\nRUN apt-get install -y no-such-package\n");
    sandbox.write("web/Dockerfile", "FROM node:20 AS build\nRUN npm ci\nFROM nginx:1.25\nCOPY --from=build /x /y\n");
    sandbox.write(
        "compose.yaml",
        "services:\n  base:\n    image: \"acme/base:1\"\n    build: ./base\n  # größe\n  cache: {image: 'redis:7'} # keep\r\n  db:\n    image: ${REG}/db:1\n",
    );
    sandbox.write("k8s/app.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: nginx:1.25\n");
    sandbox.write("mkdocs.yml", "image: debian:12\n");
    sandbox
}

#[test]
fn every_image_of_a_tree_is_listed() {
    let sandbox = tree();
    let report = sandbox.run(&["inventory", "--format=json"]).json();
    let rows = report["images"].as_array().unwrap();
    let places: Vec<String> = rows
        .iter()
        .map(|row| format!("{}:{} {}", row["path"].as_str().unwrap(), row["line"], row["image"].as_str().unwrap()))
        .collect();
    assert_eq!(
        places,
        [
            "api/Dockerfile:2 acme/base:${TAG}",
            "base/Dockerfile:1 debian:12",
            "compose.yaml:3 acme/base:1",
            "compose.yaml:6 redis:7",
            "compose.yaml:8 ${REG}/db:1",
            "k8s/app.yaml:5 nginx:1.25",
            "web/Dockerfile:1 node:20",
            "web/Dockerfile:3 nginx:1.25",
        ]
    );
    let api = &rows[0];
    assert_eq!((&api["built_by"], &api["order"]), (&"base/Dockerfile".into(), &2.into()));
    assert_eq!((&api["tag"], &api["managers"]), (&"2".into(), &serde_json::json!(["apt-get"])));
    assert_eq!((&rows[1]["order"], &rows[1]["becomes"]), (&1.into(), &"cgr.dev/chainguard/wolfi-base:latest".into()));
    assert_eq!(rows[2]["becomes"], "");
    assert!(rows[3]["becomes"].as_str().unwrap().starts_with("cgr.dev/chainguard/redis:"), "{}", rows[3]);
    let csv = sandbox.run(&["inventory", "--format=csv"]);
    assert_eq!(csv.text().lines().count(), rows.len() + 1);
    let table = sandbox.run(&["inventory"]);
    assert_eq!((table.code, table.text().lines().count()), (Some(0), rows.len() + 1));
    assert!(table.text().contains("built by base/Dockerfile"), "{}", table.text());
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_the_rest_is_listed() {
    let sandbox = tree();
    sandbox.write("bad/Dockerfile", b"\xff");
    let run = sandbox.run(&["inventory"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.starts_with("bad/Dockerfile:1:1: not UTF-8"), "{}", run.stderr);
    assert_eq!(run.text().lines().count(), 9);
}

#[test]
fn compose_files_are_rewritten_when_asked_for() {
    let sandbox = tree();
    let before = sandbox.read("compose.yaml");
    assert_eq!(sandbox.run(&["apply", "--strict"]).code, Some(0));
    assert_eq!(sandbox.read("compose.yaml"), before);
    let diff = sandbox.run(&["diff", "--include-compose", "-q"]);
    assert!(diff.text().starts_with("--- a/compose.yaml\n"), "{}", diff.text());
    assert_eq!(sandbox.run(&["apply", "--include-compose"]).code, Some(0));
    let after = sandbox.read("compose.yaml");
    let image = after.split("cache: {image: '").nth(1).unwrap().split('\'').next().unwrap();
    assert!(image.starts_with("cgr.dev/chainguard/redis:"), "{after}");
    assert_eq!(after.replace(image, "redis:7"), before, "nothing else changes");
    let again = sandbox.run(&["diff", "--include-compose"]);
    assert_eq!(again.code, Some(0), "{}", again.text());
}

#[test]
fn an_image_with_variables_is_reported_by_their_defaults() {
    let sandbox = Sandbox::new();
    let text = "services:\n  a:\n    image: ${REG:-docker.io}/library/node:${TAG:-20}\n  b:\n    image: $REG/node\n";
    sandbox.write("compose.yaml", text);
    let run = sandbox.run(&["apply", "--include-compose"]);
    assert_eq!((run.code, sandbox.read("compose.yaml")), (Some(0), text.to_owned()));
    assert!(run.text().contains("compose.yaml:3:12: warning[compose-image] by the defaults"), "{}", run.text());
    assert_eq!(run.text().lines().count(), 1, "{}", run.text());
    let rows = sandbox.run(&["inventory", "--format=json"]).json();
    assert_eq!((&rows["images"][0]["registry"], &rows["images"][0]["tag"]), (&"docker.io".into(), &"20".into()));
    assert!(rows["images"][0]["becomes"].as_str().unwrap().ends_with("/node:latest"), "{rows}");
}

#[test]
fn images_of_compose_files_are_found_however_they_are_written() {
    let sandbox = Sandbox::new();
    let text = "\u{feff}x-common: &common\r\n  image: \"redis:7\"   # cache\r\nservices:\r\n  \"döb\":\r\n    image:   'postgres:9.4'   # keep\r\n  m:\r\n    image: &m mariadb:10\r\n  again: {image: *m}\r\n  cache: {image: memcached:1}\r\n  folded:\r\n    image: >-\r\n      haproxy:3\r\n  escaped: {image: \"ngi\\x6ex:1\"}\r\n";
    sandbox.write("compose.yaml", text);
    let run = sandbox.run(&["apply", "--include-compose"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let new = text
        .replace("redis:7", "cgr.dev/chainguard/redis:latest")
        .replace("postgres:9.4", "cgr.dev/chainguard/postgres:latest")
        .replace("haproxy:3", "cgr.dev/chainguard/haproxy:latest")
        .replace("mariadb:10", "cgr.dev/chainguard/mariadb:latest");
    // There is no image of memcached on the free tier, only a package; a container does not install it.
    assert_eq!(sandbox.read("compose.yaml"), new);
    assert!(run.text().contains("compose.yaml:13:3: warning[compose-image] `nginx:1` becomes"), "{}", run.text());
    assert!(run.text().contains("it is not written in one piece, change it by hand"), "{}", run.text());
}

/// What compose would put in is what the inventory goes by.
#[test]
fn variables_have_the_values_of_the_file_beside() {
    let sandbox = Sandbox::new();
    sandbox.write(".env", "NAME=acme/demo\nAPI_DOCKERFILE=./services/api/Dockerfile\nCACHE_IMAGE=\"redis:7\"\n");
    let text = "services:\n  api:\n    image: ${NAME}:${VERSION}-api\n    build: {context: ., dockerfile: $API_DOCKERFILE}\n  web:\n    image: ${NAME}:${VERSION}-web\n    build: web\n  cache:\n    image: ${CACHE_IMAGE}\n";
    sandbox.write("compose.yaml", text);
    sandbox.write("services/api/Dockerfile", "FROM debian:12\nCOPY --from=busybox:1 /bin/busybox /b\n");
    sandbox.write("web/Dockerfile", "FROM debian:12\n");
    let rows = sandbox.run(&["inventory", "--format=json"]).json();
    let field = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    let list: Vec<_> = rows["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (field(row, "name"), field(row, "repository"), field(row, "built_by")))
        .collect();
    let row = |name: &str, repository: &str, by: &str| (name.to_owned(), repository.to_owned(), by.to_owned());
    assert_eq!(
        list,
        [
            row("services.api", "${NAME}", "services/api/Dockerfile"),
            row("services.web", "${NAME}", "web/Dockerfile"),
            row("services.cache", "redis", ""),
            row("0", "debian", ""),
            row("COPY --from", "busybox", ""),
            row("0", "debian", "")
        ]
    );
    let run = sandbox.run(&["apply", "--include-compose"]);
    assert!(
        run.text().contains("compose.yaml:9:12: warning[compose-image] by its variables and `.env` `redis:7` becomes"),
        "{}",
        run.text()
    );
    assert_eq!(sandbox.read("compose.yaml"), text);
}
