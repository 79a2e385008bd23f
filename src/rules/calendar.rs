//! Dates as people write them, in eight languages and in numbers.
//!
//! Names are those of Unicode's CLDR 48 (`common/main/*.xml`, calendar `gregorian`, checked 2026-11-28), with the cases
//! in which dates stand (Polish `grudnia`, `środę`).

use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};

/// A day that is written in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    /// All of it, with the weekday.
    pub range: Range<usize>,
    pub day: u32,
    pub month: u32,
    pub year: Option<i32>,
    /// The weekday beside it, and where that stands.
    pub weekday: Option<(Weekday, Range<usize>)>,
    /// In letters; numbers without a year may be anything.
    pub named: bool,
}

impl Day {
    /// The day, in a year where none is written.
    pub fn in_year(&self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year.unwrap_or(year), self.month, self.day)
    }

    /// Whether there is such a day in some year.
    pub fn exists(&self) -> bool {
        NaiveDate::from_ymd_opt(self.year.unwrap_or(2024), self.month, self.day).is_some()
    }

    /// The days that may be meant where something is said on `today`: the next one, and the one that was not long ago.
    pub fn near(&self, today: NaiveDate) -> Vec<NaiveDate> {
        const LONG_AGO: i64 = 60;
        if self.year.is_some() {
            return self.in_year(0).into_iter().collect();
        }
        let years = [today.year() - 1, today.year(), today.year() + 1];
        let days: Vec<NaiveDate> = years.into_iter().filter_map(|year| self.in_year(year)).collect();
        let next = days.iter().find(|day| **day >= today);
        let last = days.iter().rev().find(|day| **day < today && (today - **day).num_days() <= LONG_AGO);
        last.into_iter().chain(next).copied().collect()
    }
}

/// The days of a text. `languages` tell which of two numbers is the month where both can be.
pub(super) fn dates(text: &str, languages: &[String]) -> Vec<Day> {
    let bytes = text.as_bytes();
    let mut found: Vec<Day> = Vec::new();
    let mut at = 0;
    while let Some(start) = bytes.iter().skip(at).position(u8::is_ascii_digit).map(|step| at + step) {
        let end = start + digits(text, start).len();
        at = end;
        if apart(text, start)
            && let Some(date) = numbers(text, start, languages).or_else(|| words(text, start..end))
            && found.last().is_none_or(|last| last.range.end <= date.range.start)
        {
            let date = beside(text, date, languages);
            at = at.max(date.range.end);
            found.push(date);
        }
    }
    found
}

/// The digits at a place.
fn digits(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default()
}

/// Whether a number begins here that belongs to nothing before it.
fn apart(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|c| {
        !c.is_alphanumeric() && !matches!(c, '.' | ',' | ':' | '/' | '-' | '+' | '#' | '$' | '€' | '£' | '_')
    })
}

/// `2026-12-01`, `1.12.2026`, `1.12.`, `1/12/2026`, `1-12-2026`
fn numbers(text: &str, start: usize, languages: &[String]) -> Option<Day> {
    let first = digits(text, start);
    let (second, end, sign) = next_number(text, start + first.len(), None)?;
    let third = next_number(text, end, Some(sign));
    let date = |day: &str, month: &str, year: Option<&str>, end: usize| {
        let (day, month) = (day.parse().ok()?, month.parse().ok()?);
        let year = year.map(str::parse).transpose().ok()?;
        let good = (1..=31).contains(&day) && (1..=12).contains(&month) && year.is_none_or(is_year);
        good.then_some(Day { range: start..end, day, month, year, weekday: None, named: false })
    };
    if first.len() == 4 && sign == '-' {
        let (day, end, _) = third.filter(|(day, ..)| day.len() == 2 && second.len() == 2)?;
        return ends_there(text, end).then(|| date(day, second, Some(first), end))?;
    }
    if first.len() > 2 || second.len() > 2 {
        return None;
    }
    match third {
        Some((year, end, _)) if year.len() == 4 && ends_there(text, end) => {
            let (day, month) = if sign == '.' { (first, second) } else { ordered(first, second, languages)? };
            date(day, month, Some(year), end)
        }
        // Where nobody writes so, it is a version at a sentence's end.
        None if sign == '.'
            && write_dots(languages)
            && text.get(end..)?.starts_with('.')
            && ends_there(text, end + 1) =>
        {
            date(first, second, None, end + 1)
        }
        _ => None,
    }
}

