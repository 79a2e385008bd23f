//! Files that one processor unpacks while another reads them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use git2::ObjectType;

use super::repository::{ObjectId, Repository};

/// Files that are kept ready.
const AHEAD: usize = 64;

/// A file's name, and its bytes where they could be had.
type Unpacked = (ObjectId, Option<Vec<u8>>);

/// Files that are being unpacked, for somebody who reads them in this order.
#[derive(Debug)]
pub(super) struct ReadAhead {
    unpacked: Receiver<Unpacked>,
    waiting: RefCell<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// What is still to be unpacked.
    coming: HashSet<ObjectId>,
    /// What was unpacked before anybody asked for it.
    early: HashMap<ObjectId, Vec<u8>>,
}

impl ReadAhead {
    /// Begins to unpack files of a repository, those that have at most so many bytes.
    pub fn begin(place: PathBuf, files: Vec<ObjectId>, limit: u64) -> Self {
        let (sender, unpacked) = sync_channel(AHEAD);
        let waiting = Waiting { coming: files.iter().copied().collect(), early: HashMap::new() };
        thread::spawn(move || unpack(&place, files, limit, &sender));
        Self { unpacked, waiting: RefCell::new(waiting) }
    }

    /// The bytes of a file, once; `None` for whoever has to read it on their own.
    pub fn take(&self, file: ObjectId) -> Option<Vec<u8>> {
        let mut waiting = self.waiting.borrow_mut();
        if let Some(bytes) = waiting.early.remove(&file) {
            return Some(bytes);
        }
        while waiting.coming.contains(&file) {
            // Where the other processor gave up, nothing more comes.
            let Ok((id, bytes)) = self.unpacked.recv() else {
                waiting.coming.clear();
                return None;
            };
            waiting.coming.remove(&id);
            if id == file {
                return bytes;
            }
            waiting.early.extend(bytes.map(|bytes| (id, bytes)));
        }
        None
    }
}

/// Unpacks files until all are unpacked or nobody wants them any more.
fn unpack(place: &Path, files: Vec<ObjectId>, limit: u64, to: &SyncSender<Unpacked>) {
    let Ok(repository) = Repository::discover(place) else { return };
    let Ok(odb) = repository.objects.odb() else { return };
    let small = |id| odb.read_header(id).is_ok_and(|(size, kind)| kind == ObjectType::Blob && size as u64 <= limit);
    let mut done = HashSet::new();
    for id in files.into_iter().filter(|id| done.insert(*id)) {
        let bytes = small(id).then(|| odb.read(id).ok().map(|object| object.data().to_vec())).flatten();
        if to.send((id, bytes)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    #[test]
    fn files_come_in_any_order_once_and_never_when_they_are_too_large_or_missing() {
        let scene = Scene::new();
        let contents = ["a", "bb", "a", "far too much", "c"];
        let mut files: Vec<ObjectId> =
            contents.iter().map(|content| scene.object("blob", content.as_bytes())).collect();
        files.insert(1, ObjectId::from_str(&"1".repeat(40)).unwrap());
        let ahead = ReadAhead::begin(scene.root.clone(), files.clone(), 2);
        let take = |at: usize| ahead.take(files[at]);
        assert_eq!(take(2), Some(b"bb".to_vec()));
        assert_eq!(take(0), Some(b"a".to_vec()), "it came before it was asked for");
        assert_eq!(take(3), None, "the same file again");
        assert_eq!(take(1), None, "it is not there");
        assert_eq!(take(4), None, "it is too large");
        assert_eq!(take(5), Some(b"c".to_vec()));
        assert_eq!(ahead.take(scene.object("blob", b"of no interest")), None);
    }

    #[test]
    fn nobody_waits_for_a_repository_that_cannot_be_opened() {
        let scene = Scene::new();
        let file = scene.object("blob", b"a");
        let ahead = ReadAhead::begin(scene.root.join("nowhere/at/all"), vec![file], 9);
        assert_eq!(ahead.take(file), None);
    }
}
