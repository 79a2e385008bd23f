//! After publishing: what stands on the networks now, held against what went out. Writes nothing.

use std::time::Duration;

use super::patience::{Patience, until};
use super::{Event, Publisher};
use crate::ledger::{Claim, Published, Store, StoreError, sent};
use crate::network::{Job, Live, SendError};

/// How long one account may wait for its network.
const BUDGET: Duration = Duration::from_secs(15);

/// A delivery that is out, by the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Out {
    /// What went out, and where.
    pub receipt: Published,
    /// What was sent; why nobody knows that any more.
    pub claim: Result<Box<Claim>, String>,
    /// Whether its network has any way of saying what it has.
    pub can_be_asked: bool,
    /// Whether the next run of publish gives it back where it is gone; see [`crate::network::Network::forgets`].
    pub comes_back: bool,
}

/// What was found of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// The delivery.
    pub out: Out,
    /// Each part of it.
    pub parts: Vec<Live>,
}

impl Out {
    /// Reads what was sent of a delivery to a network that can be asked and keeps what it has.
    ///
    /// # Errors
    /// When the ledger cannot be read. An entry that is malformed is a matter of this delivery alone.
    pub fn read(receipt: Published, store: &dyn Store) -> Result<Self, StoreError> {
        let claim = match store.entries(&receipt.key) {
            Ok(entries) => sent(&entries, &receipt.digest).ok_or("the ledger does not say what was sent".to_owned()),
            Err(error @ StoreError::Malformed { .. }) => Err(error.to_string()),
            Err(error) => return Err(error),
        };
        Ok(Self { receipt, claim, can_be_asked: true, comes_back: false })
    }

    /// Where nothing of it could be looked at.
    fn unknown(&self, why: &str) -> Vec<Live> {
        self.receipt.parts.iter().map(|_| Live::Unknown(why.to_owned())).collect()
    }
}

/// A delivery that its network is asked for, and its place among all.
type Asked<'o> = (usize, &'o Claim, &'o Published);

impl Publisher<'_> {
    /// Asks the networks what stands where these deliveries went, accounts side by side, part by part. The answers are in
    /// the order of the questions.
    pub fn look(&self, all: Vec<Out>) -> Vec<Looked> {
        let mut groups: Vec<Vec<Asked<'_>>> = Vec::new();
        let mut parts: Vec<Vec<Live>> = Vec::new();
        for (place, out) in all.iter().enumerate() {
            match &out.claim {
                Err(why) => parts.push(out.unknown(why)),
                Ok(claim) if !out.can_be_asked => {
                    parts.push(out.unknown(&format!("{} cannot be asked what it shows", claim.key.account)));
                }
                Ok(claim) => {
                    parts.push(out.unknown("the network's adapter broke down"));
                    let same = |group: &&mut Vec<Asked<'_>>| {
                        group.first().is_some_and(|(_, first, _)| first.payload.account == claim.payload.account)
                    };
                    match groups.iter_mut().find(same) {
                        Some(group) => group.push((place, claim, &out.receipt)),
                        None => groups.push(vec![(place, claim, &out.receipt)]),
                    }
                }
            }
        }
        let answers: Vec<(usize, Vec<Live>)> = std::thread::scope(|scope| {
            let threads: Vec<_> = groups.iter().map(|group| scope.spawn(|| self.look_at_account(group))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        });
        for (place, answer) in answers {
            if let Some(known) = parts.get_mut(place) {
                *known = answer;
            }
        }
        all.into_iter().zip(parts).map(|(out, parts)| Looked { out, parts }).collect()
    }

    fn look_at_account(&self, group: &[Asked<'_>]) -> Vec<(usize, Vec<Live>)> {
        let Some(identity) = group.first().map(|(_, claim, _)| &claim.payload.account) else { return Vec::new() };
        (self.progress)(Event::Connecting(&identity.name));
        let mut patience = Patience::new(self, &identity.name, BUDGET);
        let mut session = patience.with(|| (self.connect)(identity)).map_err(|error| self.told(&error));
        let mut all = Vec::new();
        for (place, claim, receipt) in group {
            (self.progress)(Event::Looking(&claim.key));
            let hash = claim.key.hash(self.workspace);
            let Claim { key, payload, frozen, claimed_at, .. } = claim;
            let mut parts = Vec::new();
            for (n, part) in receipt.parts.iter().enumerate() {
                let sent = receipt.parts.get(..n).unwrap_or_default();
                let job = Job { key, hash: &hash, payload, frozen, claimed_at: *claimed_at, sent };
                let live = match &mut session {
                    Ok(session) => patience.with(|| session.look(&job, part)),
                    Err(why) => Ok(Live::Unknown(why.clone())),
                };
                parts.push(live.unwrap_or_else(|error| {
                    let why = self.told(&error);
                    // Refused credentials and a network that is away concern the whole account, a refusal one part.
                    if !matches!(error, SendError::Refused { .. }) {
                        session = Err(why.clone());
                    }
                    Live::Unknown(why)
                }));
            }
            all.push((*place, parts));
        }
        all
    }

    /// Why an account could not be asked, and what to do.
    fn told(&self, error: &SendError) -> String {
        let why = match error {
            SendError::NotSent { reason, retry_at } => until(reason, *retry_at, self.clock.now()),
            SendError::Credentials { reason, help } => format!("{reason}; {help}"),
            SendError::Ambiguous { reason } | SendError::Refused { reason } => reason.clone(),
        };
        (self.redact)(&why)
    }
}
