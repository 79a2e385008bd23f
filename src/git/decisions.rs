//! Decision commits: what people decided, written into and read out of commit messages.

use std::collections::HashSet;

use super::commit::RawCommit;
use super::program::GitError;
use super::repository::{APPROVALS, Branches, ObjectId, Repository};
use super::signature::verify;
use super::trailers::Message;
use crate::policy::evidence::Refused;
use crate::policy::{Evidence, Statement, Verb, Witness};
use crate::render::Digest;
use crate::workspace::{AccountName, PostId};

/// A decision to be made: all that its commit's message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The first line: `Approve autumn-launch for legal`.
    pub subject: String,
    /// A reason, for people; may be empty.
    pub text: String,
    /// The workspace's id.
    pub workspace: String,
    /// The trusted commit whose roles were read.
    pub policy: ObjectId,
    /// The stage that approvals are for.
    pub stage: Option<String>,
    /// What is decided; at least one thing.
    pub verbs: Vec<Verb>,
    /// Who signs off: `Noor Haddad <noor@example.com>`.
    pub sign_off: String,
}

impl Draft {
    /// The commit's message.
    ///
    /// # Errors
    /// When it would not be read back as what was meant: a reason with a line that git takes for the message's end.
    pub fn message(&self) -> Result<String, GitError> {
        let mut message = format!("{}\n\n", self.subject);
        if !self.text.trim().is_empty() {
            message += &format!("{}\n\n", self.text.trim());
        }
        message += &format!("Greenlit-Workspace: {}\nGreenlit-Policy: {}\n", self.workspace, self.policy);
        if let Some(stage) = &self.stage {
            message += &format!("Greenlit-Stage: {stage}\n");
        }
        for verb in &self.verbs {
            message += &match verb {
                Verb::Approve { post, account, digest, due } => {
                    format!("Greenlit-Approve: {post} {account} {digest} at {due}\n")
                }
                Verb::Reject { post } => format!("Greenlit-Reject: {post}\n"),
                Verb::Lift { commit } => format!("Greenlit-Lift: {commit}\n"),
                Verb::Hold { scope } => format!("Greenlit-Hold: {scope}\n"),
                Verb::Resume { commit } => format!("Greenlit-Resume: {commit}\n"),
                Verb::Comment { post } => format!("Greenlit-Comment: {post}\n"),
                Verb::Withdraw { commit } => format!("Greenlit-Withdraw: {commit}\n"),
                Verb::ApprovePolicy { to, from } => format!("Greenlit-Approve-Policy: {to} from {from}\n"),
            };
        }
        message += &format!("Signed-off-by: {}\n", self.sign_off);
        let good = read(&message).ok().flatten().is_some_and(|said| {
            said.verbs == self.verbs && said.stage == self.stage && said.workspace == self.workspace
        });
        if good { Ok(message) } else { Err(GitError::Unsayable) }
    }
}

impl Repository {
    /// All that people decided: the commits of the approvals branches, and decision commits on the trusted branch.
    ///
    /// # Errors
    /// When history is not whole. A commit that is there and makes no sense is no error: it is among the refused.
    pub fn evidence(&self, branches: &Branches, trusted: ObjectId) -> Result<Evidence, GitError> {
        let mut evidence = Evidence::default();
        let mut on_trusted = HashSet::new();
        let mut walk = self.objects.revwalk()?;
        walk.push(trusted)?;
        for id in walk {
            let id = id?;
            on_trusted.insert(id);
            self.hear(id, Place::Trusted, &mut evidence)?;
        }
        let mut walk = self.objects.revwalk()?;
        let tips = self.approvals_tips(branches)?;
        for tip in &tips {
            walk.push(*tip)?;
        }
        walk.hide(trusted)?;
        for id in walk {
            let id = id.map_err(|_| self.why_not(APPROVALS, &tips))?;
            self.hear(id, Place::Approvals, &mut evidence)?;
        }
        for statement in &mut evidence.statements {
            let known = |policy: &String| policy.parse().is_ok_and(|id: ObjectId| on_trusted.contains(&id));
            statement.policy = statement.policy.take().filter(known);
        }
        Ok(evidence)
    }

    /// Takes in one commit, if it decides anything.
    fn hear(&self, id: ObjectId, place: Place, evidence: &mut Evidence) -> Result<(), GitError> {
        let odb = self.objects.odb()?;
        let object = odb.read(id)?;
        if !mentions_us(object.data()) {
            return Ok(());
        }
        let heard = match RawCommit::parse(object.data()) {
            Ok(commit) => match read(commit.message()) {
                Ok(None) => return Ok(()),
                Ok(Some(said)) => self.fits(&commit, place)?.map(|()| said.by(id, &commit)),
                Err(reason) => Err(reason),
            },
            Err(why) => Err(format!("the commit is malformed: {why}")),
        };
        match heard {
            Ok(statement) => evidence.statements.push(statement),
            Err(reason) => evidence.refused.push(Refused { commit: id.to_string(), reason }),
        }
        Ok(())
    }

