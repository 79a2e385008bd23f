//! What an account said already, or is about to say, as another post.

use chrono::{DateTime, Utc};

use super::{DeliveryKey, Entry, State, Store, StoreError, fold, sent};
use crate::render::Wording;
use crate::workspace::PostId;

/// Another post with the same text, which is out on the same account or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameText {
    /// The other post.
    pub post: PostId,
    /// When it went out, was claimed, or is to go out.
    pub at: DateTime<Utc>,
    /// Whether it is out.
    pub said: Said,
    /// Where people see it, where the network says so.
    pub url: Option<String>,
}

/// Whether something is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It is out.
    Out,
    /// It is being sent, a part of it is out, or nobody knows.
    Perhaps,
    /// It is approved, and goes first.
    Soon,
}

/// The other posts that said the same as a delivery would, the newest first.
///
/// What the ledger notes of texts only says where to look. What counts is the other delivery's own claim and outcome: a
/// note that somebody forged holds nothing up. What cannot be read there is told of as broken itself.
///
/// # Errors
/// When the ledger cannot be read.
pub fn same_text(store: &dyn Store, key: &DeliveryKey, wording: &Wording) -> Result<Vec<SameText>, StoreError> {
    let mut found = Vec::new();
    for other in store.noted(wording)? {
        if other.account != key.account || other.post == key.post {
            continue;
        }
        match store.entries(&other) {
            Ok(entries) => found.extend(said(entries, wording)),
            Err(StoreError::Malformed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|a, b| (b.at, &a.post).cmp(&(a.at, &b.post)));
    Ok(found)
}

/// What a delivery that is out, or may be, said with this text.
fn said(entries: Vec<Entry>, wording: &Wording) -> Option<SameText> {
    let (digest, at, said, parts) = match fold(entries.iter().cloned()) {
        State::Published(out) => {
            (out.digest.clone(), Some(out.updated_at.unwrap_or(out.published_at)), Said::Out, out.parts.clone())
        }
        State::Claimed(claim) => (claim.digest, None, Said::Perhaps, Vec::new()),
        State::Uncertain(claim, noted) => (claim.digest, None, Said::Perhaps, noted.parts),
        State::Failed(failed) if !failed.parts.is_empty() => {
            (failed.digest, Some(failed.failed_at), Said::Perhaps, failed.parts)
        }
        State::New | State::Failed(_) | State::Retracted(_) => return None,
    };
    let claim = sent(&entries, &digest).filter(|claim| Wording::of(&claim.payload).as_ref() == Some(wording))?;
    let url = parts.first().and_then(|part| part.url.clone());
    Some(SameText { at: at.unwrap_or(claim.claimed_at), post: claim.key.post, said, url })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{
        claim, failed, key, now, payload, published, receipts, retracted, uncertain, updated,
    };
    use super::super::memory::{Memory, Remote};
    use super::*;
    use crate::workspace::AccountName;

    fn ledger(entries: &[Entry]) -> Memory {
        let remote = Remote::default();
        remote.push(entries);
        remote.store()
    }

    /// What winter would say: the same as every claim of the fixtures.
    fn found(entries: &[Entry]) -> Vec<(String, bool)> {
        let wording = Wording::of(&payload(&key("winter"), &["Autumn  is here"])).unwrap();
        let found = same_text(&ledger(entries), &key("winter"), &wording).unwrap();
        found.into_iter().map(|one| (one.post.to_string(), one.said == Said::Out)).collect()
    }

    #[test]
    fn what_is_out_or_may_be_is_found_and_what_surely_is_not_is_not() {
        let autumn = key("autumn");
        let told = |is_out| vec![("autumn".to_owned(), is_out)];
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[claim(&autumn, "one")]), told(false), "another run is sending it");
        assert_eq!(found(&[claim(&autumn, "one"), published(&autumn)]), told(true));
        assert_eq!(found(&[claim(&autumn, "one"), uncertain(&autumn, 0)]), told(false));
        for retry in [true, false] {
            assert_eq!(found(&[claim(&autumn, "one"), failed(&autumn, retry)]), []);
        }
        assert_eq!(found(&[claim(&autumn, "one"), published(&autumn), retracted(&autumn, 1)]), [], "it was taken down");
        let Entry::Failed(mut half) = failed(&autumn, false) else { unreachable!() };
        half.parts = receipts(1);
        assert_eq!(found(&[claim(&autumn, "one"), Entry::Failed(half)]), told(false), "a part of it is out");
    }

    #[test]
    fn the_post_itself_and_other_accounts_do_not_count() {
        let mut elsewhere = key("autumn");
        elsewhere.account = AccountName::new("bluesky/other").unwrap();
        assert_eq!(found(&[claim(&key("winter"), "one"), claim(&elsewhere, "one")]), []);
    }

    #[test]
    fn what_went_out_counts_and_not_what_was_tried_before_it() {
        let autumn = key("autumn");
        let Entry::Claim(mut other) = claim(&autumn, "two") else { unreachable!() };
        other.payload = payload(&autumn, &["Other words"]);
        other.digest = other.payload.digest();
        let Entry::Published(mut out) = published(&autumn) else { unreachable!() };
        out.digest = other.digest.clone();
        let (other, out) = (Entry::Claim(other), Entry::Published(out));
        assert_eq!(found(&[claim(&autumn, "one"), failed(&autumn, false), other.clone(), out]), []);
        let again = [other, failed(&autumn, true), claim(&autumn, "one"), published(&autumn)];
        assert_eq!(found(&again), [("autumn".to_owned(), true)]);
        let changed = updated(&autumn, "Other words");
        assert_eq!(found(&[claim(&autumn, "one"), published(&autumn), changed.clone()]), []);
        let wording = Wording::of(&payload(&key("winter"), &["Other words"])).unwrap();
        let store = ledger(&[claim(&autumn, "one"), published(&autumn), changed]);
        assert_eq!(same_text(&store, &key("winter"), &wording).unwrap().len(), 1, "what it was changed to is out");
    }

    /// A ledger whose notes name deliveries that say something else.
    struct Forged(Memory);

    impl Store for Forged {
        fn entries(&self, key: &DeliveryKey) -> Result<Vec<Entry>, StoreError> {
            if key.post.as_str() == "garbled" {
                return Err(StoreError::Malformed { path: "x".into(), reason: "y".into() });
            }
            self.0.entries(key)
        }

        fn noted(&self, _: &Wording) -> Result<Vec<DeliveryKey>, StoreError> {
            Ok(["autumn", "garbled", "never"].map(key).to_vec())
        }

        fn open(&self) -> Result<super::super::Open, StoreError> {
            self.0.open()
        }

        fn write(
            &mut self,
            message: &str,
            entries: &[Entry],
            seen: &[super::super::Sighting],
        ) -> Result<super::super::Appended, StoreError> {
            self.0.write(message, entries, seen)
        }

        fn sightings_since(&self, since: Option<DateTime<Utc>>) -> Result<super::super::Sightings, StoreError> {
            self.0.sightings_since(since)
        }

        fn refresh(&mut self) -> Result<(), StoreError> {
            self.0.refresh()
        }
    }

    #[test]
    fn a_forged_note_holds_nothing_up() {
        let store = Forged(ledger(&[claim(&key("autumn"), "one"), published(&key("autumn"))]));
        let wording = |text: &str| Wording::of(&payload(&key("winter"), &[text])).unwrap();
        assert_eq!(same_text(&store, &key("winter"), &wording("Winter is here")).unwrap(), []);
        let found = same_text(&store, &key("winter"), &wording("Autumn is here")).unwrap();
        assert_eq!(found, [SameText { post: key("autumn").post, at: now(), said: Said::Out, url: None }]);
    }
}
