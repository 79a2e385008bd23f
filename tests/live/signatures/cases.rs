//! Some hundred commits: honest ones, and every trick with headers and armor that we know of. The seed is fixed.

use crate::bench::{Bench, COUNTING, LIMITED, WEAK, gpgsig, replaced, with_header};
use crate::token::{TOUCHED, Token, VERIFIED};

/// A commit to be judged.
pub struct Case {
    /// What it is.
    pub kind: &'static str,
    /// Its raw bytes.
    pub bytes: Vec<u8>,
}

const MESSAGES: [&str; 14] = [
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
    "-----BEGIN PGP SIGNATURE-----\n\nin the body\n-----END PGP SIGNATURE-----\n",
    "",
];

const HONEST: &str = "honest";
const APPROVE: &[u8] = b"Approve the launch\n\nGreenlit-Stage: legal\n";
const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";

/// All cases.
pub fn all(bench: &Bench) -> Vec<Case> {
    let mut cases = Cases { bench, cases: Vec::new() };
    cases.messages();
    cases.altered();
    cases.flipped();
    cases.elsewhere();
    cases.out_of_time();
    cases.odd_commits();
    cases.odd_armor();
    cases.cases
}

struct Cases<'b> {
    bench: &'b Bench,
    cases: Vec<Case>,
}

