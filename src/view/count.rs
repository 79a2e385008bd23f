//! How long a text is, network by network.

use super::page::{Page, Tone, columns, padded};
use super::preview;
use crate::render::Length;
use crate::render::Part;
use crate::render::length::{self, Measure, measure};

/// A text's length on one network.
#[derive(Debug, Clone, serde::Serialize, schemars::JsonSchema)]
pub struct Count {
    /// `x`
    network: &'static str,
    /// For people: `X`.
    title: &'static str,
    #[serde(flatten)]
    measure: Measure,
    /// Whether the network takes the text: it is short enough, and has no character that the network refuses.
    fits: bool,
    /// The first character that the network refuses, as `U+FEFF`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// The links in it, where they do not count as they are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
    /// What else to know of this network's limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// Links that do not count as they are written.
#[derive(Debug, Clone, Copy, serde::Serialize, schemars::JsonSchema)]
struct Links {
    /// How many there are.
    found: usize,
    /// What each counts.
    each: usize,
}

/// What `greenlit count NETWORK --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct CountReport<'a> {
    version: u32,
    #[serde(flatten)]
    count: &'a Count,
}

/// What `greenlit count --all --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct AllReport<'a> {
    version: u32,
    /// One for each network.
    networks: &'a [Count],
}

impl Count {
    /// Counts a text as a network does.
    pub fn new(
        (network, title): (&'static str, &'static str),
        text: &str,
        length: &Length,
        note: Option<&'static str>,
    ) -> Self {
        let part = Part { text: text.to_owned(), facets: Vec::new(), html: None, media: Vec::new(), card: None };
        let measure = measure(&part, None, length);
        let refused = length::refused(text, length);
        let links = length::links(text, length).map(|(found, each)| Links { found, each });
        Self {
            network,
            title,
            measure,
            fits: measure.fits() && refused.is_none(),
            refused: refused.map(|c| format!("U+{:04X}", u32::from(c))),
            links,
            note,
        }
    }

    /// Whether the network takes the text.
    pub fn fits(&self) -> bool {
        self.fits
    }

    /// For programs.
    pub fn report(&self) -> CountReport<'_> {
        CountReport { version: 1, count: self }
    }

    /// For people: `  27 of 280 characters (weighted): fits`, and why it is so many where that is not plain.
    pub fn human(&self, page: &Page) -> String {
        let length = preview::length(&self.measure, page);
        let mut out = if self.fits {
            format!("  {length}: {}\n", page.paint(Tone::Good, "fits"))
        } else {
            format!("  {length}\n")
        };
        if let Some(refused) = &self.refused {
            out += &page.wrapped(2, &format!("{} takes no text with {refused}", self.title));
        }
        if let Some(Links { found: 1.., each }) = self.links {
            out += &remark(&format!("links count {each} each"), page);
        }
        if let Some(note) = self.note {
            out += &remark(note, page);
        }
        out
    }

    /// The verdict in a word or two.
    fn verdict(&self, page: &Page) -> String {
        match (&self.refused, self.fits) {
            (Some(refused), _) => page.paint(Tone::Bad, &format!("has {refused}")),
            (None, true) => page.paint(Tone::Good, "fits"),
            (None, false) => page.paint(Tone::Bad, "too long"),
        }
    }
}

fn remark(text: &str, page: &Page) -> String {
    page.wrapped(2, text).lines().map(|line| format!("{}\n", page.paint(Tone::Faint, line))).collect()
}

/// Every network for programs.
pub fn report(counts: &[Count]) -> AllReport<'_> {
    AllReport { version: 1, networks: counts }
}

/// Every network for people, one in a line.
pub fn human(counts: &[Count], page: &Page) -> String {
    let width = |of: fn(&Count) -> String| counts.iter().map(|count| columns(&of(count))).max().unwrap_or_default();
    let (names, amounts) = (width(|count| count.network.to_owned()), width(|count| preview::amount(&count.measure)));
    let line = |count: &Count| {
        let (name, amount) = (padded(count.network, names), padded(&preview::amount(&count.measure), amounts));
        format!("  {name}  {amount}  {}\n", count.verdict(page))
    };
    counts.iter().map(line).collect()
}
