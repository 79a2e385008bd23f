//! News in words, and as each channel takes them.
//!
//! What others wrote stands in a piece of its own, so that no channel takes it for a mention, a command, a link or markup.

mod forms;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

use chrono_tz::Tz;
use linkify::{LinkFinder, Span};

use super::escape;
use super::page::{Page, counted, cut};
use crate::notify::{ChannelKind, Letter, Message, Place};
use crate::workspace::Roles;

/// Columns of a title, and of a reason.
const TITLE: usize = 100;
const REASON: usize = 160;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Our own words.
    Own(String),
    /// Our own words, stressed.
    Strong(String),
    /// What somebody wrote, escaped and not long.
    Foreign(String),
    /// What to type.
    Command(String),
    /// An address that a network told.
    Link(String),
}

type Line = Vec<Piece>;

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Notice {
    /// What it is about, on one line; escaped.
    subject: String,
    head: Vec<Line>,
    /// The first line of each says what it is, the last what to type.
    items: Vec<Vec<Line>>,
    foot: Vec<Line>,
}

/// A message as a channel of this kind takes it, for a reader in a zone.
pub fn letter(
    message: &Message,
    kind: ChannelKind,
    roles: &Roles,
    zone: Tz,
    now: chrono::DateTime<chrono::Utc>,
) -> Letter {
    let page = Page { width: 80, colour: false, zone, now };
    let notice = words::notice(message, roles, &page);
    forms::letter(&notice, message, kind)
}

/// A message to see whether a channel works, and as the channel takes it.
pub fn trial(kind: ChannelKind, place: &Place, id: &str, reader: &crate::notify::ReaderName) -> (Message, Letter) {
    let own = |text: &str| vec![Piece::Own(text.to_owned())];
    let notice = Notice {
        subject: "greenlit: a trial".to_owned(),
        head: vec![vec![Piece::Strong("greenlit can reach you here.".to_owned())]],
        items: Vec::new(),
        foot: vec![own("This was a trial: nothing waits for you because of it.")],
    };
    let message = Message {
        reader: reader.clone(),
        place: place.clone(),
        id: id.to_owned(),
        instead_of: Vec::new(),
        digest: false,
        items: Vec::new(),
    };
    let letter = forms::letter(&notice, &message, kind);
    (message, letter)
}

/// The text of a message as plain text, for showing it.
pub fn text(message: &Message, roles: &Roles, zone: Tz, now: chrono::DateTime<chrono::Utc>) -> String {
    let page = Page { width: 80, colour: false, zone, now };
    forms::plain(&words::notice(message, roles, &page))
}

/// The news of an item in a few words, escaped.
pub fn headline(item: &crate::notify::Item) -> String {
    words::headline(item)
}

/// What somebody wrote, fit for one line.
fn foreign(text: &str, columns: usize) -> Piece {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Piece::Foreign(cut(&escape(&line), columns).into_owned())
}

/// A text that no program takes for an address: a word joiner, which nobody sees, ends what readers of mail would take for one.
fn unlinked(text: &str) -> Cow<'_, str> {
    let mut finder = LinkFinder::new();
    // Many take `acme.example` for one.
    finder.url_must_have_scheme(false);
    if !text.contains(['@', '.']) && !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let joined = |span: Span<'_>| match span.kind() {
        Some(_) => span.as_str().replace('.', "\u{2060}."),
        None => span.as_str().replace("www.", "www\u{2060}."),
    };
    let text: String = finder.spans(text).map(joined).collect();
    Cow::Owned(text.replace("://", ":\u{2060}//").replace('@', "@\u{2060}"))
}

/// How many things a message tells.
fn things(count: usize) -> String {
    counted(count, "thing")
}
