//! `asset/film-long`: no film plays longer than its account's `max_film` says.
//!
//! What a webhook hands on has the limits of where it goes: say them in the account's table. Looked at are the length that MP4,
//! QuickTime and WebM say of themselves, and the delays of an animated GIF, PNG or WebP.
//!
//! ```toml settings
//! [accounts."webhook/relay"]
//! max_film = "1m"
//! ```
//!
//! ```markdown bad
//! ---
//! to: webhook/relay
//! media: [{file: assets/film.mp4, alt: Leaves fall from a maple for a minute and a half}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: [webhook/relay, outbox/site]
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here.
//! ```

use std::time::Duration;

use super::{Level, Outgoing, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::outgoing(
    &["asset/film-long"],
    "no film plays longer than its account's `max_film` says",
    Level::Warning,
    include_str!("film_long.rs"),
    judge,
);

fn judge(outgoing: &Outgoing<'_>, findings: &mut Vec<Finding>) {
    let Outgoing { post, account, payload, assets, .. } = outgoing;
    let Some(most) = account.most.film else { return };
    for file in payload.parts.iter().flat_map(|part| &part.media) {
        let moving = assets.asset(&file.file).ok().and_then(|asset| asset.moving);
        let Some(long) = moving.and_then(|moving| moving.duration).filter(|long| *long > most) else { continue };
        let message = format!("{} plays for {}, and {} is to have {}", file.file, told(long), account.name, told(most));
        let finding = Finding::warning("asset/film-long", &post.source, place::media(post, &file.file), message);
        findings.push(finding.label("this film").help("cut it, or write a variant with a link to it"));
    }
}

/// `1 min 35 s`
fn told(long: Duration) -> String {
    let seconds = long.as_secs() + u64::from(long.subsec_millis() > 0);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_minutes() {
        for (millis, text) in [(59_001, "1 min"), (95_000, "1 min 35 s"), (500, "1 s"), (3_600_000, "60 min")] {
            assert_eq!(told(Duration::from_millis(millis)), text);
        }
    }
}
