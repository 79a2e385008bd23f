//! A workspace that a team has used for years: posts and their history, signed approvals, a ledger.

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use greenlit::git::SecretKey;
use greenlit::ledger::{Claim, DeliveryKey, Entry, PartReceipt, Published, codec};
use greenlit::network;
use greenlit::render::{Payload, render};
use greenlit::workspace::{Due, FileAssets, Post, Settings, load};

use crate::history::History;

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub posts: usize,
    pub commits: usize,
    pub approvals: usize,
}

/// What the clock shows.
pub const NOW: &str = "2026-11-30T09:00:00Z";
const ID: &str = "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11";
/// Approvers, each with the byte that the key is made of.
const PEOPLE: [(&str, u8); 6] = [("noor", 1), ("li", 2), ("tess", 3), ("omar", 4), ("vera", 5), ("maya", 6)];
/// Of a hundred posts so many are out.
const OUT: usize = 95;
/// Posts that one run of publish sends.
const RUN: usize = 5;
/// Commits that come later: on the trusted branch, and approvals.
const LATER: (usize, usize) = (60, 40);

/// The workspace's folder, and where its branches stand now and later.
pub struct Workspace {
    pub folder: PathBuf,
}

/// One post to one account.
struct Delivery {
    key: DeliveryKey,
    due: Due,
    payload: Payload,
}

impl Workspace {
    /// Opens what lies in a folder, or builds it there.
    pub fn at(folder: &Path, size: Size) -> Result<Self> {
        let workspace = Self { folder: folder.to_owned() };
        if !folder.join(".git/built").exists() {
            fs::create_dir_all(folder)?;
            workspace.build(size)?;
            fs::write(folder.join(".git/built"), "")?;
        }
        Ok(workspace)
    }

    fn build(&self, size: Size) -> Result<()> {
        self.git(&["init", "-q", "-b", "main"], b"")?;
        self.git(&["remote", "add", "origin", "https://git.example/acme/posts.git"], b"")?;
        let tree = self.git(&["mktree"], b"")?;
        let ledger_root = self.git(&["commit-tree", &tree, "-m", "Begin the ledger"], b"")?;
        let settings = settings(&ledger_root);
        fs::write(self.folder.join("greenlit.toml"), &settings)?;

        let now: DateTime<Utc> = NOW.parse().map_err(std::io::Error::other)?;
        let pending = size.posts * OUT / 100;
        let marks = self.folder.join(".git/marks");
        let mut import = Command::new("git");
        import.args(["fast-import", "--quiet", "--done", "--force"]).arg(format!("--export-marks={}", marks.display()));
        let mut import = self.surround(&mut import).stdin(Stdio::piped()).spawn()?;
        let pipe = import.stdin.take().ok_or_else(|| std::io::Error::other("no pipe"))?;
        let files = [("greenlit.toml", settings.as_str()), ("roles.toml", &roles())];
        let mut history = History::begin(BufWriter::new(pipe), now, size.commits, pending, &files)?;
        history.go_on(size.posts, size.commits)?;
        history.on("refs/bench/main");
        let before = history.trusted.len();
        history.go_on(size.posts + LATER.0 / 3, size.commits + LATER.0)?;
        let (trusted, _) = history.end()?;
        succeeded(import.wait()?.success(), "git fast-import")?;
        let names = names(&marks)?;
        let trusted: Vec<String> = trusted.iter().filter_map(|mark| names.get(mark).cloned()).collect();

        let posts = self.deliveries("refs/heads/main")?;
        let later = self.deliveries("refs/bench/main")?;
        self.ledger(&posts[..pending.min(posts.len())], &ledger_root, &trusted, now)?;
        let tip = self.approvals(&posts, &trusted[..before], size.approvals, None, "refs/heads/greenlit/approvals")?;
        let newest = &later[later.len().saturating_sub(LATER.1)..];
        // Whoever approves has read what is newest.
        let recent = &trusted[trusted.len().saturating_sub(2 * LATER.0)..];
        self.approvals(newest, recent, LATER.1, Some(tip), "refs/bench/approvals")?;

        for branch in ["main", "greenlit/approvals", "greenlit/ledger"] {
            let tip = self.git(&["rev-parse", &format!("refs/heads/{branch}")], b"")?;
            self.git(&["update-ref", &format!("refs/remotes/origin/{branch}"), &tip], b"")?;
        }
        self.git(&["update-ref", "refs/bench/before", "refs/heads/main"], b"")?;
        self.git(&["update-ref", "refs/bench/approvals-before", "refs/heads/greenlit/approvals"], b"")?;
        self.git(&["repack", "-a", "-d", "-q"], b"")?;
        self.git(&["prune-packed", "-q"], b"")?;
        self.git(&["pack-refs", "--all"], b"")?;
        Ok(())
    }

