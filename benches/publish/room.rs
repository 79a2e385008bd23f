//! A newsroom with a bare remote, posts that somebody approved, and a clone for the run that publishes them.

use std::fs::{self, File};
use std::io::{BufWriter, Error, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ID: &str = "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11";
/// What the remote's hook writes a line into for each push.
const PUSHES: &str = "pushes";

/// One newsroom.
pub struct Room {
    folder: PathBuf,
    program: PathBuf,
}

/// A post: its name and its file.
pub type Post = (String, String);

impl Room {
    /// Builds it: Maya writes, Noor approves. `film` is the size of `assets/film.mp4`, where there is one.
    pub fn build(folder: &Path, program: &Path, host: &str, posts: &[Post], film: Option<u64>) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let room = Self { folder: folder.canonicalize()?, program: program.to_owned() };
        room.git(".", &["init", "-q", "--bare", "-b", "main", "remote.git"])?;
        room.git(".", &["clone", "-q", "remote.git", "maya"])?;
        let maya = room.folder.join("maya");
        let tree = room.git("maya", &["mktree"])?;
        let ledger = room.git("maya", &["commit-tree", &tree, "-m", "Begin the ledger"])?;
        fs::write(maya.join("greenlit.toml"), settings(host, &ledger))?;
        fs::write(maya.join("roles.toml"), ROLES)?;
        fs::create_dir_all(maya.join("posts"))?;
        for (name, text) in posts {
            fs::write(maya.join(format!("posts/{name}.md")), text)?;
        }
        if let Some(bytes) = film {
            fs::create_dir_all(maya.join("assets"))?;
            write_film(&maya.join("assets/film.mp4"), bytes)?;
        }
        room.git("maya", &["-c", "core.compression=0", "add", "-A"])?;
        room.git("maya", &["commit", "-q", "-m", "Found the newsroom"])?;
        room.git("maya", &["push", "-q", "origin", "main", &format!("{ledger}:refs/heads/greenlit/ledger")])?;
        room.git(".", &["clone", "-q", "remote.git", "noor"])?;
        Ok(room)
    }

    /// A fresh clone, as CI makes one.
    pub fn clone(&self, name: &str) -> Result<()> {
        self.git(".", &["clone", "-q", "--no-local", "remote.git", name]).map(drop)
    }

    /// A copy of all this under another name, so that it can be published once more.
    pub fn copy(&self, to: &Path) -> Result<Self> {
        fs::create_dir_all(to)?;
        let room = Self { folder: to.canonicalize()?, program: self.program.clone() };
        for name in ["remote.git", "runner"] {
            copy(&self.folder.join(name), &room.folder.join(name))?;
        }
        let remote = room.folder.join("remote.git");
        room.git("runner", &["remote", "set-url", "origin", &remote.display().to_string()])?;
        let hook = format!("#!/bin/sh\necho push >> '{}'\n", room.folder.join(PUSHES).display());
        fs::create_dir_all(remote.join("hooks"))?;
        fs::write(remote.join("hooks/post-receive"), hook)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(remote.join("hooks/post-receive"), fs::Permissions::from_mode(0o755))?;
        }
        Ok(room)
    }

    /// How often the remote was pushed to.
    pub fn pushes(&self) -> usize {
        fs::read_to_string(self.folder.join(PUSHES)).unwrap_or_default().lines().count()
    }

    /// The program in a clone.
    pub fn greenlit(&self, clone: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        self.surround(&mut command, clone).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        for account in accounts().iter().chain(&[FILM.to_owned()]) {
            let name = account.to_uppercase().replace('/', "_");
            let end = if account.starts_with("bluesky") { "PASSWORD" } else { "TOKEN" };
            command.env(format!("GREENLIT_{name}_{end}"), format!("the-secret-of-{account}"));
        }
        command
    }

    /// A command as the clone's owner, among nobody's settings.
    fn surround<'c>(&self, command: &'c mut Command, clone: &str) -> &'c mut Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", &self.folder).env("TZ", "UTC");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let who = if clone == "noor" { "noor" } else { "maya" };
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), who)
                .env(format!("GIT_{role}_EMAIL"), format!("{who}@acme.example"));
        }
        command.current_dir(self.folder.join(clone))
    }

    fn git(&self, clone: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        let output = self.surround(&mut command, clone).args(arguments).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::other(format!("git {}: {words}", arguments.join(" "))));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

/// The accounts of the many posts.
pub fn accounts() -> Vec<String> {
    let of = |network: &'static str| (0..5).map(move |n| format!("{network}/n{n}"));
    of("mastodon").chain(of("bluesky")).collect()
}

/// The account whose server takes films.
pub const FILM: &str = "mastodon/film";

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Begins as films do, and goes on with what no packing makes smaller.
pub fn write_film(file: &Path, bytes: u64) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(file)?);
    file.write_all(b"\0\0\0\x18ftypisom\0\0\0\0")?;
    let mut state = 7_u64;
    for _ in 0..(bytes.saturating_sub(16)) / 8 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        file.write_all(&(state ^ (state >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())?;
    }
    file.flush()
}

fn settings(host: &str, ledger: &str) -> String {
    let mut text = format!(
        "version = 1\nworkspace = \"{ID}\"\ntimezone = \"Europe/Berlin\"\ntrusted = \"main\"\nledger = \"{ledger}\"\n\n\
         [accounts.\"outbox/site\"]\npath = \"public\"\n"
    );
    for account in accounts().iter().chain(&[FILM.to_owned()]) {
        let (key, handle) =
            if account.starts_with("bluesky") { ("service", "acme.example") } else { ("server", "acme") };
        text += &format!("\n[accounts.\"{account}\"]\n{key} = \"http://{host}\"\nhandle = \"{handle}\"\n");
    }
    text
}

const ROLES: &str = "\
version = 1

[people.noor]
name = \"Noor\"
emails = [\"noor@acme.example\"]

[people.maya]
name = \"Maya\"
emails = [\"maya@acme.example\"]

[roles]
editor = [\"noor\"]
admin = [\"maya\"]

[policy]
evidence = \"sign-off\"

[[workflow]]
name = \"default\"
stages = [{ role = \"editor\" }]
";
