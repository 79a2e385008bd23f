//! `calendar/blackout`: nothing goes out on a holiday, or while somebody asked for silence.
//!
//! Such times stand in `greenlit.toml`, as `[[blackout]]` with days or times; in `calendar/*.toml`, as days with names; and in
//! `calendar/*.ics`, the files that every calendar program exports. Each may be for some accounts alone. Days are those of the
//! account's audience. What comes again and again is followed for five years; of a rule that is not known here (`FREQ=HOURLY`)
//! the first day counts. Marks without a length are passed over.
//!
//! ```toml settings
//! [[blackout]]
//! from = 2026-12-08
//! to = 2026-12-10
//! why = "Quarterly results"
//! accounts = ["mastodon/*"]
//! ```
//!
//! ```toml file calendar/holidays.toml
//! [[day]]
//! date = 2026-12-25
//! name = "Christmas"
//! ```
//!
//! ```text file calendar/company.ics
//! BEGIN:VCALENDAR
//! VERSION:2.0
//! BEGIN:VEVENT
//! SUMMARY:Day of silence
//! DTSTART;VALUE=DATE:20201126
//! RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH
//! END:VEVENT
//! END:VCALENDAR
//! ```
//!
//! ```markdown bad
//! ---
//! to: [bluesky/acme, mastodon/acme]
//! publish_at: 2026-12-09 09:00
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-25 09:00
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-26 09:00
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-09 09:00
//! ---
//! Acme 5 is here.
//! ```

use super::{Desk, Level, Rule, Written, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["calendar/blackout"],
    "nothing goes out on a holiday, or while somebody asked for silence",
    Level::Warning,
    include_str!("calendar_blackout.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let faults = diary::faults(written.post, desk, |entry| {
        let audience = entry.account.rhythm.audience;
        let blackout = desk.settings.blackouts.iter().chain(desk.deliveries.blackouts).find(|blackout| {
            blackout.window.holds(entry.at, audience) && blackout.accounts.hold(&entry.account.name)
        })?;
        let what = format!("{} is {}, and there it is {}", blackout.why, blackout.window, entry.when());
        Some((what, format!("choose another time; {} says so", blackout.file)))
    });
    for (what, help, accounts) in faults {
        let message = format!("nothing is to go to {accounts}: {what}");
        findings.push(diary::finding("calendar/blackout", written.post, "publish_at", message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::look;

    #[test]
    fn a_day_is_the_audiences_and_some_are_for_some_accounts() {
        let settings = "[[blackout]]\nfrom = 2026-12-25\nwhy = \"Christmas\"\naccounts = [\"net/*\"]\n\
                        [[blackout]]\nfrom = \"2026-12-01 12:00\"\nto = \"2026-12-01 13:00\"\naccounts = [\"net/b\"]\n\
                        [accounts.\"net/a\"]\n[accounts.\"net/b\"]\naudience = \"Pacific/Auckland\"\n";
        let posts = [
            ("eve", "to: [net/a, net/b]\npublish_at: 2026-12-24 23:00"),
            ("noon", "to: [net/a, net/b]\npublish_at: 2026-12-01 12:59"),
            ("after", "to: [net/a, net/b]\npublish_at: 2026-12-01 13:00"),
            ("out", "to: net/a\npublish_at: 2026-12-25 12:00"),
        ];
        let told = look(&RULE, settings, &posts, &[]);
        let names: Vec<&str> = told.iter().map(|(post, _)| post.as_str()).collect();
        assert_eq!(names, ["eve", "noon"]);
        let expected = "nothing is to go to net/b: Christmas is on 2026-12-25, and there it is 2026-12-25 11:00 (Pacific/Auckland)";
        assert_eq!(told[0].1, expected);
        assert!(told[1].1.contains("net/b: a blackout is from 2026-12-01 12:00"), "{}", told[1].1);
    }
}
