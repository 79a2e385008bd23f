//! The comment on a pull request: at the top what goes out and what is missing, below it, folded, everything.

use std::collections::BTreeSet;

use super::inert::{columns, exact, plain, sentence, words};
use super::posts::{Given, PostReport, StandingReport};
use super::texts::{Length, accounts};
use super::{Change, PolicyChange, PullRequestReport, State, errors};
use crate::policy::{Status, paste};
use crate::view::decision::{Line, lines, names};
use crate::view::findings::Found;
use crate::view::page::{self, Page, counted, listed};
use crate::view::preview::AccountReport;
use crate::view::reviews::{Became, CHANGES_REQUESTED, told};
use crate::view::roles::diff::effects::Effect;
use crate::view::standing::Standing;
use crate::workspace::{AccountName, Due, Roles, Severity};

/// How many bytes a comment may have. GitHub takes 65,536 characters, GitLab 1,000,000, and Forgejo as much as a request
/// may have: <https://github.com/orgs/community/discussions/41331>, <https://docs.gitlab.com/administration/instance_limits/>
/// (checked 2026-11-28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(pub usize);

impl Budget {
    /// What every forge takes.
    pub const EVERYWHERE: Self = Self(65_000);
}

/// How a yes is said on a forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yes {
    /// With a review of a commit, or in a terminal.
    Review,
    /// With a comment that names what is approved: the forge keeps no commit with an approval.
    Paste,
}

/// Of a list, so many are shown.
const MOST_ROWS: usize = 60;
const MOST_FINDINGS: usize = 30;

/// What is kept free for the end, and for saying what was left out.
const RESERVE: usize = 3_000;

/// The comment, in blocks of HTML that are Markdown, too. It is never longer than the budget, and says what it leaves out.
pub fn markdown(report: &PullRequestReport<'_>, roles: &Roles, page: &Page, budget: Budget, yes: Yes) -> String {
    let mut sheet = Sheet { text: String::new(), room: budget.0.saturating_sub(RESERVE), left_out: Vec::new() };
    sheet.write(&head(report));
    for rows in [MOST_ROWS, 20, 5] {
        if sheet.fits(&table(report, rows, page)) {
            sheet.write(&table(report, rows, page));
            break;
        }
    }
    if let Some(unusable) = report.unusable {
        sheet.add("the errors of the settings", &format!("<p>❌ {}</p>\n", sentence(unusable).replace("\\n", "<br>")));
    }
    if let Some(policy) = report.policy {
        let whole = self::policy(policy, roles, page, true);
        let text = if sheet.fits(&whole) { whole } else { self::policy(policy, roles, page, false) };
        sheet.add("what the policy changes", &text);
    }
    if report.unread.is_some() || !report.reviews.is_empty() {
        sheet.add("the reviews", &reviews(report, roles));
    }
    // Every post is told in short before one of them takes all the room.
    let short: Vec<String> =
        report.posts.iter().map(|one| post(one, report, roles, page, (Length::Short, yes))).collect();
    let mut behind: usize = short.iter().map(String::len).sum();
    for (one, short) in report.posts.iter().zip(&short) {
        behind -= short.len();
        let full = post(one, report, roles, page, (Length::Full, yes));
        let text = if sheet.text.len() + full.len() + behind <= sheet.room { &full } else { short };
        sheet.add(&one.file, text);
    }
    if !report.elsewhere.is_empty() {
        sheet.add("what becomes of other posts", &elsewhere(&report.elsewhere));
    }
    if !report.findings.is_empty() {
        let all = format!("<p><b>In other files</b></p>\n{}", findings(&report.findings, true));
        sheet.add("what is wrong with other files", &all);
    }
    if report.calendar.len() > 1 {
        sheet.add("the calendar", &calendar(report, page));
    }
    let foot = foot(report, page);
    sheet.end(&foot)
}

/// A comment that is being written.
struct Sheet {
    text: String,
    room: usize,
    left_out: Vec<String>,
}

impl Sheet {
    fn fits(&self, block: &str) -> bool {
        self.text.len() + block.len() < self.room
    }

    fn write(&mut self, block: &str) {
        if !self.text.is_empty() && !block.is_empty() {
            self.text.push('\n');
        }
        self.text += block;
    }

    /// Writes a block where there is room, and else notes that it is missing.
    fn add(&mut self, name: &str, block: &str) {
        if self.fits(block) { self.write(block) } else { self.left_out.push(exact(name)) }
    }

