//! `text/format-lost`: no word depends on a form that its network does not have.
//!
//! Bluesky, Mastodon and webhooks take text without bold, italics, headings and code: the signs go, the words stay. Where links
//! have no words of their own, the address stands behind them. Tables, `~~strokes~~`, boxes to tick and tags of HTML are no form
//! of any network and go out as they are typed. The first of each kind is shown as it will look. Lists, quotations, line breaks
//! and emphasis in the outbox stay what they are, and nobody is told of code that keeps somebody from being mentioned.
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! ---
//! Autumn is here, and so is **Acme 5**. Read [the news](https://acme.example/news).
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/site
//! ---
//! Only ~~99~~ 49 today:
//!
//! | size | price |
//! | ---- | ----- |
//! | one  | 49    |
//! ```
//!
//! ```markdown good
//! ---
//! to: [mastodon/acme, bluesky/acme]
//! ---
//! Autumn is here, and so is Acme 5:
//!
//! - red leaves, 3 * 3 of them
//! - https://acme.example/news
//!
//! > More than `@acme.example` promised :~~~
//! ```
//!
//! ```markdown good
//! ---
//! to: [outbox/site, bluesky/acme]
//! ---
//! Autumn is here. Read [the news](https://acme.example/news).
//!
//! ::: outbox
//! # Autumn is here
//!
//! And so is **Acme 5**.
//! :::
//! ```

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use super::{Level, Outgoing, Rule, Written, secrets};
use crate::render::{self, TextForm, variants};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::outgoing(
    &["text/format-lost"],
    "no word depends on a form that its network does not have",
    Level::Info,
    include_str!("format_lost.rs"),
    judge,
);

fn judge(outgoing: &Outgoing<'_>, findings: &mut Vec<Finding>) {
    let Outgoing { post, account, capability, .. } = outgoing;
    let texts = variants::thread(&post.body, &account.name).into_iter().flat_map(|slot| slot.texts);
    let mut written = None;
    for text in texts.filter(|text| may_have_form(&text.markdown)) {
        let mut told: Vec<Form> = Vec::new();
        for (form, range) in forms(&text.markdown) {
            if form.is_shown(capability.text) || told.contains(&form) {
                continue;
            }
            let source = text.markdown.get(range.clone()).unwrap_or_default();
            let Some(label) = form.label(source) else { continue };
            told.push(form);
            let written = written.get_or_insert_with(|| Written::of(post));
            let Some(reading) = written.texts.iter().find(|reading| std::ptr::eq(reading.text, text)) else { continue };
            let finding = written.finding("text/format-lost", reading, range, form.message());
            findings.push(finding.label(label).help(form.help()));
        }
    }
}

/// What Markdown makes of words, here or elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bold,
    Italics,
    Code,
    CodeBlock,
    Heading,
    Link,
    Table,
    Stroke,
    Box,
    Tag,
}

impl Form {
    fn message(self) -> &'static str {
        match self {
            Form::Bold => "bold gets lost",
            Form::Italics => "italics get lost",
            Form::Code => "code looks like any other words",
            Form::CodeBlock => "a block of code looks like any other lines",
            Form::Heading => "a heading looks like any other line",
            Form::Link => "the words of a link lead nowhere: the address stands behind them",
            Form::Table => "there are no tables: it goes out as it is typed",
            Form::Stroke => "nothing is struck through: it goes out as it is typed",
            Form::Box => "there are no boxes to tick: it goes out as it is typed",
            Form::Tag => "tags of HTML go out as they are typed",
        }
    }

    /// Whether greenlit reads it; the others are signs like any.
    fn is_markdown(self) -> bool {
        !matches!(self, Form::Table | Form::Stroke | Form::Box | Form::Tag)
    }

    fn is_shown(self, text: TextForm) -> bool {
        self.is_markdown() && (text == TextForm::Html || (text == TextForm::Facets && self == Form::Link))
    }

    /// What people will see of a piece of Markdown; `None` where that is what they would see anyway.
    fn label(self, source: &str) -> Option<String> {
        let look = match self {
            Form::CodeBlock | Form::Table | Form::Tag => return Some("here".to_owned()),
            Form::Code if source.contains(['@', '#', '/']) => return None,
            Form::Stroke | Form::Box => source.to_owned(),
            _ => render::plain(source).split_whitespace().collect::<Vec<_>>().join(" "),
        };
        // `[a][b]` is defined elsewhere.
        let same = self == Form::Link && (!look.contains(" (") || look.starts_with('['));
        // What must not be in a post is not said once more.
        let label = if secrets::find(&look).is_empty() {
            format!("it will read {}", suggest::quote(&look))
        } else {
            "here".to_owned()
        };
        (!same).then_some(label)
    }

    fn help(self) -> &'static str {
        match self {
            Form::Link => "write so that the address may stand there",
            Form::Table => "write lines, or send a picture of it",
            Form::Stroke | Form::Box | Form::Tag => "take the signs away",
            _ => "let the words say it, or write it for the networks that show it alone",
        }
    }
}

