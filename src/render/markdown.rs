//! CommonMark → [`Document`].
//!
//! CommonMark 0.31.2 without extensions, with three habits of its own: a line's end in the source is a line's end in
//! the post; blank lines separate blocks only where the source has some; raw HTML is text like any other, except
//! comments, which are dropped. The text is not brought into a Unicode normal form: what goes out is what the author
//! typed and the approver saw, byte for byte, and normalising would change some scripts' letters for good.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::richtext::{Block, Document, Image, Item, Placed, Rich, Span, Style};

/// Reads a Markdown text. Every text has a meaning, so this cannot fail.
pub fn parse(markdown: &str) -> Document {
    let source = markdown.replace("\r\n", "\n");
    let mut reader = Reader { source: &source, ..Reader::default() };
    for (event, range) in Parser::new_ext(&source, Options::empty()).into_offset_iter() {
        reader.event(event, range);
    }
    reader.finish()
}

/// Quotes and lists deeper than this are read as if they were not there, so that no text costs stack.
const DEEPEST: usize = 16;

/// A quote or a list that is being read.
enum Open {
    Quote {
        blocks: Vec<Placed>,
        apart: bool,
    },
    List {
        items: Vec<Item>,
        apart: bool,
        next: Option<u64>,
    },
    Item {
        blocks: Vec<Placed>,
        apart: bool,
        number: Option<(u64, char)>,
    },
    /// Too deep: its blocks go to what it stands in.
    Ignored,
}

/// A leaf that is being read.
struct Leaf {
    rich: Rich,
    heading: Option<u8>,
    apart: bool,
    /// Indices of the spans that have not ended.
    open: Vec<usize>,
    /// A picture was taken out: the white space after it goes with it.
    gap: bool,
}

