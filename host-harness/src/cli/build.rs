//! `harness build`: makes the component of a project, and tells what has to be known of it.

use std::path::Path;
use std::process::{Command, ExitCode};

use super::failure::Failure;
use super::{describe, open};

/// What makes the component, in a project that `harness new` wrote.
const SCRIPT: &str = "./build";
/// What it makes.
const COMPONENT: &str = "connector.wasm";

pub async fn build() -> Result<ExitCode, Failure> {
    if !Path::new(SCRIPT).is_file() {
        let text =
            "here is no project: `build` runs the script ./build, which makes connector.wasm; `harness new` writes one";
        return Err(Failure::usage(text));
    }
    let status = Command::new(SCRIPT).status();
    let status = status.map_err(|error| Failure::failed(format!("cannot run {SCRIPT}: {error}")))?;
    if !status.success() {
        return Err(Failure::failed(format!("{SCRIPT} failed ({status}); what it wrote says why")));
    }
    let described = open::component(Some(Path::new(COMPONENT))).await?;
    describe::built(&described, COMPONENT);
    Ok(ExitCode::SUCCESS)
}
