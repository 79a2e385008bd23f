//! A post as it is written, and the words in it that readers see.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::links::{self, Address};
use crate::workspace::body::stretches;
use crate::workspace::{Finding, Post, Text};

/// A post, read once for all rules.
pub struct Written<'a> {
    /// The post.
    pub post: &'a Post,
    /// Its texts: the parts of the thread, then those of the variants.
    pub texts: Vec<Reading<'a>>,
    /// The addresses that it leads to: those in its texts, and its `link:`.
    pub addresses: Vec<Address>,
}

/// One text of a post.
pub struct Reading<'a> {
    /// The text.
    pub text: &'a Text,
    /// What of it people read, at the same bytes: blanks stand for code, comments, tags, and where links lead.
    pub words: String,
    /// The links that are written with words of their own.
    pub links: Vec<WordedLink>,
    /// The pictures in it.
    pub pictures: Vec<Picture>,
    /// What is written in another way than it is meant (`\_`, `&amp;`, the `*` of `*this*`): its place, and what it means.
    pub escaped: Vec<(Range<usize>, String)>,
    /// Where its stretches begin: in the text, and in the file.
    stretches: Vec<(usize, usize)>,
}

/// `[words](address)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordedLink {
    /// What people read.
    pub words: String,
    /// Where it leads.
    pub address: String,
    /// All of it, in the text.
    pub range: Range<usize>,
}

/// `![alt](file)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file, as it is written.
    pub file: String,
    /// What it shows.
    pub alt: String,
    /// All of it, in the text.
    pub range: Range<usize>,
}

impl<'a> Written<'a> {
    /// Reads a post.
    pub fn of(post: &'a Post) -> Self {
        let variants = post.body.variants.iter().flat_map(|variant| &variant.parts);
        let texts = post.body.parts.iter().chain(variants);
        let texts: Vec<Reading<'_>> = texts.map(|text| Reading::of(post, text)).collect();
        let addresses = links::addresses(post, &texts);
        Self { post, texts, addresses }
    }

    /// A finding at a place of one of its texts. Its level is set afterwards.
    pub fn finding(
        &self,
        code: &'static str,
        reading: &Reading<'_>,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Finding {
        Finding::warning(code, &self.post.source, reading.span(range), message)
    }
}

impl<'a> Reading<'a> {
    fn of(post: &Post, text: &'a Text) -> Self {
        let markdown = text.markdown.as_str();
        let mut words = vec![b' '; markdown.len()];
        let mut links: Vec<WordedLink> = Vec::new();
        let mut open: Option<WordedLink> = None;
        let (mut pictures, mut shown): (Vec<Picture>, Option<Picture>) = (Vec::new(), None);
        let (mut verbatim, mut escaped) = (false, Vec::new());
        for (event, range) in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(_)) => verbatim = true,
                Event::End(TagEnd::CodeBlock) => verbatim = false,
                Event::Start(Tag::Emphasis) => escaped.push((range.start..range.start + 1, String::new())),
                Event::Start(Tag::Strong) => escaped.push((range.start..range.start + 2, String::new())),
                Event::End(TagEnd::Emphasis) => escaped.push((range.end - 1..range.end, String::new())),
                Event::End(TagEnd::Strong) => escaped.push((range.end - 2..range.end, String::new())),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    open = Some(WordedLink { words: String::new(), address: dest_url.into_string(), range });
                }
                Event::End(TagEnd::Link) => links.extend(open.take()),
                Event::Start(Tag::Image { dest_url, .. }) => {
                    shown = Some(Picture { file: dest_url.into_string(), alt: String::new(), range });
                }
                Event::End(TagEnd::Image) => pictures.extend(shown.take()),
                Event::Text(said) if !verbatim => {
                    // A backslash that says nothing itself belongs to the sign behind it.
                    if let Some(before) = range.start.checked_sub(1)
                        && markdown.as_bytes().get(before) == Some(&b'\\')
                        && words.get(before) == Some(&b' ')
                        && let Some(sign) = said.chars().next()
                    {
                        escaped.push((before..range.start + sign.len_utf8(), sign.to_string()));
                    }
                    if let (Some(to), Some(from)) = (words.get_mut(range.clone()), markdown.get(range.clone())) {
                        to.copy_from_slice(from.as_bytes());
                        if *from != *said {
                            escaped.push((range, said.to_string()));
                        }
                    }
                    if let Some(picture) = &mut shown {
                        picture.alt.push_str(&said);
                    } else if let Some(link) = &mut open {
                        link.words.push_str(&said);
                    }
                }
                _ => {}
            }
        }
        for (at, byte) in markdown.bytes().enumerate().filter(|(_, byte)| *byte == b'\n') {
            if let Some(place) = words.get_mut(at) {
                *place = byte;
            }
        }
        // Whole stretches of text were copied, and blanks fill the rest.
        let words = String::from_utf8(words).unwrap_or_default();
        Self { text, words, links, pictures, escaped, stretches: stretches(&post.source.text, text) }
    }

    /// Where a stretch of the text stands in the file.
    pub fn span(&self, range: Range<usize>) -> Range<usize> {
        let start = self.place(range.start);
        start..self.place(range.end).max(start)
    }

    fn place(&self, at: usize) -> usize {
        let stretch = self.stretches.partition_point(|(start, _)| *start <= at).checked_sub(1);
        match stretch.and_then(|stretch| self.stretches.get(stretch)) {
            Some((start, place)) => place + (at - start),
            None => self.text.offset + at,
        }
    }
}
