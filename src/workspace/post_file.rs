//! A post's file, from bytes to [`Post`]: everything that can be wrong with it, in one run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono_tz::Tz;

use super::finding::Finding;
use super::front_matter::{FrontMatter, LinkFile, MediaFile};
use super::loaded::{LoadedPost, Scope};
use super::located::{Named, OneOrMany, Placed};
use super::media_files::MediaFiles;
use super::names::{AccountName, PostId};
use super::post::{Body, Due, Link, Media, Post};
use super::source::Source;
use super::typed::{self, Area, Taken};
use super::variants;
use super::{body, path, suggest, text, time, web, yaml};

/// Bytes that a post may have.
pub const LARGEST: u64 = 256 << 10;
/// Bytes that its front matter may have.
const LARGEST_FRONT_MATTER: usize = 64 << 10;
/// Findings that are kept of one post.
const MOST_FINDINGS: usize = 200;

/// Reads a post's bytes.
pub fn read(path: &str, bytes: &[u8], scope: &Scope<'_>, media: Option<&MediaFiles<'_>>) -> LoadedPost {
    let mut loaded = LoadedPost::default();
    if bytes.len() as u64 > LARGEST {
        loaded.findings.push(too_large(path, bytes.len() as u64));
        return loaded;
    }
    let readable = text::read(path, bytes, &mut loaded.findings);
    let (source, text) = (&readable.source, readable.text.as_str());
    let split = split(source, text, &mut loaded.findings);
    let front = split
        .as_ref()
        .and_then(|split| yaml::read(source, text, split.front.clone(), "front matter", &mut loaded.findings));
    let table = front.as_ref().map_or(0..0, |front| front.span.clone());
    let front = front.and_then(|front| typed::read::<FrontMatter>(front, Area::Post, source, &mut loaded.findings));
    let body = split.map(|split| body::read(source, text, split.body, &mut loaded.findings));

    let readable_front = front.is_some();
    let (front, taken) = front.unwrap_or_default();
    let mut check = Check { source, scope, media, table, taken, findings: &mut loaded.findings };
    loaded.id_span = front.id.as_ref().map_or(0..0, |id| id.span.clone());
    loaded.id = check.id(front.id.as_ref());
    // Without front matter nothing is known that the body could be held against.
    let post = body.and_then(|body| check.post(loaded.id.clone(), front, body, readable_front));
    let sound = readable_front && scope.settings.is_some() && !loaded.findings.iter().any(Finding::is_error);
    match post {
        Some(post) if sound => loaded.post = Some(post),
        other => loaded.doubtful = other.filter(|_| readable_front),
    }
    loaded.source = Some(Arc::clone(source));
    loaded.findings.sort_by_key(|finding| finding.span.start);
    if loaded.findings.len() > MOST_FINDINGS {
        loaded.findings.truncate(MOST_FINDINGS);
        loaded.findings.push(
            Finding::error("file/more", source, 0..0, format!("there are more than {MOST_FINDINGS} faults"))
                .help("correct those above and run `greenlit check` again"),
        );
    }
    loaded
}

/// The finding for a post that is too large to be read.
pub fn too_large(path: &str, size: u64) -> Finding {
    let source = Arc::new(Source::new(path, ""));
    Finding::error("file/too-large", &source, 0..0, format!("the post has {size} bytes; at most {LARGEST} are read"))
        .help("shorten it; media belong into files of their own")
}

struct Split {
    front: Range<usize>,
    body: usize,
}

/// Finds the front matter between its two lines `---`.
fn split(source: &Arc<Source>, text: &str, findings: &mut Vec<Finding>) -> Option<Split> {
    // A byte order mark is blank here.
    let start = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text.get(start..).unwrap_or_default().split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let opening = start..start + first.trim_end().len();
    if first.trim_end() != "---" {
        let above = lines.clone().take(20).any(|line| line.trim_end() == "---") && first.trim().is_empty();
        let help = if above {
            "begin the file with the line `---`, with nothing above it"
        } else {
            "begin the file with `---`, `to: [network/account]`, `---`, then the text"
        };
        findings.push(
            Finding::error("post/no-front-matter", source, opening, "the post has no front matter")
                .label("here `---` is expected")
                .help(help),
        );
        return None;
    }
    let front = start + first.len();
    let mut at = front;
    for line in lines {
        if line.trim_end() == "---" {
            if at - front > LARGEST_FRONT_MATTER {
                let message = format!("the front matter has more than {LARGEST_FRONT_MATTER} bytes");
                findings.push(Finding::error("file/too-large", source, opening, message).help("shorten it"));
                return None;
            }
            return Some(Split { front: front..at, body: at + line.len() });
        }
        at += line.len();
    }
    findings.push(
        Finding::error("post/unclosed-front-matter", source, opening, "the front matter does not end")
            .label("it begins here")
            .help("write a line `---` between it and the text"),
    );
    None
}

