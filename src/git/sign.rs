//! Signing in process, with a key file that has no passphrase: where there is no `ssh-keygen`, and for the demo.

use std::path::Path;

use ssh_key::private::Ed25519Keypair;
use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey};

use super::commit::RawCommit;
use super::program::GitError;
use super::signature::{NAMESPACE, key_text};
use crate::workspace::Key;

/// An SSH private key that is not encrypted.
pub struct SecretKey(PrivateKey);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret key]")
    }
}

impl SecretKey {
    /// A new Ed25519 key.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<Self, GitError> {
        PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map(Self).map_err(|error| key_error("a new key", &error))
    }

    /// The Ed25519 key of a seed: always the same, and as secret as the seed is.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(PrivateKey::from(Ed25519Keypair::from_seed(&seed)))
    }

    /// Reads a key file in OpenSSH's form.
    ///
    /// # Errors
    /// When there is none, it has a passphrase, or it lies in hardware.
    pub fn read(path: &Path) -> Result<Self, GitError> {
        let name = path.display().to_string();
        let key = PrivateKey::read_openssh_file(path).map_err(|error| key_error(&name, &error))?;
        if key.is_encrypted() {
            return Err(GitError::Key(name, "it has a passphrase, which only ssh-keygen can ask for".to_owned()));
        }
        if matches!(key.algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256) {
            return Err(GitError::Key(name, "it lies in hardware, which only ssh-keygen can ask".to_owned()));
        }
        Ok(Self(key))
    }

    /// Writes it for its owner alone to read, and the public half beside it as `.pub`.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), GitError> {
        let name = path.display().to_string();
        self.0.write_openssh_file(path, LineEnding::LF).map_err(|error| key_error(&name, &error))?;
        let public = format!("{}\n", self.public().0);
        std::fs::write(format!("{name}.pub"), public).map_err(|error| GitError::Key(name, error.to_string()))
    }

    /// The key file's text.
    ///
    /// # Errors
    /// When the key has no such form.
    pub fn to_openssh(&self) -> Result<String, GitError> {
        let text = self.0.to_openssh(LineEnding::LF).map_err(|error| key_error("the key", &error))?;
        Ok(text.to_string())
    }

    /// The public half, as `roles.toml` has it.
    pub fn public(&self) -> Key {
        key_text(self.0.public_key().key_data()).unwrap_or_else(|_| Key(String::new()))
    }

    /// Signs a commit as git would: the raw bytes of an unsigned commit in, those of the signed one out.
    ///
    /// # Errors
    /// When the bytes are no well-formed commit, or the key cannot sign.
    pub fn sign_commit(&self, bytes: &[u8]) -> Result<Vec<u8>, GitError> {
        let commit =
            RawCommit::parse(bytes).map_err(|why| GitError::Objects(format!("the commit is malformed: {why}")))?;
        let signature = self.0.sign(NAMESPACE, HashAlg::Sha512, &commit.signed_bytes());
        let armor = signature.and_then(|signature| signature.to_pem(LineEnding::LF));
        Ok(commit.with_signature(&armor.map_err(|error| key_error("the key", &error))?))
    }
}

fn key_error(name: &str, error: &ssh_key::Error) -> GitError {
    GitError::Key(name.to_owned(), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_and_read_and_stays_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let key = SecretKey::random().unwrap();
        key.write(&path).unwrap();
        assert_eq!(SecretKey::read(&path).unwrap().public(), key.public());
        assert_eq!(std::fs::read_to_string(folder.path().join("key.pub")).unwrap().trim(), key.public().0);
        assert!(key.public().0.starts_with("ssh-ed25519 AAAA"));
        assert_eq!(format!("{key:?}"), "[secret key]");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0);
        }
        assert!(matches!(SecretKey::read(&folder.path().join("none")), Err(GitError::Key(..))));
    }
}
