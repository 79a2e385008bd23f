use chrono::TimeDelta;

use super::*;
use crate::ledger::DeliveryKey;
use crate::plan::{Delivery, Step};
use crate::policy::{Decision, Kind};
use crate::workspace::{AccountName, Due, PostId, load_roles};

const NOOR: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
const LI: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkS6wQI7NPMDnuzbBLN6skDXBRi+mRpRZ75WGTRp8ua";

fn page() -> Page {
    let now = "2026-12-01T09:00:00Z".parse().unwrap();
    Page { width: 80, colour: false, zone: chrono_tz::Europe::Berlin, now }
}

fn team() -> String {
    format!(
        r#"
version = 1
[people.noor]
name = "Noor Haddad"
keys = ["{NOOR}"]
[people.li]
name = "Li Wei"
emails = ["li@acme.example"]
[people.tess]
name = "Tess Okafor"
[roles]
editor = ["noor", "li"]
legal = "tess"
[[workflow]]
name = "prices"
when = {{ labels = "pricing" }}
stages = [{{ role = "editor", within = "24h" }}, {{ role = "legal" }}]
[[workflow]]
name = "default"
stages = [{{ role = "editor" }}]
"#
    )
}

fn roles(text: &str) -> Roles {
    let (roles, findings) = load_roles(text.as_bytes());
    roles.unwrap_or_else(|| panic!("{findings:?}"))
}

fn plan(deliveries: Vec<Delivery>) -> Plan {
    Plan { now: page().now, trusted: "a1b2".into(), deliveries, broken: Vec::new() }
}

fn delivery(post: &str, account: &str, decision: Option<Decision>) -> Delivery {
    Delivery {
        key: DeliveryKey::once(PostId::new(post).unwrap(), AccountName::new(account).unwrap()),
        title: "New prices".into(),
        path: None,
        due: Due::At(page().now + TimeDelta::days(2)),
        payload: None,
        digest: None,
        decision: decision.map(Box::new),
        word: None,
        retraction: None,
        step: Step::Waiting,
    }
}

fn workflow(name: &str, status: Status, children: Vec<Decision>) -> Option<Decision> {
    Some(Decision { children, ..Decision::new(Kind::Workflow, format!("workflow {name}"), status, "") })
}

fn stage(role: &str, status: Status, needs: usize, turn: &[&str], children: Vec<Decision>) -> Decision {
    Decision {
        role: Some(role.into()),
        needs: Some(needs),
        turn: turn.iter().map(|person| (*person).to_owned()).collect(),
        children,
        ..Decision::new(Kind::Stage, format!("stage {role}"), status, "0 of 1 approved")
    }
}

fn approval(name: &str, commit: &str, reason: &str) -> Decision {
    let status = if reason.is_empty() { Status::Approved } else { Status::NotCounted };
    let node = Decision::new(Kind::Approval, format!("approval by {name}"), status, reason);
    Decision { commit: Some(commit.into()), ..node }
}

fn said(before: (&Roles, &Plan), after: (&Roles, &Plan)) -> (String, serde_json::Value) {
    let before = Side { name: "main (in force)", roles: before.0, plan: before.1 };
    let after = Side { name: "roles.toml here", roles: after.0, plan: after.1 };
    let report = report(&before, &after, &page());
    (human(&report, &before, &after, &page()), serde_json::to_value(&report).unwrap())
}

