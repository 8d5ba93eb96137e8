//! Which comments belong to what, and which may go with it.

use std::sync::LazyLock;

use regex::Regex;

/// Words that a comment about refreshing, cleaning or installing packages is made of.
static PACKAGE_TALK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(apt(-get)?|aptitude|dpkg|yum|dnf|microdnf|apk|rpm|debconf|debian[_\x20]frontend|cache[sd]?|clean(s|ed|ing|up)?
        |clear(s|ing)?|update[sd]?|updating|upgrade[sd]?|upgrading|refresh(es|ing)?|repositor(y|ies)|repos?|(package|apt)\x20lists?
        |sources?\.list|gpg|keys?|keyring|package\x20index(es)?|tidy|purge|autoremove|image\x20size|layer\x20size)\b",
    )
    .expect("impossible: the pattern is fixed")
});

/// How a comment begins that announces an installation.
static INSTALL_TALK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(install|add|get|fetch|set\s?up)(s|ing)?\b").expect("impossible: the pattern is fixed")
});

/// Words that tell a reader something beyond the command below.
static REASONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(because|todo|fixme|xxx|hack|note|nb|why|must|never|don't|do not|otherwise|workaround|see|issue|bug|cve-\d+|needed|required)\b|https?://|\#\d+")
        .expect("impossible: the pattern is fixed")
});

/// Of these, the ones that only say what the lines below are for.
static NEEDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(needed|required)\b").expect("impossible: the pattern is fixed"));

/// Longer comments say more than the command they stand above.
const LONG_COMMENT: usize = 80;

/// Whether a comment line speaks of nothing but package housekeeping, so that it may leave with the command below it.
pub(crate) fn speaks_only_of_packages(comment: &str) -> bool {
    let body = comment.trim_start_matches('#').trim();
    body.is_empty() || (body.chars().count() <= LONG_COMMENT && PACKAGE_TALK.is_match(body) && !REASONS.is_match(body))
}

/// Whether a comment line says what the lines below it do, and neither why nor what else is to be known.
pub(crate) fn says_only_what_follows(comment: &str) -> bool {
    let body = comment.trim().trim_start_matches('#').trim();
    body.chars().count() <= LONG_COMMENT && !REASONS.is_match(&NEEDS.replace_all(body, ""))
}

/// A line of at least this many characters that does not end a sentence goes on in the next one.
const WRAPPED: usize = 40;

/// Comment lines, those that one sentence runs over together.
pub(crate) fn sentences<'a, 'l>(lines: &'a [&'l str]) -> Vec<&'a [&'l str]> {
    let goes_on = |line: &str| {
        let body = line.trim_start_matches('#').trim();
        body.chars().count() >= WRAPPED && !body.ends_with(['.', '!', '?', ':', ';', ')'])
    };
    lines.chunk_by(|line, _| goes_on(line)).collect()
}

/// Words that a comment about accounts and owners is made of.
static ACCOUNT_TALK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(users?|groups?|accounts?|non-?root|unprivileged|privileges?|owner(ship)?|permissions?|chown)\b")
        .expect("impossible: the pattern is fixed")
});

/// Words that tell of more than an account.
static OTHER_TALK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(director(y|ies)|folders?|dirs?|files?|install(s|ed|ing)?|build(s|ing)?|copy|copies|volumes?|mkdir)\b",
    )
    .expect("impossible: the pattern is fixed")
});

/// Whether a comment line speaks of nothing but accounts and owners, so that it may leave with the commands for them.
pub(crate) fn speaks_only_of_accounts(comment: &str) -> bool {
    let body = comment.trim_start_matches('#').trim();
    let short = body.chars().count() <= LONG_COMMENT;
    short && ACCOUNT_TALK.is_match(body) && !OTHER_TALK.is_match(body) && !REASONS.is_match(body)
}

/// Whether a comment line announces what the one instruction below it installs, and says no more.
pub(crate) fn speaks_of_installing(comment: &str) -> bool {
    let body = comment.trim_start_matches('#').trim();
    body.chars().count() <= LONG_COMMENT && INSTALL_TALK.is_match(body) && !REASONS.is_match(body)
}

#[cfg(test)]
mod tests {
    use super::{says_only_what_follows, sentences, speaks_only_of_accounts, speaks_only_of_packages};

    #[test]
    fn accounts_go_with_their_comments() {
        for goes in
            ["# Create a non-root user compatible with Debian and BusyBox based images", "# add user", "# Permissions"]
        {
            assert!(speaks_only_of_accounts(goes), "{goes}");
        }
        for stays in ["# Create the user and its directories", "# user, because of NFS", "# build", "# Used below"] {
            assert!(!speaks_only_of_accounts(stays), "{stays}");
        }
    }

    #[test]
    fn what_lines_are_for_goes_with_them() {
        assert!(says_only_what_follows("# Install the needed default locale"));
        assert!(!says_only_what_follows("# needed because of bug 12"));
    }

    #[test]
    fn housekeeping_goes_reasons_stay() {
        for goes in ["# clean up", "# Update package lists", "#apt cleanup", "#", "# Clear the apt cache"] {
            assert!(speaks_only_of_packages(goes), "{goes}");
        }
        for stays in [
            "# clean up because the layer limit is 1 GB",
            "# TODO: drop the apt pin",
            "# see https://example.com/apt",
            "# build the application",
            "# Update the list of mirrors and then configure the proxy for the whole company network, carefully",
        ] {
            assert!(!speaks_only_of_packages(stays), "{stays}");
        }
    }

    #[test]
    fn sentences_over_several_lines() {
        let lines = [
            "# Install dependencies",
            "# As the Ruby image itself is based on a Debian",
            "# image, we use apt-get to install those.",
            "# Clean up",
        ];
        let lengths: Vec<usize> = sentences(&lines).iter().map(|sentence| sentence.len()).collect();
        assert_eq!(lengths, [1, 2, 1]);
    }
}
