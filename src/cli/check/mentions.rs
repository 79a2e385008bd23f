//! `greenlit check --links`: asks whether those who are mentioned are there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};

use crate::http::links::Memory;
use crate::network::{self, Presence, Surroundings};
use crate::render::{Capability, Marks, Payload};
use crate::workspace::{Account, Finding, Post, Source};

/// Somebody who is mentioned.
pub struct Mention<'a> {
    /// On whose behalf.
    pub account: &'a Account,
    /// `alice.example`, `alice@social.example`
    pub handle: String,
    /// The post.
    pub source: &'a Arc<Source>,
    /// Where it says so.
    pub span: Range<usize>,
}

/// Whom a post mentions where it goes.
pub fn of<'a>(post: &'a Post, account: &'a Account, payload: &Payload, capability: &Capability) -> Vec<Mention<'a>> {
    let text = &post.source.text;
    let marks = payload.parts.iter().flat_map(|part| Marks::of(part, capability).mentions);
    let mention = |handle: String| {
        let span = text.find(&format!("@{handle}")).map_or(0..0, |at| at..at + 1 + handle.len());
        Mention { account, handle, source: &post.source, span }
    };
    marks.map(|mark| mention(mark.name)).collect()
}

/// What is wrong with the names of those who are mentioned. A folder remembers who was there, and what servers take.
pub fn check(mentions: &[Mention<'_>], cache: Option<&Path>, now: DateTime<Utc>) -> Vec<Finding> {
    let mut memory = Memory::of(cache, now);
    let mut wanted: BTreeMap<&str, Vec<&Mention<'_>>> = BTreeMap::new();
    for mention in mentions.iter().filter(|mention| !memory.knows(&key(mention))) {
        wanted.entry(mention.account.name.as_str()).or_default().push(mention);
    }
    let surroundings =
        Surroundings { now, cache: cache.map(|cache| cache.join("instances")), ..Surroundings::default() };
    let answers: Vec<(&Mention<'_>, Presence)> = thread::scope(|scope| {
        let asking = wanted.values().map(|mentions| scope.spawn(|| ask(mentions, &surroundings)));
        let asking: Vec<_> = asking.collect();
        asking.into_iter().flat_map(|answers| answers.join().unwrap_or_default()).collect()
    });
    let mut findings = Vec::new();
    for (mention, presence) in answers {
        if presence == Presence::There {
            memory.learn(&key(mention));
        }
        findings.extend(finding(mention, presence));
    }
    memory.keep();
    findings
}

/// Asks one account's server, each name once; no more where it does not answer.
fn ask<'m, 'a>(mentions: &[&'m Mention<'a>], surroundings: &Surroundings) -> Vec<(&'m Mention<'a>, Presence)> {
    let mut known: BTreeMap<&str, Presence> = BTreeMap::new();
    let mut silent = None;
    let mut answers = Vec::new();
    for mention in mentions {
        let Some(network) = network::named(mention.account.name.network()) else { continue };
        let presence = match known.get(mention.handle.as_str()).or(silent.as_ref()) {
            Some(presence) => presence.clone(),
            None => match network.presence(mention.account, &mention.handle, surroundings) {
                Some(presence) => presence,
                None => continue,
            },
        };
        if matches!(presence, Presence::Silent { .. }) {
            silent = Some(presence.clone());
        }
        known.insert(&mention.handle, presence.clone());
        answers.push((*mention, presence));
    }
    answers
}

/// What the memory knows somebody as: no address looks like that.
fn key(mention: &Mention<'_>) -> String {
    format!("{} @{}", mention.account.server.as_deref().unwrap_or_default(), mention.handle)
}

fn finding(mention: &Mention<'_>, presence: Presence) -> Option<Finding> {
    let (handle, account) = (&mention.handle, &mention.account.name);
    let (code, message, help) = match presence {
        Presence::There => return None,
        Presence::Nobody { host } => (
            "mention/nobody",
            format!("{host} knows nobody named @{handle}"),
            format!("correct the handle for {account}, or write the name without `@`"),
        ),
        Presence::Unsure { why } | Presence::Silent { why } => (
            "mention/unsure",
            format!("nobody can say whether @{handle} is there: {why}"),
            format!("look for yourself, as {account} does"),
        ),
    };
    Some(Finding::warning(code, mention.source, mention.span.clone(), message).label("this handle").help(help))
}
