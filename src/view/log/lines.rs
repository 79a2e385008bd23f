//! One event of a story, for people.

use std::collections::BTreeMap;

use super::{Answered, Approval, Event, What};
use crate::ledger::PartReceipt;
use crate::view::escape;
use crate::view::page::{Page, Tone, padded};
use crate::view::thread::{OnPullRequest, Quote};

/// An event in one line or a few, behind its time.
pub(super) fn lines(event: &Event, time: &str, width: usize, page: &Page) -> String {
    let by = escape(event.by.as_deref().unwrap_or_default());
    let hang = width + 4;
    let mut below: Vec<String> = Vec::new();
    let (sign, tone, text) = match &event.what {
        What::Written { subject } => ("·", Tone::Faint, format!("{by} wrote it: {}", escape(subject))),
        What::Changed { subject } => ("·", Tone::Faint, format!("{by} changed it: {}", escape(subject))),
        What::Approved { stage, instead_of, approvals } => {
            let instead = instead_of.as_deref().map(|absent| format!(", standing in for {}", escape(absent)));
            let stage = stage.as_deref().map(|stage| format!(" for {}", escape(stage))).unwrap_or_default();
            let counts = approvals.iter().any(|approval| approval.verdict.counts);
            below.extend(accounts_by_reason(approvals));
            let (sign, tone) = if counts { ("✓", Tone::Good) } else { ("–", Tone::Faint) };
            (sign, tone, format!("{by} approved it{stage}{}", instead.unwrap_or_default()))
        }
        What::Rejected { why, line, verdict } => {
            below.extend(line.as_ref().map(Quote::human));
            if let Some(reason) = &verdict.reason {
                below.push(format!("does not count: {}", escape(reason)));
            }
            let why = if why.is_empty() { String::new() } else { format!(": {}", escape(why)) };
            let place = line.as_ref().map(|line| format!(" for its {}", line.place())).unwrap_or_default();
            (if verdict.counts { "✗" } else { "–" }, Tone::Bad, format!("{by} rejected it{place}{why}"))
        }
        What::Commented { text, line, reply_to, on } => {
            // What is answered on a forge stands on the same line, which is quoted there.
            let quoted = line.as_ref().filter(|_| on.is_none() || reply_to.is_none());
            below.extend(quoted.map(Quote::human));
            below.extend(text.lines().filter(|line| !line.trim().is_empty()).map(|line| escape(line).into_owned()));
            below.extend(on.as_ref().map(OnPullRequest::link));
            let did = match reply_to {
                Some(Answered { by: Some(asked), .. }) => format!("answered {}", escape(asked)),
                Some(Answered { commit, by: None }) => {
                    format!("answered {}", escape(commit.get(..10).unwrap_or(commit)))
                }
                None => "commented".to_owned(),
            };
            let place = line.as_ref().map(|line| format!(" on {}", line.place())).unwrap_or_default();
            let on = on.as_ref().map(OnPullRequest::human).unwrap_or_default();
            ("·", Tone::Faint, format!("{by} {did}{place}{on}"))
        }
        What::Held { scope, why, verdict } => {
            // Who ended it is told by itself.
            if let Some(reason) = verdict.reason.as_ref().filter(|reason| !reason.starts_with("was resumed by ")) {
                below.push(format!("does not count: {}", escape(reason)));
            }
            let what = if scope.starts_with("post ") { "it" } else { scope.as_str() };
            let text = format!("{by} held {}: {}", escape(what), escape(why));
            (if verdict.counts { "‖" } else { "–" }, Tone::Bad, text)
        }
        What::Resumed { hold } => {
            let short = hold.get(..10).unwrap_or(hold);
            ("·", Tone::Faint, format!("{by} ended the hold {}", escape(short)))
        }
        What::Resolved { account, sent, places, why } => {
            below.extend(places.iter().map(|place| escape(place).into_owned()));
            let found = if *sent { "found it on" } else { "found that it is not on" };
            let why = if why.is_empty() { String::new() } else { format!(": {}", escape(why)) };
            ("·", Tone::Faint, format!("{by} {found} {}{why}", escape(account.as_str())))
        }
        What::UpdateAsked { account, digest, why } => {
            let why = if why.is_empty() { String::new() } else { format!(": {}", escape(why)) };
            let (account, short) = (escape(account.as_str()), digest.short());
            ("·", Tone::Faint, format!("{by} asked to change what is out on {account} to {short}…{why}"))
        }
        What::Withdrawn { approval, why, retraction } => {
            let short = approval.get(..10).unwrap_or(approval);
            let why = if why.is_empty() { String::new() } else { format!(": {}", escape(why)) };
            let what = if *retraction { "word to retract it" } else { "approval" };
            ("–", Tone::Bad, format!("{by} took back the {what} {}{why}", escape(short)))
        }
        What::Retract { accounts, why, verdict } => {
            if let Some(reason) = &verdict.reason {
                below.push(format!("does not count: {}", escape(reason)));
            }
            let accounts: Vec<_> = accounts.iter().map(|account| escape(account.as_str())).collect();
            let why = if why.is_empty() { String::new() } else { format!(": {}", escape(why)) };
            let text = format!("{by} asked to retract it from {}{why}", accounts.join(", "));
            (if verdict.counts { "✗" } else { "–" }, Tone::Bad, text)
        }
        What::Retracted { account, parts, gone, in_doubt } => {
            below.extend(PartReceipt::places(parts).into_iter().map(|place| escape(place).into_owned()));
            let missed = PartReceipt::places(gone).into_iter();
            below.extend(missed.map(|place| format!("was not there any more: {}", escape(place))));
            below.extend(in_doubt.iter().map(|why| format!("whether more is out nobody knows: {}", escape(why))));
            let account = escape(account.as_str());
            let out = !parts.is_empty() || !gone.is_empty();
            let text = if out { format!("taken down from {account}") } else { format!("never goes to {account}") };
            ("✗", Tone::Faint, text)
        }
        What::Lifted { rejection } => {
            let short = rejection.get(..10).unwrap_or(rejection);
            ("·", Tone::Faint, format!("{by} lifted the rejection {}", escape(short)))
        }
        What::Claimed { account, digest } => {
            let text = format!("run {by} began to send it to {}: {}…", escape(account.as_str()), digest.short());
            ("→", Tone::Faint, text)
        }
        What::Updated { account, digest, parts } => {
            below.extend(PartReceipt::places(parts).into_iter().map(|place| escape(place).into_owned()));
            let (account, short) = (escape(account.as_str()), digest.short());
            ("✓", Tone::Good, format!("changed in its place on {account} to {short}…"))
        }
        What::Published { account, parts, adopted } => {
            let found = if *adopted { " (found there after a crash)" } else { "" };
            below.extend(PartReceipt::places(parts).into_iter().map(|place| escape(place).into_owned()));
            ("✓", Tone::Good, format!("published on {}{found}", escape(account.as_str())))
        }
        What::Failed { account, reason, retry } => {
            let again = if *retry { "; it is tried again" } else { "" };
            ("!", Tone::Bad, format!("{} did not take it: {}{again}", escape(account.as_str()), escape(reason)))
        }
        What::Uncertain { account, reason } => {
            let text = format!("nobody knows whether it is on {}: {}", escape(account.as_str()), escape(reason));
            ("!", Tone::Bad, text)
        }
    };
    let commit = event.commit.as_deref().map(|commit| format!(" ({})", escape(commit.get(..10).unwrap_or(commit))));
    let text = page.hanging(hang, hang, &format!("{text}{}", commit.unwrap_or_default()));
    let mut out = format!("{}  {} {}", padded(time, width), page.paint(tone, sign), text.trim_start());
    for line in below {
        out += &page.wrapped(hang, &line);
    }
    out
}

/// The accounts of an approval: where it counts, and where it does not and why.
fn accounts_by_reason(approvals: &[Approval]) -> Vec<String> {
    let mut by_reason: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
    for approval in approvals {
        // The digest in a reason is another one for each account, and means the same.
        let reason = approval.verdict.reason.as_deref();
        let reason = reason.map(|reason| reason.split_once(": sha256:").map_or(reason, |(before, _)| before));
        by_reason.entry(reason).or_default().push(escape(approval.account.as_str()).into_owned());
    }
    let line = |(reason, accounts): (Option<&str>, Vec<String>)| match reason {
        None => accounts.join(", "),
        Some(reason) => format!("does not count for {}: {}", accounts.join(", "), escape(reason)),
    };
    by_reason.into_iter().map(line).collect()
}
