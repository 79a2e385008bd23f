//! `greenlit resolve`

use super::decide::{Desk, Options, Saying};
use super::decided::{Outcome, told};
use super::{Context, Exit, Failure};
use crate::ledger::{Claim, DeliveryKey, PartReceipt, State, Store, Uncertain};
use crate::policy::{Dossiers, Fate, Resolution, Verb};
use crate::view::escape;
use crate::view::page::{Page, counted};
use crate::workspace::PostId;

/// Say what became of a delivery of which nobody knows whether it is out: you looked, and it is there, or it is not
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by id or file
    post: String,

    /// The account; may be left out where only one is in doubt
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,

    /// It is out, at this address; of a thread once for each part that was in doubt, in their order
    #[arg(long, value_name = "URL", required_unless_present = "not_sent", conflicts_with = "not_sent")]
    sent: Vec<url::Url>,

    /// It is not out: the next run of publish sends it
    #[arg(long)]
    not_sent: bool,

    /// How you know
    #[arg(short, long, value_name = "WHY", default_value = "")]
    message: String,

    #[command(flatten)]
    options: Options,
}

/// What the ledger says of a delivery in doubt.
struct InDoubt {
    claim: Box<Claim>,
    noted: Uncertain,
}

/// Shows what is known, records the word, pushes it, and says what the next run of publish does with it.
///
/// # Errors
/// When nothing of the post is in doubt, the addresses are not those of its parts, or the word would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let ledger = desk.trusted.ledger(context)?;
    let post = desk.trusted.post_id(&args.post, &ledger)?;
    let doubt = doubt(&post, args.account.as_deref(), &ledger, context)?;
    drop(ledger);
    let fate = fate(args, &doubt)?;
    let key = &doubt.noted.key;
    if !args.options.anyway
        && let Ok(known) = word(&desk, &doubt.noted, None)
    {
        return Err(settled(key, &known));
    }
    let saying = Saying {
        subject: format!("Resolve {} for {}", key.post, key.account),
        text: args.message.clone(),
        verbs: vec![Verb::Resolve {
            post: post.clone(),
            account: key.account.clone(),
            digest: doubt.noted.digest.clone(),
            since: doubt.noted.noted_at,
            fate: fate.clone(),
        }],
        ..Saying::default()
    };
    if !args.options.anyway {
        desk.person()?;
        word(&desk, &doubt.noted, Some(&saying)).map_err(|why| in_vain(&why))?;
    }
    if !context.json() {
        context.print(&both_sides(&doubt, &context.page(desk.trusted.settings.timezone)));
    }
    let (post_name, account) = (escape(key.post.as_str()), escape(key.account.as_str()));
    let question = match &fate {
        Fate::Sent(_) => format!("{post_name} is out on {account}?"),
        Fate::NotSent => format!("{post_name} is not out on {account}, and is to be sent?"),
    };
    if !desk.confirmed(&question) {
        context.note("Nothing was resolved.");
        return Ok(Exit::Waits);
    }
    let outcome = Outcome::of(desk.make(saying)?);
    desk.look_again()?;
    let exit = told(&desk, "resolve", &format!("Resolved {post_name} for {account}"), &[outcome], None);
    if !context.json() {
        let page = context.page(desk.trusted.settings.timezone);
        context.print(&page.wrapped(0, &next(&fate, &doubt)));
    }
    Ok(exit)
}

/// The delivery of the post that is in doubt.
fn doubt(post: &PostId, account: Option<&str>, store: &dyn Store, context: &Context) -> Result<InDoubt, Failure> {
    let name = escape(post.as_str());
    let keys = store.open()?.keys.into_iter();
    let (mut doubts, mut others) = (Vec::new(), Vec::new());
    for key in keys.filter(|key| key.post == *post && account.is_none_or(|account| key.account.as_str() == account)) {
        match store.state(&key)? {
            State::Uncertain(claim, noted) => doubts.push(InDoubt { claim, noted: *noted }),
            State::Claimed(claim) => others.push(claim),
            State::New | State::Published(_) | State::Failed(_) | State::Retracted(_) => {}
        }
    }
    match (doubts.pop(), doubts.as_slice(), others.first()) {
        (Some(one), [], _) => Ok(one),
        (Some(last), more, _) => {
            let accounts: Vec<_> =
                more.iter().chain([&last]).map(|one| escape(one.noted.key.account.as_str()).into_owned()).collect();
            let message = format!("{name} is in doubt on more than one account: {}", accounts.join(", "));
            let help = format!("say on which: `greenlit resolve {name} --account {} …`", accounts[0]);
            Err(Failure::usage("resolve/which", message, help))
        }
        (None, _, Some(claim)) if claim.lease_until > context.now => Err(Failure::new(
            Exit::Waits,
            "resolve/being-sent",
            format!("run {} is sending {name} to {} now", escape(&claim.runner), escape(claim.key.account.as_str())),
            format!("wait until it has ended, at the latest at {}", claim.lease_until.format("%H:%M UTC")),
        )),
        (None, _, Some(claim)) => Err(Failure::new(
            Exit::Waits,
            "resolve/not-asked",
            format!("nobody has asked {} yet whether {name} is out", escape(claim.key.account.as_str())),
            "run `greenlit publish`: it asks first, and sends nothing blind",
        )),
        (None, _, None) => Err(Failure::usage(
            "resolve/nothing",
            format!("nothing of {name} is in doubt{}", account.map(|one| format!(" on {one}")).unwrap_or_default()),
            "`greenlit status` shows where every post stands",
        )),
    }
}

