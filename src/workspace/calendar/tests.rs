use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::workspace::memory::MemoryFiles;
use crate::workspace::{AccountName, NetworkSpec, load_settings};

const BERLIN: Tz = chrono_tz::Europe::Berlin;
const NETWORKS: &[NetworkSpec] = &[NetworkSpec { network: "net", required: &[], optional: &[] }];

fn settings() -> Settings {
    let text = "version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"net/acme\"]\n[accounts.\"net/other\"]\n";
    load_settings(text.as_bytes(), NETWORKS).0.unwrap()
}

fn days() -> Range<NaiveDate> {
    "2026-11-01".parse().unwrap().."2029-01-01".parse().unwrap()
}

/// What the file says, and its faults with the places.
fn look(path: &str, text: &str) -> (Vec<Blackout>, Vec<(&'static str, String)>) {
    let files = MemoryFiles::default().with(path, text);
    let (blackouts, findings) = read(&files, &settings(), &days());
    (blackouts, findings.into_iter().map(|f| (f.code, text[f.span].to_owned())).collect())
}

fn event(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
}

fn told(lines: &str) -> Vec<String> {
    let (blackouts, faults) = look("calendar/a.ics", &event(lines));
    assert_eq!(faults, [], "{lines}");
    blackouts.iter().map(|one| format!("{} {}", one.why, one.window)).collect()
}

fn fault(lines: &str) -> String {
    let (_, faults) = look("calendar/a.ics", &event(lines));
    assert_eq!(faults.len(), 1, "{lines}: {faults:?}");
    assert_eq!(faults[0].0, "calendar/ics");
    faults[0].1.clone()
}

#[test]
fn days_have_names_and_accounts() {
    let text = "[[day]]\ndate = 2026-12-25\nname = \"Christmas\"\n\
                [[day]]\ndate = \"2027-01-01\"\nname = \"New Year\"\naccounts = [\"net/acme\"]\n";
    let (blackouts, faults) = look("calendar/days.toml", text);
    assert_eq!(faults, []);
    let christmas: DateTime<Utc> = "2026-12-25T12:00:00Z".parse().unwrap();
    assert!(blackouts[0].window.holds(christmas, BERLIN));
    let account = |name: &str| AccountName::new(name).unwrap();
    assert!(blackouts[1].accounts.hold(&account("net/acme")) && !blackouts[1].accounts.hold(&account("net/other")));

    let text = "[[day]]\ndate = \"soon\"\nname = \"x\"\n[[day]]\nname = \"y\"\n\
                [[day]]\ndate = 2026-12-25\nname = \"z\"\naccounts = [\"net/acm\"]\ncolour = 1\n";
    let (_, faults) = look("calendar/days.toml", text);
    let codes: Vec<&str> = faults.iter().map(|(code, _)| *code).collect();
    let expected = ["calendar/unknown-key", "calendar/missing-key", "calendar/date", "calendar/unknown-account"];
    assert!(expected.iter().all(|code| codes.contains(code)) && codes.len() == 4, "{faults:?}");
}

#[test]
fn events_are_days_or_times_in_a_zone() {
    let day = "SUMMARY:Christ\n mas\\, all of it\nDTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227";
    assert_eq!(told(day), ["Christmas, all of it from 2026-12-25 to 2026-12-26"]);
    assert_eq!(told("DTSTART;VALUE=DATE:20261225"), ["an event on 2026-12-25"]);
    assert_eq!(
        told("DTSTART;TZID=Europe/Berlin:20261130T120000\nDTEND;TZID=America/New_York:20261130T120000"),
        ["an event from 2026-11-30 12:00 to 2026-11-30 18:00 (Europe/Berlin)"]
    );
    assert_eq!(
        told("DTSTART:20261130T120000Z\nDURATION:PT1H30M\nBEGIN:VALARM\nDTSTART:x\nEND:VALARM"),
        ["an event from 2026-11-30 12:00 to 2026-11-30 13:30 (UTC)"]
    );
    assert_eq!(told("DTSTART:20261130T120000\nDURATION:P1D"), ["an event from 2026-11-30 12:00 to 2026-12-01 12:00"]);
    assert_eq!(told("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED"), [""; 0]);
}

#[test]
fn events_come_again_but_for_those_that_are_taken_out_or_moved() {
    let yearly = "SUMMARY:Day\nDTSTART;VALUE=DATE:20201126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH";
    assert_eq!(told(yearly), ["Day on 2026-11-26", "Day on 2027-11-25", "Day on 2028-11-23"]);
    assert_eq!(told(&format!("{yearly}\nEXDATE;VALUE=DATE:20271125,20281123")), ["Day on 2026-11-26"]);
    let moved = format!(
        "UID:1\n{yearly};UNTIL=20271231\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nSUMMARY:Moved\nRECURRENCE-ID;VALUE=DATE:20271125\nDTSTART;VALUE=DATE:20271126"
    );
    assert_eq!(told(&moved), ["Day on 2026-11-26", "Moved on 2027-11-26"]);
    // The hour stays what the clock on the wall shows, and UNTIL is meant in UTC.
    let nightly = "DTSTART;TZID=Europe/Berlin:20270327T010000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20270328T230000Z\n\
                   EXDATE;TZID=Europe/Berlin:20270327T010000";
    assert_eq!(
        told(nightly),
        [
            "an event from 2027-03-28 01:00 to 2027-03-28 02:00 (Europe/Berlin)",
            "an event from 2027-03-29 01:00 to 2027-03-29 02:00 (Europe/Berlin)"
        ]
    );
    // What began before the days that are asked for and is not over.
    let long = told("DTSTART;VALUE=DATE:20251030\nDURATION:P1W\nRRULE:FREQ=YEARLY");
    assert_eq!(long[0], "an event from 2026-10-30 to 2026-11-05");
}

#[test]
fn every_fault_has_its_line() {
    assert_eq!(fault("SUMMARY:x"), "BEGIN:VEVENT");
    assert_eq!(fault("DTSTART:soon"), "DTSTART:soon");
    assert_eq!(
        fault("DTSTART;TZID=Mars/Base:20261130T120000\nDURATION:PT1H"),
        "DTSTART;TZID=Mars/Base:20261130T120000"
    );
    assert_eq!(fault("DTSTART:20261130T120000Z\nDTEND:20261130T110000Z"), "DTSTART:20261130T120000Z");
    assert_eq!(fault("DTSTART;VALUE=DATE:20261130\nRRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY"), "RRULE:FREQ=DAILY");
    assert_eq!(fault("DTSTART:20261130T120000Z\nDURATION:1h"), "DURATION:1h");
    assert_eq!(fault("DTSTART;VALUE=DATE:20261130\nDTEND:20261130T120000Z"), "DTEND:20261130T120000Z");
    assert_eq!(fault("DTSTART;VALUE=DATE:20261130\nRRULE:FREQ=SECONDLY"), "RRULE:FREQ=SECONDLY");
    assert_eq!(fault("DTSTART;VALUE=DATE:20261130\nnonsense"), "nonsense");
    assert_eq!(look("calendar/a.ics", "hello").1, [("calendar/ics", "hello".to_owned())]);
    assert_eq!(look("calendar/a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n").1, [("calendar/ics", String::new())]);
    assert_eq!(
        read(&MemoryFiles::default().with_link("calendar/a.ics"), &settings(), &days()).1[0].code,
        "calendar/unreadable"
    );
    assert_eq!(look("calendar/readme.md", "hello"), (Vec::new(), Vec::new()));
}

/// What Outlook, Exchange and others write.
#[test]
fn calendars_of_other_programs_are_read() {
    let outlook = "\u{feff}BEGIN:VCALENDAR\r\nX_OWN;NOTHING:x\r\nBEGIN:VEVENT\r\nX-ALT-DESC;FMTTYPE=text/html:<p>\r\nX_MS-OLK:1\r\n\
        DTSTART;TZID=W. Europe Standard Time:20261130T120000\r\nDTEND;TZID=\"W. Europe Standard Time\":20261130T130000\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let files = MemoryFiles::default().with("calendar/a.ics", outlook);
    let (blackouts, findings) = read(&files, &settings(), &days());
    assert_eq!((findings.len(), blackouts.len()), (0, 1), "{findings:?}");
    assert!(blackouts[0].window.to_string().ends_with("(Europe/Berlin)"));
    assert_eq!(told("DTSTART:20261130T120000Z"), [""; 0], "a mark in the calendar");
    let (blackouts, findings) = read(
        &MemoryFiles::default().with(
            "calendar/a.ics",
            event("DTSTART;VALUE=DATE:20261130\nRRULE:FREQ=HOURLY\nRDATE;VALUE=DATE:20261207\nno line"),
        ),
        &settings(),
        &days(),
    );
    assert_eq!((blackouts.len(), findings.len()), (2, 2), "the first day and those that are named");
    assert!(!findings.iter().any(Finding::is_error));
}

/// A series with as many exceptions as starts, and many series of one name: each pair takes a step of those for all.
#[test]
fn what_is_taken_out_is_looked_up() {
    let one = "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261130\nEND:VEVENT\n";
    let out = "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261130\nRECURRENCE-ID;VALUE=DATE:20261201\nEND:VEVENT\n";
    let text = format!("BEGIN:VCALENDAR\n{}{}END:VCALENDAR\n", one.repeat(4_000), out.repeat(4_000));
    let (blackouts, faults) = look("calendar/a.ics", &text);
    assert!(blackouts.len() < 6_000 && !faults.is_empty(), "{} {}", blackouts.len(), faults.len());
}

#[test]
fn zones_of_other_programs_are_understood() {
    let line = "DTSTART;TZID=/citadel.org/20210210_1/America/Argentina/Buenos_Aires:20261130T120000\nDURATION:PT1H";
    assert!(told(line)[0].ends_with("(America/Argentina/Buenos_Aires)"));
}

#[test]
fn thousands_of_rules_without_end_are_not_followed_for_ever() {
    let one = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY;COUNT=4000000000;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n";
    let text = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", one.repeat(5_000));
    let (blackouts, faults) = look("calendar/a.ics", &text);
    assert!(blackouts.is_empty() && !faults.is_empty() && faults.len() <= 50);
}

/// Pieces of calendars in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VALARM",
            "END:VALARM",
            "END:VCALENDAR",
            "DTSTART;VALUE=DATE:20261225",
            "DTSTART:20261225T120000",
            "DTEND:20261224T120000Z",
            "DURATION:P99999999999999W",
            "DURATION:-PT1H",
            "EXDATE:20261225",
            "RDATE:99991231T235959Z",
            "DTSTART;TZID=Pacific/Apia:20111230T120000",
            "RRULE:FREQ=DAILY",
            "RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU;WKST=WE",
            " folded",
            "DTSTART:99991231T235959Z",
            "DTSTART:00000101T000000",
            "DTEND:99991231",
            "RRULE:FREQ=YEARLY;COUNT=9;BYDAY=-53MO",
            "UID:1",
            "RECURRENCE-ID:20261225",
        ])
        .prop_map(str::to_owned),
        "RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);INTERVAL=[0-9]{1,5};(COUNT=[0-9]{1,10}|UNTIL=[0-9]{8}(T[0-9]{6}Z)?);BYDAY=-?[0-9]{0,2}(MO|TH);BYMONTHDAY=-?[0-9]{1,2}",
        "[A-Z]{1,8}(;[A-Z]{1,4}=\"?\\PC{0,6}\"?)?:\\PC{0,16}",
        "\\PC{0,20}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|lines| format!("BEGIN:VCALENDAR\n{}\n", lines.join("\n")))
}

proptest! {
    #[test]
    fn any_file_ends_with_an_answer(text in pieces(), other in "\\PC{0,200}") {
        for text in [text, other] {
            let files = MemoryFiles::default().with("calendar/a.ics", &text).with("calendar/b.toml", &text);
            let (blackouts, findings) = read(&files, &settings(), &days());
            let asked = days().end.signed_duration_since(days().start).num_days();
            let events = text.matches("BEGIN:VEVENT").count() as i64;
            prop_assert!(blackouts.len() as i64 <= events * (asked + 4000), "{}", blackouts.len());
            prop_assert!(findings.len() <= 400);
        }
    }
}
