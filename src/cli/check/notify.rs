//! `notify.toml`, where there is one.

use std::sync::Arc;

use crate::cli::gather::LARGEST_SETTINGS;
use crate::notify::{Notify, PATH};
use crate::workspace::source::Source;
use crate::workspace::{FileProblem, Files, Finding, Roles, Settings};

/// What is wrong with it. Who is in it, `roles.toml` says, so nothing is said where that has errors.
pub fn check(files: &dyn Files, settings: &Settings, roles: Option<&Roles>) -> Vec<Finding> {
    let Some(roles) = roles else { return Vec::new() };
    match files.read(PATH, LARGEST_SETTINGS) {
        Ok(bytes) => Notify::read(&bytes, roles, settings.timezone).1,
        Err(FileProblem::Missing) => Vec::new(),
        Err(problem) => {
            let source = Arc::new(Source::new(PATH, ""));
            let message = format!("this file cannot be read: {problem}");
            let help = "put a readable file there, or remove it";
            vec![Finding::error("notify/unreadable", &source, 0..0, message).help(help)]
        }
    }
}
