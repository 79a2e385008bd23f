//! Fetch and push, as the `git` program does them.

use std::time::Duration;

use super::program::{Answer, GitError};
use super::remote_run::{ASK, FETCH, PUSH};
use super::repository::{APPROVALS, Branches, LEDGER, ObjectId, Pushed, Repository};

/// The ledger's witness: where the remote's ledger branch was last pushed to, under a name that nobody deletes or rewrites
/// by accident. Whoever has neither seen the ledger before learns from it that the branch was put back.
pub const WITNESS: &str = "refs/greenlit/ledger";

/// What a push came to that the remote answered.
#[derive(Debug)]
pub(super) enum Answered {
    /// The remote's refs stand there now.
    Done,
    /// One of them holds commits that ours does not follow from.
    Raced,
    /// The remote refuses.
    Refused(GitError),
}

impl Repository {
    /// Fetches the trusted branch, the approvals, the ledger and its witness from the remote, in one go. Without a remote
    /// there is nothing to do. Only the trusted branch may have been rewritten meanwhile.
    ///
    /// # Errors
    /// When the remote cannot be reached, has no trusted branch, one of the others was rewritten, or the ledger is gone.
    pub fn fetch(&self, branches: &Branches) -> Result<(), GitError> {
        self.fetch_within(branches, FETCH)
    }

    /// The same soon after another fetch: it brings as little as a push does, and has no more time.
    ///
    /// # Errors
    /// As for [`Repository::fetch`].
    pub(super) fn fetch_news(&self, branches: &Branches) -> Result<(), GitError> {
        self.fetch_within(branches, PUSH)
    }

    fn fetch_within(&self, branches: &Branches, limit: Duration) -> Result<(), GitError> {
        let Branches { trusted, remote: Some(remote) } = branches else { return Ok(()) };
        self.fetch_once(trusted, remote, limit)?;
        if self.witness_leads(branches)? {
            // A push of both that we saw half of. What was rolled back is so the second time, too.
            self.fetch_once(trusted, remote, limit)?;
        }
        Ok(())
    }

    fn fetch_once(&self, trusted: &str, remote: &str, limit: Duration) -> Result<(), GitError> {
        // Patterns, because a ref that the remote does not have yet is no fault; no `+`, so that a rewritten one is.
        // The remote's own refspecs have a `+`; an empty --refmap keeps git from following them, too.
        let ours = format!("refs/heads/greenlit/*:{}", seen_at(remote, "refs/heads/greenlit/*"));
        let witness = format!("{WITNESS}*:{}*", seen_at(remote, WITNESS));
        let main = format!("+refs/heads/{trusted}:refs/remotes/{remote}/{trusted}");
        let arguments = [
            "-c",
            "fetch.output=full",
            "fetch",
            // Tells what is up to date, too: what is not told is not there.
            "--verbose",
            "--no-tags",
            "--no-prune",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--refmap=",
            remote,
            &main,
            &ours,
            &witness,
        ];
        let answer = self.program().ask_remote(remote, &arguments, limit)?;
        let told = String::from_utf8_lossy(&answer.errors);
        let line = |name: &str| {
            told.lines().find(|line| {
                line.split_whitespace().zip(line.split_whitespace().skip(1)).any(|pair| pair == (name, "->"))
            })
        };
        let rewritten = |name: &str| line(name).is_some_and(|line| line.contains("(non-fast-forward)"));
        if !answer.success() && !told.contains("(non-fast-forward)") {
            return Err(fetch_failed(answer, trusted, remote));
        }
        if let Some(known) = self.last_seen_ledger(remote)? {
            let put_back = format!("`git push {remote} {known:.12}:refs/heads/{LEDGER}`");
            if line(LEDGER).is_none() {
                let help = format!(
                    "find out who deleted it, and let nobody do so again; this puts back what this clone has seen of \
                     it:\n{put_back}"
                );
                return Err(GitError::Gone { branch: LEDGER, remote: remote.to_owned(), help });
            }
            if rewritten(LEDGER) {
                let help = format!(
                    "find out who did it and why; this puts back what this clone has seen of it (with --force where \
                     something else was put in its place):\n{put_back}"
                );
                return Err(GitError::Rewritten { branch: LEDGER.to_owned(), remote: remote.to_owned(), help });
            }
            if rewritten(WITNESS) {
                let help = format!(
                    "find out who did it and why; this puts it back:\n`git push --force {remote} {known:.12}:{WITNESS}`"
                );
                return Err(GitError::Rewritten { branch: WITNESS.to_owned(), remote: remote.to_owned(), help });
            }
        }
        if answer.success() {
            return Ok(());
        }
        let help = format!(
            "find out who did it and why; to go on with what is there now:\n`git fetch {remote} \
             +refs/heads/greenlit/*:refs/remotes/{remote}/greenlit/*`"
        );
        Err(GitError::Rewritten { branch: APPROVALS.to_owned(), remote: remote.to_owned(), help })
    }

