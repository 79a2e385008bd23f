//! Accounts' secrets: read from the environment, here alone, and kept out of everything that is printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::Failure;
use crate::forge::TOKENS;
use crate::network::{self, Redactor, Secret};
use crate::workspace::{Account, AccountName};

/// An account's secrets, as far as they are set; its network says what to do where one is missing.
pub fn of(account: &Account) -> BTreeMap<String, Secret> {
    let ends = network::named(account.name.network()).map(|network| network.capability().secrets).unwrap_or_default();
    let read = |end: &&str| {
        let text = std::env::var(network::variable(&account.name, end)).ok()?;
        Some(((*end).to_owned(), Secret::new(text)))
    };
    ends.iter().filter_map(read).collect()
}

/// Refuses accounts that would read the same variable: `mastodon/acme-eu` and `mastodon/acme.eu`.
///
/// # Errors
/// When there are two.
pub fn refuse_clashes<'a>(accounts: impl IntoIterator<Item = &'a AccountName>) -> Result<(), Failure> {
    let mut variables: BTreeMap<String, &AccountName> = BTreeMap::new();
    for account in accounts {
        let ends = network::named(account.network()).map(|network| network.capability().secrets).unwrap_or_default();
        for end in ends {
            let variable = network::variable(account, end);
            if let Some(other) = variables.insert(variable.clone(), account) {
                return Err(Failure::broken(
                    "publish/variable",
                    format!("the accounts {other} and {account} would both read their secret from {variable}"),
                    "give one of them another name in greenlit.toml",
                ));
            }
        }
    }
    Ok(())
}

/// A text without any secret that this process was given.
pub fn redacted(text: &str) -> Cow<'_, str> {
    static REDACTOR: OnceLock<Redactor> = OnceLock::new();
    REDACTOR.get_or_init(|| Redactor::new(given().iter().map(String::as_str))).redact(text)
}

/// The values of all variables that could be an account's secret or a channel's, whether or not it is in the settings, and of
/// those that let into a forge.
fn given() -> Vec<String> {
    let is_secret = |name: &str| {
        TOKENS.contains(&name)
            || name.starts_with("GREENLIT_NOTIFY_")
            || network::all().iter().map(|network| network.capability()).any(|capability| {
                let prefix = format!("GREENLIT_{}_", capability.network.to_ascii_uppercase());
                name.starts_with(&prefix) && capability.secrets.iter().any(|end| name.ends_with(&format!("_{end}")))
            })
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    variables.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_accounts_never_share_a_variable() {
        let names = |names: &[&str]| names.iter().map(|name| AccountName::new(name).unwrap()).collect::<Vec<_>>();
        let good = names(&["bluesky/acme", "mastodon/acme", "mastodon/acme-eu", "outbox/a-b", "outbox/a.b"]);
        assert!(refuse_clashes(&good).is_ok(), "an outbox has no secret");
        let bad = refuse_clashes(&names(&["mastodon/acme-eu", "mastodon/acme.eu"])).unwrap_err();
        assert_eq!(bad.exit, super::super::Exit::Broken);
    }
}
