//! A way to a server that can be shut: in front of a request, or behind it, when it is done and the answer is lost.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::servers::ask;
use super::stub::{Reply, Seen, Stub};

/// Where the gate falls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server never hears of the request.
    Before,
    /// The server does what it was asked, and its answer is lost.
    After,
}

/// The gate, open to begin with.
pub struct Gate {
    stub: Stub,
    trap: Arc<Mutex<Option<Trap>>>,
    fell: Receiver<()>,
}

struct Trap {
    target: &'static str,
    let_through: usize,
    side: Side,
}

impl Gate {
    /// In front of a server.
    pub fn before(server: &str) -> Self {
        let (server, trap) = (server.to_owned(), Arc::new(Mutex::new(None)));
        let (tell, fell) = channel();
        let set = Arc::clone(&trap);
        let stub = Stub::start(move |seen| {
            let side = sprung(&mut set.lock().unwrap(), seen);
            if side != Some(Side::Before) {
                let answer = pass_on(&server, seen);
                if side.is_none() {
                    return answer;
                }
            }
            let _ = tell.send(());
            Reply::Silence
        });
        Self { stub, trap, fell }
    }

    /// What stands in `greenlit.toml`.
    pub fn origin(&self) -> String {
        self.stub.origin()
    }

    /// Shuts it at a POST to a target, after so many of them were let through. From then on all POSTs there are shut out.
    pub fn shut(&self, target: &'static str, let_through: usize, side: Side) {
        *self.trap.lock().unwrap() = Some(Trap { target, let_through, side });
    }

    /// Opens it again.
    pub fn open(&self) {
        *self.trap.lock().unwrap() = None;
    }

    /// Waits until somebody stands in front of it.
    pub fn wait(&self) {
        self.fell.recv_timeout(Duration::from_secs(60)).expect("the program comes as far as this");
    }
}

fn sprung(trap: &mut Option<Trap>, seen: &Seen) -> Option<Side> {
    let trap = trap.as_mut().filter(|trap| seen.method == "POST" && seen.path() == trap.target)?;
    if trap.let_through > 0 {
        trap.let_through -= 1;
        return None;
    }
    Some(trap.side)
}

fn pass_on(server: &str, seen: &Seen) -> Reply {
    let own = |name: &str| ["host", "connection", "transfer-encoding"].contains(&name);
    let headers: Vec<_> = seen.headers.iter().filter(|(name, _)| !own(name)).cloned().collect();
    let answer = ask(server, &seen.method, &seen.target, &headers, &seen.body);
    let headers = vec![("Content-Type".to_owned(), answer.kind)];
    Reply::Answer { status: answer.status, headers, body: answer.body }
}
