//! SSH signatures on commits, checked in process over the commit's raw bytes.
//!
//! Git signs in the namespace `git` (gpg-interface.c, checked 2026-11-21). Which keys count, [`keys::counts`] says. Stricter
//! than `git verify-commit`: other keys, hardware keys that nobody touched, text around the armor, armor in any but its one
//! form, and whatever [`RawCommit`] calls malformed prove nothing here.

use ssh_key::public::KeyData;
use ssh_key::{Algorithm, PublicKey, SshSig};

use super::armor;
use super::commit::RawCommit;
use crate::policy::Signature;
use crate::workspace::{Key, keys};

/// The namespace of git's signatures.
pub const NAMESPACE: &str = "git";

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
    let signature = armor::read(armor).map_err(|why| why.to_string())?;
    if signature.namespace() != NAMESPACE {
        return Err("the signature was made for another purpose than git commits".to_owned());
    }
    let key = signature.public_key();
    keys::counts(key)?;
    fits(key, &signature)?;
    PublicKey::from(key.clone())
        .verify(NAMESPACE, message, &signature)
        .map_err(|_| "the signature does not fit the commit: one of them was changed".to_owned())?;
    key_text(key).map_err(|_| "the signature's key cannot be read".to_owned())
}

/// Whether a signature is of its key's kind, and a hardware key's was made by somebody who was there.
fn fits(key: &KeyData, signature: &SshSig) -> Result<(), String> {
    let hardware = matches!(key, KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_));
    let same = match (key, signature.algorithm()) {
        // RSA with SHA-1 names no hash.
        (KeyData::Rsa(_), Algorithm::Rsa { hash }) => hash.is_some(),
        (key, algorithm) => key.algorithm() == algorithm,
    };
    if !same {
        return Err(format!("the signature is of the type {}, not of its key's", signature.algorithm().as_str()));
    }
    // One byte of flags and a counter of four end the signature; the lowest flag says that somebody touched the key
    // (https://www.w3.org/TR/webauthn-2/#flags, checked 2026-11-21).
    let flags = signature.signature_bytes().iter().rev().nth(4).copied().unwrap_or(0);
    if hardware && flags & 1 == 0 {
        return Err("the hardware key signed without being touched".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sign::SecretKey;
    use crate::git::token::{TOUCHED, Token, VERIFIED, armored, string};
    use proptest::prelude::*;
    use ssh_key::{HashAlg, LineEnding};

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

    /// The commit with an armor.
    fn with(armor: &str) -> Vec<u8> {
        RawCommit::parse(UNSIGNED.as_bytes()).unwrap().with_signature(armor)
    }

    /// The commit with a signature made with other settings than git's.
    fn signed_with(namespace: &str, edit: impl Fn(String) -> String) -> Vec<u8> {
        let secret = ssh_key::PrivateKey::from_openssh(key().to_openssh().unwrap()).unwrap();
        let signature = secret.sign(namespace, HashAlg::Sha256, UNSIGNED.as_bytes()).unwrap();
        with(&edit(signature.to_pem(LineEnding::LF).unwrap()))
    }

    #[track_caller]
    fn invalid(bytes: &[u8], word: &str) {
        match verdict(bytes) {
            Signature::Invalid(reason) => assert!(reason.contains(word), "{reason}"),
            other => panic!("{other:?}"),
        }
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
            format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
        };
        assert_eq!(verdict(&signed_with("git", rewrapped)), Signature::Valid(key().public()));
    }

    #[test]
    fn another_purpose_or_words_around_the_armor_prove_nothing() {
        invalid(&signed_with("file", |armor| armor), "another purpose");
        invalid(&signed_with("git", |armor| format!("Hello\n{armor}")), "no SSH signature");
        invalid(&signed_with("git", |armor| format!("{armor}Goodbye")), "malformed");
        invalid(&signed_with("git", |armor| format!("{armor}{armor}")), "malformed");
        invalid(&signed_with("git", |armor| armor.replacen("U1NI", "U1NI\n\n", 1)), "malformed");
    }

    #[test]
    fn other_ways_to_sign_are_told_what_to_use() {
        invalid(
            &with("-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----"),
            "OpenPGP, which does not count",
        );
        invalid(&with("-----BEGIN SIGNED MESSAGE-----\nx\n-----END SIGNED MESSAGE-----"), "gpg.format ssh");
        invalid(&with("garbage"), "only SSH");
    }

    #[test]
    fn a_key_in_hardware_counts_when_somebody_touched_it() {
        for token in [Token::ed25519(1), Token::p256(1)] {
            let sign = |flags| with(&token.sign("git", UNSIGNED.as_bytes(), flags));
            for flags in [TOUCHED, TOUCHED | VERIFIED] {
                assert_eq!(verdict(&sign(flags)), Signature::Valid(Key(token.public())));
            }
            invalid(&sign(0), "without being touched");
            invalid(&sign(VERIFIED), "without being touched");
            invalid(&with(&token.sign("file", UNSIGNED.as_bytes(), TOUCHED)), "another purpose");
            invalid(&with(&token.sign("git", b"something else", TOUCHED)), "does not fit");
        }
    }

    #[test]
    fn every_byte_of_a_signature_has_its_place() {
        let token = Token::p256(1);
        let armor = token.sign("git", UNSIGNED.as_bytes(), TOUCHED);
        let bytes_of = |key: &str| PublicKey::from_openssh(key).unwrap().to_bytes().unwrap();
        let hardware = bytes_of(&token.public());
        let made = armor::read(&armor).unwrap();
        let signature = [
            string(b"sk-ecdsa-sha2-nistp256@openssh.com"),
            string(&made.signature_bytes()[..made.signature_bytes().len() - 5]),
        ]
        .concat();
        let trailer = &made.signature_bytes()[made.signature_bytes().len() - 5..];
        let wire = |version: u32, key: &[u8], reserved: &[u8], hash: &[u8], signature: &[u8], after: &[u8]| {
            let parts = [key, b"git", reserved, hash, signature].map(string).concat();
            with(&armored(&[b"SSHSIG", &version.to_be_bytes()[..], &parts, after].concat()))
        };
        let whole = [&signature[..], trailer].concat();
        assert!(matches!(verdict(&wire(1, &hardware, b"", b"sha512", &whole, b"")), Signature::Valid(_)));
        invalid(&wire(2, &hardware, b"", b"sha512", &whole, b""), "version 2");
        invalid(&wire(1, &hardware, b"x", b"sha512", &whole, b""), "not understood");
        invalid(&wire(1, &hardware, b"", b"sha1", &whole, b""), "malformed");
        invalid(&wire(1, &hardware, b"", b"sha256", &whole, b""), "does not fit");
        invalid(&wire(1, &hardware, b"", b"sha512", &whole, b"x"), "malformed");
        invalid(&wire(1, &[&hardware[..], b"x"].concat(), b"", b"sha512", &whole, b""), "malformed");
        invalid(&wire(1, &hardware, b"", b"sha512", &signature, b""), "malformed");
        invalid(&wire(1, &hardware, b"", b"sha512", &[&whole[..], b"x"].concat(), b""), "malformed");
        let plain = bytes_of(&key().public().0);
        invalid(&wire(1, &plain, b"", b"sha512", &whole, b""), "not of its key's");
        let certificate = string(b"ssh-ed25519-cert-v01@openssh.com");
        invalid(&wire(1, &certificate, b"", b"sha512", &whole, b""), "cert-v01@openssh.com, which does not count");
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
    }
}
