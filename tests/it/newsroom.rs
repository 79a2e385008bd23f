//! A newsroom in a temporary folder: people with keys, a bare remote, clones, and a clock that stands still.
//!
//! ```ignore
//! let newsroom = Newsroom::acme();
//! newsroom.as_person("maya").write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello.\n").commit("Say hello").push();
//! newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds().shows("hello");
//! newsroom.runner().at("2026-12-01T08:00:00Z").greenlit(["publish"]).exits(0);
//! ```
//!
//! Nothing of the machine reaches in: the environment is emptied, HOME and git's settings are the newsroom's own.
#![allow(dead_code, reason = "a toolbox: each story uses some of it")]

use std::cell::{Cell, RefCell};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{LineEnding, PrivateKey};

/// What the clocks show, git's too, until [`Newsroom::set_clock`] or [`Desk::at`] says otherwise.
pub const NOW: &str = "2026-11-30T09:00:00Z";

/// The id of the workspace that [`Newsroom::acme`] makes.
pub const WORKSPACE: &str = "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11";

/// Short name, full name, the byte that the key is made of. Their addresses are `<short name>@acme.example`.
const PEOPLE: [(&str, &str, u8); 5] = [
    ("noor", "Noor Haddad", 1),
    ("li", "Li Wei", 2),
    ("tess", "Tess Okafor", 3),
    ("maya", "Maya Lindqvist", 4),
    ("mallory", "Mallory", 66),
];

/// People, a remote and their clones.
pub struct Newsroom {
    folder: tempfile::TempDir,
    clock: RefCell<String>,
    root: RefCell<Option<String>>,
    runners: Cell<usize>,
}

/// A person in front of a folder. Steps that cannot fail in a story answer with the desk, so that they chain.
#[derive(Clone)]
pub struct Desk<'a> {
    newsroom: &'a Newsroom,
    person: String,
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

/// A run of the program that has not ended. It is killed when it is dropped, without a chance to clear up.
pub struct Running {
    child: Child,
    said: PathBuf,
}

/// What a run of the program came to.
pub struct Said {
    pub command: String,
    pub stdout: String,
    pub stderr: String,
    pub exit: i32,
}

