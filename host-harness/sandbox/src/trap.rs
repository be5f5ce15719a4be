//! The report of a trap, in the order in which an author needs it: what the guest said, where in its own code, and what
//! it was waiting for.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::symbol::readable;
use model::shown::one_line;

/// Frames of the guest's own code that are shown.
const FRAMES: usize = 8;
/// Characters that are shown of what a guest, or an error that names what is the guest's, says.
const SHOWN: usize = 4_000;
/// Functions of the runtime and the panic machinery begin with one of these.
const RUNTIME: [&str; 9] =
    ["std::", "core::", "alloc::", "__rust", "rust_", "_rust", "__rustc", "wit_bindgen", "abort"];

/// A guest that stopped in the middle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrapReport {
    /// The panic's text when there is one, else what the processor of the sandbox says.
    pub reason: String,
    /// The guest's own functions, innermost first, without those of its runtime.
    pub frames: Vec<String>,
    /// The request that was under way.
    pub in_flight: Option<String>,
}

impl TrapReport {
    pub(super) fn new(error: &wasmtime::Error, output: &str, in_flight: Option<String>) -> Self {
        let frames = error.downcast_ref::<WasmBacktrace>().map(own_frames).unwrap_or_default();
        Self { reason: panic_text(output).unwrap_or_else(|| trap_text(error)), frames, in_flight }
    }
}

impl fmt::Display for TrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lines are the report's; what the guest said stays within its own.
        f.write_str(&one_line(&self.reason))?;
        for frame in &self.frames {
            write!(f, "\n  in {}", one_line(frame))?;
        }
        if let Some(request) = &self.in_flight {
            write!(f, "\n  while waiting for {}", one_line(request))?;
        }
        Ok(())
    }
}

fn trap_text(error: &wasmtime::Error) -> String {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return trap.to_string();
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return format!("it exited with code {}", exit.0);
    }
    cut(&format!("{error:#}"))
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// A Rust panic is told on standard error: `thread '…' panicked at src/x.rs:1:2:`, the message, and a note.
fn panic_text(output: &str) -> Option<String> {
    let at = output.rfind("panicked at ")? + "panicked at ".len();
    let (place, message) = output[at..].split_once('\n')?;
    let message: Vec<&str> = message.lines().take_while(|line| !line.starts_with("note: ")).collect();
    Some(cut(&format!("it panicked: {} (at {})", message.join("\n").trim(), place.trim_end_matches(':'))))
}

fn own_frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let names = backtrace.frames().iter().filter_map(|frame| frame.func_name());
    let own = names.map(readable).filter(|name| !RUNTIME.iter().any(|prefix| name.starts_with(prefix)));
    own.take(FRAMES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panic_text_comes_without_the_runtimes_note() {
        let output = "about to fail\nthread '<unnamed>' (1) panicked at src/guest.rs:9:24:\nboom\nnote: run with x\n";
        assert_eq!(panic_text(output).as_deref(), Some("it panicked: boom (at src/guest.rs:9:24)"));
    }

    #[test]
    fn output_without_a_panic_is_no_reason() {
        assert_eq!(panic_text("all is well\n"), None);
    }
}
