//! What exactly would go out, account by account.

use chrono::{DateTime, Utc};
use unicode_segmentation::UnicodeSegmentation;

use super::escape;
use super::findings::{self, Found, Report};
use super::page::{Page, Tone, columns, counted};
use super::repeats::{self, SameTextReport};
use super::thread::{self, Remark};
use crate::plan::Duplicate;
use crate::render::length::{Measure, measure};
use crate::render::{Attachment, Capability, Card, Digest, Facet, Feature, Part, Payload};
use crate::workspace::{AccountName, Due, Finding, Post, PostId};

/// A post, and what of it would go where.
#[derive(Debug, Clone, Copy)]
pub struct Preview<'a> {
    /// The post's file, from the workspace's root.
    pub file: &'a str,
    /// The post; `None` where a finding says why it cannot be read.
    pub post: Option<&'a Post>,
    /// In the order of the post's `to`.
    pub accounts: &'a [Rendered],
    /// All that is wrong with it.
    pub findings: &'a [Finding],
    /// What people said about it and is open.
    pub remarks: &'a [Remark],
}

/// A post for one of its accounts.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The account.
    pub account: AccountName,
    /// Its network's name for people, and what would go out; `None` where a finding says why nothing can.
    pub payload: Option<(&'static str, Payload)>,
    /// How long each part is.
    pub measures: Vec<Measure>,
    /// Why it would be held, where the account said the same already.
    pub duplicate: Option<Duplicate>,
}

impl Rendered {
    /// A payload with the lengths of its parts, counted as the network counts.
    pub fn new(payload: Payload, capability: &Capability) -> Self {
        let warning = payload.content_warning.as_deref();
        let measures = payload.parts.iter().map(|part| measure(part, warning, &capability.length)).collect();
        Self {
            account: payload.account.name.clone(),
            payload: Some((capability.title, payload)),
            measures,
            duplicate: None,
        }
    }

    /// An account for which nothing can be made.
    pub fn failed(account: AccountName) -> Self {
        Self { account, payload: None, measures: Vec::new(), duplicate: None }
    }
}

/// What `greenlit preview --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PreviewReport {
    version: u32,
    /// The post's file, from the workspace's root.
    file: String,
    /// The post; missing where a finding says why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<PostReport>,
    /// In the order of the post's `to`.
    accounts: Vec<AccountReport>,
    /// All that is wrong with it.
    findings: Vec<Found>,
    /// Rejections and holds that stand, and comments since the file last changed on the trusted branch.
    remarks: Vec<Remark>,
}

/// What the post says that is not sent.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct PostReport {
    id: PostId,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    due: Due,
    /// A draft does not go out.
    draft: bool,
}

/// What would go out to one account.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct AccountReport {
    pub account: AccountName,
    /// What an approval names. It is missing where a finding says why nothing can go out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The length of each part of the payload, as the network counts.
    pub measures: Vec<Measure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// The other posts that said the same on this account, the newest first, where it would be held for that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same_text: Vec<SameTextReport>,
    /// When it may go out all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<DateTime<Utc>>,
}

impl AccountReport {
    /// What would go out, for programs.
    pub fn of(rendered: &Rendered) -> Self {
        let payload = rendered.payload.as_ref().map(|(_, payload)| payload.clone());
        Self {
            account: rendered.account.clone(),
            digest: payload.as_ref().map(Payload::digest),
            measures: rendered.measures.clone(),
            payload,
            same_text: rendered.duplicate.iter().flat_map(|found| &found.others).map(Into::into).collect(),
            held_until: rendered.duplicate.as_ref().and_then(|found| found.until),
        }
    }
}

