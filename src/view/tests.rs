//! What people see of a small newsroom, on 80 columns.

mod repeats;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};

use super::log::{Edit, Story};
use super::plan::Told;
use super::{Page, log, plan, status};
use crate::ledger::fixtures::{claim, payload, published};
use crate::ledger::{Claim, DeliveryKey, Entry, PartReceipt, Published};
use crate::plan::{BrokenFile, Change, Delivery, Plan, Step};
use crate::policy::chain::{Line, Version};
use crate::policy::{Chain, Decision, Kind, Policy, Refused, Signature, Statement, Status, Verb, Witness};
use crate::render::{Digest, Editing};
use crate::workspace::{AccountName, Due, EvidenceMode, Key, Person, PostId, Roles};

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn page() -> Page {
    Page { width: 80, colour: false, zone: chrono_tz::Europe::Berlin, now: now() }
}

fn roles() -> Roles {
    let people = [("li", "Li Wei"), ("noor", "Noor Haddad"), ("tess", "Tess Miller"), ("maya", "Maya Stone")];
    let person = |(id, name): &(&str, &str)| ((*id).to_owned(), Person { name: (*name).into(), ..Person::default() });
    Roles { people: people.iter().map(person).collect(), ..Roles::default() }
}

fn delivery(post: &str, account: &str, title: &str, due: Due, step: Step) -> Delivery {
    let key = DeliveryKey::once(PostId::new(post).unwrap(), AccountName::new(account).unwrap());
    let payload = payload(&key, &[title]);
    Delivery {
        digest: Some(payload.digest()),
        payload: Some(Box::new(payload)),
        key,
        title: title.into(),
        path: Some(format!("posts/{post}.md")),
        due,
        decision: None,
        word: None,
        retraction: None,
        step,
    }
}

fn node(what: &str, status: Status, reason: &str, turn: &[&str], children: Vec<Decision>) -> Decision {
    let kind = match what.split(' ').next() {
        Some("stage") => Kind::Stage,
        Some("approval") => Kind::Approval,
        Some("rejection") => Kind::Rejection,
        _ => Kind::Workflow,
    };
    let mut node = Decision::new(kind, what, status, reason);
    node.role = what.strip_prefix("stage ").map(str::to_owned);
    node.turn = turn.iter().map(|person| (*person).to_owned()).collect();
    node.children = children;
    node
}

fn yes(name: &str) -> Decision {
    node(&format!("approval by {name}"), Status::Approved, "", &[], vec![])
}

fn approved() -> Decision {
    let stage = node("stage editor", Status::Approved, "", &[], vec![yes("Li Wei"), yes("Noor Haddad")]);
    node("workflow default", Status::Approved, "", &[], vec![stage])
}

fn edited(digest: &str) -> Decision {
    let lost = format!("approved an earlier version: sha256:{digest}…");
    let lost = node("approval by Li Wei", Status::NotCounted, &lost, &[], vec![]);
    let stage = node("stage editor", Status::Waiting, "0 of 1 approved", &["li", "noor"], vec![lost]);
    node("workflow default", Status::Waiting, "", &[], vec![stage])
}

fn legal() -> Decision {
    let editor = node("stage editor", Status::Approved, "", &[], vec![yes("Noor Haddad")]);
    let legal = node("stage legal", Status::Waiting, "0 of 1 approved", &["tess"], vec![]);
    let press = node("stage press", Status::Pending, "after legal", &[], vec![]);
    node("workflow regulated", Status::Waiting, "", &[], vec![editor, legal, press])
}

fn rejected() -> Decision {
    let veto =
        node("rejection by Noor Haddad", Status::Rejected, "The price is \u{1b}[31mwrong", &["noor", "maya"], vec![]);
    let stage = node("stage editor", Status::Pending, "after the rejection is lifted", &[], vec![]);
    node("workflow default", Status::Rejected, "", &["noor", "maya"], vec![veto, stage])
}

