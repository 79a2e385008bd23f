//! The filters that a template has. Their output is never much longer than their input.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value, filters, tests};

use super::LONGEST_OUTPUT;
use super::utm::{NAMES, Utm};

/// How often a template may use `utm` for one part; each time a text is read anew.
const MOST_UTM: usize = 32;

/// Adds the filters and tests. `applied` hears of the parameters that `utm` put on the whole `text`.
pub fn add(environment: &mut Environment<'_>, text: &str, applied: &Arc<Mutex<Option<Utm>>>) {
    let text = text.to_owned();
    let applied = Arc::clone(applied);
    let uses = AtomicUsize::new(0);
    environment.add_filter("utm", move |value: &str, parameters: Kwargs| -> Result<String, Error> {
        if uses.fetch_add(1, Ordering::Relaxed) >= MOST_UTM {
            return Err(invalid(format!("`utm` is used more than {MOST_UTM} times")));
        }
        let mut values = Vec::new();
        for (name, _) in NAMES {
            values.push((name, parameters.get::<Option<String>>(name)?));
        }
        parameters.assert_all_used()?;
        let utm = Utm::from_values(|name| values.iter().find(|(other, _)| *other == name)?.1.clone());
        if value == text
            && let Ok(mut applied) = applied.lock()
        {
            *applied = Some(utm.clone());
        }
        let alone = !value.contains(char::is_whitespace) && url::Url::parse(value).is_ok();
        Ok(if alone { utm.on_address(value) } else { utm.on_markdown(value) })
    });
    environment.add_filter("hashtags", hashtags);
    environment.add_filter("join", join);
    environment.add_filter("default", default);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("trim", filters::trim);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("even", tests::is_even);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("endingwith", tests::is_endingwith);
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The texts of a list, or a text alone.
fn texts(value: &Value) -> Result<Vec<String>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(vec![text.to_owned()]);
    }
    if value.kind() != ValueKind::Seq {
        return Err(invalid(format!("a list of texts is wanted, not {}", value.kind())));
    }
    let text = |item: Value| match item.kind() {
        ValueKind::String | ValueKind::Number => Ok(item.to_string()),
        other => Err(invalid(format!("a list of texts is wanted, with no {other} in it"))),
    };
    value.try_iter()?.map(text).collect()
}

/// `["open source", "Acme 5"]` → `#OpenSource #Acme5`. What cannot be a hashtag is left out.
fn hashtags(value: &Value) -> Result<String, Error> {
    let tags = texts(value)?.into_iter().filter_map(|text| hashtag(&text));
    Ok(tags.map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" "))
}

/// Several words become one, each with a capital letter.
fn hashtag(text: &str) -> Option<String> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || unicode_normalization::char::is_combining_mark(c);
    let words: Vec<&str> =
        text.split(|c| !inside(c)).map(|word| word.trim_matches('_')).filter(|word| !word.is_empty()).collect();
    let tag = match words.as_slice() {
        [word] => (*word).to_owned(),
        words => words.iter().map(|word| capitalised(word)).collect(),
    };
    tag.chars().any(char::is_alphabetic).then_some(tag)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.clone()).collect()
}

fn join(value: &Value, between: Option<&str>) -> Result<String, Error> {
    let (texts, between) = (texts(value)?, between.unwrap_or_default());
    let length = texts.iter().map(String::len).sum::<usize>() + between.len().saturating_mul(texts.len());
    if length > LONGEST_OUTPUT {
        return Err(invalid(format!("`join` writes more than {LONGEST_OUTPUT} bytes")));
    }
    Ok(texts.join(between))
}

/// The second value where the first is missing or empty.
fn default(value: Value, other: Option<Value>) -> Value {
    if value.is_true() { value } else { other.unwrap_or_else(|| "".into()) }
}
