//! A yes in a comment on a forge that keeps no commit with an approval: a line that names what is approved.

use crate::render::Digest;
use crate::workspace::Due;

/// What the line begins with.
const BEGIN: &str = "greenlit: approve ";

/// A delivery that a line approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yes {
    /// What was seen.
    pub digest: Digest,
    /// For when.
    pub due: Due,
}

/// The line to paste into a comment: `greenlit: approve sha256:4f0c… at 2026-12-01T08:00:00Z`.
pub fn line(digest: &Digest, due: Due) -> String {
    format!("{BEGIN}{digest} at {due}")
}

/// The deliveries that a comment approves: a line for each, as [`line`] writes it. What is quoted (`> …`), indented, within a
/// sentence or a block of code is none: nobody approves by citing somebody.
pub fn read(comment: &str) -> Vec<Yes> {
    let mut fence: Option<&str> = None;
    let mut found = Vec::new();
    for text in comment.lines() {
        let mark = ["```", "~~~"].into_iter().find(|mark| text.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => found.extend(yes(text)),
            _ => {}
        }
    }
    found
}

fn yes(text: &str) -> Option<Yes> {
    let (digest, due) = text.strip_prefix(BEGIN)?.trim_end().split_once(" at ")?;
    Some(Yes { digest: Digest::parse(digest)?, due: due.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        Digest::parse(&format!("sha256:{}", "4f".repeat(32))).unwrap()
    }

    #[test]
    fn what_is_offered_for_pasting_is_read_back() {
        let at = "2026-12-01T08:00:00Z".parse().unwrap();
        let comment = format!("Looks good.\r\n{}\r\n{}  \n", line(&digest(), at), line(&digest(), Due::Asap));
        let yes = |due| Yes { digest: digest(), due };
        assert_eq!(read(&comment), [yes(at), yes(Due::Asap)]);
    }

    #[test]
    fn citing_somebody_approves_nothing() {
        let line = line(&digest(), Due::Asap);
        for comment in [
            format!("> {line}"),
            format!("    {line}"),
            format!("- {line}"),
            format!("I would not {line}"),
            format!("```\n{line}\n```"),
            format!("~~~text\n```\n{line}\n~~~"),
            format!("{line} or so"),
            line.replace("sha256:4f", "sha256:4"),
            line.replace(" at asap", ""),
            line.replace("approve", "Approve"),
        ] {
            assert_eq!(read(&comment), [], "{comment}");
        }
    }
}
