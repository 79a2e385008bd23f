//! Whom a pull request waits for is asked to review it, and its labels say how it stands.

use std::collections::BTreeSet;

use crate::forge::{Forge, ForgeError, PullRequest, Review, ReviewState};
use crate::view::pull_request::{PullRequestReport, State};
use crate::workspace::{ForgeKind, Roles};

/// The labels. A pull request has one of them at most.
pub const LABELS: [&str; 4] =
    ["greenlit: to correct", "greenlit: stopped", "greenlit: needs review", "greenlit: approved"];

/// What is to be changed about who is asked, and about labels.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Logins that are to be asked.
    pub ask: Vec<String>,
    /// Logins that are asked no longer.
    pub spare: Vec<String>,
    /// The numbers of all accounts that greenlit asked and that are still asked, for the next run.
    pub asked: BTreeSet<u64>,
    pub add: Vec<&'static str>,
    pub remove: Vec<&'static str>,
}

/// What would have to be done.
///
/// Asked is whose turn it is, or who stands in for them, but for who opened the pull request and who reviewed its last commit
/// already, unless that was dismissed. Spared is whom greenlit asked, by `before`, and whose turn it is no longer; whoever was asked
/// by people stays asked. Where nobody knows the reviews, everybody is left alone.
pub fn requests(
    report: &PullRequestReport<'_>,
    pull: &PullRequest,
    reviews: Option<&[Review]>,
    before: &BTreeSet<u64>,
    roles: &Roles,
    kind: ForgeKind,
) -> Requests {
    let mut requests = Requests::default();
    let label = label(report.state());
    let has = |label: &str| pull.labels.iter().any(|one| one == label);
    requests.add = label.into_iter().filter(|label| !has(label)).collect();
    requests.remove = LABELS.into_iter().filter(|one| Some(*one) != label && has(one)).collect();
    let Some(reviews) = reviews else {
        requests.asked.clone_from(before);
        return requests;
    };
    let wanted = if report.state() == State::Errors { Vec::new() } else { turn(report, roles, kind) };
    let answered = |id: u64| {
        let of_head = reviews.iter().filter(|review| review.commit.as_deref() == Some(pull.head.as_str()));
        let stand = of_head.filter(|review| review.state != ReviewState::Dismissed);
        stand.filter_map(|review| review.by.as_ref()).any(|user| user.id == id)
    };
    let is_asked = |id: u64| pull.requested.iter().any(|user| user.id == id);
    for (login, id) in &wanted {
        let writer = pull.author.as_ref().is_some_and(|author| author.id == *id);
        if is_asked(*id) {
            requests.asked.extend(before.contains(id).then_some(*id));
        } else if !writer && !answered(*id) {
            requests.ask.push(login.clone());
            requests.asked.insert(*id);
        }
    }
    let of_greenlit = pull.requested.iter().filter(|user| before.contains(&user.id));
    let spared = of_greenlit.filter(|user| !wanted.iter().any(|(_, id)| *id == user.id));
    requests.spare = spared.map(|user| user.login.clone()).collect();
    requests
}

/// Does it; what the forge did not take. That one person cannot be asked keeps nobody else from being asked.
pub fn carry_out(requests: &Requests, number: u64, forge: &dyn Forge) -> Vec<ForgeError> {
    let mut failed = Vec::new();
    let mut done = |result: Result<(), ForgeError>| failed.extend(result.err());
    for login in &requests.ask {
        done(forge.request_reviewers(number, &[login]));
    }
    let spare: Vec<&str> = requests.spare.iter().map(String::as_str).collect();
    done(forge.unrequest_reviewers(number, &spare));
    done(forge.add_labels(number, &requests.add));
    done(forge.remove_labels(number, &requests.remove));
    failed
}

fn label(state: State) -> Option<&'static str> {
    let [to_correct, stopped, needs_review, approved] = LABELS;
    match state {
        State::Errors => Some(to_correct),
        State::Rejected | State::Held | State::Look => Some(stopped),
        State::Waiting => Some(needs_review),
        State::Approved => Some(approved),
        State::Quiet | State::Nothing => None,
    }
}

/// The accounts of those whose turn it is. Who has none there is not asked there.
fn turn(report: &PullRequestReport<'_>, roles: &Roles, kind: ForgeKind) -> Vec<(String, u64)> {
    let people = report.whose_turn().filter_map(|id| roles.people.get(id)).filter(|person| !person.bot);
    let account = |person: &crate::workspace::Person| {
        person.accounts.get(&kind).map(|account| (account.login.clone(), account.id))
    };
    people.filter_map(account).collect()
}

/// How the comment keeps whom greenlit asked, where readers do not see it.
const ASKED: [&str; 2] = ["<!-- greenlit asked ", " -->"];

/// The line for the comment.
pub fn kept(asked: &BTreeSet<u64>) -> String {
    let numbers: Vec<String> = asked.iter().map(u64::to_string).collect();
    let [begin, end] = ASKED;
    if numbers.is_empty() { String::new() } else { format!("\n{begin}{}{end}\n", numbers.join(" ")) }
}

/// Whom greenlit asked, by its own comment.
pub fn asked_before(comment: &str) -> BTreeSet<u64> {
    let [begin, end] = ASKED;
    let line = comment.lines().rev().find_map(|line| line.strip_prefix(begin)?.strip_suffix(end));
    line.into_iter().flat_map(str::split_whitespace).filter_map(|number| number.parse().ok()).collect()
}
