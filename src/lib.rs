//! greenlit: social posts as code. Nothing goes out until it's greenlit.
//!
//! The rooms, from the text editor to the network; ARCHITECTURE.md tells the whole story:
//!
//! - [`workspace`]: what is written: posts, settings, roles
//! - [`render`]: post × account → payload and digest
//! - [`rules`]: payload × capability → findings
//! - [`style`]: a post's words × the team's style guide → remarks
//! - [`ci`]: workflow files of forges → findings, and the ones that greenlit writes
//! - [`policy`]: evidence × roles × digest → decision
//! - [`git`]: the only room that opens repositories or runs `git`
//! - [`ledger`]: what the publisher did
//! - [`plan`]: what it would do now
//! - [`notify`]: who is told what, where and when
//! - [`http`]: one server, asked with care
//! - [`forge`]: what the place that hosts the repository knows: reviews, pull requests
//! - [`network`]: one file per network
//! - [`channel`]: one file per channel on which people are told
//! - [`publish`]: claim, send, record
//! - [`view`]: text for people, JSON for programs

pub mod channel;
pub mod ci;
pub mod cli;
mod failpoints;
pub mod forge;
pub mod git;
pub mod http;
pub mod ledger;
pub mod network;
pub mod notify;
pub mod plan;
pub mod policy;
pub mod publish;
pub mod render;
pub mod rules;
pub mod style;
pub mod view;
pub mod workspace;
