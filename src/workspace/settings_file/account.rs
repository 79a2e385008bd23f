//! The accounts in `greenlit.toml`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use url::Url;

use super::rhythm::{RhythmFile, Usual};
use super::{Check, PATH};
use crate::workspace::located::{OneOrMany, Placed, without_null};
use crate::workspace::names::AccountName;
use crate::workspace::settings::{Account, Most, NetworkSpec, Template};
use crate::workspace::typed::Area;
use crate::workspace::{path, suggest};

/// One account.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct AccountFile {
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
    /// The zone of those who read it, in which days, hours and weekdays are meant.
    #[serde(default)]
    audience: Option<Placed<String>>,
    /// Two posts are so far apart: `2h`.
    #[serde(default)]
    min_gap: Option<Placed<String>>,
    /// No day has more posts: `3`.
    #[serde(default)]
    max_per_day: Option<Placed<u64>>,
    /// Every week has so many posts: `2`.
    #[serde(default)]
    min_per_week: Option<Placed<u64>>,
    /// The hours in which nothing goes out: `["22:00-07:00"]`.
    #[serde(default)]
    quiet: Option<Placed<OneOrMany>>,
    /// The weekdays on which something may go out: `["mon-fri"]`.
    #[serde(default)]
    weekdays: Option<Placed<OneOrMany>>,
    /// One message has no more hashtags: `3`.
    #[serde(default)]
    max_hashtags: Option<Placed<u64>>,
    /// One message names no more people: `5`.
    #[serde(default)]
    max_mentions: Option<Placed<u64>>,
    /// One message has no more links: `1`.
    #[serde(default)]
    max_links: Option<Placed<u64>>,
    /// No film plays longer: `3m`.
    #[serde(default)]
    max_film: Option<Placed<String>>,
}

impl Check<'_> {
    /// An account; where some of it is wrong, what is right of it.
    pub(super) fn account(
        &mut self,
        key: &Placed<String>,
        file: Placed<AccountFile>,
        usual: &Usual,
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
        let rhythm = RhythmFile {
            audience: file.audience,
            min_gap: file.min_gap,
            max_per_day: file.max_per_day,
            min_per_week: file.min_per_week,
            quiet: file.quiet,
            weekdays: file.weekdays,
        };
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
            rhythm: self.rhythm(rhythm, &usual.rhythm),
            most: Most {
                hashtags: file.max_hashtags.map(number),
                mentions: file.max_mentions.map(number),
                links: file.max_links.map(number),
                film: file.max_film.and_then(|text| self.duration(&text)),
            },
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
            .chain(["max_hashtags", "max_mentions", "max_links", "max_film"])
            .chain(RhythmFile::KEYS)
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
}

fn number(most: Placed<u64>) -> usize {
    usize::try_from(most.value).unwrap_or(usize::MAX)
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
