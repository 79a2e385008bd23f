//! `greenlit approve --policy`

use super::decide::{Desk, Options, Saying, rehearsed};
use super::decided::{Outcome, place};
use super::gather::policy::{POLICY_FILES, policy, policy_files};
use super::{Exit, Failure, roles};
use crate::git::Shared;
use crate::policy::{Chain, Decision, Statement, Status, Verb};
use crate::render::Digest;
use crate::view::decision::{names, tree};
use crate::view::{escape, escape_lines};
use crate::workspace::{PersonId, Roles};

/// What `greenlit approve --policy --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Report {
    version: u32,
    /// Who decided, by short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// The commit whose policy was approved.
    seen: String,
    from: Digest,
    to: Digest,
    /// The decision commit; missing where there was nothing to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    pushed: bool,
    decision: Decision,
}

/// Shows what the change does to the policy in force, makes the approval, pushes it, and says who is still missing.
///
/// # Errors
/// When no root is pinned, the policy is no other than the one in force, or the approval would not count.
pub fn run(message: &str, options: &Options, context: &super::Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open_for_policy(options, context)?;
    let Some(chain) = desk.trusted.chain.clone() else {
        return Err(Failure::usage(
            "approve/no-root",
            "no root is pinned, so no change of the policy needs an approval, and none could count",
            "pin one: `greenlit trust pin --here`",
        ));
    };
    let change = Change::find(&desk, &chain)?;
    let before = change.weigh(&desk, &chain, &[]);
    let mine = |child: &Decision| child.status == Status::Approved && child.person == desk.me.person;
    if before.children.iter().any(mine) {
        return tell(&desk, &chain, &change, None);
    }
    let saying = Saying {
        subject: format!("Approve the policy {}", change.to.short()),
        text: message.to_owned(),
        verbs: vec![Verb::ApprovePolicy { to: change.to.clone(), from: change.from.clone() }],
        ..Saying::default()
    };
    if !options.anyway {
        desk.person()?;
        refuse_in_vain(&desk, &change.weigh(&desk, &chain, &[desk.statement(&saying)]))?;
    }
    if !context.json() {
        show(&mut desk, &chain, &change)?;
    }
    if !desk.confirmed("Approve this change of who may do what?") {
        context.note("Nothing was approved.");
        return Ok(Exit::Waits);
    }
    let decided = desk.make(saying)?;
    desk.evidence = desk.trusted.evidence(&desk.trusted.ledger(context)?)?;
    tell(&desk, &chain, &change, Some(Outcome::of(decided)))
}

/// The change that is decided on.
struct Change {
    from: Digest,
    to: Digest,
    policy: Result<crate::policy::Policy, String>,
}

impl Change {
    fn find(desk: &Desk<'_>, chain: &Chain) -> Result<Self, Failure> {
        let files = policy_files(&desk.trusted.repository.files(desk.trusted.seen)?);
        let (from, to) = (chain.in_force().digest.clone(), files.digest());
        if from == to {
            let message = format!("nothing to approve: the policy of {} is in force", escape(&desk.seen_on));
            let help = "a change counts as it was committed and pushed; before it is merged, name its branch: `greenlit approve --policy --ref BRANCH`";
            return Err(Failure::usage("approve/in-force", message, help));
        }
        Ok(Self { from, to, policy: policy(&files) })
    }

    /// How it stands, with what would be said, too.
    fn weigh(&self, desk: &Desk<'_>, chain: &Chain, more: &[Statement]) -> Decision {
        let statements: Vec<Statement> = desk.evidence.statements.iter().chain(more).cloned().collect();
        let policy = self.policy.as_ref().map_err(Clone::clone);
        chain.consider(&self.to, policy, &statements, desk.context.now)
    }
}

