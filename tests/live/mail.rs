//! Mails, handed to a real server and read by a reader that has nothing to do with greenlit.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::newsroom::{Desk, Newsroom};
use super::servers::installed;

/// aiosmtpd, which wants a login and knows no mailbox of `nobody`.
struct MailServer {
    port: u16,
    mails: PathBuf,
    child: Child,
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/mail").join(name)
}

impl MailServer {
    /// `manner`: `plain`, `starttls` or `tls`.
    fn start(folder: &Path, manner: &str) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mails = folder.join("mails");
        let mut child = Command::new(installed("mail", "requirements.txt").join("bin/python"))
            .arg(script("serve.py"))
            .args([mails.as_os_str(), port.to_string().as_ref(), manner.as_ref()])
            .stdin(Stdio::piped())
            // It warns that it takes passwords in the clear, which it does on this machine alone.
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(matches!(child.try_wait(), Ok(None)) && Instant::now() < until, "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { port, mails, child }
    }

    fn read(&self) -> Vec<Value> {
        let python = installed("mail", "requirements.txt").join("bin/python");
        let output = Command::new(python).arg(script("read.py")).arg(&self.mails).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap().as_array().unwrap().clone()
    }

    /// A job that logs in with this password.
    fn job<'n>(&self, newsroom: &'n Newsroom, password: &str) -> Desk<'n> {
        let url = format!("smtp://greenlit:{password}@127.0.0.1:{}", self.port);
        newsroom.runner().env("GREENLIT_NOTIFY_MAIL_URL", &url)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn people_get_their_mails_once() {
    let newsroom = Newsroom::acme();
    let server = MailServer::start(&newsroom.path(), "plain");
    let maya = newsroom.as_person("maya");
    let notify = "version = 1\n[channels.mail]\nkind = \"email\"\nfrom = \"greenlit@acme.example\"\n[everyone]\n\
                  read = [{ on = \"mail\" }]\n";
    let title = "title: Grüße & <b>Küsse</b> https://evil.example 🍁\n";
    maya.write("notify.toml", notify)
        .write("posts/hello.md", format!("---\nto: [outbox/site]\n{title}---\nHello.\n.\nworld\n"))
        .commit("Say hello")
        .push();

    let said = server.job(&newsroom, "wrong").greenlit(["notify"]);
    said.exits(1).shows("refuses to log in").shows("GREENLIT_NOTIFY_MAIL_URL").hides("wrong");
    assert_eq!(server.read(), Vec::<Value>::new());

    let job = server.job(&newsroom, "p%40ss%3Aw%2Frd").at("2026-11-30T16:00:00Z");
    let said = job.greenlit(["-vv", "notify"]);
    said.exits(0).shows("✓ Noor Haddad was told on mail").hides("p@ss").hides("p%40ss");
    job.greenlit(["notify"]).exits(0).shows("Nobody is to be told anything now");
    let mails = server.read();
    let mut to: Vec<&str> = mails.iter().map(|mail| mail["to"].as_str().unwrap()).collect();
    to.sort_unstable();
    assert_eq!(to, ["li@acme.example", "noor@acme.example"]);
    let mail = &mails[0];
    let text = |key: &str| mail[key].as_str().unwrap();
    assert_eq!(text("from"), "greenlit@acme.example");
    assert_eq!(text("type"), "text/plain");
    assert_eq!(text("date"), "2026-11-30T16:00:00+00:00");
    assert!(text("id").ends_with(".greenlit@acme.example>"), "{mail}");
    assert!(
        text("subject").starts_with("greenlit: Your turn: approve Grüße & <b>Küsse</b> https:\u{2060}//evil"),
        "{mail}"
    );
    assert!(text("text").contains("greenlit approve hello"), "{mail}");
    assert!(!text("text").contains("https://"), "{mail}");
}

#[test]
fn a_mailbox_that_is_not_there_is_told_as_such() {
    let newsroom = Newsroom::acme();
    let server = MailServer::start(&newsroom.path(), "plain");
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "emails = [\"noor@acme.example\"]", "emails = [\"nobody@acme.example\"]").write(
        "notify.toml",
        "version = 1\n[channels.mail]\nkind = \"email\"\nfrom = \"greenlit@acme.example\"\n[people.noor]\nread = [{ on = \"mail\" }]\n",
    );
    let url = format!("smtp://greenlit:p%40ss%3Aw%2Frd@127.0.0.1:{}", server.port);
    let said = maya.clone().env("GREENLIT_NOTIFY_MAIL_URL", &url).greenlit(["notify", "test", "noor"]);
    said.exits(1).shows("refuses the mail (550)").hides("nobody@");
    assert_eq!(server.read(), Vec::<Value>::new());
}

#[test]
fn a_server_is_trusted_by_its_certificate_alone() {
    for (manner, scheme) in [("starttls", "smtp"), ("tls", "smtps")] {
        let newsroom = Newsroom::acme();
        let server = MailServer::start(&newsroom.path(), manner);
        let maya = newsroom.as_person("maya");
        maya.write(
            "notify.toml",
            "version = 1\n[channels.mail]\nkind = \"email\"\nfrom = \"greenlit@acme.example\"\n[people.noor]\nread = [{ on = \"mail\" }]\n",
        );
        let authority = server.mails.with_file_name("authority.pem");
        let job = |host: &str| {
            let url = format!("{scheme}://greenlit:p%40ss%3Aw%2Frd@{host}:{}", server.port);
            maya.clone().env("GREENLIT_NOTIFY_MAIL_URL", &url)
        };
        // By an authority that nobody knows.
        let said = job("127.0.0.1").greenlit(["notify", "test", "noor"]);
        said.exits(1).shows("cannot be trusted").hides("p@ss").hides("p%40ss");
        // The same, once the machine knows it.
        let knowing = job("127.0.0.1").env("SSL_CERT_FILE", authority.to_str().unwrap());
        knowing.greenlit(["notify", "test", "noor"]).exits(0).shows("✓ mail took it");
        let mails = server.read();
        assert_eq!((mails.len(), &mails[0]["to"]), (1, &"noor@acme.example".into()), "{manner}");
        // Under another name it is somebody else.
        let elsewhere = job("localhost").env("SSL_CERT_FILE", authority.to_str().unwrap());
        elsewhere.greenlit(["notify", "test", "noor"]).exits(1).shows("cannot be trusted").hides("p@ss");
        assert_eq!(server.read().len(), 1);
    }
}
