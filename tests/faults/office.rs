//! A newsroom whose posts are approved, copied for each story: a remote of its own, clones of its own, a place of its own
//! on every network.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use greenlit::git::{GitLedger, LEDGER, Repository};
use greenlit::ledger::{DeliveryKey, State, Store as _};
use greenlit::network;
use greenlit::workspace::{AccountName, PostId};

use crate::networks::Networks;
use crate::newsroom::{NOW, Newsroom, WORKSPACE};

/// The original, with the networks.
pub struct Office {
    pub networks: Networks,
    original: PathBuf,
    clone: PathBuf,
    folder: PathBuf,
    surroundings: Vec<(&'static str, OsString)>,
    ledger: String,
    _newsroom: Mutex<Newsroom>,
}

/// A copy of it.
pub struct Desk<'o> {
    pub office: &'o Office,
    /// Its name, which its secrets are made of.
    pub name: String,
    folder: PathBuf,
    clones: AtomicUsize,
}

/// One run of the program.
pub struct Ran {
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// Whether it came to the failpoint that it was to stop at.
    pub stopped: bool,
}

impl Office {
    /// With accounts on networks of its own, and posts, as name and text, all approved.
    pub fn open(accounts: &[&str], posts: &[(String, String)]) -> Self {
        Self::open_after(accounts, posts, &[], |_, _| {})
    }

    /// The same with other files, as path and bytes, and after something happened in the newsroom. It may ask for the
    /// accounts' secrets as environment variables; the places that they are for begin with a name.
    pub fn open_after(
        accounts: &[&str],
        posts: &[(String, String)],
        files: &[(String, Vec<u8>)],
        happens: impl FnOnce(&Newsroom, &dyn Fn(&str) -> Vec<(String, String)>),
    ) -> Self {
        let networks = Networks::open();
        let origin = networks.origin();
        let newsroom = Newsroom::acme();
        let maya = newsroom.as_person("maya");
        let mut settings = maya.read("greenlit.toml");
        for account in accounts {
            settings += &format!("\n[accounts.\"{account}\"]\n");
            settings += &match account.split_once('/').unwrap().0 {
                "bluesky" => format!("service = \"{origin}\"\nhandle = \"acme.test\"\n"),
                "mastodon" => format!("server = \"{origin}\"\nhandle = \"acme\"\n"),
                _ => String::new(),
            };
        }
        maya.write("greenlit.toml", settings);
        for (name, text) in posts {
            maya.write(&format!("posts/{name}.md"), text);
        }
        for (path, bytes) in files {
            maya.write(path, bytes);
        }
        maya.commit("Go to the networks").push();
        newsroom.pin();
        let noor = newsroom.as_person("noor");
        noor.pull();
        noor.greenlit(["approve"].into_iter().chain(posts.iter().map(|(name, _)| name.as_str()))).succeeds();
        happens(&newsroom, &|place| {
            let secret = |account: &&str| {
                let network = account.split_once('/').unwrap().0;
                variables(account, &networks.secret(network, &format!("{place}-{account}")))
            };
            accounts.iter().flat_map(secret).collect()
        });
        let runner = newsroom.runner();
        let ledger = runner.git(["rev-list", "--max-parents=0", "origin/greenlit/ledger"]).trim().to_owned();
        let (clone, original) = (runner.path().to_owned(), newsroom.remote());
        for folder in [&original, &clone.join(".git")] {
            // What is copied for each run has few files.
            runner.git([OsStr::new("-C"), folder.as_os_str(), OsStr::new("repack"), OsStr::new("-adq")]);
            fs::remove_dir_all(folder.join("hooks")).unwrap();
        }
        let surroundings = newsroom.surroundings("runner");
        let folder = newsroom.path();
        Self { networks, original, clone, folder, surroundings, ledger, _newsroom: Mutex::new(newsroom) }
    }

    /// A copy of the remote for a story of this name.
    pub fn desk(&self, name: &str) -> Desk<'_> {
        let folder = self.folder.join("stories").join(name);
        copy(&self.original, &folder.join("remote.git"));
        Desk { office: self, name: name.to_owned(), folder, clones: AtomicUsize::new(0) }
    }
}

