//! Values that know where they stand in their file.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

/// A value with the bytes of the file that say it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

impl<T> Placed<T> {
    /// Puts a value in its place.
    pub fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }
}

/// What a YAML or TOML file says, before it has a type.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// What it is.
    pub content: Content,
    /// Its bytes in the file; for a table or list that has no brackets, whatever stands for it best.
    pub span: Range<usize>,
}

/// The kinds of values that YAML and TOML have in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing, a truth value, a number or text.
    Scalar(serde_json::Value),
    /// Values in order.
    List(Vec<Located>),
    /// Values by name, in the order of the file, each name once.
    Table(Vec<(Placed<String>, Located)>),
}

impl Located {
    /// A table with nothing in it.
    pub fn empty_table(span: Range<usize>) -> Self {
        Self { content: Content::Table(Vec::new()), span }
    }
}

/// Entries by name, in the order of the file, with the place of each name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T>(pub Vec<(Placed<String>, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// One text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OneOrMany(pub Vec<Placed<String>>);

/// The name by which [`Placed`] asks its deserializer for a place; see [`super::typed`].
pub(super) const PLACED: &str = "$greenlit::Placed";
/// The fields of that request, in the order in which they are answered.
pub(super) const PLACED_FIELDS: &[&str] = &["start", "end", "value"];

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Answer<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Answer<T> {
            type Value = Placed<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Placed<T>, A::Error> {
                let missing = || de::Error::custom("no place");
                let (_, start) = map.next_entry::<de::IgnoredAny, usize>()?.ok_or_else(missing)?;
                let (_, end) = map.next_entry::<de::IgnoredAny, usize>()?.ok_or_else(missing)?;
                let (_, value) = map.next_entry::<de::IgnoredAny, T>()?.ok_or_else(missing)?;
                Ok(Placed { value, span: start..end })
            }
        }
        deserializer.deserialize_struct(PLACED, PLACED_FIELDS, Answer(PhantomData))
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Named(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Vec<Placed<String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a list of texts")
            }

            // One text: its place is the whole value's, which is filled in outside.
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![Placed::new(text.to_owned(), 0..0)])
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element::<Placed<String>>()? {
                    texts.push(text);
                }
                Ok(texts)
            }
        }
        struct Inner(Vec<Placed<String>>);
        impl<'de> Deserialize<'de> for Inner {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Texts).map(Inner)
            }
        }
        let Placed { value: Inner(mut texts), span } = Placed::deserialize(deserializer)?;
        if let [only] = texts.as_mut_slice()
            && only.span.is_empty()
        {
            only.span = span;
        }
        Ok(Self(texts))
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Named_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let entry = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "object", "additionalProperties": entry })
    }
}

/// Says in a table's schema what is true here: a key is left out, or has a value; `null` is none.
pub(crate) fn without_null(schema: &mut schemars::Schema) {
    let Some(serde_json::Value::Object(properties)) = schema.get_mut("properties") else { return };
    for property in properties.values_mut().filter_map(serde_json::Value::as_object_mut) {
        if property.get("default").is_some_and(serde_json::Value::is_null) {
            property.remove("default");
        }
        if let Some(serde_json::Value::Array(types)) = property.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                property.insert("type".to_owned(), only);
            }
        }
        if let Some(serde_json::Value::Array(schemas)) = property.get_mut("anyOf") {
            schemas.retain(|schema| schema.get("type").is_none_or(|name| name != "null"));
            if let [only] = schemas.as_slice() {
                let only = only.as_object().cloned().unwrap_or_default();
                property.remove("anyOf");
                property.extend(only);
            }
        }
    }
}

impl schemars::JsonSchema for OneOrMany {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
        })
    }
}
