//! Trailers: the `Key: value` lines at the end of a commit message, by git's own rules.
//!
//! As `git interpret-trailers --parse --no-divider` reads them without settings of its own
//! (<https://git-scm.com/docs/git-interpret-trailers>, trailer.c of git 2.47, checked 2026-11-21).

/// One trailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// `Signed-off-by`, in the letters that were typed.
    pub key: String,
    /// Continuation lines joined by one space.
    pub value: String,
}

/// A message taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'t> {
    /// The first line.
    pub subject: &'t str,
    /// What stands between the first line and the trailers.
    pub body: &'t str,
    /// The trailers, in order.
    pub trailers: Vec<Trailer>,
}

impl<'t> Message<'t> {
    /// Takes a message apart.
    pub fn parse(text: &'t str) -> Self {
        let end = end_of_message(text);
        let message = text.get(..end).unwrap_or_default();
        let start = start_of_trailers(message);
        let above = message.get(..start).unwrap_or_default();
        let (subject, body) = above.trim_start_matches('\n').split_once('\n').unwrap_or((above, ""));
        let trailers = read_block(message.get(start..).unwrap_or_default());
        Self { subject: subject.trim(), body: body.trim(), trailers }
    }

    /// The values of a key, in order. Letters' case does not matter.
    pub fn values<'m>(&'m self, key: &'m str) -> impl Iterator<Item = &'m str> {
        let same = move |trailer: &&Trailer| trailer.key.eq_ignore_ascii_case(key);
        self.trailers.iter().filter(same).map(|trailer| trailer.value.as_str())
    }
}

const CUT: &str = "# ------------------------ >8 ------------------------\n";
const GENERATED: [&str; 2] = ["Signed-off-by: ", "(cherry picked from commit "];

/// What git calls white space.
fn space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn blank(line: &str) -> bool {
    line.chars().all(space)
}

/// Where the message ends: before comments, blank lines and an old list of conflicts at its end, and before a cut line.
fn end_of_message(text: &str) -> usize {
    let cut = if text.starts_with(CUT) { Some(0) } else { text.find(&format!("\n{CUT}")).map(|at| at + 1) };
    let cutoff = cut.unwrap_or(text.len());
    let (mut at, mut trailing, mut conflicts) = (0, 0, false);
    for line in text.get(..cutoff).unwrap_or_default().split_inclusive('\n') {
        if line.starts_with('#') || line.starts_with('\n') {
            // A run that begins at the very first byte begins with its second line: so it is in git.
            trailing = if trailing == 0 { at } else { trailing };
        } else if line == "Conflicts:\n" {
            conflicts = true;
            trailing = if trailing == 0 { at } else { trailing };
        } else if !(conflicts && line.starts_with('\t')) && trailing != 0 {
            trailing = 0;
            conflicts = false;
        }
        at += line.len();
    }
    if trailing == 0 { cutoff } else { trailing }
}

/// Where the trailers start: after the last blank line, if the lines that follow are all trailers, or at least a quarter
/// of them are and one of them is such as git itself writes. The first paragraph holds none.
fn start_of_trailers(message: &str) -> usize {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in message.split_inclusive('\n') {
        lines.push((at, line));
        at += line.len();
    }
    let title = lines.iter().position(|(_, line)| !line.starts_with('#') && blank(line)).unwrap_or(lines.len());
    let (mut trailers, mut others, mut continuations) = (0usize, 0usize, 0usize);
    let (mut generated, mut only_spaces) = (false, true);
    for (at, line) in lines.iter().skip(title).rev() {
        if line.starts_with('#') {
            others += continuations;
            continuations = 0;
        } else if blank(line) {
            if only_spaces {
                continue;
            }
            others += continuations;
            let block = (generated && trailers * 3 >= others) || (trailers > 0 && others == 0);
            return if block { at + line.len() } else { message.len() };
        } else {
            only_spaces = false;
            if GENERATED.iter().any(|prefix| line.starts_with(prefix)) {
                trailers += 1;
                continuations = 0;
                generated = true;
            } else if line.starts_with(space) {
                continuations += 1;
            } else if separator(line).is_some() {
                trailers += 1;
                continuations = 0;
            } else {
                others += 1 + continuations;
                continuations = 0;
            }
        }
    }
    message.len()
}

/// Where the colon stands after a key of letters, digits and `-`, at least one of them, and white space.
fn separator(line: &str) -> Option<usize> {
    let mut spaced = false;
    for (at, c) in line.char_indices() {
        match c {
            ':' => return (at > 0).then_some(at),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' if !spaced => {}
            ' ' | '\t' if at > 0 => spaced = true,
            _ => return None,
        }
    }
    None
}

