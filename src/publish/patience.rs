//! How long an account waits for its network, and how often.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Event, Publisher};
use crate::network::SendError;
use crate::workspace::AccountName;

/// The pauses between tries, in order; the last is repeated.
pub(super) const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// How much longer an account waits for its network.
pub(super) struct Patience<'a> {
    publisher: &'a Publisher<'a>,
    account: &'a AccountName,
    left: Duration,
    tries: usize,
    /// Until when the network asks to be left alone, where that was too long to wait for.
    pub alone_until: Option<DateTime<Utc>>,
}

impl<'a> Patience<'a> {
    pub fn new(publisher: &'a Publisher<'a>, account: &'a AccountName, left: Duration) -> Self {
        Self { publisher, account, left, tries: 0, alone_until: None }
    }

    /// Waits until the network may be tried again, and never less than it asks for; `false` where that would take too
    /// long.
    pub fn wait(&mut self, retry_at: Option<DateTime<Utc>>, reason: &str) -> bool {
        let clock = self.publisher.clock;
        let pause = PAUSES[self.tries.min(PAUSES.len() - 1)];
        let asked = retry_at.map_or(Duration::ZERO, |at| (at - clock.now()).to_std().unwrap_or(Duration::ZERO));
        let least = pause.max(asked);
        if least > self.left {
            self.alone_until = retry_at.max(self.alone_until);
            return false;
        }
        let time = (least + pause.mul_f64(self.share() / 2.0)).min(self.left);
        self.tries += 1;
        self.left -= time;
        (self.publisher.progress)(Event::Waiting { account: self.account, time, reason });
        clock.rest(time)
    }

    /// A part of one, another at each try: those whom a server turned away together do not come back together. The same
    /// for the same run, so that a run can be told again.
    fn share(&self) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.publisher.runner, self.account.as_str(), self.tries).hash(&mut hasher);
        f64::from(u16::try_from(hasher.finish() >> 48).unwrap_or_default()) / f64::from(u16::MAX)
    }

    /// Does something that only reads, again where the network is away or its answer was lost.
    pub fn with<T>(&mut self, mut act: impl FnMut() -> Result<T, SendError>) -> Result<T, SendError> {
        loop {
            let error = match act() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let retry_at = match &error {
                SendError::NotSent { retry_at, .. } => *retry_at,
                SendError::Ambiguous { .. } => None,
                SendError::Refused { .. } | SendError::Credentials { .. } => return Err(error),
            };
            if !self.wait(retry_at, &error.to_string()) {
                return Err(error);
            }
        }
    }
}

/// Why nothing was sent, and until when the network asks to be left alone.
pub(super) fn until(reason: &str, retry_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    match retry_at.filter(|at| *at > now) {
        Some(at) => format!("{reason}; it asks to be left alone until {}", at.format("%Y-%m-%d %H:%M:%S UTC")),
        None => reason.to_owned(),
    }
}
