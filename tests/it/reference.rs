//! `docs/cli.md` is what `--help` says, and the README has the table of networks.

use crate::renewal::{compare, compare_between};

#[test]
fn the_reference_is_the_help() {
    compare("docs/cli.md", &greenlit::cli::reference::reference());
}

#[test]
fn the_table_of_networks_is_what_the_adapters_say() {
    compare_between("README.md", "networks", &greenlit::cli::reference::networks());
}
