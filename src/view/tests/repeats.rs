//! What people see of a post that says what was said already.

use super::*;
use crate::ledger::{Said, SameText};
use crate::plan::Duplicate;
use crate::view::page::columns;
use crate::view::todo;

/// October says what week 40 said, and was approved.
fn october(others: &[(&str, Said)]) -> Plan {
    let at = now() - TimeDelta::days(4);
    let url = Some("https://fake.example/@acme/1122\u{1b}[31m".to_owned());
    let same =
        |(id, said): &(&str, Said)| SameText { post: PostId::new(id).unwrap(), at, said: *said, url: url.clone() };
    let others: Vec<SameText> = others.iter().map(same).collect();
    let repeats = others.iter().map(|other| other.post.clone()).collect();
    let until = Some(at + TimeDelta::days(30));
    let duplicate = Duplicate { others, until, repeats };
    let to = |account: &str| {
        let due = Due::At(now() - TimeDelta::hours(3));
        let step = Step::Duplicate(duplicate.clone());
        Delivery { decision: Some(Box::new(approved())), ..delivery("october", account, "October again", due, step) }
    };
    Plan { deliveries: vec![to("bluesky/acme"), to("mastodon/acme")], broken: Vec::new(), ..newsroom() }
}

#[test]
fn status_plan_and_todo_say_where_it_was_said_and_the_ways_out() {
    let (plan, roles) = (october(&[("week-40", Said::Out)]), roles());
    let told = told(&plan, &roles, None, &[]);
    let (status, plan_text) = (status::human(&told, false, &page()), plan::human(&told, &page()));
    let tasks = todo::tasks(&told, &Default::default(), Vec::new(), &page());
    let todo = todo::human(&tasks, None, &roles, &page());
    for text in [&status, &plan_text, &todo] {
        let line = text.replace("\n    ", " ");
        for words in [
            "the same text went out here as week-40 Tue 17 Nov 10:00, 4 days ago,",
            "if that is meant, add `repeats: week-40` to its front matter,",
            "or wait until Thu 17 Dec 10:00",
        ] {
            assert!(line.contains(words), "{words}\n{text}");
        }
        assert!(!text.contains('\u{1b}') && text.lines().all(|line| columns(line) <= 80), "{text}");
        assert_eq!(text.matches("mastodon/acme").count(), 1, "both accounts are told as one\n{text}");
    }
    assert!(status.contains("Waiting for people") && plan_text.contains("Publish would send nothing now."));
    assert!(todo.contains("Change october, or say that it repeats another"), "{todo}");
    let nothing = crate::publish::Outcome { ended: Vec::new(), troubles: Vec::new(), unrecorded: None };
    let publish = crate::view::publish::human(&plan, &nothing, &page());
    assert!(publish.contains("Not sent: 2 said already. Why: greenlit plan"), "{publish}");
}

#[test]
fn several_others_are_counted_and_all_of_them_are_to_be_named() {
    let (plan, roles) = (october(&[("week-41", Said::Soon), ("week-40", Said::Perhaps)]), roles());
    let text = status::human(&told(&plan, &roles, None, &[]), false, &page()).replace("\n    ", " ");
    for words in ["goes out here as week-41 Tue", "and as 1 more", "`repeats: [week-41, week-40]`"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let doubt = october(&[("week-40", Said::Perhaps)]);
    let text = status::human(&told(&doubt, &roles, None, &[]), false, &page()).replace("\n    ", " ");
    assert!(text.contains("was begun to be sent here as week-40") && text.contains("may be out"), "{text}");
}

#[test]
fn programs_learn_which_post_and_until_when() {
    let (plan, roles) = (october(&[("week-40", Said::Out)]), roles());
    let report = serde_json::to_value(plan::report(&told(&plan, &roles, None, &[]))).unwrap();
    let first = &report["deliveries"][0];
    assert_eq!((&first["standing"], &first["held_until"]), (&"duplicate".into(), &"2026-12-17T09:00:00Z".into()));
    assert_eq!((&first["same_text"][0]["post"], &first["same_text"][0]["said"]), (&"week-40".into(), &"out".into()));
}
