//! The team's style guide, held against each text of a post.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::render::variants;
use crate::rules;
use crate::style::{Audience, Guide, Level, Remark};
use crate::workspace::side_by_side::side_by_side;
use crate::workspace::{AccountName, Files, Finding, Post, Settings, Severity, Text};

/// What the style guide of a workspace says of its posts, and what is wrong with the guide.
pub fn check(files: &dyn Files, settings: &Settings, posts: &[&Post]) -> Vec<Finding> {
    let known: Vec<&AccountName> = settings.accounts.keys().collect();
    let (guide, mut findings) = Guide::read(files, &known);
    if !guide.is_empty() {
        findings.extend(side_by_side(posts, |post| of_post(&guide, post)).into_iter().flatten());
        findings.extend(guide.gave_up());
    }
    findings
}

/// Each text is judged once, for the accounts that it is sent to; what none of them gets is nobody's to read.
fn of_post(guide: &Guide, post: &Post) -> Vec<Finding> {
    let mut texts: BTreeMap<usize, (&Text, Vec<AccountName>)> = BTreeMap::new();
    for account in &post.to {
        for text in variants::thread(&post.body, account).into_iter().flat_map(|slot| slot.texts) {
            texts.entry(text.offset).or_insert_with(|| (text, Vec::new())).1.push(account.clone());
        }
    }
    let judge = |(text, accounts): (&Text, Vec<AccountName>)| {
        let audience = Audience { accounts: &accounts, languages: &post.languages };
        guide.judge(post, text, audience).into_iter().map(|remark| finding(post, remark)).collect::<Vec<_>>()
    };
    texts.into_values().flat_map(judge).collect()
}

/// The team's own rules have codes; Vale's have names.
fn finding(post: &Post, remark: Remark) -> Finding {
    let Remark { check, level, range, message, link, fix } = remark;
    let code = rules::code(&check);
    let mut finding = Finding::warning(code.unwrap_or("style/vale"), &post.source, range, message);
    finding.severity = match level {
        Level::Suggestion => Severity::Info,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    };
    finding.help = match &fix {
        Some(fix) if fix.text.is_empty() => "leave it out".to_owned(),
        Some(fix) => format!("write `{}`", fix.text),
        None => format!("{}, or write <!-- greenlit-ignore {check}: why -->", way_out(&check)),
    };
    finding.name = code.is_none().then_some(check);
    finding.link = link;
    match fix {
        Some(fix) => finding.fix(fix.range, fix.text),
        None => finding,
    }
}

/// What two rules say of one place in other words: the one that is left out, and the one that says it for the team.
const TOLD_TWICE: [(&str, &str); 3] =
    [("Vale.Repetition", "text/doubled-word"), ("link/text", "style/link-text"), ("text/shouting", "style/all-caps")];

/// Leaves out what the team's guide, or a rule with a better word, says in the same place.
pub fn told_once(findings: &mut Vec<Finding>) {
    let mut kept: HashMap<(String, &'static str), Vec<Range<usize>>> = HashMap::new();
    for finding in findings.iter() {
        if let Some((out, _)) = TOLD_TWICE.iter().find(|(_, kept)| *kept == finding.id()) {
            kept.entry((finding.source.path.clone(), out)).or_default().push(finding.span.clone());
        }
    }
    findings.retain(|finding| {
        let Some((out, _)) = TOLD_TWICE.iter().find(|(out, _)| *out == finding.id()) else { return true };
        let there = kept.get(&(finding.source.path.clone(), *out));
        !there.into_iter().flatten().any(|span| span.start < finding.span.end && finding.span.start < span.end)
    });
}

/// What to do where nothing can take the place of what was found.
fn way_out(check: &str) -> &'static str {
    match check {
        "style/all-caps" => "write it in small letters, or name it under `capitals` in the guide's `[limits]`",
        "style/limits" => "leave some out",
        "style/require" => "say it in the text",
        "style/opening" => "begin with what is new",
        "style/reading" => "say less in each sentence",
        "style/link-text" => "put the link on the words that name what is there",
        "style/privacy-email" | "style/privacy-phone" => {
            "leave it out, or name it under `allow` in the guide's `[privacy]` where all may know it"
        }
        _ => "say it as your style guide does",
    }
}