#[test]
fn who_loses_an_approval_and_what_gets_a_stage_is_told() {
    let now = team();
    let then = now.replace(r#"editor = ["noor", "li"]"#, r#"editor = "li""#).replace(
        "name = \"default\"\nstages = [{ role = \"editor\" }]",
        "name = \"default\"\nstages = [{ role = \"editor\" }, { role = \"legal\" }]",
    );
    let yes = || vec![approval("Noor Haddad", "c1", "")];
    let no = || vec![approval("Noor Haddad", "c1", "was removed from editor")];
    let approved = || workflow("default", Status::Approved, vec![stage("editor", Status::Approved, 1, &[], yes())]);
    let waits = || {
        let legal = stage("legal", Status::Pending, 1, &[], vec![]);
        workflow("default", Status::Waiting, vec![stage("editor", Status::Waiting, 1, &["li"], no()), legal])
    };
    let accounts = ["bluesky/acme", "mastodon/acme"];
    let before = plan(accounts.map(|account| delivery("prices", account, approved())).to_vec());
    let after = plan(accounts.map(|account| delivery("prices", account, waits())).to_vec());
    let (human, json) = said((&roles(&now), &before), (&roles(&then), &after));
    let expected = "Roles: from main (in force) to roles.toml here, Tue 1 Dec 10:00

What changes
– role editor: noor
+ workflow default: stage legal

Pending posts
○ prices  New prices                                  Thu 3 Dec 10:00, in 2 days
    now approved; then waits for Li Wei (editor)
    new stage: legal
    the approval by Noor Haddad for editor would not count: was removed from
      editor
    for bluesky/acme and mastodon/acme

2 of 2 pending deliveries would stand otherwise.
Once the change is in force, `greenlit todo --everyone` lists what waits for
whom.
";
    assert_eq!(human, expected);
    assert_eq!(json["posts"][0]["lost"][0]["commit"], "c1");
    assert_eq!(json["posts"][0]["turn_after"], serde_json::json!(["li"]));
    assert_eq!(json["pending"], 2);

    let (back, _) = said((&roles(&then), &after), (&roles(&now), &before));
    for line in ["now waits for Li Wei (editor); then approved", "no stage any more: legal", "would count\n"] {
        assert!(back.contains(line), "{back}");
    }
}

#[test]
fn thresholds_stops_and_other_workflows_are_told() {
    let roles = roles(&team());
    let stop = Decision::new(Kind::Rejection, "rejection by Li Wei", Status::Rejected, "wrong");
    let one = workflow("default", Status::Waiting, vec![stage("editor", Status::Waiting, 1, &["noor"], vec![])]);
    let two = workflow("prices", Status::Rejected, vec![stop, stage("editor", Status::Pending, 2, &["noor"], vec![])]);
    let sides = [one, two].map(|decision| plan(vec![delivery("prices", "bluesky/acme", decision)]));
    let (human, _) = said((&roles, &sides[0]), (&roles, &sides[1]));
    for line in [
        "another workflow: prices, not default",
        "editor needs 2 people, not 1",
        "would stop it: rejection by Li Wei: wrong",
        "now waits for Noor Haddad (editor); then rejected",
    ] {
        assert!(human.contains(line), "{line}: {human}");
    }
}

#[test]
fn what_stands_as_before_is_not_told() {
    let decision = || workflow("default", Status::Waiting, vec![stage("editor", Status::Waiting, 1, &["li"], vec![])]);
    let before = plan(vec![delivery("prices", "bluesky/acme", decision()), delivery("draft", "bluesky/acme", None)]);
    let renamed = roles(&team().replace("Li Wei", "Li Wang"));
    let (human, json) = said((&roles(&team()), &before), (&renamed, &before));
    assert!(human.contains("~ person li: called \"Li Wang\", not called \"Li Wei\"\n"), "{human}");
    assert!(human.contains("Nothing pending changes: 1 pending delivery would stand as before.\n"), "{human}");
    assert_eq!(json["posts"], serde_json::json!([]));
    let (same, _) = said((&renamed, &before), (&renamed, &before));
    assert!(same.contains("The two say the same: nothing changes."), "{same}");
}

