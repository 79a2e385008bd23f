//! One file of a team's own guide, checked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::fold::fold;
use super::guide::Audience;
use super::guide_file::{
    AvoidFile, GuideFile, HashtagsFile, LimitsFile, LinksFile, NameFile, OpeningFile, ReadingFile, RequireFile,
};
use super::judge::Styled;
use super::judge::avoid::{Avoid, Avoided};
use super::judge::capitals::Capitals;
use super::judge::counts::Counts;
use super::judge::hashtags::Hashtags;
use super::judge::links::Links;
use super::judge::names::{Name, Names};
use super::judge::opening::Opening;
use super::judge::privacy::Privacy;
use super::judge::reading::Reading;
use super::judge::require::Require;
use super::{Level, Remark};
use crate::workspace::accounts::Accounts;
use crate::workspace::located::{OneOrMany, Placed};
use crate::workspace::source::Source;
use crate::workspace::typed::{self, Area, Taken};
use crate::workspace::{AccountName, Finding, is_language, suggest, text, toml};

/// Words below which the ease of a text says nothing.
const FROM_WORDS: usize = 20;

/// One file of a guide, ready to be held against posts.
#[derive(Debug)]
pub struct Chapter {
    /// The page for people.
    pub link: Option<String>,
    accounts: Accounts,
    languages: Vec<String>,
    avoid: Avoid,
    names: Names,
    require: Vec<Require>,
    counts: Counts,
    capitals: Option<Capitals>,
    hashtags: Option<Hashtags>,
    opening: Option<Opening>,
    reading: Option<Reading>,
    links: Option<Links>,
    privacy: Privacy,
}

impl Chapter {
    /// Whether it holds for a text: one that goes to any of its accounts, in any of its languages.
    pub fn is_for(&self, audience: Audience<'_>) -> bool {
        let language = |tag: &String| audience.languages.iter().any(|language| is_of(language, tag));
        (self.accounts == Accounts::default() || audience.accounts.iter().any(|account| self.accounts.hold(account)))
            && (self.languages.is_empty() || self.languages.iter().any(language))
    }

    /// What it says of a text.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = self.avoid.judge(styled);
        remarks.extend(self.names.judge(styled));
        remarks.extend(self.require.iter().flat_map(|require| require.judge(styled)));
        remarks.extend(self.counts.judge(styled));
        remarks.extend(self.capitals.iter().flat_map(|capitals| capitals.judge(styled)));
        remarks.extend(self.hashtags.iter().flat_map(|hashtags| hashtags.judge(styled)));
        remarks.extend(self.opening.iter().flat_map(|opening| opening.judge(styled)));
        remarks.extend(self.reading.iter().flat_map(|reading| reading.judge(styled)));
        remarks.extend(self.links.iter().flat_map(|links| links.judge(styled)));
        remarks.extend(self.privacy.judge(styled));
        remarks
    }
}

