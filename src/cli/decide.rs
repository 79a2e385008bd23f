//! What approve, reject and lift have in common: which commit is read, who decides, and how a decision is tried out
//! before it is made.

use std::io::{BufRead, IsTerminal, Write};

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::git::{Decided, Draft, GitError, ObjectId, Signer};
use crate::plan::{BrokenFile, Delivery, Plan};
use crate::policy::{Decision, Evidence, Line, Signature, Statement, Status, Verb, Witness};
use crate::view::escape;
use crate::workspace::{EvidenceMode, PersonId, Post, PostId, RoleName};

/// What every decision may be told.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Decide on what this branch or commit holds; without it on the trusted branch, or on the branch that you are on
    /// where that goes further
    #[arg(long = "ref", value_name = "BRANCH")]
    reference: Option<String>,

    /// Decide although it will not count
    #[arg(long)]
    pub anyway: bool,

    /// Neither fetch nor push; the decision waits in this clone
    #[arg(long)]
    offline: bool,

    /// Do not ask before deciding
    #[arg(short, long)]
    yes: bool,
}

/// Everything on the table of the person who decides.
pub struct Desk<'c> {
    /// Clock, folder, output.
    pub context: &'c Context,
    /// What the trusted branch says, with the posts that are decided on.
    pub trusted: Trusted,
    /// What was decided before.
    pub evidence: Evidence,
    /// Who decides.
    pub me: Me,
    /// The branch that the posts were read from, for people.
    pub seen_on: String,
    /// Whether the posts were read where `--ref` said.
    named: bool,
    offline: bool,
    yes: bool,
}

/// What somebody is about to decide, and the words for it.
#[derive(Debug, Clone, Default)]
pub struct Saying {
    /// The message's first line: `Reject autumn-launch`.
    pub subject: String,
    /// A reason or a comment; may be empty.
    pub text: String,
    /// The stage that approvals are for.
    pub stage: Option<RoleName>,
    /// The person who is away and for whom a stand-in approves.
    pub stands_in_for: Option<PersonId>,
    /// The commit with the comment or rejection that a comment answers.
    pub reply_to: Option<String>,
    /// The line of the post's file that it is about.
    pub line: Option<Line>,
    /// The decisions.
    pub verbs: Vec<Verb>,
}

/// Who decides, as far as that can be known before anything is signed.
pub struct Me {
    name: String,
    email: String,
    signer: Option<Signer>,
    /// The short name in `roles.toml`; `None` for somebody who is not in it.
    pub person: Option<PersonId>,
}

/// Stands for the commit that is not made yet.
pub const REHEARSAL: &str = "0000000000000000000000000000000000000000";

impl<'c> Desk<'c> {
    /// Fetches, reads the posts to decide on, and finds out who decides.
    ///
    /// # Errors
    /// When the workspace cannot be used, or git is not set up to make the decision.
    pub fn open(options: &Options, context: &'c Context) -> Result<Self, Failure> {
        let trusted = Trusted::read(context, !options.offline)?;
        let (seen, seen_on) = seen(&trusted, options.reference.as_deref())?;
        let trusted = if seen == trusted.tip { trusted } else { trusted.seeing(seen)? };
        let evidence = evidence(&trusted, context)?;
        let me = Me::find(&trusted)?;
        let Options { offline, yes, .. } = *options;
        Ok(Self { context, trusted, evidence, me, seen_on, named: options.reference.is_some(), offline, yes })
    }

    /// The same for whoever decides on what is out, whatever branch they are on.
    ///
    /// # Errors
    /// As for [`Desk::open`].
    pub fn open_on_trusted(options: &Options, context: &'c Context) -> Result<Self, Failure> {
        let trusted = Trusted::read(context, !options.offline)?;
        let (evidence, me) = (evidence(&trusted, context)?, Me::find(&trusted)?);
        let seen_on = trusted.branches.trusted.clone();
        let Options { offline, yes, .. } = *options;
        Ok(Self { context, trusted, evidence, me, seen_on, named: false, offline, yes })
    }

