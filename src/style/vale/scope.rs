//! `scope`: which stretches of a text a rule of Vale looks at.

use std::ops::Range;

use crate::style::prose::{BlockKind, Mark, Prose};

/// A stretch of a text that a rule looks at as a whole.
#[derive(Debug, Clone)]
pub struct Unit<'a> {
    /// Its words.
    pub text: &'a str,
    /// Where they begin in the prose, or in the Markdown.
    pub start: usize,
}

/// The stretches that a rule looks at: those of any of its selectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Vec<Selector>);

/// One selector: `text`, `heading.h2`, `~heading`, `sentence & ~heading`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Selector {
    whole: Whole,
    must: Vec<Part>,
    must_not: Vec<Part>,
}

/// What is taken as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Whole {
    #[default]
    Block,
    Sentence,
    Summary,
    Raw,
    Marked(Mark),
}

/// A kind of block that a selector asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Paragraph,
    Heading,
    Level(u8),
    List,
    Quote,
}

/// Parts of Vale's documents that no post has.
const NOWHERE: [&str; 9] = ["table", "comment", "code", "alt", "figure", "title", "doc", "attr", "figcaption"];

impl Scope {
    /// Reads selectors. Without any it is `text`.
    ///
    /// # Errors
    /// The part that is unknown, or that no post has.
    pub fn new(selectors: &[String]) -> Result<Self, String> {
        if selectors.is_empty() {
            return Ok(Self(vec![Selector::default()]));
        }
        selectors.iter().map(|selector| selector_of(selector)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether it looks at the Markdown itself.
    pub fn is_raw(&self) -> bool {
        self.0.iter().any(|selector| selector.whole == Whole::Raw)
    }

    /// The stretches of a text.
    pub fn units<'a>(&self, prose: &'a Prose<'_>) -> Vec<Unit<'a>> {
        if self.is_raw() {
            return vec![Unit { text: prose.markdown, start: 0 }];
        }
        let mut ranges: Vec<&Range<usize>> = Vec::new();
        let whole = 0..prose.text.len();
        for selector in &self.0 {
            match selector.whole {
                Whole::Block => {
                    let blocks = prose.blocks.iter().filter(|block| selector.takes(block.kind));
                    ranges.extend(blocks.map(|block| &block.range));
                }
                Whole::Sentence => {
                    let sentences = prose.sentences.iter().filter(|sentence| selector.takes(sentence.kind));
                    ranges.extend(sentences.map(|sentence| &sentence.range));
                }
                Whole::Marked(mark) => {
                    ranges.extend(prose.marked.iter().filter(|marked| marked.mark == mark).map(|marked| &marked.range));
                }
                Whole::Summary => ranges.push(&whole),
                Whole::Raw => {}
            }
        }
        ranges.sort_by_key(|range| (range.start, range.end));
        ranges.dedup();
        ranges
            .into_iter()
            .map(|range| Unit { text: prose.at(range), start: range.start })
            .filter(|unit| !unit.text.trim().is_empty())
            .collect()
    }
}

impl Selector {
    fn takes(&self, kind: BlockKind) -> bool {
        let is = |part: &Part| match (part, kind) {
            (Part::Level(level), BlockKind::Heading(there)) => *level == there,
            (Part::Paragraph, BlockKind::Paragraph)
            | (Part::Heading, BlockKind::Heading(_))
            | (Part::List, BlockKind::Item)
            | (Part::Quote, BlockKind::Quote) => true,
            _ => false,
        };
        self.must.iter().all(is) && !self.must_not.iter().any(is)
    }
}

fn selector_of(text: &str) -> Result<Selector, String> {
    let mut selector = Selector::default();
    for part in text.split('&') {
        let part = part.trim();
        let (negated, part) = part.strip_prefix('~').map_or((false, part), |part| (true, part.trim()));
        for name in part.split('.') {
            let asked = match name {
                // The format is the same everywhere.
                "text" | "md" => continue,
                "paragraph" => Part::Paragraph,
                "heading" => Part::Heading,
                "list" => Part::List,
                "blockquote" => Part::Quote,
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                    Part::Level(name.trim_start_matches('h').parse().unwrap_or_default())
                }
                "raw" if !negated => {
                    selector.whole = Whole::Raw;
                    continue;
                }
                "sentence" if !negated => {
                    selector.whole = Whole::Sentence;
                    continue;
                }
                "summary" if !negated => {
                    selector.whole = Whole::Summary;
                    continue;
                }
                "link" if !negated => {
                    selector.whole = Whole::Marked(Mark::Link);
                    continue;
                }
                "strong" if !negated => {
                    selector.whole = Whole::Marked(Mark::Strong);
                    continue;
                }
                "emphasis" if !negated => {
                    selector.whole = Whole::Marked(Mark::Emphasis);
                    continue;
                }
                // What no post has need not be left out of it.
                name if negated && NOWHERE.contains(&name) => continue,
                name => return Err(name.to_owned()),
            };
            if negated { selector.must_not.push(asked) } else { selector.must.push(asked) }
        }
    }
    Ok(selector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Text;

    fn units(selector: &str, markdown: &str) -> Vec<String> {
        let text = Text { markdown: markdown.to_owned(), offset: 0 };
        let prose = Prose::read(markdown, &text);
        let scope = Scope::new(&[selector.to_owned()]).unwrap();
        scope.units(&prose).into_iter().map(|unit| unit.text.to_owned()).collect()
    }

    #[test]
    fn every_scope_takes_its_part() {
        let markdown = "# One\n\nTwo. [Three](https://a.example) **four**\n\n- *five*\n\n> six";
        for (selector, expected) in [
            ("text", vec!["One", "Two. Three four", "five", "six"]),
            ("text.md", vec!["One", "Two. Three four", "five", "six"]),
            ("sentence", vec!["One", "Two.", "Three four", "five", "six"]),
            ("sentence & ~heading", vec!["Two.", "Three four", "five", "six"]),
            ("paragraph", vec!["Two. Three four"]),
            ("heading", vec!["One"]),
            ("heading.h1", vec!["One"]),
            ("heading.h2", vec![]),
            ("list", vec!["five"]),
            ("blockquote", vec!["six"]),
            ("~blockquote", vec!["One", "Two. Three four", "five"]),
            ("~table", vec!["One", "Two. Three four", "five", "six"]),
            ("link", vec!["Three"]),
            ("strong", vec!["four"]),
            ("emphasis", vec!["five"]),
            ("raw", vec![markdown]),
            ("summary", vec!["One\n\nTwo. Three four\n\nfive\n\nsix"]),
        ] {
            assert_eq!(units(selector, markdown), expected, "{selector}");
        }
        assert_eq!(Scope::new(&["table.cell".into()]), Err("table".into()));
    }
}
