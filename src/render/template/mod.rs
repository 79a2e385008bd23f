//! An account's `template`: Markdown around each part, made with minijinja.
//!
//! ```jinja
//! {{ text | utm(source="bluesky", medium="social", campaign=post.campaign) }}
//!
//! {{ post.labels | hashtags }}
//! ```
//!
//! A template sees the text of a part, its number and their number (`part`, `parts`), the post (`post.id`, `.title`,
//! `.campaign`, `.labels`, `.language`, `.link`) and the account (`account.name`, `.network`, `.handle`); what is not
//! there is an empty text. It sees no clock, no file, no environment and no chance, and it can neither load nor
//! include anything. The language is minijinja's, cut down to what ends soon and stays small: see [`check`].

mod filters;
mod language;
mod utm;

use std::io::Write;
use std::sync::{Arc, Mutex};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, context};

pub use utm::Utm;

use crate::workspace::{Account, Post};

/// Bytes that a template may have.
pub const LONGEST: usize = 4 * 1024;
/// Bytes that it may write.
pub const LONGEST_OUTPUT: usize = 64 * 1024;
/// Instructions that it may take.
const FUEL: u64 = 5_000;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is too long.
    #[error("it has {0} bytes; at most {LONGEST} are read")]
    TooLong(usize),
    /// It cannot be read, or uses what a template may not.
    #[error("line {line}: {message}")]
    Wrong {
        /// The template's line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// It does not come to an end.
    #[error("it takes more than {FUEL} steps")]
    TooSlow,
    /// It writes more than any network takes.
    #[error("it writes more than {LONGEST_OUTPUT} bytes")]
    TooMuch,
}

impl TemplateError {
    fn new(error: &minijinja::Error) -> Self {
        let what = error.kind().to_string();
        Self::Wrong { line: error.line().unwrap_or(1), message: error.detail().map(str::to_owned).unwrap_or(what) }
    }
}

/// Checks a template without running it.
///
/// It may have `{{ … }}`, `{% if %}`, `{% for %}` and `{# … #}`; comparisons, `and`, `or`, `not`, `in`; the filters
/// `utm`, `hashtags`, `join`, `default`, `first`, `last`, `length`, `lower`, `upper` and `trim`. Nothing in it can
/// keep or multiply a text, so memory and time stay within bounds whatever it says.
///
/// # Errors
/// When it is too long, cannot be read, or uses anything else.
pub fn check(template: &str) -> Result<(), TemplateError> {
    if template.len() > LONGEST {
        return Err(TemplateError::TooLong(template.len()));
    }
    language::check(template)
}

/// What a template is put around.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The part's Markdown.
    pub text: &'a str,
    /// Its number, from 1.
    pub part: usize,
    /// The number of parts.
    pub parts: usize,
    /// The post.
    pub post: &'a Post,
    /// The account.
    pub account: &'a Account,
}

/// What came out of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The part's Markdown.
    pub markdown: String,
    /// The UTM parameters that the text's links got: the link's card gets the same.
    pub utm: Option<Utm>,
}

/// Puts a template around a part.
///
/// # Errors
/// When it is none by [`check`], asks for what is not there, takes too long or writes too much.
pub fn apply(template: &str, around: &Around<'_>) -> Result<Applied, TemplateError> {
    check(template)?;
    let utm = Arc::new(Mutex::new(None));
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    filters::add(&mut environment, around.text, &utm);
    let compiled = environment.template_from_str(template).map_err(|error| TemplateError::new(&error))?;
    let mut output = Output(Vec::new());
    let rendered = compiled.render_captured_to(values(around), &mut output).map(drop);
    rendered.map_err(|error| match error.kind() {
        ErrorKind::OutOfFuel => TemplateError::TooSlow,
        ErrorKind::WriteFailure => TemplateError::TooMuch,
        _ => TemplateError::new(&error),
    })?;
    let utm = utm.lock().ok().and_then(|mut utm| utm.take());
    Ok(Applied { markdown: String::from_utf8_lossy(&output.0).into_owned(), utm })
}

fn values(around: &Around<'_>) -> minijinja::Value {
    let Around { text, part, parts, post, account } = *around;
    context! {
        text,
        part,
        parts,
        post => context! {
            id => post.id.as_str(),
            title => post.title.as_deref().unwrap_or_default(),
            campaign => post.campaign.as_deref().unwrap_or_default(),
            labels => &post.labels,
            language => post.languages.first().map(String::as_str).unwrap_or_default(),
            link => post.link.as_ref().map(|link| link.url.as_str()).unwrap_or_default(),
        },
        account => context! {
            name => account.name.as_str(),
            network => account.name.network(),
            handle => account.handle.as_deref().unwrap_or_default(),
        },
    }
}

