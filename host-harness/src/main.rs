//! The `harness` command line: calls the library, and tells people what it said.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::main(cli::Arguments::parse())
}
