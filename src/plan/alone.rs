//! Networks that asked to be left alone, as an earlier run wrote it down: until then none of the account's deliveries is
//! tried, whichever machine runs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Delivery, Step};
use crate::ledger::State;
use crate::workspace::AccountName;

/// Until when accounts are to be left alone.
#[derive(Debug, Default)]
pub(super) struct Alone(BTreeMap<AccountName, DateTime<Utc>>);

impl Alone {
    /// Takes in what the ledger says of a delivery.
    pub fn hear(&mut self, account: &AccountName, state: &State) {
        let until = match state {
            State::Failed(failed) => failed.not_before,
            State::Uncertain(_, noted) => noted.not_before,
            State::New | State::Claimed(_) | State::Published(_) | State::Retracted(_) => None,
        };
        if let Some(until) = until {
            let known = self.0.entry(account.clone()).or_insert(until);
            *known = until.max(*known);
        }
    }

    /// Leaves for later what would be sent or asked after before the time has come.
    pub fn leave(&self, now: DateTime<Utc>, delivery: &mut Delivery) {
        let until = self.0.get(&delivery.key.account).filter(|until| **until > now);
        if let (Some(until), Step::Send | Step::Reconcile(_)) = (until, &delivery.step) {
            delivery.step = Step::LeftAlone { until: *until };
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::tests::candidate;
    use super::super::{Candidate, plan};
    use super::*;
    use crate::ledger::fixtures::{claim, failed, key, now, uncertain};
    use crate::ledger::{Entry, fold};
    use crate::render::Reconcile;

    fn steps(candidates: &[Candidate], minutes: i64) -> Vec<Step> {
        let now = now() + TimeDelta::minutes(minutes);
        let plan = plan(now, String::new(), candidates.to_vec(), Vec::new(), Vec::new());
        plan.deliveries.into_iter().map(|delivery| delivery.step).collect()
    }

    #[test]
    fn until_the_time_has_come_nothing_of_the_account_is_tried() {
        let until = now() + TimeDelta::minutes(90);
        let Entry::Failed(mut busy) = failed(&key("a"), true) else { unreachable!() };
        busy.not_before = Some(until);
        let busy = Candidate { state: Ok(fold([claim(&key("a"), "one"), Entry::Failed(busy)])), ..candidate("a") };
        let mut elsewhere = candidate("c");
        elsewhere.key.account = AccountName::new("bluesky/other").unwrap();
        let all = [busy, candidate("b"), elsewhere];
        let alone = || Step::LeftAlone { until };
        assert_eq!(steps(&all, 89), [Step::Send, alone(), alone()].into_iter().rev().collect::<Vec<_>>());
        assert_eq!(steps(&all, 90), [Step::Send, Step::Send, Step::Send]);
    }

    #[test]
    fn a_thread_whose_next_part_surely_is_not_out_goes_on_then_whatever_its_network_can_tell() {
        let until = now() + TimeDelta::minutes(90);
        let Entry::Uncertain(mut noted) = uncertain(&key("a"), 1) else { unreachable!() };
        let thread = |noted: &crate::ledger::Uncertain| {
            let state = Ok(fold([claim(&key("a"), "one"), Entry::Uncertain(noted.clone())]));
            [Candidate { state, reconcile: Reconcile::None, ..candidate("a") }]
        };
        assert!(matches!(steps(&thread(&noted), 0)[..], [Step::Uncertain { .. }]), "nobody knows of the next part");
        (noted.rest_unsent, noted.not_before) = (true, Some(until));
        assert_eq!(steps(&thread(&noted), 0), [Step::LeftAlone { until }]);
        assert!(matches!(steps(&thread(&noted), 90)[..], [Step::Reconcile(_)]));
    }
}
