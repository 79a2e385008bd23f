//! `greenlit.toml` as it is written, and the way from there to [`Settings`].

mod account;
pub(super) mod campaigns;
mod rhythm;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::finding::Finding;
use super::located::{Named, OneOrMany, Placed, without_null};
use super::names::AccountName;
use super::rhythm::Rhythm;
use super::settings::{Account, NetworkSpec, SetLevel, Settings};
use super::source::Source;
use super::typed::{self, Area, Taken};
use super::{suggest, text, time, toml};
use account::AccountFile;
use campaigns::{BlackoutFile, CampaignFile};
use rhythm::{RhythmFile, Usual};

/// The settings of a workspace: `greenlit.toml` at its root.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct SettingsFile {
    /// The form of this file; 1.
    #[schemars(required, range(min = 1, max = 1))]
    version: Option<Placed<u64>>,
    /// The workspace's random id, written by `greenlit init`. It is part of everything that is approved: do not change it.
    #[schemars(required)]
    workspace: Option<Placed<String>>,
    /// The zone of times written without one: `Europe/Berlin`. UTC where it is not given.
    #[serde(default)]
    timezone: Option<Placed<String>>,
    /// The branch whose posts are published: `main`.
    #[serde(default)]
    trusted: Option<Placed<String>>,
    /// The git remote to fetch from and push to: `origin`.
    #[serde(default)]
    remote: Option<Placed<String>>,
    /// The ledger's first commit, written by `greenlit init`.
    #[serde(default)]
    ledger: Option<Placed<String>>,
    /// A delivery later than this is held for a person, on accounts that do not say otherwise: `6h`.
    #[serde(default)]
    late_after: Option<Placed<String>>,
    /// For so long, the same text goes to an account once, on accounts that do not say otherwise: `30d`; `0` for no limit.
    #[serde(default)]
    duplicate_window: Option<Placed<String>>,
    /// The zone of an account's readers, in which its days, hours and weekdays are meant; `timezone` where it is not given.
    #[serde(default)]
    audience: Option<Placed<String>>,
    /// Two posts to an account are so far apart, on accounts that do not say otherwise: `2h`.
    #[serde(default)]
    min_gap: Option<Placed<String>>,
    /// No day has more posts, on accounts that do not say otherwise: `3`.
    #[serde(default)]
    max_per_day: Option<Placed<u64>>,
    /// Every week has so many posts, on accounts that do not say otherwise: `2`.
    #[serde(default)]
    min_per_week: Option<Placed<u64>>,
    /// The hours in which nothing goes out, on accounts that do not say otherwise: `["22:00-07:00"]`.
    #[serde(default)]
    quiet: Option<Placed<OneOrMany>>,
    /// The weekdays on which something may go out, on accounts that do not say otherwise: `["mon-fri"]`.
    #[serde(default)]
    weekdays: Option<Placed<OneOrMany>>,
    /// The accounts, by name: `bluesky/acme`.
    #[serde(default)]
    accounts: Named<Placed<AccountFile>>,
    /// Names for several accounts, which a post's `to` may use.
    #[serde(default)]
    groups: Named<OneOrMany>,
    /// How bad it is what `greenlit check` finds, by the rule's code: `"error"`, `"warning"`, `"info"` or `"off"`.
    #[serde(default)]
    check: Named<Placed<String>>,
    /// The campaigns, by name, and their days. Where any are listed, a post names one of them.
    #[serde(default)]
    campaigns: Named<CampaignFile>,
    /// Times in which nothing goes out. Holidays may stand in `calendar/` too.
    #[serde(default)]
    blackout: Vec<Placed<BlackoutFile>>,
}

/// Where `greenlit.toml` stands.
pub const PATH: &str = "greenlit.toml";
const LATE_AFTER: Duration = Duration::from_secs(6 * 3600);
const DUPLICATE_WINDOW: Duration = Duration::from_secs(30 * 24 * 3600);

