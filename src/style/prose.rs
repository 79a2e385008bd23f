//! The words that a reader of a post sees, and where in the file each of them stands.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::apart::{addresses as bare_addresses, quotations};
use super::fold::Folded;
use super::named::{Named, is_word, named};
use super::{Fix, sentences};
use crate::render::addresses;
use crate::workspace::Text;
use crate::workspace::body::stretches;

/// What stands where something was left out: no letter, no blank, and nothing that a post can have. So the words on
/// both sides neither join nor become neighbours.
pub const GAP: char = '\u{1a}';

/// A text of a post without its Markdown: no code, no addresses, no HTML, no pictures.
#[derive(Debug, Clone)]
pub struct Prose<'a> {
    /// The words, with a line's end where the reader sees one and a blank line between paragraphs.
    pub text: String,
    /// The same as people compare words.
    pub folded: Folded,
    /// The paragraphs, headings and items, in order.
    pub blocks: Vec<Block>,
    /// The sentences of all blocks, in order.
    pub sentences: Vec<Sentence>,
    /// Links, and words that are emphasised.
    pub marked: Vec<Marked>,
    /// Hashtags and mentions: they are text, but not anybody's to respell.
    pub named: Vec<Named>,
    /// Mentions, and addresses without a scheme: of what is only a piece of one, nobody says anything.
    pub addresses: Vec<Range<usize>>,
    /// What stands in quotes: others' words.
    quoted: Vec<Range<usize>>,
    /// The Markdown that it was made of.
    pub markdown: &'a str,
    file: &'a str,
    segments: Vec<Segment>,
    stretches: Vec<(usize, usize)>,
}

/// A paragraph, or what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its place in the prose.
    pub range: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
    /// Whether it is in a quote.
    pub quoted: bool,
}

/// What a block of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph.
    Paragraph,
    /// A heading, with its level.
    Heading(u8),
    /// An item of a list.
    Item,
    /// A paragraph of a quote.
    Quote,
}

/// A sentence of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Its place in the prose.
    pub range: Range<usize>,
    /// What it stands in.
    pub kind: BlockKind,
}

/// Words that Markdown marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Their place in the prose.
    pub range: Range<usize>,
    /// How they are marked.
    pub mark: Mark,
}

/// How Markdown marks words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The text of a link.
    Link,
    /// `*so*`
    Emphasis,
    /// `**so**`
    Strong,
}

/// A stretch of the prose, and the Markdown that says it.
#[derive(Debug, Clone)]
struct Segment {
    start: usize,
    end: usize,
    from: Range<usize>,
    /// Whether the Markdown says it byte for byte.
    same: bool,
}

impl<'a> Prose<'a> {
    /// Reads a text of the post whose file's text is `file`.
    pub fn read(file: &'a str, text: &'a Text) -> Self {
        let mut reader = Reader::new(&text.markdown);
        for (event, range) in Parser::new_ext(&text.markdown, Options::empty()).into_offset_iter() {
            reader.event(event, range);
        }
        reader.close();
        let Reader { text: mut words, segments, blocks, marked, .. } = reader;
        for block in &blocks {
            blank_addresses(&mut words, &block.range);
        }
        let sentences = blocks
            .iter()
            .flat_map(|block| {
                sentences::split(&words, block.range.clone())
                    .into_iter()
                    .map(|range| Sentence { range, kind: block.kind })
            })
            .collect();
        let named = named(&words);
        let mentions = named.iter().filter(|named| !named.hashtag).map(|named| named.range.clone());
        let quotes = |block: &Block| {
            if block.quoted { vec![block.range.clone()] } else { quotations(&words, &block.range) }
        };
        Self {
            folded: Folded::of(&words),
            addresses: bare_addresses(&words).into_iter().chain(mentions).collect(),
            quoted: blocks.iter().flat_map(quotes).collect(),
            named,
            text: words,
            blocks,
            sentences,
            marked,
            markdown: &text.markdown,
            file,
            segments,
            stretches: stretches(file, text),
        }
    }