impl Newsroom {
    /// People and an empty remote; no workspace yet.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (clock, root) = (RefCell::new(NOW.to_owned()), RefCell::default());
        let newsroom = Self { folder, clock, root, runners: Cell::new(0) };
        for (person, name, _) in PEOPLE {
            newsroom.move_in(person, name);
        }
        let remote = newsroom.remote();
        run(newsroom.bare_git(&newsroom.path()).args(["init", "-q", "--bare", "-b", "main"]).arg(&remote));
        newsroom
    }

    /// A workspace on the remote: `outbox/site` and `outbox/status`, noor and li as editors, tess for legal, maya as
    /// admin; posts labelled `pricing` need editor, then legal; all others an editor. No posts.
    pub fn acme() -> Self {
        Self::acme_at(NOW)
    }

    /// The same, with all clocks at this time from the beginning, RFC 3339.
    pub fn acme_at(now: &str) -> Self {
        let newsroom = Self::empty();
        newsroom.set_clock(now);
        let maya = newsroom.clone_as("maya", "maya");
        let tree = maya.git(["mktree"]);
        let root = maya.git(["commit-tree", tree.trim(), "-m", "Begin the ledger"]);
        maya.git(["push", "-q", "origin", &format!("{}:refs/heads/greenlit/ledger", root.trim())]);
        maya.write("greenlit.toml", settings(root.trim()))
            .write("roles.toml", roles())
            .commit("Found the newsroom")
            .push();
        newsroom.pin();
        newsroom
    }

    /// Pins the root of trust for everybody where `main` stands now on the remote: GREENLIT_ROOT, as in CI.
    pub fn pin(&self) {
        let tip = run(self.bare_git(&self.remote()).args(["rev-parse", "main"]));
        *self.root.borrow_mut() = Some(tip.trim().to_owned());
    }

    /// Takes the pin away.
    pub fn unpin(&self) {
        *self.root.borrow_mut() = None;
    }

    /// The folder that everything is in.
    pub fn path(&self) -> PathBuf {
        // Canonical, because git and the program print it so.
        self.folder.path().canonicalize().expect("the temporary folder is there")
    }

    /// The bare repository that all clones push to.
    pub fn remote(&self) -> PathBuf {
        self.path().join("acme.git")
    }

    /// Sets all clocks, RFC 3339.
    pub fn set_clock(&self, now: &str) {
        *self.clock.borrow_mut() = now.to_owned();
    }

    /// A person at their own clone, made at the first call.
    pub fn as_person(&self, person: &str) -> Desk<'_> {
        let folder = self.path().join(person);
        if folder.join(".git").exists() { self.desk(person, folder) } else { self.clone_as(person, person) }
    }

    /// A person with one more clone of the remote, in a folder of that name.
    pub fn clone_as(&self, person: &str, folder: &str) -> Desk<'_> {
        let desk = self.desk(person, self.path().join(folder));
        run(self.bare_git(&self.path()).args(["clone", "-q"]).arg(self.remote()).arg(&desk.folder));
        desk
    }

    /// A CI job: nobody's name or key, a fresh clone at every call.
    pub fn runner(&self) -> Desk<'_> {
        self.runners.set(self.runners.get() + 1);
        self.move_in("runner", "CI");
        self.clone_as("runner", &format!("runner-{}", self.runners.get()))
    }

    /// A person in any folder under the newsroom's; made where it is not there.
    pub fn at_folder(&self, person: &str, folder: &str) -> Desk<'_> {
        let folder = self.path().join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        self.desk(person, folder)
    }

    fn desk(&self, person: &str, folder: PathBuf) -> Desk<'_> {
        Desk { newsroom: self, person: person.to_owned(), folder, environment: Vec::new() }
    }

    fn home(&self, person: &str) -> PathBuf {
        self.path().join("home").join(person)
    }

    /// Somebody new: a home with git's settings, and a key for those of [`PEOPLE`].
    pub fn move_in(&self, person: &str, name: &str) {
        let home = self.home(person);
        fs::create_dir_all(home.join(".ssh")).expect("a home");
        let mut config =
            format!("[init]\n\tdefaultBranch = main\n[user]\n\tname = {name}\n\temail = {}\n", email(person));
        if let Some(key) = private_key(person) {
            let file = home.join(".ssh/id_ed25519");
            let text = key.to_openssh(LineEnding::LF).expect("a key as text");
            fs::write(&file, text.as_bytes()).expect("a key file");
            #[cfg(unix)]
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a private file");
            fs::write(home.join(".ssh/id_ed25519.pub"), format!("{} {person}\n", public_key(person)))
                .expect("a key file");
            config += &format!("\tsigningkey = {}\n[gpg]\n\tformat = ssh\n", file.display());
        }
        fs::write(home.join(".gitconfig"), config).expect("git's settings");
    }

    /// git without a person.
    fn bare_git(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        self.surround(&mut command, "nobody");
        command.current_dir(folder);
        command
    }

    fn surround(&self, command: &mut Command, person: &str) {
        command.env_clear().envs(self.surroundings(person));
    }

    /// All environment variables of a person's programs.
    pub fn surroundings(&self, person: &str) -> Vec<(&'static str, OsString)> {
        let (home, clock) = (self.home(person), OsString::from(&*self.clock.borrow()));
        let mut variables = vec![
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", home.clone().into()),
            ("LANG", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_GLOBAL", home.join(".gitconfig").into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
            ("GREENLIT_NOW", clock.clone()),
            ("GIT_AUTHOR_DATE", clock.clone()),
            ("GIT_COMMITTER_DATE", clock),
        ];
        variables.extend(self.root.borrow().as_ref().map(|root| ("GREENLIT_ROOT", root.into())));
        variables
    }
}