fn newsroom() -> Plan {
    let at = |hours| Due::At(now() + TimeDelta::hours(hours));
    let with = |mut delivery: Delivery, decision| {
        delivery.decision = Some(Box::new(decision));
        delivery
    };
    let out = |days, changed: bool| {
        let editing = Editing::InPlace { fixed: &[] };
        let changed = changed.then_some(Change { editing, asked: None, status: Status::Waiting });
        let Entry::Published(receipt) = published(&crate::ledger::fixtures::key("a")) else { unreachable!() };
        let receipt = Published { published_at: now() - TimeDelta::days(days), ..receipt };
        Step::Published { out: receipt.into(), changed }
    };
    let Entry::Claim(claimed) = claim(&crate::ledger::fixtures::key("gone"), "runner-7") else { unreachable!() };
    let claimed = Box::new(Claim { claimed_at: now() - TimeDelta::hours(2), ..*claimed });
    let deliveries = vec![
        with(delivery("hello", "outbox/site", "Hello, world", Due::Asap, Step::Send), approved()),
        delivery("gone", "bluesky/acme", "", Due::Asap, Step::Reconcile(claimed)),
        delivery("idea", "outbox/site", "An idea", Due::Asap, Step::Draft),
        delivery("welcome", "bluesky/acme", "Welcome", at(-72), out(3, false)),
        delivery("welcome", "mastodon/acme", "Welcome", at(-72), out(3, false)),
        delivery("week-46", "bluesky/acme", "Week 46", at(-48), out(2, true)),
        with(delivery("old-news", "outbox/site", "Old news", at(-20), Step::Late), approved()),
        with(delivery("black-friday", "outbox/site", "Black Friday is coming", at(-2), Step::Rejected), rejected()),
        with(delivery("prices", "bluesky/acme", "New prices from January", at(70), Step::Waiting), legal()),
        with(delivery("prices", "mastodon/acme", "New prices from January", at(70), Step::Waiting), legal()),
        with(delivery("autumn", "bluesky/acme", "Autumn is here", at(240), Step::Waiting), edited("4f0c12ab34cd")),
        with(delivery("autumn", "mastodon/acme", "Autumn is here", at(240), Step::Waiting), edited("81aa00000000")),
        delivery(
            "long-read",
            "mastodon/acme",
            "A long read",
            at(240),
            Step::Failed { reason: "the text has 612 characters; 500 are allowed".into(), out: vec![] },
        ),
        with(delivery("winter-sale", "bluesky/acme", "Winter sale", at(300), Step::NotDue), approved()),
        with(delivery("winter-sale", "mastodon/acme", "Winter sale", at(300), Step::NotDue), approved()),
    ];
    let errors =
        vec!["posts/oops.md:3:1: unknown key \"publsh_at\"".to_owned(), "posts/oops.md:9:1: no text".to_owned()];
    let broken = vec![BrokenFile { path: "posts/oops.md".into(), id: None, errors }];
    Plan { now: now(), trusted: "a1b2c3d4e5f6".repeat(4), deliveries, broken }
}

fn told<'a>(plan: &'a Plan, roles: &'a Roles, reader: Option<&'a String>, refused: &'a [Refused]) -> Told<'a> {
    Told { plan, roles, chain: Some(&CHAIN), branch: "main", reader, refused }
}

/// A root and nothing after it.
static CHAIN: LazyLock<Chain> = LazyLock::new(|| chain(&["A"]));

/// The policies of a trusted branch, by its first letters; nobody approved the later ones.
fn chain(policies: &[&str]) -> Chain {
    let version = |(position, policy): (usize, &&str)| Version {
        commit: position.to_string().repeat(40),
        position,
        digest: Digest::of(policy.as_bytes()),
    };
    let versions: Vec<Version> = policies.iter().enumerate().map(version).collect();
    let mut roles = roles();
    let key = Key("ssh-ed25519 AAAA".into());
    roles.people.get_mut("maya").unwrap().keys.push(key.into());
    roles.roles.insert("admin".into(), vec!["maya".into()]);
    let settings = "version = 1\nworkspace = \"0197c7b2\"\ntimezone = \"UTC\"\n";
    let settings = crate::workspace::load_settings(settings.as_bytes(), &[]).0.unwrap();
    let policy = Arc::new(Policy { settings, roles: Arc::new(roles) });
    let load = |_: &Digest| Ok(Arc::clone(&policy));
    let line = Line { versions: &versions, asides: &[], positions: HashMap::new(), load: &load };
    Chain::follow(line, &[], now()).unwrap()
}

