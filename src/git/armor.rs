//! SSH signatures as they stand in commits, read strictly: one signature has one form.
//!
//! The form is OpenSSH's PROTOCOL.sshsig, and PROTOCOL.u2f for hardware keys (checked 2026-11-21). Parsers are lenient
//! with lengths of nested fields and with what follows them; here every byte has its place.

use ssh_key::{Algorithm, HashAlg, PublicKey, Signature, SshSig};

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Characters of an armor; an RSA signature of 4096 bits has some 1,700.
const LONGEST: usize = 8 << 10;

/// Why an armor is no SSH signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegible {
    /// Made by GnuPG.
    #[error("signed with OpenPGP, which does not count: sign with an SSH key (`git config gpg.format ssh`)")]
    OpenPgp,
    /// Made by gpgsm.
    #[error("signed with X.509, which does not count: sign with an SSH key (`git config gpg.format ssh`)")]
    X509,
    /// Anything else.
    #[error("no SSH signature; only SSH signatures prove who signed")]
    Other,
    /// It begins like one.
    #[error("the signature's armor is malformed")]
    Malformed,
    /// A version that did not exist when this was written.
    #[error("the signature has version {0}, which is unknown")]
    Version(u32),
    /// A certificate, or a kind of key that cannot be read.
    #[error("signed with a key of the type {0}, which does not count")]
    KeyType(String),
    /// What a later version may have put there.
    #[error("the signature has content that is not understood")]
    Reserved,
}

/// Takes a signature out of its armor; nothing may stand around it or between its lines.
pub fn read(armor: &str) -> Result<SshSig, Illegible> {
    if !armor.starts_with(BEGIN) {
        return Err(match armor {
            _ if armor.starts_with("-----BEGIN PGP") => Illegible::OpenPgp,
            _ if armor.starts_with("-----BEGIN SIGNED MESSAGE") => Illegible::X509,
            _ => Illegible::Other,
        });
    }
    if armor.len() > LONGEST {
        return Err(Illegible::Malformed);
    }
    let bytes = inside(armor).and_then(base64).ok_or(Illegible::Malformed)?;
    let mut wire = Wire(&bytes);
    if wire.take(6).ok_or(Illegible::Malformed)? != b"SSHSIG" {
        return Err(Illegible::Malformed);
    }
    match wire.number().ok_or(Illegible::Malformed)? {
        SshSig::VERSION => {}
        version => return Err(Illegible::Version(version)),
    }
    let mut next = || wire.string().ok_or(Illegible::Malformed);
    let (key, namespace, reserved, hash, signature) = (next()?, next()?, next()?, next()?, next()?);
    wire.end().ok_or(Illegible::Malformed)?;
    let key = read_key(key)?;
    if !reserved.is_empty() {
        return Err(Illegible::Reserved);
    }
    let read = || {
        let (namespace, hash) = (std::str::from_utf8(namespace).ok()?, std::str::from_utf8(hash).ok()?);
        let hash = HashAlg::new(hash).ok()?;
        SshSig::new(key.key_data().clone(), namespace, hash, read_signature(signature)?).ok()
    };
    read().ok_or(Illegible::Malformed)
}

/// The letters between the first line and the last; programs break lines at 64, 70 or 76 of them.
fn inside(armor: &str) -> Option<String> {
    let inner = armor.strip_prefix(BEGIN)?.strip_prefix('\n')?;
    let inner = inner.strip_suffix('\n').unwrap_or(inner).strip_suffix(END)?.strip_suffix('\n')?;
    inner.split('\n').all(|line| !line.is_empty()).then(|| inner.replace('\n', ""))
}

fn read_key(bytes: &[u8]) -> Result<PublicKey, Illegible> {
    let key = PublicKey::from_bytes(bytes).map_err(|_| {
        let name = Wire(bytes).string().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '@');
        match !name.is_empty() && name.chars().all(plain) && Algorithm::new_certificate(name).is_ok() {
            true => Illegible::KeyType(name.to_owned()),
            false => Illegible::Malformed,
        }
    })?;
    if key.to_bytes().is_ok_and(|written| written == bytes) { Ok(key) } else { Err(Illegible::Malformed) }
}

fn read_signature(bytes: &[u8]) -> Option<Signature> {
    let mut wire = Wire(bytes);
    let algorithm = Algorithm::new(std::str::from_utf8(wire.string()?).ok()?).ok()?;
    let mut data = wire.string()?.to_vec();
    if matches!(algorithm, Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256) {
        // One byte of flags, four of the key's counter.
        data.extend(wire.take(5)?);
    }
    wire.end()?;
    Signature::new(algorithm, data).ok()
}

/// What is left of bytes in SSH's form (RFC 4251, section 5).
struct Wire<'b>(&'b [u8]);

impl<'b> Wire<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn string(&mut self) -> Option<&'b [u8]> {
        let count = self.number()?;
        self.take(usize::try_from(count).ok()?)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Base64 in its one form (RFC 4648, section 4): padded, nothing in between, no bits over.
fn base64(text: String) -> Option<Vec<u8>> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let letters = text.trim_end_matches('=');
    let padding = text.len() - letters.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in letters.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for letter in four {
            bits = bits << 6 | u32::from(value(*letter)?);
        }
        let over = 4 - four.len();
        let [_, group @ ..] = (bits << (6 * over)).to_be_bytes();
        let (kept, lost) = group.split_at(3 - over);
        if lost.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend(kept);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_has_one_form() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("++//", b"\xfb\xef\xff")]
        {
            assert_eq!(base64(text.to_owned()).as_deref(), Some(bytes), "{text}");
        }
        for text in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm-_", "Zm 9", "Z"] {
            assert_eq!(base64(text.to_owned()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_armor_makes_it_panic(inner in "[A-Za-z0-9+/=\n -]{0,300}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&format!("{BEGIN}\n{inner}\n{END}\n"));
            let _ = read(&inner);
            let _ = read_key(&bytes);
            let _ = read_signature(&bytes);
        }
    }
}
