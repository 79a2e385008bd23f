//! Reads a workflow file.
//!
//! Forges read such files more generously than greenlit reads posts: anchors, aliases and merge keys are resolved here,
//! and a key is always a text, so that `on:` stays what it says (YAML 1.1 takes it for a truth value). Nothing is decided by
//! what is read: `ci doctor` only tells.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::node::{Entry, Node, Span, Value};
use crate::workspace::{Finding, Source};

/// Tables and lists inside each other.
const DEEPEST: usize = 48;
/// Values in one file, with those that aliases repeat.
const MOST_NODES: usize = 20_000;

/// Reads a file: its last document, for GitLab puts a header before the one that counts.
///
/// # Errors
/// When it is no YAML, or more than any workflow needs.
pub fn read(source: &Source, file: usize) -> Result<Option<Document>, Fault> {
    let mut reader = Reader::new(source, file);
    for event in Parser::new_from_str(&source.text) {
        match event {
            Ok((event, span)) => reader.take(event, span)?,
            Err(error) => {
                let at = reader.byte(error.marker().index());
                return Err(Fault::new(at, format!("this is no YAML: {}", error.info())));
            }
        }
    }
    let twice = reader.twice;
    Ok(reader.root.map(|root| Document { root, twice }))
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub root: Node,
    /// The keys that stand twice in one table, where they stand again.
    pub twice: Vec<(String, Span)>,
}

/// Why a file cannot be read, and from which byte on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    at: usize,
    message: String,
}

impl Fault {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// What people are told of it.
    pub fn finding(self, source: &Arc<Source>) -> Finding {
        let rest = source.text.get(self.at..).unwrap_or_default();
        let end = self.at + rest.find(['\n', '\r']).unwrap_or(rest.len());
        Finding::error("ci/unreadable", source, self.at..end, self.message)
            .label("the reader stopped here")
            .help("correct it: the forge runs nothing of a file that it cannot read")
    }
}

/// A list or table that is not complete yet.
enum Open {
    List {
        span: Range<usize>,
        anchor: usize,
        items: Vec<Node>,
        /// Whether it is a `!reference`.
        refers: bool,
    },
    Table {
        span: Range<usize>,
        anchor: usize,
        entries: Vec<Entry>,
        merged: Vec<Node>,
        key: Option<(String, Span)>,
    },
}

fn is_reference(tag: &Tag) -> bool {
    tag.suffix == "reference"
}

fn too_large(at: usize) -> Fault {
    Fault::new(at, format!("more than {MOST_NODES} values, or more than {DEEPEST} levels deep"))
}

struct Reader<'s> {
    source: &'s Source,
    /// The byte offset of each character: the parser counts characters.
    bytes: Vec<usize>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    nodes: usize,
    file: usize,
    twice: Vec<(String, Span)>,
}

