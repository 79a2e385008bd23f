//! Front matter: the only file that names `serde_yaml`.
//!
//! `serde_yaml` alone says what the text means; `saphyr-parser` says where each thing stands, and what of YAML is
//! refused. Where the two do not see the same shape the text is refused: what a person reads must be what is sent.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::Value;

use super::finding::Finding;
use super::located::{Content, Located, Placed};
use super::source::Source;
use super::suggest;

/// Tables and lists inside each other.
const DEEPEST: usize = 12;
/// Values in one front matter.
const MOST_NODES: usize = 5_000;
/// Findings of one kind in one front matter.
const MOST_FINDINGS: usize = 50;

/// Reads the bytes `range` of `text`, which stands in `source` at the same offsets. `None` where it has no meaning. `what`
/// it is, messages say.
pub fn read(
    source: &Arc<Source>,
    text: &str,
    range: Range<usize>,
    what: &'static str,
    findings: &mut Vec<Finding>,
) -> Option<Located> {
    let yaml = text.get(range.clone())?;
    let before = findings.len();
    let shape = Shaper::new(source, yaml, range.start, what, findings).run();
    let shape = match shape {
        Ok(shape) => shape,
        Err(Stop) => return None,
    };
    let value = match serde_yaml::from_str::<Value>(yaml) {
        Ok(value) => value,
        // What was refused above already says why this fails.
        Err(_) if findings.len() > before => return None,
        Err(error) => {
            let at = range.start + error.location().map_or(0, |place| place.index().min(yaml.len()));
            findings.push(syntax(source, at, &error.to_string()));
            return None;
        }
    };
    let whole = range.start..range.start;
    match shape {
        None if value.is_null() => Some(Located::empty_table(whole)),
        Some(shape) => {
            let located = join(shape, value);
            if located.is_none() {
                findings.push(
                    Finding::error("yaml/ambiguous", source, range, "this YAML can be read in two ways")
                        .label("here")
                        .help("put texts with special characters into quotes"),
                );
            }
            located
        }
        None => None,
    }
}

/// A refusal after which reading on makes no sense; the finding is made.
struct Stop;

/// What the events say: the shape and the places, not the meaning.
enum Shape {
    Scalar(Range<usize>),
    List(Range<usize>, Vec<Shape>),
    Table(Range<usize>, Vec<(Placed<String>, Shape)>),
}

/// A list or table that is not complete yet.
enum Open {
    List(Range<usize>, Vec<Shape>),
    Table { span: Range<usize>, entries: Vec<(Placed<String>, Shape)>, key: Option<Placed<String>> },
}

struct Shaper<'a> {
    source: &'a Arc<Source>,
    yaml: &'a str,
    /// Where the YAML begins in the file.
    start: usize,
    /// What is read, for messages.
    what: &'static str,
    /// The byte offset of each character: the parser counts characters.
    bytes: Vec<usize>,
    findings: &'a mut Vec<Finding>,
    open: Vec<Open>,
    root: Option<Shape>,
    nodes: usize,
    documents: usize,
    /// The byte after the last event, where the next node's anchor and tag can begin.
    seen: usize,
    refused: bool,
}

impl<'a> Shaper<'a> {
    fn new(
        source: &'a Arc<Source>,
        yaml: &'a str,
        start: usize,
        what: &'static str,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let bytes = yaml.char_indices().map(|(at, _)| at).collect();
        Self {
            source,
            yaml,
            start,
            what,
            bytes,
            findings,
            open: Vec::new(),
            root: None,
            nodes: 0,
            documents: 0,
            seen: 0,
            refused: false,
        }
    }

