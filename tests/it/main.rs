//! The integration tests: the built program against temporary repositories. One file per subject.

mod house;
mod init;
mod newsroom;
mod renewal;
mod schemas;
