//! greenlit against real servers on this machine: the AT Protocol's reference server, and one with Mastodon's API.
//!
//! ```text
//! tests/live/install
//! cargo test --features live --test live
//! ```

mod bluesky;
mod desk;
mod mastodon;
mod servers;
