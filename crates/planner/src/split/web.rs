//! Static sites.

use wolfify_syntax::Keyword;

use super::content::{Content, Cx, FinalUser};
use super::language::base;
use super::packages;
use super::path::{base_name, is_below};
use super::trace::Refusal;

/// A site on nginx, which the image starts by itself.
pub(super) fn nginx(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let mut content = base(cx);
    // The server only reads what it is given, and its configuration.
    content.owned_tail.retain(|_| cx.user != FinalUser::ImplicitRoot);
    content.copies = cx.application(&|_| false)?;
    leave_configuration(cx, &mut content);
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

/// Where nginx reads its configuration.
const CONFIGURATION: &str = "/etc/nginx";

/// The configuration from the build context goes straight to the runtime, where no RUN looks at it: a build that never
/// reads it need not run again when it changes.
fn leave_configuration(cx: &Cx<'_>, content: &mut Content) {
    // Whoever names nginx otherwise than by the directory of its pages may read or change what is there.
    let speaks = |text: &str| text.replace("/usr/share/nginx/html", "").contains("nginx");
    let looks = cx.trace.runs.iter().any(|run| {
        let instruction = cx.file.instruction(*run);
        let bodies = instruction.heredocs.iter().map(|heredoc| &cx.file.text[heredoc.body]);
        std::iter::once(instruction.joined.as_str()).chain(bodies).any(speaks)
    });
    if looks {
        return;
    }
    for (index, instruction) in cx.file.body(cx.stage).filter(|(index, _)| *index <= cx.last_build) {
        let plain = matches!(instruction.keyword, Keyword::Copy | Keyword::Add) && instruction.from_flag().is_none();
        let mut written = cx.trace.written.iter().filter(|written| written.instruction == index).peekable();
        let known = written.peek().is_some();
        let taken = |path: &str| content.copies.iter().any(|copied| copied.path == path);
        if plain && known && written.all(|written| is_below(&written.path, CONFIGURATION) && taken(&written.path)) {
            content.moves.push(index);
        }
    }
    let moved = |path: &str| {
        let mut own = cx.trace.written.iter().filter(|written| written.path == path);
        own.all(|written| content.moves.contains(&written.instruction))
    };
    content.copies.retain(|copied| !moved(&copied.path));
}
