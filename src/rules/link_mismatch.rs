//! `link/mismatch`: a link that shows an address leads to it.
//!
//! `[acme.example](https://other.example)` shows readers one place and takes them to another: the oldest trick of phishing,
//! and mostly a link that was copied and half changed. Words that show no address may lead anywhere, and servers below one
//! name belong together (`acme.example`, `www.acme.example`).
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Read more on [acme.example/launch](https://acme-launch.example/5)
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Read more on [acme.example/launch](https://www.acme.example/launch) or in the [docs of Node.js](https://nodejs.org), and
//! file it with [gov.uk](https://www.gov.uk/file)
//! ```

use super::links::{belongs, readable, registered};
use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["link/mismatch"],
    "a link that shows an address leads to it",
    Level::Error,
    include_str!("link_mismatch.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    mismatches(written, findings);
}

/// Links of a post that show another address than theirs.
pub(super) fn mismatches(written: &Written<'_>, findings: &mut Vec<Finding>) {
    for address in &written.addresses {
        let Some(shown) = address.words.as_deref().and_then(shown) else { continue };
        let host = address.host();
        // Below an ending that many share (`gov.uk`), the ending itself may be a server.
        let kin = registered(&shown) == registered(host) || belongs(host, &shown) || belongs(&shown, host);
        if host.is_empty() || kin {
            continue;
        }
        let message =
            format!("the link shows {}, and leads to {}", suggest::quote(&readable(&shown)), suggest::quote(host));
        let finding = Finding::error("link/mismatch", &written.post.source, address.span.clone(), message);
        findings.push(
            finding
                .label("leads elsewhere")
                .help("let the words say what is there, or show the address that it leads to"),
        );
    }
}

/// The server that a link's words show, as the network knows it: words that are nothing but an address.
fn shown(words: &str) -> Option<String> {
    let words = words.trim().trim_end_matches(['.', ',', ':', '…']);
    if words.is_empty() || words.contains(char::is_whitespace) || words.contains('@') {
        return None;
    }
    let schemes = ["https://", "http://"];
    let bare = schemes.iter().find_map(|scheme| words.strip_prefix(scheme));
    let url = url::Url::parse(&format!("https://{}", bare.unwrap_or(words))).ok()?;
    let host = url.domain()?;
    let ending = host.rsplit_once('.').map(|(_, ending)| ending)?;
    // Without a scheme many names have a dot: `Node.js`, `README.md`, `ASP.NET`.
    let small = !words.contains(char::is_uppercase);
    let sure = bare.is_some() || words.starts_with("www.") || (small && ENDINGS.contains(&ending));
    sure.then(|| host.to_owned())
}

/// Endings of domains that are not endings of file names.
#[rustfmt::skip]
pub(super) const ENDINGS: [&str; 48] = [
    "com", "org", "net", "edu", "gov", "int", "info", "biz", "io", "dev", "app", "cloud", "social", "news", "blog", "shop", "tv",
    "me", "co", "ai", "eu", "uk", "de", "at", "ch", "fr", "es", "it", "pt", "nl", "be", "se", "no", "dk", "fi", "cz", "ie", "us",
    "ca", "au", "nz", "jp", "cn", "in", "br", "mx", "ru", "example",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_show_a_server() {
        for (words, host) in [
            ("acme.example", "acme.example"),
            ("https://Acme.example/x?y", "acme.example"),
            ("www.acme.rs", "www.acme.rs"),
            ("acme.co.uk/launch…", "acme.co.uk"),
            ("bücher.de", "xn--bcher-kva.de"),
        ] {
            assert_eq!(shown(words).as_deref(), Some(host), "{words}");
        }
        for words in [
            "Node.js",
            "README.md",
            "ASP.NET",
            "v1.2",
            "the news",
            "noor@acme.example",
            "発売。",
            "main.rs",
            "e.g.",
            "",
        ] {
            assert_eq!(shown(words), None, "{words}");
        }
    }
}
