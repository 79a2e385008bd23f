//! `greenlit approve`

use super::decide::{Desk, Options, Saying, rehearsed, vetoes};
use super::decided::{Outcome, tell};
use super::gather::Trusted;
use super::pretences::Pretences;
use super::{Context, Exit, Failure, forges};
use crate::network;
use crate::plan::{Change, Delivery, Plan, Step};
use crate::policy::{Decision, Kind, Status, Verb, stages_for};
use crate::render::Editing;
use crate::view::decision::names;
use crate::view::escape;
use crate::view::page::counted;
use crate::view::preview::{Preview, Rendered};
use crate::workspace::{AccountName, PersonId, PostId, RoleName, suggest};

/// Say yes to posts, exactly as they are: show what will go out, and record the approval
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The posts, by id or file
    #[arg(required_unless_present = "policy")]
    posts: Vec<String>,

    /// Say yes to a change of greenlit.toml and roles.toml instead, exactly as it is: for admins
    #[arg(long, conflicts_with_all = ["posts", "account", "stage"])]
    policy: bool,

    /// Only for these accounts, or for a network's accounts; for all that still need it where none is given
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,

    /// The stage to approve for; the first that is open and that you may give where none is named
    #[arg(long)]
    stage: Option<RoleName>,

    /// Approve for somebody who is away and whose stand-in you are, by short name; chosen by itself where that is one
    /// person and your own roles do not suffice
    #[arg(long = "for", value_name = "PERSON")]
    stands_in_for: Option<PersonId>,

    /// Approve although a link, a server or a word is not what it looks like: you looked where it leads, and it is meant so
    #[arg(long, conflicts_with = "policy")]
    meant: bool,

    /// Words to keep with the approval
    #[arg(short, long, value_name = "TEXT", default_value = "")]
    message: String,

    /// Ask the forge for a run of the workflow that publishes, once the approval is pushed; without it the schedule finds it
    #[arg(long, value_name = "WORKFLOW", num_args = 0..=1, require_equals = true, conflicts_with_all = ["policy", "offline"])]
    #[arg(default_missing_value = PUBLISH)]
    dispatch: Option<String>,

    #[command(flatten)]
    options: Options,
}

/// The workflow that `ci init` writes.
const PUBLISH: &str = "greenlit-publish.yml";

/// A delivery that could be approved, and for which stage it will be.
pub(super) struct Open<'p> {
    pub delivery: &'p Delivery,
    pub stage: Option<RoleName>,
    /// Why no approval would count.
    reason: String,
}

impl<'p> Open<'p> {
    pub fn of(delivery: &'p Delivery) -> Self {
        Self { delivery, stage: None, reason: String::new() }
    }

    pub fn verb(&self) -> Option<Verb> {
        let Delivery { key, due, .. } = self.delivery;
        let (post, account) = (key.post.clone(), key.account.clone());
        Some(Verb::Approve { post, account, digest: self.delivery.digest.clone()?, due: *due })
    }
}

