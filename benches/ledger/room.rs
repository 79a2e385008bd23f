//! A workspace with a few posts and a ledger of a chosen length.

use std::fs;
use std::io::{Error, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use greenlit::ledger::{Claim, DeliveryKey, Entry, PartReceipt, Published, Seen, Sighting, codec};
use greenlit::render::{Payload, Wording};
use greenlit::workspace::{AccountName, PostId};

/// What the clock shows.
const NOW: &str = "2026-11-30T09:00:00Z";
const ID: &str = "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11";
const ACCOUNTS: [&str; 2] = ["outbox/site", "outbox/news"];
/// Posts that are there now.
const POSTS: usize = 40;
/// Posts that one run sends.
const RUN: usize = 5;

pub struct Room {
    pub folder: PathBuf,
}

impl Room {
    /// Opens what lies in a folder, or builds it there.
    pub fn at(folder: &Path, entries: usize) -> Result<Self> {
        let room = Self { folder: folder.to_owned() };
        if !folder.join(".git/built").exists() {
            fs::create_dir_all(folder.join("posts"))?;
            room.build(entries)?;
            fs::write(folder.join(".git/built"), "")?;
        }
        Ok(room)
    }

    fn build(&self, entries: usize) -> Result<()> {
        self.git(&["init", "-q", "-b", "main"], b"")?;
        let tree = self.git(&["mktree"], b"")?;
        let root = self.git(&["commit-tree", &tree, "-m", "Begin the ledger"], b"")?;
        fs::write(self.folder.join("greenlit.toml"), settings(&root))?;
        fs::write(self.folder.join("roles.toml"), ROLES)?;
        for n in 0..POSTS {
            let to = ACCOUNTS.join(", ");
            let text = format!("---\nto: [{to}]\npublish_at: 2026-12-01 09:00\n---\nPost number {n}.\n");
            fs::write(self.folder.join(format!("posts/now-{n}.md")), text)?;
        }
        self.git(&["add", "-A"], b"")?;
        self.git(&["commit", "-q", "-m", "Found the newsroom"], b"")?;
        let trusted = self.git(&["rev-parse", "HEAD"], b"")?;

        let mut stream: Vec<u8> = Vec::new();
        let posts = entries / 2 / ACCOUNTS.len();
        let runs = posts.div_ceil(RUN);
        let now: DateTime<Utc> = NOW.parse().map_err(Error::other)?;
        for run in 0..runs {
            let at = now - TimeDelta::minutes(10 * i64::try_from(runs - run).unwrap_or_default());
            let keys: Vec<DeliveryKey> = (run * RUN..posts.min((run + 1) * RUN)).flat_map(keys).collect();
            for outcome in [false, true] {
                let message = if outcome { "Record" } else { "Claim" };
                let who = format!("greenlit <greenlit@localhost> {} +0000", at.timestamp());
                writeln!(stream, "commit refs/heads/greenlit/ledger\ncommitter {who}")?;
                writeln!(stream, "data {}\n{message}", message.len())?;
                if run == 0 && !outcome {
                    writeln!(stream, "from {root}")?;
                }
                for key in &keys {
                    let hash = key.hash(ID);
                    let (name, entry) = if outcome {
                        ("0002-published", receipt(key, at))
                    } else {
                        ("0001-claim", claim(key, at, &trusted))
                    };
                    let bytes = codec::encode(&entry).map_err(Error::other)?;
                    file(&mut stream, &format!("deliveries/{}/{hash}/{name}.json", &hash[..2]), &bytes)?;
                    if let Entry::Claim(claim) = &entry {
                        let wording = Wording::of(&claim.payload).expect("a text");
                        let wording = wording.as_str();
                        let note = format!("texts/{}/{wording}/{hash}", &wording[..2]);
                        file(&mut stream, &note, &serde_json::to_vec(key)?)?;
                    }
                    match outcome {
                        true => writeln!(stream, "D open/{hash}")?,
                        false => file(&mut stream, &format!("open/{hash}"), &serde_json::to_vec(key)?)?,
                    }
                }
                if !outcome {
                    let seen =
                        keys.iter().map(|key| Seen { commit: key.hash(ID)[..40].to_owned(), raw: None }).collect();
                    for sighting in Sighting::of("CI 0123456789abcdef", at, seen) {
                        file(&mut stream, &sighting.path(), &sighting.encode().map_err(Error::other)?)?;
                    }
                }
                writeln!(stream)?;
            }
        }
        writeln!(stream, "done")?;
        self.git(&["update-ref", "refs/heads/greenlit/ledger", &root], b"")?;
        self.git(&["fast-import", "--quiet", "--done"], &stream)?;
        self.git(&["update-ref", "refs/greenlit/ledger", "refs/heads/greenlit/ledger"], b"")?;
        self.git(&["repack", "-a", "-d", "-q"], b"")?;
        self.git(&["pack-refs", "--all"], b"")?;
        Ok(())
    }

    /// A command among nobody's settings, with the clock standing still.
    pub fn surround<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", self.folder.join(".git")).env("TZ", "UTC");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GREENLIT_NOW", NOW);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "CI").env(format!("GIT_{who}_EMAIL"), "ci@acme.example");
            command.env(format!("GIT_{who}_DATE"), "2021-11-01T09:00:00Z");
        }
        command.current_dir(&self.folder)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<String> {
        let mut command = Command::new("git");
        let command = self.surround(&mut command).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        child.stdin.take().ok_or_else(|| Error::other("no pipe"))?.write_all(input)?;
        let output = child.wait_with_output()?;
        assert!(output.status.success(), "git {}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

/// The deliveries of a post that is gone.
fn keys(number: usize) -> Vec<DeliveryKey> {
    let post = PostId::new(&format!("old-{number}")).expect("a name");
    ACCOUNTS.map(|account| DeliveryKey::once(post.clone(), AccountName::new(account).expect("an account"))).to_vec()
}

fn claim(key: &DeliveryKey, at: DateTime<Utc>, trusted: &str) -> Entry {
    let part = serde_json::json!({ "text": format!("What {} says.", key.post) });
    let payload = serde_json::json!({
        "version": 1, "workspace": ID, "post": key.post, "occurrence": key.occurrence,
        "account": { "name": key.account }, "parts": [part],
    });
    let payload: Payload = serde_json::from_value(payload).expect("a payload");
    Entry::Claim(Box::new(Claim {
        version: 1,
        key: key.clone(),
        digest: payload.digest(),
        payload,
        due: "2025-12-01T08:00:00Z".parse().expect("a time"),
        trusted: trusted.to_owned(),
        approvals: vec![key.hash(ID)[..40].to_owned()],
        runner: "CI 0123456789abcdef".to_owned(),
        claimed_at: at,
        resolved_by: None,
        lease_until: at + TimeDelta::minutes(30),
        frozen: serde_json::json!({ "key": key.hash(ID), "created": at.to_rfc3339() }),
    }))
}

fn receipt(key: &DeliveryKey, at: DateTime<Utc>) -> Entry {
    let Entry::Claim(claim) = claim(key, at, "") else { unreachable!("a claim") };
    let id = key.hash(ID)[..18].to_owned();
    let url = Some(format!("https://acme.example/{id}"));
    Entry::Published(Published {
        version: 1,
        key: key.clone(),
        digest: claim.digest,
        published_at: at,
        parts: vec![PartReceipt { id, url, revision: None }],
        adopted: false,
        resolved_by: None,
        updated_at: None,
    })
}

fn file(stream: &mut Vec<u8>, path: &str, bytes: &[u8]) -> Result<()> {
    writeln!(stream, "M 100644 inline {path}\ndata {}", bytes.len())?;
    stream.write_all(bytes)?;
    writeln!(stream)
}

fn settings(ledger: &str) -> String {
    format!(
        "version = 1\nworkspace = \"{ID}\"\ntimezone = \"Europe/Berlin\"\ntrusted = \"main\"\nledger = \"{ledger}\"\n\n\
         [accounts.\"outbox/site\"]\npath = \"public\"\n\n[accounts.\"outbox/news\"]\npath = \"news\"\n"
    )
}

const ROLES: &str = "\
version = 1

[people.noor]
name = \"Noor\"
emails = [\"noor@acme.example\"]

[roles]
editor = [\"noor\"]
admin = [\"noor\"]

[policy]
evidence = \"sign-off\"

[[workflow]]
name = \"default\"
stages = [{ role = \"editor\" }]
";
