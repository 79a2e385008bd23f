//! `greenlit update`

use super::approve::{Open, choose_stages, is, listed, show, what};
use super::decide::{Desk, Options, Saying};
use super::decided::{Outcome, tell};
use super::{Context, Exit, Failure};
use crate::ledger::{State, Store, fold, sent};
use crate::plan::{Aftercare, Change, Delivery, Plan, Step};
use crate::policy::Verb;
use crate::view::escape;
use crate::workspace::{PostId, RoleName};

/// Ask for what is out to be changed in its place to what its file says now; for somebody who may approve it, that is a yes
///
/// The words are shown and bound by their digest, like those of an approval. Once the workflow's approvals of the new words
/// are complete, the next run of publish changes what is out, where the network can: Mastodon and an outbox. Nothing is
/// ever sent a second time.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by id or file
    post: String,

    /// Only for these accounts, or for a network's accounts; for all where it changed where none is given
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,

    /// Why it is to be changed
    #[arg(short, long, value_name = "WHY", default_value = "")]
    message: String,

    #[command(flatten)]
    options: Options,
}

/// Shows what is to stand there, records the wish and the approval, pushes them, and says what comes next.
///
/// # Errors
/// When nothing of the post is out or changed, its network cannot change it, or the wish would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let post = desk.post(&args.post)?.id.clone();
    let posts = [post.clone()];
    let plan = desk.plan(&posts)?;
    let changed = changed(&plan, &post, args)?;
    let able = able(&desk, &changed, args)?;
    let mut open: Vec<Open<'_>> = able.iter().filter(|one| is_open(one)).map(|one| Open::of(one)).collect();
    if desk.me.person.is_some() {
        choose_stages(&desk, None, &posts, None, &mut open)?;
    }
    let sayings = sayings(&able, &open, args);
    if sayings.is_empty() {
        if !context.json() {
            let page = context.page(desk.trusted.settings.timezone);
            context.print(&page.wrapped(0, "Nothing to ask: somebody did already, and your approval is not missing."));
        }
        return tell(&mut desk, "update", "", &[], &posts);
    }
    if !args.options.anyway {
        desk.person()?;
        refuse_in_vain(&desk, &posts, &sayings)?;
    }
    if !context.json() {
        show(&desk, &post, able.iter().copied());
    }
    let stages: Vec<&RoleName> = sayings.iter().filter_map(|saying| saying.stage.as_ref()).collect();
    let and = if stages.is_empty() { String::new() } else { format!(", and approve it for {}", listed(&stages)) };
    if !desk.confirmed(&format!("Ask to change what is out of {} to this{and}?", escape(post.as_str()))) {
        context.note("Nothing was asked for.");
        return Ok(Exit::Waits);
    }
    let mut outcomes = Vec::new();
    for saying in sayings {
        let stage = saying.stage.clone();
        outcomes.push(Outcome { stage, ..Outcome::of(desk.make(saying)?) });
    }
    tell(&mut desk, "update", &format!("Asked to change what is out of {}", what(&posts)), &outcomes, &posts)
}

/// The deliveries that are out and whose post says something else by now.
fn changed<'p>(plan: &'p Plan, post: &PostId, args: &Args) -> Result<Vec<&'p Delivery>, Failure> {
    let name = escape(post.as_str());
    let wanted = |one: &&Delivery| {
        let here = args.account.is_empty() || args.account.iter().any(|wanted| is(&one.key.account, wanted));
        one.key.post == *post && here
    };
    let all: Vec<&Delivery> = plan.deliveries.iter().filter(wanted).collect();
    let differs = |one: &&&Delivery| change(one).is_some() || is_ready(one);
    let changed: Vec<&Delivery> = all.iter().filter(differs).copied().collect();
    if !changed.is_empty() {
        return Ok(changed);
    }
    let is_published = |one: &&Delivery| matches!(one.step, Step::Published { .. });
    Err(match all.as_slice() {
        [] => Failure::usage(
            "update/account",
            format!("{name} does not go to {}", escape(&args.account.join(", "))),
            format!("`greenlit preview {name}` shows where it goes"),
        ),
        all if all.iter().any(|one| is_published(one) && one.digest.is_none()) => Failure::broken(
            "post/broken",
            format!("{name} has errors, so what is out cannot be changed to what it says"),
            "`greenlit check` shows them; correct them, and commit that",
        ),
        all if all.iter().any(is_published) => Failure::new(
            Exit::Waits,
            "update/unchanged",
            format!("what is out of {name} is what its file says"),
            "edit the file, commit it, and push it where there is a remote; then ask again",
        ),
        all if all.iter().any(|one| matches!(one.step, Step::Retracted { .. })) => Failure::usage(
            "update/retracted",
            format!("{name} was taken down, and stays down"),
            "publish the new words as a new post: `greenlit new`",
        ),
        _ => Failure::usage(
            "update/not-out",
            format!("nothing of {name} is out as a whole, so there is nothing to change in its place"),
            format!("`greenlit status` tells where it stands; before it goes out: `greenlit approve {name}`"),
        ),
    })
}

