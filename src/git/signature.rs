//! SSH signatures on commits, checked in process over the commit's raw bytes.
//!
//! The form is OpenSSH's PROTOCOL.sshsig; git signs in the namespace `git` (gpg-interface.c; both checked 2026-11-21).
//! Ed25519, with and without hardware (`sk-`), ECDSA on P-256 and P-384, and RSA count. Stricter than `git verify-commit`:
//! RSA keys below 3072 bits, ECDSA on hardware or P-521, DSA, certificates, hardware keys that nobody touched, text around
//! the armor and armor in any but its one form prove nothing here.

use ssh_key::public::KeyData;
use ssh_key::{Algorithm, EcdsaCurve, LineEnding, PublicKey, SshSig};

use super::commit::RawCommit;
use crate::policy::Signature;
use crate::workspace::Key;

/// The namespace of git's signatures.
pub const NAMESPACE: &str = "git";

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Characters of an armor; an RSA signature of 4096 bits has some 1,700.
const LONGEST: usize = 8 << 10;
const SMALLEST_RSA: usize = 3072;

/// Checks a commit's signature. Only a valid one names a key.
pub fn verify(commit: &RawCommit) -> Signature {
    let Some(armor) = commit.signature() else { return Signature::Missing };
    match verify_armor(&armor, &commit.signed_bytes()) {
        Ok(key) => Signature::Valid(key),
        Err(reason) => Signature::Invalid(reason),
    }
}

/// A public key as `roles.toml` has it: `type base64`, no comment.
///
/// # Errors
/// When the key has no such form.
pub fn key_text(key: &KeyData) -> Result<Key, ssh_key::Error> {
    PublicKey::new(key.clone(), "").to_openssh().map(Key)
}

fn verify_armor(armor: &str, message: &[u8]) -> Result<Key, String> {
    let signature = dearmor(armor)?;
    if signature.version() != SshSig::VERSION {
        return Err(format!("the signature has version {}, which is unknown", signature.version()));
    }
    if signature.namespace() != NAMESPACE {
        return Err("the signature was made for another purpose than git commits".to_owned());
    }
    if !signature.reserved().is_empty() {
        return Err("the signature has content that is not understood".to_owned());
    }
    let key = signature.public_key();
    strong_enough(key, &signature)?;
    PublicKey::new(key.clone(), "")
        .verify(NAMESPACE, message, &signature)
        .map_err(|_| "the signature does not fit the commit: one of them was changed".to_owned())?;
    key_text(key).map_err(|_| "the signature's key cannot be read".to_owned())
}

