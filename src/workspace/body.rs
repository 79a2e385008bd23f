//! The text under the front matter: parts of a thread, variants, pictures and links in the Markdown.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::finding::Finding;
use super::post::{Body, Text, Variant};
use super::source::Source;

/// Splits a body into parts and variants. Names and numbers of variants are held against nothing yet.
///
/// `text` is the file's text, of which `start` and what follows is the body.
pub fn read(source: &Arc<Source>, text: &str, start: usize, findings: &mut Vec<Finding>) -> Body {
    split(source, text, start, findings).end()
}

/// Where a text stands in its file: the byte offset of each of its stretches in the Markdown and in the file, in order.
/// It is one stretch, except where a variant stood in its middle.
pub fn stretches(file: &str, text: &Text) -> Vec<(usize, usize)> {
    let whole = text.offset..text.offset.saturating_add(text.markdown.len());
    if file.get(whole).is_some_and(|there| there == text.markdown) {
        return vec![(0, text.offset)];
    }
    let (nameless, mut unheard) = (Arc::new(Source::new("", "")), Vec::new());
    let mut pieces = split(&nameless, file, text.offset, &mut unheard).thread;
    pieces.separate(0);
    let mut stretches = Vec::new();
    let mut before = 0;
    for span in pieces.complete.first().into_iter().flat_map(|piece| worded(file, piece)) {
        stretches.push((before, span.start));
        before += span.len() + APART.len();
    }
    stretches
}

/// Goes through the lines of a body.
fn split<'a>(source: &'a Arc<Source>, text: &'a str, start: usize, findings: &'a mut Vec<Finding>) -> Splitter<'a> {
    let mut splitter =
        Splitter { source, text, findings, thread: Pieces::new(start), open: None, variants: Vec::new() };
    let mut at = start;
    let mut inside = Inside::Text;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let span = at..at + line.len();
        at = span.end;
        let opaque = inside != Inside::Text;
        inside = inside.after(line);
        if opaque || inside != Inside::Text {
            splitter.line(span);
        } else {
            splitter.mark(line, span);
        }
    }
    splitter
}

/// What a line stands in: inside a code block and a comment nothing separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    Fence(char, usize),
    Comment,
}

impl Inside {
    fn after(self, line: &str) -> Self {
        let bare = line.trim_start_matches(' ');
        if self == Inside::Text && line.len() - bare.len() > 3 {
            return Inside::Text;
        }
        let fence = |sign: char| bare.len() - bare.trim_start_matches(sign).len();
        match self {
            Inside::Text if bare.starts_with("<!--") && !bare.contains("-->") => Inside::Comment,
            Inside::Text if fence('~') >= 3 => Inside::Fence('~', fence('~')),
            // A line of backquotes with another one behind them is a code span.
            Inside::Text if fence('`') >= 3 && !bare.trim_start_matches('`').contains('`') => {
                Inside::Fence('`', fence('`'))
            }
            Inside::Comment if line.contains("-->") => Inside::Text,
            Inside::Fence(sign, length) if fence(sign) >= length && bare.trim_start_matches(sign).trim().is_empty() => {
                Inside::Text
            }
            stays => stays,
        }
    }
}

/// Lines of a thread.
struct Pieces {
    complete: Vec<Piece>,
    current: Piece,
}

/// Lines of a part: where it begins, and the stretches of the file that make it.
struct Piece {
    start: usize,
    stretches: Vec<Range<usize>>,
}

impl Pieces {
    fn new(start: usize) -> Self {
        Self { complete: Vec::new(), current: Piece { start, stretches: Vec::new() } }
    }

    fn add(&mut self, span: Range<usize>) {
        match self.current.stretches.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => self.current.stretches.push(span),
        }
    }

    fn separate(&mut self, next: usize) {
        let piece = std::mem::replace(&mut self.current, Piece { start: next, stretches: Vec::new() });
        self.complete.push(piece);
    }

    fn texts(mut self, file: &str) -> Vec<Text> {
        self.separate(0);
        self.complete.into_iter().map(|part| text_of(file, &part)).collect()
    }
}

/// The text of a part. Where a variant stood in its middle, the halves stay apart as paragraphs.
fn text_of(file: &str, piece: &Piece) -> Text {
    let mut text = Text { markdown: String::new(), offset: piece.start };
    for span in worded(file, piece) {
        if text.markdown.is_empty() {
            text.offset = span.start;
        } else {
            text.markdown.push_str(APART);
        }
        text.markdown.push_str(file.get(span).unwrap_or_default());
    }
    text
}

/// What stands between the stretches of a text.
const APART: &str = "\n\n";

/// The stretches of a part that say something, without the blank lines around them.
fn worded(file: &str, piece: &Piece) -> impl Iterator<Item = Range<usize>> {
    piece.stretches.iter().filter_map(move |stretch| {
        let bare = file.get(stretch.clone()).unwrap_or_default().trim_end();
        let blank: usize = bare.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum();
        (blank < bare.len()).then(|| stretch.start + blank..stretch.start + bare.len())
    })
}