/// Takes so much and no more.
struct Output(Vec<u8>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_OUTPUT {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::{account, post};

    fn apply_to(template: &str, text: &str) -> Result<Applied, TemplateError> {
        let (mut post, account) = (post(&[text]), account());
        post.labels = vec!["open source".to_owned(), "Acme 5".to_owned()];
        apply(template, &Around { text, part: 2, parts: 3, post: &post, account: &account })
    }

    fn out(template: &str) -> String {
        apply_to(template, "Hello").unwrap().markdown
    }

    #[test]
    fn a_template_stands_around_the_text() {
        assert_eq!(out("{{ text }} ({{ part }}/{{ parts }})"), "Hello (2/3)");
        assert_eq!(out("{% if part == parts %}{{ text }} end{% else %}{{ text }} …{% endif %}"), "Hello …");
        assert_eq!(out("{{ text }}\n\n{{ post.labels | hashtags }}"), "Hello\n\n#OpenSource #Acme5");
        assert_eq!(
            out("{% for label in post.labels %}{{ loop.index }}{{ label | upper }} {% endfor %}"),
            "1OPEN SOURCE 2ACME 5 "
        );
        assert_eq!(
            out("{{ account.network }} {{ account.handle }} {{ post.campaign | default('none') }}{{ post.link }}"),
            "net acme autumn"
        );
        assert_eq!(out("{# a note #}{% raw %}{{ x }}{% endraw %}"), "{{ x }}");
        assert_eq!(out("<b> & \"{{ text }}\""), "<b> & \"Hello\"", "Markdown is not HTML: nothing is escaped");
    }

    #[test]
    fn utm_parameters_come_from_a_filter() {
        let template = "{{ text | utm(source=\"net\", campaign=post.campaign, medium=\"\") }}";
        let applied = apply_to(template, "[a](https://a.example) b").unwrap();
        assert_eq!(applied.markdown, "[a](https://a.example?utm_source=net&utm_campaign=autumn) b");
        let card = applied.utm.unwrap().on_address("https://b.example/");
        assert_eq!(card, "https://b.example/?utm_source=net&utm_campaign=autumn");
        let elsewhere = apply_to("{{ text }} {{ 'https://c.example' | utm(source='x') }}", "t").unwrap();
        assert_eq!((elsewhere.markdown.as_str(), elsewhere.utm), ("t https://c.example?utm_source=x", None));
        assert!(apply_to("{{ text | utm(sauce='x') }}", "t").is_err());
    }

    #[test]
    fn what_reaches_outside_or_grows_is_no_template() {
        for bad in [
            "{% include 'x' %}",
            "{% import 'x' as y %}",
            "{% extends 'x' %}",
            "{% set x = text %}",
            "{% set x %}{{ text }}{{ text }}{% endset %}",
            "{% with x = text %}{% endwith %}",
            "{% filter upper %}x{% endfilter %}",
            "{% macro f() %}{% endmacro %}",
            "{% for x in post.labels recursive %}{% endfor %}",
            "{{ text ~ text }}",
            "{{ text * 1000000000 }}",
            "{{ '%1000000000d' % 1 }}",
            "{{ range(1000000000) }}",
            "{{ now() }}",
            "{{ env('HOME') }}",
            "{{ text.upper() }}",
            "{{ text | replace('a', text) }}",
            "{{ text | indent(1000000000) }}",
            "{% for a in [[text, text]] %}{% endfor %}",
            "{{ {'a': text} }}",
            "{{ post }}",
            "{{ post.owner }}",
            "{{ post.__class__ }}",
            "{{ secrets }}",
            "{{ text is sameas text }}",
            "{{ debug() }}",
            "{{ text",
            "{% if %}",
        ] {
            assert!(matches!(check(bad), Err(TemplateError::Wrong { .. })), "{bad}");
        }
        assert_eq!(check(&"x".repeat(5_000)), Err(TemplateError::TooLong(5_000)));
    }

    #[test]
    fn messages_say_what_there_is() {
        let message = |template| check(template).unwrap_err().to_string();
        assert_eq!(
            message("a\n{{ post.titel }}"),
            "line 2: there is no `post.titel`; there is `post.id`, `post.title`, `post.campaign`, `post.labels`, `post.language`, `post.link`"
        );
        assert!(message("{{ txt }}").starts_with("line 1: there is no `txt`; there is `text`, "));
        assert!(message("{{ text | tidy }}").starts_with("line 1: there is no filter `tidy`; there is `utm`, "));
    }

    #[test]
    fn work_has_an_end() {
        let deep = "{% for a in text %}".repeat(4) + "x" + &"{% endfor %}".repeat(4);
        assert_eq!(apply_to(&deep, &"y".repeat(1_000)), Err(TemplateError::TooSlow));
        assert_eq!(apply_to(&"{{ text }}".repeat(20), &"y".repeat(60_000)), Err(TemplateError::TooMuch));
        for nested in [
            format!("{{{{ {}text{} }}}}", "(".repeat(1_500), ")".repeat(1_500)),
            format!("{{{{ text{} }}}}", "|trim".repeat(800)),
            format!("{{{{ text{} }}}}", " or text".repeat(500)),
            format!("{{{{ {}text }}}}", "not ".repeat(1_000)),
            format!("{{% if text %}}{}{{% endif %}}", "{%elif text%}".repeat(300)),
            format!("{{{{ {}1{} }}}}", "[".repeat(1_500), "]".repeat(1_500)),
            "{% if text %}".repeat(300),
            format!("{{{{ {}1 }}}}", "-".repeat(4_000)),
        ] {
            let _ = apply_to(&nested, "x");
        }
        assert!(apply_to(&"{{ text | utm(source='x') }}".repeat(100), "x").is_err(), "parsing text over and over");
    }

    proptest::proptest! {
        #[test]
        fn no_template_breaks_anything(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "{{", "}}", "{%", "%}", " text ", "|", "utm", "(source=", "'x'", ")", "for a in ", "post.labels", " if ",
                "else", "endif", "endfor", "hashtags", "[0]", "[1:]", " not ", " in ", "==", "\n", "{#", "#}", "é", ".", "-",
            ]), 0..30)
        ) {
            let _ = apply_to(&pieces.concat(), "Hello https://a.example");
        }
    }
}
