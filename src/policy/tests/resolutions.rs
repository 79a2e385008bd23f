//! Somebody's word on what the publisher could not know.

use super::*;
use crate::workspace::Permissions;

impl Newsroom {
    fn resolve(&mut self, name: &str, fate: Fate) -> &mut Statement {
        let verb = Verb::Resolve {
            post: self.post.id.clone(),
            account: self.account.clone(),
            digest: self.digest.clone(),
            since: time("2026-11-30T08:30:00Z"),
            fate,
        };
        let statement = self.says(name, verb);
        self.add(statement)
    }

    fn word(&self) -> Result<Resolution, String> {
        let doubt = Doubt {
            workspace: WORKSPACE,
            post: &self.post.id,
            account: &self.account,
            digest: &self.digest,
            since: time("2026-11-30T08:30:00Z"),
        };
        self.with_facts(|facts| resolution(&doubt, facts))
    }
}

fn found(count: usize) -> Fate {
    Fate::Sent((0..count).map(|n| format!("https://social.example/{n}")).collect())
}

#[test]
fn whoever_has_a_say_may_say_what_became_of_it() {
    for name in ["li", "tess", "maya", "ben"] {
        let mut room = newsroom();
        room.resolve(name, Fate::NotSent);
        let word = room.word().unwrap();
        assert_eq!((word.fate, word.by), (Fate::NotSent, format!("{name} Example")));
    }
    assert_eq!(newsroom().word(), Err(String::new()), "nobody said anything");
}

#[test]
fn where_the_roles_name_who_may_publish_only_these_may_settle_it() {
    let mut room = newsroom();
    room.always(|roles| {
        roles.permissions = Permissions { publish: Some(vec!["legal".into()]), ..Permissions::default() };
    });
    room.resolve("li", Fate::NotSent);
    assert_eq!(room.word(), Err("li Example may not publish".to_owned()));
    let mut later = room.clone();
    room.resolve("tess", Fate::NotSent);
    assert_eq!(room.word().unwrap().by, "tess Example");
    room.now.roles.insert("legal".into(), vec!["noor".into()]);
    assert!(room.word().is_err(), "then and now");
    later.resolve("maya", found(1));
    assert_eq!(later.word().unwrap().fate, found(1), "an admin always may");
}

#[test]
fn a_word_is_proved_and_is_on_exactly_this_doubt() {
    let meddle: [&dyn Fn(&mut Statement); 8] = [
        &|said| said.witness.signature = Signature::Missing,
        &|said| said.witness.signature = Signature::Valid(key("mallory")),
        &|said| said.policy = None,
        &|said| said.workspace = "other".into(),
        &|said| *of(said).0 = PostId::new("other").unwrap(),
        &|said| *of(said).1 = AccountName::new("bluesky/other").unwrap(),
        &|said| *of(said).2 = Digest::of(b"other words"),
        &|said| *of(said).3 += chrono::TimeDelta::seconds(1),
    ];
    for (at, meddle) in meddle.into_iter().enumerate() {
        let mut room = newsroom();
        meddle(room.resolve("li", Fate::NotSent));
        assert!(room.word().is_err(), "{at}");
    }
    let mut bot = newsroom();
    bot.always(|roles| roles.people.get_mut("li").unwrap().bot = true);
    bot.resolve("li", Fate::NotSent);
    assert!(bot.word().unwrap_err().contains("is a bot"));
}

type Parts<'s> = (&'s mut PostId, &'s mut AccountName, &'s mut Digest, &'s mut DateTime<Utc>);

fn of(said: &mut Statement) -> Parts<'_> {
    let Verb::Resolve { post, account, digest, since, .. } = &mut said.verbs[0] else { unreachable!() };
    (post, account, digest, since)
}

#[test]
fn of_two_that_contradict_each_other_the_one_counts_by_which_less_is_sent() {
    for order in [[found(1), Fate::NotSent], [Fate::NotSent, found(1)]] {
        let mut room = newsroom();
        for fate in order {
            room.resolve("li", fate);
        }
        assert_eq!(room.word().unwrap().fate, found(1));
        room.resolve("tess", found(2));
        assert_eq!(room.word().unwrap().fate, found(2));
    }
}

#[test]
fn it_decides_nothing_else() {
    let mut room = newsroom();
    room.resolve("li", found(1));
    assert!(!room.judge().approved() && room.judge().commits().is_empty());
}
