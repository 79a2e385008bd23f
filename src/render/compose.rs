//! Post × account → payload.

use std::collections::BTreeMap;
use std::ops::Range;

use super::capability::{Capability, Cards, TextForm};
use super::layout::{self, Links};
use super::payload::{Attachment, Card, Identity, Part, Payload};
use super::richtext::{Block, Document, Image, Placed, Rich, Span, Style};
use super::template::{self, Applied, Around, Utm};
use super::{detect, html, markdown, variants};
use crate::workspace::{Account, Assets, Finding, Link, Media, Post, Text, path};

/// Makes what goes out: a post as one account's network takes it.
///
/// The same arguments always give the same payload.
///
/// # Errors
/// Every fault that keeps the post from being made for this account: a file that cannot be had, a template that fails,
/// a link that nobody could follow, nothing to send. Limits of the network are no fault here; rules hold the payload
/// against them.
pub fn render(
    post: &Post,
    account: &Account,
    capability: &Capability,
    workspace: &str,
    assets: &dyn Assets,
) -> Result<Payload, Vec<Finding>> {
    let (payload, faults) = attempt(post, account, capability, workspace, assets);
    if faults.is_empty() { Ok(payload) } else { Err(faults) }
}

/// What [`render`] would make as far as it can be made, and every fault: for `check`, which looks for more of them.
///
/// With a fault nothing of it may go out.
pub fn attempt(
    post: &Post,
    account: &Account,
    capability: &Capability,
    workspace: &str,
    assets: &dyn Assets,
) -> (Payload, Vec<Finding>) {
    let mut composer = Composer { post, account, capability, assets, findings: Vec::new() };
    let parts = composer.parts();
    let payload = Payload {
        version: 1,
        workspace: workspace.to_owned(),
        post: post.id.clone(),
        occurrence: "once".to_owned(),
        account: Identity::of(account),
        parts,
        languages: post.languages.clone(),
        content_warning: post.content_warning.clone().filter(|_| capability.content_warning),
        sensitive: post.sensitive,
        options: options(post, account),
        repeats: post.repeats.clone(),
    };
    (payload, composer.findings)
}

/// The post's options for the network, with those for the account on top.
fn options(post: &Post, account: &Account) -> BTreeMap<String, serde_json::Value> {
    let of = |name: &str| post.options.get(name).cloned().unwrap_or_default();
    let mut options = of(account.name.network());
    options.extend(of(account.name.as_str()));
    options
}

/// Bytes of Markdown that one part may have: far more than any network takes, and little enough to be quick.
const LONGEST_PART: usize = 64 * 1024;

/// A part before it is made.
struct Draft<'a> {
    text: &'a Text,
    /// Its pictures in the front matter.
    media: Vec<&'a Media>,
    /// The post's link, on the first part.
    link: Option<&'a Link>,
}

impl Draft<'_> {
    fn is_empty(&self) -> bool {
        if !self.media.is_empty() || self.link.is_some() {
            return false;
        }
        let document = markdown::parse(&self.text.markdown);
        document.blocks.is_empty() && document.images.is_empty()
    }
}

struct Composer<'a> {
    post: &'a Post,
    account: &'a Account,
    capability: &'a Capability,
    assets: &'a dyn Assets,
    findings: Vec<Finding>,
}

