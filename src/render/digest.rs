//! What stands for a payload, or for anything else that people decide on.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::workspace::{Sha256, hex};

/// Before the digits, where it is written.
const PREFIX: &str = "sha256:";

/// SHA-256 of a payload's canonical JSON, written `sha256:<64 hex digits>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
pub struct Digest(#[schemars(with = "String")] [u8; 32]);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::bytes_of(bytes))
    }

    /// Reads a written digest; only the exact form counts.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().try_fold(0, |byte, digit| Some(byte << 4 | value(*digit)?))?;
        }
        Some(Self(bytes))
    }

    /// Enough of it for people: `sha256:4f0c12ab34cd`.
    pub fn short(&self) -> String {
        let [a, b, c, d, e, f, ..] = self.0;
        format!("{PREFIX}{}", hex(&[a, b, c, d, e, f]))
    }
}

/// What a hex digit counts, where it is small.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_bytes(&self.0) }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let bytes = <&[u8]>::deserialize(deserializer)?;
            return bytes.try_into().map(Self).map_err(|_| de::Error::invalid_length(bytes.len(), &"32 bytes"));
        }
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("no digest of the form sha256:<64 hex digits>"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_a_digest() {
        let digest = Digest::of(b"autumn");
        let text = digest.to_string();
        assert_eq!(text, format!("sha256:{}", Sha256::of(b"autumn")));
        assert_eq!(Digest::parse(&text), Some(digest.clone()));
        assert_eq!(digest.short(), text[..19]);
        let wrong = [
            text.to_uppercase(),
            text.replace("sha256:", ""),
            format!("{text}0"),
            text[..70].to_owned(),
            format!(" {text}"),
        ];
        for wrong in wrong.iter().chain([&text.replace(&text[8..9], "g"), &text.replace(&text[8..10], "é")]) {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn it_is_text_for_people_and_bytes_in_the_cache() {
        let digest = Digest::of(b"autumn");
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(json, format!("\"{digest}\""));
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
        assert_eq!(serde_json::from_str::<Digest>(&json.replace("sha", "\\u0073ha")).unwrap(), digest);
        let bytes = postcard::to_allocvec(&digest).unwrap();
        assert_eq!((bytes.len(), postcard::from_bytes::<Digest>(&bytes).unwrap()), (33, digest));
    }
}
