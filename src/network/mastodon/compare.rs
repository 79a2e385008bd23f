//! Whether what a server shows is what was sent. Servers make HTML of text, shorten mentions and wrap links.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use url::Url;

/// How alike two texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same, but for what servers do to a text.
    Same,
    /// Half of the words or more: it may be the same on a server with ways of its own.
    Similar,
    /// Something else.
    Other,
}

/// Compares a text that was sent with HTML that a server shows.
pub(super) fn compare(text: &str, html: &str) -> Likeness {
    let (sent, shown) = (tokens(text), tokens(&plain(html)));
    if sent == shown {
        return Likeness::Same;
    }
    let (sent, shown) = (words(&sent), words(&shown));
    let shared: usize = sent.iter().map(|(word, count)| (*count).min(shown.get(word).copied().unwrap_or(0))).sum();
    let longer = sent.values().sum::<usize>().max(shown.values().sum());
    if shared * 2 >= longer { Likeness::Similar } else { Likeness::Other }
}

/// Whether two texts are the same, but for white space and the form of letters, links and mentions.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    tokens(one) == tokens(other)
}

/// The words of a text that is shown, spelled as they were sent where they are the same: a server shows @user for
/// @user@elsewhere.
pub(super) fn as_sent(sent: &str, shown: &str) -> String {
    let sent: String = sent.nfc().collect();
    let spelled: BTreeMap<String, &str> = sent.split_whitespace().map(|word| (token(word), word)).collect();
    let shown: String = shown.nfc().collect();
    let words: Vec<&str> =
        shown.split_whitespace().map(|word| spelled.get(&token(word)).copied().unwrap_or(word)).collect();
    words.join(" ")
}

/// What stands between white space; links and mentions in one form.
fn tokens(text: &str) -> Vec<String> {
    let text: String = text.nfc().collect();
    text.split_whitespace().map(token).collect()
}

fn token(token: &str) -> String {
    if let Some(handle) = token.strip_prefix('@') {
        // A server shows @user for @user@elsewhere.
        let user = handle.split('@').next().unwrap_or_default();
        return format!("@{}", user.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '_').to_lowercase());
    }
    match Url::parse(token) {
        Ok(url) if url.has_host() => url.as_str().trim_end_matches('/').to_owned(),
        _ => token.to_owned(),
    }
}

fn words(tokens: &[String]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in tokens.iter().flat_map(|token| token.split(|c: char| !c.is_alphanumeric())) {
        if !word.is_empty() {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    counts
}

/// HTML as text: tags gone, breaks as white space, links as their whole address.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::new();
    // A link that is open: its address, and where its text begins in `out`.
    let mut link: Option<(String, usize)> = None;
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&unescape(before));
        let Some((tag, after)) = after.split_once('>') else { return out };
        rest = after;
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        match name.trim_end_matches('/').to_ascii_lowercase().as_str() {
            "br" | "p" | "/p" | "div" | "/div" | "li" | "/li" => out.push(' '),
            "a" => link = attribute(tag, "href").map(|href| (unescape(href), out.len())),
            "/a" => {
                if let Some((href, start)) = link.take() {
                    let shown = out.get(start..).unwrap_or_default().trim_start();
                    // Mentions and hashtags are links too; people wrote their text, not their address.
                    if !shown.starts_with(['@', '#']) {
                        out.truncate(start);
                        out.push_str(&href);
                    }
                }
            }
            _ => {}
        }
    }
    out.push_str(&unescape(rest));
    out
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = tag.split_once(&format!("{name}="))?;
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after.get(1..)?.split(quote).next()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, after)| Some((character(name)?, after))) {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_servers_do_to_a_text_does_not_matter() {
        for (text, html) in [
            ("a\nb", "<p>a<br />b</p>"),
            ("a\n\nb", "<p>a</p><p>b</p>"),
            ("fish & <chips>, \"it's\"", "<p>fish &amp; &lt;chips&gt;, &quot;it&#39;s&quot;</p>"),
            (
                "see https://www.acme.example/launch?a=1&b=2 now",
                r#"<p>see <a href="https://www.acme.example/launch?a=1&amp;b=2" rel="nofollow"><span class="invisible">https://www.</span><span class="ellipsis">acme.example/lau</span><span class="invisible">nch</span></a> now</p>"#,
            ),
            ("https://acme.example", r#"<a href='https://acme.example/'>acme.example…</a>"#),
            (
                "hi @Bob@remote.example, #Launch",
                r#"<p>hi <span class="h-card"><a href="https://remote.example/@bob" class="u-url mention">@<span>bob</span></a></span>, <a href="https://m.example/tags/launch" class="mention hashtag" rel="tag">#<span>Launch</span></a></p>"#,
            ),
            ("", ""),
        ] {
            assert_eq!(compare(text, html), Likeness::Same, "{text}\n{:?}", plain(html));
        }
    }

    #[test]
    fn other_texts_are_others() {
        assert_eq!(compare("Autumn is here, and so is Acme 5.", "<p>Winter sale</p>"), Likeness::Other);
        assert_eq!(compare("Acme 5 is out *now*", "<p>Acme 5 is out <em>now</em></p>"), Likeness::Similar);
        assert_eq!(compare("Acme 5 is out", "<p>Acme 6 is out</p>"), Likeness::Similar);
    }

    #[test]
    fn what_is_shown_is_spelled_as_it_was_sent() {
        let sent = "hi @Bob@remote.example, Acme 5 is at https://acme.example";
        assert_eq!(
            as_sent(sent, "hi @bob,\nAcme 6 is at https://acme.example/"),
            "hi @Bob@remote.example, Acme 6 is at https://acme.example"
        );
        assert!(is_same("A  leaf", "A leaf") && !is_same("A leaf", "<p>A leaf</p>"));
    }

    proptest! {
        #[test]
        fn escaped_text_is_the_same_text(text in "[a-zäß😀 \n&<>\"']{0,60}") {
            let html: String = text.chars().map(|c| match c {
                '&' => "&amp;".to_owned(), '<' => "&lt;".to_owned(), '>' => "&gt;".to_owned(),
                '"' => "&quot;".to_owned(), '\n' => "<br>".to_owned(), c => c.to_string(),
            }).collect();
            prop_assert_eq!(compare(&text, &format!("<p>{html}</p>")), Likeness::Same);
        }

        #[test]
        fn no_html_breaks_it(html in "[a<>/&;#x\"'=ph ré…]{0,80}") {
            plain(&html);
        }
    }
}
