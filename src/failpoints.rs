//! Places at which tests make a run die, fail or stand still, in builds with the feature `failpoints`. In all others
//! every question here is answered with a constant, and nothing reads the environment.
//!
//! `GREENLIT_FAILPOINTS` names what happens where, when a run comes there for the first time, for
//! the second (`@2`), or always (`@*`):
//!
//! ```text
//! claim/before-push=fail; send/after-response=kill@2; asking=skip
//! ```
//!
//! - `fail`: the step that comes next fails, or the answer of the one before is lost
//! - `kill`: the run says so on standard error, and waits to be killed
//! - `stand`: the same, and when a line comes on standard input it goes on, more than a lease later
//! - `skip`: a guard is left out, to see that tests notice

pub(crate) use inside::{fails, limit, nap, passed, skips};

#[cfg(not(feature = "failpoints"))]
mod inside {
    use std::time::Duration;

    /// Whether the step here is to fail. A run that is to die here does not come back.
    pub(crate) const fn fails(_step: &str, _point: &str) -> bool {
        false
    }

    /// Whether a guard is left out.
    pub(crate) const fn skips(_guard: &str) -> bool {
        false
    }

    /// A limit of time, which is short where a test waits for it.
    pub(crate) const fn limit(time: Duration) -> Duration {
        time
    }

    /// How long to sleep so that this much time passes.
    pub(crate) const fn nap(time: Duration) -> Duration {
        time
    }

    /// The time that has passed beside what a stopwatch shows.
    pub(crate) const fn passed() -> Duration {
        Duration::ZERO
    }
}

#[cfg(feature = "failpoints")]
mod inside {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{LazyLock, Mutex, PoisonError};
    use std::time::Duration;

    /// No request and no run of git takes longer.
    const LIMIT: Duration = Duration::from_millis(1500);
    /// More than a lease.
    const STAND: Duration = Duration::from_secs(31 * 60);

    /// Milliseconds that nobody slept.
    static PASSED: AtomicU64 = AtomicU64::new(0);
    /// How often each point was come to.
    static TIMES: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
    static PLAN: LazyLock<Vec<Fault>> = LazyLock::new(|| {
        let text = std::env::var("GREENLIT_FAILPOINTS").unwrap_or_default();
        text.split(';').filter_map(Fault::read).collect()
    });

    struct Fault {
        point: String,
        kind: String,
        /// `None`: every time.
        time: Option<usize>,
    }

    impl Fault {
        fn read(text: &str) -> Option<Self> {
            let (point, kind) = text.trim().split_once('=')?;
            let (kind, time) = kind.split_once('@').unwrap_or((kind, "1"));
            let time = if time == "*" { None } else { Some(time.parse().ok()?) };
            Some(Self { point: point.to_owned(), kind: kind.to_owned(), time })
        }
    }

    pub(crate) fn fails(step: &str, point: &str) -> bool {
        let name = format!("{step}/{point}");
        let time = {
            let mut times = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
            let time = times.entry(name.clone()).or_default();
            *time += 1;
            *time
        };
        let is_here = |fault: &&Fault| fault.point == name && fault.time.is_none_or(|wanted| wanted == time);
        match PLAN.iter().find(is_here).map(|fault| fault.kind.as_str()) {
            Some("fail") => true,
            Some("kill" | "stand") => {
                eprintln!("failpoint {name}");
                match std::io::stdin().read_line(&mut String::new()) {
                    Ok(1..) => pass(STAND),
                    // Whoever was to kill it is gone.
                    _ => std::process::abort(),
                }
                false
            }
            _ => false,
        }
    }

    pub(crate) fn skips(guard: &str) -> bool {
        PLAN.iter().any(|fault| fault.point == guard && fault.kind == "skip")
    }

    pub(crate) fn limit(time: Duration) -> Duration {
        time.min(LIMIT)
    }

    pub(crate) fn nap(time: Duration) -> Duration {
        let nap = time / 100;
        pass(time.saturating_sub(nap));
        nap
    }

    pub(crate) fn passed() -> Duration {
        Duration::from_millis(PASSED.load(Ordering::SeqCst))
    }

    fn pass(time: Duration) {
        PASSED.fetch_add(u64::try_from(time.as_millis()).unwrap_or_default(), Ordering::SeqCst);
    }
}