    /// The same for whoever decides on the policy, of the trusted branch or of `--ref`: no post is read there.
    ///
    /// # Errors
    /// As for [`Desk::open`].
    pub fn open_for_policy(options: &Options, context: &'c Context) -> Result<Self, Failure> {
        let mut trusted = Trusted::read(context, !options.offline)?;
        let named = options.reference.is_some();
        let seen_on = options.reference.clone().unwrap_or_else(|| trusted.branches.trusted.clone());
        if let Some(name) = &options.reference {
            trusted.seen = trusted.repository.commit_named(name)?;
        }
        let evidence = trusted.evidence(&trusted.ledger(context)?)?;
        let me = Me::find(&trusted)?;
        let Options { offline, yes, .. } = *options;
        Ok(Self { context, trusted, evidence, me, seen_on, named, offline, yes })
    }

    /// Whether the posts are those of the trusted branch.
    pub fn sees_trusted(&self) -> bool {
        self.trusted.seen == self.trusted.tip
    }

    /// The post of this name or file.
    ///
    /// # Errors
    /// When it is not there, or has errors, or the file in the working tree says something else.
    pub fn post(&self, name: &str) -> Result<&Post, Failure> {
        let Some(known) = self.trusted.known(name) else { return Err(self.no_such_post(name)) };
        let post = self.trusted.whole(known)?;
        self.refuse_uncommitted(post)?;
        Ok(post)
    }

