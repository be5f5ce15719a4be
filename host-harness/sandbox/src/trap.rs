//! The report of a trap, in the order in which an author needs it: what the guest said, where in its own code, and what
//! it was waiting for.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::symbol::readable;
use model::shown::one_line;

/// Frames of the guest's own code that are shown.
const FRAMES: usize = 8;
/// Lines of its output that are shown, the last ones: as long as the stack of an interpreter usually is. And characters of
/// each.
const LINES: (usize, usize) = (20, 300);
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
    /// The last lines that the guest wrote to its standard output and error, less those of the panic: in Python a
    /// traceback, in JavaScript a stack.
    pub wrote: Vec<String>,
    /// The guest's own functions, innermost first, without those of its runtime.
    pub frames: Vec<String>,
    /// The request that was under way.
    pub in_flight: Option<String>,
}

impl TrapReport {
    pub(super) fn new(error: &wasmtime::Error, output: &str, in_flight: Option<String>) -> Self {
        let frames = error.downcast_ref::<WasmBacktrace>().map(own_frames).unwrap_or_default();
        let (wrote, panic) = match panic_text(output) {
            Some((before, text)) => (before, Some(text)),
            None => (output, None),
        };
        Self { reason: panic.unwrap_or_else(|| trap_text(error)), wrote: last_lines(wrote), frames, in_flight }
    }
}

impl fmt::Display for TrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lines are the report's; what the guest said stays within its own.
        f.write_str(&one_line(&self.reason))?;
        for line in &self.wrote {
            write!(f, "\n  it wrote: {}", one_line(line))?;
        }
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

/// A Rust panic is told on standard error: `thread '…' panicked at src/x.rs:1:2:`, the message, and a note. Gives what was
/// written before it as well.
fn panic_text(output: &str) -> Option<(&str, String)> {
    const SIGN: &str = "panicked at ";
    let sign = output.rfind(SIGN)?;
    let (place, message) = output[sign + SIGN.len()..].split_once('\n')?;
    let message: Vec<&str> = message.lines().take_while(|line| !line.starts_with("note: ")).collect();
    let text = cut(&format!("it panicked: {} (at {})", message.join("\n").trim(), place.trim_end_matches(':')));
    let before = output[..sign].rfind('\n').map_or("", |end| &output[..end]);
    Some((before, text))
}

/// The last lines of an output that are not empty, cut where they are long.
fn last_lines(output: &str) -> Vec<String> {
    let (most, long) = LINES;
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(most)..].iter().map(|line| line.chars().take(long).collect()).collect()
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
        assert_eq!(panic_text(output), Some(("about to fail", "it panicked: boom (at src/guest.rs:9:24)".to_owned())));
    }

    #[test]
    fn output_without_a_panic_is_no_reason() {
        assert_eq!(panic_text("all is well\n"), None);
    }

    #[test]
    fn of_a_long_output_the_last_lines_are_shown_and_none_is_endless() {
        let lines: Vec<String> = (0..100).map(|number| format!("{number}{}\n\n", "x".repeat(1_000))).collect();
        let output = lines.concat();
        let lines = last_lines(&output);
        assert_eq!(lines.len(), LINES.0);
        assert!(lines[LINES.0 - 1].starts_with("99x") && lines.iter().all(|line| line.chars().count() == LINES.1));
    }
}