    fn end(mut self, foot: &str) -> String {
        if !self.left_out.is_empty() {
            const FEW: usize = 10;
            let few: Vec<String> = self.left_out.iter().filter(|name| name.len() < 160).take(FEW).cloned().collect();
            let more = match self.left_out.len() - few.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = few.join(", ");
            self.write(&format!(
                "<p>✂️ <b>Left out, for a comment has no more room:</b> {named}{more}. <code>greenlit review comment --print</code> \
                 leaves nothing out.</p>\n"
            ));
        }
        self.write(foot);
        self.text
    }
}

/// The sign of a state. It never stands alone.
fn sign(state: State) -> &'static str {
    match state {
        State::Errors | State::Rejected => "❌",
        State::Held => "✋",
        State::Look => "⚠️",
        State::Waiting => "⏳",
        State::Approved => "✅",
        State::Quiet | State::Nothing => "💤",
    }
}

/// Where it stands, in a line without anything from outside, and what follows from that.
fn headline(report: &PullRequestReport<'_>) -> (String, String) {
    let in_state = |state| report.posts.iter().filter(|post| post.state == state).count();
    let posts = |state| counted(in_state(state), "post");
    let people: Vec<String> = report.turn.iter().map(|who| format!("<b>{}</b>", words(&who.name))).collect();
    let people = listed(&people, "and");
    let for_whom = if people.is_empty() { String::new() } else { format!(" It is the turn of {people}.") };
    let all: usize = report.posts.iter().map(|post| errors(&post.findings)).sum::<usize>() + errors(&report.findings);
    match report.state {
        State::Errors if report.unusable.is_some() => {
            ("the settings cannot be used".to_owned(), "Nothing can be judged before they are corrected.".to_owned())
        }
        State::Errors => {
            (format!("{} to correct", counted(all.max(1), "error")), "Until then, it cannot go out.".to_owned())
        }
        State::Rejected => {
            (format!("{} rejected", posts(State::Rejected)), format!("Nothing of it goes out.{for_whom}"))
        }
        State::Held => (format!("{} held", posts(State::Held)), format!("Nothing of it goes out.{for_whom}")),
        State::Look => (format!("{} to look at", posts(State::Look)), "It does not go out by itself.".to_owned()),
        State::Waiting if report.policy.is_some_and(|policy| !policy.is_approved()) => (
            "an admin must approve the change of the policy".to_owned(),
            format!(
                "Merge it after that: while a change of the policy waits on the branch, nothing is published.{for_whom}"
            ),
        ),
        State::Waiting => {
            let several = if in_state(State::Waiting) == 1 { "waits" } else { "wait" };
            (format!("{} {several} for approval", posts(State::Waiting)), for_whom.trim_start().to_owned())
        }
        State::Approved => {
            let text = "Everybody has said yes who must. Merged, it goes out as it stands here.";
            ("approved".to_owned(), text.to_owned())
        }
        State::Quiet => {
            ("nobody has to say yes".to_owned(), "Drafts, and what is out already, wait for nobody.".to_owned())
        }
        State::Nothing => ("no post is touched".to_owned(), "Nothing that goes out is changed here.".to_owned()),
    }
}

fn head(report: &PullRequestReport<'_>) -> String {
    let (title, text) = headline(report);
    let text = if text.is_empty() { String::new() } else { format!("<p>{text}</p>\n") };
    format!("<h3>{} greenlit: {title}</h3>\n{text}", sign(report.state))
}

impl PullRequestReport<'_> {
    /// Where it stands, in a line without anything from outside.
    pub fn title(&self) -> String {
        headline(self).0
    }

    /// What goes out and what is missing, without the rest.
    pub fn overview(&self, page: &Page) -> String {
        format!("{}\n{}", head(self), table(self, MOST_ROWS, page))
    }
}

