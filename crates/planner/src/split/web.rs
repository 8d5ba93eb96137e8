//! Static sites.

use super::content::{Content, Cx, FinalUser};
use super::language::base;
use super::packages;
use super::path::base_name;
use super::trace::Refusal;

/// A site on nginx, which the image starts by itself.
pub(super) fn nginx(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let mut content = base(cx);
    // The server only reads what it is given, and its configuration.
    content.owned_tail.retain(|_| cx.user != FinalUser::ImplicitRoot);
    content.copies = cx.application(&|_| false)?;
    let Some(program) = content.start.program_word().map(str::to_owned) else { return Ok(content) };
    if base_name(&program) != "nginx" {
        let at = cx.start_instruction();
        let reason = cx.script_of(&program).unwrap_or_else(|| format!("it starts `{program}`, which is not nginx"));
        return cx.refuse(at, reason);
    }
    // The image's entrypoint is nginx itself.
    let own = cx.file.mappings.image_config(&content.image, "runtime").map(|config| config.cmd).unwrap_or_default();
    let arguments = content.start.arguments();
    let is_own = arguments.is_empty() || own.windows(arguments.len()).any(|part| part == arguments);
    if is_own && (content.start.entrypoint.is_none() || !program.contains('/')) {
        content.needless_start.extend(content.start.instructions());
    } else if content.start.entrypoint.is_none() {
        content.start.replace(1, &[]);
        content.keeps_cmd = true;
    } else if !packages::carried(cx.file, &content.image, "nginx") && program.contains('/') {
        content.start.replace(1, &["nginx"]);
    }
    Ok(content)
}