struct Splitter<'a> {
    source: &'a Arc<Source>,
    text: &'a str,
    findings: &'a mut Vec<Finding>,
    thread: Pieces,
    open: Option<(Variant, Pieces)>,
    variants: Vec<Variant>,
}

impl Splitter<'_> {
    fn line(&mut self, span: Range<usize>) {
        match &mut self.open {
            Some((_, pieces)) => pieces.add(span),
            None => self.thread.add(span),
        }
    }

    /// A line on which a separator may stand.
    fn mark(&mut self, line: &str, span: Range<usize>) {
        let bare = line.trim_end();
        let place = span.start..span.start + bare.len();
        if bare == "---" {
            match &mut self.open {
                Some((_, pieces)) => pieces.separate(span.end),
                None => self.thread.separate(span.end),
            }
        } else if let Some(names) = bare.strip_prefix(":::") {
            if names.trim().is_empty() {
                self.close(place);
            } else {
                self.opening(names, place);
            }
        } else {
            self.line(span);
        }
    }

    fn close(&mut self, place: Range<usize>) {
        let Some((variant, pieces)) = self.open.take() else {
            self.error(
                "post/stray-close",
                place,
                "`:::` ends a variant, and none is open",
                "remove it, or write `::: NAME`",
            );
            return;
        };
        self.finish(variant, pieces);
    }

    fn finish(&mut self, mut variant: Variant, pieces: Pieces) {
        variant.parts = pieces.texts(self.text);
        if let [only] = variant.parts.as_slice()
            && only.markdown.is_empty()
        {
            variant.parts.clear();
        }
        self.variants.push(variant);
    }

    fn opening(&mut self, names: &str, place: Range<usize>) {
        self.unclosed();
        let words: Vec<&str> = names.split_whitespace().collect();
        let (names, part) = match words.as_slice() {
            [.., "part", number] => {
                let number_of = number.parse::<usize>().ok().filter(|n| *n > 0);
                if number_of.is_none() {
                    let message = format!("{} is no part's number", super::suggest::quote(number));
                    self.error("post/variant-part", place.clone(), &message, "write `::: NAME part 2`");
                }
                let before = names.rfind("part").and_then(|at| names.get(..at)).unwrap_or_default();
                (before, Some(number_of.unwrap_or(1)))
            }
            _ => (names, None),
        };
        let names = names.split(',').map(|name| name.trim().to_owned()).collect();
        let pieces = Pieces::new(place.end);
        self.open = Some((Variant { names, part, parts: Vec::new(), span: place }, pieces));
    }

    /// What is open here should have ended before. It is kept, so that its other faults are found too.
    fn unclosed(&mut self) {
        let Some((variant, pieces)) = self.open.take() else { return };
        let help = "end it with a line `:::`";
        self.error("post/unclosed-variant", variant.span.clone(), "this variant does not end", help);
        self.finish(variant, pieces);
    }

    fn error(&mut self, code: &'static str, place: Range<usize>, message: &str, help: &str) {
        self.findings.push(Finding::error(code, self.source, place, message).label("here").help(help));
    }

    fn end(mut self) -> Body {
        self.unclosed();
        Body { parts: self.thread.texts(self.text), variants: self.variants }
    }
}

/// A picture or link in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it points to.
    pub target: String,
    /// The text of a picture, which stands for it.
    pub alt: String,
    /// Whether it is a picture.
    pub picture: bool,
    /// Where it stands in the file.
    pub span: Range<usize>,
}

