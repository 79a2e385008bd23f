//! Record keys that we choose: TIDs.

use chrono::{DateTime, Utc};

/// The alphabet of `base32-sortable`.
const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// The record key of a delivery's part: a TID of the claim's time, with the rest taken from the delivery's hash, so
/// that two deliveries of one second differ. Keys of one delivery rise with their part.
///
/// <https://atproto.com/specs/tid>: 64 bits, the highest 0, then 53 bits of microseconds since 1970, then 10 bits of
/// clock id, written as 13 characters (checked 2026-11-21).
pub(super) fn tid(hash: &str, part: usize, claimed_at: DateTime<Utc>) -> String {
    let noise = hash.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default();
    let second = u64::try_from(claimed_at.timestamp()).unwrap_or_default();
    // Half a second of room for the parts.
    let micros = second.saturating_mul(1_000_000) + (noise >> 10) % 500_000 + part as u64;
    let value = (micros & ((1 << 53) - 1)) << 10 | (noise & 0x3ff);
    (0..13)
        .rev()
        .map(|place| {
            let digit = usize::try_from(value >> (5 * place) & 31).unwrap_or_default();
            char::from(ALPHABET.get(digit).copied().unwrap_or(b'2'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_are_tids_and_rise(hash in "[0-9a-f]{64}", second in 0i64..4_000_000_000) {
            let at = DateTime::from_timestamp(second, 0).unwrap();
            let keys: Vec<String> = (0..30).map(|part| tid(&hash, part, at)).collect();
            for key in &keys {
                // The syntax of the specification: ^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$
                prop_assert_eq!(key.len(), 13);
                prop_assert!(b"234567abcdefghij".contains(&key.as_bytes()[0]), "{}", key);
                prop_assert!(key.bytes().all(|byte| ALPHABET.contains(&byte)), "{}", key);
            }
            prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(tid(&hash, 0, DateTime::from_timestamp(second + 1, 0).unwrap()) > keys[29]);
        }
    }

    #[test]
    fn deliveries_of_one_second_differ() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_ne!(tid(&"a".repeat(64), 0, at), tid(&"b".repeat(64), 0, at));
        // The epoch itself, as the specification's lowest TID.
        assert_eq!(tid("", 0, DateTime::from_timestamp(0, 0).unwrap()), "2222222222222");
    }
}
