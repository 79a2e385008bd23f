//! The plan: for programs every delivery, for people those that stand alike on one line.

use chrono::{DateTime, Utc};

use super::decision::tree;
use super::escape;
use super::page::{Page, Tone, columns, counted, cut};
use super::repeats::SameTextReport;
use super::standing::{Alike, Standing, alike, mark, why};
use super::trust::{PendingReport, notice};
use crate::ledger::PartReceipt;
use crate::plan::{Aftercare, BrokenFile, Delivery, Plan, Step};
use crate::policy::{Asked, Chain, Decision, Pending, Refused, Retraction};
use crate::render::Digest;
use crate::workspace::{AccountName, Due, PersonId, PostId, Roles};

/// A plan, and what is needed to tell of it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The roles at the tip, for people's names.
    pub roles: &'a Roles,
    /// The policies from the root on; `None` where no root is pinned.
    pub chain: Option<&'a Chain>,
    /// The trusted branch's name.
    pub branch: &'a str,
    /// Who reads this, where that is known. For emphasis only: it proves nothing.
    pub reader: Option<&'a PersonId>,
    /// Decision commits that count for nothing.
    pub refused: &'a [Refused],
}

impl<'a> Told<'a> {
    /// The change of the policy that is not in force: while there is one, nothing is published.
    pub(super) fn pending(&self) -> Option<&'a Pending> {
        self.chain.and_then(Chain::pending)
    }
}

/// What `greenlit plan --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PlanReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// The trusted branch's commit that was read.
    trusted: String,
    /// In order of due time, post, account.
    deliveries: Vec<DeliveryReport>,
    /// Files under `posts/` that are no posts because of their errors.
    broken: Vec<BrokenReport>,
    /// Decision commits that count for nothing.
    refused: Vec<RefusedReport>,
    policy: PolicyReport,
}

/// One post to one account.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct DeliveryReport {
    post: PostId,
    occurrence: String,
    account: AccountName,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    due: Due,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    standing: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
    /// The short names of those who can take it further.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turn: Vec<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<DateTime<Utc>>,
    /// The parts that are out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartReceipt>,
    /// Whether the file was changed since it was published.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    changed: bool,
    /// The other posts that said the same on this account, the newest first, where it is held for that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same_text: Vec<SameTextReport>,
    /// Until when it is held, where that ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<DateTime<Utc>>,
    /// When it was taken down, or held back for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracted_at: Option<DateTime<Utc>>,
    /// What people asked for: to take it down, or to hold it back for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    retraction: Option<RetractionReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
}

/// That people asked for it to be taken down.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct RetractionReport {
    asked: Vec<AskedReport>,
    /// Why, in the words of the first.
    reason: String,
    /// How many more must ask for it before it is done.
    lacks: usize,
    /// Those who could, by short name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turn: Vec<PersonId>,
}

/// Somebody who asked for it.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct AskedReport {
    by: String,
    commit: String,
}

impl RetractionReport {
    /// Nothing where all that was said is in vain.
    fn of(retraction: &Retraction) -> Option<Self> {
        let report = |one: &Asked| AskedReport { by: one.by.clone(), commit: one.commit.clone() };
        (!retraction.asked.is_empty()).then(|| Self {
            asked: retraction.asked.iter().map(report).collect(),
            reason: retraction.reason.clone(),
            lacks: retraction.lacks,
            turn: retraction.turn.clone(),
        })
    }
}

/// Which policy decides.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct PolicyReport {
    /// Whether a root of trust is pinned. Where none is, the files at the branch's tip decide as they are.
    pinned: bool,
    /// The commit that brought the policy in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<String>,
    /// A change at the branch's tip that is not in force; nothing is published meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingReport>,
}

/// A file that is no post.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct BrokenReport {
    pub path: String,
    /// `file:line:column: message`
    pub errors: Vec<String>,
}

/// A decision commit that counts for nothing.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct RefusedReport {
    commit: String,
    reason: String,
}

