//! What people said about a post, and the lines that they spoke about.

use chrono::{DateTime, Utc};

use super::escape;
use super::page::{Page, Tone};
use crate::policy::{Line, OnForge, Signature, Statement};
use crate::workspace::ForgeKind;

/// A line of a post's file that somebody spoke about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Quote {
    /// Counted from 1.
    number: usize,
    /// The commit that was read.
    commit: String,
    /// The line as it stood there; missing where this clone does not have that version.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Whether the file has no such line any more.
    changed: bool,
}

impl Quote {
    /// A line out of the file `then`, in the version that was read, held against what the file says `now`.
    pub fn new(line: &Line, then: Option<&str>, now: Option<&str>) -> Self {
        let there = then.and_then(|text| text.lines().nth(line.number.checked_sub(1)?)).map(str::trim_end);
        let text = line.text.as_deref().map(str::trim_end).or(there);
        // What was written down may be shortened.
        let is = |line: &str, text: &str| match text.strip_suffix('…') {
            Some(begin) => line.starts_with(begin),
            None => line.trim_end() == text,
        };
        let still = |text: &str| now.is_some_and(|now| now.lines().any(|line| is(line, text)));
        Self {
            number: line.number,
            commit: line.commit.clone(),
            text: text.map(str::to_owned),
            changed: text.is_some_and(|text| !still(text)),
        }
    }

    /// Whether the line is known, and the file has it still.
    pub fn stands(&self) -> bool {
        self.text.is_some() && !self.changed
    }

    /// `line 12`
    pub fn place(&self) -> String {
        format!("line {}", self.number)
    }

    /// `> Autumn is here. (the line has changed since)`
    pub fn human(&self) -> String {
        match &self.text {
            Some(text) if self.changed => format!("> {} (the line has changed since)", escape(text)),
            Some(text) => format!("> {}", escape(text)),
            None => format!("> (commit {} is not in this clone)", escape(self.commit.get(..10).unwrap_or_default())),
        }
    }
}

/// Something said about a post that is still open.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Remark {
    /// What it is.
    pub kind: RemarkKind,
    /// Who says so: a name from `roles.toml` where that is proved.
    pub by: String,
    /// As typed.
    pub at: DateTime<Utc>,
    /// Its commit.
    pub commit: String,
    /// What was said.
    pub text: String,
    /// The line that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Quote>,
    /// The commit that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The pull request on which it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<OnPullRequest>,
}

/// Where something was said on a forge.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct OnPullRequest {
    /// The software.
    forge: ForgeKind,
    /// Its number.
    pull_request: u64,
    /// Where people see it.
    url: String,
    /// Whether it said something else when it was sent.
    edited: bool,
}

impl OnPullRequest {
    /// Where a statement was made, if on a forge.
    pub fn of(statement: &Statement) -> Option<Self> {
        let Signature::Review(review) = &statement.witness.signature else { return None };
        let OnForge { forge, pull_request, edited, .. } = **review;
        Some(Self { forge, pull_request, url: review.url.clone(), edited })
    }

    /// `, #12 on GitHub, edited`
    pub fn human(&self) -> String {
        let edited = if self.edited { ", edited" } else { "" };
        format!(", #{} on {}{edited}", self.pull_request, self.forge.title())
    }

    /// Its address, for a line of its own; escaped.
    pub fn link(&self) -> String {
        escape(&self.url).into_owned()
    }
}

/// The kinds of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RemarkKind {
    /// A comment on the present version.
    Comment,
    /// A rejection that stands.
    Rejection,
    /// A hold that stands.
    Hold,
}

/// The remarks for people, each with its line and its words.
pub fn human(remarks: &[Remark], page: &Page) -> String {
    let mut out = format!("{}\n", page.paint(Tone::Strong, "Said about it"));
    for remark in remarks {
        let Remark { kind, by, at, commit, text, line, reply_to, on } = remark;
        let (sign, tone, did) = match kind {
            RemarkKind::Comment if reply_to.is_some() => ("·", Tone::Faint, "answered"),
            RemarkKind::Comment => ("·", Tone::Faint, "commented"),
            RemarkKind::Rejection => ("✗", Tone::Bad, "rejected it"),
            RemarkKind::Hold => ("‖", Tone::Bad, "holds it"),
        };
        let place = line.as_ref().map(|line| format!(", {}", line.place())).unwrap_or_default();
        let answered = reply_to.as_deref().and_then(|commit| commit.get(..10));
        let answered = answered.map(|commit| format!(" {}", escape(commit))).unwrap_or_default();
        let short = escape(commit.get(..10).unwrap_or(commit)).into_owned();
        let where_said = on.as_ref().map(OnPullRequest::human).unwrap_or_default();
        let head = format!("{} {did}{answered}{place}{where_said}, {} ({short})", escape(by), page.time(*at));
        out += &format!("{} {}", page.paint(tone, sign), page.hanging(2, 4, &head).trim_start());
        // What is answered on a forge stands on the same line, which is quoted there.
        let quoted = line.as_ref().filter(|_| on.is_none() || reply_to.is_none());
        out += &quoted.map(|line| page.hanging(4, 6, &line.human())).unwrap_or_default();
        out += &words(text, 4, page);
        out += &on.as_ref().map(|on| page.hanging(4, 4, &on.link())).unwrap_or_default();
    }
    out
}

/// Somebody's words, line by line, behind so many spaces.
pub fn words(text: &str, indent: usize, page: &Page) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| page.wrapped(indent, &escape(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: usize) -> Line {
        Line { number, commit: "4f0c".repeat(10), text: None }
    }

    #[test]
    fn a_line_is_quoted_as_it_was_read() {
        let then = "one\ntwo \nthree";
        assert_eq!(Quote::new(&line(2), Some(then), Some("zero\none\ntwo\nthree")).human(), "> two");
        assert_eq!(Quote::new(&line(2), Some(then), Some("one\n2")).human(), "> two (the line has changed since)");
        assert_eq!(Quote::new(&line(2), Some(then), None).human(), "> two (the line has changed since)");
        assert_eq!(Quote::new(&line(2), None, Some(then)).human(), "> (commit 4f0c4f0c4f is not in this clone)");
        let noted = Line { text: Some("two ".to_owned()), ..line(2) };
        assert_eq!(Quote::new(&noted, None, Some(then)).human(), "> two");
        let shortened = Line { text: Some("thr…".to_owned()), ..line(3) };
        assert!(Quote::new(&shortened, None, Some(then)).stands());
        assert!(!Quote::new(&shortened, None, Some("one\ntwo\nthirty")).stands());
        assert_eq!(Quote::new(&line(9), Some(then), Some(then)).text, None);
        assert_eq!(Quote::new(&line(0), Some(then), Some(then)).text, None);
    }

    #[test]
    fn words_from_outside_cannot_steer_the_terminal() {
        let remark = Remark {
            kind: RemarkKind::Comment,
            by: "Mallory\u{1b}[2J".into(),
            at: DateTime::from_timestamp(1_795_248_000, 0).unwrap_or_default(),
            commit: "a".repeat(40),
            text: "look\u{202e}\n\n::error::here".into(),
            line: Some(Quote::new(&line(1), Some("\u{1b}]0;x"), None)),
            reply_to: None,
            on: None,
        };
        let page = Page { width: 80, colour: false, zone: chrono_tz::UTC, now: Utc::now() };
        let told = human(&[remark], &page);
        assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told}");
        assert!(told.contains("commented, line 1, "), "{told}");
    }
}
