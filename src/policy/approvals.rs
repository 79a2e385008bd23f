//! The approvals of a delivery, each judged for what does not hang on a stage.

use chrono_tz::Tz;

use super::absence::{is_a_stand_in, may_stand_in};
use super::decision::{Decision, Kind, Status};
use super::evidence::{Statement, Verb};
use super::identity::{Proof, is_author, is_authors_own, name, on_forge, prove};
use super::question::{Facts, Question};
use super::withdrawals::withdrawals;
use crate::render::Digest;
use crate::workspace::{Due, EvidenceMode, PersonId, Reschedule};

/// An approval that names this post and account.
pub(super) struct Approval<'s> {
    pub statement: &'s Statement,
    who: String,
    /// What it could count for, or why it counts for nothing.
    pub voice: Result<Voice, String>,
    /// Withdrawals that do not count.
    vain: Vec<Decision>,
}

/// Who says yes, and for whom.
pub(super) struct Voice {
    pub maker: Proof,
    /// The person whose yes it is: the maker, or the one whom the maker stands in for.
    pub seat: PersonId,
}

impl Approval<'_> {
    /// The stage that it names.
    pub fn stage(&self) -> Option<&str> {
        self.statement.stage.as_deref()
    }

    /// What the tree says of it.
    pub fn node(&self, status: Status, reason: impl Into<String>, facts: &Facts<'_>) -> Decision {
        let mut what = format!("approval by {}", self.who);
        let review = on_forge(&self.statement.witness);
        if let Some(review) = review {
            what += &format!(" by {}", review.told());
        }
        if let Some(absent) = &self.statement.stands_in_for {
            what += &format!(" for {}", facts.roles.name_of(absent));
        }
        let mut node = Decision::new(Kind::Approval, what, status, reason);
        node.commit = Some(self.statement.commit.clone());
        node.once_merged = review.is_some_and(|review| review.once_merged);
        node.for_person.clone_from(&self.statement.stands_in_for);
        node.person = self.voice.as_ref().ok().map(|voice| voice.maker.person.clone());
        node.children.clone_from(&self.vain);
        node
    }

    /// What the tree says of one that counts.
    pub fn counted(&self, facts: &Facts<'_>) -> Decision {
        let review = on_forge(&self.statement.witness);
        let proof = match facts.roles.policy.evidence {
            _ if review.is_some() => "",
            EvidenceMode::Signed => "",
            EvidenceMode::SignOff => "not authenticated",
        };
        self.node(Status::Approved, proof, facts)
    }
}

/// Every approval of this delivery. In the order of their dates, which decide nothing.
pub(super) fn approvals<'s>(question: &Question<'_>, facts: &Facts<'s>) -> Vec<Approval<'s>> {
    let mut statements: Vec<&'s Statement> = facts.statements.to_vec();
    statements.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    statements.dedup_by(|a, b| a.commit == b.commit);
    let mut approvals = Vec::new();
    for statement in statements {
        for verb in &statement.verbs {
            let Verb::Approve { post, account, digest, due } = verb else { continue };
            if *post != question.post.id || account != question.account {
                continue;
            }
            let (withdrawn, vain) = withdrawals(statement, question, facts);
            let voice = match withdrawn {
                Some(reason) => Err(reason),
                None => voice(statement, digest, *due, question, facts),
            };
            approvals.push(Approval { statement, who: name(statement, facts), voice, vain });
        }
    }
    approvals
}

/// Whether an approval is of exactly this, by somebody who may approve it.
fn voice(
    statement: &Statement,
    digest: &Digest,
    due: Due,
    question: &Question<'_>,
    facts: &Facts<'_>,
) -> Result<Voice, String> {
    if statement.workspace != question.workspace {
        return Err("was made for another workspace".to_owned());
    }
    let maker = prove(statement, facts)?;
    if digest != question.digest {
        return Err(format!("approved an earlier version: {}…", digest.short()));
    }
    if due != question.due && facts.roles.policy.reschedule == Reschedule::Reapprove {
        return Err(format!("approved {}; it is now {}", when(due, question.zone), when(question.due, question.zone)));
    }
    let seat = seat(statement, &maker, question, facts)?;
    let wrote =
        |person: &str| is_author(person, facts.roles, facts.edits) || is_author(person, &maker.then, facts.edits);
    if !facts.roles.policy.author_may_approve {
        if wrote(&maker.person) || is_authors_own(&statement.witness, facts.edits) {
            return Err("is an author of this post".to_owned());
        }
        if wrote(&seat) {
            return Err(format!("{} is an author of this post", facts.roles.name_of(&seat)));
        }
    }
    Ok(Voice { maker, seat })
}

/// The person whose yes it is. A stand-in's counts while the other person is away, by the publisher's clock, or where
/// the publisher saw it within that time; under the roles then and now.
fn seat(statement: &Statement, maker: &Proof, question: &Question<'_>, facts: &Facts<'_>) -> Result<PersonId, String> {
    let Some(absent) = statement.stands_in_for.as_ref().filter(|absent| **absent != maker.person) else {
        return Ok(maker.person.clone());
    };
    let name = facts.roles.name_of(absent);
    if facts.roles.people.get(absent).is_none_or(|person| person.bot) {
        return Err(format!("{name} is nobody who could approve"));
    }
    let times: Vec<_> =
        [Some(facts.now), statement.seen.map(|seen| seen.min(facts.now))].into_iter().flatten().collect();
    for roles in [&*maker.then, facts.roles] {
        if may_stand_in(&maker.person, absent, roles, &times, question.zone) {
            continue;
        }
        return Err(match is_a_stand_in(&maker.person, absent, roles) {
            true => format!("{name} is not away: a stand-in's approval counts only in that time"),
            false => format!("does not stand in for {name}"),
        });
    }
    Ok(absent.clone())
}

fn when(due: Due, zone: Tz) -> String {
    match due {
        Due::Asap => "to go out at once".to_owned(),
        Due::At(at) => format!("for {}", at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z")),
    }
}
