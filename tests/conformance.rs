//! The conformance suite on the connector of this repository, as an author runs it on his own: one test for each check.

use std::path::Path;
use std::process::ExitCode;

use conformance::{Effort, Level, Suite, run_as_tests};
use host_harness::QONTO;
use sandbox::CompileCache;

fn main() -> ExitCode {
    let suite = Suite::of(QONTO, &qonto::KIT).level(Level::Gold);
    let suite = suite.cache(CompileCache::Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")));
    // `harness test --level gold` does the ten thousand histories of the level.
    run_as_tests(&suite.effort(Effort { histories: 200, rows: 2_000 }))
}