    /// The words at a place; nothing where that is no place of the prose.
    pub fn at(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// The bytes of the file that say a stretch of the prose.
    pub fn in_file(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.segments.partition_point(|segment| segment.end <= range.start);
        let start = match self.segments.get(first) {
            Some(segment) if segment.same && segment.start <= range.start => {
                segment.from.start + (range.start - segment.start)
            }
            Some(segment) => segment.from.start,
            None => self.segments.last().map_or(0, |segment| segment.from.end),
        };
        if range.is_empty() {
            return self.markdown_in_file(&(start..start));
        }
        let after = self.segments.partition_point(|segment| segment.start < range.end);
        let end = match after.checked_sub(1).and_then(|last| self.segments.get(last)) {
            Some(segment) if segment.same && range.end <= segment.end => {
                segment.from.start + (range.end - segment.start)
            }
            Some(segment) => segment.from.end,
            None => start,
        };
        self.markdown_in_file(&(start..end.max(start)))
    }

    /// The bytes of the file that are a stretch of the Markdown.
    pub fn markdown_in_file(&self, range: &Range<usize>) -> Range<usize> {
        let place = |at: usize| {
            let next = self.stretches.partition_point(|(start, _)| *start <= at);
            let (start, there) = next.checked_sub(1).and_then(|i| self.stretches.get(i)).copied().unwrap_or_default();
            let mut place = (there + (at - start)).min(self.file.len());
            while !self.file.is_char_boundary(place) {
                place -= 1;
            }
            place
        };
        let start = place(range.start);
        let end = if range.is_empty() { start } else { place(range.end - 1) + 1 };
        let end = (end..=self.file.len()).find(|at| self.file.is_char_boundary(*at)).unwrap_or(self.file.len());
        start..end.max(start)
    }

    /// Whether the file says a stretch of the prose byte for byte, so that other words can take its place.
    pub fn is_verbatim(&self, range: &Range<usize>) -> bool {
        let words = self.at(range);
        !words.is_empty() && self.file.get(self.in_file(range)) == Some(words)
    }

    /// Other words for a stretch of the prose, where the file says it as it is shown, nobody is quoted, and a hashtag stays
    /// one.
    pub fn fix(&self, range: &Range<usize>, text: &str) -> Option<Fix> {
        let quoted = self.quoted.iter().any(|quote| quote.start < range.end && range.start < quote.end);
        let parted = self.named_at(range.start).is_some() && !text.chars().all(is_word);
        (!quoted && !parted && self.is_verbatim(range))
            .then(|| Fix { range: self.in_file(range), text: text.to_owned() })
    }

    /// Whether a sentence begins at a place, but for quotes and other signs before its first word.
    pub fn begins_sentence(&self, at: usize) -> bool {
        let next = self.sentences.partition_point(|sentence| sentence.range.start <= at);
        let sentence = next.checked_sub(1).and_then(|last| self.sentences.get(last));
        sentence.is_some_and(|sentence| !self.at(&(sentence.range.start..at)).contains(is_word))
    }

    /// What of a kind stands at a place.
    pub fn named_at(&self, at: usize) -> Option<&Named> {
        let next = self.named.partition_point(|named| named.range.end <= at);
        self.named.get(next).filter(|named| named.range.start <= at)
    }
}

/// Fills the addresses in a block with gaps of the same length.
fn blank_addresses(text: &mut String, block: &Range<usize>) {
    let Some(words) = text.get(block.clone()).filter(|words| words.contains("://")) else { return };
    for address in addresses(words) {
        let address = block.start + address.start..block.start + address.end;
        text.replace_range(address.clone(), &GAP.to_string().repeat(address.len()));
    }
}

/// Something within a block that has not ended.
enum Inline {
    /// Marked words, which begin here.
    Marked(usize, Mark),
    /// A picture or a bare address.
    Unread,
    /// Marked words within a picture.
    Ignored,
}

struct Reader<'a> {
    markdown: &'a str,
    text: String,
    segments: Vec<Segment>,
    blocks: Vec<Block>,
    marked: Vec<Marked>,
    /// Where the block that is being read begins, and what it is.
    open: Option<(usize, BlockKind)>,
    /// Quotes and items around the place.
    around: Vec<BlockKind>,
    /// Links, emphasis and pictures that have not ended.
    inline: Vec<Inline>,
    /// Pictures, code blocks and bare addresses around the place: nothing in them is prose.
    unread: usize,
    comment: bool,
}

