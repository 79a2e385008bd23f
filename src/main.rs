//! The `greenlit` program: parse, run, return the exit code.

use std::process::ExitCode;

/// Looking at a long history makes many small things: the system's allocator takes a quarter of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    greenlit::cli::main()
}
