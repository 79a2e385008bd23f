//! When two deliveries say the same: the text of all parts, and where their links lead.
//!
//! What is compared is each part's text as its network gets it, in the form NFC, with every run of white space as one
//! space and none at its ends; then the addresses of its links, where they do not stand in the text, and of its card.
//! Upper and lower case differ, and so do `?utm_…` and all else that an address has behind it. Pictures, content warnings
//! and options do not matter. Parts are compared one by one: a thread says something else than the same words in one part.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::canonical::canonical;
use super::payload::{Feature, Part, Payload};
use crate::workspace::{AccountName, Sha256};

/// Names the form that is compared: another form gives other hashes.
const FORM: u32 = 1;

/// Stands for an account and what it says; equal where both are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Wording(String);

impl Wording {
    /// What a payload says; `None` where no part of it has a text.
    pub fn of(payload: &Payload) -> Option<Self> {
        let parts: Vec<_> = payload.parts.iter().map(said).collect();
        let silent = parts.iter().all(|(text, _)| text.is_empty());
        (!silent).then(|| Self::from_parts(&payload.account.name, &parts))
    }

    fn from_parts(account: &AccountName, parts: &[(String, Vec<&str>)]) -> Self {
        let value = serde_json::json!([FORM, account, parts]);
        Self(Sha256::of(&canonical(&value)))
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn said(part: &Part) -> (String, Vec<&str>) {
    let links = part.facets.iter().filter_map(|facet| match &facet.feature {
        Feature::Link { url } => Some(url.as_str()),
        Feature::Mention { .. } | Feature::Tag { .. } => None,
    });
    (normal(&part.text), links.chain(part.card.iter().map(|card| card.url.as_str())).collect())
}

/// A text in the form that is compared.
fn normal(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Most texts are in that form already.
    if is_nfc_quick(joined.chars()) == IsNormalized::Yes { joined } else { joined.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::fixtures::{key, payload};
    use crate::render::{Card, Facet};

    fn wording(texts: &[&str]) -> Option<Wording> {
        Wording::of(&payload(&key("autumn"), texts))
    }

    #[test]
    fn what_reads_the_same_is_the_same() {
        let autumn = wording(&["Caf\u{e9} is here\nsoon"]);
        assert_eq!(wording(&["  Cafe\u{301}  is\there \u{a0} soon \n"]), autumn);
        assert_eq!(Wording::of(&payload(&key("winter"), &["Caf\u{e9} is here soon"])), autumn, "whatever the post");
        for other in ["café is here soon", "Cafe is here soon", "Café is heresoon", "Café is here, soon"] {
            assert_ne!(wording(&[other]), autumn, "{other}");
        }
        assert_ne!(wording(&["one", "two"]), wording(&["one #launch two"]), "a thread is not its words in one part");
        assert_ne!(wording(&["one", "two"]), wording(&["two", "one"]));
    }

    #[test]
    fn another_account_or_another_address_is_another_thing_to_say() {
        let mut one = payload(&key("autumn"), &["Read more"]);
        let same = Wording::of(&one);
        one.account.name = AccountName::new("bluesky/other").unwrap();
        assert_ne!(Wording::of(&one), same);
        let mut one = payload(&key("autumn"), &["Read more"]);
        let link = |url: &str| Facet { start: 0, end: 4, feature: Feature::Link { url: url.to_owned() } };
        one.parts[0].facets.push(link("https://acme.example/a"));
        let first = Wording::of(&one);
        one.parts[0].facets[1] = link("https://acme.example/a?utm_source=x");
        assert!(first != same && Wording::of(&one) != first, "tracking parameters are part of an address");
        let mut one = payload(&key("autumn"), &["Read more"]);
        let (title, description) = (String::new(), String::new());
        one.parts[0].card = Some(Card { url: "https://acme.example/a".into(), title, description, image: None });
        assert_ne!(Wording::of(&one), same);
    }

    #[test]
    fn pictures_alone_say_nothing_twice() {
        let mut silent = payload(&key("autumn"), &["x"]);
        silent.parts[0].text = " \n".to_owned();
        assert_eq!(Wording::of(&silent), None);
    }

    /// Text with what normalising is about: white space of all kinds, letters with marks apart and together, Hangul, and
    /// what NFC leaves out of composition.
    fn text() -> impl Strategy<Value = String> {
        let sign = prop_oneof![
            prop::sample::select(" \t\n\u{a0}\u{2003}\u{3000}\u{85}e\u{301}\u{328}\u{e9}\u{1100}\u{1161}\u{11a8}\u{958}\u{212b}\u{1d15e}".chars().collect::<Vec<_>>()),
            any::<char>(),
        ];
        prop::collection::vec(sign, 0..24).prop_map(|signs| signs.into_iter().collect())
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(text in text()) {
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once);
        }

        #[test]
        fn how_letters_are_put_together_does_not_matter(text in text()) {
            let apart: String = text.nfd().collect();
            let together: String = text.nfc().collect();
            prop_assert_eq!(normal(&apart), normal(&text));
            prop_assert_eq!(normal(&together), normal(&text));
        }

        #[test]
        fn how_wide_a_gap_is_does_not_matter(words in prop::collection::vec("[a-zA-Z.,!]{1,5}", 1..6), gaps in prop::collection::vec("[ \t\n\u{a0}\u{3000}]{1,3}", 6)) {
            let wide: String = words.iter().zip(&gaps).flat_map(|(word, gap)| [gap.as_str(), word]).collect();
            prop_assert_eq!(normal(&wide), words.join(" "));
        }

        #[test]
        fn what_is_read_stays(text in text()) {
            let read = |text: &str| text.nfc().filter(|sign| !sign.is_whitespace()).collect::<String>();
            // Marks behind a gap stay marks behind a gap.
            prop_assert_eq!(read(&normal(&text)).nfd().collect::<String>(), read(&text).nfd().collect::<String>());
        }
    }
}
