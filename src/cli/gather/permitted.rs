//! Whether the files that a delivery sends along may go out, by what the commit says of their rights.

use std::cell::OnceCell;

use chrono::{DateTime, Utc};

use super::errors;
use crate::ledger::State;
use crate::plan::Rendered;
use crate::workspace::{AccountName, Due, Files, Finding, Rights, Settings, rights};

/// The rights of a commit, read when the first delivery with a file asks for them; or what is wrong with them.
#[derive(Default)]
pub(super) struct Permits(OnceCell<Result<Rights, Vec<String>>>);

impl Permits {
    /// What keeps the files of a delivery from going out at its time. Where what is written cannot be read, nobody can tell
    /// whether they may.
    pub(super) fn refusals(
        &self,
        media: &[String],
        account: &AccountName,
        at: DateTime<Utc>,
        files: &dyn Files,
        settings: &Settings,
    ) -> Vec<String> {
        if media.is_empty() {
            return Vec::new();
        }
        let read = || {
            let (rights, findings) = rights::read(files, settings);
            if findings.iter().any(Finding::is_error) { Err(errors(&findings)) } else { Ok(rights) }
        };
        match self.0.get_or_init(read) {
            Err(errors) => errors.clone(),
            Ok(rights) => {
                let refusals = media.iter().flat_map(|file| rights.refusals(file, account, at, settings.timezone));
                refusals.map(|refusal| format!("{}: {}", refusal.place, refusal.why)).collect()
            }
        }
    }
}

/// When a delivery goes out at the earliest.
pub(super) fn goes_out(due: Due, now: DateTime<Utc>) -> DateTime<Utc> {
    match due {
        Due::At(due) => due.max(now),
        Due::Asap => now,
    }
}

/// Whether a delivery may still send something.
pub(super) fn may_send(state: &Result<State, String>, rendered: &Rendered) -> bool {
    match state {
        Ok(State::Published(out)) => out.digest != rendered.digest,
        Ok(State::Retracted(_)) => false,
        _ => true,
    }
}