/// Whether people write `1.12.` in a language.
fn write_dots(languages: &[String]) -> bool {
    let language = languages.first().map(|tag| tag.to_ascii_lowercase()).unwrap_or_default();
    let language = language.split('-').next().unwrap_or_default();
    [
        "de", "lb", "pl", "cs", "sk", "sl", "hr", "bs", "sr", "mk", "bg", "ro", "hu", "fi", "et", "lv", "is", "da",
        "nb", "nn", "no", "ru", "uk", "be", "tr", "az", "ka", "hy", "kk",
    ]
    .contains(&language)
}

/// A sign between two numbers, and the number behind it.
fn next_number(text: &str, at: usize, sign: Option<char>) -> Option<(&str, usize, char)> {
    let found = text.get(at..)?.chars().next().filter(|c| matches!(c, '.' | '/' | '-'))?;
    let number = digits(text, at + 1);
    let good = !number.is_empty() && sign.is_none_or(|sign| sign == found);
    good.then_some((number, at + 1 + number.len(), found))
}

/// Whether nothing that belongs to a number stands behind it.
fn ends_there(text: &str, at: usize) -> bool {
    let mut rest = text.get(at..).unwrap_or_default().chars();
    match rest.next() {
        Some('.' | ',' | ':' | '/' | '-') => rest.next().is_none_or(|c| !c.is_ascii_digit()),
        Some('T') => true,
        Some(c) => !c.is_alphanumeric() && c != '_',
        None => true,
    }
}

/// Day and month of `3/4/2026`; `None` where it may be either.
fn ordered<'a>(first: &'a str, second: &'a str, languages: &[String]) -> Option<(&'a str, &'a str)> {
    let above = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 12);
    let language = languages.first().map(|tag| tag.to_ascii_lowercase()).unwrap_or_default();
    let english = language.is_empty() || language == "en" || language.starts_with("en-");
    match (above(first), above(second)) {
        (true, _) => Some((first, second)),
        (_, true) => Some((second, first)),
        _ if first == second => Some((first, second)),
        // The United States write the month first, nearly everybody else the day.
        _ if language == "en-us" => Some((second, first)),
        _ if matches!(language.as_str(), "en-gb" | "en-ie" | "en-au" | "en-nz" | "en-in") => Some((first, second)),
        _ if english => None,
        _ => Some((first, second)),
    }
}

fn is_year(year: i32) -> bool {
    (1900..2200).contains(&year)
}

/// `1 December 2026`, `1. Dezember`, `1er décembre`, `1 de diciembre de 2026`, `December 1st, 2026`
fn words(text: &str, number: Range<usize>) -> Option<Day> {
    let day: u32 = text.get(number.clone()).filter(|digits| digits.len() <= 2)?.parse().ok()?;
    if !(1..=31).contains(&day) {
        return None;
    }
    let end = ordinal(text, number.end);
    let date = |range: Range<usize>, month: u32, year: Option<i32>| Day {
        range,
        day,
        month,
        year,
        weekday: None,
        named: true,
    };
    let mut behind = word_after(text, end);
    if behind.as_ref().is_some_and(|word| OF.contains(&text.get(word.clone()).unwrap_or_default())) {
        behind = word_after(text, behind?.end);
    }
    if let Some(word) = behind
        && let Some((month, _)) = month(text.get(word.clone())?)
    {
        let (year, end) = year(text, abbreviated(text, word.end));
        return Some(date(number.start..end, month, year));
    }
    // Only English has the month before the day.
    let word = word_before(text, number.start).or_else(|| short_before(text, number.start))?;
    let (month, language) = month(text.get(word.clone())?)?;
    (language == "en" && ends_there(text, end)).then(|| {
        let (year, end) = year(text, end);
        date(word.start..end, month, year)
    })
}

