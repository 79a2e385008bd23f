//! Findings as anybody may see them: without the secrets that somebody left in a file. Logs of CI servers are read by many.

use std::borrow::Cow;
use std::ops::Range;

use crate::rules::secrets;
use crate::workspace::Finding;

/// The findings with `*` in place of what opens something. A fix that would have to repeat it is not shown.
pub fn shown(findings: &[Finding]) -> Vec<Finding> {
    let mut shown = Vec::with_capacity(findings.len());
    for of_file in findings.chunk_by(|a, b| a.source == b.source) {
        let Some(first) = of_file.first() else { continue };
        let secrets = Secrets::of([first.source.text.as_str()]);
        shown.extend(of_file.iter().map(|finding| {
            let hide = |text: &str| secrets.hide(text).into_owned();
            let fix = finding.fix.clone().filter(|fix| secrets.hide(&fix.text) == fix.text);
            let (message, label, help) = (hide(&finding.message), hide(&finding.label), hide(&finding.help));
            Finding { message, label, help, fix, ..finding.clone() }
        }));
    }
    shown
}

/// What opens something in a file.
#[derive(Debug)]
pub struct Secrets(Vec<String>);

/// Fewer bytes tell nobody anything, and would be found in words that mean something else.
const TELLING: usize = 8;

impl Secrets {
    /// The secrets of some texts.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let of_text = |text: &'t str| {
            let found = secrets::find(text).into_iter().filter_map(|secret| text.get(hidden(&secret)));
            // Of a key over several lines one line may be shown.
            found.flat_map(str::split_whitespace).filter(|piece| piece.len() >= TELLING).map(str::to_owned)
        };
        Self(texts.into_iter().flat_map(of_text).collect())
    }

    /// A text without these and any other secrets; a message may have no more of one than its beginning.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = without_secrets(text);
        for secret in &self.0 {
            let Some(begins) = secret.get(..TELLING) else { continue };
            let mut from = 0;
            while let Some(found) = shown.get(from..).and_then(|rest| rest.find(begins)) {
                let rest = shown.get(from + found..).unwrap_or_default();
                let alike = rest.chars().zip(secret.chars()).take_while(|(a, b)| a == b);
                let range = from + found..from + found + alike.map(|(c, _)| c.len_utf8()).sum::<usize>();
                from = range.end;
                shown.to_mut().replace_range(range.clone(), &"*".repeat(range.len()));
            }
        }
        shown
    }
}

/// What of a secret tells something.
fn hidden(secret: &secrets::Secret) -> Range<usize> {
    secret.range.start + secret.prefix.len()..secret.range.end
}

/// The same bytes, with `*` in place of what opens something: keys and tokens, a name and password in an address
/// (`https://me:secret@host`).
pub(super) fn without_secrets(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for (at, scheme) in text.match_indices("://") {
        let from = at + scheme.len();
        let rest = text.get(from..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#', '"', '\'', ' ', '\t', '\r', '\n']).next().unwrap_or_default();
        if let Some(end) = authority.rfind('@') {
            shown.to_mut().replace_range(from..from + end, &"*".repeat(end));
        }
    }
    for secret in secrets::find(text) {
        let hidden = hidden(&secret);
        shown.to_mut().replace_range(hidden.clone(), &"*".repeat(hidden.len()));
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::workspace::Source;

    #[test]
    fn no_text_of_a_finding_repeats_a_secret_not_even_its_beginning() {
        let token = ["glpat", "7Gk2PqXz9LwA4tRb6VnC"].join("-");
        let source = Arc::new(Source::new("posts/a.md", format!("see {{{{{token}}}}}")));
        let said = format!("`{}…` and `{token}`", &token[..16]);
        let finding = Finding::warning("text/x", &source, 0..3, said.as_str()).label(&said).help(&said);
        let shown = shown(&[finding.clone().fix(0..3, &said), finding.fix(0..3, "saw")]);
        for finding in &shown {
            for text in [&finding.message, &finding.label, &finding.help] {
                assert_eq!(text, "`glpat-**********…` and `glpat-********************`");
            }
        }
        assert_eq!((&shown[0].fix, shown[1].fix.is_some()), (&None, true));
    }

    #[test]
    fn lines_of_a_key_are_hidden_where_they_stand_alone() {
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ";
        let key = format!("-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n");
        assert_eq!(Secrets::of([key.as_str()]).hide(line), "*".repeat(line.len()));
        assert_eq!(Secrets::of(["nothing here"]).hide("nothing here"), "nothing here");
        assert_eq!(Secrets::of(["https://********:hunter2@x"]).hide("********:hun"), "************");
    }
}
