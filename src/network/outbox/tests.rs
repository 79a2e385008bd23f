//! The outbox as publish uses it.

mod edit;
mod look;
mod retract;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::Value;

use super::Outbox;
use crate::ledger::{Claim, DeliveryKey};
use crate::network::{Approved, Earlier, Found, Job, MediaBytes, Network, SendError, Session, Surroundings};
use crate::render::{Attachment, Card, Identity, Part, Payload};
use crate::workspace::{
    Account, AccountName, Asset, Assets, Body, Due, FileProblem, Post, PostId, Sha256, Source, Text,
};

/// Files by their path in the workspace.
#[derive(Default, Clone)]
struct Files(BTreeMap<String, Vec<u8>>);

impl MediaBytes for Files {
    fn open(&self, attachment: &Attachment) -> Result<Approved, String> {
        let bytes = self.0.get(&attachment.file).cloned();
        let bytes = bytes.ok_or_else(|| format!("{} is not there", attachment.file))?;
        Ok(Approved::new(attachment, Box::new(Cursor::new(bytes))))
    }
}

/// A workspace with one outbox.
struct Newsstand {
    root: tempfile::TempDir,
    account: Account,
    files: Files,
}

impl Newsstand {
    fn new() -> Self {
        let account = Account {
            name: AccountName::new("outbox/site").unwrap(),
            server: None,
            handle: None,
            path: Some("public".to_owned()),
            url: None,
            title: Some("Acme <News>".to_owned()),
            template: None,
            late_after: Duration::from_secs(21_600),
            duplicate_window: Duration::ZERO,
            rhythm: Default::default(),
            most: Default::default(),
        };
        Self { root: tempfile::tempdir().unwrap(), account, files: Files::default() }
    }

    fn at(url: &str) -> Self {
        let mut stand = Self::new();
        stand.account.url = Some(url.to_owned());
        stand
    }

    fn open(&self) -> Box<dyn Session> {
        self.try_open().unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_open(&self) -> Result<Box<dyn Session>, SendError> {
        let surroundings = Surroundings { root: self.root.path().to_owned(), ..Surroundings::default() };
        Outbox.connect(&self.account, &surroundings)
    }

    fn picture(&mut self, name: &str, alt: &str) -> Attachment {
        let bytes = format!("\u{89}PNG {name}").into_bytes();
        let sha256 = Sha256::of(&bytes);
        let file = format!("assets/{name}.png");
        let size = bytes.len() as u64;
        self.files.0.insert(file.clone(), bytes);
        Attachment {
            file,
            sha256,
            size,
            mime: "image/png".into(),
            alt: alt.into(),
            width: Some(800),
            height: Some(600),
        }
    }

    /// Claims and sends all parts, as publish does.
    fn publish(&self, payload: &Payload, at: &str) -> Sent {
        let mut session = self.open();
        let mut claimed = claim(session.as_mut(), payload, at);
        let mut sent = Vec::new();
        for _ in &payload.parts {
            let receipt = session.send(&Job { sent: &sent, ..claimed.job() }, &self.files).unwrap();
            sent.push(receipt);
        }
        claimed.urls = sent.into_iter().map(|it| it.url.unwrap()).collect();
        claimed
    }

    /// Has many posts at once, as after a fresh clone.
    fn has(&self, posts: &[(&Payload, String)]) {
        let mut session = self.open();
        let claims: Vec<_> = posts.iter().map(|(post, at)| claim(session.as_mut(), post, at)).collect();
        session.restore(&mut claims.iter().map(|claim| claim.earlier(&self.files))).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.root.path().join("public").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Every file of the site with its bytes.
    fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        fn walk(folder: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, root, files);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        let root = self.root.path().join("public");
        walk(&root, &root, &mut files);
        files
    }

    fn loses_its_folder(&self) {
        std::fs::remove_dir_all(self.root.path().join("public")).unwrap();
    }
}

/// A delivery that went out.
struct Sent {
    key: DeliveryKey,
    hash: String,
    payload: Payload,
    frozen: Value,
    claimed_at: DateTime<Utc>,
    urls: Vec<String>,
}

impl Sent {
    fn job(&self) -> Job<'_> {
        Job {
            key: &self.key,
            hash: &self.hash,
            payload: &self.payload,
            frozen: &self.frozen,
            claimed_at: self.claimed_at,
            sent: &[],
        }
    }

