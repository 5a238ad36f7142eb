//! The binary `almanac`. Everything it does lives in the library, where tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run(std::env::args_os())
}
