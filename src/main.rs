//! The `greenlit` program: parse, run, return the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    greenlit::cli::main()
}
