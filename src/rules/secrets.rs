//! Keys, tokens and passwords in a text, found by the forms that their makers publish.
//!
//! Forms and lengths are those of GitHub ("Authentication token format updates", github.blog, 2021-03-31), GitLab
//! (`glpat-`), Slack ("Token types", docs.slack.dev), AWS ("IAM identifiers"), Google, Stripe, OpenAI, Anthropic, npm,
//! PyPI, Telegram and Discord, held against the rules of gitleaks (<https://github.com/gitleaks/gitleaks>, checked
//! 2026-11-28). What is there to show a form (`ghp_xxxxxxxx`, `AKIA…EXAMPLE`) is no secret.

use std::borrow::Cow;
use std::ops::Range;

/// A stretch of a text that opens something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its bytes, on character boundaries.
    pub range: Range<usize>,
    /// What it seems to be: `a GitHub token`.
    pub kind: &'static str,
    /// The beginning that all secrets of this form have, and that tells nothing; empty where there is none.
    pub prefix: &'static str,
}

/// The secrets of a text, in order and apart from each other.
pub fn find(text: &str) -> Vec<Secret> {
    let (plain, removed) = unescaped(text);
    let mut found = Vec::new();
    addresses(&plain, &mut found);
    private_keys(&plain, &mut found);
    runs(&plain, &mut found);
    found.sort_by_key(|secret| (secret.range.start, std::cmp::Reverse(secret.range.end)));
    let mut end = 0;
    found.retain(|secret| {
        let apart = secret.range.start >= end;
        end = end.max(secret.range.end);
        apart
    });
    for secret in &mut found {
        let place = |at: usize| at + removed.partition_point(|removed| *removed <= at);
        // The end is behind the last character, not before the next one.
        secret.range = place(secret.range.start)..place(secret.range.end.saturating_sub(1)) + 1;
    }
    found
}

/// Markdown's `\_` and `\-` as what they are shown as, and where in the new text a backslash is missing.
fn unescaped(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    if !text.contains("\\_") && !text.contains("\\-") {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut plain, mut removed) = (String::with_capacity(text.len()), Vec::new());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && matches!(chars.peek(), Some('_' | '-')) {
            removed.push(plain.len());
        } else {
            plain.push(c);
        }
    }
    (Cow::Owned(plain), removed)
}

/// A form that begins in one way.
struct Form {
    prefix: &'static str,
    /// What it may be made of behind the prefix.
    made_of: fn(u8) -> bool,
    /// Characters behind the prefix.
    length: std::ops::RangeInclusive<usize>,
    kind: &'static str,
}

const LONG: usize = 1 << 12;

const fn form(
    prefix: &'static str,
    made_of: fn(u8) -> bool,
    length: std::ops::RangeInclusive<usize>,
    kind: &'static str,
) -> Form {
    Form { prefix, made_of, length, kind }
}

/// The longer of two prefixes comes first.
const FORMS: [Form; 28] = [
    form("ghp_", word, 36..=LONG, "a GitHub token"),
    form("gho_", word, 36..=LONG, "a GitHub token"),
    form("ghu_", word, 36..=LONG, "a GitHub token"),
    form("ghs_", word, 36..=LONG, "a GitHub token"),
    form("ghr_", word, 36..=LONG, "a GitHub token"),
    form("github_pat_", word, 60..=LONG, "a GitHub token"),
    form("glpat-", dashed, 20..=LONG, "a GitLab token"),
    form("xoxb-", dashed, 20..=LONG, "a Slack token"),
    form("xoxa-", dashed, 20..=LONG, "a Slack token"),
    form("xoxp-", dashed, 20..=LONG, "a Slack token"),
    form("xoxr-", dashed, 20..=LONG, "a Slack token"),
    form("xoxs-", dashed, 20..=LONG, "a Slack token"),
    form("xapp-", dashed, 20..=LONG, "a Slack token"),
    form("AKIA", capital, 16..=16, "an AWS access key"),
    form("ASIA", capital, 16..=16, "an AWS access key"),
    form("AIza", dashed, 35..=35, "a Google API key"),
    form("sk_live_", word, 16..=LONG, "a Stripe key"),
    form("rk_live_", word, 16..=LONG, "a Stripe key"),
    form("sk-ant-", dashed, 32..=LONG, "an Anthropic key"),
    form("sk-", dashed, 40..=LONG, "an OpenAI key"),
    form("npm_", letters, 36..=36, "an npm token"),
    form("pypi-AgE", dashed, 50..=LONG, "a PyPI token"),
    form("hf_", letters, 34..=34, "a Hugging Face token"),
    form("dop_v1_", letters, 64..=64, "a DigitalOcean token"),
    form("shpat_", letters, 32..=32, "a Shopify token"),
    form("whsec_", word, 24..=LONG, "a webhook's secret"),
    form("EAAC", word, 100..=LONG, "a Meta access token"),
    form("EAAM", word, 100..=LONG, "a Meta access token"),
];

