//! Volumes of a container that ran as root: the engine makes a mount point that no layer has for root alone, and the
//! runtime's user could not write there.

use super::content::{Content, Cx, FinalUser};
use super::path::{is_below, is_scratch, is_system_directory};

/// The mount points that nothing gives the runtime's user, each with its VOLUME.
pub(super) fn missing(cx: &Cx<'_>, content: &Content) -> Vec<(String, usize)> {
    if cx.user != FinalUser::ImplicitRoot {
        return Vec::new();
    }
    let config = cx.file.mappings.image_config(&content.image, "runtime");
    let of_image: Vec<String> = config.into_iter().flat_map(|config| config.paths).map(|path| path.path).collect();
    let mut found: Vec<(String, usize)> = Vec::new();
    let stages = super::chain::chain(cx.file, cx.stage);
    let volumes = stages.into_iter().flat_map(|stage| &cx.file.before[stage].volumes);
    for (path, instruction) in volumes.filter_map(|volume| Some((volume.value.as_deref()?, volume.instruction?))) {
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
