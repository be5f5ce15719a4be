//! The beat at which computing guests are interrupted to be looked at. It rests while no call runs, so that an idle process
//! sleeps.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

/// How often a computing guest is interrupted.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// A thread that beats as long as somebody is [`Running`]; it ends with the last handle.
#[derive(Clone)]
pub(super) struct Pulse(Arc<Shared>);

struct Shared {
    running: AtomicUsize,
    thread: OnceLock<Thread>,
}

/// Keeps the pulse going until it is dropped.
pub(super) struct Running(Pulse);

impl Pulse {
    /// Calls `beat` each [`TICK`] while somebody runs.
    pub(super) fn start(beat: impl Fn() + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared { running: AtomicUsize::new(0), thread: OnceLock::new() });
        let weak = Arc::downgrade(&shared);
        let work = move || {
            while let Some(shared) = weak.upgrade() {
                let is_running = shared.running.load(SeqCst) > 0;
                drop(shared);
                if is_running {
                    beat();
                    thread::sleep(TICK);
                } else {
                    thread::park();
                }
            }
        };
        let handle = thread::Builder::new().name("epoch".into()).spawn(work)?;
        // Nobody else has set it.
        shared.thread.set(handle.thread().clone()).ok();
        Ok(Self(shared))
    }

    /// Begins to run.
    pub(super) fn run(&self) -> Running {
        if self.0.running.fetch_add(1, SeqCst) == 0 {
            self.0.wake();
        }
        Running(self.clone())
    }
}

impl Shared {
    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.wake();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.running.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn it_beats_whenever_somebody_runs_and_ends_with_its_last_handle() {
        let (beat, beats) = channel();
        let pulse = Pulse::start(move || beat.send(()).unwrap_or_default()).unwrap();
        for _ in 0..3 {
            let running = pulse.run();
            let other = pulse.run();
            drop(running);
            beats.recv().unwrap();
            beats.recv().unwrap();
            drop(other);
        }
        drop(pulse);
        // The channel closes when the thread is over: at most the beat that was under way is left.
        assert!(beats.into_iter().count() < 10);
    }
}
