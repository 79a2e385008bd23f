//! `calendar/past`: no post waits for a time that is long over.
//!
//! What comes later than its account's `late_after` (6 h where `greenlit.toml` says nothing) is held for a person, and never
//! sent by itself. Whether a post is out is known from the ledger, as this clone has it.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-24 03:00
//! ---
//! Good morning!
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-24 09:00
//! ---
//! Good morning! It is ten o'clock, and this can still go out.
//! ```

use chrono::TimeDelta;

use super::{Desk, Level, Rule, Written, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["calendar/past"],
    "no post waits for a time that is long over",
    Level::Warning,
    include_str!("calendar_past.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let faults = diary::faults(written.post, desk, |entry| {
        let late_after = TimeDelta::from_std(entry.account.late_after).ok()?;
        let late = desk.now.signed_duration_since(entry.at) > late_after;
        let help = "choose a time to come, or take `publish_at` away: then it goes out once it is approved";
        late.then(|| (String::new(), help.to_owned()))
    });
    for (_, help, accounts) in faults {
        let message = format!("this time is over, and nothing went to {accounts}: it would be held for a person");
        findings.push(diary::finding("calendar/past", written.post, "publish_at", message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::look;

    #[test]
    fn each_account_has_its_own_patience() {
        let settings = "[accounts.\"net/a\"]\n[accounts.\"net/b\"]\nlate_after = \"2d\"\n";
        let posts = [
            ("late", "to: [net/a, net/b]\npublish_at: 2026-11-24 02:59Z"),
            ("just", "to: net/a\npublish_at: 2026-11-24 03:00Z"),
            ("out", "to: net/a\npublish_at: 2026-11-20 03:00Z"),
            ("draft", "to: net/a\ndraft: true\npublish_at: 2026-11-20 03:00Z"),
        ];
        let told = look(&RULE, settings, &posts, &[]);
        let expected = "this time is over, and nothing went to net/a: it would be held for a person";
        assert_eq!(told, [("late".to_owned(), expected.to_owned())]);
    }
}
