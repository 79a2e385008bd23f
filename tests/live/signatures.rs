//! Our verdict on a few hundred signed commits, held against `git verify-commit`, which asks `ssh-keygen`.
//!
//! What we call valid, git must call valid. What git calls valid and we do not is one of the listed stricter cases.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use greenlit::git::{RawCommit, SecretKey, signature};
use greenlit::policy::Signature;

/// A repository whose `allowed_signers` lists every key but the stranger's.
struct Bench {
    folder: tempfile::TempDir,
}

/// Name, arguments for ssh-keygen, whether it counts for us.
const KEYS: [(&str, &[&str], bool); 6] = [
    ("ed25519", &["-t", "ed25519"], true),
    ("ecdsa-256", &["-t", "ecdsa", "-b", "256"], true),
    ("ecdsa-384", &["-t", "ecdsa", "-b", "384"], true),
    ("rsa-3072", &["-t", "rsa", "-b", "3072"], true),
    ("rsa-2048", &["-t", "rsa", "-b", "2048"], false),
    ("ecdsa-521", &["-t", "ecdsa", "-b", "521"], false),
];

const MESSAGES: [&str; 12] = [
    "Title\n",
    "Title without a line's end",
    "Approve x\n\nGreenlit-Approve: x\nSigned-off-by: N <n@example.com>\n",
    "Ünïcödé 🍁\n\nzwei Absätze\n\n\nmit Lücken\n",
    "gpgsig -----BEGIN SSH SIGNATURE-----\n\nin the body\n",
    "t\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n",
    " leading space\n continued\n",
    "\n\nblank lines first\n",
    "# a comment\n",
    "CRLF\r\n\r\nlines\r\n",
    "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor x <y> 1 +0000\n\nz\n",
    "tab\tand trailing space \n",
];

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.git(&["init", "-q", "-b", "main"], b"");
        let mut allowed = String::new();
        for (name, arguments, _) in KEYS {
            bench.keygen(name, arguments);
            allowed += &bench.allow(name);
        }
        bench.keygen("stranger", &["-t", "ed25519"]);
        let ours = SecretKey::from_seed([42; 32]);
        ours.write(&bench.path("in-process")).unwrap();
        allowed += &bench.allow("in-process");
        std::fs::write(bench.path("allowed_signers"), allowed).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keygen(&self, name: &str, arguments: &[&str]) {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-N", "", "-C", name, "-f"]).arg(self.path(name)).args(arguments);
        let status = command.status().expect("ssh-keygen is missing: install openssh-client");
        assert!(status.success());
    }

    fn allow(&self, name: &str) -> String {
        let public = std::fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap();
        format!("{name}@example.com namespaces=\"git\" {public}")
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>) {
        let mut command = Command::new("git");
        command.current_dir(self.folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Noor").env(format!("GIT_{role}_EMAIL"), "noor@example.com");
            command.env(format!("GIT_{role}_DATE"), "2026-11-21T08:00:00Z");
        }
        let allowed = format!("gpg.ssh.allowedSignersFile={}", self.path("allowed_signers").display());
        command.args(["-c", "gpg.format=ssh", "-c", &allowed]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), output.stdout)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (success, output) = self.run(arguments, input);
        assert!(success, "git {arguments:?}");
        output
    }

    fn store(&self, bytes: &[u8]) -> String {
        let id = self.git(&["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], bytes);
        String::from_utf8(id).unwrap().trim().to_owned()
    }

    /// The raw bytes of a commit that git made and, where a key is named, signed.
    fn commit(&self, key: Option<&str>, message: &str) -> Vec<u8> {
        let tree = String::from_utf8(self.git(&["mktree"], b"")).unwrap();
        let signing = key.map(|key| format!("-S{}", self.path(key).display()));
        let mut arguments = vec!["commit-tree", "-F", "-", tree.trim()];
        arguments.extend(signing.as_deref());
        let id = String::from_utf8(self.git(&arguments, message.as_bytes())).unwrap();
        self.git(&["cat-file", "commit", id.trim()], b"")
    }

    /// An armor over some bytes, made in any namespace.
    fn sign(&self, key: &str, namespace: &str, bytes: &[u8]) -> String {
        let file = self.path("to-sign");
        std::fs::write(&file, bytes).unwrap();
        let armor = PathBuf::from(format!("{}.sig", file.display()));
        let _ = std::fs::remove_file(&armor);
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(self.path(key)).arg(&file).stderr(Stdio::null());
        assert!(command.status().unwrap().success());
        std::fs::read_to_string(armor).unwrap()
    }

    fn listed(&self) -> Vec<String> {
        let allowed = std::fs::read_to_string(self.path("allowed_signers")).unwrap();
        allowed.lines().map(|line| line.split(' ').skip(2).take(2).collect::<Vec<_>>().join(" ")).collect()
    }

    /// What we say, and what git says, of a commit's raw bytes.
    fn verdicts(&self, bytes: &[u8]) -> (bool, bool) {
        let ours = match RawCommit::parse(bytes).map(|commit| signature::verify(&commit)) {
            Ok(Signature::Valid(key)) => self.listed().contains(&key.0),
            _ => false,
        };
        let (theirs, _) = self.run(&["verify-commit", &self.store(bytes)], b"");
        (ours, theirs)
    }

    #[track_caller]
    fn same(&self, what: &str, bytes: &[u8], expected: bool) {
        assert_eq!(self.verdicts(bytes), (expected, expected), "{what}: {}", String::from_utf8_lossy(bytes));
    }

    #[track_caller]
    fn stricter(&self, what: &str, bytes: &[u8]) {
        let (ours, _) = self.verdicts(bytes);
        assert!(!ours, "{what}: {}", String::from_utf8_lossy(bytes));
    }
}

fn with_header(unsigned: &[u8], header: &str) -> Vec<u8> {
    let text = String::from_utf8(unsigned.to_vec()).unwrap();
    let (headers, message) = text.split_once("\n\n").unwrap();
    format!("{headers}\n{header}\n\n{message}").into_bytes()
}

fn gpgsig(armor: &str) -> String {
    format!("gpgsig {}", armor.trim_end().replace('\n', "\n "))
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "no {from:?} in {text}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn every_key_and_message_is_judged_as_git_does() {
    let bench = Bench::new();
    for (key, _, counts) in KEYS {
        for message in MESSAGES {
            let signed = bench.commit(Some(key), message);
            if counts { bench.same(key, &signed, true) } else { bench.stricter(key, &signed) }
        }
    }
    for message in MESSAGES {
        bench.same("unsigned", &bench.commit(None, message), false);
        bench.same("stranger", &bench.commit(Some("stranger"), message), false);
    }
}

#[test]
fn git_takes_what_we_sign() {
    let bench = Bench::new();
    let key = SecretKey::read(&bench.path("in-process")).unwrap();
    for message in MESSAGES {
        let signed = key.sign_commit(&bench.commit(None, message)).unwrap();
        bench.same("signed in process", &signed, true);
    }
}

#[test]
fn altered_commits_are_valid_for_nobody() {
    let bench = Bench::new();
    for (key, _, _) in KEYS.into_iter().filter(|(_, _, counts)| *counts) {
        let signed = bench.commit(Some(key), "Approve the launch\n\nGreenlit-Stage: legal\n");
        for (from, to) in [
            ("legal", "admin"),
            ("launch", "Launch"),
            ("Noor", "Tess"),
            ("1795248000", "1795248001"),
            ("tree 4b825dc6", "tree 4b825dc7"),
            ("\n\nApprove", "\n\n\nApprove"),
            ("legal\n", "legal\n\n"),
            ("legal\n", "legal"),
            ("+0000\ngpgsig", "+0100\ngpgsig"),
            ("\ngpgsig ", "\nchange-id x\ngpgsig "),
        ] {
            bench.same(from, &replaced(&signed, from, to), false);
        }
    }
}

#[test]
fn every_byte_of_a_signed_commit_matters_to_both() {
    let bench = Bench::new();
    let signed = bench.commit(Some("ed25519"), "Approve\n");
    for at in (0..signed.len()).step_by(5) {
        let mut bytes = signed.clone();
        bytes[at] ^= 1;
        let (ours, theirs) = bench.verdicts(&bytes);
        assert!(!ours, "byte {at}; git says {theirs}");
    }
}

#[test]
fn another_namespace_or_another_commits_signature_is_valid_for_nobody() {
    let bench = Bench::new();
    for (key, _, _) in KEYS.into_iter().filter(|(_, _, counts)| *counts) {
        let (one, two) = (bench.commit(None, "one\n"), bench.commit(None, "two\n"));
        bench.same("git", &with_header(&one, &gpgsig(&bench.sign(key, "git", &one))), true);
        bench.same("file", &with_header(&one, &gpgsig(&bench.sign(key, "file", &one))), false);
        bench.same("transplanted", &with_header(&one, &gpgsig(&bench.sign(key, "git", &two))), false);
    }
}

/// Objects that no git command writes. Both may say no; we must.
#[test]
fn tricks_with_headers_and_armor_never_count() {
    let bench = Bench::new();
    let unsigned = bench.commit(None, "Approve\n");
    let armor = bench.sign("ed25519", "git", &unsigned);
    let header = gpgsig(&armor);
    let good = with_header(&unsigned, &header);
    bench.same("the honest twin", &good, true);
    let in_body = format!("Approve\n\n{header}\n");
    let tricks: Vec<(&str, Vec<u8>)> = vec![
        ("signature in the body", bench.commit(None, &in_body)),
        ("two signatures", with_header(&unsigned, &format!("{header}\n{header}"))),
        (
            "sha256 signature beside",
            with_header(&unsigned, &format!("{header}\n{}", header.replace("gpgsig", "gpgsig-sha256"))),
        ),
        ("sha256 signature alone", with_header(&unsigned, &header.replace("gpgsig", "gpgsig-sha256"))),
        ("preamble", with_header(&unsigned, &gpgsig(&format!("Hello\n{armor}")))),
        ("words after", with_header(&unsigned, &gpgsig(&format!("{armor}Goodbye")))),
        ("two armors", with_header(&unsigned, &gpgsig(&format!("{armor}{armor}")))),
        ("blank line in the armor", with_header(&unsigned, &gpgsig(&armor.replacen("U1NI", "U1NI\n\n", 1)))),
        ("NUL and more", [good.as_slice(), b"\0Greenlit-Stage: legal\n"].concat()),
        ("NUL in a header", replaced(&good, "Noor", "No\0r")),
        ("second author", replaced(&good, "committer ", "author M <m@x> 1 +0000\ncommitter ")),
        ("second committer", replaced(&good, "gpgsig ", "committer M <m@x> 1 +0000\ngpgsig ")),
        ("author after committer", replaced(&good, "gpgsig ", "author M <m@x> 1 +0000\ngpgsig ")),
        ("tree after committer", replaced(&good, "gpgsig ", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ngpgsig ")),
        ("signature first", [format!("{header}\n").as_bytes(), &unsigned].concat()),
        ("carriage return", replaced(&good, "+0000\ncommitter", "+0000\r\ncommitter")),
        ("encoding", replaced(&good, "gpgsig ", "encoding ISO-8859-1\ngpgsig ")),
        ("tab for a space", replaced(&good, "gpgsig ", "gpgsig\t")),
        ("no continuation", replaced(&good, "\n ", "\n")),
    ];
    for (what, bytes) in tricks {
        bench.stricter(what, &bytes);
    }
    // Signed as they stand, git takes some of these; for us they stay malformed.
    for (what, unsigned) in [
        ("encoding", replaced(&unsigned, "\n\n", "\nencoding ISO-8859-1\n\n")),
        ("second author", replaced(&unsigned, "committer ", "author M <m@x> 1 +0000\ncommitter ")),
        ("second committer", replaced(&unsigned, "\n\n", "\ncommitter M <m@x> 1 +0000\n\n")),
        ("second tree", replaced(&unsigned, "author ", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor ")),
    ] {
        bench.stricter(what, &with_header(&unsigned, &gpgsig(&bench.sign("ed25519", "git", &unsigned))));
    }
}