    /// A decision changes no files on the approvals branch, and is no merge anywhere.
    fn fits(&self, commit: &RawCommit, place: Place) -> Result<Result<(), String>, GitError> {
        let tree_before = match commit.parents() {
            [] => None,
            [parent] => Some(self.objects.find_commit(*parent)?.tree_id()),
            _ => {
                return Ok(
                    Err("it is a merge, which decides nothing: make the decision again on top of it".to_owned()),
                );
            }
        };
        let unchanged = match tree_before {
            Some(tree) => tree == commit.tree(),
            None => self.objects.find_tree(commit.tree())?.is_empty(),
        };
        Ok(match place {
            Place::Approvals if !unchanged => Err("it changes files, which a decision may not".to_owned()),
            Place::Approvals | Place::Trusted => Ok(()),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Trusted,
    Approvals,
}

/// A quick look that spares most commits the reading.
fn mentions_us(bytes: &[u8]) -> bool {
    bytes.windows(9).any(|window| window.eq_ignore_ascii_case(b"greenlit-"))
}

/// What a message says, with no regard to who says so.
struct Said {
    workspace: String,
    policy: Option<String>,
    stage: Option<String>,
    verbs: Vec<Verb>,
    sign_offs: Vec<String>,
    text: String,
}

impl Said {
    fn by(self, id: ObjectId, commit: &RawCommit) -> Statement {
        let Said { workspace, policy, stage, verbs, sign_offs, text } = self;
        let committer = commit.committer();
        let (name, email) = (committer.name.clone(), committer.email.clone());
        let witness = Witness { signature: verify(commit), name, email, sign_offs };
        Statement {
            commit: id.to_string(),
            witness,
            dated: committer.date,
            workspace,
            policy,
            policy_approvals: Vec::new(),
            stage,
            stands_in_for: None,
            reply_to: None,
            line: None,
            seen: None,
            verbs,
            text,
        }
    }
}

/// Reads a message: `None` when it is no decision, the reason when it is a malformed one.
fn read(message: &str) -> Result<Option<Said>, String> {
    let parsed = Message::parse(message);
    let ours = |key: &str| key.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("greenlit-"));
    if !parsed.trailers.iter().any(|trailer| ours(&trailer.key)) {
        let stray =
            message.lines().any(|line| line.starts_with("Greenlit-Approve: ") || line.starts_with("Greenlit-Reject: "));
        return match stray {
            true => {
                Err("its decision is not in the message's last paragraph, as after a squash merge: decide again"
                    .to_owned())
            }
            false => Ok(None),
        };
    }
    if message.contains('\r') {
        return Err("its message has a carriage return".to_owned());
    }
    let (mut workspace, mut policy, mut stage, mut verbs) = (None, None, None, Vec::new());
    for trailer in parsed.trailers.iter().filter(|trailer| ours(&trailer.key)) {
        let value = trailer.value.as_str();
        let bad = || format!("its {} is malformed: {value:?}", trailer.key);
        let single = match trailer.key.to_ascii_lowercase().as_str() {
            "greenlit-workspace" => &mut workspace,
            "greenlit-policy" if !is_commit(value) => return Err(bad()),
            "greenlit-policy" => &mut policy,
            "greenlit-stage" => &mut stage,
            "greenlit-approve" => {
                verbs.push(approve(value).ok_or_else(bad)?);
                continue;
            }
            "greenlit-reject" => {
                verbs.push(Verb::Reject { post: PostId::new(value).map_err(|_| bad())? });
                continue;
            }
            "greenlit-lift" if is_commit(value) => {
                verbs.push(Verb::Lift { commit: value.to_owned() });
                continue;
            }
            "greenlit-lift" => return Err(bad()),
            _ => return Err(format!("it has the trailer {}, which this version does not know", trailer.key)),
        };
        if value.is_empty() {
            return Err(bad());
        }
        if single.replace(value.to_owned()).is_some() {
            return Err(format!("it has {} more than once", trailer.key));
        }
    }
    let workspace = workspace.ok_or("it names no workspace (Greenlit-Workspace)")?;
    if verbs.is_empty() {
        return Err("it decides nothing".to_owned());
    }
    if stage.is_none() && verbs.iter().any(|verb| matches!(verb, Verb::Approve { .. })) {
        return Err("it approves for no stage (Greenlit-Stage)".to_owned());
    }
    let sign_offs = parsed.values("Signed-off-by").filter_map(address).map(str::to_owned).collect();
    Ok(Some(Said { workspace, policy, stage, verbs, sign_offs, text: parsed.body.to_owned() }))
}

/// `<post> <account> <digest> at <due>`, one space between.
fn approve(value: &str) -> Option<Verb> {
    let mut words = value.split(' ');
    let mut next = || words.next();
    let (post, account, digest, at, due) = (next()?, next()?, next()?, next()?, next()?);
    let whole = at == "at" && next().is_none();
    let (post, account) = (PostId::new(post).ok()?, AccountName::new(account).ok()?);
    let (digest, due) = (Digest::parse(digest)?, due.parse().ok()?);
    whole.then_some(Verb::Approve { post, account, digest, due })
}

/// A commit's name with all its digits.
fn is_commit(value: &str) -> bool {
    value.len() == 40 && value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The address in `Name <address>`.
pub(super) fn address(value: &str) -> Option<&str> {
    let (_, rest) = value.rsplit_once('<')?;
    let address = rest.strip_suffix('>')?.trim();
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::SecretKey;
    use crate::git::testing::Scene;
    use crate::policy::Signature;
    use proptest::prelude::*;

    fn draft(policy: ObjectId) -> Draft {
        let approve = Verb::Approve {
            post: PostId::new("autumn-launch").unwrap(),
            account: AccountName::new("bluesky/acme").unwrap(),
            digest: Digest::of(b"x"),
            due: "2026-12-01T08:00:00Z".parse().unwrap(),
        };
        Draft {
            subject: "Approve autumn-launch for legal".into(),
            text: "Looks good.\nGreenlit-Stage: not this one".into(),
            workspace: "0197c7b2".into(),
            policy,
            stage: Some("legal".into()),
            verbs: vec![approve, Verb::Reject { post: PostId::new("other").unwrap() }],
            sign_off: "Noor Haddad <noor@example.com>".into(),
        }
    }

    #[test]
    fn what_was_drafted_is_what_is_read() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let draft = draft(base);
        let id = scene.decision(&draft.message().unwrap(), &[]);
        repository.move_branch(APPROVALS, None, id, "test").unwrap();
        let evidence = repository.evidence(&branches, base).unwrap();
        let [statement] = &evidence.statements[..] else { panic!("{evidence:?}") };
        assert_eq!(statement.verbs, draft.verbs);
        assert_eq!(statement.policy, Some(base.to_string()));
        assert_eq!(statement.stage.as_deref(), Some("legal"));
        assert_eq!(statement.text, draft.text);
        assert_eq!(statement.witness.sign_offs, ["noor@example.com"]);
        assert_eq!(statement.witness.signature, Signature::Missing);
    }

    #[test]
    fn a_signed_decision_names_its_key_and_an_altered_one_does_not() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let unsigned = scene.decision(&draft(base).message().unwrap(), &[]);
        let key = SecretKey::from_seed([1; 32]);
        let bytes = key.sign_commit(repository.raw_commit(unsigned).unwrap().unwrap().bytes()).unwrap();
        let altered = String::from_utf8(bytes.clone()).unwrap().replace("other", "osher").into_bytes();
        let (signed, altered) = (scene.object("commit", &bytes), scene.object("commit", &altered));
        for (id, expected) in [(signed, true), (altered, false)] {
            scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
            let evidence = repository.evidence(&branches, base).unwrap();
            let valid = evidence.statements[0].witness.signature == Signature::Valid(key.public());
            assert_eq!(valid, expected);
        }
    }

    #[test]
    fn the_roles_of_a_commit_that_is_not_on_the_trusted_branch_are_no_roles() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let elsewhere = scene.commit("roles.toml", "mallory = true");
        let id = scene.decision(&draft(elsewhere).message().unwrap(), &[]);
        repository.move_branch(APPROVALS, None, id, "test").unwrap();
        assert_eq!(repository.evidence(&branches, base).unwrap().statements[0].policy, None);
    }

