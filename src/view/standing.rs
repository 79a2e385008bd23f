//! Where deliveries stand, in one word and in a sentence; those of one post that stand alike are told as one.

use std::borrow::Cow;

use super::escape;
use super::page::{Page, Tone, counted};
use super::repeats;
use crate::plan::{Aftercare, Change, Delivery, Plan, Step};
use crate::policy::{Decision, Fate, Resolution, Status};
use crate::render::Editing;
use crate::workspace::AccountName;

/// Where a delivery stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// People have to decide.
    Waiting,
    /// Vetoed.
    Rejected,
    /// Stopped by a hold, until it is resumed.
    Held,
    /// Approved, and so late that a person must look.
    Late,
    /// The same text is out on the account as another post, or goes first.
    Duplicate,
    /// The network refused it.
    Failed,
    /// Nobody knows whether it is out.
    Uncertain,
    /// The post has errors.
    Broken,
    /// A run ended without an outcome; the next asks the network.
    Unfinished,
    /// Another run is sending it now.
    Sending,
    /// People asked for it to be taken down, or held back for good: the next publish does it.
    Retracting,
    /// It is out, and is to be changed in its place, which is approved: the next publish does it.
    Updating,
    /// Approved and due: the next publish sends it.
    Ready,
    /// Approved, and its time has not come.
    Scheduled,
    /// Marked as a draft.
    Draft,
    /// It is out, and its post says something else by now.
    Changed,
    /// It is out.
    Published,
    /// It was taken down, or held back for good.
    Retracted,
}

impl From<&Step> for Standing {
    fn from(step: &Step) -> Self {
        match step {
            Step::Send => Standing::Ready,
            Step::Reconcile(_) => Standing::Unfinished,
            Step::NotDue | Step::LeftAlone { .. } => Standing::Scheduled,
            Step::Waiting => Standing::Waiting,
            Step::Rejected => Standing::Rejected,
            Step::Held => Standing::Held,
            Step::Late => Standing::Late,
            Step::Duplicate(_) => Standing::Duplicate,
            Step::Draft => Standing::Draft,
            Step::Published { changed: None, .. } => Standing::Published,
            Step::Published { changed: Some(change), .. } => match (change.wanted(), change.status) {
                (None, _) => Standing::Changed,
                (Some(_), Status::Approved) => Standing::Scheduled,
                (Some(_), Status::Rejected) => Standing::Rejected,
                (Some(_), Status::Held) => Standing::Held,
                (Some(_), _) => Standing::Waiting,
            },
            Step::Aftercare(Aftercare::Update { .. }) => Standing::Updating,
            Step::Aftercare(Aftercare::Retract(_)) => Standing::Retracting,
            Step::Retracted { .. } => Standing::Retracted,
            Step::Claimed(_) => Standing::Sending,
            Step::Failed { .. } => Standing::Failed,
            Step::Uncertain { .. } => Standing::Uncertain,
            Step::Broken { .. } => Standing::Broken,
        }
    }
}

impl Standing {
    /// Whether a person has to do something before it can go out.
    pub fn needs_a_person(self) -> bool {
        self <= Standing::Broken
    }

    /// Whether the next publish does something about it.
    pub fn is_next(self) -> bool {
        matches!(self, Standing::Ready | Standing::Unfinished | Standing::Retracting | Standing::Updating)
    }

    /// Whether nothing is left to do: it is out, or was taken down.
    pub fn is_over(self) -> bool {
        matches!(self, Standing::Published | Standing::Retracted)
    }
}

/// The mark of a standing, in its tone.
pub(super) fn mark(standing: Standing) -> (&'static str, Tone) {
    match standing {
        Standing::Waiting => ("○", Tone::Careful),
        Standing::Rejected => ("✗", Tone::Bad),
        Standing::Held | Standing::Duplicate => ("‖", Tone::Bad),
        Standing::Late | Standing::Failed | Standing::Uncertain | Standing::Broken => ("!", Tone::Bad),
        Standing::Changed => ("~", Tone::Careful),
        Standing::Unfinished | Standing::Sending | Standing::Retracting | Standing::Updating => ("…", Tone::Careful),
        Standing::Ready | Standing::Scheduled | Standing::Published => ("✓", Tone::Good),
        Standing::Draft | Standing::Retracted => ("·", Tone::Faint),
    }
}