/// Stretches of letters, digits, `_` and `-`: long ones hardly occur in what people write.
fn runs(text: &str, found: &mut Vec<Secret>) {
    const SHORTEST: usize = 16;
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let length = bytes.iter().skip(start).position(|byte| !dashed(*byte)).unwrap_or(bytes.len() - start);
        if length >= SHORTEST {
            run(text, start..start + length, found);
        }
        start += length + 1;
    }
}

fn run(text: &str, range: Range<usize>, found: &mut Vec<Secret>) {
    let all = text.get(range.clone()).unwrap_or_default();
    let starts = all.bytes().enumerate().filter(|(at, byte)| {
        let before = at.checked_sub(1).and_then(|at| all.as_bytes().get(at));
        byte.is_ascii_alphabetic() && before.is_none_or(|before| matches!(before, b'_' | b'-'))
    });
    for (at, _) in starts {
        let rest = all.get(at..).unwrap_or_default();
        let Some(form) = FORMS.iter().find(|form| rest.starts_with(form.prefix)) else { continue };
        let body = rest.get(form.prefix.len()..).unwrap_or_default();
        let length = body.bytes().position(|byte| !(form.made_of)(byte)).unwrap_or(body.len());
        let body = body.get(..length).unwrap_or_default();
        // `sk-` may begin the name of a page too, which has no capitals.
        let sure = form.prefix != "sk-" || body.bytes().any(|byte| byte.is_ascii_uppercase());
        if sure && form.length.contains(&length) && is_random(body) {
            let start = range.start + at;
            let range = start..start + form.prefix.len() + length;
            found.push(Secret { range, kind: form.kind, prefix: form.prefix });
            return;
        }
    }
    found.extend(telegram(text, &range).or_else(|| bluesky(text, &range)).or_else(|| web_token(text, &range)));
}

/// `123456789:` and 35 characters.
fn telegram(text: &str, range: &Range<usize>) -> Option<Secret> {
    let before = text.get(..range.start)?.strip_suffix(':')?;
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = before.len() - digits;
    let apart = before.get(..start)?.bytes().next_back().is_none_or(|byte| !dashed(byte));
    let secret = apart && (8..=10).contains(&digits) && range.len() == 35 && is_random(text.get(range.clone())?);
    secret.then_some(Secret { range: start..range.end, kind: "a Telegram bot's token", prefix: "" })
}

/// Bluesky's app passwords: four times four letters and the digits 2 to 7. Years have none of these digits alone, and
/// the ends of addresses are words.
fn bluesky(text: &str, range: &Range<usize>) -> Option<Secret> {
    let all = text.get(range.clone()).filter(|all| all.len() == 19)?;
    let mut groups = all.split('-');
    let good =
        |group: &str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
    let mixed =
        |group: &&str| group.bytes().any(|b| b.is_ascii_digit()) && group.bytes().any(|b| b.is_ascii_lowercase());
    let secret = groups.clone().count() == 4 && groups.clone().all(good) && groups.any(|group| mixed(&group));
    let in_address = text.get(..range.start).is_some_and(|before| before.ends_with('/'));
    (secret && !in_address).then(|| Secret { range: range.clone(), kind: "a Bluesky app password", prefix: "" })
}

