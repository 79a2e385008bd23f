//! What a workflow file says, as a tree of values, each with its place.

use crate::workspace::Source;

/// A place in one of the files that are examined together: what one takes over from another keeps its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which of the files.
    pub file: usize,
    /// Bytes of its text.
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// A value with the place that says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    pub span: Span,
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
    /// GitLab's `!reference [job, key]`.
    Reference(Vec<String>),
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub span: Span,
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
            Value::Reference(names) => names.is_empty(),
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
                Value::Reference(_) => {}
            }
        }
        found
    }

    /// Every line of every table in it, at any depth.
    pub fn all_entries(&self) -> Vec<&Entry> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match &node.value {
                Value::Scalar { .. } | Value::Reference(_) => {}
                Value::List(items) => open.extend(items.iter().rev()),
                Value::Table(entries) => {
                    found.extend(entries);
                    open.extend(entries.iter().rev().map(|entry| &entry.value));
                }
            }
        }
        found
    }

    /// The same with the lines of a table that are missing in it added, and those of tables that both have.
    pub fn over(&self, below: &Node) -> Node {
        let (Value::Table(own), Value::Table(others)) = (&self.value, &below.value) else { return self.clone() };
        let mut entries = own.clone();
        for other in others {
            match entries.iter_mut().find(|entry| entry.key == other.key) {
                Some(entry) => entry.value = entry.value.over(&other.value),
                None => entries.push(other.clone()),
            }
        }
        Node { value: Value::Table(entries), span: self.span }
    }

    /// The same with another text in the place of each.
    pub fn with_texts(&self, change: &dyn Fn(&str) -> Option<String>) -> Node {
        let value = match &self.value {
            Value::Scalar { text, plain } => {
                Value::Scalar { text: change(text).unwrap_or_else(|| text.clone()), plain: *plain }
            }
            Value::List(items) => Value::List(items.iter().map(|item| item.with_texts(change)).collect()),
            Value::Table(entries) => {
                let line = |entry: &Entry| Entry { value: entry.value.with_texts(change), ..entry.clone() };
                Value::Table(entries.iter().map(line).collect())
            }
            Value::Reference(names) => Value::Reference(names.clone()),
        };
        Node { value, span: self.span }
    }

    /// The same with a line of its table replaced, or added.
    pub fn with_entry(&self, key: &str, span: Span, value: Node) -> Node {
        let mut entries: Vec<Entry> = self.entries().iter().filter(|entry| entry.key != key).cloned().collect();
        entries.push(Entry { key: key.to_owned(), span, value });
        Node { value: Value::Table(entries), span: self.span }
    }

    /// The place of some words inside it; its first line where they are written otherwise, with escapes or folded.
    pub fn place_of(&self, source: &Source, words: &str) -> Span {
        let Span { file, start, end } = self.span;
        let written = source.text.get(start..end).unwrap_or_default();
        if let Some(at) = written.find(words).filter(|_| !words.is_empty()) {
            return Span { file, start: start + at, end: start + at + words.len() };
        }
        Span { file, start, end: start + written.find('\n').unwrap_or(written.len()) }
    }

    pub(super) fn size(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } | Value::Reference(_) => 1,
            Value::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Value::Table(entries) => 1 + entries.iter().map(|entry| entry.value.size()).sum::<usize>(),
        }
    }

    pub(super) fn depth(&self) -> usize {
        let inner = match &self.value {
            Value::Scalar { .. } | Value::Reference(_) => 0,
            Value::List(items) => items.iter().map(Node::depth).max().unwrap_or(0),
            Value::Table(entries) => entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        };
        1 + inner
    }
}
