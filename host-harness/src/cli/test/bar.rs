//! How far a run is, on a terminal.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use conformance::{Check, Checked, Observer};
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, with the checks that are running; nothing where that is no terminal.
pub struct Bar {
    bar: Option<ProgressBar>,
    running: Mutex<BTreeMap<&'static str, &'static str>>,
}

impl Bar {
    pub fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {wide_msg}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, running: Mutex::default() }
    }

    /// Takes it away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Does what would write over it.
    pub fn suspend(&self, say: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Shows what runs after `change`.
    fn show(&self, change: impl FnOnce(&mut BTreeMap<&'static str, &'static str>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        if let Some(bar) = &self.bar {
            bar.set_message(running.iter().map(|(id, title)| format!("{id} {title}")).collect::<Vec<_>>().join(", "));
        }
    }
}

impl Observer for Bar {
    fn begin(&self, checks: &[&'static Check]) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::try_from(checks.len()).unwrap_or_default());
            bar.enable_steady_tick(Duration::from_millis(120));
        }
    }

    fn started(&self, check: &'static Check) {
        self.show(|running| _ = running.insert(check.id, check.title));
    }

    fn checked(&self, checked: &Checked) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        self.show(|running| _ = running.remove(checked.id));
    }
}
