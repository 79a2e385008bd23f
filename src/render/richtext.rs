//! Text with structure, as no network in particular writes it: what Markdown is read into.

use std::ops::Range;

/// What a Markdown text says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The blocks, from top to bottom.
    pub blocks: Vec<Placed>,
    /// The pictures in the text, in order. They leave no trace in the blocks.
    pub images: Vec<Image>,
    /// Targets of links that nobody outside could follow: `notes.md`, `javascript:…`. Their text stays as text.
    pub dead_links: Vec<String>,
}

/// A block, and how it stands to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The block.
    pub block: Block,
    /// Whether a blank line is before it. People lay posts out by line, so what has none gets none.
    pub apart: bool,
}

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Running text.
    Paragraph(Rich),
    /// A heading, level 1 to 6.
    Heading(u8, Rich),
    /// A list.
    List(Vec<Item>),
    /// A quotation.
    Quote(Vec<Placed>),
    /// Lines of code, without the last line's end.
    Code(String),
    /// A line across.
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `None` for a bullet; else the number and what follows it: `.` or `)`.
    pub number: Option<(u64, char)>,
    /// What the item says.
    pub blocks: Vec<Placed>,
    /// Whether a blank line is before it.
    pub apart: bool,
}

/// Running text, and what stretches of it are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rich {
    /// The text; `\n` between lines.
    pub text: String,
    /// In order of their start, the outer before the inner; never crossing.
    pub spans: Vec<Span>,
    /// Bytes whose character was escaped in the source (`\#`, `&#64;`): no hashtag or mention begins there.
    pub escaped: Vec<usize>,
}

/// A stretch of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Bytes of the text, on character boundaries.
    pub range: Range<usize>,
    /// What it is.
    pub style: Style,
}

/// What a stretch of running text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Style {
    /// `**strong**`
    Strong,
    /// `*emphasis*`
    Emphasis,
    /// `` `code` ``
    Code,
    /// A link; the address begins with `http://`, `https://` or `mailto:`.
    Link(String),
}

/// A picture in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The file, as it was written.
    pub target: String,
    /// What it shows.
    pub alt: String,
}

impl Document {
    /// The addresses of the links that are written as links.
    pub fn links(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut below: Vec<&Placed> = self.blocks.iter().collect();
        while let Some(Placed { block, .. }) = below.pop() {
            match block {
                Block::Paragraph(rich) | Block::Heading(_, rich) => {
                    found.extend(rich.spans.iter().filter_map(|span| match &span.style {
                        Style::Link(url) => Some(url.as_str()),
                        _ => None,
                    }));
                }
                Block::List(items) => below.extend(items.iter().flat_map(|item| &item.blocks)),
                Block::Quote(blocks) => below.extend(blocks),
                Block::Code(_) | Block::Rule => {}
            }
        }
        found
    }
}

impl Rich {
    /// Text without spans.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Shortens the text; spans end where it ends.
    pub(super) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        for span in &mut self.spans {
            span.range = span.range.start.min(length)..span.range.end.min(length);
        }
    }
}
