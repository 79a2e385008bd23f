//! A workspace's whole guide: the team's own files, and Vale's styles.

use std::ops::Range;

use super::chapter::{self, Chapter};
use super::judge::Styled;
use super::vale::Styles;
use super::{Prose, Remark};
use crate::workspace::source::Source;
use crate::workspace::{AccountName, FileProblem, Files, Finding, Post, Text};

/// The folder of the team's own guide.
const FOLDER: &str = "style";
/// Bytes of one file that are read.
const LARGEST: u64 = 1 << 20;

/// For whom a text is: which accounts it goes to, and in which languages it is, the main one first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audience<'a> {
    /// The accounts.
    pub accounts: &'a [AccountName],
    /// BCP 47 tags.
    pub languages: &'a [String],
}

/// What a team wants its posts to say, and how.
#[derive(Debug, Default)]
pub struct Guide {
    chapters: Vec<Chapter>,
    styles: Styles,
}

impl Guide {
    /// Reads the guide of a workspace with some accounts: `style/*.toml`, `.vale.ini` and its styles. What cannot be followed is told, and
    /// the rest holds. A workspace without any has an empty one.
    pub fn read(files: &dyn Files, known: &[&AccountName]) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut chapters = Vec::new();
        let entries = match files.names(FOLDER) {
            Ok(entries) => entries,
            Err(FileProblem::Missing) => Vec::new(),
            Err(problem) => {
                findings.push(unreadable(FOLDER, &problem));
                Vec::new()
            }
        };
        for entry in entries.into_iter().filter(|entry| entry.path.to_ascii_lowercase().ends_with(".toml")) {
            match files.read(&entry.path, LARGEST) {
                Ok(bytes) => chapters.extend(chapter::read(&entry.path, &bytes, known, &mut findings)),
                Err(problem) => findings.push(unreadable(&entry.path, &problem)),
            }
        }
        let styles = Styles::read(files, &mut findings);
        (Self { chapters, styles }, findings)
    }

    /// Whether it says nothing: then nothing need be held against it.
    pub fn is_empty(&self) -> bool {
        self.chapters.is_empty() && self.styles.is_empty()
    }

    /// What it says of one text of a post, by place.
    pub fn judge(&self, post: &Post, text: &Text, audience: Audience<'_>) -> Vec<Remark> {
        if self.is_empty() {
            return Vec::new();
        }
        let prose = Prose::read(&post.source.text, text);
        let mut remarks = self.styles.judge(&post.source.path, &prose);
        for chapter in self.chapters.iter().filter(|chapter| chapter.is_for(audience)) {
            let language = audience.languages.first().map(String::as_str);
            let styled = Styled { post, text, prose: &prose, language, link: chapter.link.as_deref() };
            remarks.extend(chapter.judge(&styled));
        }
        let addresses: Vec<_> = prose.addresses.iter().map(|address| prose.in_file(address)).collect();
        remarks.retain(|Remark { range, .. }| {
            let apart = |address: &Range<usize>| address.end <= range.start || range.end <= address.start;
            let within = |address: &Range<usize>| range.start <= address.start && address.end <= range.end;
            addresses.iter().all(|address| apart(address) || within(address))
        });
        remarks.sort_by(|a, b| (a.range.start, a.range.end, &a.check).cmp(&(b.range.start, b.range.end, &b.check)));
        remarks.dedup();
        remarks
    }

    /// The rules that were broken off so far because their patterns take too long, each once: to be asked when all posts
    /// were judged.
    pub fn gave_up(&self) -> Vec<Finding> {
        self.styles.gave_up()
    }
}

fn unreadable(path: &str, problem: &FileProblem) -> Finding {
    let source = std::sync::Arc::new(Source::new(path, ""));
    Finding::error("style/unreadable", &source, 0..0, format!("this file cannot be read: {problem}"))
        .help("put a readable file there, or remove it")
}
