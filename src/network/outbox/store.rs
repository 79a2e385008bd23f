//! The outbox's memory: one file a delivery under `data/`, and the media. All pages are made from these.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::folder::{Folder, FolderError, Worth};
use super::page_name::is_page_name;
use crate::ledger::DeliveryKey;
use crate::network::Approved;
use crate::render::{Attachment, Payload};

/// The longest data file that is read, in bytes.
const LONGEST: u64 = 4 << 20;

/// A delivery that is on the site.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The form of this value; 1.
    pub version: u32,
    /// What the claim froze.
    pub frozen: Frozen,
    /// What was sent, or what it was changed to since.
    pub payload: Payload,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<DateTime<Utc>>,
}

/// What a retry must repeat, and the payload does not say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// The page's name, without folder or ending.
    pub page: String,
    /// The time on the page.
    pub published: DateTime<Utc>,
}

impl Record {
    /// When its page last came to say something else.
    pub fn updated(&self) -> DateTime<Utc> {
        self.edited.unwrap_or(self.frozen.published)
    }

    /// The delivery's hash, from what the record says of itself.
    pub fn hash(&self) -> String {
        let payload = &self.payload;
        let (post, account) = (payload.post.clone(), payload.account.name.clone());
        DeliveryKey { post, occurrence: payload.occurrence.clone().into(), account }.hash(&payload.workspace)
    }

    /// Its files and its cards' pictures, in order.
    pub fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        self.payload
            .parts
            .iter()
            .flat_map(|part| part.media.iter().chain(part.card.iter().filter_map(|card| card.image.as_ref())))
    }

    fn read(hash: &str, bytes: &[u8]) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let good = record.version == 1 && record.hash() == hash && is_page_name(&record.frozen.page);
        good.then_some(record)
    }
}

/// The deliveries on the site, and the files that they show.
#[derive(Debug)]
pub struct Store {
    folder: Folder,
    records: BTreeMap<String, Record>,
    /// Which delivery has a page.
    pages: BTreeMap<String, String>,
    media: BTreeSet<String>,
}

impl Store {
    /// Reads what is in the folder. A data file that is none is passed over: it must not keep the other posts from
    /// their readers, and is written anew when its delivery is sent or given back.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn open(folder: Folder) -> Result<Self, FolderError> {
        let media = folder.names("media")?.into_iter().collect();
        let mut store = Self { folder, records: BTreeMap::new(), pages: BTreeMap::new(), media };
        store.refresh()?;
        Ok(store)
    }

    /// Reads the data files that came since, written by another account of the same folder or another run.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn refresh(&mut self) -> Result<(), FolderError> {
        for name in self.folder.names("data")? {
            let Some(hash) = name.strip_suffix(".json").filter(|stem| is_hash(stem)) else { continue };
            if self.records.contains_key(hash) {
                continue;
            }
            let bytes = self.folder.read(&data_name(hash), LONGEST).ok().flatten();
            if let Some(record) = bytes.and_then(|bytes| Record::read(hash, &bytes)) {
                self.remember(hash, record);
            }
        }
        Ok(())
    }

    /// The folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The deliveries by hash.
    pub fn records(&self) -> &BTreeMap<String, Record> {
        &self.records
    }

    /// The hash of the delivery that has a page.
    pub fn owner(&self, page: &str) -> Option<&str> {
        self.pages.get(page).map(String::as_str)
    }

    /// The names of the media files that are there.
    pub fn media(&self) -> &BTreeSet<String> {
        &self.media
    }

    /// Whether a delivery is there with all that it shows.
    pub fn is_whole(&self, hash: &str) -> bool {
        let has = |attachment| media_name(attachment).is_none_or(|name| self.media.contains(&name));
        self.records.get(hash).is_some_and(|record| record.attachments().all(has))
    }

    /// Keeps a media file under its hash.
    ///
    /// # Errors
    /// When it is not what was approved, is of a kind that the site does not show, or cannot be written.
    pub fn keep_media(&mut self, attachment: &Attachment, bytes: Approved, worth: Worth) -> Result<(), String> {
        let name = media_name(attachment)
            .ok_or_else(|| format!("{}: {} is not shown on a page", attachment.file, attachment.mime))?;
        self.folder.copy(&format!("media/{name}"), bytes, worth).map_err(|error| error.to_string())?;
        self.media.insert(name);
        Ok(())
    }

    /// Keeps a delivery: from now on it is out.
    ///
    /// # Errors
    /// When it cannot be written; the file is there as a whole or not at all.
    pub fn keep(&mut self, hash: &str, record: Record, worth: Worth) -> Result<(), FolderError> {
        // Maps with text keys always have a JSON form.
        let mut bytes = serde_json::to_vec_pretty(&record).unwrap_or_default();
        bytes.push(b'\n');
        self.folder.write(&data_name(hash), &bytes, worth)?;
        self.remember(hash, record);
        Ok(())
    }

    /// Takes a delivery away: its page, the media that no other delivery shows, and last its data file, so that what a
    /// crash leaves is taken away the next time. `page` is its page where there is no data file.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn drop(&mut self, hash: &str, page: &str) -> Result<(), FolderError> {
        let record = self.records.get(hash);
        let page = record.map_or(page, |record| &record.frozen.page).to_owned();
        if self.owner(&page).is_none_or(|owner| owner == hash) {
            self.folder.remove(&format!("posts/{page}.html"))?;
        }
        let others = self.records.iter().filter(|(other, _)| *other != hash);
        let shown: BTreeSet<String> =
            others.flat_map(|(_, record)| record.attachments().filter_map(media_name)).collect();
        for name in record.into_iter().flat_map(Record::attachments).filter_map(media_name) {
            if !shown.contains(&name) {
                self.folder.remove(&format!("media/{name}"))?;
                self.media.remove(&name);
            }
        }
        self.folder.remove(&data_name(hash))?;
        self.pages.retain(|_, owner| owner != hash);
        self.records.remove(hash);
        Ok(())
    }

    fn remember(&mut self, hash: &str, record: Record) {
        self.pages.insert(record.frozen.page.clone(), hash.to_owned());
        self.records.insert(hash.to_owned(), record);
    }
}

/// The endings of media files by type. What is not named here is not copied to the site.
const ENDINGS: [(&str, &str); 6] = [
    ("application/pdf", "pdf"),
    ("image/gif", "gif"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("video/mp4", "mp4"),
];

/// A media file's name: its hash and the ending of its type. `None` for a type that the site does not show.
pub fn media_name(attachment: &Attachment) -> Option<String> {
    let (_, ending) = ENDINGS.iter().find(|(mime, _)| *mime == attachment.mime)?;
    is_hash(&attachment.sha256).then(|| attachment.sha256.get(..32).map(|hash| format!("{hash}.{ending}")))?
}

fn data_name(hash: &str) -> String {
    format!("data/{hash}.json")
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_the_network_takes_has_an_ending() {
        let attachment = |mime: &str| Attachment {
            file: "assets/x".to_owned(),
            sha256: "a".repeat(64),
            size: 1,
            mime: mime.to_owned(),
            alt: String::new(),
            width: None,
            height: None,
        };
        for (mime, _) in super::super::CAPABILITY.media.types.iter() {
            assert!(media_name(&attachment(mime)).is_some_and(|name| name.starts_with("aaaa")), "{mime}");
        }
        for mime in ["image/svg+xml", "text/html", "image/png/../../x"] {
            assert_eq!(media_name(&attachment(mime)), None, "{mime}");
        }
        assert_eq!(media_name(&Attachment { sha256: "../x".to_owned(), ..attachment("image/png") }), None);
    }
}
