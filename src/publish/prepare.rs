//! Before the claim: what is to be done, who must be logged in, what a retry must repeat. Nothing is sent.

use std::time::Duration;

use super::aftercare::{Action, Care, Told, held_back, not_out};
use super::media::Checked;
use super::patience::Patience;
use super::restore::Opened;
use super::send::find;
use super::{AccountWork, Base, Ended, Ending, Event, LEASE, PublishError, Publisher, Ready, holder};
use crate::ledger::{Claim, Entry, PartReceipt, State, Store, StoreError, codec, fold};
use crate::network::{Found, Job, SendError, Session};
use crate::plan::{Aftercare, Delivery, Plan, Step};
use crate::policy::{Decision, Fate, Resolution, Retraction, Status};
use crate::render::{Identity, Payload};

/// How long one account may wait for its network before anything is claimed; all others wait for it.
const BUDGET: Duration = Duration::from_secs(15);

/// A delivery that is to be sent or settled.
pub(super) struct Work<'p> {
    place: usize,
    delivery: &'p Delivery,
    identity: Identity,
    task: Task,
}

enum Task {
    /// To be claimed and sent. `frozen` and the lease come later.
    Send(Box<Claim>),
    /// To be asked after; what the ledger says of it, and the parts that surely are out.
    Settle { claim: Box<Claim>, state: State, sent: Vec<PartReceipt> },
    /// Something else than sending is to be done with what is out; perhaps more is than the ledger knows.
    Care { claim: Box<Claim>, state: State, out: Vec<PartReceipt>, in_doubt: bool, action: Action },
}

impl Work<'_> {
    fn end(&self, ending: Ending) -> Ended {
        let (claim, holder, base) = match &self.task {
            Task::Send(claim) => (claim, None, None),
            Task::Settle { claim, .. } => (claim, Some(holder(claim)), None),
            Task::Care { claim, state, .. } => (claim, None, Some(state.clone())),
        };
        let Delivery { key, title, .. } = self.delivery;
        let (key, title, digest) = (key.clone(), title.clone(), Some(claim.digest.clone()));
        let (place, resolved_by) = (self.place, None);
        Ended { place, key, title, digest, ending, resolved_by, record: true, holder, base, rest: None }
    }

    fn not_tried(&self, error: &SendError) -> Ended {
        let help = match error {
            SendError::NotSent { retry_at: Some(at), .. } => {
                let at = at.format("%Y-%m-%d %H:%M:%S UTC");
                format!("it asks to be left alone until {at}; the next `greenlit publish` after that tries again")
            }
            SendError::Credentials { help, .. } => help.clone(),
            SendError::Refused { .. } => "change the post, or its account in greenlit.toml".to_owned(),
            SendError::NotSent { .. } | SendError::Ambiguous { .. } => {
                "the next `greenlit publish` tries again".to_owned()
            }
        };
        let reason = error.to_string();
        self.end(match &self.task {
            Task::Send(_) | Task::Settle { .. } => Ending::NotTried { reason, help },
            Task::Care { .. } => Ending::NotDone { reason, help },
        })
    }
}

