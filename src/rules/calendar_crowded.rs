//! `calendar/crowded`: no day has more posts to one account than its `max_per_day` says.
//!
//! A day is one on the calendars of those who read it: of `audience = "America/New_York"` in the account's table, else of the
//! workspace's `timezone`. Posts that are out count, drafts do not.
//!
//! ```toml settings
//! [accounts."outbox/news"]
//! path = "news"
//! max_per_day = 1
//! audience = "America/New_York"
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
//! publish_at: 2026-12-02 05:00
//! ---
//! Acme 5 is here, at eleven in the evening in New York.
//! ```
//!
//! ```markdown good
//! ---
//! to: outbox/news
//! publish_at: 2026-12-02 06:00
//! ---
//! Acme 5 is here.
//! ```

use super::{Desk, Level, Rule, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::workspace(
    &["calendar/crowded"],
    "no day has more posts to one account than its `max_per_day` says",
    Level::Warning,
    include_str!("calendar_crowded.rs"),
    judge,
);

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    for entries in diary::of(desk).values() {
        let day = |entry: &diary::Entry<'_>| entry.account.rhythm.local(entry.at).date();
        for entries in entries.chunk_by(|a, b| day(a) == day(b)) {
            let most = entries.first().and_then(|entry| entry.account.rhythm.max_per_day).unwrap_or(usize::MAX);
            for entry in entries.iter().skip(most).filter(|entry| !entry.is_out(desk)) {
                let (account, zone) = (&entry.account.name, entry.account.rhythm.audience);
                let message = format!(
                    "{} posts go to {account} on {} ({zone}), and {most} are enough",
                    entries.len(),
                    day(entry)
                );
                let others = entries.iter().take(most.min(5)).map(|other| &other.post.id);
                let help = format!(
                    "move it to another day: {} {} first",
                    diary::posts(others),
                    if most == 1 { "goes" } else { "go" }
                );
                findings.push(diary::finding("calendar/crowded", entry.post, "publish_at", message, help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::found;

    #[test]
    fn a_day_is_the_audiences_though_it_has_25_hours() {
        let settings = "max_per_day = 2\n[accounts.\"net/a\"]\n";
        // 31 October 2027 begins at 22:00 and ends at 23:00 by UTC.
        let posts = [
            ("a", "to: net/a\npublish_at: 2027-10-30 22:00Z"),
            ("b", "to: net/a\npublish_at: 2027-10-31 12:00Z"),
            ("c", "to: net/a\npublish_at: 2027-10-31 22:59Z"),
            ("d", "to: net/a\npublish_at: 2027-10-31 23:00Z"),
        ];
        assert_eq!(found(&RULE, settings, &posts), ["c"]);
        let out = [("out-a", posts[0].1), ("out-b", posts[1].1), ("out-c", posts[2].1), ("d", posts[2].1)];
        assert_eq!(found(&RULE, settings, &out), ["d"]);
    }
}
