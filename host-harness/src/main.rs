//! The `harness` command line: calls the library, and tells people what it said.

// All that is printed goes through `cli/out.rs`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::Arguments::try_parse() {
        Ok(arguments) => cli::main(arguments),
        Err(told) => cli::told(&told),
    }
}
