//! The names of things: posts, accounts, people, roles. Valid by construction.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Longer than a name may be.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// A character that does not belong into a name.
    #[error("it has the character {0:?}")]
    Character(char),
    /// Not of the form `network/name`.
    #[error("it is not of the form network/name")]
    Form,
}

const LONGEST: usize = 128;

/// Checks a name of any kind: letters and digits of every script, and `-`, `_`, `.` inside.
///
/// # Errors
/// When it is empty, too long, or has another character.
pub fn checked(text: &str) -> Result<(), NameError> {
    let first = text.chars().next().ok_or(NameError::Empty)?;
    if text.len() > LONGEST {
        return Err(NameError::TooLong(LONGEST));
    }
    if !first.is_alphanumeric() {
        return Err(NameError::Character(first));
    }
    // Marks are parts of letters in many scripts; alphanumeric() leaves them out.
    let inside = |c: char| {
        c.is_alphanumeric() || matches!(c, '-' | '_' | '.') || unicode_normalization::char::is_combining_mark(c)
    };
    match text.chars().find(|c| !inside(*c)) {
        Some(c) => Err(NameError::Character(c)),
        None => Ok(()),
    }
}

/// Whether people read two names as one: letters' case and how their accents are written never matter.
pub fn same(a: &str, b: &str) -> bool {
    let read = |text: &str| text.trim().nfc().flat_map(char::to_lowercase).nfc().collect::<String>();
    read(a) == read(b)
}

/// A post's name, unique in the workspace: `autumn-launch`. Letters and digits of every script, `-`, `_`, `.`; at most 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct PostId(String);

impl PostId {
    /// Checks a post's name.
    ///
    /// # Errors
    /// When it is empty, too long, or has a character that a name may not have.
    pub fn new(text: &str) -> Result<Self, NameError> {
        Self::check(text).map(|()| Self(text.to_owned()))
    }

    fn check(text: &str) -> Result<(), NameError> {
        checked(text)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One identity on one network: `bluesky/acme`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct AccountName(String);

impl AccountName {
    /// Checks an account's name.
    ///
    /// # Errors
    /// When it is not `network/name`, or one of the two is no valid name.
    pub fn new(text: &str) -> Result<Self, NameError> {
        Self::check(text).map(|()| Self(text.to_owned()))
    }

    fn check(text: &str) -> Result<(), NameError> {
        let (network, name) = text.split_once('/').ok_or(NameError::Form)?;
        checked(network)?;
        checked(name)
    }

    /// The whole name, `network/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the slash.
    pub fn network(&self) -> &str {
        self.0.split_once('/').map_or("", |(network, _)| network)
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                match Self::check(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err(why) => Err(serde::de::Error::custom(format!("{text:?} is no valid name: {why}"))),
                }
            }
        }
    )*};
}
as_text!(PostId, AccountName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_script() {
        for good in ["autumn-launch", "2026-12-01", "नमस्ते", "запуск_1", "発売", "v1.2"] {
            assert_eq!(PostId::new(good).map(|id| id.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-a", "a b", "a/b", "a\u{202e}b", "a\u{0}", "..", "a\n"] {
            assert!(PostId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn accounts_have_two_halves() {
        let account = AccountName::new("bluesky/acme").unwrap();
        assert_eq!((account.network(), account.name()), ("bluesky", "acme"));
        assert_eq!(AccountName::new("bluesky"), Err(NameError::Form));
        assert!(AccountName::new("a/b/c").is_err());
    }
}
