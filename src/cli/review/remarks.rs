//! Comments on posts' files and their lines in pull requests, as `greenlit log` tells them. They decide nothing.

use std::collections::{BTreeSet, HashMap};

use super::judging::Bench;
use super::standing::is_of;
use crate::cli::Failure;
use crate::cli::gather::reviews::newness;
use crate::cli::gather::{LARGEST_SETTINGS, network_specs};
use crate::forge::{Comment, MARK, OnLine, PullRequest, PullRequestState};
use crate::git::ObjectId;
use crate::ledger::{Recorded, Remarked, ReviewRecord, ReviewSays};
use crate::view::reviews::{Became, RemarkTold};
use crate::workspace::{Files, PersonId, PostId, Scope, load_post};

/// Comments of a pull request that are written down. What goes on longer is a conversation to be had there.
const MOST: usize = 100;

/// Wordings of one comment that are written down.
const WORDINGS: usize = 5;

/// Characters of a comment that are written down, and of a line.
const TEXT: usize = 2_000;
const QUOTE: usize = 200;

/// What people said in a pull request.
#[derive(Default)]
pub struct Remarks {
    pub told: Vec<RemarkTold>,
    pub records: Vec<ReviewRecord>,
    /// How many are left out, for their writers are not in roles.toml.
    pub strangers: usize,
    /// How many are left out, for there are too many.
    pub beyond: usize,
}

impl Bench<'_> {
    /// What people of roles.toml said of the posts that wait, beside their files. Left out are programs, strangers, and what greenlit
    /// wrote itself. The ledger keeps what is written there for good, so nobody writes there whom no admin let in.
    ///
    /// # Errors
    /// When git fails.
    pub fn remarks(&self, pull: &PullRequest, comments: &[Comment], recorded: &[Recorded]) -> Result<Remarks, Failure> {
        let mut remarks = Remarks::default();
        if pull.state != PullRequestState::Merged || pull.base != self.trusted.branches.trusted {
            return Ok(remarks);
        }
        let known = recorded.iter().filter_map(|one| match &one.record.said {
            ReviewSays::Commented(remarked)
                if one.record.review.pull_request == pull.number && is_of(self.forge, &one.record.review) =>
            {
                Some((&one.record, remarked))
            }
            _ => None,
        });
        let known: Vec<(&ReviewRecord, &Remarked)> = known.collect();
        let mut kept: BTreeSet<u64> = known.iter().map(|(record, _)| record.review.id).collect();
        let policy = self.newest();
        let mut commits: HashMap<&str, Option<ObjectId>> = HashMap::new();
        for comment in comments {
            let (Some(on), Some(by)) = (&comment.line, &comment.by) else { continue };
            let text = comment.text.trim();
            if by.bot || text.is_empty() || text.starts_with(MARK[0]) {
                continue;
            }
            let text = shortened(text, TEXT);
            let wordings: Vec<_> = known.iter().filter(|(record, _)| record.review.id == comment.id).collect();
            let told = |post: &PostId, person: PersonId, became: Became| RemarkTold {
                pull_request: pull.number,
                comment: comment.id,
                url: comment.url.clone(),
                login: by.login.clone(),
                id: by.id,
                person,
                post: post.clone(),
                line: on.number,
                became,
            };
            let last = wordings.iter().max_by_key(|(record, remarked)| newness(record, remarked));
            if let Some((record, said)) = last
                && (said.text == text || wordings.len() >= WORDINGS)
            {
                remarks.told.extend(self.person(by).ok().map(|person| told(&record.post, person, Became::Known)));
                continue;
            }
            let commit = match commits.get(on.commit.as_str()) {
                Some(commit) => *commit,
                None => *commits.entry(on.commit.as_str()).or_insert(self.looked_at(pull, &on.commit)?),
            };
            let Some(post) = self.post_in(commit, &on.path)?.filter(|post| self.posts.contains(post)) else { continue };
            let Ok(person) = self.person(by) else {
                remarks.strangers += 1;
                continue;
            };
            if !kept.contains(&comment.id) && kept.len() >= MOST {
                remarks.beyond += 1;
                continue;
            }
            kept.insert(comment.id);
            remarks.told.push(told(&post, person, Became::Recorded));
            let said = ReviewSays::Commented(Remarked {
                text,
                line: on.number,
                quote: self.line(commit, on)?,
                answers: comment.answers,
                changed_at: comment.updated_at,
            });
            let of = (comment.id, comment.url.as_str());
            let sent = (commit.map(|commit| commit.to_string()), comment.created_at);
            remarks.records.push(self.record(pull, of, by, sent, &policy, &post, said));
        }
        Ok(remarks)
    }

    /// The post in a file of a commit, or the one that has this file on the trusted branch.
    fn post_in(&self, commit: Option<ObjectId>, path: &str) -> Result<Option<PostId>, Failure> {
        if !path.starts_with("posts/") {
            return Ok(None);
        }
        if let Some(bytes) = self.bytes(commit, path)? {
            let networks = network_specs();
            let scope = Scope { settings: Some(&self.trusted.settings), networks: &networks, files: None };
            return Ok(load_post(path, &bytes, &scope).id);
        }
        Ok(self.trusted.posts.iter().find(|known| known.path == path).map(|known| known.id.clone()))
    }

    fn bytes(&self, commit: Option<ObjectId>, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some(commit) = commit else { return Ok(None) };
        Ok(self.trusted.repository.files(commit)?.read(path, LARGEST_SETTINGS).ok())
    }

    /// The line that a comment is about, as it stood in the commit.
    fn line(&self, commit: Option<ObjectId>, on: &OnLine) -> Result<Option<String>, Failure> {
        let (Some(bytes), Some(number)) = (self.bytes(commit, &on.path)?, on.number) else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        let line = number.checked_sub(1).and_then(|before| text.lines().nth(before));
        Ok(line.map(|line| shortened(line.trim_end(), QUOTE)))
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
