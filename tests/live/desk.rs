//! Posts, rendered as the program renders them, and sent through a network's adapter.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use greenlit::ledger::{DeliveryKey, PartReceipt};
use greenlit::network::{
    self, Approved, Edited, Found, Job, MediaBytes, OutThere, Secret, SendError, Session, Surroundings,
};
use greenlit::render::{self, Attachment, Payload};
use greenlit::workspace::{
    Account, AccountName, Asset, Assets, Body, Due, FileProblem, Media, Post, PostId, Source, Text, assets,
};
use serde_json::Value;

/// The example newsroom's files.
pub struct Newsroom;

impl Newsroom {
    fn read(path: &str) -> Vec<u8> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/newsroom");
        std::fs::read(root.join(path)).unwrap()
    }
}

impl Assets for Newsroom {
    fn asset(&self, path: &str) -> Result<Asset, FileProblem> {
        Ok(assets::facts(Self::read(path).as_slice()).unwrap())
    }
}

impl MediaBytes for Newsroom {
    fn open(&self, attachment: &Attachment) -> Result<Approved, String> {
        Ok(Approved::new(attachment, Box::new(Cursor::new(Self::read(&attachment.file)))))
    }
}

pub fn account(name: &str, server: &str, handle: &str) -> Account {
    Account {
        name: AccountName::new(name).unwrap(),
        server: Some(server.to_owned()),
        handle: Some(handle.to_owned()),
        path: None,
        url: None,
        title: None,
        template: None,
        late_after: Duration::from_secs(3600),
        duplicate_window: Duration::ZERO,
        rhythm: Default::default(),
        most: Default::default(),
    }
}

/// A post with these parts in Markdown.
pub fn post(id: &str, parts: &[&str]) -> Post {
    let texts = parts.iter().map(|part| Text { markdown: (*part).to_owned(), offset: 0 });
    Post {
        id: PostId::new(id).unwrap(),
        source: Arc::new(Source::new(format!("posts/{id}.md"), parts.concat())),
        title: None,
        to: Vec::new(),
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
        body: Body { parts: texts.collect(), variants: Vec::new() },
    }
}

pub fn picture(file: &str, alt: &str) -> Media {
    Media { file: file.to_owned(), alt: Some(alt.to_owned()), part: 1, span: 0..0 }
}

/// One account, and a session with its server.
pub struct Desk {
    account: Account,
    pub session: Box<dyn Session>,
    now: DateTime<Utc>,
}

/// A delivery that is claimed.
pub struct Claimed {
    key: DeliveryKey,
    hash: String,
    pub payload: Payload,
    pub frozen: Value,
    at: DateTime<Utc>,
}

impl Desk {
    pub fn open(account: Account, secret: (&str, &str)) -> Result<Self, SendError> {
        let now = Utc::now().trunc_subsecs(0);
        let (end, text) = secret;
        let secrets = [(end.to_owned(), Secret::new(text.to_owned()))].into();
        let surroundings = Surroundings { now, secrets, ..Surroundings::default() };
        let network = network::named(account.name.network()).unwrap();
        let session = network.connect(&account, &surroundings)?;
        Ok(Self { account, session, now })
    }

    pub fn claim(&mut self, post: &Post) -> Result<Claimed, SendError> {
        let capability = network::named(self.account.name.network()).unwrap().capability();
        let payload = render::render(post, &self.account, capability, "live", &Newsroom).unwrap();
        let key = DeliveryKey::once(post.id.clone(), self.account.name.clone());
        let hash = key.hash("live");
        let frozen = self.session.freeze(&hash, &payload, self.now)?;
        Ok(Claimed { key, hash, payload, frozen, at: self.now })
    }

    pub fn send(&mut self, claimed: &Claimed, sent: &[PartReceipt]) -> Result<PartReceipt, SendError> {
        self.session.send(&claimed.job(sent), &Newsroom)
    }

    /// Changes the part after `before`, which is out as `receipt`, to what another post says.
    pub fn edit(&mut self, out: &Claimed, before: &[PartReceipt], receipt: &PartReceipt, post: &Post) -> Edited {
        let capability = network::named(self.account.name.network()).unwrap().capability();
        let after = render::render(post, &self.account, capability, "live", &Newsroom).unwrap();
        let there = OutThere { payload: &out.payload, receipt, now: self.now };
        self.session.edit(&Job { payload: &after, ..out.job(before) }, &there, &Newsroom).unwrap()
    }

    pub fn find(&mut self, claimed: &Claimed, sent: &[PartReceipt]) -> Found {
        self.session.find(&claimed.job(sent)).unwrap()
    }

    /// Sends every part; before each it is surely not there, after each it is found.
    pub fn publish(&mut self, claimed: &Claimed) -> Vec<PartReceipt> {
        let mut sent = Vec::new();
        for _ in &claimed.payload.parts {
            assert_eq!(self.find(claimed, &sent), Found::No);
            let receipt = self.send(claimed, &sent).unwrap();
            assert_eq!(self.find(claimed, &sent), Found::Yes(receipt.clone()));
            sent.push(receipt);
        }
        sent
    }
}

impl Claimed {
    fn job<'a>(&'a self, sent: &'a [PartReceipt]) -> Job<'a> {
        let Self { key, hash, payload, frozen, at } = self;
        Job { key, hash, payload, frozen, claimed_at: *at, sent }
    }
}
