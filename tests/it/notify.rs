//! `greenlit notify`: everyone is told once, before the deadline, and never in their quiet hours.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Africa::Cairo;
use chrono_tz::Asia::Shanghai;
use chrono_tz::Europe::{Berlin, London};

use crate::newsroom::{Desk, Newsroom};
use crate::status::{LI, NOOR, TESS, approval, decide, post};
use crate::stub::{Reply, Seen, Stub};

/// Four people, four channels, four clocks.
const NOTIFY: &str = r#"version = 1

[channels.slack]
kind = "slack"

[channels.discord]
kind = "discord"

[channels.matrix]
kind = "matrix"

[channels.hook]
kind = "webhook"

[people.noor]
read = [{ on = "slack", to = "U0NOOR" }]
timezone = "Africa/Cairo"
quiet = ["20:00-08:00"]

[people.li]
read = [{ on = "discord", to = "4711" }]
timezone = "Asia/Shanghai"
quiet = ["22:00-07:00"]
digest = "daily 09:00"

[people.tess]
read = [{ on = "matrix", to = "!tess:matrix.example" }]
timezone = "Europe/London"
quiet = ["18:00-09:00"]
weekdays = ["mon-fri"]

[people.maya]
read = [{ on = "hook" }]
"#;

/// The channels, as one server plays them, and what people were told on them.
struct Channels {
    stub: Stub,
    heard: Mutex<Vec<Heard>>,
}

/// Something that somebody was told.
#[derive(Debug, Clone, PartialEq)]
struct Heard {
    at: DateTime<Utc>,
    who: &'static str,
    text: String,
}

impl Channels {
    /// A server that answers the so-manieth request to a path with this.
    fn start(mut fails: impl FnMut(&Seen) -> Option<Reply> + Send + 'static) -> Self {
        let stub = Stub::start(move |seen| fails(seen).unwrap_or_else(|| Reply::json(200, serde_json::json!({}))));
        Self { stub, heard: Mutex::default() }
    }

    /// A job with the secrets of all channels.
    fn job<'n>(&self, newsroom: &'n Newsroom) -> Desk<'n> {
        let origin = self.stub.origin();
        newsroom
            .runner()
            .env("GREENLIT_NOTIFY_SLACK_URL", &format!("{origin}/services/T1/B1/slacksecret"))
            .env("GREENLIT_NOTIFY_DISCORD_URL", &format!("{origin}/api/webhooks/1/discordsecret"))
            .env("GREENLIT_NOTIFY_MATRIX_URL", &origin)
            .env("GREENLIT_NOTIFY_MATRIX_TOKEN", "matrixsecret")
            .env("GREENLIT_NOTIFY_HOOK_URL", &format!("{origin}/hook/hooksecret"))
    }

    /// Takes in what was said by a run at this time.
    fn listen(&self, at: DateTime<Utc>, before: usize) {
        for seen in &self.stub.seen()[before..] {
            let body = seen.json();
            let (who, text) = match seen.path() {
                path if path.starts_with("/services/") => ("noor", words(&body["blocks"])),
                path if path.starts_with("/api/webhooks/") => ("li", words(&body["content"])),
                path if path.starts_with("/_matrix/") => ("tess", words(&body["body"])),
                path if path.starts_with("/hook/") => ("maya", words(&body["text"])),
                path => panic!("nobody reads at {path}"),
            };
            self.heard.lock().unwrap().push(Heard { at, who, text });
        }
    }

    /// What somebody was told, with its time in UTC, each first line of news.
    fn told(&self, who: &str) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let of = heard.iter().filter(|heard| heard.who == who);
        of.flat_map(|heard| {
            let at = heard.at.format("%a %H").to_string();
            let kinds =
                ["Your turn", "Reminder", "Overdue", "Changed", "Out", "Failed", "Held", "Other rules", "The rules"];
            let lines = heard.text.lines().map(|line| line.replace(['*', '`'], ""));
            let news =
                lines.filter(|line| kinds.iter().any(|kind| line.contains(kind) && !line.contains("your digest")));
            news.map(move |line| format!("{at}  {}", line.trim_start_matches("<@4711> ").trim())).collect::<Vec<_>>()
        })
        .collect()
    }
}

