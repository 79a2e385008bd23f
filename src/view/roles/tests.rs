use super::*;
use crate::view::Page;
use crate::workspace::{Roles, load_roles};

const KEYS: [&str; 4] = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkS6wQI7NPMDnuzbBLN6skDXBRi+mRpRZ75WGTRp8ua",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILMAtyinuLeoJu7ZlvZUXJrTfBseW32ul7GRHpK0337X",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN2aY9niABbxH2M2bMIsdaHeXukJScqCURjnDzW61chz",
];

/// Noor is away, Li stands in; Tess's key ends soon; Ben has none that counts.
fn team() -> String {
    let [noor, li, tess, maya] = KEYS;
    format!(
        r#"
version = 1
[people.noor]
name = "Noor Haddad"
emails = ["noor@acme.example"]
keys = ["{noor}"]
away = [{{ from = 2026-11-28, to = 2027-01-03, stand_in = "li" }}, {{ from = 2026-10-01, to = 2026-10-02 }}]
[people.li]
name = "Li Wei"
keys = ["{li}"]
[people.tess]
name = "Tess Okafor"
keys = [{{ key = "{tess}", not_after = 2026-12-10 }}]
[people.ben]
keys = [{{ key = "{maya}", revoked = true }}]
[people.robot]
bot = true
[roles]
editor = ["noor", "li", "ben"]
legal = ["tess"]
publisher = "robot"
admin = ["tess", "noor"]
[rota.editor]
people = ["noor", "li"]
since = 2026-11-30
[policy]
needs = 2
[permissions]
publish = "publisher"
edit = [{{ paths = "posts/legal/**", roles = "legal" }}]
[[workflow]]
name = "prices"
when = {{ labels = ["pricing", "figures"], accounts = "mastodon/*" }}
and = "pairs"
stages = [
  {{ role = "editor", within = "24h" }},
  {{ role = "legal", within = "3d", escalate_to = "admin", parallel = true, when = {{ languages = "en" }} }},
  {{ role = "admin", needs = "all" }},
]
[[workflow]]
name = "default"
stages = [{{ role = "editor" }}]
[[workflow]]
name = "pairs"
stages = [{{ role = "editor", needs = 3 }}]
"#
    )
}

fn roles(text: &str) -> Roles {
    let (roles, findings) = load_roles(text.as_bytes());
    roles.unwrap_or_else(|| panic!("{findings:?}"))
}

fn page() -> Page {
    let now = "2026-12-01T09:00:00Z".parse().unwrap();
    Page { width: 80, colour: false, zone: chrono_tz::Europe::Berlin, now }
}

fn told<'a>(roles: &'a Roles, person: Option<&'a str>) -> Told<'a> {
    Told { roles, trusted: "3f9c01ab22d94c", branch: "main", person }
}