    /// The id of a post, sound or not: a broken one may be rejected, too.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn post_id(&self, name: &str) -> Result<PostId, Failure> {
        let sound = self.trusted.known(name);
        let broken = || self.broken(name).and_then(|file| file.id.clone());
        sound.map(|post| post.id.clone()).or_else(broken).ok_or_else(|| self.no_such_post(name))
    }

    /// The ids of posts, each once.
    ///
    /// # Errors
    /// As for [`Desk::post_id`].
    pub fn post_ids(&self, names: &[String]) -> Result<Vec<PostId>, Failure> {
        let mut ids: Vec<PostId> = Vec::new();
        for name in names {
            let id = self.post_id(name)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn broken(&self, name: &str) -> Option<&BrokenFile> {
        let named = |file: &&BrokenFile| file.path == name || file.id.as_ref().is_some_and(|id| id.as_str() == name);
        self.trusted.broken.iter().find(named)
    }

    fn no_such_post(&self, name: &str) -> Failure {
        let place = format!("on {} (commit {:.10})", escape(&self.seen_on), self.trusted.seen);
        if let Some(file) = self.broken(name) {
            let errors: Vec<_> = file.errors.iter().map(|error| escape(error)).collect();
            return Failure::broken(
                "post/broken",
                format!("{} has errors {place}\n{}", escape(&file.path), errors.join("\n")),
                "correct it and commit it, and push it where there is a remote",
            );
        }
        Failure::usage(
            "post/unknown",
            format!("there is no post {:?} {place}", escape(name)),
            "a post is decided on as it was committed: commit it, and push it where there is a remote; `--ref BRANCH` reads another branch; `greenlit status --all` lists the posts",
        )
    }

    /// People decide on what they have before their eyes; a file that is not committed is not what would go out.
    fn refuse_uncommitted(&self, post: &Post) -> Result<(), Failure> {
        if self.named {
            return Ok(());
        }
        let image = post.link.as_ref().and_then(|link| link.image.as_ref());
        let media = post.media.iter().chain(image).map(|media| media.file.as_str());
        let mut arguments = vec!["--literal-pathspecs", "status", "--porcelain", "--", &post.source.path];
        arguments.extend(media);
        if self.trusted.repository.program().run(&arguments)?.output.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(
            "decide/uncommitted",
            format!("{} or its media have changes here that are not committed", escape(&post.source.path)),
            format!("commit them, or decide on what {} holds: `--ref {0}`", escape(&self.seen_on)),
        ))
    }

    /// Reads again what was decided, after a decision.
    ///
    /// # Errors
    /// When history cannot be read.
    pub fn look_again(&mut self) -> Result<(), Failure> {
        self.evidence = evidence(&self.trusted, self.context)?;
        Ok(())
    }

    /// What is decided so far about these posts.
    ///
    /// # Errors
    /// When history or the ledger cannot be read.
    pub fn plan(&self, posts: &[PostId]) -> Result<Plan, Failure> {
        self.trusted.weigh(&self.evidence, &self.trusted.ledger(self.context)?, self.context, Some(posts))
    }

    /// What would be decided about these posts if the person said this, too.
    ///
    /// # Errors
    /// When history or the ledger cannot be read.
    pub fn rehearse(&self, posts: &[PostId], saying: &Saying) -> Result<Plan, Failure> {
        let mut evidence = self.evidence.clone();
        evidence.statements.push(self.statement(saying));
        self.trusted.weigh(&evidence, &self.trusted.ledger(self.context)?, self.context, Some(posts))
    }

    /// The statement that the decision would be.
    pub fn statement(&self, saying: &Saying) -> Statement {
        let key = self.me.signer.as_ref().and_then(Signer::key);
        Statement {
            commit: REHEARSAL.to_owned(),
            witness: Witness {
                signature: key.map_or(Signature::Missing, |key| Signature::Valid(key.clone())),
                name: self.me.name.clone(),
                email: self.me.email.clone(),
                sign_offs: vec![self.me.email.clone()],
            },
            dated: self.context.now,
            workspace: self.trusted.settings.workspace.clone(),
            policy: Some(self.trusted.tip.to_string()),
            policy_approvals: self.trusted.policy_approvals(),
            stage: saying.stage.clone(),
            stands_in_for: saying.stands_in_for.clone(),
            reply_to: saying.reply_to.clone(),
            line: saying.line.clone(),
            seen: None,
            verbs: saying.verbs.clone(),
            text: saying.text.clone(),
        }
    }

    /// Whether somebody's earlier decision is this person's own.
    pub fn is_mine(&self, statement: &Statement) -> bool {
        let owner =
            |key| self.trusted.roles.owner_of_key(key).filter(|owner| self.me.person.as_deref() == Some(*owner));
        match (&statement.witness.signature, self.me.signer.as_ref().and_then(Signer::key)) {
            (Signature::Valid(theirs), Some(mine)) => theirs == mine || owner(theirs).is_some(),
            (Signature::Review(review), _) => {
                let owner = self.trusted.roles.owner_of_account(review.forge, review.id);
                owner.is_some() && owner == self.me.person.as_deref()
            }
            _ if self.trusted.roles.policy.evidence == EvidenceMode::Signed => false,
            _ => statement.witness.email.eq_ignore_ascii_case(&self.me.email),
        }
    }

    /// Whether somebody is there who is asked before anything is decided.
    pub fn asks(&self) -> bool {
        !self.yes && !self.context.json() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }

    /// Asks whether to go on, where somebody is there to answer.
    pub fn confirmed(&self, question: &str) -> bool {
        if !self.asks() {
            return true;
        }
        let _ = write!(std::io::stderr(), "{question} [y/N] ");
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes")
    }

    /// Makes the decision, and pushes it.
    ///
    /// # Errors
    /// When it cannot be signed or committed.
    pub fn make(&self, saying: Saying) -> Result<Decided, Failure> {
        let Saying { subject, text, stage, stands_in_for, reply_to, line, verbs } = saying;
        let Trusted { repository, branches, tip, settings, .. } = &self.trusted;
        let draft = Draft {
            subject,
            text,
            workspace: settings.workspace.clone(),
            policy: *tip,
            policy_approvals: self.trusted.policy_approvals(),
            stage,
            stands_in_for,
            reply_to,
            line,
            verbs,
            sign_off: format!("{} <{}>", self.me.name, self.me.email),
        };
        Ok(repository.decide(branches, &draft, self.me.signer.as_ref(), self.context.now, !self.offline)?)
    }

    /// The person who decides, by short name.
    ///
    /// # Errors
    /// When they are not in `roles.toml`.
    pub fn person(&self) -> Result<&str, Failure> {
        if let Some(person) = &self.me.person {
            return Ok(person);
        }
        let roles = &self.trusted.roles;
        let what = match (roles.policy.evidence, self.me.signer.as_ref().and_then(Signer::key)) {
            (EvidenceMode::SignOff, _) => format!("the address {}", escape(&self.me.email)),
            (EvidenceMode::Signed, Some(key)) => format!("the key {}", escape(&key.0)),
            (EvidenceMode::Signed, None) => "the key that git will choose".to_owned(),
        };
        Err(Failure::new(
            Exit::Waits,
            "decide/nobody",
            format!(
                "your decision would not count: {what} is nobody's in roles.toml on {}",
                self.trusted.branches.trusted
            ),
            "ask an admin to add it to your entry in roles.toml, or decide all the same with --anyway",
        ))
    }
}

