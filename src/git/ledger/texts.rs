//! Which deliveries said the same: one small file for each, found by what it says.
//!
//! ```text
//! texts/<2 hex>/<wording>/<delivery>     the key of a delivery that was claimed with this text
//! ```
//!
//! Written with the claim, so that one look tells whether a text was said before, whatever the ledger's size. A note proves
//! nothing: whoever finds one reads what the delivery itself says. Where one is missing, a text may be said twice by two
//! posts; no delivery is ever sent twice for it. Ledgers of the time before there were notes have none for what is old.

use std::collections::BTreeSet;

use super::step::Change;
use super::{GitLedger, failed};
use crate::git::objects::tree_lines;
use crate::git::program::GitError;
use crate::git::repository::ObjectId;
use crate::ledger::{DeliveryKey, Entry, StoreError};
use crate::render::Wording;

/// The name in the cache.
const NAME: &str = "texts";
/// Where the notes are.
pub(super) const FOLDER: &str = "texts";
/// Bytes of a note.
const LARGEST: usize = 4_096;
/// Deliveries that said the same; more are not looked at.
const MOST: usize = 1_000;

/// Texts of which there is no note: it costs more to find nothing than to remember that nothing was found.
#[derive(Debug)]
pub(super) struct Unsaid {
    /// All notes, as they are now.
    notes: ObjectId,
    texts: BTreeSet<Wording>,
    is_new: bool,
}

/// The note of a claim, or of what something out was changed to: its place and its bytes. `None` where nothing is said.
pub(super) fn note(entry: &Entry, workspace: &str) -> Option<(String, Vec<u8>)> {
    let payload = match entry {
        Entry::Claim(entry) => &entry.payload,
        Entry::Updated(entry) => &entry.payload,
        Entry::Published(_) | Entry::Failed(_) | Entry::Uncertain(_) | Entry::Retracted(_) => return None,
    };
    let wording = Wording::of(payload)?;
    // A key is made of text: it always has a JSON form.
    let bytes = serde_json::to_vec(entry.key()).unwrap_or_default();
    Some((format!("{}/{}", folder(&wording), entry.key().hash(workspace)), bytes))
}

/// The change that makes an entry's note.
pub(super) fn change(entry: &Entry, workspace: &str) -> Option<Change> {
    note(entry, workspace).map(|(path, bytes)| (path, Some(bytes)))
}

fn folder(wording: &Wording) -> String {
    format!("{FOLDER}/{}", shelf(wording))
}

fn shelf(wording: &Wording) -> String {
    let hash = wording.as_str();
    format!("{}/{hash}", hash.get(..2).unwrap_or_default())
}

