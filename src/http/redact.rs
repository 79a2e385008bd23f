//! Takes secrets out of what servers say before it is shortened, kept or shown, and out of whatever is printed: adapters
//! do not show them, and this is behind them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands in a secret's place.
const BLANK: &str = "[secret]";

/// Base64 of fewer bytes than this is too short to be told from other text.
const SHORTEST_ENCODED: usize = 5;

/// The texts that must not be shown, in every form in which they could turn up.
#[derive(Debug, Default)]
pub struct Redactor {
    needles: Vec<String>,
}

impl Redactor {
    /// For these secrets: as they are, in JSON, in an address, and in base64 with whatever stands around them.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut redactor = Self::default();
        secrets.into_iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    /// For one more secret.
    pub fn add(&mut self, secret: &str) {
        let needles = &mut self.needles;
        for secret in [secret, secret.trim()] {
            needles.push(secret.to_owned());
            needles.push(in_json(secret));
            needles.extend(in_address(secret));
            if secret.len() >= SHORTEST_ENCODED {
                needles.extend(in_base64(secret.as_bytes()));
            }
        }
        needles.retain(|needle| !needle.is_empty());
        // The longest first, so that a secret within another does not leave the other's rest.
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        needles.dedup();
    }

    /// The text without them.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for needle in &self.needles {
            if text.contains(needle.as_str()) {
                text = Cow::Owned(text.replace(needle.as_str(), BLANK));
            }
        }
        text
    }
}

fn in_json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
}

/// Percent-encoded: with upper and lower case digits, all but letters and digits or all but the unreserved characters
/// (RFC 3986, section 2.3), and as forms have it.
fn in_address(secret: &str) -> Vec<String> {
    let encoded = |kept: &[u8], upper: bool| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
                text.push(char::from(byte));
            } else if upper {
                // Writing to a String does not fail.
                let _ = write!(text, "%{byte:02X}");
            } else {
                let _ = write!(text, "%{byte:02x}");
            }
            text
        })
    };
    let mut forms = Vec::new();
    for kept in [&b""[..], b"-._~", b"*-._"] {
        for upper in [true, false] {
            let form = encoded(kept, upper);
            forms.push(form.replace("%20", "+"));
            forms.push(form);
        }
    }
    forms
}

/// The characters of base64 that depend on the secret alone, wherever in the encoded bytes it begins, in both alphabets.
fn in_base64(secret: &[u8]) -> Vec<String> {
    const ALPHABETS: [&[u8; 64]; 2] = [
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ];
    let mut forms = Vec::new();
    for before in 0..3_usize {
        let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.iter().copied()).collect();
        let first = (before * 8).div_ceil(6);
        let whole = bytes.len() * 8 / 6;
        for alphabet in ALPHABETS {
            let digit = |at: usize| {
                let bits =
                    (at * 6..at * 6 + 6).map(|bit| bytes.get(bit / 8).is_some_and(|b| b >> (7 - bit % 8) & 1 == 1));
                bits.fold(0_usize, |value, bit| value << 1 | usize::from(bit))
            };
            forms.push((first..whole).filter_map(|at| alphabet.get(digit(at))).map(|byte| char::from(*byte)).collect());
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "pa\"ss wörd/1~";

    #[test]
    fn a_secret_is_found_in_every_form() {
        let redactor = Redactor::new([SECRET]);
        for text in [
            format!("it is {SECRET}."),
            serde_json::json!({ "key": SECRET }).to_string(),
            "https://x.example/?p=pa%22ss%20w%C3%B6rd%2F1~&y".to_owned(),
            "https://x.example/?p=pa%22ss%20w%c3%b6rd%2f1%7e&y".to_owned(),
            "p=pa%22ss+w%C3%B6rd%2F1%7E".to_owned(),
            format!("{:?}", url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>()),
        ] {
            let shown = redactor.redact(&text);
            assert!(shown.contains(BLANK) && !shown.contains("ss"), "{text}: {shown}");
        }
        assert_eq!(redactor.redact("nothing to hide"), "nothing to hide");
    }

    #[test]
    fn a_secret_in_base64_is_found_behind_any_name() {
        // `printf 'acme:hunter22' | base64`, and with one and two letters less before the colon.
        let redactor = Redactor::new(["hunter22"]);
        for text in ["YWNtZTpodW50ZXIyMg==", "YWNtOmh1bnRlcjIy", "YWM6aHVudGVyMjI=", "aHVudGVyMjI"] {
            let shown = redactor.redact(text);
            assert!(shown.contains(BLANK), "{text}: {shown}");
        }
    }

    #[test]
    fn a_secret_within_another_leaves_no_rest() {
        let redactor = Redactor::new(["hunter2", "hunter2-and-more", "", " padded\n"]);
        assert_eq!(redactor.redact("hunter2-and-more, hunter2, padded"), "[secret], [secret], [secret]");
    }

    proptest::proptest! {
        #[test]
        fn no_secret_of_some_length_survives(secret in "[ -~]{8,40}", before in "\\PC{0,20}", after in "\\PC{0,20}") {
            let redactor = Redactor::new([secret.as_str()]);
            let json = serde_json::Value::from(secret.as_str()).to_string();
            let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for text in [&secret, &json, &form] {
                let text = format!("{before}{text}{after}");
                proptest::prop_assert!(!redactor.redact(&text).contains(&secret));
                proptest::prop_assert!(!redactor.redact(&text).contains(&form));
            }
        }
    }
}
