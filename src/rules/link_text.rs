//! `link/text`: a link's words say where it leads.
//!
//! Screen readers read out a page's links one after the other: “here, here, read more” tells nothing. Found are links whose
//! words are nothing but such words, in nine languages.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is out. For prices click [here](https://acme.example/prices)
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is out. See [our prices](https://acme.example/prices)
//! ```

use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["link/text"],
    "a link's words say where it leads",
    Level::Warning,
    include_str!("link_text.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for reading in &written.texts {
        for link in reading.links.iter().filter(|link| says_nothing(&link.words)) {
            let message =
                format!("the words of the link, {}, do not say where it leads", suggest::quote(link.words.trim()));
            let finding = written.finding("link/text", reading, link.range.clone(), message).label("leads where?");
            findings.push(finding.help("put the link on the words that name what is there"));
        }
    }
}

fn says_nothing(words: &str) -> bool {
    let said = words.trim_matches(|c: char| !c.is_alphanumeric());
    let folded = said.to_lowercase();
    (said.is_empty() && !words.trim().is_empty()) || EMPTY.contains(&folded.as_str())
}

#[rustfmt::skip]
const EMPTY: [&str; 60] = [
    "here", "click here", "click", "this", "this link", "link", "the link", "read more", "more", "learn more", "see more", "find out more",
    "more info", "details", "tap here", "read on",
    "hier", "hier klicken", "klick hier", "klicke hier", "mehr", "mehr lesen", "mehr erfahren", "weiterlesen", "dieser link",
    "ici", "cliquez ici", "clique ici", "lire la suite", "en savoir plus", "ce lien",
    "aquí", "aqui", "haz clic aquí", "pincha aquí", "clic aquí", "leer más", "más", "más información", "saber más", "este enlace",
    "qui", "clicca qui", "leggi di più", "leggi tutto", "scopri di più",
    "clique aqui", "clica aqui", "saiba mais", "leia mais", "ler mais",
    "klik hier", "lees meer", "lees verder",
    "tutaj", "kliknij tutaj", "czytaj więcej", "więcej",
    "こちら", "詳細はこちら",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_say_nothing() {
        for words in ["here", " Click here! ", "→", "Mehr lesen…", "ICI", "más", "👉 here", "こちら"] {
            assert!(says_nothing(words), "{words}");
        }
        for words in [
            "our prices",
            "here in Berlin",
            "Acme 5",
            "Go",
            "Plus",
            "発売",
            "more about prices",
            "",
            "https://a.example",
        ] {
            assert!(!says_nothing(words), "{words}");
        }
    }
}
