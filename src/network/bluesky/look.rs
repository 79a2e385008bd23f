//! A record that stands there, held against the one that was sent.

use serde_json::Value;

use crate::network::Live;

/// The fields of `app.bsky.feed.post` in words, for people.
const FIELDS: [(&str, &str); 7] = [
    ("text", "text"),
    ("facets", "links"),
    ("embed", "pictures or card"),
    ("langs", "languages"),
    ("labels", "labels"),
    ("createdAt", "time"),
    ("$type", "kind"),
];

/// Compares a record with the one of the claim, which does not say what it answers. `exact` where its CID is, or is
/// not, the one on the ledger; `None` where the ledger has none.
pub(super) fn live(sent: &Value, stored: &Value, exact: Option<bool>) -> Live {
    if exact == Some(true) {
        return Live::Same;
    }
    let mut differs: Vec<&'static str> =
        FIELDS.iter().filter(|(key, _)| sent.get(key) != stored.get(key)).map(|(_, words)| *words).collect();
    let known = |key: &String| key == "reply" || FIELDS.iter().any(|(name, _)| name == key);
    if stored.as_object().is_some_and(|fields| fields.keys().any(|key| !known(key))) {
        differs.push("fields that greenlit does not send");
    }
    if differs.is_empty() && exact == Some(false) {
        differs.push("place in the thread");
    }
    Live::of(stored.get("text").and_then(Value::as_str).unwrap_or_default(), differs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differs(stored: Value, exact: Option<bool>) -> Vec<&'static str> {
        let sent = json!({ "$type": "app.bsky.feed.post", "text": "one", "createdAt": "2026-12-01T08:00:00.000Z" });
        let mut record = sent.clone();
        for (key, value) in stored.as_object().unwrap() {
            record[key] = value.clone();
        }
        match live(&sent, &record, exact) {
            Live::Edited { differs, .. } => differs,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_differs_is_named() {
        assert_eq!(differs(json!({ "text": "two", "langs": ["en"] }), Some(false)), ["text", "languages"]);
        assert_eq!(differs(json!({ "embed": { "$type": "x" } }), None), ["pictures or card"]);
        assert_eq!(differs(json!({ "tags": ["x"] }), None), ["fields that greenlit does not send"]);
        assert_eq!(differs(json!({ "reply": {} }), Some(false)), ["place in the thread"]);
        let record = json!({ "text": "one" });
        assert_eq!(live(&record, &json!({ "text": "one", "reply": {} }), None), Live::Same, "whatever it answers");
        assert!(matches!(live(&record, &json!("nonsense"), None), Live::Edited { .. }));
    }
}