impl Preview<'_> {
    /// For programs.
    pub fn report(&self) -> PreviewReport {
        PreviewReport {
            version: 1,
            file: self.file.to_owned(),
            post: self.post.map(|post| PostReport {
                id: post.id.clone(),
                title: post.title.clone(),
                due: post.due,
                draft: post.draft,
            }),
            accounts: self.accounts.iter().map(AccountReport::of).collect(),
            findings: Report::new(self.findings).findings,
            remarks: self.remarks.to_vec(),
        }
    }

    /// For people.
    pub fn human(&self, page: &Page) -> String {
        let mut out = String::new();
        if let Some(post) = self.post {
            let title = post.title.as_deref().map(|title| format!("  {}", escape(title))).unwrap_or_default();
            out += &format!("{}{title}\n", page.paint(Tone::Strong, post.id.as_str()));
        }
        out += &page.wrapped(0, &escape(self.file));
        if let Some(post) = self.post {
            out += &page.wrapped(0, &goes_out(post, page));
        }
        for rendered in self.accounts {
            out.push('\n');
            out += &account(rendered, page);
        }
        if !self.findings.is_empty() {
            out.push('\n');
            out += findings::human(self.findings, page.width, page.colour).trim_end();
            out.push('\n');
        }
        if !self.remarks.is_empty() {
            out.push('\n');
            out += &thread::human(self.remarks, page);
        }
        out
    }
}

fn goes_out(post: &Post, page: &Page) -> String {
    match post.due {
        _ if post.draft => "A draft: it does not go out before `draft: true` is taken away.".to_owned(),
        Due::Asap => "Goes out as soon as it is approved and on the trusted branch.".to_owned(),
        Due::At(at) => {
            format!("Goes out {} ({}), {}, {}.", page.time(at), page.zone, post.due, page.distance(at))
        }
    }
}

/// What was sent, to the letter, without the counts that matter while one writes.
pub fn sent(payload: &Payload, page: &Page) -> String {
    let mut out = String::new();
    for (name, value) in with(payload) {
        out += &fact(page, name, &value);
    }
    for (n, part) in payload.parts.iter().enumerate() {
        if payload.parts.len() > 1 {
            out += &format!("  Part {} of {}:\n", n + 1, payload.parts.len());
        }
        out += &self::part(part, page);
    }
    out
}

fn account(rendered: &Rendered, page: &Page) -> String {
    let name = page.paint(Tone::Strong, rendered.account.as_str());
    let Some((network, payload)) = &rendered.payload else {
        return format!("{name}\n  {}\n", page.paint(Tone::Bad, "Nothing can go out: see the findings."));
    };
    let identity = &payload.account;
    let at = identity.server.as_deref().map(|server| format!(" at {}", escape(server))).unwrap_or_default();
    let handle = identity.handle.as_deref().unwrap_or(rendered.account.name());
    let mut out = format!("{name}  {network}: {}{at}\n", escape(handle));
    out += &page.paint(Tone::Faint, &format!("  {}", payload.digest()));
    out.push('\n');
    for (name, value) in with(payload) {
        out += &fact(page, name, &value);
    }
    if let Some(duplicate) = &rendered.duplicate {
        let text = page.hanging(4, 4, &format!("It would be held: {}.", repeats::held(duplicate, page)));
        out += &format!("  {} {}", page.paint(Tone::Bad, "‖"), text.trim_start());
    }
    for (n, part) in payload.parts.iter().enumerate() {
        let which = match payload.parts.len() {
            1 => String::new(),
            parts => format!("Part {} of {parts}: ", n + 1),
        };
        let length = rendered.measures.get(n).map(|measured| length(measured, page)).unwrap_or_default();
        out += &format!("\n  {which}{length}\n");
        out += &self::part(part, page);
    }
    out
}

/// `312 of 300 characters`, `9 of 300 characters, 3007 of 3000 bytes`, `12 characters`
pub(super) fn amount(measured: &Measure) -> String {
    let first = match measured.limit {
        Some(limit) => format!("{} of {limit} {}", measured.count, measured.unit),
        None => counted(measured.count, measured.unit.trim_end_matches('s')),
    };
    let second = measured.second.map(|(count, limit, unit)| format!(", {count} of {limit} {unit}"));
    format!("{first}{}", second.unwrap_or_default())
}

