//! What stands on the networks, held against what was approved and published.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::escape;
use super::page::{Page, Tone, counted, cut, listed};
use crate::ledger::{DeliveryKey, PartReceipt};
use crate::publish::{Live, Looked};
use crate::render::Digest;
use crate::workspace::{AccountName, PostId};

/// Words on each side of a difference that are shown, and columns that they may take.
const WORDS: usize = 5;
const COLUMNS: usize = 60;

/// What was looked at, and what was found.
pub struct Drift<'a> {
    /// The deliveries, the newest first.
    pub looked: &'a [Looked],
    /// Those whose posts would send something else by now.
    pub changed: &'a BTreeSet<DeliveryKey>,
    /// From when on deliveries were looked at; `None` for all.
    pub since: Option<DateTime<Utc>>,
    /// How many that were published before were left out.
    pub older: usize,
    /// Whether to list what is unchanged.
    pub all: bool,
}

impl Drift<'_> {
    /// Whether something could not be asked now. A network that never says what it shows is told of, and is no failure.
    pub fn is_unsure(&self) -> bool {
        let asked = self.looked.iter().filter(|looked| looked.out.can_be_asked || looked.out.claim.is_err());
        asked.flat_map(|looked| &looked.parts).any(|part| matches!(part, Live::Unknown(_)))
    }

    /// Whether something is not as it was approved, there or here.
    pub fn drifted(&self) -> bool {
        let drifted = |part: &Live| matches!(part, Live::Edited { .. } | Live::Gone);
        self.looked.iter().flat_map(|looked| &looked.parts).any(drifted) || !self.changed.is_empty()
    }

    fn that(&self, word: LiveWord) -> Vec<&Looked> {
        self.looked.iter().filter(|looked| LiveWord::of_all(looked) == word).collect()
    }
}

/// What `greenlit drift --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct DriftReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// Deliveries that were published before were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    /// How many those are.
    older: usize,
    /// What was looked at, the newest first.
    deliveries: Vec<DeliveryReport>,
}

/// One post to one account.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct DeliveryReport {
    post: PostId,
    occurrence: String,
    account: AccountName,
    published_at: DateTime<Utc>,
    /// Of what went out.
    digest: Digest,
    /// Of its parts the worst: gone, edited, unknown, same.
    live: LiveWord,
    /// Whether its post would send something else by now: its file was changed since it went out.
    changed: bool,
    parts: Vec<PartReport>,
}

/// One message of it.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct PartReport {
    /// What the network calls it.
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    live: LiveWord,
    /// What differs, in words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    differs: Vec<&'static str>,
    /// The words that were approved, where others may stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<String>,
    /// The words that stand there, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Why nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What stands there, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum LiveWord {
    /// What was approved.
    Same,
    /// Nobody can tell.
    Unknown,
    /// Something else.
    Edited,
    /// Nothing.
    Gone,
}

impl LiveWord {
    fn of(live: &Live) -> Self {
        match live {
            Live::Same => Self::Same,
            Live::Unknown(_) => Self::Unknown,
            Live::Edited { .. } => Self::Edited,
            Live::Gone => Self::Gone,
        }
    }

    fn of_all(looked: &Looked) -> Self {
        looked.parts.iter().map(Self::of).max().unwrap_or(Self::Same)
    }
}

/// What was found, for programs.
pub fn report(drift: &Drift<'_>, now: DateTime<Utc>) -> DriftReport {
    let delivery = |looked: &Looked| {
        let receipt = &looked.out.receipt;
        let part =
            |(n, (receipt, live)): (usize, (&PartReceipt, &Live))| PartReport::of(receipt, live, sent(looked, n));
        DeliveryReport {
            post: receipt.key.post.clone(),
            occurrence: receipt.key.occurrence.to_string(),
            account: receipt.key.account.clone(),
            published_at: receipt.published_at,
            digest: receipt.digest.clone(),
            live: LiveWord::of_all(looked),
            changed: drift.changed.contains(&receipt.key),
            parts: receipt.parts.iter().zip(&looked.parts).enumerate().map(part).collect(),
        }
    };
    let deliveries = drift.looked.iter().map(delivery).collect();
    DriftReport { version: 1, now, since: drift.since, older: drift.older, deliveries }
}

