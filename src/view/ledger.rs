//! The ledger: what lies on it, and what is wrong with it.

use chrono::{DateTime, Utc};

use super::escape;
use super::page::{Page, Tone, counted};
use crate::ledger::{DeliveryKey, Flaw, Overview, State, Walked};

/// What is told of the ledger.
#[derive(Debug)]
pub struct Told<'a> {
    /// The first commit, which is pinned.
    pub root: String,
    /// The commit that was read.
    pub tip: String,
    /// Where the witness stands.
    pub witness: Option<String>,
    /// The remote that has it.
    pub remote: Option<&'a str>,
    /// Numbers.
    pub overview: Overview,
    /// The deliveries with a claim and no final outcome.
    pub open: Vec<(DeliveryKey, State)>,
}

/// What `greenlit ledger --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct LedgerReport {
    version: u32,
    /// The first commit, which greenlit.toml pins.
    root: String,
    /// The commit that was read.
    tip: String,
    /// Where the witness stands, `refs/greenlit/ledger`.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<String>,
    entries: usize,
    deliveries: usize,
    /// When the last commit was made, as typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<DateTime<Utc>>,
    /// The first line of its message.
    subject: String,
    /// The deliveries with a claim and no final outcome.
    open: Vec<OpenReport>,
}

/// A delivery on its way.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct OpenReport {
    delivery: DeliveryKey,
    /// Whether nobody knows what became of it.
    uncertain: bool,
    claimed_at: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    runner: String,
}

/// What a walk over the ledger came to.
#[derive(Debug)]
pub struct Verified {
    /// The first commit, which is pinned.
    pub root: String,
    /// The commit that was read.
    pub tip: String,
    /// What was met.
    pub walked: Walked,
}

/// What `greenlit ledger verify --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct VerifyReport {
    version: u32,
    /// Whether nothing is wrong that is not mended.
    holds: bool,
    root: String,
    tip: String,
    commits: usize,
    entries: usize,
    deliveries: usize,
    /// Deliveries with a claim and no final outcome.
    open: usize,
    sightings: usize,
    /// Files that say who was told what.
    tellings: usize,
    /// Reviews of pull requests.
    reviews: usize,
    /// Comments on their lines, with each wording.
    comments: usize,
    findings: Vec<FlawReport>,
    /// How many more findings there are.
    more: usize,
}

/// Something that no publisher writes.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct FlawReport {
    /// The commit that brought it.
    commit: String,
    /// The file on the ledger branch, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// What is wrong.
    message: String,
    /// Whether a later commit put it right.
    mended: bool,
}

impl Verified {
    /// Whether nothing is wrong that is not mended.
    pub fn holds(&self) -> bool {
        self.walked.more == 0 && self.walked.flaws.iter().all(|flaw| flaw.mended)
    }
}

/// The ledger for programs.
pub fn report(told: &Told<'_>) -> LedgerReport {
    let Overview { entries, deliveries, last, subject } = told.overview.clone();
    let open = told.open.iter().filter_map(|(key, state)| {
        let (claim, uncertain) = match state {
            State::Claimed(claim) => (claim, false),
            State::Uncertain(claim, _) => (claim, true),
            State::New | State::Published(_) | State::Failed(_) | State::Retracted(_) => return None,
        };
        Some(OpenReport {
            delivery: key.clone(),
            uncertain,
            claimed_at: claim.claimed_at,
            lease_until: claim.lease_until,
            runner: claim.runner.clone(),
        })
    });
    LedgerReport {
        version: 1,
        root: told.root.clone(),
        tip: told.tip.clone(),
        witness: told.witness.clone(),
        entries,
        deliveries,
        last,
        subject,
        open: open.collect(),
    }
}

