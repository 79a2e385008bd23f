//! How long a part is, counted as its network counts.

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
    /// What is counted: `characters`.
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
    match *length {
        Length::Unlimited => Measure { count: graphemes(&part.text), limit: None, unit: "characters", second: None },
        Length::Graphemes { limit, bytes } => Measure {
            count: graphemes(&part.text),
            limit: Some(limit),
            unit: "characters",
            second: Some((part.text.len(), bytes, "bytes")),
        },
        Length::Mastodon { limit, .. } => {
            let counted = format!("{}{}", content_warning.unwrap_or_default(), part.text);
            Measure { count: graphemes(&counted), limit: Some(limit), unit: "characters", second: None }
        }
    }
}

/// Extended grapheme clusters of UAX #29: what a reader sees as one character.
fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}
