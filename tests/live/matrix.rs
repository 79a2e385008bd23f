//! Notices in a room of a real Matrix server: Synapse.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::newsroom::Newsroom;
use super::servers::{ask, installed};
use super::stub::{Reply, Stub};

/// Synapse, with a database in a folder.
struct Synapse {
    origin: String,
    child: Child,
}

/// Somebody on it.
struct Account<'s> {
    server: &'s Synapse,
    token: String,
}

impl Synapse {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        // JSON is YAML.
        let settings = json!({
            "server_name": "matrix.test",
            "report_stats": false,
            "listeners": [{
                "port": port, "type": "http", "tls": false, "bind_addresses": ["127.0.0.1"],
                "resources": [{ "names": ["client"] }],
            }],
            "database": { "name": "sqlite3", "args": { "database": place("synapse.db") } },
            "media_store_path": place("media"),
            "signing_key_path": place("signing.key"),
            "pid_file": place("pid"),
            "macaroon_secret_key": "of this test",
            "form_secret": "of this test",
            "trusted_key_servers": [],
            "suppress_key_server_warning": true,
            "enable_registration": true,
            "enable_registration_without_verification": true,
        });
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("settings.yaml"), settings.to_string()).unwrap();
        let run = || {
            let mut command = Command::new(installed("matrix", "requirements.txt").join("bin/python"));
            command.args(["-m", "synapse.app.homeserver", "-c"]).arg(folder.join("settings.yaml"));
            command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        assert!(run().arg("--generate-keys").status().unwrap().success());
        let mut child = run().spawn().expect("the server starts");
        let until = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(matches!(child.try_wait(), Ok(None)) && Instant::now() < until, "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { origin: format!("http://127.0.0.1:{port}"), child }
    }

    fn account(&self, name: &str) -> Account<'_> {
        let mut account = Account { server: self, token: String::new() };
        let body = json!({ "username": name, "password": "of this test", "auth": { "type": "m.login.dummy" } });
        account.token = account.asks("POST", "register", body)["access_token"].as_str().unwrap().to_owned();
        account
    }
}

impl Drop for Synapse {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Account<'_> {
    fn asks(&self, method: &str, path: &str, body: Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut headers = vec![("Content-Length".to_owned(), body.len().to_string())];
        if !self.token.is_empty() {
            headers.push(("Authorization".to_owned(), format!("Bearer {}", self.token)));
        }
        let target = format!("/_matrix/client/v3/{path}");
        let answer = ask(&self.server.origin, method, &target, &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{target}: {}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// What was said in a room, oldest first.
    fn hears(&self, room: &str) -> Vec<Value> {
        let all = self.asks("GET", &format!("rooms/{room}/messages?dir=f&limit=100"), Value::Null);
        let events = all["chunk"].as_array().unwrap().iter().filter(|event| event["type"] == "m.room.message");
        events.map(|event| event["content"].clone()).collect()
    }
}

#[test]
fn a_room_hears_each_notice_once_whatever_is_lost() {
    let newsroom = Newsroom::acme();
    let server = Synapse::start(&newsroom.path().join("synapse"));
    let (noor, bot) = (server.account("noor"), server.account("greenlit"));
    let room = json!({ "preset": "private_chat", "invite": ["@greenlit:matrix.test"] });
    let room = noor.asks("POST", "createRoom", room)["room_id"].as_str().unwrap().to_owned();
    bot.asks("POST", &format!("join/{room}"), json!({}));

    // The answer to the second request for a notice is lost, though the server took it.
    let (origin, mut nth) = (server.origin.clone(), 0);
    let between = Stub::start(move |seen| {
        let headers: Vec<(String, String)> =
            seen.headers.iter().filter(|(name, _)| name != "connection" && name != "host").cloned().collect();
        let answer = ask(&origin, &seen.method, &seen.target, &headers, &seen.body);
        nth += 1;
        match nth {
            2 => Reply::HangUp,
            _ => Reply::json(answer.status, serde_json::from_slice(&answer.body).unwrap()),
        }
    });
    let notify = format!(
        "version = 1\n[channels.matrix]\nkind = \"matrix\"\n[people.noor]\nread = [{{ on = \"matrix\", to = \"{room}\" }}]\n"
    );
    let maya = newsroom.as_person("maya");
    maya.write("notify.toml", notify)
        .write(
            "posts/hello.md",
            "---\ntitle: \"@room @noor:matrix.test <b>Küsse</b>\"\nto: [outbox/site]\n---\nHello.\n",
        )
        .commit("Say hello")
        .push();
    let job = |token: &str| {
        let job = newsroom.runner().env("GREENLIT_NOTIFY_MATRIX_URL", &between.origin());
        job.env("GREENLIT_NOTIFY_MATRIX_TOKEN", token)
    };
    let said = job("syt_wrong").at("2026-11-30T09:00:00Z").greenlit(["notify"]);
    said.exits(1).shows("cannot be told there").shows("GREENLIT_NOTIFY_MATRIX_TOKEN").hides("syt_wrong");
    assert_eq!(noor.hears(&room), [] as [Value; 0]);

    let later = |hour: &str| job(&bot.token).at(&format!("2026-11-30T{hour}:00:00Z"));
    later("16").greenlit(["notify"]).exits(1).shows("may have been told on matrix").hides(&bot.token);
    later("17").greenlit(["notify"]).exits(0).shows("✓ Noor Haddad was told on matrix");
    later("18").greenlit(["notify"]).exits(0).shows("Nobody is to be told anything now");
    assert_eq!(between.seen().len(), 3);
    let heard = noor.hears(&room);
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["msgtype"], "m.text");
    assert_eq!(
        heard[0]["formatted_body"],
        "<b>Your turn</b>: approve <code>@room @noor:matrix.test &lt;b&gt;Küsse&lt;/b&gt;</code> for <code>editor</code><br/>\
         <code>outbox/site</code><br/><code>greenlit approve hello</code>"
    );
    // It waits to be read, and called nobody by name.
    let unread = noor.asks("GET", "sync", Value::Null)["rooms"]["join"][&room]["unread_notifications"].clone();
    assert_eq!((&unread["notification_count"], &unread["highlight_count"]), (&json!(1), &json!(0)), "{unread}");

    // A room that it is not in takes nothing.
    let other = noor.asks("POST", "createRoom", json!({}))["room_id"].as_str().unwrap().to_owned();
    maya.edit("notify.toml", &room, &other);
    let trial = maya.clone().env("GREENLIT_NOTIFY_MATRIX_URL", &server.origin);
    let trial = trial.env("GREENLIT_NOTIFY_MATRIX_TOKEN", &bot.token);
    trial.greenlit(["notify", "test", "noor"]).exits(1).shows("✗ matrix did not take it").hides(&bot.token);
    maya.edit("notify.toml", &other, &room);
    trial.greenlit(["notify", "test", "noor"]).exits(0).shows("✓ matrix took it");
    assert_eq!(noor.hears(&room).len(), 2);
}
