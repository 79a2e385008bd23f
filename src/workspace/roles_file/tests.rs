use super::super::forge::ForgeKind;
use super::super::roles::{Key, Needs, OwnedKey, Reviews};
use super::*;
use crate::workspace::finding::Severity;

const NOOR: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti noor@laptop";

fn faults(text: &str) -> Vec<(&'static str, usize)> {
    read(text.as_bytes()).1.iter().map(|f| (f.code, f.place().line)).collect()
}

#[test]
fn a_good_one() {
    let text = format!(
        r#"
version = 1
[people.noor]
name = "Noor Haddad"
emails = ["Noor@Example.com"]
keys = ["{NOOR}"]
github = {{ login = "noor-h", id = 5551 }}
gitlab = {{ login = "noor", id = 5551 }}
[people.li]
forgejo = {{ login = "noor", id = 7 }}
[roles]
editor = ["noor", "li"]
[policy]
evidence = "sign-off"
reschedule = "keep"
reviews = "count"
[[workflow]]
name = "regulated"
when = {{ labels = ["pricing"], accounts = "mastodon/*" }}
stages = [{{ role = "editor", needs = 2, within = "24h" }}]
[[workflow]]
name = "default"
stages = [{{ role = "editor" }}]
"#
    );
    let (roles, findings) = read(text.as_bytes());
    assert_eq!(findings, []);
    let roles = roles.unwrap();
    assert_eq!(roles.people["noor"].emails, ["noor@example.com"]);
    assert_eq!(roles.owner_of_key(&Key(NOOR.rsplit_once(' ').unwrap().0.to_owned())), Some("noor"));
    assert_eq!((roles.policy.evidence, roles.policy.reviews), (EvidenceMode::SignOff, Reviews::Count));
    let owners = ForgeKind::ALL.map(|forge| [5551, 7].map(|id| roles.owner_of_account(forge, id)));
    assert_eq!(owners, [[Some("noor"), None], [Some("noor"), None], [None, Some("li")]]);
    assert_eq!(roles.workflows[0].when.accounts, ["mastodon/*"]);
    assert_eq!(roles.workflows[1].stages[0].needs, Needs::Some(1));
}

#[test]
fn every_fault_in_one_run() {
    let text = format!(
        r#"
[people.noor]
emails = ["noor", "n@x.example"]
keys = ["{NOOR}", "ssh-ed25519 AAAA"]
[people.maya]
emails = ["N@x.example"]
keys = ["{NOOR}"]
githup = 1
[roles]
editor = ["nor"]
legal = []
[policy]
evidence = "signd"
[[workflow]]
name = "a"
when = {{ labels = [], paths = ["posts/{{a,b}}"] }}
stages = [{{ role = "editors" }}, {{ role = "legal", needs = 0 }}, {{ role = "editor", within = "soon" }}, {{ needs = 1 }}]
[[workflow]]
name = "b"
[[workflow]]
name = "b"
stages = []
"#
    );
    let mut found = faults(&text);
    found.sort();
    let mut expected = vec![
        ("roles/missing-key", 1),
        ("roles/email", 3),
        ("roles/key", 4),
        ("roles/shared", 6),
        ("roles/shared", 7),
        ("roles/unknown-key", 8),
        ("roles/unknown-person", 10),
        ("roles/empty-role", 11),
        ("roles/bad-value", 13),
        ("roles/empty-when", 16),
        ("roles/pattern", 16),
        ("roles/unknown-role", 17),
        ("roles/needs", 17),
        ("roles/duration", 17),
        ("roles/needs", 17),
        ("roles/missing-key", 17),
        ("roles/no-stages", 19),
        ("roles/workflow-name", 21),
        ("roles/unreachable", 21),
        ("roles/no-stages", 21),
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(read(text.as_bytes()).0, None);
}

#[test]
fn a_workspace_without_a_default_is_warned() {
    let text = "version = 1\n[people.a]\n[roles]\ne = [\"a\"]\n[[workflow]]\nwhen = { labels = \"x\" }\nstages = [{ role = \"e\" }]\n";
    let (roles, findings) = read(text.as_bytes());
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["roles/no-default"]);
    assert!(roles.is_some(), "a warning holds nothing up");
}

const LI: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkS6wQI7NPMDnuzbBLN6skDXBRi+mRpRZ75WGTRp8ua";
const MAYA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILMAtyinuLeoJu7ZlvZUXJrTfBseW32ul7GRHpK0337X";