impl Cases<'_> {
    fn add(&mut self, kind: &'static str, bytes: Vec<u8>) {
        self.cases.push(Case { kind, bytes });
    }

    /// Adds a commit as it stands, signed over all that is in it.
    fn sign_as_it_stands(&mut self, kind: &'static str, key: &str, unsigned: &[u8]) {
        let signed = with_header(unsigned, &gpgsig(&self.bench.sign(key, "git", unsigned)));
        self.add(kind, signed);
    }

    /// Every key and message, with none, one and two parents.
    fn messages(&mut self) {
        let parents: Vec<String> =
            [&b"one"[..], b"two"].iter().map(|text| self.bench.store(&self.bench.commit(None, text, &[]))).collect();
        for (number, message) in MESSAGES.iter().enumerate() {
            let parents = &parents[..number % 3];
            for key in COUNTING {
                let signed = self.bench.signed_commit(key, message.as_bytes(), parents);
                self.add(HONEST, signed);
            }
            self.add("unsigned", self.bench.commit(None, message.as_bytes(), parents));
            self.add("another's key", self.bench.signed_commit("stranger", message.as_bytes(), parents));
            for (key, kind) in WEAK.into_iter().zip(["an RSA key of 2048 bits", "an ECDSA key on P-521"]) {
                let signed = self.bench.signed_commit(key, message.as_bytes(), parents);
                self.add(kind, signed);
            }
        }
        let unsigned = self.bench.commit(None, APPROVE, &[]);
        self.sign_as_it_stands("a certificate", "certified", &unsigned);
    }

    /// Something else than what was signed.
    fn altered(&mut self) {
        for key in COUNTING {
            let signed = self.bench.signed_commit(key, APPROVE, &[]);
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
                ("gpgsig", "gpgsic"),
            ] {
                self.add("altered", replaced(&signed, from, to));
            }
            self.add("altered", [&signed[..], b"\0Greenlit-Stage: admin\n"].concat());
        }
    }

    /// Some bits of each key's commit, one at a time.
    fn flipped(&mut self) {
        let mut chance = Chance(0x6772_6565_6e6c_6974);
        for key in COUNTING {
            let signed = self.bench.signed_commit(key, APPROVE, &[]);
            for _ in 0..24 {
                let mut bytes = signed.clone();
                let at = chance.below(bytes.len());
                bytes[at] ^= 1 << chance.below(8);
                self.add(FLIPPED, bytes);
            }
        }
    }

    /// Signatures for another purpose or another commit.
    fn elsewhere(&mut self) {
        let (one, two) = (self.bench.commit(None, b"one\n", &[]), self.bench.commit(None, b"two\n", &[]));
        for key in COUNTING {
            for namespace in ["file", "Git", "git@example.com"] {
                let armor = self.bench.sign(key, namespace, &one);
                self.add("another namespace", with_header(&one, &gpgsig(&armor)));
            }
            let armor = self.bench.sign(key, "git", &two);
            self.add("another commit's signature", with_header(&one, &gpgsig(&armor)));
            self.sign_as_it_stands(HONEST, key, &one);
        }
    }

    /// Keys that count for a time, and commits that bear dates inside and outside of it.
    fn out_of_time(&mut self) {
        let plain = self.bench.commit(None, APPROVE, &[]);
        // Now; a month back; two years back; two months on; the first second and the last of a key's year.
        for (seconds, kind) in [
            ("1795248000", ""),
            ("1792656000", "before an expired key's end, by its own date"),
            ("1732176000", "before an expired key's end, by its own date"),
            ("1800432000", "after a coming key's beginning, by its own date"),
            ("1767225599", "before an expired key's end, by its own date"),
            ("1767225600", "before an expired key's end, by its own date"),
            ("1798761599", "before a coming key's beginning"),
            ("1798761600", "after a coming key's beginning, by its own date"),
        ] {
            let dated = String::from_utf8(plain.clone()).expect("text").replace("1795248000", seconds);
            for (key, _) in LIMITED {
                let kind = match key {
                    "running" if ["1795248000", "1792656000", "1767225600", "1798761599"].contains(&seconds) => HONEST,
                    "running" if seconds == "1798761600" => "the second in which a key ends",
                    "running" => "outside of a key's time, by its own date",
                    "expired" if kind.contains("expired") => kind,
                    "coming" if kind.contains("coming") => kind,
                    "revoked" => "a revoked key",
                    _ => "outside of a key's time",
                };
                self.sign_as_it_stands(kind, key, dated.as_bytes());
            }
        }
    }

    /// Commits that no git command writes, signed as they stand, beside some that are only rare.
    fn odd_commits(&mut self) {
        let plain = self.bench.commit(None, APPROVE, &[]);
        let before_message = |header: &str| with_header(&plain, header);
        let zero = "0".repeat(40);
        let merged = format!("mergetag object {zero}\n type commit\n tag v1\n \n Words\n");
        let odd: Vec<(&'static str, Vec<u8>)> = vec![
            (HONEST, before_message("encoding UTF-8")),
            (HONEST, before_message("change-id abc")),
            (HONEST, before_message(merged.trim_end_matches('\n'))),
            (HONEST, before_message("HG:extra source:abc")),
            ("another encoding", before_message("encoding ISO-8859-1")),
            ("the encoding twice", before_message("encoding UTF-8\nencoding ISO-8859-1")),
            ("a second author", replaced(&plain, "committer ", "author M <m@x> 1 +0000\ncommitter ")),
            ("a second committer", before_message("committer M <m@x> 1 +0000")),
            ("a second tree", replaced(&plain, "author ", &format!("{TREE}author "))),
            ("a tree at the end", before_message(TREE.trim_end())),
            ("a parent at the end", before_message(&format!("parent {zero}"))),
            ("an author at the end", before_message("author M <m@x> 1 +0000")),
            ("a carriage return in a header", replaced(&plain, "+0000\ncommitter", "+0000\r\ncommitter")),
            ("a line that is no header", before_message("nothing")),
            ("a tab for a space", before_message("change-id\tabc")),
            ("not UTF-8", [&plain[..], b"M\xfcnchen\n"].concat()),
            ("a NUL in the message", [&plain[..], b"\0Greenlit-Stage: admin\n"].concat()),
            ("a NUL in a header", replaced(&plain, "Noor", "No\0r")),
            ("two addresses", replaced(&plain, "<noor@example.com> ", "<noor@example.com> <x@y> ")),
            ("no date", replaced(&plain, " 1795248000 +0000\ncommitter", "\ncommitter")),
            ("a zone of five digits", replaced(&plain, "+0000\ncommitter", "+00000\ncommitter")),
            ("a year beyond all", replaced(&plain, "1795248000", "99999999999999")),
            ("a tree in capitals", replaced(&plain, "tree 4b825dc642cb", "tree 4B825DC642CB")),
            ("over a mebibyte", [&plain[..], &vec![b'a'; 1 << 20]].concat()),
        ];
        for (kind, unsigned) in &odd {
            for key in ["ed25519", "sk-ecdsa"] {
                self.sign_as_it_stands(kind, key, unsigned);
            }
        }
        // The signature covers what stands after it, too.
        for key in COUNTING {
            let unsigned = before_message("change-id abc");
            let header = gpgsig(&self.bench.sign(key, "git", &unsigned));
            self.add(HONEST, replaced(&unsigned, "change-id ", &format!("{header}\nchange-id ")));
        }
    }

    /// A good signature over the commit, in a place or form that git commands do not give it.
    fn odd_armor(&mut self) {
        let plain = self.bench.commit(None, APPROVE, &[]);
        for key in ["ed25519", "rsa-3072", "sk-ed25519"] {
            let armor = self.bench.sign(key, "git", &plain);
            let header = gpgsig(&armor);
            let with = |header: &str| with_header(&plain, header);
            let letters: String = armor.lines().filter(|line| !line.starts_with('-')).collect();
            let wrapped = |width: usize, end: &str| {
                let lines: Vec<_> =
                    letters.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
                format!("-----BEGIN SSH SIGNATURE-----{end}{}{end}-----END SSH SIGNATURE-----", lines.join(end))
            };
            let tricks: Vec<(&'static str, Vec<u8>)> = vec![
                (HONEST, with(&header)),
                (HONEST, with(&gpgsig(&wrapped(64, "\n")))),
                (HONEST, with(&gpgsig(&wrapped(76, "\n")))),
                (HONEST, with(&gpgsig(&wrapped(4_000, "\n")))),
                ("signature in the message", [&plain[..], b"\n", header.as_bytes(), b"\n"].concat()),
                ("armor in the message", [&plain[..], b"\n", armor.as_bytes()].concat()),
                ("the same signature twice", with(&format!("{header}\n{header}"))),
                (
                    "signatures of two people",
                    with(&format!("{header}\n{}", gpgsig(&self.bench.sign("stranger", "git", &plain)))),
                ),
                (
                    "a signature for SHA-256 beside",
                    with(&format!("{header}\n{}", header.replace("gpgsig", "gpgsig-sha256"))),
                ),
                ("a signature for SHA-256 alone", with(&header.replace("gpgsig", "gpgsig-sha256"))),
                ("words before the armor", with(&gpgsig(&format!("Hello\n{armor}")))),
                ("words after the armor", with(&gpgsig(&format!("{armor}Goodbye")))),
                ("two armors", with(&gpgsig(&format!("{armor}{armor}")))),
                ("a blank line in the armor", with(&gpgsig(&armor.replacen("U1NI", "U1NI\n\n", 1)))),
                ("a space in the armor", with(&gpgsig(&armor.replacen("U1NI", "U1NI ", 1)))),
                ("a tab in the armor", with(&gpgsig(&armor.replacen("U1NI", "U1NI\t", 1)))),
                ("carriage returns in the armor", with(&gpgsig(&wrapped(70, "\r\n")))),
                ("armor in one line", with(&gpgsig(&wrapped(70, "")))),
                ("letters left over", with(&gpgsig(&wrapped(70, "\n").replace("\n-----END", "AAAA\n-----END")))),
                ("no end", with(&gpgsig(&armor.replace("-----END SSH SIGNATURE-----", "")))),
                ("another label", with(&gpgsig(&armor.replace("SSH SIGNATURE", "SSH MESSAGE")))),
                ("an OpenPGP label", with(&gpgsig(&armor.replace("SSH SIGNATURE", "PGP SIGNATURE")))),
                ("an empty signature", with("gpgsig ")),
                ("signature before the tree", [header.as_bytes(), b"\n", &plain].concat()),
                ("signature before the author", replaced(&plain, "author ", &format!("{header}\nauthor "))),
                ("signature before the committer", replaced(&plain, "committer ", &format!("{header}\ncommitter "))),
                ("lines that do not continue", with(&header.replace("\n ", "\n"))),
                ("a tab after gpgsig", with(&header.replace("gpgsig ", "gpgsig\t"))),
                ("gpgsig in capitals", with(&header.replace("gpgsig ", "GPGSIG "))),
            ];
            for (kind, bytes) in tricks {
                self.add(kind, bytes);
            }
            if letters.ends_with('=') {
                self.add("no padding", with(&gpgsig(&wrapped(70, "\n").replace('=', ""))));
            }
        }
        for token in [Token::ed25519(1), Token::p256(1)] {
            for flags in [0, VERIFIED] {
                let armor = token.sign("git", &plain, flags);
                self.add("a hardware key that nobody touched", with_header(&plain, &gpgsig(&armor)));
            }
            let armor = token.sign("git", &plain, TOUCHED | VERIFIED);
            self.add(HONEST, with_header(&plain, &gpgsig(&armor)));
        }
        for token in [Token::ed25519(9), Token::p256(9)] {
            self.add("another's key", with_header(&plain, &gpgsig(&token.sign("git", &plain, TOUCHED))));
        }
    }
}

/// The kind of commits of which one bit was flipped.
pub const FLIPPED: &str = "one bit flipped";

/// Whether a kind must count for both.
pub fn honest(kind: &str) -> bool {
    kind == HONEST
}

/// Numbers that look random and are always the same (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}