    #[test]
    fn malformed_decisions_are_refused_with_the_reason() {
        let good = draft(ObjectId::from_str(&"a".repeat(40)).unwrap()).message().unwrap();
        let digest = Digest::of(b"x").to_string();
        let cases = [
            (good.replace("Greenlit-Workspace: 0197c7b2\n", ""), "names no workspace"),
            (good.replace("Greenlit-Stage: legal\n", ""), "no stage"),
            (
                good.replace("Greenlit-Stage: legal\n", "Greenlit-Stage: legal\nGreenlit-Stage: editor\n"),
                "more than once",
            ),
            (
                good.replace("Greenlit-Stage: legal\n", "greenlit-stage: legal\nGREENLIT-STAGE: editor\n"),
                "more than once",
            ),
            (good.replace("Greenlit-Reject", "Greenlit-Ignore"), "does not know"),
            (good.replace(&digest, &digest.to_uppercase()), "malformed"),
            (good.replace(" at 2026", "  at 2026"), "malformed"),
            (good.replace("T08:00:00Z", "T09:00:00+01:00"), "malformed"),
            (good.replace("T08:00:00Z", "T08:00:00Z and mastodon/acme"), "malformed"),
            (good.replace("Greenlit-Reject: other", "Greenlit-Reject: ../other"), "malformed"),
            (good.replace(&"a".repeat(40), "main"), "malformed"),
            (good.replace("Signed-off-by", "\nSigned-off-by"), "last paragraph"),
            (good.replace("legal\n", "legal\r\n"), "carriage return"),
            ("t\n\nGreenlit-Workspace: w\nGreenlit-Stage: legal\n".to_owned(), "decides nothing"),
        ];
        for (message, why) in cases {
            let reason = read(&message).map(|said| said.is_some()).unwrap_err();
            assert!(reason.contains(why), "{reason} for\n{message}");
        }
        assert!(read("Write about Greenlit-Approve\n\nThe trailer Greenlit-Approve: is new.\n").unwrap().is_none());
    }

