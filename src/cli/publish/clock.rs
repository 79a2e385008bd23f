//! What time it is: by this machine, or by `GREENLIT_NOW` and the time that has passed since.

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::stop::Stop;
use crate::cli::Context;
use crate::failpoints;
use crate::publish::Clock;

/// The clock of a program that goes on. Where `GREENLIT_NOW` set its hands, it goes from there as every clock does.
#[derive(Debug, Clone)]
pub struct Wall {
    set: Option<Steady>,
    stop: Stop,
}

/// The clock of one run: it never goes back, because claims run out by it, and where the machine slept, it knows.
#[derive(Debug)]
pub struct Running<'a> {
    wall: &'a Wall,
    steady: Steady,
}

/// A time, and how long ago it was that.
#[derive(Debug, Clone, Copy)]
struct Steady {
    began: DateTime<Utc>,
    since: Instant,
}

impl Steady {
    fn at(began: DateTime<Utc>) -> Self {
        Self { began, since: Instant::now() }
    }

    fn now(self) -> DateTime<Utc> {
        self.began + TimeDelta::from_std(self.since.elapsed() + failpoints::passed()).unwrap_or_default()
    }
}

impl Wall {
    /// The context's clock from now on; waiting ends where it is told to stop.
    pub fn new(context: &Context, stop: Stop) -> Self {
        Self { set: (!context.clock_is_real).then(|| Steady::at(context.now)), stop }
    }

    /// The clock of a run that begins now.
    pub fn run(&self) -> Running<'_> {
        Running { wall: self, steady: Steady::at(self.exact()) }
    }

    fn exact(&self) -> DateTime<Utc> {
        self.set.map_or_else(Utc::now, Steady::now)
    }
}

impl Clock for Wall {
    fn now(&self) -> DateTime<Utc> {
        self.exact().trunc_subsecs(0)
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(failpoints::nap(time));
    }

    fn rest(&self, time: Duration) -> bool {
        /// So soon a signal is noticed.
        const STEP: Duration = Duration::from_millis(100);
        let (time, since) = (failpoints::nap(time), Instant::now());
        while !self.stopped() {
            let left = time.saturating_sub(since.elapsed());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(STEP));
        }
        false
    }

    fn stopped(&self) -> bool {
        self.stop.told()
    }
}

impl Clock for Running<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.steady.now().max(self.wall.exact()).trunc_subsecs(0)
    }

    fn wait(&self, time: Duration) {
        self.wall.wait(time);
    }

    fn rest(&self, time: Duration) -> bool {
        self.wall.rest(time)
    }

    fn stopped(&self) -> bool {
        self.wall.stopped()
    }
}
