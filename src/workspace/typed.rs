//! From [`Located`] values to types, by serde, with every fault found in one run.
//!
//! serde stops at the first fault. Here the faulty element is reported, taken out, and the rest is read again.

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Unexpected, Visitor};

use super::finding::Finding;
use super::located::{Content, Located, PLACED, Placed};
use super::source::Source;
use super::suggest;

/// Which file is read: it decides the findings' codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// A post.
    Post,
    /// `greenlit.toml`
    Settings,
    /// `roles.toml`
    Roles,
    /// A file of a style guide.
    Style,
    /// `calendar/*.toml`
    Calendar,
    /// `assets/*.toml`
    Rights,
    /// `notify.toml`
    Notify,
}

impl Area {
    fn unknown_key(self) -> &'static str {
        match self {
            Area::Post => "post/unknown-key",
            Area::Settings => "settings/unknown-key",
            Area::Roles => "roles/unknown-key",
            Area::Style => "style/unknown-key",
            Area::Calendar => "calendar/unknown-key",
            Area::Rights => "rights/unknown-key",
            Area::Notify => "notify/unknown-key",
        }
    }

    fn wrong_type(self) -> &'static str {
        match self {
            Area::Post => "post/wrong-type",
            Area::Settings => "settings/wrong-type",
            Area::Roles => "roles/wrong-type",
            Area::Style => "style/wrong-type",
            Area::Calendar => "calendar/wrong-type",
            Area::Rights => "rights/wrong-type",
            Area::Notify => "notify/wrong-type",
        }
    }

    /// The code of a key that must be there.
    pub fn missing_key(self) -> &'static str {
        match self {
            Area::Post => "post/missing-key",
            Area::Settings => "settings/missing-key",
            Area::Roles => "roles/missing-key",
            Area::Style => "style/missing-key",
            Area::Calendar => "calendar/missing-key",
            Area::Rights => "rights/missing-key",
            Area::Notify => "notify/missing-key",
        }
    }

    fn bad_value(self) -> &'static str {
        match self {
            Area::Post => "post/bad-value",
            Area::Settings => "settings/bad-value",
            Area::Roles => "roles/bad-value",
            Area::Style => "style/bad-value",
            Area::Calendar => "calendar/bad-value",
            Area::Rights => "rights/bad-value",
            Area::Notify => "notify/bad-value",
        }
    }
}

/// Faults of one file beyond which nobody reads on. It bounds the work: each fault is a reading of the file.
const MOST_FAULTS: usize = 200;

/// The keys that were taken out because their values were faulty, with the place of their table: nobody need be told
/// that they are missing.
#[derive(Debug, Default)]
pub struct Taken(Vec<(Range<usize>, String)>);

impl Taken {
    /// Whether a table had a key that was taken out.
    pub fn holds(&self, table: &Range<usize>, key: &str) -> bool {
        self.0.iter().any(|(span, name)| span == table && name == key)
    }
}

/// Reads a value as a type, and reports all that does not fit. `None` where not even the rest makes one.
pub fn read<T: DeserializeOwned>(
    mut root: Located,
    area: Area,
    source: &Arc<Source>,
    findings: &mut Vec<Finding>,
) -> Option<(T, Taken)> {
    let mut taken = Taken::default();
    for _ in 0..MOST_FAULTS {
        let fault = match T::deserialize(Reader(&root)) {
            Ok(value) => return Some((value, taken)),
            Err(fault) => fault,
        };
        let path: Vec<&Step> = fault.path.iter().rev().collect();
        let Some((last, parents)) = path.split_last() else {
            findings.push(match fault.kind {
                FaultKind::WrongType { .. } => no_keys(area, source, first_line(source, root.span)),
                kind => kind.finding(area, source, root.span, "the file"),
            });
            return None;
        };
        if let FaultKind::UnknownKey { known, .. } = fault.kind {
            take_unknown(&mut root, parents, known, area, source, findings);
            continue;
        }
        if let (FaultKind::MissingKey(key), Some(table)) = (&fault.kind, descend(&root, &path))
            && taken.holds(&table.span, key)
        {
            take(&mut root, parents, last, &mut taken);
            continue;
        }
        let place = first_line(source, spot(&root, &path, fault.at_key));
        let name = path.iter().rev().find_map(|step| step.name()).unwrap_or("the entry");
        findings.push(fault.kind.finding(area, source, place, name));
        take(&mut root, parents, last, &mut taken);
    }
    findings.push(
        Finding::error(area.bad_value(), source, 0..0, format!("there are more than {MOST_FAULTS} faults"))
            .help("correct those above and run `greenlit check` again"),
    );
    None
}

