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
