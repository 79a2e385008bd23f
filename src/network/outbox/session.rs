//! One outbox, open: freeze, send, find, and taking back what a fresh clone does not have.

use chrono::{DateTime, Timelike, Utc};

use super::folder::{Folder, FolderError, Worth};
use super::markup;
use super::page_name::{encoded, is_page_name, page_name};
use super::site::Builder;
use super::store::{Frozen, Record, Store, media_name};
use super::view::Site;
use crate::ledger::PartReceipt;
use crate::network::{
    Earlier, Edited, Found, Job, Live, MediaBytes, OutThere, Removed, SendError, Session, Surroundings,
};
use crate::render::Payload;
use crate::workspace::Account;

/// Bytes of a page that is read.
const LONGEST_PAGE: u64 = 64 << 20;
/// The first page, and how a page says who made it.
const INDEX: &str = "index.html";
/// The page that lists all posts, where they are many.
const ARCHIVE: &str = "archive.html";
const OURS: &str = "<meta name=\"generator\" content=\"greenlit\">";

/// One account.
pub struct Outbox {
    site: Site,
    store: Store,
    /// Whether all pages were written in this session.
    built: bool,
}

impl Outbox {
    /// Opens an account's folder in the workspace, and reads it.
    ///
    /// # Errors
    /// When the settings name no folder that can be used, it cannot be read, or is not there to be looked at.
    pub fn open(account: &Account, surroundings: &Surroundings) -> Result<Self, SendError> {
        let settings = |reason: String, help: &str| SendError::Credentials { reason, help: help.to_owned() };
        let set_path = "set the account's `path` in greenlit.toml to a folder of its own, such as \"public\"";
        let path = account.path.as_deref().unwrap_or_default();
        let root = &surroundings.root;
        let folder =
            if surroundings.only_looks { Folder::find(root, path) } else { Folder::open(root, path).map(Some) };
        let folder = folder.map_err(|error| match error {
            FolderError::Unsafe { .. } => settings(error.to_string(), set_path),
            FolderError::Disk { .. } => not_sent(error),
        })?;
        let folder = folder.ok_or_else(|| SendError::Refused {
            reason: format!("{path} is not in this clone; `greenlit publish` writes it"),
        })?;
        let url = account.url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = url.as_ref().filter(|url| !is_site_address(url)) {
            let reason = format!("{url:?} is not an address of a site");
            return Err(settings(
                reason,
                "set the account's `url` in greenlit.toml to one like \"https://news.example\"",
            ));
        }
        let store = Store::open(folder).map_err(not_sent)?;
        let index = store.folder().read(INDEX, LONGEST_PAGE).map_err(not_sent)?.unwrap_or_default();
        if !index.is_empty() && !String::from_utf8_lossy(&index).contains(OURS) {
            let reason = format!("{} was not written by greenlit, and would be replaced", store.folder().shown(INDEX));
            return Err(settings(reason, set_path));
        }
        let title = account.title.clone().unwrap_or_else(|| account.name.name().to_owned());
        Ok(Self { site: Site { title: markup::legal(&title), url }, store, built: false })
    }

    /// What people and the ledger call a part that is out.
    fn receipt(&self, hash: &str, frozen: &Frozen, part: usize) -> PartReceipt {
        let piece = hash.get(..16).unwrap_or(hash);
        let (id, anchor) = match part {
            0 => (format!("outbox:{piece}"), String::new()),
            part => (format!("outbox:{piece}/{}", part + 1), format!("#part-{}", part + 1)),
        };
        // Without an address the page is a file, and a file's name has no anchor.
        let url = match &self.site.url {
            Some(url) => format!("{url}/posts/{}.html{anchor}", encoded(&frozen.page)),
            None => self.store.folder().shown(&format!("posts/{}.html", frozen.page)),
        };
        PartReceipt { id, url: Some(url), revision: None }
    }

    /// Writes the pages of `fresh` and those that list posts; in a session's first time all pages, whoever wrote them.
    fn build(&mut self, fresh: Option<&str>) -> Result<(), String> {
        self.store.refresh().map_err(|error| error.to_string())?;
        let records: Vec<_> = self.store.records().values().collect();
        if records.is_empty() && fresh.is_none() && !self.is_built()? {
            return Ok(());
        }
        let template = |error: minijinja::Error| format!("a page cannot be made: {error}");
        let builder = Builder::new(&self.site).map_err(template)?;
        let write = |(name, bytes): (String, Vec<u8>)| {
            self.store.folder().write(&name, &bytes, Worth::Copy).map_err(|error| error.to_string())
        };
        for (hash, record) in self.store.records() {
            if !self.built || fresh == Some(hash) {
                write(builder.page(record, self.store.media()).map_err(template)?)?;
            }
        }
        let lists = builder.lists(&records, self.store.media()).map_err(template)?;
        if !lists.iter().any(|(name, _)| name == ARCHIVE) {
            // There were more posts once.
            self.store.folder().remove(ARCHIVE).map_err(|error| error.to_string())?;
        }
        lists.into_iter().try_for_each(write)?;
        self.built = true;
        Ok(())
    }

