//! The grammar of decisions: what people decided, written into commit messages and read out of them.

use std::collections::HashSet;

use chrono::{DateTime, SecondsFormat, Utc};
use url::Url;

use super::program::GitError;
use super::repository::ObjectId;
use super::trailers::Message;
use crate::policy::{Fate, HoldScope, Line, Verb};
use crate::render::Digest;
use crate::workspace::{AccountName, PersonId, PostId, names};

/// A decision to be made: all that its commit's message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The first line: `Approve autumn-launch for legal`.
    pub subject: String,
    /// A reason or a comment, for people; may be empty.
    pub text: String,
    /// The workspace's id.
    pub workspace: String,
    /// The trusted commit whose roles were read.
    pub policy: ObjectId,
    /// The admins' approvals that brought these roles into force.
    pub policy_approvals: Vec<String>,
    /// The stage that approvals are for.
    pub stage: Option<String>,
    /// The person who is away and for whom a stand-in approves, by short name.
    pub stands_in_for: Option<PersonId>,
    /// The commit with the comment or rejection that a comment answers.
    pub reply_to: Option<String>,
    /// The line of the post's file that a rejection or comment is about.
    pub line: Option<Line>,
    /// What is decided; at least one thing.
    pub verbs: Vec<Verb>,
    /// Who signs off: `Noor Haddad <noor@example.com>`.
    pub sign_off: String,
}

impl Draft {
    /// The commit's message.
    ///
    /// # Errors
    /// When it would not be read back as what was meant: a text with a line that git takes for the message's end, or
    /// words where they say nothing, like the line of a file in an approval.
    pub fn message(&self) -> Result<String, GitError> {
        let mut message = format!("{}\n\n", self.subject);
        if !self.text.trim().is_empty() {
            message += &format!("{}\n\n", self.text.trim());
        }
        let mut say = |key: &str, value: &dyn std::fmt::Display| message += &format!("{key}: {value}\n");
        say("Greenlit-Workspace", &self.workspace);
        say("Greenlit-Policy", &self.policy);
        self.policy_approvals.iter().for_each(|commit| say("Greenlit-Policy-Approval", commit));
        self.stage.iter().for_each(|stage| say("Greenlit-Stage", stage));
        self.stands_in_for.iter().for_each(|person| say("Greenlit-For", person));
        self.reply_to.iter().for_each(|commit| say("Greenlit-Reply", commit));
        self.line.iter().for_each(|line| say("Greenlit-Line", &format_args!("{} of {}", line.number, line.commit)));
        for verb in &self.verbs {
            match verb {
                Verb::Approve { post, account, digest, due } => {
                    say("Greenlit-Approve", &format_args!("{post} {account} {digest} at {due}"));
                }
                Verb::Reject { post } => say("Greenlit-Reject", post),
                Verb::Lift { commit } => say("Greenlit-Lift", commit),
                Verb::Hold { scope } => say("Greenlit-Hold", scope),
                Verb::Resume { commit } => say("Greenlit-Resume", commit),
                Verb::Comment { post } => say("Greenlit-Comment", post),
                Verb::Withdraw { commit } => say("Greenlit-Withdraw", commit),
                Verb::ApprovePolicy { to, from } => say("Greenlit-Approve-Policy", &format_args!("{to} from {from}")),
                Verb::Update { post, account, digest } => {
                    say("Greenlit-Update", &format_args!("{post} {account} {digest}"));
                }
                Verb::Retract { post, account, digest } => {
                    say("Greenlit-Retract", &format_args!("{post} {account} {digest}"));
                }
                Verb::Resolve { post, account, digest, since, fate } => {
                    let fate = match fate {
                        Fate::Sent(urls) => format!("sent {}", urls.join(" ")),
                        Fate::NotSent => "not-sent".to_owned(),
                    };
                    let since = since.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                    say("Greenlit-Resolve", &format_args!("{post} {account} {digest} since {since} {fate}"));
                }
            }
        }
        say("Signed-off-by", &self.sign_off);
        let good = !message.contains('\0') && read(&message).ok().flatten().is_some_and(|said| self.is(&said));
        if good { Ok(message) } else { Err(GitError::Unsayable) }
    }

