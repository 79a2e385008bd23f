//! What a server said, fit to be shown: short, without control characters, without secrets.

use serde_json::Value;

/// Characters of a server's words that are kept.
const LONGEST: usize = 300;

/// Texts that must not be shown.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// Adds one. Where a text has it, `[secret]` stands.
    pub fn add(&mut self, text: &str) {
        if !text.is_empty() && !self.0.iter().any(|known| known == text) {
            self.0.push(text.to_owned());
            // The longest first, so that a secret within another does not leave the other's rest.
            self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// The text without secrets.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[secret]"))
    }

    /// The text without secrets and control characters, in one line, shortened.
    pub fn fit(&self, text: &str) -> String {
        let visible: String = self.redact(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = self.redact(&line);
        match line.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line,
        }
    }
}

/// What an answer's body says went wrong, as far as that can be told; empty where it says nothing.
pub(super) fn words(body: &[u8]) -> String {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        // AT Protocol: error, message. Mastodon: error, error_description. snac2: error.
        let said: Vec<&str> = ["error", "message", "error_description"]
            .iter()
            .filter_map(|key| value.get(key)?.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        return said.join(": ");
    }
    let text = String::from_utf8_lossy(body);
    if is_page(&text) {
        return match title(&text) {
            Some(title) => format!("a web page, {:?}", title.trim()),
            None => "a web page".to_owned(),
        };
    }
    text.into_owned()
}

/// Whether a text is HTML.
fn is_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<h1", "<p>"].iter().any(|tag| start.starts_with(tag))
}

fn title(page: &str) -> Option<&str> {
    let (_, after) = page.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    Some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_found_in_every_dialect() {
        assert_eq!(words(br#"{"error":"InvalidSwap","message":"Record was at x"}"#), "InvalidSwap: Record was at x");
        assert_eq!(words(br#"{"error":"Validation failed"}"#), "Validation failed");
        assert_eq!(words(b"<!DOCTYPE html>\n<title>404 Not Found</title>"), "a web page, \"404 Not Found\"");
        assert_eq!(words(b"no"), "no");
        assert_eq!(words(b""), "");
        assert_eq!(words(b"[1,2]"), "");
    }

    #[test]
    fn what_is_shown_is_short_and_keeps_secrets() {
        let mut secrets = Secrets::default();
        secrets.add("hunter2");
        secrets.add("hunter2-and-more");
        secrets.add("");
        assert_eq!(secrets.fit("bad\u{1b}[31m  pass\nhunter2-and-more, hunter2"), "bad [31m pass [secret], [secret]");
        assert_eq!(secrets.fit(&"ä".repeat(400)).chars().count(), 301);
        // A secret that begins before the cut does not leave its first half.
        assert!(!secrets.fit(&format!("{}hunter2", "x".repeat(297))).contains("hun"));
    }
}