impl Publisher<'_> {
    /// What the plan says is to be done, where the ledger says so too.
    pub(super) fn select<'p>(
        &self,
        plan: &'p Plan,
        store: &dyn Store,
    ) -> Result<(Vec<Work<'p>>, Vec<Ended>), PublishError> {
        let (mut work, mut ended) = (Vec::new(), Vec::new());
        for (place, delivery) in plan.deliveries.iter().enumerate() {
            if !matches!(delivery.step, Step::Send | Step::Reconcile(_) | Step::Aftercare(_)) {
                continue;
            }
            let mut base = None;
            let task = match store.entries(&delivery.key) {
                Ok(entries) => self.task(plan, delivery, &entries, &mut base),
                Err(error @ StoreError::Malformed { .. }) => Err(Ending::NotTried {
                    reason: error.to_string(),
                    help: "nothing is sent for it until the ledger is repaired".to_owned(),
                }),
                Err(error) => return Err(error.into()),
            };
            match task {
                Ok(task) => {
                    let identity = match &task {
                        Task::Send(claim) | Task::Settle { claim, .. } | Task::Care { claim, .. } => {
                            claim.payload.account.clone()
                        }
                    };
                    work.push(Work { place, delivery, identity, task });
                }
                Err(ending) => {
                    let Delivery { key, title, digest, .. } = delivery;
                    let (key, title, digest) = (key.clone(), title.clone(), digest.clone());
                    let (resolved_by, holder, record) = (None, None, base.is_some());
                    let rest = None;
                    ended.push(Ended { place, key, title, digest, ending, resolved_by, record, holder, base, rest });
                }
            }
        }
        Ok((work, ended))
    }

    /// What is to be done. An ending where no network has to be asked; `base` is what the ledger says where that ending is
    /// news.
    fn task(
        &self,
        plan: &Plan,
        delivery: &Delivery,
        entries: &[Entry],
        base: &mut Option<State>,
    ) -> Result<Task, Ending> {
        let state = fold(entries.iter().cloned());
        if let Step::Aftercare(action) = &delivery.step {
            let lost = |reason| Ending::NotDone { reason, help: "look at `git log greenlit/ledger`".to_owned() };
            let told = Told::of(entries, &state, self).map_err(lost)?;
            let action = self.action(plan, delivery, action, told.as_ref())?;
            return match told {
                None => Err(Ending::Taken),
                Some(Told::NotOut) => {
                    *base = Some(state);
                    Err(not_out(&action))
                }
                Some(Told::Out { claim, parts: out }) => Ok(Task::Care { claim, state, out, in_doubt: false, action }),
                Some(Told::InDoubt { claim, parts: out }) => {
                    Ok(Task::Care { claim, state, out, in_doubt: true, action })
                }
            };
        }
        if let Step::Send = delivery.step {
            let claim = self.intent(plan, delivery)?;
            return if state.may_send(&claim.digest) { Ok(Task::Send(claim)) } else { Err(Ending::Taken) };
        }
        match &state {
            State::Claimed(claim) if claim.lease_until <= self.clock.now() => {
                Ok(Task::Settle { claim: claim.clone(), state, sent: Vec::new() })
            }
            State::Uncertain(claim, uncertain) => {
                let (claim, sent) = (claim.clone(), uncertain.parts.clone());
                Ok(Task::Settle { claim, state, sent })
            }
            _ => Err(Ending::Taken),
        }
    }

    /// What is to be done with what is out, where that can be done.
    fn action(
        &self,
        plan: &Plan,
        delivery: &Delivery,
        action: &Aftercare,
        told: Option<&Told>,
    ) -> Result<Action, Ending> {
        let (asked, editing) = match action {
            Aftercare::Retract(retraction) => return Ok(Action::Retract(Retraction::clone(retraction))),
            Aftercare::Update { asked, editing } => (asked.clone(), *editing),
        };
        let now = self.intent(plan, delivery)?;
        // Another run was faster, or something else than a whole delivery is out.
        let Some(Told::Out { claim, parts }) = told else { return Err(Ending::Taken) };
        if claim.digest == now.digest || claim.payload.parts.len() != parts.len() {
            return Err(Ending::Taken);
        }
        let too_large = || codec::encode(&Entry::Claim(now.clone())).err().map(|error| error.to_string());
        match editing.objection(&claim.payload, &now.payload).or_else(too_large) {
            Some(reason) => Err(Ending::NotDone {
                reason,
                help: "put the file back as it was, or `greenlit retract` it and publish a new post".to_owned(),
            }),
            None => Ok(Action::Update { asked, now }),
        }
    }

    /// The claim as far as the plan knows it. What people did not approve to the byte goes no further than here.
    fn intent(&self, plan: &Plan, delivery: &Delivery) -> Result<Box<Claim>, Ending> {
        let wrong = |reason: &str| Ending::NotTried {
            reason: reason.to_owned(),
            help: "this is a fault in greenlit; nothing was sent".to_owned(),
        };
        let (Some(payload), Some(digest), Some(decision)) = (&delivery.payload, &delivery.digest, &delivery.decision)
        else {
            return Err(wrong("the plan has no decision on it"));
        };
        if !decision.approved() {
            return Err(wrong("it is not approved"));
        }
        if payload.digest() != *digest || payload.parts.is_empty() {
            return Err(wrong("its payload is not the one that was approved"));
        }
        let now = self.clock.now();
        Ok(Box::new(Claim {
            version: codec::VERSION,
            key: delivery.key.clone(),
            digest: digest.clone(),
            payload: Payload::clone(payload),
            due: delivery.due,
            trusted: plan.trusted.clone(),
            approvals: decision.commits(),
            runner: self.runner.to_owned(),
            claimed_at: now,
            lease_until: now + LEASE,
            frozen: serde_json::Value::Null,
            resolved_by: None,
        }))
    }

    /// Logs in and prepares, accounts side by side. What ends here was not claimed.
    pub(super) fn prepare(
        &self,
        work: Vec<Work<'_>>,
        mut opened: Vec<Opened>,
        ended: &mut Vec<Ended>,
    ) -> Vec<AccountWork> {
        let mut groups: Vec<Vec<Work<'_>>> = Vec::new();
        for work in work {
            match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.identity == work.identity)) {
                Some(group) => group.push(work),
                None => groups.push(vec![work]),
            }
        }
        let mut take = |group: &[Work<'_>]| {
            let at = opened.iter().position(|(identity, _)| group.first().is_some_and(|w| w.identity == *identity))?;
            Some(opened.swap_remove(at).1)
        };
        let done: Vec<(Option<AccountWork>, Vec<Ended>)> = std::thread::scope(|scope| {
            let start = |group| {
                let opened = take(group);
                scope.spawn(move || self.prepare_account(group, opened))
            };
            let threads: Vec<_> = groups.iter().map(Vec::as_slice).map(start).collect();
            let broken = |group: &[Work<'_>]| {
                let error =
                    SendError::NotSent { reason: "the network's adapter broke down".to_owned(), retry_at: None };
                (None, group.iter().map(|work| work.not_tried(&error)).collect())
            };
            let results = threads.into_iter().map(|thread| thread.join());
            groups.iter().zip(results).map(|(group, result)| result.unwrap_or_else(|_| broken(group))).collect()
        });
        let mut accounts = Vec::new();
        for (account, endings) in done {
            for ending in &endings {
                (self.progress)(Event::Ended { key: &ending.key, ending: &ending.ending });
            }
            ended.extend(endings);
            accounts.extend(account);
        }
        accounts
    }

    fn prepare_account(
        &self,
        group: &[Work<'_>],
        opened: Option<Result<Box<dyn Session>, SendError>>,
    ) -> (Option<AccountWork>, Vec<Ended>) {
        let Some(identity) = group.first().map(|work| &work.identity) else { return (None, Vec::new()) };
        (self.progress)(Event::Connecting(&identity.name));
        let mut patience = Patience::new(self, &identity.name, BUDGET);
        let mut session = match opened.unwrap_or_else(|| patience.with(|| (self.connect)(identity))) {
            Ok(session) => session,
            Err(error) => return (None, group.iter().map(|work| work.not_tried(&error)).collect()),
        };
        let (mut cares, mut ready, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        let mut stopped: Option<SendError> = None;
        for work in group {
            if let Some(error) = &stopped {
                ended.push(work.not_tried(error));
                continue;
            }
            match self.prepare_one(work, session.as_mut(), &mut patience) {
                Ok(Ok(Prepared::Ready(one))) => ready.push(one),
                Ok(Ok(Prepared::Care(one))) => cares.push(one),
                Ok(Err(ending)) => ended.push(ending),
                Err(error) => {
                    ended.push(work.not_tried(&error));
                    // Refused credentials and a network that is away concern the whole account, a refusal one post.
                    stopped = (!matches!(error, SendError::Refused { .. })).then_some(error);
                }
            }
        }
        (Some(AccountWork { session, cares, ready }), ended)
    }

    fn prepare_one(
        &self,
        work: &Work<'_>,
        session: &mut dyn Session,
        patience: &mut Patience<'_>,
    ) -> Result<Result<Prepared, Ended>, SendError> {
        let hash = work.delivery.key.hash(self.workspace);
        let (claim, base, sent) = match &work.task {
            Task::Send(claim) => {
                let mut claim = claim.clone();
                claim.claimed_at = self.clock.now();
                claim.frozen = patience.with(|| session.freeze(&hash, &claim.payload, claim.claimed_at))?;
                (claim, Base::Fresh, Vec::new())
            }
            Task::Care { claim, state, out, in_doubt, action } => {
                let (mut out, mut doubt) = (out.clone(), None);
                if *in_doubt {
                    (self.progress)(Event::Asking(&work.delivery.key));
                    doubt = ask_what_is_out(claim, &hash, &mut out, work.delivery, session, patience)?;
                }
                let (place, title, claim) = (work.place, work.delivery.title.clone(), claim.clone());
                let (base, action) = (state.clone(), action.clone());
                if let Action::Update { now, .. } = &action {
                    let media = Checked { source: self.media, commit: &now.trusted };
                    media.all(&now.payload).map_err(|reason| SendError::Refused { reason })?;
                }
                let care = Care { place, title, hash, claim, base, out, in_doubt: doubt, action };
                return Ok(Ok(Prepared::Care(care)));
            }
            Task::Settle { claim, state, sent } => {
                (self.progress)(Event::Asking(&work.delivery.key));
                let mut sent = sent.clone();
                let mut settled = ask_for_rest(claim, &hash, &mut sent, session, patience)?;
                // What the network cannot tell, the run knew that was turned away.
                let unsent = matches!(state, State::Uncertain(_, noted) if noted.rest_unsent && noted.parts == sent)
                    && work.delivery.word.is_none();
                settled = settled.filter(|ending| !unsent || !matches!(ending, Ending::Uncertain { .. }));
                let word = work.delivery.word.as_ref().filter(|_| matches!(settled, Some(Ending::Uncertain { .. })));
                if let Some(word) = word {
                    settled = taken_at_word(claim, word, &mut sent);
                }
                if let Some(ending) = settled.or_else(|| taken_back(work.delivery, claim, &sent)) {
                    let mut ended = work.end(ending);
                    ended.resolved_by = word.map(|word| word.commit.clone());
                    // What the ledger knows already is not written a second time at every run.
                    ended.record = !says_already(state, &ended.ending);
                    return Ok(Err(ended));
                }
                // All but the lease stays as it was, above all the time: it is when sending may first have happened.
                let (runner, resolved_by) = (self.runner.to_owned(), word.map(|word| word.commit.clone()));
                (Box::new(Claim { runner, resolved_by, ..*claim.clone() }), Base::Open(state.clone()), sent)
            }
        };
        let media = Checked { source: self.media, commit: &claim.trusted };
        media.all(&claim.payload).map_err(|reason| SendError::Refused { reason })?;
        codec::encode(&Entry::Claim(claim.clone()))
            .map_err(|error| SendError::Refused { reason: error.to_string() })?;
        let title = work.delivery.title.clone();
        Ok(Ok(Prepared::Ready(Ready { place: work.place, title, hash, claim, base, sent, rest: None })))
    }
}

/// What is ready to be done.
enum Prepared {
    Ready(Ready),
    Care(Care),
}

/// Asks what is out beside the parts that the ledger knows of; why nobody knows whether more is. What the network cannot
/// tell, somebody may have found out.
fn ask_what_is_out(
    claim: &Claim,
    hash: &str,
    out: &mut Vec<PartReceipt>,
    delivery: &Delivery,
    session: &mut dyn Session,
    patience: &mut Patience<'_>,
) -> Result<Option<String>, SendError> {
    let Some(Ending::Uncertain { reason, .. }) = ask_for_rest(claim, hash, out, session, patience)? else {
        return Ok(None);
    };
    Ok(match &delivery.word {
        Some(word) => {
            taken_at_word(claim, word, out);
            None
        }
        None => Some(reason),
    })
}

/// Asks for the parts after `sent` and adds what is found. An ending where nothing is left to send, `None` where the
/// next part surely is not out.
fn ask_for_rest(
    claim: &Claim,
    hash: &str,
    sent: &mut Vec<PartReceipt>,
    session: &mut dyn Session,
    patience: &mut Patience<'_>,
) -> Result<Option<Ending>, SendError> {
    let Claim { key, payload, frozen, claimed_at, .. } = claim;
    while sent.len() < payload.parts.len() {
        let found = {
            let job = Job { key, hash, payload, frozen, claimed_at: *claimed_at, sent: sent.as_slice() };
            patience.with(|| find(&job, session))?
        };
        match found {
            Found::Yes(receipt) => sent.push(receipt),
            Found::No => return Ok(None),
            Found::Unknown(reason) => return Ok(Some(Ending::Uncertain { reason, parts: sent.clone() })),
        }
    }
    Ok(Some(Ending::Published { parts: sent.clone(), adopted: true }))
}

/// What the network could not tell, somebody found out. An ending where nothing is left to send.
///
/// Where only the first of the parts that were in doubt are out, the rest is not sent: the network's own names for them,
/// which the next parts would have to answer, are not known.
fn taken_at_word(claim: &Claim, word: &Resolution, sent: &mut Vec<PartReceipt>) -> Option<Ending> {
    let Fate::Sent(places) = &word.fate else { return None };
    let all = claim.payload.parts.len();
    let found = places.iter().map(|url| PartReceipt { id: url.clone(), url: Some(url.clone()), revision: None });
    sent.extend(found.take(all.saturating_sub(sent.len())));
    let parts = sent.clone();
    if parts.len() == all {
        return Some(Ending::Published { parts, adopted: true });
    }
    let reason = format!("{} found {} of its {all} parts there, and the rest is not sent", word.by, parts.len());
    Some(Ending::Failed { reason, parts, retry: false })
}

/// People may have changed their minds since the claim. Where nothing is out, the claim is closed and the post starts
/// again with the approvals that it has now; a thread that is half out goes on unless somebody said no, or to wait.
fn taken_back(delivery: &Delivery, claim: &Claim, sent: &[PartReceipt]) -> Option<Ending> {
    if let Some(retraction) = delivery.retraction.as_deref().filter(|retraction| retraction.is_complete()) {
        return Some(match sent {
            [] => held_back(retraction),
            _ => {
                let reason = "it is to be taken down, and its network cannot do that".to_owned();
                Ending::Uncertain { reason, parts: sent.to_vec() }
            }
        });
    }
    let decision = delivery.decision.as_deref();
    if sent.is_empty() {
        let holds = decision.is_some_and(Decision::approved) && delivery.digest.as_ref() == Some(&claim.digest);
        let reason = "an earlier run stopped before it was sent, and it is no longer approved as it was then";
        return (!holds).then(|| Ending::Failed { reason: reason.to_owned(), parts: Vec::new(), retry: true });
    }
    let said = match decision.map(|decision| decision.status)? {
        Status::Rejected => "rejected",
        Status::Held => "held",
        _ => return None,
    };
    let reason = format!("an earlier run stopped half way, and the post was {said} since");
    Some(Ending::Uncertain { reason, parts: sent.to_vec() })
}

fn says_already(state: &State, ending: &Ending) -> bool {
    match (state, ending) {
        (State::Uncertain(_, known), Ending::Uncertain { parts, .. }) => known.parts == *parts,
        _ => false,
    }
}
