//! How long the files of one part may take, so that the part is out, or surely is not, while its claim lasts.
//!
//! [`LONGEST_SEND`](crate::network::LONGEST_SEND) is what a part may take in all: [`BEGIN`], then the last upload's own time
//! ([`longest`]), a login and the post itself.

use std::time::{Duration, Instant};

/// No upload of a part is begun later than this after the first.
const BEGIN: Duration = Duration::from_secs(60);
/// The server's work on uploads is waited for so long after the first was begun.
const WORK: Duration = Duration::from_secs(13 * 60);
/// No upload takes longer: 300 MB over a slow line.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The clock of one part's uploads.
pub(crate) struct Uploads(Instant);

impl Uploads {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Whether another upload may begin.
    pub fn may_begin(&self) -> bool {
        self.0.elapsed() <= BEGIN
    }

    /// Whether the server may still be waited for.
    pub fn may_wait(&self) -> bool {
        self.0.elapsed() <= WORK
    }
}

/// How long a file of so many bytes may take: a minute, and a second for every 100 kB.
pub(super) fn longest(bytes: u64) -> Duration {
    Duration::from_secs(60 + bytes / 100_000).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::LONGEST_SEND;

    #[test]
    fn a_part_is_done_while_its_claim_lasts() {
        let request = crate::http::Limits::default().total;
        assert!(BEGIN + longest(u64::MAX) + request + request <= LONGEST_SEND);
        assert!(WORK + request + request <= LONGEST_SEND);
        assert_eq!(longest(2_000_000), Duration::from_secs(80));
        let uploads = Uploads::start();
        assert!(uploads.may_begin() && uploads.may_wait());
    }
}