/// One step on the way from the root to a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn name(&self) -> Option<&str> {
        match self {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }
    }
}

fn child<'a>(node: &'a Located, step: &Step) -> Option<&'a Located> {
    match (&node.content, step) {
        (Content::List(items), Step::Index(index)) => items.get(*index),
        (Content::Table(entries), Step::Key(key)) => {
            entries.iter().find(|(name, _)| name.value == *key).map(|(_, value)| value)
        }
        _ => None,
    }
}

fn child_mut<'a>(node: &'a mut Located, step: &Step) -> Option<&'a mut Located> {
    match (&mut node.content, step) {
        (Content::List(items), Step::Index(index)) => items.get_mut(*index),
        (Content::Table(entries), Step::Key(key)) => {
            entries.iter_mut().find(|(name, _)| name.value == *key).map(|(_, value)| value)
        }
        _ => None,
    }
}

fn descend<'a>(root: &'a Located, path: &[&Step]) -> Option<&'a Located> {
    path.iter().try_fold(root, |node, step| child(node, step))
}

/// The bytes to underline for the element at a path: a scalar itself, the name of anything larger.
fn spot(root: &Located, path: &[&Step], at_key: bool) -> Range<usize> {
    let mut node = root;
    let mut place = root.span.clone();
    for step in path {
        let key = match (&node.content, step) {
            (Content::Table(entries), Step::Key(key)) => {
                entries.iter().find(|(name, _)| name.value == *key).map(|(name, _)| name.span.clone())
            }
            _ => None,
        };
        let Some(next) = child(node, step) else { return place };
        let scalar = matches!(&next.content, Content::Scalar(value) if !value.is_null());
        place = match key {
            Some(key) if at_key || !scalar => key,
            _ => next.span.clone(),
        };
        node = next;
    }
    place
}

/// What stands in the first line of a span: enough to show where it is.
fn first_line(source: &Source, span: Range<usize>) -> Range<usize> {
    let text = source.text.get(span.clone()).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim_end();
    span.start..span.start + line.len()
}

fn take(root: &mut Located, parents: &[&Step], last: &Step, taken: &mut Taken) {
    let mut node = root;
    for step in parents {
        let Some(next) = child_mut(node, step) else { return };
        node = next;
    }
    match (&mut node.content, last) {
        (Content::List(items), Step::Index(index)) if *index < items.len() => {
            items.remove(*index);
        }
        (Content::Table(entries), Step::Key(key)) => {
            entries.retain(|(name, _)| name.value != *key);
            taken.0.push((node.span.clone(), key.clone()));
        }
        _ => {}
    }
}

/// Takes all unknown keys out of one table at once.
fn take_unknown(
    root: &mut Located,
    parents: &[&Step],
    known: &'static [&'static str],
    area: Area,
    source: &Arc<Source>,
    findings: &mut Vec<Finding>,
) {
    let mut node = root;
    for step in parents {
        let Some(next) = child_mut(node, step) else { return };
        node = next;
    }
    let Content::Table(entries) = &mut node.content else { return };
    entries.retain(|(key, _)| {
        let fits = known.contains(&key.value.as_str());
        if !fits {
            findings.push(unknown_key(area, source, key, known));
        }
        fits
    });
}

