//! What waits for whom, most urgent first.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::decision::{held, resume};
use super::escape;
use super::page::{Page, Tone, counted};
use super::plan::Told;
use super::standing::{Alike, Standing, alike, why};
use crate::plan::Step;
use crate::policy::{Decision, Kind, Pending, Status};
use crate::workspace::{ADMIN, AccountName, Due, PersonId, PostId, RoleName, Roles};

/// What `greenlit todo --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct TodoReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// Whose list it is; none where it is everyone's.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// Most urgent first.
    tasks: Vec<Task>,
}

/// Something that waits for somebody.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Task {
    /// What is to be done.
    pub kind: TaskKind,
    /// Whose turn it is: each of them can do it.
    pub people: Vec<PersonId>,
    /// The post, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// What people call it: the post's title, or what changed.
    pub title: String,
    /// The accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountName>,
    /// The stage that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<RoleName>,
    /// When it goes out, where it has a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
    /// Since when it waits, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Until when the team's rules want it done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Whether that time, or the time to go out, is over.
    pub overdue: bool,
    /// What it is about, in words.
    pub why: String,
    /// What to type.
    pub command: String,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Say yes, or no.
    Approve,
    /// Say yes to a change of the rules, or no.
    ApprovePolicy,
    /// Somebody asked something.
    Answer,
    /// Correct what was rejected, or lift the rejection.
    Rejected,
    /// Let something go on, or keep it held.
    Held,
    /// Find out whether it is out.
    Uncertain,
    /// The network refused it.
    Failed,
    /// Somebody asked for it to be retracted, and others must before it is done.
    Retract,
    /// It is approved and too late to go out by itself.
    Late,
    /// It says what the account said already.
    Duplicate,
    /// It was changed after it went out.
    Changed,
    /// It has errors.
    Broken,
}

/// Who looks after each post, by its front matter.
pub type Owners = BTreeMap<PostId, PersonId>;

/// Everything that waits for people, most urgent first. `more` is what the plan does not know.
pub fn tasks(told: &Told<'_>, owners: &Owners, more: Vec<Task>, page: &Page) -> Vec<Task> {
    let mut tasks = more;
    tasks.extend(told.pending().map(|pending| policy_change(pending, told)));
    for group in alike(told.plan) {
        tasks.extend(of_group(&group, told, owners, page));
    }
    for file in &told.plan.broken {
        let owner = file.id.as_ref().and_then(|id| owners.get(id));
        tasks.push(Task {
            kind: TaskKind::Broken,
            people: owner.cloned().map_or_else(|| admins(told.roles), |owner| vec![owner]),
            post: file.id.clone(),
            title: String::new(),
            accounts: Vec::new(),
            stage: None,
            due: None,
            since: None,
            until: None,
            overdue: false,
            why: file.errors.first().cloned().unwrap_or_default(),
            command: "greenlit check".to_owned(),
        });
    }
    // What has no time wants to go out as soon as it can: it stands with what is due now.
    // A change of the rules stops everything: it stands before all.
    let stops_all = |task: &Task| task.kind == TaskKind::ApprovePolicy;
    tasks.sort_by_key(|task| {
        (!stops_all(task), !task.overdue, task.by().unwrap_or(told.plan.now), task.kind, task.post.clone())
    });
    tasks
}

/// The list for programs; of one person, or everyone's.
pub fn report(tasks: &[Task], person: Option<&PersonId>, page: &Page) -> TodoReport {
    TodoReport { version: 1, now: page.now, person: person.cloned(), tasks: of(tasks, person).cloned().collect() }
}

/// The list for people; of one person, or everyone's.
pub fn human(tasks: &[Task], person: Option<&PersonId>, roles: &Roles, page: &Page) -> String {
    let whose = person.map_or("everyone".to_owned(), |person| escape(roles.name_of(person)).into_owned());
    let title = page.paint(Tone::Strong, &format!("Todo for {whose}"));
    let mut out = format!("{title}, {}\n", page.time(page.now));
    let mine: Vec<&Task> = of(tasks, person).collect();
    if mine.is_empty() {
        let others = tasks.iter().filter(|task| !task.people.is_empty()).count();
        out += "\nNothing waits here.\n";
        if person.is_some() && others > 0 {
            out += &page.wrapped(0, &format!("{} for others: greenlit todo --everyone", waits(others)));
        }
        return out;
    }
    for task in mine {
        out.push('\n');
        out += &entry(task, person.is_none(), roles, page);
    }
    out
}

impl Task {
    /// When it should be done: the team's deadline, or the time to go out, whichever comes first.
    fn by(&self) -> Option<DateTime<Utc>> {
        self.until.into_iter().chain(self.due).min()
    }
}

