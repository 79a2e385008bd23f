//! Vale's styles, read as they are: `styles/<Style>/<Rule>.yml`, `.vale.ini` and its vocabularies.
//!
//! What the keys mean is Vale 3's, from its documentation and its tests (<https://vale.sh/docs>, checked 2026-11-28).

mod action;
mod capitalization;
mod conditional;
mod exceptions;
mod existence;
mod ini;
mod message;
mod needles;
mod occurrence;
mod prefilter;
mod repetition;
mod rule;
mod rule_file;
mod scope;
mod silence;
mod substitution;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::pattern::Pattern;
use super::prose::Prose;
use super::{Level, Remark};
use crate::workspace::source::Source;
use crate::workspace::{FileProblem, Files, Finding, Severity, suggest, text};
use ini::{Entry, Ini, Setting};
use prefilter::Prefilter;
use rule::Rule;
use silence::Silence;

/// Where Vale's settings stand: in the first of these.
const INIS: [&str; 2] = [".vale.ini", "_vale.ini"];
/// The folder of styles, where the settings name no other.
const STYLES: &str = "styles";
/// The style that Vale brings itself.
const VALE: &str = "Vale";
/// The rules of that style.
const VALES: [&str; 4] = [SPELLING, "Vale.Terms", "Vale.Avoid", "Vale.Repetition"];
/// The one of them that needs dictionaries.
const SPELLING: &str = "Vale.Spelling";
/// Bytes of one file that are read.
const LARGEST: u64 = 1 << 20;

/// The styles of a workspace, ready to be held against posts.
#[derive(Debug, Default)]
pub struct Styles {
    rules: Vec<Rule>,
    prefilter: Prefilter,
    ini: Option<Ini>,
    /// For each section of the settings, what no rule looks at.
    ignored: Vec<Vec<Ignored>>,
}

/// A pattern of the settings for what no rule looks at.
#[derive(Debug)]
struct Ignored {
    pattern: Pattern,
    source: Arc<Source>,
    span: Range<usize>,
}

impl Styles {
    /// Reads the styles of a workspace, and tells what of them cannot be followed.
    pub fn read(files: &dyn Files, findings: &mut Vec<Finding>) -> Self {
        let settings = settings(files, findings);
        let ini = settings.as_ref().map(|source| ini::read(source, findings));
        let folder = ini.as_ref().and_then(|ini| ini.styles_path.clone()).unwrap_or_else(|| STYLES.to_owned());
        let folder = folder.trim_start_matches("./").trim_end_matches('/').to_owned();
        let vocabulary = vocabulary::read(files, &folder, ini.as_ref(), settings.as_ref(), findings);
        let mut rules = Vec::new();
        let mut names = BTreeSet::new();
        for path in paths(files, &folder, findings) {
            let Some(name) = name_of(&folder, &path) else { continue };
            names.insert(name.clone());
            // What nobody follows need not be read, nor told of.
            if ini.as_ref().is_some_and(|ini| !ini.follows(&name)) {
                continue;
            }
            match files.read(&path, LARGEST) {
                Ok(bytes) => rules.extend(Rule::read(name, &path, &bytes, &vocabulary.accepted, findings)),
                Err(problem) => findings.push(unreadable(&path, &problem)),
            }
        }
        let asked =
            |ini: &Ini| ini.sections.iter().flat_map(|section| section.styles.iter().flatten()).any(|s| s.name == VALE);
        if let (Some(settings), true) = (&settings, ini.as_ref().is_some_and(asked)) {
            rules.extend(vocabulary.rules(settings));
        }
        let mut styles = Self { prefilter: Prefilter::new(&rules), rules, ini, ignored: Vec::new() };
        if let Some(settings) = &settings {
            styles.ignored = styles.ignored(settings, findings);
            styles.unknown(settings, &names, findings);
        }
        styles
    }