/// Where a day's number ends: behind `st`, `.`, `er`, `º`.
fn ordinal(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let endings = ["st", "nd", "rd", "th", "er", "e", "º", "ª", "°", "."];
    let ending = endings.iter().find(|ending| {
        let (start, behind) = rest.split_at_checked(ending.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(ending) && !behind.starts_with(char::is_alphanumeric)
    });
    at + ending.map_or(0, |ending| ending.len())
}

/// What stands between the day, the month and the year.
const OF: [&str; 5] = ["of", "de", "di", "del", "do"];

/// The year behind a month or day, and where the date ends.
fn year(text: &str, at: usize) -> (Option<i32>, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let after = rest.strip_prefix(',').unwrap_or(rest);
    let after = after.strip_prefix([' ', '\u{a0}']).unwrap_or(after);
    let after = OF.iter().find_map(|of| after.strip_prefix(of)?.strip_prefix(' ')).unwrap_or(after);
    let start = at + rest.len() - after.len();
    let year = digits(text, start);
    let end = start + year.len();
    let good = start > at && year.len() == 4 && ends_there(text, end);
    match year.parse().ok().filter(|year| good && is_year(*year)) {
        Some(year) => (Some(year), end),
        None => (None, at),
    }
}

/// Where an abbreviation ends whose dot belongs to it: `Dec. 2026`, not the end of a sentence.
fn abbreviated(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let dot =
        rest.strip_prefix('.').map(str::trim_start).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    at + usize::from(dot)
}

/// Takes the weekday beside a date into it.
fn beside(text: &str, mut date: Day, languages: &[String]) -> Day {
    if let Some((day, word)) = weekday_before(text, &date, languages) {
        date.range.start = word.start;
        date.weekday = Some((day, word));
    } else if let Some(word) = text.get(date.range.end..).and_then(|rest| {
        let open = rest.strip_prefix(" (").map(|_| date.range.end + 2)?;
        word_after(text, open).filter(|word| word.start == open)
    }) && let Some((day, _)) = weekday(text.get(word.clone()).unwrap_or_default())
        && text.get(word.end..).is_some_and(|rest| rest.starts_with([')', ',', '.']))
    {
        date.range.end = word.end;
        date.weekday = Some((day, word));
    }
    date
}

fn weekday_before(text: &str, date: &Day, languages: &[String]) -> Option<(Weekday, Range<usize>)> {
    let mut at = date.range.start;
    // `Tuesday, the 1st`, `Dienstag, den 1.`, `martes, 1`
    if let Some(word) =
        word_before(text, at).filter(|word| ARTICLES.contains(&text.get(word.clone()).unwrap_or_default()))
    {
        at = word.start;
    }
    let before = text.get(..at)?.trim_end_matches([' ', '\u{a0}']);
    let before = before.strip_suffix(',').unwrap_or(before);
    let short = before.strip_suffix('.');
    let before = short.unwrap_or(before);
    let word = word_before(text, before.len()).filter(|word| word.end == before.len())?;
    // `See you on Friday. 1 December …`: a name in full before a dot ends its sentence.
    let (day, language) = weekday(text.get(word.clone())?).filter(|(_, of)| short.is_none() || !of.is_empty())?;
    // Short names are words of other languages: `So`, `Do`, `Sat`.
    let sure = match language {
        "" => true,
        language if date.named => text
            .get(date.range.clone())
            .is_some_and(|date| date.split([' ', '.', ',', '\u{a0}']).any(|word| month_in(word, language))),
        language => languages.first().is_some_and(|tag| tag.to_ascii_lowercase().starts_with(language)),
    };
    // `Monday to Friday, 1 December`: which of them it is belongs to nobody.
    let alone = || {
        let earlier = text.get(..word.start)?.trim_end();
        let rest = [
            "-", "–", "—", "&", "/", "+", ",", " to", " and", " or", " bis", " und", " oder", " et", " ou", " au",
            " y", " o", " a", " e", " en", " of", " tot", " do", " i", " lub",
        ];
        let joined = rest.iter().find_map(|joint| earlier.strip_suffix(joint))?.trim_end();
        let last = word_before(text, joined.len()).filter(|word| word.end == joined.len())?;
        weekday(text.get(last)?)
    };
    (sure && alone().is_none()).then_some((day, word))
}

const ARTICLES: [&str; 11] = ["the", "den", "der", "dem", "le", "el", "il", "dia", "día", "dnia", "de"];

/// The word behind a place, with blanks between them in the same line.
fn word_after(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let word = rest.trim_start_matches([' ', '\u{a0}']);
    let start = at + rest.len() - word.len();
    let end = start + word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    (end > start).then_some(start..end)
}

/// The word before a place, with blanks between them in the same line.
fn word_before(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?.trim_end_matches([' ', '\u{a0}']);
    let start = before.char_indices().rev().take_while(|(_, c)| c.is_alphabetic() || *c == '-').last()?.0;
    (start < before.len()).then_some(start..before.len())
}

/// The short name of a month before a place, with its dot: `Dec. 8`. A name in full before a dot ends its sentence.
fn short_before(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?.trim_end_matches([' ', '\u{a0}']).strip_suffix('.')?;
    let word = word_before(text, before.len()).filter(|word| word.end == before.len())?;
    let full = ["may", "june", "july"];
    let short =
        text.get(word.clone()).is_some_and(|name| name.len() <= 4 && !full.contains(&name.to_lowercase().as_str()));
    short.then_some(word)
}

/// A month by its name, and the language where that matters: English has it before the day.
fn month(word: &str) -> Option<(u32, &'static str)> {
    let (names, at) = find(&MONTHS, word)?;
    let month = u32::try_from(at % 12).ok()? + 1;
    Some((month, names.language))
}

fn month_in(word: &str, language: &str) -> bool {
    let mut of_language = MONTHS.iter().filter(|names| names.language == language);
    of_language.any(|names| find(std::slice::from_ref(names), word).is_some())
}

/// A weekday by its name; for short names the language that they are of.
fn weekday(word: &str) -> Option<(Weekday, &'static str)> {
    let (names, at) = find(&WEEKDAYS, word)?;
    let day = u8::try_from(at % 7).ok().and_then(|day| Weekday::try_from(day).ok())?;
    Some((day, names.language))
}

/// Names from the first to the last, once or several times.
struct Names {
    language: &'static str,
    /// Day with a capital: without one it is another word.
    capital: bool,
    words: &'static [&'static str],
}

