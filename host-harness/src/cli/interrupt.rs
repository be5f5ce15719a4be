//! What asks the program to end: Ctrl-C, and SIGTERM, which is how service managers and containers say the same.

use std::io;

use outside::stop::Stop;
use tokio::signal;

/// The exit code that shells give a program which Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// That of one which SIGTERM ended.
#[cfg(unix)]
const TERMINATED: i32 = 143;

/// The system does not let the program hear of them.
#[derive(Debug, thiserror::Error)]
#[error("cannot wait for Ctrl-C: {0}")]
pub struct SignalError(#[from] io::Error);

/// Listens from when it is made.
pub struct Interrupts {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Interrupts {
    #[cfg(unix)]
    pub fn listen() -> Result<Self, SignalError> {
        use signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Completes at the next one, with the exit code of a program that it ends at once.
    #[cfg(unix)]
    pub async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPTED,
            _ = self.terminate.recv() => TERMINATED,
        }
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, reason = "as on other systems")]
    pub fn listen() -> Result<Self, SignalError> {
        Ok(Self {})
    }

    /// Completes at the next one, with the exit code of a program that it ends at once.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> i32 {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPTED
    }
}

/// What the first one sets; the second one ends the program at once.
pub fn stop() -> Result<Stop, SignalError> {
    let (stop, mut interrupts) = (Stop::default(), Interrupts::listen()?);
    let asked = stop.clone();
    tokio::spawn(async move {
        interrupts.next().await;
        tell!("stopping after the page in flight; once more (Ctrl-C or SIGTERM) ends at once");
        asked.set();
        std::process::exit(interrupts.next().await);
    });
    Ok(stop)
}