impl Desk<'_> {
    /// The bare remote.
    pub fn remote(&self) -> PathBuf {
        self.folder.join("remote.git")
    }

    /// A fresh clone, as CI makes one.
    pub fn clone(&self) -> PathBuf {
        let clone = self.folder.join(format!("clone-{}", self.clones.fetch_add(1, Ordering::SeqCst)));
        copy(&self.office.clone, &clone);
        let config = clone.join(".git/config");
        let text = fs::read_to_string(&config).unwrap();
        let [from, to] = [&self.office.original, &self.remote()].map(|path| path.display().to_string());
        fs::write(config, text.replace(&from, &to)).unwrap();
        clone
    }

    /// The program, so many minutes after the beginning, with all secrets.
    pub fn command(&self, clone: &Path, minute: i64, faults: &str) -> Command {
        let now = after(minute).to_rfc3339();
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlit"));
        command.current_dir(clone).env_clear().envs(self.office.surroundings.iter().cloned());
        command.env("GREENLIT_NOW", now).env("GREENLIT_FAILPOINTS", faults);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The same, publishing for some accounts, which have these secrets.
    pub fn publish(&self, clone: &Path, minute: i64, faults: &str, accounts: &[(&str, String)]) -> Command {
        let mut command = self.command(clone, minute, faults);
        command.arg("publish");
        for (account, secret) in accounts {
            command.envs(variables(account, secret)).args(["--account", account]);
        }
        command
    }

    /// Runs the program. Where it stops at a failpoint, `stopped` decides what becomes of it.
    pub fn run(&self, command: &mut Command, stopped: impl FnOnce(&mut Child)) -> Ran {
        let mut child = command.spawn().expect("the program starts");
        let (mut out, err) = (child.stdout.take().unwrap(), BufReader::new(child.stderr.take().unwrap()));
        let stdout = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).map(|_| text)
        });
        let (mut stderr, mut stopped, mut came) = (String::new(), Some(stopped), false);
        for line in err.lines() {
            let line = line.unwrap();
            if line.starts_with("failpoint ") {
                came = true;
                if let Some(stopped) = stopped.take() {
                    stopped(&mut child);
                }
            }
            stderr += &line;
            stderr.push('\n');
        }
        let exit = child.wait().unwrap().code();
        Ran { exit, stdout: stdout.join().unwrap().unwrap(), stderr, stopped: came }
    }

    /// Where a delivery stands by the ledger on the remote.
    pub fn state(&self, account: &str, post: &str) -> State {
        self.read(|ledger| ledger.state(&key(account, post)).unwrap())
    }

    /// Reads the ledger as it is on the remote now.
    pub fn read<T>(&self, look: impl FnOnce(&GitLedger<'_>) -> T) -> T {
        let clone = self.folder.join("reader");
        if !clone.exists() {
            copy(&self.office.clone, &clone);
        }
        let fetched = Command::new("git")
            .current_dir(&clone)
            .env_clear()
            .envs(self.office.surroundings.iter().cloned())
            .args(["fetch", "-q"])
            .arg(self.remote())
            .arg("+refs/heads/greenlit/*:refs/remotes/origin/greenlit/*")
            .status();
        assert!(fetched.unwrap().success());
        let repository = Repository::open(&clone).unwrap();
        let branches = repository.branches("main", "origin").unwrap();
        let ledger = GitLedger::open(&repository, &branches, WORKSPACE, Some(&self.office.ledger), Utc::now()).unwrap();
        look(&ledger)
    }

    /// The commit at the ledger's end.
    pub fn ledger(&self) -> String {
        fs::read_to_string(self.remote().join("refs/heads").join(LEDGER)).unwrap()
    }
}

/// The environment variables that hold an account's secret.
fn variables(account: &str, secret: &str) -> Vec<(String, String)> {
    let name = AccountName::new(account).unwrap();
    let ends = network::named(name.network()).unwrap().capability().secrets;
    ends.iter().map(|end| (network::variable(&name, end), secret.to_owned())).collect()
}

/// The key of a post for an account.
pub fn key(account: &str, post: &str) -> DeliveryKey {
    DeliveryKey::once(PostId::new(post).unwrap(), AccountName::new(account).unwrap())
}

/// The time so many minutes after the beginning.
pub fn after(minutes: i64) -> DateTime<Utc> {
    NOW.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// A line on a stopped program's standard input lets it go on.
pub fn go_on(child: &mut Child) {
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {:?}\n--- stdout\n{}--- stderr\n{}", self.exit, self.stdout, self.stderr)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
