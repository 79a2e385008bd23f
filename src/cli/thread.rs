//! What was said about a post: comments, what stands against it, and the lines that people spoke about.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::Trusted;
use super::{Context, Failure};
use crate::ledger::Store;
use crate::policy::{Decision, Dossiers, Kind, Statement, Status, Verb, who};
use crate::view::thread::{OnPullRequest, Quote, Remark, RemarkKind};
use crate::workspace::{Files, PostId};

/// A post's file may have so many bytes for its lines to be quoted.
const LARGEST: u64 = 1 << 20;

/// The quoted lines of statements, by the statement's commit. `now` is what the post's file says.
pub fn quotes(trusted: &Trusted, path: &str, said: &[&Statement], now: Option<&str>) -> BTreeMap<String, Quote> {
    let quote = |statement: &&Statement| {
        let line = statement.line.as_ref()?;
        let then = line.commit.parse().ok().and_then(|commit| text_at(trusted, commit, path));
        Some((statement.commit.clone(), Quote::new(line, then.as_deref(), now)))
    };
    said.iter().filter_map(quote).collect()
}

/// A file's text at a commit.
pub fn text_at(trusted: &Trusted, commit: crate::git::ObjectId, path: &str) -> Option<String> {
    let bytes = trusted.repository.files(commit).ok()?.read(path, LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is open: rejections and holds that stand, the comments since the file last changed on the trusted branch, and those on
/// pull requests whose line is what it was.
///
/// # Errors
/// When the workspace, its history or its ledger cannot be used.
pub fn open(
    trusted: &Trusted,
    ledger: &dyn Store,
    context: &Context,
    post: &PostId,
    now: &str,
) -> Result<Vec<Remark>, Failure> {
    let gathered = trusted.gather(ledger, context, Some(std::slice::from_ref(post)))?;
    let dossiers = Dossiers::new(&gathered.evidence);
    let said = dossiers.of(post);
    let nodes = gathered.plan.deliveries.iter().filter_map(|delivery| delivery.decision.as_deref());
    let mut standing: BTreeSet<(&str, bool)> = BTreeSet::new();
    nodes.for_each(|node| stands(node, &mut standing));

    let path = trusted.path_of(post).unwrap_or_default();
    let history = if path.is_empty() { Vec::new() } else { trusted.repository.history(trusted.tip, path)? };
    let changed = history.last().map(|change| change.date);
    let quotes = quotes(trusted, path, &said, Some(now));
    let roles_then = trusted.roles_then();
    let remark = |statement: &&Statement| {
        let comments =
            statement.verbs.iter().any(|verb| matches!(verb, Verb::Comment { post: named } if named == post));
        let commit = statement.commit.as_str();
        // What was said on a pull request was said before the file came to the trusted branch.
        let on = OnPullRequest::of(statement);
        let is_of_a_line_that_stands = || on.is_some() && quotes.get(commit).is_some_and(Quote::stands);
        let kind = if standing.contains(&(commit, true)) {
            RemarkKind::Hold
        } else if standing.contains(&(commit, false)) {
            RemarkKind::Rejection
        } else if comments && (changed.is_none_or(|changed| statement.dated >= changed) || is_of_a_line_that_stands()) {
            RemarkKind::Comment
        } else {
            return None;
        };
        Some(Remark {
            kind,
            by: who(statement, &trusted.roles, roles_then(statement).as_deref()),
            at: statement.dated,
            commit: statement.commit.clone(),
            text: statement.text.clone(),
            line: quotes.get(commit).cloned(),
            reply_to: statement.reply_to.clone(),
            on,
        })
    };
    let mut remarks: Vec<Remark> = said.iter().filter_map(remark).collect();
    remarks.sort_by(|a, b| (a.at, &a.commit).cmp(&(b.at, &b.commit)));
    Ok(remarks)
}

/// The commits of rejections and holds that stand; whether it is a hold.
fn stands<'d>(node: &'d Decision, found: &mut BTreeSet<(&'d str, bool)>) {
    if let (Status::Rejected | Status::Held, Some(commit)) = (node.status, &node.commit) {
        found.insert((commit, node.kind == Kind::Hold));
    }
    node.children.iter().for_each(|child| stands(child, found));
}
