//! An entry as the bytes of a file, and back: one strict JSON document.

use super::entry::{DeliveryKey, Entry};
use crate::render::{Digest, Payload};

/// What a file on the ledger may have, in bytes.
pub const LIMIT: usize = 8 * 1024 * 1024;

/// The form that this program writes and reads.
pub const VERSION: u32 = 1;

/// Why bytes are no entry, or an entry cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// More than a file on the ledger may have.
    #[error("it has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// Its bytes.
        size: usize,
        /// How many it may have.
        limit: usize,
    },
    /// No JSON, or no entry.
    #[error("{0}")]
    Form(String),
    /// Fields that no entry has, or that are written in another way than this program writes them.
    #[error("it says more than an entry can say, or says it in another form")]
    Unknown,
    /// Another version of greenlit wrote it.
    #[error("it has version {0}; this greenlit knows version {VERSION}")]
    Version(u32),
    /// A claim whose parts do not belong together.
    #[error("its {0} does not fit its payload")]
    Contradiction(&'static str),
}

/// Writes an entry: indented JSON with a newline at the end, so that `git show` is readable.
///
/// # Errors
/// When it is larger than a file on the ledger may be.
pub fn encode(entry: &Entry) -> Result<Vec<u8>, CodecError> {
    written(entry, LIMIT)
}

/// Anything that is written to the ledger, as bytes.
pub(super) fn written<T: serde::Serialize>(value: &T, limit: usize) -> Result<Vec<u8>, CodecError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| CodecError::Form(error.to_string()))?;
    bytes.push(b'\n');
    within(&bytes, limit)?;
    Ok(bytes)
}

/// The same from bytes. Whoever asks looks at the version.
pub(super) fn parsed<T: serde::de::DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, CodecError> {
    within(bytes, limit)?;
    serde_json::from_slice(bytes).map_err(|error| CodecError::Form(error.to_string()))
}

fn within(bytes: &[u8], limit: usize) -> Result<(), CodecError> {
    if bytes.len() > limit { Err(CodecError::TooLarge { size: bytes.len(), limit }) } else { Ok(()) }
}

/// Reads an entry. What is not exactly one is refused: nothing is sent on the word of a file that was half understood.
///
/// # Errors
/// When the bytes are too many, no JSON, say anything that an entry cannot say, or a claim contradicts itself.
pub fn decode(bytes: &[u8]) -> Result<Entry, CodecError> {
    within(bytes, LIMIT)?;
    let form = |error: serde_json::Error| CodecError::Form(error.to_string());
    let entry: Entry = serde_json::from_slice(bytes).map_err(form)?;
    // Some of a payload's types cannot refuse unknown fields by themselves. What is lost on the way is found here: quickly
    // where the bytes are those that this program writes, else by what they mean.
    if encode(&entry).as_deref() != Ok(bytes) {
        let written: serde_json::Value = serde_json::from_slice(bytes).map_err(form)?;
        if serde_json::to_value(&entry).map_err(form)? != written {
            return Err(CodecError::Unknown);
        }
    }
    let version = match &entry {
        Entry::Claim(entry) => entry.version,
        Entry::Published(entry) => entry.version,
        Entry::Failed(entry) => entry.version,
        Entry::Uncertain(entry) => entry.version,
        Entry::Retracted(entry) => entry.version,
        Entry::Updated(entry) => entry.version,
    };
    if version != VERSION {
        return Err(CodecError::Version(version));
    }
    match &entry {
        Entry::Claim(entry) => coherent(&entry.key, &entry.digest, &entry.payload)?,
        Entry::Updated(entry) => coherent(&entry.key, &entry.digest, &entry.payload)?,
        _ => {}
    }
    Ok(entry)
}

