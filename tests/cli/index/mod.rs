//! `wolfify index` against a server on this machine, and `--index`.

mod repository;
mod server;
mod use_of;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use repository::{PACKAGES, public_key, signature, signed, signed_with, unsigned, with_signature};
use server::{Answer, Server};

use super::Sandbox;
use crate::program::{self, Run};

/// A sandbox whose folder `cache` is the cache.
struct Cached {
    sandbox: Sandbox,
}

impl Cached {
    fn new() -> Self {
        Self { sandbox: Sandbox::new() }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = program::wolfify(self.sandbox.root());
        Run::from(command.args(arguments).env("XDG_CACHE_HOME", self.sandbox.path("cache")).output().unwrap())
    }

    /// `wolfify index update` from a server, with the key of the tests.
    fn update(&self, server: &Server, more: &[&str]) -> Run {
        let key = public_key();
        let arguments = ["index", "update", "--arch=x86_64", "--url", &server.url, "--key", key.to_str().unwrap()];
        self.run(&[&arguments[..], more].concat())
    }

    fn index(&self) -> PathBuf {
        self.sandbox.path("cache/wolfify/APKINDEX.x86_64.tar.gz")
    }

    /// The names of the files in the cache, sorted.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.sandbox.path("cache/wolfify")).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn update_downloads_checks_and_keeps() {
    let cached = Cached::new();
    let bytes = signed(PACKAGES);
    let server = Server::new(Answer::Body(bytes.clone()));
    let run = cached.update(&server, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.text().contains("packages: 3\n"), "{}", run.text());
    assert!(run.text().contains("signature: repository.rsa.pub\n"), "{}", run.text());
    assert_eq!(server.requests(), ["GET /x86_64/APKINDEX.tar.gz HTTP/1.1"]);
    assert_eq!(fs::read(cached.index()).unwrap(), bytes);
    assert_eq!(cached.files(), ["APKINDEX.x86_64.json", "APKINDEX.x86_64.tar.gz"]);
}

#[test]
fn show_says_where_an_index_is_from() {
    let cached = Cached::new();
    let none = cached.run(&["index", "show"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("index update"), "{}", none.stderr);
    let server = Server::new(Answer::Body(signed(PACKAGES)));
    let url = server.url.replace("http://", "http://user:secret@");
    let key = public_key();
    let update = cached.run(&["index", "update", "--arch=amd64", "--url", &url, "--key", key.to_str().unwrap()]);
    assert_eq!(update.code, Some(0), "{}", update.stderr);
    let shown = cached.run(&["index", "show", "--format=json"]).json();
    let index = &shown["indexes"][0];
    assert_eq!(shown["version"], 1);
    assert_eq!(index["source"], format!("{}/x86_64/APKINDEX.tar.gz", server.url), "without the password");
    assert_eq!(index["date"], "2025-12-31T23:59:59Z");
    assert_eq!(index["architectures"], serde_json::json!(["x86_64"]));
    assert_eq!((&index["packages"], &index["signed_by"]), (&3.into(), &"repository.rsa.pub".into()));
    assert_eq!(index["bytes"], fs::metadata(cached.index()).unwrap().len());
    assert!(index["fetched"].as_str().unwrap().starts_with("20"));
    // An index that somebody put in its place is not from there.
    fs::write(cached.index(), unsigned(PACKAGES)).unwrap();
    let shown = cached.run(&["index", "show", "--format=json"]).json();
    assert_eq!((&shown["indexes"][0]["source"], &shown["indexes"][0]["signed_by"]), (&().into(), &().into()));
    cached.sandbox.write("APKINDEX", PACKAGES);
    let text = cached.run(&["index", "show", "APKINDEX"]);
    assert!(text.text().contains("source: a file of your own\n"), "{}", text.text());
}

/// Updates from a server with a good index in the cache, which must stay; gives the error.
fn refused(server: &Server, more: &[&str]) -> String {
    let cached = Cached::new();
    let good = signed(PACKAGES);
    assert_eq!(cached.update(&Server::new(Answer::Body(good.clone())), &[]).code, Some(0));
    let run = cached.update(server, more);
    assert_eq!((run.code, run.text()), (Some(2), ""));
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.trim_start_matches("wolfify: ").starts_with("http"), "{}", run.stderr);
    assert_eq!(fs::read(cached.index()).unwrap(), good);
    assert_eq!(cached.files().len(), 2, "{:?}", cached.files());
    run.stderr
}

fn assert_refused(answer: Answer, reason: &str) {
    let error = refused(&Server::new(answer), &[]);
    assert!(error.contains(reason), "expected `{reason}` in: {error}");
}

#[test]
fn a_wrong_signature_is_refused() {
    let index = unsigned(PACKAGES);
    let right = signature("repository", &index);
    let name = "repository.rsa.pub";
    // Another index behind the signature, another signature before the index, and both in one member.
    let evil = unsigned(&PACKAGES.replace("frob-tools", "evil-tools"));
    assert_refused(Answer::Body(with_signature(name, &right, &evil)), "its signature is wrong");
    assert_refused(Answer::Body(signed_with("other", name, &index)), "its signature is wrong");
    assert_refused(Answer::Body(with_signature(name, &right[1..], &index)), "its signature is wrong");
    assert_refused(Answer::Body(with_signature(name, b"", &index)), "its signature is wrong");
    let appended = [signed(PACKAGES), unsigned("P:evil\nV:1\nA:x86_64\n")].concat();
    assert_refused(Answer::Body(appended), "its signature is wrong");
}

