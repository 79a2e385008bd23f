//! Whether somebody is on Bluesky.

use serde_json::Value;

use super::is_did;
use crate::http::Http;
use crate::network::{Presence, SendError};

/// Asks the account's server, which needs no login for that:
/// <https://docs.bsky.app/docs/api/com-atproto-identity-resolve-handle> (checked 2026-11-28).
pub fn presence(http: &Http, handle: &str) -> Result<Presence, SendError> {
    let answer = http.get(&["xrpc", "com.atproto.identity.resolveHandle"]).query("handle", handle).answer()?;
    let body = answer.body();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    // The reference server says the rest in words (packages/pds/src/api/com/atproto/identity/resolveHandle.ts).
    let unknown = matches!(text("error"), "HandleNotFound" | "InvalidHandle")
        || text("message").eq_ignore_ascii_case("unable to resolve handle");
    Ok(match answer.status {
        200 if is_did(text("did")) => Presence::There,
        400 | 404 if unknown => Presence::Nobody { host: http.host() },
        _ => Presence::Unsure { why: format!("{} answers {}", http.host(), answer.status) },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::Caller;
    use crate::http::stub::{Reply, Stub};

    fn ask(handle: &str, reply: Reply) -> (Presence, String) {
        let stub = Stub::replies(vec![reply]);
        let http = Http::new(&stub.origin(), &Caller::default(), String::new()).unwrap();
        let presence = presence(&http, handle).unwrap_or_else(Presence::from);
        (presence, stub.seen()[0].target.clone())
    }

    #[test]
    fn who_has_an_identity_is_there_and_who_cannot_be_resolved_is_nobody() {
        let (presence, target) = ask("alice.example", Reply::json(200, json!({ "did": "did:web:alice.example" })));
        assert_eq!(presence, Presence::There);
        assert_eq!(target, "/xrpc/com.atproto.identity.resolveHandle?handle=alice.example");
        for (error, message) in
            [("InvalidRequest", "Unable to resolve handle"), ("HandleNotFound", ""), ("InvalidHandle", "no TLD")]
        {
            let answer = Reply::json(400, json!({ "error": error, "message": message }));
            assert!(matches!(ask("nobody.example", answer).0, Presence::Nobody { .. }), "{error}");
        }
    }

    #[test]
    fn whatever_else_it_answers_is_no_proof() {
        for reply in [
            Reply::json(400, json!({ "error": "InvalidRequest", "message": "too many handles" })),
            Reply::json(200, json!({ "did": "alice" })),
            Reply::json(404, json!({ "error": "MethodNotImplemented" })),
            Reply::page(502, "bad gateway"),
            Reply::page(200, "<html>"),
        ] {
            let said = ask("alice.example", reply.clone()).0;
            assert!(matches!(said, Presence::Unsure { .. }), "{reply:?} {said:?}");
        }
        assert!(matches!(ask("alice.example", Reply::HangUp).0, Presence::Silent { .. }));
    }
}
