//! What was worked out before, under `.git/greenlit/cache/`: it saves time and decides nothing.
//!
//! A file is used only where it is whole, was written by this very program, and for what is asked now. Any other is
//! passed over in silence and written anew. It may be deleted at any time; several processes may use it at once. Nothing
//! here keeps out somebody who can write to `.git`: what `publish` does never rests on it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::repository::ObjectId;

/// The first bytes of a file. The number grows with the form of files.
const MAGIC: &[u8; 16] = b"greenlit-cache-1";
/// Bytes of a SHA-256.
const HASH: usize = 32;
/// Larger files are neither read nor written, in bytes.
const LARGEST: usize = 256 << 20;
/// What a process that died left behind is taken away after this time.
const ABANDONED: Duration = Duration::from_secs(3600);

/// A folder of things that were worked out before.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    program: Vec<u8>,
}

/// An object's name, in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 20]);

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        bytes.try_into().map(Self).map_err(|_| serde::de::Error::invalid_length(bytes.len(), &"20 bytes"))
    }
}

impl From<ObjectId> for Id {
    fn from(id: ObjectId) -> Self {
        let mut bytes = [0; 20];
        bytes.iter_mut().zip(id.as_bytes()).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }
}

impl From<Id> for ObjectId {
    fn from(Id(bytes): Id) -> Self {
        ObjectId::from_bytes(&bytes).unwrap_or(ObjectId::ZERO_SHA1)
    }
}

/// A value that stays as bytes until somebody asks for it: most of what is remembered is of posts that are long out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded(Vec<u8>);

impl Encoded {
    /// The bytes of a value; `None` for one that cannot be kept.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Option<Self> {
        postcard::to_allocvec(value).ok().map(Self)
    }

    /// The value; `None` where the bytes are another type's.
    pub fn decode<T: DeserializeOwned>(&self) -> Option<T> {
        postcard::from_bytes(&self.0).ok()
    }
}

impl Serialize for Encoded {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|bytes| Self(bytes.to_vec()))
    }
}

impl Cache {
    /// The cache in git's own folder.
    pub(super) fn inside(git_folder: &Path) -> Self {
        Self { folder: git_folder.join("greenlit/cache"), program: program() }
    }