/// What goes out when, and what is missing.
fn table(report: &PullRequestReport<'_>, most: usize, page: &Page) -> String {
    if report.posts.is_empty() {
        return String::new();
    }
    let mut out =
        "<table>\n<tr><th align=\"left\">What goes out</th><th align=\"left\">What is missing</th></tr>\n".to_owned();
    for post in report.posts.iter().take(most) {
        let name = post.post.as_ref().map_or_else(|| exact(&post.file), |id| exact(id.as_str()));
        let title = if post.title.is_empty() { String::new() } else { format!("<br>{}", words(&cut(&post.title))) };
        let when = when(post, page);
        let to: Vec<&AccountName> = post.standings.iter().flat_map(|standing| &standing.accounts).collect();
        let to = if to.is_empty() { String::new() } else { format!("<br><sub>{}</sub>", accounts_of(&to)) };
        let sign = sign(post.state);
        out += &format!("<tr><td>{name}{title}<br>{when}{to}</td><td>{sign} {}</td></tr>\n", missing(post));
    }
    if report.posts.len() > most {
        out += &format!("<tr><td colspan=\"2\">… and {} more</td></tr>\n", report.posts.len() - most);
    }
    out + "</table>\n"
}

/// A title, as far as it fits into a cell.
fn cut(title: &str) -> String {
    page::cut(title, 80).into_owned()
}

fn accounts_of(accounts: &[&AccountName]) -> String {
    const FEW: usize = 6;
    let few: Vec<String> = accounts.iter().take(FEW).map(|account| words(account.as_str())).collect();
    let more = accounts.len().saturating_sub(FEW);
    if more == 0 { few.join(", ") } else { format!("{} and {more} more", few.join(", ")) }
}

/// How far away a time is, is not told: a comment stands for days.
fn when(post: &PostReport, page: &Page) -> String {
    let time = |due| match due {
        Due::At(at) => words(&page.time(at)),
        Due::Asap => "as soon as approved".to_owned(),
    };
    let now = match (post.change, post.due) {
        (Change::Removed, _) => return "removed".to_owned(),
        (_, None) => return "unknown".to_owned(),
        (_, Some(_)) if post.draft => return "a draft: never".to_owned(),
        (_, Some(due)) => time(due),
    };
    match post.due_before {
        Some(before) => format!("{now}<br>instead of {}", time(before)),
        None => now,
    }
}

/// What keeps a post from going out, or that nothing does.
fn missing(post: &PostReport) -> String {
    let mut told = Vec::new();
    let wrong = errors(&post.findings);
    if wrong > 0 || (post.state == State::Errors && post.standings.is_empty()) {
        told.push(format!("{} to correct", counted(wrong.max(1), "error")));
    }
    let several = post.standings.len() > 1;
    for standing in post.standings.iter().filter(|standing| wrong == 0 || standing.standing != Standing::Broken) {
        let reason = plain(&page::cut(&standing.reason, 300));
        let accounts: Vec<&AccountName> = standing.accounts.iter().collect();
        told.push(if several { format!("{}: {reason}", accounts_of(&accounts)) } else { reason });
    }
    let given = post.standings.iter().flat_map(|standing| &standing.approvals);
    let lost: BTreeSet<&str> = given.filter(|one| one.counted && !one.counts).map(|one| one.commit.as_str()).collect();
    if !lost.is_empty() {
        told.push(format!("the change takes back {}", counted(lost.len(), "approval")));
    }
    if post.change == Change::Removed {
        told.push(if post.was_out { "what is out stays out" } else { "nothing of it went out" }.to_owned());
    }
    told.join("<br>")
}

/// Who said what by review, and whether it counts.
fn reviews(report: &PullRequestReport<'_>, roles: &Roles) -> String {
    let told = report.reviews.iter().take(MOST_ROWS).map(|review| {
        let sign = match (review.became, review.says) {
            (Became::NotCounted | Became::TakenBack, _) => "➖",
            (_, CHANGES_REQUESTED) => "❌",
            _ => "✅",
        };
        format!("{sign} {}", plain(&told(review, |id| roles.name_of(id).to_owned())))
    });
    let mut told: Vec<String> = told.collect();
    if report.reviews.len() > MOST_ROWS {
        told.push(format!("… and {} more", report.reviews.len() - MOST_ROWS));
    }
    if let Some(why) = report.unread {
        told.push(format!("❗ They could not be read, so none of them counts here: {}", words(&page::cut(why, 300))));
    }
    format!("<p><b>Reviews</b></p>\n{}", listing(&told))
}