    /// Brings here what a remote has under a name of its own, such as `refs/pull/7/head`. No branch moves, nothing is checked out.
    ///
    /// # Errors
    /// When the remote cannot be reached, or has no such name.
    pub fn fetch_named(&self, remote: &str, name: &str) -> Result<(), GitError> {
        let arguments = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--refmap=",
            remote,
            name,
        ];
        self.program().run_remote(remote, &arguments, FETCH).map(|_| ())
    }

    /// All that this clone has seen of the remote's ledger: its branch, or its witness where that goes on from there.
    fn last_seen_ledger(&self, remote: &str) -> Result<Option<ObjectId>, GitError> {
        let branch = self.tip(&seen_at(remote, &format!("refs/heads/{LEDGER}")))?;
        let witness = self.tip(&seen_at(remote, WITNESS))?;
        Ok(match (branch, witness) {
            (Some(branch), Some(witness)) if self.follows(witness, branch)? => Some(witness),
            (branch, witness) => branch.or(witness),
        })
    }

    /// Pushes a commit to a branch of the remote, without force: where the branch holds anything that the commit does
    /// not follow from, nothing changes there. When git cannot say how it went, the remote is asked.
    ///
    /// # Errors
    /// When the remote cannot be reached or refuses for a reason of its own.
    pub fn push(&self, remote: &str, branch: &str, commit: ObjectId) -> Result<Pushed, GitError> {
        match self.push_to(remote, &[&format!("refs/heads/{branch}")], commit)? {
            Answered::Done => Ok(Pushed::Done),
            Answered::Raced => Ok(Pushed::Raced),
            Answered::Refused(error) => Err(error),
        }
    }

    /// The same for several refs, of which all move or none.
    pub(super) fn push_to(&self, remote: &str, refs: &[&str], commit: ObjectId) -> Result<Answered, GitError> {
        let refspecs: Vec<String> = refs.iter().map(|name| format!("{commit}:{name}")).collect();
        // What is pushed is small: to look for likenesses in it takes longer than to send it.
        let mut arguments = vec![
            "-c",
            "pack.window=0",
            "-c",
            "pack.threads=1",
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
        ];
        arguments.extend((refs.len() > 1).then_some("--atomic"));
        arguments.push(remote);
        arguments.extend(refspecs.iter().map(String::as_str));
        let answer = match self.program().ask_remote(remote, &arguments, PUSH) {
            Ok(answer) => Ok(answer),
            // It may have arrived, and its answer did not.
            Err(slow @ GitError::Slow { .. }) => Err(slow),
            Err(error) => return Err(error),
        };
        if !answer.as_ref().is_ok_and(Answer::success) {
            let refused = answer.as_ref().is_ok_and(|answer| {
                // A connection that broke is no answer.
                let refused = answer.output.starts_with(b"!") || answer.output.windows(2).any(|two| two == b"\n!");
                refused || answer.words.contains("--atomic")
            });
            let error = answer.map_or_else(|slow| slow, |answer| push_failed(&answer, remote, refs));
            let Ok(there) = self.remote_tips(remote, refs) else { return Err(error) };
            let arrived = |(name, there): (&&str, &Option<ObjectId>)| {
                there.is_some_and(|there| there == commit || self.holds(remote, name, there, commit))
            };
            let odb = self.objects.odb()?;
            let is_behind = |there: &ObjectId| odb.exists(*there) && self.follows(commit, *there).unwrap_or(false);
            if !refs.iter().zip(&there).all(arrived) {
                if !there.iter().flatten().all(is_behind) {
                    return Ok(Answered::Raced);
                }
                return if refused { Ok(Answered::Refused(error)) } else { Err(error) };
            }
        }
        for name in refs {
            let here = seen_at(remote, name);
            if !self.tip(&here)?.is_some_and(|tip| self.follows(tip, commit).unwrap_or(false)) {
                self.objects.reference(&here, commit, true, "greenlit: pushed")?;
            }
        }
        Ok(Answered::Done)
    }

    /// Whether the remote's ref, which stands at `there`, has our commit in its history: the answer to our push was
    /// lost, and others have built on it since.
    fn holds(&self, remote: &str, name: &str, there: ObjectId, commit: ObjectId) -> bool {
        let arguments = ["fetch", "--no-tags", "--no-write-fetch-head", "--refmap=", remote, name];
        let fetched = self.program().run_remote(remote, &arguments, FETCH);
        fetched.is_ok() && self.follows(there, commit).unwrap_or(false)
    }

    /// Where a branch stands on the remote right now; asks it.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn remote_tip(&self, remote: &str, branch: &str) -> Result<Option<ObjectId>, GitError> {
        Ok(self.remote_tips(remote, &[&format!("refs/heads/{branch}")])?.pop().flatten())
    }

    fn remote_tips(&self, remote: &str, refs: &[&str]) -> Result<Vec<Option<ObjectId>>, GitError> {
        let address = self.program().run(&["remote", "get-url", "--push", remote])?.line();
        let mut arguments = vec!["ls-remote", "--", &address];
        arguments.extend(refs);
        let listed = self.program().run_remote(remote, &arguments, ASK)?.line();
        let lines: Vec<(&str, &str)> = listed.lines().filter_map(|line| line.split_once('\t')).collect();
        let tip = |name: &&str| {
            let found = lines.iter().find(|(_, listed)| listed == name);
            found.map(|(hash, _)| ObjectId::from_str(hash)).transpose().map_err(GitError::from)
        };
        refs.iter().map(tip).collect()
    }
}