/// Deliveries of one post that stand alike: same time, same step, same decision.
pub(super) struct Alike<'a> {
    pub first: &'a Delivery,
    pub standing: Standing,
    /// What is said of all of them.
    pub decision: Option<Box<Decision>>,
    pub accounts: Vec<&'a AccountName>,
}

impl Alike<'_> {
    /// The accounts on one line.
    pub fn accounts(&self) -> String {
        let names: Vec<String> = self.accounts.iter().map(|account| escape(account.as_str()).into_owned()).collect();
        names.join(", ")
    }
}

/// Folds the deliveries of a post that stand alike, in the order of the first of each.
pub(super) fn alike(plan: &Plan) -> Vec<Alike<'_>> {
    let mut folded: Vec<Alike<'_>> = Vec::new();
    for delivery in &plan.deliveries {
        let standing = Standing::from(&delivery.step);
        let decision = delivery.decision.as_deref().map(for_all_accounts);
        // Deliveries are sorted by time and post: those of one post stand together.
        let mut same_post = folded
            .iter_mut()
            .rev()
            .take_while(|other| other.first.key.post == delivery.key.post && other.first.due == delivery.due);
        let twin = same_post.find(|other| {
            other.standing == standing
                && other.decision.as_deref() == decision.as_deref()
                && says_the_same(&other.first.step, &delivery.step)
                && regret(other.first) == regret(delivery)
        });
        match twin {
            Some(twin) => twin.accounts.push(&delivery.key.account),
            None => {
                let decision = decision.map(|decision| Box::new(decision.into_owned()));
                folded.push(Alike { first: delivery, standing, decision, accounts: vec![&delivery.key.account] });
            }
        }
    }
    folded
}

fn says_the_same(a: &Step, b: &Step) -> bool {
    match (a, b) {
        (Step::Published { changed: a, .. }, Step::Published { changed: b, .. }) => a == b,
        (Step::Retracted { in_doubt: a, .. }, Step::Retracted { in_doubt: b, .. }) => a == b,
        (Step::Duplicate(a), Step::Duplicate(b)) => a.repeats == b.repeats,
        (Step::Claimed(_), Step::Claimed(_)) | (Step::Reconcile(_), Step::Reconcile(_)) => true,
        (a, b) => a == b,
    }
}

/// A decision without what is different for each account though it means the same: digests.
fn for_all_accounts(decision: &Decision) -> Cow<'_, Decision> {
    if !names_a_digest(decision) {
        return Cow::Borrowed(decision);
    }
    let mut decision = decision.clone();
    cut_digests(&mut decision);
    Cow::Owned(decision)
}

fn names_a_digest(decision: &Decision) -> bool {
    before_digest(decision).is_some() || decision.children.iter().any(names_a_digest)
}

fn cut_digests(decision: &mut Decision) {
    if let Some(before) = before_digest(decision) {
        decision.reason = before.to_owned();
    }
    decision.children.iter_mut().for_each(cut_digests);
}

fn before_digest(decision: &Decision) -> Option<&str> {
    let reason = (decision.status == Status::NotCounted).then_some(&decision.reason)?;
    reason.split_once(": sha256:").map(|(before, _)| before)
}

