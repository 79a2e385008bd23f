//! `[[require]]`: words that posts with a label must say.

use super::{Styled, because, choice};
use crate::style::lexicon::Lexicon;
use crate::style::{Level, Prose, Remark};
use crate::workspace::{names, suggest};

/// Words of which a post with a label must say one.
#[derive(Debug, Clone)]
pub struct Require {
    labels: Vec<String>,
    words: Vec<String>,
    lexicon: Lexicon,
    why: Option<String>,
    level: Level,
}

impl Require {
    /// Takes an entry of a guide.
    pub fn new(labels: Vec<String>, words: Vec<String>, why: Option<String>, level: Level) -> Self {
        let lexicon = Lexicon::new(words.iter().map(String::as_str));
        Self { labels, words, lexicon, why, level }
    }

    /// Tells a thread that says none of the words, at its beginning.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let has = |label: &&String| styled.post.labels.iter().any(|one| names::same(one, label));
        let Some(label) = self.labels.iter().find(has) else {
            return Vec::new();
        };
        let Some(thread) = styled.thread() else { return Vec::new() };
        let says = |prose: &Prose<'_>| !self.lexicon.find(prose).is_empty();
        let file = styled.post.source.text.as_str();
        if says(styled.prose) || thread.into_iter().skip(1).any(|text| says(&Prose::read(file, text))) {
            return Vec::new();
        }
        let message = format!(
            "a post with the label {} must say {}{}",
            suggest::quote(label),
            choice(&self.words),
            because(self.why.as_deref())
        );
        let first = styled.prose.blocks.first().map_or(0..0, |block| block.range.clone());
        let line = styled.prose.at(&first).lines().next().unwrap_or_default().len();
        vec![styled.remark("require", self.level, &(first.start..first.start + line), message)]
    }
}
