//! What was said already: a text goes to an account once within its `duplicate_window`, unless the post says that it repeats
//! another.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Delivery, Step};
use crate::ledger::{Published, Said, SameText, State};
use crate::render::{Digest, Wording};
use crate::workspace::{Due, PostId};

/// What a delivery says, and what the ledger has of other posts that said it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saying {
    /// The account and its text; `None` where nothing is said, or nobody minds that it is said again.
    pub wording: Option<Wording>,
    /// The account's `duplicate_window`.
    pub window: Duration,
    /// The posts that it repeats knowingly.
    pub repeats: Vec<PostId>,
    /// The other posts that said it.
    pub before: Vec<SameText>,
}

/// Why a delivery is held that says what was said already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The other posts, the newest first; at least one.
    pub others: Vec<SameText>,
    /// When it may go out all the same; `None` where that time is beyond all calendars.
    pub until: Option<DateTime<Utc>>,
    /// What `repeats` of the front matter has to name, if that is meant.
    pub repeats: Vec<PostId>,
}

/// Holds what says the same as another post that is out, may be, or goes first. In the plan's order.
pub(super) fn hold(now: DateTime<Utc>, deliveries: &mut [(Delivery, Saying)]) {
    // What is out is mostly known from the ledger's notes; what was claimed before there were any, from the post.
    let mut said: HashMap<Wording, Vec<SameText>> = HashMap::new();
    for (delivery, saying) in deliveries.iter() {
        if let (Step::Published { out, changed: None }, Some(wording)) = (&delivery.step, &saying.wording) {
            let url = out.parts.first().and_then(|part| part.url.clone());
            let same = SameText { post: delivery.key.post.clone(), at: out.published_at, said: Said::Out, url };
            said.entry(wording.clone()).or_default().push(same);
        }
    }
    for (delivery, saying) in deliveries {
        let goes = matches!(delivery.step, Step::Send | Step::NotDue);
        if !goes && !matches!(delivery.step, Step::Waiting | Step::Late) {
            continue;
        }
        let Some(wording) = &saying.wording else { continue };
        let when = match delivery.due {
            Due::At(due) if due > now => due,
            _ => now,
        };
        let others = said.get(wording).into_iter().flatten().filter(|other| goes || other.said != Said::Soon);
        match saying.held_by(&delivery.key.post, others, when) {
            Some(duplicate) => delivery.step = Step::Duplicate(duplicate),
            None if goes => {
                let same = SameText { post: delivery.key.post.clone(), at: when, said: Said::Soon, url: None };
                said.entry(wording.clone()).or_default().push(same);
            }
            None => {}
        }
    }
}

/// Whether it matters what a delivery says: it may still go out, or others may not say the same yet.
pub fn wording_matters(state: &State, digest: &Digest, window: Duration, now: DateTime<Utc>) -> bool {
    let is_near = |out: &Published| is_within(out.published_at, window, now);
    !window.is_zero() && (state.may_send(digest) || matches!(state, State::Published(out) if is_near(out)))
}

/// The same before anybody knows where the delivery stands: mostly, what was due long ago is long out.
pub fn wording_may_matter(due: Due, window: Duration, now: DateTime<Utc>) -> bool {
    !matches!(due, Due::At(due) if !is_within(due, window, now))
}

impl Saying {
    /// Why a delivery would be held that is to go out at this time, as far as the ledger tells.
    pub fn duplicate(&self, post: &PostId, when: DateTime<Utc>) -> Option<Duplicate> {
        self.held_by(post, std::iter::empty(), when)
    }

    fn held_by<'a>(
        &'a self,
        post: &PostId,
        others: impl Iterator<Item = &'a SameText>,
        when: DateTime<Utc>,
    ) -> Option<Duplicate> {
        let mut held: Vec<SameText> = Vec::new();
        for other in self.before.iter().chain(others) {
            let is_known = other.post == *post || held.iter().any(|known| known.post == other.post);
            if !is_known && !self.repeats.contains(&other.post) && is_within(other.at, self.window, when) {
                held.push(other.clone());
            }
        }
        held.sort_by(|a, b| (b.at, &a.post).cmp(&(a.at, &b.post)));
        let until = end(held.first()?.at, self.window);
        let repeats = self.repeats.iter().chain(held.iter().map(|other| &other.post)).cloned().collect();
        Some(Duplicate { others: held, until, repeats })
    }
}

/// Whether something may not be said again yet.
fn is_within(at: DateTime<Utc>, window: Duration, when: DateTime<Utc>) -> bool {
    !window.is_zero() && end(at, window).is_none_or(|end| when < end)
}

