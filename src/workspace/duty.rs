//! What of `roles.toml` changes with the days: whose week it is, who stands in, which key counts.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::roles::{EvidenceMode, OwnedKey, Person, PersonId, Reviews, Roles, Rota};

/// Whose week it is in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnDuty<'a> {
    /// Who acts: the person whose week it is, or who stands in.
    pub person: &'a str,
    /// The person whose week it is, where somebody stands in.
    pub instead_of: Option<&'a str>,
}

/// Somebody who may decide for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member<'a> {
    /// Who decides.
    pub person: &'a str,
    /// The holder who is away, where the person stands in.
    pub instead_of: Option<&'a str>,
}

/// Why a key does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOut {
    /// It was revoked.
    Revoked,
    /// It counts from then on.
    NotYet(DateTime<Utc>),
    /// It counted until then.
    Ended(DateTime<Utc>),
}

/// What became of the key, behind `the key `: `was revoked`.
impl fmt::Display for KeyOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            KeyOut::Revoked => f.write_str("was revoked"),
            KeyOut::NotYet(from) => write!(f, "counts only from {} on", text(from)),
            KeyOut::Ended(until) => write!(f, "counted only until {}", text(until)),
        }
    }
}

impl OwnedKey {
    /// Whether the key counts at a time.
    ///
    /// # Errors
    /// Why it does not. That it was revoked outweighs its dates.
    pub fn counts_at(&self, now: DateTime<Utc>) -> Result<(), KeyOut> {
        if self.revoked.is_some_and(|since| since <= now) {
            return Err(KeyOut::Revoked);
        }
        if let Some(from) = self.not_before.filter(|from| now < *from) {
            return Err(KeyOut::NotYet(from));
        }
        match self.not_after {
            Some(until) if until <= now => Err(KeyOut::Ended(until)),
            _ => Ok(()),
        }
    }
}

impl Person {
    /// Whether what the person says can count at a time: a human being with a key that counts then, or with an address
    /// where those are taken at their word.
    pub fn can_prove_at(&self, evidence: EvidenceMode, now: DateTime<Utc>) -> bool {
        self.can_prove(evidence)
            && (evidence == EvidenceMode::SignOff || self.keys.iter().any(|key| key.counts_at(now).is_ok()))
    }

    /// Whether the person is away on a day.
    pub fn is_away(&self, day: NaiveDate) -> bool {
        self.away.iter().any(|away| away.from <= day && day <= away.to)
    }

    /// Who may decide for the person on a day; nobody while the person is here.
    pub fn stand_ins(&self, day: NaiveDate) -> impl Iterator<Item = &PersonId> {
        self.away
            .iter()
            .filter(move |away| away.from <= day && day <= away.to)
            .filter_map(|away| away.stand_in.as_ref())
    }
}

impl Rota {
    /// The person whose week it is on a day; nobody before the first.
    pub fn whose_week(&self, day: NaiveDate) -> Option<&PersonId> {
        let week = usize::try_from(day.signed_duration_since(self.since).num_days()).ok()? / 7;
        self.people.get(week.checked_rem(self.people.len())?)
    }
}

impl Roles {
    /// Whether what somebody says of posts can count at a time: by a key or an address, or by a review of a pull request.
    pub fn can_be_heard(&self, person: &str, now: DateTime<Utc>) -> bool {
        let reviews = self.policy.reviews == Reviews::Count;
        self.people.get(person).is_some_and(|person| {
            person.can_prove_at(self.policy.evidence, now) || (reviews && !person.bot && !person.accounts.is_empty())
        })
    }

    /// Whether somebody may decide for somebody else on a day. What one person stands in for is not passed on: a stand-in
    /// who is away has no stand-in for it.
    pub fn may_stand_in(&self, stand_in: &str, absent: &str, day: NaiveDate) -> bool {
        self.people.get(absent).is_some_and(|person| person.stand_ins(day).any(|one| one == stand_in))
    }

    /// The people for whom somebody may decide on a day.
    pub fn stands_in_for(&self, stand_in: &str, day: NaiveDate) -> impl Iterator<Item = &str> {
        let absent = self.people.iter().filter(move |(_, person)| person.stand_ins(day).any(|one| one == stand_in));
        absent.map(|(id, _)| id.as_str())
    }

