//! `[limits]`: how much there may be of something.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use super::{Styled, words};
use crate::style::named::is_unspaced;
use crate::style::{Level, Prose, Remark};

/// How much there may be of something; `None`: as much as anybody likes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Emoji.
    pub emoji: Option<usize>,
    /// Exclamation marks.
    pub exclamation_marks: Option<usize>,
    /// Hashtags.
    pub hashtags: Option<usize>,
    /// Mentions.
    pub mentions: Option<usize>,
    /// Words in one sentence.
    pub sentence_words: Option<usize>,
    /// How much it matters.
    pub level: Level,
}

impl Counts {
    /// Tells what there is too much of, at the first that is too many, and each sentence that is too long.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let prose = styled.prose;
        let mut remarks = Vec::new();
        let mut most = |limit: Option<usize>, what: [&str; 2], find: &dyn Fn() -> Vec<Range<usize>>| {
            let Some(limit) = limit else { return };
            let found = find();
            if let Some(first) = found.get(limit) {
                let [one, many] = what;
                let message = format!(
                    "{} {} here: at most {limit} may be",
                    found.len(),
                    if found.len() == 1 { one } else { many }
                );
                remarks.push(styled.remark("limits", self.level, first, message));
            }
        };
        let named = |hashtag: bool| {
            let named = prose.named.iter().filter(move |named| named.hashtag == hashtag);
            named.map(|named| named.range.clone()).collect::<Vec<_>>()
        };
        most(self.emoji, ["emoji is", "emoji are"], &|| emoji(prose));
        most(self.exclamation_marks, ["exclamation mark is", "exclamation marks are"], &|| exclamations(prose));
        most(self.hashtags, ["hashtag is", "hashtags are"], &|| named(true));
        most(self.mentions, ["mention is", "mentions are"], &|| named(false));
        remarks.extend(self.long_sentences(styled));
        remarks
    }

    fn long_sentences(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let Some(limit) = self.sentence_words else { return Vec::new() };
        let long = |range: &Range<usize>| {
            // Fewer bytes than two for each word cannot hold so many.
            if range.len() < limit.saturating_mul(2) || styled.prose.at(range).contains(is_unspaced) {
                return None;
            }
            let count = words(styled.prose, range).len();
            (count > limit).then(|| {
                let message = format!("this sentence has {count} words: at most {limit} may be");
                styled.remark("limits", self.level, range, message)
            })
        };
        styled.prose.sentences.iter().filter_map(|sentence| long(&sentence.range)).collect()
    }
}

fn exclamations(prose: &Prose<'_>) -> Vec<Range<usize>> {
    prose
        .text
        .match_indices(['!', '！', '¡'])
        .filter(|(_, sign)| *sign != "¡")
        .map(|(at, sign)| at..at + sign.len())
        .collect()
}

/// One grapheme that is shown as an emoji: by itself, by a selector or a keycap behind it, or as a flag.
static EMOJI: LazyLock<Option<regex::Regex>> = LazyLock::new(|| {
    let pattern = r"^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\p{Emoji_Modifier}*\x{FE0F})|[\p{Emoji}&&[\x{2600}-\x{27BF}]]|[0-9#*]\x{FE0F}?\x{20E3}|\p{Regional_Indicator}{2})";
    regex::Regex::new(pattern).ok()
});

/// The emoji of a text; a family, a flag or a colour of skin is one.
fn emoji(prose: &Prose<'_>) -> Vec<Range<usize>> {
    // The keycaps end with a sign that is no ASCII either.
    let Some(pattern) = EMOJI.as_ref().filter(|_| !prose.text.is_ascii()) else { return Vec::new() };
    let graphemes = prose.text.grapheme_indices(true).filter(|(_, grapheme)| !grapheme.is_ascii());
    graphemes.filter(|(_, grapheme)| pattern.is_match(grapheme)).map(|(at, grapheme)| at..at + grapheme.len()).collect()
}
