//! Servers that fail, and say every secret that they know in every form: none of it is shown, and none of it is kept.

use std::fmt::Write as _;

use serde_json::json;

use super::newsroom::{Desk, Said};
use super::office::Office;
use super::servers::{Mastodon, Pds};
use super::stub::{Reply, Stub};

const PASSWORD: &str = "Zq\"7 wörd/9+~Kx&Vb%Mh";
const TOKEN: &str = "Jt/4Xy+Qz=9&Wm~Rk%Lp\"3Fs";
/// What the server itself gives to whoever logs in.
const ACCESS: &str = "Hn+2Gv/Ud=Cs-Ey_Bo.Tf~8";
const REFRESH: &str = "Pw+5Ai/Xr=Nd-Ug_Yc.Ke~1";
/// What each server knows.
const BLUESKY: &[&str] = &[ACCESS, PASSWORD, REFRESH];
const MASTODON: &[&str] = &[TOKEN];

const POST: &str = "---\nto: [bluesky/alice, mastodon/testuser]\n---\nHello.\n";

/// A form in which a secret could turn up, and how many of its first characters are nobody's secret.
type Form = (String, usize);

fn forms(secret: &str) -> Vec<Form> {
    let encoded = |secret: &str, lower: bool| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            match byte {
                _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
                _ if lower => write!(text, "%{byte:02x}").unwrap(),
                _ => write!(text, "%{byte:02X}").unwrap(),
            }
            text
        })
    };
    let mut forms = Vec::new();
    for before in ["", "alice.test:", "x:"] {
        let standard = base64(format!("{before}{secret}").as_bytes());
        let open = (before.len() * 8).div_ceil(6);
        forms.push((standard.replace('+', "-").replace('/', "_"), open));
        forms.push((standard, open));
    }
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let texts = [encoded(secret, false), encoded(secret, true), form, json!(secret).to_string(), secret.to_owned()];
    forms.extend(texts.map(|text| (text, 0)));
    forms
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

/// Words of a server that gives everything away. `filler`: characters before them, so that what is shown ends in the
/// middle of a secret.
fn tattle(filler: usize, secrets: &[&str]) -> String {
    let forms: Vec<String> = secrets.iter().flat_map(|secret| forms(secret)).map(|(text, _)| text).collect();
    format!("{}{}", "x".repeat(filler), forms.join(" "))
}

/// No eight characters of any secret's form may be in a text.
#[track_caller]
fn clean(what: &str, text: &str) {
    for secret in [BLUESKY, MASTODON].concat() {
        for (form, open) in forms(secret) {
            let characters: Vec<char> = form.chars().skip(open).collect();
            for window in characters.windows(8) {
                let window: String = window.iter().collect();
                assert!(!text.contains(&window), "{window:?} of {form:?} in {what}:\n{text}");
            }
        }
    }
}

#[track_caller]
fn says_nothing(said: &Said) {
    clean(&said.command, &said.stdout);
    clean(&said.command, &said.stderr);
}

/// Whatever git and greenlit keep in a clone.
#[track_caller]
fn keeps_nothing(desk: &Desk<'_>) {
    clean("the clone's objects", &desk.git(["cat-file", "--batch-all-objects", "--batch", "--buffer"]));
    let kept = desk.shell("find .git/greenlit -type f -exec cat {} + 2>/dev/null");
    clean("what servers said of themselves", &kept.stdout);
}

/// Publishes against these servers, and looks on from all sides; what publish said.
#[track_caller]
fn nothing_leaks(bluesky: &str, mastodon: &str) -> Said {
    let office = Office::open(bluesky, mastodon, PASSWORD).with_token(TOKEN);
    office.approved(&[("hello", POST)]);
    let desk = office.ci();
    let published = desk.greenlit(["publish", "-vv"]);
    says_nothing(&published);
    for arguments in [
        &["publish", "-vv", "--dry-run", "--format", "json"][..],
        &["plan", "-vv", "--fetch"],
        &["status", "-vv", "--format", "json"],
        &["log", "-vv", "hello"],
        &["preview", "-vv", "hello"],
    ] {
        says_nothing(&desk.greenlit(arguments));
    }
    keeps_nothing(&desk);
    published
}

/// Servers where everybody may log in and nobody may write, or where every request fails; then each says all that it
/// knows.
fn tattlers(status: u16, filler: usize, may_log_in: bool) -> [Stub; 2] {
    let known = if may_log_in { BLUESKY } else { &[PASSWORD] };
    let bluesky = Stub::start(move |seen| match seen.path() {
        "/xrpc/com.atproto.server.createSession" if may_log_in => {
            let who =
                json!({ "did": "did:plc:abc", "handle": "alice.test", "accessJwt": ACCESS, "refreshJwt": REFRESH });
            Reply::json(200, who)
        }
        _ => Reply::json(status, json!({ "error": "Oops", "message": tattle(filler, known) })),
    });
    let mastodon = Stub::start(move |seen| match seen.path() {
        "/api/v1/accounts/verify_credentials" if may_log_in => {
            Reply::json(200, json!({ "id": "1", "username": Mastodon::HANDLE }))
        }
        "/api/v2/instance" if may_log_in => Reply::json(200, json!({})),
        _ => Reply::json(status, json!({ "error": tattle(filler, MASTODON) })),
    });
    [bluesky, mastodon]
}

#[test]
fn when_a_post_is_refused() {
    for filler in [0, 285] {
        let [bluesky, mastodon] = tattlers(400, filler, true);
        nothing_leaks(&bluesky.origin(), &mastodon.origin()).exits(4).shows("answered 400");
    }
}

#[test]
fn when_nobody_knows_whether_it_arrived() {
    let [bluesky, mastodon] = tattlers(500, 0, true);
    nothing_leaks(&bluesky.origin(), &mastodon.origin()).exits(4).shows("answered 500");
}

#[test]
fn when_the_server_fails_at_once() {
    let [bluesky, mastodon] = tattlers(500, 280, false);
    nothing_leaks(&bluesky.origin(), &mastodon.origin()).exits(4).shows("answered 500");
}

#[test]
fn when_it_fails_with_a_page() {
    let page =
        |secrets| Stub::start(move |_| Reply::page(401, &format!("<html><title>{}</title>", tattle(250, secrets))));
    let (bluesky, mastodon) = (page(&[PASSWORD]), page(MASTODON));
    nothing_leaks(&bluesky.origin(), &mastodon.origin()).exits(4).shows("answered 401");
}

#[test]
fn when_it_sends_us_elsewhere() {
    let elsewhere = Stub::start(|_| Reply::json(200, json!({})));
    let everything = tattle(0, &[BLUESKY, MASTODON].concat());
    let query: String = url::form_urlencoded::byte_serialize(everything.as_bytes()).collect();
    let target = format!("{}/{query}?{query}", elsewhere.origin());
    let server = Stub::start(move |_| Reply::page(307, "").with("Location", &target));
    nothing_leaks(&server.origin(), &server.origin()).exits(4).complains("which is not followed");
    assert!(elsewhere.seen().is_empty(), "and nobody was asked there");
}

#[test]
fn when_real_servers_know_other_secrets() {
    let (pds, mastodon) = (Pds::start(), Mastodon::start());
    nothing_leaks(&pds.origin, &mastodon.origin).exits(4).shows("answered 401");
    assert!(pds.posts().is_empty() && mastodon.posts().is_empty());
}
