//! Taking down what is out.

use super::*;

/// A thread of three that is out.
fn thread(stub: &Stub) -> (Box<dyn Session>, Payload, Value, Vec<PartReceipt>) {
    let mut session = connect(stub).unwrap();
    let payload = payload(vec![part("one"), part("two"), part("three")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(with_job(&payload, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap());
    }
    (session, payload, frozen, sent)
}

#[test]
fn what_is_out_is_taken_down_and_saying_so_again_does_no_harm() {
    let (stub, inside) = server();
    let (mut session, payload, frozen, sent) = thread(&stub);
    let mut down = |n: usize| with_job(&payload, &frozen, &sent[..n], |job| session.take_down(job, &sent[n]));
    assert_eq!(down(2), Ok(Removed::TakenDown));
    assert_eq!(down(2), Ok(Removed::AlreadyGone));
    assert_eq!(down(0), Ok(Removed::TakenDown));
    let left: Vec<_> = inside.lock().unwrap().posts.iter().map(|post| post["id"].clone()).collect();
    assert_eq!(left, [json!("101")], "and nothing else went");
    let asked = stub.seen().into_iter().find(|seen| seen.method == "DELETE").unwrap();
    assert_eq!(asked.target, "/api/v1/statuses/102?delete_media=true");
}

#[test]
fn a_lost_answer_is_told_apart_from_a_refusal() {
    let (stub, inside) = server();
    let (mut session, payload, frozen, sent) = thread(&stub);
    let mut answered = |reply: Reply| {
        inside.lock().unwrap().instead.push(("/api/v1/statuses/100", reply));
        with_job(&payload, &frozen, &[], |job| session.take_down(job, &sent[0]))
    };
    assert!(matches!(answered(Reply::HangUp), Err(SendError::Ambiguous { .. })));
    assert!(matches!(answered(Reply::page(502, "<html>")), Err(SendError::Ambiguous { .. })));
    assert!(matches!(answered(Reply::json(429, json!({}))), Err(SendError::NotSent { .. })));
    assert!(matches!(answered(Reply::json(403, json!({}))), Err(SendError::Refused { .. })));
    assert!(matches!(answered(Reply::json(401, json!({}))), Err(SendError::Credentials { .. })));
    assert_eq!(answered(Reply::json(410, json!({}))), Ok(Removed::AlreadyGone));
    assert_eq!(inside.lock().unwrap().posts.len(), 3);
}

#[test]
fn what_somebody_found_is_known_by_its_page() {
    let (stub, inside) = server();
    let (mut session, payload, frozen, sent) = thread(&stub);
    let page = |n: usize| {
        let url = sent[n].url.clone().unwrap();
        PartReceipt { id: url.clone(), url: Some(url), revision: None }
    };
    let mut down = |receipt: PartReceipt| with_job(&payload, &frozen, &[], |job| session.take_down(job, &receipt));
    assert_eq!(down(page(1)), Ok(Removed::TakenDown));
    assert_eq!(down(page(1)), Ok(Removed::AlreadyGone), "all that came since the claim were looked through");
    inside.lock().unwrap().instead.push(("/api/v1/accounts/7/statuses", Reply::json(200, json!({}))));
    assert!(matches!(down(page(0)), Err(SendError::Refused { reason }) if reason.contains("was not found")));
    assert_eq!(inside.lock().unwrap().posts.len(), 2);
}

#[test]
fn what_was_claimed_for_another_account_is_left_alone() {
    let (stub, inside) = server();
    let (mut session, payload, mut frozen, sent) = thread(&stub);
    frozen["account"] = json!("8");
    let refused = with_job(&payload, &frozen, &[], |job| session.take_down(job, &sent[0]));
    assert!(matches!(refused, Err(SendError::Refused { .. })));
    assert_eq!(inside.lock().unwrap().posts.len(), 3);
}