/// Three pieces of base64 with dots between them, the first two of JSON objects (RFC 7519).
fn web_token(text: &str, range: &Range<usize>) -> Option<Secret> {
    let all = text.get(range.start..)?;
    let mut pieces = all.splitn(3, '.');
    let (header, claims) = (pieces.next()?, pieces.next()?);
    let signature = pieces.next()?;
    let signature = signature.get(..signature.bytes().take_while(|byte| dashed(*byte)).count())?;
    let good = header.len() == range.len()
        && [header, claims].iter().all(|piece| piece.starts_with("eyJ") && piece.bytes().all(dashed))
        && signature.len() >= 16;
    let end = range.start + header.len() + claims.len() + signature.len() + 2;
    good.then_some(Secret { range: range.start..end, kind: "a signed token (JWT)", prefix: "eyJ" })
}

/// `-----BEGIN … PRIVATE KEY-----` with a key behind it.
fn private_keys(text: &str, found: &mut Vec<Secret>) {
    const LONGEST: usize = 1 << 14;
    for (start, opening) in text.match_indices("-----BEGIN ") {
        let rest = text.get(start + opening.len()..).unwrap_or_default();
        let Some((name, behind)) = rest.split_once("-----") else { continue };
        if name.len() > 40 || !name.contains("PRIVATE KEY") {
            continue;
        }
        let (body, closed) = match behind.find("-----END ") {
            Some(end) if end <= LONGEST => (behind.get(..end).unwrap_or_default(), true),
            _ => (behind.split("\n\n").next().unwrap_or_default(), false),
        };
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if body.split(|c: char| !c.is_ascii() || !base64(c as u8)).any(|line| line.len() >= 32) {
            let begins = start + opening.len() + name.len() + "-----".len();
            let end = begins + body.trim_end().len();
            let end = if closed { begins + body.len() } else { end };
            found.push(Secret { range: start..end, kind: "a private key", prefix: "" });
        }
    }
}

/// Passwords and tokens in addresses, and addresses that let everybody post who knows them.
fn addresses(text: &str, found: &mut Vec<Secret>) {
    for (at, sign) in text.match_indices("://") {
        let start = at + sign.len();
        let rest = text.get(start..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']' | '`');
        let address = rest.split(ends).next().unwrap_or_default();
        let path = address.find(['/', '?', '#']).unwrap_or(address.len());
        let (authority, path) = address.split_at(path);
        if let Some((user, host)) = authority.rsplit_once('@')
            && let Some((_, password)) = user.split_once(':')
            && !host.is_empty()
            && !is_stand_in(password)
        {
            let kind = "a name and password in an address";
            found.push(Secret { range: start..start + user.len(), kind, prefix: "" });
        }
        webhook(authority, path, start + authority.len(), found);
        parameters(path, start + authority.len(), found);
    }
}

fn webhook(host: &str, path: &str, start: usize, found: &mut Vec<Secret>) {
    let discord = ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"].contains(&host);
    let (root, kind) = match host {
        "hooks.slack.com" => ("/services/", "a Slack webhook's address"),
        "api.telegram.org" => ("/bot", "a Telegram bot's token"),
        _ if discord => ("/api/webhooks/", "a Discord webhook's address"),
        _ => return,
    };
    let Some(key) = path.strip_prefix(root) else { return };
    let key = key.get(..key.find(['?', '#']).unwrap_or(key.len())).unwrap_or_default();
    if key.len() >= 40 && is_random(key) {
        let from = start + root.len();
        found.push(Secret { range: from..from + key.len(), kind, prefix: "" });
    }
}

/// `?token=…`
fn parameters(path: &str, start: usize, found: &mut Vec<Secret>) {
    let mut at = start;
    for piece in path.split(['?', '&', '#', ';']) {
        let pair = piece.split_once('=').filter(|(name, _)| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)));
        if let Some((name, value)) = pair {
            let value = value.trim_end_matches(['.', ',', '!', ':', '*', '_']);
            let from = at + name.len() + 1;
            let guessed = value.bytes().any(|byte| byte.is_ascii_digit()) && value.len() >= 6;
            if guessed && !is_stand_in(value) {
                let kind = if name.to_ascii_lowercase().starts_with("pass") || name.eq_ignore_ascii_case("pwd") {
                    "a password in an address"
                } else {
                    "a token in an address"
                };
                found.push(Secret { range: from..from + value.len(), kind, prefix: "" });
            }
        }
        at += piece.len() + 1;
    }
}