/// The ledger for people.
pub fn human(told: &Told<'_>, page: &Page) -> String {
    let Overview { entries, deliveries, last, subject } = &told.overview;
    let numbers = format!("{} of {}", counted(*entries, "entry"), counted(*deliveries, "delivery"));
    let mut out = format!("{}\n\n", page.paint(Tone::Strong, &format!("The ledger: {numbers}")));
    let place = told.remote.map_or_else(|| "here".to_owned(), |remote| format!("on {}", escape(remote)));
    let mut line = |name: &str, text: &str| {
        out += &format!("  {name:<9}{}", page.hanging(11, 11, text).trim_start());
    };
    line("begins", &format!("{:.10}, pinned in greenlit.toml", told.root));
    let when = last.map(|last| format!(", {}", page.when(last))).unwrap_or_default();
    line("last", &format!("{:.10}{when}: {}", told.tip, escape(subject)));
    match &told.witness {
        Some(witness) if *witness == told.tip => {
            line("witness", &format!("refs/greenlit/ledger {place} stands there, too"))
        }
        Some(witness) => {
            line("witness", &format!("refs/greenlit/ledger {place} stands at {witness:.10}, which came before"))
        }
        None => line("witness", "none seen yet: the next `greenlit publish` makes it"),
    }
    if told.open.is_empty() {
        line("open", "nothing");
    }
    for (key, state) in &told.open {
        let (tone, told) = match state {
            State::Claimed(claim) => {
                (Tone::Careful, format!("claimed {} by {}", page.time(claim.claimed_at), escape(&claim.runner)))
            }
            State::Uncertain(_, why) => (Tone::Bad, format!("uncertain: {}", escape(&why.reason))),
            State::New | State::Published(_) | State::Failed(_) | State::Retracted(_) => continue,
        };
        line("open", &format!("{} {}, {told}", page.paint(tone, "●"), escape(&key.to_string())));
    }
    out += "\n";
    out += &page.wrapped(0, "`greenlit ledger verify` walks all of it.");
    out
}

/// The walk for programs.
pub fn verified(verified: &Verified) -> VerifyReport {
    let Walked { commits, entries, deliveries, open, sightings, tellings, reviews, comments, flaws, more } =
        verified.walked.clone();
    let finding = |Flaw { commit, path, what, mended }| FlawReport { commit, path, message: what, mended };
    VerifyReport {
        version: 1,
        holds: verified.holds(),
        root: verified.root.clone(),
        tip: verified.tip.clone(),
        commits,
        entries,
        deliveries,
        open,
        sightings,
        tellings,
        reviews,
        comments,
        findings: flaws.into_iter().map(finding).collect(),
        more,
    }
}

/// The walk for people.
pub fn verified_human(verified: &Verified, page: &Page) -> String {
    let Walked { commits, entries, deliveries, open, sightings, tellings, reviews, comments, flaws, more } =
        &verified.walked;
    let mut out = String::new();
    for flaw in flaws {
        let (tone, mark) = if flaw.mended { (Tone::Faint, "·") } else { (Tone::Bad, "✗") };
        let path = flaw.path.as_deref().map(escape).unwrap_or_default();
        out += &format!("{} {:.10}  {path}\n", page.paint(tone, mark), flaw.commit);
        let since = if flaw.mended { "; put right since" } else { "" };
        out += &page.hanging(2, 2, &format!("{}{since}", escape(&flaw.what)));
    }
    if !flaws.is_empty() {
        out += "\n";
    }
    if *more > 0 {
        out += &format!("And {more} more.\n\n");
    }
    let mut numbers = format!(
        "{}, {} of {} ({open} open), {}",
        counted(*commits, "commit"),
        counted(*entries, "entry"),
        counted(*deliveries, "delivery"),
        counted(*sightings, "sighting"),
    );
    if *reviews > 0 {
        numbers += &format!(", {}", counted(*reviews, "review"));
    }
    if *comments > 0 {
        numbers += &format!(", {}", counted(*comments, "comment"));
    }
    if *tellings > 0 {
        numbers += &format!(", {} of who was told what", counted(*tellings, "note"));
    }
    let broken = flaws.iter().filter(|flaw| !flaw.mended).count() + more;
    if broken == 0 {
        out += &page.wrapped(0, &format!("{} The ledger holds: {numbers}.", page.paint(Tone::Good, "✓")));
        return out;
    }
    let told = format!("{} {} in {numbers}.", page.paint(Tone::Bad, "✗"), counted(broken, "finding"));
    out += &page.wrapped(0, &told);
    out += &page.wrapped(
        0,
        "`git show COMMIT` says who did it, and when. What was taken away comes back with a commit on top: \
         `git checkout COMMIT~ -- PATH` on greenlit/ledger; what does not belong there goes the same way: `git rm PATH`.",
    );
    out
}
