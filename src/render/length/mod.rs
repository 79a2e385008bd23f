//! How long a part is, counted as its network counts.

pub mod elsewhere;
mod emoji;
mod endings;
mod host;
mod letters;
mod links;
pub(super) mod mastodon;
mod weighted;

use unicode_segmentation::UnicodeSegmentation;

use super::capability::Length;
use super::payload::Part;

/// A part's length, held against the network's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Measure {
    /// How long it is.
    pub count: usize,
    /// How long it may be; `None`: no limit that a person would reach.
    pub limit: Option<usize>,
    /// What is counted: `characters`, `characters (weighted)`, `UTF-16 units`, `code points` or `bytes`.
    pub unit: &'static str,
    /// A second limit beside the first: count, limit and unit. Bluesky has one in bytes.
    pub second: Option<(usize, usize, &'static str)>,
}

impl Measure {
    /// Whether the part is within every limit.
    pub fn fits(&self) -> bool {
        self.limit.is_none_or(|limit| self.count <= limit) && self.second.is_none_or(|(count, limit, _)| count <= limit)
    }
}

/// Measures a part. Where the network counts it, the content warning is part of the length.
pub fn measure(part: &Part, content_warning: Option<&str>, length: &Length) -> Measure {
    let text = &part.text;
    let (count, limit, unit) = match *length {
        Length::Unlimited => (graphemes(text), None, "characters"),
        Length::Graphemes { limit, .. } => (graphemes(text), Some(limit), "characters"),
        Length::Mastodon { limit, url } => {
            let counted = format!("{}{}", content_warning.unwrap_or_default(), mastodon::counted_text(text, url));
            (graphemes(&counted), Some(limit), "characters")
        }
        Length::Weighted { limit, url } => (weighted::weighted(text, url), Some(limit), "characters (weighted)"),
        Length::Utf16 { limit } => (text.encode_utf16().count(), Some(limit), "UTF-16 units"),
        Length::CodePoints { limit } => (text.chars().count(), Some(limit), "code points"),
        Length::Bytes { limit } => (text.len(), Some(limit), "bytes"),
    };
    let second = match *length {
        Length::Graphemes { bytes, .. } => Some((text.len(), bytes, "bytes")),
        _ => None,
    };
    Measure { count, limit, unit, second }
}

/// The links of a text that do not count as they are written: how many there are, and what each counts.
pub fn links(text: &str, length: &Length) -> Option<(usize, usize)> {
    match *length {
        Length::Mastodon { url, .. } => Some((mastodon::found_links(text).len(), url)),
        Length::Weighted { url, .. } => Some((weighted::count_links(text), url)),
        _ => None,
    }
}

/// The first character of a text for which the network would refuse it, however short it is.
pub fn refused(text: &str, length: &Length) -> Option<char> {
    match length {
        Length::Weighted { .. } => weighted::refused(text),
        _ => None,
    }
}

/// Extended grapheme clusters of UAX #29: what a reader sees as one character.
fn graphemes(text: &str) -> usize {
    // Between two ASCII characters there is always a boundary, but for CR LF. The rules are asked about the rest alone.
    let bytes = text.as_bytes();
    let parts = |at: usize| match (bytes.get(at.wrapping_sub(1)), bytes.get(at)) {
        (Some(before), Some(after)) => before.is_ascii() && after.is_ascii() && (*before, *after) != (b'\r', b'\n'),
        _ => true,
    };
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        let plain = bytes.iter().skip(at).take_while(|byte| byte.is_ascii()).count();
        let mut start = at + plain;
        if start < bytes.len() {
            // The last plain one may carry a mark that follows it.
            start = (at..start).rev().find(|start| parts(*start)).unwrap_or(at);
        }
        let ascii = bytes.get(at..start).unwrap_or_default();
        count += ascii.len() - ascii.windows(2).filter(|pair| *pair == b"\r\n").count();
        let other = (at + plain).max(start + 1);
        let end = (other..bytes.len()).find(|end| parts(*end)).unwrap_or(bytes.len());
        count += text.get(start..end.max(start)).unwrap_or_default().graphemes(true).count();
        at = end;
    }
    count
}

#[cfg(test)]
mod tests;
