//! What is mounted into root's home when the container starts.

use text_size::TextRange;

use super::{RULE, User, in_home};
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;

/// Volumes in root's home, and what the comments tell people to mount there.
pub(super) fn check(file: &File<'_>, draft: &mut Draft, stage: usize, user: &User) {
    for volume in &file.before[stage].volumes {
        if let (Some(path), Some(index)) = (&volume.value, volume.instruction)
            && in_home(path)
        {
            report(draft, file.instruction(index).range, user, "mount the volume");
        }
    }
    let advised = file.dockerfile.comments.iter().find(|comment| mounts(&file.text[**comment]));
    if let Some(comment) = advised {
        report(draft, *comment, user, "mount this");
    }
}

fn report(draft: &mut Draft, range: TextRange, user: &User, what: &str) {
    let message = format!(
        "only root can enter `/root`, and the container runs as uid {}: {what} below `{}`, the home of that user",
        user.uid, user.home
    );
    draft.report(&RULE, Level::Warning, range, message, None);
}

/// `docker run -v $HOME/.aws:/root/.aws`, in a comment.
fn mounts(comment: &str) -> bool {
    let asks = comment.contains("-v") || comment.contains("--volume");
    let mut places = comment.split_whitespace().filter_map(|word| word.split_once(":/")).map(|(_, rest)| rest);
    asks && places.any(|rest| in_home(&format!("/{}", rest.split(':').next().unwrap_or(rest))))
}

#[cfg(test)]
mod tests {
    use super::mounts;

    #[test]
    fn comments_that_mount() {
        assert!(mounts("#\t-v $HOME/Pictures:/root/Pictures"));
        assert!(mounts("# docker run --rm -v ~/.aws:/root/.aws:ro app"));
        assert!(!mounts("# docker run -v /root/.aws:/data app"));
        assert!(!mounts("# see https://example.org/root/page -v"));
        assert!(!mounts("# docker run -v a:/rootfs app"));
    }
}