/// Whether there can be anything to lose: most posts have nothing, and need not be read for it.
fn may_have_form(markdown: &str) -> bool {
    let signs = ["](", "~~", "# ", "#\n", "\n-", "\n=", "---", "===", "    ", "\t", "[ ]", "[x]", "[X]"];
    markdown.contains(['*', '_', '`', '<', '|']) || signs.iter().any(|sign| markdown.contains(sign))
}

/// The forms of a text, and where they stand in it.
fn forms(markdown: &str) -> Vec<(Form, Range<usize>)> {
    let more = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut found = Vec::new();
    for (event, range) in Parser::new_ext(markdown, more).into_offset_iter() {
        let source = markdown.get(range.clone()).unwrap_or_default();
        let form = match event {
            Event::Start(Tag::Strong) => Form::Bold,
            Event::Start(Tag::Emphasis) => Form::Italics,
            Event::Code(_) => Form::Code,
            Event::Start(Tag::CodeBlock(_)) => Form::CodeBlock,
            Event::Start(Tag::Heading { .. }) => Form::Heading,
            Event::Start(Tag::Link { link_type: LinkType::Inline, .. }) => Form::Link,
            Event::Start(Tag::Table(_)) => Form::Table,
            // One stroke is a sign as people use it: ~5, ~~~.
            Event::Start(Tag::Strikethrough) if source.starts_with("~~") => Form::Stroke,
            Event::TaskListMarker(_) => Form::Box,
            Event::InlineHtml(tag) | Event::Html(tag) if is_tag(&tag) => Form::Tag,
            _ => continue,
        };
        let end = range.start + source.trim_end().len();
        found.push((form, range.start..end));
    }
    found
}

/// Whether this is a tag of HTML, and no comment.
fn is_tag(text: &str) -> bool {
    let name = text.trim_start().trim_start_matches('<').trim_start_matches('/');
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a network of a form loses, as it will look.
    fn lost(markdown: &str, text: TextForm) -> Vec<(Form, String)> {
        assert!(may_have_form(markdown) || forms(markdown).is_empty(), "{markdown}");
        let lost = forms(markdown).into_iter().filter(|(form, _)| !form.is_shown(text));
        lost.filter_map(|(form, range)| Some((form, form.label(&markdown[range])?))).collect()
    }

    #[test]
    fn every_form_is_shown_as_it_will_look() {
        for (markdown, form, look) in [
            ("so is **Acme *5***.", Form::Bold, "it will read `Acme 5`"),
            ("*really* new", Form::Italics, "it will read `really`"),
            ("run `make`", Form::Code, "it will read `make`"),
            ("    make\n", Form::CodeBlock, "here"),
            ("# Autumn\n\nis here", Form::Heading, "it will read `Autumn`"),
            ("Autumn\n===\n\nis here", Form::Heading, "it will read `Autumn`"),
            ("[news](https://a.example)", Form::Link, "it will read `news (https://a.example)`"),
            ("~~99~~ 49", Form::Stroke, "it will read `~~99~~`"),
            ("- [ ] tea", Form::Box, "it will read `[ ]`"),
            ("a <b>b</b>", Form::Tag, "here"),
            ("|a|b|\n|-|-|\n|c|d|", Form::Table, "here"),
        ] {
            assert_eq!(lost(markdown, TextForm::Plain).first(), Some(&(form, look.to_owned())), "{markdown}");
            let kept = form.is_markdown();
            assert_eq!(lost(markdown, TextForm::Html).iter().all(|(other, _)| *other != form), kept, "{markdown}");
        }
        assert_eq!(lost("[news](https://a.example)", TextForm::Facets), []);
    }

    #[test]
    fn nothing_is_told_where_nothing_is_lost() {
        for fine in [
            "3 * 3 = 9, a_b_c, 5 < 6 > 4, C# and F#, #launch, 1 | 2",
            "- tea\n- cake\n\n1. one\n\n> said\n\n---\n\nend",
            "<https://a.example> https://b.example/x_y_z [a.example](https://a.example) <a@b.example>",
            "[https://a.example/x](https://a.example/x) <!-- no --> ![A leaf](a.png)",
            "~5 minutes, ~~~ and ~ again",
            "`@a.example` and `#tag` mention nobody",
            "\\*no\\* \\# no",
            "[a][b] nothing",
            "= nothing = [y] ~ #launch #autumn: https://acme.example/a-b?c=d",
        ] {
            assert_eq!(lost(fine, TextForm::Plain), [], "{fine}");
        }
    }
}
