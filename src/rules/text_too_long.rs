//! `post/too-long`: a part's text must fit, counted as the network counts.
//!
//! Bluesky counts what readers see as one character (300) and bytes (3,000); Mastodon counts every link as 23 characters and
//! leaves the server of a mention out. `greenlit count` counts any text for any network.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5. Autumn is here, and so is Acme 5.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here, and so is Acme 5.
//! ```

use super::{Delivery, Rule, place};
use crate::render::Part;
use crate::render::length::{Measure, measure};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/too-long"],
    "a part's text must fit, counted as the network counts",
    include_str!("text_too_long.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    let warning = payload.content_warning.as_deref();
    let parts = payload.parts.len();
    for (n, part) in payload.parts.iter().enumerate() {
        let count = |text: &str| measure(&Part { text: text.to_owned(), ..part.clone() }, warning, &capability.length);
        let measured = count(&part.text);
        if measured.fits() {
            continue;
        }
        let span = match place::text_of(post, &payload.account.name, n, parts) {
            Some(text) => place::behind(text, fitting(&part.text, |text| count(text).fits())),
            None => 0..0,
        };
        let which = if parts > 1 { format!("part {} ", n + 1) } else { "the text ".to_owned() };
        let message = format!("{which}is too long for {}: {}", payload.account.name, told(&measured));
        let variant = if parts > 1 { "" } else { ", or break it into a thread with a line `---`" };
        findings.push(
            Finding::error("post/too-long", &post.source, span, message)
                .label("from here on it is too much")
                .help(format!("shorten it, write a variant `::: {}`{variant}", payload.account.name.network())),
        );
    }
}

/// The limit that is broken, in words.
fn told(measured: &Measure) -> String {
    let (count, limit, unit) = match (measured.limit, measured.second) {
        (Some(limit), _) if measured.count > limit => (measured.count, limit, measured.unit),
        (_, Some(second)) => second,
        (limit, None) => (measured.count, limit.unwrap_or_default(), measured.unit),
    };
    format!("{count} {unit}, and {limit} fit")
}

/// The longest beginning of a text that fits.
fn fitting(text: &str, fits: impl Fn(&str) -> bool) -> &str {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let longest = ends.partition_point(|end| fits(text.get(..*end).unwrap_or_default()));
    let end = longest.checked_sub(1).and_then(|n| ends.get(n)).copied().unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
