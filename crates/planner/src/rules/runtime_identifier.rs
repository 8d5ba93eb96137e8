//! .NET's names of the platform that a program is published for, where they name musl.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::Keyword;

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::rules::mixed_libc::RULE;
use crate::script::layout_size;
use crate::stages::Base;

/// Looks at the stages that publish, when none that runs .NET stays on Alpine.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    let is_dotnet = |stage: usize| {
        file.stages[stage].source.as_ref().is_some_and(|source| source.name.starts_with("mcr.microsoft.com/dotnet/"))
    };
    let mut stages = 0..file.stages.len();
    // A stage that only lends files does not run what is published here.
    let runs = |stage: usize| stage + 1 == file.stages.len() || file.body(stage).next().is_some();
    if stages.clone().any(|stage| matches!(file.stages[stage].base, Base::Left(_)) && runs(stage)) {
        return;
    }
    let sdk = |stage: &usize| {
        matches!(&file.stages[file.bottoms[*stage]].base, Base::Converted(target) if target.image == "dotnet-sdk")
            && is_dotnet(file.bottoms[*stage])
    };
    let mut found = Vec::new();
    for stage in stages.by_ref().filter(sdk) {
        for (_, instruction) in file.body(stage) {
            if matches!(instruction.keyword, Keyword::Run | Keyword::Env | Keyword::Arg) {
                let text = &file.text[instruction.range];
                found.extend(identifiers(text).map(|(at, old, new)| {
                    let start = instruction.range.start() + layout_size(at);
                    (TextRange::at(start, layout_size(old.len())), old, new)
                }));
            }
        }
    }
    for (range, old, new) in found {
        let message = format!("`{old}` names musl, and Wolfi has the GNU C library: `{new}`");
        draft.report(&RULE, Level::Note, range, message, Some(("Publish for glibc", vec![Edit::replace(range, new)])));
    }
}

/// Where a text names a platform with musl: offset, what it says, and the same with glibc.
fn identifiers(text: &str) -> impl Iterator<Item = (usize, &'static str, &'static str)> + '_ {
    let names = [("linux-musl", "linux"), ("alpine-x64", "linux-x64"), ("alpine-arm64", "linux-arm64")];
    names.into_iter().flat_map(move |(old, new)| {
        text.match_indices(old).map(move |(at, _)| (at, old, new)).filter(move |(at, ..)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + old.len()..].chars().next();
            let inside = |c: char| c.is_ascii_alphanumeric() || "_./:".contains(c);
            before.is_none_or(|c| !inside(c) && c != '-') && after.is_none_or(|c| !inside(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::identifiers;

    #[test]
    fn only_whole_identifiers() {
        let count = |text| identifiers(text).count();
        assert_eq!(count("dotnet publish -r linux-musl-x64"), 1);
        assert_eq!(count("dotnet publish --os linux-musl"), 1);
        assert_eq!(count("dotnet publish -p:RuntimeIdentifier=alpine-x64"), 1);
        assert_eq!(count("curl -O https://x.org/tool-linux-musl-x64.tgz"), 0);
        assert_eq!(count("curl -O https://x.org/linux-musl-x64.tgz"), 0);
    }
}
