//! The person who runs `init`, as git's settings and the home folder tell.

use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::git::Program;
use crate::git::signature::key_text;

/// Who runs this.
#[derive(Debug, Clone)]
pub struct Me {
    /// A short name for `roles.toml`: `noor`.
    pub id: String,
    /// `user.name`
    pub name: String,
    /// `user.email`
    pub email: String,
    /// The key to sign with, where there is one.
    pub key: Option<SigningKey>,
}

/// An SSH public key, and where it was found.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// `ssh-ed25519 AAAA…`
    pub key: String,
    /// For people: where it was found.
    pub from: String,
    /// The commands that make git sign with it; empty where git does already.
    pub to_configure: Vec<String>,
}

impl Me {
    /// Asks git, then looks for a key.
    ///
    /// # Errors
    /// When git does not know a name and an address, or is set to sign with a key that cannot be read.
    pub fn ask(git: &Program) -> Result<Self, Failure> {
        let (Some(name), Some(email)) = (setting(git, "user.name")?, setting(git, "user.email")?) else {
            return Err(Failure::usage(
                "init/who",
                "git does not know who you are, and approvals need a name and an address",
                "git config --global user.name \"Noor Haddad\"; git config --global user.email noor@example.com",
            ));
        };
        let key = match configured_key(git)? {
            Some(key) => Some(key),
            None => key_at_home(),
        };
        Ok(Self { id: short_name(&name, &email), name, email, key })
    }
}

fn setting(git: &Program, name: &str) -> Result<Option<String>, Failure> {
    let answer = git.ask(&["config", "--get", name], None)?;
    Ok(Some(answer.line()).filter(|line| answer.success() && !line.is_empty()))
}

/// The key of `user.signingkey`, where git signs with SSH.
fn configured_key(git: &Program) -> Result<Option<SigningKey>, Failure> {
    if setting(git, "gpg.format")?.as_deref() != Some("ssh") {
        return Ok(None);
    }
    let Some(written) = setting(git, "user.signingkey")? else { return Ok(None) };
    let found = |key: String| SigningKey {
        key,
        from: "user.signingkey in git's settings".to_owned(),
        to_configure: Vec::new(),
    };
    let inline = written.strip_prefix("key::").unwrap_or(&written);
    if let Some(key) = public(inline) {
        return Ok(Some(found(key)));
    }
    // git itself resolves `~`.
    let path = git.ask(&["config", "--type=path", "--get", "user.signingkey"], None)?.line();
    let path = git.folder().join(path);
    let beside = PathBuf::from(format!("{}.pub", path.display()));
    match read_public(&path).or_else(|| read_public(&beside)).or_else(|| public_of_private(&path)) {
        Some(key) => Ok(Some(found(key))),
        None => Err(Failure::usage(
            "init/key",
            format!("git signs with {}, where no SSH key can be read", crate::view::escape(&written)),
            "`git config user.signingkey` must name a key file, or hold the public key itself",
        )),
    }
}

/// The key that most people have, where git was not told of any.
fn key_at_home() -> Option<SigningKey> {
    let home = PathBuf::from(std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?);
    ["id_ed25519", "id_ecdsa", "id_rsa"].iter().find_map(|name| {
        let key = read_public(&home.join(".ssh").join(format!("{name}.pub")))?;
        let to_configure = vec![
            "git config --global gpg.format ssh".to_owned(),
            format!("git config --global user.signingkey ~/.ssh/{name}.pub"),
        ];
        Some(SigningKey { key, from: format!("~/.ssh/{name}.pub"), to_configure })
    })
}

fn read_public(path: &Path) -> Option<String> {
    public(std::fs::read_to_string(path).ok()?.lines().next()?)
}

/// A private key file says its public half, also where it is encrypted.
fn public_of_private(path: &Path) -> Option<String> {
    let key = ssh_key::PrivateKey::from_openssh(std::fs::read(path).ok()?).ok()?;
    key_text(key.public_key().key_data()).ok().map(|key| key.0)
}

/// The key without its comment.
fn public(text: &str) -> Option<String> {
    let key = ssh_key::PublicKey::from_openssh(text.trim()).ok()?;
    key_text(key.key_data()).ok().map(|key| key.0)
}

/// The first name in small letters; where that is no short name, what stands before the `@`; else `me`.
fn short_name(name: &str, email: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or_default();
    let local = email.split('@').next().unwrap_or_default();
    [first, local]
        .iter()
        .map(|text| super::super::new::slug(text))
        .find(|slug| !slug.is_empty())
        .unwrap_or_else(|| "me".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_come_from_names_of_every_script() {
        assert_eq!(short_name("Noor Haddad", "nh@example.com"), "noor");
        assert_eq!(short_name("李 伟", "li@example.com"), "李");
        assert_eq!(short_name("***", "o.brien@example.com"), "o-brien");
        assert_eq!(short_name("", ""), "me");
    }

    #[test]
    fn a_key_is_kept_without_its_comment() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
        assert_eq!(public(&format!("{line} noor@laptop\n")), Some(line.to_owned()));
        assert_eq!(public("ssh-ed25519 AAAA"), None);
        assert_eq!(public("~/.ssh/id_ed25519"), None);
    }
}
