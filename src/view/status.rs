//! Every post that is not finished: where it stands, whose turn it is, when it is due.

use chrono::{DateTime, Utc};

use super::decision::{held, resume, waits};
use super::escape;
use super::page::{Page, Tone, columns, counted, cut, padded};
use super::plan::{BrokenReport, PolicyReport, RefusedReport, Told, broken, heading, refused, section};
use super::standing::{Alike, Standing, alike, mark, to_change, why};
use crate::ledger::DeliveryKey;
use crate::plan::{Aftercare, Step};
use crate::policy::{Decision, Status};
use crate::render::Editing;
use crate::workspace::{AccountName, Due, PersonId, PostId, Roles};

/// What the next run takes up, or this one is at.
const ON_THE_WAY: [Standing; 4] = [Standing::Unfinished, Standing::Sending, Standing::Retracting, Standing::Updating];

/// What `greenlit status --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct StatusReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// The trusted branch's commit that was read.
    trusted: String,
    /// In order of due time and post; accounts that stand alike in one entry.
    posts: Vec<PostReport>,
    /// Files under `posts/` that are no posts because of their errors.
    broken: Vec<BrokenReport>,
    /// How many deliveries are out.
    published: usize,
    /// Decision commits that count for nothing.
    refused: Vec<RefusedReport>,
    policy: PolicyReport,
    /// Commands that take things further, the most useful first.
    next: Vec<Next>,
}

/// A post, for the accounts where it stands alike.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct PostReport {
    post: PostId,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    accounts: Vec<AccountName>,
    standing: Standing,
    due: Due,
    /// The stage that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// Those who can take it further.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turn: Vec<Who>,
    /// Why it stands there, in words.
    reason: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Who {
    pub id: PersonId,
    pub name: String,
}

impl Who {
    /// The people of these short names.
    pub fn all(people: Vec<PersonId>, roles: &Roles) -> Vec<Self> {
        people.into_iter().map(|id| Self { name: roles.name_of(&id).to_owned(), id }).collect()
    }
}

/// A command to type next, and what it is good for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Next {
    command: String,
    why: String,
}

/// The status for programs; with everything that is out where `all`.
pub fn report(told: &Told<'_>, all: bool, page: &Page) -> StatusReport {
    let groups = alike(told.plan);
    let shown = groups.iter().filter(|group| all || !group.standing.is_over());
    StatusReport {
        version: 1,
        now: told.plan.now,
        trusted: told.plan.trusted.clone(),
        posts: shown.map(|group| post(group, told, page)).collect(),
        broken: broken(told.plan),
        published: groups.iter().filter(|group| is_out(group)).map(|group| group.accounts.len()).sum(),
        refused: refused(told.refused),
        policy: PolicyReport::of(told),
        next: next(&groups, told),
    }
}

fn post(group: &Alike<'_>, told: &Told<'_>, page: &Page) -> PostReport {
    let decision = group.decision.as_deref();
    let turn = decision.map(Decision::whose_turn).unwrap_or_default();
    PostReport {
        post: group.first.key.post.clone(),
        title: group.first.title.clone(),
        path: group.first.path.clone(),
        accounts: group.accounts.iter().map(|account| (*account).clone()).collect(),
        standing: group.standing,
        due: group.first.due,
        stage: decision.and_then(|decision| waits(decision, told.roles, page)).map(|(stage, _)| stage),
        turn: Who::all(turn, told.roles),
        reason: situation(group, told, page),
    }
}