/// The plan for programs.
pub fn report(told: &Told<'_>) -> PlanReport {
    PlanReport {
        version: 1,
        now: told.plan.now,
        trusted: told.plan.trusted.clone(),
        deliveries: told.plan.deliveries.iter().map(DeliveryReport::from).collect(),
        broken: broken(told.plan),
        refused: refused(told.refused),
        policy: PolicyReport::of(told),
    }
}

impl PolicyReport {
    pub(super) fn of(told: &Told<'_>) -> Self {
        let pending = told.pending().map(PendingReport::from);
        Self {
            pinned: told.chain.is_some(),
            in_force: told.chain.map(|chain| chain.in_force().commit.clone()),
            pending,
        }
    }
}

pub(super) fn broken(plan: &Plan) -> Vec<BrokenReport> {
    let report = |file: &BrokenFile| BrokenReport { path: file.path.clone(), errors: file.errors.clone() };
    plan.broken.iter().map(report).collect()
}

pub(super) fn refused(refused: &[Refused]) -> Vec<RefusedReport> {
    let report = |one: &Refused| RefusedReport { commit: one.commit.clone(), reason: one.reason.clone() };
    refused.iter().map(report).collect()
}

impl From<&Delivery> for DeliveryReport {
    fn from(delivery: &Delivery) -> Self {
        let (mut same_text, mut held_until) = (Vec::new(), None);
        let (mut reason, mut errors, mut published_at, mut parts, mut changed) =
            (None, Vec::new(), None, Vec::new(), false);
        let mut retracted_at = None;
        match &delivery.step {
            Step::Published { out, changed: differs } => {
                (published_at, parts, changed) = (Some(out.published_at), out.parts.clone(), differs.is_some());
            }
            Step::Retracted { at, in_doubt, .. } => (retracted_at, reason) = (Some(*at), in_doubt.clone()),
            Step::Aftercare(Aftercare::Update { .. }) => changed = true,
            Step::Failed { reason: why, out } => (reason, parts) = (Some(why.clone()), out.clone()),
            Step::Uncertain { reason: why } => reason = Some(why.clone()),
            Step::Broken { errors: found } => errors.clone_from(found),
            Step::Duplicate(duplicate) => {
                (same_text, held_until) = (duplicate.others.iter().map(Into::into).collect(), duplicate.until);
            }
            Step::LeftAlone { until } => held_until = Some(*until),
            _ => {}
        }
        DeliveryReport {
            post: delivery.key.post.clone(),
            occurrence: delivery.key.occurrence.to_string(),
            account: delivery.key.account.clone(),
            title: delivery.title.clone(),
            path: delivery.path.clone(),
            due: delivery.due,
            digest: delivery.digest.clone(),
            standing: Standing::from(&delivery.step),
            reason,
            errors,
            turn: delivery.decision.as_deref().map(Decision::whose_turn).unwrap_or_default(),
            published_at,
            parts,
            changed,
            same_text,
            held_until,
            retracted_at,
            retraction: delivery.retraction.as_deref().and_then(RetractionReport::of),
            decision: delivery.decision.as_deref().cloned(),
        }
    }
}

/// The plan for people.
pub fn human(told: &Told<'_>, page: &Page) -> String {
    let groups = alike(told.plan);
    let mut out = heading("Plan", told, page);
    let (now, later): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.standing.is_next());
    let later: Vec<_> =
        later.into_iter().filter(|group| !group.standing.is_over() && group.standing != Standing::Changed).collect();

    if now.is_empty() || told.pending().is_some() {
        out += "\nPublish would send nothing now.\n";
    }
    if !now.is_empty() {
        let count = now.iter().map(|group| group.accounts.len()).sum();
        let title = match told.pending() {
            Some(_) => "It would do, were the policy change in force",
            None => "Publish would do now",
        };
        out += &section(page, title, &counted(count, "delivery"));
        for group in &now {
            out += &entry(group, told, page);
        }
    }
    if !later.is_empty() || !told.plan.broken.is_empty() {
        let count = later.iter().map(|group| group.accounts.len()).sum();
        let counts = [(count, "delivery"), (told.plan.broken.len(), "broken file")];
        let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what)).collect();
        out += &section(page, "It would not send", &counts.join(", "));
        for group in &later {
            out += &entry(group, told, page);
        }
        for file in &told.plan.broken {
            out +=
                &format!("{} {}\n", page.paint(Tone::Bad, "!"), cut(&escape(&file.path), page.width.saturating_sub(2)));
            out += &errors(&file.errors, page, 4);
        }
    }
    out += &refused_lines(told.refused, page);
    out
}

