//! A rule of Vale as it is written: `styles/<Style>/<Rule>.yml`.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::style::Level;
use crate::workspace::located::{Content, Located, Named, Placed};
use crate::workspace::source::Source;
use crate::workspace::typed::{self, Area};
use crate::workspace::{Finding, suggest, text, yaml};

/// The keys of all kinds of rules together; which of them a kind has, [`Kind::keys`] says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleFile {
    pub extends: Option<Placed<String>>,
    pub message: Option<Placed<String>>,
    pub level: Option<Placed<Level>>,
    pub scope: Option<Placed<Words>>,
    pub link: Option<String>,
    pub description: Option<String>,
    pub name: Option<String>,
    pub limit: Option<u64>,
    pub action: Option<Placed<ActionFile>>,
    pub ignorecase: bool,
    pub nonword: bool,
    pub append: bool,
    pub alpha: bool,
    pub capitalize: bool,
    pub matchcase: bool,
    pub vocab: Option<bool>,
    pub raw: Option<Placed<Words>>,
    pub tokens: Option<Placed<Words>>,
    pub exceptions: Option<Placed<Words>>,
    pub swap: Option<Placed<Named<Word>>>,
    pub token: Option<Placed<Word>>,
    pub min: Option<u64>,
    pub max: Option<u64>,
    #[serde(rename = "match")]
    pub matches: Option<Placed<String>>,
    pub style: Option<Placed<String>>,
    pub indicators: Option<Placed<Words>>,
    pub threshold: Option<f64>,
    pub prefix: Option<Placed<Word>>,
    pub first: Option<Placed<Word>>,
    pub second: Option<Placed<Word>>,
    /// Parts of speech, which Vale itself reads no more.
    pub pos: Option<IgnoredAny>,
    /// A rule's own cases, for another command of Vale's.
    pub tests: Option<IgnoredAny>,
}

/// What would mend what a rule finds.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionFile {
    pub name: Option<String>,
    pub params: Option<Words>,
}

/// The kinds of rules that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Existence,
    Substitution,
    Occurrence,
    Repetition,
    Capitalization,
    Conditional,
}

/// The names of the kinds that are read.
const KINDS: [(&str, Kind); 6] = [
    ("existence", Kind::Existence),
    ("substitution", Kind::Substitution),
    ("occurrence", Kind::Occurrence),
    ("repetition", Kind::Repetition),
    ("capitalization", Kind::Capitalization),
    ("conditional", Kind::Conditional),
];

/// The kinds that Vale has too, and why they are not read.
const UNREAD: [(&str, &str); 6] = [
    ("script", "runs a program of its own"),
    ("spelling", "needs dictionaries"),
    ("sequence", "needs to know parts of speech"),
    ("metric", "counts over a whole document"),
    ("readability", "judges a whole document"),
    ("consistency", "compares the spellings of a whole document"),
];

const EVERY: [&str; 11] =
    ["extends", "message", "level", "scope", "link", "description", "name", "limit", "action", "matchcase", "tests"];

impl Kind {
    /// The keys of this kind, beside those that every kind has.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Kind::Existence => &["ignorecase", "nonword", "append", "raw", "tokens", "exceptions", "vocab"],
            Kind::Substitution => &["ignorecase", "nonword", "swap", "exceptions", "vocab", "capitalize", "pos"],
            Kind::Occurrence => &["ignorecase", "token", "min", "max"],
            Kind::Repetition => &["ignorecase", "tokens", "max", "alpha", "exceptions", "vocab"],
            Kind::Capitalization => &["match", "style", "exceptions", "indicators", "threshold", "prefix", "vocab"],
            Kind::Conditional => &["ignorecase", "first", "second", "exceptions", "vocab"],
        }
    }
}

/// Reads a rule's file. `None` where it is none that can be followed; the findings say why.
pub fn read(path: &str, bytes: &[u8], findings: &mut Vec<Finding>) -> Option<(Arc<Source>, Kind, RuleFile)> {
    let readable = text::read(path, bytes, findings);
    let source = readable.source;
    let whole = 0..readable.text.len();
    let mut root = yaml::read(&source, &readable.text, whole, "a style", findings)?;
    // Vale takes keys in any case.
    if let Content::Table(entries) = &mut root.content {
        entries.iter_mut().for_each(|(key, _)| key.value = key.value.to_lowercase());
    }
    let kind = kind_of(&root, &source, findings)?;
    misplaced(&root, kind, &source, findings);
    let (file, _) = typed::read::<RuleFile>(root, Area::Style, &source, findings)?;
    Some((source, kind, file))
}

