//! What goes out when to which account: the posts as a diary.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::Desk;
use crate::workspace::rhythm::Rhythm;
use crate::workspace::{Account, AccountName, Due, Finding, Post, PostId};

/// A post for an account, at its time.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub post: &'a Post,
    pub account: &'a Account,
    pub at: DateTime<Utc>,
}

impl Entry<'_> {
    /// Whether it is out already: then there is nothing to be said about it.
    pub fn is_out(&self, desk: &Desk<'_>) -> bool {
        (desk.deliveries.out)(&self.post.id, &self.account.name)
    }

    /// What the clock shows there: `2026-12-01 09:00 (Europe/Berlin)`.
    pub fn when(&self) -> String {
        when(self.at, &self.account.rhythm)
    }
}

/// What the clock of an audience shows: `2026-12-01 09:00 (Europe/Berlin)`.
pub fn when(at: DateTime<Utc>, rhythm: &Rhythm) -> String {
    format!("{} ({})", rhythm.local(at).format("%Y-%m-%d %H:%M"), rhythm.audience)
}

/// What to write for a time, as nobody can misread it: `publish_at: 2026-12-07 07:00-05:00`, with the clock's offset.
pub fn typed(at: DateTime<Utc>, rhythm: &Rhythm) -> String {
    format!("publish_at: {}", at.with_timezone(&rhythm.audience).format("%Y-%m-%d %H:%M%:z"))
}

/// `2 d 1 h 30 min`
pub fn length(span: TimeDelta) -> String {
    let units = [(span.num_days(), "d"), (span.num_hours() % 24, "h"), (span.num_minutes() % 60, "min")];
    let units = units.into_iter().chain([(span.num_seconds() % 60, "s")]).filter(|(number, _)| *number > 0);
    units.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ")
}

/// All entries of each account, in the order of their times. Drafts and what has no time are in no diary.
pub fn of<'a>(desk: &Desk<'a>) -> BTreeMap<&'a AccountName, Vec<Entry<'a>>> {
    let mut diary: BTreeMap<&AccountName, Vec<Entry<'a>>> = BTreeMap::new();
    for entry in desk.posts.iter().flat_map(|post| entries(post, desk)) {
        diary.entry(&entry.account.name).or_default().push(entry);
    }
    for entries in diary.values_mut() {
        entries.sort_by(|a, b| (a.at, &a.post.id).cmp(&(b.at, &b.post.id)));
    }
    diary
}

/// The entries of one post.
pub fn entries<'a>(post: &'a Post, desk: &Desk<'a>) -> impl Iterator<Item = Entry<'a>> {
    let at = match post.due {
        Due::At(at) if !post.draft => Some(at),
        _ => None,
    };
    let settings = desk.settings;
    let accounts = post.to.iter().filter_map(|name| settings.accounts.get(name));
    at.into_iter().flat_map(move |at| accounts.clone().map(move |account| Entry { post, account, at }))
}

/// What is wrong with one post for some of its accounts, each fault told once with all of them.
pub fn faults<'a>(
    post: &'a Post,
    desk: &Desk<'a>,
    fault: impl Fn(&Entry<'a>) -> Option<(String, String)>,
) -> Vec<(String, String, String)> {
    let mut found: Vec<(String, String, Vec<&str>)> = Vec::new();
    for entry in entries(post, desk) {
        let Some((what, help)) = fault(&entry).filter(|_| !entry.is_out(desk)) else { continue };
        match found.iter_mut().find(|(known, ..)| *known == what) {
            Some((.., accounts)) => accounts.push(entry.account.name.as_str()),
            None => found.push((what, help, vec![entry.account.name.as_str()])),
        }
    }
    found.into_iter().map(|(what, help, accounts)| (what, help, all_of(&accounts))).collect()
}