/// The ref here that keeps what was last seen of one of the remote's.
pub(super) fn seen_at(remote: &str, name: &str) -> String {
    match name.strip_prefix("refs/heads/") {
        Some(branch) => format!("refs/remotes/{remote}/{branch}"),
        // Not among the branches: `git fetch --prune` would take it away.
        None => name.replacen("refs/greenlit/", &format!("refs/greenlit/remotes/{remote}/"), 1),
    }
}

fn fetch_failed(answer: Answer, trusted: &str, remote: &str) -> GitError {
    if answer.words.contains("couldn't find remote ref") {
        return GitError::NoTrusted(
            format!("the branch {trusted} of {remote}"),
            format!("push it first: `git push -u {remote} {trusted}`"),
        );
    }
    GitError::Failed {
        command: "git fetch".to_owned(),
        words: answer.words,
        help: format!("try `git fetch {remote}` by hand: greenlit uses the same settings"),
    }
}

fn push_failed(answer: &Answer, remote: &str, refs: &[&str]) -> GitError {
    let refused = String::from_utf8_lossy(&answer.output);
    let refused = refused.lines().find(|line| line.starts_with('!')).and_then(|line| line.split('\t').nth(2));
    let mut words = answer.words.clone();
    if let Some(refused) = refused {
        words = format!("{} {words}", super::words::presentable(refused.as_bytes()));
    }
    let branch = refs.first().map(|name| name.trim_start_matches("refs/heads/")).unwrap_or_default();
    GitError::Failed {
        command: "git push".to_owned(),
        words,
        help: format!("see whether you may push to the branch {branch} of {remote}, then run the same command again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    #[test]
    fn a_fetch_brings_what_is_there_and_does_not_mind_what_is_not() {
        let scene = Scene::new();
        let first = scene.commit("posts/a.md", "a");
        let (repository, branches) = scene.open();
        assert!(matches!(repository.fetch(&branches), Err(GitError::NoTrusted(..))));
        scene.push("main");
        repository.fetch(&branches).unwrap();
        assert_eq!(repository.trusted_tip(&branches).unwrap(), first);
        assert!(repository.approvals_tips(&branches).unwrap().is_empty());
    }

    #[test]
    fn of_two_pushes_the_second_is_told_that_it_lost() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        let (ours, theirs) = (scene.decision("ours", &[base]), scene.decision("theirs", &[base]));
        assert_eq!(repository.push("origin", APPROVALS, theirs).unwrap(), Pushed::Done);
        assert_eq!(repository.push("origin", APPROVALS, theirs).unwrap(), Pushed::Done);
        assert_eq!(repository.push("origin", APPROVALS, ours).unwrap(), Pushed::Raced);
        assert_eq!(repository.shared_tip(&branches, APPROVALS).unwrap(), Some(theirs));

        let mine = scene.decision("ours again", &[theirs]);
        assert_eq!(repository.push("origin", APPROVALS, mine).unwrap(), Pushed::Done);
        // The answer was lost and somebody built on it: an older commit of the branch is there, not raced.
        assert_eq!(repository.push("origin", APPROVALS, theirs).unwrap(), Pushed::Done);
        assert_eq!(repository.shared_tip(&branches, APPROVALS).unwrap(), Some(mine));
    }

    #[test]
    fn a_rewritten_approvals_branch_stops_the_fetch() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        let veto = scene.decision("veto", &[base]);
        repository.push("origin", APPROVALS, veto).unwrap();
        let without = scene.decision("no veto", &[base]);
        let elsewhere = scene.remote.to_str().unwrap();
        scene.git().run(&["push", "-q", "--force", elsewhere, &format!("{without}:refs/heads/{APPROVALS}")]).unwrap();
        let error = repository.fetch(&branches).unwrap_err();
        assert!(matches!(error, GitError::Rewritten { ref branch, .. } if branch == APPROVALS), "{error}");
        assert_eq!(repository.approvals_tips(&branches).unwrap(), [veto]);
    }

    #[test]
    fn a_refusing_hook_is_a_failure_and_not_a_race() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        scene.remote_hook("pre-receive", "echo protected >&2; exit 1");
        let (repository, _) = scene.open();
        let error = repository.push("origin", APPROVALS, scene.decision("ours", &[base])).unwrap_err().to_string();
        assert!(error.contains("pre-receive hook declined") && error.contains("protected"), "{error}");
    }
}