/// A sound team, with more keys of Noor's, more of Li's table, and what comes below.
fn team(noor: &str, li: &str, below: &str) -> String {
    format!(
        r#"
version = 1
[people.noor]
keys = ["{NOOR}", {noor}]
[people.li]
{li}
[people.robot]
bot = true
[roles]
editor = ["noor", "li", "robot"]
admin = ["noor"]
{below}
[[workflow]]
name = "default"
stages = [{{ role = "editor" }}]
"#
    )
}

fn roles(text: &str) -> Roles {
    let (roles, findings) = read(text.as_bytes());
    assert_eq!(findings, []);
    roles.unwrap()
}

/// Code, what is marked, and what to do, of each fault.
fn told(text: &str) -> Vec<(&'static str, String, String)> {
    let told = |f: Finding| (f.code, text[f.span].to_owned(), f.help);
    read(text.as_bytes()).1.into_iter().map(told).collect()
}

fn keys_of_noor(text: &str) -> Vec<OwnedKey> {
    roles(&team(text, "", "")).people["noor"].keys.clone()
}

#[test]
fn keys_have_a_beginning_and_an_end() {
    let moment = |text: &str| Some(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    for (written, before, after, revoked) in [
        ("", None, None, None),
        ("not_before = 2026-01-01", moment("2026-01-01T00:00:00Z"), None, None),
        // A day is counted whole: the key's last moment is before the next midnight.
        ("not_after = 2026-12-31", None, moment("2027-01-01T00:00:00Z"), None),
        ("not_after = \"2026-12-31\"", None, moment("2027-01-01T00:00:00Z"), None),
        ("not_after = 2026-12-31T12:00:00+01:00", None, moment("2026-12-31T11:00:00Z"), None),
        ("not_after = 2026-12-31 12:00:00", None, moment("2026-12-31T12:00:00Z"), None),
        ("not_after = \"2026-12-31 12:00 Europe/Berlin\"", None, moment("2026-12-31T11:00:00Z"), None),
        ("revoked = 2026-06-01", None, None, moment("2026-06-01T00:00:00Z")),
        ("revoked = true", None, None, Some(chrono::DateTime::<chrono::Utc>::MIN_UTC)),
        ("revoked = false", None, None, None),
    ] {
        let keys = keys_of_noor(&format!("{{ key = \"{LI}\", {written} }}").replace(",  }", " }"));
        let key = Key(LI.to_owned());
        let expected = OwnedKey { key, not_before: before, not_after: after, revoked };
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[1], expected, "{written}");
    }
}

#[test]
fn faults_of_keys_stand_where_they_are() {
    for (keys, code, marked, help) in [
        (format!("{{ key = \"{LI}\", not_after = \"soon\" }}"), "roles/date", "\"soon\"", "write a day"),
        (format!("{{ key = \"{LI}\", not_after = 07:32:00 }}"), "roles/date", "07:32:00", "write a day"),
        (format!("{{ key = \"{LI}\", revoked = \"yes\" }}"), "roles/date", "\"yes\"", "write a day"),
        (format!("{{ key = \"{LI}\", revoked = 1 }}"), "roles/wrong-type", "1", "write `true` or a date"),
        (
            format!("{{ key = \"{LI}\", not_before = 2026-01-02, not_after = 2026-01-01 }}"),
            "roles/key-dates",
            "2026-01-01",
            "write a `not_after`",
        ),
        (format!("{{ key = \"{LI}\", until = 2026-01-01 }}"), "roles/unknown-key", "until", "the keys are"),
        ("{ not_after = 2026-01-01 }".to_owned(), "roles/missing-key", "{ not_after = 2026-01-01 }", "add `key`"),
        ("{ key = \"ssh-ed25519 AAAA\" }".to_owned(), "roles/key", "\"ssh-ed25519 AAAA\"", "write the one line"),
        ("5".to_owned(), "roles/wrong-type", "5", "put it in quotes"),
        (
            format!("{{ key = \"{NOOR}\", revoked = true }}"),
            "roles/twice",
            &*format!("\"{NOOR}\""),
            "keep one of them; to revoke a key",
        ),
    ] {
        let told = told(&team(&keys, "", ""));
        let [(found, place, way_out)] = told.as_slice() else { panic!("{keys}: {told:?}") };
        assert_eq!((*found, place.as_str()), (code, marked), "{keys}");
        assert!(way_out.starts_with(help), "{keys}: {way_out}");
    }
}