/// All of a post, folded.
fn post(
    post: &PostReport,
    report: &PullRequestReport<'_>,
    roles: &Roles,
    page: &Page,
    (shown, yes): (Length, Yes),
) -> String {
    let name = post.post.as_ref().map_or_else(|| exact(&post.file), |id| exact(id.as_str()));
    let what = match post.change {
        Change::Added => "new",
        Change::Edited => "changed",
        Change::Moved => "moved",
        Change::Media => "a file that it sends is changed",
        Change::Removed => "removed",
    };
    let open = if report.posts.len() == 1 { " open" } else { "" };
    let sign = sign(post.state);
    let title = if post.title.is_empty() { String::new() } else { format!(" {}", words(&cut(&post.title))) };
    let mut out = format!("<details{open}><summary>{sign} <b>{name}</b>{title} ({what})</summary>\n");
    out += &format!("<p>{}</p>\n", exact(&post.file));
    if !post.findings.is_empty() {
        out += "<p><b>What <code>check</code> finds</b></p>\n";
        out += &findings(&post.findings, false);
    }
    for standing in &post.standings {
        out += &who_decides(standing, post.standings.len() > 1, roles, page);
    }
    if yes == Yes::Paste {
        out += &to_paste(post);
    }
    out += &accounts(post, shown, page);
    out + "</details>\n"
}

fn who_decides(standing: &StandingReport, several: bool, roles: &Roles, page: &Page) -> String {
    let accounts: Vec<&AccountName> = standing.accounts.iter().collect();
    let of = if several { format!(" for {}", accounts_of(&accounts)) } else { String::new() };
    let mut out = String::new();
    if let Some(decision) = &standing.decision {
        out += &format!("<p><b>Who decides{of}</b></p>\n");
        out += &nested(&lines(decision, roles, page));
    }
    let told: Vec<String> = standing.approvals.iter().filter_map(given).collect();
    if !told.is_empty() {
        out += &format!("<p><b>Approvals given before this change{of}</b></p>\n{}", listing(&told));
    }
    out
}

/// The lines that approve it, one for each account that waits.
fn to_paste(post: &PostReport) -> String {
    let waits = |account: &&AccountReport| {
        let of = post.standings.iter().find(|standing| standing.accounts.contains(&account.account));
        of.is_some_and(|standing| standing.standing == Standing::Waiting)
    };
    let due = post.due.unwrap_or(Due::Asap);
    let waiting = post.accounts.iter().filter(waits).filter_map(|account| account.digest.as_ref());
    let lines: Vec<String> = waiting.map(|digest| paste::line(digest, due)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("<p><b>To say yes, write in a comment of your own</b></p>\n{}\n", columns(&lines.join("\n")))
}

fn given(given: &Given) -> Option<String> {
    let commit = words(given.commit.get(..10).unwrap_or_default());
    match (given.counted, given.counts) {
        (true, true) => Some(format!("✅ {} is kept ({commit})", words(&given.what))),
        (true, false) => Some(format!("➖ {} is lost: {} ({commit})", words(&given.what), words(&given.reason))),
        (false, _) => None,
    }
}

/// A tree as lists in lists.
fn nested(lines: &[Line]) -> String {
    let mut out = String::new();
    let mut open = 0;
    for line in lines {
        while open > line.depth + 1 {
            out += "</li></ul>";
            open -= 1;
        }
        out += if open == line.depth + 1 { "</li>\n" } else { "<ul>" };
        open = line.depth + 1;
        let sign = match line.status {
            Status::Approved => "✅",
            Status::Waiting => "⏳",
            Status::Pending => "💤",
            Status::Held => "✋",
            Status::Rejected | Status::Error => "❌",
            Status::NotCounted => "➖",
        };
        out += &format!("<li>{sign} {}", plain(&line.text));
    }
    out + &"</li></ul>".repeat(open) + if open > 0 { "\n" } else { "" }
}

/// A list; nothing where there is nothing in it.
pub(super) fn listing(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<ul>{items}</ul>\n")
}

/// What is wrong, the worst first.
fn findings(findings: &[Found], named: bool) -> String {
    let mut sorted: Vec<&Found> = findings.iter().collect();
    sorted.sort_by_key(|found| match found.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    });
    let told = sorted.iter().take(MOST_FINDINGS).map(|found| {
        let sign = match found.severity {
            Severity::Error => "❌",
            Severity::Warning => "⚠️",
            Severity::Info => "💡",
        };
        let place =
            if named { format!("{}, line {}", exact(&found.file), found.line) } else { format!("line {}", found.line) };
        let help = if found.help.is_empty() { String::new() } else { format!("<br>{}", sentence(&found.help)) };
        let code = exact(found.name.as_deref().unwrap_or(found.code));
        format!("{sign} {place}: {} ({code}){help}", sentence(&found.message))
    });
    let mut told: Vec<String> = told.collect();
    if sorted.len() > MOST_FINDINGS {
        told.push(format!("… and {} more", sorted.len() - MOST_FINDINGS));
    }
    listing(&told)
}

