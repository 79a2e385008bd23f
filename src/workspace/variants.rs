//! Whether a post's variants fit its accounts and its parts, and whether every account gets a text.

use std::collections::HashSet;
use std::sync::Arc;

use super::finding::Finding;
use super::loaded::Scope;
use super::names::AccountName;
use super::post::{Body, Variant};
use super::source::Source;
use super::suggest;

/// The names that a variant or an option may have: every network, and every account. None where they are not known.
pub fn names<'a>(scope: &Scope<'a>) -> Vec<&'a str> {
    let Some(settings) = scope.settings else { return Vec::new() };
    let networks = scope.networks.iter().map(|spec| spec.network);
    networks.chain(settings.accounts.keys().map(AccountName::as_str)).collect()
}

/// Holds the variants against the accounts; `bare`: without them there is nothing to send.
pub fn check(
    source: &Arc<Source>,
    scope: &Scope<'_>,
    body: &Body,
    to: &[AccountName],
    bare: bool,
    findings: &mut Vec<Finding>,
) {
    let known = names(scope);
    let mut error = |code, span, message: String, help: String| {
        findings.push(Finding::error(code, source, span, message).label("here").help(help));
    };
    let mut seen = HashSet::new();
    for variant in &body.variants {
        for name in &variant.names {
            let quoted = suggest::quote(name);
            let span = variant.span.clone();
            if name.is_empty() {
                let help = "write `::: bluesky, mastodon`".to_owned();
                error("post/unknown-variant", span, "a name is missing in this line".to_owned(), help);
                continue;
            }
            if !known.is_empty() && !known.contains(&name.as_str()) {
                let help = suggest::help(name, "networks and accounts", &known);
                error("post/unknown-variant", span, format!("there is no network or account {quoted}"), help);
                continue;
            }
            if !seen.insert((name.as_str(), variant.part)) {
                let what = variant.part.map_or_else(|| "the text".to_owned(), |part| format!("part {part}"));
                let help = "keep one of them".to_owned();
                error("post/duplicate-variant", span, format!("{what} for {quoted} stands here a second time"), help);
                continue;
            }
            match variant.part {
                Some(part) => {
                    let parts = thread_length(body, name);
                    if part > parts {
                        let help = format!("write a number from 1 to {parts}");
                        error(
                            "post/no-such-part",
                            span,
                            format!("there is no part {part} for {quoted}: it has {parts}"),
                            help,
                        );
                    }
                }
                None if variant.parts.is_empty() => {
                    let help = format!("write the text, or remove {quoted} from `to`");
                    error("post/empty-variant", span, format!("nothing would be sent to {quoted}"), help);
                }
                None => {}
            }
        }
    }
    if bare {
        let end = source.text.trim_end().len();
        let line = source.text.get(..end).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
        let place = line..end;
        match to.iter().find(|account| whole(body, account.as_str()).is_none()) {
            _ if body.variants.is_empty() => {
                let help = "write the text under the front matter".to_owned();
                error("post/no-text", place, "the post has no text and no media".to_owned(), help);
            }
            Some(account) => {
                let help = format!("write a text above the variants, or one for it: `::: {}`", account.network());
                error("post/no-text", place, format!("there is no text for {account}"), help);
            }
            None => {}
        }
    }
}

/// The variant that replaces the whole thread: an account's own before its network's.
fn whole<'a>(body: &'a Body, name: &str) -> Option<&'a Variant> {
    let of = |name: &str| body.variants.iter().find(|v| v.part.is_none() && v.names.iter().any(|n| n == name));
    of(name).or_else(|| name.split_once('/').and_then(|(network, _)| of(network)))
}

fn thread_length(body: &Body, name: &str) -> usize {
    whole(body, name).map_or(body.parts.len(), |variant| variant.parts.len())
}