    /// Whether somebody who reads it hears what was meant, all of it and no more.
    fn is(&self, said: &Said) -> bool {
        let meant = Said {
            workspace: self.workspace.clone(),
            policy: Some(self.policy.to_string()),
            policy_approvals: self.policy_approvals.clone(),
            stage: self.stage.clone(),
            stands_in_for: self.stands_in_for.clone(),
            reply_to: self.reply_to.clone(),
            line: self.line.clone(),
            verbs: self.verbs.clone(),
            sign_offs: address(&self.sign_off).map(str::to_owned).into_iter().collect(),
            text: self.text.trim().to_owned(),
        };
        meant == *said
    }
}

/// What a message says, with no regard to who says so.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub workspace: String,
    pub policy: Option<String>,
    pub policy_approvals: Vec<String>,
    pub stage: Option<String>,
    pub stands_in_for: Option<PersonId>,
    pub reply_to: Option<String>,
    pub line: Option<Line>,
    pub verbs: Vec<Verb>,
    pub sign_offs: Vec<String>,
    pub text: String,
}

/// Reads a message: `None` when it is no decision, the reason when it is a malformed one.
pub(super) fn read(message: &str) -> Result<Option<Said>, String> {
    let parsed = Message::parse(message);
    let ours = |key: &str| key.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("greenlit-"));
    if !parsed.trailers.iter().any(|trailer| ours(&trailer.key)) {
        return match message.lines().any(is_stray) {
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
    let (mut workspace, mut policy, mut stage, mut stands_in_for) = (None, None, None, None);
    let (mut reply_to, mut line, mut verbs, mut policy_approvals) = (None, None, Vec::new(), Vec::new());
    let mut named = HashSet::new();
    for trailer in parsed.trailers.iter().filter(|trailer| ours(&trailer.key)) {
        let value = trailer.value.as_str();
        let bad = || format!("its {} is malformed: {value:?}", trailer.key);
        let twice = match trailer.key.to_ascii_lowercase().as_str() {
            "greenlit-workspace" => workspace.replace(word(value).ok_or_else(bad)?).is_some(),
            "greenlit-policy" => policy.replace(commit(value).ok_or_else(bad)?).is_some(),
            "greenlit-policy-approval" => {
                policy_approvals.push(commit(value).ok_or_else(bad)?);
                !named.insert(value)
            }
            "greenlit-stage" => stage.replace(word(value).ok_or_else(bad)?).is_some(),
            "greenlit-for" => stands_in_for.replace(person(value).ok_or_else(bad)?).is_some(),
            "greenlit-reply" => reply_to.replace(commit(value).ok_or_else(bad)?).is_some(),
            "greenlit-line" => line.replace(line_of(value).ok_or_else(bad)?).is_some(),
            key if VERBS.contains(&key) => {
                verbs.push(verb(key, value).ok_or_else(bad)?);
                false
            }
            _ => return Err(format!("it has the trailer {}, which this version does not know", trailer.key)),
        };
        if twice {
            return Err(format!("it has {} more than once", trailer.key));
        }
    }
    let workspace = workspace.ok_or("it names no workspace (Greenlit-Workspace)")?;
    let sign_offs = parsed.values("Signed-off-by").filter_map(address).map(str::to_owned).collect();
    let text = parsed.body.to_owned();
    let said =
        Said { workspace, policy, policy_approvals, stage, stands_in_for, reply_to, line, verbs, sign_offs, text };
    said.makes_sense()?;
    Ok(Some(said))
}

impl Said {
    /// Whether all that it says belongs together.
    fn makes_sense(&self) -> Result<(), &'static str> {
        let count = |wanted: fn(&Verb) -> bool| self.verbs.iter().filter(|verb| wanted(verb)).count();
        let approvals = count(|verb| matches!(verb, Verb::Approve { .. }));
        let comments = count(|verb| matches!(verb, Verb::Comment { .. }));
        let rejections = count(|verb| matches!(verb, Verb::Reject { .. }));
        if self.verbs.is_empty() {
            Err("it decides nothing")
        } else if approvals > 0 && self.stage.is_none() {
            Err("it approves for no stage (Greenlit-Stage)")
        } else if approvals == 0 && self.stands_in_for.is_some() {
            Err("it approves nothing for the one whom it stands in for (Greenlit-For)")
        } else if comments == 0 && self.reply_to.is_some() {
            Err("it answers (Greenlit-Reply) and is no comment")
        } else if comments > 0 && self.text.is_empty() {
            Err("it comments and has no text")
        } else if comments + rejections != 1 && self.line.is_some() {
            Err("its line (Greenlit-Line) is not of one post that it comments on or rejects")
        } else if self.policy.is_none() && !self.policy_approvals.is_empty() {
            Err("it names approvals of a policy (Greenlit-Policy-Approval) and no policy")
        } else {
            Ok(())
        }
    }
}