/// What is read, where, when.
pub(super) fn heading(what: &str, told: &Told<'_>, page: &Page) -> String {
    let commit = told.plan.trusted.get(..10).unwrap_or(&told.plan.trusted);
    let zone = told.plan.now.with_timezone(&page.zone).format("%Z");
    let text = format!("{what} of {} at {commit}, {} {zone}", escape(told.branch), page.time(told.plan.now));
    let mut out = format!("{}\n", page.paint(Tone::Strong, &text));
    if told.roles.policy.evidence == crate::workspace::EvidenceMode::SignOff {
        out +=
            &page.wrapped(0, "Not authenticated: roles.toml takes sign-offs at their word (evidence = \"sign-off\").");
    }
    out += &notice(told.chain, told.roles, page);
    out
}

/// A section's title, with a word on its right.
pub(super) fn section(page: &Page, title: &str, right: &str) -> String {
    let gap = page.width.saturating_sub(columns(title) + columns(right)).max(1);
    format!("\n{}{}{}\n", page.paint(Tone::Strong, title), " ".repeat(gap), page.paint(Tone::Faint, right))
}

fn entry(group: &Alike<'_>, told: &Told<'_>, page: &Page) -> String {
    let (mark, tone) = mark(group.standing);
    let to = page.hanging(2, 6, &format!("{} → {}", escape(group.first.key.post.as_str()), group.accounts()));
    let mut out = format!("{} {}", page.paint(tone, mark), to.trim_start());
    out += &page.wrapped(4, &circumstances(group, page));
    if let Step::Broken { errors: found } = &group.first.step {
        out += &errors(found, page, 4);
    }
    if let Some(decision) = &group.decision
        && (!decision.approved() || matches!(group.standing, Standing::Ready | Standing::Updating))
    {
        out += &tree(decision, told.roles, page, 4);
    }
    out
}

/// Why, when, by which workflow.
fn circumstances(group: &Alike<'_>, page: &Page) -> String {
    let due = match (&group.first.step, group.first.due) {
        (Step::Published { .. } | Step::Claimed(_) | Step::Reconcile(_) | Step::Draft, _)
        | (Step::Aftercare(_) | Step::Retracted { .. }, _) => None,
        (Step::Send, Due::Asap) => Some("no time set".to_owned()),
        (_, Due::Asap) => Some("due as soon as approved".to_owned()),
        (_, Due::At(at)) => Some(format!("due {}", page.when(at))),
    };
    let open = matches!(group.first.step, Step::Waiting | Step::Rejected | Step::Held);
    let workflow = group.decision.as_ref().filter(|_| open).map(|decision| escape(&decision.what).into_owned());
    [Some(why(group, page)), due, workflow].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Findings, at most a few.
pub(super) fn errors(errors: &[String], page: &Page, indent: usize) -> String {
    const FEW: usize = 5;
    let mut out: String =
        errors.iter().take(FEW).map(|error| page.hanging(indent, indent + 2, &escape(error))).collect();
    if errors.len() > FEW {
        out += &page.wrapped(indent, &format!("… and {} more: greenlit check", errors.len() - FEW));
    }
    out
}

fn refused_lines(refused: &[Refused], page: &Page) -> String {
    const FEW: usize = 5;
    if refused.is_empty() {
        return String::new();
    }
    let mut out = section(page, "Decisions that count for nothing", &counted(refused.len(), "commit"));
    for one in refused.iter().take(FEW) {
        let commit = one.commit.get(..10).unwrap_or(&one.commit);
        out += &page.hanging(0, 2, &format!("– {}: {}", escape(commit), escape(&one.reason)));
    }
    if refused.len() > FEW {
        out += &page.wrapped(0, &format!("… and {} more: greenlit plan --format json", refused.len() - FEW));
    }
    out
}
