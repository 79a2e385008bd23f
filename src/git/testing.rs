//! A repository with a bare remote, for the tests of this room.

use std::path::PathBuf;

use super::{Branches, Draft, ObjectId, Program, Repository};
use crate::policy::Verb;
use crate::render::Digest;
use crate::workspace::{AccountName, PostId};

pub struct Scene {
    pub folder: tempfile::TempDir,
    pub root: PathBuf,
    pub remote: PathBuf,
}

impl Scene {
    /// A workspace without commits, and an empty remote `origin`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (root, remote) = (folder.path().join("work"), folder.path().join("remote.git"));
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("greenlit.toml"), "version = 1\n").unwrap();
        let scene = Self { folder, root, remote };
        let git = scene.git();
        git.run(&["init", "-q", "-b", "main"]).unwrap();
        git.run(&["init", "-q", "--bare", "-b", "main", scene.remote.to_str().unwrap()]).unwrap();
        git.run(&["remote", "add", "origin", scene.remote.to_str().unwrap()]).unwrap();
        scene
    }

    /// Git without anybody's settings, as Noor.
    pub fn git(&self) -> Program {
        let git = Program::new(&self.root).with("GIT_CONFIG_GLOBAL", "/dev/null").with("GIT_CONFIG_NOSYSTEM", "1");
        git.with("GIT_AUTHOR_NAME", "Noor Haddad")
            .with("GIT_AUTHOR_EMAIL", "noor@example.com")
            .with("GIT_COMMITTER_NAME", "Noor Haddad")
            .with("GIT_COMMITTER_EMAIL", "noor@example.com")
            .with("GIT_AUTHOR_DATE", "2026-11-21T08:00:00Z")
            .with("GIT_COMMITTER_DATE", "2026-11-21T08:00:00Z")
    }

    pub fn open(&self) -> (Repository, Branches) {
        let repository = Repository::open(&self.root).unwrap();
        let repository = repository.with("GIT_CONFIG_GLOBAL", "/dev/null").with("GIT_CONFIG_NOSYSTEM", "1");
        let branches = repository.branches("main", "origin").unwrap();
        (repository, branches)
    }

    /// The same for somebody who commits through the repository.
    pub fn open_as_noor(&self) -> (Repository, Branches) {
        let repository = self.open_at(&self.root);
        let branches = repository.branches("main", "origin").unwrap();
        (repository, branches)
    }

    pub fn open_at(&self, root: &std::path::Path) -> Repository {
        let repository = Repository::open(root).unwrap();
        let repository = repository.with("GIT_CONFIG_GLOBAL", "/dev/null").with("GIT_CONFIG_NOSYSTEM", "1");
        let repository = repository.with("GIT_AUTHOR_NAME", "Noor Haddad").with("GIT_AUTHOR_EMAIL", "noor@example.com");
        repository.with("GIT_COMMITTER_NAME", "Noor Haddad").with("GIT_COMMITTER_EMAIL", "noor@example.com")
    }

    /// Another clone of the remote.
    pub fn clone_to(&self, name: &str) -> PathBuf {
        let place = self.folder.path().join(name);
        self.git().run(&["clone", "-q", self.remote.to_str().unwrap(), place.to_str().unwrap()]).unwrap();
        place
    }

    /// Writes a file and commits everything.
    pub fn commit(&self, path: &str, text: &str) -> ObjectId {
        let file = self.root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self.commit_all(&format!("Write {path}"))
    }

    pub fn commit_all(&self, message: &str) -> ObjectId {
        let git = self.git();
        git.run(&["add", "-A"]).unwrap();
        git.run(&["commit", "-q", "--allow-empty", "-m", message]).unwrap();
        git.run(&["rev-parse", "HEAD"]).unwrap().line().parse().unwrap()
    }

    /// A commit without files.
    pub fn decision(&self, message: &str, parents: &[ObjectId]) -> ObjectId {
        let git = self.git();
        let tree = git.run_with(&["mktree"], Some(b"")).unwrap().line();
        let parents: Vec<String> = parents.iter().map(ToString::to_string).collect();
        let mut arguments = vec!["commit-tree", &tree, "-F", "-"];
        arguments.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        git.run_with(&arguments, Some(message.as_bytes())).unwrap().line().parse().unwrap()
    }

    /// Stores an object that git itself would refuse to make.
    pub fn object(&self, kind: &str, bytes: &[u8]) -> ObjectId {
        let arguments = ["hash-object", "-t", kind, "-w", "--literally", "--stdin"];
        self.git().run_with(&arguments, Some(bytes)).unwrap().line().parse().unwrap()
    }

    pub fn push(&self, branch: &str) {
        self.git().run(&["push", "-q", "origin", branch]).unwrap();
    }

    #[cfg(unix)]
    pub fn remote_hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let hook = self.remote.join("hooks").join(name);
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// A decision of Noor's: yes to one post for legal, no to another.
pub fn draft(policy: ObjectId) -> Draft {
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
        policy_approvals: Vec::new(),
        stage: Some("legal".into()),
        stands_in_for: None,
        reply_to: None,
        line: None,
        verbs: vec![approve, Verb::Reject { post: PostId::new("other").unwrap() }],
        sign_off: "Noor Haddad <noor@example.com>".into(),
    }
}
