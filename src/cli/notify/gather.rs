//! What there is to tell: what `todo` lists, and what happened since.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Failure, Gathered, Trusted};
use crate::cli::todo::{owners, questions};
use crate::git::ledger::GitLedger;
use crate::ledger::{Entry, NewsKind, Store};
use crate::notify::{News, What};
use crate::plan::{Delivery, Step};
use crate::policy::{Decision, Evidence, Kind, Statement, Status, Verb, identify};
use crate::view::todo::{self, Owners, Task, TaskKind};
use crate::workspace::{ADMIN, Due, PersonId, PostId, Reschedule, Roles, Sha256};

/// What happened longer ago is no news.
const NEWS: TimeDelta = TimeDelta::days(8);

/// All that there is to tell, where nobody is told of what happened before notices were first told.
pub(super) fn news(
    trusted: &Trusted,
    gathered: &Gathered,
    ledger: &GitLedger<'_>,
    context: &Context,
    begun: DateTime<Utc>,
) -> Result<Vec<News>, Failure> {
    let told = gathered.told(trusted, None);
    let page = context.page(trusted.settings.timezone);
    let owners = owners(trusted);
    let authors = authors(trusted, &gathered.plan.deliveries, begun)?;
    let clerk = Clerk { trusted, gathered, owners: &owners, authors: &authors };
    let tasks = todo::tasks(&told, &owners, questions(trusted, gathered), &page);
    let mut news: Vec<News> = tasks.iter().filter_map(|task| clerk.of_task(task)).collect();
    news.extend(gathered.plan.deliveries.iter().filter_map(|delivery| clerk.failed(delivery)));
    news.extend(clerk.fallen());
    news.extend(clerk.holds(context.now));
    news.extend(clerk.policy());
    let since = begun.max(context.now - NEWS);
    news.extend(clerk.out(ledger, context, since)?);
    Ok(merged(news))
}

/// The same news is told once, to all whom it concerns.
fn merged(news: Vec<News>) -> Vec<News> {
    let mut by_subject: BTreeMap<(NewsKind, String), News> = BTreeMap::new();
    for mut one in news {
        match by_subject.get_mut(&(one.kind, one.subject.clone())) {
            Some(known) => {
                known.people.append(&mut one.people);
                known.when_late.append(&mut one.when_late);
                known.deadline = known.deadline.into_iter().chain(one.deadline).min();
                let new = one.accounts.into_iter().filter(|account| !known.accounts.contains(account));
                known.accounts.extend(new.collect::<Vec<_>>());
            }
            None => {
                by_subject.insert((one.kind, one.subject.clone()), one);
            }
        }
    }
    by_subject.into_values().collect()
}

/// Who wrote the posts of which somebody may be told.
fn authors(
    trusted: &Trusted,
    deliveries: &[Delivery],
    begun: DateTime<Utc>,
) -> Result<BTreeMap<PostId, BTreeSet<PersonId>>, Failure> {
    let matters = |delivery: &&Delivery| match &delivery.step {
        Step::Published { out, .. } => out.published_at >= begun,
        Step::Retracted { .. } | Step::Draft => false,
        _ => true,
    };
    let posts: BTreeMap<&PostId, &str> = deliveries
        .iter()
        .filter(matters)
        .filter_map(|delivery| Some((&delivery.key.post, delivery.path.as_deref()?)))
        .collect();
    let paths: BTreeSet<String> = posts.values().map(|path| (*path).to_owned()).collect();
    let wrote = trusted.repository.authors(trusted.seen, None, &paths)?;
    let roles = &trusted.roles;
    let people = |path: &str| {
        let authors = wrote.get(path).into_iter().flatten();
        let known = authors.flat_map(|author| {
            let key = author.key.as_ref().and_then(|key| roles.owner_of_key(key));
            author.emails.iter().filter_map(|email| roles.owner_of_email(email)).chain(key).map(str::to_owned)
        });
        known.collect()
    };
    Ok(posts.into_iter().map(|(post, path)| (post.clone(), people(path))).collect())
}