/// What was found, as it is written down.
fn fate(args: &Args, doubt: &InDoubt) -> Result<Fate, Failure> {
    if args.not_sent {
        return Ok(Fate::NotSent);
    }
    let left = doubt.claim.payload.parts.len().saturating_sub(doubt.noted.parts.len());
    if args.sent.len() > left {
        let message = format!("{} were named, and {} of it in doubt", counted(args.sent.len(), "address"), are(left));
        return Err(Failure::usage("resolve/parts", message, "give one --sent for each part, in their order"));
    }
    if let Some(url) = args.sent.iter().find(|url| !matches!(url.scheme(), "https" | "http") || !url.has_host()) {
        let message = format!("{url} is no address where people can look");
        return Err(Failure::usage("resolve/address", message, "give the address that a browser shows for the post"));
    }
    Ok(Fate::Sent(args.sent.iter().map(ToString::to_string).collect()))
}

fn are(parts: usize) -> String {
    format!("{} {}", counted(parts, "part"), if parts == 1 { "is" } else { "are" })
}

/// The word that counts for a doubt, with what the person is about to say where that is given.
fn word(desk: &Desk<'_>, noted: &Uncertain, saying: Option<&Saying>) -> Result<Resolution, String> {
    let mut evidence = desk.evidence.clone();
    evidence.statements.extend(saying.map(|saying| desk.statement(saying)));
    let dossiers = Dossiers::new(&evidence);
    desk.trusted.word_on(noted, &dossiers.of(&noted.key.post), desk.context.now)
}

fn settled(key: &DeliveryKey, known: &Resolution) -> Failure {
    let found = match &known.fate {
        Fate::Sent(urls) => format!("is out: {}", urls.join(" ")),
        Fate::NotSent => "is not out".to_owned(),
    };
    Failure::new(
        Exit::Waits,
        "resolve/settled",
        format!("{} said already that {} {}", escape(&known.by), escape(&key.to_string()), escape(&found)),
        "the next `greenlit publish` takes it up; to say otherwise: --anyway",
    )
}

fn in_vain(why: &str) -> Failure {
    Failure::new(
        Exit::Waits,
        "resolve/in-vain",
        format!("your word would not count: {}", escape(why)),
        "ask somebody who may publish (`[permissions]` in roles.toml, else whoever has a say in a workflow, and admins); \
         to say it all the same: --anyway",
    )
}

/// What the ledger knows, and what the network could not say.
fn both_sides(doubt: &InDoubt, page: &Page) -> String {
    let InDoubt { claim, noted } = doubt;
    let parts = &claim.payload.parts;
    let mut out = page.wrapped(0, &format!("{} is in doubt:", escape(&noted.key.to_string())));
    let told = format!(
        "here: run {} claimed it {} and knows of {} of {}",
        escape(&claim.runner),
        page.when(claim.claimed_at),
        noted.parts.len(),
        counted(parts.len(), "part")
    );
    out += &page.wrapped(2, &told);
    for place in PartReceipt::places(&noted.parts) {
        out += &page.wrapped(4, &escape(place));
    }
    out += &page.wrapped(2, &format!("there: {} ({})", escape(&noted.reason), page.when(noted.noted_at)));
    if let Some(part) = parts.get(noted.parts.len()) {
        let words: String = part.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
        out += &page.wrapped(2, &format!("look for: {}", escape(&words)));
    }
    out
}

fn next(fate: &Fate, doubt: &InDoubt) -> String {
    let all = doubt.claim.payload.parts.len();
    match fate {
        Fate::Sent(urls) if doubt.noted.parts.len() + urls.len() == all => {
            "The next `greenlit publish` writes down that it is out, and never sends it again.".to_owned()
        }
        Fate::Sent(urls) => format!(
            "The next `greenlit publish` writes down that {} of its {all} parts are out; the rest is not sent.",
            doubt.noted.parts.len() + urls.len()
        ),
        Fate::NotSent => "The next `greenlit publish` sends what is missing, if the post is still approved.".to_owned(),
    }
}
