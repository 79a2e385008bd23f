//! `text/past-date`: what is announced is still to come when the post goes out.
//!
//! Looks for days that are over when the post goes out, in sentences that speak of something to come: “register by”,
//! “until”, “join us”, “bis”, „anmelden“, “jusqu'au”, “hasta”, “fino al”, “até”, “zapisz”, and so on. Without a year, only a
//! day of the last two months counts as over. Sentences about what was (“on 3 May we released”, “since”) are left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-05 09:00
//! ---
//! Our winter school begins soon. Register by 1 December 2026!
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! language: es
//! publish_at: 2026-12-05 09:00
//! ---
//! Puedes inscribirte hasta el 1 de diciembre.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-05 09:00
//! ---
//! Join us from 1 December 2026 to 10 December 2026, and see our report of 3 November.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-05 09:00
//! ---
//! On 1 December 2026 we released Acme 5. Join us on 10 December 2026!
//! ```

use super::calendar::{Day, dates};
use super::weekday::out_on;
use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["text/past-date"],
    "what is announced is still to come when the post goes out",
    Level::Info,
    include_str!("past_date.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let today = out_on(written, desk);
    for reading in &written.texts {
        let days = dates(&reading.words, &written.post.languages);
        let ends = days.iter().skip(1).map(Some).chain([None]).map(|next| next.cloned()).collect::<Vec<_>>();
        for (day, next) in days.into_iter().zip(ends) {
            let Some(date) = day.near(today).first().copied().filter(|date| *date < today) else { continue };
            let runs = next.is_some_and(|next| {
                let between = reading.words.get(day.range.end..next.range.start).unwrap_or_default();
                TO.contains(&between.trim()) && next.near(today).iter().any(|end| *end >= today)
            });
            if runs || !announced(&reading.words, &day) {
                continue;
            }
            let there = reading.words.get(day.range.clone()).unwrap_or_default();
            let days = (today - date).num_days();
            let over = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
            let message = format!("{} is {over} over when the post goes out", suggest::quote(there));
            let finding = written.finding("text/past-date", reading, day.range, message).label("in the past");
            findings.push(finding.help("correct the date, or say that it was"));
        }
    }
}

/// Whether the sentence of a day speaks of something to come.
fn announced(text: &str, day: &Day) -> bool {
    let before = sentence_before(text, day.range.start).to_lowercase();
    let words = || before.split(|c: char| !c.is_alphanumeric());
    let has = |list: &[&str]| words().any(|word| list.contains(&word));
    let last = || words().filter(|word| !word.is_empty()).rev().take(3).collect::<Vec<_>>();
    let closes = last().iter().any(|word| UNTIL.contains(word));
    let dated = words().rfind(|word| !word.is_empty()).is_some_and(|word| DATED.contains(&word));
    !dated && !has(&WAS) && (closes && (day.year.is_some() || has(&TO_COME)) || has(&TO_COME))
}

/// What a sentence says before a place, as far as anybody remembers it there.
fn sentence_before(text: &str, at: usize) -> &str {
    const REMEMBERED: usize = 400;
    let from = (at.saturating_sub(REMEMBERED)..=at).find(|from| text.is_char_boundary(*from)).unwrap_or(at);
    text.get(from..at).and_then(|near| near.rsplit(['.', '!', '?', '\n', '。']).next()).unwrap_or_default()
}

/// What stands between the first and the last day.
const TO: [&str; 14] =
    ["-", "–", "—", "to", "until", "till", "through", "bis", "bis zum", "au", "al", "a", "até", "tot"];

/// Words right before the day that something is of: `our report of 3 November`.
const DATED: [&str; 6] = ["of", "from", "dated", "vom", "du", "del"];

/// Words right before the day on which something ends.
const UNTIL: [&str; 14] = [
    "by",
    "until",
    "till",
    "before",
    "bis",
    "jusqu",
    "avant",
    "hasta",
    "entro",
    "fino",
    "até",
    "tot",
    "uiterlijk",
    "do",
];

/// Words with which people are called upon to do something.
#[rustfmt::skip]
const TO_COME: [&str; 44] = [
    "register", "join", "rsvp", "apply", "deadline", "upcoming", "enrol", "enroll", "submit", "book", "save", "see",
    "anmelden", "anmeldung", "anmeldeschluss", "bewirb", "bewerben", "kommt", "komm", "sichert",
    "inscrivez", "rejoignez", "rendez", "venez", "réservez",
    "inscríbete", "inscribirte", "apúntate", "únete", "ven", "reserva",
    "iscriviti", "iscrivetevi", "vieni", "prenota", "aspettiamo",
    "inscreva", "participe", "venha", "reserve",
    "schrijf", "aanmelden", "zapisz", "zapraszamy",
];

/// Words of what is over.
#[rustfmt::skip]
const WAS: [&str; 40] = [
    "was", "were", "had", "since", "after", "ago", "did", "released", "launched", "started", "ended", "joined", "met", "closed",
    "war", "waren", "hatte", "hatten", "seit", "seitdem", "wurde", "wurden",
    "était", "étaient", "avait", "depuis", "eu",
    "fue", "fueron", "era", "desde", "había",
    "stato", "dal", "foi", "foram",
    "sinds", "werd", "był", "było",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn announced_in(text: &str) -> bool {
        dates(text, &["en".to_owned()]).iter().any(|day| announced(text, day))
    }

    #[test]
    fn no_day_is_held_against_a_whole_text() {
        let text = "é 2026-12-01, ".repeat(5000);
        assert!(
            dates(&text, &["en".to_owned()]).iter().all(|day| sentence_before(&text, day.range.start).len() <= 400)
        );
        assert_eq!(sentence_before("No. Join us on ", 15), " Join us on ");
    }

    #[test]
    fn calls_are_told_from_memories() {
        for text in [
            "Register by 1 December 2026!",
            "Tickets until 1 December 2026",
            "Anmeldung bis zum 1. Dezember",
            "Inscrivez-vous avant le 1er décembre",
            "Iscriviti entro il 1 dicembre",
            "Join us on 2026-12-01",
        ] {
            assert!(announced_in(text), "{text}");
        }
        for text in [
            "On 1 December 2026 we released Acme 5.",
            "Until 1 December we were in Paris",
            "Since 1 December 2026 you can register",
            "Die Anmeldung war bis 1. Dezember offen",
            "Acme, 1 December 2026",
            "See our report of 1 December 2026",
            "Im Bericht vom 1. Dezember 2026, kommt",
            "Join us! On 1 December 2026 it snowed.",
        ] {
            assert!(!announced_in(text), "{text}");
        }
    }
}