/// Shows what will go out, makes the approval, pushes it, and says what comes next.
///
/// # Errors
/// When a post is not there or has errors, or the approval would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.policy {
        return super::approve_policy::run(&args.message, &args.options, context);
    }
    let mut desk = Desk::open(&args.options, context)?;
    let mut posts: Vec<PostId> = Vec::new();
    for name in &args.posts {
        let post = desk.post(name)?;
        if !posts.contains(&post.id) {
            posts.push(post.id.clone());
        }
    }
    let plan = desk.plan(&posts)?;
    let mut open = open(&plan, &posts, &args.account)?;
    if open.is_empty() {
        if !context.json() {
            let page = context.page(desk.trusted.settings.timezone);
            context
                .print(&page.wrapped(0, &format!("Nothing to approve: no approval of {} is missing.", what(&posts))));
        }
        let exit = tell(&mut desk, "approve", "", &[], &posts)?;
        return Ok(dispatched(&desk, args, exit));
    }
    let absent = choose(&desk, args, &posts, &mut open)?;
    if !args.options.anyway {
        refuse_in_vain(&desk, &posts, &open)?;
    }
    let pretences = Pretences::of(&desk, &posts, args.meant)?;
    if !context.json() {
        for post in &posts {
            let approved = open.iter().filter(|open| open.delivery.key.post == *post && open.stage.is_some());
            show(&desk, post, approved.map(|open| open.delivery));
        }
        pretences.show(&desk);
    }

    let mut stages: Vec<&RoleName> = open.iter().filter_map(|open| open.stage.as_ref()).collect();
    stages.dedup();
    let instead = absent.as_ref().map(|absent| instead_of(absent, &desk)).unwrap_or_default();
    let although = pretences.although();
    let question = format!("Approve {} for {}{instead}{although}?", what(&posts), listed(&stages));
    if !desk.confirmed(&question) {
        context.note("Nothing was approved.");
        return Ok(Exit::Waits);
    }
    let mut outcomes = Vec::new();
    for (number, stage) in stages.into_iter().enumerate() {
        let approved = || open.iter().filter(|open| open.stage.as_ref() == Some(stage));
        let mut verbs: Vec<Verb> = approved().filter_map(Open::verb).collect();
        if number == 0 {
            // Whoever approves what they had rejected has changed their mind.
            verbs.extend(own_vetoes(&desk, approved().map(|open| open.delivery)));
        }
        let mut posts: Vec<PostId> = approved().map(|open| open.delivery.key.post.clone()).collect();
        posts.dedup();
        let subject = format!("Approve {} for {stage}", what(&posts));
        let text = args.message.clone();
        let (stage, stands_in_for) = (Some(stage.clone()), absent.clone());
        let saying = Saying {
            subject,
            text,
            stage: stage.clone(),
            stands_in_for: stands_in_for.clone(),
            verbs,
            ..Saying::default()
        };
        outcomes.push(Outcome { stage, stands_in_for, ..Outcome::of(desk.make(saying)?) });
    }
    let unasked = |open: &&Open<'_>| match &open.delivery.step {
        Step::Published { changed: Some(change), .. } => change.wanted().is_none() && open.stage.is_some(),
        _ => false,
    };
    let unasked: Option<PostId> = open.iter().find(unasked).map(|open| open.delivery.key.post.clone());
    let sentence = format!("Approved {}", what(&posts));
    let exit = tell(&mut desk, "approve", &sentence, &outcomes, &posts)?;
    if let Some(post) = unasked.filter(|_| !context.json()) {
        let page = context.page(desk.trusted.settings.timezone);
        let text = "It is out already, and an approval alone changes nothing there. To ask for that:";
        context.print(&format!("\n{}  greenlit update {}\n", page.wrapped(0, text), escape(post.as_str())));
    }
    Ok(dispatched(&desk, args, exit))
}

/// Asks the forge for a run of the workflow that publishes, where that is wanted and the approval is pushed. It stands, whatever
/// comes of that.
fn dispatched(desk: &Desk<'_>, args: &Args, exit: Exit) -> Exit {
    let Some(workflow) = args.dispatch.as_deref().filter(|_| exit == Exit::Fine) else { return exit };
    let Trusted { repository, branches, .. } = &desk.trusted;
    let asked = forges::of(repository, branches.remote.as_deref(), desk.context)
        .and_then(|forge| forge.dispatch(workflow, &branches.trusted).map(|()| forge.kind().title()));
    match asked {
        Ok(forge) => {
            let (workflow, branch) = (escape(workflow), escape(&branches.trusted));
            desk.context.note(&format!("Asked {forge} for a run of {workflow} on {branch}."));
            Exit::Fine
        }
        Err(error) => {
            desk.context.note("The approval stands; no run was asked for, so the next scheduled one finds it.");
            forges::failure(&error).print(desk.context.format);
            Exit::Waits
        }
    }
}

/// The deliveries on which something can be decided, and which are not approved yet.
fn open<'p>(plan: &'p Plan, posts: &[PostId], accounts: &[String]) -> Result<Vec<Open<'p>>, Failure> {
    let goes_to = |wanted: &str| plan.deliveries.iter().any(|delivery| is(&delivery.key.account, wanted));
    if let Some(wanted) = accounts.iter().find(|wanted| !goes_to(wanted)) {
        let message = format!("{} does not go to {:?}", what(posts), escape(wanted));
        return Err(Failure::usage("approve/account", message, "`greenlit preview POST` shows where a post goes"));
    }
    let wanted =
        |delivery: &&Delivery| accounts.is_empty() || accounts.iter().any(|one| is(&delivery.key.account, one));
    let mut open = Vec::new();
    for delivery in plan.deliveries.iter().filter(wanted) {
        let post = &delivery.key.post;
        match (&delivery.step, &delivery.decision) {
            (Step::Broken { errors }, _) => {
                let errors: Vec<_> = errors.iter().map(|error| escape(error)).collect();
                let message = format!("{} cannot go out as it is\n{}", delivery.key, errors.join("\n"));
                return Err(Failure::broken("post/broken", message, "correct it, and commit it"));
            }
            (Step::Draft, _) => {
                let message = format!("{post} is a draft, and drafts do not go out");
                return Err(Failure::usage("approve/draft", message, "take `draft: true` out of its front matter"));
            }
            // To approve what cannot be changed any more would say nothing.
            (Step::Published { changed: Some(Change { editing: Editing::Never { .. }, .. }), .. }, _) => {}
            (_, Some(decision)) if !decision.approved() => open.push(Open::of(delivery)),
            _ => {}
        }
    }
    Ok(open)
}

