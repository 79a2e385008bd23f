//! `[people]`: names, addresses, keys and absences.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::super::forge::ForgeKind;
use super::super::located::{Named, Placed, without_null};
use super::super::roles::{Away, ForgeAccount, OwnedKey, Person, PersonId};
use super::super::{keys, names, suggest};
use super::Check;
use super::dates::BareDate;

/// One human being, or a program.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct PersonFile {
    /// For people: `Noor Haddad`.
    #[serde(default)]
    name: Option<String>,
    /// E-mail addresses that the person commits with.
    #[serde(default)]
    emails: Vec<Placed<String>>,
    /// SSH public keys that the person signs with: `ssh-ed25519 AAAA…`, or a table for a key with an end.
    #[serde(default)]
    keys: Vec<Placed<KeyFile>>,
    /// The person on GitHub.
    #[serde(default)]
    github: Option<AccountFile>,
    /// The person on GitLab.
    #[serde(default)]
    gitlab: Option<AccountFile>,
    /// The person on Forgejo, Codeberg or Gitea.
    #[serde(default)]
    forgejo: Option<AccountFile>,
    /// A program, not a human being: its decisions never count.
    #[serde(default)]
    bot: bool,
    /// When the person is away, and who stands in.
    #[serde(default)]
    away: Vec<Placed<AwayFile>>,
}

/// A key: the line of its file `.pub`, or that with the time in which it counts.
#[derive(Debug, Clone)]
struct KeyFile(KeyTable);

/// A key with the time in which it counts.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null, rename = "KeyFile")]
struct KeyTable {
    /// The key: `ssh-ed25519 AAAA…`.
    key: Placed<String>,
    /// It counts from then on; a day begins at midnight UTC.
    #[serde(default)]
    not_before: Option<Placed<String>>,
    /// It counts until then; a day is counted whole, to midnight UTC.
    #[serde(default)]
    not_after: Option<Placed<String>>,
    /// Nothing that it signed counts any more: `true` at once, a date from then on.
    #[serde(default)]
    revoked: Option<Placed<RevokedFile>>,
}

/// Whether, or from when on, a key is revoked.
#[derive(Debug, Clone)]
enum RevokedFile {
    Always(bool),
    Since(String),
}

/// An absence.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct AwayFile {
    /// The first day, in the workspace's zone: `2026-12-24`.
    from: Placed<String>,
    /// The last day.
    to: Placed<String>,
    /// Who may decide instead, by short name.
    #[serde(default)]
    stand_in: Option<Placed<String>>,
}

/// A person on a forge. The number stays when the login changes hands.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct AccountFile {
    /// The login: `noor-h`.
    login: Placed<String>,
    /// The account's number.
    id: Placed<u64>,
}

fn account_on(forge: ForgeKind) -> &'static str {
    match forge {
        ForgeKind::Github => "GitHub account",
        ForgeKind::Gitlab => "GitLab account",
        ForgeKind::Forgejo => "Forgejo account",
    }
}

