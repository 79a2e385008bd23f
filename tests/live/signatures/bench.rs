//! A repository, keys of every kind, and the two judges: ours, and git with an `allowed_signers` made from `roles.toml`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use greenlit::git::{RawCommit, SecretKey, signature};
use greenlit::policy::{self, Decision, Dossiers, Evidence, Facts, Question, Signature, Statement, Verb, Witness};
use greenlit::render::Digest;
use greenlit::workspace::{AccountName, Body, Due, Outline, OwnedKey, Post, PostId, Roles, Source, load_roles};

use crate::token::{TOUCHED, Token};

/// What the clocks show, and the date of commits that name no other.
pub const NOW: &str = "2026-11-21T08:00:00Z";

/// Keys that count for a time; in `roles.toml` and in `allowed_signers` alike.
pub const LIMITED: [(&str, &str); 4] = [
    ("running", "not_before = \"2026-01-01\", not_after = \"2026-12-31\""),
    ("expired", "not_after = \"2026-10-31\""),
    ("coming", "not_before = \"2027-01-01\""),
    ("revoked", "revoked = \"2026-11-10\""),
];

/// What makes a key's signatures.
enum Maker {
    /// `ssh-keygen`, from a file.
    File,
    /// A hardware key in software.
    Token(Box<Token>),
    /// Our own code.
    InProcess(Box<SecretKey>),
}

/// Name, arguments for ssh-keygen.
const FILES: [(&str, &[&str]); 13] = [
    ("ed25519", &["-t", "ed25519"]),
    ("ecdsa-256", &["-t", "ecdsa", "-b", "256"]),
    ("ecdsa-384", &["-t", "ecdsa", "-b", "384"]),
    ("rsa-3072", &["-t", "rsa", "-b", "3072"]),
    ("rsa-4096", &["-t", "rsa", "-b", "4096"]),
    ("rsa-2048", &["-t", "rsa", "-b", "2048"]),
    ("ecdsa-521", &["-t", "ecdsa", "-b", "521"]),
    ("stranger", &["-t", "ed25519"]),
    ("authority", &["-t", "ed25519"]),
    ("running", &["-t", "ed25519"]),
    ("expired", &["-t", "ecdsa", "-b", "256"]),
    ("coming", &["-t", "ed25519"]),
    ("revoked", &["-t", "ed25519"]),
];

/// Whose signatures count.
pub const COUNTING: [&str; 8] =
    ["ed25519", "ecdsa-256", "ecdsa-384", "rsa-3072", "rsa-4096", "sk-ed25519", "sk-ecdsa", "in-process"];

/// Which `roles.toml` does not take; `allowed_signers` lists them all the same.
pub const WEAK: [&str; 2] = ["rsa-2048", "ecdsa-521"];

pub struct Bench {
    folder: tempfile::TempDir,
    makers: Vec<(&'static str, Maker)>,
    roles: Roles,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut makers: Vec<(&str, Maker)> = FILES.iter().map(|(name, _)| (*name, Maker::File)).collect();
        makers.push(("sk-ed25519", Maker::Token(Box::new(Token::ed25519(1)))));
        makers.push(("sk-ecdsa", Maker::Token(Box::new(Token::p256(1)))));
        makers.push(("in-process", Maker::InProcess(Box::new(SecretKey::from_seed([42; 32])))));
        let mut bench = Self { folder, makers, roles: Roles::default() };
        bench.git(&["init", "-q", "-b", "main"], b"");
        for (name, arguments) in FILES {
            bench.keygen(&["-q", "-N", "", "-C", name, "-f", &bench.path(name)], arguments);
        }
        bench.certify();
        bench.write_roles();
        bench
    }

