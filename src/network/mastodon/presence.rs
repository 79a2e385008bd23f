//! Whether somebody is on the account's server, or on another one.

use crate::http::Http;
use crate::http::links::{Links, Verdict};
use crate::network::{Presence, SendError};

/// Asks the account's server, which needs no login for that and looks no further than its own memory
/// (<https://docs.joinmastodon.org/methods/accounts/#lookup>, checked 2026-11-28); whom it does not know on another server, that
/// one is asked for, as Mastodon does when it publishes (RFC 7033).
///
/// `domain` is that of the server's own people, where it is another than the server's.
pub fn presence(http: &Http, domain: Option<&str>, handle: &str) -> Result<Presence, SendError> {
    let (user, server) = handle.split_once('@').map_or((handle, None), |(user, server)| (user, Some(server)));
    let host = http.host();
    let own =
        |server: &&str| [Some(host.as_str()), domain].iter().flatten().any(|own| own.eq_ignore_ascii_case(server));
    let elsewhere = server.filter(|server| !own(server));
    let known_as = elsewhere.map_or_else(|| user.to_owned(), |server| format!("{user}@{server}"));
    let answer = http.get(&["api", "v1", "accounts", "lookup"]).query("acct", &known_as).answer()?;
    Ok(match (answer.status, elsewhere) {
        (200, _) if answer.body().get("id").is_some() => Presence::There,
        (_, Some(server)) => at(user, server),
        (404 | 410, None) => Presence::Nobody { host },
        (status, None) => Presence::Unsure { why: format!("{host} answers {status}") },
    })
}

/// Asks a server that the post names, as carefully as one asks after any link.
fn at(user: &str, server: &str) -> Presence {
    let Ok(mut url) = url::Url::parse(&format!("https://{server}/.well-known/webfinger")) else {
        return Presence::Unsure { why: format!("{server} is no server") };
    };
    url.query_pairs_mut().append_pair("resource", &format!("acct:{user}@{server}"));
    let verdict = Links::default().ask(&[url.into()]).pop();
    read(verdict, server)
}

fn read(verdict: Option<Verdict>, server: &str) -> Presence {
    match verdict {
        Some(Verdict::Fine | Verdict::Moved { .. } | Verdict::NoPlace) => Presence::There,
        Some(Verdict::Gone { .. }) => Presence::Nobody { host: server.to_owned() },
        // A server that is away for an hour takes nobody away.
        Some(Verdict::Dead { why } | Verdict::Private { why } | Verdict::Unsure { why }) => {
            Presence::Unsure { why: format!("{server}: {why}") }
        }
        None => Presence::Unsure { why: format!("{server} was not asked") },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::Caller;
    use crate::http::stub::{Reply, Stub};

    fn ask(handle: &str, reply: Reply) -> (Presence, Vec<String>) {
        let stub = Stub::replies(vec![reply]);
        let http = Http::new(&stub.origin(), &Caller::default(), String::new()).unwrap();
        let presence = presence(&http, Some("acme.example"), handle).unwrap_or_else(Presence::from);
        (presence, stub.seen().into_iter().map(|seen| seen.target).collect())
    }

    #[test]
    fn the_own_server_is_asked_without_its_name() {
        for handle in ["noor", "noor@acme.example", "noor@ACME.example"] {
            let (presence, seen) = ask(handle, Reply::json(200, json!({ "id": "7" })));
            assert_eq!((presence, seen), (Presence::There, vec!["/api/v1/accounts/lookup?acct=noor".to_owned()]));
        }
        let nobody = ask("noor", Reply::json(404, json!({ "error": "Record not found" }))).0;
        assert!(matches!(nobody, Presence::Nobody { host } if host.starts_with("127.0.0.1")));
        for status in [401, 403, 422, 500, 200] {
            let said = ask("noor", Reply::json(status, json!({}))).0;
            assert!(matches!(said, Presence::Unsure { .. }), "{status} {said:?}");
        }
        assert!(matches!(ask("noor", Reply::HangUp).0, Presence::Silent { .. }));
    }

    #[test]
    fn whom_the_own_server_knows_elsewhere_is_there() {
        let (presence, seen) = ask("li@social.example", Reply::json(200, json!({ "id": "8" })));
        assert_eq!(presence, Presence::There);
        assert_eq!(seen, ["/api/v1/accounts/lookup?acct=li%40social.example"]);
    }

    #[test]
    fn no_post_sends_this_program_into_a_private_network() {
        for server in ["127.0.0.1", "10.0.0.1", "localhost"] {
            let said = ask(&format!("li@{server}"), Reply::json(404, json!({}))).0;
            assert!(
                matches!(&said, Presence::Unsure { why } if why.contains("no public address")),
                "{server} {said:?}"
            );
        }
    }

    #[test]
    fn only_a_server_that_says_so_knows_nobody() {
        let said = |verdict| read(Some(verdict), "social.example");
        let why = || "it is away".to_owned();
        assert_eq!(said(Verdict::Fine), Presence::There);
        assert_eq!(said(Verdict::Gone { status: 404 }), Presence::Nobody { host: "social.example".to_owned() });
        for verdict in [Verdict::Dead { why: why() }, Verdict::Unsure { why: why() }, Verdict::Private { why: why() }] {
            assert_eq!(said(verdict), Presence::Unsure { why: "social.example: it is away".to_owned() });
        }
    }
}