impl Check<'_> {
    pub(super) fn people(&mut self, file: Named<PersonFile>) -> BTreeMap<PersonId, Person> {
        let mut people = BTreeMap::new();
        let mut away = Vec::new();
        let mut emails = Owners::new("address");
        let mut keys = Owners::new("key");
        let mut accounts = ForgeKind::ALL.map(|forge| Owners::new(account_on(forge)));
        for (id, person) in file.0 {
            if let Err(why) = names::checked(&id.value) {
                let message = format!("{} is no short name: {why}", suggest::quote(&id.value));
                self.error("roles/person-name", &id.span, message, "write a word, such as [people.noor]");
            }
            let mut checked = Person { name: person.name.unwrap_or_default(), bot: person.bot, ..Person::default() };
            for email in person.emails {
                let address = email.value.trim().to_lowercase();
                if !looks_like_email(&address) {
                    let message = format!("{} is no e-mail address", suggest::quote(&email.value));
                    self.error("roles/email", &email.span, message, "write it as `noor@example.com`");
                } else if self.first(&mut emails, &address, &id.value, &email.span) {
                    checked.emails.push(address);
                }
            }
            for key in person.keys {
                self.key(key, &id.value, &mut keys, &mut checked.keys);
            }
            let files = [person.github, person.gitlab, person.forgejo];
            for ((forge, file), owners) in ForgeKind::ALL.into_iter().zip(files).zip(&mut accounts) {
                if let Some(file) = file {
                    checked.accounts.insert(forge, self.account(forge, file, &id.value, owners));
                }
            }
            away.push((id.value.clone(), person.away));
            people.insert(id.value, checked);
        }
        for (person, absences) in away {
            let absences = self.absences(&person, absences, &people);
            if let Some(person) = people.get_mut(&person) {
                person.away = absences;
            }
        }
        people
    }

    fn key(&mut self, file: Placed<KeyFile>, person: &str, owners: &mut Owners, keys: &mut Vec<OwnedKey>) {
        let Placed { value: KeyFile(file), span } = file;
        // A key that is only text stands where the whole value stands.
        let span = if file.key.span.is_empty() { span } else { file.key.span };
        let key = match keys::normalised(&file.key.value) {
            Ok(key) => key,
            Err((message, help)) => return self.error("roles/key", &span, message, help),
        };
        let mut owned = OwnedKey::from(key);
        owned.not_before = file.not_before.as_ref().and_then(|at| self.moment(&at.value, &at.span, BareDate::Begin));
        owned.not_after = file.not_after.as_ref().and_then(|at| self.moment(&at.value, &at.span, BareDate::End));
        owned.revoked = file.revoked.and_then(|revoked| self.revoked(&revoked));
        if let (Some(begin), Some(end), Some(place)) = (owned.not_before, owned.not_after, &file.not_after)
            && end <= begin
        {
            let message = "this key ends before it begins, and so never counts";
            self.error("roles/key-dates", &place.span, message, "write a `not_after` that comes after `not_before`");
        }
        if keys.iter().any(|other| other.key == owned.key && *other != owned) {
            let message = "this key stands here twice, with different dates";
            self.error(
                "roles/twice",
                &span,
                message,
                "keep one of them; to revoke a key, write `revoked = true` there",
            );
        } else if self.first(owners, &owned.key.0, person, &span) {
            keys.push(owned);
        }
    }

    fn revoked(&mut self, file: &Placed<RevokedFile>) -> Option<DateTime<Utc>> {
        match &file.value {
            RevokedFile::Always(true) => Some(DateTime::<Utc>::MIN_UTC),
            RevokedFile::Always(false) => None,
            RevokedFile::Since(text) => self.moment(text, &file.span, BareDate::Begin),
        }
    }

    fn account(&mut self, forge: ForgeKind, file: AccountFile, person: &str, logins: &mut Owners) -> ForgeAccount {
        let AccountFile { login, id } = file;
        let (code, numbers) = match forge {
            ForgeKind::Github => ("roles/github", "https://api.github.com/users/LOGIN"),
            ForgeKind::Gitlab => ("roles/gitlab", "https://gitlab.com/api/v4/users?username=LOGIN"),
            ForgeKind::Forgejo => ("roles/forgejo", "https://SERVER/api/v1/users/LOGIN"),
        };
        if login.value.trim().is_empty() {
            self.error(code, &login.span, "the login is empty", "write `login = \"noor-h\"`");
        }
        if id.value == 0 {
            let help = format!("write the number that {numbers} gives as `id`");
            self.error(code, &id.span, format!("no {} has the number 0", account_on(forge)), help);
        }
        self.first(logins, &login.value.to_lowercase(), person, &login.span);
        self.first(logins, &id.value.to_string(), person, &id.span);
        ForgeAccount { login: login.value, id: id.value }
    }

    fn absences(
        &mut self,
        person: &str,
        file: Vec<Placed<AwayFile>>,
        people: &BTreeMap<PersonId, Person>,
    ) -> Vec<Away> {
        let mut absences: Vec<Away> = Vec::new();
        for Placed { value: away, span } in file {
            let (from, to) = (self.day(&away.from), self.day(&away.to));
            let stand_in = away.stand_in.filter(|stand_in| self.may_stand_in(person, stand_in, people));
            let (Some(from), Some(to)) = (from, to) else { continue };
            if to < from {
                let message = format!("this absence ends on {to}, before it begins");
                self.error(
                    "roles/away",
                    &away.to.span,
                    message,
                    format!("write a day from {from} on: both are included"),
                );
            }
            if let Some(other) = absences.iter().find(|other| other.from <= to && from <= other.to) {
                let message = format!("this absence overlaps the one from {} to {}", other.from, other.to);
                self.warning(
                    "roles/away",
                    &span,
                    message,
                    "on these days either stand-in may decide; keep one of them",
                );
            }
            absences.push(Away { from, to, stand_in: stand_in.map(|stand_in| stand_in.value) });
        }
        absences
    }

    fn may_stand_in(&mut self, person: &str, stand_in: &Placed<String>, people: &BTreeMap<PersonId, Person>) -> bool {
        if stand_in.value == person {
            let help = "name somebody else, or remove `stand_in`";
            self.error("roles/away", &stand_in.span, "nobody stands in for themselves", help);
            return false;
        }
        if !self.known_person(stand_in, people.keys()) {
            return false;
        }
        let bot = people.get(&stand_in.value).is_some_and(|one| one.bot);
        if bot {
            let message = format!("{} is a bot, whose decisions never count", suggest::quote(&stand_in.value));
            self.error("roles/away", &stand_in.span, message, "name a human being, or remove `stand_in`");
        }
        !bot
    }

    /// Notes who owns something. Whether it is the first to claim it; twice under one person is only untidy.
    fn first(&mut self, owners: &mut Owners, thing: &str, person: &str, span: &Range<usize>) -> bool {
        let what = owners.what;
        match owners.seen.get(thing) {
            None => {
                owners.seen.insert(thing.to_owned(), person.to_owned());
                true
            }
            Some(owner) if owner == person => {
                self.warning("roles/twice", span, format!("this {what} stands here twice"), "keep one of them");
                false
            }
            Some(owner) => {
                let message = format!("this {what} is {}'s already: one {what}, one person", suggest::quote(owner));
                self.error("roles/shared", span, message, "remove it from one of the two");
                false
            }
        }
    }
}

