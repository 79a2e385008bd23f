//! `greenlit new`

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;

use unicode_normalization::UnicodeNormalization;

use super::gather::network_specs;
use super::{Context, Exit, Failure};
use crate::git::{Repository, WorkTreeFiles};
use crate::view::escape;
use crate::workspace::{Files, NetworkSpec, PostId, Settings, Severity};
use crate::workspace::{Scope, load_post, load_settings};

/// Write a post file, ready to edit
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post's title, for people; its name is made from it
    title: String,

    /// Accounts or groups; the group `default` where there is one, else every account
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    to: Vec<String>,

    /// When it goes out: "2026-12-01 09:00", in the workspace's zone; as soon as it is approved where none is given
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// Mark it as a draft, which never goes out
    #[arg(long)]
    draft: bool,
}

/// What was written.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Written {
    version: u32,
    /// The post's id.
    post: PostId,
    /// Its file, from the workspace's root.
    file: String,
    /// The accounts and groups that it is for.
    to: Vec<String>,
    /// The commands to type next.
    next: Vec<String>,
}

/// Writes the file. Overwrites nothing.
///
/// # Errors
/// When an account or the time makes no sense in this workspace.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let repository = Repository::open(&context.folder)?;
    let files = WorkTreeFiles::new(repository.root());
    let specs = network_specs();
    let settings = settings(&files, &specs)?;
    let to = if args.to.is_empty() { default_accounts(&settings) } else { args.to.clone() };
    let front = front_matter(&args.title, &to, args.at.as_deref(), args.draft);
    refuse_bad_words(&front, &Scope { settings: Some(&settings), networks: &specs, files: None })?;

    let post = free_name(&args.title, &files)?;
    let file = format!("posts/{post}.md");
    let path = repository.root().join(&file);
    let text = format!("{front}{HINTS}");
    let unwritable = |error: std::io::Error| {
        Failure::broken("new/write", format!("{} cannot be written: {error}", escape(&file)), "nothing was overwritten")
    };
    fs::create_dir_all(repository.root().join("posts")).map_err(unwritable)?;
    let opened = OpenOptions::new().write(true).create_new(true).open(&path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(unwritable)?;

    let next = vec![
        "greenlit check".to_owned(),
        format!("greenlit preview {post}"),
        format!("git add {file}"),
        format!("git commit -m \"Write {post}\""),
    ];
    let written = Written { version: 1, post, file, to, next };
    if context.json() {
        context.print_json(&written);
    } else {
        let mut text = format!("Wrote {}. Now write the text in it, then:\n\n", escape(&written.file));
        written.next.iter().for_each(|step| text += &format!("  {}\n", escape(step)));
        context.print(&text);
    }
    Ok(Exit::Fine)
}

/// The end of a new post: what can be written there, in comments that are never sent.
const HINTS: &str = "# owner: maya
# labels: [product]
# link: https://acme.example/launch
# media:
#   - file: assets/picture.png
#     alt: What it shows, for those who do not see it
---
<!-- Write here, in Markdown. A line with only --- begins the next part of a thread. -->
";

fn settings(files: &dyn Files, specs: &[NetworkSpec]) -> Result<Settings, Failure> {
    let broken = |why: String| Failure::broken("new/settings", why, "`greenlit check` tells more");
    let bytes = files.read("greenlit.toml", 1 << 20).map_err(|why| broken(format!("greenlit.toml: {why}")))?;
    let (settings, findings) = load_settings(&bytes, specs);
    settings.ok_or_else(|| {
        let first = findings.first().map_or_else(String::new, |finding| finding.message.clone());
        broken(format!("greenlit.toml has an error: {}", escape(&first)))
    })
}

fn default_accounts(settings: &Settings) -> Vec<String> {
    if settings.groups.contains_key("default") {
        return vec!["default".to_owned()];
    }
    settings.accounts.keys().map(ToString::to_string).collect()
}

/// The front matter with its opening line; the closing one comes with the hints.
fn front_matter(title: &str, to: &[String], at: Option<&str>, draft: bool) -> String {
    let to: Vec<String> = to.iter().map(|name| yaml(name)).collect();
    let mut text = format!("---\ntitle: {}\nto: [{}]\n", yaml(title), to.join(", "));
    if let Some(at) = at {
        text += &format!("publish_at: {}\n", yaml(at));
    }
    if draft {
        text += "draft: true\n";
    }
    text
}

