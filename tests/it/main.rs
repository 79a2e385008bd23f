//! The integration tests: the built program against temporary repositories. One file per subject.

mod house;
mod init;
mod new;
mod newsroom;
mod preview;
mod reference;
mod renewal;
mod schemas;
