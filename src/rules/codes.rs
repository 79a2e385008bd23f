//! What `check` says besides its rules' findings, what is wrong with the form of files, and what `ci doctor` finds. Each code has a line in
//! `codes.md`; a test holds the table against the sources.

/// A code that belongs to no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Stable code, `area/name`: `post/unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub about: &'static str,
    /// What to do about it.
    pub way_out: &'static str,
}

impl Code {
    /// What people read of it, in Markdown.
    pub fn page(&self) -> String {
        format!("{}\n\n{}\n", self.about, self.way_out)
    }
}

/// The table of all, as Markdown.
pub const TABLE: &str = include_str!("codes.md");

/// Every code that belongs to no rule, in the order of the alphabet.
pub fn codes() -> impl Iterator<Item = Code> {
    TABLE.lines().skip(2).filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let code = cells.next()?.trim_matches('`');
        Some(Code { code, about: cells.next()?, way_out: cells.next()? })
    })
}

/// What there is to say of a code.
pub fn described(code: &str) -> Option<Code> {
    codes().find(|known| known.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let codes: Vec<Code> = codes().collect();
        assert_eq!(codes.len(), TABLE.lines().count() - 2);
        assert!(codes.is_sorted_by(|a, b| a.code < b.code), "in the order of the alphabet, each once");
        for Code { code, about, way_out } in codes {
            assert!(super::super::named(code).is_none(), "{code} is a rule's");
            assert!(about.ends_with('.') && way_out.ends_with('.'), "{code}");
        }
    }
}
