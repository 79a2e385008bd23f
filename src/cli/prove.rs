//! `greenlit prove`

use std::collections::BTreeSet;

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::git::ledger::{GitLedger, Written};
use crate::ledger::{Claim, DeliveryKey, Entry, Published, State, Store, fold};
use crate::policy::{Chain, Decision, Evidence, Signature, Statement, Verb, identify};
use crate::view::escape;
use crate::view::prove::{self, Approval, Check, PolicyInForce, Proof, Publication, Recorded, Removal};
use crate::workspace::{EvidenceMode, Key};

/// Prove who approved what went out, under which rules, and when and where it did; offline, from this clone
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by name or file, or the address where it was published
    #[arg(value_name = "POST|URL")]
    what: String,

    /// Only for this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

/// Puts the proof together and checks every piece of it again.
///
/// # Errors
/// When the workspace, its history or its ledger cannot be used, or nothing of that name was ever taken on.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, false)?;
    let ledger = trusted.ledger(context)?;
    let evidence = trusted.evidence(&ledger)?;
    let mut proofs = Vec::new();
    for key in wanted(args, &trusted, &ledger)? {
        proofs.extend(proof(&trusted, &ledger, &evidence, &key, context)?);
    }
    if proofs.is_empty() {
        return Err(nothing(args, &trusted));
    }
    if context.json() {
        context.print_json(&prove::report(&trusted.settings.workspace, &proofs));
    } else {
        let page = context.page(trusted.settings.timezone);
        let pages: Vec<String> = proofs.iter().map(|proof| prove::human(proof, &trusted.roles, &page)).collect();
        context.print(&pages.join("\n\n"));
    }
    Ok(if proofs.iter().all(Proof::holds) { Exit::Fine } else { Exit::Broken })
}

fn nothing(args: &Args, trusted: &Trusted) -> Failure {
    let to = args.account.as_ref().map(|account| format!(" to {}", escape(account))).unwrap_or_default();
    let message = format!("nothing of {}{to} was ever sent, as far as this clone's ledger knows", escape(&args.what));
    let more = match trusted.known(&args.what) {
        Some(post) => format!("`greenlit log {}` tells how far it has come", post.id),
        None => "`greenlit status --all` lists the posts".to_owned(),
    };
    Failure::new(Exit::Waits, "prove/nothing", message, format!("`git fetch` brings the newest ledger; {more}"))
}

/// The deliveries that are asked for: of a post, or behind an address; out, or on their way.
fn wanted(args: &Args, trusted: &Trusted, ledger: &GitLedger<'_>) -> Result<Vec<DeliveryKey>, Failure> {
    let file = trusted.posts.iter().find(|post| post.path == args.what);
    let name = file.map_or(args.what.as_str(), |post| post.id.as_str());
    let mut keys: BTreeSet<DeliveryKey> = ledger.published_as(name)?.into_iter().collect();
    keys.extend(ledger.open()?.keys.into_iter().filter(|key| key.post.as_str() == name));
    keys.retain(|key| args.account.as_ref().is_none_or(|account| key.account.as_str() == account));
    Ok(keys.into_iter().collect())
}