/// `a, b and c`
pub fn all_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `a`, in backquotes, of posts.
pub fn posts<'p>(ids: impl Iterator<Item = &'p PostId>) -> String {
    let names: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    all_of(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A finding at a key of a post's front matter; its level is set afterwards.
pub fn finding(code: &'static str, post: &Post, key: &str, message: String, help: impl Into<String>) -> Finding {
    Finding::warning(code, &post.source, place_of(post, key), message).label("here").help(help)
}

/// Where the value of a key stands in the front matter: also behind a key in quotes, and in one table with braces.
fn place_of(post: &Post, key: &str) -> Range<usize> {
    let mut start = 0;
    let mut braces = false;
    for (number, line) in post.source.text.split_inclusive('\n').enumerate() {
        if number > 0 && line.trim_end() == "---" {
            break;
        }
        braces |= number > 0 && line.starts_with('{');
        if let Some(value) = line.match_indices(key).find_map(|(at, _)| value_in(line, at, key, braces)) {
            return start + value.start..start + value.end;
        }
        start += line.len();
    }
    0..0
}

/// Where the value stands in a line, if a key stands at a place of it.
fn value_in(line: &str, at: usize, key: &str, braces: bool) -> Option<Range<usize>> {
    const QUOTES: [char; 2] = ['"', '\''];
    let before = line.get(..at)?;
    let before = before.strip_suffix(QUOTES).unwrap_or(before);
    let begins =
        before.is_empty() || braces && before.trim_end().ends_with(['{', ',']) || braces && before.trim().is_empty();
    let behind = line.get(at + key.len()..).filter(|_| begins)?;
    let value = behind.strip_prefix(QUOTES).unwrap_or(behind).trim_start().strip_prefix(':')?;
    let end = value.find([',', '}']).filter(|_| braces).unwrap_or(value.len());
    let value = value.get(..end)?;
    let from = line.len() - behind.len() + behind.find(':')? + 1 + (value.len() - value.trim_start().len());
    Some(from..from + value.trim().len())
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::render::Wording;
    use crate::rules::{Deliveries, Judge, Rule};
    use crate::workspace::memory::MemoryFiles;
    use crate::workspace::rhythm::Blackout;
    use crate::workspace::{NetworkSpec, Rights, Scope, load_post, load_settings};

    const NETWORKS: &[NetworkSpec] = &[NetworkSpec { network: "net", required: &[], optional: &[] }];
    pub const NOW: &str = "2026-11-24T09:00:00Z";

    /// What a rule finds: the post and the message. The posts' names with what their front matter has besides; what is out
    /// begins with `out`.
    pub fn look(rule: &Rule, settings: &str, posts: &[(&str, &str)], blackouts: &[Blackout]) -> Vec<(String, String)> {
        let text = format!("version = 1\nworkspace = \"0197c7b2\"\ntimezone = \"Europe/Berlin\"\n{settings}");
        let (settings, faults) = load_settings(text.as_bytes(), NETWORKS);
        assert_eq!(faults, []);
        let settings = settings.unwrap();
        let files = MemoryFiles::default();
        let scope = Scope { settings: Some(&settings), networks: NETWORKS, files: Some(&files) };
        let posts: Vec<Post> = posts
            .iter()
            .map(|(name, front)| {
                let text = format!("---\n{front}\n---\nAutumn is here.\n");
                let loaded = load_post(&format!("posts/{name}.md"), text.as_bytes(), &scope);
                assert_eq!(loaded.findings, [], "{front}");
                loaded.post.unwrap()
            })
            .collect();
        let posts: Vec<&Post> = posts.iter().collect();
        let now = NOW.parse().unwrap();
        let deliveries = Deliveries {
            out: &|post, _| post.as_str().starts_with("out"),
            needs: &|post, _| post.labels.first().and_then(|label| crate::workspace::time::duration(label).ok()),
            asked: &|post| post.id.as_str().starts_with("asked"),
            said: &BTreeMap::<(PostId, AccountName), Wording>::new(),
            blackouts,
        };
        let desk = Desk {
            settings: &settings,
            roles: None,
            posts: &posts,
            files: &files,
            assets: &files,
            rights: &Rights::default(),
            now,
            deliveries,
        };
        let mut findings = Vec::new();
        match rule.judge {
            Judge::Workspace(judge) => judge(&desk, &mut findings),
            Judge::Post(judge) => {
                posts.iter().for_each(|post| judge(&crate::rules::Written::of(post), &desk, &mut findings))
            }
            Judge::Delivery(_) | Judge::Outgoing(_) | Judge::Servers | Judge::Guide => {}
        }
        let name = |path: &str| path.trim_start_matches("posts/").trim_end_matches(".md").to_owned();
        findings.into_iter().map(|finding| (name(&finding.source.path), finding.message)).collect()
    }

    /// The posts in which a rule finds something.
    pub fn found(rule: &Rule, settings: &str, posts: &[(&str, &str)]) -> Vec<String> {
        look(rule, settings, posts, &[]).into_iter().map(|(post, _)| post).collect()
    }

    #[test]
    fn a_key_is_found_in_the_front_matter_and_nowhere_else() {
        let text = "---\nto: net/acme\npublish_at :  2026-12-01 09:00  \n---\npublish_at: never\n";
        let (settings, _) =
            load_settings(b"version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"net/acme\"]\n", NETWORKS);
        let scope = Scope { settings: settings.as_ref(), networks: NETWORKS, files: None };
        let post = load_post("posts/a.md", text.as_bytes(), &scope).post.unwrap();
        assert_eq!(&text[place_of(&post, "publish_at")], "2026-12-01 09:00");
        assert_eq!(place_of(&post, "campaign"), 0..0);
        for text in [
            "---\n\"publish_at\": 2026-12-01 09:00\nto: net/acme\n---\nHi\n",
            "---\n{to: net/acme, publish_at: 2026-12-01 09:00}\n---\nHi\n",
            "---\n{ 'publish_at' : 2026-12-01 09:00 ,\n  to: net/acme }\n---\nHi\n",
        ] {
            let post = load_post("posts/a.md", text.as_bytes(), &scope).post.unwrap();
            assert_eq!(&text[place_of(&post, "publish_at")], "2026-12-01 09:00", "{text}");
        }
    }
}
