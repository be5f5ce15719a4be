//! `harness compile-component`, which no person types: this program, started by itself to compile a component.

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use sandbox::{self, ChildCompiler, CompileBounds, Compiler};

use super::failure::Failure;

/// The hidden command.
pub const COMMAND: &str = "compile-component";

/// What every command compiles with: a child process that has bounds.
pub fn compiler() -> Result<Arc<dyn Compiler>, Failure> {
    let program = env::current_exe().map_err(|error| Failure::failed(format!("cannot find this program: {error}")))?;
    // SAFETY: it is this program, and `serve` is all that it does for this command.
    Ok(Arc::new(unsafe { ChildCompiler::new(program, [COMMAND], CompileBounds::default()) }))
}

/// The child.
pub fn serve() -> ExitCode {
    match sandbox::serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => Failure::failed(error.to_string()).report(),
    }
}