    /// The shape; `Ok(None)` for a text without any value.
    fn run(mut self) -> Result<Option<Shape>, Stop> {
        for event in Parser::new_from_str(self.yaml) {
            match event {
                Ok((event, span)) => self.take(event, span)?,
                Err(error) => {
                    let at = self.start + self.byte(error.marker().index());
                    self.findings.push(syntax(self.source, at, error.info()));
                    return Err(Stop);
                }
            }
        }
        if self.refused { Err(Stop) } else { Ok(self.root) }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.yaml.len())
    }

    /// A span in bytes of the YAML, without the white space around it.
    fn trimmed(&self, span: Span) -> Range<usize> {
        let (start, end) = (self.byte(span.start.index()), self.byte(span.end.index()));
        let text = self.yaml.get(start..end).unwrap_or_default();
        let start = start + (text.len() - text.trim_start().len());
        start..(start + text.trim().len())
    }

    /// A span in bytes of the file.
    fn in_file(&self, span: &Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        let place = self.trimmed(span);
        let here = self.in_file(&place);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.refuse("yaml/documents", here, "is one document", "remove the line `...`");
                    return Err(Stop);
                }
            }
            Event::Alias(_) => {
                self.refuse("yaml/alias", here, "takes no aliases", "write the value out");
                self.node(Shape::Scalar(self.in_file(&place)), String::new())?;
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.decorations(&place, anchor, tag.is_some());
                if text == "<<" && style == ScalarStyle::Plain && self.wants_key() {
                    self.refuse("yaml/merge", here.clone(), "takes no merge keys", "write the keys out");
                }
                self.node(Shape::Scalar(here), text.into_owned())?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.decorations(&place, anchor, tag.is_some());
                self.descend(Open::List(here, Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.decorations(&place, anchor, tag.is_some());
                self.descend(Open::Table { span: here, entries: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(span, items)) => {
                    self.node(Shape::List(span.start..here.end.max(span.end), items), String::new())?;
                }
                Some(Open::Table { span, entries, .. }) => {
                    self.node(Shape::Table(span.start..here.end.max(span.end), entries), String::new())?;
                }
                None => {}
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        self.seen = self.seen.max(place.end);
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Table { key: None, .. }))
    }

    fn descend(&mut self, open: Open) -> Result<(), Stop> {
        if self.wants_key() {
            let (Open::List(span, _) | Open::Table { span, .. }) = open;
            self.refuse("yaml/key", span, "takes only text as keys", "write the key as one word");
            return Err(Stop);
        }
        if self.open.len() >= DEEPEST {
            let (Open::List(span, _) | Open::Table { span, .. }) = open;
            let message = format!("this is more than {DEEPEST} levels deep");
            self.findings.push(
                Finding::error("yaml/too-deep", self.source, span, message)
                    .label("too deep")
                    .help(format!("{} needs two or three levels", self.what)),
            );
            return Err(Stop);
        }
        self.open.push(open);
        Ok(())
    }

    /// Puts a complete node where it belongs; `text` is a scalar's.
    fn node(&mut self, shape: Shape, text: String) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let at = self.start + self.seen;
            let message = format!("{} has more than {MOST_NODES} values", self.what);
            self.findings.push(
                Finding::error("yaml/too-large", self.source, at..at, message)
                    .label("the reader stopped here")
                    .help("split the file"),
            );
            return Err(Stop);
        }
        match self.open.last_mut() {
            None => self.root = Some(shape),
            Some(Open::List(_, items)) => items.push(shape),
            Some(Open::Table { key: slot @ None, .. }) => {
                if let Shape::Scalar(span) = shape {
                    *slot = Some(Placed::new(text, span));
                }
            }
            Some(Open::Table { key, .. }) => {
                let Some(key) = key.take() else { return Ok(()) };
                self.entry(key, shape);
            }
        }
        Ok(())
    }

    /// Adds an entry to the innermost table; of a key that is there twice the last stays, as `serde_yaml` has it.
    fn entry(&mut self, key: Placed<String>, shape: Shape) {
        let Some(Open::Table { entries, .. }) = self.open.last_mut() else { return };
        let Some(twin) = entries.iter().position(|(other, _)| other.value == key.value) else {
            entries.push((key, shape));
            return;
        };
        let (first, _) = entries.remove(twin);
        let message = format!("{} stands here a second time", suggest::quote(&key.value));
        let line = self.source.place(first.span.start).line;
        self.findings.push(
            Finding::error("yaml/duplicate-key", self.source, key.span.clone(), message)
                .label("again")
                .help(format!("keep one of them; the first is in line {line}")),
        );
        entries.push((key, shape));
    }

    /// Refuses anchors and tags, which stand behind the event before, in front of the node or at its beginning.
    fn decorations(&mut self, node: &Range<usize>, anchor: usize, tagged: bool) {
        if anchor == 0 && !tagged {
            return;
        }
        let from = self.seen.min(node.start);
        let between = self.yaml.get(from..node.end).unwrap_or_default();
        let word = |sign: char| {
            let at = between.find(sign).map(|at| from + at)?;
            let rest = self.yaml.get(at..)?;
            let length = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}')).unwrap_or(rest.len());
            Some(self.start + at..self.start + at + length)
        };
        let (anchored, tag) = (word('&'), word('!'));
        let node = self.in_file(node);
        if anchor != 0 {
            let span = anchored.unwrap_or_else(|| node.clone());
            self.refuse("yaml/anchor", span, "takes no anchors", "remove it, and write the value out");
        }
        if tagged {
            let span = tag.unwrap_or(node);
            self.refuse("yaml/tag", span, "takes no tags", "remove the tag, or put the text in quotes");
        }
    }

    fn refuse(&mut self, code: &'static str, span: Range<usize>, message: &str, help: &str) {
        self.refused = true;
        let message = format!("{} {message}", self.what);
        if self.findings.iter().filter(|finding| finding.code == code).count() < MOST_FINDINGS {
            self.findings.push(Finding::error(code, self.source, span, message).label("refused").help(help));
        }
    }
}