/// The finding for a key that does not belong where it stands.
pub fn unknown_key(area: Area, source: &Arc<Source>, key: &Placed<String>, known: &[&str]) -> Finding {
    let message = format!("there is no key {} here", suggest::quote(&key.value));
    Finding::error(area.unknown_key(), source, key.span.clone(), message)
        .label("unknown key")
        .help(suggest::help(&key.value, "keys", known))
}

/// Why serde could not go on, and where.
#[derive(Debug)]
struct Fault {
    /// From the fault up to the root.
    path: Vec<Step>,
    /// Whether the last step's name is at fault, not its value.
    at_key: bool,
    kind: FaultKind,
}

#[derive(Debug)]
enum FaultKind {
    UnknownKey { known: &'static [&'static str] },
    MissingKey(&'static str),
    WrongType { found: Found, wanted: String },
    UnknownWord { found: String, known: &'static [&'static str] },
    Other(String),
}

#[derive(Debug)]
enum Found {
    Nothing,
    /// A number or truth value, as it is written.
    Bare(String),
    Text(String),
    List,
    Table,
}

impl FaultKind {
    fn finding(&self, area: Area, source: &Arc<Source>, span: Range<usize>, name: &str) -> Finding {
        match self {
            FaultKind::UnknownKey { known } => unknown_key(area, source, &Placed::new(name.to_owned(), span), known),
            FaultKind::MissingKey(key) => {
                Finding::error(area.missing_key(), source, span, format!("`{key}` is missing"))
                    .label(format!("this needs `{key}`"))
                    .help(format!("add `{key}`"))
            }
            FaultKind::WrongType { found, wanted } => wrong_type(area, source, span, name, found, wanted),
            FaultKind::UnknownWord { found, known } => Finding::error(
                area.bad_value(),
                source,
                span,
                format!("{} is no value of `{name}`", suggest::quote(found)),
            )
            .label("unknown value")
            .help(suggest::help(found, "values", known)),
            FaultKind::Other(why) => {
                Finding::error(area.bad_value(), source, span, why.clone()).label("this is refused")
            }
        }
    }
}

/// The finding for a file, or a front matter, that is no table at all.
fn no_keys(area: Area, source: &Arc<Source>, span: Range<usize>) -> Finding {
    Finding::error(area.wrong_type(), source, span, "here must be keys and their values")
        .label("no key")
        .help("write `to: [network/account]`, and each further key on a line of its own")
}

fn wrong_type(
    area: Area,
    source: &Arc<Source>,
    span: Range<usize>,
    name: &str,
    found: &Found,
    wanted: &str,
) -> Finding {
    let wanted = match wanted {
        "a string" => "text",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        "u16" | "u32" | "u64" | "usize" => "a whole number",
        "struct MediaFile" => "a table with `file` and `alt`",
        struct_name if struct_name.starts_with("struct ") => "a table",
        other => other,
    };
    let (found, help) = match found {
        Found::Nothing => {
            let help = format!("write {wanted}, or remove `{name}`");
            return Finding::error(area.wrong_type(), source, span, format!("`{name}` has no value"))
                .label("nothing behind it")
                .help(help);
        }
        Found::Bare(value) if wanted.starts_with("text") => {
            (suggest::quote(value), format!("put it in quotes: \"{value}\""))
        }
        Found::Text(text) if wanted.contains(&format!("`{text}`")) || text.parse::<u64>().is_ok() => {
            (format!("the text {}", suggest::quote(text)), format!("write {wanted}, without quotes"))
        }
        Found::Bare(value) => (suggest::quote(value), format!("write {wanted}")),
        Found::Text(text) => (format!("the text {}", suggest::quote(text)), format!("write {wanted}")),
        Found::List => ("a list".to_owned(), format!("write {wanted}")),
        Found::Table => ("a table".to_owned(), format!("write {wanted}")),
    };
    let message = format!("`{name}` must be {wanted}, and is {found}");
    Finding::error(area.wrong_type(), source, span, message).label(format!("not {wanted}")).help(help)
}

