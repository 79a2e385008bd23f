//! The feeds: Atom 1.0 (RFC 4287) and JSON Feed 1.1 (jsonfeed.org/version/1.1, checked 2026-11-21).
//!
//! Without an address in the settings links are relative, which RFC 4287 allows, and JSON Feed's optional addresses
//! are left out. Ids do not depend on the address: a site that moves shows nobody its old posts again.

use atom_syndication::{Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text, WriteConfig};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, context};
use serde_json::{Value, json};

use super::store::Record;
use super::view::{Page, PostView, Site};
use crate::workspace::Sha256;

/// Entries in a feed.
const ENTRIES: usize = 50;

/// Both feeds. `posts` are the views of `records`, newest first.
///
/// # Errors
/// When a template fails or a feed cannot be written.
pub fn feeds(
    site: &Site,
    records: &[&Record],
    posts: &[PostView],
    templates: &Environment<'_>,
) -> Result<Vec<Page>, Error> {
    let Some(newest) = records.first() else { return Ok(Vec::new()) };
    let base = site.url.as_ref().map(|url| format!("{url}/"));
    let template = templates.get_template("feed-entry.html")?;
    let mut items = Vec::new();
    for (record, post) in records.iter().zip(posts).take(ENTRIES) {
        let html = template.render(context! { post => Serde(post), root => base.as_deref().unwrap_or("") })?;
        items.push(Item { id: urn(&record.hash()), record, post, html });
    }
    let payload = &newest.payload;
    let id = urn(&json!(["feed", payload.workspace, payload.account.name]).to_string());
    Ok(vec![
        ("feed.atom".to_owned(), atom(site, base.as_deref(), id, &items)?),
        ("feed.json".to_owned(), json_feed(site, base.as_deref(), &items)),
    ])
}

struct Item<'a> {
    id: String,
    record: &'a Record,
    post: &'a PostView,
    html: String,
}

fn atom(site: &Site, base: Option<&str>, id: String, items: &[Item<'_>]) -> Result<Vec<u8>, Error> {
    let address = |path: &str| format!("{}{path}", base.unwrap_or(""));
    let link = |path: &str, rel: &str, mime: &str| Link {
        href: address(path),
        rel: rel.to_owned(),
        mime_type: Some(mime.to_owned()),
        ..Link::default()
    };
    let plain = |text: &str, lang: &str| Text { lang: tag(lang), ..Text::plain(text.to_owned()) };
    let entry = |item: &Item<'_>| {
        let published: FixedDateTime = item.record.frozen.published.into();
        Entry {
            title: plain(&item.post.headline, &item.post.lang),
            id: item.id.clone(),
            updated: item.record.updated().into(),
            published: Some(published),
            links: vec![link(&item.post.href, "alternate", "text/html")],
            content: Some(Content {
                lang: tag(&item.post.lang),
                value: Some(item.html.clone()),
                content_type: Some("html".to_owned()),
                ..Content::default()
            }),
            ..Entry::default()
        }
    };
    let feed = Feed {
        title: plain(&site.title, ""),
        id,
        updated: items.iter().map(|item| item.record.updated()).max().unwrap_or_default().into(),
        authors: vec![Person { name: site.title.clone(), ..Person::default() }],
        generator: Some(Generator { value: "greenlit".to_owned(), ..Generator::default() }),
        links: vec![link("feed.atom", "self", "application/atom+xml"), link("index.html", "alternate", "text/html")],
        entries: items.iter().map(entry).collect(),
        ..Feed::default()
    };
    let config = WriteConfig { write_document_declaration: true, indent_size: Some(2) };
    let mut bytes = feed
        .write_with_config(Vec::new(), config)
        .map_err(|error| Error::new(ErrorKind::WriteFailure, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn json_feed(site: &Site, base: Option<&str>, items: &[Item<'_>]) -> Vec<u8> {
    let mut feed = json!({ "version": "https://jsonfeed.org/version/1.1", "title": site.title });
    if let Some(base) = base {
        feed["home_page_url"] = base.into();
        feed["feed_url"] = format!("{base}feed.json").into();
    }
    feed["authors"] = json!([{ "name": site.title }]);
    feed["items"] = items.iter().map(|item| json_item(base, item)).collect();
    // Text, lists and maps always have a JSON form.
    let mut bytes = serde_json::to_vec_pretty(&feed).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn json_item(base: Option<&str>, item: &Item<'_>) -> Value {
    let post = item.post;
    let mut value = json!({ "id": item.id });
    if let Some(base) = base {
        value["url"] = format!("{base}{}", post.href).into();
    }
    value["content_html"] = item.html.as_str().into();
    value["date_published"] = post.datetime.as_str().into();
    if let Some(edited) = &post.edited {
        value["date_modified"] = edited.datetime.as_str().into();
    }
    if !post.lang.is_empty() {
        value["language"] = post.lang.as_str().into();
    }
    let hidden = post.warning.is_some() || post.sensitive;
    let media = post.parts.iter().flat_map(|part| &part.media).filter(|media| media.kind != "missing");
    if let Some(base) = base.filter(|_| !hidden) {
        let attachments: Vec<Value> = media
            .map(|it| json!({ "url": format!("{base}{}", it.href), "mime_type": it.mime, "size_in_bytes": it.size }))
            .collect();
        if !attachments.is_empty() {
            value["attachments"] = attachments.into();
        }
    }
    value
}

/// A stable id: a UUID of version 8 (RFC 9562, section 5.8) from the SHA-256 of a name.
fn urn(name: &str) -> String {
    let hex: Vec<char> = Sha256::of(name.as_bytes()).chars().collect();
    let piece = |from: usize, count: usize| hex.iter().skip(from).take(count).collect::<String>();
    format!("urn:uuid:{}-{}-8{}-a{}-{}", piece(0, 8), piece(8, 4), piece(13, 3), piece(17, 3), piece(20, 12))
}

fn tag(lang: &str) -> Option<String> {
    (!lang.is_empty()).then(|| lang.to_owned())
}