/// Reads what would be written with some text in it, so that only title, accounts and time can be at fault.
fn refuse_bad_words(front: &str, scope: &Scope<'_>) -> Result<(), Failure> {
    let post = load_post("posts/new.md", format!("{front}---\ntext\n").as_bytes(), scope);
    let mut errors = post.findings.iter().filter(|finding| finding.severity == Severity::Error);
    match errors.next() {
        Some(error) => Err(Failure::usage(error.code, escape(&error.message), escape(&error.help))),
        None => Ok(()),
    }
}

/// The name that the title gives, with `-2`, `-3`, … where it is taken.
fn free_name(title: &str, files: &dyn Files) -> Result<PostId, Failure> {
    let listed = files.list("posts").map_err(|why| Failure::broken("new/posts", format!("posts/: {why}"), ""))?;
    // Names that differ in letters' case alone are one file on some disks.
    let stem = |path: &str| path.rsplit('/').next().map(|name| slug_of_file(name.trim_end_matches(".md")));
    let taken: BTreeSet<String> = listed.iter().filter_map(|entry| stem(&entry.path)).collect();
    let base = match slug(title) {
        slug if slug.is_empty() => "post".to_owned(),
        slug => slug,
    };
    let numbered = (2..).map(|number| format!("{base}-{number}"));
    let free = std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    PostId::new(&free).map_err(|why| {
        let message = format!("no name can be made from the title {title:?}: {why}");
        Failure::usage("new/title", message, "begin the title with a letter or a digit")
    })
}

fn slug_of_file(stem: &str) -> String {
    stem.nfc().collect::<String>().to_lowercase()
}

/// A text as YAML: as it is where that surely means the text itself, else in quotes (JSON's, which YAML reads too).
fn yaml(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | ':');
    let letters = text.starts_with(char::is_alphabetic) && !text.ends_with([' ', ':']);
    let date = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('-') && text.contains(' ');
    let safe = (letters || date) && text.chars().all(plain) && !text.contains(": ");
    let word = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&text.to_lowercase().as_str());
    if safe && !word { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// A post's name made from its title: small letters and digits of every script, `-` for all between; may be empty.
pub fn slug(title: &str) -> String {
    let letter = |c: char| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    let lower: String = title.nfc().collect::<String>().to_lowercase();
    let words = lower.nfc().collect::<String>();
    let words = words.split(|c: char| !letter(c)).map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let mut slug = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        let gap = usize::from(!slug.is_empty());
        if slug.len() + gap + word.len() > LONGEST {
            if slug.is_empty() {
                slug.extend(word.chars().scan(0, |length, c| {
                    *length += c.len_utf8();
                    (*length <= LONGEST).then_some(c)
                }));
            }
            break;
        }
        if gap == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}

/// Bytes; leaves room for `-2` in a post's name.
const LONGEST: usize = 80;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_keep_the_letters_of_every_script() {
        assert_eq!(slug("Autumn launch: Acme 5!"), "autumn-launch-acme-5");
        assert_eq!(slug("नमस्ते दुनिया"), "नमस्ते-दुनिया");
        assert_eq!(slug("E\u{301}te\u{301}"), "été");
        assert_eq!(slug("発売日のお知らせ"), "発売日のお知らせ");
        assert_eq!(slug("🎉"), "");
        assert!(slug(&"word ".repeat(50)).len() <= LONGEST && slug(&"長".repeat(90)).len() <= LONGEST);
    }

    #[test]
    fn what_yaml_would_take_for_something_else_is_quoted() {
        for text in ["yes", "Null", "1.5", "- a", "a: b", "a #b", "*x", "", " a", "[a]", "2026-12-01", "12:30", "a:"] {
            assert_eq!(yaml(text), format!("{text:?}"), "{text}");
        }
        for text in ["Autumn launch", "bluesky/acme", "2026-12-01 09:00", "발매"] {
            assert_eq!(yaml(text), text);
        }
    }

    proptest! {
        #[test]
        fn every_slug_is_a_name_of_a_post(title in "\\PC{0,200}") {
            let slug = slug(&title);
            prop_assert!(slug.is_empty() || PostId::new(&slug).is_ok(), "{slug:?}");
            prop_assert!(slug.len() <= LONGEST);
        }
    }
}