    /// Whether there is a first page.
    fn is_built(&self) -> Result<bool, String> {
        let index = self.store.folder().read(INDEX, LONGEST_PAGE).map_err(|error| error.to_string())?;
        Ok(index.is_some())
    }

    /// Keeps the media of a record that are not there yet.
    fn keep_media(&mut self, record: &Record, media: &dyn MediaBytes, worth: Worth) -> Result<(), String> {
        for attachment in record.attachments() {
            if media_name(attachment).is_none_or(|name| !self.store.media().contains(&name)) {
                self.store.keep_media(attachment, media.open(attachment)?, worth)?;
            }
        }
        Ok(())
    }

    /// The record of a claimed delivery, if it is one that this network froze, and nobody else has its page.
    fn record(&self, hash: &str, frozen: &serde_json::Value, payload: &Payload) -> Result<Record, SendError> {
        let refused = |reason: &str| SendError::Refused { reason: reason.to_owned() };
        let frozen: Frozen = serde_json::from_value(frozen.clone())
            .ok()
            .filter(|frozen: &Frozen| is_page_name(&frozen.page))
            .ok_or_else(|| refused("the claim names no page of an outbox"))?;
        let record = Record { version: 1, frozen, payload: payload.clone(), edited: None };
        if record.hash() != hash {
            return Err(refused("the claim's payload belongs to another delivery"));
        }
        self.refuse_taken(hash, &record.frozen.page)?;
        Ok(record)
    }

    fn refuse_taken(&self, hash: &str, page: &str) -> Result<(), SendError> {
        match self.store.owner(page).filter(|owner| *owner != hash) {
            Some(_) => {
                let page = self.store.folder().shown(&format!("posts/{page}.html"));
                Err(SendError::Refused { reason: format!("{page} belongs to another delivery to this folder") })
            }
            None => Ok(()),
        }
    }
}

impl Session for Outbox {
    fn freeze(&mut self, hash: &str, payload: &Payload, now: DateTime<Utc>) -> Result<serde_json::Value, SendError> {
        let page = page_name(&payload.post, &payload.occurrence, hash);
        let frozen = Frozen { page, published: whole_seconds(now) };
        let record = Record { version: 1, frozen, payload: payload.clone(), edited: None };
        refuse_unshowable(&record)?;
        self.refuse_taken(hash, &record.frozen.page)?;
        // Text and a time always have a JSON form.
        Ok(serde_json::to_value(&record.frozen).unwrap_or_default())
    }

    /// A thread goes out whole with its first part, so that nobody ever reads half of it.
    fn send(&mut self, job: &Job<'_>, media: &dyn MediaBytes) -> Result<PartReceipt, SendError> {
        match self.find(job)? {
            Found::Yes(receipt) => return Ok(receipt),
            Found::Unknown(reason) => return Err(SendError::Refused { reason }),
            Found::No => {}
        }
        let record = self.record(job.hash, job.frozen, job.payload)?;
        self.keep_media(&record, media, Worth::Only).map_err(|reason| SendError::NotSent { reason, retry_at: None })?;
        let receipt = self.receipt(job.hash, &record.frozen, job.sent.len());
        let ambiguous = |reason| SendError::Ambiguous { reason };
        self.store.keep(job.hash, record, Worth::Only).map_err(|error| ambiguous(error.to_string()))?;
        self.build(Some(job.hash)).map_err(ambiguous)?;
        Ok(receipt)
    }

    fn find(&mut self, job: &Job<'_>) -> Result<Found, SendError> {
        self.store.refresh().map_err(not_sent)?;
        let Some(record) = self.store.records().get(job.hash) else {
            // A damaged data file is no page: sending writes it anew.
            return Ok(Found::No);
        };
        if record.payload != *job.payload {
            return Ok(Found::Unknown("this delivery is on the site with other content".to_owned()));
        }
        let receipt = self.receipt(job.hash, &record.frozen, job.sent.len());
        if !self.built {
            self.build(None).map_err(|reason| SendError::Ambiguous { reason })?;
        }
        Ok(Found::Yes(receipt))
    }