/// What a text says to a reader: whether it says anything, and its pictures and links.
pub fn look(text: &Text) -> (bool, Vec<Reference>) {
    let mut says = false;
    let mut references: Vec<Reference> = Vec::new();
    let mut pictures: Vec<usize> = Vec::new();
    for (event, range) in Parser::new_ext(&text.markdown, Options::empty()).into_offset_iter() {
        let span = text.offset + range.start..text.offset + range.end;
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                pictures.push(references.len());
                let target = dest_url.into_string();
                references.push(Reference { target, alt: String::new(), picture: true, span });
            }
            Event::End(TagEnd::Image) => {
                pictures.pop();
            }
            Event::Start(Tag::Link { dest_url, link_type, .. }) if link_type != LinkType::Email => {
                let target = dest_url.into_string();
                references.push(Reference { target, alt: String::new(), picture: false, span });
            }
            Event::Text(words) | Event::Code(words) => match pictures.last().and_then(|at| references.get_mut(*at)) {
                Some(picture) => picture.alt.push_str(&words),
                None => says |= !words.trim().is_empty(),
            },
            Event::InlineHtml(html) | Event::Html(html) => {
                says |= !html.trim_start().starts_with("<!--") && !html.trim().is_empty()
            }
            _ => {}
        }
    }
    (says, references)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> (Body, Vec<(&'static str, usize)>) {
        let source = Arc::new(Source::new("posts/a.md", text));
        let mut findings = Vec::new();
        let body = read(&source, text, 0, &mut findings);
        (body, findings.iter().map(|f| (f.code, f.place().line)).collect())
    }

    fn texts(parts: &[Text]) -> Vec<&str> {
        parts.iter().map(|part| part.markdown.as_str()).collect()
    }

    #[test]
    fn a_thread_with_variants_anywhere() {
        let text = "\nOne\n\n::: bluesky, mastodon/acme part 2\nOther two\n:::\n\nmore of one\n---\nTwo\n---\n\n::: linkedin\na\n---\nb\n:::\nThree\n";
        let (body, faults) = split(text);
        assert_eq!(faults, []);
        assert_eq!(texts(&body.parts), ["One\n\nmore of one", "Two", "Three"]);
        assert_eq!(body.variants[0].names, ["bluesky", "mastodon/acme"]);
        assert_eq!((body.variants[0].part, texts(&body.variants[0].parts)), (Some(2), vec!["Other two"]));
        assert_eq!((body.variants[1].part, texts(&body.variants[1].parts)), (None, vec!["a", "b"]));
        for part in body.parts.iter().chain(&body.variants[1].parts) {
            assert!(text[part.offset..].starts_with(&part.markdown[..3.min(part.markdown.len())]), "{part:?}");
        }
    }

    #[test]
    fn code_and_comments_separate_nothing() {
        for block in ["```\n---\n:::\n```", "~~~~ yaml\n---\n~~~\n~~~~", "<!--\n---\n-->"] {
            let (body, faults) = split(&format!("a\n\n{block}\n\nb\n"));
            assert_eq!((body.parts.len(), faults), (1, vec![]), "{block}");
        }
        assert_eq!(split("```a``` b\n---\nc\n").0.parts.len(), 2, "a code span is no fence");
        assert_eq!(split("a\r\n---\r\nb\r\n").0.parts.len(), 2);
    }

    #[test]
    fn an_empty_variant_sends_nothing() {
        assert_eq!(split("a\n::: x part 1\n\n:::\n").0.variants[0].parts, []);
    }

    #[test]
    fn variants_that_do_not_end() {
        assert_eq!(
            split("a\n::: x\nb\n::: y\nc\n:::\n:::\n").1,
            [("post/unclosed-variant", 2), ("post/stray-close", 7)]
        );
        let (body, findings) = split("a\n::: x\nb\n");
        assert_eq!(findings, [("post/unclosed-variant", 2)]);
        assert_eq!(body.variants[0].names, ["x"], "kept: the name may be wrong too");
        assert_eq!(split("a\n::: x part two\nb\n:::\n").1, [("post/variant-part", 2)]);
    }

    #[test]
    fn every_stretch_is_found_in_the_file_again() {
        let file = "---\nto: x\n---\nOne  \n\n::: bluesky\nmore\n```\n:::\n```\n:::\r\n\r\nmore\n::: x\n\n:::\nlast\n---\nTwo\n";
        let source = Arc::new(Source::new("posts/a.md", file));
        let body = read(&source, file, 14, &mut Vec::new());
        assert_eq!(texts(&body.parts), ["One\n\nmore\n\nlast", "Two"]);
        for text in body.parts.iter().chain(body.variants.iter().flat_map(|variant| &variant.parts)) {
            let stretches = stretches(file, text);
            let ends = stretches.iter().skip(1).map(|(at, _)| at - APART.len()).chain([text.markdown.len()]);
            for ((at, there), end) in stretches.iter().zip(ends) {
                assert_eq!(file[*there..there + end - at], text.markdown[*at..end]);
            }
        }
        assert_eq!(stretches(file, &body.parts[0]).len(), 3);
    }

    #[test]
    fn pictures_and_links_are_seen() {
        let text = Text { markdown: "<!-- x -->\n\n![a *b*](assets/x.png) [c](https://x.example)".into(), offset: 100 };
        let (says, references) = look(&text);
        assert!(says);
        assert_eq!((references[0].target.as_str(), references[0].alt.as_str()), ("assets/x.png", "a b"));
        assert_eq!(references[0].span, 112..134);
        assert!(!references[1].picture);
        assert!(!look(&Text { markdown: "<!-- write here -->".into(), offset: 0 }).0);
    }

    proptest! {
        #[test]
        fn every_text_lies_in_the_file(text in "(a|\n|---\n|:::|::: x\n|part 2|```\n|<!--|-->| |é|\r\n|,)*") {
            let (body, _) = split(&text);
            prop_assert!(!body.parts.is_empty());
            for part in body.parts.iter().chain(body.variants.iter().flat_map(|v| &v.parts)) {
                prop_assert!(text.get(part.offset..).is_some());
                look(part);
                prop_assert!(stretches(&text, part).iter().all(|(_, at)| text.is_char_boundary(*at)));
            }
        }
    }
}
