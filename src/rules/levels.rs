//! How bad it is what the team's rules find: `[check]` in `greenlit.toml`.

use std::collections::BTreeMap;

use super::{Level, all, named};
use crate::workspace::{Finding, Settings, Severity, suggest};

/// The levels of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Levels(BTreeMap<String, Level>);

impl Levels {
    /// The levels that the settings give, and what is wrong with them.
    pub fn of(settings: &Settings) -> (Self, Vec<Finding>) {
        let (mut levels, mut findings) = (BTreeMap::new(), Vec::new());
        for set in &settings.check {
            let error = |span: &std::ops::Range<usize>, message: String, help: String| {
                Finding::error("settings/check", &set.source, span.clone(), message).label("here").help(help)
            };
            match named(&set.code).map(|rule| rule.level) {
                // The names of style rules have a dot: `Microsoft.Contractions`.
                None if !set.code.contains('.') => {
                    let codes: Vec<&str> =
                        all().iter().filter(|rule| rule.level.is_some()).flat_map(|r| r.codes).copied().collect();
                    let message = format!("there is no rule {}", suggest::quote(&set.code));
                    findings.push(error(&set.code_span, message, suggest::help(&set.code, "rules", &codes)));
                    continue;
                }
                Some(None) => {
                    let message = format!("{} has no level: what it finds cannot go out", suggest::quote(&set.code));
                    findings.push(error(&set.code_span, message, "remove the line".to_owned()));
                    continue;
                }
                _ => {}
            }
            match read(&set.level) {
                Some(level) => {
                    levels.insert(set.code.clone(), level);
                }
                None => {
                    let message = format!("{} is no level", suggest::quote(&set.level));
                    let help = "write \"error\", \"warning\", \"info\" or \"off\"".to_owned();
                    findings.push(error(&set.level_span, message, help));
                }
            }
        }
        (Self(levels), findings)
    }

    /// Gives findings of the team's rules their levels, and takes those away at which nobody wants to look.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| {
            match self.of_finding(finding) {
                None => {}
                Some(Level::Error) => finding.severity = Severity::Error,
                Some(Level::Warning) => finding.severity = Severity::Warning,
                Some(Level::Info) => finding.severity = Severity::Info,
                Some(Level::Off) => return false,
            }
            true
        });
    }

    /// The level of a finding; `None` where its own stands.
    fn of_finding(&self, finding: &Finding) -> Option<Level> {
        let set = self.0.get(finding.id()).or_else(|| self.0.get(finding.code));
        match set {
            Some(level) => Some(*level),
            // Whoever says so by name knows how bad it is.
            None if finding.name.is_some() => None,
            None => named(finding.code).filter(|rule| !rule.has_own_levels()).and_then(|rule| rule.level),
        }
    }
}

fn read(level: &str) -> Option<Level> {
    match level {
        "error" => Some(Level::Error),
        "warning" => Some(Level::Warning),
        "info" => Some(Level::Info),
        "off" => Some(Level::Off),
        _ => None,
    }
}
