//! `text/hashtags-many`, `text/mentions-many`, `text/links-many`: no message has more hashtags, mentions or links than people
//! read.
//!
//! `max_hashtags`, `max_mentions` and `max_links` in an account's table say how many are enough there: what a webhook hands on
//! has the limits of where it goes. Where nobody says so, ten of a kind are enough where a message has a limited length. They
//! are counted in what goes out, with what the account's template adds; `[limits]` of the style guide is about all texts as
//! they are written.
//!
//! ```toml settings
//! [accounts."webhook/relay"]
//! max_hashtags = 5
//! max_links = 0
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! ---
//! Autumn is here. #a1 #a2 #a3 #a4 #a5 #a6 #a7 #a8 #a9 #a10 #a11
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Thank you! @a.example @b.example @c.example @d.example @e.example @f.example @g.example @h.example @i.example @j.example @k.example
//! ```
//!
//! ```markdown bad
//! ---
//! to: webhook/relay
//! ---
//! Read [the news](https://acme.example/news).
//! ```
//!
//! ```markdown good
//! ---
//! to: [mastodon/acme, webhook/relay]
//! ---
//! Autumn is here. #launch #autumn
//! ```

use std::ops::Range;

use super::{Level, Outgoing, Rule, place};
use crate::render::{Length, Mark, Marks};
use crate::workspace::{Finding, Most, Text};

pub const RULE: Rule = Rule::outgoing(
    &["text/hashtags-many", "text/mentions-many", "text/links-many"],
    "no message has more hashtags, mentions or links than people read",
    Level::Warning,
    include_str!("marks_many.rs"),
    judge,
);

/// Of a kind in one message, where nobody says otherwise: more looks like spam, to people as to servers.
const ENOUGH: usize = 10;

fn judge(outgoing: &Outgoing<'_>, findings: &mut Vec<Finding>) {
    let Outgoing { post, account, payload, capability, .. } = outgoing;
    // A page of one's own may have as many as it likes.
    let usual = (capability.length != Length::Unlimited).then_some(ENOUGH);
    let Most { hashtags, mentions, links, .. } = account.most;
    let fewest = [hashtags, mentions, links].into_iter().filter_map(|most| most.or(usual)).min();
    let (name, parts) = (&account.name, payload.parts.len());
    for (n, part) in payload.parts.iter().enumerate() {
        // There are no more marks than signs that begin one, or than the network is told of.
        let signs = part.text.matches(['#', '＃', '@', ':']).count().max(part.facets.len());
        if fewest.is_none_or(|most| signs <= most) {
            continue;
        }
        let marks = Marks::of(part, capability);
        let kinds = [
            ("text/hashtags-many", "hashtag", &marks.hashtags, hashtags),
            ("text/mentions-many", "mention", &marks.mentions, mentions),
            ("text/links-many", "link", &marks.links, links),
        ];
        for (code, what, marks, most) in kinds {
            let Some(most) = most.or(usual).filter(|most| marks.len() > *most) else { continue };
            let text = place::text_of(post, &account.name, n, parts);
            let span = text.map_or(0..0, |text| place_of(text, marks, most));
            let (count, which) =
                (marks.len(), if parts > 1 { format!("part {}", n + 1) } else { "the text".to_owned() });
            let plural = if count == 1 { "" } else { "s" };
            let enough = if most == 0 { "none is wanted".to_owned() } else { format!("{most} are enough") };
            let message = format!("{which} has {count} {what}{plural} for {name}, where {enough}");
            let help = format!("keep those that matter most, or set `max_{what}s` for {name} in greenlit.toml");
            findings.push(Finding::warning(code, &post.source, span, message).label("one too many").help(help));
        }
    }
}

/// Where the first mark stands that is too much; all of the text where a template wrote it.
fn place_of(text: &Text, marks: &[Mark], most: usize) -> Range<usize> {
    let mut at = 0;
    let mut found = None;
    for mark in marks.iter().take(most + 1) {
        found = text.markdown.get(at..).and_then(|rest| rest.find(&mark.name)).map(|start| at + start);
        at = found.map_or(at, |start| start + mark.name.len());
    }
    match (found, marks.get(most)) {
        (Some(start), Some(mark)) => text.offset + start..text.offset + start + mark.name.len(),
        _ => place::whole(text),
    }
}
