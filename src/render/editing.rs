//! Whether what is out can be changed in its place to what a post says by now.

use super::payload::Payload;

/// Whether what is out can be changed in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Editing {
    /// Texts, files, alt texts, languages and content warning.
    InPlace {
        /// The options that stay what they were.
        fixed: &'static [&'static str],
    },
    /// Nothing can be changed.
    Never {
        /// Why, for people: a sentence without a full stop.
        why: &'static str,
    },
}

impl Editing {
    /// Why an edit cannot make what is out (`before`) what it is to be (`after`), for people.
    pub fn objection(self, before: &Payload, after: &Payload) -> Option<String> {
        let fixed = match self {
            Self::Never { why } => return Some(why.to_owned()),
            Self::InPlace { fixed } => fixed,
        };
        let (was, is) = (before.parts.len(), after.parts.len());
        if was != is {
            return Some(format!(
                "it went out in {}, and is {} by now; an edit adds and takes away none",
                parts(was),
                is
            ));
        }
        if before.account != after.account {
            return Some(format!("{} was somebody else when it went out", before.account.name));
        }
        let changed = fixed.iter().find(|name| before.options.get(**name) != after.options.get(**name))?;
        Some(format!("the option `{changed}` stays what it was when it went out"))
    }
}

fn parts(count: usize) -> String {
    if count == 1 { "1 part".to_owned() } else { format!("{count} parts") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::fixtures::{key, payload};

    #[test]
    fn words_can_be_changed_and_the_shape_of_what_is_out_cannot() {
        let (before, editing) = (payload(&key("a"), &["one", "two"]), Editing::InPlace { fixed: &["visibility"] });
        let after = |change: &dyn Fn(&mut Payload)| {
            let mut after = payload(&key("a"), &["eins", "zwei"]);
            change(&mut after);
            editing.objection(&before, &after)
        };
        assert_eq!(after(&|_| {}), None);
        assert_eq!(after(&|after| after.content_warning = Some("cake".into())), None);
        assert!(after(&|after| after.parts.truncate(1)).unwrap().contains("in 2 parts, and is 1 by now"));
        assert!(after(&|after| after.parts.push(after.parts[0].clone())).is_some());
        assert!(after(&|after| after.account.handle = Some("other.example".into())).unwrap().contains("somebody else"));
        let hidden = |after: &mut Payload| drop(after.options.insert("visibility".into(), json!("private")));
        assert!(after(&hidden).unwrap().contains("`visibility` stays"));
        let never = Editing::Never { why: "it has no edits" };
        assert_eq!(never.objection(&before, &before).as_deref(), Some("it has no edits"));
    }
}
