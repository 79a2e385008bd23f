//! What people asked to be taken down.

use super::*;
use crate::workspace::{Permissions, RetractRule};

impl Newsroom {
    fn retract(&mut self, name: &str) -> &mut Statement {
        let verb =
            Verb::Retract { post: self.post.id.clone(), account: self.account.clone(), digest: self.digest.clone() };
        let statement = Statement { text: "The price is wrong\n".into(), ..self.says(name, verb) };
        self.add(statement)
    }

    fn withdraw_last(&mut self, name: &str) {
        let commit = self.statements.last().unwrap().commit.clone();
        let statement = self.says(name, Verb::Withdraw { commit });
        self.add(statement);
    }

    /// What is asked of it where `out` is out, and its post is there or gone.
    fn regret_of(&self, out: Option<&Digest>, outline: Option<&Outline>) -> Option<Retraction> {
        let of = Retractable { workspace: WORKSPACE, post: &self.post.id, outline, account: &self.account, out };
        self.with_facts(|facts| retraction(&of, facts))
    }

    fn regret(&self) -> Option<Retraction> {
        self.regret_of(Some(&self.digest), Some(&self.post))
    }

    fn is_retracted(&self) -> bool {
        self.regret().is_some_and(|asked| asked.is_complete())
    }

    fn why_not(&self) -> String {
        let asked = self.regret().unwrap();
        assert!(!asked.is_complete() && asked.asked.is_empty(), "{asked:?}");
        asked.vain.last().unwrap().reason.clone()
    }

    fn rule(&mut self, roles: Option<&str>, needs: usize) {
        let roles = roles.map(|role| vec![role.to_owned()]);
        self.always(|all| all.policy.retract = RetractRule { roles: roles.clone(), needs });
    }
}

#[test]
fn whoever_has_a_say_in_it_wrote_it_or_may_publish_is_enough() {
    for (name, may) in [("li", true), ("maya", true), ("ben", true), ("tess", false)] {
        let mut room = newsroom();
        room.retract(name);
        assert_eq!(room.is_retracted(), may, "{name}");
    }
    let mut room = newsroom();
    room.retract("tess");
    assert!(room.why_not().contains("tess Example may not have it taken down"), "{}", room.why_not());
    let gone = room.regret_of(Some(&room.digest), None).unwrap();
    assert!(gone.is_complete(), "of a post that is gone whoever has a say in any workflow");
    let mut publisher = room.clone();
    let permissions = Permissions { publish: Some(vec!["legal".into()]), ..Permissions::default() };
    publisher.always(|roles| roles.permissions = permissions.clone());
    assert!(publisher.is_retracted());
    let mut author = room.clone();
    author.edits.push(edit("tess"));
    assert!(author.is_retracted());
    author.edits.last_mut().unwrap().author.key = None;
    assert!(!author.is_retracted(), "an address that is only typed makes nobody an author here");
    assert_eq!(newsroom().regret(), None);
}

#[test]
fn what_they_said_is_told() {
    let mut room = newsroom();
    room.retract("li");
    let asked = room.regret().unwrap();
    assert_eq!(
        (asked.by(), asked.reason.as_str(), asked.digest),
        ("li Example".into(), "The price is wrong", room.digest)
    );
}

#[test]
fn the_rule_names_who_may_and_how_many_must() {
    let mut room = newsroom();
    room.rule(Some("legal"), 1);
    room.retract("li");
    assert!(room.why_not().contains("allows it to legal and admins"), "{}", room.why_not());
    room.retract("tess");
    assert!(room.is_retracted());

    let mut room = newsroom();
    room.rule(Some("legal"), 2);
    room.retract("tess");
    room.retract("tess");
    let asked = room.regret().unwrap();
    assert_eq!((asked.asked.len(), asked.lacks, asked.turn), (1, 1, vec!["maya".to_owned(), "noor".to_owned()]));
    room.retract("maya");
    assert!(room.is_retracted(), "an admin always may");
    // Then and now.
    room.now.roles.insert("legal".into(), vec!["noor".into()]);
    assert!(!room.is_retracted());
}

