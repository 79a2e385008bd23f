//! `greenlit check --links`: asks whether the addresses in posts answer.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::network::links::{Links, Memory, Verdict};
use crate::rules::{Address, Written};
use crate::workspace::{Finding, Post};

/// A post that leads to an address, and where it says so.
type Place<'p> = (&'p Post, Range<usize>);

/// What is wrong with the addresses in posts. A folder remembers what was fine.
pub fn check<'p>(posts: impl Iterator<Item = &'p Post>, cache: Option<&Path>, now: DateTime<Utc>) -> Vec<Finding> {
    let mut wanted: BTreeMap<String, Vec<Place<'_>>> = BTreeMap::new();
    for post in posts {
        for address in Written::of(post).addresses.into_iter().filter(Address::is_web) {
            wanted.entry(address.url.into()).or_default().push((post, address.span));
        }
    }
    let mut memory = Memory::of(cache, now);
    let new: Vec<String> = wanted.keys().filter(|address| !memory.knows(address)).cloned().collect();
    let mut findings = Vec::new();
    for (address, verdict) in new.iter().zip(Links::default().ask(&new)) {
        if verdict == Verdict::Fine {
            memory.learn(address);
            continue;
        }
        let places = wanted.get(address).into_iter().flatten();
        findings.extend(places.filter_map(|(post, span)| finding(post, span.clone(), &verdict)));
    }
    memory.keep();
    findings
}

fn finding(post: &Post, span: Range<usize>, verdict: &Verdict) -> Option<Finding> {
    let (code, message, help) = match verdict {
        Verdict::Fine => return None,
        Verdict::Moved { to } => (
            "link/moved",
            format!("it has moved to {to} for good"),
            "write the new address, if that is the page you mean",
        ),
        Verdict::Gone { status } => {
            ("link/dead", format!("nothing is there: the server answers {status}"), "open it, and correct the address")
        }
        Verdict::NoPlace => (
            "link/place",
            "the page has no such place".to_owned(),
            "look up its id in the page, or leave out the `#` part",
        ),
        Verdict::Private { why } => {
            ("link/private", format!("readers cannot go there: {why}"), "write the public address")
        }
        Verdict::Dead { why } => ("link/dead", format!("nobody answers: {why}"), "open it, and correct the address"),
        Verdict::Unsure { why } => {
            ("link/unsure", format!("nobody can say whether it is there: {why}"), "open it yourself")
        }
    };
    Some(Finding::warning(code, &post.source, span, message).label("this address").help(help))
}
