//! The team's style guide: a post's words held against Vale's styles and the team's own rules. Pure.

mod apart;
mod chapter;
pub mod fold;
mod guide;
mod guide_file;
pub mod judge;
pub mod lexicon;
mod named;
pub mod pattern;
pub mod prose;
mod remark;
mod sentences;
pub mod vale;

pub use guide::{Audience, Guide};
pub use guide_file::GuideFile;
pub use prose::Prose;
pub use remark::{Fix, Level, Remark};