fn change(delivery: &Delivery) -> Option<&Change> {
    match &delivery.step {
        Step::Published { changed, .. } => changed.as_ref(),
        _ => None,
    }
}

/// Whether it is asked for and approved already.
fn is_ready(delivery: &Delivery) -> bool {
    matches!(delivery.step, Step::Aftercare(Aftercare::Update { .. }))
}

/// Whether an approval of what it is to become is missing.
fn is_open(delivery: &Delivery) -> bool {
    delivery.decision.as_deref().is_some_and(|decision| !decision.approved())
}

/// Those that their networks can change. What cannot be is told; where nothing is left, or an account was named, it ends
/// there.
fn able<'p>(desk: &Desk<'_>, changed: &[&'p Delivery], args: &Args) -> Result<Vec<&'p Delivery>, Failure> {
    let ledger = desk.trusted.ledger(desk.context)?;
    let mut able = Vec::new();
    let mut vain = Vec::new();
    for delivery in changed {
        match objection(delivery, &ledger)? {
            None => able.push(*delivery),
            Some(why) => vain.push(format!("{}: {}", escape(&delivery.key.to_string()), escape(&why))),
        }
    }
    if vain.is_empty() {
        return Ok(able);
    }
    if !able.is_empty() && args.account.is_empty() {
        for line in &vain {
            desk.context.note(&format!("Left out: {line}."));
        }
        return Ok(able);
    }
    let post = escape(&args.post);
    Err(Failure::new(
        Exit::Waits,
        "update/cannot",
        format!("what is out cannot be changed\n{}", vain.join("\n")),
        format!(
            "put the file back as it was; or take it down with `greenlit retract {post}`, and publish the new words as a \
             new post"
        ),
    ))
}

/// Why an edit cannot make of what is out what the post says now.
fn objection(delivery: &Delivery, store: &dyn Store) -> Result<Option<String>, Failure> {
    let editing = match &delivery.step {
        Step::Published { changed: Some(change), .. } => change.editing,
        Step::Aftercare(Aftercare::Update { editing, .. }) => *editing,
        _ => return Ok(None),
    };
    let entries = store.entries(&delivery.key)?;
    let State::Published(out) = fold(entries.clone()) else { return Ok(None) };
    let before = sent(&entries, &out.digest);
    Ok(match (before, &delivery.payload) {
        (Some(before), Some(now)) => editing.objection(&before.payload, now),
        _ => Some("the ledger does not say what was sent".to_owned()),
    })
}

/// What is to be said: the wish in the first commit, and a commit for each stage that it is approved for.
fn sayings(able: &[&Delivery], open: &[Open<'_>], args: &Args) -> Vec<Saying> {
    let unasked = able.iter().filter(|one| change(one).is_some_and(|change| change.wanted().is_none()));
    let wishes = unasked.filter_map(|one| {
        let (post, account) = (one.key.post.clone(), one.key.account.clone());
        Some(Verb::Update { post, account, digest: one.digest.clone()? })
    });
    let mut wishes: Vec<Verb> = wishes.collect();
    let mut stages: Vec<Option<RoleName>> = Vec::new();
    for one in open.iter().filter(|one| one.stage.is_some()) {
        if !stages.contains(&one.stage) {
            stages.push(one.stage.clone());
        }
    }
    if stages.is_empty() && !wishes.is_empty() {
        stages.push(None);
    }
    let mut sayings = Vec::new();
    for stage in stages {
        let approved = open.iter().filter(|one| stage.is_some() && one.stage == stage);
        let verbs: Vec<Verb> = wishes.drain(..).chain(approved.filter_map(Open::verb)).collect();
        let subject = format!("Update {}", args.post);
        sayings.push(Saying { subject, text: args.message.clone(), stage, verbs, ..Saying::default() });
    }
    sayings
}

/// Somebody whose word does not count is told so before anything is signed.
fn refuse_in_vain(desk: &Desk<'_>, posts: &[PostId], sayings: &[Saying]) -> Result<(), Failure> {
    let Some(first) = sayings.first() else { return Ok(()) };
    let wishes = |verb: &&Verb| matches!(verb, Verb::Update { .. });
    if !first.verbs.iter().any(|verb| wishes(&verb)) {
        return Ok(());
    }
    let after = desk.rehearse(posts, first)?;
    let heard = |one: &Delivery| is_ready(one) || change(one).is_some_and(|change| change.asked.is_some());
    if after.deliveries.iter().any(heard) {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Waits,
        "update/in-vain",
        "your word would not count",
        "ask one of the post's authors, somebody who has a say in its workflow, or who may publish; to ask all the same: \
         --anyway",
    ))
}
