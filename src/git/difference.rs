//! What differs between a branch's beginning and the files as they are now: committed, staged, unstaged and untracked.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use super::program::{GitError, Program};
use super::repository::ObjectId;

/// Why nobody can say what differs.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum NoDifference {
    /// Not a name of anything.
    #[error("{0:?} is no name of a commit")]
    #[diagnostic(
        code("git/base"),
        help("name what the branch began from: a branch, a tag or a commit, such as origin/main")
    )]
    Name(String),
    /// Nothing of that name is here.
    #[error("{0:?} names no commit here")]
    #[diagnostic(
        code("git/no-base"),
        help("`git fetch` gets what is new; in a GitHub workflow give actions/checkout the line `fetch-depth: 0`")
    )]
    Unknown(String),
    /// Two histories that never meet, as far as they are here.
    #[error("no commit is here from which both {0} and HEAD come")]
    #[diagnostic(
        code("git/no-merge-base"),
        help(
            "in a GitHub workflow give actions/checkout the line `fetch-depth: 0`; elsewhere run `git fetch --unshallow`"
        )
    )]
    Unrelated(String),
    /// git failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Git(#[from] GitError),
}

/// The files under a folder that differ between where HEAD's branch left `base` and the folder as it is now, with those
/// that are gone. Paths are from the folder; one that is not UTF-8 is told as [`crate::git::WorkTreeFiles`] lists it.
///
/// A file that was renamed differs under both its names. No program runs that the repository's settings name for showing
/// differences.
///
/// # Errors
/// When `base` names no commit, has nothing to do with HEAD, or git fails.
pub fn since(folder: &Path, base: &str) -> Result<BTreeSet<String>, NoDifference> {
    if base.is_empty() || base.starts_with('-') {
        return Err(NoDifference::Name(base.to_owned()));
    }
    let git = Program::new(folder);
    if !git.ask(&["rev-parse", "--git-dir"], None)?.success() {
        return Err(GitError::NoRepository(folder.to_owned()).into());
    }
    let commit = |name: &str| -> Result<String, NoDifference> {
        let revision = format!("{name}^{{commit}}");
        let answer = git.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &revision], None)?;
        if answer.success() { Ok(answer.line()) } else { Err(NoDifference::Unknown(name.to_owned())) }
    };
    let (base_commit, head) = (commit(base)?, commit("HEAD")?);
    let met = git.ask(&["merge-base", &base_commit, &head], None)?;
    if !met.success() {
        return Err(NoDifference::Unrelated(base.to_owned()));
    }
    let tracked = git.run(&[&NAMES[..], &[&met.line(), "--"]].concat())?;
    let untracked = git.run(&["ls-files", "-z", "--others", "--exclude-standard", "--", "."])?;
    Ok(names(&[tracked.output, untracked.output].concat()))
}

/// The files that differ between where two commits parted and the second of them, with those that are gone. The working
/// tree is not looked at.
///
/// # Errors
/// When the two have nothing to do with one another, or git fails.
pub fn between(git: &Program, base: ObjectId, head: ObjectId) -> Result<BTreeSet<String>, NoDifference> {
    let (base, head) = (base.to_string(), head.to_string());
    let met = git.ask(&["merge-base", &base, &head], None)?;
    if !met.success() {
        return Err(NoDifference::Unrelated(base));
    }
    let differing = git.run(&[&NAMES[..], &[&met.line(), &head, "--"]].concat())?;
    Ok(names(&differing.output))
}

/// The lines of a file, counted from 1, that the second of two commits brought since they parted.
///
/// # Errors
/// As for [`between`].
pub fn added_lines(
    git: &Program,
    base: ObjectId,
    head: ObjectId,
    path: &str,
) -> Result<Vec<RangeInclusive<usize>>, NoDifference> {
    let plain = ["diff", "--unified=0", "--no-color", "--no-renames", "--no-ext-diff", "--no-textconv", "--text"];
    let parted = format!("{base}...{head}");
    let arguments = [&["--literal-pathspecs"], &plain[..], &[&parted, "--", path]].concat();
    let answer = git.run(&arguments)?;
    // `@@ -3,2 +3,4 @@`; a line of the file begins with another sign.
    let hunk = |line: &[u8]| {
        let line = String::from_utf8_lossy(line.strip_prefix(b"@@ -")?).into_owned();
        let added = line.split(' ').nth(1)?.strip_prefix('+')?.to_owned();
        let (first, count) = added.split_once(',').unwrap_or((&added, "1"));
        let (first, count): (usize, usize) = (first.parse().ok()?, count.parse().ok()?);
        (count > 0).then(|| first..=first + count - 1)
    };
    Ok(answer.output.split(|byte| *byte == b'\n').filter_map(hunk).collect())
}

/// No program runs that the repository's settings name for showing differences.
const NAMES: [&str; 8] = [
    "diff",
    "--name-only",
    "-z",
    "--relative",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=all",
];

