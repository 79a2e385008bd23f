//! What a run of publish came to: for programs every delivery, for people one entry for each post.

use chrono::{DateTime, Utc};

use super::escape;
use super::page::{Page, Tone, counted, listed};
use super::plan::{BrokenReport, broken};
use super::standing::Standing;
use crate::ledger::PartReceipt;
use crate::plan::{Plan, Step};
use crate::publish::{Ended, Ending, Outcome};
use crate::render::Digest;
use crate::workspace::{AccountName, PostId};

/// What `greenlit publish --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PublishReport {
    version: u32,
    /// The publisher's clock when it decided what to send.
    now: DateTime<Utc>,
    /// The trusted branch's commit that was read.
    trusted: String,
    /// Every delivery that was to be sent or settled, in the plan's order.
    deliveries: Vec<DeliveryReport>,
    /// Accounts that could not be given back what they had forgotten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    troubles: Vec<TroubleReport>,
    /// Posts and files with errors, which were left aside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    broken: Vec<BrokenReport>,
    /// Set where endings could not be written to the ledger, though parts may be out.
    #[serde(skip_serializing_if = "Option::is_none")]
    unrecorded: Option<String>,
}

/// One post to one account.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct DeliveryReport {
    post: PostId,
    occurrence: String,
    account: AccountName,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    result: ResultWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The parts that surely are out; of what was retracted, those that were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartReceipt>,
    /// Whether the next run tries again by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    retry: bool,
    /// Whether an earlier run had sent it and did not live to record it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    adopted: bool,
}

/// What became of a delivery, in one word.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ResultWord {
    /// It is out.
    Published,
    /// It is not out, or stopped half way for good.
    Failed,
    /// Not known to be out; the next run asks.
    Uncertain,
    /// It was changed in its place.
    Updated,
    /// It was taken down, or held back for good.
    Retracted,
    /// What people asked to be done with what is out could not be done, or not all of it.
    NotDone,
    /// Nothing was claimed and nothing sent.
    NotTried,
    /// Another publisher has it.
    Taken,
}

/// Something is wrong with an account.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct TroubleReport {
    account: AccountName,
    reason: String,
}

/// The outcome for programs.
pub fn report(plan: &Plan, outcome: &Outcome) -> PublishReport {
    let trouble = |trouble: &crate::publish::Trouble| TroubleReport {
        account: trouble.account.clone(),
        reason: trouble.reason.clone(),
    };
    PublishReport {
        version: 1,
        now: plan.now,
        trusted: plan.trusted.clone(),
        deliveries: outcome.ended.iter().map(DeliveryReport::from).collect(),
        troubles: outcome.troubles.iter().map(trouble).collect(),
        broken: all_broken(plan),
        unrecorded: outcome.unrecorded.clone(),
    }
}