/// All texts in a message, one behind the other.
fn words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(words).collect(),
        serde_json::Value::Object(object) => match object.get("text") {
            Some(text) => words(text),
            None => object.get("elements").map(words).unwrap_or_default(),
        },
        _ => String::new(),
    }
}

fn time(text: &str) -> DateTime<Utc> {
    format!("2026-{text}:00Z").parse().expect("a time")
}

/// Runs publish and notify as CI does, hour by hour.
fn hours(newsroom: &Newsroom, channels: &Channels, job: &Desk<'_>, from: &str, until: &str) {
    let (mut now, until) = (time(from), time(until));
    while now < until {
        let clock = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        newsroom.set_clock(&clock);
        job.greenlit(["publish"]).exits(0);
        let before = channels.stub.seen().len();
        let said = job.greenlit(["notify"]);
        assert!(said.exit == 0, "{clock}\n{}\n{}", said.stdout, said.stderr);
        said.hides("secret");
        channels.listen(now, before);
        now += TimeDelta::hours(1);
    }
}

#[test]
fn a_week_hour_by_hour() {
    let newsroom = Newsroom::acme();
    // The Matrix server is away on Wednesday morning, when tess is to be reminded: two runs find it so.
    let mut down = 0;
    let channels = Channels::start(move |seen| {
        let fails =
            seen.path().starts_with("/_matrix/") && words(&seen.json()["body"]).contains("Reminder") && down < 2;
        down += usize::from(fails);
        fails.then(|| Reply::json(503, serde_json::json!({ "errcode": "M_UNKNOWN" })))
    });
    let job = channels.job(&newsroom);
    let (maya, noor, li, tess) =
        (newsroom.as_person("maya"), newsroom.as_person("noor"), newsroom.as_person("li"), newsroom.as_person("tess"));

    // Monday: three posts.
    newsroom.set_clock("2026-11-30T08:30:00Z");
    maya.write("notify.toml", NOTIFY)
        .write("posts/hello.md", post("title: Hello\n", "Hello, world."))
        .write("posts/prices.md", post("title: New prices\nlabels: [pricing]\npublish_at: 2026-12-03 09:00\n", "Up."))
        .write("posts/winter.md", post("title: Winter\npublish_at: 2026-12-24 18:00\n", "Snow."))
        .commit("Write three posts")
        .push();
    hours(&newsroom, &channels, &job, "11-30T09:00", "11-30T11:00");
    decide(&noor, NOOR, &approval(&noor, "hello", "editor"));
    hours(&newsroom, &channels, &job, "11-30T11:00", "12-01T03:00");

    // Tuesday: li approves one, noor the other; then the first is changed.
    decide(&li, LI, &approval(&li, "winter", "editor"));
    hours(&newsroom, &channels, &job, "12-01T03:00", "12-01T08:00");
    decide(&noor, NOOR, &approval(&noor, "prices", "editor"));
    hours(&newsroom, &channels, &job, "12-01T08:00", "12-01T13:00");
    maya.edit("posts/winter.md", "Snow.", "Snow!").commit("Make it louder").push();
    hours(&newsroom, &channels, &job, "12-01T13:00", "12-02T15:00");

    // Wednesday: tess approves after she was reminded. Thursday it goes out.
    decide(&tess, TESS, &approval(&tess, "prices", "legal"));
    hours(&newsroom, &channels, &job, "12-02T15:00", "12-04T15:00");

    // Friday evening, Berlin's: all is stopped, and goes on the next day.
    maya.git(["fetch", "-q", "origin"]);
    let held = decide(&maya, ("maya", 4), "Greenlit-Hold: everything\n");
    hours(&newsroom, &channels, &job, "12-04T15:00", "12-05T10:00");
    decide(&maya, ("maya", 4), &format!("Greenlit-Resume: {held}\n"));
    hours(&newsroom, &channels, &job, "12-05T10:00", "12-07T12:00");

    assert_eq!(
        channels.told("noor"),
        [
            // Cairo is two hours ahead.
            "Mon 09  Your turn: approve Hello for editor",
            "Mon 09  Your turn: approve New prices for editor",
            "Mon 09  Your turn: approve Winter for editor",
            "Mon 11  Out: Hello",
            "Tue 13  Your turn: approve Winter for editor",
            "Thu 08  Out: New prices",
            "Fri 15  Held: everything",
            "Sat 10  Held no more: everything",
        ]
    );
    assert_eq!(
        channels.told("li"),
        [
            // Shanghai is eight hours ahead: what waits comes at nine, what has a deadline at once.
            "Mon 09  Your turn: approve New prices for editor",
            "Tue 01  Your turn: approve Winter for editor",
            "Wed 01  Your turn: approve Winter for editor",
            "Sat 01  Held: everything",
            "Sun 01  Held no more: everything",
        ]
    );
    assert_eq!(
        channels.told("tess"),
        [
            "Tue 09  Your turn: approve New prices for legal",
            "Wed 09  Reminder: approve New prices for legal",
            "Wed 10  Reminder: approve New prices for legal",
            "Wed 11  Reminder: approve New prices for legal",
            "Thu 09  Out: New prices",
            "Fri 15  Held: everything",
            "Mon 09  Held no more: everything",
        ],
        "the reminder was refused twice, and told the third time"
    );
    assert_eq!(
        channels.told("maya"),
        [
            "Mon 11  Out: Hello",
            "Thu 08  Out: New prices",
            "Fri 15  Held: everything",
            "Sat 10  Held no more: everything"
        ]
    );

    let zones = [("noor", Cairo, 8..20), ("li", Shanghai, 7..22), ("tess", London, 9..18), ("maya", Berlin, 0..24)];
    for (who, zone, awake) in zones {
        for heard in channels.heard.lock().unwrap().iter().filter(|heard| heard.who == who) {
            let hour = heard.at.with_timezone(&zone).hour();
            assert!(awake.contains(&hour), "{who} was told at {hour}: {}", heard.text);
        }
    }
    let li_heard = channels.heard.lock().unwrap().iter().filter(|heard| heard.who == "li").cloned().collect::<Vec<_>>();
    assert!(li_heard[2].text.contains("It was changed since you approved it"), "{}", li_heard[2].text);
    job.greenlit(["ledger", "verify"]).exits(0).shows("of who was told what");
    job.greenlit(["notify"]).exits(0).shows("Nobody is to be told anything now");
    let told = job.git(["ls-tree", "-r", "--name-only", "origin/greenlit/ledger", "told/"]);
    for path in told.lines() {
        let text = job.git(["show", &format!("origin/greenlit/ledger:{path}")]);
        let secrets = ["secret", "http", "U0NOOR", "4711", "!tess", "127.0.0.1"];
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
    }
}

