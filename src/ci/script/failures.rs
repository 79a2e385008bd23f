//! Failures that nobody would see.

use super::{Placed, Script};
use crate::ci::desk::Desk;
use crate::ci::shell::End;
use crate::ci::workflow::subcommand;

pub fn check(desk: &mut Desk<'_>, script: &Script<'_>, at: usize, words: &[String]) {
    let Some(placed) = script.commands.get(at) else { return };
    let told = subcommand(words).is_some_and(|name| matches!(name, "check" | "publish" | "ci" | "drift" | "plan"));
    if told && swallowed(script, at, placed) {
        desk.error(
            "ci/ignored-failure",
            placed.place(desk),
            "the job goes on, and looks well, although greenlit failed",
            "let its exit code be the step's: no `|| true`, no `if`, no pipe without `set -o pipefail`, no `set +e`",
        );
    }
}

fn swallowed(script: &Script<'_>, at: usize, placed: &Placed<'_>) -> bool {
    let first = placed.words.first().map(String::as_str).unwrap_or_default();
    let later = script.commands.get(at + 1..).unwrap_or_default();
    // Whoever ends with a number of their own has looked at greenlit's.
    let ends_itself = later.iter().any(fails);
    let before = script.commands.get(..at).unwrap_or_default();
    let sets = |option: &str| before.iter().rposition(|command| is_set(command, option));
    let forgiving = sets("+e") > sets("-e") || !script.stops && sets("-e").is_none() && !later.is_empty();
    match first {
        "!" => return true,
        "if" | "elif" | "while" | "until" => return !ends_itself,
        _ => {}
    }
    match placed.end {
        End::Or => !looks(later) && !ends_itself,
        End::Pipe => !script.pipefail && !script.commands.iter().any(|command| is_set(command, "pipefail")),
        End::Aside => !later.iter().any(|command| command.program() == Some("wait")),
        End::Done | End::And => forgiving && !ends_itself,
    }
}

/// Whether what stands behind `||` lets 1 alone pass, which means that something waits.
fn looks(later: &[Placed<'_>]) -> bool {
    let Some(next) = later.first() else { return false };
    let asks = matches!(next.program(), Some("[" | "[[" | "test")) && next.words.iter().any(|word| word == "$?");
    asks && next.words.iter().any(|word| word == "1") && !next.words.iter().any(|word| word == "!=" || word == "-ne")
}

/// `exit 1`, and whatever is not known to be 0.
fn fails(command: &Placed<'_>) -> bool {
    match command.program() {
        Some("false") => true,
        Some("exit" | "return") => command.words.iter().all(|word| word != "0"),
        _ => false,
    }
}

/// Whether a command sets one of the shell's options: `set -e`, `set -euo pipefail`.
fn is_set(command: &Placed<'_>, option: &str) -> bool {
    if command.program() != Some("set") {
        return false;
    }
    let letter = option.strip_prefix('-').or_else(|| option.strip_prefix('+'));
    command.words.iter().any(|word| match letter {
        Some(letter) => word.get(..1) == option.get(..1) && word.contains(letter),
        None => word == option,
    })
}
