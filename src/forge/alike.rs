//! What several forges' clients do alike.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::api::{Api, Method, More};
use super::{Check, Conclusion, ForgeError, PullRequest, PullRequestState};

/// Characters of a commit status's description. The descriptions of GitHub's and Forgejo's APIs name no limit (checked 2026-11-28);
/// this is short enough to be read.
const DESCRIPTION: usize = 140;

/// A pull request as a forge writes it.
pub(super) trait PullFile: DeserializeOwned {
    /// What it says; an error where that makes no sense.
    fn read(self, api: &Api) -> Result<PullRequest, ForgeError>;
}

impl Api {
    /// The pull requests of a list, newest change first, that were merged into a branch and changed since a time. A server that does
    /// not know a parameter answers with more than that.
    pub fn merged<F: PullFile>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        (into, since): (&str, DateTime<Utc>),
    ) -> Result<Vec<PullRequest>, ForgeError> {
        let mut merged = Vec::new();
        self.pages(path, query, |page: Vec<F>| {
            for pull in page {
                let pull = pull.read(self)?;
                if pull.updated_at < since {
                    return Ok(More::Enough);
                }
                if pull.state == PullRequestState::Merged && pull.base == into {
                    merged.push(pull);
                }
            }
            Ok(More::Wanted)
        })?;
        Ok(merged)
    }

    /// The pull requests of a list that are open and go into a branch, in order of their numbers.
    pub fn open<F: PullFile>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        into: &str,
    ) -> Result<Vec<PullRequest>, ForgeError> {
        let files: Vec<F> = self.list(path, query)?;
        let mut open = files.into_iter().map(|file| file.read(self)).collect::<Result<Vec<_>, _>>()?;
        open.retain(|pull| pull.state == PullRequestState::Open && pull.base == into);
        open.sort_by_key(|pull| pull.number);
        Ok(open)
    }

    /// Asks people to review a pull request, or asks them no longer: GitHub and Forgejo.
    pub fn reviewers(&self, method: Method, path: &[&str], logins: &[&str]) -> Result<(), ForgeError> {
        if logins.is_empty() {
            return Ok(());
        }
        self.write(method, path, Some(json!({ "reviewers": logins }))).map(|_| ())
    }

    /// Sets a commit's status: GitHub and Forgejo.
    pub fn status(&self, path: &[&str], check: &Check) -> Result<(), ForgeError> {
        let state = match check.conclusion {
            Conclusion::Success | Conclusion::Neutral => "success",
            Conclusion::Failure => "failure",
            Conclusion::Pending => "pending",
        };
        let description: String = check.title.chars().take(DESCRIPTION).collect();
        let mut body = json!({ "state": state, "context": check.name, "description": description });
        if let Some(url) = &check.url {
            body["target_url"] = json!(url);
        }
        self.write(Method::Post, path, Some(body)).map(|_| ())
    }
}