    /// By the data file, from which all pages are made anew.
    fn look(&mut self, job: &Job<'_>, _receipt: &PartReceipt) -> Result<Live, SendError> {
        let frozen = self.record(job.hash, job.frozen, job.payload)?.frozen;
        let page = format!("posts/{}.html", frozen.page);
        let is_shown = self.store.folder().read(&page, LONGEST_PAGE).map_err(not_sent)?.is_some();
        let Some(record) = self.store.records().get(job.hash).filter(|_| is_shown) else {
            let page = self.store.folder().shown(&page);
            let why = format!("the data file of {page} is gone or damaged; `greenlit publish` writes it anew");
            return Ok(if is_shown { Live::Unknown(why) } else { Live::Gone });
        };
        let n = job.sent.len();
        let (Some(sent), Some(part)) = (job.payload.parts.get(n), record.payload.parts.get(n)) else {
            return Ok(Live::Gone);
        };
        let without_parts = |payload: &Payload| Payload { parts: Vec::new(), ..payload.clone() };
        let all = [
            ((&sent.text, &sent.html) != (&part.text, &part.html), "text"),
            ((&sent.media, &sent.card) != (&part.media, &part.card), "files or card"),
            (n == 0 && without_parts(job.payload) != without_parts(&record.payload), "content warning or language"),
        ];
        Ok(Live::of(&part.text, all.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what).collect()))
    }

    /// A thread is changed whole with its first part, as it went out.
    fn edit(&mut self, job: &Job<'_>, out: &OutThere<'_>, media: &dyn MediaBytes) -> Result<Edited, SendError> {
        self.store.refresh().map_err(not_sent)?;
        if !self.store.records().contains_key(job.hash) {
            return Ok(Edited::Gone);
        }
        let edited = Some(whole_seconds(out.now));
        let record = Record { edited, ..self.record(job.hash, job.frozen, job.payload)? };
        refuse_unshowable(&record)?;
        self.keep_media(&record, media, Worth::Only).map_err(|reason| SendError::NotSent { reason, retry_at: None })?;
        let receipt = self.receipt(job.hash, &record.frozen, job.sent.len());
        let ambiguous = |reason| SendError::Ambiguous { reason };
        if self.store.records().get(job.hash) != Some(&record) {
            self.store.keep(job.hash, record, Worth::Only).map_err(|error| ambiguous(error.to_string()))?;
        }
        self.build(Some(job.hash)).map_err(ambiguous)?;
        Ok(Edited::Done(receipt))
    }

    /// The page goes as a whole, with the first part that is named. That a folder does not have it says nothing: the site
    /// may show it still, until the folder is brought there.
    fn take_down(&mut self, job: &Job<'_>, _receipt: &PartReceipt) -> Result<Removed, SendError> {
        self.store.refresh().map_err(not_sent)?;
        let page = page_name(&job.key.post, &job.key.occurrence, job.hash);
        self.store.drop(job.hash, &page).map_err(not_sent)?;
        // The lists are written also where nothing is left: they take the place of those that the site shows.
        self.build(Some(job.hash)).map_err(|reason| SendError::Ambiguous { reason })?;
        Ok(Removed::TakenDown)
    }

    fn lacks(&self, hash: &str) -> bool {
        !self.store.is_whole(hash)
    }

    fn restore(&mut self, earlier: &mut dyn Iterator<Item = Earlier<'_>>) -> Result<(), SendError> {
        let failed = |reason| SendError::NotSent { reason, retry_at: None };
        for Earlier { claim, edited, media } in earlier {
            let hash = claim.key.hash(&claim.payload.workspace);
            // A claim that this network did not freeze has no page here.
            let Ok(record) = self.record(&hash, &claim.frozen, &claim.payload) else { continue };
            let record = Record { edited: edited.map(whole_seconds), ..record };
            // A picture that git no longer has must not take its post along: the page shows the text in its place.
            let _ = self.keep_media(&record, media.as_ref(), Worth::Copy);
            self.store.keep(&hash, record, Worth::Copy).map_err(|error| failed(error.to_string()))?;
        }
        self.build(None).map_err(failed)
    }
}

/// Nothing is written that a page could not show.
fn refuse_unshowable(record: &Record) -> Result<(), SendError> {
    let refused = |reason: String| Err(SendError::Refused { reason });
    for (n, part) in record.payload.parts.iter().enumerate() {
        if part.html.as_deref().is_some_and(|html| markup::checked(html).is_none()) {
            return refused(format!("the HTML of part {} has tags that a page does not take", n + 1));
        }
    }
    match record.attachments().find(|attachment| media_name(attachment).is_none()) {
        Some(attachment) => refused(format!("{}: {} is not shown on a page", attachment.file, attachment.mime)),
        None => Ok(()),
    }
}

fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.with_nanosecond(0).unwrap_or(time)
}

fn not_sent(error: FolderError) -> SendError {
    SendError::NotSent { reason: error.to_string(), retry_at: None }
}

fn is_site_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    })
}
