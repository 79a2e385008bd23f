//! How a person signs: with the `git` program and their own set-up, or in process where there is no `ssh-keygen`.

use std::path::{Path, PathBuf};

use ssh_key::{PrivateKey, PublicKey};

use super::program::{GitError, Program};
use super::sign::SecretKey;
use super::signature::key_text;
use crate::workspace::Key;

/// A person's way to sign commits.
#[derive(Debug)]
pub struct Signer {
    key: Option<Key>,
    way: Way,
}

#[derive(Debug)]
pub(super) enum Way {
    /// `git commit-tree -S`.
    Git,
    /// With this key, in process.
    InProcess(Box<SecretKey>),
}

impl Signer {
    /// The way that git's settings name: `gpg.format = ssh` with `user.signingkey`, or a command that finds the key. It is
    /// git's work where `ssh-keygen`, or the program that `gpg.ssh.program` names, is there.
    ///
    /// # Errors
    /// When git is not set up to sign with SSH, or the key cannot be used without `ssh-keygen`.
    pub fn configured(git: &Program) -> Result<Self, GitError> {
        let keygen = setting(git, "gpg.ssh.program")?.unwrap_or_else(|| "ssh-keygen".to_owned());
        Self::with_keygen(git, on_path(&keygen))
    }

    fn with_keygen(git: &Program, keygen: bool) -> Result<Self, GitError> {
        let written = configured_key(git)?;
        let key = written.as_ref().and_then(|written| written.public.clone());
        if keygen {
            return match written {
                Some(_) => Ok(Self { key, way: Way::Git }),
                None if setting(git, "gpg.ssh.defaultKeyCommand")?.is_some() && signs_with_ssh(git)? => {
                    Ok(Self { key: None, way: Way::Git })
                }
                None => Err(GitError::NotSetUp),
            };
        }
        let written = written.ok_or(GitError::NotSetUp)?;
        let no_keygen = || GitError::Key(written.text.clone(), "ssh-keygen is not installed".to_owned());
        let secret = SecretKey::read(&written.private.clone().ok_or_else(no_keygen)?)?;
        Ok(Self { key: Some(secret.public()), way: Way::InProcess(Box::new(secret)) })
    }

    /// A key that is at hand.
    pub fn with_key(secret: SecretKey) -> Self {
        Self { key: Some(secret.public()), way: Way::InProcess(Box::new(secret)) }
    }

    /// The key that will sign, where that can be known before.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    pub(super) fn way(&self) -> &Way {
        &self.way
    }
}

/// The key that git's settings name.
#[derive(Debug, Clone)]
pub struct ConfiguredKey {
    /// As it was written there.
    pub text: String,
    /// The public half, where it can be read.
    pub public: Option<Key>,
    /// The private key's file, where it is one.
    private: Option<PathBuf>,
}

/// The key of `user.signingkey`, where git signs with SSH.
///
/// # Errors
/// When git cannot be asked.
pub fn configured_key(git: &Program) -> Result<Option<ConfiguredKey>, GitError> {
    if !signs_with_ssh(git)? {
        return Ok(None);
    }
    let Some(text) = setting(git, "user.signingkey")? else { return Ok(None) };
    let inline = text.strip_prefix("key::").unwrap_or(&text);
    if let Some(public) = public(inline) {
        return Ok(Some(ConfiguredKey { text, public: Some(public), private: None }));
    }
    // git itself resolves `~`.
    let path = git.folder().join(git.ask(&["config", "--type=path", "--get", "user.signingkey"], None)?.line());
    let named_public = path.extension().is_some_and(|ending| ending == "pub");
    let private = if named_public { path.with_extension("") } else { path.clone() };
    let beside = PathBuf::from(format!("{}.pub", path.display()));
    let public = read_public(&path).or_else(|| read_public(&beside)).or_else(|| public_of_private(&path));
    Ok(Some(ConfiguredKey { text, public, private: Some(private) }))
}

/// The first key of a public key file, as `roles.toml` has it.
pub fn read_public(path: &Path) -> Option<Key> {
    public(std::fs::read_to_string(path).ok()?.lines().next()?)
}

/// A private key file says its public half, also where it is encrypted.
fn public_of_private(path: &Path) -> Option<Key> {
    let key = PrivateKey::from_openssh(std::fs::read(path).ok()?).ok()?;
    key_text(key.public_key().key_data()).ok()
}

/// A written public key without its comment.
fn public(text: &str) -> Option<Key> {
    key_text(PublicKey::from_openssh(text.trim()).ok()?.key_data()).ok()
}

fn signs_with_ssh(git: &Program) -> Result<bool, GitError> {
    Ok(setting(git, "gpg.format")?.as_deref() == Some("ssh"))
}

fn setting(git: &Program, name: &str) -> Result<Option<String>, GitError> {
    let answer = git.ask(&["config", "--get", name], None)?;
    Ok(Some(answer.line()).filter(|line| answer.success() && !line.is_empty()))
}

/// Whether a program is there: a path, or a name to look for in the folders of `PATH`.
fn on_path(program: &str) -> bool {
    if program.contains(['/', '\\', '~']) {
        return true;
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = |folder: PathBuf| {
        folder.join(program).is_file() || folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)).is_file()
    };
    std::env::split_paths(&folders).any(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    fn set(scene: &Scene, settings: &[(&str, &str)]) -> Program {
        for (name, value) in settings {
            scene.git().run(&["config", name, value]).unwrap();
        }
        scene.git()
    }

    #[test]
    fn without_a_key_the_way_to_set_it_up_is_told() {
        let scene = Scene::new();
        assert!(matches!(Signer::with_keygen(&scene.git(), true), Err(GitError::NotSetUp)));
        let git = set(&scene, &[("user.signingkey", "ABCDEF12")]);
        assert!(matches!(Signer::with_keygen(&git, false), Err(GitError::NotSetUp)));
    }

    #[test]
    fn the_key_is_known_before_anything_is_signed() {
        let scene = Scene::new();
        let key = SecretKey::from_seed([5; 32]);
        let file = scene.folder.path().join("id");
        key.write(&file).unwrap();
        let path = file.display().to_string();
        for written in
            [path.clone(), format!("{path}.pub"), key.public().0, format!("key::{} noor@laptop", key.public().0)]
        {
            let git = set(&scene, &[("gpg.format", "ssh"), ("user.signingkey", &written)]);
            assert_eq!(Signer::with_keygen(&git, true).unwrap().key(), Some(&key.public()), "{written}");
        }
    }

    #[test]
    fn without_ssh_keygen_a_key_file_will_do() {
        let scene = Scene::new();
        let key = SecretKey::from_seed([5; 32]);
        let file = scene.folder.path().join("id");
        key.write(&file).unwrap();
        let path = file.display().to_string();
        let git = set(&scene, &[("gpg.format", "ssh"), ("user.signingkey", &format!("{path}.pub"))]);
        let signer = Signer::with_keygen(&git, false).unwrap();
        assert!(matches!(signer.way(), Way::InProcess(_)));
        assert_eq!(signer.key(), Some(&key.public()));
        let git = set(&scene, &[("user.signingkey", &key.public().0)]);
        assert!(matches!(Signer::with_keygen(&git, false), Err(GitError::Key(..))));
    }

    #[test]
    fn a_key_is_kept_without_its_comment() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
        assert_eq!(public(&format!("{line} noor@laptop\n")), Some(Key(line.to_owned())));
        assert_eq!(public("ssh-ed25519 AAAA"), None);
        assert_eq!(public("~/.ssh/id_ed25519"), None);
    }
}
