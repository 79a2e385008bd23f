//! What a network makes of a part's text: hashtags, mentions, links.

use std::ops::Range;

use super::capability::{Capability, Length};
use super::detect;
use super::length;
use super::payload::{Feature, Part};

/// The marks of a part, each kind in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// `#launch`
    pub hashtags: Vec<Mark>,
    /// `@alice.example`, `@alice@social.example`
    pub mentions: Vec<Mark>,
    /// Addresses that can be opened.
    pub links: Vec<Mark>,
}

/// A stretch of a part's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it names: the hashtag without `#`, the handle without `@`, the address.
    pub name: String,
}

impl Marks {
    /// Reads them as the network does: from the facets where it is told, else from the text.
    pub fn of(part: &Part, capability: &Capability) -> Self {
        match capability.text {
            super::TextForm::Facets => Self::of_facets(part),
            super::TextForm::Plain | super::TextForm::Html => Self::of_text(&part.text, &capability.length),
        }
    }

    fn of_facets(part: &Part) -> Self {
        let mut marks = Self::default();
        for facet in &part.facets {
            let (kind, name) = match &facet.feature {
                Feature::Tag { tag } => (&mut marks.hashtags, tag),
                Feature::Mention { handle } => (&mut marks.mentions, handle),
                Feature::Link { url } => (&mut marks.links, url),
            };
            kind.push(Mark { range: facet.range(), name: name.clone() });
        }
        marks
    }

    fn of_text(text: &str, length: &Length) -> Self {
        let links = match length {
            Length::Mastodon { .. } => length::mastodon::found_links(text),
            _ => detect::addresses(text),
        };
        let free = |range: &Range<usize>| !links.iter().any(|link| link.start < range.end && range.start < link.end);
        let mark = |range: Range<usize>, sign: usize| {
            let name = text.get(range.start + sign..range.end).unwrap_or_default().to_owned();
            Mark { range, name }
        };
        let named = length::mastodon::mentions(text).into_iter().map(|mention| mention.range).filter(free);
        let tags = detect::hashtags(text).into_iter().map(|(range, _)| range).filter(free);
        let sign =
            |range: &Range<usize>| text.get(range.clone()).and_then(|tag| tag.chars().next()).map_or(1, char::len_utf8);
        Self {
            hashtags: tags.map(|range| mark(range.clone(), sign(&range))).collect(),
            mentions: named.map(|range| mark(range, 1)).collect(),
            links: links.iter().map(|range| mark(range.clone(), 0)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{bluesky, mastodon};

    fn names(marks: &[Mark]) -> Vec<&str> {
        marks.iter().map(|mark| mark.name.as_str()).collect()
    }

    fn of(text: &str) -> Marks {
        Marks::of(&Part { text: text.to_owned(), ..Part::default() }, &mastodon::CAPABILITY)
    }

    #[test]
    fn a_text_is_read_as_mastodon_reads_it() {
        let marks = of("#eins ＃zwei, @noor und @li@social.example: https://a.example/@x#drei a@b.example #4");
        assert_eq!(names(&marks.hashtags), ["eins", "zwei"]);
        assert_eq!(names(&marks.mentions), ["noor", "li@social.example"]);
        assert_eq!(names(&marks.links), ["https://a.example/@x#drei"]);
        assert_eq!(of("nothing of the kind"), Marks::default());
    }

    #[test]
    fn where_a_network_is_told_nothing_else_counts() {
        let tag = Feature::Tag { tag: "one".to_owned() };
        let facets = vec![crate::render::Facet { start: 0, end: 4, feature: tag }];
        let part = Part { text: "#one #two".to_owned(), facets, ..Part::default() };
        let marks = Marks::of(&part, &bluesky::CAPABILITY);
        assert_eq!((names(&marks.hashtags), marks.links), (vec!["one"], vec![]));
    }
}
