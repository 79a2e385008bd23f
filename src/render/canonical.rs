//! Canonical JSON: one text for one value, by RFC 8785 (JCS), so that a digest means the value.

use serde_json::Value;

/// Writes a value by RFC 8785: no white space, object keys sorted by UTF-16 code units, the shortest escapes.
///
/// Payloads hold no fractions; a number that is not a whole one keeps `serde_json`'s form, which is the RFC's for
/// most but not all of them.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => simple(value, out),
        Value::Array(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (n, (key, item)) in members.into_iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                simple(key, out);
                out.push(b':');
                write(item, out);
            }
            out.push(b'}');
        }
    }
}

/// `serde_json` escapes exactly what the RFC's section 3.2.2.2 asks for, in its form.
fn simple<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // A text or a number always has a JSON form, and memory takes all that is written.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sorting example of RFC 8785, section 3.2.3: UTF-16 order is not UTF-8 order.
    #[test]
    fn keys_sort_as_the_rfc_shows() {
        let value: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
                "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        let order: Vec<String> = serde_json::from_slice::<serde_json::Map<String, Value>>(&canonical(&value))
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(order, ["\r", "1", "\u{80}", "ö", "€", "😀", "\u{fb33}"]);
    }

    /// The string of RFC 8785, section 3.2.2.
    #[test]
    fn strings_escape_as_the_rfc_shows() {
        let value: Value = serde_json::from_str(r#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#).unwrap();
        assert_eq!(String::from_utf8(canonical(&value)).unwrap(), r#""€$\u000f\nA'B\"\\\\\"/""#);
    }
}
