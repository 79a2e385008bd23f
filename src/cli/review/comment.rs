//! `greenlit review comment`

use std::fs::OpenOptions;
use std::io::Write;

use super::checks::checks;
use super::pull_request::Gathered;
use super::queue::Queued;
use super::requests::{self, Requests};
use super::suggestions::{Suggestion, suggestions};
use crate::cli::gather::Trusted;
use crate::cli::{Context, Exit, Failure, forges};
use crate::forge::{Check, Comment, Forge, ForgeError, MARK, OnLines, PullRequest, Review, Upserted};
use crate::git::{ObjectId, Repository};
use crate::view::escape;
use crate::view::pull_request::{Budget, PullRequestReport, State, Yes, markdown};
use crate::workspace::ForgeKind;

/// Say in a pull request what goes out and what is missing, and keep that up to date
///
/// For each touched post: the text for each network to the letter, with its length; pictures and cards; what `check` finds;
/// who has said yes, and whose turn it is; what becomes of approvals that were given; what goes out next to it. It reads
/// commits, runs nothing of the change, and asks no network.
///
/// Where roles.toml says `reviews = "count"`, the reviews that were given so far are held against the same rules as after the merge:
/// the comment says which count once it is merged, and why others do not. Nothing of that is written down.
///
/// Beside the one comment it sets the checks `greenlit: check`, `greenlit: approved` and `greenlit: workflow NAME` for each, offers what `check
/// --fix` would type beside its lines, asks those to review whose turn it is, and labels how it stands. In a merge queue it sets the
/// checks alone, on the commit that the queue made: what is not approved as it would be merged goes back.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pull request; in a job that one started, that one
    #[arg(long, value_name = "N")]
    pull: Option<u64>,

    /// Every open pull request into the trusted branch: who approves in a terminal starts no job
    #[arg(long, conflicts_with_all = ["pull", "head"])]
    open: bool,

    /// The commit with the change, which must contain the last one of the pull request; where none is named, the commit that
    /// is checked out, or with --pull that last one
    #[arg(long, value_name = "COMMIT")]
    head: Option<String>,

    /// Print the comment, and ask no forge: reviews are left out
    #[arg(long, conflicts_with_all = ["pull", "open", "no_requests"])]
    print: bool,

    /// Ask nobody to review, and leave labels alone
    #[arg(long)]
    no_requests: bool,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

/// The word by which the comment is found again.
const WORD: &str = "pull-request";

/// Makes the report, and brings it where it belongs.
///
/// # Errors
/// When the workspace cannot be used, its history is not whole, or the forge refuses.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.print {
        let head = args.head.as_deref().unwrap_or("HEAD");
        return print(&Gathered::read(head, None, args.fetch, context)?, context);
    }
    let asked = args.open || args.pull.is_some();
    let queued = if asked { None } else { Queued::from_job(|name| std::env::var(name).ok())? };
    let job = from_job();
    if args.pull.or(job).is_none() && !args.open && queued.is_none() {
        return Err(Failure::usage(
            "review/pull",
            "nothing tells which pull request is meant",
            "name it: --pull 12, or --open for all; to see the comment here, without a forge: --print",
        ));
    }
    let repository = context.repository()?;
    let (trusted, remote) = Trusted::names_in(&repository);
    let forge = forges::of(&repository, Some(&remote), context).map_err(|error| forges::failure(&error))?;
    if let Some(queued) = queued {
        return queued.judge(forge.as_ref(), args.fetch, context);
    }
    let mut room = Room { args, repository, remote, forge, context, fetches: args.fetch };
    if let Some(number) = args.pull.or(job).filter(|_| !args.open) {
        let pull = room.forge.pull_request(number).map_err(|error| forges::failure(&error))?;
        let head = args.head.clone().or_else(|| args.pull.is_none().then(|| "HEAD".to_owned()));
        return room.comment(&pull, head.as_deref());
    }
    let mut exit = Exit::Fine;
    for pull in room.forge.open(&trusted).map_err(|error| forges::failure(&error))? {
        // One that cannot be judged keeps no other from being told.
        match room.comment(&pull, None) {
            Ok(Exit::Fine) => {}
            Ok(other) => exit = other,
            Err(failure) => {
                context.note(&format!("Pull request {}:", pull.number));
                failure.print(context.format);
                exit = failure.exit;
            }
        }
    }
    Ok(exit)
}

/// The repository and its forge.
struct Room<'a> {
    args: &'a Args,
    repository: Repository,
    remote: String,
    forge: Box<dyn Forge>,
    context: &'a Context,
    /// Whether the remote is to be asked first what is new.
    fetches: bool,
}