#[test]
fn an_unknown_key_or_none_is_refused() {
    let index = unsigned(PACKAGES);
    let other = signed_with("other", "stranger\u{1b}[31m.rsa.pub", &index);
    let error = refused(&Server::new(Answer::Body(other)), &[]);
    assert!(error.contains("stranger\u{fffd}[31m.rsa.pub, which is not trusted"), "{error}");
    assert_refused(Answer::Body(index), "is not signed");
    assert_refused(Answer::Body(PACKAGES.into()), "is not signed");
    // Without `--key` only Wolfi's own key is trusted, whatever name a signature goes by.
    let cached = Cached::new();
    let pretended = signed_with("repository", "wolfi-signing.rsa.pub", &unsigned(PACKAGES));
    let server = Server::new(Answer::Body(pretended));
    let run = cached.run(&["index", "update", "--arch=x86_64", "--url", &server.url]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("its signature is wrong"), "{}", run.stderr);
    assert!(!cached.index().exists());
}

#[test]
fn the_signature_can_be_left_unchecked() {
    let cached = Cached::new();
    let server = Server::new(Answer::Body(unsigned(PACKAGES)));
    let run = cached.run(&["index", "update", "--arch=x86_64", "--allow-untrusted", "--url", &server.url]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.text().contains("signature: not checked\n"), "{}", run.text());
}

#[test]
fn a_damaged_index_is_refused() {
    let bytes = signed(PACKAGES);
    assert_refused(Answer::Cut(bytes.clone()), "cannot be downloaded");
    assert_refused(Answer::Body(bytes[..bytes.len() - 9].to_vec()), "not a whole APKINDEX.tar.gz");
    assert_refused(Answer::Body(bytes[..200].to_vec()), "not a whole APKINDEX.tar.gz");
    let mut corrupt = bytes.clone();
    let middle = bytes.len() - 60;
    corrupt[middle..middle + 20].fill(0xff);
    assert_refused(Answer::Body(corrupt), "not a whole APKINDEX.tar.gz");
    assert_refused(Answer::Body(signed("<html>\nnot here\n")), ":1:1: expected a field");
    assert_refused(Answer::Body(signed("P:a\nV:1\n\nP:b\n\n")), ":5:1: the package above has no version");
    assert_refused(Answer::Body(signed("")), "is this an APKINDEX?");
    assert_refused(Answer::Body(b"<html>not here</html>".to_vec()), "is not signed");
    assert_refused(Answer::Body(Vec::new()), "is not signed");
    assert_refused(Answer::Body(signed(&PACKAGES.replace("x86_64", "aarch64"))), "for aarch64, not for x86_64");
}

#[test]
fn refusals_of_the_server_are_explained() {
    assert_refused(Answer::Status(404), "answered 404; check --url and --arch");
    assert_refused(Answer::Status(403), "answered 403");
    assert_refused(Answer::Status(503), "answered 503; try again later");
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let run = Cached::new().run(&["index", "update", "--arch=x86_64", "--url", &gone]);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{}", run.stderr);
    assert!(run.stderr.contains("check the address"), "{}", run.stderr);
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let cached = Cached::new();
    let target = Server::new(Answer::Body(signed(PACKAGES)));
    let address = format!("{}/elsewhere", target.url);
    let run = cached.update(&Server::new(Answer::Redirect(address)), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(target.requests(), ["GET /elsewhere HTTP/1.1"]);
    let ring = Server::with(|path| Answer::Redirect(path.to_owned()));
    let error = refused(&ring, &[]);
    assert!(error.contains("redirect"), "{error}");
    assert!(ring.requests().len() <= 7, "{}", ring.requests().len());
}

#[test]
fn a_slow_or_silent_server_is_given_up() {
    for answer in [Answer::Slow(signed(PACKAGES)), Answer::Silent] {
        let start = Instant::now();
        let error = refused(&Server::new(answer), &["--timeout=1"]);
        assert!(error.contains("took longer than 1 s"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    }
}

#[test]
fn too_much_is_refused() {
    assert_refused(Answer::Length(10 << 30), "has more than 256 MiB");
    assert_refused(Answer::Endless, "has more than 256 MiB");
}

#[test]
fn https_is_not_left_for_http() {
    // The server does not speak TLS; what matters is that nothing is asked of it in the clear.
    let server = Server::new(Answer::Body(signed(PACKAGES)));
    let url = server.url.replace("http://", "https://");
    let run = Cached::new().run(&["index", "update", "--arch=x86_64", "--timeout=10", "--url", &url]);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{}", run.stderr);
    assert!(server.requests().iter().all(|line| !line.starts_with("GET")), "{:?}", server.requests());
}

#[test]
fn wrong_use_is_explained() {
    let cached = Cached::new();
    cached.sandbox.write("key", "no key\n");
    let server = Server::new(Answer::Body(signed(PACKAGES)));
    for (arguments, reason) in [
        (&["--url=ftp://host/os"][..], "https://"),
        (&["--url=https://"], "https://"),
        (&["--arch=sparc"], "x86_64"),
        (&["--timeout=0"], "timeout"),
        (&["--key=missing"], "missing:1:1: cannot be read as a key"),
        (&["--key=key"], "key:1:1: is not a key that can be used: give a public key in PEM"),
        (&["--key=key", "--allow-untrusted"], "cannot be used with"),
    ] {
        let url = format!("--url={}", server.url);
        let url = if arguments[0].starts_with("--url") { None } else { Some(url.as_str()) };
        let all: Vec<&str> = ["index", "update"].into_iter().chain(arguments.iter().copied()).chain(url).collect();
        let run = cached.run(&all);
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert!(run.stderr.contains(reason), "{arguments:?}: {}", run.stderr);
    }
    assert!(server.requests().is_empty());
    // Neither a home nor a folder for caches.
    let run = program::run(cached.sandbox.root(), &["index", "show"]);
    assert_eq!(run.code, Some(2));
}