impl Fault {
    fn new(kind: FaultKind) -> Self {
        Self { path: Vec::new(), at_key: false, kind }
    }

    fn under(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(FaultKind::Other(message.to_string()))
    }

    fn invalid_type(unexpected: Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        let found = match unexpected {
            Unexpected::Bool(value) => Found::Bare(value.to_string()),
            Unexpected::Unsigned(value) => Found::Bare(value.to_string()),
            Unexpected::Signed(value) => Found::Bare(value.to_string()),
            Unexpected::Float(value) => Found::Bare(value.to_string()),
            Unexpected::Str(text) => Found::Text(text.to_owned()),
            Unexpected::Seq => Found::List,
            Unexpected::Map => Found::Table,
            _ => Found::Nothing,
        };
        Self::new(FaultKind::WrongType { found, wanted: wanted.to_string() })
    }

    fn invalid_value(unexpected: Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::invalid_type(unexpected, wanted)
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::new(FaultKind::UnknownKey { known })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(FaultKind::MissingKey(key))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(FaultKind::UnknownWord { found: found.to_owned(), known })
    }
}

/// Hands a [`Located`] to serde.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Located);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.content {
            Content::Scalar(serde_json::Value::Null) => visitor.visit_unit(),
            Content::Scalar(serde_json::Value::Bool(value)) => visitor.visit_bool(*value),
            Content::Scalar(serde_json::Value::String(text)) => visitor.visit_str(text),
            Content::Scalar(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (None, Some(value), _) => visitor.visit_i64(value),
                (None, None, Some(value)) => visitor.visit_f64(value),
                _ => visitor.visit_unit(),
            },
            Content::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Content::Table(entries) => visitor.visit_map(Entries { entries, next: 0 }),
        }
    }

    /// A key that is there without a value is a mistake, not an absent key.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == PLACED {
            return visitor.visit_map(Place { span: &self.0.span, value: self, next: 0 });
        }
        match &self.0.content {
            // serde would take a list for a struct, field by field.
            Content::List(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.0.content {
            Content::Scalar(serde_json::Value::String(text)) => {
                let word: StrDeserializer<'_, Fault> = text.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            _ => self.deserialize_str(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// Hands a table's key to serde.
#[derive(Clone, Copy)]
struct KeyReader<'a>(&'a Placed<String>);

impl<'de> Deserializer<'de> for KeyReader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(&self.0.value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == PLACED {
            return visitor.visit_map(Place { span: &self.0.span, value: self, next: 0 });
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

/// Answers a [`Placed`]: first byte, the byte after the last, the value.
struct Place<'a, D> {
    span: &'a Range<usize>,
    value: D,
    next: usize,
}

impl<'de, D: Deserializer<'de, Error = Fault> + Copy> de::MapAccess<'de> for Place<'_, D> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        match super::located::PLACED_FIELDS.get(self.next) {
            Some(field) => seed.deserialize(field.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        self.next += 1;
        match self.next {
            1 => seed.deserialize(self.span.start.into_deserializer()),
            2 => seed.deserialize(self.span.end.into_deserializer()),
            _ => seed.deserialize(self.value),
        }
    }
}

struct Items<'a> {
    items: &'a [Located],
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let index = self.next;
        let Some(item) = self.items.get(index) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|fault| fault.under(Step::Index(index)))
    }
}

struct Entries<'a> {
    entries: &'a [(Placed<String>, Located)],
    next: usize,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.entries.get(self.next) else { return Ok(None) };
        seed.deserialize(KeyReader(key))
            .map(Some)
            .map_err(|fault| Fault { at_key: true, ..fault }.under(Step::Key(key.value.clone())))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, value)) = self.entries.get(self.next) else {
            return Err(de::Error::custom("a value was asked for twice"));
        };
        self.next += 1;
        seed.deserialize(Reader(value)).map_err(|fault| fault.under(Step::Key(key.value.clone())))
    }
}