fn entry<'a>(root: &'a Located, name: &str) -> Option<&'a Located> {
    let Content::Table(entries) = &root.content else { return None };
    entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
}

fn kind_of(root: &Located, source: &Arc<Source>, findings: &mut Vec<Finding>) -> Option<Kind> {
    let Some(extends) = entry(root, "extends") else {
        findings.push(
            Finding::error(Area::Style.missing_key(), source, 0..0, "`extends` is missing")
                .label("here")
                .help("say what kind of rule it is: `extends: existence`"),
        );
        return None;
    };
    let name = match &extends.content {
        Content::Scalar(serde_json::Value::String(name)) => name.as_str(),
        _ => "",
    };
    if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) {
        return Some(*kind);
    }
    let finding = match UNREAD.iter().find(|(known, _)| *known == name) {
        Some((name, why)) => Finding::warning(
            "style/unread",
            source,
            extends.span.clone(),
            format!("this rule is not followed: `{name}` {why}"),
        )
        .help("remove the file, or turn the rule off in .vale.ini: `Style.Rule = NO`"),
        None => {
            let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            let message = format!("{} is no kind of rule", suggest::quote(name));
            Finding::error("style/extends", source, extends.span.clone(), message)
                .help(suggest::help(name, "kinds", &known))
        }
    };
    findings.push(finding.label("here"));
    None
}

/// Keys that another kind of rule has: here they say nothing.
fn misplaced(root: &Located, kind: Kind, source: &Arc<Source>, findings: &mut Vec<Finding>) {
    let Content::Table(entries) = &root.content else { return };
    for (key, _) in entries {
        let name = key.value.as_str();
        let elsewhere = KINDS.iter().any(|(_, other)| other.keys().contains(&name));
        if elsewhere && !kind.keys().contains(&name) {
            let message = format!("{} says nothing in a rule of this kind", suggest::quote(name));
            let known: Vec<&str> = kind.keys().iter().chain(&EVERY).copied().collect();
            findings.push(
                Finding::warning("style/misplaced-key", source, key.span.clone(), message)
                    .label("here")
                    .help(format!("remove it; the keys are {}", suggest::list(known))),
            );
        }
    }
}

/// What is wrong with a rule, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its place in the file.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// A pattern that cannot be read.
    pub fn pattern(span: &Range<usize>, why: &str) -> Self {
        Self { span: span.clone(), message: format!("this pattern cannot be read: {why}") }
    }

    /// A key that a rule of its kind must have.
    pub fn missing(key: &str) -> Self {
        Self { span: 0..0, message: format!("`{key}` is missing: the rule would find nothing") }
    }
}

/// Text, also where YAML sees a number or a truth value: `10: ten`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word(pub String);

/// A text or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(pub Vec<Placed<Word>>);

impl RuleFile {
    /// The texts of a list that may be missing.
    pub fn texts(words: Option<&Placed<Words>>) -> Vec<String> {
        words.into_iter().flat_map(|words| &words.value.0).map(|word| word.value.0.clone()).collect()
    }

    /// The rule's exceptions and, where it takes them, the accepted words of the vocabulary.
    pub fn exceptions(&self, vocabulary: &[String]) -> Vec<String> {
        let mut words = Self::texts(self.exceptions.as_ref());
        if self.vocab.unwrap_or(true) {
            words.extend(vocabulary.iter().cloned());
        }
        words
    }

    /// Where the exceptions stand.
    pub fn exceptions_span(&self) -> Range<usize> {
        self.exceptions.as_ref().map_or(0..0, |exceptions| exceptions.span.clone())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Word, E> {
                Ok(Word(text.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Word, E> {
                Ok(Word(truth.to_string()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Words, E> {
                Ok(Words(vec![Placed::new(Word(text.to_owned()), 0..0)]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element::<Placed<Word>>()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}