/// The first digits of a hash, for subjects.
fn short(text: &str) -> String {
    let mut hash = Sha256::of(text.as_bytes());
    hash.truncate(12);
    hash
}

struct Clerk<'a> {
    trusted: &'a Trusted,
    gathered: &'a Gathered,
    owners: &'a Owners,
    authors: &'a BTreeMap<PostId, BTreeSet<PersonId>>,
}

impl Clerk<'_> {
    fn roles(&self) -> &Roles {
        &self.trusted.roles
    }

    fn deliveries(&self) -> &[Delivery] {
        &self.gathered.plan.deliveries
    }

    /// Who looks after a post: its authors, and whom its front matter names.
    fn keepers(&self, post: &PostId) -> BTreeSet<PersonId> {
        let mut keepers = self.authors.get(post).cloned().unwrap_or_default();
        keepers.extend(self.owners.get(post).cloned());
        keepers
    }

    fn humans(&self, role: &str) -> Vec<PersonId> {
        self.roles().humans(role).cloned().collect()
    }

    /// Everyone who holds a role.
    fn all(&self) -> BTreeSet<PersonId> {
        self.roles().roles.keys().flat_map(|role| self.humans(role)).collect()
    }

    /// What waits for somebody. What failed and what is held is told in another way.
    fn of_task(&self, task: &Task) -> Option<News> {
        let post = task.post.as_ref().map(PostId::as_str).unwrap_or_default();
        let waits = |task: &'static str, why: &str| What::Do { task, why: why.to_owned() };
        let reason = short(&task.why);
        let (kind, subject, what) = match task.kind {
            TaskKind::Approve => {
                let stage = task.stage.clone().unwrap_or_default();
                let subject = format!("approve {post} {stage} {}", self.epoch(task));
                (NewsKind::Turn, subject, What::Approve { stage: task.stage.clone(), due: task.due })
            }
            TaskKind::ApprovePolicy => {
                let pending = self.trusted.chain.as_ref()?.pending()?;
                let subject = format!("change {}", short(&pending.to.to_string()));
                (NewsKind::Policy, subject, What::PolicyWaits { why: task.why.clone() })
            }
            TaskKind::Answer => {
                (NewsKind::Turn, format!("answer {post} {}", short(&task.command)), waits("answer", &task.why))
            }
            TaskKind::Rejected => {
                let what = waits("correct it, or lift its rejection", &task.why);
                (NewsKind::Turn, format!("rejected {post} {reason}"), what)
            }
            TaskKind::Retract => {
                (NewsKind::Turn, format!("retract {post}"), waits("retract it, or leave it", &task.why))
            }
            TaskKind::Duplicate => {
                let what = waits("change it, or say that it repeats another", &task.why);
                (NewsKind::Turn, format!("duplicate {post} {}", self.version(task)), what)
            }
            TaskKind::Changed => {
                let what = waits("change what is out of it, or put its file back", &task.why);
                (NewsKind::Turn, format!("differs {post} {}", self.version(task)), what)
            }
            TaskKind::Broken if task.post.is_none() && task.title.is_empty() => {
                (NewsKind::Turn, format!("broken file {reason}"), waits("correct a file", &task.why))
            }
            TaskKind::Broken if task.post.is_none() => {
                (NewsKind::Policy, format!("broken policy {reason}"), What::PolicyWaits { why: task.why.clone() })
            }
            TaskKind::Broken => (NewsKind::Turn, format!("broken {post} {reason}"), waits("correct it", &task.why)),
            TaskKind::Held | TaskKind::Failed | TaskKind::Uncertain | TaskKind::Late => return None,
        };
        let approves = task.kind == TaskKind::Approve;
        let when_late = task.post.as_ref().filter(|_| approves).map(|post| self.keepers(post)).unwrap_or_default();
        Some(News {
            kind,
            subject: subject.trim_end().to_owned(),
            people: task.people.iter().cloned().collect(),
            when_late,
            deadline: task.until.into_iter().chain(task.due).min().filter(|_| approves),
            at: None,
            post: task.post.clone(),
            title: task.title.clone(),
            accounts: task.accounts.clone(),
            what,
            command: Some(task.command.clone()),
        })
    }

    /// The approvals of a stage that were given and do not count any more: once there are others, a turn is a new one.
    fn epoch(&self, task: &Task) -> String {
        let mut fallen: BTreeSet<&str> = BTreeSet::new();
        for delivery in self.deliveries().iter().filter(|one| Some(&one.key.post) == task.post.as_ref()) {
            let stages = delivery.decision.iter().flat_map(|decision| decision.stages());
            for stage in stages.filter(|stage| stage.role == task.stage) {
                let approvals = stage.children.iter().filter(|child| {
                    child.kind == Kind::Approval && child.status == Status::NotCounted && self.is_by_a_member(child)
                });
                fallen.extend(approvals.filter_map(|child| child.commit.as_deref()));
            }
        }
        if fallen.is_empty() { String::new() } else { short(&fallen.into_iter().collect::<Vec<_>>().join(" ")) }
    }

    /// Whether an approval is by somebody who could be asked: a stranger makes nobody's turn a new one.
    fn is_by_a_member(&self, approval: &Decision) -> bool {
        let commit = approval.commit.as_deref();
        let statement = self.gathered.evidence.statements.iter().find(|one| Some(one.commit.as_str()) == commit);
        let person = statement.and_then(|statement| identify(&statement.witness, self.roles()).ok());
        person.is_some_and(|person| self.all().contains(person))
    }

    /// What a post says by now, in short.
    fn version(&self, task: &Task) -> String {
        let mut deliveries = self.deliveries().iter().filter(|one| Some(&one.key.post) == task.post.as_ref());
        let digest = deliveries.find_map(|delivery| delivery.digest.as_ref());
        digest.map(|digest| short(&digest.to_string())).unwrap_or_default()
    }

    /// What did not go out, or nobody knows whether it did.
    fn failed(&self, delivery: &Delivery) -> Option<News> {
        let key = &delivery.key;
        let digest = delivery.digest.as_ref().map(|digest| short(&digest.to_string())).unwrap_or_default();
        let (how, why, subject, command) = match (&delivery.step, delivery.due) {
            (Step::Failed { reason, .. }, _) => {
                ("Failed", reason.clone(), format!("failed {key} {digest}"), format!("greenlit log {}", key.post))
            }
            (Step::Uncertain { reason }, _) => (
                "Nobody knows whether it is out",
                reason.clone(),
                format!("uncertain {key} {digest}"),
                format!("greenlit resolve {} --account {} --sent URL", key.post, key.account),
            ),
            (Step::Late, Due::At(due)) => (
                "Too late to go out by itself",
                String::new(),
                format!("late {} {}", key.post, due.format("%Y-%m-%dT%H:%MZ")),
                format!("greenlit preview {}", key.post),
            ),
            _ => return None,
        };
        let mut people = self.keepers(&key.post);
        let publishers = self.roles().permissions.publish.iter().flatten();
        people.extend(publishers.flat_map(|role| self.humans(role)));
        if people.is_empty() {
            people.extend(self.humans(ADMIN));
        }
        let what = What::Failed { how, why };
        Some(News {
            accounts: vec![key.account.clone()],
            command: Some(command),
            ..self.about(NewsKind::Failed, subject, people, delivery, what)
        })
    }

    fn about(
        &self,
        kind: NewsKind,
        subject: String,
        people: BTreeSet<PersonId>,
        delivery: &Delivery,
        what: What,
    ) -> News {
        News {
            kind,
            subject,
            people,
            when_late: BTreeSet::new(),
            deadline: None,
            at: None,
            post: Some(delivery.key.post.clone()),
            title: delivery.title.clone(),
            accounts: Vec::new(),
            what,
            command: None,
        }
    }

    /// Approvals of posts that were changed since, each person's last.
    fn fallen(&self) -> Vec<News> {
        let evidence = &self.gathered.evidence;
        let withdrawn: BTreeSet<&str> = verbs(evidence)
            .filter_map(|(_, verb)| match verb {
                Verb::Withdraw { commit } => Some(commit.as_str()),
                _ => None,
            })
            .collect();
        let open = self.deliveries().iter().filter(|one| {
            !matches!(one.step, Step::Published { .. } | Step::Retracted { .. } | Step::Draft | Step::Aftercare(_))
        });
        let open: BTreeMap<_, &Delivery> = open.map(|one| ((&one.key.post, &one.key.account), one)).collect();
        // The last word of each person on each delivery, and whether it is about what there is now.
        let mut last: BTreeMap<(PersonId, &PostId, &str), (&Statement, bool, &Delivery)> = BTreeMap::new();
        for (statement, verb) in verbs(evidence) {
            let Verb::Approve { post, account, digest, due } = verb else { continue };
            let Some(delivery) = open.get(&(post, account)) else { continue };
            let Some(now) = &delivery.digest else { continue };
            let Ok(person) = identify(&statement.witness, self.roles()) else { continue };
            if withdrawn.contains(statement.commit.as_str()) || statement.workspace != self.trusted.settings.workspace {
                continue;
            }
            let keeps = self.roles().policy.reschedule == Reschedule::Keep;
            let holds = digest == now && (*due == delivery.due || keeps);
            let known = last.entry((person.to_owned(), post, account.as_str())).or_insert((statement, holds, delivery));
            if holds || (!known.1 && statement.dated > known.0.dated) {
                *known = (statement, holds, delivery);
            }
        }
        let fallen = last.into_iter().filter(|(_, (_, holds, _))| !holds);
        fallen
            .map(|((person, post, _), (statement, _, delivery))| News {
                command: Some(format!("greenlit preview {post}")),
                ..self.about(
                    NewsKind::Changed,
                    format!("changed {post} {:.12}", statement.commit),
                    [person].into(),
                    delivery,
                    What::Fallen,
                )
            })
            .collect()
    }

    /// Holds that were set or lifted.
    fn holds(&self, now: DateTime<Utc>) -> Vec<News> {
        let evidence = &self.gathered.evidence;
        let mut news = Vec::new();
        for hold in self.trusted.holds(evidence, now) {
            let (Some(scope), Some(commit)) = (hold.scope.clone(), hold.commit.clone()) else { continue };
            let ends =
                verbs(evidence).filter(|(_, verb)| matches!(verb, Verb::Resume { commit: held } if *held == commit));
            let ended = ends.map(|(statement, _)| statement.seen.unwrap_or(statement.dated)).max();
            let by = hold.person.clone().unwrap_or_default();
            let (subject, at, what, command) = match (hold.status, ended) {
                (Status::Held, _) => {
                    let what = What::Held { scope: scope.clone(), by, why: hold.reason.clone() };
                    (format!("held {commit:.12}"), hold.since, what, Some("greenlit status".to_owned()))
                }
                // What does not count was never a hold.
                (_, Some(ended)) if hold.person.is_some() => {
                    let why = hold.reason.clone();
                    (format!("resumed {commit:.12}"), Some(ended), What::Resumed { scope: scope.clone(), why }, None)
                }
                _ => continue,
            };
            let is_meant = |delivery: &&Delivery| match scope.split_once(' ') {
                Some(("post", post)) => delivery.key.post.as_str() == post,
                Some(("account", account)) => delivery.key.account.as_str() == account,
                _ => false,
            };
            let mut people: BTreeSet<PersonId> = hold.turn.iter().cloned().chain(hold.person.clone()).collect();
            if matches!(scope.split_once(' '), Some(("post", _))) {
                let posts = self.deliveries().iter().filter(is_meant);
                people.extend(posts.flat_map(|delivery| self.keepers(&delivery.key.post)));
                people.extend(self.humans(ADMIN));
            } else {
                people.extend(self.all());
            }
            news.push(News {
                kind: NewsKind::Hold,
                subject,
                people,
                when_late: BTreeSet::new(),
                deadline: None,
                at,
                post: None,
                title: scope,
                accounts: Vec::new(),
                what,
                command,
            });
        }
        news
    }

    /// The policy that came into force last.
    fn policy(&self) -> Option<News> {
        let chain = self.trusted.chain.as_ref()?;
        let era = chain.eras().get(1..)?.last()?;
        let at = era.approvals.iter().map(|approval| approval.seen.unwrap_or(approval.dated)).max()?;
        let by = era.approvals.iter().map(|approval| approval.name.clone()).collect();
        Some(News {
            kind: NewsKind::Policy,
            subject: format!("in force {}", short(&era.digest.to_string())),
            people: self.all(),
            when_late: BTreeSet::new(),
            deadline: None,
            at: Some(at),
            post: None,
            title: String::new(),
            accounts: Vec::new(),
            what: What::PolicyInForce { by },
            command: Some("greenlit trust".to_owned()),
        })
    }

    /// What went out since a time, for who wrote it and who approved it.
    fn out(&self, ledger: &GitLedger<'_>, context: &Context, since: DateTime<Utc>) -> Result<Vec<News>, Failure> {
        let is_new =
            |delivery: &&Delivery| matches!(&delivery.step, Step::Published { out, .. } if out.published_at >= since);
        let new: Vec<&Delivery> = self.deliveries().iter().filter(is_new).collect();
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let mut posts: Vec<PostId> = new.iter().map(|delivery| delivery.key.post.clone()).collect();
        posts.dedup();
        // Of what is out, approvals were left aside.
        let evidence = self.trusted.gather(ledger, context, Some(&posts))?.evidence;
        let by_commit: BTreeMap<&str, &Statement> =
            evidence.statements.iter().map(|statement| (statement.commit.as_str(), statement)).collect();
        let mut news: BTreeMap<(&PostId, DateTime<Utc>), News> = BTreeMap::new();
        for delivery in new {
            let Step::Published { out, .. } = &delivery.step else { continue };
            let (at, parts) = (&out.published_at, &out.parts);
            let entries = ledger.entries(&delivery.key)?;
            let claims = entries.iter().filter_map(|entry| match entry {
                Entry::Claim(claim) => Some(claim),
                _ => None,
            });
            let approvals = claims.flat_map(|claim| &claim.approvals);
            let said = approvals.filter_map(|commit| by_commit.get(commit.as_str()));
            let yes = said.filter_map(|statement| identify(&statement.witness, self.roles()).ok());
            let mut people = self.keepers(&delivery.key.post);
            people.extend(yes.map(str::to_owned));
            let link = (delivery.key.account.clone(), parts.first().and_then(|part| part.url.clone()));
            let one = news.entry((&delivery.key.post, *at)).or_insert_with(|| News {
                at: Some(*at),
                ..self.about(
                    NewsKind::Out,
                    format!("out {} {}", delivery.key.post, at.format("%Y-%m-%dT%H:%M:%SZ")),
                    BTreeSet::new(),
                    delivery,
                    What::Out { links: Vec::new() },
                )
            });
            one.people.append(&mut people);
            one.accounts.push(delivery.key.account.clone());
            if let What::Out { links } = &mut one.what {
                links.push(link);
            }
        }
        Ok(news.into_values().collect())
    }
}

fn verbs(evidence: &Evidence) -> impl Iterator<Item = (&Statement, &Verb)> {
    evidence.statements.iter().flat_map(|statement| statement.verbs.iter().map(move |verb| (statement, verb)))
}
