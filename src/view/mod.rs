//! Text for people and JSON for programs, made from values. What came from outside is escaped here.

pub mod escape;

pub use escape::{escape, escape_lines, escape_marked};
