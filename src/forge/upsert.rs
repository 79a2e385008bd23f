//! One comment that is kept up to date.

use serde_json::json;

use super::api::{Api, Method};
use super::{Comment, ForgeError, MARK, Upserted, User};

/// Where a pull request's comments are.
pub(super) struct Shelf<'a> {
    /// All of them: what is posted there is a new one.
    pub all: &'a [&'a str],
    /// Each of them, before its number.
    pub one: &'a [&'a str],
    /// How one is changed.
    pub change: Method,
}

impl Api {
    /// Makes the one of the comments that bears a mark and is one's own say this: see [`super::Forge::upsert_comment`].
    pub fn upsert(
        &self,
        shelf: &Shelf<'_>,
        mut comments: Vec<Comment>,
        (mark, text): (&str, &str),
        me: impl FnOnce() -> Result<User, ForgeError>,
    ) -> Result<Upserted, ForgeError> {
        let [begin, end] = MARK;
        let mark = format!("{begin}{mark}{end}");
        let body = format!("{mark}\n{text}");
        comments.retain(|comment| comment.text.starts_with(&mark));
        // Who else puts the mark into a comment could change it once it says what greenlit does.
        let me = if comments.is_empty() { None } else { Some(me()?.id) };
        match comments.iter().find(|comment| comment.by.as_ref().map(|user| user.id) == me) {
            // Line breaks are given back as they came.
            Some(own) if own.text == body => Ok(Upserted::Unchanged),
            Some(own) => {
                let id = own.id.to_string();
                let path: Vec<&str> = shelf.one.iter().copied().chain([id.as_str()]).collect();
                self.write(shelf.change, &path, Some(json!({ "body": body })))?;
                Ok(Upserted::Changed)
            }
            None => {
                self.write(Method::Post, shelf.all, Some(json!({ "body": body })))?;
                Ok(Upserted::Written)
            }
        }
    }
}