struct Check<'a> {
    source: &'a Arc<Source>,
    scope: &'a Scope<'a>,
    media: Option<&'a MediaFiles<'a>>,
    /// The place of the whole front matter.
    table: Range<usize>,
    taken: Taken,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn error(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::error(code, self.source, span.clone(), message).label("here").help(help));
    }

    fn id(&mut self, written: Option<&Placed<String>>) -> Option<PostId> {
        let name = self.source.path.rsplit('/').next().unwrap_or_default();
        let stem = name.strip_suffix(".md").unwrap_or(name).to_owned();
        let (text, span) = written.map_or((&stem, 0..0), |id| (&id.value, id.span.clone()));
        match PostId::new(text) {
            Ok(id) => Some(id),
            Err(why) => {
                let message = format!("{} is no name for a post: {why}", suggest::quote(text));
                let help = match written {
                    Some(_) => "use letters, digits, `-`, `_` and `.`: `autumn-launch`",
                    None => "rename the file, or write `id: autumn-launch`",
                };
                self.error("post/bad-id", &span, message, help);
                None
            }
        }
    }

    fn post(&mut self, id: Option<PostId>, front: FrontMatter, body: Body, has_front: bool) -> Option<Post> {
        let to = self.accounts(front.to, has_front);
        let due = front.publish_at.and_then(|text| self.due(&text)).map_or(Due::Asap, Due::At);
        let languages = self.languages(front.language);
        let link = front.link.and_then(|link| self.link(link));
        let media: Vec<Media> =
            front.media.into_iter().filter_map(|media| self.media(media, body.parts.len())).collect();
        let content_warning = front.content_warning.map(|warning| {
            if warning.value.trim().is_empty() {
                self.error(
                    "post/bad-value",
                    &warning.span,
                    "the content warning is empty",
                    "write it, or remove the key",
                );
            }
            warning.value
        });
        let options = self.options(front.options);
        let repeats = self.repeats(front.repeats, id.as_ref());
        self.body(&body, &media, &to, has_front);
        Some(Post {
            id: id?,
            source: Arc::clone(self.source),
            title: front.title,
            to,
            due,
            draft: front.draft,
            owner: front.owner,
            campaign: front.campaign,
            labels: front.labels.0.into_iter().map(|label| label.value).collect(),
            languages,
            link,
            media,
            content_warning,
            sensitive: front.sensitive,
            options,
            repeats,
            body,
        })
    }

    fn accounts(&mut self, to: Option<Placed<OneOrMany>>, has_front: bool) -> Vec<AccountName> {
        let known: Vec<&str> = self.scope.settings.map_or_else(Vec::new, |settings| {
            settings
                .accounts
                .keys()
                .map(AccountName::as_str)
                .chain(settings.groups.keys().map(String::as_str))
                .collect()
        });
        let Some(Placed { value: OneOrMany(names), span }) = to else {
            if has_front && !self.taken.holds(&self.table.clone(), "to") {
                let help = format!("write `to: [{}]`", known.first().unwrap_or(&"network/account"));
                self.error(Area::Post.missing_key(), &(0..3), "`to` is missing: where should this post go?", help);
            }
            return Vec::new();
        };
        if names.is_empty() {
            let help = format!("write `to: [{}]`", known.first().unwrap_or(&"network/account"));
            self.error("post/no-accounts", &span, "`to` names no account", help);
        }
        let mut accounts: Vec<AccountName> = Vec::new();
        let Some(settings) = self.scope.settings else { return accounts };
        for name in names {
            let group = settings.groups.get(&name.value).cloned();
            let account = AccountName::new(&name.value).ok().filter(|account| settings.accounts.contains_key(account));
            match group.or_else(|| account.map(|account| vec![account])) {
                Some(found) => {
                    for account in found {
                        if !accounts.contains(&account) {
                            accounts.push(account);
                        }
                    }
                }
                None => {
                    let message = format!("there is no account or group {}", suggest::quote(&name.value));
                    let help = suggest::help(&name.value, "accounts and groups", &known);
                    self.error("post/unknown-account", &name.span, message, help);
                }
            }
        }
        accounts
    }

    fn due(&mut self, text: &Placed<String>) -> Option<chrono::DateTime<chrono::Utc>> {
        let zone = self.scope.settings.map_or(Tz::UTC, |settings| settings.timezone);
        match time::read(&text.value, zone) {
            Ok(time) => Some(time),
            Err(fault) => {
                self.error(fault.code, &text.span, fault.message, fault.help);
                None
            }
        }
    }

    fn languages(&mut self, tags: OneOrMany) -> Vec<String> {
        for tag in &tags.0 {
            if !is_language(&tag.value) {
                let message = format!("{} is no language tag", suggest::quote(&tag.value));
                self.error("post/bad-language", &tag.span, message, "write `en`, `de`, `ja`, `pt-BR`: see BCP 47");
            }
        }
        tags.0.into_iter().map(|tag| tag.value).collect()
    }

    fn link(&mut self, link: LinkFile) -> Option<Link> {
        let LinkFile { url, card } = link;
        let good = match web::check(&url.value) {
            Ok(()) => true,
            Err((message, help)) => {
                self.error("post/bad-link", &url.span, message, help);
                false
            }
        };
        let image = card.image.map(|image| {
            self.file(&image.value, &image.span);
            Media { file: image.value, alt: card.alt, part: 1, span: image.span }
        });
        good.then_some(Link { url: url.value, title: card.title, description: card.description, image })
    }

    fn media(&mut self, media: Placed<MediaFile>, parts: usize) -> Option<Media> {
        let MediaFile { file, alt, part } = media.value;
        self.file(&file.value, &file.span);
        let described = match &alt {
            Some(alt) => alt.value.is_empty() || !alt.value.trim().is_empty(),
            None => self.taken.holds(&media.span, "alt"),
        };
        if !described {
            let place = alt.as_ref().map_or(&file.span, |alt| &alt.span).clone();
            self.missing_alt(
                &file.value,
                &place,
                "add `alt: …` with what it shows, or `alt: \"\"` if it only decorates",
            );
        }
        let number = part.as_ref().map_or(1, |part| usize::try_from(part.value).unwrap_or(usize::MAX));
        if let Some(part) = &part
            && !(1..=parts).contains(&number)
        {
            let message = format!("there is no part {number}: the post has {parts}");
            self.error("post/no-such-part", &part.span, message, format!("write a number from 1 to {parts}"));
        }
        Some(Media { file: file.value, alt: alt.map(|alt| alt.value), part: number, span: file.span })
    }

    fn missing_alt(&mut self, file: &str, place: &Range<usize>, help: &str) {
        let message = format!("nothing says what {} shows to people who do not see it", suggest::quote(file));
        self.error("post/missing-alt", place, message, help);
    }

    /// Whether a file that is named stays inside, and is there.
    fn file(&mut self, file: &str, span: &Range<usize>) {
        if let Err((message, help)) = path::check(file) {
            self.error("post/bad-path", span, message, help);
            return;
        }
        let Some(media) = self.media else { return };
        let Err(problem) = media.find(file) else { return };
        let neighbours = media.neighbours(file);
        let near = suggest::nearest(file, neighbours.iter().map(String::as_str));
        let (code, help) = match problem {
            super::FileProblem::Missing => match near {
                Some(near) => ("post/missing-media", format!("did you mean `{near}`?")),
                None => {
                    ("post/missing-media", "add the file, or correct its path from the workspace's root".to_owned())
                }
            },
            super::FileProblem::Irregular(_) => {
                ("post/irregular-media", "put the file itself into the workspace".to_owned())
            }
            super::FileProblem::LfsPointer => {
                ("post/media-pointer", "fetch it with `git lfs pull`, or keep it in git itself".to_owned())
            }
            super::FileProblem::TooLarge { .. } => ("post/media-too-large", "make the file smaller".to_owned()),
            super::FileProblem::Outside | super::FileProblem::Unreadable(_) => {
                ("post/unreadable-media", "see whether the file can be opened".to_owned())
            }
        };
        self.error(code, span, format!("{} cannot be sent: {problem}", suggest::quote(file)), help);
    }

    fn options(
        &mut self,
        file: Named<Named<Placed<serde_json::Value>>>,
    ) -> BTreeMap<String, BTreeMap<String, serde_json::Value>> {
        let known = variants::names(self.scope);
        let mut options = BTreeMap::new();
        for (name, values) in file.0 {
            if !known.is_empty() && !known.contains(&name.value.as_str()) {
                let message = format!("there is no network or account {}", suggest::quote(&name.value));
                let help = suggest::help(&name.value, "networks and accounts", &known);
                self.error("post/unknown-network", &name.span, message, help);
            }
            let mut checked = BTreeMap::new();
            for (option, value) in values.0 {
                if is_option_value(&value.value) {
                    checked.insert(option.value, value.value);
                } else {
                    let message =
                        format!("the option {} must be text or a list of texts", suggest::quote(&option.value));
                    self.error(
                        "post/wrong-type",
                        &value.span,
                        message,
                        "write text; numbers and `true` stand in quotes",
                    );
                }
            }
            options.insert(name.value, checked);
        }
        options
    }

    /// The posts that are said again: other ones, whether or not their files are still there.
    fn repeats(&mut self, names: OneOrMany, own: Option<&PostId>) -> Vec<PostId> {
        let mut repeats = Vec::new();
        for name in names.0 {
            match PostId::new(&name.value) {
                Ok(id) if Some(&id) == own => {
                    let message = format!("{} cannot repeat itself", suggest::quote(&name.value));
                    self.error("post/repeats-itself", &name.span, message, "name the post that said it first");
                }
                Ok(id) if repeats.contains(&id) => {}
                Ok(id) => repeats.push(id),
                Err(why) => {
                    let message = format!("{} is no name of a post: {why}", suggest::quote(&name.value));
                    self.error("post/bad-id", &name.span, message, "write the id of the post: `autumn-launch`");
                }
            }
        }
        repeats
    }

    fn body(&mut self, body: &Body, media: &[Media], to: &[AccountName], has_front: bool) {
        let mut says = Vec::new();
        for text in &body.parts {
            says.push(self.text(text));
        }
        for variant in &body.variants {
            for text in &variant.parts {
                if !self.text(text) {
                    self.error(
                        "post/empty-part",
                        &variant.span,
                        "a part of this variant has no text",
                        "write it, or remove the line `---`",
                    );
                }
            }
        }
        let several = says.len() > 1;
        for (n, text) in body.parts.iter().enumerate() {
            if several && says.get(n) == Some(&false) && !media.iter().any(|media| media.part == n + 1) {
                let at = self.text_place(text.offset);
                let message = format!("part {} has no text", n + 1);
                self.error("post/empty-part", &at, message, "write it, or remove a line `---`");
            }
        }
        let bare = !several && says.first() == Some(&false) && media.is_empty();
        if has_front {
            variants::check(self.source, self.scope, body, to, bare, self.findings);
        }
    }

    /// The line at an offset that no text stands at.
    fn text_place(&self, offset: usize) -> Range<usize> {
        let before = self.source.text.get(..offset).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        line..before.len()
    }

    /// Checks the pictures and links of a text; whether it says anything.
    fn text(&mut self, text: &super::Text) -> bool {
        let (says, references) = body::look(text);
        let mut pictures = false;
        for reference in references {
            if reference.picture {
                pictures = true;
                self.file(&reference.target, &reference.span);
                if reference.alt.trim().is_empty() {
                    let help = "write what it shows between the brackets: `![A red leaf](…)`";
                    self.missing_alt(&reference.target, &reference.span, help);
                }
            } else if let Err((message, help)) = web::check_in_text(&reference.target) {
                self.error("post/bad-link", &reference.span, message, help);
            }
        }
        says || pictures
    }
}

/// The beginning of RFC 5646's grammar: a language of two or three letters, then subtags.
pub fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()))
        && tag.len() <= 35
}

fn is_option_value(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(_) => true,
        serde_json::Value::Array(items) => items.iter().all(serde_json::Value::is_string),
        _ => false,
    }
}
