//! `calendar/sparse`: no coming week has fewer posts to one account than its `min_per_week` says.
//!
//! The four weeks after this one are looked at, from Monday to Sunday on the calendars of those who read it. Drafts do not
//! count, nor does what has no time.
//!
//! ```toml settings
//! [accounts."outbox/news"]
//! path = "news"
//! min_per_week = 1
//! ```
//!
//! ```markdown file posts/first.md
//! ---
//! to: outbox/news
//! publish_at: 2026-12-01 09:00
//! ---
//! The first of December.
//! ```
//!
//! ```markdown file posts/second.md
//! ---
//! to: outbox/news
//! publish_at: 2026-12-08 09:00
//! ---
//! The second week.
//! ```
//!
//! ```markdown file posts/third.md
//! ---
//! to: outbox/news
//! publish_at: 2026-12-15 09:00
//! ---
//! The third week.
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/news
//! publish_at: 2026-12-28 09:00
//! ---
//! The week of Christmas was left out.
//! ```
//!
//! ```markdown good
//! ---
//! to: outbox/news
//! publish_at: 2026-12-27 23:00
//! ---
//! A Sunday is the end of its week.
//! ```

use chrono::{Datelike, Days};

use super::{Desk, Level, Rule, diary};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::workspace(
    &["calendar/sparse"],
    "no coming week has fewer posts to one account than its `min_per_week` says",
    Level::Info,
    include_str!("calendar_sparse.rs"),
    judge,
);

/// Weeks that are looked at.
const WEEKS: u64 = 4;

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let diary = diary::of(desk);
    for account in desk.settings.accounts.values() {
        let Some(least) = &account.rhythm.min_per_week else { continue };
        let days = diary.get(&account.name).into_iter().flatten().map(|entry| account.rhythm.local(entry.at).date());
        let days: Vec<_> = days.collect();
        let today = account.rhythm.local(desk.now).date();
        let this = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()));
        for week in 1..=WEEKS {
            let monday = this.and_then(|this| this.checked_add_days(Days::new(7 * week)));
            let Some((monday, next)) = monday.and_then(|day| Some((day, day.checked_add_days(Days::new(7))?))) else {
                continue;
            };
            let count = days.iter().filter(|day| monday <= **day && **day < next).count();
            if count < least.posts {
                let message = format!(
                    "{count} {} to {} in the week from Monday {monday}",
                    if count == 1 { "post goes" } else { "posts go" },
                    account.name
                );
                let finding = Finding::warning("calendar/sparse", &least.source, least.span.clone(), message);
                let help = "`greenlit new` begins another one; or lower `min_per_week`";
                findings.push(finding.label("the least").help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::look;

    #[test]
    fn the_four_weeks_after_this_one_are_counted() {
        let settings = "min_per_week = 2\n[accounts.\"net/a\"]\n[accounts.\"net/b\"]\nmin_per_week = 0\n";
        let posts = [
            ("a", "to: net/a\npublish_at: 2026-11-30 00:00"),
            ("b", "to: net/a\npublish_at: 2026-12-06 23:59"),
            ("c", "to: net/a\npublish_at: 2026-12-07 00:00"),
            ("d", "to: net/a\ndraft: true\npublish_at: 2026-12-08 00:00"),
        ];
        let told = look(&RULE, settings, &posts, &[]);
        let messages: Vec<&str> = told.iter().map(|(_, message)| message.as_str()).collect();
        let expected = [
            "1 post goes to net/a in the week from Monday 2026-12-07",
            "0 posts go to net/a in the week from Monday 2026-12-14",
            "0 posts go to net/a in the week from Monday 2026-12-21",
        ];
        assert_eq!(messages, expected);
        assert!(told.iter().all(|(file, _)| file == "greenlit.toml"));
    }
}