impl PartReport {
    fn of(receipt: &PartReceipt, live: &Live, sent: Option<&str>) -> Self {
        let (differs, text, reason) = match live {
            Live::Same | Live::Gone => (Vec::new(), None, None),
            Live::Edited { text, differs } => (differs.clone(), Some(text.clone()), None),
            Live::Unknown(reason) => (Vec::new(), None, Some(reason.clone())),
        };
        Self {
            id: receipt.id.clone(),
            url: receipt.url.clone(),
            live: LiveWord::of(live),
            differs,
            approved: sent.filter(|_| *live != Live::Same).map(str::to_owned),
            text,
            reason,
        }
    }
}

/// What was found, for people.
pub fn human(drift: &Drift<'_>, page: &Page) -> String {
    let mut out = String::new();
    for line in page.wrapped(0, &headline(drift, page)).lines() {
        out += &format!("{}\n", page.paint(Tone::Strong, line));
    }
    if let (Some(since), true) = (drift.since, drift.older > 0) {
        let left = counted(drift.older, "older delivery");
        let text = format!("Left out: {left}, from before {}. All: greenlit drift --since 3650d", page.time(since));
        out += &page.wrapped(0, &text);
    }
    let edited = drift.that(LiveWord::Edited);
    if !edited.is_empty() {
        out += &heading("Edited there", page);
        edited.iter().for_each(|looked| out += &entry(looked, "≠", page));
        out += &hint(
            "Nobody approved those words: correct them there, bring them into the post's file, or take it down: greenlit retract POST --reason WHY",
            page,
        );
    }
    let gone = drift.that(LiveWord::Gone);
    if !gone.is_empty() {
        out += &heading("Gone", page);
        gone.iter().for_each(|looked| out += &entry(looked, "✗", page));
        out += &hints_of_gone(&gone, page);
    }
    let unknown = drift.that(LiveWord::Unknown);
    if !unknown.is_empty() {
        out += &heading("Cannot be told", page);
        out += &doubts(&unknown, drift.all, page);
        if unknown.iter().any(|looked| !looked.out.can_be_asked) {
            out += &hint("What can never be asked is no failure of this look: see there yourself.", page);
        }
    }
    if !drift.changed.is_empty() {
        out += &heading("Changed here since", page);
        out += &changed(drift.changed, page);
        out += &hint("What is out stays as it is, unless it is asked to change: greenlit update POST", page);
    }
    let same = drift.that(LiveWord::Same);
    if drift.all && !same.is_empty() {
        out += &heading("Unchanged", page);
        same.iter().for_each(|looked| out += &entry(looked, "✓", page));
    }
    out
}

fn headline(drift: &Drift<'_>, page: &Page) -> String {
    let since = drift.since.map(|since| format!(" since {}", page.time(since))).unwrap_or_default();
    if drift.looked.is_empty() {
        return format!("Nothing was published{since}.");
    }
    let count = |word| drift.that(word).len();
    let found = [
        (count(LiveWord::Edited), "edited there"),
        (count(LiveWord::Gone), "gone"),
        (count(LiveWord::Unknown), "cannot be told"),
        (count(LiveWord::Same), "unchanged"),
        (drift.changed.len(), "changed here since"),
    ];
    let found: Vec<String> =
        found.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    format!("Looked at {} published{since}: {}.", counted(drift.looked.len(), "delivery"), found.join(", "))
}

fn heading(text: &str, page: &Page) -> String {
    format!("\n{}\n", page.paint(Tone::Strong, text))
}

fn hint(text: &str, page: &Page) -> String {
    page.wrapped(0, text).lines().map(|line| format!("{}\n", page.paint(Tone::Faint, line))).collect()
}

fn hints_of_gone(gone: &[&Looked], page: &Page) -> String {
    let comes_back = gone.iter().filter(|looked| looked.out.comes_back);
    let accounts: BTreeSet<&AccountName> = comes_back.map(|looked| &looked.out.receipt.key.account).collect();
    let accounts: Vec<String> = accounts.iter().map(|account| escape(account.as_str()).into_owned()).collect();
    let mut out = String::new();
    if !accounts.is_empty() {
        out += &hint(&format!("greenlit publish gives {} back what is gone.", listed(&accounts, "and")), page);
    }
    if gone.iter().any(|looked| !looked.out.comes_back) {
        out += &hint("Nothing is sent twice: to have it out again, give it to a post with another id.", page);
    }
    out
}