#[test]
fn a_change_of_policy_that_waits_says_who_can_approve_it_and_how() {
    let roles = roles();
    let page = page();
    let notice = |chain: Option<&Chain>| crate::view::trust::notice(chain, &roles, &page);
    assert_eq!(notice(Some(&CHAIN)), "");
    let waiting = notice(Some(&chain(&["A", "B"])));
    for words in ["commit 1111111111", "0 of 1 approved", "Maya Stone", "greenlit approve --policy"] {
        assert!(waiting.replace('\n', " ").contains(words), "{words}: {waiting}");
    }
    assert_eq!(notice(Some(&chain(&["A", "B", "A"]))), "");
    assert!(notice(None).contains("greenlit trust pin"));
}

#[test]
fn while_a_change_of_policy_waits_nothing_is_called_ready_and_its_approver_is_asked() {
    let (plan, roles, page) = (newsroom(), roles(), page());
    let pending = chain(&["A", "B"]);
    let maya = "maya".to_owned();
    let told = Told { chain: Some(&pending), ..told(&plan, &roles, Some(&maya), &[]) };
    let status = crate::view::status::human(&told, false, &page);
    assert!(!status.contains("the next publish sends it"), "{status}");
    assert!(status.contains("Next\n  greenlit approve --policy"), "{status}");
    assert!(!status.contains("\n  greenlit publish"), "{status}");
    let plan = crate::view::plan::human(&told, &page);
    assert!(plan.contains("Publish would send nothing now."), "{plan}");
    assert!(plan.contains("were the policy change in force") && !plan.contains("Publish would do now"), "{plan}");
    let tasks = crate::view::todo::tasks(&told, &Default::default(), Vec::new(), &page);
    let first = tasks.first().unwrap();
    assert_eq!(
        (first.people.as_slice(), first.command.as_str()),
        ([maya.clone()].as_slice(), "greenlit approve --policy")
    );
    assert!(first.why.contains("0 of 1 approved"), "{}", first.why);
}

#[test]
fn a_run_that_sends_nothing_says_what_is_left_and_where_to_read_why() {
    let nothing = crate::publish::Outcome { ended: Vec::new(), troubles: Vec::new(), unrecorded: None };
    let text = crate::view::publish::human(&newsroom(), &nothing, &page()).replace('\n', " ");
    let left = "Nothing to publish now. Not sent: 1 rejected, 4 waiting for people, 1 too late, 1 failed, 2 scheduled. \
                Why: greenlit plan ";
    assert!(text.starts_with(left), "{text}");
}