/// What parameters are called that hold a secret.
const NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "access_token",
    "auth_token",
    "refresh_token",
    "api_key",
    "apikey",
    "api_token",
    "secret",
    "client_secret",
];

/// Whether characters are mixed as a machine mixes them: nobody wrote them to show a form.
fn is_random(body: &str) -> bool {
    let mut seen = [false; 128];
    for byte in body.bytes() {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let digits = body.bytes().any(|byte| byte.is_ascii_digit());
    different >= 8 && (digits || body.len() >= 30) && !is_stand_in(body)
}

/// Whether something stands where a secret would: `***`, `<token>`, `YOUR_TOKEN`, `$TOKEN`, `xxxx`.
fn is_stand_in(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    let words = ["example", "xxxx", "****", "1234567890", "abcdefgh", "...", "…"];
    value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '•' | '.'))
        || value.starts_with(['$', '{', '<', '['])
        || is_variable(value)
        || folded.match_indices("your").any(|(at, your)| is_yours(&folded, at, at + your.len()))
        || words.iter().any(|word| folded.contains(word))
}

/// `%PASSWORD%`, and no `%70`.
fn is_variable(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('%') else { return false };
    let hex = rest.get(..2).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !hex || rest.ends_with('%')
}

/// Whether a “your” begins a word and what it asks for follows: `your_token`, `YOURPASSWORD`.
fn is_yours(folded: &str, start: usize, end: usize) -> bool {
    const ASKED: [&str; 16] = [
        "token", "key", "api", "pass", "pwd", "secret", "access", "auth", "user", "name", "own", "client", "webhook",
        "bot", "app", "account",
    ];
    let (before, after) = (folded.get(..start).unwrap_or_default(), folded.get(end..).unwrap_or_default());
    let asked = after.trim_start_matches(['_', '-', '.', ' ']);
    !before.ends_with(char::is_alphanumeric) && ASKED.iter().any(|word| asked.starts_with(word))
}

