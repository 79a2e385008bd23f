//! A notice as each channel takes it: what to send, within its limits.

use serde_json::{Value, json};

use super::{Line, Notice, Piece, TITLE, things, unlinked};
use crate::notify::{ChannelKind, Letter, Message};
use crate::view::page::cut;
use crate::view::pull_request::inert;

/// Characters of a message in all. Slack's blocks: documented are 3000 for a text and 50 blocks, and messages of some 13,000 were
/// seen to be refused (<https://docs.slack.dev/reference/block-kit/composition-objects/text-object>,
/// <https://github.com/slackapi/bolt-js/issues/2509>, checked 2026-11-28).
const SLACK: usize = 3_000;
/// `content` of a webhook's message on Discord: 2000 characters
/// (<https://discord.com/developers/docs/resources/webhook#execute-webhook>, checked 2026-11-28).
const DISCORD: usize = 2_000;
/// `text` of `sendMessage`: 4096 characters after entities parsing, counted in UTF-16 by its clients
/// (<https://core.telegram.org/bots/api#sendmessage>, checked 2026-11-28).
const TELEGRAM: usize = 4_096;
/// Bytes of a text in an event, which has 65,536 in all and this text twice
/// (<https://spec.matrix.org/latest/client-server-api/#size-limits>, checked 2026-11-28).
const MATRIX: usize = 16_000;
/// Bytes of a comment: GitHub takes 65,536 characters (<https://github.com/orgs/community/discussions/41331>, checked 2026-11-28).
const COMMENT: usize = 60_000;
/// Bytes of a text for whoever takes it further.
const PLAIN: usize = 100_000;

/// A message for a kind of channel.
pub(super) fn letter(notice: &Notice, message: &Message, kind: ChannelKind) -> Letter {
    let to = message.place.to.as_deref();
    match kind {
        ChannelKind::Slack => Letter::Json(slack(&fitted(notice, SLACK, &|one| utf16(&plain(one))), to)),
        ChannelKind::Discord => {
            let mention = to.map(|to| format!("<@{to}> ")).unwrap_or_default();
            let text = |one: &Notice| format!("{mention}{}", markdown(one));
            Letter::Json(discord(&text(&fitted(notice, DISCORD, &|one| utf16(&text(one)))), to))
        }
        ChannelKind::Matrix => Letter::Json(matrix(&fitted(notice, MATRIX, &|one| html(one, "<br/>").len()))),
        ChannelKind::Telegram => {
            // What the marks take is counted along: there is room enough.
            let text = html(&fitted(notice, TELEGRAM, &|one| utf16(&html(one, "\n"))), "\n");
            Letter::Json(json!({
                "chat_id": to,
                "text": text,
                "parse_mode": "HTML",
                "link_preview_options": { "is_disabled": true },
            }))
        }
        ChannelKind::Email => {
            let text = plain(&fitted(notice, PLAIN, &|one| plain(one).len()));
            Letter::Mail { subject: unlinked(&notice.subject).into_owned(), text }
        }
        ChannelKind::Webhook => Letter::Json(webhook(notice, message)),
        ChannelKind::Forge => Letter::Comment(comment(&fitted(notice, COMMENT, &|one| comment(one, to).len()), to)),
    }
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// As much of a notice as a channel takes: without reasons where it is too long, and then without the last news.
fn fitted(notice: &Notice, limit: usize, measure: &dyn Fn(&Notice) -> usize) -> Notice {
    if measure(notice) <= limit {
        return notice.clone();
    }
    let mut brief = notice.clone();
    for item in &mut brief.items {
        item.truncate(1);
    }
    let all = brief.items.len();
    while measure(&brief) > limit && !brief.items.is_empty() {
        brief.items.pop();
        let more = all - brief.items.len();
        brief.foot = vec![vec![
            Piece::Own(format!("And {} more: ", things(more))),
            Piece::Command("greenlit todo --fetch".to_owned()),
        ]];
    }
    brief
}

/// The news of a notice, and what stands before and behind them.
fn groups(notice: &Notice) -> impl Iterator<Item = &[Line]> {
    let news = notice.items.iter().map(Vec::as_slice);
    let all = [notice.head.as_slice()].into_iter().chain(news).chain([notice.foot.as_slice()]);
    all.filter(|group| !group.is_empty())
}

/// The lines of a notice, with an empty one between news.
fn all_lines(notice: &Notice) -> Vec<&Line> {
    static NONE: Line = Line::new();
    let mut lines: Vec<&Line> = Vec::new();
    for group in groups(notice) {
        if !lines.is_empty() {
            lines.push(&NONE);
        }
        lines.extend(group);
    }
    lines
}

fn joined(notice: &Notice, end: &str, piece: &dyn Fn(&Piece) -> String) -> String {
    let lines: Vec<String> = all_lines(notice).into_iter().map(|line| line.iter().map(piece).collect()).collect();
    lines.join(end)
}

/// Plain text; only addresses that a network told look like addresses.
pub(super) fn plain(notice: &Notice) -> String {
    joined(notice, "\n", &|piece| match piece {
        // What is to be typed is copied as it is.
        Piece::Own(text) | Piece::Strong(text) | Piece::Link(text) | Piece::Command(text) => text.clone(),
        Piece::Foreign(text) => unlinked(text).into_owned(),
    })
}

/// Markdown, in which what others wrote is code: there Discord makes neither links nor mentions of it.
fn markdown(notice: &Notice) -> String {
    let code = |text: &str| match text.trim().replace('`', "\u{2cb}") {
        empty if empty.is_empty() => String::new(),
        text => format!("`{text}`"),
    };
    joined(notice, "\n", &|piece| match piece {
        Piece::Own(text) => text.clone(),
        Piece::Strong(text) => format!("**{text}**"),
        Piece::Foreign(text) | Piece::Command(text) => code(text),
        // Without a preview.
        Piece::Link(url) => format!("<{}>", url.replace('>', "%3E")),
    })
}

/// Markup that Telegram and Matrix know; what others wrote is code, of which nothing else is made.
fn html(notice: &Notice, end: &str) -> String {
    joined(notice, end, &|piece| match piece {
        Piece::Own(text) => entities(text),
        Piece::Strong(text) => format!("<b>{}</b>", entities(text)),
        Piece::Foreign(text) | Piece::Command(text) if text.is_empty() => String::new(),
        Piece::Foreign(text) | Piece::Command(text) => format!("<code>{}</code>", entities(text)),
        Piece::Link(url) => format!("<a href=\"{0}\">{0}</a>", entities(url)),
    })
}

/// A comment on a forge: HTML, in which no sign of Markdown means anything. A mention is Markdown, in a paragraph of its own.
fn comment(notice: &Notice, to: Option<&str>) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Own(text) => inert::words(text),
        Piece::Strong(text) => format!("<b>{}</b>", inert::words(text)),
        Piece::Foreign(text) | Piece::Command(text) => inert::exact(text),
        Piece::Link(url) => format!("<a href=\"{0}\">{0}</a>", entities(url)),
    };
    let line = |line: &Line| line.iter().map(piece).collect::<String>();
    let paragraph = |group: &[Line]| format!("<p>{}</p>", group.iter().map(line).collect::<Vec<_>>().join("<br>"));
    let mention = to.map(|to| format!("@{to}\n\n")).unwrap_or_default();
    format!("{mention}{}\n", groups(notice).map(paragraph).collect::<Vec<_>>().join("\n"))
}

fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Rich text, of whose texts Slack makes nothing; `text` is what a notification shows, and is escaped
/// (<https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>, checked 2026-11-28).
fn slack(notice: &Notice, to: Option<&str>) -> Value {
    let mut elements: Vec<Value> = Vec::new();
    if let Some(user) = to {
        elements.push(json!({ "type": "user", "user_id": user }));
        elements.push(json!({ "type": "text", "text": " " }));
    }
    for (at, line) in all_lines(notice).into_iter().enumerate() {
        if at > 0 {
            elements.push(json!({ "type": "text", "text": "\n" }));
        }
        for piece in line {
            elements.push(match piece {
                Piece::Own(text) | Piece::Foreign(text) if text.is_empty() => continue,
                Piece::Own(text) => json!({ "type": "text", "text": text }),
                Piece::Foreign(text) => json!({ "type": "text", "text": unlinked(text) }),
                Piece::Strong(text) => json!({ "type": "text", "text": text, "style": { "bold": true } }),
                Piece::Command(text) => json!({ "type": "text", "text": text, "style": { "code": true } }),
                Piece::Link(url) => json!({ "type": "link", "url": url }),
            });
        }
    }
    let short = unlinked(&notice.subject).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({
        "text": short,
        "mrkdwn": false,
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": [{ "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": elements }] }],
    })
}

/// Nobody is called but the member whom the file names, and nothing gets a preview (flag 4).
fn discord(text: &str, to: Option<&str>) -> Value {
    let users: Vec<&str> = to.into_iter().collect();
    json!({ "content": text, "flags": 4, "allowed_mentions": { "parse": [], "users": users } })
}

/// With `m.mentions` nobody is called because of the text (<https://spec.matrix.org/latest/client-server-api/#user-and-room-mentions>,
/// checked 2026-11-28). Of what a bot says as `m.notice`, nobody's program tells them, by the rule `.m.rule.suppress_notices`
/// (<https://spec.matrix.org/latest/client-server-api/#default-override-rules>, checked 2026-11-28).
fn matrix(notice: &Notice) -> Value {
    json!({
        "msgtype": "m.text",
        "body": plain(notice),
        "format": "org.matrix.custom.html",
        "formatted_body": html(notice, "<br/>"),
        "m.mentions": {},
    })
}

/// For a program that takes it further.
fn webhook(notice: &Notice, message: &Message) -> Value {
    let news: Vec<Value> = message
        .items
        .iter()
        .map(|item| {
            let news = &item.news;
            let accounts: Vec<&str> = news.accounts.iter().map(|account| account.as_str()).collect();
            json!({
                "kind": item.key.kind,
                "post": news.post,
                "title": cut(&news.title, TITLE),
                "accounts": accounts,
                "until": news.deadline,
                "command": news.command,
            })
        })
        .collect();
    json!({
        "version": 1,
        "id": message.id,
        "reader": message.reader.to_string(),
        "digest": message.digest,
        "subject": notice.subject,
        "text": plain(&fitted(notice, PLAIN, &|one| plain(one).len())),
        "news": news,
    })
}
