//! Networks that live in a folder: a fresh clone does not have it, and gets back what the ledger knows.

use super::media::Checked;
use super::{Publisher, Trouble};
use crate::ledger::{Claim, DeliveryKey, PartReceipt, State, Store, fold, sent};
use crate::network::{Approved, Earlier, Job, MediaBytes, SendError, Session};
use crate::plan::{Aftercare, Delivery, Plan, Step};
use crate::render::{Attachment, Identity};
use crate::workspace::AccountName;

/// An identity, and the session that was opened for it or why it was not.
pub(super) type Opened = (Identity, Result<Box<dyn Session>, SendError>);

impl Publisher<'_> {
    /// Connects to every network that forgets, gives back what is out and no longer there, and takes down again what was
    /// taken down and is back: a folder may come out of a cache.
    pub(super) fn restore(&self, plan: &Plan, store: &dyn Store) -> (Vec<Opened>, Vec<Trouble>) {
        let (mut opened, mut troubles) = (Vec::new(), Vec::new());
        for identity in self.forgetful {
            let session = (self.connect)(identity).and_then(|mut session| {
                let lacking: Vec<&DeliveryKey> = plan
                    .deliveries
                    .iter()
                    .filter(|delivery| delivery.key.account == identity.name)
                    .filter(|delivery| is_out(&delivery.step))
                    .map(|delivery| &delivery.key)
                    .filter(|key| session.lacks(&key.hash(self.workspace)))
                    .collect();
                let mut earlier = lacking.into_iter().filter_map(|key| self.earlier(store, key));
                session.restore(&mut earlier)?;
                self.take_down_again(plan, &identity.name, store, session.as_mut())?;
                Ok(session)
            });
            if let Err(error) = &session {
                troubles.push(Trouble { account: identity.name.clone(), reason: error.to_string() });
            }
            opened.push((identity.clone(), session));
        }
        (opened, troubles)
    }

    fn take_down_again(
        &self,
        plan: &Plan,
        account: &AccountName,
        store: &dyn Store,
        session: &mut dyn Session,
    ) -> Result<(), SendError> {
        let of_account = plan.deliveries.iter().filter(|delivery| delivery.key.account == *account);
        for Delivery { key, .. } in of_account.filter(|delivery| matches!(delivery.step, Step::Retracted { .. })) {
            let hash = key.hash(self.workspace);
            if session.lacks(&hash) {
                continue;
            }
            let Ok(entries) = store.entries(key) else { continue };
            let State::Retracted(down) = fold(entries.clone()) else { continue };
            let Some(claim) = sent(&entries, &down.digest) else { continue };
            let Claim { payload, frozen, claimed_at, .. } = &*claim;
            let was_out: Vec<&PartReceipt> = down.parts.iter().chain(&down.gone).collect();
            for (at, receipt) in was_out.into_iter().enumerate().rev() {
                let sent = down.parts.get(..at).unwrap_or_default();
                session
                    .take_down(&Job { key, hash: &hash, payload, frozen, claimed_at: *claimed_at, sent }, receipt)?;
            }
        }
        Ok(())
    }

    /// What was sent of a delivery that is out.
    fn earlier(&self, store: &dyn Store, key: &DeliveryKey) -> Option<Earlier<'_>> {
        let entries = store.entries(key).ok()?;
        let State::Published(out) = fold(entries.clone()) else { return None };
        let claim = *sent(&entries, &out.digest)?;
        let edited = out.updated_at;
        Some(Earlier { edited, media: Box::new(Kept { publisher: self, claim: claim.clone() }), claim })
    }
}

fn is_out(step: &Step) -> bool {
    matches!(step, Step::Published { .. } | Step::Aftercare(Aftercare::Update { .. }))
}

/// The media of a claim that is kept beside it.
struct Kept<'a> {
    publisher: &'a Publisher<'a>,
    claim: Claim,
}

impl MediaBytes for Kept<'_> {
    fn open(&self, attachment: &Attachment) -> Result<Approved, String> {
        Checked { source: self.publisher.media, commit: &self.claim.trusted }.open(attachment)
    }
}