impl<'a> Reader<'a> {
    fn new(markdown: &'a str) -> Self {
        Self {
            markdown,
            text: String::new(),
            segments: Vec::new(),
            blocks: Vec::new(),
            marked: Vec::new(),
            open: None,
            around: Vec::new(),
            inline: Vec::new(),
            unread: 0,
            comment: false,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            _ if self.unread > 0 => {}
            Event::Text(text) => self.words(&text, range),
            Event::Code(_) => self.gap(range),
            Event::InlineHtml(html) | Event::Html(html) => self.html(&html, range),
            Event::SoftBreak | Event::HardBreak => {
                if self.open.is_some() {
                    self.words("\n", range);
                }
            }
            Event::Rule => self.close(),
            // Extensions that are off.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.close(),
            Tag::Heading { level, .. } => {
                self.close();
                self.around.push(BlockKind::Heading(*level as u8));
            }
            Tag::BlockQuote(_) => {
                self.close();
                self.around.push(BlockKind::Quote);
            }
            Tag::Item => {
                self.close();
                self.around.push(BlockKind::Item);
            }
            Tag::List(_) => self.close(),
            Tag::CodeBlock(_) => {
                self.close();
                self.unread += 1;
            }
            Tag::Image { .. } | Tag::Link { link_type: LinkType::Autolink, .. } => {
                if self.unread == 0 {
                    self.gap(range);
                }
                self.unread += 1;
                self.inline.push(Inline::Unread);
            }
            Tag::Link { .. } => self.mark(Mark::Link),
            Tag::Emphasis => self.mark(Mark::Emphasis),
            Tag::Strong => self.mark(Mark::Strong),
            // Extensions that are off.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::List(_) => self.close(),
            TagEnd::HtmlBlock => {
                self.comment = false;
                self.close();
            }
            TagEnd::Heading(_) | TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.close();
                self.around.pop();
            }
            TagEnd::CodeBlock => self.unread = self.unread.saturating_sub(1),
            TagEnd::Image | TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong => match self.inline.pop() {
                Some(Inline::Unread) => self.unread = self.unread.saturating_sub(1),
                Some(Inline::Marked(start, mark)) => {
                    let start = start.min(self.text.len());
                    self.marked.push(Marked { range: start..self.text.len(), mark });
                }
                Some(Inline::Ignored) | None => {}
            },
            _ => {}
        }
    }

    fn mark(&mut self, mark: Mark) {
        if self.unread > 0 {
            self.inline.push(Inline::Ignored);
            return;
        }
        self.begin();
        self.inline.push(Inline::Marked(self.text.len(), mark));
    }

    /// A block begins with the first thing in it: items of tight lists have no paragraph.
    fn begin(&mut self) {
        if self.open.is_none() {
            if !self.text.is_empty() {
                self.text.push_str("\n\n");
            }
            let kind = self.around.last().copied().unwrap_or(BlockKind::Paragraph);
            self.open = Some((self.text.len(), kind));
        }
    }

    fn close(&mut self) {
        let Some((start, kind)) = self.open.take() else { return };
        let words = self.text.get(start..).unwrap_or_default().trim_end();
        let says = words.contains(|c: char| !c.is_whitespace() && c != GAP);
        let end = start + words.len();
        if says {
            self.blocks.push(Block { range: start..end, kind, quoted: self.around.contains(&BlockKind::Quote) });
        }
        self.truncate(if says { end } else { start.saturating_sub("\n\n".len()) });
    }

    fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        self.segments.retain_mut(|segment| {
            let over = segment.end.saturating_sub(length);
            if over > 0 && segment.start < length {
                segment.end -= over;
                if segment.same {
                    segment.from.end -= over;
                }
            }
            segment.end <= length
        });
        self.marked.retain(|marked| marked.range.end <= length);
    }

    fn words(&mut self, words: &str, from: Range<usize>) {
        if words.is_empty() {
            return;
        }
        self.begin();
        let start = self.text.len();
        self.text.push_str(words);
        let same = self.markdown.get(from.clone()) == Some(words);
        match self.segments.last_mut() {
            Some(last) if last.same && same && last.end == start && last.from.end == from.start => {
                last.end = self.text.len();
                last.from.end = from.end;
            }
            _ => self.segments.push(Segment { start, end: self.text.len(), from, same }),
        }
    }

    fn gap(&mut self, from: Range<usize>) {
        self.begin();
        let start = self.text.len();
        self.text.push(GAP);
        self.segments.push(Segment { start, end: self.text.len(), from, same: false });
    }

    /// HTML: a gap for each tag and comment, and what stands between them.
    fn html(&mut self, html: &str, range: Range<usize>) {
        let source = self.markdown.get(range.clone()).unwrap_or_default();
        // Lines in quotes come without their signs: then no place in them is known but the whole.
        let same = source == html;
        let mut at = 0;
        while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
            let (length, is_text) = self.piece(rest);
            let from = if same { range.start + at..range.start + at + length } else { range.clone() };
            if is_text {
                self.words(html.get(at..at + length).unwrap_or_default(), from);
            } else {
                self.gap(from);
            }
            at += length;
        }
    }

    /// The length of what stands at the beginning of a stretch of HTML, and whether it is text.
    fn piece(&mut self, html: &str) -> (usize, bool) {
        if self.comment || html.starts_with("<!--") {
            let end = html.find("-->").map(|at| at + "-->".len());
            self.comment = end.is_none();
            return (end.unwrap_or(html.len()), false);
        }
        match html.find('<') {
            Some(0) => (html.find('>').map_or(html.len(), |at| at + 1), false),
            other => (other.unwrap_or(html.len()), true),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(markdown: &str) -> Text {
        Text { markdown: markdown.to_owned(), offset: 0 }
    }

    /// The words, with gaps as `_`.
    fn words(markdown: &str) -> String {
        Prose::read(markdown, &text(markdown)).text.replace(GAP, "_")
    }

    #[test]
    fn only_what_a_reader_sees_is_prose() {
        for (markdown, expected) in [
            ("A **bold** *word*", "A bold word"),
            ("Run `rm -rf` now", "Run _ now"),
            ("a\n\n```\ncode\n```\n\nb", "a\n\nb"),
            ("a<b>b</b>c <!-- no --> d", "a_b_c _ d"),
            ("<p>\nHello <i>you</i>\n</p>", "_\nHello _you_\n_"),
            ("<!-- a\nb -->\n\nc", "c"),
            ("a\n\n[![b](c)](d)\n\ne", "a\n\ne"),
            ("see [the *news*](https://a.example/x) now", "see the news now"),
            ("![a [b](c) *d*](e.png) f", "_ f"),
            ("<https://a.example> <a@b.example>", "_ a@b.example"),
            ("# Head\n\n- one\n- two\n\n> quote", "Head\n\none\n\ntwo\n\nquote"),
            ("AT&amp;T \\*x\\*", "AT&T *x*"),
            ("one\\\ntwo  \nthree\nfour", "one\ntwo\nthree\nfour"),
            ("", ""),
        ] {
            assert_eq!(words(markdown), expected, "{markdown}");
        }
        assert_eq!(words("go https://a.example/x_y_z?b=1, now"), format!("go {}, now", "_".repeat(27)));
    }

    #[test]
    fn every_word_knows_its_bytes() {
        let file = "---\nto: x\n---\nAT&amp;T **says** `x` \\*hi\\*\r\nthere, Noor";
        let text = Text { markdown: file[14..].to_owned(), offset: 14 };
        let prose = Prose::read(file, &text);
        for (word, bytes, verbatim) in [
            ("AT&T", "AT&amp;T", false),
            ("&", "&amp;", false),
            ("says", "says", true),
            ("T says", "T **says", false),
            ("hi*", "hi\\*", false),
            ("there", "there", true),
            ("*\nthere", "*\r\nthere", false),
            ("Noor", "Noor", true),
        ] {
            let at = prose.text.find(word).unwrap();
            let range = at..at + word.len();
            assert_eq!(&file[prose.in_file(&range)], bytes, "{word}");
            assert_eq!(prose.is_verbatim(&range), verbatim, "{word}");
        }
    }

    #[test]
    fn words_behind_a_variant_know_their_bytes_too() {
        let file = "One\n\n::: bluesky\nOther\n:::\n\nTwo é three\n";
        let text = Text { markdown: "One\n\nTwo é three".to_owned(), offset: 0 };
        let prose = Prose::read(file, &text);
        let at = prose.text.find("é").unwrap();
        assert_eq!(&file[prose.in_file(&(at..at + "é three".len()))], "é three");
        assert_eq!(&file[prose.markdown_in_file(&(5..8))], "Two");
    }

    #[test]
    fn blocks_have_kinds_and_sentences() {
        let markdown = "# Head\n\nOne. Two.\n\n- item\n\n> quote *here*";
        let file = text(markdown);
        let prose = Prose::read(markdown, &file);
        let kinds: Vec<_> = prose.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [BlockKind::Heading(1), BlockKind::Paragraph, BlockKind::Item, BlockKind::Quote]);
        let sentences: Vec<_> = prose.sentences.iter().map(|sentence| prose.at(&sentence.range)).collect();
        assert_eq!(sentences, ["Head", "One.", "Two.", "item", "quote here"]);
        assert_eq!(prose.at(&prose.marked[0].range), "here");
    }

    proptest! {
        #[test]
        fn every_stretch_lies_in_the_file(
            markdown in "([a-z A-Zéß漢字אש🍁#@<>!&;`*_\\[\\]()\\n\\\\-]|&amp;|https://a\\.example/é|<!--|-->|\r\n|```\n|::: x\n|:::\n|> |1\\. ){0,40}",
            cuts in prop::collection::vec((0..400usize, 0..400usize), 0..8),
        ) {
            let file = format!("---\n---\n{markdown}");
            let text = Text { markdown: markdown.clone(), offset: 8 };
            let prose = Prose::read(&file, &text);
            let places = prose.blocks.iter().map(|block| block.range.clone());
            let places = places.chain(prose.sentences.iter().map(|sentence| sentence.range.clone()));
            let places = places.chain(prose.named.iter().map(|named| named.range.clone()));
            for range in places.chain(prose.marked.iter().map(|marked| marked.range.clone())) {
                prop_assert!(prose.text.get(range.clone()).is_some());
                prop_assert!(file.get(prose.in_file(&range)).is_some());
            }
            for (a, b) in cuts {
                prop_assert!(file.get(prose.in_file(&(a.min(b)..a.max(b)))).is_some());
                prop_assert!(file.get(prose.markdown_in_file(&(a.min(b)..a.max(b)))).is_some());
                prose.is_verbatim(&(a.min(b)..a.max(b)));
            }
        }
    }
}