    /// Whether there is nothing to be held against anything.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The names of the rules that were read.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.name.as_str())
    }

    /// What the styles say of a text of the post in the file at `path`.
    pub fn judge(&self, path: &str, prose: &Prose<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let ignored = self.ignored_in(path, prose);
        let silenced = silence::read(prose.markdown);
        let levels = self.levels(path);
        for at in self.prefilter.candidates(prose) {
            let Some(rule) = self.rules.get(at) else { continue };
            let Some(level) = levels.of(rule) else { continue };
            let found = rule.judge(level, prose).into_iter();
            let seen = found.filter(|remark| {
                let silent = |one: &Silence<'_>| {
                    let place = prose.markdown_in_file(&one.range);
                    one.rule.is_none_or(|name| name == rule.name)
                        && place.start < remark.range.end
                        && remark.range.start < place.end
                };
                !silenced.iter().any(silent)
                    && !ignored.iter().any(|place| place.start < remark.range.end && remark.range.start < place.end)
            });
            remarks.extend(seen.take(rule.limit));
        }
        remarks
    }

    /// The rules that were broken off because they took too long; what they would have found nobody knows.
    pub fn gave_up(&self) -> Vec<Finding> {
        let tell = |source: &Arc<Source>, span: &Range<usize>| {
            Finding::warning("style/gave-up", source, span.clone(), "this pattern takes too long: it was broken off")
                .label("here")
                .help("write it without repetitions within repetitions, such as `(a+)+`")
        };
        let rules = self.rules.iter().filter(|rule| rule.gave_up()).map(|rule| tell(&rule.source, &rule.span));
        let ignored = self.ignored.iter().flatten().filter(|ignored| ignored.pattern.gave_up());
        rules.chain(ignored.map(|ignored| tell(&ignored.source, &ignored.span))).collect()
    }

    /// At which level each rule is followed in a file.
    fn levels(&self, path: &str) -> Levels<'_> {
        let Some(ini) = &self.ini else { return Levels { all: true, ..Levels::default() } };
        let mut levels = Levels { least: ini.least.unwrap_or(Level::Suggestion), ..Levels::default() };
        for section in ini.sections.iter().filter(|section| ini::fits(&section.pattern, path)) {
            if let Some(styles) = &section.styles {
                levels.styles = styles.iter().map(|style| style.name.as_str()).collect();
            }
            levels.rules.extend(section.rules.iter().map(|(rule, setting)| (rule.name.as_str(), *setting)));
        }
        levels
    }

    fn ignored(&self, settings: &Arc<Source>, findings: &mut Vec<Finding>) -> Vec<Vec<Ignored>> {
        let sections = self.ini.iter().flat_map(|ini| &ini.sections);
        sections
            .map(|section| {
                let entries = section.tokens.iter().chain(&section.blocks);
                entries.filter_map(|entry| ignored(entry, settings, findings)).collect()
            })
            .collect()
    }

    /// The places of the file that no rule looks at.
    fn ignored_in(&self, path: &str, prose: &Prose<'_>) -> Vec<Range<usize>> {
        let sections = self.ini.iter().flat_map(|ini| &ini.sections).zip(&self.ignored);
        sections
            .filter(|(section, _)| ini::fits(&section.pattern, path))
            .flat_map(|(_, ignored)| ignored)
            .flat_map(|ignored| ignored.pattern.find_all(prose.markdown))
            .map(|range| prose.markdown_in_file(&range))
            .collect()
    }

    /// Tells of styles and rules that the settings name and nobody has.
    fn unknown(&self, settings: &Arc<Source>, names: &BTreeSet<String>, findings: &mut Vec<Finding>) {
        let names: Vec<&str> = names.iter().map(String::as_str).chain(VALES).collect();
        let styles: BTreeSet<&str> = names.iter().filter_map(|name| name.split('.').next()).collect();
        let known: Vec<&str> = styles.into_iter().collect();
        for section in self.ini.iter().flat_map(|ini| &ini.sections) {
            for style in section.styles.iter().flatten().filter(|style| !known.contains(&style.name.as_str())) {
                let message = format!("there is no style {} here", suggest::quote(&style.name));
                findings.push(
                    Finding::warning("style/no-such-style", settings, style.span.clone(), message)
                        .label("here")
                        .help(suggest::help(&style.name, "styles", &known)),
                );
            }
            for (rule, _) in section.rules.iter().filter(|(rule, _)| !names.contains(&rule.name.as_str())) {
                let message = format!("there is no rule {} here", suggest::quote(&rule.name));
                findings.push(
                    Finding::warning("style/no-such-rule", settings, rule.span.clone(), message)
                        .label("here")
                        .help(suggest::help(&rule.name, "rules", &names)),
                );
            }
            let vale = section.styles.iter().flatten().find(|style| style.name == VALE);
            if let Some(vale) = vale.filter(|_| self.ini.as_ref().is_some_and(|ini| ini.follows(SPELLING))) {
                let message = format!("`{SPELLING}` is not followed: it needs dictionaries");
                let mut finding = Finding::warning("style/unread", settings, vale.span.clone(), message);
                // The other rules of the style are: nothing here is wrong.
                finding.severity = Severity::Info;
                findings.push(finding.label("here").help(format!("turn it off: `{SPELLING} = NO`")));
            }
        }
    }
}

