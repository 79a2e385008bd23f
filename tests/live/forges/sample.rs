//! Answers made up by a description: with all that may be in one, or with no more than must be.

use serde_json::{Map, Value, json};

use super::described::Described;

/// How much is in an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fullness {
    /// All that may be.
    Most,
    /// What must be; null where that may be.
    Least,
}

/// What a schema allows. `word` says what stands at some place, such as `/user/type`, where the description leaves that open; a
/// list's items are at the list's place.
pub fn sample(
    described: &Described,
    schema: &Value,
    fullness: Fullness,
    word: &dyn Fn(&str) -> Option<Value>,
) -> Value {
    Maker { described, fullness, word }.value("", schema, 0)
}

/// Objects within objects that are filled.
const DEEP: usize = 6;

struct Maker<'a> {
    described: &'a Described,
    fullness: Fullness,
    word: &'a dyn Fn(&str) -> Option<Value>,
}

impl Maker<'_> {
    fn value(&self, place: &str, schema: &Value, depth: usize) -> Value {
        let schema = self.described.resolved(schema);
        let may_be_null = schema["nullable"] == true;
        if may_be_null && (self.fullness == Fullness::Least || depth > DEEP) {
            return Value::Null;
        }
        if let Some(word) = (self.word)(place) {
            return word;
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut all = Map::new();
            for part in parts {
                if let Value::Object(part) = self.value(place, part, depth) {
                    all.extend(part);
                }
            }
            return Value::Object(all);
        }
        if let Some(parts) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            return self.value(place, &parts[0], depth);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        match schema["type"].as_str() {
            Some("array") => {
                let items = self.described.resolved(&schema["items"]);
                let kinds = items["anyOf"].as_array().or(items["oneOf"].as_array());
                match kinds {
                    // One of each.
                    Some(kinds) if depth == 0 => kinds.iter().map(|kind| self.value(place, kind, depth + 1)).collect(),
                    _ if depth > 0 && (self.fullness == Fullness::Least || depth > DEEP) => json!([]),
                    _ => json!([self.value(place, &schema["items"], depth + 1)]),
                }
            }
            Some("string") => match schema["format"].as_str() {
                Some("date-time") => json!("2026-11-28T08:00:00Z"),
                Some("date") => json!("2026-11-28"),
                Some("uri" | "url") => json!("https://forge.example/there"),
                _ => schema.get("example").filter(|example| example.is_string()).cloned().unwrap_or(json!("text")),
            },
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            _ if schema.get("properties").is_some() => self.object(place, schema, depth),
            Some("object") => json!({}),
            _ => json!("anything"),
        }
    }

    fn object(&self, place: &str, schema: &Value, depth: usize) -> Value {
        let must = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let named = schema["properties"].as_object().into_iter().flatten();
        let shown = named.filter(|(name, _)| must(name) || self.fullness == Fullness::Most && depth <= DEEP);
        Value::Object(
            shown.map(|(key, one)| (key.clone(), self.value(&format!("{place}/{key}"), one, depth + 1))).collect(),
        )
    }
}