impl Room<'_> {
    /// Brings a pull request's comment up to date. `head` is the commit that is read, where that is not its last one.
    fn comment(&mut self, pull: &PullRequest, head: Option<&str>) -> Result<Exit, Failure> {
        let last = self.last(pull)?;
        let head = head.map_or(Ok(last), |name| self.repository.commit_named(name))?;
        if !self.repository.follows(head, last)? {
            self.context.note(&format!(
                "Pull request {} has come to {last:.10} meanwhile, which {head:.10} does not contain: nothing is said here, the \
                 run for that commit does.",
                pull.number
            ));
            return Ok(Exit::Fine);
        }
        let forge = self.forge.as_ref();
        let mut gathered = Gathered::read(&head.to_string(), None, std::mem::take(&mut self.fetches), self.context)?;
        let reviews = match gathered.reviews_count() || !self.args.no_requests {
            true => forge.reviews(pull.number).map(Some),
            false => Ok(None),
        };
        let exit = if reviews.is_ok() { Exit::Fine } else { Exit::Waits };
        let reviews = match reviews {
            Ok(reviews) => {
                gathered.hear(pull, reviews.as_deref().unwrap_or_default(), forge, self.context)?;
                reviews
            }
            // What they say counts only where all of it is known. The next run asks again.
            Err(error) => {
                self.context.note(&format!(
                    "The reviews of pull request {} could not be read, so none counts, and nobody is asked to review ({}): {}; {}",
                    pull.number,
                    error.code(),
                    escape(&error.to_string()),
                    escape(&error.help())
                ));
                gathered.without_reviews(error.to_string());
                None
            }
        };
        let desk = Desk { forge, pull, last, gathered: &gathered, reviews: reviews.as_deref(), context: self.context };
        match desk.speak(self.args.no_requests) {
            Ok(()) => Ok(exit),
            // A fork's job may write nothing; what it would say is shown where it can be.
            Err(Trouble::Forge(ForgeError::Token { reason, .. })) if pull.from_fork => {
                desk.show(&reason).map(|()| exit)
            }
            Err(Trouble::Forge(error)) => Err(forges::failure(&error)),
            Err(Trouble::Here(failure)) => Err(failure),
        }
    }

    /// The last commit of a pull request, which is fetched where it is not here.
    fn last(&self, pull: &PullRequest) -> Result<ObjectId, Failure> {
        if let Ok(last) = self.repository.commit_named(&pull.head) {
            return Ok(last);
        }
        let folder = match self.forge.kind() {
            ForgeKind::Github | ForgeKind::Forgejo => "pull",
            ForgeKind::Gitlab => "merge-requests",
        };
        let fetched = self.repository.fetch_named(&self.remote, &format!("refs/{folder}/{}/head", pull.number));
        fetched.and_then(|()| self.repository.commit_named(&pull.head)).map_err(|error| {
            let message =
                format!("the last commit of pull request {}, {:.10}, is not here: {error}", pull.number, pull.head);
            Failure::broken("review/commit", escape(&message).into_owned(), "fetch it, and try again")
        })
    }
}

/// The number of the pull request that started the job: <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
/// which Forgejo does alike, and <https://docs.gitlab.com/ci/variables/predefined_variables/> (checked 2026-11-28).
fn from_job() -> Option<u64> {
    let set = |name: &str| std::env::var(name).ok();
    let of_ref = set("GITHUB_REF").and_then(|name| name.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok());
    of_ref.or_else(|| set("CI_MERGE_REQUEST_IID")?.parse().ok())
}

fn print(gathered: &Gathered, context: &Context) -> Result<Exit, Failure> {
    let page = context.page(gathered.trusted.settings.timezone);
    gathered.told(context, |report| {
        if context.json() {
            context.print_json(report);
        } else {
            context.print(&markdown(report, &gathered.trusted.roles, &page, Budget(usize::MAX), Yes::Review));
        }
        if report.state() < State::Approved { Exit::Waits } else { Exit::Fine }
    })
}

/// Why something was not said.
enum Trouble {
    Forge(ForgeError),
    Here(Failure),
}

impl From<ForgeError> for Trouble {
    fn from(error: ForgeError) -> Self {
        Self::Forge(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Here(failure)
    }
}

/// A pull request, and all that is known of it.
struct Desk<'a> {
    forge: &'a dyn Forge,
    pull: &'a PullRequest,
    /// Its last commit.
    last: ObjectId,
    gathered: &'a Gathered,
    /// Its reviews; `None` where they were not asked for, or could not be read.
    reviews: Option<&'a [Review]>,
    context: &'a Context,
}

/// All that is to be said.
struct Said {
    text: String,
    title: String,
    checks: Vec<Check>,
    requests: Requests,
    /// Whether there is anything to say.
    matters: bool,
}