/// Reads a `greenlit.toml`. The settings are given even where there are errors, as far as they can be known, so that
/// posts can be held against them; with an error among the findings they are good for nothing else.
pub fn read(bytes: &[u8], networks: &[NetworkSpec]) -> (Option<Settings>, Vec<Finding>) {
    let mut findings = Vec::new();
    let readable = text::read(PATH, bytes, &mut findings);
    let settings = toml::read(&readable.source, &readable.text, &mut findings)
        .and_then(|root| typed::read::<SettingsFile>(root, Area::Settings, &readable.source, &mut findings))
        .map(|(file, taken)| {
            Check { source: &readable.source, networks, taken, findings: &mut findings }.settings(file)
        });
    (settings, findings)
}

struct Check<'a> {
    source: &'a Arc<Source>,
    networks: &'a [NetworkSpec],
    taken: Taken,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn error(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::error(code, self.source, span.clone(), message).label("here").help(help));
    }

    fn settings(&mut self, file: SettingsFile) -> Settings {
        self.version(file.version.as_ref());
        let workspace = self.workspace(file.workspace);
        let timezone = file.timezone.and_then(|name| self.timezone(&name)).unwrap_or(Tz::UTC);
        let trusted = self.git_name(file.trusted, "main");
        let remote = self.git_name(file.remote, "origin");
        let ledger = file.ledger.and_then(|pin| self.ledger(pin));
        let rhythm = RhythmFile {
            audience: file.audience,
            min_gap: file.min_gap,
            max_per_day: file.max_per_day,
            min_per_week: file.min_per_week,
            quiet: file.quiet,
            weekdays: file.weekdays,
        };
        let usual = Usual {
            rhythm: self.rhythm(rhythm, &Rhythm { audience: timezone, ..Rhythm::default() }),
            late_after: file.late_after.and_then(|text| self.duration(&text)).unwrap_or(LATE_AFTER),
            duplicate_window: file.duplicate_window.and_then(|text| self.window(&text)).unwrap_or(DUPLICATE_WINDOW),
        };
        let mut accounts = BTreeMap::new();
        let mut folders = BTreeMap::new();
        for (name, account) in file.accounts.0 {
            if let Some(account) = self.account(&name, account, &usual, &mut folders) {
                accounts.insert(account.name.clone(), account);
            }
        }
        let groups = self.groups(file.groups, &accounts);
        let check = file.check.0.into_iter().map(|(code, level)| self.level(code, level)).collect();
        let campaigns = self.campaigns(file.campaigns);
        let blackouts = self.blackouts(file.blackout, timezone, &accounts);
        Settings { workspace, timezone, trusted, remote, ledger, accounts, groups, check, campaigns, blackouts }
    }

    fn version(&mut self, version: Option<&Placed<u64>>) {
        match version {
            Some(version) if version.value == 1 => {}
            Some(version) => self.error(
                "settings/version",
                &version.span,
                format!("this program knows version 1, not {}", version.value),
                "write `version = 1`, or use a newer greenlit",
            ),
            None if self.taken.holds(&(0..0), "version") => {}
            None => self.error(Area::Settings.missing_key(), &(0..0), "`version` is missing", "write `version = 1`"),
        }
    }

    fn workspace(&mut self, id: Option<Placed<String>>) -> String {
        let Some(id) = id else {
            if !self.taken.holds(&(0..0), "workspace") {
                let help = "run `greenlit init`, which writes a random one";
                self.error(Area::Settings.missing_key(), &(0..0), "`workspace` is missing", help);
            }
            return String::new();
        };
        let good =
            id.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && (8..=64).contains(&id.value.len());
        if !good {
            let message = format!("{} is no workspace id", suggest::quote(&id.value));
            let help = "write the id that `greenlit init` gave: 8 to 64 letters, digits and `-`";
            self.error("settings/workspace", &id.span, message, help);
        }
        id.value
    }

    fn timezone(&mut self, name: &Placed<String>) -> Option<Tz> {
        match time::named_zone(&name.value) {
            Ok(zone) => Some(zone),
            Err(fault) => {
                self.error("settings/unknown-zone", &name.span, fault.message, fault.help);
                None
            }
        }
    }

    /// A branch or a remote, by the strictest of git's rules for names (git-check-ref-format(1), checked 2026-11-21).
    fn git_name(&mut self, name: Option<Placed<String>>, default: &str) -> String {
        let Some(name) = name else { return default.to_owned() };
        let text = name.value.as_str();
        let bad_sign =
            |c: char| c.is_control() || c.is_whitespace() || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\');
        let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
        if text.starts_with('-')
            || text.ends_with('.')
            || text.contains("..")
            || text.contains("@{")
            || text.contains(bad_sign)
            || text.split('/').any(bad_part)
            || text.starts_with("refs/")
        {
            let message = format!("{} is no name that git knows", suggest::quote(text));
            self.error("settings/git-name", &name.span, message, format!("write a name such as `{default}`"));
        } else if text.starts_with("greenlit/") {
            let message = format!("{} is kept for approvals and the ledger", suggest::quote(text));
            self.error("settings/git-name", &name.span, message, "name the branch that holds the posts: `main`");
        }
        name.value
    }

    fn ledger(&mut self, pin: Placed<String>) -> Option<String> {
        let hex = pin.value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if hex && matches!(pin.value.len(), 40 | 64) {
            return Some(pin.value);
        }
        let message = format!("{} is no commit", suggest::quote(&pin.value));
        let help = "write all 40 (or 64) hex digits of the ledger's first commit, in small letters";
        self.error("settings/ledger", &pin.span, message, help);
        None
    }

    fn duration(&mut self, text: &Placed<String>) -> Option<Duration> {
        match time::duration(&text.value) {
            Ok(duration) => Some(duration),
            Err(help) => {
                let message = format!("{} is no length of time", suggest::quote(&text.value));
                self.error("settings/duration", &text.span, message, help);
                None
            }
        }
    }

    /// A length of time, or `0`.
    fn window(&mut self, text: &Placed<String>) -> Option<Duration> {
        if text.value.trim() == "0" { Some(Duration::ZERO) } else { self.duration(text) }
    }

    fn level(&self, code: Placed<String>, level: Placed<String>) -> SetLevel {
        SetLevel {
            code: code.value,
            level: level.value,
            source: Arc::clone(self.source),
            code_span: code.span,
            level_span: level.span,
        }
    }

    fn groups(
        &mut self,
        file: Named<OneOrMany>,
        accounts: &BTreeMap<AccountName, Account>,
    ) -> BTreeMap<String, Vec<AccountName>> {
        let known: Vec<&str> = accounts.keys().map(AccountName::as_str).collect();
        let mut groups = BTreeMap::new();
        for (name, members) in file.0 {
            if name.value.contains('/') || name.value.trim().is_empty() {
                let message = format!("{} is no name for a group", suggest::quote(&name.value));
                self.error("settings/group", &name.span, message, "write a word without `/`: `everywhere`");
            }
            if members.0.is_empty() {
                let message = format!("the group {} is empty", suggest::quote(&name.value));
                self.error("settings/group", &name.span, message, "name its accounts, or remove it");
            }
            let mut seen = BTreeSet::new();
            let mut group = Vec::new();
            for member in members.0 {
                match AccountName::new(&member.value).ok().filter(|account| accounts.contains_key(account)) {
                    Some(account) => {
                        if seen.insert(account.clone()) {
                            group.push(account);
                        }
                    }
                    None => {
                        let message = format!("there is no account {}", suggest::quote(&member.value));
                        let help = suggest::help(&member.value, "accounts", &known);
                        self.error("settings/unknown-account", &member.span, message, help);
                    }
                }
            }
            groups.insert(name.value, group);
        }
        groups
    }
}

#[cfg(test)]
mod tests;