/// A line behind its sign.
fn signed(sign: &str, text: &str, page: &Page) -> String {
    let tone = match sign {
        "✓" => Tone::Good,
        "?" | "~" => Tone::Careful,
        _ => Tone::Bad,
    };
    format!("{} {}", page.paint(tone, sign), page.hanging(2, 4, text).trim_start())
}

/// A delivery, with what was found of each part that is not the same.
fn entry(looked: &Looked, sign: &str, page: &Page) -> String {
    let receipt = &looked.out.receipt;
    let name = escape(&receipt.key.to_string()).into_owned();
    let of = looked.parts.len();
    let found = looked.parts.iter().enumerate().filter_map(|(n, live)| {
        let found = found(live, sent(looked, n))?;
        Some(if of == 1 { found } else { format!("part {} of {of}: {found}", n + 1) })
    });
    let found: Vec<String> = found.collect();
    if found.is_empty() {
        return signed(sign, &format!("{name}, published {}", page.time(receipt.published_at)), page);
    }
    let mut out = if of > 1 && looked.parts.iter().all(|live| *live == Live::Gone) {
        signed(sign, &format!("{name}: all of its {of} parts are gone"), page)
    } else {
        signed(sign, &format!("{name}: {}", found.join("; ")), page)
    };
    let edited = receipt.parts.iter().zip(&looked.parts).filter(|(_, live)| matches!(live, Live::Edited { .. }));
    let edited: Vec<PartReceipt> = edited.map(|(part, _)| part.clone()).collect();
    for place in PartReceipt::places(&edited) {
        // An address is not broken: people click on it.
        out += &format!("    {}\n", escape(place));
    }
    out
}

fn found(live: &Live, sent: Option<&str>) -> Option<String> {
    match live {
        Live::Same => None,
        Live::Gone => Some("it is gone".to_owned()),
        Live::Unknown(why) => Some(escape(why).into_owned()),
        Live::Edited { text, differs } => {
            let words = sent.filter(|_| differs.contains(&"text")).and_then(|sent| difference(sent, text));
            let others = differs.iter().filter(|what| words.is_none() || **what != "text");
            let others: Vec<String> = others.map(|what| (*what).to_owned()).collect();
            let others = (!others.is_empty()).then(|| format!("other {}", listed(&others, "and")));
            Some(words.into_iter().chain(others).collect::<Vec<_>>().join("; "))
        }
    }
}

/// The words of a part that were approved.
fn sent(looked: &Looked, n: usize) -> Option<&str> {
    let claim = looked.out.claim.as_ref().ok()?;
    claim.payload.parts.get(n).map(|part| part.text.as_str())
}

/// Where two texts begin to differ; `None` where their words are the same.
fn difference(sent: &str, now: &str) -> Option<String> {
    let (sent, now): (Vec<&str>, Vec<&str>) = (sent.split_whitespace().collect(), now.split_whitespace().collect());
    let alike = sent.iter().zip(&now).take_while(|(one, other)| one == other).count();
    let quoted = |words: &[&str]| {
        let rest = words.get(alike..).unwrap_or_default();
        let shown = escape(&rest.get(..WORDS).unwrap_or(rest).join(" ")).into_owned();
        let (before, after) = (if alike > 0 { "… " } else { "" }, if rest.len() > WORDS { " …" } else { "" });
        (!rest.is_empty()).then(|| format!("“{before}{}{after}”", cut(&shown, COLUMNS)))
    };
    match (quoted(&sent), quoted(&now)) {
        (Some(sent), Some(now)) => Some(format!("{now} stands there, approved was {sent}")),
        (Some(sent), None) => Some(format!("{sent} is missing there")),
        (None, Some(now)) => Some(format!("{now} was added there")),
        (None, None) => None,
    }
}