/// At which level rules are followed.
struct Levels<'a> {
    /// There are no settings: all are.
    all: bool,
    least: Level,
    styles: Vec<&'a str>,
    rules: BTreeMap<&'a str, Setting>,
}

impl Default for Levels<'_> {
    fn default() -> Self {
        Self { all: false, least: Level::Suggestion, styles: Vec::new(), rules: BTreeMap::new() }
    }
}

impl Levels<'_> {
    fn of(&self, rule: &Rule) -> Option<Level> {
        let style = rule.name.split('.').next().unwrap_or_default();
        let level = match self.rules.get(rule.name.as_str()) {
            Some(Setting::Off) => return None,
            Some(Setting::At(level)) => *level,
            Some(Setting::On) => rule.level,
            None if self.all || self.styles.contains(&style) => rule.level,
            None => return None,
        };
        (level >= self.least).then_some(level)
    }
}

/// What a rule finds in a stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    range: Range<usize>,
    /// The words for the message.
    words: Vec<String>,
    /// The words that could take its place.
    options: Vec<String>,
    /// How the words get into the message.
    wording: Wording,
}

/// How words get into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wording {
    /// In its places.
    Filled,
    /// The same, and they bring their own quotes.
    Quoting,
    /// Not at all: the message is said as it is.
    Plain,
}

impl Hit {
    /// The words that could take the place come after those that were found, as the message's last.
    fn new(range: Range<usize>, mut words: Vec<String>, options: Vec<String>) -> Self {
        if let ([_], false) = (words.as_slice(), options.is_empty()) {
            words.push(match options.as_slice() {
                [only] => only.clone(),
                several => message::either(several),
            });
        }
        Self { range, words, options, wording: Wording::Filled }
    }

    fn quoting(self) -> Self {
        Self { wording: Wording::Quoting, ..self }
    }

    fn plain(self) -> Self {
        Self { wording: Wording::Plain, ..self }
    }
}

/// A pattern with the edges of words around it, unless it is none of words.
fn word_pattern(inside: &str, nonword: bool) -> String {
    if nonword { format!("(?m)(?:{inside})") } else { format!(r"(?m)\b(?:{inside})\b") }
}

fn settings(files: &dyn Files, findings: &mut Vec<Finding>) -> Option<Arc<Source>> {
    for path in INIS {
        match files.read(path, LARGEST) {
            Ok(bytes) => return Some(text::read(path, &bytes, findings).source),
            Err(FileProblem::Missing) => {}
            Err(problem) => {
                findings.push(unreadable(path, &problem));
                return None;
            }
        }
    }
    None
}

fn ignored(entry: &Entry, settings: &Arc<Source>, findings: &mut Vec<Finding>) -> Option<Ignored> {
    match Pattern::new(&entry.name) {
        Ok(pattern) => Some(Ignored { pattern, source: Arc::clone(settings), span: entry.span.clone() }),
        Err(why) => {
            let message = format!("this pattern cannot be read: {why}");
            findings.push(Finding::error("style/pattern", settings, entry.span.clone(), message).label("here"));
            None
        }
    }
}

/// The files of all styles, sorted.
fn paths(files: &dyn Files, folder: &str, findings: &mut Vec<Finding>) -> Vec<String> {
    match files.names(folder) {
        Ok(entries) => entries
            .into_iter()
            .map(|entry| entry.path)
            .filter(|path| path.ends_with(".yml"))
            .filter(|path| !path.strip_prefix(folder).is_some_and(|inside| inside.starts_with("/config/")))
            .collect(),
        Err(FileProblem::Missing) => Vec::new(),
        Err(problem) => {
            findings.push(unreadable(folder, &problem));
            Vec::new()
        }
    }
}

/// The name of a rule by its file: `Google.We`. Files that lie in no style are none.
fn name_of(folder: &str, path: &str) -> Option<String> {
    let inside = path.strip_prefix(folder)?.trim_start_matches('/').strip_suffix(".yml")?;
    let (styles, file) = inside.rsplit_once('/')?;
    let file = file.split('.').next().unwrap_or_default();
    Some(format!("{}.{file}", styles.replace('/', ".")))
}

fn unreadable(path: &str, problem: &FileProblem) -> Finding {
    let source = Arc::new(Source::new(path, ""));
    Finding::error("style/unreadable", &source, 0..0, format!("this file cannot be read: {problem}"))
        .help("put a readable file there, or remove it")
}