/// The proof of one delivery; `None` where it was never claimed.
fn proof(
    trusted: &Trusted,
    ledger: &GitLedger<'_>,
    evidence: &Evidence,
    key: &DeliveryKey,
    context: &Context,
) -> Result<Option<Proof>, Failure> {
    let written = ledger.written(key)?;
    let claims = written.iter().rev().filter_map(|one| match &one.entry {
        Entry::Claim(claim) => Some((claim.as_ref(), one)),
        _ => None,
    });
    let out = written.iter().find_map(|one| match &one.entry {
        Entry::Published(out) => Some((out, one)),
        _ => None,
    });
    // What stands there now, where it was changed in its place.
    let now = match fold(written.iter().map(|one| one.entry.clone())) {
        State::Published(now) => Some(now),
        _ => None,
    };
    let changed = now.as_ref().and_then(|now| {
        written.iter().rev().find_map(|one| match &one.entry {
            Entry::Updated(entry) if entry.digest == now.digest => Some((entry.as_claim(serde_json::Value::Null), one)),
            _ => None,
        })
    });
    // A run that took over sent what its claim says: the one that the receipt is for, else the newest.
    let sent = |claim: &Claim| out.is_none_or(|(out, _)| out.digest == claim.digest);
    let claims: Vec<_> = claims.collect();
    let Some((first, claimed)) = claims.iter().find(|(claim, _)| sent(claim)).or(claims.first()).copied() else {
        return Ok(None);
    };
    let claim = changed.as_ref().map_or(first, |(changed, _)| changed);
    let mut checks = vec![
        Check::new("The ledger begins where greenlit.toml says, and lost nothing that it ever said of this", Ok(())),
        payload_check(claim, &trusted.settings.workspace),
        receipt_check(claim, now.as_deref().or(out.map(|(out, _)| out))),
    ];
    let then = trusted.as_of(&claim.trusted, context);
    let named = Evidence {
        statements: evidence
            .statements
            .iter()
            .filter(|one| claim.approvals.contains(&one.commit))
            .map(|one| standing_then(one.clone()))
            .collect(),
        refused: Vec::new(),
    };
    let mut approvals = Vec::new();
    for commit in &claim.approvals {
        let statement = named.statements.iter().find(|statement| statement.commit == *commit);
        let what = format!("Approval {commit:.10} is here, unaltered, and says yes to exactly this");
        checks.push(Check::new(what, approves(statement, claim)));
        if let Some(statement) = statement {
            approvals.push(approval(trusted, ledger, then.as_ref().ok(), statement)?);
        }
    }
    let decision = match &then {
        Ok(then) => then.weigh_claim(claim, &named)?,
        Err(_) => None,
    };
    checks.push(policy_check(then.as_ref()));
    let what = "By the rules then in force, these approvals alone were a yes";
    checks.push(Check::new(what, decided(decision.as_ref())));
    Ok(Some(Proof {
        delivery: key.clone(),
        checks,
        payload: claim.payload.clone(),
        digest: claim.digest.clone(),
        due: claim.due,
        claimed: recorded(claimed, first.claimed_at, Some(&first.runner)),
        updated: changed.as_ref().map(|(changed, one)| recorded(one, changed.claimed_at, Some(&changed.runner))),
        published: out.map(|(out, one)| Publication {
            recorded: recorded(one, out.published_at, None),
            parts: now.as_ref().map_or(&out.parts, |now| &now.parts).clone(),
            adopted: out.adopted,
            resolved_by: out.resolved_by.clone(),
        }),
        retracted: written.iter().rev().find_map(|one| match &one.entry {
            Entry::Retracted(down) => Some(Removal {
                recorded: recorded(one, down.retracted_at, None),
                statements: down.statements.clone(),
                parts: down.parts.clone(),
                gone: down.gone.clone(),
            }),
            _ => None,
        }),
        policy: policy(then.as_ref().ok(), claim),
        decision,
        approvals,
    }))
}

/// The rules that were in force where the publisher read the trusted branch.
fn policy(then: Option<&Trusted>, claim: &Claim) -> PolicyInForce {
    let chain = then.and_then(|then| then.chain.as_ref());
    let era = chain.map(Chain::in_force);
    PolicyInForce {
        trusted: claim.trusted.clone(),
        since: era.map(|era| era.commit.clone()),
        digest: era.map(|era| era.digest.clone()),
        root: chain.and_then(|chain| chain.eras().first()).map(|root| root.commit.clone()),
        approvals: era.iter().flat_map(|era| &era.approvals).map(|approval| approval.commit.clone()).collect(),
    }
}

fn policy_check(then: Result<&Trusted, &Failure>) -> Check {
    let what = "The rules that it was judged by came into force step by step from the pinned commit";
    let verdict = match then {
        Err(failure) => Err(failure.to_string()),
        Ok(then) => match &then.chain {
            // Where sign-offs are taken at their word nothing is pinned, and every page says so.
            None if then.roles.policy.evidence == EvidenceMode::SignOff => Ok(()),
            None => {
                Err("no commit is pinned here: name it with --root, or pin it: `greenlit trust pin --here`".to_owned())
            }
            Some(chain) if chain.pending().is_some() => {
                Err("when it was claimed, the branch had a change of the rules that nobody had approved".to_owned())
            }
            Some(_) => Ok(()),
        },
    };
    Check::new(what, verdict)
}

