//! A repository, keys of every kind, and the two judges: ours, and git with an `allowed_signers` made from `roles.toml`.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use greenlit::git::{RawCommit, SecretKey, signature};
use greenlit::policy::Signature;
use greenlit::workspace::{Roles, load_roles};

use crate::token::{TOUCHED, Token};

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
const FILES: [(&str, &[&str]); 9] = [
    ("ed25519", &["-t", "ed25519"]),
    ("ecdsa-256", &["-t", "ecdsa", "-b", "256"]),
    ("ecdsa-384", &["-t", "ecdsa", "-b", "384"]),
    ("rsa-3072", &["-t", "rsa", "-b", "3072"]),
    ("rsa-4096", &["-t", "rsa", "-b", "4096"]),
    ("rsa-2048", &["-t", "rsa", "-b", "2048"]),
    ("ecdsa-521", &["-t", "ecdsa", "-b", "521"]),
    ("stranger", &["-t", "ed25519"]),
    ("authority", &["-t", "ed25519"]),
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
        let mut text = "version = 1\n[roles]\nadmin = [\"ed25519\"]\n".to_owned();
        for name in COUNTING {
            text += &format!("[people.{name}]\nkeys = [\"{}\"]\n", self.public(name));
        }
        let (roles, findings) = load_roles(text.as_bytes());
        self.roles = roles.unwrap_or_else(|| panic!("{findings:?}"));

        let mut allowed = String::new();
        for (id, person) in &self.roles.people {
            for key in &person.keys {
                allowed += &format!("{id} namespaces=\"git\" {}\n", key.key.0);
            }
        }
        assert_eq!(allowed.lines().count(), COUNTING.len());
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
            command.env(format!("GIT_{role}_DATE"), "2026-11-21T08:00:00Z");
        }
        let allowed = format!("gpg.ssh.allowedSignersFile={}", self.path("allowed_signers"));
        command.args(["-c", "gpg.format=ssh", "-c", &allowed]).args(arguments);
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

    /// Why a commit's signature does not count for us.
    pub fn ours(&self, bytes: &[u8]) -> Result<(), String> {
        let commit = RawCommit::parse(bytes).map_err(|why| why.to_string())?;
        match signature::verify(&commit) {
            Signature::Valid(key) => self.roles.owner_of_key(&key).map(drop).ok_or_else(|| "nobody's key".to_owned()),
            Signature::Invalid(why) => Err(why),
            Signature::Missing => Err("no signature".to_owned()),
        }
    }

    /// Whether git calls it good.
    pub fn theirs(&self, bytes: &[u8]) -> bool {
        self.run(&["verify-commit", &self.store(bytes)], b"").0
    }
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