pub(super) fn is(account: &AccountName, wanted: &str) -> bool {
    account.as_str() == wanted || account.network() == wanted
}

/// Chooses the stages; the person for whom a stand-in approves, if any: whoever was named, or the one who is away and
/// without whom nothing would count.
fn choose(desk: &Desk<'_>, args: &Args, posts: &[PostId], open: &mut [Open<'_>]) -> Result<Option<PersonId>, Failure> {
    let me = if args.options.anyway { desk.me.person.as_deref() } else { Some(desk.person()?) };
    let roles = &desk.trusted.roles;
    let mut absent = args.stands_in_for.clone();
    if let Some(absent) = absent.as_deref().filter(|absent| !roles.people.contains_key(*absent)) {
        let people: Vec<&str> = roles.people.keys().map(String::as_str).collect();
        let message = format!("there is nobody called {:?} in roles.toml", escape(absent));
        return Err(Failure::usage("approve/for", message, suggest::help(absent, "people", &people)));
    }
    choose_stages(desk, args.stage.as_ref(), posts, absent.as_deref(), open)?;
    if absent.is_none() && open.iter().all(|open| open.stage.is_none()) {
        let today = desk.context.now.with_timezone(&desk.trusted.settings.timezone).date_naive();
        let away: Vec<&str> = me.into_iter().flat_map(|me| roles.stands_in_for(me, today)).collect();
        if let [one] = away.as_slice() {
            choose_stages(desk, args.stage.as_ref(), posts, Some(one), open)?;
            absent = open.iter().any(|open| open.stage.is_some()).then(|| (*one).to_owned());
            if absent.is_some() {
                let name = escape(roles.name_of(one)).into_owned();
                desk.context.note(&format!("{name} is away and you stand in: you approve in their place."));
            }
        }
    }
    if args.options.anyway {
        for open in open.iter_mut().filter(|open| open.stage.is_none()) {
            open.stage = args.stage.clone().or_else(|| stages_of(desk, open.delivery).into_iter().next());
        }
    }
    Ok(absent)
}

fn stages_of(desk: &Desk<'_>, delivery: &Delivery) -> Vec<RoleName> {
    let post = desk.trusted.posts.iter().find(|post| post.id == delivery.key.post);
    let stages = post.map(|post| stages_for(&desk.trusted.roles, post, &delivery.key.account)).unwrap_or_default();
    stages.into_iter().map(|stage| stage.role.clone()).collect()
}

/// `, standing in for Tess Okafor`
pub(super) fn instead_of(absent: &str, desk: &Desk<'_>) -> String {
    format!(", standing in for {}", escape(desk.trusted.roles.name_of(absent)))
}

