//! SIGTERM and ctrl-c: what is begun is finished, nothing new is begun. A second signal ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::cli::Failure;

/// Whether the run was told to end.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    pub fn listening() -> Result<Self, Failure> {
        let stop = Self::default();
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first signal finds the flag down, and raises it.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop.0))
                .and_then(|_| flag::register(signal, Arc::clone(&stop.0)))
                .map_err(|error| {
                    let message = format!("signals cannot be listened to: {error}");
                    Failure::broken("publish/signals", message, "run it where programs may handle signals")
                })?;
        }
        Ok(stop)
    }

    /// Whether a signal came.
    pub fn told(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
