//! What a server said, fit to be shown: short, without control characters, without secrets.

use serde_json::Value;

use super::Redactor;

/// Characters of a server's words that are kept.
const LONGEST: usize = 300;

/// The text without secrets and control characters, in one line, shortened.
pub(super) fn fit(text: &str, secrets: &Redactor) -> String {
    let visible: String = secrets.redact(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = secrets.redact(&line);
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.into_owned(),
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
        let secrets = Redactor::new(["hunter2", "hunter2-and-more"]);
        let fit = |text: &str| fit(text, &secrets);
        assert_eq!(fit("bad\u{1b}[31m  pass\nhunter2-and-more, hunter2"), "bad [31m pass [secret], [secret]");
        assert_eq!(fit(&"ä".repeat(400)).chars().count(), 301);
        // A secret that begins before the cut does not leave its first half, in whatever form: this is
        // `printf 'acme:hunter2' | base64`.
        assert!(!fit(&format!("{}hunter2", "x".repeat(297))).contains("hun"));
        assert!(!fit(&format!("{}YWNtZTpodW50ZXIy", "x".repeat(288))).contains("odW50"));
    }
}
