//! `harness compile-component`, which no person types: this program, started by itself to compile a component.

use std::env;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sandbox::component::LoadError;
use sandbox::{self, ChildCompiler, CompileBounds, Compiler, Metering};

use super::failure::Failure;

/// The hidden command.
pub const COMMAND: &str = "compile-component";

/// What every command compiles with: a child process that has bounds.
pub fn compiler() -> Result<Arc<dyn Compiler>, Failure> {
    let program = env::current_exe().map_err(|error| Failure::failed(format!("cannot find this program: {error}")))?;
    // SAFETY: it is this program, and `serve` is all that it does for this command.
    Ok(Arc::new(Told(unsafe { ChildCompiler::new(program, [COMMAND], CompileBounds::default()) })))
}

/// Bytes of a component for which nobody waits long.
const SMALL: usize = 2 << 20;

/// Tells who waits for a large component what it is that takes so long, and that it does so once.
struct Told(ChildCompiler);

// SAFETY: it gives what the other gave.
unsafe impl Compiler for Told {
    fn compile(&self, wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError> {
        if wasm.len() < SMALL {
            return self.0.compile(wasm, metering);
        }
        let megabytes = wasm.len() / 1_000_000;
        let text = format!("compiling the component of {megabytes} MB; that is done once, and kept");
        if !io::stderr().is_terminal() {
            tell!("{text}");
            return self.0.compile(wasm, metering);
        }
        let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let line = ProgressBar::new_spinner().with_style(style).with_message(text);
        line.enable_steady_tick(Duration::from_millis(120));
        let compiled = self.0.compile(wasm, metering);
        line.finish_and_clear();
        compiled
    }
}

/// The child.
pub fn serve() -> ExitCode {
    match sandbox::serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => Failure::failed(error.to_string()).report(),
    }
}