fn read_block(block: &str) -> Vec<Trailer> {
    let mut whole: Vec<(String, bool)> = Vec::new();
    for line in block.split_inclusive('\n') {
        match whole.last_mut() {
            Some((last, true)) if line.starts_with(space) => last.push_str(line),
            _ => whole.push((line.to_owned(), separator(line).is_some())),
        }
    }
    let trailers = whole.iter().filter(|(line, _)| !line.starts_with('#'));
    trailers
        .filter_map(|(line, _)| {
            let (key, value) = line.split_at_checked(separator(line)?)?;
            let value = value.strip_prefix(':')?;
            Some(Trailer { key: key.trim_matches(space).to_owned(), value: unfold(value.trim_matches(space)) })
        })
        .collect()
}

/// Joins continuation lines by one space each.
fn unfold(value: &str) -> String {
    let mut joined = String::with_capacity(value.len());
    let mut lines = value.split('\n');
    joined.push_str(lines.next().unwrap_or_default());
    for line in lines.map(|line| line.trim_start_matches(space)).filter(|line| !line.is_empty()) {
        joined.push(' ');
        joined.push_str(line);
    }
    joined.trim_matches(space).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Program;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    fn parsed(text: &str) -> Vec<String> {
        Message::parse(text).trailers.into_iter().map(|t| format!("{}: {}", t.key, t.value)).collect()
    }

    #[test]
    fn the_last_paragraph_holds_the_trailers() {
        let message = Message::parse(
            "Approve x\n\nLooks good.\nGreenlit-Stage: no\n\nGreenlit-Stage: legal\nSigned-off-by: N <n@x>\n",
        );
        assert_eq!((message.subject, message.body), ("Approve x", "Looks good.\nGreenlit-Stage: no"));
        assert_eq!(message.values("greenlit-stage").collect::<Vec<_>>(), ["legal"]);
    }

    #[test]
    fn a_title_is_no_trailer_and_a_paragraph_of_prose_is_none() {
        assert_eq!(parsed("Greenlit-Approve: x\n"), [""; 0]);
        assert_eq!(parsed("t\n\nas he said: no\nmore\nand more\n"), [""; 0]);
        assert_eq!(parsed("t\n\nSigned-off-by: a\nprose\nprose\nprose\n"), ["Signed-off-by: a"]);
        assert_eq!(parsed("t\n\nSigned-off-by: a\nprose\nprose\nprose\nprose\n"), [""; 0]);
        assert_eq!(parsed("t\n\nKey: a\n b\n\tc\n"), ["Key: a b c"]);
    }

    /// A message out of lines that the rules treat differently.
    fn messages() -> impl Strategy<Value = String> {
        let known = prop::sample::select(vec![
            "Greenlit-Stage: legal",
            "Greenlit-Stage: legal",
            "Signed-off-by: Noor <noor@example.com>",
            "",
            "",
            "",
            "",
            "prose without a colon",
            " continued",
            "\tcontinued: too",
            "(cherry picked from commit abc)",
            "# comment",
            "---",
            "key : spaced",
            "two words: x",
            "two words : x",
            ":x",
            "Empty:",
            "   ",
            "Clé: x",
            "Conflicts:",
            "\tposts/a.md",
            "Signed-off-by:x",
            "a: b\r",
            "\r",
            "# ------------------------ >8 ------------------------",
            "https://example.com",
        ]);
        let line = prop_oneof![9 => known.prop_map(str::to_owned), 1 => "[A-Za-z:# -]{0,8}"];
        prop::collection::vec(line, 0..12).prop_map(|lines| {
            let text = lines.join("\n");
            format!("{text}\n")
        })
    }

    #[test]
    fn messages_are_read_as_git_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let git = Program::new(folder.path()).with("GIT_CONFIG_GLOBAL", "/dev/null").with("GIT_CONFIG_NOSYSTEM", "1");
        git.run(&["init", "-q"]).unwrap();
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner =
            TestRunner::new_with_rng(Config { cases: 400, failure_persistence: None, ..Config::default() }, rng);
        runner
            .run(&messages(), |text| {
                let theirs =
                    git.run_with(&["interpret-trailers", "--parse", "--no-divider"], Some(text.as_bytes())).unwrap();
                let theirs = String::from_utf8(theirs.output).unwrap();
                let ours: String = parsed(&text).iter().map(|trailer| format!("{trailer}\n")).collect();
                prop_assert_eq!(ours, theirs, "{:?}", text);
                Ok(())
            })
            .unwrap();
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", lines in prop::collection::vec("[:# \t\r\nA-cé-]{0,6}", 0..20)) {
            Message::parse(&text);
            Message::parse(&lines.join("\n"));
        }
    }
}
