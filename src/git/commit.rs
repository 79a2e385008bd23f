//! Commits as raw bytes, split strictly: what a signature covers is what is read, and nothing else is.
//!
//! Git and libgit2 are lenient with commits that no git command would write, each in its own way. Here such a commit is
//! malformed and says why.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// Commits larger than this, in bytes, are malformed.
pub const LARGEST: usize = 1 << 20;

/// Why the bytes are no well-formed commit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Over [`LARGEST`].
    #[error("it has more than {LARGEST} bytes")]
    TooLarge,
    /// Git takes a NUL for the end of the message; others read on.
    #[error("it has a NUL byte")]
    Nul,
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// An `encoding` header that names anything but UTF-8.
    #[error("it claims another encoding than UTF-8")]
    Encoding,
    /// A carriage return in a header.
    #[error("it has a carriage return in its headers")]
    CarriageReturn,
    /// Headers without an empty line after them.
    #[error("it has no empty line between headers and message")]
    NoMessage,
    /// A line that is no header.
    #[error("line {0} of its headers is none")]
    NotAHeader(usize),
    /// `tree`, `parent`, `author`, `committer` are missing, or not in this order.
    #[error("its headers are not in order: {0:?} is missing or in the wrong place")]
    Order(&'static str),
    /// The same header twice.
    #[error("it has the header {0:?} more than once")]
    Twice(String),
    /// A second signature format.
    #[error("it has the header {0:?}, which is not read")]
    OtherSignature(String),
    /// `tree` or `parent` without a hash.
    #[error("its header {0:?} has no object name")]
    ObjectName(&'static str),
    /// `author` or `committer` without `Name <address> seconds zone`.
    #[error("its header {0:?} is not of the form `Name <address> seconds zone`")]
    Identity(&'static str),
}

/// Author or committer, as typed: proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The date.
    pub date: DateTime<Utc>,
}

/// A commit's raw bytes, and what stands where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCommit {
    text: String,
    tree: ObjectId,
    parents: Vec<ObjectId>,
    author: Identity,
    committer: Identity,
    /// The whole `gpgsig` header, line ends and all.
    signature: Option<Range<usize>>,
    message: usize,
}

