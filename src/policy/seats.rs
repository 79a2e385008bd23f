//! Who speaks for whom, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::approvals::Voice;

/// The largest choice of voices in which nobody speaks twice and nobody is spoken for twice, in their order.
///
/// With stand-ins the first that come need not be the most: whoever speaks for another may have spoken for themselves
/// too. So each newcomer may move those before to another of their voices (augmenting paths).
pub(super) fn once_each(voices: &[&Voice]) -> BTreeSet<usize> {
    let mut of_maker: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut makers: Vec<&str> = Vec::new();
    for (at, voice) in voices.iter().enumerate() {
        let maker = voice.maker.person.as_str();
        let own = of_maker.entry(maker).or_default();
        if own.is_empty() {
            makers.push(maker);
        }
        own.push(at);
    }
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for maker in makers {
        place(maker, voices, &of_maker, &mut taken, &mut BTreeSet::new());
    }
    taken.into_values().collect()
}

fn place<'v>(
    maker: &str,
    voices: &[&'v Voice],
    of_maker: &BTreeMap<&str, Vec<usize>>,
    taken: &mut BTreeMap<&'v str, usize>,
    tried: &mut BTreeSet<&'v str>,
) -> bool {
    for at in of_maker.get(maker).into_iter().flatten() {
        let Some(voice) = voices.get(*at) else { continue };
        if !tried.insert(&voice.seat) {
            continue;
        }
        let before = taken.get(voice.seat.as_str()).and_then(|before| voices.get(*before));
        if before.is_none_or(|before| place(&before.maker.person, voices, of_maker, taken, tried)) {
            taken.insert(&voice.seat, *at);
            return true;
        }
    }
    false
}
