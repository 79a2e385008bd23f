//! The integration tests: the built program against temporary repositories. One file per subject.

mod approvals;
mod cache;
mod calendar;
mod changed;
mod check;
mod ci;
mod codes;
mod count;
mod decisions;
mod demo;
mod drift;
mod fixes;
mod forge;
mod house;
mod hub;
mod init;
mod ledger;
mod new;
mod newsroom;
mod notify;
mod outbox;
mod packaging;
mod plan;
mod preview;
mod prove;
mod publish;
mod readme;
mod reference;
mod remotes;
mod renewal;
mod repeats;
mod resolve;
mod retract;
mod review;
mod reviews;
mod roles;
mod rounds;
mod rules;
mod schemas;
mod status;
#[allow(dead_code, reason = "a toolbox: each suite uses some of it")]
#[path = "../stub/mod.rs"]
mod stub;
mod threats;
mod todo;
mod update;
