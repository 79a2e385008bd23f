//! `calendar/gap`: two posts to one account are as far apart as its `min_gap` says.
//!
//! Readers who see two posts of one account in a row read one of them. `min_gap = "2h"` in `greenlit.toml` says how far apart
//! they are: for one account, or at the top for all that do not say otherwise. Posts that are out count as neighbours, and
//! drafts do not.
//!
//! ```toml settings
//! [accounts."outbox/news"]
//! path = "news"
//! min_gap = "2h"
//! ```
//!
//! ```markdown file posts/other.md
//! ---
//! to: outbox/news
//! publish_at: 2026-12-01 09:00
//! ---
//! Our autumn report is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/news
//! publish_at: 2026-12-01 10:30
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: outbox/news
//! publish_at: 2026-12-01 11:00
//! ---
//! Acme 5 is here.
//! ```

use chrono::TimeDelta;

use super::{Desk, Level, Rule, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::workspace(
    &["calendar/gap"],
    "two posts to one account are as far apart as its `min_gap` says",
    Level::Warning,
    include_str!("calendar_gap.rs"),
    judge,
);

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    for entries in diary::of(desk).values() {
        for pair in entries.windows(2) {
            let [before, entry] = pair else { continue };
            let Ok(gap) = TimeDelta::from_std(entry.account.rhythm.min_gap) else { continue };
            let apart = entry.at.signed_duration_since(before.at);
            if apart >= gap || entry.is_out(desk) {
                continue;
            }
            let message = format!(
                "{} after `{}`, which goes to {} at {}",
                if apart.is_zero() { "no time".to_owned() } else { diary::length(apart) },
                before.post.id,
                entry.account.name,
                before.when()
            );
            let free = before.at.checked_add_signed(gap).map(|free| diary::typed(free, &entry.account.rhythm));
            let help = format!(
                "`min_gap` is {}: move one of them, this one to `{}` or later",
                diary::length(gap),
                free.unwrap_or_default()
            );
            findings.push(diary::finding("calendar/gap", entry.post, "publish_at", message, help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::{found, look};

    const GAP: &str = "min_gap = \"2h\"\n[accounts.\"net/a\"]\n[accounts.\"net/b\"]\nmin_gap = \"0\"\n";

    #[test]
    fn neighbours_are_told_with_their_time() {
        let posts = [
            ("late", "to: net/a\npublish_at: 2026-12-01 10:30"),
            ("out-before", "to: [net/a, net/b]\npublish_at: 2026-12-01 09:00"),
            ("free", "to: net/a\npublish_at: 2026-12-01 12:30"),
            ("other", "to: net/b\npublish_at: 2026-12-01 09:01"),
            ("draft", "to: net/a\ndraft: true\npublish_at: 2026-12-01 12:29"),
            ("asap", "to: net/a"),
        ];
        let told = look(&RULE, GAP, &posts, &[]);
        assert_eq!(told.len(), 1, "{told:?}");
        let expected = "1 h 30 min after `out-before`, which goes to net/a at 2026-12-01 09:00 (Europe/Berlin)";
        assert_eq!(told[0], ("late".to_owned(), expected.to_owned()));
    }

    #[test]
    fn two_at_once_are_told_once_and_what_is_out_never() {
        let at = "to: net/a\npublish_at: 2026-12-01 09:00";
        assert_eq!(found(&RULE, GAP, &[("a", at), ("b", at)]), ["b"]);
        assert_eq!(found(&RULE, GAP, &[("out-a", at), ("out-b", at)]), [""; 0]);
    }

    #[test]
    fn the_clocks_make_no_gap_longer() {
        // 01:30 in summer time and 02:30 in winter time are two hours apart.
        let posts = [
            ("a", "to: net/a\npublish_at: 2027-10-31 01:30"),
            ("b", "to: net/a\npublish_at: 2027-10-31 02:30+01:00"),
            ("c", "to: net/a\npublish_at: 2028-03-26 01:30"),
            ("d", "to: net/a\npublish_at: 2028-03-26 03:45"),
        ];
        assert_eq!(found(&RULE, GAP, &posts), ["d"]);
    }
}