/// The status for people; with everything that is out where `all`.
pub fn human(told: &Told<'_>, all: bool, page: &Page) -> String {
    let groups = alike(told.plan);
    let mut out = heading("Status", told, page);
    let mine = |group: &&Alike<'_>| group.standing == Standing::Waiting && is_readers_turn(group, told);
    let waiting = |group: &&Alike<'_>| {
        matches!(
            group.standing,
            Standing::Waiting | Standing::Rejected | Standing::Held | Standing::Late | Standing::Duplicate
        ) && !mine(group)
    };
    let for_others = if groups.iter().any(|group| mine(&group)) { "Waiting for others" } else { "Waiting for people" };
    let in_state = |wanted: &'static [Standing]| move |group: &&Alike<'_>| wanted.contains(&group.standing);

    let ready = match told.pending() {
        Some(_) => "Approved: waits for the policy change",
        None => "Ready: the next publish sends it",
    };
    let sections: [(&str, Vec<&Alike<'_>>); 8] = [
        ("Waiting for you", groups.iter().filter(mine).collect()),
        (for_others, groups.iter().filter(waiting).collect()),
        (
            "In trouble",
            groups.iter().filter(in_state(&[Standing::Failed, Standing::Uncertain, Standing::Broken])).collect(),
        ),
        ("On the way", groups.iter().filter(in_state(&ON_THE_WAY)).collect()),
        (ready, groups.iter().filter(in_state(&[Standing::Ready])).collect()),
        ("Scheduled", groups.iter().filter(in_state(&[Standing::Scheduled])).collect()),
        ("Drafts", groups.iter().filter(in_state(&[Standing::Draft])).collect()),
        ("Changed since they went out", groups.iter().filter(in_state(&[Standing::Changed])).collect()),
    ];
    for (title, members) in &sections {
        out += &list(title, members, told, all, page);
    }
    out += &broken_files(told, page);
    if all {
        out += &list("Published", &out_there(&groups).collect::<Vec<_>>(), told, all, page);
        let down: Vec<_> = groups.iter().filter(in_state(&[Standing::Retracted])).collect();
        out += &list("Retracted", &down, told, all, page);
    } else {
        out += &published(&groups, page);
    }
    if !told.refused.is_empty() {
        let count = counted(told.refused.len(), "decision commit");
        out.push('\n');
        out += &page.wrapped(0, &format!("{count} malformed, counting for nothing: greenlit plan"));
    }
    if groups.is_empty() && told.plan.broken.is_empty() {
        out += "\nNo posts yet.\n";
    }
    out + &what_next(&next(&groups, told), page)
}

fn out_there<'g, 'a>(groups: &'g [Alike<'a>]) -> impl Iterator<Item = &'g Alike<'a>> {
    groups.iter().filter(|group| group.standing == Standing::Published)
}

/// Whether it is out, and nothing waits to be done with it but to be changed in its place.
fn is_out(group: &Alike<'_>) -> bool {
    matches!(group.first.step, Step::Published { .. } | Step::Aftercare(Aftercare::Update { .. }))
}

fn is_readers_turn(group: &Alike<'_>, told: &Told<'_>) -> bool {
    let Some(reader) = told.reader else { return false };
    group.decision.as_ref().is_some_and(|decision| decision.whose_turn().contains(reader))
}

