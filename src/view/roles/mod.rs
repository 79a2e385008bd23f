//! `roles.toml` in words: who may do what, and what a change of it does.

pub mod diff;
mod human;
mod may;
mod problems;
mod report;
#[cfg(test)]
mod tests;

pub use human::human;
pub use report::{RolesReport, Told, report};
