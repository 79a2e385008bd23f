//! Who may do what, for people.

use chrono::{Datelike, NaiveDate};

use super::may::{May, Say};
use super::report::{KeyReport, PersonReport, RolesReport, StageReport, Told, Voice, WhenReport, report, short};
use crate::view::page::{Tone, columns, listed, padded};
use crate::view::{Page, escape};
use crate::workspace::{EvidenceMode, Roles};

/// The roles for people.
pub fn human(told: &Told<'_>, page: &Page) -> String {
    let report = report(told, page);
    let what = match told.person {
        Some(person) => format!("What {} may do", name(person, told.roles)),
        None => "Roles".to_owned(),
    };
    let commit = told.trusted.get(..10).unwrap_or(told.trusted);
    let heading = format!("{what}, on {} at {commit}, {}", escape(told.branch), page.time(page.now));
    let mut out = page.wrapped(0, &heading);
    if report.evidence == EvidenceMode::SignOff {
        out += &page.wrapped(0, "Not authenticated: names and addresses are taken at their word.");
    }
    if told.person.is_none() {
        out += &section("People", page);
    } else {
        out.push('\n');
    }
    for person in &report.people {
        out += &of_person(person, &report, told.roles, page);
    }
    match &report.may {
        Some(may) => out += &of_may(may, told.roles, page),
        None => {
            out += &workflows(&report, told.roles, page);
            out += &permissions(&report, told.roles, page);
        }
    }
    out + &problems(&report, told, page)
}

pub(super) fn section(title: &str, page: &Page) -> String {
    format!("\n{}\n", page.paint(Tone::Strong, title))
}

fn name(person: &str, roles: &Roles) -> String {
    escape(roles.name_of(person)).into_owned()
}

fn of_person(person: &PersonReport, report: &RolesReport, roles: &Roles, page: &Page) -> String {
    let width = report.people.iter().map(|one| columns(&one.id)).max().unwrap_or(0).min(16);
    let indent = width + 2;
    let mut first: Vec<String> = Vec::new();
    first.extend((!person.name.is_empty()).then(|| escape(&person.name).into_owned()));
    first.extend(person.bot.then(|| "a bot, decides nothing".to_owned()));
    first.push(if person.roles.is_empty() {
        "no role".to_owned()
    } else {
        escape(&person.roles.join(", ")).into_owned()
    });
    let id = padded(&escape(&person.id), width);
    // Wrapping takes the column's spaces for one gap between words.
    let rest = page.hanging(indent, indent, &first.join(" · "));
    let mut out = format!("{}  {}", page.paint(Tone::Strong, &id), rest.trim_start());
    for role in &person.on_duty {
        out += &page.hanging(indent, indent + 2, &format!("on duty as {} this week", escape(role)));
    }
    for absent in &person.stands_in_for {
        out += &page.hanging(indent, indent + 2, &format!("stands in for {} today", name(absent, roles)));
    }
    for away in &person.away {
        let whom = match &away.stand_in {
            Some(stand_in) => format!("{} stands in", name(stand_in, roles)),
            None => "nobody stands in".to_owned(),
        };
        let days = if away.from == away.to {
            day(away.from, report.today)
        } else {
            format!("{} to {}", day(away.from, report.today), day(away.to, report.today))
        };
        out += &page.hanging(indent, indent + 2, &format!("away {days}: {whom}"));
    }
    if report.evidence == EvidenceMode::Signed {
        for key in &person.keys {
            out += &page.hanging(indent, indent + 2, &of_key(key, page));
        }
    }
    if !person.emails.is_empty() {
        out += &page.hanging(indent, indent + 2, &escape(&person.emails.join(", ")));
    }
    out
}

fn of_key(key: &KeyReport, page: &Page) -> String {
    let mut text = format!("{} {}", escape(&key.kind), escape(&short(&key.fingerprint)));
    match (key.counts, &key.why, key.not_after) {
        (true, _, Some(end)) => text += &format!(", until {}", page.when(end)),
        (true, _, None) => {}
        (false, Some(why), _) => text += &format!(", {why}"),
        (false, None, _) => text += ", does not count",
    }
    text
}