/// The trailers that decide something, in lower case.
const VERBS: [&str; 11] = [
    "greenlit-approve",
    "greenlit-reject",
    "greenlit-lift",
    "greenlit-hold",
    "greenlit-resume",
    "greenlit-comment",
    "greenlit-withdraw",
    "greenlit-approve-policy",
    "greenlit-resolve",
    "greenlit-update",
    "greenlit-retract",
];

/// Whether a line is a decision's that stands somewhere in a message.
fn is_stray(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(key, _)| VERBS.contains(&key.to_ascii_lowercase().as_str()))
}

fn verb(key: &str, value: &str) -> Option<Verb> {
    let post = || PostId::new(value).ok();
    Some(match key {
        "greenlit-approve" => return approve(value),
        "greenlit-resolve" => return resolve(value),
        "greenlit-update" => {
            let (post, account, digest) = delivery(value)?;
            Verb::Update { post, account, digest }
        }
        "greenlit-retract" => {
            let (post, account, digest) = delivery(value)?;
            Verb::Retract { post, account, digest }
        }
        "greenlit-reject" => Verb::Reject { post: post()? },
        "greenlit-lift" => Verb::Lift { commit: commit(value)? },
        "greenlit-hold" => Verb::Hold { scope: HoldScope::parse(value)? },
        "greenlit-resume" => Verb::Resume { commit: commit(value)? },
        "greenlit-comment" => Verb::Comment { post: post()? },
        "greenlit-withdraw" => Verb::Withdraw { commit: commit(value)? },
        "greenlit-approve-policy" => {
            let (to, from) = value.split_once(" from ")?;
            Verb::ApprovePolicy { to: Digest::parse(to)?, from: Digest::parse(from)? }
        }
        _ => return None,
    })
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

/// `<post> <account> <digest>`, one space between.
fn delivery(value: &str) -> Option<(PostId, AccountName, Digest)> {
    let mut words = value.split(' ');
    let (post, account, digest) = (words.next()?, words.next()?, words.next()?);
    let whole = words.next().is_none();
    let named = (PostId::new(post).ok()?, AccountName::new(account).ok()?, Digest::parse(digest)?);
    whole.then_some(named)
}

/// `<post> <account> <digest> since <time> sent <url>…`, or `… not-sent`, one space between.
fn resolve(value: &str) -> Option<Verb> {
    let mut words = value.split(' ');
    let mut next = || words.next();
    let (post, account, digest, since, time, fate) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let urls: Vec<String> = words.map(|url| is_address(url).then(|| url.to_owned())).collect::<Option<_>>()?;
    let fate = match (since, fate) {
        ("since", "sent") if !urls.is_empty() => Fate::Sent(urls),
        ("since", "not-sent") if urls.is_empty() => Fate::NotSent,
        _ => return None,
    };
    let (post, account) = (PostId::new(post).ok()?, AccountName::new(account).ok()?);
    let since = DateTime::parse_from_rfc3339(time).ok()?.with_timezone(&Utc);
    Some(Verb::Resolve { post, account, digest: Digest::parse(digest)?, since, fate })
}

/// Whether people can look there: a web address.
fn is_address(text: &str) -> bool {
    let known = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    known && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
}

/// `<number> of <commit>`, the number from 1 and without a sign or zeros before it.
fn line_of(value: &str) -> Option<Line> {
    let (number, of) = value.split_once(" of ")?;
    let line = Line { number: number.parse().ok()?, commit: commit(of)?, text: None };
    (line.number > 0 && line.number.to_string() == number).then_some(line)
}

fn word(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn person(value: &str) -> Option<PersonId> {
    names::checked(value).ok().map(|()| value.to_owned())
}

/// A commit's name with all its digits.
fn commit(value: &str) -> Option<String> {
    let whole = value.len() == 40 && value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    whole.then(|| value.to_owned())
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
    use crate::git::testing::draft;
    use proptest::prelude::*;

    #[test]
    fn malformed_decisions_are_refused_with_the_reason() {
        let good = draft(ObjectId::from_str(&"a".repeat(40)).unwrap()).message().unwrap();
        let (digest, commit) = (Digest::of(b"x").to_string(), "c".repeat(40));
        let with = |line: &str| good.replace("Greenlit-Stage", &format!("{line}\nGreenlit-Stage"));
        let said = |lines: &str| format!("t\n\nGreenlit-Workspace: w\n{lines}\n");
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
            (with("Greenlit-Hold: all"), "malformed"),
            (with("Greenlit-Hold: everything now"), "malformed"),
            (with("Greenlit-Hold: post  x"), "malformed"),
            (with("Greenlit-Hold: account bluesky"), "malformed"),
            (with("Greenlit-Hold: campaign"), "malformed"),
            (with("Greenlit-Resume: HEAD"), "malformed"),
            (with(&format!("Greenlit-Withdraw: {}", "A".repeat(40))), "malformed"),
            (with(&format!("Greenlit-Lift: {}", "a".repeat(39))), "malformed"),
            (with(&format!("Greenlit-Approve-Policy: {digest} to {digest}")), "malformed"),
            (with("Greenlit-Update: autumn bluesky/acme"), "malformed"),
            (with(&format!("Greenlit-Update: autumn bluesky/acme {digest} at asap")), "malformed"),
            (with("Greenlit-Retract: autumn bluesky/acme"), "malformed"),
            (with(&format!("Greenlit-Retract: autumn bluesky/acme {digest} now")), "malformed"),
            (with("Greenlit-For: noor haddad"), "malformed"),
            (with("Greenlit-For: noor\nGreenlit-For: li"), "more than once"),
            (with(&format!("Greenlit-Line: +3 of {commit}")), "malformed"),
            (with(&format!("Greenlit-Line: 03 of {commit}")), "malformed"),
            (with(&format!("Greenlit-Line: 0 of {commit}")), "malformed"),
            (with(&format!("Greenlit-Line: 99999999999999999999 of {commit}")), "malformed"),
            (with(&format!("Greenlit-Line: 3 of {commit}\nGreenlit-Reject: third")), "not of one post"),
            (
                with(&format!("Greenlit-Policy-Approval: {commit}\nGreenlit-Policy-Approval: {commit}")),
                "more than once",
            ),
            (with(&format!("Greenlit-Reply: {commit}")), "is no comment"),
            (said("Greenlit-Reject: x\nGreenlit-For: noor"), "approves nothing"),
            (said("Greenlit-Comment: x"), "has no text"),
            (said(&format!("Greenlit-Reject: x\nGreenlit-Policy-Approval: {commit}")), "no policy"),
            (said(&format!("Greenlit-Hold: everything\nGreenlit-Line: 3 of {commit}")), "not of one post"),
            (format!("Squash\n\nGreenlit-Hold: everything\n\n{}", "Signed-off-by: a <b>\n"), "last paragraph"),
            ("t\n\nGreenlit-Workspace: w\nGreenlit-Stage: legal\n".to_owned(), "decides nothing"),
        ];
        for (message, why) in cases {
            let reason = read(&message).map(|said| said.is_some()).unwrap_err();
            assert!(reason.contains(why), "{reason} for\n{message}");
        }
        assert!(read("Write about Greenlit-Approve\n\nThe trailer Greenlit-Approve: is new.\n").unwrap().is_none());
    }

    #[test]
    fn a_reason_that_would_cut_off_the_decision_cannot_be_given() {
        let cutting = "x\n# ------------------------ >8 ------------------------\ny".to_owned();
        let mut draft = draft(ObjectId::from_str(&"a".repeat(40)).unwrap());
        draft.text = cutting;
        assert!(matches!(draft.message(), Err(GitError::Unsayable)));
    }

    #[test]
    fn words_that_say_nothing_here_are_not_written() {
        let mut draft = draft(ObjectId::from_str(&"a".repeat(40)).unwrap());
        draft.reply_to = Some("b".repeat(40));
        assert!(matches!(draft.message(), Err(GitError::Unsayable)));
        draft.verbs = vec![Verb::Comment { post: PostId::new("other").unwrap() }];
        draft.text = String::new();
        assert!(matches!(draft.message(), Err(GitError::Unsayable)));
        draft.text = "Which price?".to_owned();
        assert!(draft.message().unwrap().contains("Greenlit-Reply: bbbb"));
        draft.text += "\0";
        assert!(matches!(draft.message(), Err(GitError::Unsayable)));
    }

    fn commits() -> impl Strategy<Value = String> {
        "[0-9a-f]{40}"
    }

    fn verbs() -> impl Strategy<Value = Verb> {
        let post = || "[a-zé0-9][a-z._-]{0,9}".prop_map(|name| PostId::new(&name).unwrap());
        let account = || "[a-z]{1,5}/[a-z.]{0,2}[a-z]".prop_filter_map("a name", |name| AccountName::new(&name).ok());
        let digest = || any::<[u8; 4]>().prop_map(|bytes| Digest::of(&bytes));
        let due = prop_oneof![Just("asap"), Just("2026-12-01T08:00:00Z")].prop_map(|due| due.parse().unwrap());
        let scope = prop_oneof![
            Just(HoldScope::Everything),
            post().prop_map(HoldScope::Post),
            account().prop_map(HoldScope::Account),
            "[a-zé]([a-z :]{0,9}[a-z])?".prop_map(HoldScope::Campaign),
        ];
        let fate = prop_oneof![
            Just(Fate::NotSent),
            prop::collection::vec("https://[a-z]{1,9}\\.example/[a-z0-9/é]{0,9}", 1..4).prop_map(Fate::Sent),
        ];
        prop_oneof![
            (post(), account(), digest(), due).prop_map(|(post, account, digest, due)| Verb::Approve {
                post,
                account,
                digest,
                due
            }),
            post().prop_map(|post| Verb::Reject { post }),
            commits().prop_map(|commit| Verb::Lift { commit }),
            scope.prop_map(|scope| Verb::Hold { scope }),
            commits().prop_map(|commit| Verb::Resume { commit }),
            post().prop_map(|post| Verb::Comment { post }),
            commits().prop_map(|commit| Verb::Withdraw { commit }),
            (post(), account(), digest()).prop_map(|(post, account, digest)| Verb::Update { post, account, digest }),
            (post(), account(), digest()).prop_map(|(post, account, digest)| Verb::Retract { post, account, digest }),
            (digest(), digest()).prop_map(|(to, from)| Verb::ApprovePolicy { to, from }),
            (post(), account(), digest(), 0i64..4_000_000_000, fate).prop_map(
                |(post, account, digest, since, fate)| {
                    let since = DateTime::from_timestamp(since, 0).unwrap();
                    Verb::Resolve { post, account, digest, since, fate }
                }
            ),
        ]
    }

    proptest! {
        /// Every verb, with every word that may stand beside it.
        #[test]
        fn what_is_written_is_read_back(
            verbs in prop::collection::vec(verbs(), 1..5),
            words in (prop::collection::btree_set(commits(), 0..3), commits(), 1..999usize, any::<[bool; 3]>()),
        ) {
            let (policy_approvals, commit, number, [away, reply, line]) = words;
            let mut draft = draft(ObjectId::from_str(&"a".repeat(40)).unwrap());
            let count = |wanted: fn(&Verb) -> bool| verbs.iter().filter(|verb| wanted(verb)).count();
            let approvals = count(|verb| matches!(verb, Verb::Approve { .. }));
            let comments = count(|verb| matches!(verb, Verb::Comment { .. }));
            let rejections = count(|verb| matches!(verb, Verb::Reject { .. }));
            draft.policy_approvals = policy_approvals.into_iter().collect();
            draft.stands_in_for = (away && approvals > 0).then(|| "noor".to_owned());
            draft.reply_to = (reply && comments > 0).then(|| commit.clone());
            draft.line = (line && comments + rejections == 1).then_some(Line { number, commit, text: None });
            draft.verbs = verbs;
            let said = read(&draft.message().unwrap()).unwrap().unwrap();
            prop_assert!(draft.is(&said), "{:?}", said);
        }

        #[test]
        fn no_text_can_say_more_than_the_draft(
            text in "([A-Za-z:# \n-]|Greenlit-Lift: |Greenlit-Hold: everything|\n\n|Signed-off-by: a <b>\n){0,20}",
        ) {
            let mut draft = draft(ObjectId::from_str(&"a".repeat(40)).unwrap());
            draft.text = text;
            if let Ok(message) = draft.message() {
                let said = read(&message).unwrap().unwrap();
                prop_assert_eq!(said.verbs, draft.verbs);
                prop_assert_eq!(said.sign_offs, ["noor@example.com"]);
            }
        }

        #[test]
        fn no_message_makes_it_panic(
            lines in prop::collection::vec("(Greenlit-(Approve|Lift|Stage|Hold|Line|Reply|For|Approve-Policy|X|é): )?[ -~é]{0,20}", 0..8),
        ) {
            let _ = read(&format!("t\n\n{}", lines.join("\n")));
        }
    }
}
