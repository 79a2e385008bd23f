//! greenlit against real servers on this machine: the AT Protocol's reference server, and one with Mastodon's API.
//!
//! ```text
//! bash tests/live/install
//! cargo test --features live --test live
//! ```

mod bluesky;
mod desk;
mod mastodon;
#[path = "../it/newsroom.rs"]
mod newsroom;
mod office;
mod road;
mod servers;