fn decided(decision: Option<&Decision>) -> Result<(), String> {
    match decision {
        Some(decision) if decision.approved() => Ok(()),
        Some(decision) => {
            let stages = decision.stages();
            let missing = stages.into_iter().find(|stage| !stage.approved());
            Err(missing.map_or_else(|| decision.reason.clone(), |stage| format!("{}: {}", stage.what, stage.reason)))
        }
        None => Err("the post as it was then cannot be read".to_owned()),
    }
}

/// A review as it stood when it was relied on: what became of it later is another question.
fn standing_then(mut statement: Statement) -> Statement {
    if let Signature::Review(review) = &mut statement.witness.signature {
        review.fallen = None;
    }
    statement
}

/// An approval, with all that is needed to check it without greenlit.
fn approval(
    trusted: &Trusted,
    ledger: &GitLedger<'_>,
    then: Option<&Trusted>,
    statement: &Statement,
) -> Result<Approval, Failure> {
    let roles = then.map_or(&trusted.roles, |then| &then.roles);
    let witness = &statement.witness;
    let key = match &witness.signature {
        Signature::Valid(key) => Some(key.clone()),
        Signature::Missing | Signature::Invalid(_) | Signature::Review(_) => None,
    };
    let person = identify(witness, roles).ok();
    let name = person.map_or_else(|| witness.name.clone(), |person| roles.name_of(person).to_owned());
    let principal = person.unwrap_or("someone");
    let review = match &witness.signature {
        Signature::Review(review) => Some(review.as_ref()),
        _ => None,
    };
    let object = match review {
        Some(_) => ledger.review_text(&statement.commit)?,
        None => {
            let commit = trusted.repository.raw_commit(trusted.repository.commit_named(&statement.commit)?)?;
            commit.map(|commit| String::from_utf8_lossy(commit.bytes()).into_owned()).unwrap_or_default()
        }
    };
    Ok(Approval {
        commit: statement.commit.clone(),
        stage: statement.stage.clone(),
        person: person.map(str::to_owned),
        name,
        stands_in_for: statement.stands_in_for.clone(),
        stands_in_for_name: statement.stands_in_for.as_deref().map(|absent| roles.name_of(absent).to_owned()),
        dated: statement.dated,
        seen: statement.seen,
        fingerprint: key.as_ref().map(Key::fingerprint),
        object,
        review: review.map(|review| review.url.clone()),
        allowed_signer: key.as_ref().map(|key| format!("{principal} namespaces=\"git\" {}", key.0)),
        key,
    })
}

fn recorded(written: &Written, at: chrono::DateTime<chrono::Utc>, runner: Option<&str>) -> Recorded {
    Recorded { at, runner: runner.map(str::to_owned), entry: written.path.clone(), ledger: written.commit.to_string() }
}

fn payload_check(claim: &Claim, workspace: &str) -> Check {
    let verdict = if claim.payload.workspace != workspace {
        Err("it is another workspace's".to_owned())
    } else if claim.payload.digest() != claim.digest {
        Err(format!("it has {}", claim.payload.digest()))
    } else {
        Ok(())
    };
    Check::new("What the ledger says was sent has the digest that is given here", verdict)
}

fn receipt_check(claim: &Claim, out: Option<&Published>) -> Check {
    let verdict = match out {
        None => Err("the ledger has no receipt".to_owned()),
        Some(out) if out.digest != claim.digest => Err(format!("the receipt is for {}", out.digest)),
        Some(_) => Ok(()),
    };
    Check::new("The ledger has a receipt for exactly this", verdict)
}

/// Whether a statement approves exactly what was claimed.
pub(super) fn approves(statement: Option<&Statement>, claim: &Claim) -> Result<(), String> {
    let Some(statement) = statement else {
        return Err("this clone does not have it: `git fetch` its branch, or look for it in another clone".to_owned());
    };
    let exactly = |verb: &Verb| {
        matches!(verb, Verb::Approve { post, account, digest, .. }
            if *post == claim.key.post && *account == claim.key.account && *digest == claim.digest)
    };
    if statement.workspace != claim.payload.workspace {
        return Err("it was made for another workspace".to_owned());
    }
    if statement.verbs.iter().any(exactly) { Ok(()) } else { Err("it approves something else".to_owned()) }
}