fn names(output: &[u8]) -> BTreeSet<String> {
    let names = output.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    fn names(scene: &Scene, base: &str) -> Vec<String> {
        since(&scene.root, base).unwrap().into_iter().collect()
    }

    #[test]
    fn whatever_way_a_file_was_changed_it_differs() {
        let scene = Scene::new();
        for path in ["posts/committed.md", "posts/staged.md", "posts/unstaged.md", "posts/gone.md", "posts/same.md"] {
            scene.commit(path, "before");
        }
        scene.commit("assets/old name.png", "a picture that is long enough to be found again");
        scene.git().run(&["branch", "base"]).unwrap();
        scene.commit("posts/committed.md", "after");
        scene.git().run(&["mv", "assets/old name.png", "assets/néw\nname.png"]).unwrap();
        let write = |path: &str| std::fs::write(scene.root.join(path), "after").unwrap();
        write("posts/staged.md");
        scene.git().run(&["add", "posts/staged.md"]).unwrap();
        write("posts/unstaged.md");
        write("posts/untracked.md");
        std::fs::remove_file(scene.root.join("posts/gone.md")).unwrap();
        std::fs::write(scene.root.join(".gitignore"), "ignored.md\n").unwrap();
        write("posts/ignored.md");
        assert_eq!(
            names(&scene, "base"),
            [
                ".gitignore",
                "assets/néw\nname.png",
                "assets/old name.png",
                "posts/committed.md",
                "posts/gone.md",
                "posts/staged.md",
                "posts/unstaged.md",
                "posts/untracked.md"
            ]
        );
        let inside: Vec<String> = since(&scene.root.join("assets"), "base").unwrap().into_iter().collect();
        assert_eq!(inside, ["néw\nname.png", "old name.png"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf8_is_told_as_files_are_listed() {
        use std::os::unix::ffi::OsStrExt;
        let scene = Scene::new();
        scene.commit("x", "x");
        std::fs::create_dir(scene.root.join("posts")).unwrap();
        let name = std::ffi::OsStr::from_bytes(b"posts/gr\xfc\xdfe.md");
        std::fs::write(scene.root.join(name), "x").unwrap();
        let listed = crate::workspace::Files::list(&crate::git::WorkTreeFiles::new(&scene.root), "posts").unwrap();
        assert!(names(&scene, "HEAD").contains(&listed[0].path), "{listed:?}");
    }

    #[test]
    fn between_two_commits_the_working_tree_does_not_matter() {
        let scene = Scene::new();
        scene.commit("posts/same.md", "before");
        scene.commit("posts/gone.md", "before");
        scene.git().run(&["branch", "base"]).unwrap();
        std::fs::remove_file(scene.root.join("posts/gone.md")).unwrap();
        scene.commit("posts/a.md", "after");
        std::fs::write(scene.root.join("posts/untracked.md"), "x").unwrap();
        let commit = |name: &str| scene.git().run(&["rev-parse", name]).unwrap().line().parse().unwrap();
        let head = commit("HEAD");
        scene.git().run(&["checkout", "-q", "base"]).unwrap();
        scene.commit("posts/theirs.md", "since then");
        let found = between(&scene.git(), commit("HEAD"), head).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["posts/a.md", "posts/gone.md"]);
        scene.git().run(&["checkout", "-q", "--orphan", "other"]).unwrap();
        scene.commit("x", "y");
        assert!(matches!(between(&scene.git(), commit("HEAD"), head), Err(NoDifference::Unrelated(_))));
    }

    #[test]
    fn lines_are_told_that_a_commit_brings() {
        let scene = Scene::new();
        scene.commit("a b.md", "one\ntwo\nthree\nfour\n");
        let commit = |name: &str| scene.git().run(&["rev-parse", name]).unwrap().line().parse().unwrap();
        let base = commit("HEAD");
        scene.commit("a b.md", "one\nTWO\n@@ -9 +9,9 @@\nfour\nfive\n");
        let lines = |path| added_lines(&scene.git(), base, commit("HEAD"), path).unwrap();
        assert_eq!(lines("a b.md"), [2..=3, 5..=5]);
        assert_eq!(lines("nothing"), []);
        scene.commit("a b.md", "four\n");
        assert_eq!(lines("a b.md"), []);
    }

    #[test]
    fn a_base_that_leads_nowhere_says_so() {
        let scene = Scene::new();
        scene.commit("x", "x");
        for name in ["", "-x", "--output=/tmp/x"] {
            assert!(matches!(since(&scene.root, name), Err(NoDifference::Name(_))), "{name}");
        }
        for name in ["nothing", "HEAD:x", "HEAD..HEAD", "main\nx"] {
            assert!(matches!(since(&scene.root, name), Err(NoDifference::Unknown(_))), "{name}");
        }
        scene.git().run(&["checkout", "-q", "--orphan", "other"]).unwrap();
        scene.commit("x", "y");
        assert!(matches!(since(&scene.root, "main"), Err(NoDifference::Unrelated(_))));
        let nowhere = tempfile::tempdir().unwrap();
        assert!(matches!(since(nowhere.path(), "main"), Err(NoDifference::Git(GitError::NoRepository(_)))));
    }

    #[test]
    fn no_program_of_the_repository_runs() {
        let scene = Scene::new();
        scene.commit("posts/a.md", "a");
        std::fs::write(scene.root.join(".gitattributes"), "*.md diff=evil\n").unwrap();
        let touch = format!("touch {}", scene.root.join("ran").display());
        for (key, value) in
            [("diff.evil.textconv", touch.as_str()), ("diff.evil.command", &touch), ("diff.external", &touch)]
        {
            scene.git().run(&["config", "--local", key, value]).unwrap();
        }
        std::fs::write(scene.root.join("posts/a.md"), "b").unwrap();
        assert!(names(&scene, "HEAD").contains(&"posts/a.md".to_owned()));
        assert!(!scene.root.join("ran").exists());
    }
}
