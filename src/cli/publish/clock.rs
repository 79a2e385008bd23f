//! The run's clock: the time at which the program began, and what has really passed since.

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::stop::Stop;
use crate::publish::Clock;

/// `GREENLIT_NOW` may have set its hands; from there on it goes as every clock does.
#[derive(Debug)]
pub struct Running {
    began: DateTime<Utc>,
    since: Instant,
    stop: Stop,
}

impl Running {
    /// A clock that shows this now.
    pub fn new(began: DateTime<Utc>, stop: Stop) -> Self {
        Self { began, since: Instant::now(), stop }
    }
}

impl Clock for Running {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        (self.began + passed).trunc_subsecs(0)
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn rest(&self, time: Duration) -> bool {
        /// So soon a signal is noticed.
        const STEP: Duration = Duration::from_millis(100);
        let until = Instant::now() + time;
        while !self.stopped() {
            let left = until.saturating_duration_since(Instant::now());
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