/// What nobody can tell, each reason once for an account.
fn doubts(unknown: &[&Looked], all: bool, page: &Page) -> String {
    let mut reasons: BTreeMap<(&AccountName, &str), Vec<&Looked>> = BTreeMap::new();
    for looked in unknown {
        let why = looked.parts.iter().find_map(|live| match live {
            Live::Unknown(why) => Some(why.as_str()),
            _ => None,
        });
        reasons.entry((&looked.out.receipt.key.account, why.unwrap_or_default())).or_default().push(looked);
    }
    let mut out = String::new();
    for ((account, why), some) in reasons {
        match some.as_slice() {
            [_, _, ..] if !all => {
                let (account, count) = (escape(account.as_str()), counted(some.len(), "delivery"));
                out += &signed("?", &format!("{account}, {count}: {}", escape(why)), page);
            }
            _ => {
                for looked in some {
                    let name = escape(&looked.out.receipt.key.to_string()).into_owned();
                    out += &signed("?", &format!("{name}: {}", escape(why)), page);
                }
            }
        }
    }
    out
}

fn changed(changed: &BTreeSet<DeliveryKey>, page: &Page) -> String {
    let mut posts: BTreeMap<&PostId, Vec<String>> = BTreeMap::new();
    for key in changed {
        posts.entry(&key.post).or_default().push(escape(key.account.as_str()).into_owned());
    }
    let line = |(post, accounts): (&PostId, Vec<String>)| {
        let text =
            format!("{} → {}: its file was changed since it went out", escape(post.as_str()), accounts.join(", "));
        signed("~", &text, page)
    };
    posts.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::ledger::Entry;
    use crate::ledger::fixtures::{claim, key, now, published};
    use crate::publish::Out;
    use crate::view::page::columns;

    fn looked(post: &str, parts: Vec<Live>) -> Looked {
        let key = key(post);
        let (Entry::Published(mut receipt), Entry::Claim(mut claim)) = (published(&key), claim(&key, "one")) else {
            unreachable!()
        };
        let url = |n: usize| Some(format!("https://bsky.app/profile/acme.example/post/{n}"));
        let one = claim.payload.parts[0].clone();
        receipt.parts =
            (0..parts.len()).map(|n| PartReceipt { id: n.to_string(), url: url(n), revision: None }).collect();
        claim.payload.parts = vec![one; parts.len()];
        Looked { out: Out { receipt, claim: Ok(claim), can_be_asked: true, comes_back: false }, parts }
    }

    fn edited(text: &str, differs: &[&'static str]) -> Live {
        Live::Edited { text: text.to_owned(), differs: differs.to_vec() }
    }

    fn unknown() -> Live {
        Live::Unknown("GREENLIT_BLUESKY_ACME_PASSWORD is not set; make an app password\u{1b}[2J ::error::".to_owned())
    }

    fn page() -> Page {
        Page { width: 80, colour: false, zone: chrono_tz::UTC, now: now() }
    }

    fn told(looked: &[Looked], changed: &BTreeSet<DeliveryKey>, all: bool) -> String {
        let since = Some(now() - TimeDelta::days(90));
        let text = human(&Drift { looked, changed, since, older: 3, all }, &page());
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains(" ::error"), "{text}");
        assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
        text
    }

    #[test]
    fn people_read_what_drifted_and_what_to_do() {
        let all = [
            looked("autumn", vec![Live::Same, edited("Autumn was \u{202e}here #launch", &["text", "links"])]),
            looked("banner", vec![edited("Autumn is here #launch", &["pictures or card"])]),
            looked("gone", vec![Live::Gone]),
            looked("gone-whole", vec![Live::Gone, Live::Gone]),
            looked("one", vec![unknown()]),
            looked("two", vec![unknown(), unknown()]),
            looked("fine", vec![Live::Same]),
        ];
        let changed = [key("fine"), key("gone")].into();
        let text = told(&all, &changed, false);
        assert_eq!(
            text,
            "Looked at 7 deliveries published since Wed 2 Sep 09:00: 2 edited there, 2 gone,\n\
             2 cannot be told, 1 unchanged, 2 changed here since.\n\
             Left out: 3 older deliveries, from before Wed 2 Sep 09:00. All: greenlit drift\n\
             --since 3650d\n\
             \n\
             Edited there\n\
             ≠ autumn → bluesky/acme: part 2 of 2: “… was \\u{202e}here #launch” stands there,\n    approved was “… is here #launch”; other links\n    \
             https://bsky.app/profile/acme.example/post/1\n\
             ≠ banner → bluesky/acme: other pictures or card\n    \
             https://bsky.app/profile/acme.example/post/0\n\
             Nobody approved those words: correct them there, bring them into the post's\n\
             file, or take it down: greenlit retract POST --reason WHY\n\
             \n\
             Gone\n\
             ✗ gone → bluesky/acme: it is gone\n\
             ✗ gone-whole → bluesky/acme: all of its 2 parts are gone\n\
             Nothing is sent twice: to have it out again, give it to a post with another id.\n\
             \n\
             Cannot be told\n\
             ? bluesky/acme, 2 deliveries: GREENLIT_BLUESKY_ACME_PASSWORD is not set; make an\n    app password\\u{1b}[2J \\u{3a}:error::\n\
             \n\
             Changed here since\n\
             ~ fine → bluesky/acme: its file was changed since it went out\n\
             ~ gone → bluesky/acme: its file was changed since it went out\n\
             What is out stays as it is, unless it is asked to change: greenlit update POST\n"
        );
        let text = told(&all, &changed, true);
        assert!(text.contains("✓ fine → bluesky/acme, published Tue 1 Dec 09:00\n"), "{text}");
        assert!(text.contains("? one → bluesky/acme: GREENLIT") && text.contains("? two → "), "{text}");
    }

    #[test]
    fn a_quiet_day_is_told_in_a_line() {
        let (none, one) = (BTreeSet::new(), [looked("fine", vec![Live::Same])]);
        let text = told(&one, &none, false);
        assert!(text.starts_with("Looked at 1 delivery published since Wed 2 Sep 09:00: 1 unchanged.\n"), "{text}");
        assert!(told(&[], &none, false).starts_with("Nothing was published since Wed 2 Sep 09:00.\n"));
        let mut back = looked("page", vec![Live::Gone]);
        back.out.comes_back = true;
        let text = told(&[back], &none, false);
        assert!(
            text.contains("greenlit publish gives bluesky/acme back what is gone.") && !text.contains("twice"),
            "{text}"
        );
    }

    #[test]
    fn programs_read_each_part() {
        let all = [
            looked("autumn", vec![Live::Same, edited("Autumn was here", &["text"]), unknown()]),
            looked("fine", vec![Live::Same]),
        ];
        let changed = [key("fine")].into();
        let drift = Drift { looked: &all, changed: &changed, since: None, older: 0, all: false };
        let report = serde_json::to_value(report(&drift, now())).unwrap();
        let [autumn, fine] = [0, 1].map(|n| report["deliveries"][n].clone());
        assert_eq!((&autumn["live"], &autumn["changed"]), (&"edited".into(), &false.into()));
        assert_eq!((&fine["live"], &fine["changed"]), (&"same".into(), &true.into()));
        assert_eq!(autumn["parts"][1]["text"], "Autumn was here");
        assert_eq!(autumn["parts"][1]["approved"], "Autumn is here #launch");
        assert_eq!(autumn["parts"][0].get("approved"), None);
        assert!(autumn["parts"][2]["reason"].as_str().unwrap().contains("app password"));
        assert!(drift.is_unsure() && drift.drifted());
    }

    #[test]
    fn a_network_that_can_never_be_asked_is_no_failure() {
        let mut silent = looked("autumn", vec![unknown()]);
        silent.out.can_be_asked = false;
        let away = looked("winter", vec![unknown()]);
        let of = |looked: &[Looked]| {
            let drift = Drift { looked, changed: &BTreeSet::new(), since: None, older: 0, all: false };
            (drift.is_unsure(), human(&drift, &page()).contains("What can never be asked is no failure"))
        };
        assert_eq!(of(std::slice::from_ref(&silent)), (false, true));
        assert_eq!(of(std::slice::from_ref(&away)), (true, false));
        assert_eq!(of(&[silent, away]), (true, true));
    }

    #[test]
    fn the_first_words_that_differ_are_shown() {
        let told = |sent, now| difference(sent, now).unwrap_or_default();
        assert_eq!(told("Acme 5 is out", "Acme 6 is out"), "“… 6 is out” stands there, approved was “… 5 is out”");
        assert_eq!(told("one two", "one"), "“… two” is missing there");
        assert_eq!(told("one", "one two"), "“… two” was added there");
        assert_eq!(told("a b c d e f g", "x"), "“x” stands there, approved was “a b c d e …”");
        assert_eq!(difference("one two", "one\n two"), None);
        assert!(columns(&told("x", &"y".repeat(5000))) < 120);
    }
}
