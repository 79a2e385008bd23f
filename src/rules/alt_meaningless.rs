//! `alt/meaningless`: an alt text says what the picture shows.
//!
//! “IMG_2043.png”, “image”, “Foto 3” tell nobody anything, and screen readers say that it is a picture anyway. Found are alt
//! texts that are the file's name or a word for pictures alone, that have no letters, and that are the same for several files
//! of a post. A picture that only decorates has an empty alt text.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: image 1}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here. ![leaf.png](assets/leaf.png)
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here. ![Photo of a red maple leaf on wet asphalt](assets/leaf.png)
//! ```

use std::ops::Range;

use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["alt/meaningless"],
    "an alt text says what the picture shows",
    Level::Warning,
    include_str!("alt_meaningless.rs"),
    judge,
);

/// A picture of a post: its file, its alt text, and where it stands in the file.
type Shown<'a> = (&'a str, &'a str, Range<usize>);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    let post = written.post;
    let named = post.media.iter().chain(post.link.iter().filter_map(|link| link.image.as_ref()));
    let named = named.filter_map(|media| Some((media.file.as_str(), media.alt.as_deref()?, media.span.clone())));
    let within = written.texts.iter().flat_map(|reading| {
        let pictures = reading.pictures.iter();
        pictures.map(|it| (it.file.as_str(), it.alt.as_str(), reading.span(it.range.clone())))
    });
    let shown: Vec<Shown<'_>> = named.chain(within).filter(|(_, alt, _)| !alt.trim().is_empty()).collect();
    for (n, (file, alt, span)) in shown.iter().enumerate() {
        let earlier = shown.iter().take(n).find(|(other, same, _)| other != file && same.trim() == alt.trim());
        let why = match (fault(file, alt), earlier) {
            (Some(why), _) => why.to_owned(),
            (None, Some((other, ..))) => format!("is that of {other} too"),
            (None, None) => continue,
        };
        let message = format!("the alt text {} {why}", suggest::quote(alt.trim()));
        let finding = Finding::warning("alt/meaningless", &post.source, span.clone(), message).label("its alt text");
        findings.push(finding.help("say what there is to see, or write `alt: \"\"` for what only decorates"));
    }
}

/// What is wrong with an alt text.
fn fault(file: &str, alt: &str) -> Option<&'static str> {
    let said = alt.trim().trim_end_matches(['.', ':', '…']).to_lowercase();
    let name = file.rsplit('/').next().unwrap_or_default().to_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    if said == name
        || said == stem
        || (!said.contains(char::is_whitespace) && ENDINGS.iter().any(|end| said.ends_with(end)))
    {
        return Some("is the name of a file");
    }
    if !said.contains(char::is_alphanumeric) {
        return Some("has no words");
    }
    // `Image 3`, `IMG_2043`, `Foto #2`
    let word = said.trim_end_matches(|c: char| !c.is_alphabetic());
    let word = word.strip_suffix(" no").unwrap_or(word).trim_end_matches(|c: char| !c.is_alphabetic());
    WORDS.contains(&word).then_some("says only that there is a picture")
}

const ENDINGS: [&str; 12] =
    [".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".heic", ".svg", ".mp4", ".mov", ".webm", ".tif"];

#[rustfmt::skip]
const WORDS: [&str; 55] = [
    "", "image", "image of", "an image", "an image of", "img", "picture", "picture of", "a picture", "a picture of", "pic", "photo",
    "photo of", "a photo", "photograph", "graphic", "illustration", "figure", "screenshot", "screen shot", "video", "gif", "dsc", "dscn",
    "pxl", "untitled", "alt", "alt text", "alttext", "description", "media", "attachment",
    "bild", "ein bild", "bild von", "foto", "ein foto", "foto von", "grafik", "abbildung", "bildschirmfoto",
    "imagen", "imagen de", "captura", "immagine", "foto di", "imagem", "imagem de", "afbeelding", "obraz", "zdjęcie",
    "画像", "写真", "图片", "사진",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_nothing() {
        for (file, alt) in [
            ("assets/leaf.png", "leaf"),
            ("assets/leaf.png", "LEAF.PNG"),
            ("a.png", "IMG_2043.jpeg"),
            ("a.png", "IMG_2043"),
            ("a.png", "Image 3"),
            ("a.png", "Bild #2"),
            ("a.png", "picture of…"),
            ("a.png", "🍁🍁"),
            ("a.png", "..."),
            ("a.png", "写真"),
            ("a.png", "2043"),
        ] {
            assert!(fault(file, alt).is_some(), "{alt}");
        }
    }

    #[test]
    fn what_tells_something() {
        for alt in [
            "A red maple leaf",
            "Photo of Noor on stage",
            "Bild von Paul Klee: Der Goldfisch",
            "Ein Ahornblatt",
            "赤いもみじ",
            "Screenshot: 3 errors in 2 files",
            "שלכת",
            "Acme",
        ] {
            assert_eq!(fault("assets/leaf.png", alt), None, "{alt}");
        }
    }
}
