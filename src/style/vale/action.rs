//! `action`: what would mend a place.

use crate::style::pattern::Pattern;

/// What a rule does to what it found.
#[derive(Debug, Default)]
pub enum Action {
    /// Nothing is known.
    #[default]
    None,
    /// One of these words takes its place; without any, those that the rule itself knows.
    Replace(Vec<String>),
    /// It goes.
    Remove,
    /// It stays in part.
    Edit(Edit),
}

/// What stays.
#[derive(Debug)]
pub enum Edit {
    /// What a pattern makes of it, with `$1` in the replacement.
    Regex(Pattern, String),
    /// With other signs for some.
    Replace(String, String),
    /// Without these signs on both sides.
    Trim(String),
    /// Without these signs before it.
    TrimLeft(String),
    /// Without these signs behind it.
    TrimRight(String),
    /// What stands before this.
    Truncate(String),
    /// The part with this number, where this separates.
    Split(String, usize),
}

impl Action {
    /// Reads an action; `Ok(Action::None)` for those that need a program or a dictionary.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(name: &str, params: Vec<String>) -> Result<Self, String> {
        Ok(match name {
            "replace" => Self::Replace(params),
            "remove" => Self::Remove,
            "edit" => Self::Edit(edit(params)?),
            "suggest" | "convert" | "" => Self::None,
            other => return Err(format!("`{other}` is no action")),
        })
    }

    /// The words that could take a place; none where nothing is known.
    pub fn options(&self, found: &str) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Replace(words) => words.clone(),
            Self::Remove => vec![String::new()],
            Self::Edit(edit) => edit.of(found).into_iter().collect(),
        }
    }
}

fn edit(params: Vec<String>) -> Result<Edit, String> {
    let mut params = params.into_iter();
    let how = params.next().unwrap_or_default();
    let mut next = || params.next().ok_or_else(|| format!("`{how}` needs more `params`"));
    Ok(match how.as_str() {
        "regex" => {
            let pattern = Pattern::new(&next()?)?;
            Edit::Regex(pattern, next()?)
        }
        // The words of Vale 2; its styles are still about.
        "replace" => Edit::Replace(next()?, next()?),
        "remove" => Edit::Replace(next()?, String::new()),
        "trim" => Edit::Trim(next()?),
        "trim_left" => Edit::TrimLeft(next()?),
        "trim_right" => Edit::TrimRight(next()?),
        "truncate" => Edit::Truncate(next()?),
        "split" => {
            let by = next()?;
            let number = next()?;
            Edit::Split(by, number.parse().map_err(|_| format!("`{number}` is no number"))?)
        }
        other => return Err(format!("`edit` does not know `{other}`")),
    })
}

impl Edit {
    fn of(&self, found: &str) -> Option<String> {
        // White space around it stays: what is found may begin with some, and would join the word before.
        let rest = match self {
            Self::Regex(pattern, replacement) => replaced(pattern, found, replacement),
            Self::Replace(signs, others) => found.replace(signs.as_str(), others),
            Self::Trim(signs) => found.trim_matches(|c| signs.contains(c)).to_owned(),
            Self::TrimLeft(signs) => found.trim_start_matches(|c| signs.contains(c)).to_owned(),
            Self::TrimRight(signs) => found.trim_end_matches(|c| signs.contains(c)).to_owned(),
            Self::Truncate(at) => found.split(at.as_str()).next().unwrap_or_default().to_owned(),
            Self::Split(by, number) => found.split(by.as_str()).nth(*number)?.to_owned(),
        };
        Some(rest)
    }
}

/// A text where each place that a pattern fits says `replacement`, with `$1` and `${1}` for its groups.
pub fn replaced(pattern: &Pattern, text: &str, replacement: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for found in pattern.captures_all(text) {
        out.push_str(text.get(at..found.range.start).unwrap_or_default());
        let mut rest = replacement;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = braced.unwrap_or_else(|| after.split_at(digits));
            rest = after;
            match number.parse::<usize>() {
                Ok(0) => out.push_str(text.get(found.range.clone()).unwrap_or_default()),
                Ok(number) => {
                    let group = found.groups.get(number - 1).cloned().flatten();
                    out.push_str(group.and_then(|group| text.get(group)).unwrap_or_default());
                }
                Err(_) => {
                    out.push('$');
                    out.push_str(number);
                }
            }
        }
        out.push_str(rest);
        at = found.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(name: &str, params: &[&str], found: &str) -> Vec<String> {
        let params = params.iter().map(|param| (*param).to_owned()).collect();
        Action::new(name, params).unwrap().options(found)
    }

    #[test]
    fn actions_as_vale_knows_them() {
        assert_eq!(options("replace", &["a", "b"], "x"), ["a", "b"]);
        assert_eq!(options("remove", &[], "x"), [""]);
        assert_eq!(options("edit", &["truncate", " "], "the the"), ["the"]);
        assert_eq!(options("edit", &["replace", "-", " "], "newly-made"), ["newly made"]);
        assert_eq!(options("edit", &["remove", " "], "a — b"), ["a—b"]);
        assert_eq!(options("edit", &["trim_right", ".?!"], "Head!."), ["Head"]);
        assert_eq!(options("edit", &["regex", r"(\w+)ly-(\w+)", "${1}ly $2"], "newly-made"), ["newly made"]);
        assert_eq!(options("edit", &["split", " ", "1"], "a b c"), ["b"]);
        assert_eq!(options("edit", &["split", " ", "9"], "a b c"), Vec::<String>::new());
        assert_eq!(options("suggest", &["spellings"], "x"), Vec::<String>::new());
        assert!(Action::new("edit", vec!["regex".into()]).is_err());
    }
}
