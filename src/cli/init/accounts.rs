//! The accounts that `init` is asked for.

use crate::cli::Failure;
use crate::network;
use crate::workspace::AccountName;

/// An account to be written into `greenlit.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `network/name`.
    pub name: AccountName,
    /// Its keys with their values.
    pub keys: Vec<(&'static str, String)>,
}

/// Reads `--account network/name=who`; an outbox where none is given.
///
/// # Errors
/// When an argument names no network, or does not say who the account is there.
pub fn read(arguments: &[String]) -> Result<Vec<Wanted>, Failure> {
    if arguments.is_empty() {
        return Ok(vec![one("outbox/site")?]);
    }
    let mut wanted: Vec<Wanted> = Vec::new();
    for argument in arguments {
        let account = one(argument)?;
        if wanted.iter().any(|before| before.name == account.name) {
            return Err(refused(argument, format!("{} is there twice", account.name)));
        }
        wanted.push(account);
    }
    Ok(wanted)
}

fn one(argument: &str) -> Result<Wanted, Failure> {
    let (name, who) = argument.split_once('=').map_or((argument, None), |(name, who)| (name, Some(who)));
    let name = AccountName::new(name).map_err(|why| refused(argument, format!("{name:?} is no account: {why}")))?;
    let keys = match (name.network(), who) {
        ("outbox", path) => {
            vec![("path", path.unwrap_or(if name.name() == "site" { "public" } else { name.name() }).to_owned())]
        }
        ("bluesky", Some(handle)) => {
            vec![("service", "https://bsky.social".to_owned()), ("handle", handle.trim_start_matches('@').to_owned())]
        }
        ("mastodon", Some(who)) => {
            let Some((handle, server)) = who.trim_start_matches('@').split_once('@') else {
                return Err(refused(argument, format!("{who:?} does not say on which server")));
            };
            vec![("server", format!("https://{server}")), ("handle", handle.to_owned())]
        }
        ("webhook", None) => Vec::new(),
        ("webhook", Some(_)) => {
            let variable = network::variable(&name, "URL");
            return Err(refused(argument, format!("its address is a secret: it belongs into {variable}")));
        }
        ("bluesky" | "mastodon", None) => {
            return Err(refused(argument, format!("it is not said who {name} is")));
        }
        (network, _) => {
            let known: Vec<&str> = network::all().iter().map(|network| network.capability().network).collect();
            let message = format!("there is no network {network:?}; there are {}", known.join(", "));
            return Err(refused(argument, message));
        }
    };
    Ok(Wanted { name, keys })
}

fn refused(argument: &str, why: String) -> Failure {
    Failure::usage(
        "init/account",
        format!("--account {argument:?}: {why}"),
        "write --account outbox/site, --account webhook/make, --account bluesky/acme=acme.example or --account mastodon/acme=@acme@mastodon.example",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(argument: &str) -> Vec<(&'static str, String)> {
        read(&[argument.to_owned()]).unwrap().remove(0).keys
    }

    #[test]
    fn people_write_accounts_as_they_know_them() {
        assert_eq!(read(&[]).unwrap()[0].name.as_str(), "outbox/site");
        assert_eq!(keys("outbox/site"), [("path", "public".to_owned())]);
        assert_eq!(keys("bluesky/acme=@acme.example")[1], ("handle", "acme.example".to_owned()));
        let mastodon = keys("mastodon/acme=@acme@mastodon.example");
        assert_eq!(mastodon[0], ("server", "https://mastodon.example".to_owned()));
        assert_eq!(mastodon[1], ("handle", "acme".to_owned()));
        assert_eq!(keys("webhook/make"), []);
    }

    #[test]
    fn what_cannot_be_an_account_is_refused() {
        for bad in [
            "outbox",
            "telegraph/acme",
            "bluesky/acme",
            "mastodon/acme=acme",
            "mastodon/a/b=@a@b",
            "webhook/make=https://x.example",
            "",
        ] {
            assert!(read(&[bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(read(&["outbox/a".to_owned(), "outbox/a=x".to_owned()]).is_err());
    }
}