impl<'s> Reader<'s> {
    fn new(source: &'s Source, file: usize) -> Self {
        let bytes = source.text.char_indices().map(|(at, _)| at).collect();
        Self { source, bytes, open: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0, file, twice: Vec::new() }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.source.text.len())
    }

    fn span(&self, bytes: Range<usize>) -> Span {
        Span { file: self.file, start: bytes.start, end: bytes.end }
    }

    fn place(&self, span: saphyr_parser::Span) -> Range<usize> {
        let (start, end) = (self.byte(span.start.index()), self.byte(span.end.index()));
        let text = self.source.text.get(start..end).unwrap_or_default();
        let start = start + (text.len() - text.trim_start().len());
        start..(start + text.trim().len())
    }

    /// The end of a text in quotes: the parser counts the comment behind it in.
    fn quote_end(&self, start: usize) -> Option<usize> {
        let written = self.source.text.get(start..)?;
        let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut escaped = false;
        // In single quotes, a quote is written twice.
        let mut chars = written.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quote == '"' => escaped = true,
                c if c == quote && chars.peek().is_some_and(|(_, next)| quote == '\'' && *next == quote) => {
                    escaped = true
                }
                c if c == quote => return Some(start + at + 1),
                _ => {}
            }
        }
        None
    }

    fn take(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> Result<(), Fault> {
        let place = self.place(span);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let place = place.start..place.end.min(self.quote_end(place.start).unwrap_or(place.end));
                let span = self.span(place);
                self.node(Node { value: Value::Scalar { text: text.into_owned(), plain }, span }, anchor)
            }
            Event::Alias(anchor) => {
                // One that is not complete yet would hold itself.
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Fault::new(place.start, "an alias stands here that names nothing"));
                };
                self.nodes += node.size();
                if self.open.len() + node.depth() > DEEPEST {
                    return Err(too_large(place.start));
                }
                self.node(node, 0)
            }
            Event::SequenceStart(anchor, tag) => {
                let refers = tag.is_some_and(|tag| is_reference(&tag));
                self.descend(Open::List { span: place, anchor, items: Vec::new(), refers })
            }
            Event::MappingStart(anchor, _) => {
                self.descend(Open::Table { span: place, anchor, entries: Vec::new(), merged: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { span, anchor, items, refers }) => {
                    let end = items.last().map_or(span.end, |item| item.span.end).max(place.end);
                    let span = self.span(span.start..end.max(span.end));
                    let names = || items.iter().filter_map(Node::text).map(str::to_owned).collect();
                    let value = if refers { Value::Reference(names()) } else { Value::List(items) };
                    self.node(Node { value, span }, anchor)
                }
                Some(Open::Table { span, anchor, mut entries, merged, .. }) => {
                    for entry in merged.iter().flat_map(Node::items).flat_map(Node::entries) {
                        if !entries.iter().any(|own| own.key == entry.key) {
                            entries.push(entry.clone());
                        }
                    }
                    let start = entries.first().map_or(span.start, |entry| entry.span.start.min(span.start));
                    let end = place.end.max(span.end).max(start);
                    let span = self.span(start..end);
                    self.node(Node { value: Value::Table(entries), span }, anchor)
                }
                None => Ok(()),
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn descend(&mut self, open: Open) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            let (Open::List { span, .. } | Open::Table { span, .. }) = open;
            return Err(too_large(span.start));
        }
        self.open.push(open);
        Ok(())
    }

    /// Puts a complete node where it belongs.
    fn node(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(too_large(node.span.start));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Table { key: slot @ None, .. }) => {
                // What is no text is no key that a forge knows.
                let text = node.text().unwrap_or_default().to_owned();
                *slot = Some((text, node.span));
            }
            Some(Open::Table { key, entries, merged, .. }) => {
                let Some((key, span)) = key.take() else { return Ok(()) };
                if key == "<<" {
                    merged.push(node);
                    return Ok(());
                }
                // Of a key that is there twice, the last counts.
                if entries.iter().any(|entry| entry.key == key) {
                    entries.retain(|entry| entry.key != key);
                    self.twice.push((key.clone(), span));
                }
                let value = if node.span.is_empty() { Node { span, ..node } } else { node };
                entries.push(Entry { key, span, value });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(text: &str) -> Node {
        read(&Source::new("ci.yml", text), 0).unwrap().unwrap().root
    }

    #[test]
    fn on_is_a_text_and_aliases_stand_for_what_they_name() {
        let root = tree("on: push\nbase: &base\n  a: 1\n  b: 2\njob:\n  <<: *base\n  b: 3\nlist: [*base]\n");
        assert_eq!(root.get("on").and_then(Node::text), Some("push"));
        let job = root.get("job").unwrap();
        assert_eq!((job.get("a").and_then(Node::text), job.get("b").and_then(Node::text)), (Some("1"), Some("3")));
        assert_eq!(root.get("list").unwrap().items()[0].get("b").and_then(Node::text), Some("2"));
    }

    #[test]
    fn words_are_found_where_they_stand() {
        let text = "jobs:\n  a:\n    run: |\n      echo one\n      greenlit publish\n";
        let (root, source) = (tree(text), Source::new("ci.yml", text));
        let run = root.get("jobs").and_then(|jobs| jobs.get("a")).and_then(|job| job.get("run")).unwrap();
        let place = source.place(run.place_of(&source, "greenlit publish").start);
        assert_eq!((place.line, place.column), (5, 7));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let one = format!("*a{}, ", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", one.repeat(10));
        }
        assert!(read(&Source::new("ci.yml", text), 0).is_err());
        let deep = format!("a: {}{}", "[".repeat(500), "]".repeat(500));
        assert!(read(&Source::new("ci.yml", deep), 0).is_err());
        assert!(read(&Source::new("ci.yml", "a: *none\n"), 0).is_err());
    }

    proptest! {
        #[test]
        fn any_text_ends_with_an_answer(text in "(a|on|: |\n|  |- |\\[|\\]|\\{|\\}|,|\"|'|#|\\||>|&x |\\*x|!t |%|é|\\?|\t|---|<<|~|1)*") {
            let source = Source::new("ci.yml", text);
            if let Ok(Some(document)) = read(&source, 0) {
                for (words, node) in document.root.texts() {
                    let place = node.place_of(&source, words);
                    prop_assert!(source.text.get(place.start..place.end).is_some());
                }
            }
        }
    }
}