#[derive(Default)]
struct Reader<'a> {
    source: &'a str,
    document: Document,
    open: Vec<Open>,
    leaf: Option<Leaf>,
    /// A code or HTML block's text, and whether it is apart.
    verbatim: Option<(String, bool)>,
    /// Pictures around the place; alt texts may have pictures in them.
    images: Vec<Image>,
    /// A block that left nothing had a blank line before it; the next one inherits it.
    apart: bool,
    /// Where the last piece of text ended in the source.
    text_end: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => {
                if let Some(image) = self.images.last_mut() {
                    image.alt.push_str(&text);
                    return;
                }
                let leaf = self.leaf(&range);
                leaf.gap = false;
                let start = leaf.rich.text.len();
                leaf.rich.text.push_str(&text);
                leaf.rich.spans.push(Span { range: start..leaf.rich.text.len(), style: Style::Code });
            }
            Event::Html(text) => match &mut self.verbatim {
                Some((block, _)) => block.push_str(&text),
                None => self.text(&text, range),
            },
            Event::InlineHtml(text) if text.starts_with("<!--") => {}
            Event::InlineHtml(text) => self.text(&text, range),
            Event::SoftBreak | Event::HardBreak => self.line_end(&range),
            Event::Rule => {
                let apart = self.apart(&range);
                self.place(Block::Rule, apart);
            }
            // Extensions that are off.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.begin(None, &range),
            Tag::Heading { level, .. } => self.begin(Some(level as u8), &range),
            Tag::BlockQuote(_) => {
                let apart = self.apart(&range);
                self.push(Open::Quote { blocks: Vec::new(), apart });
            }
            Tag::List(next) => {
                let apart = self.apart(&range);
                self.push(Open::List { items: Vec::new(), apart, next });
            }
            Tag::Item => {
                let apart = self.apart(&range);
                let delimiter = self.delimiter(&range);
                let number = match self.open.last_mut() {
                    Some(Open::List { next: Some(next), .. }) => {
                        let number = *next;
                        *next = next.saturating_add(1);
                        Some((number, delimiter))
                    }
                    _ => None,
                };
                self.push(Open::Item { blocks: Vec::new(), apart, number });
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) | Tag::HtmlBlock => {
                let apart = self.apart(&range);
                self.verbatim = Some((String::new(), apart));
            }
            Tag::Emphasis => self.open_span(Style::Emphasis, &range),
            Tag::Strong => self.open_span(Style::Strong, &range),
            Tag::Link { link_type, dest_url, .. } => {
                let target =
                    if link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.into_string() };
                // A link that leads nowhere is told apart when it ends.
                self.open_span(Style::Link(target), &range);
            }
            Tag::Image { dest_url, .. } => {
                self.leaf(&range);
                self.images.push(Image { target: dest_url.into_string(), alt: String::new() });
            }
            // Extensions that are off.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => self.close_leaf(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.close(),
            TagEnd::CodeBlock => {
                if let Some((mut text, apart)) = self.verbatim.take() {
                    if text.ends_with('\n') {
                        text.pop();
                    }
                    self.place(Block::Code(text), apart);
                }
            }
            TagEnd::HtmlBlock => {
                if let Some((text, apart)) = self.verbatim.take() {
                    let text = without_comments(&text);
                    self.place_text(None, Rich::plain(text.trim()), apart);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link => self.close_span(),
            TagEnd::Image => self.close_image(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        let follows_text = std::mem::replace(&mut self.text_end, range.end) == range.start;
        if let Some(image) = self.images.last_mut() {
            image.alt.push_str(text);
            return;
        }
        if let Some((block, _)) = &mut self.verbatim {
            block.push_str(text);
            return;
        }
        let backslash = !follows_text && self.source.get(..range.start).is_some_and(|before| before.ends_with('\\'));
        let entity = text.len() < range.len() && self.source.get(range.clone()).is_some_and(|raw| raw.starts_with('&'));
        let leaf = self.leaf(&range);
        let text = if leaf.gap { text.trim_start_matches([' ', '\t']) } else { text };
        if text.is_empty() {
            return;
        }
        leaf.gap = false;
        if backslash || entity {
            leaf.rich.escaped.push(leaf.rich.text.len());
        }
        leaf.rich.text.push_str(text);
    }

    fn line_end(&mut self, range: &Range<usize>) {
        if let Some(image) = self.images.last_mut() {
            image.alt.push(' ');
            return;
        }
        let leaf = self.leaf(range);
        leaf.rich.truncate(leaf.rich.text.trim_end_matches([' ', '\t']).len());
        // A line that held nothing but a picture is not a line of the post.
        if !(leaf.gap && (leaf.rich.text.is_empty() || leaf.rich.text.ends_with('\n'))) {
            leaf.rich.text.push('\n');
        }
    }

    /// The leaf that text goes to. Items of tight lists have text without a paragraph around it.
    fn leaf(&mut self, range: &Range<usize>) -> &mut Leaf {
        let apart = self.leaf.is_none() && self.apart(range);
        self.leaf.get_or_insert_with(|| Leaf {
            rich: Rich::default(),
            heading: None,
            apart,
            open: Vec::new(),
            gap: false,
        })
    }

    fn begin(&mut self, heading: Option<u8>, range: &Range<usize>) {
        self.close_leaf();
        self.leaf(range).heading = heading;
    }

    fn close_leaf(&mut self) {
        if let Some(Leaf { rich, heading, apart, .. }) = self.leaf.take() {
            self.place_text(heading, rich, apart);
        }
    }

    fn place_text(&mut self, heading: Option<u8>, mut rich: Rich, apart: bool) {
        rich.truncate(rich.text.trim_end().len());
        let empty = rich.text.trim().is_empty();
        match heading {
            _ if empty => self.apart |= apart,
            Some(level) => self.place(Block::Heading(level, rich), apart),
            None => self.place(Block::Paragraph(rich), apart),
        }
    }

    fn open_span(&mut self, style: Style, range: &Range<usize>) {
        if self.images.is_empty() {
            let leaf = self.leaf(range);
            let start = leaf.rich.text.len();
            leaf.open.push(leaf.rich.spans.len());
            leaf.rich.spans.push(Span { range: start..start, style });
        }
    }

    fn close_span(&mut self) {
        let Some(leaf) = self.leaf.as_mut().filter(|_| self.images.is_empty()) else { return };
        let Some(index) = leaf.open.pop() else { return };
        let Rich { text, spans, .. } = &mut leaf.rich;
        let is_link = |span: &Span| matches!(span.style, Style::Link(_));
        let holds_link = spans.get(index + 1..).is_some_and(|inside| inside.iter().any(is_link));
        let Some(span) = spans.get_mut(index) else { return };
        if let Style::Link(target) = &span.style {
            // Of links within each other the inner one counts (CommonMark 0.31.2, section 6.3), which the parser does not
            // know of some.
            if holds_link {
                spans.remove(index);
                return;
            }
            let Some(url) = address(target) else {
                self.document.dead_links.push(target.clone());
                spans.remove(index);
                return;
            };
            // A link around nothing, or around a picture, shows its address.
            if text.get(span.range.start..).unwrap_or_default().trim().is_empty() {
                text.push_str(url.strip_prefix("mailto:").unwrap_or(&url));
            }
            span.style = Style::Link(url);
        }
        span.range.end = text.len().max(span.range.start);
    }

    fn close_image(&mut self) {
        let Some(image) = self.images.pop() else { return };
        // A picture within an alt text is no picture; its words are.
        if let Some(outer) = self.images.last_mut() {
            outer.alt.push_str(&image.alt);
            return;
        }
        let alt = image.alt.split_whitespace().collect::<Vec<_>>().join(" ");
        self.document.images.push(Image { alt, ..image });
        if let Some(leaf) = &mut self.leaf {
            leaf.gap = leaf.rich.text.is_empty() || leaf.rich.text.ends_with([' ', '\n']);
        }
    }

    fn push(&mut self, open: Open) {
        self.close_leaf();
        self.open.push(if self.open.len() < DEEPEST { open } else { Open::Ignored });
    }

    fn close(&mut self) {
        self.close_leaf();
        match self.open.pop() {
            Some(Open::Quote { blocks, apart }) if !blocks.is_empty() => self.place(Block::Quote(blocks), apart),
            Some(Open::List { items, apart, .. }) if !items.is_empty() => self.place(Block::List(items), apart),
            Some(Open::Item { blocks, apart, number }) => {
                if let Some(Open::List { items, .. }) = self.open.last_mut()
                    && !blocks.is_empty()
                {
                    items.push(Item { number, blocks, apart });
                }
            }
            Some(Open::Quote { apart, .. } | Open::List { apart, .. }) => self.apart |= apart,
            Some(Open::Ignored) | None => {}
        }
    }

    fn place(&mut self, block: Block, apart: bool) {
        let placed = Placed { block, apart: std::mem::take(&mut self.apart) || apart };
        let holder = self.open.iter_mut().rev().find_map(|open| match open {
            Open::Quote { blocks, .. } | Open::Item { blocks, .. } => Some(blocks),
            Open::List { .. } | Open::Ignored => None,
        });
        holder.unwrap_or(&mut self.document.blocks).push(placed);
    }

    /// Whether the line before is blank, in the source.
    fn apart(&self, range: &Range<usize>) -> bool {
        let before = self.source.get(..range.start).unwrap_or_default();
        let Some((lines, _)) = before.rsplit_once('\n') else { return false };
        let line = lines.rsplit_once('\n').map_or(lines, |(_, line)| line);
        line.trim_matches([' ', '\t', '>']).is_empty()
    }

    /// What follows an item's number: `.` or `)`.
    fn delimiter(&self, range: &Range<usize>) -> char {
        let item = self.source.get(range.clone()).unwrap_or_default();
        let after = item.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        if after.starts_with(')') { ')' } else { '.' }
    }

    fn finish(mut self) -> Document {
        self.close_leaf();
        self.document
    }
}

/// The address as it goes out; `None` where nobody outside could follow it.
pub fn address(target: &str) -> Option<String> {
    let url = url::Url::parse(target).ok()?;
    let good = match url.scheme() {
        "http" | "https" => url.has_host(),
        "mailto" => true,
        _ => false,
    };
    // The author's spelling stays, except where it could not stand in a line of text.
    let plain = !target.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    good.then(|| if plain { target.to_owned() } else { url.into() })
}

/// Takes `<!-- … -->` out. One that is never closed is text, lest a slip swallow the rest of a post.
fn without_comments(html: &str) -> String {
    let mut rest = html;
    let mut out = String::new();
    while let Some((before, comment)) = rest.split_once("<!--") {
        let Some((_, after)) = comment.split_once("-->") else { break };
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    out
}
