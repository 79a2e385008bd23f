//! What holds whatever anybody puts on the branch.

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::workspace::{Away, EditRule};

const PEOPLE: [&str; 5] = ["li", "noor", "tess", "maya", "ben"];

/// How near a decision is to a yes: where it stands, and how many approvals and stages count. What stands in the way
/// comes before what is merely missing.
fn nearness(decision: &Decision) -> (u8, usize) {
    fn counted(node: &Decision) -> usize {
        let here = matches!(node.kind, Kind::Approval | Kind::Stage | Kind::Workflow) && node.approved();
        usize::from(here) + node.children.iter().map(counted).sum::<usize>()
    }
    let rank = match decision.status {
        Status::Approved => 4,
        Status::Waiting => 3,
        Status::Pending => 2,
        Status::Held => 1,
        Status::Rejected | Status::Error | Status::NotCounted => 0,
    };
    (rank, decision.children.iter().map(counted).sum())
}

/// A newsroom with all that can be asked of it: stages side by side, workflows combined, all of a role, deadlines,
/// stand-ins, rules on edits.
fn newsroom_of(shape: u16) -> Newsroom {
    let on = |bit: u16| shape & (1 << bit) != 0;
    let mut room = if on(0) { newsroom().regulated() } else { newsroom() };
    room.landed = Some(time("2026-11-30T08:00:00Z"));
    room.clock = time(if on(1) { "2026-12-03T09:00:00Z" } else { "2026-11-30T09:00:00Z" });
    room.always(|roles| {
        roles.workflows[0].stages[1].parallel = on(2);
        if on(3) {
            roles.workflows[1].stages[0].needs = Needs::Some(2);
        }
        if on(4) {
            roles.workflows[1].stages[0].needs = Needs::All;
        }
        if on(5) {
            roles.workflows[1].and = vec!["regulated".into()];
        }
        if on(6) {
            roles.workflows[0].stages[0].within = Some(std::time::Duration::from_secs(24 * 3600));
            roles.workflows[0].stages[0].escalate_to = Some("admin".into());
            roles.workflows[0].stages[1].within = Some(std::time::Duration::from_secs(3600));
            roles.workflows[0].stages[1].escalate_to = Some("admin".into());
        }
        if on(7) {
            let day = |text: &str| text.parse::<NaiveDate>().unwrap();
            let away = Away { from: day("2026-11-28"), to: day("2026-12-01"), stand_in: Some("tess".into()) };
            roles.people.get_mut("noor").unwrap().away = vec![away];
        }
        if on(8) {
            let rule = EditRule { paths: vec!["posts/".into()], roles: vec!["legal".into()] };
            roles.permissions.edit = vec![rule];
        }
        if on(9) {
            let again = roles.workflows[1].stages[0].clone();
            roles.workflows[1].stages.push(again);
        }
    });
    room
}

/// What somebody says who may: who, what, when the publisher saw it.
fn honest() -> impl Strategy<Value = Vec<(usize, usize, Option<i64>)>> {
    proptest::collection::vec((0usize..5, 0usize..9, proptest::option::of(0i64..200)), 0..8)
}

fn say(room: &mut Newsroom, (who, what, seen): (usize, usize, Option<i64>)) {
    let name = PEOPLE[who];
    let target = room.statements.get(who % room.statements.len().max(1)).map(|one| one.commit.clone());
    let mut statement = match (what, target) {
        (0 | 1, _) => room.yes(name, "editor"),
        (2 | 3, _) => room.yes(name, "legal"),
        (4, _) => Statement { stands_in_for: Some("noor".into()), ..room.yes(name, "editor") },
        (5, _) => room.says(name, Verb::Reject { post: room.post.id.clone() }),
        (6, _) => room.says(name, Verb::Hold { scope: HoldScope::Everything }),
        (7, Some(commit)) => room.says(name, Verb::Resume { commit }),
        (8, Some(commit)) => room.says(name, Verb::Lift { commit }),
        _ => return,
    };
    statement.seen = seen.map(|hours| time("2026-11-27T00:00:00Z") + TimeDelta::hours(hours));
    room.add(statement);
}

/// What somebody puts there who is entitled to nothing: how they try to seem to be, as whom, what they say.
fn intrusion() -> impl Strategy<Value = (usize, usize, usize, usize)> {
    (0usize..12, 0usize..5, 0usize..7, 0usize..8)
}

