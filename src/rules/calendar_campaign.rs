//! `calendar/campaign`: a post goes out on one of its campaign's days, and names a campaign that there is.
//!
//! Where `[campaigns]` in `greenlit.toml` lists any, posts name these and no others. The days, the first and the last included,
//! are those of the account's audience. A campaign that has none goes on for ever.
//!
//! ```toml settings
//! [campaigns.autumn]
//! from = 2026-11-01
//! to = 2026-12-15
//!
//! [campaigns.evergreen]
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-16 09:00
//! campaign: autumn
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! campaign: autum
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-15 23:00
//! campaign: Autumn
//! ---
//! Autumn is here.
//! ```

use super::{Desk, Level, Rule, Written, diary};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["calendar/campaign"],
    "a post goes out on one of its campaign's days, and names a campaign that there is",
    Level::Warning,
    include_str!("calendar_campaign.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let post = written.post;
    let Some(name) = post.campaign.as_deref().filter(|_| !desk.settings.campaigns.is_empty()) else { return };
    let Some(campaign) = desk.settings.campaign(name) else {
        if post.to.iter().all(|account| (desk.deliveries.out)(&post.id, account)) {
            return;
        }
        let known: Vec<&str> = desk.settings.campaigns.iter().map(|campaign| campaign.name.as_str()).collect();
        let message = format!("there is no campaign {}", suggest::quote(name));
        let help = suggest::help(name, "campaigns", &known);
        findings.push(diary::finding("calendar/campaign", post, "campaign", message, help));
        return;
    };
    let faults = diary::faults(post, desk, |entry| {
        let day = entry.account.rhythm.local(entry.at).date();
        let what = format!("at {}, and the campaign {} is {campaign}", entry.when(), suggest::quote(&campaign.name));
        (!campaign.holds(day)).then(|| (what, "choose another time, or another campaign".to_owned()))
    });
    for (what, help, accounts) in faults {
        let message = format!("this goes to {accounts} {what}");
        findings.push(diary::finding("calendar/campaign", post, "publish_at", message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diary::tests::{found, look};

    #[test]
    fn names_and_days_are_held_against_those_that_are_listed() {
        let settings = "[campaigns.autumn]\nfrom = 2026-11-01\nto = 2026-12-15\n[accounts.\"net/a\"]\n[accounts.\"net/b\"]\naudience = \"Asia/Tokyo\"\n";
        let posts = [
            ("last", "to: [net/a, net/b]\ncampaign: AUTUMN\npublish_at: 2026-12-15 23:00"),
            ("near", "to: net/a\ncampaign: autum"),
            ("out", "to: net/a\ncampaign: spring"),
            ("none", "to: net/a"),
        ];
        let told = look(&RULE, settings, &posts, &[]);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].1.starts_with("this goes to net/b at 2026-12-16 07:00 (Asia/Tokyo)"), "{}", told[0].1);
        assert_eq!(told[1], ("near".to_owned(), "there is no campaign `autum`".to_owned()));
        assert_eq!(found(&RULE, "[accounts.\"net/a\"]\n", &posts[1..2]), [""; 0], "none are listed");
    }
}