fn syntax(source: &Arc<Source>, at: usize, why: &str) -> Finding {
    // The line's rest is what the parser could not read.
    let rest = source.text.get(at..).unwrap_or_default();
    let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
    if let Some(tab) = why.contains("tab").then(|| tab_in_indent(&source.text, at)).flatten() {
        return Finding::error("yaml/syntax", source, tab, "YAML takes no tabs in indents")
            .label("a tab")
            .help("indent with spaces");
    }
    let why: Cow<'_, str> = match why.split_once(" at line ") {
        Some((why, _)) => Cow::Borrowed(why),
        None => Cow::Borrowed(why),
    };
    Finding::error("yaml/syntax", source, at..at + length, format!("this is no YAML: {why}"))
        .label("the reader stopped here")
        .help(
            "check colons, quotes and indents; a text with `: `, `#` or a leading `[`, `{`, `@`, `*`, `&` needs quotes",
        )
}

/// The tabs that begin a line or stand in its indent: the line of a byte, or the next one, where the reader stops early.
fn tab_in_indent(text: &str, at: usize) -> Option<Range<usize>> {
    let mut start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    for line in text.get(start..)?.split_inclusive('\n').take(2) {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let tabs = line.get(spaces..)?.len() - line.get(spaces..)?.trim_start_matches('\t').len();
        if tabs > 0 {
            return Some(start + spaces..start + spaces + tabs);
        }
        start += line.len();
    }
    None
}