#[test]
fn a_revoked_key_of_one_is_no_key_for_another() {
    let text = team("", &format!("keys = [{{ key = \"{NOOR}\", revoked = true }}]"), "");
    let told = told(&text);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].0, told[0].2.as_str()), ("roles/shared", "remove it from one of the two"));
    let revoked_first = team(&format!("{{ key = \"{LI}\", revoked = true }}"), &format!("keys = [\"{LI}\"]"), "");
    assert_eq!(read(revoked_first.as_bytes()).1[0].code, "roles/shared");
}

#[test]
fn people_are_away_and_others_stand_in() {
    let text = team(
        "",
        "away = [{ from = 2026-12-24, to = 2027-01-03, stand_in = \"noor\" }, { from = \"2027-02-01\", to = 2027-02-01 }]",
        "",
    );
    let away = roles(&text).people["li"].away.clone();
    assert_eq!((away[0].from.to_string(), away[0].to.to_string()), ("2026-12-24".to_owned(), "2027-01-03".to_owned()));
    assert_eq!((away[0].stand_in.as_deref(), away[1].stand_in.as_deref()), (Some("noor"), None));
    for (away, marked, help) in [
        ("from = 2026-12-24, to = 2026-12-23", "2026-12-23", "write a day from 2026-12-24 on"),
        ("from = 2026-12-24, to = 2026-12-31, stand_in = \"li\"", "\"li\"", "name somebody else"),
        ("from = 2026-12-24, to = 2026-12-31, stand_in = \"robot\"", "\"robot\"", "name a human being"),
        ("from = 2026-12-24, to = 2026-12-31, stand_in = \"nor\"", "\"nor\"", "did you mean `noor`?"),
        ("from = \"2026-02-30\", to = 2026-12-31", "\"2026-02-30\"", "write year, month and day"),
        ("from = 2026-12-24 09:00:00, to = 2026-12-31", "2026-12-24 09:00:00", "write year, month and day"),
        ("from = 2026-12-24", "{ from = 2026-12-24 }", "add `to`"),
    ] {
        let text = team("", &format!("away = [{{ {away} }}]"), "");
        let told = told(&text);
        let [(_, place, way_out)] = told.as_slice() else { panic!("{away}: {told:?}") };
        assert_eq!(place, marked, "{away}");
        assert!(way_out.starts_with(help), "{away}: {way_out}");
        assert_eq!(read(text.as_bytes()).0, None, "{away}");
    }
    let twice = "away = [{ from = 2026-12-24, to = 2026-12-31 }, { from = 2026-12-31, to = 2027-01-02 }]";
    let (roles, findings) = read(team("", twice, "").as_bytes());
    assert_eq!(findings.iter().map(|f| (f.code, f.severity)).collect::<Vec<_>>(), [("roles/away", Severity::Warning)]);
    assert!(roles.is_some());
}

#[test]
fn turns_are_the_roles_people_where_nobody_is_named() {
    let rota = |below: &str| roles(&team("", "", below)).rotas["editor"].clone();
    let all = rota("[rota.editor]\nsince = 2026-01-05");
    assert_eq!(
        (all.people.as_slice(), all.since.to_string().as_str()),
        (&["noor".into(), "li".into()][..], "2026-01-05")
    );
    assert_eq!(rota("[rota.editor]\nsince = \"2026-01-05\"\npeople = [\"li\"]").people, ["li"]);
    for (below, code, marked) in [
        ("[rota.editor]\npeople = [\"li\"]", "roles/missing-key", "editor"),
        ("[rota.editors]\nsince = 2026-01-05", "roles/unknown-role", "editors"),
        ("[rota.editor]\nsince = 2026-01-05\npeople = []", "roles/rota", "editor"),
        ("[rota.editor]\nsince = 2026-01-05\npeople = [\"li\", \"lo\"]", "roles/unknown-person", "\"lo\""),
        ("[rota.editor]\nsince = 2026-01-05\npeople = [\"li\", \"robot\"]", "roles/rota", "\"robot\""),
        ("[rota.admin]\nsince = 2026-01-05\npeople = [\"noor\", \"li\"]", "roles/rota", "\"li\""),
        ("[rota.editor]\nsince = 5", "roles/wrong-type", "5"),
    ] {
        let told = told(&team("", "", below));
        assert_eq!(told.iter().map(|t| (t.0, t.1.as_str())).collect::<Vec<_>>(), [(code, marked)], "{below}");
    }
}

