//! Who is away and who stands in, by the publisher's clock.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::question::{Facts, Question};
use crate::workspace::Roles;

/// Whether a person may decide for another under these roles: named as stand-in for an absence which one of the times
/// falls into.
pub(super) fn may_stand_in(maker: &str, absent: &str, roles: &Roles, times: &[DateTime<Utc>], zone: Tz) -> bool {
    times.iter().any(|time| roles.may_stand_in(maker, absent, day(*time, zone)))
}

/// Whether somebody ever was to stand in for a person, for saying that the time is not right.
pub(super) fn is_a_stand_in(maker: &str, absent: &str, roles: &Roles) -> bool {
    let absences = roles.people.get(absent).map(|person| person.away.as_slice()).unwrap_or_default();
    absences.iter().any(|away| away.stand_in.as_deref() == Some(maker))
}

/// The day by which absences and rotas go.
pub(super) fn today(question: &Question<'_>, facts: &Facts<'_>) -> NaiveDate {
    day(facts.now, question.zone)
}

fn day(time: DateTime<Utc>, zone: Tz) -> NaiveDate {
    time.with_timezone(&zone).date_naive()
}