#[test]
fn a_word_is_proved_and_is_on_exactly_this() {
    let meddle: [&dyn Fn(&mut Statement); 7] = [
        &|said| said.witness.signature = Signature::Missing,
        &|said| said.witness.signature = Signature::Valid(key("mallory")),
        &|said| said.policy = None,
        &|said| said.workspace = "other".into(),
        &|said| *of(said).0 = PostId::new("other").unwrap(),
        &|said| *of(said).1 = AccountName::new("mastodon/acme").unwrap(),
        &|said| *of(said).2 = Digest::of(b"other words"),
    ];
    for (at, meddle) in meddle.into_iter().enumerate() {
        let mut room = newsroom();
        meddle(room.retract("li"));
        assert!(!room.is_retracted(), "{at}");
    }
    let mut bot = newsroom();
    bot.always(|roles| roles.people.get_mut("li").unwrap().bot = true);
    bot.retract("li");
    assert!(bot.why_not().contains("is a bot"));
    let mut room = newsroom();
    *of(room.retract("li")).2 = Digest::of(b"other words");
    assert!(room.why_not().contains("named other words than are out"));
    let held_back = room.regret_of(None, Some(&room.post)).unwrap();
    assert!(held_back.is_complete(), "what is not out is held back whatever its words become");
}

type Parts<'s> = (&'s mut PostId, &'s mut AccountName, &'s mut Digest);

fn of(said: &mut Statement) -> Parts<'_> {
    let Verb::Retract { post, account, digest } = &mut said.verbs[0] else { unreachable!() };
    (post, account, digest)
}

#[test]
fn whoever_asked_may_withdraw_it_and_nobody_else() {
    for (name, stands) in [("li", false), ("noor", true), ("maya", true)] {
        let mut room = newsroom();
        room.retract("li");
        room.withdraw_last(name);
        assert_eq!(room.is_retracted(), stands, "{name}");
    }
    let mut room = newsroom();
    room.retract("li");
    room.withdraw_last("li");
    assert_eq!(room.why_not(), "li Example withdrew it");
    room.statements[1].witness.signature = Signature::Missing;
    assert!(room.is_retracted(), "a withdrawal that nobody is proved to have made brings nothing back");
    room.retract("noor");
    assert_eq!(room.regret().unwrap().asked.len(), 2);
}

#[test]
fn it_decides_nothing_else() {
    let mut room = newsroom();
    room.retract("li");
    assert!(!room.judge().approved() && room.judge().commits().is_empty());
}

proptest::proptest! {
    /// Whatever those say who may not: nothing is taken down by it, and nothing that was asked is undone.
    #[test]
    fn strangers_take_nothing_down_and_bring_nothing_back(
        strangers in proptest::collection::vec((0..2usize, 0..3usize), 0..6),
        honest: bool,
    ) {
        let mut room = newsroom();
        if honest {
            room.retract("li");
        }
        let commit = room.statements.first().map(|one| one.commit.clone());
        for (who, what) in strangers {
            let name = ["mallory", "tess"][who];
            match (what, &commit) {
                (0, Some(commit)) => {
                    let said = room.says(name, Verb::Withdraw { commit: commit.clone() });
                    room.add(said);
                }
                (1, Some(commit)) => {
                    let said = room.says(name, Verb::Lift { commit: commit.clone() });
                    room.add(said);
                }
                _ => {
                    room.retract(name);
                }
            }
        }
        proptest::prop_assert_eq!(room.is_retracted(), honest);
        let names = room.regret().map(|asked| asked.by()).unwrap_or_default();
        proptest::prop_assert_eq!(names, "li Example".repeat(usize::from(honest)));
    }
}
