//! `convert`: one file in, the whole rewritten file out.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::args::{Color, ConvertArgs};
use crate::commands::{ExitStatus, migrate};
use crate::config::Configs;
use crate::input::Input;
use crate::output::{Output, Talk};
use crate::pipeline::{Action, FileOutcome, keep_panics};
use crate::problem;

/// Prints the new text; the old one, byte for byte, where there is nothing to do or something went wrong, so that a
/// filter in an editor or a pipe never loses a file.
pub(crate) fn run(args: ConvertArgs, talk: Talk) -> anyhow::Result<ExitStatus> {
    let input = Input::named(&args.file, &args.stdin);
    let configs = Arc::new(Configs::new(&args.plan.config)?);
    configs.of(input.folder().unwrap_or(Path::new(".")));
    configs.check()?;
    let job = migrate::job(args.plan, configs, Action::Convert, args.max_size)?;
    let mut status = ExitStatus::Success;
    keep_panics();
    let result = job.process(&input);
    migrate::tell(talk, &result, Action::Convert);
    if result.outcome == FileOutcome::Error {
        status = ExitStatus::Failure;
    } else if result.findings.iter().any(|finding| finding.rule == problem::STRICT.id) {
        status = ExitStatus::Found;
    }
    let unread = result.outcome == FileOutcome::Error && result.output.is_empty();
    if !unread {
        let mut out = Output::new(args.output_file.as_deref(), Color::Never)?;
        out.write_all(&result.output)?;
        out.flush()?;
    }
    Ok(status)
}
