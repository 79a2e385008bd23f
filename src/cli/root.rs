//! The root of trust: where the chain of policies begins, and who says so. Never a file of the repository.

use super::Failure;
use crate::git::{ObjectId, Repository};
use crate::view::escape;

/// The name of the root in this clone's own git settings.
pub const SETTING: &str = "greenlit.root";
/// The environment variable.
pub const VARIABLE: &str = "GREENLIT_ROOT";

/// A pinned commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    written: String,
    from: From,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Option,
    Environment,
    Clone,
}

impl Root {
    /// What the command line or else the environment says.
    pub fn given(option: Option<&str>) -> Option<Self> {
        let variable = || std::env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty());
        let option = option.map(|text| Self { written: text.trim().to_owned(), from: From::Option });
        option.or_else(|| variable().map(|text| Self { written: text.trim().to_owned(), from: From::Environment }))
    }

    /// What is given, else what this clone has pinned.
    ///
    /// # Errors
    /// When git's settings cannot be read.
    pub fn of(given: Option<&Self>, repository: &Repository) -> Result<Option<Self>, Failure> {
        if let Some(root) = given {
            return Ok(Some(root.clone()));
        }
        let written = repository.own_setting(SETTING)?;
        Ok(written.map(|written| Self { written, from: From::Clone }))
    }

    /// Who says so: `--root`, `GREENLIT_ROOT`, `git config greenlit.root`.
    pub fn source(&self) -> &'static str {
        match self.from {
            From::Option => "--root",
            From::Environment => VARIABLE,
            From::Clone => "git config greenlit.root",
        }
    }

    /// The commit.
    ///
    /// # Errors
    /// When it is not written with all its digits: a branch or a tag would be somebody's to move.
    pub fn commit(&self) -> Result<ObjectId, Failure> {
        let full = self.written.len() == 40 && self.written.bytes().all(|b| b.is_ascii_hexdigit());
        self.written.parse().ok().filter(|_| full).ok_or_else(|| {
            Failure::broken(
                "trust/root",
                format!("the root {:?} ({}) is no commit with its 40 hex digits", escape(&self.written), self.source()),
                "`greenlit trust pin` prints the line to set; a branch or a tag pins nothing, because it can be moved",
            )
        })
    }
}
