//! `docs/cli.md` is what `--help` says, and the README has the table of networks.

use crate::renewal::{compare, compare_between, repository};

#[test]
fn the_reference_is_the_help() {
    compare("docs/cli.md", &greenlit::cli::reference::reference());
}

#[test]
fn the_pages_of_the_rules_are_their_own_words() {
    compare("docs/rules.md", &greenlit::cli::reference::rules());
}

#[test]
fn the_table_of_networks_is_what_the_adapters_say() {
    compare_between("README.md", "networks", &greenlit::cli::reference::networks());
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let commands = readme.split_once("\n## Commands\n").unwrap().1.split_once("\n## ").unwrap().0;
    for command in greenlit::cli::command().get_subcommands() {
        assert!(commands.contains(&format!("`{}`", command.get_name())), "{}", command.get_name());
    }
}
