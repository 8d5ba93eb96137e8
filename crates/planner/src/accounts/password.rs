//! `passwd` and `chpasswd`.

use wolfify_syntax::shell::ShellWord;

use super::builder::{Builder, Outcome, Refusal};
use super::options::{Spelling, Style, flag, long_flag, parse, with_value};
use super::user::not_understood;
use super::usermod::lock;

const PASSWD: &[Spelling] = &[
    flag("all", 'a', "all"),
    flag("delete", 'd', "delete"),
    flag("expire", 'e', "expire"),
    flag("force", 'f', "force"),
    with_value("inactive", 'i', "inactive"),
    flag("keep-tokens", 'k', "keep-tokens"),
    flag("lock", 'l', "lock"),
    with_value("mindays", 'n', "mindays"),
    with_value("mindays", 'n', "minimum"),
    flag("quiet", 'q', "quiet"),
    with_value("repository", 'r', "repository"),
    with_value("root", 'R', "root"),
    flag("status", 'S', "status"),
    flag("unlock", 'u', "unlock"),
    with_value("warndays", 'w', "warndays"),
    with_value("maxdays", 'x', "maxdays"),
    with_value("maxdays", 'x', "maximum"),
    long_flag("stdin", "stdin"),
];

/// `passwd`
pub(crate) fn passwd(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, PASSWD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    let asked: Vec<&str> = parsed.ids().filter(|id| !matches!(*id, "quiet" | "force")).collect();
    match (asked.as_slice(), parsed.operands.as_slice()) {
        ([], [] | [_]) if parsed.ids().next().is_none() => builder.keep(),
        ([], [user]) => builder.run(&["passwd", user.written()]),
        (["delete"], [user]) => builder.run(&["passwd", "-d", user.written()]),
        (["unlock"], [user]) => builder.run(&["passwd", "-u", user.written()]),
        (["lock"], [user]) => lock(builder, user),
        (["delete", "lock"] | ["lock", "delete"], [user]) => {
            builder.run(&["passwd", "-d", user.written()]);
            lock(builder, user);
        }
        (["stdin"], [user]) => {
            // The first line of the input is the password; chpasswd wants it behind the name.
            let script = user.with("1s/^/", ":/;1q");
            builder.run_piped(&format!("sed {script}"), &["chpasswd"]);
        }
        _ => return Err(Refusal::Shadow(format!("passwd with {}", asked.join(", ")))),
    }
    Ok(())
}

const CHPASSWD: &[Spelling] = &[
    with_value("method", 'c', "crypt-method"),
    flag("encrypted", 'e', "encrypted"),
    flag("md5", 'm', "md5"),
    with_value("root", 'R', "root"),
    with_value("prefix", 'P', "prefix"),
    with_value("rounds", 's', "sha-rounds"),
];

/// `chpasswd`: BusyBox has the common options, the long ones only in part.
pub(crate) fn chpasswd(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, CHPASSWD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    if parsed.other_than(&["method", "encrypted", "md5"]).is_some() {
        return Err(Refusal::Shadow("chpasswd with options BusyBox lacks".to_owned()));
    }
    match parsed.last("method").map(|method| (method, method.known())) {
        None => builder.keep(),
        Some((method, Some(known))) if matches!(known.as_str(), "DES" | "MD5" | "SHA256" | "SHA512") => {
            builder.run(&["chpasswd", "-c", method.written()]);
        }
        Some(_) => return Err(Refusal::Shadow("chpasswd with a method BusyBox lacks".to_owned())),
    }
    Ok(())
}

/// `chage`, `chsh`, `newusers` and the like: no BusyBox applet at all.
pub(crate) fn no_applet(_: &mut Builder<'_>, _: &[ShellWord]) -> Outcome {
    Err(Refusal::Shadow("no counterpart in BusyBox".to_owned()))
}

/// Alpine's `passwd` and `chpasswd` are BusyBox's already.
#[expect(clippy::unnecessary_wraps, reason = "one of the handlers")]
pub(crate) fn keep(builder: &mut Builder<'_>, _: &[ShellWord]) -> Outcome {
    builder.keep();
    Ok(())
}
