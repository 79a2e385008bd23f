//! What a webhook is sent, as a form that others rely on.

use schemars::JsonSchema;
use serde::Serialize;

use crate::network::Job;
use crate::render::{Attachment, addresses};

/// One part of a post. Every key is always there, so that what is built on it can be clicked together from an example.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Body<'a> {
    /// The form of this value; 1.
    pub version: u32,
    /// This part's name, as in the header `Greenlit-Delivery`: the same whenever it is sent, and no other part's. Drop
    /// what you have already.
    pub id: String,
    /// The workspace's id.
    pub workspace: &'a str,
    /// The post's id: `autumn-launch`.
    pub post: &'a str,
    /// The occurrence of a recurring post; `once` for all others.
    pub occurrence: &'a str,
    /// The account: `webhook/make`.
    pub account: &'a str,
    /// Which part of the thread this is, from 1 on.
    pub part: usize,
    /// How many parts the thread has; 1 for a post that is no thread.
    pub of: usize,
    /// What the receiver called the part before, by the `id` in its answer; else that part's name. Null for the first.
    pub in_reply_to: Option<&'a str>,
    /// The text, with every address in it written out.
    pub text: &'a str,
    /// The addresses in the text, in order.
    pub links: Vec<&'a str>,
    /// The files that belong to it, in order. They are named and not sent.
    pub media: Vec<File<'a>>,
    /// The post's first language as a BCP 47 tag, null where it says none.
    pub language: Option<&'a str>,
    /// Shown in place of the text until a reader asks for more; null where there is none.
    pub content_warning: Option<&'a str>,
    /// Whether the files are hidden until a reader asks.
    pub sensitive: bool,
}

/// A file of the workspace.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct File<'a> {
    /// Its path in the workspace, where the receiver can get it: `assets/launch.png`.
    pub name: &'a str,
    /// SHA-256 of the bytes that were approved, 64 hex digits: whoever fetches the file holds it against this.
    pub sha256: &'a str,
    /// Media type.
    pub mime: &'a str,
    /// Bytes.
    pub size: u64,
    /// What it shows; empty where it only decorates.
    pub alt: &'a str,
}

impl<'a> Body<'a> {
    /// The part after those that are out; `None` where none is left.
    pub fn of(job: &Job<'a>) -> Option<Self> {
        let payload = job.payload;
        let part = payload.parts.get(job.sent.len())?;
        let number = job.sent.len() + 1;
        Some(Self {
            version: 1,
            id: format!("{}-{number}", job.hash),
            workspace: &payload.workspace,
            post: payload.post.as_str(),
            occurrence: &payload.occurrence,
            account: payload.account.name.as_str(),
            part: number,
            of: payload.parts.len(),
            in_reply_to: job.sent.last().map(|receipt| receipt.id.as_str()),
            text: &part.text,
            links: addresses(&part.text).into_iter().filter_map(|range| part.text.get(range)).collect(),
            media: part.media.iter().map(File::of).collect(),
            language: payload.languages.first().map(String::as_str),
            content_warning: payload.content_warning.as_deref(),
            sensitive: payload.sensitive,
        })
    }
}

impl<'a> File<'a> {
    fn of(attachment: &'a Attachment) -> Self {
        let Attachment { file, sha256, size, mime, alt, .. } = attachment;
        Self { name: file, sha256, mime, size: *size, alt }
    }
}
