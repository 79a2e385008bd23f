//! Whether a domain could be one: its labels are not too long.

use super::{letters, links};

/// Bytes of the longest label (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Whether every label of a domain has a length that the domain name system takes, written in punycode where it must be.
pub fn is_valid(domain: &[u16]) -> bool {
    let prefixed = domain.starts_with(&"xn--".encode_utf16().collect::<Vec<u16>>());
    if prefixed && links::plain_domains(domain).is_empty() {
        return false;
    }
    let labels = domain.split(|unit| letters::is_one_of(*unit, "."));
    labels.into_iter().all(|label| (1..=LONGEST_LABEL).contains(&written_length(label)))
}

/// The same of a domain that is written in punycode already.
pub fn has_short_labels(domain: &str) -> bool {
    domain.split('.').all(|label| (1..=LONGEST_LABEL).contains(&label.len()))
}

/// The length of a label as it is asked for. The full stops of East Asia part names as a dot does.
fn written_length(label: &[u16]) -> usize {
    if label.len() > 2 * LONGEST_LABEL {
        return label.len();
    }
    let names = label.split(|unit| letters::is_one_of(*unit, "。．｡"));
    let lengths = names.map(|name| {
        let points: Vec<u32> = char::decode_utf16(name.iter().copied())
            .map(|point| point.map_or_else(|half| half.unpaired_surrogate().into(), u32::from))
            .collect();
        if points.iter().all(|point| *point < FIRST_ENCODED) { name.len() } else { "xn--".len() + punycode(&points) }
    });
    lengths.map(|length| length + 1).sum::<usize>().saturating_sub(1)
}

const FIRST_ENCODED: u32 = 0x80;

/// How many characters the punycode of a name has (RFC 3492, 6.3).
fn punycode(points: &[u32]) -> usize {
    let plain = points.iter().filter(|point| **point < FIRST_ENCODED).count();
    let mut written = plain + usize::from(plain > 0);
    let mut done = u32::try_from(plain).unwrap_or(u32::MAX);
    let (mut next, mut delta, mut bias) = (FIRST_ENCODED, 0_u32, 72);
    let mut first = true;
    while let Some(point) = points.iter().copied().filter(|point| *point >= next).min() {
        delta = delta.saturating_add((point - next).saturating_mul(done + 1));
        for other in points {
            if *other < point {
                delta = delta.saturating_add(1);
            } else if *other == point {
                written += digits(delta, bias);
                bias = adapted(delta, done + 1, first);
                (delta, done, first) = (0, done + 1, false);
            }
        }
        delta = delta.saturating_add(1);
        next = point + 1;
    }
    written
}

const BASE: u32 = 36;
const LEAST: u32 = 1;
const MOST: u32 = 26;

/// How many digits stand for a number where the last threshold lies by this bias.
fn digits(mut number: u32, bias: u32) -> usize {
    let mut written = 1;
    let mut place = BASE;
    loop {
        let threshold = place.saturating_sub(bias).clamp(LEAST, MOST);
        if number < threshold {
            return written;
        }
        number = (number - threshold) / (BASE - threshold);
        written += 1;
        place += BASE;
    }
}

fn adapted(delta: u32, points: u32, first: bool) -> u32 {
    const DAMP: u32 = 700;
    const SKEW: u32 = 38;
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / points;
    let mut places = 0;
    while delta > (BASE - LEAST) * MOST / 2 {
        delta /= BASE - LEAST;
        places += BASE;
    }
    places + (BASE - LEAST + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(label: &str) -> usize {
        written_length(&label.encode_utf16().collect::<Vec<u16>>())
    }

    #[test]
    fn labels_are_as_long_as_their_punycode() {
        for (label, written) in [
            ("example", "example"),
            ("bücher", "xn--bcher-kva"),
            ("münchen-ost", "xn--mnchen-ost-9db"),
            ("рф", "xn--p1ai"),
            ("みんな", "xn--q9jyb4c"),
            ("한국", "xn--3e0b707e"),
            ("💩", "xn--ls8h"),
            ("日本。語", "xn--wgv71a.xn--i42a"),
            ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        ] {
            assert_eq!(length(label), written.len(), "{label}");
        }
    }
}
