//! Front ends that are only recognised.

use super::check;

#[test]
fn command_lines() {
    check(&[
        ("zypper --non-interactive install curl git", "Install curl git"),
        ("zypper -n in --no-recommends curl", "Install [NoRecommends] curl"),
        ("zypper in -y curl", "Install curl"),
        ("zypper clean", "Clean"),
        ("zypper clean --all", "Clean"),
        ("zypper ref", "Update"),
        ("zypper --gpg-auto-import-keys refresh", "Update [AllowUntrusted]"),
        ("zypper -n ar --refresh https://x/y z", "RepoSetup url(https://x/y) other(z)"),
        ("zypper addrepo -f https://x/y z", "RepoSetup [Force] url(https://x/y) other(z)"),
        ("zypper -n dup", "Upgrade"),
        ("zypper rm -y gcc", "Remove gcc"),
        ("pacman -Syu --noconfirm", "Upgrade [Refresh Upgrade]"),
        ("pacman -Sy", "Update [Refresh]"),
        ("pacman -S --noconfirm --needed base-devel git", "Install other(base-devel) other(git)"),
        ("pacman -Syu --noconfirm curl", "Install [Refresh Upgrade] other(curl)"),
        ("pacman -Scc --noconfirm", "Clean"),
        ("pacman -Rns --noconfirm gcc", "Remove other(gcc)"),
        ("pacman -U --noconfirm x.pkg.tar.zst", "LocalInstall file(x.pkg.tar.zst)"),
        ("pacman -Qdtq", "Query"),
        ("pacman-key --init", "RepoSetup"),
        ("pacman-key --populate archlinux", "RepoSetup other(archlinux)"),
        ("emerge --sync", "Update"),
        ("emerge -q dev-vcs/git", "Install other(dev-vcs/git)"),
        ("brew install jq", "Install other(jq)"),
        ("brew update", "Update"),
        ("nix-env -iA nixpkgs.curl", "Install other(nixpkgs.curl)"),
        ("snap install foo", "Install other(foo)"),
        ("xbps-install -Sy curl", "Install [Refresh] other(curl)"),
        ("opkg install curl", "Install other(curl)"),
        ("swupd bundle-add git", "Install other(git)"),
        ("pip install foo", "nothing"),
        ("apt-getx install", "nothing"),
    ]);
}
