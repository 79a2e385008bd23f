//! Runs the `git` program: fetch, push, and commits with the person's own signing set-up.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::words::{presentable, redacted};

/// Why a repository cannot be read or written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum GitError {
    /// No `git` on the PATH.
    #[error("the git program cannot be run: {0}")]
    #[diagnostic(code("git/no-program"), help("install git (https://git-scm.com), or put it on the PATH"))]
    NoProgram(String),
    /// git ran, and said no.
    #[error("{command} failed: {words}")]
    #[diagnostic(code("git/failed"), help("{help}"))]
    Failed {
        /// `git push`
        command: String,
        /// What git said, fit to be shown.
        words: String,
        /// What to do.
        help: String,
    },
    /// The remote hangs.
    #[error("{command}: the remote {remote} took longer than {}, and git was ended", told(.limit))]
    #[diagnostic(
        code("git/slow"),
        help("see whether the remote answers: `git ls-remote {remote}`; a longer limit: GREENLIT_GIT_TIMEOUT=15m")
    )]
    Slow {
        /// `git fetch`
        command: String,
        /// The remote's name.
        remote: String,
        /// How long it had.
        limit: Duration,
    },
    /// There is no repository here.
    #[error("{} is in no git repository", .0.display())]
    #[diagnostic(code("git/no-repository"), help("cd into your workspace, or make one here: `greenlit init`"))]
    NoRepository(PathBuf),
    /// A repository without `greenlit.toml`.
    #[error("{} has no greenlit.toml", .0.display())]
    #[diagnostic(
        code("git/no-workspace"),
        help("cd into your workspace, or make this repository one: `greenlit init`")
    )]
    NoWorkspace(PathBuf),
    /// A repository without files to look at.
    #[error("{} is a bare repository", .0.display())]
    #[diagnostic(code("git/bare"), help("clone it, and work in the clone"))]
    Bare(PathBuf),
    /// Its objects have names of 64 digits.
    #[error("{} names its objects with SHA-256, which greenlit cannot read", .0.display())]
    #[diagnostic(
        code("git/sha256"),
        help("use a repository with SHA-1 names, as git makes them by default: `git init --object-format=sha1`")
    )]
    Sha256(PathBuf),
    /// Part of the history is not here.
    #[error("this is a shallow clone: part of the history is missing, and with it part of the evidence")]
    #[diagnostic(
        code("git/shallow"),
        help(
            "in a GitHub workflow give actions/checkout the line `fetch-depth: 0`; elsewhere run `git fetch --unshallow`"
        )
    )]
    Shallow,
    /// Some objects stand in for others.
    #[error("the repository has {0}, which show a history that is not the real one")]
    #[diagnostic(code("git/replaced"), help("{1}"))]
    Replaced(&'static str, &'static str),
    /// It belongs to another user of this machine.
    #[error("{} belongs to another user of this machine, whose settings could run programs as you", .0.display())]
    #[diagnostic(
        code("git/foreign-owner"),
        help("if you trust them: `git config --global --add safe.directory {}`", .0.display())
    )]
    ForeignOwner(PathBuf),
    /// The trusted branch has no commit yet, or the remote does not have it.
    #[error("{0} does not exist")]
    #[diagnostic(code("git/no-trusted-branch"), help("{1}"))]
    NoTrusted(String, String),
    /// Nothing of that name.
    #[error("{0:?} names no commit here")]
    #[diagnostic(code("git/no-commit"), help("`git branch --all` lists the branches; `git fetch` gets new ones"))]
    NoCommit(String),
    /// A branch was rewritten on the remote: what was decided or published may have been taken out.
    #[error("{branch} was rewritten on {remote}: it no longer contains what was there before")]
    #[diagnostic(code("git/rewritten"), help("{help}"))]
    Rewritten {
        /// The branch, or the ledger's witness.
        branch: String,
        /// The remote's name.
        remote: String,
        /// What to do.
        help: String,
    },
    /// The ledger was there before, and is not any more.
    #[error("the branch {branch} is gone from {remote}")]
    #[diagnostic(code("git/gone"), help("{help}"))]
    Gone {
        /// The branch.
        branch: &'static str,
        /// The remote's name.
        remote: String,
        /// What to do.
        help: String,
    },
    /// A name that git would not take.
    #[error("{0:?} is no valid name for a {1}")]
    #[diagnostic(code("git/name"), help("correct it in greenlit.toml"))]
    Name(String, &'static str),
    /// A signing key that cannot be used.
    #[error("the signing key {0} cannot be used: {1}")]
    #[diagnostic(
        code("git/key"),
        help("`git config user.signingkey FILE` names your key; one with a passphrase needs ssh-keygen, from OpenSSH")
    )]
    Key(String, String),
    /// Git does not know who commits.
    #[error("git does not know who you are, and a decision needs a name and an address")]
    #[diagnostic(
        code("git/nobody"),
        help("`git config --global user.name \"Noor Haddad\"` and `git config --global user.email noor@example.com`")
    )]
    Nobody,
    /// Git is not set up to sign with SSH.
    #[error("decisions are signed here, and git is not set up to sign with an SSH key")]
    #[diagnostic(
        code("git/no-signing-key"),
        help("`git config --global gpg.format ssh` and `git config --global user.signingkey ~/.ssh/id_ed25519.pub`")
    )]
    NotSetUp,
    /// Signed, but not in a way that counts.
    #[error("the decision could not be signed: {0}")]
    #[diagnostic(
        code("git/not-signed"),
        help("nothing was decided; see `git config gpg.format` and `git config user.signingkey`")
    )]
    NotSigned(String),
    /// Others push all the time.
    #[error("others keep pushing to {0}")]
    #[diagnostic(code("git/busy"), help("run the same command again"))]
    Busy(&'static str),
    /// A decision's message that git would read as something else.
    #[error("a decision with this reason would not be read as it is meant")]
    #[diagnostic(
        code("git/unsayable"),
        help("leave out carriage returns and lines of the form `# ---- >8 ----`, and try again")
    )]
    Unsayable,
    /// Somebody pushed a commit that git itself would not make: what lies behind it cannot be reached.
    #[error("commit {commit} is malformed, and what lies behind it cannot be reached: {reason}")]
    #[diagnostic(
        code("git/malformed-commit"),
        help(
            "nothing can be decided while a branch holds it: `git cat-file -p {commit}` shows it; put the branch back to the commit before it, and let the server refuse such commits (`receive.fsckObjects`)"
        )
    )]
    MalformedCommit {
        /// The commit.
        commit: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The objects or refs cannot be read or written.
    #[error("the repository cannot be used: {0}")]
    #[diagnostic(
        code("git/objects"),
        help("`git fsck` finds damage; a clone made with --filter or --depth lacks objects: make a full one")
    )]
    Objects(String),
}