impl Me {
    fn find(trusted: &Trusted) -> Result<Self, Failure> {
        let roles = &trusted.roles;
        let (name, email) = trusted.repository.committer()?;
        let (signer, person) = match roles.policy.evidence {
            EvidenceMode::Signed => {
                let signer = Signer::configured(trusted.repository.program())?;
                let person = signer.key().and_then(|key| roles.owner_of_key(key)).map(str::to_owned);
                (Some(signer), person)
            }
            EvidenceMode::SignOff => (None, roles.owner_of_email(&email).map(str::to_owned)),
        };
        Ok(Self { name, email, signer, person })
    }
}

/// All that was decided. Without a ledger that can be used, what lies on the branches: whoever says no must not be kept
/// from it, and nobody says yes without the ledger.
fn evidence(trusted: &Trusted, context: &Context) -> Result<Evidence, Failure> {
    match trusted.ledger(context).and_then(|ledger| trusted.evidence(&ledger)) {
        Ok(evidence) => Ok(evidence),
        Err(_) => Ok(trusted.repository.evidence(&trusted.branches, trusted.tip)?),
    }
}

/// The commit to decide on, and what people call it.
///
/// Approval before the merge is the usual way of a pull request, so the branch that the person is on is read where it
/// holds anything that the trusted one does not.
fn seen(trusted: &Trusted, reference: Option<&str>) -> Result<(ObjectId, String), GitError> {
    let Trusted { repository, branches, tip, .. } = trusted;
    if let Some(name) = reference {
        return Ok((repository.commit_named(name)?, name.to_owned()));
    }
    let branch = repository.program().ask(&["symbolic-ref", "--short", "-q", "HEAD"], None)?.line();
    if branch != branches.trusted
        && let Ok(head) = repository.commit_named("HEAD")
        && !repository.follows(*tip, head)?
    {
        return Ok((head, if branch.is_empty() { "HEAD".to_owned() } else { branch }));
    }
    Ok((*tip, branches.trusted.clone()))
}

/// The part of a decision that a rehearsal brought in.
pub fn rehearsed(decision: &Decision) -> Option<&Decision> {
    if decision.commit.as_deref() == Some(REHEARSAL) {
        return Some(decision);
    }
    decision.children.iter().find_map(rehearsed)
}

/// The rejections that stand against a delivery.
pub fn vetoes(delivery: &Delivery) -> impl Iterator<Item = &Decision> {
    let children = delivery.decision.iter().flat_map(|decision| &decision.children);
    children.filter(|child| child.status == Status::Rejected && child.commit.is_some())
}
