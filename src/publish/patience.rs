//! How long an account waits for its network, and how often.

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
}

impl<'a> Patience<'a> {
    pub fn new(publisher: &'a Publisher<'a>, account: &'a AccountName, left: Duration) -> Self {
        Self { publisher, account, left, tries: 0 }
    }

    /// Waits until the network may be tried again; `false` where that would take too long.
    pub fn wait(&mut self, retry_at: Option<DateTime<Utc>>, reason: &str) -> bool {
        let clock = self.publisher.clock;
        let pause = PAUSES[self.tries.min(PAUSES.len() - 1)];
        let asked = retry_at.map_or(Duration::ZERO, |at| (at - clock.now()).to_std().unwrap_or(Duration::ZERO));
        let time = pause.max(asked);
        if time > self.left {
            return false;
        }
        self.tries += 1;
        self.left -= time;
        (self.publisher.progress)(Event::Waiting { account: self.account, time, reason });
        clock.rest(time)
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
