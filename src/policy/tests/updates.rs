//! Somebody asks for what is out to be changed.

use super::*;
use crate::workspace::Permissions;

impl Newsroom {
    fn ask(&mut self, name: &str) -> String {
        let (post, account, digest) = (self.post.id.clone(), self.account.clone(), self.digest.clone());
        let statement = self.says(name, Verb::Update { post, account, digest });
        self.add(statement).commit.clone()
    }

    fn asked(&self) -> Result<Update, String> {
        let of = Updatable { workspace: WORKSPACE, post: &self.post, account: &self.account, digest: &self.digest };
        self.with_facts(|facts| update(&of, facts))
    }
}

#[test]
fn whom_the_post_concerns_may_ask() {
    for name in ["li", "noor", "maya", "ben"] {
        let mut room = newsroom();
        let commit = room.ask(name);
        assert_eq!(room.asked(), Ok(Update { by: format!("{name} Example"), commit }));
    }
    assert_eq!(newsroom().asked(), Err(String::new()), "nobody said anything");
    let mut room = newsroom();
    room.ask("tess");
    assert_eq!(room.asked(), Err("tess Example had no say in this post when asking for it".to_owned()));
    room.always(|roles| {
        roles.permissions = Permissions { publish: Some(vec!["legal".into()]), ..Permissions::default() };
    });
    assert!(room.asked().is_ok(), "who may publish may ask");
    let mut room = newsroom();
    room.ask("li");
    room.now.roles.insert("editor".into(), vec!["noor".into()]);
    assert_eq!(room.asked(), Err("li Example has no say in this post".to_owned()));
}

#[test]
fn the_word_is_proved_and_is_on_exactly_these_words() {
    let meddle: [&dyn Fn(&mut Statement); 7] = [
        &|said| said.witness.signature = Signature::Missing,
        &|said| said.witness.signature = Signature::Valid(key("mallory")),
        &|said| said.policy = None,
        &|said| said.workspace = "other".into(),
        &|said| *of(said).0 = PostId::new("other").unwrap(),
        &|said| *of(said).1 = AccountName::new("bluesky/other").unwrap(),
        &|said| *of(said).2 = Digest::of(b"other words"),
    ];
    for (at, meddle) in meddle.into_iter().enumerate() {
        let mut room = newsroom();
        room.ask("li");
        meddle(room.statements.last_mut().unwrap());
        assert!(room.asked().is_err(), "{at}");
    }
    let mut bot = newsroom();
    bot.always(|roles| roles.people.get_mut("li").unwrap().bot = true);
    bot.ask("li");
    assert!(bot.asked().unwrap_err().contains("is a bot"));
}

fn of(said: &mut Statement) -> (&mut PostId, &mut AccountName, &mut Digest) {
    let Verb::Update { post, account, digest } = &mut said.verbs[0] else { unreachable!() };
    (post, account, digest)
}

#[test]
fn whoever_asked_may_take_it_back_and_nobody_else() {
    let mut room = newsroom();
    let commit = room.ask("li");
    for (name, stands) in [("noor", true), ("li", false)] {
        let statement = room.says(name, Verb::Withdraw { commit: commit.clone() });
        room.add(statement);
        assert_eq!(room.asked().is_ok(), stands, "{name}");
    }
    room.ask("noor");
    assert_eq!(room.asked().unwrap().by, "noor Example", "another's word stands");
}

#[test]
fn to_ask_is_not_to_approve() {
    let mut room = newsroom();
    room.ask("li");
    assert!(!room.judge().approved() && room.judge().commits().is_empty());
}
