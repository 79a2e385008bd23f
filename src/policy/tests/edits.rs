//! Who may change which files.

use super::*;
use crate::workspace::EditRule;

/// Posts are changed by editors, those under `posts/emea/` by legal alone.
fn ruled() -> Newsroom {
    let mut room = newsroom();
    room.always(|roles| {
        let rule = |path: &str, role: &str| EditRule { paths: vec![path.into()], roles: vec![role.into()] };
        roles.permissions.edit = vec![rule("posts/emea/", "legal"), rule("posts/**", "editor")];
    });
    room
}

fn at(path: &str, name: &str) -> Edit {
    Edit { path: path.into(), ..edit(name) }
}

fn node(room: &Newsroom) -> Option<Decision> {
    room.judge().children.into_iter().find(|child| child.kind == Kind::Edits)
}

#[test]
fn a_change_by_those_who_may_is_no_matter() {
    let mut room = ruled();
    room.approve("li", "editor");
    assert!(room.judge().approved(), "Ben wrote it, and is an editor");
    assert!(node(&room).unwrap().approved());
    room.edits = vec![at("assets/a.png", "tess")];
    assert!(room.judge().approved() && node(&room).is_none(), "no rule is about it");
}

#[test]
fn a_change_by_others_needs_one_of_those_who_may() {
    let mut room = ruled();
    room.edits = vec![at("posts/emea/autumn.md", "ben")];
    room.approve("li", "editor");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Waiting, "the first rule that fits decides");
    let edits = node(&room).unwrap();
    assert_eq!(edits.reason, "changed by somebody who may not, and not yet approved by legal");
    assert_eq!(edits.turn, ["noor"], "in legal, and asked for this post");
    assert_eq!(edits.children[0].what, "change of posts/emea/autumn.md in by-ben");
    assert_eq!(edits.children[0].reason, "ben Example is not in legal");

    room.approve("noor", "editor");
    assert!(room.judge().approved(), "Noor vouches for it");
    assert_eq!(node(&room).unwrap().children[0].reason, "ben Example is not in legal; noor Example vouches for it");
    assert_eq!(room.judge().commits().len(), 2, "what it rests on are approvals alone");
    room.statements[1].stage = Some("legal".into());
    assert!(!room.judge().approved(), "only an approval that counts vouches");
}

#[test]
fn who_made_a_change_is_known_by_the_evidence_mode() {
    let mut room = ruled();
    room.approve("li", "editor");
    let refused = |room: &Newsroom| node(room).unwrap().children[0].reason.clone();
    let mut unsigned = room.clone();
    unsigned.edits[0].author.key = None;
    unsigned.now.roles.get_mut("editor").unwrap().retain(|person| person != "li");
    assert!(!unsigned.judge().approved());
    assert_eq!(refused(&unsigned), "its commit is not signed");
    let mut strange = unsigned.clone();
    strange.edits[0].author.key = Some(key("mallory"));
    assert_eq!(refused(&strange), "its commit is signed by a key nobody in roles.toml owns");
    let mut revoked = unsigned.clone();
    revoked.edits[0].author.key = Some(key("ben"));
    revoked.revoked.insert(key("ben"));
    assert_eq!(refused(&revoked), "the key that signed it is revoked");

    let mut room = room.by_sign_off();
    room.edits[0].author.key = None;
    assert!(room.judge().approved());
    room.edits[0].author.committer = "ghost@example.com".into();
    assert_eq!(
        node(&room).unwrap().children[0].reason,
        "nobody in roles.toml has the address ghost@example.com; li Example vouches for it"
    );
}

#[test]
fn where_nobody_could_vouch_the_admin_is_named() {
    let mut room = ruled();
    room.edits = vec![at("posts/emea/autumn.md", "noor"), at("posts/emea/autumn.md", "ben")];
    room.approve("li", "editor");
    let edits = node(&room).unwrap();
    assert_eq!(edits.turn, ["maya"]);
    assert!(edits.reason.ends_with("none of whom is asked; an admin can change roles.toml"), "{}", edits.reason);
}

#[test]
fn a_long_history_is_told_in_part() {
    let mut room = ruled();
    room.edits = (0..200).map(|_| at("posts/emea/autumn.md", "ben")).collect();
    assert_eq!(node(&room).unwrap().children.len(), 10);
    room.approve("li", "editor");
    assert!(!room.judge().approved());
}
