//! What is out, and its post says something else by now.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Aftercare, Candidate, Step};
use crate::ledger::{Published, State};
use crate::policy::{Status, Update};
use crate::render::Editing;
use crate::workspace::Due;

/// A post that says something else by now than what is out of it. It is never sent again.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What its network can change.
    pub editing: Editing,
    /// Who asked for what is out to be changed.
    pub asked: Option<Box<Update>>,
    /// How people decided on the new words.
    pub status: Status,
}

impl Change {
    /// Who asked for it, where the network could do it.
    pub fn wanted(&self) -> Option<&Update> {
        self.asked.as_deref().filter(|_| matches!(self.editing, Editing::InPlace { .. }))
    }
}

impl Candidate {
    /// Whether it is out, and the post says something else by now.
    pub fn is_changed(&self) -> bool {
        match (&self.state, &self.payload) {
            (Ok(State::Published(out)), Ok(now)) => out.digest != now.digest,
            _ => false,
        }
    }

    /// What is to be done where something else is out by now than the post says.
    pub(super) fn changed(&self, out: Arc<Published>, now: DateTime<Utc>) -> Step {
        let status = self.decision.as_ref().map_or(Status::Waiting, |decision| decision.status);
        let change = Change { editing: self.editing, asked: self.update.clone().filter(|_| !self.draft), status };
        let is_due = !matches!(self.due, Due::At(due) if due > now);
        match change.wanted() {
            Some(asked) if status == Status::Approved && is_due => {
                Step::Aftercare(Aftercare::Update { asked: asked.clone(), editing: self.editing })
            }
            _ => Step::Published { out, changed: Some(change) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{candidate, in_hours, step_of};
    use super::*;
    use crate::ledger::fixtures::{claim, key, payload, published, uncertain};
    use crate::ledger::fold;
    use crate::policy::{Decision, Kind};

    #[test]
    fn what_is_out_is_changed_where_that_is_asked_for_and_approved() {
        let asked = Update { by: "Noor Haddad".into(), commit: "81aa".repeat(10) };
        let wanted = || Candidate {
            state: Ok(fold([published(&key("a"))])),
            payload: Ok(payload(&key("a"), &["other words"]).into()),
            update: Some(Box::new(asked.clone())),
            ..candidate("a")
        };
        let editing = Editing::InPlace { fixed: &[] };
        let now = Step::Aftercare(Aftercare::Update { asked: asked.clone(), editing });
        assert_eq!(step_of(wanted()), now);
        let is_left = |candidate: Candidate| matches!(step_of(candidate), Step::Published { changed: Some(_), .. });
        for status in [Status::Waiting, Status::Rejected, Status::Held, Status::Error] {
            let decision = Some(Box::new(Decision::new(Kind::Workflow, "", status, "")));
            assert!(is_left(Candidate { decision, ..wanted() }), "{status:?}");
        }
        assert!(is_left(Candidate { update: None, ..wanted() }));
        assert!(is_left(Candidate { editing: Editing::Never { why: "no" }, ..wanted() }));
        assert!(is_left(Candidate { due: in_hours(1), ..wanted() }), "it was approved for later");
        assert!(is_left(Candidate { draft: true, ..wanted() }));
        for state in [fold([claim(&key("a"), "one")]), fold([claim(&key("a"), "one"), uncertain(&key("a"), 0)])] {
            assert!(!matches!(step_of(Candidate { state: Ok(state), ..wanted() }), Step::Aftercare(_)));
        }
    }
}