fn intrude(room: &mut Newsroom, (way, who, what, target): (usize, usize, usize, usize)) {
    let name = PEOPLE[who];
    let commit = room.statements.get(target).map_or_else(|| "none".to_owned(), |one| one.commit.clone());
    let mut statement = match what {
        0 => room.yes(name, "editor"),
        1 => room.yes(name, "legal"),
        2 => Statement { stands_in_for: Some(PEOPLE[target % 5].into()), ..room.yes(name, "editor") },
        3 => room.says(name, Verb::Lift { commit }),
        4 => room.says(name, Verb::Resume { commit }),
        5 => room.says(name, Verb::Withdraw { commit }),
        _ => room.says(name, Verb::Comment { post: room.post.id.clone() }),
    };
    match way {
        0 => statement.witness.signature = Signature::Missing,
        1 => statement.witness.signature = Signature::Invalid("made up".into()),
        2 => statement.witness.signature = Signature::Valid(key("mallory")),
        3 => statement.workspace = "other".into(),
        4 => statement.policy = None,
        5 => statement.policy = Some("not-on-the-branch".into()),
        6 => statement.witness.signature = Signature::Valid(Key(format!("ssh-ed25519 key-of-{name} "))),
        7 => {
            // A key of theirs that was taken back.
            room.always(|roles| {
                let lost = Key(format!("ssh-ed25519 lost-by-{name}"));
                roles.people.get_mut(name).unwrap().keys.push(lost.into());
            });
            let lost = Key(format!("ssh-ed25519 lost-by-{name}"));
            room.revoked.insert(lost.clone());
            statement.witness.signature = Signature::Valid(lost);
        }
        8 => {
            room.always(|roles| {
                let bot = Person { keys: vec![key("robot").into()], bot: true, ..Person::default() };
                roles.people.insert("robot".into(), bot);
                for role in ["editor", "legal", "admin"] {
                    let people = roles.roles.get_mut(role).unwrap();
                    if !people.contains(&"robot".to_owned()) {
                        people.push("robot".into());
                    }
                }
            });
            statement.witness.signature = Signature::Valid(key("robot"));
        }
        9 => {
            for verb in &mut statement.verbs {
                match verb {
                    Verb::Approve { digest, .. } => *digest = Digest::of(b"something else"),
                    Verb::Lift { commit } | Verb::Resume { commit } | Verb::Withdraw { commit } => commit.push('0'),
                    _ => {}
                }
            }
        }
        10 => {
            // A stand-in for somebody whom they do not stand in for.
            if !matches!(what, 0..=2) {
                return;
            }
            statement.stands_in_for = Some("li".into());
            if name == "li" {
                return;
            }
        }
        _ => {
            // The author, who may only end what they began.
            if matches!(what, 3..=5) {
                return;
            }
            statement.witness.signature = Signature::Valid(key("ben"));
        }
    }
    room.statements.push(statement);
}

proptest! {
    #[test]
    fn evidence_that_nobody_was_entitled_to_give_brings_nothing_nearer(
        shape: u16,
        said in honest(),
        intrusions in proptest::collection::vec(intrusion(), 1..6),
    ) {
        let mut room = newsroom_of(shape);
        for one in said {
            say(&mut room, one);
        }
        let honest: Vec<String> = room.statements.iter().map(|one| one.commit.clone()).collect();
        let mut before = nearness(&room.judge());
        for one in intrusions {
            intrude(&mut room, one);
            let decision = room.judge();
            let after = nearness(&decision);
            prop_assert!(after <= before, "{one:?}: {before:?} became {after:?}");
            prop_assert!(decision.commits().iter().all(|commit| honest.contains(commit)), "{one:?}: {decision:#?}");
            before = after;
        }
    }

    #[test]
    fn saying_no_brings_nothing_nearer(
        shape: u16,
        said in honest(),
        who in 0usize..5,
        what in 0usize..3,
        target in 0usize..8,
    ) {
        let mut room = newsroom_of(shape);
        for one in said {
            say(&mut room, one);
        }
        let before = nearness(&room.judge());
        let target = room.statements.get(target).map_or_else(String::new, |one| one.commit.clone());
        match what {
            0 => room.reject(PEOPLE[who]),
            1 => room.hold(PEOPLE[who], HoldScope::Everything),
            _ => room.withdraw(PEOPLE[who], &target),
        };
        let after = nearness(&room.judge());
        prop_assert!(after <= before, "{before:?} became {after:?}");
    }

    #[test]
    fn a_yes_rests_on_a_counted_approval_in_every_stage(shape: u16, said in honest()) {
        let mut room = newsroom_of(shape);
        for one in said {
            say(&mut room, one);
        }
        let decision = room.judge();
        if decision.approved() {
            prop_assert!(!decision.stages().is_empty());
            for stage in decision.stages() {
                let counted = stage.children.iter().filter(|child| child.approved()).count();
                prop_assert!(stage.approved() && counted >= stage.needs.unwrap().max(1), "{stage:#?}");
            }
        }
    }

    /// Each byte of what an approval binds, in the approval or in what it is held against.
    #[test]
    fn one_other_byte_of_what_is_bound_takes_the_approval_back(field in 0usize..6, at: prop::sample::Index, bit in 0u8..7) {
        let mut room = newsroom();
        room.approve("li", "editor");
        prop_assert!(room.judge().approved());
        let flip = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at.index(text.len())] ^= 1 << bit;
            String::from_utf8(bytes).unwrap()
        };
        let statement = &mut room.statements[0];
        let Verb::Approve { post, account, digest, due } = &mut statement.verbs[0] else { unreachable!() };
        // What is no id, name, digest or time any more is refused where it is read.
        match field {
            0 => match PostId::new(&flip(post.as_str())) { Ok(other) => *post = other, Err(_) => return Ok(()) },
            1 => match AccountName::new(&flip(account.as_str())) { Ok(other) => *account = other, Err(_) => return Ok(()) },
            2 => match Digest::parse(&flip(&digest.to_string())) { Some(other) => *digest = other, None => return Ok(()) },
            3 => match flip(&due.to_string()).parse() { Ok(other) => *due = other, Err(_) => return Ok(()) },
            4 => statement.stage = Some(flip("editor")),
            _ => statement.workspace = flip(WORKSPACE),
        }
        prop_assert!(!room.judge().approved());
    }
}

/// The same, without chance: every bit of every byte.
#[test]
fn every_single_bit_of_the_digest_is_bound() {
    let text = newsroom().digest.to_string();
    let mut tried = 0;
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Some(other) = String::from_utf8(bytes).ok().and_then(|text| Digest::parse(&text)) else { continue };
            let mut room = newsroom();
            room.approve("li", "editor");
            room.digest = other;
            assert!(!room.judge().approved());
            tried += 1;
        }
    }
    assert!(tried >= 64, "{tried}");
}
