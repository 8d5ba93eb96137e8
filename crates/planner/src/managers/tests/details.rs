//! Word positions, wrappers and the settings of an install.

use super::words::{command, words};
use super::*;

fn parsed(line: &str) -> PackageCommand {
    parse_words(&words(line), 0).expect("a package manager")
}

#[test]
fn every_word_has_its_place() {
    let apt = parsed("apt-get -o A=b -qq install -y -t stable curl -- git");
    assert_eq!((apt.name_index, apt.action_words.as_slice(), apt.end_of_options), (0, &[4][..], Some(9)));
    let places: Vec<usize> = apt.arguments.iter().map(|a| a.word_index).collect();
    assert_eq!(places, [8, 10]);
    let release = apt.with_role(&OptionRole::Release).next().expect("-t");
    assert_eq!((release.word_index, release.value.as_ref().map(|v| v.word_index)), (6, Some(7)));
}

#[test]
fn letters_of_a_cluster_share_their_word() {
    let apt = parsed("apt-get install -yqq curl");
    let places: Vec<_> = apt.options.iter().map(|o| (o.name.as_str(), o.word_index)).collect();
    assert_eq!(places, [("-y", 2), ("-q", 2), ("-q", 2)]);
}

#[test]
fn verbs_of_two_words_may_have_options_between() {
    let apk = parsed("apk cache -v clean");
    assert_eq!((apk.action, apk.action_words), (Action::Clean, vec![1, 3]));
    let dnf = parsed("dnf module -y enable nodejs:18");
    assert_eq!(dnf.action, Action::Module(ModuleVerb::Enable));
    assert_eq!(dnf.arguments.len(), 1);
}

#[test]
fn wrappers_are_skipped() {
    let apt = parse(&command("sudo -E apt-get install -y curl")).expect("apt-get");
    assert_eq!((apt.name_index, apt.arguments[0].word_index, apt.arguments_from_input), (2, 5, false));
    let apt = parse(&command("env DEBIAN_FRONTEND=noninteractive apt-get install -y curl")).expect("apt-get");
    assert_eq!((apt.name_index, apt.arguments[0].word_index), (2, 5));
    assert!(parse(&command("xargs -a list apt-get install -y")).expect("apt-get").arguments_from_input);
    for line in ["make install", "$APT install curl", "A=b", "> file", "echo apt-get install curl"] {
        assert!(parse(&command(line)).is_none(), "{line}");
    }
}

#[test]
fn redirections_are_no_words() {
    let apt = parse(&command("apt-get install -y -qq curl git > /dev/null 2>&1 < /dev/null")).expect("apt-get");
    let names: Vec<_> = apt.packages().map(|(spec, _)| spec.name.as_str()).collect();
    assert_eq!(names, ["curl", "git"]);
}

#[test]
fn what_is_not_understood_is_uncertain() {
    for line in
        ["apt-get install --frob curl", "apt-get frob curl", "apt-get $OPTS install curl", "dnf --x=y install a"]
    {
        assert!(parsed(line).is_uncertain(), "{line}");
    }
    for line in ["apt-get install $OPTS curl", "apk add --no-cache curl", "yum -y update"] {
        assert!(!parsed(line).is_uncertain(), "{line}");
    }
    assert_eq!(parsed("apk add --frob x").unknown_options().count(), 1);
}

#[test]
fn settings_of_a_root_file_system_build() {
    let dnf = parsed("dnf install --installroot /mnt --releasever 9 --setopt install_weak_deps=false --nodocs -y bash");
    let settings = dnf.settings();
    assert_eq!(settings.root.and_then(Text::as_static), Some("/mnt"));
    assert_eq!(settings.release_version.and_then(Text::as_static), Some("9"));
    assert!(settings.no_recommends && settings.no_docs && !settings.download_only);
    let names: Vec<_> = dnf.packages().map(|(spec, index)| (spec.name.as_str(), index)).collect();
    assert_eq!(names, [("bash", 10)]);
}

#[test]
fn recommends_are_off_by_switch_or_by_configuration() {
    let off = |line: &str| parsed(line).settings().no_recommends;
    assert!(off("apt-get install --no-install-recommends curl"));
    assert!(off("apt-get install --install-recommends=no curl"));
    assert!(off("apt-get install -o APT::Install-Recommends=0 curl"));
    assert!(off("apt-get -o Apt::Install-Recommends=\"false\" install curl"));
    assert!(off("microdnf --setopt=install_weak_deps=0 install curl"));
    assert!(off("aptitude -R install curl"));
    assert!(!off("apt-get install curl"));
    assert!(!off("apt-get install --no-install-recommends --install-recommends curl"));
    assert!(!off("dnf install --setopt=install_weak_deps=True curl"));
}

#[test]
fn settings_of_apk() {
    let apk = parsed("apk add --no-cache -t .d -X http://x/y --repository=http://z -p /r --initdb -U --keys-dir /k a");
    let settings = apk.settings();
    assert_eq!(settings.virtual_name.and_then(Text::as_static), Some(".d"));
    assert_eq!(settings.root.and_then(Text::as_static), Some("/r"));
    assert_eq!(settings.keys_dir.and_then(Text::as_static), Some("/k"));
    let urls: Vec<_> = settings.repositories.iter().filter_map(|t| t.as_static()).collect();
    assert_eq!(urls, ["http://x/y", "http://z"]);
    assert!(settings.no_cache && settings.init_db && settings.refresh);
}

#[test]
fn partly_static_words_can_be_told() {
    let apt = parsed("apt-get install php${V}-cli $ALL \"$ONE\" curl=$C");
    let texts: Vec<_> = apt
        .arguments
        .iter()
        .filter_map(|a| match &a.kind {
            ArgumentKind::Variable(word) => Some(&word.text),
            _ => None,
        })
        .map(|t| (t.is_partly_static(), t.splits()))
        .collect();
    assert_eq!(texts, [(true, true), (false, true), (false, false)]);
    assert_eq!(apt.arguments[3].kind.package_name(), Some("curl"));
}
