//! Our verdict on over 500 commits, held against `git verify-commit`, which asks `ssh-keygen`.
//!
//! What we call valid, git must call valid. What git calls valid and we do not is one of the listed stricter cases.

#[path = "signatures/bench.rs"]
mod bench;
#[path = "signatures/cases.rs"]
mod cases;
#[path = "../../src/git/token.rs"]
mod token;

use std::collections::{BTreeMap, BTreeSet};

use bench::Bench;

/// What git takes and we do not, and what we say.
const STRICTER: [(&str, &str); 36] = [
    ("a NUL in the message", "it has a NUL byte"),
    ("a blank line in the armor", "the signature's armor is malformed"),
    ("a carriage return in a header", "it has a carriage return in its headers"),
    ("a certificate", "signed with a key of the type ssh-ed25519-cert-v01@openssh.com, which does not count"),
    ("a hardware key that nobody touched", "the hardware key signed without being touched"),
    ("a line that is no header", "line 4 of its headers is none"),
    ("a parent at the end", r#"its headers are not in order: "parent" is missing or in the wrong place"#),
    ("a second author", r#"its headers are not in order: "committer" is missing or in the wrong place"#),
    ("a second committer", r#"it has the header "committer" more than once"#),
    ("a second tree", r#"its headers are not in order: "author" is missing or in the wrong place"#),
    ("a signature for SHA-256 beside", r#"it has the header "gpgsig-sha256", which is not read"#),
    ("a space in the armor", "the signature's armor is malformed"),
    ("a tab for a space", "line 4 of its headers is none"),
    ("a tab in the armor", "the signature's armor is malformed"),
    ("a tree at the end", r#"it has the header "tree" more than once"#),
    ("a tree in capitals", r#"its header "tree" has no object name"#),
    ("a year beyond all", r#"its header "author" is not of the form `Name <address> seconds zone`"#),
    ("a zone of five digits", r#"its header "author" is not of the form `Name <address> seconds zone`"#),
    ("after a coming key's beginning, by its own date", "the key that signed it counts only from 2027-01-01 00:00 UTC"),
    ("before an expired key's end, by its own date", "the key that signed it has expired (2026-11-01 00:00 UTC)"),
    ("the second in which a key ends", "the key that signed it has expired (2027-01-01 00:00 UTC), by its own date"),
    (
        "an ECDSA key on P-521",
        "`ecdsa-sha2-nistp521` keys do not count: Ed25519, ECDSA on nistp256 or nistp384, and RSA do",
    ),
    ("an RSA key of 2048 bits", "RSA keys of 2048 bits do not count: 3072 to 4096 do"),
    ("an author at the end", r#"it has the header "author" more than once"#),
    ("another encoding", "it claims another encoding than UTF-8"),
    ("no date", r#"its header "author" is not of the form `Name <address> seconds zone`"#),
    ("not UTF-8", "it is not UTF-8"),
    ("over a mebibyte", "it has more than 1048576 bytes"),
    ("signature before the author", r#"its headers are not in order: "author" is missing or in the wrong place"#),
    ("signature before the committer", r#"its headers are not in order: "committer" is missing or in the wrong place"#),
    ("signatures of two people", r#"it has the header "gpgsig" more than once"#),
    ("the encoding twice", r#"it has the header "encoding" more than once"#),
    ("the same signature twice", r#"it has the header "gpgsig" more than once"#),
    ("two addresses", r#"its header "author" is not of the form `Name <address> seconds zone`"#),
    ("two armors", "the signature's armor is malformed"),
    ("words after the armor", "the signature's armor is malformed"),
];

#[test]
fn every_commit_is_judged_as_git_does_or_more_strictly() {
    let bench = Bench::new();
    let cases = cases::all(&bench);
    assert!(cases.len() > 500, "{} cases", cases.len());
    let mut stricter: BTreeSet<(String, String)> = BTreeSet::new();
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut faults = Vec::new();
    for case in &cases {
        let (ours, theirs) = (bench.ours(&case.bytes), bench.theirs(&case.bytes));
        let shown =
            || format!("{}: ours {ours:?}, git's {theirs}\n{}", case.kind, String::from_utf8_lossy(&case.bytes));
        let column = match (&ours, theirs) {
            (Ok(()), true) => 0,
            (Err(_), false) => 1,
            (Err(why), true) => {
                stricter.insert((case.kind.to_owned(), why.clone()));
                2
            }
            (Ok(()), false) => {
                faults.push(shown());
                continue;
            }
        };
        counts.entry(case.kind).or_default()[column] += 1;
        if cases::honest(case.kind) != ours.is_ok() {
            faults.push(shown());
        }
    }
    println!("{:48} {:>6} {:>6} {:>9}", "commits", "valid", "not", "stricter");
    for (kind, [both, neither, only_git]) in &counts {
        println!("{kind:48} {both:>6} {neither:>6} {only_git:>9}");
    }
    println!("\n{} commits. What git takes and we do not:", cases.len());
    for (kind, why) in &stricter {
        println!("{kind:48} {why}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    // A flipped bit of the armor may hit letters that ssh-keygen skips.
    stricter.retain(|(kind, _)| kind != cases::FLIPPED);
    let listed = STRICTER.map(|(kind, why)| (kind.to_owned(), why.to_owned()));
    assert_eq!(stricter, BTreeSet::from(listed));
}
