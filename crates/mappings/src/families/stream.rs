//! Packages that come in version streams: JDKs, PostgreSQL, compilers, Node.js, Go.

use super::{Answer, Context, absent, mapped};
use crate::lookup::Confidence;

const JAVA: &str = "JDKs are openjdk-STREAM-default-jdk, JREs openjdk-STREAM-default-jvm";
const POSTGRESQL: &str = "PostgreSQL packages are postgresql-STREAM-NAME";
const COMPILER: &str = "compilers are NAME-STREAM";
const RUNTIME: &str = "Node.js is nodejs-STREAM, Go is go-STREAM";

/// `openjdk-17-jdk-headless`, `java-1.8.0-openjdk-devel`, `openjdk8-jre-base`, `temurin-21-jdk`, `default-jre`.
pub(super) fn java(context: Context<'_>, name: &str) -> Answer {
    let vendor = ["openjdk", "java-", "temurin-", "zulu", "adoptopenjdk-", "msopenjdk-"]
        .iter()
        .find(|v| name.starts_with(**v))?;
    let rest = &name[vendor.len()..];
    let version: String =
        rest.trim_start_matches('-').chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let version = version.strip_prefix("1.").unwrap_or(&version).split('.').next().unwrap_or("").to_owned();
    let tail = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    // Fedora and Corretto call the JRE by the plain name; Alpine and Azul call the JDK so.
    let plain_is_jre = *vendor == "java-";
    let jdk = tail.contains("jdk") && !plain_is_jre
        || tail.contains("devel")
        || tail.ends_with("jdk") && tail.contains("corretto")
        || (!plain_is_jre && !tail.contains("jre"));
    let suffix = if jdk { "default-jdk" } else { "default-jvm" };
    let stream =
        if version.is_empty() { context.streams("openjdk").first().map(|s| (*s).to_owned())? } else { version };
    if let Some(package) = context.first_known([format!("openjdk-{stream}-{suffix}")]) {
        return mapped(vec![package], Confidence::Medium, JAVA, None);
    }
    let mut streams: Vec<u32> = context.streams("openjdk").iter().filter_map(|s| s.parse().ok()).collect();
    streams.sort_unstable();
    let wanted: u32 = stream.parse().ok()?;
    let next = streams.iter().find(|have| **have > wanted).or(streams.last())?;
    absent(format!("Java {stream} is not in Wolfi: openjdk-{next}-{suffix} is the nearest that is"), JAVA)
}

/// `postgresql-14`, `postgresql-client-14`, `postgresql14-devel`, `postgresql-server-dev-14`, `postgresql-contrib-9.6`.
pub(super) fn postgresql(context: Context<'_>, name: &str) -> Answer {
    let rest = name.strip_prefix("postgresql")?;
    let is_version = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let parts: Vec<&str> = rest.split('-').filter(|part| !part.is_empty()).collect();
    let version = parts.iter().copied().find(|part| is_version(part)).unwrap_or("");
    let kind: Vec<&str> = parts.iter().copied().filter(|part| !is_version(part)).collect();
    let suffix = match kind.as_slice() {
        [] | ["server"] | ["common"] => "",
        ["client"] | ["client", "common"] => "-client",
        ["contrib"] => "-contrib",
        ["server", "dev"] | ["server", "dev", "all"] | ["dev"] | ["devel"] | ["server", "devel"] => "-dev",
        ["libs"] => return mapped(vec!["libpq".to_owned()], Confidence::Medium, POSTGRESQL, None),
        _ => return None,
    };
    let streams = context.streams("postgresql");
    let note = (!version.is_empty() && !streams.contains(&version))
        .then(|| format!("PostgreSQL {version} is not in Wolfi; this is the newest stream"));
    let candidates = [format!("postgresql-{version}{suffix}"), format!("postgresql{suffix}")];
    let confidence = if note.is_some() { Confidence::Low } else { Confidence::Medium };
    mapped(vec![context.first_known(candidates)?], confidence, POSTGRESQL, note)
}

