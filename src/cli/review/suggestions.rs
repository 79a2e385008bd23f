//! What `check --fix` would type, offered beside the lines of a pull request: one click takes it over.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::pull_request::Gathered;
use crate::cli::Failure;
use crate::git::ObjectId;
use crate::git::difference::added_lines;
use crate::view::escape;
use crate::workspace::{Finding, Sha256, characters, fixes};

/// More at once would bury what people say.
const MOST: usize = 20;

/// What is offered for some lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub path: String,
    /// The first line, counted from 1, and the last.
    pub lines: (usize, usize),
    /// The comment, with a mark by which it is not offered twice.
    pub text: String,
    /// The mark.
    pub mark: String,
}

/// What can be repaired without a doubt in lines that the pull request brings. `head` is its last commit.
///
/// # Errors
/// When git does not tell which lines these are.
pub fn suggestions(gathered: &Gathered, head: ObjectId) -> Result<Vec<Suggestion>, Failure> {
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let repairable = gathered.found.iter().filter(|finding| finding.fix.is_some() && finding.code != "file/not-utf8");
    for finding in repairable {
        by_file.entry(&finding.source.path).or_default().push(finding);
    }
    let git = gathered.trusted.repository.program();
    let mut offered = Vec::new();
    for (path, findings) in by_file {
        // Where the trusted branch changed the file meanwhile, lines have other numbers.
        if !gathered.is_as_in(head, path)? {
            continue;
        }
        let Some(source) = findings.first().map(|finding| &finding.source) else { continue };
        let Some((_, changes)) = fixes::repaired(source, &findings) else { continue };
        let added = added_lines(git, gathered.trusted.tip, head, path)?;
        for change in changes {
            let lines = (change.line, change.line + change.before.matches('\n').count());
            if added.iter().any(|range| covers(range, lines)) {
                offered.extend(suggestion(path, lines, &change));
            }
        }
    }
    offered.truncate(MOST);
    Ok(offered)
}

fn covers(range: &RangeInclusive<usize>, (first, last): (usize, usize)) -> bool {
    range.contains(&first) && range.contains(&last)
}

/// Nothing where the new lines hide something: what is offered is what people see.
fn suggestion(path: &str, lines: (usize, usize), change: &fixes::Change) -> Option<Suggestion> {
    if characters::hidden(&change.after).next().is_some() || change.after.contains('\r') {
        return None;
    }
    let what = Sha256::of(format!("{path}\0{}\0{}", change.before, change.after).as_bytes()).to_string();
    let mark = format!("<!-- greenlit:fix {} -->", what.get(..16).unwrap_or_default());
    // A block of code ends at as many signs as it began with.
    let longest = change.after.split(|sign| sign != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let by: Vec<String> = change.by.iter().map(|code| format!("`{}`", escape(code).replace('`', ""))).collect();
    let text = format!(
        "{mark}\n`greenlit check --fix` would write ({}):\n\n{fence}suggestion\n{}\n{fence}\n",
        by.join(", "),
        change.after
    );
    Some(Suggestion { path: path.to_owned(), lines, text, mark })
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};

    use super::*;

    fn offered(after: &str) -> Option<Suggestion> {
        let change = fixes::Change { by: vec!["text/x".into()], line: 7, before: "b".into(), after: after.into() };
        suggestion("posts/a.md", (7, 7), &change)
    }

    #[test]
    fn a_text_cannot_leave_the_block_that_it_is_offered_in() {
        for after in ["plain", "```\n@noor\n```", "````suggestion\n# x", "~~~\n</details>", "`", "a ````` b"] {
            let suggestion = offered(after).unwrap();
            let mut code = String::new();
            let (mut within, mut blocks) = (false, 0);
            for event in Parser::new(&suggestion.text) {
                match event {
                    Event::Start(Tag::CodeBlock(_)) => (within, blocks) = (true, blocks + 1),
                    Event::End(TagEnd::CodeBlock) => within = false,
                    Event::Text(text) if within => code += &text,
                    Event::Text(text) => assert!(!text.contains("@noor") && !text.contains("details"), "{text}"),
                    _ => {}
                }
            }
            assert_eq!((code.as_str(), blocks), (format!("{after}\n").as_str(), 1));
        }
        assert_eq!(offered("a\u{202e}b"), None);
        assert_ne!(offered("a").unwrap().mark, offered("b").unwrap().mark);
    }
}