fn of<'t>(tasks: &'t [Task], person: Option<&PersonId>) -> impl Iterator<Item = &'t Task> {
    tasks.iter().filter(move |task| person.is_none_or(|person| task.people.contains(person)))
}

fn waits(count: usize) -> String {
    let verb = if count == 1 { "waits" } else { "wait" };
    format!("{} {verb}", counted(count, "thing"))
}

fn admins(roles: &Roles) -> Vec<PersonId> {
    roles.roles.get(ADMIN).cloned().unwrap_or_default()
}

/// A change of the rules that is not in force; one that never can be is for the admins to correct.
fn policy_change(pending: &Pending, told: &Told<'_>) -> Task {
    let decision = &pending.decision;
    let (kind, people, command) = match decision.turn.as_slice() {
        [] => (TaskKind::Broken, admins(told.roles), "greenlit trust"),
        turn => (TaskKind::ApprovePolicy, turn.to_vec(), "greenlit approve --policy"),
    };
    Task {
        kind,
        people,
        post: None,
        title: format!("greenlit.toml or roles.toml was changed by commit {:.10}", pending.commit),
        accounts: Vec::new(),
        stage: None,
        due: None,
        since: None,
        until: None,
        overdue: false,
        why: format!("{}; nothing is published until it is in force, or taken back", decision.reason),
        command: command.to_owned(),
    }
}

/// What is asked of people where what is out is to be changed: the same as before it goes out.
fn asks_as(step: &Step, standing: Standing) -> &Step {
    match (step, standing) {
        (Step::Published { .. }, Standing::Waiting) => &Step::Waiting,
        (Step::Published { .. }, Standing::Rejected) => &Step::Rejected,
        (Step::Published { .. }, Standing::Held) => &Step::Held,
        _ => step,
    }
}

fn of_group(group: &Alike<'_>, told: &Told<'_>, owners: &Owners, page: &Page) -> Vec<Task> {
    let post = &group.first.key.post;
    let owner = owners.get(post).cloned();
    let keepers = || owner.clone().map_or_else(|| admins(told.roles), |owner| vec![owner]);
    let task = |kind, people, why: String, command| Task {
        kind,
        people,
        post: Some(post.clone()),
        title: group.first.title.clone(),
        accounts: group.accounts.iter().map(|account| (*account).clone()).collect(),
        stage: None,
        due: match group.first.due {
            Due::At(at) => Some(at),
            Due::Asap => None,
        },
        since: None,
        until: None,
        overdue: matches!(group.first.due, Due::At(at) if at < page.now),
        why,
        command,
    };
    let look = || format!("greenlit log {post}");
    let with_owner = |mut people: Vec<PersonId>| {
        people.extend(owner.clone().filter(|owner| !people.contains(owner)));
        people
    };
    let regret = group.first.retraction.as_deref().filter(|retraction| retraction.lacks_people()).map(|retraction| {
        let why = format!("{} asked for it: {}; {} more must", retraction.by(), retraction.reason, retraction.lacks);
        task(TaskKind::Retract, retraction.turn.clone(), why, format!("greenlit retract {post} --reason WHY"))
    });
    let mut tasks = match (asks_as(&group.first.step, group.standing), &group.decision) {
        (Step::Published { changed: Some(_), .. }, _) if group.standing == Standing::Changed => {
            let due = None;
            let one = task(TaskKind::Changed, keepers(), why(group, page), format!("greenlit update {post}"));
            vec![Task { due, overdue: false, ..one }]
        }
        (Step::Waiting, Some(decision)) => {
            let mut tasks: Vec<Task> = Vec::new();
            for stage in waiting(decision) {
                let kind = TaskKind::Approve;
                let mut one = task(kind, stage.turn.clone(), stage.reason.clone(), format!("greenlit approve {post}"));
                one.stage.clone_from(&stage.role);
                (one.since, one.until) = (stage.since, stage.until);
                one.overdue |= stage.overdue;
                tasks.push(one);
            }
            tasks
        }
        (Step::Rejected, Some(decision)) => {
            let vetoes = decision.children.iter().filter(|child| child.status == Status::Rejected);
            let one = |veto: &Decision| {
                let by = veto.what.trim_start_matches("rejection ");
                let why =
                    format!("rejected {by}: {}", if veto.reason.is_empty() { "no reason given" } else { &veto.reason });
                task(TaskKind::Rejected, with_owner(veto.turn.clone()), why, look())
            };
            vetoes.map(one).collect()
        }
        (Step::Held, Some(decision)) => {
            let hold = decision.children.iter().find(|child| child.status == Status::Held);
            let people = hold.map(|hold| hold.turn.clone()).unwrap_or_default();
            let why = hold.map(|hold| held(hold, page)).unwrap_or_default();
            let command = hold.map_or_else(look, resume);
            vec![task(TaskKind::Held, people, why, command)]
        }
        (Step::Late, _) => vec![task(TaskKind::Late, keepers(), why(group, page), format!("greenlit preview {post}"))],
        (Step::Duplicate(_), _) => {
            vec![task(TaskKind::Duplicate, keepers(), why(group, page), format!("greenlit preview {post}"))]
        }
        (Step::Uncertain { reason }, _) => {
            let command = format!("greenlit resolve {post} --account {} --sent URL", group.first.key.account);
            vec![task(TaskKind::Uncertain, keepers(), reason.clone(), command)]
        }
        (Step::Failed { .. }, _) => vec![task(TaskKind::Failed, keepers(), why(group, page), look())],
        (Step::Broken { errors }, _) => {
            let why = errors.first().cloned().unwrap_or_default();
            vec![task(TaskKind::Broken, keepers(), why, "greenlit check".to_owned())]
        }
        _ if group.standing.needs_a_person() => {
            vec![task(TaskKind::Broken, keepers(), why(group, page), format!("greenlit plan {post}"))]
        }
        _ => Vec::new(),
    };
    tasks.extend(regret);
    tasks
}