fn end(at: DateTime<Utc>, window: Duration) -> Option<DateTime<Utc>> {
    TimeDelta::from_std(window).ok().and_then(|window| at.checked_add_signed(window))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{candidate, in_hours};
    use super::super::{Candidate, plan};
    use super::*;
    use crate::ledger::fixtures::{failed, key, now, payload, published};
    use crate::ledger::{Entry, State, fold};
    use crate::policy::{Decision, Kind, Status};

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn saying(text: &str) -> Saying {
        let wording = Wording::of(&payload(&key("x"), &[text]));
        Saying { wording, window: 30 * DAY, ..Saying::default() }
    }

    fn says(post: &str, text: &str) -> Candidate {
        Candidate { saying: saying(text), ..candidate(post) }
    }

    fn before(post: &str, days: i64) -> SameText {
        SameText { post: key(post).post, at: now() - TimeDelta::days(days), said: Said::Out, url: None }
    }

    fn waiting() -> Option<Box<Decision>> {
        Some(Box::new(Decision::new(Kind::Workflow, "", Status::Waiting, "")))
    }

    /// Each post with the posts that hold it.
    fn held(candidates: Vec<Candidate>) -> Vec<(String, Vec<String>)> {
        let plan = plan(now(), String::new(), candidates, Vec::new(), Vec::new());
        let held = plan.deliveries.into_iter().filter_map(|delivery| match delivery.step {
            Step::Duplicate(duplicate) => {
                let others = duplicate.others.iter().map(|other| other.post.to_string()).collect();
                Some((delivery.key.post.to_string(), others))
            }
            _ => None,
        });
        held.collect()
    }

    fn one(post: &str, others: &[&str]) -> Vec<(String, Vec<String>)> {
        vec![(post.to_owned(), others.iter().map(|&other| other.to_owned()).collect())]
    }

    #[test]
    fn what_was_said_within_the_window_is_held_and_not_after_it() {
        let after = |days| {
            let mut candidate = says("b", "Autumn is here");
            candidate.saying.before = vec![before("a", days)];
            candidate
        };
        assert_eq!(held(vec![after(29)]), one("b", &["a"]));
        assert_eq!(held(vec![after(30)]), []);
        assert_eq!(held(vec![Candidate { due: in_hours(25), ..after(29) }]), [], "it is free by then");
        assert_eq!(held(vec![Candidate { due: in_hours(23), ..after(29) }]), one("b", &["a"]));
        assert_eq!(
            held(vec![Candidate { decision: waiting(), ..after(3) }]),
            one("b", &["a"]),
            "told before they decide"
        );
        let mut off = after(0);
        off.saying.window = Duration::ZERO;
        let mut forever = after(3000);
        forever.saying.window = Duration::MAX;
        assert_eq!((held(vec![off]), held(vec![forever])), (Vec::new(), one("b", &["a"])));
    }

    #[test]
    fn what_is_said_matters_while_it_may_go_out_or_hold_others_up() {
        let Entry::Published(out) = published(&key("a")) else { unreachable!() };
        let (digest, State::Published(receipt)) = (out.digest.clone(), fold([Entry::Published(out)])) else { panic!() };
        let later = |days: i64| receipt.published_at + TimeDelta::days(days);
        let matters = |state: &State, days| wording_matters(state, &digest, 30 * DAY, later(days));
        assert!(matters(&State::New, 99) && matters(&fold([failed(&key("a"), true)]), 99));
        let out = State::Published(std::sync::Arc::clone(&receipt));
        assert!(matters(&out, 29) && !matters(&out, 30), "its text is free again");
        assert!(!wording_matters(&State::New, &digest, Duration::ZERO, now()), "nobody minds");
        let may = |due| wording_may_matter(due, 30 * DAY, now());
        assert!(may(Due::Asap) && may(in_hours(-29 * 24)) && may(in_hours(1)) && !may(in_hours(-30 * 24)));
    }

    #[test]
    fn a_post_may_repeat_those_that_it_names() {
        let mut again = says("c", "Autumn is here");
        again.saying.before = vec![before("b", 2), before("a", 9)];
        let plan = |candidate| plan(now(), String::new(), vec![candidate], Vec::new(), Vec::new()).deliveries.remove(0);
        let Step::Duplicate(duplicate) = plan(again.clone()).step else { panic!("it is held") };
        assert_eq!(duplicate.repeats, [key("b").post, key("a").post]);
        assert_eq!(duplicate.until, Some(now() + TimeDelta::days(28)));
        again.saying.repeats = vec![key("a").post];
        let Step::Duplicate(duplicate) = plan(again.clone()).step else { panic!("b is not named") };
        assert_eq!((duplicate.others.len(), duplicate.repeats), (1, vec![key("a").post, key("b").post]));
        again.saying.repeats = vec![key("a").post, key("b").post];
        assert_eq!(plan(again).step, Step::Send);
    }

    #[test]
    fn of_two_that_are_approved_the_earlier_due_goes() {
        let at = |post, hours| Candidate { due: in_hours(hours), ..says(post, "Autumn is here") };
        assert_eq!(held(vec![at("a", -1), at("b", -2)]), one("a", &["b"]));
        assert_eq!(held(vec![at("a", 5), at("b", 50)]), one("b", &["a"]));
        assert_eq!(held(vec![at("a", 5), at("b", 5 + 30 * 24)]), []);
        assert_eq!(held(vec![says("b", "Autumn is here"), says("a", "Autumn is here")]), one("b", &["a"]));
        assert_eq!(held(vec![says("a", "Autumn is here"), says("b", "Winter is here")]), []);
        let undecided = Candidate { decision: waiting(), ..at("a", -3) };
        assert_eq!(held(vec![undecided.clone(), at("b", -2)]), [], "what waits for people goes nowhere");
        assert_eq!(held(vec![Candidate { due: in_hours(3), ..undecided }, at("b", -2)]), []);
        let mut knowing = at("b", 50);
        knowing.saying.repeats = vec![key("a").post];
        assert_eq!(held(vec![at("a", 5), knowing, at("c", 60)]), one("c", &["b", "a"]));
    }

    #[test]
    fn what_is_out_by_an_older_ledger_is_known_from_its_post() {
        let text = "Autumn is here";
        let out = |text: &str| {
            let state: Result<State, String> = Ok(fold([published(&key("a"))]));
            let payload = Ok(payload(&key("a"), &[text]).into());
            Candidate { state, payload, ..says("a", text) }
        };
        assert_eq!(held(vec![out(text), says("b", text)]), one("b", &["a"]));
        assert_eq!(held(vec![out("edited since"), says("b", "edited since")]), [], "those words are not out");
    }
}
