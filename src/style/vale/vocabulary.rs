//! Vocabularies: words that a team accepts, and words that it rejects.

use std::sync::Arc;

use super::ini::Ini;
use super::rule::Rule;
use super::rule_file::{ActionFile, Kind, RuleFile, Word, Words};
use super::substitution::is_phrase;
use super::{LARGEST, unreadable};
use crate::style::Level;
use crate::style::pattern::Pattern;
use crate::workspace::located::{Named, Placed};
use crate::workspace::source::Source;
use crate::workspace::{FileProblem, Files, Finding, suggest, text};

/// The words of all vocabularies that the settings name. Each is a pattern.
#[derive(Debug, Default)]
pub struct Vocabulary {
    pub accepted: Vec<String>,
    pub rejected: Vec<String>,
}

/// Reads the vocabularies.
pub fn read(
    files: &dyn Files,
    styles: &str,
    ini: Option<&Ini>,
    settings: Option<&Arc<Source>>,
    findings: &mut Vec<Finding>,
) -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    let (Some(ini), Some(settings)) = (ini, settings) else { return vocabulary };
    for entry in &ini.vocabularies {
        let mut there = false;
        // The second place is that of Vale 2.
        for folder in [format!("{styles}/config/vocabularies"), format!("{styles}/Vocab")] {
            for (file, words) in [("accept.txt", &mut vocabulary.accepted), ("reject.txt", &mut vocabulary.rejected)] {
                let path = format!("{folder}/{}/{file}", entry.name);
                match files.read(&path, LARGEST) {
                    Ok(bytes) => {
                        there = true;
                        add(&path, &bytes, words, findings);
                    }
                    Err(FileProblem::Missing | FileProblem::Outside) => {}
                    Err(problem) => findings.push(unreadable(&path, &problem)),
                }
            }
        }
        if !there {
            let message = format!("there is no vocabulary {} here", suggest::quote(&entry.name));
            let help = format!("write one word in a line of {styles}/config/vocabularies/NAME/accept.txt");
            let finding = Finding::warning("style/no-such-vocabulary", settings, entry.span.clone(), message);
            findings.push(finding.label("here").help(help));
        }
    }
    vocabulary
}

/// Adds the words of a file, one in a line.
fn add(path: &str, bytes: &[u8], words: &mut Vec<String>, findings: &mut Vec<Finding>) {
    let readable = text::read(path, bytes, findings);
    let mut at = 0;
    for line in readable.text.split_inclusive('\n') {
        let word = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if word.is_empty() || word.starts_with("# ") {
            continue;
        }
        match Pattern::new(word) {
            Ok(_) => words.push(word.to_owned()),
            Err(why) => {
                let message = format!("this pattern cannot be read: {why}");
                let span = start..start + word.len();
                findings.push(Finding::error("style/pattern", &readable.source, span, message).label("here"));
            }
        }
    }
}

impl Vocabulary {
    /// The rules of the style `Vale`: accepted words are written as they are accepted, rejected ones not at all, and no
    /// word twice in a row. Its spelling needs dictionaries.
    pub fn rules(&self, settings: &Arc<Source>) -> Vec<Rule> {
        let words = |words: Vec<String>| {
            let words = words.into_iter().map(|word| Placed::new(Word(word), 0..0)).collect();
            Some(Placed::new(Words(words), 0..0))
        };
        let message = |message: &str| Some(Placed::new(message.to_owned(), 0..0));
        let level = Some(Placed::new(Level::Error, 0..0));
        let phrases = self.accepted.iter().filter(|word| is_phrase(word));
        let swap = phrases.map(|word| (Placed::new(word.to_lowercase(), 0..0), Word(word.clone()))).collect();
        let terms = RuleFile {
            message: message("Use '%s' instead of '%s'."),
            level: level.clone(),
            ignorecase: true,
            vocab: Some(false),
            swap: Some(Placed::new(Named(swap), 0..0)),
            ..RuleFile::default()
        };
        let avoid = RuleFile {
            message: message("Avoid using '%s'."),
            level: level.clone(),
            tokens: words(self.rejected.clone()),
            ..RuleFile::default()
        };
        let truncate = ActionFile {
            name: Some("edit".to_owned()),
            params: words(vec!["truncate".to_owned(), " ".to_owned()]).map(|params| params.value),
        };
        let repetition = RuleFile {
            message: message("'%s' is repeated!"),
            level,
            ignorecase: true,
            alpha: true,
            tokens: words(vec![r"[^\s.!?]+".to_owned()]),
            action: Some(Placed::new(truncate, 0..0)),
            ..RuleFile::default()
        };
        [
            ("Vale.Terms", Kind::Substitution, terms),
            ("Vale.Avoid", Kind::Existence, avoid),
            ("Vale.Repetition", Kind::Repetition, repetition),
        ]
        .into_iter()
        // Without words there is no rule.
        .filter_map(|(name, kind, file)| Rule::new(name.to_owned(), settings, kind, &file, &self.accepted).ok())
        .collect()
    }
}
