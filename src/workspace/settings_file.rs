//! `greenlit.toml` as it is written, and the way from there to [`Settings`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use url::Url;

use super::finding::Finding;
use super::located::{Named, OneOrMany, Placed, without_null};
use super::names::AccountName;
use super::settings::{Account, NetworkSpec, Settings, Template};
use super::source::Source;
use super::typed::{self, Area, Taken};
use super::{path, suggest, text, time, toml};

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
    /// The accounts, by name: `bluesky/acme`.
    #[serde(default)]
    accounts: Named<Placed<AccountFile>>,
    /// Names for several accounts, which a post's `to` may use.
    #[serde(default)]
    groups: Named<OneOrMany>,
}

/// One account.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct AccountFile {
    /// The account's own server, for networks with servers: `https://mastodon.example`.
    #[serde(default)]
    server: Option<Placed<String>>,
    /// The account's own server, as Bluesky calls it: `https://bsky.social`.
    #[serde(default)]
    service: Option<Placed<String>>,
    /// Who the account is there: `acme.example` (Bluesky), `acme` (Mastodon).
    #[serde(default)]
    handle: Option<Placed<String>>,
    /// The folder of an outbox, from the workspace's root: `public`.
    #[serde(default)]
    path: Option<Placed<String>>,
    /// The address where an outbox's folder is served: `https://news.acme.example`.
    #[serde(default)]
    url: Option<Placed<String>>,
    /// An outbox's title, for people.
    #[serde(default)]
    title: Option<Placed<String>>,
    /// A template around each text.
    #[serde(default)]
    template: Option<Placed<String>>,
    /// A delivery later than this is held for a person: `6h`.
    #[serde(default)]
    late_after: Option<Placed<String>>,
    /// For so long, the same text goes out once: `30d`; `0` for no limit.
    #[serde(default)]
    duplicate_window: Option<Placed<String>>,
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

/// What holds for accounts that do not say otherwise.
struct Patience {
    late_after: Duration,
    duplicate_window: Duration,
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
        let usual = Patience {
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
        Settings { workspace, timezone, trusted, remote, ledger, accounts, groups }
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

    /// An account; where some of it is wrong, what is right of it.
    fn account(
        &mut self,
        key: &Placed<String>,
        file: Placed<AccountFile>,
        usual: &Patience,
        folders: &mut BTreeMap<String, AccountName>,
    ) -> Option<Account> {
        let Placed { value: file, span: table } = file;
        let name = match AccountName::new(&key.value) {
            Ok(name) => name,
            Err(why) => {
                let message = format!("{} is no account: {why}", suggest::quote(&key.value));
                self.error("settings/account-name", &key.span, message, "write [accounts.\"network/name\"]");
                return None;
            }
        };
        let networks: Vec<&str> = self.networks.iter().map(|spec| spec.network).collect();
        match self.networks.iter().find(|spec| spec.network == name.network()).copied() {
            Some(spec) => self.keys(key, &file, &table, &spec),
            None => {
                let message = format!("there is no network {}", suggest::quote(name.network()));
                let help = suggest::help(name.network(), "networks", &networks);
                self.error("settings/unknown-network", &key.span, message, help);
            }
        }
        let path = file.path.and_then(|path| self.folder(path, &name, folders));
        Some(Account {
            server: file.server.or(file.service).and_then(|server| self.server(&server)),
            handle: file.handle.and_then(|handle| self.handle(handle)),
            path,
            url: file.url.and_then(|url| self.url(&url)),
            title: file.title.map(|title| title.value),
            template: file.template.map(|template| self.template(template)),
            late_after: file.late_after.and_then(|text| self.duration(&text)).unwrap_or(usual.late_after),
            duplicate_window: file
                .duplicate_window
                .and_then(|text| self.window(&text))
                .unwrap_or(usual.duplicate_window),
            name,
        })
    }

    fn template(&self, template: Placed<String>) -> Template {
        Template { text: template.value, source: Arc::clone(self.source), span: template.span }
    }

    /// The keys that the network asks for, and no others.
    fn keys(&mut self, key: &Placed<String>, file: &AccountFile, table: &Range<usize>, spec: &NetworkSpec) {
        let written = [
            ("server", &file.server),
            ("service", &file.service),
            ("handle", &file.handle),
            ("path", &file.path),
            ("url", &file.url),
            ("title", &file.title),
        ];
        for required in spec.required {
            let there = written.iter().any(|(name, value)| name == required && value.is_some());
            if !there && !self.taken.holds(table, required) {
                let message = format!("{} needs `{required}`", suggest::quote(&key.value));
                let help = match *required {
                    "server" | "service" => format!("add `{required} = \"https://…\"`, the account's own server"),
                    "handle" => "add `handle = \"…\"`, the account's name on its server".to_owned(),
                    "path" => "add `path = \"public\"`, the folder that is written".to_owned(),
                    other => format!("add `{other} = \"…\"`"),
                };
                self.error(Area::Settings.missing_key(), &key.span, message, help);
            }
        }
        let known: Vec<&str> = spec
            .required
            .iter()
            .chain(spec.optional)
            .copied()
            .chain(["template", "late_after", "duplicate_window"])
            .collect();
        for (name, value) in written {
            if let (Some(value), false) = (value, known.contains(&name)) {
                let message = format!("accounts of {} have no `{name}`", spec.network);
                let help = format!("remove it; the keys are {}", suggest::list(known.iter().copied()));
                self.error("settings/unknown-key", &value.span, message, help);
            }
        }
    }

    /// An origin: `https://host[:port]`; plain http for this very machine alone.
    fn server(&mut self, text: &Placed<String>) -> Option<String> {
        let fault = |message: &str, help: &str| Err((message.to_owned(), help.to_owned()));
        let checked = match address(&text.value) {
            Err(fault) => Err(fault),
            Ok(url) if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => {
                fault("a server is named without a path", &format!("write `{}`", url.origin().ascii_serialization()))
            }
            Ok(url) => Ok(url.origin().ascii_serialization()),
        };
        checked.map_err(|(message, help)| self.error("settings/server", &text.span, message, help)).ok()
    }

    fn url(&mut self, text: &Placed<String>) -> Option<String> {
        let checked = match address(&text.value) {
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                Err(("the address of a site has no `?` or `#`".to_owned(), "write where the site begins".to_owned()))
            }
            checked => checked,
        };
        match checked {
            Ok(url) => Some(url.as_str().trim_end_matches('/').to_owned()),
            Err((message, help)) => {
                self.error("settings/url", &text.span, message, help);
                None
            }
        }
    }

