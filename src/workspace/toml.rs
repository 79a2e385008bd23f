//! `greenlit.toml` and `roles.toml` as [`Located`] values.

use std::ops::Range;
use std::sync::Arc;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue, Error};
use serde_json::Value;

use super::finding::Finding;
use super::located::{Content, Located, Placed};
use super::source::Source;

/// Syntax faults of one file that are reported.
const MOST_FAULTS: usize = 50;

/// Reads `text`, which stands in `source` at the same offsets. `None` where it is no TOML; a table with a duplicate key
/// is still read, with the first of them, so that its other faults are found.
pub fn read(source: &Arc<Source>, text: &str, findings: &mut Vec<Finding>) -> Option<Located> {
    let (table, errors) = DeTable::parse_recoverable(text);
    findings.extend(errors.iter().take(MOST_FAULTS).map(|error| fault(source, error)));
    if errors.iter().any(|error| !is_duplicate(error)) {
        return None;
    }
    Some(Located { content: entries(table.get_ref()), span: 0..0 })
}

fn is_duplicate(error: &Error) -> bool {
    error.message().starts_with("duplicate key")
}

fn fault(source: &Arc<Source>, error: &Error) -> Finding {
    let span = error.span().unwrap_or_default();
    if is_duplicate(error) {
        let key = source.text.get(span.clone()).unwrap_or_default();
        return Finding::error("toml/duplicate-key", source, span, format!("`{key}` stands here a second time"))
            .label("again")
            .help("keep one of them");
    }
    let why = error.message().lines().next().unwrap_or_default().to_owned();
    Finding::error("toml/syntax", source, span, format!("this is no TOML: {why}"))
        .label("the reader stopped here")
        .help("texts stand in double quotes, names with `/` too: [accounts.\"bluesky/acme\"]")
}

fn entries(table: &DeTable<'_>) -> Content {
    let mut entries: Vec<(Placed<String>, Located)> = table
        .iter()
        .map(|(key, value)| {
            let key = Placed::new(key.get_ref().to_string(), key.span());
            let value = located(value, &key.span);
            (key, value)
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Content::Table(entries)
}

/// A value's text: whole numbers and fractions beyond what JSON holds become text, and so the wrong type.
fn located(value: &Spanned<DeValue<'_>>, key: &Range<usize>) -> Located {
    let mut span = value.span();
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Scalar(Value::from(text.as_ref())),
        DeValue::Boolean(truth) => Content::Scalar(Value::from(*truth)),
        DeValue::Integer(number) => Content::Scalar(
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Value::from(number.as_str()), Value::from),
        ),
        DeValue::Float(number) => {
            Content::Scalar(number.as_str().parse::<f64>().map_or_else(|_| Value::from(number.as_str()), Value::from))
        }
        DeValue::Datetime(time) => Content::Scalar(Value::from(time.to_string())),
        DeValue::Array(items) => Content::List(items.iter().map(|item| located(item, &item.span())).collect()),
        DeValue::Table(table) => {
            // A table of dotted keys has no bytes of its own.
            if span.is_empty() {
                span = key.clone();
            }
            entries(table)
        }
    };
    Located { content, span }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> (Option<Located>, Vec<(&'static str, String)>) {
        let source = Arc::new(Source::new("greenlit.toml", text));
        let mut findings = Vec::new();
        let located = read(&source, text, &mut findings);
        (located, findings.into_iter().map(|f| (f.code, text[f.span].to_owned())).collect())
    }

    #[test]
    fn every_duplicate_is_found_and_the_rest_is_read() {
        let (located, faults) = look("a = 1\na = 2\nb.c = 3\n[b]\n[t]\nx = 1\nx = 2\n");
        let codes: Vec<_> = faults.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["toml/duplicate-key"; 3], "{faults:?}");
        assert!(located.is_some());
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "[accounts.\"bluesky/acme\"]\nhandle = 'é'\n";
        let (located, _) = look(text);
        let Content::Table(root) = located.unwrap().content else { panic!() };
        let Content::Table(accounts) = &root[0].1.content else { panic!() };
        assert_eq!(&text[accounts[0].0.span.clone()], "\"bluesky/acme\"");
        let Content::Table(account) = &accounts[0].1.content else { panic!() };
        assert_eq!((&text[account[0].0.span.clone()], &text[account[0].1.span.clone()]), ("handle", "'é'"));
    }

    #[test]
    fn syntax_faults_have_a_place() {
        assert_eq!(look("a = \n").1[0].0, "toml/syntax");
        assert_eq!(look(&format!("a = {}", "[".repeat(100_000))).1[0].0, "toml/syntax");
    }
}