/// The names among which a word is, and its place there.
fn find<'n>(all: &'n [Names], word: &str) -> Option<(&'n Names, usize)> {
    let (folded, capital) = (word.to_lowercase(), word.starts_with(char::is_uppercase));
    let place = |names: &Names| names.words.iter().position(|name| !name.is_empty() && *name == folded);
    all.iter().filter(|names| capital || !names.capital).find_map(|names| Some((names, place(names)?)))
}

#[rustfmt::skip]
const MONTHS: [Names; 8] = [
    Names { language: "en", capital: true, words: &[
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        "", "", "", "", "", "", "", "", "sept"] },
    Names { language: "de", capital: true, words: &[
        "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember",
        "jän", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez",
        "jänner", "feber", "", "", "", "", "", "", "sept"] },
    Names { language: "fr", capital: false, words: &[
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"] },
    Names { language: "es", capital: false, words: &[
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
        "", "", "", "", "", "", "", "", "setiembre"] },
    Names { language: "it", capital: false, words: &[
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"] },
    Names { language: "pt", capital: false, words: &[
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"] },
    Names { language: "nl", capital: false, words: &[
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"] },
    Names { language: "pl", capital: false, words: &[
        "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"] },
];

#[rustfmt::skip]
const WEEKDAYS: [Names; 10] = [
    Names { language: "", capital: true, words: &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] },
    Names { language: "", capital: true, words: &[
        "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
        "", "", "", "", "", "sonnabend", ""] },
    Names { language: "", capital: false, words: &["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"] },
    Names { language: "", capital: false, words: &["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"] },
    Names { language: "", capital: false, words: &["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"] },
    Names { language: "", capital: false, words: &[
        "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"] },
    Names { language: "", capital: false, words: &["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"] },
    Names { language: "", capital: false, words: &[
        "poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela",
        "", "", "środę", "", "", "sobotę", "niedzielę"] },
    Names { language: "en", capital: true, words: &[
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "", "tues", "weds", "thur", "", "", "", "", "", "", "thurs"] },
    Names { language: "de", capital: true, words: &["mo", "di", "mi", "do", "fr", "sa", "so"] },
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Day, month, year.
    type Day = (u32, u32, Option<i32>);

    fn read(text: &str, language: &str) -> Vec<(String, Day, Option<Weekday>)> {
        let days = dates(text, &[language.to_owned()]).into_iter();
        days.map(|d| (text[d.range].to_owned(), (d.day, d.month, d.year), d.weekday.map(|(day, _)| day))).collect()
    }

    /// One date, and all of the text but the first and last word.
    fn one(text: &str, language: &str, day: (u32, u32, Option<i32>), weekday: Option<Weekday>) {
        let read = read(text, language);
        assert_eq!(read.len(), 1, "{text}: {read:?}");
        assert_eq!((read[0].1, read[0].2), (day, weekday), "{text}");
    }

    #[test]
    fn days_of_many_languages() {
        let tuesday = Some(Weekday::Tue);
        let (day, year) = ((1, 12, None), (1, 12, Some(2026)));
        for (language, text) in [
            ("en", "on Tuesday, 1 December 2026, at ten"),
            ("en", "on Tuesday, December 1st, 2026"),
            ("en", "on Tuesday the 1st of December 2026."),
            ("en", "Tue, Dec 1, 2026"),
            ("en", "Tue. Dec. 1, 2026"),
            ("en", "2026-12-01 (Tuesday)"),
            ("de", "am Dienstag, den 1. Dezember 2026 um zehn"),
            ("de", "Di., 1.12.2026"),
            ("fr", "le mardi 1er décembre 2026"),
            ("es", "el martes, 1 de diciembre de 2026"),
            ("it", "martedì 1º dicembre 2026"),
            ("pt", "terça-feira, 1 de dezembro de 2026"),
            ("nl", "dinsdag 1 december 2026"),
            ("pl", "we wtorek 1 grudnia 2026 r."),
        ] {
            one(text, language, year, tuesday);
        }
        one("Dienstag, 1.12., um zehn", "de", day, tuesday);
        one("MARDI 1ER DÉCEMBRE", "fr", day, tuesday);
        one("December 1 is near", "en", day, None);
        one("the 1st of December", "en", day, None);
        assert_eq!(read("Tuesday, 1 December 2026, noon", "en")[0].0, "Tuesday, 1 December 2026");
    }

    #[test]
    fn numbers_that_may_be_two_days_are_none() {
        assert_eq!(read("3/4/2026", "en"), []);
        one("3/4/2026", "en-US", (4, 3, Some(2026)), None);
        one("3/4/2026", "en-GB", (3, 4, Some(2026)), None);
        one("3/4/2026", "fr", (3, 4, Some(2026)), None);
        one("13/4/2026", "en", (13, 4, Some(2026)), None);
        one("4/13/2026", "en", (13, 4, Some(2026)), None);
        one("3-4-2026", "nl", (3, 4, Some(2026)), None);
    }

    #[test]
    fn other_numbers_are_no_days() {
        for text in [
            "Version 1.12.2026.1 and 10.1.2",
            "1:12.5 and 3/4 cup, 24/7, 50-50",
            "+49 30 1.12.2026",
            "we may 3 times march 5 miles",
            "12 decembrists, 40 December, 0 May",
            "€1.12.",
            "We use Acme 3.11. Try it",
            "2026-13-01 2026-1-1 x2026-12-01",
            "Acme 5 is here",
            "１２月１日",
        ] {
            let read: Vec<_> = read(text, "en").into_iter().filter(|(text, ..)| text != "1.12.2026").collect();
            assert_eq!(read, [], "{text}");
        }
    }

    #[test]
    fn a_weekday_of_something_else_is_left_alone() {
        for text in [
            "Monday to Friday, 4 December 2026",
            "Monday-Friday, 4 December",
            "Mo–Fr, 4. Dezember",
            "Du lundi au vendredi 4 décembre",
            "Do 4 December matter?",
            "Come on Monday\n4 December",
            "See you on Monday. 4 December is off",
            "We sat 4 December evenings",
        ] {
            for (read, _, weekday) in read(text, "en") {
                assert_eq!(weekday, None, "{text}: {read}");
            }
        }
    }

    #[test]
    fn without_a_year_the_next_day_is_meant_and_the_last_may_be() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 28).unwrap();
        let near =
            |text: &str| dates(text, &[]).remove(0).near(today).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(near("1 December"), ["2026-12-01"]);
        assert_eq!(near("20 November"), ["2026-11-20", "2027-11-20"]);
        assert_eq!(near("1 May"), ["2027-05-01"]);
        assert_eq!(near("1 May 2025"), ["2025-05-01"]);
        assert!(!dates("31 November 2026", &[]).remove(0).exists());
        assert!(dates("29 February", &[]).remove(0).exists());
    }

    proptest! {
        #[test]
        fn any_text_has_days_on_boundaries(text in r"(\PC|[0-9]{1,4}|[./, -]|Dec|mai|Dienstag|Sun|of|de|\(|1er|º){0,40}") {
            let mut end = 0;
            for day in dates(&text, &["de".to_owned()]) {
                prop_assert!(text.get(day.range.clone()).is_some() && day.range.start >= end, "{:?}", day);
                prop_assert!(day.weekday.is_none_or(|(_, word)| text.get(word).is_some()));
                end = day.range.end;
            }
        }
    }
}
