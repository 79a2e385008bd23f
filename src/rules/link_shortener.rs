//! `link/shortener`: links show where they lead.
//!
//! A shortened address hides the page behind it, stops working when its service ends, and saves nothing: Mastodon counts
//! every link the same, and on Bluesky the words of a link are what counts.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here: https://bit.ly/acme5
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here: https://acme.example/launch
//! ```

use super::links::registered;
use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["link/shortener"],
    "links show where they lead",
    Level::Info,
    include_str!("link_shortener.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for address in &written.addresses {
        let host = address.host();
        if !SHORTENERS.contains(&registered(host)) || address.url.path().len() < 2 {
            continue;
        }
        let message = format!("{} hides where the link leads", suggest::quote(host));
        let finding = Finding::warning("link/shortener", &written.post.source, address.span.clone(), message);
        findings.push(finding.label("a shortened address").help("write the address of the page itself"));
    }
}

/// Services that do nothing but this, open to everybody. `goo.gl` makes no new addresses since 2019, and since 2025 knows
/// those alone that were still followed in 2024 (checked 2026-11-28).
#[rustfmt::skip]
const SHORTENERS: [&str; 26] = [
    "bit.ly", "t.co", "tinyurl.com", "goo.gl", "ow.ly", "buff.ly", "is.gd", "v.gd", "rebrand.ly", "t.ly", "cutt.ly",
    "lnkd.in", "shorturl.at", "rb.gy", "dlvr.it", "tiny.cc", "bl.ink", "s.id", "trib.al", "ift.tt", "j.mp", "soo.gd", "adf.ly",
    "shorturl.com", "urlz.fr", "clck.ru",
];
