//! The same run again and again: until the last minute of a window, or until it is told to end. A round fetches and reads
//! everything anew and decides from that alone: between rounds nothing is kept but what is for showing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::{Exit, Failure};
use crate::publish::Clock;

/// How long it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As long as something falls due within this time from the beginning.
    Within(Duration),
    /// For good, looking at least so often.
    Watch(Duration),
}

/// What one round came to.
#[derive(Debug)]
pub struct Round {
    /// How a run that ended here would end.
    pub exit: Exit,
    /// When the next approved delivery falls due.
    pub next: Option<DateTime<Utc>>,
}

/// What happens between rounds.
#[derive(Debug)]
pub enum Between<'a> {
    /// Nothing is to be done before this.
    Waits(DateTime<Utc>),
    /// A round could not be made, as the one before it could.
    Away(&'a Failure),
    /// A round could be made again.
    Back,
    /// It was told to end.
    Stopped,
}

/// What a round may fail of and the next one may not: the remote is away, others push, people have not decided yet or
/// have to correct a file. Whatever speaks of broken trust ends everything.
const PASSES: [&str; 7] = [
    "git/failed",
    "git/slow",
    "ledger/git",
    "publish/raced",
    "publish/policy",
    "workspace/broken",
    "workspace/trusted",
];

/// The shortest and the longest pause before a round that follows one that failed.
const PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(60)];