impl Desk<'_> {
    /// Says everything. What can be done without is noted where it fails; the comment and the checks cannot.
    fn speak(&self, no_requests: bool) -> Result<(), Trouble> {
        let (forge, number) = (self.forge, self.pull.number);
        let suggestions = suggestions(self.gathered, self.last)?;
        let comments = forge.comments(number)?;
        let me = forge.me()?.id;
        let mine = |comment: &&Comment| comment.by.as_ref().is_some_and(|by| by.id == me);
        let [begin, end] = MARK;
        let mark = format!("{begin}{WORD}{end}");
        let before = comments.iter().filter(mine).find(|comment| comment.text.starts_with(&mark));
        let asked = before.map(|comment| requests::asked_before(&comment.text)).unwrap_or_default();
        let said = self.said(|report| {
            let roles = &self.gathered.trusted.roles;
            if no_requests {
                return Requests { asked: asked.clone(), ..Requests::default() };
            }
            requests::requests(report, self.pull, self.reviews, &asked, roles, forge.kind())
        })?;
        // A pull request that has nothing to do with posts is left in peace.
        let upserted = match before {
            None if !said.matters => None,
            _ => Some(forge.upsert_comment(number, WORD, &said.text)?),
        };
        for check in &said.checks {
            forge.check(&self.pull.head, check)?;
        }
        let mut failed = if no_requests { Vec::new() } else { requests::carry_out(&said.requests, number, forge) };
        let offered =
            |one: &&Suggestion| !comments.iter().filter(mine).any(|comment| comment.text.starts_with(&one.mark));
        let new: Vec<&Suggestion> = suggestions.iter().filter(offered).collect();
        for one in &new {
            let on = OnLines { commit: &self.pull.head, path: &one.path, lines: one.lines };
            failed.extend(forge.comment_on_lines(number, &on, &one.text).err());
        }
        for error in failed {
            self.context.note(&format!("{}: {}", escape(&error.to_string()), error.help()));
        }
        self.tell(&said, upserted);
        Ok(())
    }

    fn said(&self, requests: impl FnOnce(&PullRequestReport<'_>) -> Requests) -> Result<Said, Failure> {
        let (gathered, page) = (self.gathered, self.context.page(self.gathered.trusted.settings.timezone));
        let roles = &gathered.trusted.roles;
        gathered.told(self.context, |report| {
            let requests = requests(report);
            let kept = requests::kept(&requests.asked);
            let room = Budget(Budget::EVERYWHERE.0.saturating_sub(kept.len()));
            if self.context.json() {
                self.context.print_json(report);
            }
            let yes = if self.forge.kind() == ForgeKind::Gitlab { Yes::Paste } else { Yes::Review };
            let text = markdown(report, roles, &page, room, yes) + &kept;
            Said {
                text: crate::cli::secrets::redacted(&text).into_owned(),
                title: report.title(),
                checks: checks(report, &gathered.found, roles, &page),
                requests,
                matters: report.state() != State::Nothing,
            }
        })
    }

    fn tell(&self, said: &Said, upserted: Option<Upserted>) {
        if self.context.json() {
            return;
        }
        let did = match upserted {
            Some(Upserted::Written) => "wrote the comment",
            Some(Upserted::Changed) => "changed the comment",
            Some(Upserted::Unchanged) => "the comment says so already",
            None => "there is nothing to comment on",
        };
        let mut out = format!("{}: {}\n  {did}\n", escape(&self.pull.url), said.title);
        for check in &said.checks {
            out += &format!("  {}: {}\n", check.name, check.title);
        }
        for (what, logins) in [("asked", &said.requests.ask), ("no longer asks", &said.requests.spare)] {
            if !logins.is_empty() {
                let logins: Vec<_> = logins.iter().map(|login| escape(login)).collect();
                out += &format!("  {what} {}\n", logins.join(", "));
            }
        }
        self.context.print(&out);
    }

    /// Shows the comment in the job's own summary, or prints it.
    fn show(&self, reason: &str) -> Result<(), Failure> {
        let said = self.said(|_| Requests::default())?;
        let written = std::env::var_os("GITHUB_STEP_SUMMARY").is_some_and(|file| {
            let file = OpenOptions::new().append(true).create(true).open(file);
            file.and_then(|mut file| file.write_all(said.text.as_bytes())).is_ok()
        });
        self.context.note(&format!("{}", escape(reason)));
        let place = if written { "in the job's summary" } else { "below" };
        self.context.note(&format!(
            "The pull request comes from a fork, whose jobs may write nothing there: what there is to say stands {place}."
        ));
        if !written && !self.context.json() {
            self.context.print(&said.text);
        }
        Ok(())
    }
}