    fn earlier(&self, files: &Files) -> Earlier<'static> {
        let claim = Claim {
            version: 1,
            key: self.key.clone(),
            digest: self.payload.digest(),
            payload: self.payload.clone(),
            due: Due::Asap,
            trusted: "0".repeat(40),
            approvals: Vec::new(),
            runner: "test".to_owned(),
            claimed_at: self.claimed_at,
            resolved_by: None,
            lease_until: self.claimed_at,
            frozen: self.frozen.clone(),
        };
        Earlier { claim, edited: None, media: Box::new(files.clone()) }
    }
}

fn claim(session: &mut dyn Session, payload: &Payload, at: &str) -> Sent {
    let key = key(payload);
    let hash = key.hash(&payload.workspace);
    let frozen = session.freeze(&hash, payload, time(at)).unwrap();
    Sent { key, hash, payload: payload.clone(), frozen, claimed_at: time(at), urls: Vec::new() }
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn part(text: &str) -> Part {
    Part { text: text.to_owned(), facets: Vec::new(), html: None, media: Vec::new(), card: None }
}

fn payload(post: &str, parts: Vec<Part>) -> Payload {
    Payload {
        version: 1,
        workspace: "0197c7b2".to_owned(),
        post: PostId::new(post).unwrap(),
        occurrence: "once".to_owned(),
        account: Identity {
            name: AccountName::new("outbox/site").unwrap(),
            server: None,
            handle: Some("public".to_owned()),
        },
        parts,
        languages: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: BTreeMap::new(),
        repeats: Vec::new(),
    }
}

fn key(payload: &Payload) -> DeliveryKey {
    DeliveryKey::once(payload.post.clone(), payload.account.name.clone())
}

#[test]
fn a_post_becomes_a_page_and_a_line_in_every_list() {
    let stand = Newsstand::new();
    let sent = stand.publish(&payload("autumn-launch", vec![part("Autumn is here.")]), "2026-12-01T08:00:00Z");
    assert_eq!(sent.urls, ["public/posts/autumn-launch.html"]);
    for file in ["posts/autumn-launch.html", "index.html", "feed.atom", "feed.json"] {
        assert!(stand.read(file).contains("Autumn is here."), "{file}");
    }
    let page = stand.read("posts/autumn-launch.html");
    assert!(page.contains(
        r#"<time dir="ltr" class="dt-published" datetime="2026-12-01T08:00:00Z">1 December 2026, 08:00 UTC</time>"#
    ));
    assert!(page.contains("Acme &lt;News&gt;"), "the site's title is escaped");
    assert!(page.contains(r#"href="../style.css""#), "links are relative");
}

#[test]
fn sent_twice_is_out_once() {
    let stand = Newsstand::new();
    let post = payload("autumn-launch", vec![part("Autumn is here.")]);
    let first = stand.publish(&post, "2026-12-01T08:00:00Z");
    let before = stand.everything();
    // The second sender repeats what the claim froze.
    let again = stand.open().send(&first.job(), &stand.files).unwrap();
    assert_eq!(again.url.as_ref(), first.urls.first());
    assert_eq!(stand.everything(), before);
    assert_eq!(stand.read("index.html").matches("<article").count(), 1);
}

#[test]
fn the_folder_answers_for_sure() {
    let stand = Newsstand::new();
    let sent = stand.publish(&payload("autumn-launch", vec![part("Autumn is here.")]), "2026-12-01T08:00:00Z");
    let mut session = stand.open();
    assert!(matches!(session.find(&sent.job()), Ok(Found::Yes(receipt)) if receipt.url.as_ref() == sent.urls.first()));

    let other = payload("winter", vec![part("Snow.")]);
    let key = key(&other);
    let hash = key.hash(&other.workspace);
    let job = Job { key: &key, hash: &hash, payload: &other, ..sent.job() };
    assert_eq!(session.find(&job), Ok(Found::No));

    let changed = payload("autumn-launch", vec![part("Autumn is over.")]);
    let job = Job { payload: &changed, ..sent.job() };
    assert!(matches!(session.find(&job), Ok(Found::Unknown(_))));
    assert!(matches!(session.send(&job, &stand.files), Err(SendError::Refused { .. })));
}

#[test]
fn a_run_that_died_before_the_pages_is_healed_by_the_next() {
    let stand = Newsstand::new();
    stand.publish(&payload("first", vec![part("One.")]), "2026-12-01T08:00:00Z");
    let sent = stand.publish(&payload("second", vec![part("Two.")]), "2026-12-02T08:00:00Z");
    let whole = stand.everything();
    for file in ["posts/second.html", "index.html", "feed.atom"] {
        std::fs::remove_file(stand.root.path().join("public").join(file)).unwrap();
    }
    assert!(matches!(stand.open().find(&sent.job()), Ok(Found::Yes(_))));
    assert_eq!(stand.everything(), whole);

    std::fs::write(stand.root.path().join("public/posts/first.html"), "half a pa").unwrap();
    stand.open().restore(&mut std::iter::empty()).unwrap();
    assert_eq!(stand.everything(), whole);
}

#[test]
fn the_same_posts_give_the_same_bytes_in_any_order() {
    let posts: Vec<Payload> =
        (0..40).map(|n| payload(&format!("post-{n:02}"), vec![part(&format!("Number {n}."))])).collect();
    let forwards = Newsstand::new();
    let backwards = Newsstand::new();
    let at = |n: usize| format!("2026-12-01T08:{:02}:00Z", n / 2);
    let (last, others) = posts.split_last().unwrap();
    forwards.has(&others.iter().enumerate().map(|(n, post)| (post, at(n))).collect::<Vec<_>>());
    forwards.publish(last, &at(39));
    backwards.publish(last, &at(39));
    backwards.has(&others.iter().enumerate().rev().map(|(n, post)| (post, at(n))).collect::<Vec<_>>());
    assert_eq!(forwards.everything(), backwards.everything());
    assert_eq!(forwards.read("index.html").matches("<article").count(), 30);
    assert_eq!(forwards.read("archive.html").matches("<li>").count(), 40);
}

#[test]
fn a_fresh_clone_gets_its_older_posts_back() {
    let mut stand = Newsstand::new();
    let mut first = payload("first", vec![part("One.")]);
    first.parts[0].media = vec![stand.picture("leaf", "A leaf")];
    let first = stand.publish(&first, "2026-12-01T08:00:00Z");
    let second = stand.publish(&payload("second", vec![part("Two.")]), "2026-12-02T08:00:00Z");
    let whole = stand.everything();

    stand.loses_its_folder();
    let mut session = stand.open();
    assert!(session.lacks(&first.hash) && session.lacks(&second.hash));
    session.restore(&mut [first.earlier(&stand.files), second.earlier(&stand.files)].into_iter()).unwrap();
    assert!(!session.lacks(&first.hash) && !session.lacks(&second.hash));
    assert_eq!(stand.everything(), whole);

    stand.loses_its_folder();
    let mut session = stand.open();
    session.restore(&mut [first.earlier(&Files::default())].into_iter()).unwrap();
    assert!(session.lacks(&first.hash), "its picture is missing, and is asked for again");
    assert!(stand.read("posts/first.html").contains("One."), "but its text is there");
}

#[test]
fn a_thread_is_one_page_and_goes_out_whole() {
    let stand = Newsstand::at("https://acme.example/news/");
    let thread = payload("thread", vec![part("One."), part("Two."), part("Three.")]);
    let sent = stand.publish(&thread, "2026-12-01T08:00:00Z");
    assert_eq!(
        sent.urls,
        [
            "https://acme.example/news/posts/thread.html",
            "https://acme.example/news/posts/thread.html#part-2",
            "https://acme.example/news/posts/thread.html#part-3"
        ]
    );
    let page = stand.read("posts/thread.html");
    assert!(page.contains(r#"id="part-3""#) && page.contains("Three."));
    let index = stand.read("index.html");
    assert!(index.contains("One.") && !index.contains("Three.") && index.contains("Read all 3 parts"));
}

#[test]
fn media_are_kept_under_their_hash_and_checked_against_it() {
    let mut stand = Newsstand::new();
    let picture = stand.picture("leaf", "A \"red\" leaf");
    let mut post = payload("leaf", vec![part("Look.")]);
    post.parts[0].media = vec![picture.clone()];
    stand.publish(&post, "2026-12-01T08:00:00Z");
    let name = format!("media/{}.png", &picture.sha256[..32]);
    assert_eq!(stand.everything()[&name], stand.files.0["assets/leaf.png"]);
    assert!(stand.read("posts/leaf.html").contains(&format!(
        r#"<img src="../{name}" alt="A &quot;red&quot; leaf" width="800" height="600" loading="lazy""#
    )));

    let mut swapped = payload("swapped", vec![part("Look.")]);
    swapped.parts[0].media = vec![Attachment { sha256: "0".repeat(64), ..picture }];
    let key = key(&swapped);
    let hash = key.hash(&swapped.workspace);
    let mut session = stand.open();
    let frozen = session.freeze(&hash, &swapped, Utc::now()).unwrap();
    let job = Job { key: &key, hash: &hash, payload: &swapped, frozen: &frozen, claimed_at: Utc::now(), sent: &[] };
    assert!(matches!(session.send(&job, &stand.files), Err(SendError::NotSent { .. })));
    assert_eq!(session.find(&job), Ok(Found::No));
}

#[test]
fn markup_from_outside_stays_text() {
    let mut stand = Newsstand::at("https://acme.example");
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>]]>\u{0}\u{b}";
    let mut picture = stand.picture("x", evil);
    picture.width = None;
    let mut post = payload("evil", vec![part(evil), part(evil)]);
    post.content_warning = Some(evil.to_owned());
    post.languages = vec!["en\" onload=\"alert(1)".to_owned()];
    post.account.handle = Some(evil.to_owned());
    post.parts[0].media = vec![picture.clone()];
    post.parts[0].card = Some(Card {
        url: "https://a.example/\"><script>".to_owned(),
        title: evil.to_owned(),
        description: evil.to_owned(),
        image: Some(picture),
    });
    post.parts[1].card =
        Some(Card { url: "javascript:alert(1)".into(), title: "x".into(), description: String::new(), image: None });
    stand.account.title = Some(evil.to_owned());
    stand.publish(&post, "2026-12-01T08:00:00Z");
    // Without a warning the feeds and the headline show the text.
    let mut bare = payload("bare", vec![part(evil)]);
    bare.parts[0].media = post.parts[0].media.clone();
    stand.publish(&bare, "2026-12-01T09:00:00Z");
    for file in ["index.html", "posts/evil.html", "posts/bare.html"] {
        let page = stand.read(file);
        for bad in ["<script", "<img src=x", "onload=\"", "javascript:", "\u{0}", "\u{b}"] {
            assert!(!page.contains(bad), "{bad:?} in {file}");
        }
        assert!(page.contains("default-src 'none'"));
    }
    let feed: Value = serde_json::from_str(&stand.read("feed.json")).unwrap();
    let html = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script") && !html.contains("<img src=x"));
}

#[test]
fn html_with_unknown_tags_is_refused_before_the_claim() {
    let stand = Newsstand::new();
    let mut post = payload("html", vec![part("x")]);
    post.parts[0].html = Some("<p>fine</p>".to_owned());
    let hash = key(&post).hash(&post.workspace);
    assert!(stand.open().freeze(&hash, &post, Utc::now()).is_ok());
    post.parts[0].html = Some("<p onclick=\"x()\">bad</p>".to_owned());
    assert!(matches!(stand.open().freeze(&hash, &post, Utc::now()), Err(SendError::Refused { .. })));
}

#[test]
fn a_data_file_that_was_tampered_with_harms_nobody() {
    let stand = Newsstand::new();
    let sent = stand.publish(&payload("first", vec![part("One.")]), "2026-12-01T08:00:00Z");
    let good = stand.read(&format!("data/{}.json", sent.hash));
    let data = stand.root.path().join("public/data");
    std::fs::write(data.join(format!("{}.json", "a".repeat(64))), &good).unwrap();
    std::fs::write(data.join(format!("{}.json", "b".repeat(64))), "{").unwrap();
    std::fs::write(
        data.join(format!("{}.json", sent.hash)),
        good.replace("\"page\": \"first\"", "\"page\": \"../../x\""),
    )
    .unwrap();
    let mut session = stand.open();
    assert!(session.lacks(&sent.hash));
    session.restore(&mut [sent.earlier(&stand.files)].into_iter()).unwrap();
    assert_eq!(stand.read("index.html").matches("<article").count(), 1);
    assert_eq!(stand.read(&format!("data/{}.json", sent.hash)), good);
    assert!(!stand.root.path().join("x.html").exists());
}

#[test]
fn a_folder_with_somebody_elses_page_is_left_alone() {
    let stand = Newsstand::new();
    let index = stand.root.path().join("public/index.html");
    std::fs::create_dir(stand.root.path().join("public")).unwrap();
    std::fs::write(&index, "<h1>My documentation</h1>").unwrap();
    assert!(
        matches!(stand.try_open(), Err(SendError::Credentials { reason, .. }) if reason.contains("public/index.html"))
    );
    assert_eq!(std::fs::read_to_string(&index).unwrap(), "<h1>My documentation</h1>");
}

#[test]
fn settings_that_cannot_be_used_say_so() {
    let mut stand = Newsstand::at("javascript:alert(1)");
    assert!(matches!(stand.try_open(), Err(SendError::Credentials { .. })));
    stand.account.url = None;
    stand.account.path = Some("../elsewhere".to_owned());
    assert!(matches!(stand.try_open(), Err(SendError::Credentials { .. })));
}

#[test]
fn feeds_have_what_their_formats_ask_for() {
    let mut stand = Newsstand::at("https://acme.example/news");
    let mut arabic = payload("إطلاق", vec![part("مرحبا بالعالم")]);
    arabic.languages = vec!["ar".to_owned()];
    arabic.parts[0].media = vec![stand.picture("leaf", "ورقة")];
    stand.publish(&arabic, "2026-12-01T08:00:00Z");
    let older: Vec<Payload> = (0..55).map(|n| payload(&format!("p{n}"), vec![part("More.")])).collect();
    stand.has(
        &older.iter().enumerate().map(|(n, post)| (post, format!("2026-11-01T08:{n:02}:00Z"))).collect::<Vec<_>>(),
    );
    let atom = stand.read("feed.atom").parse::<atom_syndication::Feed>().unwrap();
    assert_eq!(atom.entries.len(), 50);
    assert_eq!(atom.updated.to_rfc3339(), "2026-12-01T08:00:00+00:00");
    assert!(atom.id.starts_with("urn:uuid:") && atom.id.len() == 45 && !atom.authors.is_empty());
    let links: Vec<_> = atom.links.iter().map(|link| (link.rel.as_str(), link.href.as_str())).collect();
    assert_eq!(
        links,
        [("self", "https://acme.example/news/feed.atom"), ("alternate", "https://acme.example/news/index.html")]
    );
    let entry = &atom.entries[0];
    assert_eq!(entry.title.value, "مرحبا بالعالم");
    assert_eq!(entry.links[0].href, "https://acme.example/news/posts/%D8%A5%D8%B7%D9%84%D8%A7%D9%82.html");
    let content = entry.content.as_ref().unwrap();
    assert_eq!((content.lang.as_deref(), content.content_type.as_deref()), (Some("ar"), Some("html")));
    assert!(content.value.as_ref().unwrap().contains("<img src=\"https://acme.example/news/media/"));
    let mut ids: Vec<_> = atom.entries.iter().map(|entry| entry.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50);

    let feed: Value = serde_json::from_str(&stand.read("feed.json")).unwrap();
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["feed_url"], "https://acme.example/news/feed.json");
    let item = &feed["items"][0];
    assert_eq!(item["id"], entry.id);
    assert_eq!((&item["language"], &item["date_published"]), (&"ar".into(), &"2026-12-01T08:00:00Z".into()));
    assert_eq!(item["attachments"][0]["mime_type"], "image/png");
    assert!(stand.root.path().join("public/posts/إطلاق.html").exists());
}

#[test]
fn what_a_post_hides_is_not_in_the_feeds() {
    let mut stand = Newsstand::at("https://acme.example");
    let mut post = payload("spoiler", vec![part("The butler did it.")]);
    post.content_warning = Some("Ending of the film".to_owned());
    post.parts[0].media = vec![stand.picture("butler", "The butler with a candlestick")];
    stand.publish(&post, "2026-12-01T08:00:00Z");
    for file in ["feed.atom", "feed.json"] {
        let feed = stand.read(file);
        assert!(
            feed.contains("Ending of the film") && !feed.contains("butler did it") && !feed.contains("media/"),
            "{file}"
        );
    }
    let page = stand.read("posts/spoiler.html");
    assert!(page.contains("<details class=\"warning\">") && page.contains("butler did it"));
}

#[test]
fn without_an_address_the_feeds_stay_lawful() {
    let stand = Newsstand::new();
    stand.publish(&payload("first", vec![part("One.")]), "2026-12-01T08:00:00Z");
    let atom = stand.read("feed.atom").parse::<atom_syndication::Feed>().unwrap();
    assert_eq!(atom.entries[0].links[0].href, "posts/first.html");
    let feed: Value = serde_json::from_str(&stand.read("feed.json")).unwrap();
    for optional in ["home_page_url", "feed_url"] {
        assert!(feed.get(optional).is_none());
    }
    assert!(feed["items"][0].get("url").is_none() && feed["items"][0].get("id").is_some());
}

/// No files.
struct Empty;

impl Assets for Empty {
    fn asset(&self, _: &str) -> Result<Asset, FileProblem> {
        Err(FileProblem::Missing)
    }
}

/// What render makes of a post's Markdown for this network.
fn rendered(markdown: &str, account: &Account) -> Option<Payload> {
    let text = Text { markdown: markdown.to_owned(), offset: 0 };
    let post = Post {
        id: PostId::new("post").unwrap(),
        source: Source::new("posts/post.md", markdown.to_owned()).into(),
        title: None,
        to: vec![account.name.clone()],
        due: Due::Asap,
        draft: false,
        owner: None,
        campaign: None,
        labels: Vec::new(),
        languages: Vec::new(),
        link: None,
        media: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: BTreeMap::new(),
        repeats: Vec::new(),
        body: Body { parts: vec![text], variants: Vec::new() },
    };
    crate::render::render(&post, account, Outbox.capability(), "0197c7b2", &Empty).ok()
}

#[test]
fn markdown_stays_what_it_was_up_to_the_page() {
    let stand = Newsstand::new();
    let post = rendered("# Notes\n\n1. **bold** [x](https://a.example/?b=1&c=2)\n2. `<b>`", &stand.account).unwrap();
    stand.publish(&post, "2026-12-01T08:00:00Z");
    let page = stand.read("posts/post.html");
    for piece in [
        "<h2>Notes</h2>",
        "<li><strong>bold</strong> <a href=\"https://a.example/?b=1&amp;c=2\"",
        "<code>&lt;b&gt;</code>",
    ] {
        assert!(page.contains(piece), "{piece}: {page}");
    }
}

proptest! {
    #[test]
    fn whatever_render_writes_a_page_takes(markdown in "([a-z <>&\"*_`#!\\[\\]()\n-]|> |1\\. |- |https://|\\*\\*|\n\n|    ){1,40}") {
        let account = Newsstand::new().account;
        for part in rendered(&markdown, &account).into_iter().flat_map(|payload| payload.parts) {
            let html = part.html.unwrap_or_default();
            prop_assert!(super::markup::checked(&html).is_some(), "{}", html);
        }
    }
}
