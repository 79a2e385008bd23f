//! What is stored for a part: the record, complete but for the posts that it answers.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::CAPABILITY;
use crate::network::SendError;
use crate::render::{Attachment, Facet, Feature, Part, Payload, length};

/// The people that a payload mentions, each once.
pub(super) fn mentioned(payload: &Payload) -> Vec<&str> {
    let mut handles = Vec::new();
    for facet in payload.parts.iter().flat_map(|part| &part.facets) {
        if let Feature::Mention { handle } = &facet.feature
            && !handles.contains(&handle.as_str())
        {
            handles.push(handle);
        }
    }
    handles
}

/// The record of each part, without `reply`. Two calls with the same values give the same records.
///
/// # Errors
/// When the network would refuse one, or take it and show something else.
pub(super) fn records(
    payload: &Payload,
    people: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<Vec<Value>, SendError> {
    if payload.languages.len() > 3 {
        return refuse("a post on Bluesky has at most 3 languages");
    }
    let labels = labels(payload)?;
    let mut records = Vec::new();
    for (n, part) in payload.parts.iter().enumerate() {
        let record =
            record(part, people).map_err(|why| SendError::Refused { reason: format!("part {}: {why}", n + 1) })?;
        let mut record = record;
        if !payload.languages.is_empty() {
            record["langs"] = json!(payload.languages);
        }
        if !labels.is_empty() {
            let values: Vec<Value> = labels.iter().map(|label| json!({ "val": label })).collect();
            record["labels"] = json!({ "$type": "com.atproto.label.defs#selfLabels", "values": values });
        }
        // A millisecond apart, so that whoever sorts by time gets the thread's order.
        let created = i64::try_from(n).ok().and_then(TimeDelta::try_milliseconds).unwrap_or_default();
        let created = now.checked_add_signed(created).unwrap_or(now);
        record["createdAt"] = json!(created.to_rfc3339_opts(SecondsFormat::Millis, true));
        records.push(record);
    }
    Ok(records)
}

fn refuse<T>(reason: &str) -> Result<T, SendError> {
    Err(SendError::Refused { reason: reason.to_owned() })
}

fn labels(payload: &Payload) -> Result<Vec<&str>, SendError> {
    let labels = match payload.options.get("labels") {
        None => Vec::new(),
        Some(Value::String(label)) => vec![label.as_str()],
        Some(Value::Array(labels)) if labels.iter().all(Value::is_string) => {
            labels.iter().filter_map(Value::as_str).collect()
        }
        Some(_) => return refuse("the option `labels` is a list of texts"),
    };
    // com.atproto.label.defs#selfLabels: at most 10.
    if labels.len() > 10 { refuse("a post on Bluesky has at most 10 labels") } else { Ok(labels) }
}

fn record(part: &Part, people: &BTreeMap<String, String>) -> Result<Value, String> {
    let measure = length::measure(part, None, &CAPABILITY.length);
    if !measure.fits() {
        return Err(format!(
            "it has {} characters in {} bytes; Bluesky takes 300 in 3000",
            measure.count,
            part.text.len()
        ));
    }
    let mut record = json!({ "$type": "app.bsky.feed.post", "text": part.text });
    let facets = facets(part, people)?;
    if !facets.is_empty() {
        record["facets"] = Value::Array(facets);
    }
    if let Some(embed) = embed(part)? {
        record["embed"] = embed;
    }
    Ok(record)
}

/// The server stores facets as they come, also senseless ones: they are checked here.
fn facets(part: &Part, people: &BTreeMap<String, String>) -> Result<Vec<Value>, String> {
    let mut end = 0;
    let mut facets = Vec::new();
    for facet in &part.facets {
        let covered = part.text.get(facet.range()).filter(|text| !text.is_empty() && facet.start >= end);
        if covered.is_none() {
            return Err(format!("bytes {} to {} are no stretch of the text of their own", facet.start, facet.end));
        }
        end = facet.end;
        facets.push(json!({
            "$type": "app.bsky.richtext.facet",
            "index": { "$type": "app.bsky.richtext.facet#byteSlice", "byteStart": facet.start, "byteEnd": facet.end },
            "features": [feature(facet, people)?],
        }));
    }
    Ok(facets)
}

fn feature(facet: &Facet, people: &BTreeMap<String, String>) -> Result<Value, String> {
    match &facet.feature {
        Feature::Link { url } => match url::Url::parse(url) {
            Ok(_) => Ok(json!({ "$type": "app.bsky.richtext.facet#link", "uri": url })),
            Err(_) => Err(format!("{url:?} is no address")),
        },
        Feature::Mention { handle } => match people.get(handle) {
            Some(did) => Ok(json!({ "$type": "app.bsky.richtext.facet#mention", "did": did })),
            None => Err(format!("nobody knows who @{handle} is")),
        },
        // app.bsky.richtext.facet#tag: maxGraphemes 64, maxLength 640.
        Feature::Tag { tag } if tag.is_empty() || tag.len() > 640 || tag.graphemes(true).count() > 64 => {
            Err(format!("#{tag} is too long for a hashtag"))
        }
        Feature::Tag { tag } => Ok(json!({ "$type": "app.bsky.richtext.facet#tag", "tag": tag })),
    }
}

fn embed(part: &Part) -> Result<Option<Value>, String> {
    if part.media.len() > CAPABILITY.media.count {
        return Err(format!("it has {} pictures; Bluesky takes {}", part.media.len(), CAPABILITY.media.count));
    }
    if !part.media.is_empty() {
        if part.card.is_some() {
            return Err("Bluesky takes pictures or a link's card, not both".to_owned());
        }
        let images = part.media.iter().map(image).collect::<Result<Vec<_>, _>>()?;
        return Ok(Some(json!({ "$type": "app.bsky.embed.images", "images": images })));
    }
    let Some(card) = &part.card else { return Ok(None) };
    let mut external = json!({ "uri": card.url, "title": card.title, "description": card.description });
    if let Some(picture) = &card.image {
        external["thumb"] = blob(picture)?;
    }
    Ok(Some(json!({ "$type": "app.bsky.embed.external", "external": external })))
}

fn image(attachment: &Attachment) -> Result<Value, String> {
    let mut image = json!({ "image": blob(attachment)?, "alt": attachment.alt });
    if let (Some(width @ 1..), Some(height @ 1..)) = (attachment.width, attachment.height) {
        image["aspectRatio"] = json!({ "width": width, "height": height });
    }
    Ok(image)
}

/// A reference to a file's bytes, as the server will give it: their hash is known before they are there.
pub(super) fn blob(attachment: &Attachment) -> Result<Value, String> {
    let cid =
        cid(&attachment.sha256).ok_or_else(|| format!("{}: {:?} is no SHA-256", attachment.file, attachment.sha256))?;
    Ok(json!({
        "$type": "blob",
        "ref": { "$link": cid },
        "mimeType": attachment.mime,
        "size": attachment.size,
    }))
}

/// The CID of bytes with this SHA-256: version 1, codec `raw`, in base32, by <https://atproto.com/specs/data-model>
/// and <https://github.com/multiformats/cid> (checked 2026-11-21).
fn cid(sha256: &str) -> Option<String> {
    // Version 1, raw, sha2-256, 32 bytes.
    let mut bytes = vec![0x01, 0x55, 0x12, 0x20];
    for pair in sha256.as_bytes().chunks(2) {
        bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
    }
    (bytes.len() == 36).then(|| format!("b{}", base32(&bytes)))
}

/// RFC 4648 base32 in lower case without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::new();
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let digit = (held >> bits & 31) as usize;
            text.push(char::from(ALPHABET.get(digit).copied().unwrap_or(b'a')));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        let digit = (held << (5 - bits) & 31) as usize;
        text.push(char::from(ALPHABET.get(digit).copied().unwrap_or(b'a')));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_cid_is_known_beforehand() {
        // SHA-256 of "hello world"; the CID is the one that IPFS gives raw leaves of these bytes.
        let sha256 = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
        assert_eq!(cid(sha256).as_deref(), Some("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"));
        for bad in ["", "b94d", "zz", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcdeé"] {
            assert_eq!(cid(bad), None);
        }
    }

    #[test]
    fn base32_as_in_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("foobar", "mzxw6ytboi")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    fn part(text: &str, facets: Vec<Facet>) -> Part {
        Part { text: text.to_owned(), facets, html: None, media: Vec::new(), card: None }
    }

    fn tag(start: usize, end: usize) -> Facet {
        Facet { start, end, feature: Feature::Tag { tag: "x".to_owned() } }
    }

    #[test]
    fn facets_that_the_server_would_not_check_are_checked() {
        let people = BTreeMap::new();
        assert_eq!(facets(&part("é #x", vec![tag(3, 5)]), &people).unwrap().len(), 1);
        for bad in [vec![tag(1, 3)], vec![tag(3, 6)], vec![tag(3, 3)], vec![tag(5, 3)], vec![tag(3, 5), tag(4, 5)]] {
            assert!(facets(&part("é #x", bad.clone()), &people).is_err(), "{bad:?}");
        }
        let stranger = Facet { start: 0, end: 2, feature: Feature::Mention { handle: "who.example".to_owned() } };
        assert!(facets(&part("@w", vec![stranger]), &people).unwrap_err().contains("@who.example"));
    }
}
