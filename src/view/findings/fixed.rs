//! What `greenlit check --fix` did, line by line.

use super::Secrets;
use super::human::shortened;
use crate::view::escape::escape;
use crate::workspace::fixes::Change;

/// One or several lines of a file that `--fix` changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Fixed {
    /// The file's path from the workspace's root.
    pub file: String,
    /// The codes or names of the findings.
    pub codes: Vec<String>,
    /// The first of the lines, from 1, as they were counted before the change.
    pub line: usize,
    /// The lines as they were.
    pub before: String,
    /// The lines as they are now.
    pub after: String,
}

impl Fixed {
    /// A change of a file that has these secrets, before or after.
    pub fn new(file: &str, change: Change, secrets: &Secrets) -> Self {
        let Change { by, line, before, after } = change;
        let hide = |lines: String| secrets.hide(&lines).into_owned();
        Self { file: file.to_owned(), codes: by, line, before: hide(before), after: hide(after) }
    }
}

/// The changes for people, each file's under its name: the old lines, then the new ones.
pub fn human(fixed: &[Fixed], width: usize, colour: bool) -> String {
    let paint = |code: &str, text: String| if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text };
    let mut text = String::new();
    for of_file in fixed.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = of_file.first() else { continue };
        text += &paint("1", format!("── {}", escape(&first.file)));
        text.push('\n');
        for change in of_file {
            text += &format!("\n  line {}: {} fixed\n", change.line, escape(&change.codes.join(", ")));
            let lines = |sign: char, lines: &str| -> String {
                let shown = |line: &str| format!("  {sign} {}\n", shortened(line, width.saturating_sub(6)));
                lines.split('\n').map(shown).collect()
            };
            text += &paint("31", lines('-', &change.before));
            text += &paint("32", lines('+', &change.after));
        }
        text.push('\n');
    }
    text
}
