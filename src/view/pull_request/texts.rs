//! What a post would send, for a comment on a forge.

use std::borrow::Cow;

use super::inert::{exact, lines, words};
use super::markdown::listing;
use super::posts::PostReport;
use crate::render::length::Measure;
use crate::render::{Attachment, Card, Feature, Part, Payload};
use crate::view::page::{self, Page, counted};
use crate::view::preview::{AccountReport, described, kind, length, with};

/// Of a text, so many bytes are shown: more than any network takes but those that take anything.
const LONGEST_TEXT: usize = 6_000;
/// Where there is little room.
const SHORT_TEXT: usize = 400;

/// How much of a post is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Full,
    Short,
}

/// What a post would send to each of its accounts.
pub(super) fn accounts(post: &PostReport, shown: Length, page: &Page) -> String {
    let mut out = String::new();
    for (number, account) in post.accounts.iter().enumerate() {
        let earlier = post.accounts.get(..number).unwrap_or_default();
        out += &self::account(account, earlier, shown, page);
    }
    out
}

fn account(account: &AccountReport, earlier: &[AccountReport], shown: Length, page: &Page) -> String {
    let name = words(account.account.as_str());
    let Some(payload) = &account.payload else {
        return format!("<h4>{name}</h4>\n<p>❌ Nothing can go out: see what is to be corrected.</p>\n");
    };
    let identity = &payload.account;
    let handle = words(identity.handle.as_deref().unwrap_or(account.account.name()));
    let server = identity.server.as_deref().map(|server| format!(" at {}", words(server))).unwrap_or_default();
    let mut out = format!("<h4>{name} <sub>{handle}{server}</sub></h4>\n");
    let with: Vec<String> =
        with(payload).iter().map(|(name, value)| format!("{} {}", words(name), exact(value))).collect();
    let with = if with.is_empty() { String::new() } else { format!(" · {}", with.join(" · ")) };
    let twin = earlier.iter().find(|other| other.payload.as_ref().is_some_and(|other| alike(other, payload)));
    if let Some(twin) = twin {
        let measured: Vec<String> = account.measures.iter().map(|measure| measured(measure, page)).collect();
        return out + &format!("<p>The same as {}: {}{with}</p>\n", words(twin.account.as_str()), measured.join("; "));
    }
    for (number, part) in payload.parts.iter().enumerate() {
        let which = match payload.parts.len() {
            1 => String::new(),
            parts => format!("<b>Part {} of {parts}</b> · ", number + 1),
        };
        let length = account.measures.get(number).map(|measure| measured(measure, page)).unwrap_or_default();
        let with = if number == 0 { with.as_str() } else { "" };
        out += &format!("<p>{which}{length}{with}</p>\n<blockquote>{}</blockquote>\n", text(&part.text, shown));
        out += &listing(&facts(part, shown));
    }
    out
}

/// Whether two accounts get the same words and files.
fn alike(a: &Payload, b: &Payload) -> bool {
    let same = |(a, b): (&Part, &Part)| (&a.text, &a.media, &a.card) == (&b.text, &b.media, &b.card);
    a.parts.len() == b.parts.len() && a.parts.iter().zip(&b.parts).all(same)
}

/// `62 of 300 characters`, `❌ 312 of 300 characters: 12 too many`
fn measured(measure: &Measure, page: &Page) -> String {
    let length = length(measure, &Page { colour: false, ..*page });
    if measure.fits() { words(&length) } else { format!("❌ <b>{}</b>", words(&length)) }
}

fn text(text: &str, shown: Length) -> String {
    let most = if shown == Length::Full { LONGEST_TEXT } else { SHORT_TEXT };
    if text.trim().is_empty() {
        return "<i>no text</i>".to_owned();
    }
    if text.len() <= most {
        return lines(text);
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= most).last().unwrap_or(0);
    let kept = text.get(..end).unwrap_or_default();
    let left = counted(text.chars().count() - kept.chars().count(), "character");
    format!("{}<br><i>… and {left} more</i>", lines(kept))
}

/// Links, files and the card of a part.
fn facts(part: &Part, shown: Length) -> Vec<String> {
    let mut facts = Vec::new();
    for facet in &part.facets {
        let words = part.text.get(facet.range()).unwrap_or_default();
        if let Feature::Link { url } = &facet.feature
            && url != words
        {
            facts.push(format!("🔗 {} → {}", exact(words), exact(url)));
        }
    }
    facts.extend(part.media.iter().map(|attachment| file(attachment, shown)));
    facts.extend(part.card.iter().map(|one| card(one, shown)));
    facts
}

fn file(attachment: &Attachment, shown: Length) -> String {
    let sign = match kind(attachment) {
        "picture" => "🖼️",
        "video" => "🎞️",
        "audio" => "🔊",
        _ => "📎",
    };
    let alt = match attachment.alt.as_str() {
        "" => "⚠️ no text for people who do not see it".to_owned(),
        alt => format!("“{}”", words(&cut(alt, shown))),
    };
    format!("{sign} {}<br>{alt}", words(&described(attachment)))
}

fn card(card: &Card, shown: Length) -> String {
    let mut out = format!("🗂️ Card: <b>{}</b>", words(&cut(&card.title, shown)));
    if !card.description.is_empty() {
        out += &format!("<br>{}", words(&cut(&card.description, shown)));
    }
    out += &format!("<br>{}", exact(&card.url));
    if let Some(image) = &card.image {
        out += &format!("<br>{}", words(&described(image)));
    }
    out
}

/// A text beside a post, as far as there is room for it.
fn cut(text: &str, shown: Length) -> Cow<'_, str> {
    page::cut(text, if shown == Length::Full { LONGEST_TEXT } else { SHORT_TEXT })
}