/// A claim's payload is what recovery sends, so it must be what its key and digest say; so must that of a change.
fn coherent(key: &DeliveryKey, digest: &Digest, payload: &Payload) -> Result<(), CodecError> {
    if payload.digest() != *digest {
        return Err(CodecError::Contradiction("digest"));
    }
    if (&payload.post, payload.occurrence.as_str(), &payload.account.name)
        != (&key.post, &*key.occurrence, &key.account)
    {
        return Err(CodecError::Contradiction("key"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let key = fixtures::key("autumn");
        for entry in [
            fixtures::claim(&key, "one"),
            fixtures::published(&key),
            fixtures::failed(&key, true),
            fixtures::uncertain(&key, 1),
            fixtures::retracted(&key, 2),
            fixtures::updated(&key, "Autumn is over"),
        ] {
            assert_eq!(decode(&encode(&entry).unwrap()), Ok(entry));
        }
    }

    #[test]
    fn a_field_too_many_is_refused_at_every_depth() {
        let text = String::from_utf8(encode(&fixtures::claim(&fixtures::key("autumn"), "one")).unwrap()).unwrap();
        let mut places = 0;
        for (at, _) in text.match_indices("{\n") {
            let with = format!("{}{{\n\"surprise\": 1,\n{}", &text[..at], &text[at + 2..]);
            // What an adapter froze is its own affair: there any field may stand.
            let frozen = text[..at].ends_with("\"frozen\": ");
            assert_eq!(decode(with.as_bytes()).is_ok(), frozen, "{with}");
            places += 1;
        }
        assert!(places >= 6, "entry, key, payload, account, part and facet were tried");
    }

    #[test]
    fn a_claim_that_contradicts_itself_is_refused() {
        let Entry::Claim(claim) = fixtures::claim(&fixtures::key("autumn"), "one") else { unreachable!() };
        let mut other_text = claim.clone();
        other_text.payload.parts[0].text.push('!');
        let other_text = encode(&Entry::Claim(other_text)).unwrap();
        assert_eq!(decode(&other_text), Err(CodecError::Contradiction("digest")));
        let mut other_post = claim;
        other_post.key.post = crate::workspace::PostId::new("winter").unwrap();
        let other_post = encode(&Entry::Claim(other_post)).unwrap();
        assert_eq!(decode(&other_post), Err(CodecError::Contradiction("key")));
    }

    #[test]
    fn a_change_that_contradicts_itself_is_refused() {
        let Entry::Updated(mut updated) = fixtures::updated(&fixtures::key("autumn"), "Autumn is over") else {
            panic!()
        };
        updated.payload.parts[0].text.push('!');
        let bytes = encode(&Entry::Updated(updated)).unwrap();
        assert_eq!(decode(&bytes), Err(CodecError::Contradiction("digest")));
    }

    #[test]
    fn tomorrows_version_and_too_many_bytes_are_refused() {
        let text = String::from_utf8(encode(&fixtures::published(&fixtures::key("autumn"))).unwrap()).unwrap();
        assert_eq!(decode(text.replace("\"version\": 1", "\"version\": 2").as_bytes()), Err(CodecError::Version(2)));
        assert_eq!(decode(&vec![b' '; LIMIT + 1]), Err(CodecError::TooLarge { size: LIMIT + 1, limit: LIMIT }));
        assert!(matches!(decode(&vec![b'['; 100_000]), Err(CodecError::Form(_))));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = decode(&bytes);
        }

        /// Whatever one byte is changed, the result is refused or says exactly what its bytes say.
        #[test]
        fn one_byte_changed_is_refused_or_read_as_written(at in 0..2000usize, to in proptest::num::u8::ANY) {
            let mut bytes = encode(&fixtures::claim(&fixtures::key("autumn"), "one")).unwrap();
            let at = at % bytes.len();
            bytes[at] = to;
            if let Ok(entry) = decode(&bytes) {
                let again: serde_json::Value = serde_json::from_slice(&encode(&entry).unwrap()).unwrap();
                proptest::prop_assert_eq!(again, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap());
            }
        }
    }
}