fn refuse_in_vain(desk: &Desk<'_>, trial: &Decision) -> Result<(), Failure> {
    if trial.status == Status::Error {
        let message = format!("this policy can never be in force: {}", escape(&trial.reason));
        return Err(Failure::new(Exit::Waits, "approve/in-vain", message, "correct it first; `greenlit check` helps"));
    }
    let reason = match rehearsed(trial) {
        Some(node) if node.status == Status::Approved => return Ok(()),
        Some(node) => format!("whoever signs as you {}", escape(&node.reason)),
        None => "it is not heard".to_owned(),
    };
    let help = match trial.turn.as_slice() {
        [] => "to approve all the same: --anyway".to_owned(),
        turn => format!("it waits for {}; to approve all the same: --anyway", names(turn, &desk.trusted.roles)),
    };
    let message = format!("your approval of this policy would not count: {reason}");
    Err(Failure::new(Exit::Waits, "approve/in-vain", message, help))
}

/// Both files, before and after, and whom the change of roles affects. Nothing in the repository can hide a line: it is text,
/// whatever its attributes say.
fn show(desk: &mut Desk<'_>, chain: &Chain, change: &Change) -> Result<(), Failure> {
    let page = desk.context.page(desk.trusted.settings.timezone);
    let seen = desk.trusted.seen.to_string();
    let mut arguments = vec!["--literal-pathspecs", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--text"];
    arguments.extend([chain.in_force().commit.as_str(), &seen, "--"]);
    arguments.extend(POLICY_FILES);
    let answer = desk.trusted.repository.program().run(&arguments)?;
    let diff = String::from_utf8_lossy(&answer.output).into_owned();
    let what = format!(
        "What {} at {:.10} changes of the policy in force ({} → {}):",
        escape(&desk.seen_on),
        desk.trusted.seen,
        change.from.short(),
        change.to.short()
    );
    desk.context.print(&format!("{}\n{}\n", page.wrapped(0, &what), escape_lines(&diff)));
    if let Ok(policy) = &change.policy
        && *policy.roles != desk.trusted.roles
    {
        // What is pending is what the trusted branch has, whatever the branch of the change holds beside it.
        let seen = std::mem::replace(&mut desk.trusted.seen, desk.trusted.tip);
        let effect = roles::diff::told(&mut desk.trusted, &desk.evidence, Roles::clone(&policy.roles), desk.context);
        desk.trusted.seen = seen;
        desk.context.print(&format!("{}\n", effect?.1));
    }
    Ok(())
}

fn tell(desk: &Desk<'_>, chain: &Chain, change: &Change, outcome: Option<Outcome>) -> Result<Exit, Failure> {
    let decision = change.weigh(desk, chain, &[]);
    let pushed = |outcome: &Outcome| matches!(outcome.decided.shared, Shared::Pushed(_));
    let failed = outcome.as_ref().is_some_and(|outcome| matches!(outcome.decided.shared, Shared::Failed(_)));
    if desk.context.json() {
        desk.context.print_json(&Report {
            version: 1,
            person: desk.me.person.clone(),
            seen: desk.trusted.seen.to_string(),
            from: change.from.clone(),
            to: change.to.clone(),
            commit: outcome.as_ref().map(|outcome| outcome.decided.commit.to_string()),
            pushed: outcome.as_ref().is_some_and(pushed),
            decision,
        });
    } else {
        let page = desk.context.page(desk.trusted.settings.timezone);
        let mut out = match &outcome {
            Some(outcome) => page.wrapped(0, &format!("Approved the policy{}", place(outcome, desk))),
            None => page.wrapped(0, "You have approved this policy already."),
        };
        let branch = escape(&desk.trusted.branches.trusted);
        out += &match (decision.approved(), desk.sees_trusted()) {
            (true, true) => page.wrapped(0, "It is in force now. What was approved under the one before may need to be approved again: `greenlit status`."),
            (true, false) => page.wrapped(0, &format!("It is in force once it is merged into {branch}, as it is.")),
            (false, _) => {
                let who = names(&decision.turn, &desk.trusted.roles);
                page.wrapped(0, &format!("{}; it waits for {who}.", escape(&decision.reason)))
            }
        };
        out += &tree(&decision, &desk.trusted.roles, &page, 0);
        desk.context.print(&out);
    }
    Ok(if failed { Exit::Waits } else { Exit::Fine })
}