impl Desk<'_> {
    /// The folder that the person works in.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The same desk with another clock, RFC 3339.
    pub fn at(self, now: &str) -> Self {
        self.env("GREENLIT_NOW", now).env("GIT_AUTHOR_DATE", now).env("GIT_COMMITTER_DATE", now)
    }

    /// The same desk with one more environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the built program here.
    pub fn greenlit<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Said {
        self.said(self.command(env!("CARGO_BIN_EXE_greenlit")).args(arguments))
    }

    /// Starts the built program here, and does not wait for its end.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Running {
        let said = self.folder.with_extension("said");
        let file = fs::File::create(&said).expect("a file");
        let mut command = self.command(env!("CARGO_BIN_EXE_greenlit"));
        command.args(arguments).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a file")).stderr(file);
        Running { child: command.spawn().expect("the program starts"), said }
    }

    /// Types a script into a shell that finds the built program as `greenlit`.
    pub fn shell(&self, script: &str) -> Said {
        let programs = Path::new(env!("CARGO_BIN_EXE_greenlit")).parent().expect("a folder").to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).expect("a PATH");
        self.said(self.command("sh").env("PATH", path).arg("-c").arg(script))
    }

    /// Runs git here, which must succeed; what it printed.
    #[track_caller]
    pub fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        run(self.command("git").args(arguments))
    }

    /// Runs git here; whether it succeeded, and what it printed.
    pub fn try_git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<String, String> {
        let output = self.command("git").args(arguments).output().expect("git starts");
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Writes an object that git itself would refuse to make; its id.
    pub fn object(&self, kind: &str, bytes: &[u8]) -> String {
        let mut command = self.command("git");
        command.args(["hash-object", "-t", kind, "-w", "--stdin", "--literally"]);
        feed(&mut command, bytes).trim().to_owned()
    }

    /// Writes a file, with the folders that it needs.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.folder.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).expect("a folder");
        }
        fs::write(file, content).expect("a file");
        self
    }

    /// A file's text.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        match fs::read(self.folder.join(path)) {
            Ok(bytes) => text(&bytes),
            Err(error) => panic!("{path} cannot be read: {error}"),
        }
    }

    /// Whether a file or folder is there.
    pub fn has(&self, path: &str) -> bool {
        self.folder.join(path).exists()
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.folder.join(path)).expect("the file is there");
        self
    }

    /// Replaces text in a file, which must have it.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let before = self.read(path);
        assert!(before.contains(from), "{path} has no {from:?}:\n{before}");
        self.write(path, before.replace(from, to))
    }

    /// Commits all that changed.
    #[track_caller]
    pub fn commit(&self, message: &str) -> &Self {
        self.git(["add", "-A"]);
        self.git(["commit", "-q", "-m", message]);
        self
    }

    /// Fetches `main` and puts the person's own commits on top.
    #[track_caller]
    pub fn pull(&self) -> &Self {
        self.git(["pull", "-q", "--rebase", "origin", "main"]);
        self
    }

    /// Pushes `main`, on top of what others pushed.
    #[track_caller]
    pub fn push(&self) -> &Self {
        if self.try_git(["ls-remote", "--exit-code", "origin", "refs/heads/main"]).is_ok() {
            self.pull();
        }
        self.git(["push", "-q", "origin", "HEAD:refs/heads/main"]);
        self
    }

    /// The commit that a revision names.
    #[track_caller]
    pub fn commit_id(&self, revision: &str) -> String {
        self.git(["rev-parse", revision]).trim().to_owned()
    }

    fn said(&self, command: &mut Command) -> Said {
        let shown = shown(command);
        let output = command.stdin(Stdio::null()).output().expect("the program starts");
        Said {
            command: format!("{shown}   ({})", self.person),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            exit: output.status.code().unwrap_or(-1),
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.newsroom.surround(&mut command, &self.person);
        command.current_dir(&self.folder).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Running {
    /// What it said so far, on both outputs.
    pub fn said(&self) -> String {
        text(&fs::read(&self.said).expect("the file is there"))
    }

    /// Waits until it has said this.
    #[track_caller]
    pub fn says(&mut self, expected: &str) -> &mut Self {
        let begin = Instant::now();
        while !self.said().contains(expected) {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "it ended without {expected:?}:\n{}", self.said());
            assert!(begin.elapsed() < Duration::from_secs(60), "no {expected:?} in\n{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// Sends it a signal: `TERM`.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        run(Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())));
        self
    }

    /// Waits for its end; the exit code.
    pub fn ends(&mut self) -> i32 {
        self.child.wait().expect("a child").code().unwrap_or(-1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Said {
    /// It must end with this exit code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.exit, code, "exit code of {self}");
        self
    }

    /// It must end with exit code 0.
    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        self.exits(0)
    }

    /// Standard output must have this text.
    #[track_caller]
    pub fn shows(&self, expected: &str) -> &Self {
        assert!(self.stdout.contains(expected), "no {expected:?} in the output of {self}");
        self
    }

    /// Standard error must have this text; line breaks and spaces count as one space, because long messages are wrapped.
    #[track_caller]
    pub fn complains(&self, expected: &str) -> &Self {
        let flat = |text: &str| text.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat(&self.stderr).contains(&flat(expected)), "no {expected:?} in the errors of {self}");
        self
    }

    /// Neither output may have this text.
    #[track_caller]
    pub fn hides(&self, unwanted: &str) -> &Self {
        let found = self.stdout.contains(unwanted) || self.stderr.contains(unwanted);
        assert!(!found, "{unwanted:?} in the output of {self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("no JSON ({error}) in the output of {self}"),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Said { command, stdout, stderr, exit } = self;
        write!(f, "$ {command}\nexit {exit}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// A person's address.
pub fn email(person: &str) -> String {
    format!("{person}@acme.example")
}

/// A person's key; always the same, so that digests in stories stay.
pub fn private_key(person: &str) -> Option<PrivateKey> {
    let (_, _, byte) = PEOPLE.iter().find(|(short, _, _)| *short == person)?;
    let pair = Ed25519Keypair::from_seed(&[*byte; 32]);
    Some(PrivateKey::new(KeypairData::from(pair), "").expect("an Ed25519 key"))
}

/// A person's key as `roles.toml` has it: `ssh-ed25519 AAAA…`.
pub fn public_key(person: &str) -> String {
    private_key(person).expect("somebody with a key").public_key().to_openssh().expect("a key as text")
}

/// `greenlit.toml` of [`Newsroom::acme`], for a ledger that begins with this commit.
pub fn settings(ledger: &str) -> String {
    format!(
        r#"version = 1
workspace = "{WORKSPACE}"
timezone = "Europe/Berlin"
trusted = "main"
ledger = "{ledger}"

[accounts."outbox/site"]
path = "public"

[accounts."outbox/status"]
path = "status"
"#
    )
}

/// `roles.toml` of [`Newsroom::acme`]. Mallory is not in it.
pub fn roles() -> String {
    let mut text = "version = 1\n\n".to_owned();
    for (person, name, _) in &PEOPLE[..4] {
        let (email, key) = (email(person), public_key(person));
        text += &format!("[people.{person}]\nname = \"{name}\"\nemails = [\"{email}\"]\nkeys = [\"{key}\"]\n\n");
    }
    text + r#"[roles]
editor = ["noor", "li"]
legal = ["tess"]
admin = ["maya"]

[policy]
evidence = "signed"
author_may_approve = false
reschedule = "reapprove"

[[workflow]]
name = "regulated"
when = { labels = ["pricing"] }
stages = [{ role = "editor", within = "24h" }, { role = "legal", within = "48h" }]

[[workflow]]
name = "default"
stages = [{ role = "editor" }]
"#
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("git starts");
    succeeded(command, &output)
}

#[track_caller]
fn feed(command: &mut Command, input: &[u8]) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("git reads");
    let output = child.wait_with_output().expect("git ends");
    succeeded(command, &output)
}

#[track_caller]
fn succeeded(command: &Command, output: &Output) -> String {
    assert!(output.status.success(), "$ {}\n{}", shown(command), text(&output.stderr));
    text(&output.stdout)
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn people_share_one_history_and_nothing_of_the_machine() {
    let newsroom = Newsroom::acme();
    newsroom
        .as_person("maya")
        .write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello.\n")
        .commit("Say hello")
        .push();
    let li = newsroom.as_person("li");
    li.edit("posts/hello.md", "Hello.", "Hello, world.").commit("Greet everyone").push();

    let runner = newsroom.runner();
    assert!(runner.read("posts/hello.md").ends_with("Hello, world.\n"));
    let log = runner.git(["log", "--format=%an <%ae> %s"]);
    assert_eq!(log.lines().next(), Some("Li Wei <li@acme.example> Greet everyone"));
    assert_eq!(log.lines().count(), 3);
    li.greenlit(["--version"]).succeeds().shows("greenlit");
    li.greenlit(["no-such-command"]).exits(2).complains("unrecognized subcommand");
}