impl RawCommit {
    /// Splits a commit's raw bytes.
    ///
    /// # Errors
    /// When they are not what a git command would have written.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > LARGEST {
            return Err(Malformed::TooLarge);
        }
        if bytes.contains(&0) {
            return Err(Malformed::Nul);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
        let headers_end = text.find("\n\n").ok_or(Malformed::NoMessage)? + 1;
        let headers = split_headers(text.get(..headers_end).unwrap_or_default())?;
        let mut rest = headers.iter().peekable();
        let mut next = |name: &'static str| rest.next_if(|header| header.name == name);

        let tree = object_name(next("tree").ok_or(Malformed::Order("tree"))?, "tree")?;
        let mut parents = Vec::new();
        while let Some(parent) = next("parent") {
            parents.push(object_name(parent, "parent")?);
        }
        let author = identity(next("author").ok_or(Malformed::Order("author"))?, "author")?;
        let committer = identity(next("committer").ok_or(Malformed::Order("committer"))?, "committer")?;

        let mut signature = None;
        let mut encoding = false;
        for header in rest {
            match header.name {
                "tree" | "author" | "committer" => return Err(Malformed::Twice(header.name.to_owned())),
                "parent" => return Err(Malformed::Order("parent")),
                "gpgsig" if signature.is_some() => return Err(Malformed::Twice(header.name.to_owned())),
                "gpgsig" => signature = Some(header.range.clone()),
                "encoding" if encoding => return Err(Malformed::Twice(header.name.to_owned())),
                "encoding" if !["utf-8", "utf8"].contains(&header.value.to_ascii_lowercase().as_str()) => {
                    return Err(Malformed::Encoding);
                }
                "encoding" => encoding = true,
                name if name.starts_with("gpgsig") => return Err(Malformed::OtherSignature(name.to_owned())),
                // `mergetag`, `change-id`: covered by the signature, and of no meaning here.
                _ => {}
            }
        }
        Ok(Self { text: text.to_owned(), tree, parents, author, committer, signature, message: headers_end + 1 })
    }

    /// The whole commit, byte for byte.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// What a signature covers: the commit without its `gpgsig` header.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Some(range) = &self.signature else { return self.text.clone().into_bytes() };
        let before = self.text.get(..range.start).unwrap_or_default();
        let after = self.text.get(range.end..).unwrap_or_default();
        [before, after].concat().into_bytes()
    }

    /// The signature as its program wrote it, where there is one.
    pub fn signature(&self) -> Option<String> {
        let header = self.text.get(self.signature.clone()?)?;
        Some(header.strip_prefix("gpgsig ")?.replace("\n ", "\n"))
    }

    /// The files.
    pub fn tree(&self) -> ObjectId {
        self.tree
    }

    /// The commits that it follows.
    pub fn parents(&self) -> &[ObjectId] {
        &self.parents
    }

    /// Who wrote it, as typed.
    pub fn author(&self) -> &Identity {
        &self.author
    }

    /// Who committed it, as typed.
    pub fn committer(&self) -> &Identity {
        &self.committer
    }

    /// The message.
    pub fn message(&self) -> &str {
        self.text.get(self.message..).unwrap_or_default()
    }

    /// The same commit with a signature: the bytes to store. What was signed must be [`RawCommit::signed_bytes`].
    pub fn with_signature(&self, armor: &str) -> Vec<u8> {
        let unsigned = String::from_utf8(self.signed_bytes()).unwrap_or_default();
        let (headers, message) = unsigned.split_once("\n\n").unwrap_or((&unsigned, ""));
        let armor = armor.trim_end().replace('\n', "\n ");
        format!("{headers}\ngpgsig {armor}\n\n{message}").into_bytes()
    }
}

impl Repository {
    /// A commit's raw bytes, split. The inner error says why the commit is malformed.
    ///
    /// # Errors
    /// When there is no such commit, or it cannot be read.
    pub fn raw_commit(&self, id: ObjectId) -> Result<Result<RawCommit, Malformed>, GitError> {
        let odb = self.objects.odb()?;
        let (size, kind) = odb.read_header(id)?;
        if kind != git2::ObjectType::Commit {
            return Err(GitError::NoCommit(id.to_string()));
        }
        if size > LARGEST {
            return Ok(Err(Malformed::TooLarge));
        }
        Ok(RawCommit::parse(odb.read(id)?.data()))
    }
}

struct Header<'t> {
    name: &'t str,
    /// Its first line's; continuation lines follow in `range`.
    value: &'t str,
    range: Range<usize>,
    lines: usize,
}

/// Headers, each with the lines that continue it. The text ends with a line's end.
fn split_headers(text: &str) -> Result<Vec<Header<'_>>, Malformed> {
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = at + line.len();
        let line = line.trim_end_matches('\n');
        if line.contains('\r') {
            return Err(Malformed::CarriageReturn);
        }
        if line.starts_with(' ') {
            let header = headers.last_mut().ok_or(Malformed::NotAHeader(number + 1))?;
            header.range.end = end;
            header.lines += 1;
        } else {
            let (name, value) = line.split_once(' ').ok_or(Malformed::NotAHeader(number + 1))?;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'_')) {
                return Err(Malformed::NotAHeader(number + 1));
            }
            headers.push(Header { name, value, range: at..end, lines: 1 });
        }
        at = end;
    }
    Ok(headers)
}

fn object_name(header: &Header<'_>, name: &'static str) -> Result<ObjectId, Malformed> {
    let good = header.lines == 1
        && header.value.len() == 40
        && header.value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let id = good.then(|| header.value.parse().ok()).flatten();
    id.ok_or(Malformed::ObjectName(name))
}

