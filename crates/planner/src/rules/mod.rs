//! The rules, one file each, and the order they run in.

pub(crate) mod account;
pub(crate) mod account_name;
pub(crate) mod account_script;
pub(crate) mod annotation;
pub(crate) mod base_image;
pub(crate) mod bash_syntax;
pub(crate) mod bundle_option;
pub(crate) mod command_link;
pub(crate) mod context_script;
pub(crate) mod copied_tool;
pub(crate) mod dev_image;
pub(crate) mod final_user;
pub(crate) mod gem_option;
pub(crate) mod gnu_option;
pub(crate) mod go_get;
pub(crate) mod healthcheck;
pub(crate) mod housekeeping;
pub(crate) mod implied_workdir;
pub(crate) mod install;
pub(crate) mod manager_query;
pub(crate) mod missing_command;
pub(crate) mod missing_directory;
pub(crate) mod mixed_libc;
pub(crate) mod module_stream;
pub(crate) mod moved_path;
pub(crate) mod old_environment;
pub(crate) mod old_file;
pub(crate) mod opaque;
pub(crate) mod package_environment;
pub(crate) mod package_file;
pub(crate) mod package_removal;
pub(crate) mod package_repository;
pub(crate) mod php_extension;
pub(crate) mod privilege_tool;
pub(crate) mod privileged_port;
pub(crate) mod root_home;
pub(crate) mod root_user;
pub(crate) mod run_java;
pub(crate) mod runtime_identifier;
pub(crate) mod runtime_image;
pub(crate) mod rust_toolchain;
pub(crate) mod server_recipe;
pub(crate) mod skip;
pub(crate) mod stage_split;
pub(crate) mod start_command;
pub(crate) mod system_setup;
pub(crate) mod unsupported_manager;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::managers::{Action, ModuleVerb, PackageCommand, Support};
use crate::rule::Rule;
use crate::variables::Variables;

/// All rules, sorted by id.
pub static RULES: &[&Rule] = &[
    &account::RULE,
    &account_name::RULE,
    &annotation::RULE,
    &install::APK,
    &install::APT,
    &base_image::RULE,
    &bash_syntax::RULE,
    &bundle_option::RULE,
    &command_link::RULE,
    &context_script::RULE,
    &copied_tool::RULE,
    &dev_image::RULE,
    &install::DROPPED,
    &final_user::RULE,
    &gem_option::RULE,
    &gnu_option::RULE,
    &go_get::RULE,
    &healthcheck::RULE,
    &implied_workdir::RULE,
    &missing_command::RULE,
    &missing_directory::RULE,
    &mixed_libc::RULE,
    &module_stream::RULE,
    &moved_path::RULE,
    &crate::needs::RULE,
    &skip::RULE,
    &old_environment::RULE,
    &opaque::RULE,
    &housekeeping::CACHE,
    &package_environment::MOUNT,
    &package_environment::RULE,
    &package_file::RULE,
    &housekeeping::INDEX,
    &manager_query::RULE,
    &package_removal::RULE,
    &package_repository::RULE,
    &housekeeping::UPGRADE,
    &install::VERSION,
    &php_extension::RULE,
    &privilege_tool::RULE,
    &privileged_port::RULE,
    &root_home::RULE,
    &root_user::RULE,
    &runtime_image::RULE,
    &rust_toolchain::RULE,
    &server_recipe::RULE,
    &stage_split::RULE,
    &start_command::RULE,
    &system_setup::RULE,
    &base_image::UNKNOWN,
    &install::UNKNOWN,
    &unsupported_manager::RULE,
    &crate::suppress::UNUSED,
    &install::YUM,
];

/// Shows one command to the rules in order, until one claims it.
pub(crate) fn check_command(
    cx: &CommandCx<'_>,
    parsed: Option<&PackageCommand>,
    variables: &Variables<'_>,
    draft: &mut Draft,
) {
    gem_option::check(cx, draft);
    bundle_option::check(cx, draft);
    if housekeeping::check_paths(cx, draft) {
        return;
    }
    if package_environment::check_export(cx, draft) {
        return;
    }
    if parsed.is_none()
        && (php_extension::check(cx, draft)
            || system_setup::check(cx, draft)
            || server_recipe::check(cx, draft)
            || command_link::check(cx, draft))
    {
        return;
    }
    match parsed {
        Some(command) => check_manager(cx, command, variables, draft),
        None => {
            gnu_option::check(cx, draft);
            missing_command::check(cx, draft);
        }
    }
}

fn check_manager(cx: &CommandCx<'_>, command: &PackageCommand, variables: &Variables<'_>, draft: &mut Draft) {
    let Some(distro) = command.manager.distro().filter(|_| command.manager.support() != Support::Reported) else {
        unsupported_manager::check(cx, command, draft);
        return;
    };
    match &command.action {
        Action::Module(ModuleVerb::Enable | ModuleVerb::Disable | ModuleVerb::Reset | ModuleVerb::Update) => {
            module_stream::check(cx, command, draft);
        }
        Action::Install | Action::Reinstall | Action::Downgrade | Action::GroupInstall | Action::Module(_) => {
            install::check(cx, command, distro, variables, draft);
        }
        // `swap OLD NEW`: what is not there need not go.
        Action::Swap if command.arguments.len() == 2 => install::check(cx, command, distro, variables, draft),
        Action::LocalInstall
        | Action::Swap
        | Action::Satisfy
        | Action::BuildDep
        | Action::Download
        | Action::Source => {
            package_file::check(cx, command, draft);
        }
        Action::Remove | Action::Purge | Action::Autoremove | Action::Del => {
            package_removal::check(cx, command, distro, variables, draft);
        }
        Action::Update
        | Action::Upgrade
        | Action::Clean
        | Action::Fix
        | Action::Mark
        | Action::Configure
        | Action::RepoSetup => {
            housekeeping::check(cx, command, draft);
        }
        Action::Query | Action::Index | Action::Extract | Action::History | Action::Unknown(_) => {
            manager_query::check(cx, command, draft);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn ids_are_sorted_unique_and_kebab_case() {
        for pair in RULES.windows(2) {
            assert!(pair[0].id < pair[1].id, "{} must come after {}", pair[0].id, pair[1].id);
        }
        for rule in RULES {
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
        }
    }

    #[test]
    fn every_rule_is_documented_in_the_same_order() {
        const SECTIONS: &[&str] = &["## What it finds", "## Why it matters on Wolfi", "## Example", "## Result"];
        for rule in RULES {
            let places: Vec<Option<usize>> = SECTIONS.iter().map(|section| rule.docs.find(section)).collect();
            assert!(places.iter().all(Option::is_some), "{} lacks a section: {places:?}", rule.id);
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{}: sections out of order", rule.id);
            assert!(!rule.summary.is_empty() && !rule.summary.ends_with('.'), "{}", rule.id);
        }
    }
}