    #[test]
    fn a_decision_on_the_approvals_branch_changes_no_files_and_is_no_merge() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let message = draft(base).message().unwrap();
        let (one, two) = (scene.decision("one", &[]), scene.decision("two", &[]));
        let merge = scene.decision(&message, &[one, two]);
        std::fs::write(scene.root.join("y"), "1").unwrap();
        let with_files = scene.commit_all(&message);
        for (id, why) in [(merge, "merge"), (with_files, "changes files")] {
            scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
            let evidence = repository.evidence(&branches, base).unwrap();
            assert!(evidence.statements.is_empty() && evidence.refused[0].reason.contains(why), "{evidence:?}");
        }
        // On the trusted branch a decision may come with the files of a pull request.
        let evidence = repository.evidence(&branches, with_files).unwrap();
        assert_eq!(evidence.statements[0].commit, with_files.to_string());
    }

    #[test]
    fn a_rejection_dropped_from_one_side_is_still_heard_from_the_other() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let id = scene.decision(&draft(base).message().unwrap(), &[]);
        repository.push("origin", APPROVALS, id).unwrap();
        let other = scene.decision("unrelated", &[]);
        repository.move_branch(APPROVALS, None, other, "test").unwrap();
        assert_eq!(repository.evidence(&branches, base).unwrap().statements.len(), 1);
    }

    #[test]
    fn a_commit_that_git_would_not_make_is_named_wherever_it_lies() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let tree = repository.objects.find_commit(base).unwrap().tree_id();
        let bad =
            scene.object("commit", format!("tree {tree}\nauthor x\ncommitter y\n\nGreenlit-Reject: x\n").as_bytes());
        let people = "a <a@b> 1 +0000";
        let above = format!("tree {tree}\nparent {bad}\nauthor {people}\ncommitter {people}\n\nx\n");
        let above = scene.object("commit", above.as_bytes());
        let reference = scene.root.join(".git/refs/heads").join(APPROVALS);
        std::fs::create_dir_all(reference.parent().unwrap()).unwrap();
        for tip in [bad, above] {
            std::fs::write(&reference, format!("{tip}\n")).unwrap();
            let error = repository.evidence(&branches, base).unwrap_err();
            let named = matches!(&error, GitError::MalformedCommit { commit, branch, .. }
                if *commit == bad.to_string() && branch == APPROVALS);
            assert!(named, "{error:?}");
        }
    }

    #[test]
    fn a_reason_that_would_cut_off_the_decision_cannot_be_given() {
        let cutting = "x\n# ------------------------ >8 ------------------------\ny".to_owned();
        let mut draft = draft(ObjectId::from_str(&"a".repeat(40)).unwrap());
        draft.text = cutting;
        assert!(matches!(draft.message(), Err(GitError::Unsayable)));
    }

    proptest! {
        #[test]
        fn no_reason_can_say_more_than_the_draft(text in "([A-Za-z:# \n-]|Greenlit-Lift: |\n\n|Signed-off-by: a <b>\n){0,20}") {
            let mut draft = draft(ObjectId::from_str(&"a".repeat(40)).unwrap());
            draft.text = text;
            if let Ok(message) = draft.message() {
                let said = read(&message).unwrap().unwrap();
                prop_assert_eq!(said.verbs, draft.verbs);
                prop_assert_eq!(said.sign_offs, ["noor@example.com"]);
            }
        }

        #[test]
        fn no_message_makes_it_panic(lines in prop::collection::vec("(Greenlit-(Approve|Lift|Stage|X|é): )?[ -~é]{0,20}", 0..8)) {
            let _ = read(&format!("t\n\n{}", lines.join("\n")));
        }
    }
}