impl GitLedger<'_> {
    /// The deliveries that are noted as having said this. What is no note is passed over.
    pub(super) fn noted_as(&self, wording: &Wording) -> Result<Vec<DeliveryKey>, StoreError> {
        let Some(notes) = self.look_up(FOLDER).map_err(failed)? else { return Ok(Vec::new()) };
        let mut unsaid = self.unsaid.borrow_mut();
        let known = unsaid.take().filter(|known| known.notes == notes).or_else(|| self.unsaid_before(notes));
        *unsaid = known;
        if unsaid.as_ref().is_some_and(|unsaid| unsaid.texts.contains(wording)) {
            return Ok(Vec::new());
        }
        match self.look_up_in(notes, &shelf(wording)).map_err(failed)? {
            Some(folder) => self.notes(folder).map_err(failed),
            None => {
                if let Some(unsaid) = &mut *unsaid {
                    unsaid.is_new |= unsaid.texts.insert(wording.clone());
                }
                Ok(Vec::new())
            }
        }
    }

    /// What was looked up before in these notes; `None` where nothing is remembered.
    fn unsaid_before(&self, notes: ObjectId) -> Option<Unsaid> {
        let texts = self.repository.cache()?.read(NAME, &[notes.as_bytes()]).unwrap_or_default();
        Some(Unsaid { notes, texts, is_new: false })
    }

    /// Remembers which texts nobody said.
    pub(super) fn keep_unsaid(&self) {
        if let Some(cache) = self.repository.cache()
            && let Some(unsaid) = &mut *self.unsaid.borrow_mut()
            && std::mem::take(&mut unsaid.is_new)
        {
            cache.write(NAME, &[unsaid.notes.as_bytes()], &unsaid.texts);
        }
    }

    fn notes(&self, folder: ObjectId) -> Result<Vec<DeliveryKey>, GitError> {
        let odb = self.repository.objects.odb()?;
        let tree = odb.read(folder)?;
        let mut keys = Vec::new();
        for line in tree_lines(tree.data()).flatten().filter(|line| line.mode == 0o100_644).take(MOST) {
            if odb.read_header(line.id)?.0 > LARGEST {
                continue;
            }
            let key = serde_json::from_slice::<DeliveryKey>(odb.read(line.id)?.data());
            keys.extend(key.ok().filter(|key| key.hash(&self.workspace).as_bytes() == line.name));
        }
        keys.sort();
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Room;
    use crate::ledger::fixtures::{WORKSPACE, claim, failed, key, payload, published};
    use crate::ledger::{Entry, Store, same_text};
    use crate::render::{Payload, Wording};

    fn wording(payload: &Payload) -> Wording {
        Wording::of(payload).unwrap()
    }

    #[test]
    fn a_claim_notes_what_it_says_for_whoever_says_it_next() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        let mut ledger = room.open(&repository).unwrap();
        let (autumn, winter) = (key("autumn"), key("winter"));
        let same = wording(&payload(&winter, &["Autumn\nis here"]));
        assert_eq!(ledger.noted(&same).unwrap(), []);
        ledger.append("Claim", &[claim(&autumn, "one")]).unwrap();
        ledger.append("Record", &[failed(&autumn, true)]).unwrap();
        ledger.append("Claim", &[claim(&autumn, "one")]).unwrap();
        ledger.append("Record", &[published(&autumn)]).unwrap();
        assert_eq!(ledger.noted(&same).unwrap(), std::slice::from_ref(&autumn));
        assert_eq!(ledger.noted(&wording(&payload(&winter, &["Winter is here"]))).unwrap(), []);
        let found = same_text(&ledger, &winter, &same).unwrap();
        assert_eq!(found.iter().map(|one| one.post.as_str()).collect::<Vec<_>>(), ["autumn"]);

        let again = room.open(&repository).unwrap();
        assert_eq!(again.noted(&same).unwrap(), [autumn], "another run finds it too");
    }

    #[test]
    fn that_nobody_said_it_is_remembered_until_somebody_says_anything() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        room.open(&repository).unwrap().append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        let repository = repository.remembering();
        let winter = wording(&payload(&key("winter"), &["Winter is here"]));
        let file = repository.git_folder().join("greenlit/cache").join(super::NAME);
        let look = || {
            let ledger = room.open(&repository).unwrap();
            let found = ledger.noted(&winter).unwrap();
            ledger.keep();
            (found, std::fs::metadata(&file).ok().map(|file| file.modified().unwrap()))
        };
        let first = look();
        assert_eq!(first.0, []);
        assert!(first.1.is_some(), "it is kept");
        assert_eq!(look(), first, "and nothing is written anew");
        let hash = key("spring").hash(WORKSPACE);
        let place = format!("{}/{hash}", super::folder(&winter));
        room.tamper(&repository, &place, Some(&serde_json::to_vec(&key("spring")).unwrap()));
        assert_eq!(look().0, [key("spring")]);
    }

    #[test]
    fn what_is_no_note_is_passed_over() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        let winter = wording(&payload(&key("winter"), &["Winter is here"]));
        let place = |name: &str| format!("{}/{name}", super::folder(&winter));
        let key_of = |post: &str| serde_json::to_vec(&key(post)).unwrap();
        let hash = key("autumn").hash(WORKSPACE);
        room.tamper(&repository, &place(&hash), Some(b"{}"));
        room.tamper(&repository, &place("rubbish"), Some(&key_of("autumn")));
        room.tamper(&repository, &place(&key("spring").hash(WORKSPACE)), Some(&vec![b' '; super::LARGEST + 1]));
        room.tamper(&repository, &place("folder/rubbish"), Some(&key_of("autumn")));
        assert_eq!(room.open(&repository).unwrap().noted(&winter).unwrap(), []);
        room.tamper(&repository, &place(&hash), Some(&key_of("autumn")));
        assert_eq!(room.open(&repository).unwrap().noted(&winter).unwrap(), [key("autumn")]);
    }

    /// Whatever is done to the notes, no delivery is sent a second time for it.
    #[test]
    fn without_its_note_a_delivery_that_is_out_stays_out() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        let autumn = key("autumn");
        let Entry::Claim(held) = claim(&autumn, "one") else { unreachable!() };
        let mut ledger = room.open(&repository).unwrap();
        ledger.append("Claim", &[claim(&autumn, "one")]).unwrap();
        ledger.append("Record", &[published(&autumn)]).unwrap();
        let (path, _) = super::note(&claim(&autumn, "one"), WORKSPACE).unwrap();
        for bytes in [Some(&b"rubbish"[..]), None] {
            room.tamper(&repository, &path, bytes);
            let ledger = room.open(&repository).unwrap();
            assert!(!ledger.state(&autumn).unwrap().may_send(&held.digest));
            assert_eq!(ledger.noted(&wording(&held.payload)).unwrap(), [], "only the warning is lost");
        }
        room.tamper(&repository, "texts", None);
        assert!(!room.open(&repository).unwrap().state(&autumn).unwrap().may_send(&held.digest));
    }
}