/// Tries the approval out for each stage in turn, and keeps the first where it counts.
pub(super) fn choose_stages(
    desk: &Desk<'_>,
    only: Option<&RoleName>,
    posts: &[PostId],
    absent: Option<&str>,
    open: &mut [Open<'_>],
) -> Result<(), Failure> {
    let person = absent.or(desk.me.person.as_deref());
    let roles = &desk.trusted.roles;
    let mut tries: Vec<RoleName> = Vec::new();
    match only {
        Some(stage) => tries.push(stage.clone()),
        None => {
            for role in open.iter().flat_map(|open| stages_of(desk, open.delivery)) {
                let asked =
                    |person: &str| roles.holds(person, &role) || open.iter().any(|open| asks(open, &role, person));
                if !tries.contains(&role) && person.is_some_and(asked) {
                    tries.push(role);
                }
            }
        }
    }
    for stage in &tries {
        let fits = |open: &Open<'_>| open.stage.is_none() && (only.is_some() || unfinished(open.delivery, stage));
        let verbs: Vec<Verb> = open.iter().filter(|open| fits(open)).filter_map(Open::verb).collect();
        let (stage, stands_in_for) = (Some(stage.clone()), absent.map(str::to_owned));
        let trial =
            desk.rehearse(posts, &Saying { stage: stage.clone(), stands_in_for, verbs, ..Saying::default() })?;
        for open in open.iter_mut().filter(|open| fits(open)) {
            let after = trial.deliveries.iter().find(|delivery| delivery.key == open.delivery.key);
            match after.and_then(|after| after.decision.as_deref()).and_then(rehearsed) {
                Some(node) if node.status == Status::Approved => open.stage.clone_from(&stage),
                Some(node) => open.reason.clone_from(&node.reason),
                None => {}
            }
        }
    }
    Ok(())
}

/// Whether a stage asks somebody who is not in its role, because its time is over.
fn asks(open: &Open<'_>, stage: &str, person: &str) -> bool {
    let stages = open.delivery.decision.as_deref().into_iter().flat_map(Decision::stages);
    let mut nodes = stages.filter(|node| node.role.as_deref() == Some(stage));
    nodes.any(|node| node.turn.iter().chain(&node.may_also).any(|asked| asked == person))
}

/// Whether a stage of a delivery still waits for somebody, or one more approval would vouch for a change of its files.
fn unfinished(delivery: &Delivery, stage: &str) -> bool {
    let Some(decision) = &delivery.decision else { return false };
    let vouching = decision.children.iter().any(|child| child.kind == Kind::Edits && child.status == Status::Waiting);
    let of_stage = |node: &&Decision| node.role.as_deref() == Some(stage);
    decision.stages().into_iter().filter(of_stage).any(|node| vouching || node.status != Status::Approved)
}

/// Each post must gain something, or nothing is approved at all.
fn refuse_in_vain(desk: &Desk<'_>, posts: &[PostId], open: &[Open<'_>]) -> Result<(), Failure> {
    for post in posts {
        let mut of_post = open.iter().filter(|open| open.delivery.key.post == *post).peekable();
        let Some(first) = of_post.peek() else { continue };
        let turn = first.delivery.decision.as_deref().map(|decision| decision.whose_turn()).unwrap_or_default();
        let reason = match first.reason.as_str() {
            "" => "you are in no stage that it still needs".to_owned(),
            reason if reason.starts_with("the key ") => escape(reason).into_owned(),
            reason => format!("whoever signs as you {}", escape(reason)),
        };
        if of_post.all(|open| open.stage.is_none()) {
            let help = match turn.as_slice() {
                [] => "`greenlit plan` shows the whole decision".to_owned(),
                turn => format!("it waits for {}; to approve all the same: --anyway", names(turn, &desk.trusted.roles)),
            };
            let message = format!("your approval of {post} would not count: {reason}");
            return Err(Failure::new(Exit::Waits, "approve/in-vain", message, help));
        }
    }
    Ok(())
}

/// What will stand on the accounts of these deliveries.
pub(super) fn show<'p>(desk: &Desk<'_>, id: &PostId, deliveries: impl Iterator<Item = &'p Delivery>) {
    let known = desk.trusted.posts.iter().find(|post| post.id == *id);
    let Some(post) = known.and_then(|known| desk.trusted.whole(known).ok()) else { return };
    let accounts: Vec<Rendered> = deliveries
        .filter_map(|delivery| {
            let account = &delivery.key.account;
            let (network, settings) =
                (network::named(account.network())?, desk.trusted.settings.accounts.get(account)?);
            let capability = network.capability_of(settings, Some(&desk.trusted.instances()));
            let rendered = Rendered::new(*delivery.payload.clone()?, &capability);
            // The way out changes what is approved here: people learn of it before they decide.
            let Step::Duplicate(duplicate) = &delivery.step else { return Some(rendered) };
            Some(Rendered { duplicate: Some(duplicate.clone()), ..rendered })
        })
        .collect();
    let file = post.source.path.as_str();
    let preview = Preview { file, post: Some(post), accounts: &accounts, findings: &[], remarks: &[] };
    let page = desk.context.page(desk.trusted.settings.timezone);
    let from = format!("As on {} at {:.10}:", escape(&desk.seen_on), desk.trusted.seen);
    desk.context.print(&format!("{}{}\n", page.wrapped(0, &from), preview.human(&page)));
}

fn own_vetoes<'p>(desk: &Desk<'_>, deliveries: impl Iterator<Item = &'p Delivery>) -> Vec<Verb> {
    let mine = |commit: &String| {
        desk.evidence.statements.iter().any(|statement| statement.commit == *commit && desk.is_mine(statement))
    };
    let mut commits: Vec<String> = deliveries.flat_map(vetoes).filter_map(|veto| veto.commit.clone()).collect();
    commits.retain(mine);
    commits.sort();
    commits.dedup();
    commits.into_iter().map(|commit| Verb::Lift { commit }).collect()
}

/// `autumn-launch`, `3 posts`.
pub(super) fn what(posts: &[PostId]) -> String {
    match posts {
        [post] => post.to_string(),
        posts => counted(posts.len(), "post"),
    }
}

pub(super) fn listed(stages: &[&RoleName]) -> String {
    stages.iter().map(|stage| escape(stage)).collect::<Vec<_>>().join(" and ")
}
