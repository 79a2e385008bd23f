//! `assets/*.toml`: under which conditions pictures and films may be used, and until when.

use std::cell::OnceCell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::accounts::Accounts;
use super::files::{FileProblem, Files};
use super::finding::Finding;
use super::located::{OneOrMany, Placed, without_null};
use super::names::AccountName;
use super::settings::Settings;
use super::source::Source;
use super::typed::{self, Area};
use super::{glob, path, suggest, text, time, toml};

/// Where the files stand, in any folder.
const FOLDER: &str = "assets";
/// Bytes that one of them may have.
const LARGEST: u64 = 1 << 20;

/// Who owns what is under `assets/`, and what may be done with it: a file `assets/*.toml`.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct RightsFile {
    /// The files that something is known of. Where several entries are about one file, all of them hold.
    #[serde(default)]
    asset: Vec<Placed<AssetFile>>,
}

/// One file, or several.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct AssetFile {
    /// The file, from the workspace's root: `assets/launch.png`; or a pattern: `assets/photos/**`.
    file: Placed<String>,
    /// Under which licence: `CC-BY-4.0`.
    #[serde(default)]
    licence: Option<String>,
    /// Whom a post has to name: `Photo: Ana Souza`.
    #[serde(default)]
    credit: Option<String>,
    /// Where it is from.
    #[serde(default)]
    source: Option<String>,
    /// The last day on which it may go out, in the workspace's zone: `2027-01-01`.
    #[serde(default)]
    expires: Option<Placed<String>>,
    /// Who is to be seen.
    #[serde(default)]
    people: Vec<PersonFile>,
    /// The accounts that may use it, as patterns: `mastodon/*`; all where it is not given.
    #[serde(default)]
    accounts: Option<Placed<OneOrMany>>,
    /// The networks that may use it.
    #[serde(default)]
    networks: Option<Placed<OneOrMany>>,
}

/// Somebody who is to be seen.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct PersonFile {
    /// The name.
    name: Placed<String>,
    /// Whether they agreed: `true`, `false`, or the day from which on they do.
    consent: Placed<ConsentFile>,
    /// The last day on which that holds.
    #[serde(default)]
    expires: Option<Placed<String>>,
}

/// Whether somebody agreed.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum ConsentFile {
    Given(bool),
    Since(String),
}

/// What is known of the rights to all files.
#[derive(Debug, Clone, Default)]
pub struct Rights(Vec<Right>);

/// The conditions under which some files may be used.
#[derive(Debug, Clone)]
struct Right {
    /// A file or a pattern.
    pattern: String,
    /// Licence and source, for whoever has to ask: ` (CC-BY-4.0, https://…)`; empty where neither is written.
    terms: String,
    credit: Option<String>,
    expires: Option<NaiveDate>,
    people: Vec<Depicted>,
    accounts: Accounts,
    /// None stands for all.
    networks: Vec<String>,
    /// `assets/rights.toml:3`
    place: String,
}

#[derive(Debug, Clone)]
struct Depicted {
    name: String,
    /// `None`: never.
    since: Option<NaiveDate>,
    expires: Option<NaiveDate>,
}

/// Why a file may not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `asset/expired`, `asset/no-consent`, `asset/not-here`
    pub code: &'static str,
    /// Why.
    pub why: String,
    /// Who says so: `assets/rights.toml:3`.
    pub place: String,
}

/// Reads all that is written about rights. With an error among the findings nobody can tell what may be used.
pub fn read(files: &dyn Files, settings: &Settings) -> (Rights, Vec<Finding>) {
    let (mut rights, mut findings) = (Vec::new(), Vec::new());
    let entries = match files.names(FOLDER) {
        Ok(entries) => entries,
        Err(problem) => return (Rights::default(), vec![unreadable(FOLDER, &problem)]),
    };
    let names: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let everywhere = OnceCell::new();
    for path in names.iter().filter(|path| path.to_ascii_lowercase().ends_with(".toml")) {
        let bytes = match files.read(path, LARGEST) {
            Ok(bytes) => bytes,
            Err(problem) => {
                findings.push(unreadable(path, &problem));
                continue;
            }
        };
        let readable = text::read(path, &bytes, &mut findings);
        let file = toml::read(&readable.source, &readable.text, &mut findings)
            .and_then(|root| typed::read::<RightsFile>(root, Area::Rights, &readable.source, &mut findings));
        let everywhere = || {
            everywhere
                .get_or_init(|| files.names("").map(|all| all.into_iter().map(|one| one.path).collect()))
                .as_ref()
                .ok()
        };
        let (source, findings) = (&readable.source, &mut findings);
        let mut check = Check { source, settings, names: &names, everywhere: &everywhere, findings };
        rights.extend(file.into_iter().flat_map(|(file, _)| file.asset).map(|asset| check.right(asset)));
    }
    (Rights(rights), findings)
}

