//! The trusted branch's history: posts are added, edited, renamed, on the branch itself and on branches that are merged.

use std::io::{Result, Write};

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use crate::chance::Chance;

/// Who writes. None of them approves.
const AUTHORS: [&str; 6] = ["ada", "ben", "cho", "dina", "eli", "fay"];

/// A post as its file stands at the tip.
pub struct Written {
    pub number: usize,
    pub path: String,
    version: usize,
    added: DateTime<Utc>,
    picture: Option<String>,
}

/// Writes a history for `git fast-import`.
pub struct History<W> {
    out: W,
    chance: Chance,
    now: DateTime<Utc>,
    /// The branch's own commits by their marks, oldest first.
    pub trusted: Vec<usize>,
    pub posts: Vec<Written>,
    /// From this post on they are still to come.
    pub pending: usize,
    marks: usize,
    commits: usize,
    step: TimeDelta,
    clock: DateTime<Utc>,
    branch: &'static str,
}

/// A change of one file: its path, and the blob's mark or, for a rename, the old path.
enum Change {
    Write(String, usize),
    Rename(String, String),
}

impl<W: Write> History<W> {
    /// A branch of so many commits that ends shortly before `now`, with the files that the workspace begins with.
    pub fn begin(out: W, now: DateTime<Utc>, commits: usize, pending: usize, files: &[(&str, &str)]) -> Result<Self> {
        let begin = now - TimeDelta::days(5 * 365);
        let step = (now - begin) / i32::try_from(commits + 2).unwrap_or(i32::MAX);
        let mut history = Self {
            out,
            chance: Chance::new(7),
            now,
            trusted: Vec::new(),
            posts: Vec::new(),
            pending,
            marks: 0,
            commits: 0,
            step,
            clock: begin,
            branch: "refs/heads/main",
        };
        let mut changes = Vec::new();
        for (path, text) in files {
            changes.push(Change::Write((*path).to_owned(), history.blob(text.as_bytes())?));
        }
        let first = history.commit("Found the workspace", &[], &changes)?;
        history.trusted.push(first);
        Ok(history)
    }

    /// Adds posts and edits them until there are so many of both.
    pub fn go_on(&mut self, posts: usize, commits: usize) -> Result<()> {
        while self.commits < commits {
            let left = commits - self.commits;
            let add = self.posts.len() < posts && self.chance.one_of(left) < 1 + (posts - self.posts.len());
            let fork = self.chance.one_of(5) == 0 && left >= 3;
            if !fork {
                let changes = self.changes(add)?;
                let tip = self.tip();
                let commit = self.commit("Write", &[tip], &changes)?;
                self.trusted.push(commit);
                continue;
            }
            // A branch from some commits ago, of one or two commits, merged.
            let back = self.chance.one_of(6).min(self.trusted.len() - 1);
            let mut side = self.trusted[self.trusted.len() - 1 - back];
            let mut all = Vec::new();
            for turn in 0..1 + self.chance.one_of(2) {
                let changes = if turn == 0 && add { self.changes(true)? } else { self.edit(None)? };
                side = self.commit("Write on a branch", &[side], &changes)?;
                all.extend(changes);
            }
            let tip = self.tip();
            let merge = self.commit("Merge a branch", &[tip, side], &all)?;
            self.trusted.push(merge);
        }
        Ok(())
    }

    /// Ends the stream.
    pub fn end(mut self) -> Result<(Vec<usize>, Vec<Written>)> {
        writeln!(self.out, "done")?;
        self.out.flush()?;
        Ok((self.trusted, self.posts))
    }

    /// Puts what follows on another branch.
    pub fn on(&mut self, branch: &'static str) {
        self.branch = branch;
    }

    fn tip(&self) -> usize {
        self.trusted.last().copied().unwrap_or_default()
    }

    fn changes(&mut self, add: bool) -> Result<Vec<Change>> {
        if add {
            return self.add();
        }
        if self.posts.len() > 50 && self.chance.one_of(50) == 0 {
            return self.rename();
        }
        self.edit(None)
    }

    fn add(&mut self) -> Result<Vec<Change>> {
        let number = self.posts.len();
        let path = format!("posts/{}/{:02}/{number:05}-launch.md", self.clock.year(), self.clock.month());
        let mut changes = Vec::new();
        let mut picture = None;
        if number.is_multiple_of(10) {
            let file = format!("assets/{}/{number:05}.png", self.clock.year());
            let bytes = self.chance.picture(20_000);
            changes.push(Change::Write(file.clone(), self.blob(&bytes)?));
            picture = Some(file);
        }
        self.posts.push(Written { number, path, version: 0, added: self.clock, picture });
        changes.extend(self.edit(Some(number))?);
        Ok(changes)
    }