impl From<git2::Error> for GitError {
    fn from(error: git2::Error) -> Self {
        GitError::Objects(presentable(error.message().as_bytes()))
    }
}

/// What one run of git answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, byte for byte.
    pub output: Vec<u8>,
    /// Standard error, byte for byte.
    pub errors: Vec<u8>,
    /// The same, fit to be shown.
    pub words: String,
}

impl Answer {
    /// Whether git ended well.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as text, without the line's end.
    pub fn line(&self) -> String {
        String::from_utf8_lossy(&self.output).trim_end().to_owned()
    }
}

/// The `git` program in one folder.
#[derive(Debug, Clone)]
pub struct Program {
    folder: PathBuf,
    tell: Option<fn(&str)>,
    variables: Vec<(&'static str, String)>,
    limit: Option<Duration>,
}

/// More output than this is an error.
pub(super) const MOST_OUTPUT: u64 = 64 << 20;
pub(super) const MOST_WORDS: u64 = 1 << 20;

/// Set for every run: no hooks, no programs named by the repository that watch files, no upkeep, no colours.
const SETTINGS: [&str; 10] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "color.ui=false",
];

impl Program {
    /// Git as run in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), tell: None, variables: Vec::new(), limit: None }
    }

    /// Tells each command before it is run, without secrets: for `-vv`.
    pub fn telling(mut self, tell: fn(&str)) -> Self {
        self.tell = Some(tell);
        self
    }

    /// Sets an environment variable for its runs: a commit's date.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Sets how long it may talk to a remote; else it is five minutes for a fetch, two for a push.
    pub fn patient(mut self, limit: Option<Duration>) -> Self {
        self.limit = limit;
        self
    }

    /// What was set of that.
    pub(super) fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// The folder that it runs in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs git, and takes a failure for an error.
    ///
    /// # Errors
    /// When git is missing, fails, or says too much.
    pub fn run(&self, arguments: &[&str]) -> Result<Answer, GitError> {
        self.run_with(arguments, None)
    }

    /// The same with bytes on git's standard input.
    ///
    /// # Errors
    /// When git is missing, fails, or says too much.
    pub fn run_with(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Answer, GitError> {
        let answer = self.ask(arguments, input)?;
        if answer.success() { Ok(answer) } else { Err(failed(arguments, &answer)) }
    }

    /// Runs git and leaves it to the caller what the exit code means.
    ///
    /// # Errors
    /// When git is missing or says too much.
    pub fn ask(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Answer, GitError> {
        self.told(arguments);
        let no_program = |error: std::io::Error| GitError::NoProgram(error.to_string());
        let mut child = self.command(arguments, input.is_some()).spawn().map_err(no_program)?;
        let gathered = gather(&mut child, input);
        let status = child.wait().map_err(no_program)?;
        match gathered {
            Ok((output, words)) if output.len() as u64 <= MOST_OUTPUT => {
                Ok(Answer { code: status.code(), output, words: presentable(&words), errors: words })
            }
            Ok(_) => Err(GitError::Objects(format!("{} says too much", named(arguments)))),
            Err(error) => Err(GitError::Objects(format!("{} cannot be listened to: {error}", named(arguments)))),
        }
    }

    /// Says what is run to whoever wants to know.
    pub(super) fn told(&self, arguments: &[&str]) {
        if let Some(tell) = self.tell {
            tell(&presentable(format!("git {}", arguments.join(" ")).as_bytes()));
        }
    }

    pub(super) fn command(&self, arguments: &[&str], input: bool) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.folder).args(["--no-replace-objects", "--no-optional-locks"]).args(SETTINGS);
        command.args(arguments);
        for (name, _) in std::env::vars_os().filter(|(name, _)| !kept(name)) {
            command.env_remove(name);
        }
        // Messages are read in English, here and in bug reports. Nobody can answer a question that git asks.
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(if input { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// Feeds and listens at the same time, so that no pipe fills up and blocks.
fn gather(child: &mut Child, input: Option<&[u8]>) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // Git may stop reading early; its exit code says whether that is a fault.
                let _ = stdin.write_all(input);
            }
        });
        let words = scope.spawn(move || stderr.map(|pipe| read_all(pipe, MOST_WORDS)).transpose());
        let output = stdout.map(|pipe| read_all(pipe, MOST_OUTPUT)).transpose()?.unwrap_or_default();
        let words = words.join().unwrap_or(Ok(None))?.unwrap_or_default();
        Ok((output, words))
    })
}

