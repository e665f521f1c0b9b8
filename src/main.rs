//! The command `embsec`.

use embsec::cli;
use embsec::config::Environment;
use std::process::ExitCode;

/// Holds memory steadier than the system's allocator under many small JSON values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read once, here, and handed on as data"
)]
fn main() -> ExitCode {
    let environment: Environment = std::env::vars_os().collect();
    cli::main(std::env::args_os(), environment).into()
}
