//! `[privacy]`: addresses and numbers of people.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Styled;
use crate::style::named::is_word;
use crate::style::{Level, Prose, Remark};
use crate::workspace::suggest;

/// What is told of people's addresses and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privacy {
    /// Addresses of e-mail.
    pub email: Option<Level>,
    /// Telephone numbers.
    pub phone: Option<Level>,
}

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}._%+-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}").ok()
});

/// With the code of a country, with a zero first, or as North America groups them.
static PHONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"\+[1-9](?:[ ()./-]{0,2}\d){6,14}|\(?0[1-9]\d{0,4}\)?(?:[ /.-]{1,2}\d{2,}){1,5}|0[1-9]\d{7,12}|\(?[2-9]\d{2}\)?[ .-]\d{3}[.-]\d{4}";
    Regex::new(pattern).ok()
});

/// A day is no number to call.
static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$").ok());

impl Privacy {
    /// Tells each of them.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if let Some(level) = self.email {
            for range in emails(styled.prose) {
                let message = format!("{} is somebody's address", suggest::quote(styled.prose.at(&range)));
                remarks.push(styled.remark("privacy-email", level, &range, message));
            }
        }
        if let Some(level) = self.phone {
            for range in phones(styled.prose) {
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
    let (Some(pattern), Some(day)) = (PHONE.as_ref(), DAY.as_ref()) else { return Vec::new() };
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).count();
    pattern
        .find_iter(&prose.text)
        .filter(|found| {
            let range = found.range();
            let joined = |c: char| is_word(c) || matches!(c, '.' | ',' | '-' | '/' | '#' | '$' | '€');
            let after = prose.text.get(range.end..).and_then(|rest| rest.chars().next());
            (7..=15).contains(&digits(found.as_str()))
                && !day.is_match(found.as_str())
                && !before(prose, &range).is_some_and(joined)
                && !after.is_some_and(is_word)
        })
        .map(|found| found.range())
        .collect()
}

fn before(prose: &Prose<'_>, range: &Range<usize>) -> Option<char> {
    prose.text.get(..range.start).and_then(|before| before.chars().next_back())
}