fn unreadable(path: &str, problem: &FileProblem) -> Finding {
    let source = Arc::new(Source::new(path, ""));
    Finding::error("rights/unreadable", &source, 0..0, format!("{path} cannot be read: {problem}"))
        .help("put the file itself in its place, or take it away")
}

struct Check<'a> {
    source: &'a Arc<Source>,
    settings: &'a Settings,
    /// All files under `assets/`.
    names: &'a [&'a str],
    /// All files of the workspace, which is asked only where none under `assets/` is meant.
    everywhere: &'a dyn Fn() -> Option<&'a Vec<String>>,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn fault(&mut self, code: &'static str, span: std::ops::Range<usize>, message: String, help: impl Into<String>) {
        self.findings.push(Finding::error(code, self.source, span, message).label("here").help(help));
    }

    fn right(&mut self, asset: Placed<AssetFile>) -> Right {
        let Placed { value: asset, .. } = asset;
        let place = format!("{}:{}", self.source.path, self.source.place(asset.file.span.start).line);
        self.file(&asset.file);
        let people = asset.people.into_iter().map(|person| self.depicted(person)).collect();
        Right {
            pattern: asset.file.value,
            terms: terms(asset.licence, asset.source),
            credit: asset.credit.filter(|credit| !credit.trim().is_empty()),
            expires: asset.expires.and_then(|day| self.day(&day.value, day.span)),
            people,
            accounts: self.accounts(asset.accounts),
            networks: self.networks(asset.networks),
            place,
        }
    }

    /// A name that is written wrong would let the file go out without its conditions.
    fn file(&mut self, file: &Placed<String>) {
        let span = file.span.clone();
        // The pattern first: what it says of `[` and `{` helps more.
        if let Some(message) = glob::fault(&file.value).filter(|_| !file.value.contains('\\')) {
            self.fault("rights/file", span, message, "write a path, or a pattern such as `assets/photos/**`");
        } else if let Err((message, help)) = path::check(&file.value) {
            self.fault("rights/file", span, message, help);
        } else if !self.is_there(&file.value) {
            let message = format!("there is no file {}", suggest::quote(&file.value));
            let help = suggest::help(&file.value, "files", self.names);
            self.findings.push(Finding::warning("rights/file", self.source, span, message).label("here").help(help));
        }
    }

    fn is_there(&self, pattern: &str) -> bool {
        let fits = |name: &str| name == pattern || glob::matches(pattern, name);
        self.names.iter().any(|name| fits(name))
            || (self.everywhere)().is_none_or(|names| names.iter().any(|name| fits(name)))
    }

    fn accounts(&mut self, patterns: Option<Placed<OneOrMany>>) -> Accounts {
        let patterns = self.some(patterns);
        let known: Vec<&AccountName> = self.settings.accounts.keys().collect();
        Accounts::read(patterns, &known, |span, message, help| {
            self.fault("rights/unknown-account", span, message, help);
        })
    }

    /// What is nearly a network that is posted to; that a file may go to others too is no mistake.
    fn networks(&mut self, names: Option<Placed<OneOrMany>>) -> Vec<String> {
        let names = self.some(names);
        let known: Vec<&str> = self.settings.accounts.keys().map(AccountName::network).collect();
        for name in names.iter().filter(|name| !known.contains(&name.value.as_str())) {
            if let Some(meant) = suggest::nearest(&name.value, known.iter().copied()) {
                let message = format!("there is no network {}", suggest::quote(&name.value));
                self.fault("rights/network", name.span.clone(), message, format!("did you mean `{meant}`?"));
            }
        }
        names.into_iter().map(|name| name.value).collect()
    }

    /// A list in which something stands: where it is not given, all are meant, and somebody who empties one means none.
    fn some(&mut self, list: Option<Placed<OneOrMany>>) -> Vec<Placed<String>> {
        let Some(list) = list else { return Vec::new() };
        if list.value.0.is_empty() {
            let help = "name at least one; where all are meant, remove the key";
            self.fault("rights/empty", list.span, "this list is empty".to_owned(), help);
        }
        list.value.0
    }

    fn depicted(&mut self, person: PersonFile) -> Depicted {
        let since = match person.consent.value {
            ConsentFile::Given(given) => given.then_some(NaiveDate::MIN),
            ConsentFile::Since(day) => self.day(&day, person.consent.span),
        };
        let expires = person.expires.and_then(|day| self.day(&day.value, day.span));
        Depicted { name: person.name.value, since, expires }
    }

    fn day(&mut self, text: &str, span: std::ops::Range<usize>) -> Option<NaiveDate> {
        let day = time::day(text.trim());
        if day.is_none() {
            let message = format!("{} is no day", suggest::quote(text));
            self.fault("rights/date", span, message, "write year, month and day: `2027-01-01`");
        }
        day
    }
}

