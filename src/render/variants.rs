//! Which texts an account's thread is made of.

use crate::workspace::{AccountName, Body, Text, Variant};

/// The place of one part in a thread, and the texts that stand there.
#[derive(Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// The part's number, from 1. Media of the front matter name it.
    pub number: usize,
    /// One text; or those of a variant for this part, which may be several or none.
    pub texts: Vec<&'a Text>,
}

/// An account's thread: the texts for it, else for its network, else for all; then part by part the same. What is
/// written for one part of the network's thread is no part of a thread that an account has to itself.
pub fn thread<'a>(body: &'a Body, account: &AccountName) -> Vec<Slot<'a>> {
    let [own, network] = [account.as_str(), account.network()];
    let own_thread = find(body, own, None);
    let parts = own_thread.or_else(|| find(body, network, None)).map_or(&body.parts, |variant| &variant.parts);
    let slots = parts.iter().enumerate().map(|(n, text)| {
        let number = n + 1;
        let for_network = || if own_thread.is_none() { find(body, network, Some(number)) } else { None };
        let variant = find(body, own, Some(number)).or_else(for_network);
        Slot { number, texts: variant.map_or_else(|| vec![text], |variant| variant.parts.iter().collect()) }
    });
    slots.collect()
}

/// The variants for single parts that an account's thread does not have.
pub fn astray<'a>(body: &'a Body, account: &AccountName, slots: usize) -> impl Iterator<Item = &'a Variant> {
    let own_thread = find(body, account.as_str(), None).is_some();
    let names: Vec<String> =
        [account.as_str()].into_iter().chain((!own_thread).then(|| account.network())).map(str::to_owned).collect();
    body.variants.iter().filter(move |variant| {
        variant.part.is_some_and(|part| part == 0 || part > slots)
            && variant.names.iter().any(|name| names.contains(name))
    })
}

fn find<'a>(body: &'a Body, name: &str, part: Option<usize>) -> Option<&'a Variant> {
    body.variants.iter().find(|variant| variant.part == part && variant.names.iter().any(|other| other == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[&str]) -> Vec<Text> {
        lines.iter().map(|line| Text { markdown: (*line).to_owned(), offset: 0 }).collect()
    }

    fn variant(name: &str, part: Option<usize>, lines: &[&str]) -> Variant {
        Variant { names: vec![name.to_owned()], part, parts: texts(lines), span: 0..0 }
    }

    fn read<'a>(body: &'a Body, account: &str) -> Vec<Vec<&'a str>> {
        let account = AccountName::new(account).unwrap();
        thread(body, &account)
            .iter()
            .map(|slot| slot.texts.iter().map(|text| text.markdown.as_str()).collect())
            .collect()
    }

    #[test]
    fn the_account_beats_its_network_and_the_network_beats_all() {
        let mut body = Body { parts: texts(&["all 1", "all 2"]), variants: Vec::new() };
        assert_eq!(read(&body, "bluesky/acme"), [["all 1"], ["all 2"]]);
        body.variants.push(variant("bluesky", None, &["sky"]));
        assert_eq!(read(&body, "bluesky/acme"), [["sky"]]);
        assert_eq!(read(&body, "mastodon/acme"), [["all 1"], ["all 2"]]);
        body.variants.push(variant("bluesky/acme", None, &["own 1", "own 2"]));
        assert_eq!(read(&body, "bluesky/acme"), [["own 1"], ["own 2"]]);
        assert_eq!(read(&body, "bluesky/other"), [["sky"]]);
    }

    #[test]
    fn a_part_can_be_replaced_by_one_by_several_or_by_none() {
        let mut body = Body { parts: texts(&["one", "two", "three"]), variants: Vec::new() };
        body.variants.push(variant("mastodon", Some(2), &["two a", "two b"]));
        body.variants.push(variant("mastodon/acme", Some(3), &[]));
        assert_eq!(read(&body, "mastodon/acme"), [vec!["one"], vec!["two a", "two b"], vec![]]);
        assert_eq!(read(&body, "mastodon/other"), [vec!["one"], vec!["two a", "two b"], vec!["three"]]);
    }

    #[test]
    fn parts_are_replaced_in_the_thread_for_the_same_name() {
        let mut body = Body { parts: texts(&["one", "two"]), variants: Vec::new() };
        body.variants.push(variant("bluesky", None, &["sky 1", "sky 2", "sky 3"]));
        body.variants.push(variant("bluesky", Some(3), &["third"]));
        assert_eq!(read(&body, "bluesky/acme"), [["sky 1"], ["sky 2"], ["third"]]);
        body.variants.push(variant("bluesky/acme", None, &["own 1", "own 2", "own 3"]));
        assert_eq!(read(&body, "bluesky/acme"), [["own 1"], ["own 2"], ["own 3"]]);
    }

    #[test]
    fn a_variant_for_a_part_that_is_not_there_is_found() {
        let mut body = Body { parts: texts(&["one"]), variants: Vec::new() };
        body.variants.push(variant("bluesky", Some(2), &["two"]));
        let of = |account: &str| astray(&body, &AccountName::new(account).unwrap(), 1).count();
        assert_eq!((of("bluesky/acme"), of("mastodon/acme")), (1, 0));
    }
}