/// Makes rounds.
///
/// # Errors
/// When the first round fails, or a later one for a reason that does not pass; within a window also when the last one
/// failed.
pub fn rounds(
    mode: Mode,
    clock: &dyn Clock,
    round: &mut dyn FnMut(DateTime<Utc>) -> Result<Round, Failure>,
    tell: &mut dyn FnMut(Between<'_>),
) -> Result<Exit, Failure> {
    let began = clock.now();
    let mut worst = Exit::Fine;
    let mut failed = 0;
    let mut troubled = 0;
    let mut told = None;
    let mut first = true;
    loop {
        let now = clock.now();
        let next = match round(now) {
            Ok(Round { exit, next }) => {
                if failed > 0 {
                    tell(Between::Back);
                }
                (failed, told) = (0, None);
                worst = worst.max(exit);
                troubled = if exit == Exit::Delivery { troubled + 1 } else { 0 };
                let next = mode.after(troubled).next(began, now, next);
                if let (Mode::Within(_), Some(at)) = (mode, next) {
                    tell(Between::Waits(at));
                }
                next
            }
            // Ctrl-C reaches git as well, where it shares the terminal.
            Err(failure) if clock.stopped() && passes(&failure) => None,
            Err(failure) if !first && passes(&failure) => {
                let words = failure.to_string();
                if told.as_ref() != Some(&words) {
                    tell(Between::Away(&failure));
                    told = Some(words);
                }
                let [shortest, longest] = PAUSES;
                let pause = shortest.saturating_mul(1 << failed.min(4)).min(longest);
                failed += 1;
                match mode.next(began, now, later(now, pause)) {
                    Some(at) => Some(at),
                    None => return Err(failure),
                }
            }
            Err(failure) => return Err(failure),
        };
        first = false;
        let Some(next) = next.filter(|_| !clock.stopped()) else {
            if clock.stopped() {
                tell(Between::Stopped);
            }
            return Ok(if matches!(mode, Mode::Watch(_)) { Exit::Fine } else { worst });
        };
        // Never at once: whatever a round leaves undone does not make the next ones run hot.
        let pause = (next - clock.now()).to_std().unwrap_or_default().max(Duration::from_secs(1));
        if !clock.rest(pause) {
            tell(Between::Stopped);
            return Ok(if matches!(mode, Mode::Watch(_)) { Exit::Fine } else { worst });
        }
    }
}

impl Mode {
    /// After so many rounds in a row in which a network did not take what it was to take, it is asked less often: each
    /// try is a claim on the ledger. What falls due is tried on time all the same.
    fn after(self, troubled: u32) -> Self {
        const SELDOM: Duration = Duration::from_secs(15 * 60);
        match self {
            Mode::Watch(every) => Mode::Watch(every.saturating_mul(1 << troubled.min(10)).min(SELDOM.max(every))),
            Mode::Within(_) => self,
        }
    }

    /// When the next round is, where there is one.
    fn next(self, began: DateTime<Utc>, now: DateTime<Utc>, due: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        match self {
            Mode::Within(window) => due.filter(|due| later(began, window).is_none_or(|end| *due <= end)),
            Mode::Watch(every) => due.into_iter().chain(later(now, every)).min(),
        }
    }
}

/// `None` where no date can hold it.
fn later(now: DateTime<Utc>, time: Duration) -> Option<DateTime<Utc>> {
    now.checked_add_signed(TimeDelta::from_std(time).ok()?)
}

fn passes(failure: &Failure) -> bool {
    failure.code().is_some_and(|code| PASSES.contains(&code.as_str()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A clock that moves only when somebody rests, and tells to stop when it shows a certain time.
    struct Hands {
        now: Mutex<DateTime<Utc>>,
        stops_at: Option<DateTime<Utc>>,
    }

    impl Clock for Hands {
        fn now(&self) -> DateTime<Utc> {
            *self.now.lock().unwrap()
        }

        fn wait(&self, time: Duration) {
            *self.now.lock().unwrap() += time;
        }

        fn stopped(&self) -> bool {
            self.stops_at.is_some_and(|at| self.now() >= at)
        }
    }

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-12-01T{time}Z").parse().unwrap()
    }

    /// Makes rounds from nine o'clock on; when each was, what was told, and how it ended.
    fn story(
        mode: Mode,
        stops_at: Option<&str>,
        mut round: impl FnMut(DateTime<Utc>) -> Result<Round, Failure>,
    ) -> (Vec<String>, Vec<String>, Result<Exit, String>) {
        let clock = Hands { now: Mutex::new(at("09:00:00")), stops_at: stops_at.map(at) };
        let (mut times, mut told) = (Vec::new(), Vec::new());
        let ended = rounds(
            mode,
            &clock,
            &mut |now| {
                times.push(now.format("%H:%M:%S").to_string());
                assert!(times.len() < 100, "it runs hot");
                round(now)
            },
            &mut |between| {
                told.push(match between {
                    Between::Waits(at) => format!("waits {}", at.format("%H:%M")),
                    Between::Away(failure) => format!("away: {failure}"),
                    Between::Back => "back".to_owned(),
                    Between::Stopped => "stopped".to_owned(),
                });
            },
        );
        (times, told, ended.map_err(|failure| failure.to_string()))
    }

    /// What is due of these after a time.
    fn due(now: DateTime<Utc>, times: &[&str]) -> Option<DateTime<Utc>> {
        times.iter().map(|time| at(time)).find(|due| *due > now)
    }

    fn fine(next: Option<DateTime<Utc>>) -> Result<Round, Failure> {
        Ok(Round { exit: Exit::Fine, next })
    }

    fn away() -> Failure {
        Failure::broken("git/failed", "no route to host", "")
    }

    const TWENTY: Mode = Mode::Within(Duration::from_secs(20 * 60));
    const MINUTE: Mode = Mode::Watch(Duration::from_secs(60));

    #[test]
    fn within_a_window_each_due_minute_is_hit_and_nothing_after_it_is_waited_for() {
        let dues = ["09:07:00", "09:15:30", "09:20:00", "09:21:00"];
        let (times, told, ended) = story(TWENTY, None, |now| fine(due(now, &dues)));
        assert_eq!(times, ["09:00:00", "09:07:00", "09:15:30", "09:20:00"]);
        assert_eq!(told, ["waits 09:07", "waits 09:15", "waits 09:20"]);
        assert_eq!(ended, Ok(Exit::Fine));
        let (times, told, _) = story(TWENTY, None, |_| fine(None));
        assert_eq!((times.len(), told.len()), (1, 0), "with nothing to wait for it is a run as every other");
    }

    /// What jobs send that cron is to start every quarter of an hour, and starts so many minutes late, one after the other:
    /// for each due time those at which it was sent.
    fn sent_by_slow_cron(window: Duration, dues: &[DateTime<Utc>]) -> Vec<Vec<DateTime<Utc>>> {
        const LATE: [i64; 9] = [4, 11, 0, 14, 2, 14, 7, 13, 1];
        let clock = Hands { now: Mutex::new(at("09:00:00")), stops_at: None };
        let mut sent = vec![Vec::new(); dues.len()];
        for (quarter, late) in (0..).zip(LATE) {
            let begins = at("09:00:00") + TimeDelta::minutes(15 * quarter + late);
            clock.wait((begins - clock.now()).to_std().unwrap_or_default());
            let mut round = |now| {
                for (_, sent) in dues.iter().zip(&mut sent).filter(|(due, sent)| **due <= now && sent.is_empty()) {
                    sent.push(clock.now());
                    clock.wait(Duration::from_secs(3));
                }
                fine(dues.iter().copied().find(|due| *due > now))
            };
            rounds(Mode::Within(window), &clock, &mut round, &mut |_| {}).unwrap();
        }
        sent
    }

    #[test]
    fn jobs_that_cron_starts_late_send_each_delivery_in_its_minute_and_once() {
        let minutes = [5, 6, 18, 19, 27, 33, 44, 45, 46, 59, 60, 61, 74, 90, 100, 101, 119];
        let dues: Vec<_> = minutes.map(|minute| at("09:00:00") + TimeDelta::minutes(minute)).into();
        let in_time = |window: u64| {
            let sent = sent_by_slow_cron(Duration::from_secs(60 * window), &dues);
            assert!(sent.iter().all(|times| times.len() == 1), "each once: {sent:?}");
            let late = |(due, times): (&DateTime<Utc>, &Vec<DateTime<Utc>>)| times[0] - due;
            let lates: Vec<TimeDelta> = dues.iter().zip(&sent).map(late).collect();
            assert!(lates.iter().all(|late| *late >= TimeDelta::zero()), "none early: {sent:?}");
            lates.iter().filter(|late| **late < TimeDelta::minutes(1)).count()
        };
        // A quarter of an hour, and as much as cron is late.
        assert_eq!(in_time(30), dues.len());
        assert!(in_time(1) < dues.len() / 2, "jobs that do not stay are late");
    }

    #[test]
    fn of_a_window_the_worst_round_counts() {
        let (_, _, ended) = story(TWENTY, None, |now| {
            let exit = if now == at("09:07:00") { Exit::Delivery } else { Exit::Fine };
            Ok(Round { exit, next: due(now, &["09:07:00", "09:15:00"]) })
        });
        assert_eq!(ended, Ok(Exit::Delivery));
    }

    #[test]
    fn a_watch_looks_every_minute_and_at_each_due_time() {
        let (times, told, ended) = story(MINUTE, Some("09:03:00"), |now| fine(due(now, &["09:01:20"])));
        assert_eq!(times, ["09:00:00", "09:01:00", "09:01:20", "09:02:20"]);
        assert_eq!((told, ended), (vec!["stopped".to_owned()], Ok(Exit::Fine)));
    }

    #[test]
    fn a_remote_that_is_away_is_told_once_and_when_it_is_back() {
        let (times, told, ended) = story(MINUTE, Some("09:06:00"), |now| match now {
            now if now > at("09:00:30") && now < at("09:03:00") => Err(away()),
            _ => fine(None),
        });
        let fast = ["09:00:00", "09:01:00", "09:01:05", "09:01:15", "09:01:35", "09:02:15", "09:03:15"];
        assert_eq!(times[..7], fast, "asked again soon, then less often");
        assert_eq!(told, ["away: no route to host", "back", "stopped"]);
        assert_eq!(ended, Ok(Exit::Fine));
    }

    #[test]
    fn while_a_network_takes_nothing_it_is_asked_less_and_less_and_due_times_are_kept() {
        let (times, ..) = story(MINUTE, Some("09:40:00"), |now| {
            let exit = if now < at("09:30:00") { Exit::Delivery } else { Exit::Fine };
            Ok(Round { exit, next: due(now, &["09:07:00"]) })
        });
        let seldom = ["09:00:00", "09:02:00", "09:06:00", "09:07:00", "09:22:00", "09:37:00", "09:38:00", "09:39:00"];
        assert_eq!(times, seldom);
    }

    #[test]
    fn what_does_not_pass_ends_it_and_so_does_a_first_round_that_fails() {
        let broken = |code| Failure::broken(code, "the ledger was rewritten", "");
        let (times, _, ended) = story(MINUTE, None, |now| match now {
            now if now > at("09:00:30") => Err(broken("ledger/untrusted")),
            _ => fine(None),
        });
        assert_eq!((times.len(), ended), (2, Err("the ledger was rewritten".to_owned())));
        assert_eq!(story(MINUTE, None, |_| Err(away())).2, Err("no route to host".to_owned()));
    }

    #[test]
    fn a_remote_that_stays_away_fails_the_window() {
        let (times, told, ended) = story(TWENTY, None, |now| match now {
            now if now > at("09:00:30") => Err(away()),
            _ => fine(Some(at("09:10:00"))),
        });
        assert_eq!(ended, Err("no route to host".to_owned()));
        assert_eq!(told, ["waits 09:10", "away: no route to host"]);
        assert!(times.last().unwrap().as_str() > "09:18:00", "{times:?}");
    }

    #[test]
    fn told_to_end_in_a_round_it_begins_no_other() {
        let (times, told, ended) = story(MINUTE, Some("09:00:00"), |_| fine(Some(at("09:00:01"))));
        assert_eq!((times.len(), told, ended), (1, vec!["stopped".to_owned()], Ok(Exit::Fine)));
    }

    #[test]
    fn a_due_time_that_does_not_go_away_does_not_run_hot() {
        let (times, ..) = story(MINUTE, Some("09:00:03"), |now| fine(Some(now)));
        assert_eq!(times, ["09:00:00", "09:00:01", "09:00:02"]);
    }
}
