//! Who is on duty, who is away, who stands in: what the date says.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::question::{Facts, Question};
use crate::workspace::{Away, Person, PersonId, Roles, Rota};

const DAYS_OF_A_WEEK: i64 = 7;

/// Whether a person may decide for another under these roles: named as stand-in for an absence which one of the times
/// falls into.
pub(super) fn may_stand_in(maker: &str, absent: &str, roles: &Roles, times: &[DateTime<Utc>], zone: Tz) -> bool {
    let absences = roles.people.get(absent).map(|person| person.away.as_slice()).unwrap_or_default();
    let named = |away: &&Away| away.stand_in.as_deref() == Some(maker);
    absences.iter().filter(named).any(|away| times.iter().any(|time| covers(away, day(*time, zone))))
}

/// Whether somebody ever was to stand in for a person, for saying that the time is not right.
pub(super) fn is_a_stand_in(maker: &str, absent: &str, roles: &Roles) -> bool {
    let absences = roles.people.get(absent).map(|person| person.away.as_slice()).unwrap_or_default();
    absences.iter().any(|away| away.stand_in.as_deref() == Some(maker))
}

/// Whether a person is away today.
pub(super) fn is_away(person: &str, question: &Question<'_>, facts: &Facts<'_>) -> bool {
    absences_today(facts.roles.people.get(person), question, facts).next().is_some()
}

/// Those who may decide for a person today.
pub(super) fn stand_ins<'r>(
    person: &str,
    question: &Question<'_>,
    facts: &Facts<'r>,
) -> impl Iterator<Item = &'r PersonId> {
    absences_today(facts.roles.people.get(person), question, facts).filter_map(|away| away.stand_in.as_ref())
}

fn absences_today<'r>(
    person: Option<&'r Person>,
    question: &Question<'_>,
    facts: &Facts<'_>,
) -> impl Iterator<Item = &'r Away> {
    let today = day(facts.now, question.zone);
    person.into_iter().flat_map(|person| &person.away).filter(move |away| covers(away, today))
}

/// The person of a rota whose week it is.
pub(super) fn on_duty<'r>(rota: &'r Rota, question: &Question<'_>, facts: &Facts<'_>) -> Option<&'r PersonId> {
    let days = day(facts.now, question.zone).signed_duration_since(rota.since).num_days();
    let people = i64::try_from(rota.people.len()).ok().filter(|people| *people > 0)?;
    let week = days.div_euclid(DAYS_OF_A_WEEK).rem_euclid(people);
    rota.people.get(usize::try_from(week).ok()?)
}

fn covers(away: &Away, day: NaiveDate) -> bool {
    away.from <= day && day <= away.to
}

fn day(time: DateTime<Utc>, zone: Tz) -> NaiveDate {
    time.with_timezone(&zone).date_naive()
}