/// A day, with the year where it is another one than today's.
fn day(day: NaiveDate, today: NaiveDate) -> String {
    day.format(if day.year() == today.year() { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

fn workflows(report: &RolesReport, roles: &Roles, page: &Page) -> String {
    let mut out = section("Workflows: the first that matches a post is used", page);
    for workflow in &report.workflows {
        let name = escape(&workflow.name);
        let mut line = format!("{name}: {}", condition(&workflow.when, "all posts"));
        if !workflow.and.is_empty() {
            line += &format!("; and {}", escape(&workflow.and.join(", ")));
        }
        let line = page.hanging(0, 2, &line);
        out += &line.replacen(&*name, &page.paint(Tone::Strong, &name), 1);
        let mut turn = 0;
        for stage in &workflow.stages {
            turn += usize::from(!stage.parallel || turn == 0);
            out += &page.hanging(2, 5, &format!("{turn}. {}", of_stage(stage, roles)));
        }
    }
    out
}

pub(super) fn condition(when: &WhenReport, none: &str) -> String {
    let lists = [
        ("label", &when.labels),
        ("account", &when.accounts),
        ("campaign", &when.campaigns),
        ("language", &when.languages),
        ("path", &when.paths),
    ];
    let said = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let said: Vec<String> = said.map(|(what, list)| format!("{what} {}", escape(&listed(list, "or")))).collect();
    if said.is_empty() { none.to_owned() } else { said.join(", ") }
}

fn of_stage(stage: &StageReport, roles: &Roles) -> String {
    let people: Vec<String> = stage.people.iter().map(|voice| of_voice(voice, roles)).collect();
    let who = match (stage.needs, people.len()) {
        (_, 0) => "nobody can say yes today".to_owned(),
        (Some(1), _) => listed(&people, "or"),
        (Some(needs), _) => format!("{needs} of {}", listed(&people, "and")),
        (None, _) => format!("all of {}", listed(&people, "and")),
    };
    let with_it = if stage.parallel { " at the same time" } else { "" };
    let mut text = format!("{}{with_it}: {who}", escape(&stage.role));
    match (stage.within, &stage.escalate_to) {
        (Some(within), Some(role)) => text += &format!("; within {}, then {} too", length(within), escape(role)),
        (Some(within), None) => text += &format!("; within {}", length(within)),
        _ => {}
    }
    if stage.when != WhenReport::default() {
        text += &format!("; only for {}", condition(&stage.when, ""));
    }
    text
}

fn of_voice(voice: &Voice, roles: &Roles) -> String {
    let mut notes = Vec::new();
    let too = if voice.own { " too" } else { "" };
    notes.extend(voice.on_duty.then(|| "on duty".to_owned()));
    notes.extend(voice.stands_in_for.iter().map(|absent| format!("for {}{too}", name(absent, roles))));
    notes.extend(voice.away.then(|| "away".to_owned()));
    let name = name(&voice.person, roles);
    if notes.is_empty() { name } else { format!("{name} ({})", notes.join(", ")) }
}

/// Seconds in the largest unit that fits, as `roles.toml` writes them.
pub(super) fn length(seconds: u64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "m")];
    let unit = units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    match unit {
        // People set a day as a deadline in hours.
        Some((86_400, _)) if seconds <= 2 * 86_400 => format!("{}h", seconds / 3600),
        Some((unit, letter)) => format!("{}{letter}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

fn permissions(report: &RolesReport, roles: &Roles, page: &Page) -> String {
    let mut out = section("Who may", page);
    let of_roles = |named: &[String]| {
        let each = named.iter().map(|role| {
            let people: Vec<String> = roles.roles.get(role).into_iter().flatten().map(|id| name(id, roles)).collect();
            let people = if people.is_empty() { "nobody".to_owned() } else { people.join(", ") };
            format!("{} ({people})", escape(role))
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let mut line = |what: &str, who: &str| out += &page.hanging(0, 2, &format!("{what}: {who}"));
    let permissions = &report.permissions;
    for rule in &permissions.edit {
        line(&format!("edit {}", escape(&rule.paths.join(", "))), &of_roles(&rule.roles));
    }
    line(if permissions.edit.is_empty() { "edit" } else { "edit anything else" }, "everyone");
    match &permissions.hold {
        Some(named) => line("hold", &format!("{}, and admins", of_roles(named))),
        None => line("hold", "everyone in some stage, and admins"),
    }
    match &permissions.publish {
        Some(named) => line("publish", &of_roles(named)),
        None => line("publish", "everyone who may push to the ledger"),
    }
    let together = match permissions.retract_needs {
        0 | 1 => String::new(),
        needs => format!("{needs} together of "),
    };
    match &permissions.retract {
        Some(named) => line("retract", &format!("{together}{}, and admins", of_roles(named))),
        None => line("retract", &format!("{together}a post's authors, its approvers, who may publish, and admins")),
    }
    let admins: Vec<String> = permissions.admins.iter().map(|id| name(id, roles)).collect();
    match (permissions.policy_needs, admins.len()) {
        (_, 0) => line("change the policy", "nobody today"),
        (1, _) => line("change the policy", &listed(&admins, "or")),
        (needs, _) => line("change the policy", &format!("{needs} together of {}", listed(&admins, "and"))),
    }
    out
}

fn of_may(may: &May, roles: &Roles, page: &Page) -> String {
    let mut out = section("May approve", page);
    for say in &may.approve {
        out += &page.hanging(0, 2, &of_say(say, roles));
    }
    if may.approve.is_empty() {
        out += "nothing\n";
    }
    out += &section("May edit", page);
    for rule in &may.edit {
        let word = if rule.may { "yes" } else { "no" };
        out += &page.hanging(0, 2, &format!("{word}: {}", escape(&rule.paths.join(", "))));
    }
    out += if may.edit.is_empty() { "everything\n" } else { "yes: everything else\n" };
    out += &section("May also", page);
    let mut line = |may: bool, what: &str, more: &str| {
        out += &page.hanging(0, 2, &format!("{}: {what}{more}", if may { "yes" } else { "no" }));
    };
    line(may.hold, "stop posts", if may.hold { ", with greenlit hold" } else { "" });
    match may.publish {
        Some(publish) => line(publish, "run greenlit publish", ""),
        None => line(true, "run greenlit publish", ", with the right to push to the ledger"),
    }
    line(may.admin, "approve changes of roles.toml and greenlit.toml, lift and resume what others stopped", "");
    out
}

fn of_say(say: &Say, roles: &Roles) -> String {
    let mut text = format!("{}: {}", escape(&say.workflow), escape(&say.role));
    let absent: Vec<String> = say.stands_in_for.iter().map(|absent| name(absent, roles)).collect();
    if !absent.is_empty() {
        let too = if say.own { " too" } else { "" };
        text += &format!(", today for {}{too}", listed(&absent, "and"));
    }
    if say.after_deadline {
        text += ", once its time is over";
    }
    text
}

/// Only what concerns the one person, where one was asked for.
fn problems(report: &RolesReport, told: &Told<'_>, page: &Page) -> String {
    let about = |text: &str| told.person.is_none_or(|person| text.contains(told.roles.name_of(person)));
    let mut out = String::new();
    for problem in report.problems.iter().filter(|problem| about(&problem.text)) {
        if out.is_empty() {
            out += &section("Look at this", page);
        }
        let text = page.hanging(2, 2, &format!("{}; {}", escape(&problem.text), escape(&problem.help)));
        out += &format!("{} {}", page.paint(Tone::Careful, "!"), text.trim_start());
    }
    out
}
