//! `calendar/too-soon`: whoever has to approve a post has the time that the workflow gives them.
//!
//! The stages of a post's workflow come one after the other, and each may have so long (`within` in `roles.toml`); of those that
//! come together, the longest counts. A post that is on the trusted branch as it is here is left alone: people were asked
//! already.
//!
//! ```toml file roles.toml
//! version = 1
//!
//! [people.noor]
//! emails = ["noor@acme.example"]
//!
//! [people.tess]
//! emails = ["tess@acme.example"]
//!
//! [roles]
//! editor = ["noor"]
//! legal = ["tess"]
//! admin = ["noor"]
//!
//! [policy]
//! evidence = "sign-off"
//!
//! [[workflow]]
//! name = "default"
//! stages = [{ role = "editor", within = "24h" }, { role = "legal", within = "48h" }]
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-26 09:00
//! ---
//! Prices go down.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-27 10:00
//! ---
//! Prices go down.
//! ```

use chrono::TimeDelta;

use super::{Desk, Level, Rule, Written, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["calendar/too-soon"],
    "whoever has to approve a post has the time that the workflow gives them",
    Level::Warning,
    include_str!("calendar_too_soon.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let faults = diary::faults(written.post, desk, |entry| {
        let needed = TimeDelta::from_std((desk.deliveries.needs)(entry.post, &entry.account.name)?).ok()?;
        let left = entry.at.signed_duration_since(desk.now);
        if left >= needed || left < TimeDelta::zero() || (desk.deliveries.asked)(entry.post) {
            return None;
        }
        let what = format!("in {}, and to approve it may take {}", diary::length(left), diary::length(needed));
        let enough = desk.now.checked_add_signed(needed);
        let enough = enough.map(|at| diary::typed(at, &entry.account.rhythm)).unwrap_or_default();
        Some((what, format!("write `{enough}` or later, or ask those who approve to be quick")))
    });
    for (what, help, accounts) in faults {
        let message = format!("this goes to {accounts} {what}");
        findings.push(diary::finding("calendar/too-soon", written.post, "publish_at", message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::look;

    #[test]
    fn what_is_left_is_held_against_what_people_may_take() {
        let settings = "[accounts.\"net/a\"]\n";
        // The first label stands for what the workflow gives.
        let posts = [
            ("soon", "to: net/a\nlabels: 72h\npublish_at: 2026-11-27 08:59Z"),
            ("later", "to: net/a\nlabels: 72h\npublish_at: 2026-11-27 09:00Z"),
            ("past", "to: net/a\nlabels: 72h\npublish_at: 2026-11-24 08:59Z"),
            ("free", "to: net/a\npublish_at: 2026-11-24 09:01Z"),
            ("asked", "to: net/a\nlabels: 72h\npublish_at: 2026-11-24 09:01Z"),
            ("out", "to: net/a\nlabels: 72h\npublish_at: 2026-11-24 09:01Z"),
        ];
        let told = look(&RULE, settings, &posts, &[]);
        let expected = "this goes to net/a in 2 d 23 h 59 min, and to approve it may take 3 d";
        assert_eq!(told, [("soon".to_owned(), expected.to_owned())]);
    }
}