#[test]
fn status_is_a_screenful_that_explains_itself() {
    let (plan, roles) = (newsroom(), roles());
    let refused = [Refused { commit: "c0ffee".repeat(6), reason: "names no post".into() }];
    let reader = "tess".to_owned();
    let told = told(&plan, &roles, Some(&reader), &refused);
    let expected = r#"Status of main at a1b2c3d4e5, Sat 21 Nov 10:00 CET

Waiting for you                                                           1 post
○ prices  New prices from January                    Tue 24 Nov 08:00, in 2 days
    waits for Tess Miller (legal) · bluesky/acme, mastodon/acme

Waiting for others                                                       3 posts
! old-news      Old news                          Fri 20 Nov 14:00, 20 hours ago
    approved, and too late to go out by itself: give it a new time, or take it
    off · outbox/site
✗ black-friday  Black Friday is coming             Sat 21 Nov 08:00, 2 hours ago
    rejected by Noor Haddad: The price is \u{1b}[31mwrong · outbox/site
○ autumn        Autumn is here                       Tue 1 Dec 10:00, in 10 days
    waits for Li Wei or Noor Haddad (editor) · bluesky/acme, mastodon/acme
    – approval by Li Wei: approved an earlier version

In trouble                                                                1 post
! long-read  A long read                             Tue 1 Dec 10:00, in 10 days
    refused: the text has 612 characters; 500 are allowed; edit it and have it
    approved again · mastodon/acme

On the way                                                                1 post
… gone  bluesky/acme
    run runner-7 began to send it 2 hours ago and left no outcome; the network
    is asked first

Ready: the next publish sends it                                          1 post
✓ hello  outbox/site                                                         now

Scheduled                                                                 1 post
✓ winter-sale  bluesky/acme, mastodon/acme           Thu 3 Dec 22:00, in 12 days

Drafts                                                                    1 post
· idea  outbox/site

Changed since they went out                                               1 post
~ week-46  bluesky/acme                             Thu 19 Nov 10:00, 2 days ago
    its file was changed since: `greenlit update week-46` asks to change what is
    out, too

Broken: these cannot go out                                               1 file
! posts/oops.md:3:1: unknown key "publsh_at" (and 1 more)

Published  2 posts, the last one 2 days ago: greenlit status --all

1 decision commit malformed, counting for nothing: greenlit plan

Next
  greenlit approve prices  see what would go out, and say yes
  greenlit publish         send what is ready
"#;
    assert_eq!(status::human(&told, false, &page()), expected);
    let all = status::human(&told, true, &page());
    assert!(all.contains("~ week-46  bluesky/acme                             Thu 19 Nov 10:00, 2 days ago"), "{all}");
}

#[test]
fn the_plan_says_what_is_missing_and_who_can_give_it() {
    let (plan, roles) = (newsroom(), roles());
    let refused = [Refused { commit: "c0ffee".repeat(6), reason: "names no post".into() }];
    let expected = r#"Plan of main at a1b2c3d4e5, Sat 21 Nov 10:00 CET

Publish would do now                                                2 deliveries
✓ hello → outbox/site
    approved · no time set
    ✓ editor: Li Wei and Noor Haddad
… gone → bluesky/acme
    run runner-7 began to send it 2 hours ago and left no outcome; the network
    is asked first

It would not send                                   10 deliveries, 1 broken file
· idea → outbox/site
    a draft
! old-news → outbox/site
    approved, and too late to go out by itself: give it a new time, or take it
    off · due Fri 20 Nov 14:00, 20 hours ago
✗ black-friday → outbox/site
    rejected · due Sat 21 Nov 08:00, 2 hours ago · workflow default
    ✗ rejection by Noor Haddad: The price is \u{1b}[31mwrong; Noor Haddad or
      Maya Stone can lift it: greenlit lift
    · editor: after the rejection is lifted
○ prices → bluesky/acme, mastodon/acme
    waiting · due Tue 24 Nov 08:00, in 2 days · workflow regulated
    ✓ editor: Noor Haddad
    ○ legal: waits for Tess Miller
    · press: after legal
○ autumn → bluesky/acme, mastodon/acme
    waiting · due Tue 1 Dec 10:00, in 10 days · workflow default
    ○ editor: waits for Li Wei or Noor Haddad
      – approval by Li Wei: approved an earlier version
! long-read → mastodon/acme
    refused: the text has 612 characters; 500 are allowed; edit it and have it
    approved again · due Tue 1 Dec 10:00, in 10 days
✓ winter-sale → bluesky/acme, mastodon/acme
    approved · due Thu 3 Dec 22:00, in 12 days
! posts/oops.md
    posts/oops.md:3:1: unknown key "publsh_at"
    posts/oops.md:9:1: no text

Decisions that count for nothing                                        1 commit
– c0ffeec0ff: names no post
"#;
    assert_eq!(plan::human(&told(&plan, &roles, None, &refused), &page()), expected);
}

#[test]
fn a_workspace_without_posts_says_how_to_write_one() {
    let plan = Plan { deliveries: Vec::new(), broken: Vec::new(), ..newsroom() };
    let text = status::human(&told(&plan, &roles(), None, &[]), false, &page());
    assert!(text.contains("No posts yet.") && text.contains("greenlit new"), "{text}");
    assert!(plan::human(&told(&plan, &roles(), None, &[]), &page()).contains("Publish would send nothing now."));
}

#[test]
fn nothing_that_was_typed_steers_a_terminal() {
    let (mut plan, roles) = (newsroom(), roles());
    let evil = "\u{1b}]0;owned\u{7}\u{202e}::set-output name=x::y";
    for delivery in &mut plan.deliveries {
        delivery.title = evil.into();
        delivery.decision.iter_mut().for_each(|decision| decision.children[0].reason = evil.into());
    }
    plan.deliveries[2].step = Step::Uncertain { reason: evil.into() };
    plan.broken[0].errors[0] = evil.into();
    let told = told(&plan, &roles, None, &[]);
    for text in [status::human(&told, true, &page()), plan::human(&told, &page())] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}

#[test]
fn a_sign_off_workspace_says_so_on_top() {
    let (plan, mut roles) = (newsroom(), roles());
    roles.policy.evidence = EvidenceMode::SignOff;
    for text in [
        status::human(&told(&plan, &roles, None, &[]), false, &page()),
        plan::human(&told(&plan, &roles, None, &[]), &page()),
    ] {
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("Not authenticated")), "{text}");
    }
}

