//! The site and a delivery as a template sees them: checked, shortened, with addresses from the page that shows it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use minijinja::Value;
use unicode_segmentation::UnicodeSegmentation;

use super::markup;
use super::page_name::encoded;
use super::store::{Record, media_name};
use crate::render::{Attachment, Card, Part};

/// What the settings say of the site.
#[derive(Debug, Clone)]
pub struct Site {
    /// For people.
    pub title: String,
    /// Where the folder is served, no slash at the end.
    pub url: Option<String>,
}

/// A file to write: its path in the folder, and its bytes.
pub type Page = (String, Vec<u8>);

/// One post.
#[derive(Debug, serde::Serialize)]
pub struct PostView {
    /// The page's address, from the root of the site.
    pub href: String,
    /// The first words, for titles and lists.
    pub headline: String,
    /// A BCP 47 tag; empty where nobody said.
    pub lang: String,
    /// `2026-12-01T08:00:00Z`
    pub datetime: String,
    /// `1 December 2026, 08:00 UTC`
    pub date: String,
    /// When it was changed since, as above.
    pub edited: Option<TimeView>,
    /// Shown in place of the text until a reader asks.
    pub warning: Option<String>,
    /// Whether pictures are hidden until a reader asks.
    pub sensitive: bool,
    /// The messages.
    pub parts: Vec<PartView>,
}

/// A time.
#[derive(Debug, serde::Serialize)]
pub struct TimeView {
    /// `2026-12-01T08:00:00Z`
    pub datetime: String,
    /// `1 December 2026, 08:00 UTC`
    pub date: String,
}

/// One message.
#[derive(Debug, serde::Serialize)]
pub struct PartView {
    /// From 1.
    pub number: usize,
    /// Harmless HTML.
    pub html: Value,
    /// The text.
    #[serde(skip)]
    pub text: String,
    /// Pictures, films, documents.
    pub media: Vec<MediaView>,
    /// The link's box.
    pub card: Option<CardView>,
}

/// One file.
#[derive(Debug, serde::Serialize)]
pub struct MediaView {
    /// `image`, `video` or `document`; `missing` where the file is not on the site.
    pub kind: &'static str,
    /// Its address, from the root of the site.
    pub href: String,
    /// The media type.
    pub mime: String,
    /// What it shows.
    pub alt: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Bytes.
    pub size: u64,
}

/// A link's box.
#[derive(Debug, serde::Serialize)]
pub struct CardView {
    /// Where it leads.
    pub url: String,
    /// Its server's name, for people.
    pub host: String,
    /// Its heading.
    pub title: String,
    /// Its text.
    pub description: String,
    /// Its picture.
    pub image: Option<MediaView>,
}

impl PostView {
    /// What a record comes to, given the media files that are there.
    pub fn new(record: &Record, there: &BTreeSet<String>) -> Self {
        let payload = &record.payload;
        let published = TimeView::new(record.frozen.published);
        let warning = payload.content_warning.as_deref().map(markup::legal).filter(|text| !text.trim().is_empty());
        let parts: Vec<PartView> =
            payload.parts.iter().enumerate().map(|(n, part)| PartView::new(n + 1, part, there)).collect();
        Self {
            href: format!("posts/{}.html", encoded(&record.frozen.page)),
            headline: warning.clone().unwrap_or_else(|| headline(&parts)),
            lang: payload.languages.first().filter(|tag| is_language(tag)).cloned().unwrap_or_default(),
            datetime: published.datetime,
            date: published.date,
            edited: record.edited.map(TimeView::new),
            warning,
            sensitive: payload.sensitive,
            parts,
        }
    }
}

impl TimeView {
    fn new(time: DateTime<Utc>) -> Self {
        Self {
            datetime: time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            date: time.format("%-d %B %Y, %H:%M UTC").to_string(),
        }
    }
}

impl PartView {
    fn new(number: usize, part: &Part, there: &BTreeSet<String>) -> Self {
        let text = markup::legal(&part.text);
        // HTML that is not harmless was refused before it was sent: here it can only come from a data file that
        // somebody changed, and its text does.
        let html = part.html.as_deref().and_then(markup::checked).unwrap_or_else(|| markup::from_text(&text));
        Self {
            number,
            html: Value::from_safe_string(html),
            text,
            media: part.media.iter().map(|file| MediaView::new(file, there)).collect(),
            card: part.card.as_ref().and_then(|card| CardView::new(card, there)),
        }
    }
}

impl MediaView {
    fn new(file: &Attachment, there: &BTreeSet<String>) -> Self {
        let name = media_name(file).filter(|name| there.contains(name));
        let kind = match (&name, file.mime.split_once('/')) {
            (Some(_), Some(("image", _))) => "image",
            (Some(_), Some(("video", _))) => "video",
            (Some(_), _) => "document",
            (None, _) => "missing",
        };
        Self {
            kind,
            href: name.map(|name| format!("media/{name}")).unwrap_or_default(),
            mime: file.mime.clone(),
            alt: markup::legal(&file.alt),
            width: file.width,
            height: file.height,
            size: file.size,
        }
    }
}

impl CardView {
    fn new(card: &Card, there: &BTreeSet<String>) -> Option<Self> {
        let url = markup::link(&card.url)?;
        let host = url::Url::parse(url).ok()?.host_str().unwrap_or_default().to_owned();
        Some(Self {
            title: markup::legal(&card.title),
            description: markup::legal(&card.description),
            image: card.image.as_ref().map(|image| MediaView::new(image, there)).filter(|image| image.kind == "image"),
            url: url.to_owned(),
            host,
        })
    }
}

/// The first line that says something, shortened between words.
fn headline(parts: &[PartView]) -> String {
    let alts = parts.iter().flat_map(|part| part.media.iter().map(|media| media.alt.as_str()));
    let first = parts.iter().flat_map(|part| part.text.lines()).chain(alts).find(|line| !line.trim().is_empty());
    shortened(first.unwrap_or("Post").trim(), 80)
}

/// At most `limit` characters as people count them, cut between words where there are any.
pub fn shortened(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.grapheme_indices(true).nth(limit) else { return text.to_owned() };
    let head = text.get(..end).unwrap_or(text);
    let cut = head.rfind(' ').filter(|at| *at > end / 2).and_then(|at| head.get(..at)).unwrap_or(head);
    format!("{}…", cut.trim_end())
}

fn is_language(tag: &str) -> bool {
    tag.len() <= 35 && !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_between_words_and_never_inside_a_character() {
        assert_eq!(shortened("one two three", 13), "one two three");
        assert_eq!(shortened("one two three", 9), "one two…");
        assert_eq!(shortened(&"👩‍👩‍👧‍👦".repeat(10), 3), format!("{}…", "👩‍👩‍👧‍👦".repeat(3)));
        assert_eq!(shortened("自動車自動車自動車", 4), "自動車自…");
    }
}
