//! The root of trust: from outside of the repository.

use crate::ci::desk::Desk;
use crate::ci::expression::{expressions, reads};
use crate::ci::node::{Node, Span};
use crate::ci::script::{self, Placed, Rooted, Script};
use crate::ci::surroundings::ROOT;
use crate::ci::workflow::{Job, Step, Workflow, publishes, reviews};
use crate::workspace::suggest;

/// Where a root is kept that only admins may change.
const OUTSIDE: &str = "a variable of the protected environment, in the repository's settings";

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in &workflow.jobs {
        for step in &job.steps {
            let script = super::script(step);
            for (_, placed, rooted) in script::publishing(&script) {
                one(desk, workflow, job, step, (&script, placed), rooted);
            }
            comments(desk, workflow, job, step);
        }
        exported(desk, job);
    }
}

fn one(
    desk: &mut Desk<'_>,
    workflow: &Workflow<'_>,
    job: &Job<'_>,
    step: &Step<'_>,
    (script, placed): (&Script<'_>, &Placed<'_>),
    rooted: Rooted,
) {
    let variable = match &rooted {
        Rooted::Outside(Some(name)) => name.as_str(),
        _ => ROOT,
    };
    let set =
        workflow.environment(job, step).into_iter().find(|entry| entry.key == variable && !entry.value.is_empty());
    let trusts_tip = placed.words.iter().any(|word| word == "--trust-tip");
    match (rooted, set) {
        (Rooted::WorkedOut(words), _) => worked_out(desk, script.place_of(desk, &words, placed)),
        (Rooted::Written(value), _) => script::written_root(desk, script.place_of(desk, &value, placed), &value, OUTSIDE),
        (_, Some(entry)) => value(desk, &entry.value),
        (Rooted::Outside(_), None) => {}
        // What is wrong with --trust-tip is told there; what a step hands over to the next, where it does.
        (Rooted::No, None) if trusts_tip || super::commands(job).iter().any(|command| script::exports(command, ROOT)) => {}
        (Rooted::No, None) => desk.error(
            "ci/no-root",
            placed.place(desk),
            format!("{ROOT} is not set, so nothing says from where on changes of the policy must be approved"),
            format!("write `{ROOT}: ${{{{ vars.{ROOT} }}}}` under `env:`; `greenlit trust pin` prints its value for {OUTSIDE}"),
        ),
    }
}

/// What the variable is given.
fn value(desk: &mut Desk<'_>, node: &Node) {
    let text = node.text().unwrap_or_default();
    let found = expressions(text);
    let Some(expression) = found.first().filter(|_| found.len() == 1 && text.trim().starts_with("${{")) else {
        if found.is_empty() {
            return script::written_root(desk, node.span, text.trim(), OUTSIDE);
        }
        return worked_out(desk, node.span);
    };
    let outside = |name: &String| name.starts_with("vars.") || name.starts_with("secrets.");
    let mut sides = expression.split("||").map(str::trim).filter(|side| *side != "''");
    if sides.any(|side| reads(side).is_empty() || !reads(side).iter().all(outside)) {
        return worked_out(desk, node.span);
    }
    let names = reads(expression);
    let named =
        names.first().and_then(|name| name.split_once('.')).map(|(_, name)| name.to_uppercase()).unwrap_or_default();
    if named != ROOT && suggest::nearest(&named, [ROOT]).is_some() {
        let message = format!(
            "this reads {named}, and the variable is called {ROOT} everywhere else: one that is not there is empty"
        );
        desk.warning("ci/no-root", node.span, message, format!("write `${{{{ vars.{ROOT} }}}}`"));
    }
}

/// A root that one step works out, and hands over to the next.
fn exported(desk: &mut Desk<'_>, job: &Job<'_>) {
    for step in job.steps.iter().filter(|_| job.publishes()) {
        let script = super::script(step);
        for placed in script.commands.iter().filter(|placed| script::exports(placed.command, ROOT)) {
            worked_out(desk, placed.place(desk));
        }
    }
}

/// The comment in a pull request says by which policy it judges.
fn comments(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>, step: &Step<'_>) {
    let script = super::script(step);
    for (_, placed, words) in script.greenlit().filter(|(_, _, words)| reviews(words).is_some() && !publishes(words)) {
        let set = workflow.environment(job, step).into_iter().any(|entry| entry.key == ROOT)
            || words.iter().any(|word| word == "--root");
        if !set && !super::commands(job).iter().any(|command| command.written.contains(ROOT)) {
            desk.warning(
                "ci/no-root",
                placed.place(desk),
                format!("{ROOT} is not set, so this judges by the policy at the branch's tip, which nobody may have approved"),
                format!("write `{ROOT}: ${{{{ vars.{ROOT} }}}}` under the step's `env:`"),
            );
        }
    }
}

fn worked_out(desk: &mut Desk<'_>, span: Span) {
    desk.error(
        "ci/root-from-files",
        span,
        "the root is worked out in the job, so whoever can merge can change it",
        format!("write `{ROOT}: ${{{{ vars.{ROOT} }}}}`; {OUTSIDE} holds what `greenlit trust pin` prints"),
    );
}
