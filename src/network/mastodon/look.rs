//! A post that a server shows, held against the part that was sent.

use serde_json::Value;

use super::compare::{self, Likeness};
use crate::network::Live;
use crate::render::{Part, Payload};

/// Compares a status with what was sent. Its place in the thread is not compared: a server forgets what a post answers
/// when that is deleted, which is a matter of the other part.
///
/// `edited_at` is `null` where nobody ever edited it; older servers, which know no edits, do not say it
/// (<https://docs.joinmastodon.org/entities/Status/#edited_at>, checked 2026-11-22).
pub(super) fn live(part: &Part, payload: &Payload, status: &Value) -> Live {
    let text = |key: &str| status.get(key).and_then(Value::as_str).unwrap_or_default();
    let shown = compare::plain(text("content"));
    let edited = status.get("edited_at").is_some_and(Value::is_string);
    let mut differs = Vec::new();
    match compare::compare(&part.text, text("content")) {
        Likeness::Same => {}
        // Nobody edited it, and it is alike: the server has ways of its own.
        Likeness::Similar if status.get("edited_at").is_some_and(Value::is_null) => {}
        Likeness::Similar if !edited => {
            let place = status.get("url").and_then(Value::as_str).unwrap_or_default();
            return Live::Unknown(format!("its text is alike, and not the same; compare it with your eyes: {place}"));
        }
        Likeness::Similar | Likeness::Other => differs.push("text"),
    }
    let warning = payload.content_warning.as_deref().unwrap_or_default();
    if compare::compare(warning, text("spoiler_text")) != Likeness::Same {
        differs.push("content warning");
    }
    let files = status.get("media_attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if files.len() != part.media.len() {
        differs.push("files");
    } else if part.media.iter().zip(files).any(|(sent, file)| !describes(&sent.alt, file)) {
        differs.push("alt texts");
    }
    if edited {
        // Servers set these by themselves too, so they say something only where somebody was at it.
        let language = payload.languages.first().map(String::as_str);
        if language.is_some() && status.get("language").and_then(Value::as_str) != language {
            differs.push("language");
        }
        let sensitive = payload.sensitive || payload.content_warning.is_some();
        if status.get("sensitive").and_then(Value::as_bool).is_some_and(|now| now != sensitive) {
            differs.push("sensitivity");
        }
    }
    Live::of(&compare::as_sent(&part.text, &shown), differs)
}

fn describes(alt: &str, file: &Value) -> bool {
    compare::is_same(alt, file.get("description").and_then(Value::as_str).unwrap_or_default())
}