    /// `roles.toml` with all keys that it takes, and what git is to know: the same people's keys, the weak ones, and an
    /// authority that vouches for others' keys.
    fn write_roles(&mut self) {
        let mut text = "version = 1\n[[workflow]]\nname = \"default\"\nstages = [{ role = \"signer\" }]\n".to_owned();
        for name in COUNTING {
            text += &format!("[people.{name}]\nkeys = [\"{}\"]\n", self.public(name));
        }
        for (name, time) in LIMITED {
            text += &format!("[people.{name}]\nkeys = [{{ key = \"{}\", {time} }}]\n", self.public(name));
        }
        let everyone: Vec<_> = COUNTING.into_iter().chain(LIMITED.map(|(name, _)| name)).collect();
        text += &format!("[roles]\nadmin = [\"ed25519\"]\nsigner = {everyone:?}\n");
        let (roles, findings) = load_roles(text.as_bytes());
        self.roles = roles.unwrap_or_else(|| panic!("{findings:?}"));

        let (mut allowed, mut revoked) = (String::new(), String::new());
        for (id, person) in &self.roles.people {
            for OwnedKey { key, not_before, not_after, revoked: since } in &person.keys {
                let date =
                    |name: &str, date: &DateTime<Utc>| date.format(&format!(",{name}=\"%Y%m%d%H%M%S\"")).to_string();
                let from = not_before.as_ref().map(|from| date("valid-after", from)).unwrap_or_default();
                let until = not_after.as_ref().map(|until| date("valid-before", until)).unwrap_or_default();
                allowed += &format!("{id} namespaces=\"git\"{from}{until} {}\n", key.0);
                if since.is_some_and(|since| since <= now()) {
                    revoked += &format!("{}\n", key.0);
                }
            }
        }
        assert_eq!(allowed.lines().count(), everyone.len());
        std::fs::write(self.path("revoked_signers"), revoked).unwrap();
        for name in WEAK {
            allowed += &format!("{name} namespaces=\"git\" {}\n", self.public(name));
        }
        allowed += &format!("certified cert-authority,namespaces=\"git\" {}\n", self.public("authority"));
        std::fs::write(self.path("allowed_signers"), allowed).unwrap();
    }

    /// A copy of a key with a certificate of the authority.
    fn certify(&self) {
        for ending in ["", ".pub"] {
            std::fs::copy(self.path(&format!("stranger{ending}")), self.path(&format!("certified{ending}"))).unwrap();
        }
        self.keygen(
            &["-q", "-s", &self.path("authority"), "-I", "c", "-n", "certified"],
            &[&self.path("certified.pub")],
        );
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn keygen(&self, options: &[&str], arguments: &[&str]) {
        let status = Command::new("ssh-keygen").args(options).args(arguments).stderr(Stdio::null()).status();
        assert!(status.expect("ssh-keygen is missing: install openssh-client").success(), "{options:?} {arguments:?}");
    }

    fn maker(&self, key: &str) -> &Maker {
        let found = self.makers.iter().find(|(name, _)| *name == key);
        found.map_or(&Maker::File, |(_, maker)| maker)
    }

    /// A key's public half: type and letters.
    fn public(&self, key: &str) -> String {
        match self.maker(key) {
            Maker::File => {
                let line = std::fs::read_to_string(self.path(&format!("{key}.pub"))).unwrap();
                line.split(' ').take(2).collect::<Vec<_>>().join(" ")
            }
            Maker::Token(token) => token.public(),
            Maker::InProcess(key) => key.public().0,
        }
    }

    /// An armor over some bytes, in any namespace.
    pub fn sign(&self, key: &str, namespace: &str, bytes: &[u8]) -> String {
        match self.maker(key) {
            Maker::Token(token) => token.sign(namespace, bytes, TOUCHED),
            Maker::InProcess(secret) => {
                let key = ssh_key::PrivateKey::from_openssh(secret.to_openssh().unwrap()).unwrap();
                let signature = key.sign(namespace, ssh_key::HashAlg::Sha256, bytes).unwrap();
                signature.to_pem(ssh_key::LineEnding::LF).unwrap()
            }
            Maker::File => {
                let (file, armor) = (PathBuf::from(self.path("to-sign")), self.path("to-sign.sig"));
                std::fs::write(&file, bytes).unwrap();
                let _ = std::fs::remove_file(&armor);
                let file = file.display().to_string();
                let key = if key == "certified" { "certified-cert.pub" } else { key };
                self.keygen(&["-q", "-Y", "sign", "-n", namespace, "-f", &self.path(key)], &[&file]);
                std::fs::read_to_string(armor).unwrap()
            }
        }
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>) {
        let mut command = Command::new("git");
        command.current_dir(self.folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Noor").env(format!("GIT_{role}_EMAIL"), "noor@example.com");
            command.env(format!("GIT_{role}_DATE"), NOW);
        }
        // Dates in allowed_signers are local ones.
        command.env("TZ", "UTC");
        let allowed = format!("gpg.ssh.allowedSignersFile={}", self.path("allowed_signers"));
        let revoked = format!("gpg.ssh.revocationFile={}", self.path("revoked_signers"));
        command.args(["-c", "gpg.format=ssh", "-c", &allowed, "-c", &revoked]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), output.stdout)
    }

    pub fn git(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (success, output) = self.run(arguments, input);
        assert!(success, "git {arguments:?}");
        output
    }