/// A section: two lines for what needs somebody, one for what goes its way.
fn list(title: &str, groups: &[&Alike<'_>], told: &Told<'_>, all: bool, page: &Page) -> String {
    const SCREENFUL: usize = 8;
    if groups.is_empty() {
        return String::new();
    }
    let shown = if all { groups.len() } else { SCREENFUL.min(groups.len()) };
    let shown = groups.iter().take(shown);
    let widest = shown.clone().map(|group| columns(group.first.key.post.as_str())).max().unwrap_or(0);
    let mut out = section(page, title, &counted(posts(groups), "post"));
    for group in shown.clone() {
        out += &row(group, widest.min(28), page);
        let situation = situation(group, told, page);
        if group.standing.needs_a_person() {
            out += &page.wrapped(4, &format!("{situation} · {}", group.accounts()));
            out += &notes(group, page);
        } else if ON_THE_WAY.contains(&group.standing) || group.standing == Standing::Changed {
            out += &page.wrapped(4, &situation);
        }
    }
    if shown.len() < groups.len() {
        out += &page.wrapped(2, &format!("… and {} more: greenlit status --all", groups.len() - shown.len()));
    }
    out
}

fn posts(groups: &[&Alike<'_>]) -> usize {
    let mut posts: Vec<&PostId> = groups.iter().map(|group| &group.first.key.post).collect();
    posts.sort();
    posts.dedup();
    posts.len()
}

/// Mark, name, what it is, when.
fn row(group: &Alike<'_>, name_width: usize, page: &Page) -> String {
    let (mark, tone) = mark(group.standing);
    let name = escape(group.first.key.post.as_str());
    let name = padded(&name, name_width.max(columns(&name)));
    let when = match (&group.first.step, group.first.due) {
        (Step::Published { out, .. }, _) => page.when(out.published_at),
        (Step::Retracted { at, .. }, _) => page.when(*at),
        (Step::Aftercare(_), _) | (Step::Draft | Step::Claimed(_) | Step::Reconcile(_), Due::Asap) => String::new(),
        (Step::Send, Due::Asap) => "now".to_owned(),
        (_, due) => page.due(due),
    };
    let overdue = group.standing.needs_a_person() && matches!(group.first.due, Due::At(at) if at < page.now);
    let room = page.width.saturating_sub(2 + columns(&name) + 2 + columns(&when) + 2);
    let about = match group.standing {
        standing if standing.needs_a_person() => escape(&group.first.title).into_owned(),
        _ if columns(&group.accounts()) <= room => group.accounts(),
        _ => counted(group.accounts.len(), "account"),
    };
    let about = if room < 6 { String::new() } else { padded(&about, room) };
    let when = if overdue { page.paint(Tone::Bad, &when) } else { when };
    let line = format!("{} {}  {about}  {when}", page.paint(tone, mark), page.paint(Tone::Strong, &name));
    format!("{}\n", line.trim_end())
}

/// Where it stands, in a few words without the time, which stands above.
pub(super) fn situation(group: &Alike<'_>, told: &Told<'_>, page: &Page) -> String {
    let again = match &group.first.step {
        Step::Published { changed: Some(change), .. } => Some(to_change(change, group)),
        _ => None,
    };
    if let Some(again) = again.as_ref().filter(|_| group.standing == Standing::Changed) {
        return again.clone();
    }
    let Some(decision) = group.decision.as_ref().filter(|_| group.standing != Standing::Duplicate) else {
        return why(group, page);
    };
    match decision.status {
        Status::Waiting => match waits(decision, told.roles, page) {
            Some((_, wait)) if again.is_some() && wait.starts_with("waits for") => {
                format!("{}; that {wait}", again.unwrap_or_default())
            }
            Some((stage, wait)) if wait.starts_with("waits for") => format!("{wait} ({})", escape(&stage)),
            Some((stage, wait)) => format!("{}: {wait}", escape(&stage)),
            None => why(group, page),
        },
        Status::Rejected => {
            let veto = decision.children.iter().find(|child| child.status == Status::Rejected);
            let by =
                veto.map(|veto| escape(veto.what.trim_start_matches("rejection ")).into_owned()).unwrap_or_default();
            let reason = veto.map(|veto| escape(&veto.reason).into_owned()).filter(|reason| !reason.is_empty());
            format!("rejected {by}{}", reason.map(|reason| format!(": {reason}")).unwrap_or_default())
        }
        Status::Held => {
            let hold = standing_hold(decision);
            hold.map_or_else(|| why(group, page), |hold| held(hold, page))
        }
        Status::Error => escape(&decision.reason).into_owned(),
        _ => why(group, page),
    }
}

/// The approvals that were meant for the stage that waits and do not count.
fn notes(group: &Alike<'_>, page: &Page) -> String {
    const FEW: usize = 2;
    let stages = group.decision.as_deref().into_iter().flat_map(Decision::stages);
    let lost = stages.filter(|stage| stage.status == Status::Waiting).flat_map(|stage| &stage.children);
    let lost: Vec<_> = lost.filter(|child| child.status == Status::NotCounted).collect();
    let mut out = String::new();
    for child in lost.iter().rev().take(FEW) {
        out += &page.hanging(4, 6, &format!("– {}: {}", escape(&child.what), escape(&child.reason)));
    }
    if lost.len() > FEW {
        let post = escape(group.first.key.post.as_str());
        out += &page.wrapped(4, &format!("… and {} more: greenlit plan {post}", lost.len() - FEW));
    }
    out
}

fn broken_files(told: &Told<'_>, page: &Page) -> String {
    let files = &told.plan.broken;
    if files.is_empty() {
        return String::new();
    }
    let mut out = section(page, "Broken: these cannot go out", &counted(files.len(), "file"));
    for file in files {
        let first = file.errors.first().unwrap_or(&file.path);
        let more = match file.errors.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let text = page.hanging(2, 4, &format!("{}{more}", escape(first)));
        out += &format!("{} {}", page.paint(Tone::Bad, "!"), text.trim_start());
    }
    out
}

fn published(groups: &[Alike<'_>], page: &Page) -> String {
    let out: Vec<&Alike<'_>> = groups.iter().filter(|group| is_out(group)).collect();
    let times = out.iter().filter_map(|group| match &group.first.step {
        Step::Published { out, .. } => Some(out.published_at),
        _ => None,
    });
    let Some(last) = times.max() else { return String::new() };
    let text = format!("{}, the last one {}: greenlit status --all", counted(posts(&out), "post"), page.distance(last));
    format!("\n{}  {}\n", page.paint(Tone::Strong, "Published"), cut(&text, page.width.saturating_sub(11)))
}

fn standing_hold(decision: &Decision) -> Option<&Decision> {
    decision.children.iter().find(|child| child.status == Status::Held)
}

/// What to type next: at most two commands.
fn next(groups: &[Alike<'_>], told: &Told<'_>) -> Vec<Next> {
    let first = |wanted: &dyn Fn(&Alike<'_>) -> bool| {
        groups.iter().find(|group| wanted(group)).map(|group| group.first.key.post.to_string())
    };
    let say = |command: String, why: &str| Next { command, why: why.to_owned() };
    let mut next = Vec::new();
    let pending = told.pending();
    if pending.is_some_and(|pending| told.reader.is_some_and(|reader| pending.decision.turn.contains(reader))) {
        next.push(say("greenlit approve --policy".to_owned(), "see the policy change, and say yes"));
    }
    if let Some(post) = first(&|group| group.standing == Standing::Waiting && is_readers_turn(group, told)) {
        next.push(say(format!("greenlit approve {post}"), "see what would go out, and say yes"));
    }
    if pending.is_none() && first(&|group| group.standing.is_next()).is_some() {
        let sends = first(&|group| group.standing.is_next() && group.standing != Standing::Retracting).is_some();
        let why = if sends { "send what is ready" } else { "take down what is to be retracted" };
        next.push(say("greenlit publish".to_owned(), why));
    }
    if !told.plan.broken.is_empty() || first(&|group| group.standing == Standing::Broken).is_some() {
        next.push(say("greenlit check".to_owned(), "see each error in its place"));
    }
    let mut holds = groups.iter().filter(|group| group.standing == Standing::Held && is_readers_turn(group, told));
    if let Some(hold) = holds.find_map(|group| standing_hold(group.decision.as_ref()?)) {
        next.push(say(resume(hold), "let go on what is held"));
    }
    if let Some(doubt) = groups.iter().find(|group| group.standing == Standing::Uncertain) {
        let DeliveryKey { post, account, .. } = &doubt.first.key;
        let command = format!("greenlit resolve {post} --account {account} --sent URL");
        next.push(say(command, "once you looked there; or --not-sent"));
    }
    let told_above = |standing| matches!(standing, Standing::Broken | Standing::Uncertain);
    let stuck = |group: &Alike<'_>| group.standing.needs_a_person() && !told_above(group.standing);
    if let Some(post) = first(&|group| stuck(group) && !is_readers_turn(group, told)) {
        next.push(say(format!("greenlit plan {post}"), "see what is missing, and who can give it"));
    }
    let can_change = |group: &Alike<'_>| {
        matches!(&group.first.step, Step::Published { changed: Some(change), .. }
            if group.standing == Standing::Changed && matches!(change.editing, Editing::InPlace { .. }))
    };
    if let Some(post) = first(&can_change) {
        next.push(say(format!("greenlit update {post}"), "ask to change what is out, too"));
    }
    if groups.is_empty() && told.plan.broken.is_empty() {
        next.push(say("greenlit new \"My first post\"".to_owned(), "write one"));
    }
    next.truncate(2);
    next
}

fn what_next(next: &[Next], page: &Page) -> String {
    if next.is_empty() {
        return String::new();
    }
    let widest = next.iter().map(|one| columns(&escape(&one.command))).max().unwrap_or(0);
    let mut out = format!("\n{}\n", page.paint(Tone::Strong, "Next"));
    for Next { command, why } in next {
        let line = format!("  {}  {}", padded(&escape(command), widest), page.paint(Tone::Faint, why));
        out += &format!("{line}\n");
    }
    out
}
