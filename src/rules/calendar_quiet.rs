//! `calendar/quiet`: nothing goes out in an account's quiet hours, or on a weekday that is not one of its own.
//!
//! `quiet = ["22:00-07:00"]` and `weekdays = ["mon-fri"]` are meant where people read it: in the zone of `audience`, else in the
//! workspace's. An hour that happens twice, when clocks go back, is quiet both times.
//!
//! ```toml settings
//! [accounts."outbox/news"]
//! path = "news"
//! audience = "America/New_York"
//! quiet = ["22:00-07:00"]
//! weekdays = ["mon-fri"]
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/news
//! publish_at: 2026-12-01 09:00
//! ---
//! Good morning! In New York it is three at night.
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/news
//! publish_at: 2026-12-05 16:00
//! ---
//! Have a nice Saturday.
//! ```
//!
//! ```markdown good
//! ---
//! to: outbox/news
//! publish_at: 2026-12-01 16:00
//! ---
//! Good morning!
//! ```

use super::{Desk, Level, Rule, Written, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["calendar/quiet"],
    "nothing goes out in an account's quiet hours, or on a weekday that is not one of its own",
    Level::Warning,
    include_str!("calendar_quiet.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let faults = diary::faults(written.post, desk, |entry| {
        let rhythm = &entry.account.rhythm;
        let local = rhythm.local(entry.at).format("%A %Y-%m-%d, %H:%M");
        let what = match rhythm.rests(entry.at)? {
            Some(hours) => format!("quiet from {hours}: there it is {local} ({})", rhythm.audience),
            None => format!("quiet on this weekday: there it is {local} ({})", rhythm.audience),
        };
        let help = match rhythm.wakes(entry.at) {
            Some(at) => format!("the next time is {}: write `{}`", diary::when(at, rhythm), diary::typed(at, rhythm)),
            None => "choose another time".to_owned(),
        };
        Some((what, help))
    });
    for (what, help, accounts) in faults {
        let are = if accounts.contains(" and ") { "are" } else { "is" };
        let message = format!("{accounts} {are} {what}");
        findings.push(diary::finding("calendar/quiet", written.post, "publish_at", message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::look;

    #[test]
    fn accounts_in_one_place_are_told_together() {
        let settings = "quiet = [\"22:00-07:00\"]\n[accounts.\"net/a\"]\n[accounts.\"net/b\"]\n\
                        [accounts.\"net/c\"]\naudience = \"Asia/Tokyo\"\n";
        let posts = [
            ("night", "to: [net/a, net/b, net/c]\npublish_at: 2026-12-01 23:30"),
            ("day", "to: [net/a, net/b]\npublish_at: 2026-12-01 07:00"),
            ("out", "to: net/a\npublish_at: 2026-12-01 23:30"),
        ];
        let told = look(&RULE, settings, &posts, &[]);
        let expected =
            "net/a and net/b are quiet from 22:00 to 07:00: there it is Tuesday 2026-12-01, 23:30 (Europe/Berlin)";
        // In Tokyo it is 07:30 in the morning.
        assert_eq!(told, [("night".to_owned(), expected.to_owned())]);
    }
}
