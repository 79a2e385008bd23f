//! One rule of a style, checked and compiled.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::Hit;
use super::action::Action;
use super::capitalization::Capitalization;
use super::conditional::Conditional;
use super::existence::Existence;
use super::message;
use super::needles::Needles;
use super::occurrence::Occurrence;
use super::repetition::Repetition;
use super::rule_file::{self, Fault, Kind, RuleFile};
use super::scope::Scope;
use super::substitution::Substitution;
use crate::style::prose::Prose;
use crate::style::remark::raised;
use crate::style::{Fix, Level, Remark};
use crate::workspace::source::Source;
use crate::workspace::{Finding, suggest};

/// One rule of a style.
#[derive(Debug)]
pub struct Rule {
    /// `Google.We`
    pub name: String,
    /// Its file.
    pub source: Arc<Source>,
    /// Where its kind is said.
    pub span: Range<usize>,
    /// How much it matters, where the settings say nothing else.
    pub level: Level,
    /// How many remarks it makes on one text.
    pub limit: usize,
    /// What a text must have for it to find anything.
    pub needles: Needles,
    message: String,
    link: Option<String>,
    scope: Scope,
    action: Action,
    check: Check,
}

/// What a rule looks for.
#[derive(Debug)]
enum Check {
    Existence(Existence),
    Substitution(Substitution),
    Occurrence(Occurrence),
    Repetition(Repetition),
    Capitalization(Capitalization),
    Conditional(Conditional),
}

impl Rule {
    /// Reads a rule's file. `None` where it cannot be followed; the findings say why.
    pub fn read(
        name: String,
        path: &str,
        bytes: &[u8],
        vocabulary: &[String],
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let (source, kind, file) = rule_file::read(path, bytes, findings)?;
        match Self::new(name, &source, kind, &file, vocabulary) {
            Ok(rule) => Some(rule),
            Err(Fault { span, message }) => {
                let code = if message.starts_with("this pattern") { "style/pattern" } else { "style/rule" };
                findings.push(
                    Finding::error(code, &source, span, message)
                        .label("here")
                        .help("the rule is not followed until this is mended"),
                );
                None
            }
        }
    }

    /// Checks a rule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(
        name: String,
        source: &Arc<Source>,
        kind: Kind,
        file: &RuleFile,
        vocabulary: &[String],
    ) -> Result<Self, Fault> {
        let Some(message) = &file.message else { return Err(Fault::missing("message")) };
        let scope = Scope::new(&RuleFile::texts(file.scope.as_ref())).map_err(|part| Fault {
            span: file.scope.as_ref().map(|scope| scope.span.clone()).unwrap_or_default(),
            message: format!("no post has a {}: the rule would find nothing", suggest::quote(&part)),
        })?;
        let action = match &file.action {
            Some(action) => {
                let params = action.value.params.iter().flat_map(|params| &params.0);
                let params = params.map(|param| param.value.0.clone()).collect();
                Action::new(action.value.name.as_deref().unwrap_or_default(), params)
                    .map_err(|message| Fault { span: action.span.clone(), message })?
            }
            None => Action::None,
        };
        let (check, needles) = match kind {
            Kind::Existence => {
                let (check, needles) = Existence::new(file, vocabulary)?;
                (Check::Existence(check), needles)
            }
            Kind::Substitution => {
                let (check, needles) = Substitution::new(file, vocabulary)?;
                (Check::Substitution(check), needles)
            }
            Kind::Occurrence => {
                let (check, needles) = Occurrence::new(file)?;
                (Check::Occurrence(check), needles)
            }
            Kind::Conditional => {
                let (check, needles) = Conditional::new(file, vocabulary)?;
                (Check::Conditional(check), needles)
            }
            Kind::Repetition => (Check::Repetition(Repetition::new(file, vocabulary)?), Needles::Unknown),
            Kind::Capitalization => (Check::Capitalization(Capitalization::new(file, vocabulary)?), Needles::Unknown),
        };
        Ok(Self {
            name,
            source: Arc::clone(source),
            span: file.extends.as_ref().map(|extends| extends.span.clone()).unwrap_or_default(),
            level: file.level.as_ref().map_or(Level::Warning, |level| level.value),
            limit: file.limit.filter(|limit| *limit > 0).and_then(|l| usize::try_from(l).ok()).unwrap_or(usize::MAX),
            // The needles are those of the prose; the Markdown says more.
            needles: if scope.is_raw() { Needles::Unknown } else { needles },
            message: message.value.clone(),
            link: file.link.clone().filter(|link| !link.trim().is_empty()),
            scope,
            action,
            check,
        })
    }

    /// What it says of a text.
    pub fn judge(&self, level: Level, prose: &Prose<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut explained = BTreeSet::new();
        for unit in self.scope.units(prose) {
            for hit in self.find(unit.text, &mut explained) {
                let range = unit.start + hit.range.start..unit.start + hit.range.end;
                remarks.push(self.remark(level, &range, &hit, prose));
            }
        }
        remarks
    }

    fn find(&self, text: &str, explained: &mut BTreeSet<String>) -> Vec<Hit> {
        match &self.check {
            Check::Existence(check) => check.find(text, &self.action),
            Check::Substitution(check) => check.find(text, &self.action),
            Check::Occurrence(check) => check.find(text, &self.action),
            Check::Repetition(check) => check.find(text, &self.action),
            Check::Capitalization(check) => check.find(text, &self.action),
            Check::Conditional(check) => check.find(text, &self.action, explained),
        }
    }

    fn remark(&self, level: Level, range: &Range<usize>, hit: &Hit, prose: &Prose<'_>) -> Remark {
        let raw = self.scope.is_raw();
        let place = if raw { prose.markdown_in_file(range) } else { prose.in_file(range) };
        let words: Vec<String> = hit.words.iter().map(|word| shown(word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let message = match hit.wording {
            super::Wording::Filled => message::filled(&self.message, &words),
            super::Wording::Quoting => message::filled(&message::unquoted(&self.message), &words),
            super::Wording::Plain => self.message.clone(),
        };
        let fix = match hit.options.as_slice() {
            [only] if raw => Some(Fix { range: place.clone(), text: only.clone() }),
            [only]
                if matches!(self.check, Check::Substitution(_))
                    && prose.at(range).starts_with(char::is_uppercase)
                    && prose.begins_sentence(range.start) =>
            {
                prose.fix(range, &raised(only))
            }
            [only] => prose.fix(range, only),
            _ => None,
        };
        Remark { check: self.name.clone(), level, range: place, message, link: self.link.clone(), fix }
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        match &self.check {
            Check::Existence(check) => check.gave_up(),
            Check::Substitution(check) => check.gave_up(),
            Check::Occurrence(check) => check.gave_up(),
            Check::Repetition(check) => check.gave_up(),
            Check::Capitalization(check) => check.gave_up(),
            Check::Conditional(check) => check.gave_up(),
        }
    }
}

/// Words of a text in a message: on one line, and with a sign where something was left out.
fn shown(words: &str) -> String {
    words.replace(crate::style::prose::GAP, "…").replace("\r\n", " ").replace('\n', " ")
}