    fn handle(&mut self, handle: Placed<String>) -> Option<String> {
        let bare = handle.value.trim_start_matches('@');
        let sign = handle.value.chars().find(|c| c.is_whitespace() || c.is_control() || matches!(c, '/' | '@'));
        if bare.is_empty() || sign.is_some() {
            let message = format!("{} is no handle", suggest::quote(&handle.value));
            let bare = bare.split('@').next().unwrap_or_default();
            let help = match bare {
                "" => "write the account's name on its server: `acme`".to_owned(),
                bare => format!("write it without `@` and server: `{bare}`"),
            };
            self.error("settings/handle", &handle.span, message, help);
            return None;
        }
        Some(handle.value)
    }

    /// An outbox's folder: inside the workspace, and none that holds something else.
    fn folder(
        &mut self,
        folder: Placed<String>,
        account: &AccountName,
        folders: &mut BTreeMap<String, AccountName>,
    ) -> Option<String> {
        if let Err((message, help)) = path::check(&folder.value) {
            self.error("settings/path", &folder.span, message, help);
            return None;
        }
        let top = folder.value.split('/').next().unwrap_or_default().to_lowercase();
        if matches!(top.as_str(), "posts" | PATH | "roles.toml") {
            let message = format!("{} holds the workspace itself", suggest::quote(&folder.value));
            self.error("settings/path", &folder.span, message, "choose a folder of its own: `public`");
            return None;
        }
        if let Some(other) = folders.insert(folder.value.to_lowercase(), account.clone()) {
            let message = format!("{other} writes into this folder too");
            self.error("settings/path", &folder.span, message, "give each outbox a folder of its own");
        }
        Some(folder.value)
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

/// An `https` address without credentials; `http` for this very machine alone.
fn address(text: &str) -> Result<Url, (String, String)> {
    let quoted = suggest::quote(text);
    let url = Url::parse(text)
        .map_err(|_| (format!("{quoted} is no address"), "write it in full: `https://mastodon.example`".to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "an address must not hold a password".to_owned(),
            "remove what stands before the `@`; secrets come from the environment".to_owned(),
        ));
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_loopback(&host) => Ok(url),
        ("http", Some(host)) => {
            Err(("plain http is for this machine alone".to_owned(), format!("write `https://{host}`")))
        }
        _ => Err((format!("{quoted} is no https address"), "write it in full: `https://mastodon.example`".to_owned())),
    }
}

fn is_loopback(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(name) => *name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORKS: &[NetworkSpec] = &[
        NetworkSpec { network: "bluesky", required: &["service", "handle"], optional: &[] },
        NetworkSpec { network: "mastodon", required: &["server", "handle"], optional: &[] },
        NetworkSpec { network: "outbox", required: &["path"], optional: &["url", "title"] },
    ];

    fn faults(text: &str) -> Vec<(&'static str, usize, String)> {
        let (_, findings) = read(text.as_bytes(), NETWORKS);
        findings.iter().map(|f| (f.code, f.place().line, text[f.span.clone()].to_owned())).collect()
    }

    #[test]
    fn a_good_one() {
        let text = r#"
            version = 1
            workspace = "0197c7b2-0000-7000-8000-000000000000"
            timezone = "Europe/Berlin"
            late_after = "1d"
            duplicate_window = "7d"
            [accounts."bluesky/acme"]
            service = "https://bsky.social/"
            handle = "acme.example"
            [accounts."mastodon/acme"]
            server = "http://127.0.0.1:3000"
            handle = "acme"
            late_after = "30m"
            duplicate_window = "0"
            [accounts."outbox/site"]
            path = "public"
            url = "https://news.acme.example/all/"
            [groups]
            everywhere = ["bluesky/acme", "mastodon/acme", "outbox/site"]
        "#;
        let (settings, findings) = read(text.as_bytes(), NETWORKS);
        assert_eq!(findings, []);
        let settings = settings.unwrap();
        let account = |name: &str| settings.accounts[&AccountName::new(name).unwrap()].clone();
        assert_eq!(account("bluesky/acme").server.as_deref(), Some("https://bsky.social"));
        assert_eq!(account("bluesky/acme").late_after, Duration::from_secs(86_400));
        assert_eq!(account("mastodon/acme").late_after, Duration::from_secs(1_800));
        assert_eq!(account("bluesky/acme").duplicate_window, Duration::from_secs(7 * 86_400));
        assert_eq!(account("mastodon/acme").duplicate_window, Duration::ZERO);
        assert_eq!(account("outbox/site").url.as_deref(), Some("https://news.acme.example/all"));
        assert_eq!((settings.trusted.as_str(), settings.remote.as_str()), ("main", "origin"));
        assert_eq!(settings.groups["everywhere"].len(), 3);
    }

    #[test]
    fn every_fault_in_one_run() {
        let text = "\
version = 2
workspace = \"x\"
timezone = \"Europe/Berlni\"
trusted = \"greenlit/ledger\"
ledger = \"abc\"
colour = 1
[accounts.\"blusky/acme\"]
handle = \"a\"
[accounts.\"bluesky/acme\"]
service = \"http://bsky.social\"
handle = \"@acme@bsky.social\"
path = \"x\"
late_after = \"6 hours\"
[accounts.\"mastodon/acme\"]
server = \"https://me:pw@mastodon.example/x\"
handle = 5
[accounts.\"outbox/a\"]
path = \"posts/x\"
[accounts.\"outbox/b\"]
path = \"../b\"
[accounts.\"outbox/c\"]
[accounts.outbox]
[groups]
all = [\"bluesky/acm\", \"outbox/a\"]
";
        let expected = [
            ("settings/unknown-key", 6, "colour"),
            ("settings/wrong-type", 16, "5"),
            ("settings/version", 1, "2"),
            ("settings/workspace", 2, "\"x\""),
            ("settings/unknown-zone", 3, "\"Europe/Berlni\""),
            ("settings/git-name", 4, "\"greenlit/ledger\""),
            ("settings/ledger", 5, "\"abc\""),
            ("settings/unknown-network", 7, "\"blusky/acme\""),
            ("settings/unknown-key", 12, "\"x\""),
            ("settings/server", 10, "\"http://bsky.social\""),
            ("settings/handle", 11, "\"@acme@bsky.social\""),
            ("settings/duration", 13, "\"6 hours\""),
            ("settings/server", 15, "\"https://me:pw@mastodon.example/x\""),
            ("settings/path", 18, "\"posts/x\""),
            ("settings/path", 20, "\"../b\""),
            ("settings/missing-key", 21, "\"outbox/c\""),
            ("settings/account-name", 22, "outbox"),
            ("settings/unknown-account", 24, "\"bluesky/acm\""),
        ];
        let mut found = faults(text);
        let mut expected: Vec<_> = expected.iter().map(|(c, l, t)| (*c, *l, (*t).to_owned())).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}
