//! What a person reads goes through here, and nothing else prints: whatever a connector or a provider put into a text,
//! a terminal shows it and does not obey it.

use std::fmt::{self, Debug};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use model::shown::{Visible, message, one_line, visible};
use store::export::Format;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::debug_fn;

use super::failure::Failure;
use super::words::Shape;

/// Why a part of the results is nowhere: the first reason there was.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// A line of a result.
pub fn say(text: fmt::Arguments<'_>) {
    say_painted(&visible(&text.to_string()));
}

/// The same, for a text that was made visible before the program put its own colours into it.
pub fn say_painted(text: &str) {
    note(writeln!(io::stdout(), "{text}"));
}

/// A result that belongs on standard error.
pub fn tell_result(text: fmt::Arguments<'_>) {
    note(writeln!(io::stderr(), "{}", message(&text.to_string())));
}

/// Sees that all results so far were written: what nobody can read was not done. A reader that has seen enough
/// (`| head`) is no error.
pub fn expect_written() -> Result<(), Failure> {
    note(io::stdout().flush());
    match LOST.get() {
        None => Ok(()),
        Some(error) => Err(Failure::failed(format!("the results cannot be written: {error}"))),
    }
}

fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        LOST.set(error).ok();
    }
}

/// A message on standard error.
pub fn tell(text: fmt::Arguments<'_>) {
    writeln!(io::stderr(), "{}", message(&text.to_string())).ok();
}

/// Standard output, for an export. JSON means the same however it is spelt; of anything else, only a terminal gets to see
/// another spelling than the store's.
///
/// # Errors
/// A workbook is nothing for a terminal.
pub fn results(shape: Shape) -> Result<Box<dyn io::Write>, Failure> {
    let out = io::stdout();
    Ok(match shape {
        Shape::Records(Format::Xlsx | Format::Parquet) if out.is_terminal() => {
            return Err(Failure::usage("this is no text: name a file for it, such as -o payments.xlsx".to_owned()));
        }
        Shape::Records(Format::Ndjson | Format::Json) => Box::new(Visible::new(out)),
        _ if out.is_terminal() => Box::new(Visible::new(out)),
        _ => Box::new(out),
    })
}

/// The fields of an event of the log, each event on one line.
pub fn fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    debug_fn(|writer, field, value: &dyn Debug| match field.name() {
        "message" => writer.write_str(&one_line(&format!("{value:?}"))),
        // Where an event of the `log` crate is from; the head of the line says that.
        name if name.starts_with("log.") => Ok(()),
        name => write!(writer, "{name}={}", one_line(&format!("{value:?}"))),
    })
    .delimited(" ")
}