fn identity(header: &Header<'_>, name: &'static str) -> Result<Identity, Malformed> {
    let read = || {
        let (person, rest) = header.value.split_once('<')?;
        let (email, when) = rest.split_once('>')?;
        let (seconds, zone) = when.strip_prefix(' ')?.split_once(' ')?;
        let sign = zone.strip_prefix(['+', '-'])?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let odd = header.lines != 1 || person.contains('>') || email.contains('<') || when.contains(['<', '>']);
        if odd || !digits(seconds) || !digits(sign) || sign.len() != 4 || seconds.len() > 12 {
            return None;
        }
        let date = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
        Some(Identity { name: person.trim().to_owned(), email: email.trim().to_owned(), date })
    };
    read().ok_or(Malformed::Identity(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;
    use proptest::prelude::*;

    const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
    const AUTHOR: &str = "author Noor Haddad <noor@example.com> 1795248000 +0100\n";
    const COMMITTER: &str = "committer Li <li@example.com> 1795248060 -0530\n";
    const GPGSIG: &str = "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n";

    fn parse(text: &str) -> Result<RawCommit, Malformed> {
        RawCommit::parse(text.as_bytes())
    }

    #[test]
    fn a_signed_commit_comes_apart() {
        let commit = parse(&format!("{TREE}{AUTHOR}{COMMITTER}{GPGSIG}\nTitle\n\ngpgsig in the body\n")).unwrap();
        assert_eq!(commit.signature().unwrap(), "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n");
        let signed = format!("{TREE}{AUTHOR}{COMMITTER}\nTitle\n\ngpgsig in the body\n");
        assert_eq!(String::from_utf8(commit.signed_bytes()).unwrap(), signed);
        assert_eq!(commit.message(), "Title\n\ngpgsig in the body\n");
        assert_eq!(commit.committer().email, "li@example.com");
        assert_eq!(commit.author().date.timestamp(), 1_795_248_000);
    }

    #[test]
    fn a_signature_in_the_message_is_none() {
        let commit = parse(&format!("{TREE}{AUTHOR}{COMMITTER}\nTitle\n\n{GPGSIG}\n")).unwrap();
        assert_eq!(commit.signature(), None);
        assert_eq!(commit.signed_bytes(), commit.bytes());
    }

    #[test]
    fn headers_after_the_signature_are_covered_by_it() {
        let commit = parse(&format!("{TREE}{AUTHOR}{COMMITTER}{GPGSIG}change-id x\n y\n\nm")).unwrap();
        let signed = format!("{TREE}{AUTHOR}{COMMITTER}change-id x\n y\n\nm");
        assert_eq!(commit.signed_bytes(), signed.as_bytes());
    }

    #[test]
    fn what_no_git_command_would_write_is_malformed() {
        let cases = [
            (format!("{TREE}{TREE}{AUTHOR}{COMMITTER}\nm"), Malformed::Order("author")),
            (format!("{TREE}{AUTHOR}{AUTHOR}{COMMITTER}\nm"), Malformed::Order("committer")),
            (format!("{TREE}{AUTHOR}{COMMITTER}{COMMITTER}\nm"), Malformed::Twice("committer".into())),
            (format!("{TREE}{AUTHOR}{COMMITTER}{AUTHOR}\nm"), Malformed::Twice("author".into())),
            (format!("{TREE}{AUTHOR}{COMMITTER}{TREE}\nm"), Malformed::Twice("tree".into())),
            (format!("{TREE}{AUTHOR}{COMMITTER}{GPGSIG}{GPGSIG}\nm"), Malformed::Twice("gpgsig".into())),
            (
                format!("{TREE}{AUTHOR}{COMMITTER}gpgsig-sha256 x\n\nm"),
                Malformed::OtherSignature("gpgsig-sha256".into()),
            ),
            (format!("{TREE}{COMMITTER}{AUTHOR}\nm"), Malformed::Order("author")),
            (format!("{GPGSIG}{TREE}{AUTHOR}{COMMITTER}\nm"), Malformed::Order("tree")),
            (format!("{TREE}{AUTHOR}{COMMITTER}parent {}\n\nm", "0".repeat(40)), Malformed::Order("parent")),
            (format!("{TREE}{AUTHOR}{COMMITTER}\nm\0{GPGSIG}"), Malformed::Nul),
            (format!("{TREE}{AUTHOR}{COMMITTER}encoding ISO-8859-1\n\nm"), Malformed::Encoding),
            (format!("{TREE}{AUTHOR}{COMMITTER}"), Malformed::NoMessage),
            (format!("{TREE}{AUTHOR}{COMMITTER}gpgsig\r x\n\nm"), Malformed::CarriageReturn),
            (format!("{TREE}{AUTHOR}{COMMITTER}gpgsig\tx\n\nm"), Malformed::NotAHeader(4)),
            (format!(" x\n{TREE}{AUTHOR}{COMMITTER}\nm"), Malformed::NotAHeader(1)),
            (format!("tree abc\n{AUTHOR}{COMMITTER}\nm"), Malformed::ObjectName("tree")),
            (format!("{TREE} more\n{AUTHOR}{COMMITTER}\nm"), Malformed::ObjectName("tree")),
            (format!("{TREE}author a <b> <c> 1 +0000\n{COMMITTER}\nm"), Malformed::Identity("author")),
            (format!("{TREE}author a <b>\n{COMMITTER}\nm"), Malformed::Identity("author")),
        ];
        for (text, why) in cases {
            assert_eq!(parse(&text).map(|_| ()), Err(why), "{text}");
        }
        let latin = [TREE.as_bytes(), AUTHOR.as_bytes(), COMMITTER.as_bytes(), b"\nM\xfcnchen"].concat();
        assert_eq!(RawCommit::parse(&latin).map(|_| ()), Err(Malformed::NotUtf8));
        assert_eq!(RawCommit::parse(&vec![b'x'; LARGEST + 1]).map(|_| ()), Err(Malformed::TooLarge));
    }

    #[test]
    fn commits_that_git_made_are_well_formed() {
        let scene = Scene::new();
        let first = scene.commit("x", "1");
        let merge =
            scene.decision("Merge\n\nSigned-off-by: Noor <noor@example.com>\n", &[first, scene.decision("o", &[])]);
        let (repository, _) = scene.open();
        let commit = repository.raw_commit(merge).unwrap().unwrap();
        assert_eq!(commit.parents().len(), 2);
        assert_eq!(commit.author().name, "Noor Haddad");
    }

    proptest! {
        #[test]
        fn taking_a_signature_off_and_putting_it_on_gives_the_same_bytes(
            name in "[a-zé ]{0,9}", lines in prop::collection::vec("[A-Za-z0-9+/=-]{1,20}", 1..5), message in "[^\\x00]{0,80}",
        ) {
            let author = format!("author {name}<a@b> 1 +0000\n");
            let gpgsig = format!("gpgsig {}\n", lines.join("\n "));
            let text = format!("{TREE}{author}{COMMITTER}{gpgsig}\n{message}");
            let commit = parse(&text).unwrap();
            prop_assert_eq!(commit.bytes(), text.as_bytes());
            prop_assert_eq!(commit.message(), message);
            prop_assert_eq!(commit.with_signature(&commit.signature().unwrap()), text.as_bytes());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..300) {
            let _ = RawCommit::parse(&bytes);
            let mut near = format!("{TREE}{AUTHOR}{COMMITTER}{GPGSIG}\nm\n").into_bytes();
            let at = at.min(near.len());
            near.splice(at..at, bytes);
            if let Ok(commit) = RawCommit::parse(&near) {
                prop_assert_eq!(commit.bytes(), &near[..]);
                commit.signed_bytes();
            }
        }
    }
}