/// Things that belong to one person alone.
struct Owners {
    what: &'static str,
    seen: BTreeMap<String, PersonId>,
}

impl Owners {
    fn new(what: &'static str) -> Self {
        Self { what, seen: BTreeMap::new() }
    }
}

fn looks_like_email(text: &str) -> bool {
    let sign = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',');
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(sign)
}

impl<'de> Deserialize<'de> for KeyFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LineOrTable;
        impl<'de> Visitor<'de> for LineOrTable {
            type Value = KeyTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a table with `key`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<KeyTable, E> {
                let key = Placed::new(text.to_owned(), 0..0);
                Ok(KeyTable { key, not_before: None, not_after: None, revoked: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<KeyTable, A::Error> {
                KeyTable::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(LineOrTable).map(Self)
    }
}

impl<'de> Deserialize<'de> for RevokedFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TruthOrDate;
        impl Visitor<'_> for TruthOrDate {
            type Value = RevokedFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true` or a date")
            }

            fn visit_bool<E: Error>(self, truth: bool) -> Result<RevokedFile, E> {
                Ok(RevokedFile::Always(truth))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<RevokedFile, E> {
                Ok(RevokedFile::Since(text.to_owned()))
            }
        }
        deserializer.deserialize_any(TruthOrDate)
    }
}

impl schemars::JsonSchema for KeyFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyLineOrTable".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<KeyTable>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, table] })
    }
}

impl schemars::JsonSchema for RevokedFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RevokedFile".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["boolean", "string"] })
    }
}
