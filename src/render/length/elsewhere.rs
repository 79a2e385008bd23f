//! Networks that greenlit does not publish to yet, by how they count. Those that it does publish to say it themselves,
//! in their [`Capability`](crate::render::Capability).
//!
//! Where a network speaks of characters and not of which, UTF-16 code units are counted: there are never fewer of them
//! than of any other kind, so what fits here fits there.

use crate::render::Length;

/// A network and how long one of its posts may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elsewhere {
    /// `x`
    pub network: &'static str,
    /// For people: `X`.
    pub title: &'static str,
    /// What it was called before: `twitter`.
    pub formerly: Option<&'static str>,
    /// How long a post may be, and how that is counted.
    pub length: Length,
    /// What else to know.
    pub note: Option<&'static str>,
}

/// Every such network. All figures were checked on 2026-11-28.
pub static ELSEWHERE: &[Elsewhere] = &[
    // `config/v3.json` in <https://github.com/twitter/twitter-text>: accounts that pay may write more.
    Elsewhere { formerly: Some("twitter"), ..network("x", "X", Length::Weighted { limit: 280, url: 23 }) },
    // <https://developers.facebook.com/documentation/threads/posts> (2026-04-14): 500 characters, emoji by their bytes.
    // Servers refuse 498 characters of 504 bytes, the longer ones quotation marks
    // (<https://github.com/gitroomhq/postiz-app/pull/1946>, 2026-08-23): all is counted by its bytes.
    network("threads", "Threads", Length::Bytes { limit: 500 }),
    // "ShareCommentary text length (8694 characters) exceeded the maximum allowed (3000 characters)"
    // (<https://github.com/n8n-io/n8n/issues/22899>, 2025-12-07).
    Elsewhere {
        note: Some("backslashes before reserved characters do not count"),
        ..network("linkedin", "LinkedIn", Length::Utf16 { limit: 3000 })
    },
    // <https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media>: `caption`.
    network("instagram", "Instagram", Length::Utf16 { limit: 2200 }),
    // No reference of Meta's has it; Facebook's own engineers named it in 2011, and clients go by it (`MAX_CHARACTERS` in
    // diaspora/diaspora, and gitroomhq/postiz-app).
    network("facebook", "Facebook", Length::Utf16 { limit: 63_206 }),
    // <https://core.telegram.org/bots/api#sendmessage>: 1-4096 characters after entities parsing; #sendphoto: 1024.
    // <https://core.telegram.org/api/entities>: lengths are UTF-16 code units.
    Elsewhere {
        note: Some("a caption under media may have 1024"),
        ..network("telegram", "Telegram", Length::Utf16 { limit: 4096 })
    },
    // <https://docs.discord.com/developers/resources/webhook#execute-webhook>: `content`, up to 2000 characters.
    network("discord", "Discord", Length::CodePoints { limit: 2000 }),
    // <https://api.slack.com/changelog/2018-04-truncating-really-long-messages>; <https://api.slack.com/methods/chat.postMessage>.
    Elsewhere {
        note: Some("Slack recommends 4000, and cuts off what is beyond 40000"),
        ..network("slack", "Slack", Length::Utf16 { limit: 40_000 })
    },
    // <https://developers.google.com/youtube/v3/docs/videos#snippet.description>: 5000 bytes.
    Elsewhere {
        note: Some("a description; a title may have 100 characters"),
        ..network("youtube", "YouTube", Length::Bytes { limit: 5000 })
    },
    // `v5/openapi.yaml` in <https://github.com/pinterest/api-description>: `PinCreate`, `description` has maxLength 800.
    Elsewhere {
        note: Some("a description; a title may have 100"),
        ..network("pinterest", "Pinterest", Length::Utf16 { limit: 800 })
    },
    // <https://developers.tiktok.com/doc/content-posting-api-reference-direct-post>: `title`, 2200 in UTF-16 runes.
    Elsewhere {
        note: Some("a video's caption; pictures may have 4000, and a title of 90"),
        ..network("tiktok", "TikTok", Length::Utf16 { limit: 2200 })
    },
    // <https://spec.matrix.org/latest/client-server-api/#size-limits>.
    Elsewhere {
        note: Some("the limit is for the whole event, which also holds the text as HTML"),
        ..network("matrix", "Matrix", Length::Bytes { limit: 65_536 })
    },
    // NIP-11, `max_content_length`: <https://github.com/nostr-protocol/nips/blob/master/11.md>.
    Elsewhere { note: Some("relays have limits of their own"), ..network("nostr", "Nostr", Length::Unlimited) },
    // <https://github.com/reddit/reddit/commit/4245fde3e1836ea9f649b94643bbbef5b581c1ea> (2015), which counts as Python does.
    Elsewhere {
        note: Some("a title may have 300"),
        ..network("reddit", "Reddit", Length::CodePoints { limit: 40_000 })
    },
    // `POST_BODY_MAX_LENGTH`, `crates/utils/src/utils/validation.rs` in <https://github.com/LemmyNet/lemmy>.
    network("lemmy", "Lemmy", Length::CodePoints { limit: 50_000 }),
];

const fn network(network: &'static str, title: &'static str, length: Length) -> Elsewhere {
    Elsewhere { network, title, formerly: None, length, note: None }
}
