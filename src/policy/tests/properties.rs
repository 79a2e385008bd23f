//! What holds whatever anybody puts on the branch.

use proptest::prelude::*;

use super::*;

/// How far along a decision is: a yes, and how many approvals count.
fn nearness(decision: &Decision) -> (bool, bool, usize) {
    let approvals = |node: &Decision| node.children.iter().filter(|child| child.approved()).count();
    let counted = decision.children.iter().map(|stage| usize::from(stage.approved()) + approvals(stage)).sum();
    (decision.approved(), decision.status != Status::Rejected, counted)
}

/// What somebody who was entitled to nothing can put on the branch.
fn intrusion() -> impl Strategy<Value = (usize, usize, usize)> {
    (0usize..8, 0usize..5, 0usize..3)
}

fn intrude(room: &mut Newsroom, (way, who, what): (usize, usize, usize)) {
    let name = ["li", "noor", "tess", "maya", "ben"][who];
    let mut statement = match what {
        0 => room.yes(name, "editor"),
        1 => room.yes(name, "legal"),
        _ => {
            let veto = room.statements.first().map_or_else(String::new, |first| first.commit.clone());
            room.says(name, Verb::Lift { commit: veto })
        }
    };
    match way {
        0 => statement.witness.signature = Signature::Missing,
        1 => statement.witness.signature = Signature::Invalid("made up".into()),
        2 => statement.witness.signature = Signature::Valid(key("mallory")),
        3 => statement.workspace = "other".into(),
        4 => statement.policy = None,
        5 => statement.policy = Some("not-on-the-branch".into()),
        6 => statement.witness.signature = Signature::Valid(Key(format!("ssh-ed25519 key-of-{name} "))),
        _ => statement.witness.signature = Signature::Valid(key("ben")),
    }
    if way == 7 && what == 2 {
        return; // Ben may lift what Ben rejected.
    }
    room.statements.push(statement);
}

proptest! {
    #[test]
    fn evidence_that_nobody_was_entitled_to_give_brings_nothing_nearer(
        honest in proptest::collection::vec((0usize..5, 0usize..3), 0..5),
        intrusions in proptest::collection::vec(intrusion(), 1..8),
        regulated: bool,
    ) {
        let mut room = if regulated { newsroom().regulated() } else { newsroom() };
        for (who, what) in honest {
            let name = ["li", "noor", "tess", "maya", "ben"][who];
            match what {
                0 => room.approve(name, "editor"),
                1 => room.approve(name, "legal"),
                _ => room.reject(name),
            };
        }
        let before = nearness(&room.judge());
        for one in intrusions {
            intrude(&mut room, one);
        }
        let after = nearness(&room.judge());
        prop_assert!(after <= before, "{before:?} became {after:?}");
    }

    #[test]
    fn every_bound_field_takes_the_approval_back(field in 0usize..5, salt in "[a-z]{1,8}", minutes in 1i64..500_000) {
        let mut room = newsroom();
        room.approve("li", "editor");
        prop_assert!(room.judge().approved());
        match field {
            0 => room.digest = Digest::of(salt.as_bytes()),
            1 => room.due = Due::At(DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)),
            2 => room.account = AccountName::new(&format!("mastodon/{salt}")).unwrap(),
            3 => room.post = post(&format!("autumn-{salt}")),
            _ => room.statements[0].workspace = salt,
        }
        prop_assert!(!room.judge().approved());
    }
}
