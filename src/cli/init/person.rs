//! The person who runs `init`, as git's settings and the home folder tell.

use std::path::PathBuf;

use crate::cli::Failure;
use crate::git::{Program, signer};

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
    let Some(written) = signer::configured_key(git)? else { return Ok(None) };
    let from = "user.signingkey in git's settings".to_owned();
    match written.public {
        Some(key) => Ok(Some(SigningKey { key: key.0, from, to_configure: Vec::new() })),
        None => Err(Failure::usage(
            "init/key",
            format!("git signs with {}, where no SSH key can be read", crate::view::escape(&written.text)),
            "`git config user.signingkey` must name a key file, or hold the public key itself",
        )),
    }
}

/// The key that most people have, where git was not told of any.
fn key_at_home() -> Option<SigningKey> {
    let home = PathBuf::from(std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?);
    ["id_ed25519", "id_ecdsa", "id_rsa"].iter().find_map(|name| {
        let key = signer::read_public(&home.join(".ssh").join(format!("{name}.pub")))?.0;
        let to_configure = vec![
            "git config --global gpg.format ssh".to_owned(),
            format!("git config --global user.signingkey ~/.ssh/{name}.pub"),
        ];
        Some(SigningKey { key, from: format!("~/.ssh/{name}.pub"), to_configure })
    })
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
}