fn terms(licence: Option<String>, source: Option<String>) -> String {
    let said: Vec<String> = licence.into_iter().chain(source).filter(|text| !text.trim().is_empty()).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

impl Rights {
    /// Whether nothing is known of any file.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is written under which licence a file is used, or where it is from.
    pub fn knows(&self, file: &str) -> bool {
        self.of(file).any(|right| !right.terms.is_empty())
    }

    /// Whom a post with a file has to name, and who says so.
    pub fn credits<'a>(&'a self, file: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.of(file).filter_map(|right| Some((right.credit.as_deref()?, right.place.as_str())))
    }

    /// Why a file may not go to an account at a time, in the workspace's zone.
    pub fn refusals(&self, file: &str, account: &AccountName, at: DateTime<Utc>, zone: Tz) -> Vec<Refusal> {
        let day = at.with_timezone(&zone).date_naive();
        self.of(file).flat_map(|right| right.refusals(file, account, day)).collect()
    }

    fn of<'a>(&'a self, file: &'a str) -> impl Iterator<Item = &'a Right> {
        self.0.iter().filter(move |right| right.pattern == file || glob::matches(&right.pattern, file))
    }
}

impl Right {
    fn refusals(&self, file: &str, account: &AccountName, day: NaiveDate) -> Vec<Refusal> {
        let refusal = |code: &'static str, why: String| Refusal { code, why, place: self.place.clone() };
        let mut refusals = Vec::new();
        if let Some(last) = self.expires.filter(|last| *last < day) {
            let why = format!("{file} may be used until {last}{}, and this goes out on {day}", self.terms);
            refusals.push(refusal("asset/expired", why));
        }
        for person in &self.people {
            let why = match (person.since, person.expires) {
                (None, _) => format!("{} did not agree to be seen in {file}", person.name),
                (Some(since), _) if day < since => {
                    format!("{} agreed to be seen in {file} from {since} on, and this goes out on {day}", person.name)
                }
                (_, Some(last)) if last < day => {
                    format!("{} agreed to be seen in {file} until {last}, and this goes out on {day}", person.name)
                }
                _ => continue,
            };
            refusals.push(refusal("asset/no-consent", why));
        }
        let network = self.networks.is_empty() || self.networks.iter().any(|name| name == account.network());
        if !network || !self.accounts.hold(account) {
            refusals.push(refusal("asset/not-here", format!("{file} may not be used on {account}")));
        }
        refusals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::memory::MemoryFiles;
    use crate::workspace::{NetworkSpec, load_settings};

    const NETWORKS: &[NetworkSpec] = &[
        NetworkSpec { network: "net", required: &[], optional: &[] },
        NetworkSpec { network: "web", required: &[], optional: &[] },
    ];
    const ZONE: Tz = chrono_tz::Europe::Berlin;

    fn look(text: &str) -> (Rights, Vec<(&'static str, String)>) {
        let settings =
            "version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"net/a\"]\n[accounts.\"net/b\"]\n[accounts.\"web/a\"]\n";
        let settings = load_settings(settings.as_bytes(), NETWORKS).0.unwrap();
        let files = MemoryFiles::default().with("assets/leaf.png", "x").with("assets/2026/rights.toml", text);
        let files = files.with("posts/leaf.gif", "x");
        let (rights, findings) = read(&files, &settings);
        (rights, findings.into_iter().map(|f| (f.code, text[f.span].to_owned())).collect())
    }

    fn codes(rights: &Rights, file: &str, account: &str, at: &str) -> Vec<&'static str> {
        let account = AccountName::new(account).unwrap();
        rights.refusals(file, &account, at.parse().unwrap(), ZONE).into_iter().map(|one| one.code).collect()
    }

    #[test]
    fn a_right_ends_with_its_last_day_in_the_workspaces_zone() {
        let (rights, faults) = look(
            "[[asset]]\nfile = \"assets/**\"\nexpires = 2026-12-31\nlicence = \"CC-BY-4.0\"\ncredit = \"Ana\"\nsource = \"x\"\n\
             people = [{ name = \"Ben\", consent = \"2026-12-01\", expires = 2026-12-30 }, { name = \"Li\", consent = true }]\n\
             [[asset]]\nfile = \"assets/leaf.png\"\naccounts = [\"net/*\"]\nnetworks = [\"net\", \"web\"]\n",
        );
        assert_eq!(faults, []);
        let leaf = "assets/leaf.png";
        assert_eq!(codes(&rights, leaf, "net/a", "2026-12-30T22:59:59Z"), [""; 0]);
        assert_eq!(codes(&rights, leaf, "net/a", "2026-12-30T23:00:00Z"), ["asset/no-consent"]);
        assert_eq!(codes(&rights, leaf, "net/a", "2026-12-31T22:59:59Z"), ["asset/no-consent"]);
        assert_eq!(codes(&rights, leaf, "net/a", "2026-12-31T23:00:00Z"), ["asset/expired", "asset/no-consent"]);
        assert_eq!(codes(&rights, leaf, "net/a", "2026-11-30T22:59:59Z"), ["asset/no-consent"]);
        assert_eq!(codes(&rights, leaf, "web/a", "2026-12-10T12:00:00Z"), ["asset/not-here"]);
        assert_eq!(codes(&rights, "elsewhere/leaf.png", "web/a", "2030-01-01T00:00:00Z"), [""; 0]);
        assert_eq!(rights.credits(leaf).collect::<Vec<_>>(), [("Ana", "assets/2026/rights.toml:2")]);
        let (rights, _) =
            look("[[asset]]\nfile = \"assets/leaf.png\"\npeople = [{ name = \"Ben\", consent = false }]\n");
        assert_eq!(codes(&rights, leaf, "net/a", "2026-12-30T12:00:00Z"), ["asset/no-consent"]);
    }

    #[test]
    fn no_entry_protects_nothing_in_silence() {
        for (entry, code) in [
            ("file = \"./assets/leaf.png\"", "rights/file"),
            ("file = \"/assets/leaf.png\"", "rights/file"),
            ("file = \"assets\\\\leaf.png\"", "rights/file"),
            ("file = \"photos/leaf.png\"", "rights/file"),
            ("file = \"photos/**\"", "rights/file"),
            ("file = \"assets/leaf.png\"\nnetworks = []", "rights/empty"),
            ("file = \"assets/leaf.png\"\naccounts = []", "rights/empty"),
            ("file = \"assets/leaf.png\"\nnetworks = [\"Net\"]", "rights/network"),
        ] {
            let (_, faults) = look(&format!("[[asset]]\n{entry}\n"));
            assert_eq!(faults.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code], "{entry}");
        }
        for entry in ["\"posts/leaf.gif\"", "\"posts/*.gif\"", "\"**/leaf.png\"\nnetworks = [\"net\", \"printed\"]"] {
            assert_eq!(look(&format!("[[asset]]\nfile = {entry}\n")).1, [], "{entry}");
        }
    }

    #[test]
    fn every_fault_has_its_place() {
        let (_, faults) = look(
            "[[asset]]\nfile = \"assets/lief.png\"\nexpires = \"soon\"\naccounts = \"net/c\"\n\
             [[asset]]\nfile = \"assets/{a,b}\"\npeople = [{ name = \"Ben\" }, { name = \"Li\", consent = 3 }]\ncolour = 1\n",
        );
        for expected in [
            ("rights/file", "\"assets/lief.png\""),
            ("rights/date", "\"soon\""),
            ("rights/unknown-account", "\"net/c\""),
            ("rights/file", "\"assets/{a,b}\""),
            ("rights/unknown-key", "colour"),
        ] {
            assert!(faults.iter().any(|(code, there)| (*code, there.as_str()) == expected), "{expected:?}: {faults:?}");
        }
        assert!(faults.iter().any(|(code, _)| *code == "rights/missing-key"), "{faults:?}");
    }
}
