//! Networks that live in a folder: a fresh clone does not have it, and gets back what the ledger knows.

use super::media::Checked;
use super::{Publisher, Trouble};
use crate::ledger::{Claim, DeliveryKey, State, Store, fold, sent};
use crate::network::{Approved, Earlier, MediaBytes, SendError, Session};
use crate::plan::{Plan, Step};
use crate::render::{Attachment, Identity};

/// An identity, and the session that was opened for it or why it was not.
pub(super) type Opened = (Identity, Result<Box<dyn Session>, SendError>);

impl Publisher<'_> {
    /// Connects to every network that forgets, and gives back what is out and no longer there.
    pub(super) fn restore(&self, plan: &Plan, store: &dyn Store) -> (Vec<Opened>, Vec<Trouble>) {
        let (mut opened, mut troubles) = (Vec::new(), Vec::new());
        for identity in self.forgetful {
            let session = (self.connect)(identity).and_then(|mut session| {
                let lacking: Vec<&DeliveryKey> = plan
                    .deliveries
                    .iter()
                    .filter(|delivery| delivery.key.account == identity.name)
                    .filter(|delivery| matches!(delivery.step, Step::Published { .. }))
                    .map(|delivery| &delivery.key)
                    .filter(|key| session.lacks(&key.hash(self.workspace)))
                    .collect();
                let mut earlier = lacking.into_iter().filter_map(|key| self.earlier(store, key));
                session.restore(&mut earlier).map(|()| session)
            });
            if let Err(error) = &session {
                troubles.push(Trouble { account: identity.name.clone(), reason: error.to_string() });
            }
            opened.push((identity.clone(), session));
        }
        (opened, troubles)
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