/// `312 of 300 characters: 12 too many`
pub(super) fn length(measured: &Measure, page: &Page) -> String {
    let amount = amount(measured);
    let over = |count: usize, limit: usize| count.saturating_sub(limit);
    let most = over(measured.count, measured.limit.unwrap_or(usize::MAX));
    let second_most = measured.second.map_or(0, |(count, limit, _)| over(count, limit));
    let much = match (most, second_most, measured.second) {
        (0, 0, _) | (0, _, None) => return page.paint(Tone::Faint, &amount),
        (0, more, Some((_, _, unit))) => format!("{more} {unit} too many"),
        (more, _, _) => format!("{more} too many"),
    };
    page.paint(Tone::Bad, &format!("{amount}: {much}"))
}

fn part(part: &Part, page: &Page) -> String {
    let mut out = text(&part.text, page);
    for facet in &part.facets {
        out += &self::facet(&part.text, facet, page);
    }
    for attachment in &part.media {
        out += &file(attachment, page);
    }
    if let Some(card) = &part.card {
        out += &self::card(card, page);
    }
    out
}

/// A post's text, line by line. `│` begins a line, `┆` goes on with one that is too long for the terminal.
fn text(text: &str, page: &Page) -> String {
    if text.is_empty() {
        return format!("  {}\n", page.paint(Tone::Faint, "(no text)"));
    }
    let mut out = String::new();
    for line in super::escape_lines(text).replace('\t', "    ").split('\n') {
        for (n, piece) in fold(line, page.width.saturating_sub(4).max(8)).into_iter().enumerate() {
            let margin = page.paint(Tone::Faint, if n == 0 { "│" } else { "┆" });
            out += format!("  {margin} {piece}").trim_end();
            out.push('\n');
        }
    }
    out
}

/// A line in pieces of so many columns, broken behind blanks where there are some; put together they are the line.
fn fold(line: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut taken, mut blank) = (0, 0, None);
    for (at, sign) in line.grapheme_indices(true) {
        let wide = columns(sign);
        if taken + wide > width && at > start {
            let end = blank.take().unwrap_or(at);
            pieces.push(line.get(start..end).unwrap_or_default());
            taken = columns(line.get(end..at).unwrap_or_default());
            start = end;
        }
        taken += wide;
        if sign == " " {
            blank = Some(at + 1);
        }
    }
    pieces.push(line.get(start..).unwrap_or_default());
    pieces
}

fn facet(text: &str, facet: &Facet, page: &Page) -> String {
    let words = text.get(facet.range()).unwrap_or_default();
    match &facet.feature {
        Feature::Link { url } if url == words => fact(page, "link", url),
        Feature::Link { url } => fact(page, "link", &format!("{words} → {url}")),
        Feature::Mention { .. } => fact(page, "mention", words),
        Feature::Tag { .. } => fact(page, "tag", words),
    }
}

fn file(attachment: &Attachment, page: &Page) -> String {
    let mut out = fact(page, kind(attachment), &described(attachment));
    out += &match attachment.alt.as_str() {
        "" => line(page, &page.paint(Tone::Careful, "It has no text for people who do not see it.")),
        alt => line(page, &format!("“{}”", escape(alt))),
    };
    out
}

/// `picture`, `video`, `file`
pub(super) fn kind(attachment: &Attachment) -> &str {
    match attachment.mime.split('/').next().unwrap_or_default() {
        "image" => "picture",
        kind @ ("video" | "audio") => kind,
        _ => "file",
    }
}

/// `assets/launch.png, image/png, 1200 × 675 pixels, 48 kB`
pub(super) fn described(attachment: &Attachment) -> String {
    let Attachment { file, mime, width, height, size, .. } = attachment;
    let pixels = match (width, height) {
        (Some(width), Some(height)) => format!(", {width} × {height} pixels"),
        _ => String::new(),
    };
    format!("{file}, {mime}{pixels}, {}", bytes(*size))
}

fn bytes(size: u64) -> String {
    match size {
        0..1_000 => counted(usize::try_from(size).unwrap_or_default(), "byte"),
        1_000..1_000_000 => format!("{} kB", size.div_ceil(1_000)),
        _ => format!("{}.{} MB", size / 1_000_000, size % 1_000_000 / 100_000),
    }
}

fn card(card: &Card, page: &Page) -> String {
    let mut out = fact(page, "card", &card.title);
    if !card.description.is_empty() {
        out += &line(page, &escape(&card.description));
    }
    out += &line(page, &escape(&card.url));
    if let Some(image) = &card.image {
        out += &line(page, &escape(&described(image)));
    }
    out
}