    /// Stores a commit as it is; its name.
    pub fn store(&self, bytes: &[u8]) -> String {
        let id = self.git(&["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], bytes);
        String::from_utf8(id).unwrap().trim().to_owned()
    }

    /// The raw bytes of a commit that git made, and signed itself where a key file is named.
    pub fn commit(&self, key: Option<&str>, message: &[u8], parents: &[String]) -> Vec<u8> {
        let tree = String::from_utf8(self.git(&["mktree"], b"")).unwrap();
        let signing = key.map(|key| format!("-S{}", self.path(key)));
        let mut arguments = vec!["commit-tree", "-F", "-", tree.trim()];
        arguments.extend(parents.iter().flat_map(|parent| ["-p", parent.as_str()]));
        arguments.extend(signing.as_deref());
        let id = String::from_utf8(self.git(&arguments, message)).unwrap();
        self.git(&["cat-file", "commit", id.trim()], b"")
    }

    /// The same, signed by whatever makes this key's signatures.
    pub fn signed_commit(&self, key: &str, message: &[u8], parents: &[String]) -> Vec<u8> {
        if let Maker::File = self.maker(key) {
            return self.commit(Some(key), message, parents);
        }
        let unsigned = self.commit(None, message, parents);
        match self.maker(key) {
            Maker::InProcess(key) => key.sign_commit(&unsigned).unwrap(),
            _ => with_header(&unsigned, &gpgsig(&self.sign(key, "git", &unsigned))),
        }
    }

    /// Why an approval that this commit were would not count for us, now.
    pub fn ours(&self, bytes: &[u8]) -> Result<(), String> {
        let commit = RawCommit::parse(bytes).map_err(|why| why.to_string())?;
        let signature = signature::verify(&commit);
        match &signature {
            Signature::Valid(_) => {}
            Signature::Invalid(why) => return Err(why.clone()),
            Signature::Missing | Signature::Review(_) => return Err("no signature".to_owned()),
        }
        let post = post();
        let account = &post.to[0];
        let digest = Digest::of(b"what was seen");
        let seen =
            Verb::Approve { post: post.id.clone(), account: account.clone(), digest: digest.clone(), due: post.due };
        let committer = commit.committer();
        let (name, email) = (committer.name.clone(), committer.email.clone());
        let statement = Statement {
            commit: "a".repeat(40),
            witness: Witness { signature, name, email, sign_offs: Vec::new() },
            dated: committer.date,
            workspace: WORKSPACE.to_owned(),
            policy: Some("b".repeat(40)),
            policy_approvals: Vec::new(),
            stage: Some("signer".to_owned()),
            stands_in_for: None,
            reply_to: None,
            line: None,
            seen: None,
            verbs: vec![seen],
            text: String::new(),
        };
        let evidence = Evidence { statements: vec![statement], refused: Vec::new() };
        let roles = Arc::new(self.roles.clone());
        let decision = policy::evaluate(
            &Question {
                workspace: WORKSPACE,
                post: &Outline::from(&post),
                account,
                digest: &digest,
                due: post.due,
                zone: chrono_tz::UTC,
            },
            &Facts {
                roles: &self.roles,
                roles_then: &|_| Some(Arc::clone(&roles)),
                revoked: &BTreeSet::new(),
                now: now(),
                statements: &Dossiers::new(&evidence).of(&post.id),
                edits: &[],
                landed: None,
            },
        );
        if decision.approved() { Ok(()) } else { Err(reason(&decision).unwrap_or_default()) }
    }

    /// Whether git calls it good.
    pub fn theirs(&self, bytes: &[u8]) -> bool {
        self.run(&["verify-commit", &self.store(bytes)], b"").0
    }
}

const WORKSPACE: &str = "0197c7b2";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn post() -> Post {
    Post {
        id: PostId::new("launch").unwrap(),
        source: Arc::new(Source::new("posts/launch.md", "")),
        title: None,
        to: vec![AccountName::new("outbox/site").unwrap()],
        due: Due::Asap,
        draft: false,
        owner: None,
        campaign: None,
        labels: Vec::new(),
        languages: Vec::new(),
        link: None,
        media: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: Default::default(),
        repeats: Vec::new(),
        body: Body::default(),
    }
}

/// Why the evidence does not count.
fn reason(decision: &Decision) -> Option<String> {
    let own = (decision.status == policy::Status::NotCounted).then(|| decision.reason.clone());
    own.or_else(|| decision.children.iter().find_map(reason))
}

/// A commit with one more header at the end.
pub fn with_header(commit: &[u8], header: &str) -> Vec<u8> {
    let end = commit.windows(2).position(|two| two == b"\n\n").expect("an empty line");
    [&commit[..end], b"\n", header.as_bytes(), &commit[end..]].concat()
}

/// An armor as a header.
pub fn gpgsig(armor: &str) -> String {
    format!("gpgsig {}", armor.trim_end().replace('\n', "\n "))
}

/// A commit with its first `from` replaced.
pub fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|part| part == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("no {from:?} in {}", String::from_utf8_lossy(bytes)));
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}
