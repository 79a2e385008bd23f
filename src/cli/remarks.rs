//! What people add in their own words: reasons and comments, the line that they are about, the people whom they call.

use std::io::{BufRead, IsTerminal, Write};

use super::decide::Desk;
use super::{Context, Failure};
use crate::policy::Line;
use crate::view::escape;
use crate::view::page::counted;
use crate::workspace::{Files, PostId, Roles, suggest};

/// A post's file may have so many bytes for a line of it to be named.
const LARGEST: u64 = 1 << 20;

/// The words that were given, or asked for where somebody is there to answer; `what` needs them: `a rejection`.
///
/// # Errors
/// When there are none.
pub fn words(given: Option<&str>, what: &str, context: &Context) -> Result<String, Failure> {
    let mut text = given.unwrap_or_default().trim().to_owned();
    let somebody = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !context.json();
    if given.is_none() && somebody {
        let _ = write!(std::io::stderr(), "{what} needs words that people can go by; what do you say? ");
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line).is_ok() {
            text = line.trim().to_owned();
        }
    }
    if text.is_empty() {
        let needs = if what == "A comment" { "needs a text" } else { "needs a reason" };
        return Err(Failure::usage("decide/words", format!("{} {needs}", what.to_lowercase()), "say it: -m \"…\""));
    }
    Ok(text)
}

/// A line of a post's file, in the version that is decided on.
///
/// # Errors
/// When the file has no such line.
pub fn line(desk: &Desk<'_>, post: &PostId, number: usize) -> Result<Line, Failure> {
    let commit = desk.trusted.seen;
    let Some(path) = desk.trusted.path_of(post) else {
        return Err(Failure::usage("decide/line", format!("{post} has no file"), "leave out --line"));
    };
    let bytes = desk.trusted.repository.files(commit)?.read(path, LARGEST).map_err(|problem| {
        Failure::broken("decide/line", format!("{} cannot be read: {problem}", escape(path)), "leave out --line")
    })?;
    let lines = String::from_utf8_lossy(&bytes).lines().count();
    if (1..=lines).contains(&number) {
        return Ok(Line { number, commit: commit.to_string(), text: None });
    }
    let (path, seen) = (escape(path), escape(&desk.seen_on));
    let message =
        format!("{path} has {} on {seen} (commit {commit:.10}), and no line {number}", counted(lines, "line"));
    Err(Failure::usage("decide/line", message, "count from 1, the front matter included, as your editor does"))
}

/// Refuses a text that calls somebody whom `roles.toml` does not know.
///
/// # Errors
/// When an `@name` is neither a person's short name nor a role.
pub fn refuse_unknown_people(text: &str, roles: &Roles) -> Result<(), Failure> {
    let known: Vec<&str> = roles.people.keys().chain(roles.roles.keys()).map(String::as_str).collect();
    let Some(unknown) = called(text).into_iter().find(|name| !known.contains(name)) else { return Ok(()) };
    let help = match suggest::nearest(unknown, known.iter().copied()) {
        Some(near) => format!("did you mean `@{near}`?"),
        None => format!("the people and roles are {}.", suggest::list(known.iter().copied())),
    };
    let message = format!("@{} is nobody's short name and no role in roles.toml", escape(unknown));
    Err(Failure::usage("comment/unknown", message, format!("{help} To write it all the same: --anyway")))
}

/// The names behind an `@` that begins a word.
pub fn called(text: &str) -> Vec<&str> {
    let begins = |before: Option<char>| before.is_none_or(|c| c.is_whitespace() || "([{\"'„“‚‘*_".contains(c));
    let mut names = Vec::new();
    for (at, _) in text.match_indices('@') {
        let (before, after) = text.split_at(at);
        let rest = after.trim_start_matches('@');
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().trim_end_matches(['.', '-', '_']);
        if begins(before.chars().next_back()) && !name.is_empty() {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_are_called_where_a_word_begins() {
        assert_eq!(called("@noor, see line 3; (@legal) and *@li*. Ask @tess."), ["noor", "legal", "li", "tess"]);
        assert_eq!(called("mail noor@example.com, or @ nobody, @@"), [""; 0]);
        assert_eq!(called("@münchen.büro @नूर"), ["münchen.büro", "नूर"]);
    }

    #[test]
    fn somebody_unknown_is_told_with_the_nearest_name() {
        let mut roles = Roles::default();
        roles.people.insert("noor".to_owned(), Default::default());
        roles.roles.insert("legal".to_owned(), vec!["noor".to_owned()]);
        assert!(refuse_unknown_people("@noor @legal", &roles).is_ok());
        assert!(refuse_unknown_people("@nor", &roles).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[@a-zé. (*\\n]{0,40}") {
            called(&text);
        }
    }
}