#[test]
fn programs_get_who_and_why() {
    let (plan, roles) = (newsroom(), roles());
    let told = told(&plan, &roles, None, &[]);
    let status = serde_json::to_value(status::report(&told, false, &page())).unwrap();
    let prices = status["posts"].as_array().unwrap().iter().find(|post| post["post"] == "prices").unwrap();
    assert_eq!(prices["turn"], serde_json::json!([{ "id": "tess", "name": "Tess Miller" }]));
    assert_eq!((&prices["stage"], &prices["standing"]), (&"legal".into(), &"waiting".into()));
    assert_eq!(status["published"], 3);
    let plan = serde_json::to_value(plan::report(&told)).unwrap();
    assert_eq!(plan["deliveries"][0]["standing"], "ready");
    assert_eq!(plan["deliveries"][0]["decision"]["children"][0]["status"], "approved");
}

#[test]
fn a_story_runs_from_the_first_draft_to_the_receipts() {
    let key = DeliveryKey::once(PostId::new("autumn").unwrap(), AccountName::new("bluesky/acme").unwrap());
    let at = |text: &str| -> DateTime<Utc> { format!("2026-11-{text}:00Z").parse().unwrap() };
    let edit = |commit: &str, by: &str, time: &str, subject: &str| Edit {
        commit: commit.repeat(10),
        by: by.into(),
        at: at(time),
        subject: subject.into(),
    };
    let edits = [
        edit("aaaa", "Maya Stone", "20T08:00", "Draft the autumn launch"),
        edit("bbbb", "Maya Stone", "20T11:00", "Say it shorter"),
    ];
    let statement = |commit: &str, time: &str, digest: &str| Statement {
        commit: commit.repeat(10),
        witness: Witness {
            signature: Signature::Missing,
            name: String::new(),
            email: String::new(),
            sign_offs: vec![],
        },
        dated: at(time),
        workspace: String::new(),
        policy: None,
        policy_approvals: Vec::new(),
        stands_in_for: None,
        reply_to: None,
        line: None,
        seen: None,
        stage: Some("editor".into()),
        verbs: vec![Verb::Approve {
            post: key.post.clone(),
            account: key.account.clone(),
            digest: Digest::of(digest.as_bytes()),
            due: Due::Asap,
        }],
        text: String::new(),
    };
    let (early, good) = (statement("cccc", "20T09:00", "earlier"), statement("dddd", "20T12:00", "now"));
    let Entry::Claim(claimed) = claim(&key, "runner-7") else { unreachable!() };
    let claimed = Claim { claimed_at: at("20T12:30"), approvals: vec!["dddd".repeat(10)], ..*claimed };
    let parts = vec![PartReceipt { id: "1".into(), url: Some("https://bsky.app/1".into()), revision: None }];
    let out = Published {
        version: 1,
        key: key.clone(),
        digest: claimed.digest.clone(),
        published_at: at("20T12:31"),
        parts: parts.clone(),
        adopted: false,
        resolved_by: None,
        updated_at: None,
    };
    let step = Step::Published { out: out.clone().into(), changed: None };
    let mut delivery = delivery("autumn", "bluesky/acme", "Autumn is here", Due::Asap, step);
    delivery.decision = Some(Box::new(edited("4f0c12ab34cd")));
    delivery.decision.as_mut().unwrap().children[0].children[0].commit = Some("cccc".repeat(10));
    let plan = Plan { deliveries: vec![delivery], broken: vec![], ..newsroom() };
    let roles = roles();
    let story = Story {
        post: &key.post,
        told: told(&plan, &roles, None, &[]),
        edits: &edits,
        statements: &[(&early, "Li Wei".into()), (&good, "Noor Haddad".into())],
        quotes: &std::collections::BTreeMap::new(),
        entries: &[Entry::Claim(Box::new(claimed)), Entry::Published(out)],
    };
    let expected = r#"autumn  Autumn is here
posts/autumn.md

Fri 20 Nov 09:00  · Maya Stone wrote it: Draft the autumn launch (aaaaaaaaaa)
Fri 20 Nov 10:00  – Li Wei approved it for editor (cccccccccc)
                    does not count for bluesky/acme: approved an earlier version
Fri 20 Nov 12:00  · Maya Stone changed it: Say it shorter (bbbbbbbbbb)
Fri 20 Nov 13:00  ✓ Noor Haddad approved it for editor (dddddddddd)
                    bluesky/acme
Fri 20 Nov 13:30  → run runner-7 began to send it to bluesky/acme:
                    sha256:3f5d1017626f…
Fri 20 Nov 13:31  ✓ published on bluesky/acme
                    https://bsky.app/1

✓ bluesky/acme: published Fri 20 Nov 13:31, 20 hours ago
"#;
    assert_eq!(log::human(&story, &page()), expected);
    let report = serde_json::to_value(log::report(&story)).unwrap();
    assert_eq!(report["events"][0]["event"], "written");
    assert_eq!(report["events"][1]["approvals"][0]["verdict"]["counts"], false);
    assert_eq!(report["events"][5]["parts"][0]["url"], "https://bsky.app/1");
}