/// `gcc-9`, `g++-12`, `gfortran-10`, `clang-14`, `llvm-14-dev`, `clang15`, `lld-14`, `clang-tidy-14`.
pub(super) fn compilers(context: Context<'_>, name: &str) -> Answer {
    let (tool, version, suffix) = split_versioned(name)?;
    let (family, package) = match (tool, suffix) {
        ("gcc" | "g++" | "cpp", "") => ("gcc", "gcc"),
        ("gfortran", "") => ("gcc", "gfortran"),
        ("clang" | "llvm" | "lld" | "libllvm", "") => ("llvm", tool),
        ("clang++", "") | ("clang", "-dev" | "-devel") | ("libclang" | "libclang-common", "-dev") => ("llvm", "clang"),
        ("libc++" | "libc++abi", "-dev") => return llvm_library(context, "libcxx1", version, "-dev"),
        ("libc++1" | "libc++abi1", "") => return llvm_library(context, "libcxx1", version, ""),
        ("libomp", "-dev") => return llvm_library(context, "openmp", version, "-dev"),
        ("llvm", "-runtime" | "-tools") => ("llvm", "llvm"),
        ("clang-format" | "clang-tidy" | "clang-tools" | "clangd", "") => ("llvm", "clang-extras"),
        ("llvm", "-dev" | "-devel") => ("llvm", "llvm-dev"),
        _ => return None,
    };
    let versioned = match package.split_once('-') {
        Some((head, tail)) => format!("{head}-{version}-{tail}"),
        None => format!("{package}-{version}"),
    };
    let note = (!context.streams(family).contains(&version))
        .then(|| format!("{tool} {version} is not in Wolfi; this is the newest stream"));
    let confidence = if note.is_some() { Confidence::Low } else { Confidence::Medium };
    // The versioned compilers of GCC carry no unversioned command names; NAME-default links them.
    let default = (package == "gcc").then(|| format!("gcc-{version}-default"));
    let target = context.first_known(default.into_iter().chain([versioned, package.to_owned()]))?;
    mapped(vec![target], confidence, COMPILER, note)
}

/// A library of LLVM whose packages carry the version in the middle.
fn llvm_library(context: Context<'_>, library: &str, version: &str, end: &str) -> Answer {
    let streams = context.streams("llvm");
    let note = (!streams.contains(&version))
        .then(|| format!("LLVM {version} is not in Wolfi; this is the newest stream of {library}"));
    let versions = std::iter::once(version).chain(streams);
    let target = context.first_known(versions.map(|version| format!("{library}-{version}{end}")))?;
    mapped(vec![target], Confidence::Low, COMPILER, note)
}

/// `golang-1.21-go`, `golang-1.21`, `golang`, `nodejs20`, `nodejs-current`.
pub(super) fn node_and_go(context: Context<'_>, name: &str) -> Answer {
    let (family, version) = if let Some(rest) = name.strip_prefix("golang") {
        ("go", rest.trim_start_matches('-').trim_end_matches("go").trim_end_matches("bin").trim_end_matches('-'))
    } else {
        ("nodejs", name.strip_prefix("nodejs")?.trim_start_matches('-').trim_end_matches("-bin"))
    };
    if !version.chars().all(|c| c.is_ascii_digit() || c == '.') && version != "current" {
        return None;
    }
    let note = (!version.is_empty() && version != "current" && !context.streams(family).contains(&version))
        .then(|| format!("{family} {version} is not in Wolfi; this is the newest stream"));
    let confidence = if note.is_some() { Confidence::Low } else { Confidence::Medium };
    let target = context.first_known([format!("{family}-{version}"), family.to_owned()])?;
    mapped(vec![target], confidence, RUNTIME, note)
}

/// `clang-14-dev` → (`clang`, `14`, `-dev`); `clang15` → (`clang`, `15`, ``).
fn split_versioned(name: &str) -> Option<(&str, &str, &str)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let end = name[start..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(name.len(), |at| start + at);
    Some((name[..start].trim_end_matches('-'), &name[start..end], &name[end..]))
}
