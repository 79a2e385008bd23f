//! `greenlit check --links`: asks whether the addresses in posts answer.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::network::links::{Links, Memory, Verdict};
use crate::render::addresses;
use crate::rules::Written;
use crate::workspace::{Finding, Post};

/// A post that leads to an address, and where it says so.
type Place<'p> = (&'p Post, Range<usize>);

/// What is wrong with the addresses in posts. A folder remembers what was fine.
pub fn check(posts: &[&Post], cache: Option<&Path>, now: DateTime<Utc>) -> Vec<Finding> {
    let mut wanted: BTreeMap<String, Vec<Place<'_>>> = BTreeMap::new();
    for post in posts {
        for (address, span) in of_post(post) {
            wanted.entry(address).or_default().push((post, span));
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

/// The addresses of a post, each with the bytes of its file that name it.
fn of_post(post: &Post) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    for reading in Written::of(post).texts {
        for range in addresses(&reading.words) {
            let address = reading.words.get(range.clone()).unwrap_or_default().to_owned();
            found.push((address, reading.span(range)));
        }
        let worded = reading.links.iter().filter(|link| is_web(&link.address));
        found.extend(worded.map(|link| (link.address.clone(), reading.span(link.range.clone()))));
    }
    if let Some(link) = post.link.as_ref().filter(|link| is_web(&link.url)) {
        let at = post.source.text.find(&link.url);
        found.push((link.url.clone(), at.map_or(0..0, |at| at..at + link.url.len())));
    }
    found
}

fn is_web(address: &str) -> bool {
    address.split_once("://").is_some_and(|(scheme, _)| matches!(scheme, "http" | "https"))
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
