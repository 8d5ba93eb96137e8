//! Directories that somebody has to make for the runtime's user: the mount points of a container that ran as root, which
//! the engine makes for root alone where no layer has them, and the home of an account that leaves.

use super::content::{Content, Cx, FinalUser};
use super::path::{is_below, is_scratch, is_system_directory};

/// The mount points that nothing gives the runtime's user, each with its VOLUME.
pub(super) fn volumes(cx: &Cx<'_>, content: &Content) -> Vec<(String, usize)> {
    if cx.user != FinalUser::ImplicitRoot {
        return Vec::new();
    }
    let config = cx.file.mappings.image_config(&content.image, "runtime");
    let of_image: Vec<String> = config.into_iter().flat_map(|config| config.paths).map(|path| path.path).collect();
    let mut found: Vec<(String, usize)> = Vec::new();
    let stages = super::chain::chain(cx.file, cx.stage);
    let declared = stages.into_iter().flat_map(|stage| &cx.file.before[stage].volumes);
    for (path, instruction) in declared.filter_map(|volume| Some((volume.value.as_deref()?, volume.instruction?))) {
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let copied = content.copies.iter().any(|copied| copied.owned && is_below(path, &copied.path));
        let filled = cx.tail_fills(path) || cx.tail_brings(path);
        let elsewhere = is_scratch(path) || is_system_directory(path) || is_below(path, "/root") || filled;
        let plain = path.starts_with('/') && !path.contains(['$', ' ', '"']);
        if plain
            && !copied
            && !elsewhere
            && !of_image.iter().any(|own| own == path)
            && !found.iter().any(|(own, _)| own == path)
        {
            found.push((path.to_owned(), instruction));
        }
    }
    found
}

/// The home of the account that ran the container, where the container works in it or is told that it is its home: the
/// command that made it leaves with the account. With the last instruction that makes it matter.
pub(super) fn home(cx: &Cx<'_>, content: &Content) -> Option<(String, usize)> {
    let FinalUser::Named { instruction, user } = &cx.user else { return None };
    let home = cx.trace.homes.get(user.split(':').next()?)?;
    let last = cx.file.dockerfile.stages[cx.stage].instructions.end - 1;
    let told = cx.file.evaluation.scope_after(last).get("HOME").value.text() == Some(home.as_str());
    let works = cx.file.before[cx.stage].workdir.value.as_deref().is_some_and(|own| own == home);
    let copied = content.copies.iter().any(|copied| is_below(home, &copied.path) || is_below(&copied.path, home));
    let kept =
        cx.trace.runs.iter().any(|run| *run > cx.from() && cx.file.instruction(*run).joined.contains(home.as_str()));
    let plain = home.len() > 1 && !home.contains(['$', ' ', '"']) && !is_system_directory(home);
    let made = cx.tail_fills(home) || cx.tail_brings(home);
    (plain && (told || works) && !copied && !kept && !made).then(|| (home.clone(), *instruction))
}
