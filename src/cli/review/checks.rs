//! What is said of a pull request's commit, under names that a branch rule can ask for.

use crate::forge::{Annotation, Check, Conclusion, Level};
use crate::view::escape;
use crate::view::pull_request::{PullRequestReport, State};
use crate::view::{Page, findings};
use crate::workspace::{Finding, Roles, Severity};

/// Of what is found, so many are put beside lines: more, and nobody reads any.
const MOST_ANNOTATIONS: usize = 100;

/// `greenlit: check` for what `check` finds, `greenlit: approved` for all that people decide, and `greenlit: workflow NAME` for each.
pub fn checks(report: &PullRequestReport<'_>, found: &[Finding], roles: &Roles, page: &Page) -> Vec<Check> {
    let overview = report.overview(page);
    let check = |name: &str, conclusion: Conclusion, title: String| Check {
        name: format!("greenlit: {name}"),
        conclusion,
        title,
        summary: overview.clone(),
        url: None,
        annotations: Vec::new(),
    };
    let fails = report.state() == State::Errors;
    let title = if found.is_empty() { "nothing is found".to_owned() } else { findings::summary(found) };
    let conclusion = if fails { Conclusion::Failure } else { Conclusion::Success };
    let mut checks = vec![Check { annotations: annotations(found), ..check("check", conclusion, title) }];
    let state = report.approval();
    checks.push(check("approved", conclusion_of(state), words(state).to_owned()));
    for workflow in &roles.workflows {
        let state = report.workflow(&workflow.name);
        let title = state.map_or("no post here passes it", words);
        let conclusion = state.map_or(Conclusion::Success, conclusion_of);
        checks.push(check(&format!("workflow {}", escape(&workflow.name)), conclusion, title.to_owned()));
    }
    checks
}

fn conclusion_of(state: State) -> Conclusion {
    match state {
        State::Errors | State::Rejected | State::Held | State::Look => Conclusion::Failure,
        State::Waiting => Conclusion::Pending,
        State::Approved | State::Quiet | State::Nothing => Conclusion::Success,
    }
}

fn words(state: State) -> &'static str {
    match state {
        State::Errors => "it cannot be judged before it is corrected",
        State::Rejected => "somebody rejected it",
        State::Held => "it is held",
        State::Look => "somebody has to look at it",
        State::Waiting => "it waits for approval",
        State::Approved => "everybody has said yes who must",
        State::Quiet => "nobody has to say yes",
        State::Nothing => "it touches no post",
    }
}

/// What is found, beside its lines, the worst first.
fn annotations(found: &[Finding]) -> Vec<Annotation> {
    let mut sorted: Vec<&Finding> = found.iter().collect();
    sorted.sort_by_key(|finding| finding.severity);
    let annotation = |finding: &&Finding| {
        let (start, end) = (finding.place(), finding.source.place(finding.span.end));
        let help = if finding.help.is_empty() { String::new() } else { format!("\n{}", finding.help) };
        Annotation {
            path: finding.source.path.clone(),
            lines: (start.line, end.line.max(start.line)),
            level: match finding.severity {
                Severity::Error => Level::Failure,
                Severity::Warning => Level::Warning,
                Severity::Info => Level::Notice,
            },
            title: finding.id().to_owned(),
            message: crate::view::escape_lines(&format!("{}{help}", finding.message)).into_owned(),
        }
    };
    sorted.iter().take(MOST_ANNOTATIONS).map(annotation).collect()
}
