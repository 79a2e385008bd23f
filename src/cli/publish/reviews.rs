//! Before anything is sent that rests on a review, the forge is asked whether the review still stands.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::cli::gather::Trusted;
use crate::cli::review::standing::{Asking, still_approves};
use crate::cli::{Context, Failure, forges};
use crate::forge::ForgeError;
use crate::ledger::{ReviewRecord, ReviewSays, Store};
use crate::plan::{Aftercare, Delivery, Plan, Step};
use crate::policy::{Evidence, Signature};
use crate::view::escape;
use crate::workspace::PostId;

/// Holds a plan's reviews against what the forge says now. Those that do not stand, or that nobody could ask after, count no more,
/// and the plan is made anew, until it rests on nothing that was not asked after. What to say of it; escaped.
///
/// # Errors
/// When history or the ledger cannot be read.
pub fn ask_again(
    trusted: &Trusted,
    evidence: &mut Evidence,
    mut plan: Plan,
    store: &dyn Store,
    context: &Context,
) -> Result<(Plan, Vec<String>), Failure> {
    let is_review: HashSet<String> = evidence
        .statements
        .iter()
        .filter(|statement| matches!(statement.witness.signature, Signature::Review(_)))
        .map(|statement| statement.commit.clone())
        .collect();
    let mut said = Vec::new();
    if is_review.is_empty() {
        return Ok((plan, said));
    }
    let mut known: HashMap<String, Result<(), String>> = HashMap::new();
    loop {
        let used = relied_on(&plan, |name| is_review.contains(name) && !known.contains_key(name));
        if used.is_empty() {
            return Ok((plan, said));
        }
        let fallen = ask(trusted, &used, store, context, &mut known, &mut said)?;
        if fallen == 0 {
            continue;
        }
        for statement in &mut evidence.statements {
            if let (Some(Err(why)), Signature::Review(review)) =
                (known.get(&statement.commit), &mut statement.witness.signature)
            {
                review.fallen.get_or_insert_with(|| why.clone());
            }
        }
        plan = trusted.weigh(evidence, store, context, None)?;
    }
}

/// Why a review counts no more.
fn told(trusted: &Trusted, record: &ReviewRecord, why: &str) -> String {
    let (roles, forge) = (&trusted.roles, record.review.forge);
    let person = roles.owner_of_account(forge, record.by.id).map(|person| roles.name_of(person));
    format!(
        "The review of #{} on {} by {} {} (review/fallen): {} is not approved by it; `greenlit review record` writes that down",
        record.review.pull_request,
        forge.title(),
        escape(person.unwrap_or(&record.by.login)),
        escape(why),
        record.post
    )
}

/// The reviews on which something rests that is to be sent or changed, by post.
fn relied_on(plan: &Plan, wanted: impl Fn(&str) -> bool) -> BTreeMap<PostId, BTreeSet<String>> {
    let sends = |delivery: &&Delivery| matches!(delivery.step, Step::Send | Step::Aftercare(Aftercare::Update { .. }));
    let mut used: BTreeMap<PostId, BTreeSet<String>> = BTreeMap::new();
    for delivery in plan.deliveries.iter().filter(sends) {
        for name in delivery.decision.iter().flat_map(|decision| decision.commits()).filter(|name| wanted(name)) {
            used.entry(delivery.key.post.clone()).or_default().insert(name);
        }
    }
    used
}

/// Asks after reviews; how many do not stand.
fn ask(
    trusted: &Trusted,
    used: &BTreeMap<PostId, BTreeSet<String>>,
    store: &dyn Store,
    context: &Context,
    known: &mut HashMap<String, Result<(), String>>,
    said: &mut Vec<String>,
) -> Result<usize, Failure> {
    let records = store.reviews(Some(&used.keys().collect()))?;
    let names: BTreeSet<&String> = used.values().flatten().collect();
    let records: HashMap<&str, &ReviewRecord> = records.iter().map(|one| (one.name.as_str(), &one.record)).collect();
    let forge = forges::of(&trusted.repository, trusted.branches.remote.as_deref(), context);
    let mut asking = forge.as_ref().map(|forge| Asking::new(forge.as_ref()));
    let mut unasked: BTreeMap<String, ForgeError> = BTreeMap::new();
    let mut fallen = 0;
    for name in names {
        let stands = match (records.get(name.as_str()), &mut asking) {
            (None, _) => Err("is not on the ledger any more".to_owned()),
            (Some(record), _) if !matches!(record.said, ReviewSays::Approved { .. }) => {
                Err("says something else on the ledger".to_owned())
            }
            (Some(_), Err(error)) => {
                unasked.insert(error.to_string(), (*error).clone());
                Err(format!("could not be asked after again: {error}"))
            }
            (Some(record), Ok(asking)) if !asking.is_of(&record.review) => {
                Err(format!("is of another repository: {}", record.review.repository))
            }
            (Some(record), Ok(asking)) => match asking.reviews(record.review.pull_request) {
                Ok(reviews) => still_approves(record, reviews, record.review.forge.title()),
                Err(error) => {
                    let why = format!("could not be asked after again: {error}");
                    unasked.insert(error.to_string(), error);
                    Err(why)
                }
            },
        };
        fallen += usize::from(stands.is_err());
        if let (Some(record), Err(why)) = (records.get(name.as_str()), &stands)
            && unasked.is_empty()
        {
            said.push(told(trusted, record, why));
        }
        known.insert(name.clone(), stands);
    }
    for error in unasked.values() {
        said.push(format!(
            "What rests on reviews was not sent, for nobody could ask whether they still stand ({}): {}; {}",
            error.code(),
            escape(&error.to_string()),
            escape(&error.help())
        ));
    }
    Ok(fallen)
}