    /// The commit that is pinned as the root of trust: the trusted branch's first.
    pub fn root(&self) -> Result<String> {
        self.git(&["rev-list", "--max-parents=0", "refs/heads/main"], b"")
    }

    /// The branches as they stand before or after the later commits.
    pub fn stand(&self, later: bool) -> Result<()> {
        let (main, approvals) = if later {
            ("refs/bench/main", "refs/bench/approvals")
        } else {
            ("refs/bench/before", "refs/bench/approvals-before")
        };
        for place in ["refs/heads", "refs/remotes/origin"] {
            self.git(&["update-ref", &format!("{place}/main"), main], b"")?;
            self.git(&["update-ref", &format!("{place}/greenlit/approvals"), approvals], b"")?;
        }
        Ok(())
    }

    /// A command among nobody's settings, with the clock standing still.
    pub fn surround<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.join(".git"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GREENLIT_NOW", NOW);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "CI").env(format!("GIT_{who}_EMAIL"), "ci@acme.example");
            command.env(format!("GIT_{who}_DATE"), "2021-11-01T09:00:00Z");
        }
        command.current_dir(&self.folder)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<String> {
        let mut command = Command::new("git");
        let mut child =
            self.surround(&mut command).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        child.stdin.take().ok_or_else(|| std::io::Error::other("no pipe"))?.write_all(input)?;
        let output = child.wait_with_output()?;
        succeeded(output.status.success(), &format!("git {}", arguments.join(" ")))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// The deliveries of each post at a commit, posts in order of their numbers.
    fn deliveries(&self, commit: &str) -> Result<Vec<Vec<Delivery>>> {
        let repository = greenlit::git::Repository::open(&self.folder).map_err(std::io::Error::other)?;
        let commit = repository.commit_named(commit).map_err(std::io::Error::other)?;
        let files = repository.files(commit).map_err(std::io::Error::other)?;
        let specs: Vec<_> = network::all().iter().map(|network| network.capability().account).collect();
        let loaded = load(&files, &specs);
        let wrong = loaded.findings.first().map(|finding| format!("{}: {}", finding.source.path, finding.message));
        succeeded(wrong.is_none(), &format!("reading the workspace: {}", wrong.unwrap_or_default()))?;
        let settings = loaded.settings.ok_or_else(|| std::io::Error::other("no settings"))?;
        let assets = FileAssets::new(&files);
        let mut posts = loaded.posts;
        posts.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        posts.iter().map(|post| of_post(post, &settings, &assets)).collect()
    }

    /// Claims and receipts of the posts that are out.
    fn ledger(&self, posts: &[Vec<Delivery>], root: &str, trusted: &[String], now: DateTime<Utc>) -> Result<()> {
        let mut stream: Vec<u8> = Vec::new();
        let runs: Vec<&[Vec<Delivery>]> = posts.chunks(RUN).collect();
        for (run, posts) in runs.iter().enumerate() {
            let left = i64::try_from(runs.len() - run).unwrap_or_default();
            let at = now - TimeDelta::hours(4 * left);
            let seen = &trusted[run * trusted.len() / runs.len()];
            for outcome in [false, true] {
                let who = format!("greenlit <greenlit@localhost> {} +0000", at.timestamp());
                let message = if outcome { "Record" } else { "Claim" };
                writeln!(
                    stream,
                    "commit refs/heads/greenlit/ledger\ncommitter {who}\ndata {}\n{message}",
                    message.len()
                )?;
                if run == 0 && !outcome {
                    writeln!(stream, "from {root}")?;
                }
                for delivery in posts.iter().flatten() {
                    let entry = if outcome { delivery.receipt(at) } else { delivery.claim(at, seen) };
                    let hash = delivery.key.hash(ID);
                    let name = if outcome { "0002-published" } else { "0001-claim" };
                    let bytes = codec::encode(&entry).map_err(std::io::Error::other)?;
                    file(&mut stream, &format!("deliveries/{}/{hash}/{name}.json", &hash[..2]), &bytes)?;
                    if outcome {
                        writeln!(stream, "D open/{hash}")?;
                    } else {
                        file(&mut stream, &format!("open/{hash}"), &serde_json::to_vec(&delivery.key)?)?;
                    }
                }
                writeln!(stream)?;
            }
        }
        writeln!(stream, "done")?;
        self.git(&["update-ref", "refs/heads/greenlit/ledger", root], b"")?;
        self.git(&["fast-import", "--quiet", "--done"], &stream)?;
        Ok(())
    }

    /// So many signed approvals, two for each post as far as they reach; the oldest posts have some of earlier versions.
    fn approvals(
        &self,
        posts: &[Vec<Delivery>],
        trusted: &[String],
        count: usize,
        parent: Option<String>,
        branch: &str,
    ) -> Result<String> {
        let repository = git2::Repository::open(&self.folder).map_err(std::io::Error::other)?;
        let odb = repository.odb().map_err(std::io::Error::other)?;
        let keys: Vec<SecretKey> = PEOPLE.iter().map(|(_, byte)| SecretKey::from_seed([*byte; 32])).collect();
        let tree = odb.write(git2::ObjectType::Tree, b"").map_err(std::io::Error::other)?;
        let now: DateTime<Utc> = NOW.parse().map_err(std::io::Error::other)?;
        let mut parent = parent;
        for n in 0..count {
            let which = n * posts.len() / count;
            let (Some(post), second) = (posts.get(which), (n * posts.len()) % count >= count / 2) else { continue };
            // Of those that are still to go out, some wait for legal: what they have instead approves another text.
            let stale = second && which % 5 < 2 && which * 100 >= posts.len() * OUT;
            let person = if second { 4 } else { which % 4 };
            let (name, _) = PEOPLE[person];
            let stage = if second { "legal" } else { "editor" };
            let policy = &trusted[which * trusted.len() / posts.len().max(1)];
            let back = i64::try_from(count - n).unwrap_or_default();
            let when = (now - TimeDelta::minutes(60 + back * 120)).timestamp();
            let mut text = format!("tree {tree}\n");
            if let Some(parent) = &parent {
                text += &format!("parent {parent}\n");
            }
            let who = format!("{name} <{name}@acme.example>");
            text += &format!("author {who} {when} +0000\ncommitter {who} {when} +0000\n\n");
            let first = &post[0].key.post;
            text += &format!("Approve {first} for {stage}\n\nGreenlit-Workspace: {ID}\nGreenlit-Policy: {policy}\n");
            text += &format!("Greenlit-Stage: {stage}\n");
            for delivery in post {
                let digest = delivery.payload.digest();
                let digest = if stale { greenlit::render::Digest::of(digest.to_string().as_bytes()) } else { digest };
                text += &format!("Greenlit-Approve: {first} {} {digest} at {}\n", delivery.key.account, delivery.due);
            }
            text += &format!("Signed-off-by: {who}\n");
            let signed = keys[person].sign_commit(text.as_bytes()).map_err(std::io::Error::other)?;
            let id = odb.write(git2::ObjectType::Commit, &signed).map_err(std::io::Error::other)?;
            parent = Some(id.to_string());
        }
        let tip = parent.unwrap_or_default();
        self.git(&["update-ref", branch, &tip], b"")?;
        Ok(tip)
    }
}

impl Delivery {
    fn claim(&self, at: DateTime<Utc>, seen: &str) -> Entry {
        Entry::Claim(Box::new(Claim {
            version: 1,
            key: self.key.clone(),
            digest: self.payload.digest(),
            payload: self.payload.clone(),
            due: self.due,
            trusted: seen.to_owned(),
            approvals: vec![seen.to_owned(); 2],
            runner: "CI 0123456789abcdef".to_owned(),
            claimed_at: at,
            resolved_by: None,
            lease_until: at + TimeDelta::minutes(30),
            frozen: serde_json::json!({ "key": self.key.hash(ID), "created": at.to_rfc3339() }),
        }))
    }

