//! Which accounts something is for: patterns of their names.

use std::ops::Range;

use super::located::Placed;
use super::names::AccountName;
use super::{glob, suggest};

/// Patterns of accounts; none of them stands for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts(Vec<String>);

impl Accounts {
    /// Takes patterns. What is none, and what no account fits, is told with its place, what is wrong, and what to write; it
    /// stands for no account.
    pub fn read(
        patterns: Vec<Placed<String>>,
        known: &[&AccountName],
        mut tell: impl FnMut(Range<usize>, String, String),
    ) -> Self {
        for pattern in &patterns {
            if let Some((message, help)) = fault(&pattern.value, known) {
                tell(pattern.span.clone(), message, help);
            }
        }
        Self(patterns.into_iter().map(|pattern| pattern.value).collect())
    }

    /// Whether an account is meant.
    pub fn hold(&self, account: &AccountName) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| is_for(pattern, account))
    }
}

/// Whether a pattern fits an account; `*` alone fits every one.
fn is_for(pattern: &str, account: &AccountName) -> bool {
    pattern == "*" || glob::matches(pattern, account.as_str())
}

fn fault(pattern: &str, known: &[&AccountName]) -> Option<(String, String)> {
    if let Some(message) = glob::fault(pattern) {
        return Some((message, "write an account, or a pattern such as `mastodon/*`".to_owned()));
    }
    if known.iter().any(|account| is_for(pattern, account)) {
        return None;
    }
    let names: Vec<&str> = known.iter().map(|account| account.as_str()).collect();
    Some((format!("there is no account {}", suggest::quote(pattern)), suggest::help(pattern, "accounts", &names)))
}