/// A newsroom with a post that waits for its editors, and a `notify.toml`.
fn waiting(notify: &str) -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("notify.toml", notify).write("posts/hello.md", post("title: Hello\n", "Hello, world."));
    maya.commit("Write a post").push();
    newsroom
}

/// How often something was asked for.
fn asked(stub: &Stub, path: &str) -> usize {
    stub.seen().iter().filter(|seen| seen.path().contains(path)).count()
}

#[test]
fn a_run_that_dies_while_it_speaks_tells_nobody_twice_and_forgets_nobody() {
    let notify = "version = 1\n[channels.slack]\nkind = \"slack\"\n[channels.matrix]\nkind = \"matrix\"\n\
                  [people.noor]\nread = [{ on = \"slack\" }]\n[people.li]\nread = [{ on = \"matrix\", to = \"!li:x\" }]\n";
    let newsroom = waiting(notify);
    // It heard the message, and the run dies before it hears the answer.
    let mut nth = 0;
    let channels = Channels::start(move |_| {
        nth += 1;
        (nth <= 2).then_some(Reply::Silence)
    });
    let job = channels.job(&newsroom);
    for nth in 1..=2 {
        let mut running = job.clone().at(&format!("2026-11-30T0{nth}:00:00Z")).start(["notify"]);
        while channels.stub.seen().len() < nth {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        running.signal("KILL");
        running.ends();
    }
    let first: Vec<String> = channels.stub.seen().iter().map(|seen| seen.path().to_owned()).collect();
    assert!(first[0].contains("_matrix") && first[1].contains("_matrix"), "li's comes first: {first:?}");
    assert_eq!(first[0], first[1], "under the same name, so it is there once");

    let said = job.clone().at("2026-11-30T05:00:00Z").greenlit(["notify"]);
    said.exits(1).shows("Nobody knows whether they were told").shows("Noor Haddad: Your turn: approve Hello");
    said.shows("✓ Li Wei was told on matrix").hides("Noor Haddad was told");
    assert_eq!((asked(&channels.stub, "_matrix"), asked(&channels.stub, "services")), (3, 0));
    job.clone().at("2026-11-30T06:00:00Z").greenlit(["notify"]).hides("Li Wei was told");
    assert_eq!(channels.stub.seen().len(), 3);
    job.greenlit(["ledger", "verify"]).exits(0);
}

#[test]
fn two_runs_at_once_tell_everyone_once() {
    let newsroom = waiting(NOTIFY);
    let channels = Channels::start(|_| None);
    let jobs: Vec<Desk<'_>> = (0..3).map(|_| channels.job(&newsroom)).collect();
    let running: Vec<_> = jobs.iter().map(|job| job.start(["notify"])).collect();
    for mut one in running {
        assert_eq!(one.ends(), 0, "{}", one.said());
    }
    assert_eq!(asked(&channels.stub, "services"), 1, "noor once");
    jobs[0].greenlit(["notify"]).exits(0).shows("Nobody is to be told anything now");
    assert_eq!(channels.stub.seen().len(), 1);
}

#[test]
fn what_is_late_changed_and_decided_is_told_to_those_whom_it_concerns() {
    let notify = "version = 1\n[channels.hook]\nkind = \"webhook\"\n[everyone]\nread = [{ on = \"hook\" }]\n\
                  [rooms.desk]\non = \"hook\"\n";
    let newsroom = waiting(notify);
    let channels = Channels::start(|_| None);
    let job = channels.job(&newsroom);
    let told = |from: usize| -> Vec<String> {
        let seen = channels.stub.seen();
        let told = seen[from..].iter().map(|seen| {
            let body = seen.json();
            assert_eq!(seen.header("greenlit-delivery"), body["id"].as_str());
            format!("{} {}", body["reader"].as_str().unwrap(), body["subject"].as_str().unwrap())
        });
        told.collect()
    };
    job.greenlit(["notify"]).exits(0);
    assert_eq!(
        told(0),
        ["li greenlit: Your turn: approve Hello for editor", "noor greenlit: Your turn: approve Hello for editor"]
    );

    // A time that has passed: nobody sends it by itself.
    let (maya, noor) = (newsroom.as_person("maya"), newsroom.as_person("noor"));
    maya.write("posts/hello.md", post("title: Hello\npublish_at: 2026-11-29 09:00\n", "Hello, world."));
    maya.commit("Make it late").push();
    decide(&noor, NOOR, &approval(&noor, "hello", "editor"));
    let before = channels.stub.seen().len();
    job.clone().at("2026-11-30T10:00:00Z").greenlit(["notify"]).exits(0);
    assert_eq!(
        told(before),
        [
            "maya greenlit: Too late to go out by itself: Hello",
            "room desk greenlit: Too late to go out by itself: Hello"
        ]
    );

    // The rules are changed: the admins first, and everyone once it is in force.
    maya.edit("roles.toml", "legal = [\"tess\"]", "legal = [\"tess\", \"li\"]").commit("Let li stand in").push();
    let before = channels.stub.seen().len();
    job.clone().at("2026-11-30T11:00:00Z").greenlit(["notify"]).exits(0);
    assert_eq!(told(before), ["maya greenlit: The rules were changed, and the change waits for admins"]);
    maya.clone().at("2026-11-30T11:30:00Z").greenlit(["approve", "--policy"]).succeeds();
    let before = channels.stub.seen().len();
    job.clone().at("2026-11-30T12:00:00Z").greenlit(["notify"]).exits(0);
    let everyone = ["li", "maya", "noor", "tess"];
    assert_eq!(
        told(before),
        everyone
            .map(|who| format!("{who} greenlit: Other rules are in force: roles.toml or greenlit.toml was changed"))
    );
}

#[test]
fn one_person_alone_can_be_told_and_a_rehearsal_says_nothing() {
    let newsroom = waiting(NOTIFY);
    let channels = Channels::start(|_| None);
    let job = channels.job(&newsroom);
    let said = job.greenlit(["notify", "--dry-run"]);
    said.exits(0)
        .shows("Noor Haddad on slack\n  Your turn: approve Hello for editor\n")
        .shows("  greenlit approve hello\n");
    said.shows("Later\n  Tue 1 Dec 02:00 Li Wei, in the digest: Your turn: approve Hello for editor");
    job.greenlit(["notify", "--for", "tess"]).exits(0).shows("Nobody is to be told anything now");
    assert_eq!(channels.stub.seen().len(), 0);
    let said = job.greenlit(["notify", "--for", "Noor Haddad", "--format", "json"]).json();
    assert_eq!((&said["messages"][0]["reader"], &said["messages"][0]["result"]), (&"noor".into(), &"told".into()));
    job.greenlit(["notify", "--for", "nor"]).exits(2).complains("there is no person");
    // Without its secret a channel is no channel.
    let said = newsroom.runner().greenlit(["notify"]);
    said.exits(0).shows("Li Wei, in the digest");
    let bare = newsroom.runner();
    bare.clone().at("2026-12-01T02:00:00Z").greenlit(["notify"]).exits(1).shows("Cannot be told").shows("Li Wei");
    bare.env("GITHUB_EVENT_NAME", "pull_request").greenlit(["notify"]).exits(3).complains("publish/event");
}

#[test]
fn a_trial_tells_whether_a_channel_works() {
    let newsroom = waiting(NOTIFY);
    let channels = Channels::start(|seen| {
        seen.path().starts_with("/services/").then(|| Reply::json(404, serde_json::json!({ "e": "slacksecret" })))
    });
    let job = channels.job(&newsroom);
    job.greenlit(["notify", "test", "tess"]).exits(0).shows("✓ matrix took it");
    let said = job.greenlit(["notify", "test", "slack"]);
    said.exits(1).shows("✗ slack did not take it").shows("GREENLIT_NOTIFY_SLACK_URL").hides("slacksecret");
    job.greenlit(["notify", "test", "slak"])
        .exits(2)
        .complains("nothing in notify.toml is called \"slak\"")
        .complains("slack");
    assert_eq!(channels.stub.seen().len(), 2);
    let said = newsroom.as_person("maya").greenlit(["notify", "test", "maya", "--format", "json"]);
    assert_eq!(said.json()["tried"][0]["works"], false);
    said.exits(1).shows("GREENLIT_NOTIFY_HOOK_URL is not set");
}

#[test]
fn what_is_wrong_with_the_file_is_told_in_its_place() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["notify"]).exits(2).complains("notify/missing").complains("docs/notify.md");
    maya.write(
        "notify.toml",
        "version = 1\n[channels.slack]\nkind = \"slak\"\n[channels.mail]\nkind = \"email\"\n[channels.Tele]\nkind = \"telegram\"\n\
         [channels.tele]\nkind = \"telegram\"\n[channels.mat]\nkind = \"matrix\"\n[everyone]\nread = [{ on = \"mial\" }]\n\
         [people.nor]\nquiet = [\"22:00-07:00\"]\n[people.noor]\nread = [{ on = \"tele\", to = \"me\" }]\nquiet = [\"22-7\"]\n\
         [people.li]\nread = [{ on = \"mat\", to = \"#room:x\" }]\ntimezone = \"Shanghai\"\ndigest = \"daily\"\n\
         [people.tess]\nread = [{ on = \"mail\", to = \"noor@acme.example\" }]\nnews = [\"turns\"]\nremind = \"1 day\"\n\
         [rooms.desk]\non = \"mail\"\ncolour = \"green\"\n",
    );
    let said = maya.greenlit(["check", "--format", "json"]).json();
    let told = said["findings"].as_array().unwrap().iter();
    let told: Vec<&str> = told.map(|finding| finding["code"].as_str().unwrap()).collect();
    for code in [
        "notify/bad-value",
        "notify/channel",
        "notify/place",
        "notify/times",
        "notify/unknown-person",
        "notify/unknown-key",
    ] {
        assert!(told.contains(&code), "{code} in {told:?}");
    }
    maya.commit("Write a file with faults").push();
    maya.greenlit(["notify"]).exits(3).complains("notify/broken").complains("notify.toml:3:8");
    maya.write(
        "notify.toml",
        "version = 1\n[channels.hook]\nkind = \"webhook\"\n[people.noor]\nread = [{ on = \"hook\" }]\n",
    );
    maya.greenlit(["check"])
        .exits(0)
        .shows("notify/nowhere")
        .shows("Li Wei, Maya Lindqvist and Tess Okafor are told nothing");
}
