//! A workflow file as a tree of values, each with its place.
//!
//! Forges read such files more generously than greenlit reads posts: anchors, aliases and merge keys are resolved here,
//! and a key is always a text, so that `on:` stays what it says (YAML 1.1 takes it for a truth value). Nothing is decided by
//! what is read: `ci doctor` only tells.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::workspace::{Finding, Source};

/// Tables and lists inside each other.
const DEEPEST: usize = 48;
/// Values in one file, with those that aliases repeat.
const MOST_NODES: usize = 20_000;

/// A value with the bytes of the file that say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Whatever is no list and no table, as it is written. `plain`: without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub span: Range<usize>,
    pub value: Node,
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it says yes, as YAML or as a text.
    pub fn is_true(&self) -> bool {
        self.text().is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    /// Whether it says no.
    pub fn is_false(&self) -> bool {
        self.text().is_some_and(|text| text.trim().eq_ignore_ascii_case("false"))
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain } => text.is_empty() || *plain && matches!(text.as_str(), "~" | "null"),
            Value::List(items) => items.is_empty(),
            Value::Table(entries) => entries.is_empty(),
        }
    }

    /// The items of a list; a value that is no list is the only one.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ if self.is_empty() => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The lines of a table.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The line of a table with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Every text in it, at any depth.
    pub fn texts(&self) -> Vec<(&str, &Node)> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match &node.value {
                Value::Scalar { text, .. } => found.push((text.as_str(), node)),
                Value::List(items) => open.extend(items.iter().rev()),
                Value::Table(entries) => open.extend(entries.iter().rev().map(|entry| &entry.value)),
            }
        }
        found
    }

    /// The place of some words inside it; its first line where they are written otherwise, with escapes or folded.
    pub fn place_of(&self, source: &Source, words: &str) -> Range<usize> {
        let written = source.text.get(self.span.clone()).unwrap_or_default();
        if let Some(at) = written.find(words).filter(|_| !words.is_empty()) {
            return self.span.start + at..self.span.start + at + words.len();
        }
        self.span.start..self.span.start + written.find('\n').unwrap_or(written.len())
    }

    fn size(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Value::Table(entries) => 1 + entries.iter().map(|entry| entry.value.size()).sum::<usize>(),
        }
    }

    fn depth(&self) -> usize {
        let inner = match &self.value {
            Value::Scalar { .. } => 0,
            Value::List(items) => items.iter().map(Node::depth).max().unwrap_or(0),
            Value::Table(entries) => entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        };
        1 + inner
    }
}

/// Reads a file: its last document, for GitLab puts a header before the one that counts.
///
/// # Errors
/// When it is no YAML, or more than any workflow needs.
pub fn read(source: &Source) -> Result<Option<Node>, Fault> {
    let mut reader = Reader::new(source);
    for event in Parser::new_from_str(&source.text) {
        match event {
            Ok((event, span)) => reader.take(event, span)?,
            Err(error) => {
                let at = reader.byte(error.marker().index());
                return Err(Fault::new(at, format!("this is no YAML: {}", error.info())));
            }
        }
    }
    Ok(reader.root)
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
    },
    Table {
        span: Range<usize>,
        anchor: usize,
        entries: Vec<Entry>,
        merged: Vec<Node>,
        key: Option<(String, Range<usize>)>,
    },
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
}

impl<'s> Reader<'s> {
    fn new(source: &'s Source) -> Self {
        let bytes = source.text.char_indices().map(|(at, _)| at).collect();
        Self { source, bytes, open: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0 }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.source.text.len())
    }

    fn place(&self, span: Span) -> Range<usize> {
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

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let place = self.place(span);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let place = place.start..place.end.min(self.quote_end(place.start).unwrap_or(place.end));
                self.node(Node { value: Value::Scalar { text: text.into_owned(), plain }, span: place }, anchor)
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
            Event::SequenceStart(anchor, _) => self.descend(Open::List { span: place, anchor, items: Vec::new() }),
            Event::MappingStart(anchor, _) => {
                self.descend(Open::Table { span: place, anchor, entries: Vec::new(), merged: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { span, anchor, items }) => {
                    let end = items.last().map_or(span.end, |item| item.span.end).max(place.end);
                    self.node(Node { value: Value::List(items), span: span.start..end.max(span.end) }, anchor)
                }
                Some(Open::Table { span, anchor, mut entries, merged, .. }) => {
                    for entry in merged.iter().flat_map(Node::items).flat_map(Node::entries) {
                        if !entries.iter().any(|own| own.key == entry.key) {
                            entries.push(entry.clone());
                        }
                    }
                    let start = entries.first().map_or(span.start, |entry| entry.span.start.min(span.start));
                    let end = place.end.max(span.end).max(start);
                    self.node(Node { value: Value::Table(entries), span: start..end }, anchor)
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
                entries.retain(|entry| entry.key != key);
                let value = if node.span.is_empty() { Node { span: span.clone(), ..node } } else { node };
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
        read(&Source::new("ci.yml", text)).unwrap().unwrap()
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
        assert!(read(&Source::new("ci.yml", text)).is_err());
        let deep = format!("a: {}{}", "[".repeat(500), "]".repeat(500));
        assert!(read(&Source::new("ci.yml", deep)).is_err());
        assert!(read(&Source::new("ci.yml", "a: *none\n")).is_err());
    }

    proptest! {
        #[test]
        fn any_text_ends_with_an_answer(text in "(a|on|: |\n|  |- |\\[|\\]|\\{|\\}|,|\"|'|#|\\||>|&x |\\*x|!t |%|é|\\?|\t|---|<<|~|1)*") {
            let source = Source::new("ci.yml", text);
            if let Ok(Some(root)) = read(&source) {
                for (words, node) in root.texts() {
                    prop_assert!(source.text.get(node.place_of(&source, words)).is_some());
                }
            }
        }
    }
}
