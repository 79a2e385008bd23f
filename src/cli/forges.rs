//! The forge that the repository lies on: found in CI's environment, else by the remote's address.

use std::sync::Arc;

use super::publish::connections::told_of;
use super::{Context, Exit, Failure};
use crate::forge::{Caller, Forge, ForgeError, Place, connect};
use crate::git::Repository;
use crate::http::Trace;
use crate::view::escape;

/// Gets ready to ask it; with `-v` each request is told on standard error.
///
/// # Errors
/// When nothing tells which forge it is, or its address cannot be used.
pub fn of(repository: &Repository, remote: Option<&str>, context: &Context) -> Result<Box<dyn Forge>, ForgeError> {
    let address = remote.and_then(|remote| {
        let asked = repository.program().ask(&["remote", "get-url", remote], None).ok()?;
        asked.success().then(|| asked.line())
    });
    let place = Place::find(|name| std::env::var(name).ok(), address.as_deref())?;
    let caller = Caller {
        now: context.now,
        clock_is_real: context.clock_is_real,
        secrets: Vec::new(),
        trace: (context.verbose > 0).then(|| Arc::new(told_of) as Arc<Trace>),
    };
    connect(place, &caller)
}

/// A forge's error as the end of a command.
pub fn failure(error: &ForgeError) -> Failure {
    Failure::new(Exit::Broken, error.code(), escape(&error.to_string()).into_owned(), error.help())
}