/// All of a pipe, of which one byte more than `limit` is kept.
fn read_all(mut pipe: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.by_ref().take(limit + 1).read_to_end(&mut bytes)?;
    std::io::copy(&mut pipe, &mut std::io::sink())?;
    Ok(bytes)
}

pub(super) fn failed(arguments: &[&str], answer: &Answer) -> GitError {
    let words = match (answer.words.as_str(), answer.code) {
        ("", Some(code)) => format!("it ended with code {code} and said nothing"),
        ("", None) => "it was ended by a signal".to_owned(),
        (words, _) => words.to_owned(),
    };
    GitError::Failed {
        command: named(arguments),
        words,
        help: "see what git says; greenlit changed nothing".to_owned(),
    }
}

fn told(limit: &Duration) -> String {
    match limit.as_secs() {
        1 => "1 second".to_owned(),
        seconds if seconds % 60 == 0 && seconds > 60 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}

/// `git push`: the command without its arguments.
pub(super) fn named(arguments: &[&str]) -> String {
    let mut words = arguments.iter();
    let mut name = "git".to_owned();
    while let Some(word) = words.next() {
        if *word == "-c" {
            words.next();
        } else if !word.starts_with('-') {
            name.push(' ');
            name.push_str(&redacted(word));
            break;
        }
    }
    name
}

/// Whether a variable of our own environment reaches git.
///
/// What names another repository, index, object store or history is dropped: it would make git look elsewhere than
/// libgit2 does. What logs in stays, and so do the person's identity and the choice of settings files: whoever can set
/// these can set PATH too, and CI systems hand over tokens through `GIT_CONFIG_COUNT`.
fn kept(name: &OsStr) -> bool {
    const KEPT: [&str; 18] = [
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_ASKPASS",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_COUNT",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_DATE",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_DATE",
        "GIT_ALLOW_PROTOCOL",
        "GIT_PROTOCOL_FROM_USER",
        "GIT_EXEC_PATH",
        "GIT_HTTP_PROXY_AUTHMETHOD",
    ];
    const FAMILIES: [&str; 4] = ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_SSL_", "GIT_PROXY_SSL_"];
    let name: OsString = name.to_ascii_uppercase();
    let name = name.to_string_lossy();
    !name.starts_with("GIT_") || KEPT.contains(&name.as_ref()) || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_point_elsewhere_never_reach_git() {
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_REPLACE_REF_BASE",
            "GIT_TRACE_CURL",
            "GIT_CONFIG_PARAMETERS",
        ] {
            assert!(!kept(OsStr::new(name)), "{name}");
        }
        for name in
            ["PATH", "HOME", "SSH_AUTH_SOCK", "GIT_ASKPASS", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_SSL_CAINFO"]
        {
            assert!(kept(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn input_and_output_pass_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let git = Program::new(folder.path());
        git.run(&["init", "-q"]).unwrap();
        let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let object = git.run_with(&["hash-object", "-w", "--stdin"], Some(&bytes)).unwrap().line();
        assert_eq!(git.run(&["cat-file", "blob", &object]).unwrap().output, bytes);
    }

    #[test]
    fn a_failure_names_the_command_and_has_gits_words_without_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let git = Program::new(folder.path());
        git.run(&["init", "-q"]).unwrap();
        let error = git.run(&["fetch", "file://noor:hunter2@nowhere/x"]).unwrap_err().to_string();
        assert!(error.starts_with("git fetch failed: "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_and_no_panic() {
        assert!(matches!(Program::new("/nonexistent/greenlit").run(&["--version"]), Err(GitError::NoProgram(_))));
    }
}