/// Every kind of change of the file is in the list.
#[test]
fn every_key_that_changes_is_told() {
    for (from, to, line) in [
        ("\"Li Wei\"", "\"Li Wei\"\nbot = true", "~ person li: a bot, not a human being"),
        ("[people.tess]", "[people.ben]\nemails = [\"b@x.example\"]\n[people.tess]", "+ person ben: b@x.example"),
        ("\"li@acme.example\"", "\"li@new.example\"", "+ person li: address li@new.example"),
        ("\"li@acme.example\"", "\"li@new.example\"", "– person li: address li@acme.example"),
        ("[people.tess]", &format!("keys = [\"{LI}\"]\n[people.tess]"), "+ person li: key SHA256:1JIhSirffmUH…"),
        (&format!("[\"{NOOR}\"]"), "[]", "– person noor: key SHA256:UCUiLr7Pjs9w…"),
        (
            &format!("\"{NOOR}\""),
            &format!("{{ key = \"{NOOR}\", revoked = true }}"),
            "~ person noor: key SHA256:UCUiLr7Pjs9w… revoked",
        ),
        (
            &format!("\"{NOOR}\""),
            &format!("{{ key = \"{NOOR}\", not_after = 2026-12-31 }}"),
            "~ person noor: key SHA256:UCUiLr7Pjs9w… until 2027-01-01 00:00 UTC",
        ),
        (
            "[people.tess]",
            "away = [{ from = 2026-12-24, to = 2026-12-31, stand_in = \"noor\" }]\n[people.tess]",
            "+ person li: away 2026-12-24 to 2026-12-31, noor stands in",
        ),
        ("[people.tess]", "github = { login = \"li\", id = 5 }\n[people.tess]", "+ person li: GitHub account li (5)"),
        ("legal = \"tess\"", "legal = \"tess\"\npress = \"li\"", "+ role press: li"),
        ("legal = \"tess\"", "legal = [\"tess\", \"li\"]", "+ role legal: li"),
        (
            "[[workflow]]\nname = \"prices\"",
            "[rota.editor]\nsince = 2026-01-05\n[[workflow]]\nname = \"prices\"",
            "+ rota editor: noor, li in turn since 2026-01-05",
        ),
        ("[roles]", "[policy]\nevidence = \"sign-off\"\n[roles]", "~ policy evidence: sign-off, not signed"),
        ("[roles]", "[policy]\nauthor_may_approve = true\n[roles]", "~ policy author_may_approve: true, not false"),
        ("[people.tess]", "forgejo = { login = \"li\", id = 5 }\n[people.tess]", "+ person li: Forgejo account li (5)"),
        ("[roles]", "[policy]\nreviews = \"count\"\n[roles]", "~ policy reviews: count, not ignore"),
        ("[roles]", "[policy]\nreschedule = \"keep\"\n[roles]", "~ policy reschedule: keep, not reapprove"),
        ("[roles]", "[permissions]\nhold = \"legal\"\n[roles]", "~ permission hold: legal, not everyone in some stage"),
        (
            "[roles]",
            "[permissions]\npublish = \"legal\"\n[roles]",
            "~ permission publish: legal, not everyone who may push",
        ),
        (
            "[roles]",
            "[permissions]\nedit = [{ paths = \"posts/**\", roles = \"legal\" }]\n[roles]",
            "+ permission edit: posts/** by legal",
        ),
        ("labels = \"pricing\"", "labels = \"price\"", "~ workflow prices: for label price, not for label pricing"),
        ("{ role = \"legal\" }", "{ role = \"legal\", needs = \"all\" }", "+ workflow prices: stage all of legal"),
        (
            "\"24h\" }",
            "\"24h\", escalate_to = \"legal\" }",
            "+ workflow prices: stage editor within 24h, after that legal too",
        ),
        ("when = {", "and = \"default\"\nwhen = {", "+ workflow prices: and default"),
        (
            "{ role = \"editor\", within = \"24h\" }, { role = \"legal\" }",
            "{ role = \"legal\" }, { role = \"editor\", within = \"24h\" }",
            "~ workflow prices: its stages stand in another order",
        ),
        (
            "[[workflow]]\nname = \"prices\"",
            "[[workflow]]\nname = \"pairs\"\nwhen = { labels = \"x\" }\nstages = [{ role = \"editor\", needs = 2 }]\n[[workflow]]\nname = \"prices\"",
            "+ workflow pairs: 2 of editor",
        ),
    ] {
        let text = team();
        assert!(text.contains(from), "{from}");
        let empty = plan(Vec::new());
        let (human, _) = said((&roles(&text), &empty), (&roles(&text.replacen(from, to, 1)), &empty));
        assert!(human.contains(&format!("{line}\n")), "{line}: {human}");
    }
}