/// Other posts whose approvals the change touches, because it changes the settings.
fn elsewhere(effects: &[Effect]) -> String {
    const FEW: usize = 30;
    let told = effects.iter().take(FEW).map(|effect| {
        let lost =
            effect.lost.iter().map(|lost| format!("<br>➖ {} is lost: {}", words(&lost.what), words(&lost.reason)));
        let gained = effect.gained.iter().map(|gained| format!("<br>✅ {} counts", words(&gained.what)));
        let accounts: Vec<&AccountName> = effect.accounts.iter().collect();
        let accounts = accounts_of(&accounts);
        let out = effect.before.is_none().then(|| "<br>What is out says something else.".to_owned());
        let rest: String = out.into_iter().chain(lost).chain(gained).collect();
        format!("{} for {accounts}{rest}", exact(effect.post.as_str()))
    });
    let mut told: Vec<String> = told.collect();
    if effects.len() > FEW {
        told.push(format!("… and {} more", effects.len() - FEW));
    }
    let count = counted(effects.len(), "other post");
    format!("<details><summary>⚠️ <b>{count} would stand otherwise</b></summary>\n{}</details>\n", listing(&told))
}

fn policy(policy: &PolicyChange, roles: &Roles, page: &Page, whole: bool) -> String {
    let files: Vec<String> = policy.files.iter().map(|file| exact(file)).collect();
    let files = listed(&files, "and");
    let state = if policy.is_approved() { State::Approved } else { State::Waiting };
    let mut out = format!(
        "<details{}><summary>{} <b>The policy changes</b>: {files}</summary>\n",
        if whole { " open" } else { "" },
        sign(state)
    );
    out += &match &policy.decision {
        None => {
            "<p>No root of trust is pinned for this run: the change is in force once it is merged.</p>\n".to_owned()
        }
        Some(decision) if decision.approved() => {
            format!(
                "<p>Admins approved exactly this change. It is in force once it is merged.</p>\n{}",
                nested(&lines(decision, roles, page))
            )
        }
        Some(decision) => format!(
            "<p>It is in force only once admins approve it: {}. It is the turn of {}; they type <code>greenlit approve \
             --policy --ref BRANCH</code>.</p>\n{}",
            words(&decision.reason),
            plain(&names(&decision.turn, roles)),
            nested(&lines(decision, roles, page))
        ),
    };
    if whole && !policy.in_words.is_empty() {
        out += &format!("<p><b>What other roles do</b></p>\n{}\n", columns(&policy.in_words));
    }
    if whole && !policy.difference.is_empty() {
        out += &format!("<p><b>Line by line</b></p>\n{}\n", columns(&policy.difference));
    }
    out + "</details>\n"
}

fn calendar(report: &PullRequestReport<'_>, page: &Page) -> String {
    let mut out = "<details><summary>🗓️ <b>In the calendar</b></summary>\n<table>\n".to_owned();
    for slot in report.calendar.iter().take(MOST_ROWS) {
        let accounts: Vec<&AccountName> = slot.accounts.iter().collect();
        let (name, title) = (exact(slot.post.as_str()), words(&cut(&slot.title)));
        let name = if slot.touched { format!("<b>{name} (this one)</b>") } else { name };
        let row = format!(
            "<td>{}</td><td>{name}<br>{title}</td><td>{}</td>",
            words(&page.time(slot.at)),
            accounts_of(&accounts)
        );
        out += &format!("<tr>{row}</tr>\n");
    }
    if report.calendar.len() > MOST_ROWS {
        out += &format!("<tr><td colspan=\"3\">… and {} more</td></tr>\n", report.calendar.len() - MOST_ROWS);
    }
    out + "</table>\n</details>\n"
}

fn foot(report: &PullRequestReport<'_>, page: &Page) -> String {
    let (head, base) = (report.head.get(..10).unwrap_or_default(), report.base.get(..10).unwrap_or_default());
    format!(
        "<p><sub>Commit {} on {} at {}; times are those of {}. What is approved is exactly this: whatever changes it takes \
         approvals back.</sub></p>\n",
        exact(head),
        words(&report.branch),
        exact(base),
        words(page.zone.name())
    )
}