/// The nodes that wait for somebody, in the workflow and those combined with it; a workflow that cannot be passed itself.
fn waiting(decision: &Decision) -> Vec<&Decision> {
    let mut nodes: Vec<&Decision> = Vec::new();
    for child in decision.children.iter().filter(|child| child.status == Status::Waiting) {
        if child.kind == Kind::Workflow { nodes.extend(waiting(child)) } else { nodes.push(child) }
    }
    if nodes.is_empty() && !decision.turn.is_empty() {
        nodes.push(decision);
    }
    nodes
}

/// A few lines: what, by when, what it is about, what to type.
fn entry(task: &Task, with_people: bool, roles: &Roles, page: &Page) -> String {
    let post = task.post.as_ref().map(|post| format!(" {}", escape(post.as_str()))).unwrap_or_default();
    let what = match (task.kind, &task.stage) {
        (TaskKind::Approve, Some(stage)) => format!("Approve{post} for {}", escape(stage)),
        (TaskKind::Approve, None) => format!("Approve{post}"),
        (TaskKind::ApprovePolicy, _) => "Approve the change of the rules".to_owned(),
        (TaskKind::Answer, _) => format!("Answer on{post}"),
        (TaskKind::Rejected, _) => format!("Correct{post}, or lift its rejection"),
        (TaskKind::Held, _) => format!("Resume{post}, or keep it held"),
        (TaskKind::Uncertain, _) => format!("Find out whether{post} is out"),
        (TaskKind::Failed, _) => format!("Look at{post}: its network refused it"),
        (TaskKind::Retract, _) => format!("Retract{post}, or leave it"),
        (TaskKind::Late, _) => format!("Give{post} a new time, or take it off"),
        (TaskKind::Duplicate, _) => format!("Change{post}, or say that it repeats another"),
        (TaskKind::Changed, _) => format!("Change what is out of{post}, or put its file back"),
        (TaskKind::Broken, _) => format!("Correct{}", if post.is_empty() { " a file" } else { &post }),
    };
    let tone = if task.overdue { Tone::Bad } else { Tone::Careful };
    let mark = if task.overdue { "!" } else { "○" };
    let heading = page.hanging(2, 2, &what);
    let mut out = format!("{} {}", page.paint(tone, mark), page.paint(Tone::Strong, heading.trim_start().trim_end()));
    out.push('\n');
    out += &page.wrapped(4, &times(task, page));
    let mut about: Vec<String> = Vec::new();
    if with_people && !task.people.is_empty() {
        about.push(format!("for {}", super::decision::names(&task.people, roles)));
    }
    if !task.title.is_empty() {
        about.push(escape(&task.title).into_owned());
    }
    about.extend(task.accounts.iter().map(|account| escape(account.as_str()).into_owned()));
    out += &page.wrapped(4, &about.join(" · "));
    if task.kind != TaskKind::Approve && !task.why.is_empty() {
        out += &page.wrapped(4, &escape(&task.why));
    }
    out + &page.wrapped(4, &page.paint(Tone::Faint, &escape(&task.command)))
}

/// `overdue since Sat 28 Nov 09:00, 2 days ago; goes out Tue 1 Dec 09:00, in 23 hours`
fn times(task: &Task, page: &Page) -> String {
    let mut times = Vec::new();
    if let Some(until) = task.until {
        times.push(match until < page.now {
            true => format!("overdue since {}", page.when(until)),
            false => format!("until {}", page.when(until)),
        });
    }
    if let Some(due) = task.due {
        times.push(match due < page.now {
            true => format!("should have gone out {}", page.when(due)),
            false => format!("goes out {}", page.when(due)),
        });
    }
    times.join("; ")
}
