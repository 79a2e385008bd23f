//! What only all the workflows together tell.

use super::desk::Desk;
use super::node::Span;

/// What a workflow does, beside its faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Where it begins; `None` where it has nothing to do with greenlit.
    pub start: Option<Span>,
    /// Whether one of its jobs publishes.
    pub publishes: bool,
    /// Whether such a job runs on a schedule, as far as the file can tell.
    pub scheduled: bool,
    /// Whether one of its jobs checks pull requests.
    pub checks: bool,
    /// Whether one of its jobs tells people.
    pub tells: bool,
    /// The environments of the jobs that publish.
    pub environments: Vec<String>,
    /// The environments that jobs of pull requests enter.
    pub requested: Vec<(String, Span)>,
    /// The groups in which its jobs wait for each other.
    pub groups: Vec<Group>,
}

/// A group of runs, of which one goes on at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub span: Span,
    pub publishes: bool,
    /// Whether a newer run breaks the one that goes on off.
    pub cancels: bool,
}

/// Looks at all workflows of one forge together.
pub fn check(desk: &mut Desk<'_>, verdicts: &[Verdict]) {
    let concerned = || verdicts.iter().filter(|verdict| verdict.start.is_some());
    let publishing: Vec<&Verdict> = concerned().filter(|verdict| verdict.publishes).collect();
    let Some(start) = publishing.first().and_then(|verdict| verdict.start) else { return };
    if !publishing.iter().any(|verdict| verdict.scheduled) {
        desk.error(
            "ci/no-schedule",
            start,
            "no schedule starts a job that publishes: what falls due later, and what is approved later, waits for a push",
            "write `schedule:` with `- cron: \"7,22,37,52 * * * *\"` under `on:`",
        );
    }
    if !concerned().any(|verdict| verdict.checks) {
        desk.hint(
            "ci/no-check",
            start,
            "no job runs `greenlit check` on pull requests, so nobody is told what is wrong before it is merged",
            "`greenlit ci init` writes one",
        );
    }
    if !desk.around.channels.is_empty() && !concerned().any(|verdict| verdict.tells) {
        desk.hint(
            "ci/no-notify",
            start,
            "notify.toml says who is told what, and no job runs `greenlit notify`",
            "write it behind `greenlit publish`, as `greenlit ci init --dry-run` shows",
        );
    }
    let guarded: Vec<&String> = publishing.iter().flat_map(|verdict| &verdict.environments).collect();
    for (name, span) in concerned().flat_map(|verdict| &verdict.requested).filter(|(name, _)| guarded.contains(&name)) {
        desk.error(
            "ci/secret-in-pull-request",
            *span,
            format!("a pull request starts this job, and it enters {name}, which holds the secrets of the job that publishes"),
            "take `environment` out: to check and to preview, greenlit needs none",
        );
    }
    let groups: Vec<&Group> = concerned().flat_map(|verdict| &verdict.groups).collect();
    for group in groups.iter().filter(|group| !group.publishes && group.cancels) {
        if groups.iter().any(|other| other.publishes && other.name == group.name) {
            desk.error(
                "ci/shared-group",
                group.span,
                "a run of this job breaks off the one that publishes: they are in one group, and the newer one cancels",
                "give each workflow a group of its own: `group: greenlit-check-${{ github.ref }}`",
            );
        }
    }
}
