//! What of a repository the commands of a job need.

use super::Script;
use crate::ci::desk::Desk;
use crate::ci::workflow::{option, subcommand};

/// A history that is cut off, or one branch alone, where greenlit needs more.
pub fn history(desk: &mut Desk<'_>, script: &Script<'_>, needs: Needs) {
    for placed in script.commands.iter().filter(|command| command.program() == Some("git")) {
        let has = |start: &str| placed.words.iter().any(|word| word.starts_with(start));
        if needs.history && (has("--depth") || has("--shallow") || has("--filter")) {
            desk.error(
                "ci/shallow",
                placed.place(desk),
                "part of the history is left out, and with it the proof of approvals: greenlit refuses such a clone",
                "take out --depth, --shallow-since and --filter",
            );
        }
        if needs.branches && has("--single-branch") {
            desk.error(
                "ci/one-branch",
                placed.place(desk),
                "approvals and ledger are branches of their own, and this gets one branch alone",
                "take out --single-branch, or let the command fetch: `greenlit status --fetch`",
            );
        }
    }
    for (_, placed, words) in script.greenlit() {
        // A branch that is written out, and not the one that the pull request names.
        let base = option(words, "--changed").and_then(|base| base.rsplit_once('/')).map(|(_, branch)| branch);
        let trusted = desk.around.trusted.clone();
        if let Some(base) = base.filter(|base| !base.contains(['$', '{']) && *base != trusted && is_branch(base)) {
            desk.warning(
                "ci/other-base",
                placed.at(desk, base),
                format!("what is new is looked for against {base}, and what is published stands on {trusted}"),
                format!("write `--changed origin/{trusted}`, or the branch that the pull request is for"),
            );
        }
    }
}

/// Whether it is no commit.
fn is_branch(name: &str) -> bool {
    !(name.is_empty() || name.len() >= 7 && name.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What of a repository the commands of a job need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needs {
    /// All of the history.
    pub history: bool,
    /// The other branches, because nothing fetches them.
    pub branches: bool,
    /// The branch that a pull request is for.
    pub base: bool,
}

impl Needs {
    /// What these words behind `greenlit` need. `publish` and `notify` fetch by themselves.
    pub fn of(words: &[String]) -> Self {
        let name = subcommand(words).unwrap_or_default();
        let acts = matches!(name, "publish" | "notify");
        let fetches = acts || words.iter().any(|word| word == "--fetch");
        let looks =
            matches!(name, "status" | "plan" | "todo" | "log" | "prove" | "drift" | "trust" | "ledger" | "review");
        let compares = words.iter().any(|word| word.starts_with("--changed"));
        let branches = looks && !fetches && name != "review";
        Self { history: acts || looks || compares || name == "preview", branches, base: compares }
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self {
            history: self.history || other.history,
            branches: self.branches || other.branches,
            base: self.base || other.base,
        }
    }
}