#[test]
fn a_hold_says_who_stopped_it_since_when_why_and_who_ends_it() {
    let mut hold = node("hold of everything by Maya Stone", Status::Held, "An accident.", &["maya"], vec![]);
    (hold.kind, hold.scope) = (Kind::Hold, Some("everything".into()));
    hold.since = Some(now() - TimeDelta::hours(3));
    let root = node("workflow default", Status::Held, "", &["maya"], vec![hold]);
    let mut plan = newsroom();
    plan.deliveries.truncate(1);
    plan.deliveries[0].step = Step::Held;
    plan.deliveries[0].decision = Some(Box::new(root));
    let roles = roles();
    let told = Told { plan: &plan, roles: &roles, chain: Some(&CHAIN), branch: "main", reader: None, refused: &[] };
    let status = status::human(&told, false, &page());
    assert!(status.contains("held by Maya Stone since Sat 21 Nov 07:00 (everything): An accident"), "{status}");
    let plan = plan::human(&told, &page()).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plan.contains("Maya Stone can let it go on: greenlit resume --everything"), "{plan}");
    assert!(status.contains("‖ hello"), "{status}");
}

#[test]
fn a_deadline_is_told_and_what_is_over_it() {
    let mut late = legal();
    let until = now() - TimeDelta::hours(2);
    late.children[1].until = Some(until);
    let told = |decision: &Decision| super::decision::tree(decision, &roles(), &page(), 0);
    assert!(told(&late).contains("○ legal: waits for Tess Miller, until Sat 21 Nov 08:00"), "{}", told(&late));
    late.children[1].overdue = true;
    assert!(told(&late).contains("○ legal: waits for Tess Miller, overdue since Sat 21 Nov 08:00"));
}
