//! The files under `told/`: who was told what. A piece of news is looked up in its folder, whatever the ledger's size; what
//! plans, sends or verifies posts reads none of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use git2::ObjectType;

use super::GitLedger;
use crate::ledger::tellings::{BEGUN, LARGEST_TELLING};
use crate::ledger::{Appended, Begun, NewsKey, StoreError, Telling};

impl GitLedger<'_> {
    /// What was done about a piece of news, oldest first.
    ///
    /// # Errors
    /// When it cannot be read: then nobody knows whether it was told.
    pub fn tellings(&self, key: &NewsKey) -> Result<Vec<Telling>, StoreError> {
        let folder = Telling::folder(key, &self.workspace);
        let mut tellings = Vec::new();
        for (name, id, kind) in self.repository.ledger_list(self.tip, &folder)? {
            let path = format!("{folder}/{name}");
            let wrong = |reason: &str| StoreError::Malformed { path: path.clone(), reason: reason.to_owned() };
            if kind != Some(ObjectType::Blob) {
                return Err(wrong("it is no regular file"));
            }
            let bytes = self.repository.ledger_bytes(id, LARGEST_TELLING, &path)?;
            let telling = Telling::decode(&bytes).map_err(|error| wrong(&error.to_string()))?;
            if telling.key != *key || name != telling.file_name(tellings.len() + 1) {
                return Err(wrong("its place and its name do not say what it is"));
            }
            tellings.push(telling);
        }
        Ok(tellings)
    }

    /// Since when news is told; `None` where none ever was.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn tells_since(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let list = self.repository.ledger_list(self.tip, "told")?;
        let Some((_, id, kind)) = list.into_iter().find(|(name, ..)| BEGUN.ends_with(&format!("/{name}"))) else {
            return Ok(None);
        };
        let wrong = |reason: String| StoreError::Malformed { path: BEGUN.to_owned(), reason };
        if kind != Some(ObjectType::Blob) {
            return Err(wrong("it is no regular file".to_owned()));
        }
        let bytes = self.repository.ledger_bytes(id, LARGEST_TELLING, BEGUN)?;
        Begun::decode(&bytes).map(|begun| Some(begun.at)).map_err(|error| wrong(error.to_string()))
    }

    /// Writes what is done about news, in one commit, and pushes it; of nothing, nothing is written.
    ///
    /// # Errors
    /// When git fails, or what is there cannot be read.
    pub fn tell(&mut self, message: &str, begun: Option<&Begun>, tellings: &[Telling]) -> Result<Appended, StoreError> {
        let wrong = |path: &str, reason: String| StoreError::Malformed { path: path.to_owned(), reason };
        let mut counts: BTreeMap<&NewsKey, usize> = BTreeMap::new();
        let mut changes = Vec::new();
        if let Some(begun) = begun {
            let bytes = begun.encode().map_err(|error| wrong(BEGUN, error.to_string()))?;
            changes.push((BEGUN.to_owned(), Some(bytes)));
        }
        for telling in tellings {
            let before = match counts.get(&telling.key) {
                Some(count) => *count,
                None => self.tellings(&telling.key)?.len(),
            };
            counts.insert(&telling.key, before + 1);
            let folder = Telling::folder(&telling.key, &self.workspace);
            let path = format!("{folder}/{}", telling.file_name(before + 1));
            let bytes = telling.encode().map_err(|error| wrong(&path, error.to_string()))?;
            changes.push((path, Some(bytes)));
        }
        if changes.is_empty() {
            return Ok(Appended::Done(self.tip.to_string()));
        }
        self.commit("tell", message, changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;
    use crate::ledger::fixtures::now;
    use crate::ledger::tellings::Step;
    use crate::ledger::{NewsKind, Store};

    fn telling(reader: &str, step: Step) -> Telling {
        Telling {
            version: 1,
            key: NewsKey { reader: reader.to_owned(), kind: NewsKind::Out, subject: "launch".to_owned() },
            step,
            channel: Some("slack".to_owned()),
            message: "m".to_owned(),
            runner: "4f".to_owned(),
            at: now(),
            not_before: None,
        }
    }

    #[test]
    fn what_was_told_is_found_by_its_key_and_holds_up_no_delivery() {
        let scene = Scene::new();
        let (repository, branches) = scene.open();
        let pinned = repository.begin_ledger("w", now()).unwrap().to_string();
        let mut ledger = GitLedger::open(&repository, &branches, "w", Some(&pinned), now()).unwrap();
        assert_eq!(ledger.tells_since().unwrap(), None);
        let both = [telling("noor", Step::Claimed), telling("noor", Step::Told), telling("li", Step::Claimed)];
        ledger.tell("Tell\n", Some(&Begun::at(now())), &both).unwrap();
        assert_eq!(ledger.tells_since().unwrap(), Some(now()));
        assert_eq!(ledger.tellings(&both[0].key).unwrap(), both[..2]);
        ledger.tell("Tell\n", None, &[telling("li", Step::Told)]).unwrap();
        let steps: Vec<Step> = ledger.tellings(&both[2].key).unwrap().iter().map(|one| one.step).collect();
        assert_eq!(steps, [Step::Claimed, Step::Told]);
        let walked = ledger.verify(&mut |_| Vec::new()).unwrap();
        assert_eq!((walked.flaws, walked.tellings, walked.entries), (Vec::new(), 4, 0));
        assert!(ledger.open().unwrap().keys.is_empty());
    }

    #[test]
    fn a_file_in_a_strangers_place_is_noticed() {
        let scene = Scene::new();
        let (repository, branches) = scene.open();
        let pinned = repository.begin_ledger("w", now()).unwrap();
        let noor = telling("noor", Step::Told);
        let place = format!("{}/0001-told.json", Telling::folder(&telling("li", Step::Told).key, "w"));
        let forged = repository
            .ledger_step(Some(pinned), &[(place.clone(), Some(noor.encode().unwrap()))], "x\n", now())
            .unwrap();
        repository.move_branch(super::super::LEDGER, Some(pinned), forged, "x").unwrap();
        let ledger = GitLedger::open(&repository, &branches, "w", Some(&pinned.to_string()), now()).unwrap();
        assert!(ledger.tellings(&telling("li", Step::Told).key).is_err());
        let walked = ledger.verify(&mut |_| Vec::new()).unwrap();
        assert_eq!(walked.flaws.first().and_then(|flaw| flaw.path.clone()), Some(place));
    }
}
