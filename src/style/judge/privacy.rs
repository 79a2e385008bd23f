//! `[privacy]`: addresses and numbers of people.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Styled;
use crate::style::fold::fold;
use crate::style::named::is_word;
use crate::style::{Level, Prose, Remark};
use crate::workspace::suggest;

/// What is told of people's addresses and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Privacy {
    /// Addresses of e-mail.
    email: Option<Level>,
    /// Telephone numbers.
    phone: Option<Level>,
    /// Folded addresses, and the digits of numbers.
    allowed: Vec<String>,
}

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}._%+-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}").ok()
});

/// With the code of a country, with a zero first, or as North America groups them.
static PHONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"\+[1-9](?:[ ()./-]{0,2}[0-9]){6,14}|\(?0[1-9]\d{0,4}\)?(?:[ /.-]{1,2}\d{2,}){1,5}|0[1-9]\d{7,12}|\(?[2-9]\d{2}\)?[ .-]\d{3}[.-]\d{4}";
    Regex::new(pattern).ok()
});

/// Days and times, also from one to another, and thousands are no numbers to call.
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let one = r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})?|\d{4}-\d{2}-\d{2}|(?:[01]?\d|2[0-4])[.:][0-5]\d)";
    Regex::new(&format!(r"^(?:{one}(?:[ /–-]{{1,3}}{one})*|\+\d{{1,3}}(?:\.\d{{3}}){{2}}(?:\.\d)?)$")).ok()
});

impl Privacy {
    /// Takes the entries of a guide.
    pub fn new(email: Option<Level>, phone: Option<Level>, allow: &[String]) -> Self {
        let folded = |text: &String| if text.contains('@') { fold(text.trim()) } else { digits(text) };
        let allowed = allow.iter().map(folded).filter(|text| !text.is_empty()).collect();
        Self { email, phone, allowed }
    }

    fn allows(&self, address: &str) -> bool {
        let address = fold(address);
        self.allowed.iter().any(|one| *one == address || one.starts_with('@') && address.ends_with(one.as_str()))
    }

    /// Tells each of them that is not allowed.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if let Some(level) = self.email {
            for range in emails(styled.prose).into_iter().filter(|range| !self.allows(styled.prose.at(range))) {
                let message = format!("{} is somebody's address", suggest::quote(styled.prose.at(&range)));
                remarks.push(styled.remark("privacy-email", level, &range, message));
            }
        }
        if let Some(level) = self.phone {
            let allowed = |range: &Range<usize>| self.allowed.contains(&digits(styled.prose.at(range)));
            for range in phones(styled.prose).into_iter().filter(|range| !allowed(range)) {
                let message = format!("{} looks like a telephone number", suggest::quote(styled.prose.at(&range)));
                remarks.push(styled.remark("privacy-phone", level, &range, message));
            }
        }
        remarks
    }
}

/// `@user@server` is a name, no address.
fn emails(prose: &Prose<'_>) -> Vec<Range<usize>> {
    let Some(pattern) = EMAIL.as_ref().filter(|_| prose.text.contains('@')) else { return Vec::new() };
    pattern
        .find_iter(&prose.text)
        .map(|found| found.range())
        .filter(|range| !before(prose, range).is_some_and(|c| matches!(c, '@' | '＠' | '/')))
        .collect()
}

fn phones(prose: &Prose<'_>) -> Vec<Range<usize>> {
    let (Some(pattern), Some(other)) = (PHONE.as_ref(), OTHER.as_ref()) else { return Vec::new() };
    pattern
        .find_iter(&prose.text)
        .filter(|found| {
            let range = found.range();
            let joined = |c: char| is_word(c) || matches!(c, '.' | ',' | '-' | '/' | '#' | '$' | '€');
            let after = prose.text.get(range.end..).and_then(|rest| rest.chars().next());
            (7..=15).contains(&digits(found.as_str()).len())
                && !other.is_match(found.as_str())
                && !before(prose, &range).is_some_and(joined)
                && !after.is_some_and(is_word)
        })
        .map(|found| found.range())
        .collect()
}

/// The digits of a number.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn before(prose: &Prose<'_>, range: &Range<usize>) -> Option<char> {
    prose.text.get(..range.start).and_then(|before| before.chars().next_back())
}
