//! greenlit against real servers on this machine, the AT Protocol's reference server, one with Mastodon's API, Synapse and a mail
//! server; its mails, pages, feeds and workflow files against strangers' parsers and linters; and what it asks forges and posts to chats
//! against the descriptions and types that these publish.
//!
//! ```text
//! bash tests/live/install
//! cargo test --features live --test live
//! ```

mod bluesky;
mod chat;
mod crash;
mod desk;
mod drift;
mod forges;
mod gate;
#[allow(dead_code, reason = "other stories use the rest")]
#[path = "../it/hub.rs"]
mod hub;
mod mail;
mod mastodon;
mod matrix;
#[path = "../it/mentions.rs"]
mod mentions;
#[path = "../it/newsroom.rs"]
mod newsroom;
mod office;
mod retract;
#[allow(dead_code, reason = "other stories use the rest")]
#[path = "../it/review.rs"]
mod review;
#[path = "../it/reviews.rs"]
mod reviews;
#[path = "../it/reviews_before_the_merge.rs"]
mod reviews_before_the_merge;
mod road;
mod secrets;
mod servers;
mod site;
#[allow(dead_code, reason = "a toolbox: each story uses some of it")]
#[path = "../stub/mod.rs"]
mod stub;
mod workflows;

// The stories of `tests/it` find GitHub behind its description.
use forges::proxy as forge;