/// Takes the armor off; nothing may stand around it or between its lines.
fn dearmor(armor: &str) -> Result<SshSig, String> {
    if !armor.starts_with(BEGIN) {
        let what = if armor.starts_with("-----BEGIN PGP") { "an OpenPGP signature" } else { "no SSH signature" };
        return Err(format!("{what}; only SSH signatures prove who signed"));
    }
    let malformed = || "the signature's armor is malformed".to_owned();
    if armor.len() > LONGEST {
        return Err(malformed());
    }
    let inner = armor.strip_prefix(BEGIN).and_then(|rest| rest.strip_prefix('\n')).ok_or_else(malformed)?;
    let inner = inner.strip_suffix('\n').unwrap_or(inner).strip_suffix(END).ok_or_else(malformed)?;
    let inner = inner.strip_suffix('\n').ok_or_else(malformed)?;
    let base64 = |line: &str| {
        !line.is_empty() && line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    if !inner.split('\n').all(base64) {
        return Err(malformed());
    }
    // Programs break lines at 64, 70 or 76 characters; the parser knows 70.
    let letters: Vec<char> = inner.chars().filter(|c| *c != '\n').collect();
    let lines: Vec<String> = letters.chunks(70).map(|line| line.iter().collect()).collect();
    let armor = format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"));
    let signature = SshSig::from_pem(&armor).map_err(|_| malformed())?;
    // The parser takes wrong lengths of nested fields; one signature has one form.
    match signature.to_pem(LineEnding::LF) {
        Ok(canonical) if canonical == armor => Ok(signature),
        _ => Err(malformed()),
    }
}

fn strong_enough(key: &KeyData, signature: &SshSig) -> Result<(), String> {
    let fits = match (key, signature.algorithm()) {
        (KeyData::Ed25519(_), Algorithm::Ed25519) => true,
        (KeyData::Ecdsa(key), Algorithm::Ecdsa { curve }) => {
            key.curve() == curve && matches!(curve, EcdsaCurve::NistP256 | EcdsaCurve::NistP384)
        }
        (KeyData::Rsa(key), Algorithm::Rsa { hash: Some(_) }) => {
            let bits = key.n.as_positive_bytes().map_or(0, |bytes| bytes.len() * 8);
            if bits < SMALLEST_RSA {
                return Err(format!("the key is RSA with {bits} bits; at least {SMALLEST_RSA} count"));
            }
            true
        }
        (KeyData::SkEd25519(_), Algorithm::SkEd25519) => {
            // One byte of flags and a counter of four end the signature; the lowest flag says that somebody touched it
            // (https://www.w3.org/TR/webauthn-2/#flags, checked 2026-11-21).
            let flags = signature.signature_bytes().iter().rev().nth(4).copied().unwrap_or(0);
            if flags & 1 == 0 {
                return Err("the hardware key signed without being touched".to_owned());
            }
            true
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("keys of the type {} do not count", key.algorithm().as_str())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sign::SecretKey;
    use proptest::prelude::*;
    use ssh_key::HashAlg;

    const UNSIGNED: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        author Noor <noor@example.com> 1795248000 +0100\ncommitter Noor <noor@example.com> 1795248000 +0100\n\nApprove\n";

    fn key() -> SecretKey {
        SecretKey::from_seed([7; 32])
    }

    fn signed() -> Vec<u8> {
        key().sign_commit(UNSIGNED.as_bytes()).unwrap()
    }

    fn verdict(bytes: &[u8]) -> Signature {
        RawCommit::parse(bytes).map_or_else(|why| Signature::Invalid(why.to_string()), |commit| verify(&commit))
    }

    /// The commit with a signature made with other settings than git's.
    fn signed_with(namespace: &str, edit: impl Fn(String) -> String) -> Vec<u8> {
        let secret = ssh_key::PrivateKey::from_openssh(key().to_openssh().unwrap()).unwrap();
        let signature = secret.sign(namespace, HashAlg::Sha256, UNSIGNED.as_bytes()).unwrap();
        let armor = edit(signature.to_pem(LineEnding::LF).unwrap());
        let (headers, message) = UNSIGNED.split_once("\n\n").unwrap();
        format!("{headers}\ngpgsig {}\n\n{message}", armor.trim_end().replace('\n', "\n ")).into_bytes()
    }

    #[test]
    fn a_signature_names_the_key_as_roles_do() {
        assert_eq!(verdict(&signed()), Signature::Valid(key().public()));
        assert_eq!(verdict(UNSIGNED.as_bytes()), Signature::Missing);
        assert_eq!(verdict(&signed_with("git", |armor| armor)), Signature::Valid(key().public()));
    }

    #[test]
    fn the_line_length_of_other_signers_is_fine() {
        let rewrapped = |armor: String| {
            let letters: String = armor.lines().filter(|line| !line.starts_with('-')).collect();
            let lines: Vec<_> = letters.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
        };
        assert_eq!(verdict(&signed_with("git", rewrapped)), Signature::Valid(key().public()));
    }

    #[test]
    fn another_purpose_or_words_around_the_armor_prove_nothing() {
        let invalid = |bytes: &[u8], word: &str| match verdict(bytes) {
            Signature::Invalid(reason) => assert!(reason.contains(word), "{reason}"),
            other => panic!("{other:?}"),
        };
        invalid(&signed_with("file", |armor| armor), "another purpose");
        invalid(&signed_with("git", |armor| format!("Hello\n{armor}")), "no SSH signature");
        invalid(&signed_with("git", |armor| format!("{armor}Goodbye")), "malformed");
        invalid(&signed_with("git", |armor| format!("{armor}{armor}")), "malformed");
        invalid(&signed_with("git", |armor| armor.replacen("U1NI", "U1NI\n\n", 1)), "malformed");
        invalid(
            &signed_with("git", |_| "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----".into()),
            "OpenPGP",
        );
    }

    #[test]
    fn every_other_byte_makes_it_invalid() {
        let good = signed();
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << bit;
                assert!(!matches!(verdict(&bytes), Signature::Valid(_)), "byte {at}, bit {bit}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_other_byte_anywhere_is_valid(at in 0usize..700, byte in any::<u8>()) {
            let mut bytes = signed();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != byte);
            bytes[at] = byte;
            prop_assert!(!matches!(verdict(&bytes), Signature::Valid(_)));
        }

        #[test]
        fn no_armor_makes_it_panic(inner in "[A-Za-z0-9+/=\n -]{0,300}") {
            let _ = verify_armor(&format!("{BEGIN}\n{inner}\n{END}\n"), b"x");
            let _ = verify_armor(&inner, b"x");
        }
    }
}
