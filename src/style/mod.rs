//! The team's style guide: a post's words held against Vale's styles and the team's own rules. Pure.

mod named;
pub mod prose;
mod sentences;

pub use prose::Prose;