#[test]
fn everyone_sees_who_may_do_what() {
    let roles = roles(&team());
    let said = human(&told(&roles, None), &page());
    let expected = r#"Roles, on main at 3f9c01ab22, Tue 1 Dec 10:00

People
ben    editor
       ssh-ed25519 SHA256:OE+7bV87pJFl…, was revoked
li     Li Wei · editor
       on duty as editor this week
       stands in for Noor Haddad today
       ssh-ed25519 SHA256:1JIhSirffmUH…
noor   Noor Haddad · admin, editor
       away 28 Nov to 3 Jan 2027: Li Wei stands in
       ssh-ed25519 SHA256:UCUiLr7Pjs9w…
       noor@acme.example
robot  a bot, decides nothing · publisher
tess   Tess Okafor · admin, legal
       ssh-ed25519 SHA256:CYAf/0Ty77fo…, until Fri 11 Dec 01:00, in 9 days

Workflows: the first that matches a post is used
prices: label pricing or figures, account mastodon/*; and pairs
  1. editor: Li Wei (on duty, for Noor Haddad too) or Noor Haddad (away); within
     24h
  1. legal at the same time: Tess Okafor; within 3d, then admin too; only for
     language en
  2. admin: all of Tess Okafor, Li Wei (for Noor Haddad) and Noor Haddad (away)
default: all posts
  1. editor: Li Wei (on duty, for Noor Haddad too) or Noor Haddad (away)
pairs: all posts
  1. editor: 3 of Li Wei (on duty, for Noor Haddad too) and Noor Haddad (away)

Who may
edit posts/legal/**: legal (Tess Okafor)
edit anything else: everyone
hold: everyone in some stage, and admins
publish: publisher (robot)
retract: a post's authors, its approvers, who may publish, and admins
change the policy: 2 together of Tess Okafor and Noor Haddad

Look at this
! legal has just Tess Okafor: their own posts could never pass it, nor others
  while one is away; add somebody to legal: nobody may approve their own posts
! pairs: editor needs 3, and only 2 can say yes today; add people to editor, or
  a key or address that counts, in roles.toml
! ben has no key that counts, so nothing that they decide counts; add the line
  of their file .pub under [people.ben]
! a key of Tess Okafor ends Fri 11 Dec 01:00, in 9 days: SHA256:CYAf/0Ty77fo…;
  add the next key, or a later `not_after`, under [people.tess]
"#;
    assert_eq!(said, expected);
}

#[test]
fn one_person_sees_what_they_may_do() {
    let roles = roles(&team());
    let said = human(&told(&roles, Some("li")), &page());
    let expected = r#"What Li Wei may do, on main at 3f9c01ab22, Tue 1 Dec 10:00

li  Li Wei · editor
    on duty as editor this week
    stands in for Noor Haddad today
    ssh-ed25519 SHA256:1JIhSirffmUH…

May approve
prices: editor, today for Noor Haddad too
prices: legal, today for Noor Haddad, once its time is over
prices: admin, today for Noor Haddad
default: editor, today for Noor Haddad too
pairs: editor, today for Noor Haddad too

May edit
no: posts/legal/**
yes: everything else

May also
yes: stop posts, with greenlit hold
no: run greenlit publish
no: approve changes of roles.toml and greenlit.toml, lift and resume what others
  stopped
"#;
    assert_eq!(said, expected);
}

#[test]
fn a_program_sees_that_it_decides_nothing() {
    let roles = roles(&team());
    let said = human(&told(&roles, Some("robot")), &page());
    assert!(said.contains("robot  a bot, decides nothing · publisher"), "{said}");
    assert!(said.contains("May approve\nnothing\n"), "{said}");
    assert!(said.contains("no: stop posts\nyes: run greenlit publish\nno: approve changes"), "{said}");
}

#[test]
fn lines_fit_and_hide_nothing() {
    let hostile = team().replace("Noor Haddad", "N\\u001b[31mo\\u202eor Haddad").replace("Li Wei", &"Li ".repeat(60));
    let roles = roles(&hostile);
    for person in [None, Some("li"), Some("noor"), Some("robot")] {
        let said = human(&told(&roles, person), &page());
        assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said}");
        assert!(said.lines().all(|line| crate::view::page::columns(line) <= 80), "{said}");
    }
}

#[test]
fn a_sound_team_has_no_problems() {
    let [noor, li, tess, maya] = KEYS;
    let text = format!(
        r#"
version = 1
[people]
noor = {{ keys = ["{noor}"] }}
li = {{ keys = ["{li}"] }}
tess = {{ keys = ["{tess}"] }}
maya = {{ keys = [{{ key = "{maya}", not_after = 2027-06-01 }}] }}
[roles]
editor = ["noor", "li"]
legal = ["tess", "maya"]
admin = "maya"
[[workflow]]
name = "default"
stages = [{{ role = "editor" }}, {{ role = "legal" }}]
"#
    );
    assert!(!human(&told(&roles(&text), None), &page()).contains("Look at this"));
    for (from, to, says) in [
        (
            "editor = [\"noor\", \"li\"]",
            "editor = \"noor\"",
            "editor has just noor: their own posts could never pass it",
        ),
        ("not_after = 2027-06-01", "not_after = 2026-12-30", "a key of maya ends Thu 31 Dec 01:00, in 4 weeks"),
        ("not_after = 2027-06-01", "not_after = 2026-11-30", "a change of the policy needs 1 of admin, and 0 can"),
        ("not_after = 2027-06-01", "not_after = 2026-11-30", "maya has no key that counts, so nothing"),
        ("{ role = \"legal\" }", "{ role = \"legal\", needs = 2 }", "legal has just tess and maya"),
    ] {
        assert!(text.contains(from), "{from}");
        let said = human(&told(&roles(&text.replace(from, to)), None), &page()).replace("\n  ", " ");
        assert!(said.contains("Look at this") && said.contains(says), "{to}: {said}");
    }
}
