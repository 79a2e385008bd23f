//! A file's text with its name, and the place of a byte in it.

use std::ops::Range;

/// One text file of the workspace, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path from the workspace's root, with `/` between folders.
    pub path: String,
    /// The whole text, byte for byte.
    pub text: String,
}

/// Where something stands: a line and a column that people and editors count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

impl Source {
    /// Names a text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The place of a byte offset; an offset past the end is the end.
    pub fn place(&self, offset: usize) -> Place {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// The byte range cut down to what exists, on character boundaries.
    pub fn clamp(&self, span: Range<usize>) -> Range<usize> {
        let fit = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = fit(span.start);
        start..fit(span.end).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("posts/a.md", "è\nüb: x\n");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place("è\nüb: ".len()), Place { line: 2, column: 5 });
        assert_eq!(source.place(999), Place { line: 3, column: 1 });
    }
}