/// Files that are no posts, and posts that cannot be sent because of their errors, each file once.
pub(super) fn all_broken(plan: &Plan) -> Vec<BrokenReport> {
    let mut all = broken(plan);
    for delivery in &plan.deliveries {
        if let Step::Broken { errors } = &delivery.step {
            let path = delivery.path.clone().unwrap_or_else(|| delivery.key.post.to_string());
            all.push(BrokenReport { path, errors: errors.clone() });
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|again, first| {
        let same = again.path == first.path;
        if same {
            first.errors.append(&mut again.errors);
            first.errors.sort();
            first.errors.dedup();
        }
        same
    });
    all
}

impl From<&Ended> for DeliveryReport {
    fn from(ended: &Ended) -> Self {
        let (result, reason, help, parts, retry, adopted) = match ended.ending.clone() {
            Ending::Published { parts, adopted } => (ResultWord::Published, None, None, parts, false, adopted),
            Ending::Failed { reason, parts, retry } => (ResultWord::Failed, Some(reason), None, parts, retry, false),
            Ending::Uncertain { reason, parts } => (ResultWord::Uncertain, Some(reason), None, parts, true, false),
            Ending::Updated { parts, .. } => (ResultWord::Updated, None, None, parts, false, false),
            Ending::Retracted { parts, gone, in_doubt, .. } => {
                let down = parts.into_iter().chain(gone).collect();
                (ResultWord::Retracted, in_doubt, None, down, false, false)
            }
            Ending::NotDone { reason, help } => {
                (ResultWord::NotDone, Some(reason), Some(help), Vec::new(), true, false)
            }
            Ending::NotTried { reason, help } => {
                (ResultWord::NotTried, Some(reason), Some(help), Vec::new(), true, false)
            }
            Ending::Taken => (ResultWord::Taken, None, None, Vec::new(), false, false),
        };
        DeliveryReport {
            post: ended.key.post.clone(),
            occurrence: ended.key.occurrence.to_string(),
            account: ended.key.account.clone(),
            title: ended.title.clone(),
            digest: match &ended.ending {
                Ending::Updated { now, .. } => Some(now.digest.clone()),
                _ => ended.digest.clone(),
            },
            result,
            reason,
            help,
            parts,
            retry,
            adopted,
        }
    }
}

/// The outcome for people.
pub fn human(plan: &Plan, outcome: &Outcome, page: &Page) -> String {
    let headline = page.wrapped(0, &headline(outcome));
    let mut out: String = headline.lines().map(|line| format!("{}\n", page.paint(Tone::Strong, line))).collect();
    let mut rest: Vec<&Ended> = outcome.ended.iter().collect();
    while let Some(first) = rest.first() {
        let post = first.key.post.clone();
        let title = if first.title.is_empty() { post.as_str() } else { &first.title };
        out += &format!("\n{}", page.wrapped(0, &escape(title)));
        let (same, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|ended| ended.key.post == post);
        for ended in same {
            out += &entry(ended, page);
        }
        rest = others;
    }
    for trouble in &outcome.troubles {
        let text = format!("{} has trouble: {}", escape(trouble.account.as_str()), escape(&trouble.reason));
        out += &format!("\n{} {}", page.paint(Tone::Bad, "!"), page.hanging(2, 2, &text).trim_start());
    }
    if outcome.ended.is_empty() {
        out += &why_nothing(plan, page);
    }
    let broken = all_broken(plan);
    if !broken.is_empty() {
        let files: Vec<String> = broken.iter().map(|file| escape(&file.path).into_owned()).collect();
        let text = format!("left aside because of errors: {}. See them: greenlit check", listed(&files, "and"));
        out += &format!("\n{} {}", page.paint(Tone::Bad, "!"), page.hanging(2, 2, &text).trim_start());
    }
    if let Some(reason) = &outcome.unrecorded {
        let text = unrecorded(reason);
        out += &format!("\n{} {}", page.paint(Tone::Bad, "!"), page.hanging(2, 2, &text).trim_start());
    }
    out
}

/// What is left where nothing was to be sent, and how to learn why.
fn why_nothing(plan: &Plan, page: &Page) -> String {
    let named = [
        (Standing::Held, "held"),
        (Standing::Rejected, "rejected"),
        (Standing::Waiting, "waiting for people"),
        (Standing::Late, "too late"),
        (Standing::Duplicate, "said already"),
        (Standing::Failed, "failed"),
        (Standing::Uncertain, "uncertain"),
        (Standing::Sending, "with another publisher"),
        (Standing::Scheduled, "scheduled"),
    ];
    let count = |wanted| plan.deliveries.iter().filter(|delivery| Standing::from(&delivery.step) == wanted).count();
    let left: Vec<String> = named
        .into_iter()
        .map(|(standing, words)| (count(standing), words))
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    if left.is_empty() {
        return String::new();
    }
    page.wrapped(0, &format!("Not sent: {}. Why: greenlit plan", left.join(", ")))
}

fn headline(outcome: &Outcome) -> String {
    let count = |wanted: fn(&Ending) -> bool| outcome.ended.iter().filter(|ended| wanted(&ended.ending)).count();
    let mut told = Vec::new();
    for (number, words) in [
        (count(|ending| matches!(ending, Ending::Failed { .. })), "failed"),
        (count(|ending| matches!(ending, Ending::Uncertain { .. })), "uncertain"),
        (count(|ending| matches!(ending, Ending::Updated { .. })), "changed in place"),
        (count(|ending| matches!(ending, Ending::Retracted { .. })), "retracted"),
        (count(|ending| matches!(ending, Ending::NotDone { .. })), "not done"),
        (count(|ending| matches!(ending, Ending::NotTried { .. })), "not tried"),
        (count(|ending| matches!(ending, Ending::Taken)), "left to another publisher"),
    ] {
        if number > 0 {
            told.push(format!("{number} {words}"));
        }
    }
    let published = count(|ending| matches!(ending, Ending::Published { .. }));
    if outcome.ended.is_empty() {
        return "Nothing to publish now.".to_owned();
    }
    let retracted = count(|ending| matches!(ending, Ending::Retracted { .. }));
    if published > 0 || retracted == 0 {
        told.insert(0, format!("Published {}", counted(published, "delivery")));
    }
    told.join(", ")
}

fn entry(ended: &Ended, page: &Page) -> String {
    let (mark, tone) = mark(&ended.ending);
    let (text, parts) = words(&ended.ending);
    let mut out = format!("{} {}\n", page.paint(tone, mark), escape(ended.key.account.as_str()));
    out += &page.wrapped(4, &text);
    for place in PartReceipt::places(parts) {
        // An address is not broken: people click on it.
        out += &format!("    {}\n", escape(place));
    }
    out
}

/// How an ending is marked.
pub(super) fn mark(ending: &Ending) -> (&'static str, Tone) {
    match ending {
        Ending::Published { .. } | Ending::Updated { .. } | Ending::Retracted { .. } => ("✓", Tone::Good),
        Ending::Taken => ("·", Tone::Faint),
        Ending::Failed { .. } | Ending::Uncertain { .. } | Ending::NotDone { .. } | Ending::NotTried { .. } => {
            ("!", Tone::Bad)
        }
    }
}

/// What there is to say of an ending, nothing where all is well, and the parts that are out. Escaped.
pub(super) fn words(ending: &Ending) -> (String, &[PartReceipt]) {
    match ending {
        Ending::Published { parts, adopted } => {
            let found = "an earlier run had sent it; now it is recorded";
            (if *adopted { found.to_owned() } else { String::new() }, parts)
        }
        Ending::Failed { reason, parts, retry: true } => {
            (format!("{}; the next run tries again", escape(reason)), parts)
        }
        Ending::Failed { reason, parts, retry: false } if parts.is_empty() => {
            (format!("refused: {}. Change the post and have it approved again", escape(reason)), parts)
        }
        Ending::Failed { reason, parts, retry: false } => {
            (format!("refused half way: {}. What is out stays out", escape(reason)), parts)
        }
        Ending::Uncertain { reason, parts } => {
            (format!("not known to be out: {}; the next run asks the network", escape(reason)), parts)
        }
        Ending::Updated { parts, .. } => ("changed in its place to what was approved".to_owned(), parts),
        Ending::Retracted { parts, gone, in_doubt, .. } => (retracted(parts, gone, in_doubt.as_deref()), parts),
        Ending::NotDone { reason, help } => (format!("not done: {}; {}", escape(reason), escape(help)), &[]),
        Ending::NotTried { reason, help } => (format!("not tried: {}; {}", escape(reason), escape(help)), &[]),
        Ending::Taken => ("another publisher has it".to_owned(), &[]),
    }
}

fn retracted(parts: &[PartReceipt], gone: &[PartReceipt], in_doubt: Option<&str>) -> String {
    let done = match (parts.is_empty(), gone.is_empty()) {
        (true, true) => "held back for good: it never went out",
        (false, true) => "taken down",
        (true, false) => "retracted; it was not there any more",
        (false, false) => "taken down; some of it was not there any more",
    };
    match in_doubt {
        Some(why) => format!("{done}. Whether more of it is out nobody knows: {}; look there yourself", escape(why)),
        None => done.to_owned(),
    }
}

/// What is told where endings are not on the ledger.
pub(super) fn unrecorded(reason: &str) -> String {
    format!(
        "NOT RECORDED: what became of these deliveries is not on the ledger: {}. Run greenlit publish again as soon \
         as the ledger can be written: it asks the networks before it sends anything",
        escape(reason)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::fixtures::{key, now, receipts};
    use crate::plan::BrokenFile;
    use crate::publish::Trouble;
    use crate::view::page::columns;

    fn plan() -> Plan {
        let broken =
            BrokenFile { path: "posts/oops.md".into(), id: None, errors: vec!["posts/oops.md:2:1: no".into()] };
        Plan { now: now(), trusted: "4f0c".repeat(10), deliveries: Vec::new(), broken: vec![broken] }
    }

    fn outcome() -> Outcome {
        let url = Some("https://fake.example/@acme/1".to_owned());
        let part = PartReceipt { id: "1".into(), url, revision: None };
        let reason =
            || "the server said \u{1b}[31m::error:: a long story about what it does not like at all".to_owned();
        let endings = [
            ("autumn", Ending::Published { parts: vec![part], adopted: false }),
            ("autumn", Ending::Failed { reason: reason(), parts: Vec::new(), retry: false }),
            ("winter", Ending::Uncertain { reason: reason(), parts: receipts(1) }),
            ("winter", Ending::NotTried { reason: reason(), help: "set the variable".into() }),
            ("spring", Ending::Taken),
        ];
        let ended =
            endings.into_iter().map(|(post, ending)| Ended::told(key(post), "A title\u{202e}", ending)).collect();
        let trouble = Trouble { account: key("autumn").account, reason: reason() };
        Outcome { ended, troubles: vec![trouble], unrecorded: Some(reason()) }
    }

    fn page() -> Page {
        Page { width: 80, colour: false, zone: chrono_tz::UTC, now: now() }
    }

    #[test]
    fn people_read_what_became_of_each_post() {
        let text = human(&plan(), &outcome(), &page());
        assert!(text.starts_with("Published 1 delivery, 1 failed, 1 uncertain, 1 not tried, 1 left to"), "{text}");
        assert_eq!(text.matches("A title").count(), 3, "one entry for each post:\n{text}");
        assert!(text.contains("    https://fake.example/@acme/1\n") && text.contains("NOT RECORDED"), "{text}");
        assert!(text.contains("posts/oops.md. See them: greenlit check"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains(" ::error"), "{text}");
        assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
        let nothing = Outcome { ended: Vec::new(), troubles: Vec::new(), unrecorded: None };
        assert!(human(&plan(), &nothing, &page()).starts_with("Nothing to publish now.\n"));
    }

    #[test]
    fn programs_read_the_same_in_one_word_each() {
        let report = serde_json::to_value(report(&plan(), &outcome())).unwrap();
        let words = report["deliveries"].as_array().unwrap().iter().map(|one| one["result"].as_str().unwrap());
        assert_eq!(words.collect::<Vec<_>>(), ["published", "failed", "uncertain", "not-tried", "taken"]);
        assert_eq!((&report["version"], &report["broken"][0]["path"]), (&1.into(), &"posts/oops.md".into()));
    }
}
