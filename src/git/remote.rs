//! Fetch and push, as the `git` program does them.

use super::program::{Answer, GitError};
use super::repository::{APPROVALS, Branches, LEDGER, ObjectId, Pushed, Repository};

impl Repository {
    /// Fetches the trusted branch, the approvals and the ledger from the remote, in one go. Without a remote there is
    /// nothing to do. Only the trusted branch may have been rewritten meanwhile.
    ///
    /// # Errors
    /// When the remote cannot be reached, has no trusted branch, or one of the other two was rewritten.
    pub fn fetch(&self, branches: &Branches) -> Result<(), GitError> {
        let Branches { trusted, remote: Some(remote) } = branches else { return Ok(()) };
        // A pattern, because a branch that the remote does not have yet is no fault; no `+`, so that a rewritten one is.
        // The remote's own refspecs have a `+`; an empty --refmap keeps git from following them, too.
        let ours = format!("refs/heads/greenlit/*:refs/remotes/{remote}/greenlit/*");
        let main = format!("+refs/heads/{trusted}:refs/remotes/{remote}/{trusted}");
        let arguments = [
            "fetch",
            "--no-tags",
            "--no-prune",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--refmap=",
            remote,
            &main,
            &ours,
        ];
        let answer = self.program().ask(&arguments, None)?;
        if answer.success() {
            return Ok(());
        }
        if answer.words.contains("(non-fast-forward)") {
            let line = answer.words.lines().find(|line| line.contains("(non-fast-forward)")).unwrap_or_default();
            let branch = if line.contains(LEDGER) { LEDGER } else { APPROVALS };
            return Err(GitError::Rewritten { branch: branch.to_owned(), remote: remote.clone() });
        }
        if answer.words.contains("couldn't find remote ref") {
            return Err(GitError::NoTrusted(
                format!("the branch {trusted} of {remote}"),
                format!("push it first: `git push -u {remote} {trusted}`"),
            ));
        }
        Err(GitError::Failed {
            command: "git fetch".to_owned(),
            words: answer.words,
            help: format!("try `git fetch {remote}` by hand: greenlit uses the same settings"),
        })
    }

    /// Pushes a commit to a branch of the remote, without force: where the branch holds anything that the commit does
    /// not follow from, nothing changes there. When git cannot say how it went, the remote is asked.
    ///
    /// # Errors
    /// When the remote cannot be reached or refuses for a reason of its own.
    pub fn push(&self, remote: &str, branch: &str, commit: ObjectId) -> Result<Pushed, GitError> {
        let refspec = format!("{commit}:refs/heads/{branch}");
        let arguments = ["push", "--porcelain", "--no-verify", "--no-follow-tags", remote, &refspec];
        let answer = self.program().ask(&arguments, None)?;
        let result = if answer.success() {
            Pushed::Done
        } else {
            match self.remote_tip(remote, branch)? {
                Some(there) if there == commit || self.holds(remote, branch, there, commit) => Pushed::Done,
                Some(there) if !self.follows(commit, there).unwrap_or(false) => Pushed::Raced,
                _ => return Err(push_failed(&answer, remote, branch)),
            }
        };
        if result == Pushed::Done {
            let here = format!("refs/remotes/{remote}/{branch}");
            if !self.tip(&here)?.is_some_and(|tip| self.follows(tip, commit).unwrap_or(false)) {
                self.objects.reference(&here, commit, true, "greenlit: pushed")?;
            }
        }
        Ok(result)
    }

    /// Whether the remote's branch, which stands at `there`, has our commit in its history: the answer to our push was
    /// lost, and others have built on it since.
    fn holds(&self, remote: &str, branch: &str, there: ObjectId, commit: ObjectId) -> bool {
        let refspec = format!("refs/heads/{branch}");
        let fetched =
            self.program().run(&["fetch", "--no-tags", "--no-write-fetch-head", "--refmap=", remote, &refspec]);
        fetched.is_ok() && self.follows(there, commit).unwrap_or(false)
    }

    /// Where a branch stands on the remote right now; asks it.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn remote_tip(&self, remote: &str, branch: &str) -> Result<Option<ObjectId>, GitError> {
        let address = self.program().run(&["remote", "get-url", "--push", remote])?.line();
        let reference = format!("refs/heads/{branch}");
        let listed = self.program().run(&["ls-remote", "--", &address, &reference])?.line();
        let found = listed.lines().filter_map(|line| line.split_once('\t')).find(|(_, name)| *name == reference);
        found.map(|(hash, _)| ObjectId::from_str(hash)).transpose().map_err(GitError::from)
    }
}

fn push_failed(answer: &Answer, remote: &str, branch: &str) -> GitError {
    let refused = String::from_utf8_lossy(&answer.output);
    let refused = refused.lines().find(|line| line.starts_with('!')).and_then(|line| line.split('\t').nth(2));
    let mut words = answer.words.clone();
    if let Some(refused) = refused {
        words = format!("{} {words}", super::words::presentable(refused.as_bytes()));
    }
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
