//! The files that `init` writes.

use chrono_tz::Tz;

use super::accounts::Wanted;
use super::person::Me;
use crate::workspace::EvidenceMode;

/// What approvals bind is bytes: git must not change line ends.
pub const ATTRIBUTES: &str =
    "# Approvals are given to exact bytes. Films are never packed as differences, which takes all of them into memory.
posts/** -text
assets/** -text -delta
";

/// What `greenlit.toml` says.
pub struct Settings<'a> {
    /// The random id.
    pub workspace: &'a str,
    /// What readers of an outbox see above its posts.
    pub title: &'a str,
    /// The branch.
    pub trusted: &'a str,
    /// The ledger's first commit.
    pub ledger: &'a str,
    /// The accounts.
    pub accounts: &'a [Wanted],
}

impl Settings<'_> {
    /// `greenlit.toml`
    pub fn text(&self) -> String {
        let zone = quoted(zone_here().name());
        let workspace = quoted(self.workspace);
        let trusted = quoted(self.trusted);
        let ledger = quoted(self.ledger);
        let mut text = format!(
            "version = 1
# Random. Part of all that is approved: an approval cannot be carried to another workspace.
workspace = {workspace}
# For times written without a zone.
timezone = {zone}
# Posts, settings and roles count when they stand on this branch.
trusted = {trusted}
# The ledger's first commit. A ledger that does not begin there is refused.
ledger = {ledger}
"
        );
        for account in self.accounts {
            if account.name.network() == "outbox" {
                text += "\n# A static site with feeds, in this folder.";
            }
            text += &format!("\n[accounts.{}]\n", quoted(account.name.as_str()));
            for (key, value) in &account.keys {
                text += &format!("{key} = {}\n", quoted(value));
            }
            if account.name.network() == "outbox" {
                text += &format!("title = {}\n", quoted(self.title));
            }
        }
        for (network, example) in EXAMPLES {
            if !self.accounts.iter().any(|account| account.name.network() == network) {
                text += example;
            }
        }
        text
    }
}

const EXAMPLES: [(&str, &str); 3] = [
    (
        "bluesky",
        "
# [accounts.\"bluesky/acme\"]          # an app password in GREENLIT_BLUESKY_ACME_PASSWORD
# service = \"https://bsky.social\"
# handle = \"acme.example\"
",
    ),
    (
        "mastodon",
        "
# [accounts.\"mastodon/acme\"]         # an access token in GREENLIT_MASTODON_ACME_TOKEN
# server = \"https://mastodon.example\"
# handle = \"acme\"
",
    ),
    (
        "webhook",
        "
# [accounts.\"webhook/make\"]          # the receiver's secret address in GREENLIT_WEBHOOK_MAKE_URL
",
    ),
];

/// `roles.toml` for one person.
pub fn roles(me: &Me, evidence: EvidenceMode) -> String {
    let id = key(&me.id);
    let (name, email, person) = (quoted(&me.name), quoted(&me.email), quoted(&me.id));
    let keys = me.key.iter().map(|found| quoted(&found.key)).collect::<Vec<_>>().join(", ");
    let evidence = match evidence {
        EvidenceMode::Signed => {
            "# Who approved is who owns the SSH key that signed the approval.\nevidence = \"signed\""
        }
        EvidenceMode::SignOff => {
            "# Names and addresses are taken at their word. \"signed\" asks for SSH signatures.\nevidence = \"sign-off\""
        }
    };
    format!(
        "version = 1

[people.{id}]
name = {name}
emails = [{email}]
keys = [{keys}]

[roles]
editor = [{person}]
# May change greenlit.toml and this file, and lift other people's rejections.
admin = [{person}]

[policy]
{evidence}
# You are alone here, so your own yes counts for your own posts.
# Set it to false as soon as a second person joins.
author_may_approve = true

# The first workflow whose `when` matches a post is used. One without `when` matches all.
# [[workflow]]
# name = \"prices\"
# when = {{ labels = [\"pricing\"] }}
# stages = [
#   {{ role = \"editor\", within = \"24h\" }},
#   {{ role = \"legal\", within = \"48h\", escalate_to = \"admin\" }},
# ]

[[workflow]]
name = \"default\"
stages = [{{ role = \"editor\" }}]

# Keys with an end, absences with stand-ins, rotas, who may edit, hold and publish:
# `greenlit schema roles` has all keys, and `greenlit roles` tells this file in words.
"
    )
}

/// A first post to edit.
pub fn first_post(accounts: &[Wanted]) -> String {
    let to: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    format!(
        "---
title: Our first post
to: [{}]
---
Hello! This is our first post from a git repository.
Nothing goes out until it's greenlit.
",
        to.join(", ")
    )
}

/// Lines for `.gitignore`: the sites that outboxes write are made from the ledger at any time.
pub fn ignored(accounts: &[Wanted]) -> String {
    let outboxes = accounts.iter().filter(|account| account.name.network() == "outbox");
    outboxes.flat_map(|account| &account.keys).map(|(_, path)| format!("/{}/\n", path.trim_matches('/'))).collect()
}

/// The zone of this machine: `TZ` where it names one, then the system's setting, else UTC.
fn zone_here() -> Tz {
    let named = std::env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
    let system = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    named.or_else(system).unwrap_or(Tz::UTC)
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { text.to_owned() } else { quoted(text) }
}