    fn edit(&mut self, which: Option<usize>) -> Result<Vec<Change>> {
        if self.posts.is_empty() {
            return self.add();
        }
        // Most edits are of recent posts.
        let recent = self.posts.len().min(100);
        let which = which.unwrap_or_else(|| match self.chance.one_of(5) {
            0 => self.chance.one_of(self.posts.len()),
            _ => self.posts.len() - 1 - self.chance.one_of(recent),
        });
        self.posts[which].version += 1;
        let text = self.text(which);
        let blob = self.blob(text.as_bytes())?;
        Ok(vec![Change::Write(self.posts[which].path.clone(), blob)])
    }

    fn rename(&mut self) -> Result<Vec<Change>> {
        let which = self.posts.len() - 1 - self.chance.one_of(50);
        let post = &mut self.posts[which];
        let new = post.path.replace("-launch", "-news");
        if new == post.path {
            return self.edit(Some(which));
        }
        Ok(vec![Change::Rename(std::mem::replace(&mut post.path, new.clone()), new)])
    }

    fn text(&self, which: usize) -> String {
        let post = &self.posts[which];
        let number = post.number;
        let due = match which.checked_sub(self.pending) {
            None => format!("publish_at: {}\n", (post.added + TimeDelta::days(2)).format("%Y-%m-%dT%H:%M:%SZ")),
            Some(ahead) if ahead % 5 == 0 => String::new(),
            Some(ahead) => {
                let due = self.now + TimeDelta::hours(30 + i64::try_from(ahead).unwrap_or_default());
                format!("publish_at: {}\n", due.format("%Y-%m-%dT%H:%M:%SZ"))
            }
        };
        let media = match &post.picture {
            Some(file) => format!("media:\n  - file: {file}\n    alt: A picture of number {number}\n"),
            None => String::new(),
        };
        let words = ["launch", "autumn", "release", "people", "garden", "paper", "signal", "harbour"];
        let marks = ["early", "quiet", "large", "local", "open", "green", "clear", "northern"];
        let body: Vec<String> = (0..12)
            .map(|n| format!("{} {}", marks[(number * 7 + n * 5 + post.version) % 8], words[(number + n) % 8]))
            .collect();
        format!(
            "---\nid: post-{number:05}\ntitle: Number {number} of many\nto: [bluesky/acme, mastodon/acme]\n{due}\
             owner: {owner}\ncampaign: season-{season}\nlabels: [product]\nlanguage: en\n\
             link: https://acme.example/news/{number}\n{media}---\n\
             Number **{number}** in its version {version}: {first}.\nRead on. #launch\n\n\
             ::: bluesky\nNumber {number}, version {version}, shorter: {second}. #launch\n:::\n",
            owner = AUTHORS[number % AUTHORS.len()],
            season = number / 100,
            version = post.version,
            first = body.join(", "),
            second = body[..4].join(", "),
        )
    }

    fn blob(&mut self, bytes: &[u8]) -> Result<usize> {
        self.marks += 1;
        writeln!(self.out, "blob\nmark :{}\ndata {}", self.marks, bytes.len())?;
        self.out.write_all(bytes)?;
        writeln!(self.out)?;
        Ok(self.marks)
    }

    fn commit(&mut self, subject: &str, parents: &[usize], changes: &[Change]) -> Result<usize> {
        self.marks += 1;
        self.commits += 1;
        self.clock += self.step;
        let who = AUTHORS[self.commits % AUTHORS.len()];
        let who = format!("{who} <{who}@acme.example> {} +0000", self.clock.timestamp());
        let message =
            format!("{subject} ({})\n\nSigned-off-by: {}\n", self.commits, who.split(" <").next().unwrap_or(""));
        writeln!(self.out, "commit {}\nmark :{}\nauthor {who}\ncommitter {who}", self.branch, self.marks)?;
        writeln!(self.out, "data {}\n{message}", message.len())?;
        for (at, parent) in parents.iter().enumerate() {
            writeln!(self.out, "{} :{parent}", if at == 0 { "from" } else { "merge" })?;
        }
        for change in changes {
            match change {
                Change::Write(path, blob) => writeln!(self.out, "M 100644 :{blob} {path}")?,
                Change::Rename(old, new) => writeln!(self.out, "R {old} {new}")?,
            }
        }
        writeln!(self.out)?;
        Ok(self.marks)
    }
}