/// Puts meaning and places together; `None` where the shapes differ.
fn join(shape: Shape, value: Value) -> Option<Located> {
    Some(match (shape, value) {
        (Shape::Scalar(span), value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))) => {
            Located { content: Content::Scalar(value), span }
        }
        (Shape::List(span, shapes), Value::Array(values)) if shapes.len() == values.len() => {
            let items = shapes.into_iter().zip(values).map(|(shape, value)| join(shape, value));
            Located { content: Content::List(items.collect::<Option<_>>()?), span }
        }
        (Shape::Table(span, shapes), Value::Object(mut values)) if shapes.len() == values.len() => {
            let entries = shapes.into_iter().map(|(key, shape)| {
                let value = values.remove(&key.value)?;
                let mut located = join(shape, value)?;
                if located.span.is_empty() {
                    located.span = key.span.clone();
                }
                Some((key, located))
            });
            Located { content: Content::Table(entries.collect::<Option<_>>()?), span }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look(text: &str) -> (Option<Located>, Vec<(&'static str, String)>) {
        let source = Arc::new(Source::new("posts/a.md", text));
        let mut findings = Vec::new();
        let located = read(&source, text, 0..text.len(), "front matter", &mut findings);
        let faults = findings.into_iter().map(|f| (f.code, text[f.span].to_owned())).collect();
        (located, faults)
    }

    fn spans(located: &Located, text: &str, out: &mut Vec<(String, String)>) {
        match &located.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.iter().for_each(|item| spans(item, text, out)),
            Content::Table(entries) => {
                for (key, value) in entries {
                    out.push((text[key.span.clone()].to_owned(), text[value.span.clone()].to_owned()));
                    spans(value, text, out);
                }
            }
        }
    }

    #[test]
    fn every_value_knows_its_place() {
        for newline in ["\n", "\r\n"] {
            let text = "título: 秋の発売 # why\n\"to\": [bluesky/acme, 'x y']\nlist:\n  - a: 1\n    b: |\n      x\n      y\nend: \"q\"\n"
                .replace('\n', newline);
            let (located, faults) = look(&text);
            assert_eq!(faults, []);
            let mut found = Vec::new();
            spans(&located.unwrap(), &text, &mut found);
            let block = format!("|{newline}      x{newline}      y");
            let item = format!("a: 1{newline}    b: {block}");
            let got: Vec<(&str, &str)> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(got[0], ("título", "秋の発売"));
            assert_eq!(got[1], ("\"to\"", "[bluesky/acme, 'x y']"));
            assert!(got[2].0 == "list", "{got:?} {item}");
            assert_eq!(got[3], ("a", "1"));
            assert_eq!(got[4].0, "b");
            assert_eq!(got.last(), Some(&("end", "\"q\"")));
        }
    }

    #[test]
    fn what_can_mean_something_else_is_refused() {
        assert_eq!(look("a: &x 1\nb: *x\n").1, [("yaml/anchor", "&x".to_owned()), ("yaml/alias", "*x".to_owned())]);
        assert_eq!(look("a: !!str 1\n").1, [("yaml/tag", "!!str".to_owned())]);
        assert_eq!(look("<<: {a: 1}\n").1, [("yaml/merge", "<<".to_owned())]);
        assert_eq!(look("a: 1\n...\nb: 2\n").1[0].0, "yaml/documents");
        assert_eq!(look("a: 1\nb: 2\na: 3\na: 4\n").1, vec![("yaml/duplicate-key", "a".to_owned()); 2]);
        assert_eq!(look("a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n").1[0].0, "yaml/too-deep");
        assert_eq!(look(&format!("a: [{}]\n", "1, ".repeat(6000))).1[0].0, "yaml/too-large");
        assert_eq!(look("{a: 1}: 2\n").1[0].0, "yaml/key");
        assert_eq!(look("a: b: c\n").1[0].0, "yaml/syntax");
        assert_eq!(look("a: \"b\n").1[0].0, "yaml/syntax");
    }

    #[test]
    fn a_tab_in_an_indent_is_marked_itself() {
        for (text, place) in [("a:\n\t- b\n", 3..4), ("a:\n  - b\n\t- c\n", 9..10), ("a:\n  b: 1\n \t c: 2\n", 11..12)]
        {
            let source = Arc::new(Source::new("posts/a.md", text));
            let mut findings = Vec::new();
            read(&source, text, 0..text.len(), "front matter", &mut findings);
            assert_eq!(
                (findings[0].span.clone(), findings[0].help.as_str()),
                (place, "indent with spaces"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn nothing_is_an_empty_table() {
        assert_eq!(look("").0, Some(Located::empty_table(0..0)));
        assert_eq!(look("# only a comment\n").0, Some(Located::empty_table(0..0)));
    }

    proptest! {
        #[test]
        fn any_text_ends_with_an_answer(text in "(a|b|: |\n|  |- |\\[|\\]|\\{|\\}|,|\"|'|#|\\||>|&x|\\*x|!t|%|é|\\?|\t|---|<<|~|1)*") {
            let (located, _) = look(&text);
            if let Some(located) = located {
                spans(&located, &text, &mut Vec::new());
            }
        }
    }
}
