//! Where in the post's file something of the payload was written.

use std::ops::Range;

use crate::render::variants;
use crate::workspace::body::look;
use crate::workspace::{AccountName, Post, Text};

/// The text that a part was made from, by its index in the payload. `None` where the parts cannot be told apart.
pub fn text_of<'a>(post: &'a Post, account: &AccountName, part: usize, parts: usize) -> Option<&'a Text> {
    let texts: Vec<&Text> = variants::thread(&post.body, account).into_iter().flat_map(|slot| slot.texts).collect();
    // Texts that say nothing make no part.
    (texts.len() == parts).then(|| texts.get(part).copied()).flatten()
}

/// The bytes of a text.
pub fn whole(text: &Text) -> Range<usize> {
    text.offset..text.offset + text.markdown.len()
}

/// Where a post's front matter has ended.
pub fn body(post: &Post) -> usize {
    let first = post.body.parts.first().map(|text| text.offset);
    let variant = post.body.variants.first().map(|variant| variant.span.start);
    first.into_iter().chain(variant).min().unwrap_or(0)
}

/// Where the front matter of a post says something, as far as it is written there as it is meant.
pub fn in_front(post: &Post, said: &str) -> Range<usize> {
    let front = post.source.text.get(..body(post)).unwrap_or_default();
    front.find(said).map_or(0..0, |at| at..at + said.len())
}

/// From where on a text is too much, if `fitting` is what of it fits once it is rendered.
///
/// Rendering takes signs away and moves little, so the fitting characters are looked up in the Markdown one after the
/// other; what is not near is taken for a character that rendering added.
pub fn behind(text: &Text, fitting: &str) -> Range<usize> {
    const NEAR: usize = 400;
    let mut at = 0;
    for c in fitting.chars() {
        let rest = text.markdown.get(at..).unwrap_or_default();
        if let Some((found, c)) = rest.char_indices().take(NEAR).find(|(_, other)| *other == c) {
            at += found + c.len_utf8();
        }
    }
    let whole = whole(text);
    if text.markdown.get(at..).is_none_or(|rest| rest.trim().is_empty()) { whole } else { whole.start + at..whole.end }
}

/// The files that a post sends along, to one account or another, each once with a place where it is named.
pub fn files(post: &Post) -> Vec<(String, Range<usize>)> {
    let variants = post.body.variants.iter().flat_map(|variant| &variant.parts);
    files_with(post, post.body.parts.iter().chain(variants))
}

/// Those that it sends to one account.
pub fn files_for(post: &Post, account: &AccountName) -> Vec<(String, Range<usize>)> {
    files_with(post, variants::thread(&post.body, account).into_iter().flat_map(|slot| slot.texts))
}

fn files_with<'a>(post: &Post, texts: impl Iterator<Item = &'a Text>) -> Vec<(String, Range<usize>)> {
    let named = post.media.iter().chain(post.link.iter().filter_map(|link| link.image.as_ref()));
    let mut files: Vec<(String, Range<usize>)> = named.map(|media| (media.file.clone(), media.span.clone())).collect();
    for reference in texts.flat_map(|text| look(text).1) {
        if reference.picture && !files.iter().any(|(file, _)| *file == reference.target) {
            files.push((reference.target, reference.span));
        }
    }
    files
}

/// Where a media file is named.
pub fn media(post: &Post, file: &str) -> Range<usize> {
    let named = post.media.iter().chain(post.link.as_ref().and_then(|link| link.image.as_ref()));
    match named.into_iter().find(|media| media.file == file) {
        Some(media) => media.span.clone(),
        None => post.source.text.find(file).map_or(0..0, |at| at..at + file.len()),
    }
}

/// Where an option is written: its name behind the network's or account's.
pub fn option(post: &Post, account: &AccountName, name: &str) -> Range<usize> {
    let text = post.source.text.as_str();
    let after = |from: usize, word: &str| text.get(from..).and_then(|rest| rest.find(word)).map(|at| from + at);
    let block = after(0, "options:").unwrap_or(0);
    let own = post.options.get(account.as_str()).is_some_and(|options| options.contains_key(name));
    let key = if own { account.as_str() } else { account.network() };
    let owner = after(block, key).map_or(block, |at| at + key.len());
    after(owner, name).map_or(0..0, |at| at..at + name.len())
}