/// Why it stands where it stands, in a few words without its time.
pub(super) fn why(group: &Alike<'_>, page: &Page) -> String {
    match &group.first.step {
        Step::Send | Step::NotDue => "approved".to_owned(),
        Step::LeftAlone { until } => {
            format!("approved; its network asks to be left alone until {}", page.when(*until))
        }
        Step::Waiting => "waiting".to_owned(),
        Step::Rejected => "rejected".to_owned(),
        Step::Held => "held".to_owned(),
        Step::Late => "approved, and too late to go out by itself: give it a new time, or take it off".to_owned(),
        Step::Duplicate(duplicate) => repeats::held(duplicate, page),
        Step::Draft => "a draft".to_owned(),
        Step::Published { out, changed: None } => {
            format!("published {}{}", page.when(out.published_at), regret(group.first))
        }
        Step::Published { out, changed: Some(change) } => {
            format!("published {}; {}{}", page.when(out.published_at), to_change(change, group), regret(group.first))
        }
        Step::Aftercare(Aftercare::Update { asked, .. }) => {
            format!("{} asked to change what is out, which is approved; the next publish does", escape(&asked.by))
        }
        Step::Aftercare(Aftercare::Retract(retraction)) => {
            let why = match retraction.reason.as_str() {
                "" => String::new(),
                reason => format!(" ({})", escape(reason)),
            };
            format!("{} asked to retract it{why}; the next publish does", escape(&retraction.by()))
        }
        Step::Retracted { at, parts, in_doubt } => {
            let done = if parts.is_empty() { "held back for good" } else { "taken down" };
            let doubt = in_doubt.as_ref().map(|why| format!("; whether more is out nobody knows: {}", escape(why)));
            format!("{done} {}{}", page.when(*at), doubt.unwrap_or_default())
        }
        Step::Claimed(claim) => {
            format!("being sent by run {} since {}", escape(&claim.runner), page.when(claim.claimed_at))
        }
        Step::Reconcile(claim) => match &group.first.word {
            Some(word) => settled(word),
            None => format!(
                "run {} began to send it {} and left no outcome; the network is asked first{}",
                escape(&claim.runner),
                page.distance(claim.claimed_at),
                if group.first.path.is_none() { "; its post is gone" } else { "" }
            ),
        },
        Step::Failed { reason, out } if out.is_empty() => {
            format!("refused: {}; edit it and have it approved again", escape(reason))
        }
        Step::Failed { reason, out } => {
            let parts = if out.len() == 1 { "1 part is".to_owned() } else { format!("{} parts are", out.len()) };
            format!("refused: {}; {parts} out already, so it is not sent again", escape(reason))
        }
        Step::Uncertain { reason } => {
            format!("nobody knows whether it is out: {}; look there yourself", escape(reason))
        }
        Step::Broken { errors } => format!("{} to correct", counted(errors.len(), "error")),
    }
}

/// That people asked for it to be retracted, where that is not done all the same.
fn regret(delivery: &Delivery) -> String {
    let asked = delivery.retraction.as_deref().filter(|retraction| !retraction.asked.is_empty());
    match (asked, &delivery.step) {
        (None, _) | (_, Step::Aftercare(_) | Step::Retracted { .. }) => String::new(),
        (Some(asked), _) if !asked.is_complete() => {
            format!("; {} asked to retract it, and {} more must", escape(&asked.by()), asked.lacks)
        }
        (Some(asked), Step::Published { .. }) => {
            format!("; {} asked to retract it, and its network cannot take it down", escape(&asked.by()))
        }
        (Some(asked), _) => format!("; {} asked to retract it", escape(&asked.by())),
    }
}

/// What there is to do about a post that was changed after it went out.
pub(super) fn to_change(change: &Change, group: &Alike<'_>) -> String {
    let post = escape(group.first.key.post.as_str());
    match (change.wanted(), change.editing) {
        (Some(asked), _) => format!("{} asked to change what is out to what its file says now", escape(&asked.by)),
        (None, Editing::InPlace { .. }) => {
            format!("its file was changed since: `greenlit update {post}` asks to change what is out, too")
        }
        (None, Editing::Never { why }) => format!("its file was changed since, and what is out stays as it is: {why}"),
    }
}

/// Somebody's word, which the next run takes up.
fn settled(word: &Resolution) -> String {
    let found = match word.fate {
        Fate::Sent(_) => "found it there",
        Fate::NotSent => "found that it is not there",
    };
    format!("{} {found}; the next publish takes that up", escape(&word.by))
}
