//! What a merge queue is about to merge: the checks of the pull request, on the commit that the queue made of it.
//!
//! GitHub makes a branch for each entry, `gh-readonly-queue/<branch>/pr-<number>-<commit>`, starts jobs for the event `merge_group`
//! in it, and waits until each check that the branch asks for stands on its commit; one that fails sends the pull request back:
//! <https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue>,
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group> (checked 2026-11-28).

use std::fs::File;
use std::io::Read;

use serde_json::Value;

use super::checks::checks;
use super::pull_request::Gathered;
use crate::cli::{Context, Exit, Failure, forges};
use crate::forge::{Check, Conclusion, Forge};
use crate::view::escape;

/// What GitHub tells of an event has at most so many bytes.
const LARGEST_EVENT: u64 = 25 << 20;

/// An entry of a merge queue.
pub(super) struct Queued {
    /// The pull request.
    number: u64,
    /// The commit on which the queue put it: the branch, or the entry before.
    base: String,
}

impl Queued {
    /// The entry that started the job, if one did.
    ///
    /// # Errors
    /// When one did, and the job does not say which.
    pub fn from_job(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Failure> {
        if variable("GITHUB_EVENT_NAME").as_deref() != Some("merge_group") {
            return Ok(None);
        }
        let event = variable("GITHUB_EVENT_PATH").and_then(|path| event(&path));
        let base = event.as_ref().and_then(|event| event.pointer("/merge_group/base_sha")?.as_str());
        let number = variable("GITHUB_REF").and_then(|name| number(&name));
        match (number, base) {
            (Some(number), Some(base)) => Ok(Some(Self { number, base: base.to_owned() })),
            _ => Err(Failure::usage(
                "review/queue",
                "a merge queue started this job, and GITHUB_REF or GITHUB_EVENT_PATH does not say for which pull request",
                "leave these variables as GitHub sets them",
            )),
        }
    }

    /// Sets the checks on the commit that the queue made. Nothing waits there: what is not approved goes back to its people.
    ///
    /// # Errors
    /// When the workspace cannot be used, its history is not whole, or the forge refuses.
    pub fn judge(&self, forge: &dyn Forge, fetch: bool, context: &Context) -> Result<Exit, Failure> {
        let told = |error| forges::failure(&error);
        let mut gathered = Gathered::read("HEAD", Some(&self.base), fetch, context)?;
        if gathered.reviews_count() {
            let pull = forge.pull_request(self.number).map_err(told)?;
            match forge.reviews(self.number) {
                Ok(reviews) => gathered.hear(&pull, &reviews, forge, context)?,
                Err(error) => {
                    context.note(&format!(
                        "The reviews of pull request {} could not be read, so none counts ({}): {}; {}",
                        self.number,
                        error.code(),
                        escape(&error.to_string()),
                        escape(&error.help())
                    ));
                    gathered.without_reviews(error.to_string());
                }
            }
        }
        let page = context.page(gathered.trusted.settings.timezone);
        let checks: Vec<Check> = gathered.told(context, |report| {
            if context.json() {
                context.print_json(report);
            }
            checks(report, &gathered.found, &gathered.trusted.roles, &page).into_iter().map(ended).collect()
        })?;
        let commit = gathered.trusted.seen.to_string();
        for check in &checks {
            forge.check(&commit, check).map_err(told)?;
        }
        if !context.json() {
            let lines: String = checks.iter().map(|check| format!("  {}: {}\n", check.name, check.title)).collect();
            context.print(&format!("Pull request {} in the merge queue, as {commit:.10}:\n{lines}", self.number));
        }
        let fine = checks.iter().all(|check| check.conclusion == Conclusion::Success);
        Ok(if fine { Exit::Fine } else { Exit::Waits })
    }
}

/// A check that waits for nobody.
fn ended(check: Check) -> Check {
    let conclusion = if check.conclusion == Conclusion::Pending { Conclusion::Failure } else { check.conclusion };
    Check { conclusion, ..check }
}

fn event(path: &str) -> Option<Value> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LARGEST_EVENT).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The number in `refs/heads/gh-readonly-queue/main/pr-12-0123…`.
fn number(name: &str) -> Option<u64> {
    let entry = name.strip_prefix("refs/heads/gh-readonly-queue/")?.rsplit('/').next()?;
    entry.strip_prefix("pr-")?.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_its_pull_request() {
        assert_eq!(number("refs/heads/gh-readonly-queue/main/pr-12-4f0c"), Some(12));
        assert_eq!(number("refs/heads/gh-readonly-queue/release/1.2/pr-7-4f0c"), Some(7));
        for none in
            ["refs/heads/main", "refs/heads/gh-readonly-queue/main/12", "refs/heads/pr-12-4f0c", "refs/pull/7/merge"]
        {
            assert_eq!(number(none), None, "{none}");
        }
    }

    #[test]
    fn only_a_merge_queue_starts_it() {
        let of =
            |event: &'static str| Queued::from_job(move |name| (name == "GITHUB_EVENT_NAME").then(|| event.to_owned()));
        assert!(of("pull_request").is_ok_and(|queued| queued.is_none()));
        assert!(of("merge_group").is_err(), "it does not say which");
    }
}
