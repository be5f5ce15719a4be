//! The conformance suite on a second connector, for a bank that is unlike Qonto wherever it can be: one test for each
//! check. What it finds wrong is as likely the suite's as the connector's: the suite knows no bank.

use std::path::Path;
use std::process::ExitCode;

use conformance::{Effort, Level, Suite, run_as_tests};
use lindenbank::Lindenbank;
use sandbox::CompileCache;
use test_components::LINDENBANK;

fn main() -> ExitCode {
    // Silver is what it has to reach. What comes beyond holds as well, and is kept.
    let suite = Suite::new(LINDENBANK, || Box::new(Lindenbank::default())).level(Level::Gold);
    let suite = suite.cache(CompileCache::Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")));
    run_as_tests(&suite.effort(Effort { histories: 200, rows: 2_000 }))
}