    fn receipt(&self, at: DateTime<Utc>) -> Entry {
        let id = self.key.hash(ID);
        let url = Some(format!("https://social.example/@acme/{}", &id[..18]));
        let part = PartReceipt { id: id[..18].to_owned(), url, revision: None };
        Entry::Published(Published {
            version: 1,
            key: self.key.clone(),
            digest: self.payload.digest(),
            published_at: at,
            parts: vec![part],
            adopted: false,
            resolved_by: None,
            updated_at: None,
        })
    }
}

fn of_post(post: &Post, settings: &Settings, assets: &FileAssets<'_>) -> Result<Vec<Delivery>> {
    let accounts = post.to.iter().filter_map(|name| settings.accounts.get(name));
    let delivery = |account: &greenlit::workspace::Account| {
        let network = network::named(account.name.network()).ok_or_else(|| std::io::Error::other("no network"))?;
        let payload = render(post, account, network.capability(), &settings.workspace, assets)
            .map_err(|findings| std::io::Error::other(format!("{}: {findings:?}", post.source.path)))?;
        Ok(Delivery { key: DeliveryKey::once(post.id.clone(), account.name.clone()), due: post.due, payload })
    };
    accounts.map(delivery).collect()
}

fn file(stream: &mut Vec<u8>, path: &str, bytes: &[u8]) -> Result<()> {
    writeln!(stream, "M 100644 inline {path}\ndata {}", bytes.len())?;
    stream.write_all(bytes)?;
    writeln!(stream)
}

/// Commits by their marks.
fn names(marks: &Path) -> Result<HashMap<usize, String>> {
    let text = fs::read_to_string(marks)?;
    let pairs = text.lines().filter_map(|line| line.strip_prefix(':')?.split_once(' '));
    Ok(pairs.filter_map(|(mark, id)| Some((mark.parse().ok()?, id.to_owned()))).collect())
}

fn succeeded(success: bool, what: &str) -> Result<()> {
    if success { Ok(()) } else { Err(std::io::Error::other(format!("{what} failed"))) }
}

fn settings(ledger: &str) -> String {
    format!(
        "version = 1\nworkspace = \"{ID}\"\ntimezone = \"Europe/Berlin\"\ntrusted = \"main\"\nledger = \"{ledger}\"\n\n\
         [accounts.\"bluesky/acme\"]\nservice = \"https://bsky.example\"\nhandle = \"acme.example\"\n\n\
         [accounts.\"mastodon/acme\"]\nserver = \"https://mastodon.example\"\nhandle = \"acme\"\n"
    )
}

fn roles() -> String {
    let mut text = "version = 1\n\n".to_owned();
    for (person, byte) in PEOPLE {
        let key = SecretKey::from_seed([byte; 32]).public();
        text += &format!(
            "[people.{person}]\nname = \"{person}\"\nemails = [\"{person}@acme.example\"]\nkeys = [\"{}\"]\n\n",
            key.0
        );
    }
    text + "[roles]\neditor = [\"noor\", \"li\", \"tess\", \"omar\"]\nlegal = [\"vera\"]\nadmin = [\"maya\"]\n\n\
            [policy]\nevidence = \"signed\"\n\n[[workflow]]\nname = \"default\"\n\
            stages = [{ role = \"editor\" }, { role = \"legal\" }]\n"
}