fn letters(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn word(byte: u8) -> bool {
    letters(byte) || byte == b'_'
}

fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// So many characters as a machine mixes them. No whole token stands in this file, lest it be taken for one.
    fn mixed(length: usize) -> String {
        "7Gk2PqXz9LwA4tRb6VnC3mYd8HsJ5fEu".chars().cycle().take(length).collect()
    }

    fn found(text: &str) -> Vec<(&'static str, String)> {
        find(text).into_iter().map(|secret| (secret.kind, text[secret.range].to_owned())).collect()
    }

    #[test]
    fn every_published_form_is_found_wherever_it_stands() {
        for form in &FORMS {
            let least = *form.length.start();
            let body = match form.prefix {
                "AKIA" | "ASIA" => mixed(least).to_uppercase(),
                _ => mixed(least),
            };
            let secret = format!("{}{body}", form.prefix);
            for text in [
                secret.clone(),
                format!("Der Schlüssel ist {secret}."),
                format!("`{secret}`"),
                format!("キー：{secret}です"),
                format!("**{secret}**"),
                format!("export TOKEN={secret}\n"),
                format!("key-{secret}"),
            ] {
                assert_eq!(found(&text), [(form.kind, secret.clone())], "{text}");
            }
            let short = format!("{}{}", form.prefix, body.get(1..).unwrap());
            assert_eq!(found(&short), [], "{short}");
            let shown = format!("{}{}", form.prefix, "x".repeat(least));
            assert_eq!(found(&shown), [], "{shown}");
        }
    }

    #[test]
    fn forms_of_several_pieces() {
        let bot = format!("{}:{}", 123_456_789, mixed(35));
        assert_eq!(found(&format!("bot {bot}!")), [("a Telegram bot's token", bot.clone())]);
        let token = format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", mixed(20), mixed(43));
        assert_eq!(found(&format!("Bearer {token}")), [("a signed token (JWT)", token.clone())]);
        assert_eq!(found("x3tq-ab7c-wert-zu2i"), [("a Bluesky app password", "x3tq-ab7c-wert-zu2i".to_owned())]);
        let key = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n{}\n", mixed(64), mixed(20));
        let text = format!("{key}-----END OPENSSH PRIVATE KEY-----\n");
        assert_eq!(found(&text), [("a private key", key.clone())]);
        assert_eq!(found(&key), [("a private key", key.trim_end().to_owned())]);
    }

    #[test]
    fn addresses_that_open_something() {
        let slack = format!("T{}/B{}/{}", mixed(9), mixed(9), mixed(24));
        let discord = format!("112233445566778899/{}", mixed(68));
        for (text, kind, secret) in [
            (format!("https://hooks.slack.com/services/{slack}"), "a Slack webhook's address", slack.as_str()),
            (format!("(https://discord.com/api/webhooks/{discord})"), "a Discord webhook's address", &discord),
            ("https://me:hunter2@acme.example/x".to_owned(), "a name and password in an address", "me:hunter2"),
            ("[x](https://acme.example/?a=1&token=9f8e7d6c5b)".to_owned(), "a token in an address", "9f8e7d6c5b"),
            ("https://acme.example/#Access_Token=q1w2e3r4".to_owned(), "a token in an address", "q1w2e3r4"),
            ("https://acme.example/?password=hunter22.".to_owned(), "a password in an address", "hunter22"),
            ("https://me:%70%40ss7@acme.example".to_owned(), "a name and password in an address", "me:%70%40ss7"),
            (
                "https://me:tie-your-shoes7@a.example".to_owned(),
                "a name and password in an address",
                "me:tie-your-shoes7",
            ),
            ("https://a.example/?token=9your8key7".to_owned(), "a token in an address", "9your8key7"),
        ] {
            assert_eq!(found(&text), [(kind, secret.to_owned())], "{text}");
        }
    }

    #[test]
    fn markdown_may_escape_what_a_token_is_made_of() {
        let text = format!("ghp\\_{} und x\\_y", mixed(36));
        assert_eq!(found(&text), [("a GitHub token", format!("ghp\\_{}", mixed(36)))]);
    }

    #[test]
    fn what_people_write_is_no_secret() {
        for text in [
            "Tokens of GitHub begin with ghp_, those of GitLab with glpat-.",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx AKIAIOSFODNN7EXAMPLE sk-your-key-here-and-nothing-else-please-ok",
            "https://acme.example/blog/2026/11/what-we-learned-from-moving-four-thousand-teams",
            "https://acme.example/?token=YOUR_TOKEN https://me:$PASSWORD@acme.example https://user:****@acme.example https://me:%PASSWORD%@acme.example https://me:%DB_PASS%@acme.example https://me:yourpassword@x.example",
            "https://acme.example/?tokens=12345678&page=2 https://mastodon.example/@acme/112233445566778899",
            "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11 sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            "this-that-then-when plan-2026-test-work https://acme.example/win2-days-left-here",
            "did:plc:z72i7hdynmk6r22z27h6tvur bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5ip3cm4lq6ptvu4",
            "-----BEGIN PRIVATE KEY----- is how such a file begins. -----BEGIN PUBLIC KEY-----\nMIIB\n",
            "https://acme.example/how-to-use-sk-learn-tutorial-for-beginners-and-everyone-else-2026",
            "https://acme.example/pypi-packages-of-the-week-that-everybody-in-the-world-should-know-2026",
            "会議は10:00から。 sk-learn und npm_config_registry",
            "ssh://git@acme.example/x.git mailto:noor@acme.example 12:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_ranges_on_boundaries(text in r"(\PC|ghp_|://|@|:|=|token|\\_|-----BEGIN |eyJ\.|\n){0,60}") {
            let mut end = 0;
            for secret in find(&text) {
                prop_assert!(secret.range.start >= end && secret.range.end <= text.len());
                prop_assert!(text.get(secret.range.clone()).is_some());
                end = secret.range.end;
            }
        }
    }
}
