//! Runs of `greenlit publish` that die, fail and stand still where it hurts, and what the next ones make of it.
//!
//! ```text
//! cargo test --features failpoints --test faults
//! ```
//!
//! `GREENLIT_RENEW=1` in front of it writes `docs/faults.md` anew.

mod matrix;
mod misbehaviour;
#[path = "../stub/networks.rs"]
mod networks;
#[path = "../it/newsroom.rs"]
mod newsroom;
mod office;
mod races;
#[allow(dead_code, reason = "a toolbox: each story uses some of it")]
#[path = "../it/renewal.rs"]
mod renewal;
mod requests;
mod row;
#[allow(dead_code, reason = "a toolbox: each story uses some of it")]
#[path = "../stub/mod.rs"]
mod stub;
