//! `link/tracking`: no address carries a mark of whoever copied it.
//!
//! `fbclid`, `gclid`, `igsh`, `si` and their like were put on an address by the page that it was copied from: they tell who
//! passes it on, and make it long. `greenlit check --fix` removes them. What a team adds on purpose to know a campaign
//! (`utm_source`, `mc_cid`) is left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Watch our film: https://youtu.be/a1b2c3d4e5f?si=Zx81kQw0
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! link: https://acme.example/launch?utm_source=bluesky&fbclid=IwAR0x
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here: https://acme.example/launch?utm_source=bluesky&page=2
//! ```

use super::links::{Address, belongs};
use super::{Desk, Level, Rule, Written};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["link/tracking"],
    "no address carries a mark of whoever copied it",
    Level::Warning,
    include_str!("link_tracking.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for address in &written.addresses {
        let marks = marks(address);
        if marks.is_empty() {
            continue;
        }
        let (what, them) = if marks.len() == 1 { ("a mark", "it") } else { ("marks", "them") };
        let message = format!("the address has {what} of whoever copied it: {}", marks.join(", "));
        let finding = Finding::warning("link/tracking", &written.post.source, address.span.clone(), message);
        let finding = finding.label("it leads to the same page without").help(format!("remove {them} behind the `?`"));
        let clean = without(&address.written, |name| marks.contains(&name));
        findings.push(if address.exact { finding.fix(address.span.clone(), clean) } else { finding });
    }
}

/// The names of the parameters that mark who copied an address.
fn marks(address: &Address) -> Vec<&str> {
    let query = address.written.split('#').next().and_then(|address| address.split_once('?')).map(|(_, query)| query);
    let names = query.unwrap_or_default().split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let mut found: Vec<&str> = Vec::new();
    for name in names {
        let local = LOCAL.iter().any(|(domain, names)| belongs(address.host(), domain) && names.contains(&name));
        if (EVERYWHERE.contains(&name) || local) && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The address without some of its parameters; the rest stays byte for byte.
fn without(address: &str, goes: impl Fn(&str) -> bool) -> String {
    let (before, fragment) = address.find('#').map_or((address, ""), |at| address.split_at(at));
    let Some((path, query)) = before.split_once('?') else { return address.to_owned() };
    let stay = |pair: &&str| !goes(pair.split('=').next().unwrap_or_default());
    let query = query.split('&').filter(stay).collect::<Vec<_>>().join("&");
    let sign = if query.is_empty() { "" } else { "?" };
    format!("{path}{sign}{query}{fragment}")
}

/// Parameters that mean this on every server: those that Firefox strips ("Query Parameter Stripping" in
/// <https://firefox-source-docs.mozilla.org>, checked 2026-11-28) and their like of other advertisers and newsletters.
#[rustfmt::skip]
const EVERYWHERE: [&str; 30] = [
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid", "igshid", "srsltid",
    "mc_eid", "mkt_tok", "ml_subscriber", "ml_subscriber_hash", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsCtaTracking",
    "oly_anon_id", "oly_enc_id", "vero_id", "vero_conv", "wickedid", "rb_clickid", "_openstat", "__s",
];

/// Parameters that mean this on one server and its kin.
const LOCAL: [(&str, &[&str]); 10] = [
    ("youtube.com", &["si", "pp"]),
    ("youtu.be", &["si", "pp"]),
    ("spotify.com", &["si"]),
    ("instagram.com", &["igsh", "ig_mid"]),
    ("twitter.com", &["ref_src", "ref_url", "s"]),
    ("x.com", &["ref_src", "ref_url", "s"]),
    ("linkedin.com", &["trk", "trackingId", "lipi", "rcm"]),
    ("facebook.com", &["mibextid", "__tn__"]),
    ("tiktok.com", &["_r", "_t", "is_from_webapp", "sender_device"]),
    ("reddit.com", &["share_id"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marks_go() {
        for (address, clean) in [
            ("https://youtu.be/x?si=a1", "https://youtu.be/x"),
            ("https://youtu.be/x?si=a1&t=90", "https://youtu.be/x?t=90"),
            ("https://a.example/秋?a=1&fbclid=2&b=%20#c?d", "https://a.example/秋?a=1&b=%20#c?d"),
            ("https://a.example/?gclid#top", "https://a.example/#top"),
            ("https://open.spotify.com/track/1?si=2", "https://open.spotify.com/track/1"),
        ] {
            let url = url::Url::parse(address).unwrap();
            let address = Address { written: address.to_owned(), url, span: 0..0, exact: true, words: None };
            let marks = marks(&address);
            assert!(!marks.is_empty());
            assert_eq!(without(&address.written, |name| marks.contains(&name)), clean);
        }
        for address in [
            "https://a.example/?si=1&s=2&utm_source=x",
            "https://notyoutu.be/?si=1",
            "https://a.example/fbclid?x=fbclid#fbclid=1",
        ] {
            let url = url::Url::parse(address).unwrap();
            let address = Address { written: address.to_owned(), url, span: 0..0, exact: true, words: None };
            assert_eq!(marks(&address), Vec::<&str>::new());
        }
    }
}