    /// All who may decide for a role on a day: the human beings who hold it, away or not, and those who stand in for them.
    pub fn members_on(&self, role: &str, day: NaiveDate) -> Vec<Member<'_>> {
        let mut members = Vec::new();
        for holder in self.humans(role) {
            members.push(Member { person: holder, instead_of: None });
            let stand_ins = self.people.get(holder).into_iter().flat_map(|person| person.stand_ins(day));
            members.extend(stand_ins.map(|one| Member { person: one, instead_of: Some(holder) }));
        }
        members
    }

    /// Those of [`Roles::members_on`] whose word can count at a time, who are on duty first and who are away last.
    pub fn voices_on(&self, role: &str, day: NaiveDate, now: DateTime<Utc>) -> Vec<Member<'_>> {
        let person = |member: &Member<'_>| self.people.get(member.person);
        let duty = self.on_duty(role, day).map(|duty| Member { person: duty.person, instead_of: duty.instead_of });
        let mut voices = self.members_on(role, day);
        voices.retain(|member| self.can_be_heard(member.person, now));
        voices.sort_by_key(|member| (Some(*member) != duty, person(member).is_some_and(|one| one.is_away(day))));
        voices
    }

    /// Whose turn it is in a role on a day. `None` where nobody takes turns, before the first week, and where the person
    /// is away and nobody who is here stands in: then all of the role are asked.
    pub fn on_duty(&self, role: &str, day: NaiveDate) -> Option<OnDuty<'_>> {
        let person = self.rotas.get(role)?.whose_week(day)?;
        let here = |id: &str| !self.people.get(id).is_some_and(|person| person.is_away(day));
        if here(person) {
            return Some(OnDuty { person, instead_of: None });
        }
        let stand_in = self.people.get(person)?.stand_ins(day).find(|one| here(one))?;
        Some(OnDuty { person: stand_in, instead_of: Some(person) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::roles::{Away, Key};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Noor, Li and Ben take turns; Noor is away over the year's end, and Li stands in.
    fn newsroom() -> Roles {
        let away = Away { from: day("2026-12-24"), to: day("2027-01-03"), stand_in: Some("li".into()) };
        let noor = Person { away: vec![away], ..Person::default() };
        let bot = Person { bot: true, ..Person::default() };
        let people = [("noor", noor), ("li", Person::default()), ("ben", Person::default()), ("robot", bot)];
        let turns: Vec<PersonId> = ["noor", "li", "ben"].map(str::to_owned).to_vec();
        let holders = turns.iter().cloned().chain(["robot".to_owned()]).collect();
        Roles {
            people: people.map(|(id, person)| (id.to_owned(), person)).into(),
            roles: BTreeMap::from([("editor".to_owned(), holders)]),
            rotas: BTreeMap::from([("editor".to_owned(), Rota { people: turns, since: day("2026-11-30") })]),
            ..Roles::default()
        }
    }

    fn on_duty(roles: &Roles, text: &str) -> String {
        match roles.on_duty("editor", day(text)) {
            Some(OnDuty { person, instead_of: Some(absent) }) => format!("{person} for {absent}"),
            Some(OnDuty { person, instead_of: None }) => person.to_owned(),
            None => "all".to_owned(),
        }
    }

    #[test]
    fn weeks_change_on_the_first_ones_weekday_and_run_on_over_the_years_end() {
        let roles = newsroom();
        for (text, who) in [
            ("2026-11-29", "all"),
            ("2026-11-30", "noor"),
            ("2026-12-06", "noor"),
            ("2026-12-07", "li"),
            ("2026-12-14", "ben"),
            ("2026-12-21", "noor"),
            ("2026-12-23", "noor"),
            ("2026-12-24", "li for noor"),
            ("2026-12-27", "li for noor"),
            ("2026-12-28", "li"),
            ("2027-01-03", "li"),
            ("2027-01-04", "ben"),
            ("2027-01-11", "noor"),
        ] {
            assert_eq!(on_duty(&roles, text), who, "{text}");
        }
    }

    #[test]
    fn the_clocks_do_not_move_a_week() {
        let mut roles = newsroom();
        roles.rotas.get_mut("editor").unwrap().since = day("2026-03-23");
        for (text, who) in [("2026-03-29", "noor"), ("2026-03-30", "li"), ("2026-04-05", "li"), ("2026-04-06", "ben")] {
            assert_eq!(on_duty(&roles, text), who, "{text}");
        }
    }

    #[test]
    fn where_the_stand_in_is_away_too_all_are_asked() {
        let mut roles = newsroom();
        let away = Away { from: day("2026-12-26"), to: day("2026-12-26"), stand_in: Some("ben".into()) };
        roles.people.get_mut("li").unwrap().away.push(away);
        assert_eq!(on_duty(&roles, "2026-12-25"), "li for noor");
        assert_eq!(on_duty(&roles, "2026-12-26"), "all");
        assert!(!roles.may_stand_in("ben", "noor", day("2026-12-26")), "what Li stands in for is not passed on");
    }

    #[test]
    fn an_absence_has_its_first_day_and_its_last() {
        let roles = newsroom();
        for (text, holds) in [("2026-12-23", false), ("2026-12-24", true), ("2027-01-03", true), ("2027-01-04", false)]
        {
            assert_eq!(roles.may_stand_in("li", "noor", day(text)), holds, "{text}");
            assert_eq!(roles.stands_in_for("li", day(text)).collect::<Vec<_>>() == ["noor"], holds, "{text}");
        }
        assert!(!roles.may_stand_in("ben", "noor", day("2026-12-30")));
    }

    #[test]
    fn members_are_human_and_stand_ins_are_told_apart() {
        let roles = newsroom();
        let member = |person, instead_of| Member { person, instead_of };
        let usual = [member("noor", None), member("li", None), member("ben", None)];
        assert_eq!(roles.members_on("editor", day("2026-12-01")), usual);
        let holidays = [member("noor", None), member("li", Some("noor")), member("li", None), member("ben", None)];
        assert_eq!(roles.members_on("editor", day("2026-12-31")), holidays);
        assert_eq!(roles.members_on("legal", day("2026-12-31")), []);
    }

    #[test]
    fn a_key_counts_from_its_beginning_to_its_end() {
        let mut key = OwnedKey::from(Key("ssh-ed25519 A".into()));
        assert_eq!(key.counts_at(DateTime::<Utc>::MIN_UTC), Ok(()));
        (key.not_before, key.not_after) = (Some(at("2026-01-01T00:00:00Z")), Some(at("2027-01-01T00:00:00Z")));
        for (text, answer) in [
            ("2025-12-31T23:59:59Z", Some("counts only from 2026-01-01T00:00:00Z on")),
            ("2026-01-01T00:00:00Z", None),
            ("2026-12-31T23:59:59Z", None),
            ("2027-01-01T00:00:00Z", Some("counted only until 2027-01-01T00:00:00Z")),
        ] {
            assert_eq!(key.counts_at(at(text)).err().map(|why| why.to_string()).as_deref(), answer, "{text}");
        }
        key.revoked = Some(at("2026-06-01T00:00:00Z"));
        assert_eq!(key.counts_at(at("2026-05-31T23:59:59Z")), Ok(()));
        assert_eq!(key.counts_at(at("2026-06-01T00:00:00Z")), Err(KeyOut::Revoked));
        assert_eq!(key.counts_at(at("2027-06-01T00:00:00Z")), Err(KeyOut::Revoked), "whatever its dates");
    }

    proptest! {
        #[test]
        fn any_day_has_an_answer(since in any::<i32>(), days in any::<i32>(), turns in 0usize..4) {
            let mut roles = newsroom();
            let rota = roles.rotas.get_mut("editor").unwrap();
            rota.people.truncate(turns);
            rota.since = NaiveDate::from_num_days_from_ce_opt(since).unwrap_or(NaiveDate::MIN);
            let day = NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(NaiveDate::MAX);
            let answer = roles.on_duty("editor", day);
            prop_assert!(turns > 0 || answer.is_none());
            prop_assert!(day >= roles.rotas["editor"].since || answer.is_none());
        }
    }
}
