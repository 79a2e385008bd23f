//! `greenlit check --links`: asks whether the addresses in posts answer.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::http::links::{Links, Memory, Verdict};
use crate::rules::Written;
use crate::workspace::{Finding, Post, Source};

/// A post that leads to an address, and where it says so.
type Place<'p> = (&'p Post, Range<usize>);

/// What is wrong with the addresses in posts. A folder remembers what was fine.
pub fn check<'p>(posts: impl Iterator<Item = &'p Post>, cache: Option<&Path>, now: DateTime<Utc>) -> Vec<Finding> {
    let mut wanted: BTreeMap<String, Vec<Place<'_>>> = BTreeMap::new();
    for post in posts {
        for address in Written::of(post).addresses {
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
        findings.extend(places.filter_map(|(post, span)| finding(&post.source, span.clone(), &verdict)));
    }
    memory.keep();
    findings
}

fn finding(source: &Arc<Source>, span: Range<usize>, verdict: &Verdict) -> Option<Finding> {
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
    Some(Finding::warning(code, source, span, message).label("this address").help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;
    use crate::view::findings::shown;

    #[test]
    fn every_verdict_but_one_is_told_under_its_code() {
        let source = Arc::new(Source::new("posts/a.md", "https://acme.example/"));
        let why = || "because".to_owned();
        let to = "https://acme.example/new?token=q1w2e3r4t5z6".to_owned();
        assert_eq!(finding(&source, 0..21, &Verdict::Fine), None);
        for (verdict, code, message) in [
            (
                Verdict::Moved { to },
                "link/moved",
                "it has moved to https://acme.example/new?token=************ for good",
            ),
            (Verdict::Gone { status: 410 }, "link/dead", "nothing is there: the server answers 410"),
            (Verdict::NoPlace, "link/place", "the page has no such place"),
            (Verdict::Private { why: why() }, "link/private", "readers cannot go there: because"),
            (Verdict::Dead { why: why() }, "link/dead", "nobody answers: because"),
            (Verdict::Unsure { why: why() }, "link/unsure", "nobody can say whether it is there: because"),
        ] {
            let finding = finding(&source, 0..21, &verdict).unwrap();
            assert_eq!((finding.code, finding.span.clone()), (code, 0..21));
            assert!(rules::named(code).is_some_and(|rule| rule.asks()), "{code}");
            assert_eq!(shown(&[finding])[0].message, message);
        }
    }
}