impl Composer<'_> {
    fn parts(&mut self) -> Vec<Part> {
        let post = self.post;
        let slots = variants::thread(&post.body, &self.account.name);
        self.look_for_strays(slots.len());
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        for slot in &slots {
            // Pictures of the front matter go with the first text in their place; where that is dropped, so are they.
            let mut media: Vec<&Media> = post.media.iter().filter(|media| media.part == slot.number).collect();
            for text in &slot.texts {
                let link = post.link.as_ref().filter(|_| drafts.is_empty());
                let draft = Draft { text, media: std::mem::take(&mut media), link };
                // What has nothing but a comment is no part.
                if !draft.is_empty() {
                    drafts.push(draft);
                }
            }
        }
        if drafts.is_empty() && self.findings.is_empty() {
            let message = format!("there is nothing to send to {}", self.account.name);
            self.error("post/no-text", 0..0, message, "take the account out of `to`, or write a text for it");
        }
        let count = drafts.len();
        // A part that cannot be made keeps its place, so that the others keep their numbers.
        drafts.iter().enumerate().map(|(n, draft)| self.part(draft, n + 1, count).unwrap_or_default()).collect()
    }

    /// Reports what belongs to parts that this account's thread does not have.
    fn look_for_strays(&mut self, slots: usize) {
        let (post, account) = (self.post, &self.account.name);
        let have = match slots {
            0 => "no part".to_owned(),
            1 => "one part".to_owned(),
            n => format!("{n} parts"),
        };
        for media in post.media.iter().filter(|media| media.part == 0 || media.part > slots) {
            let message = format!("{:?} belongs to part {}, but {account} gets {have}", media.file, media.part);
            let help = "name another part, or put the picture into the text where it belongs: ![alt text](file)";
            self.error("post/no-such-part", media.span.clone(), message, help);
        }
        for variant in variants::astray(&post.body, account, slots) {
            let message = format!("this is for part {}, but {account} gets {have}", variant.part.unwrap_or_default());
            let help = "name another part, or leave `part` away to replace the whole thread";
            self.error("post/no-such-part", variant.span.clone(), message, help);
        }
    }

    fn part(&mut self, draft: &Draft<'_>, number: usize, count: usize) -> Option<Part> {
        let text = draft.text;
        if text.markdown.len() > LONGEST_PART {
            let message = format!("this part has {} bytes; at most {LONGEST_PART} are read", text.markdown.len());
            self.error("post/part-size", self.place(text, ""), message, "break it into parts with a line `---`");
            return None;
        }
        let Applied { markdown, utm } = self.templated(text, number, count)?;
        let mut document = markdown::parse(&markdown);
        for target in &document.dead_links {
            let message = format!("a link leads to {target:?}, which nobody can follow from a post");
            let help = "write the whole address: https://…";
            self.error("post/bad-link", self.place(text, target), message, help);
        }
        let media = draft.media.iter().map(|media| self.attachment(media)).collect::<Vec<_>>();
        let inline = document.images.iter().map(|image| self.inline(text, image)).collect::<Vec<_>>();
        let files = media.len() + inline.len();
        let card = draft.link.and_then(|link| self.card(link, utm.as_ref(), files, &mut document));

        let (text, facets, html) = match self.capability.text {
            TextForm::Plain => (layout::lay(&document, Links::Beside).text, Vec::new(), None),
            TextForm::Facets => {
                let laid = layout::lay(&document, Links::Marked);
                let facets = detect::facets(&laid);
                (laid.text, facets, None)
            }
            TextForm::Html => (layout::lay(&document, Links::Beside).text, Vec::new(), Some(html::html(&document))),
        };
        if text.is_empty() && files == 0 && card.is_none() {
            let message = format!("part {number} has nothing in it for {}", self.account.name);
            let help = "write a text, or let the account's template write one";
            self.error("post/no-text", self.place(draft.text, ""), message, help);
        }
        Some(Part { text, facets, html, media: media.into_iter().chain(inline).flatten().collect(), card })
    }

    /// The part's Markdown with the account's template around it.
    fn templated(&mut self, text: &Text, part: usize, parts: usize) -> Option<Applied> {
        let Some(template) = &self.account.template else {
            return Some(Applied { markdown: text.markdown.clone(), utm: None });
        };
        let around = Around { text: &text.markdown, part, parts, post: self.post, account: self.account };
        match template::apply(&template.text, &around) {
            Ok(applied) => Some(applied),
            Err(error) => {
                let name = &self.account.name;
                let message = format!("the template of {name} fails here: {error}");
                let help = format!("change `template` under [accounts.\"{name}\"] in greenlit.toml");
                self.error("post/template", self.place(text, ""), message, &help);
                None
            }
        }
    }

    /// The link's card, where the network takes one from us beside so many files. Else the address goes into the text.
    ///
    /// It gets the UTM parameters that the text's links got.
    fn card(&mut self, link: &Link, utm: Option<&Utm>, files: usize, document: &mut Document) -> Option<Card> {
        let Some(plain) = markdown::address(&link.url) else {
            let message = format!("the link {:?} is no address that a reader could open", link.url);
            let place = self.post.source.text.find(&link.url).map_or(0..0, |at| at..at + link.url.len());
            self.error("post/bad-link", place, message, "write the whole address: https://…");
            return None;
        };
        let address = utm.map_or_else(|| plain.clone(), |utm| utm.on_address(&plain));
        match self.capability.cards {
            Cards::Client { with_media, .. } if with_media || files == 0 => {
                let image = link.image.as_ref().and_then(|image| self.attachment(image));
                let title = link.title.clone().unwrap_or_else(|| short_address(&plain));
                let description = link.description.clone().unwrap_or_default();
                Some(Card { url: address, title, description, image })
            }
            _ => {
                if !names(document, &plain) && !names(document, &address) {
                    let whole = Span { range: 0..address.len(), style: Style::Link(address.clone()) };
                    let line = Rich { text: address, spans: vec![whole], escaped: Vec::new() };
                    document.blocks.push(Placed { block: Block::Paragraph(line), apart: true });
                }
                None
            }
        }
    }

    /// A picture of the text, by its path from the workspace's root.
    fn inline(&mut self, text: &Text, image: &Image) -> Option<Attachment> {
        let place = self.place(text, &image.target);
        if let Err((message, help)) = path::check(&image.target) {
            self.error("post/bad-path", place, message, &help);
            return None;
        }
        let alt = Some(image.alt.clone()).filter(|alt| !alt.is_empty());
        self.attachment(&Media { file: image.target.clone(), alt, part: 0, span: place })
    }

    fn attachment(&mut self, media: &Media) -> Option<Attachment> {
        match self.assets.asset(&media.file) {
            Ok(asset) => Some(Attachment {
                file: media.file.clone(),
                sha256: asset.sha256,
                size: asset.size,
                mime: asset.mime,
                alt: media.alt.clone().unwrap_or_default(),
                width: asset.width,
                height: asset.height,
            }),
            Err(problem) => {
                let message = format!("{:?} cannot be sent: {problem}", media.file);
                let help = "name a file of the workspace, by its path from the root: assets/launch.png";
                self.error("post/unreadable-media", media.span.clone(), message, help);
                None
            }
        }
    }

    /// Where something stands in a text of the post; its first byte where it is not found.
    fn place(&self, text: &Text, what: &str) -> Range<usize> {
        let rest = self.post.source.text.get(text.offset..).unwrap_or_default();
        let at = rest.find(what).map_or(text.offset, |at| text.offset + at);
        at..at + what.len()
    }

    fn error(&mut self, code: &'static str, span: Range<usize>, message: String, help: &str) {
        self.findings.push(Finding::error(code, &self.post.source, span, message).help(help));
    }
}

/// Whether a text already has an address, as a link or as it is.
fn names(document: &Document, address: &str) -> bool {
    let bare = |address: &str| address.strip_suffix('/').unwrap_or(address).to_owned();
    let text = layout::lay(document, Links::Marked).text;
    let written = detect::addresses(&text).into_iter().filter_map(|range| text.get(range));
    document.links().into_iter().chain(written).any(|other| bare(other) == bare(address))
}

/// An address without what people do not read: `acme.example/launch`.
fn short_address(address: &str) -> String {
    let Ok(url) = url::Url::parse(address) else { return address.to_owned() };
    format!("{}{}", url.host_str().unwrap_or_default(), url.path().trim_end_matches('/'))
}
