//! What a person reads goes through here, and nothing else prints: whatever a connector or a provider put into a text,
//! a terminal shows it and does not obey it.

use std::fmt::{self, Debug};
use std::io::{self, IsTerminal as _, Write as _};

use host_harness::export::Format;
use host_harness::shown::{Visible, message, one_line, visible};
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::debug_fn;

/// A line of a result. A reader that has seen enough (`| head`) is no error.
pub fn say(text: fmt::Arguments<'_>) {
    say_painted(&visible(&text.to_string()));
}

/// The same, for a text that was made visible before the program put its own colours into it.
pub fn say_painted(text: &str) {
    writeln!(io::stdout(), "{text}").ok();
}

/// A message on standard error.
pub fn tell(text: fmt::Arguments<'_>) {
    writeln!(io::stderr(), "{}", message(&text.to_string())).ok();
}

/// Standard output, for an export. JSON means the same however it is spelt; of CSV, only a terminal gets to see another
/// spelling than the store's.
pub fn results(format: Format) -> Box<dyn io::Write> {
    let out = io::stdout();
    if format == Format::Csv && !out.is_terminal() { Box::new(out) } else { Box::new(Visible::new(out)) }
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