/// What holds for all parts.
pub(super) fn with(payload: &Payload) -> Vec<(&str, String)> {
    let mut with = Vec::new();
    if !payload.languages.is_empty() {
        with.push(("language", payload.languages.join(", ")));
    }
    if let Some(warning) = &payload.content_warning {
        with.push(("warning", warning.clone()));
    }
    if payload.sensitive {
        with.push(("media", "hidden until a reader asks".to_owned()));
    }
    for (name, value) in &payload.options {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(items) => {
                let items = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
                items.collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        with.push((name, value));
    }
    if !payload.repeats.is_empty() {
        let posts: Vec<&str> = payload.repeats.iter().map(PostId::as_str).collect();
        with.push(("repeats", posts.join(", ")));
    }
    with
}

/// Where names begin, and what they say.
const INDENT: usize = 2;
const HANG: usize = 14;

/// `link        the news → https://acme.example`
fn fact(page: &Page, name: &str, value: &str) -> String {
    let name = escape(name);
    let gap = " ".repeat(HANG.saturating_sub(INDENT + columns(&name)).max(1));
    let lines = page.hanging(HANG, HANG, &escape(value));
    let label = format!("{}{}{gap}", " ".repeat(INDENT), page.paint(Tone::Faint, &name));
    format!("{label}{}", lines.get(HANG..).unwrap_or("\n"))
}

/// A line under a fact. The text must be escaped already.
fn line(page: &Page, text: &str) -> String {
    page.wrapped(HANG, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let now = "2026-11-30T09:00:00Z".parse().unwrap();
        Page { width: 40, colour: false, zone: chrono_tz::Europe::Berlin, now }
    }

    #[test]
    fn a_text_keeps_its_lines_and_every_blank() {
        let shown = text("First  line, and it is too long to stand here\n\n    indented\tcode", &page());
        assert_eq!(shown, "  │ First  line, and it is too long to\n  ┆ stand here\n  │\n  │     indented    code\n");
        let line = "発売のお知らせ 👩‍👩‍👧‍👦👩‍👩‍👧‍👦 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b  c";
        let pieces = fold(line, 12);
        assert_eq!(pieces.concat(), line);
        assert!(pieces.iter().all(|piece| columns(piece.trim_end()) <= 12), "{pieces:?}");
    }

    #[test]
    fn text_from_outside_cannot_move_the_cursor() {
        assert!(!text("a\u{1b}[2Jb\rc", &page()).contains(['\u{1b}', '\r']));
        assert!(!fact(&page(), "warn\u{1b}ing", "x\u{1b}[2J").contains('\u{1b}'));
    }

    #[test]
    fn too_much_is_said_in_numbers() {
        let measured = |count, limit, second| Measure { count, limit, unit: "characters", second };
        assert_eq!(length(&measured(3, Some(300), None), &page()), "3 of 300 characters");
        assert_eq!(length(&measured(1, None, None), &page()), "1 character");
        assert_eq!(length(&measured(301, Some(300), None), &page()), "301 of 300 characters: 1 too many");
        let bytes = Some((3007, 3000, "bytes"));
        assert_eq!(
            length(&measured(9, Some(300), bytes), &page()),
            "9 of 300 characters, 3007 of 3000 bytes: 7 bytes too many"
        );
    }

    #[test]
    fn sizes_in_words() {
        assert_eq!(
            [0, 1, 999, 1_001, 48_000, 2_340_000].map(bytes).join(", "),
            "0 bytes, 1 byte, 999 bytes, 2 kB, 48 kB, 2.3 MB"
        );
    }

    #[test]
    fn facts_stand_in_columns() {
        assert_eq!(fact(&page(), "tag", "#one"), "  tag         #one\n");
        assert_eq!(fact(&page(), "visibility", "unlisted"), "  visibility  unlisted\n");
        assert_eq!(
            fact(&page(), "link", "the news → https://acme.example/a"),
            "  link        the news →\n              https://acme.example/a\n"
        );
    }
}