#[test]
fn stages_have_conditions_deadlines_and_a_way_up() {
    let text = team(
        "",
        "",
        r#"
[[workflow]]
name = "regulated"
when = { labels = "pricing" }
parallel = true
stages = [
  { role = "editor", needs = "all" },
  { role = "admin", within = "24h", escalate_to = "editor", when = { accounts = "mastodon/*" } },
]
[[workflow]]
name = "pairs"
when = { labels = "pairs" }
stages = [{ role = "editor" }, { role = "admin", parallel = true }, { role = "editor", needs = 2 }]
"#,
    );
    let workflows = roles(&text).workflows;
    let [editor, admin] = workflows[0].stages.as_slice() else { panic!() };
    assert_eq!((editor.needs, editor.parallel, &editor.when), (Needs::All, false, &Default::default()));
    assert_eq!((admin.needs, admin.parallel), (Needs::Some(1), true));
    assert_eq!((admin.escalate_to.as_deref(), &*admin.when.accounts), (Some("editor"), &["mastodon/*".to_owned()][..]));
    assert_eq!(workflows[1].stages.iter().map(|stage| stage.parallel).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn faults_of_stages_stand_where_they_are() {
    for (stages, code, marked) in [
        ("{ role = \"editor\", needs = 3 }", "roles/needs", "3"),
        ("{ role = \"editor\", needs = \"al\" }", "roles/wrong-type", "\"al\""),
        ("{ role = \"editor\", needs = -1 }", "roles/wrong-type", "-1"),
        ("{ role = \"editor\", needs = 99999999999999999999 }", "roles/wrong-type", "99999999999999999999"),
        ("{ role = \"robots\", needs = \"all\" }", "roles/needs", "\"all\""),
        ("{ role = \"editor\", escalate_to = \"admin\" }", "roles/escalate", "\"admin\""),
        ("{ role = \"editor\", within = \"1d\", escalate_to = \"admn\" }", "roles/unknown-role", "\"admn\""),
        ("{ role = \"editor\", within = \"1d\", escalate_to = \"editor\" }", "roles/escalate", "\"editor\""),
        ("{ role = \"editor\", within = \"1d\", escalate_to = \"robots\" }", "roles/escalate", "\"robots\""),
        ("{ role = \"editor\", when = {} }", "roles/empty-when", "{}"),
        ("{ role = \"editor\", when = { paths = \"posts/{a\" } }", "roles/pattern", "\"posts/{a\""),
        ("{ role = \"editor\", parallel = true }", "roles/parallel", "{ role = \"editor\", parallel = true }"),
    ] {
        let below = format!("robots = [\"robot\"]\n[[workflow]]\nwhen = {{ labels = \"x\" }}\nstages = [{stages}]");
        let told = told(&team("", "", &below));
        assert_eq!(told.iter().map(|t| (t.0, t.1.as_str())).collect::<Vec<_>>(), [(code, marked)], "{stages}");
    }
}

/// Workflows by name, each with the names behind its `and`; the last takes all.
fn combined(workflows: &[(&str, &str)]) -> String {
    let each = workflows.iter().map(|(name, and)| {
        format!("[[workflow]]\nname = \"{name}\"\nwhen = {{ labels = \"{name}\" }}\nand = {and}\nstages = [{{ role = \"editor\" }}]\n")
    });
    team("", "", &each.collect::<String>())
}

#[test]
fn workflows_ask_for_others_and_never_for_themselves() {
    let sound = combined(&[("a", "[\"b\", \"c\"]"), ("b", "\"c\""), ("c", "\"default\"")]);
    assert_eq!(roles(&sound).workflows[0].and, ["b", "c"]);
    for (workflows, marked) in [
        (&[("a", "\"a\"")][..], &["\"a\""][..]),
        (&[("a", "\"b\""), ("b", "\"a\"")], &["\"b\"", "\"a\""]),
        (&[("a", "\"b\""), ("b", "\"c\""), ("c", "\"b\"")], &["\"c\"", "\"b\""]),
        (&[("a", "\"defualt\"")], &["\"defualt\""]),
        (&[("a", "[]")], &["[]"]),
    ] {
        let told = told(&combined(workflows));
        assert!(told.iter().all(|(code, ..)| *code == "roles/and"), "{workflows:?}: {told:?}");
        assert_eq!(told.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(), marked, "{workflows:?}");
    }
}

#[test]
fn a_workflow_that_others_ask_for_may_stand_behind_the_one_that_takes_all() {
    let client = "[[workflow]]\nname = \"client\"\nstages = [{ role = \"admin\" }]\n";
    let asks = "[[workflow]]\nname = \"acme\"\nwhen = { paths = \"posts/acme/**\" }\nand = \"client\"\nstages = [{ role = \"editor\" }]";
    assert_eq!(roles(&(team("", "", asks) + client)).workflows.len(), 3);
    let nobody_asks = team("", "", "") + client;
    assert_eq!(faults(&nobody_asks), [("roles/unreachable", 17)]);
    let first = told(&team("", "", &format!("{asks}\n{client}")));
    assert_eq!(first[0].0, "roles/unreachable");
    assert_eq!(first[0].2, "move `client` behind the workflow that takes all others");
}

#[test]
fn a_change_of_the_policy_needs_admins_who_can_prove_who_they_are() {
    let sign_off = "[policy]\nevidence = \"sign-off\"\nneeds = 1";
    assert_eq!(roles(&team("", "", "[policy]\nneeds = 1")).policy.needs, 1);
    assert_eq!(roles(&team("", "", "")).policy.needs, 1);
    for below in ["[policy]\nneeds = 0", "[policy]\nneeds = 2", sign_off] {
        let told = told(&team("", "", below));
        assert_eq!(told.iter().map(|t| t.0).collect::<Vec<_>>(), ["roles/policy-needs"], "{below}");
    }
    let two =
        |li: &str| team("", li, "[policy]\nneeds = 2").replace("admin = [\"noor\"]", "admin = [\"noor\", \"li\"]");
    assert_eq!(roles(&two(&format!("keys = [\"{MAYA}\"]"))).policy.needs, 2);
    for li in [
        "".to_owned(),
        format!("bot = true\nkeys = [\"{MAYA}\"]"),
        format!("keys = [{{ key = \"{MAYA}\", revoked = 2099-01-01 }}]"),
    ] {
        assert_eq!(faults(&two(&li)).iter().map(|f| f.0).collect::<Vec<_>>(), ["roles/policy-needs"], "{li}");
    }
}

#[test]
fn permissions_name_roles_and_paths() {
    let below = "[permissions]\nhold = \"editor\"\npublish = [\"admin\"]\nedit = [{ paths = \"posts/emea/**\", roles = [\"editor\", \"admin\"] }]";
    let permissions = roles(&team("", "", below)).permissions;
    assert_eq!(permissions.hold, Some(vec!["editor".to_owned()]));
    assert_eq!(permissions.publish, Some(vec!["admin".to_owned()]));
    assert_eq!((&*permissions.edit[0].paths[0], permissions.edit[0].roles.len()), ("posts/emea/**", 2));
    for (below, code, marked) in [
        ("hold = \"editors\"", "roles/unknown-role", "\"editors\""),
        ("publish = []", "roles/permissions", "[]"),
        ("edit = [{ paths = [], roles = \"editor\" }]", "roles/permissions", "[]"),
        ("edit = [{ paths = \"posts/{a\", roles = \"editor\" }]", "roles/pattern", "\"posts/{a\""),
        ("edit = [{ paths = \"posts/**\" }]", "roles/missing-key", "{ paths = \"posts/**\" }"),
        ("edit = [{ paths = \"posts/**\", roles = \"nobody\" }]", "roles/unknown-role", "\"nobody\""),
    ] {
        let told = told(&team("", "", &format!("[permissions]\n{below}")));
        assert_eq!(told.iter().map(|t| (t.0, t.1.as_str())).collect::<Vec<_>>(), [(code, marked)], "{below}");
    }
}

#[test]
fn who_may_retract_is_named_with_how_many_must() {
    let rule =
        |below: &str| roles(&team("", &format!("keys = [\"{MAYA}\"]"), &format!("[policy]\n{below}"))).policy.retract;
    assert_eq!(rule(""), crate::workspace::RetractRule { roles: None, needs: 1 });
    let named = rule("retract = { roles = \"editor\", needs = 2 }");
    assert_eq!((named.roles, named.needs), (Some(vec!["editor".to_owned()]), 2));
    for (below, code) in [
        ("retract = { needs = 0 }", "roles/policy-retract"),
        ("retract = { needs = 9 }", "roles/policy-retract"),
        ("retract = { roles = [] }", "roles/permissions"),
        ("retract = { roles = \"editors\" }", "roles/unknown-role"),
        ("retract = { role = \"editor\" }", "roles/unknown-key"),
    ] {
        let faults = faults(&team("", "", &format!("[policy]\n{below}")));
        assert_eq!(faults.iter().map(|fault| fault.0).collect::<Vec<_>>(), [code], "{below}");
    }
}