    /// Reads what was kept under a name for the same things; `None` where there is nothing that could be used.
    pub fn read<T: DeserializeOwned>(&self, name: &str, depends_on: &[&[u8]]) -> Option<T> {
        let path = self.folder.join(name);
        let size = path.symlink_metadata().ok().filter(fs::Metadata::is_file)?.len();
        if size > LARGEST as u64 {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let (head, content) = bytes.split_at_checked(MAGIC.len() + 2 * HASH)?;
        (*head == self.head(name, depends_on, content)).then(|| postcard::from_bytes(content).ok())?
    }

    /// Keeps something under a name, in place of what was there. That it cannot be kept is no fault.
    pub fn write<T: Serialize>(&self, name: &str, depends_on: &[&[u8]], value: &T) {
        let Ok(content) = postcard::to_allocvec(value) else { return };
        let head = self.head(name, depends_on, &content);
        if head.len() + content.len() > LARGEST || fs::create_dir_all(&self.folder).is_err() {
            return;
        }
        self.sweep();
        let mut random = [0_u8; 8];
        if getrandom::fill(&mut random).is_err() {
            return;
        }
        let new = self.folder.join(format!("{name}.{:016x}.new", u64::from_le_bytes(random)));
        let write = || {
            let mut file = fs::File::create(&new)?;
            file.write_all(&head)?;
            file.write_all(&content)
        };
        if write().and_then(|()| fs::rename(&new, self.folder.join(name))).is_err() {
            let _ = fs::remove_file(&new);
        }
    }

    /// What stands before the content: the form, what it is for, and a hash over both.
    fn head(&self, name: &str, depends_on: &[&[u8]], content: &[u8]) -> Vec<u8> {
        let mut purpose = Sha256::new();
        for part in [name.as_bytes(), &self.program].into_iter().chain(depends_on.iter().copied()) {
            purpose.update((part.len() as u64).to_le_bytes());
            purpose.update(part);
        }
        let purpose = purpose.finalize();
        let whole = Sha256::new().chain_update(purpose).chain_update(content).finalize();
        [MAGIC.as_slice(), &purpose, &whole].concat()
    }

    /// Takes away what writers that died left behind.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten().filter(|entry| entry.file_name().as_encoded_bytes().ends_with(b".new")) {
            let age = entry.metadata().ok().and_then(|file| file.modified().ok()?.elapsed().ok());
            if age.is_some_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Which program this is. Two builds may have one version and read bytes differently, so the file itself counts.
fn program() -> Vec<u8> {
    let file = std::env::current_exe().and_then(fs::metadata);
    let file = file.map(|file| {
        let changed = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (file.len(), changed.unwrap_or_default().as_nanos())
    });
    format!("{} {:?}", env!("CARGO_PKG_VERSION"), file.ok()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOR: &[&[u8]] = &[b"tip"];

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::inside(folder.path());
        (folder, cache)
    }

    fn kept(cache: &Cache) -> Option<Vec<String>> {
        cache.read("things", FOR)
    }

    fn things() -> Vec<String> {
        vec!["one".to_owned(), "two".to_owned()]
    }

    #[test]
    fn what_was_kept_is_read_for_the_same_things_alone() {
        let (_folder, cache) = cache();
        assert_eq!(kept(&cache), None);
        cache.write("things", FOR, &things());
        assert_eq!(kept(&cache), Some(things()));
        assert_eq!(cache.read::<Vec<String>>("things", &[b"other tip"]), None);
        assert_eq!(cache.read::<Vec<String>>("things", &[b"ti", b"p"]), None);
        fs::rename(cache.folder.join("things"), cache.folder.join("others")).unwrap();
        assert_eq!(cache.read::<Vec<String>>("others", FOR), None, "under another name it is something else");
    }

    #[test]
    fn any_byte_changed_and_any_byte_missing_is_seen() {
        let (_folder, cache) = cache();
        cache.write("things", FOR, &things());
        let path = cache.folder.join("things");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, bytes).unwrap();
            assert_eq!(kept(&cache), None, "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(kept(&cache), None, "cut at {at}");
        }
        fs::write(&path, [whole.as_slice(), b"x"].concat()).unwrap();
        assert_eq!(kept(&cache), None);
        cache.write("things", FOR, &things());
        assert_eq!(kept(&cache), Some(things()));
    }

    #[test]
    fn what_is_encoded_is_decoded_when_asked_for() {
        let (_folder, cache) = cache();
        let one = Encoded::of(&things()).unwrap();
        cache.write("things", FOR, &vec![&one, &one]);
        let kept: Vec<Encoded> = cache.read("things", FOR).unwrap();
        assert_eq!(kept, [one.clone(), one]);
        assert_eq!(kept[0].decode(), Some(things()));
        assert_eq!(kept[0].decode::<[u64; 10]>(), None, "of another type");
    }

    #[test]
    fn another_program_reads_nothing_of_it() {
        let (_folder, cache) = cache();
        cache.write("things", FOR, &things());
        let other = Cache { program: b"0.0.1".to_vec(), ..cache.clone() };
        assert_eq!(kept(&other), None);
    }

    #[test]
    fn where_nothing_can_be_kept_nothing_happens() {
        let (folder, cache) = cache();
        fs::create_dir_all(folder.path().join("greenlit")).unwrap();
        fs::write(&cache.folder, "a file where the folder should be").unwrap();
        cache.write("things", FOR, &things());
        assert_eq!(kept(&cache), None);
    }

    #[test]
    fn what_a_dead_writer_left_is_swept_and_a_living_ones_is_not() {
        let (_folder, cache) = cache();
        cache.write("things", FOR, &things());
        let (old, new) = (cache.folder.join("a.1.new"), cache.folder.join("b.2.new"));
        fs::write(&old, "").unwrap();
        fs::write(&new, "").unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * ABANDONED;
        fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        cache.write("things", FOR, &things());
        assert!(!old.exists() && new.exists());
    }
}