/// Whether a language is `tag`, or one of its kinds: `en-GB` is of `en`.
fn is_of(language: &str, tag: &str) -> bool {
    let rest = language.get(tag.len()..);
    language.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// Reads a file of a guide. What is faulty is told and left out; what is not holds.
pub fn read(path: &str, bytes: &[u8], known: &[&AccountName], findings: &mut Vec<Finding>) -> Option<Chapter> {
    let readable = text::read(path, bytes, findings);
    let root = toml::read(&readable.source, &readable.text, findings)?;
    let (file, taken) = typed::read::<GuideFile>(root, Area::Style, &readable.source, findings)?;
    Some(Check { source: &readable.source, known, taken, findings }.chapter(file))
}

struct Check<'a> {
    source: &'a Arc<Source>,
    known: &'a [&'a AccountName],
    taken: Taken,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn error(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::error(code, self.source, span.clone(), message).label("here").help(help));
    }

    fn chapter(&mut self, file: GuideFile) -> Chapter {
        self.version(file.version.as_ref());
        if let Some(link) = file.link.as_ref().filter(|link| !is_page(&link.value)) {
            let message = format!("{} is no address of a page", suggest::quote(&link.value));
            self.error("style/link", &link.span, message, "write `link = \"https://acme.example/guide\"`");
        }
        let accounts = file.accounts.map(|accounts| self.texts(accounts)).unwrap_or_default();
        let accounts = Accounts::read(accounts, self.known, |span, message, help| {
            self.error("style/unknown-account", &span, message, help);
        });
        let languages = file.languages.map(|languages| self.texts(languages)).unwrap_or_default();
        for language in &languages {
            if !is_language(&language.value) {
                let message = format!("{} is no language", suggest::quote(&language.value));
                self.error("style/language", &language.span, message, "write a tag such as `en` or `pt-BR`");
            }
        }
        let avoid: Vec<_> = file.avoid.into_iter().map(|avoid| self.avoid(avoid.value)).collect();
        self.told_twice(&avoid);
        let names: Vec<Name> = file.name.into_iter().filter_map(|name| self.name(name.value)).collect();
        let limits = file.limits;
        Chapter {
            link: file.link.map(|link| link.value).filter(|link| is_page(link)),
            accounts,
            languages: values(languages),
            avoid: Avoid::new(avoid.into_iter().map(|(avoided, _)| avoided).collect()),
            require: file.require.into_iter().filter_map(|require| self.require(require.value)).collect(),
            counts: counts(&limits),
            capitals: limits.all_caps.map(|level| {
                let allowed = limits.capitals.0.iter().map(|word| word.value.clone());
                let words = names.iter().flat_map(|name| name.write.split_whitespace()).map(str::to_owned);
                Capitals { level, allowed: allowed.chain(words).collect() }
            }),
            names: Names::new(names),
            hashtags: file.hashtags.and_then(|hashtags| self.hashtags(hashtags)),
            opening: file.opening.map(|opening| self.opening(opening.value)),
            reading: file.reading.and_then(|reading| self.reading(&reading.value)),
            links: file.links.map(|links| self.links(links.value)),
            privacy: Privacy::new(file.privacy.email, file.privacy.phone, &values(file.privacy.allow.0)),
        }
    }

    fn version(&mut self, version: Option<&Placed<u64>>) {
        match version {
            Some(version) if version.value == 1 => {}
            Some(version) => self.error(
                "style/version",
                &version.span,
                format!("this program knows version 1, not {}", version.value),
                "write `version = 1`, or use a newer greenlit",
            ),
            None if self.taken.holds(&(0..0), "version") => {}
            None => self.error(Area::Style.missing_key(), &(0..0), "`version` is missing", "write `version = 1`"),
        }
    }

    /// A list of texts; each must say something, and there must be one.
    fn texts(&mut self, list: Placed<OneOrMany>) -> Vec<Placed<String>> {
        let mut texts = Vec::new();
        if list.value.0.is_empty() {
            self.error("style/empty", &list.span, "this list is empty", "name at least one, or remove the key");
        }
        for text in list.value.0 {
            if text.value.trim().is_empty() {
                self.error("style/empty", &text.span, "this says nothing", "write a word, or remove it");
            } else {
                texts.push(text);
            }
        }
        texts
    }

    fn avoid(&mut self, file: AvoidFile) -> (Avoided, Vec<Placed<String>>) {
        let words = self.texts(file.words);
        let say = file.say.map(|say| self.texts(say)).unwrap_or_default();
        for better in &say {
            if words.iter().any(|word| fold(&word.value) == fold(&better.value)) {
                let message = format!("{} is to be avoided and to be said", suggest::quote(&better.value));
                self.error("style/avoid", &better.span, message, "say another word");
            }
        }
        let level = file.level.unwrap_or(Level::Warning);
        (Avoided { words: values(words.clone()), say: values(say), why: file.why, level }, words)
    }

    /// Tells words that two entries name: which of them holds nobody could know.
    fn told_twice(&mut self, avoid: &[(Avoided, Vec<Placed<String>>)]) {
        let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
        for word in avoid.iter().flat_map(|(_, words)| words) {
            let Some(first) = seen.insert(fold(word.value.trim()), word.span.clone()) else { continue };
            let line = self.source.place(first.start).line;
            let message = format!("{} is avoided twice", suggest::quote(&word.value));
            let finding = Finding::warning("style/avoid", self.source, word.span.clone(), message);
            self.findings.push(finding.label("again").help(format!("keep one of them; the first is in line {line}")));
        }
    }

    fn name(&mut self, file: NameFile) -> Option<Name> {
        if file.write.value.trim().is_empty() {
            self.error("style/empty", &file.write.span, "this is no name", "write `write = \"GitHub\"`");
            return None;
        }
        let also = file.also.map(|also| self.texts(also)).unwrap_or_default();
        for other in also.iter().filter(|other| other.value == file.write.value) {
            let message = format!("{} is how the name is written", suggest::quote(&other.value));
            self.error("style/name", &other.span, message, "name other spellings, or remove it");
        }
        let level = file.level.unwrap_or(Level::Warning);
        Some(Name { write: file.write.value.trim().to_owned(), also: values(also), why: file.why, level })
    }

    fn require(&mut self, file: RequireFile) -> Option<Require> {
        let (labels, words) = (self.texts(file.label), self.texts(file.text));
        let says = !labels.is_empty() && !words.is_empty();
        let level = file.level.unwrap_or(Level::Error);
        says.then(|| Require::new(values(labels), values(words), file.why, level))
    }

    fn hashtags(&mut self, file: Placed<HashtagsFile>) -> Option<Hashtags> {
        let HashtagsFile { form, known, level } = file.value;
        let told = ["form", "known"].iter().any(|key| self.taken.holds(&file.span, key));
        if form.is_none() && known.is_none() && told {
            return None;
        }
        if form.is_none() && known.is_none() {
            let help = "write `form = \"CamelCase\"`, or name tags: `known = [\"SocialMedia\"]`";
            self.error("style/empty", &file.span, "this says nothing of hashtags", help);
            return None;
        }
        let known = known.map(|known| self.texts(known)).unwrap_or_default();
        for tag in &known {
            let bare = tag.value.trim().trim_start_matches('#');
            if bare.is_empty() || !bare.chars().all(super::named::is_word) {
                let message = format!("{} is no hashtag", suggest::quote(&tag.value));
                self.error("style/hashtag", &tag.span, message, "write letters, digits and `_`");
            }
        }
        Some(Hashtags::new(form.is_some(), &values(known), level.unwrap_or(Level::Warning)))
    }

    fn opening(&mut self, file: OpeningFile) -> Opening {
        let words = self.texts(file.avoid);
        Opening::new(&values(words), file.why, file.level.unwrap_or(Level::Warning))
    }

    fn reading(&mut self, file: &ReadingFile) -> Option<Reading> {
        let ease = u8::try_from(file.ease.value).ok().filter(|ease| (1..=100).contains(ease));
        if ease.is_none() {
            let message = format!("the ease is a number from 1 to 100, not {}", file.ease.value);
            self.error("style/ease", &file.ease.span, message, "write `ease = 50`; more is easier to read");
        }
        let from_words = file.from_words.map_or(FROM_WORDS, |words| usize::try_from(words).unwrap_or(usize::MAX));
        Some(Reading { ease: ease?, from_words, level: file.level.unwrap_or(Level::Suggestion) })
    }

    fn links(&mut self, file: LinksFile) -> Links {
        let words = self.texts(file.avoid_text);
        Links::new(&values(words), file.level.unwrap_or(Level::Warning))
    }
}

fn counts(limits: &LimitsFile) -> Counts {
    let count = |limit: Option<u64>| limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    Counts {
        emoji: count(limits.emoji),
        exclamation_marks: count(limits.exclamation_marks),
        hashtags: count(limits.hashtags),
        mentions: count(limits.mentions),
        sentence_words: count(limits.sentence_words),
        level: limits.level.unwrap_or(Level::Warning),
    }
}

fn values(list: Vec<Placed<String>>) -> Vec<String> {
    list.into_iter().map(|entry| entry.value).collect()
}

/// Whether people can open it.
fn is_page(link: &str) -> bool {
    url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
