//! What is in memory stays there, however the program ends: a core dump holds every key, and a panic's message can
//! quote what was being read.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};

/// No core dump, no debugger of another program of this user, and panics that tell where they happened but not what about.
/// What a system refuses, or does not have, is left out: the program is no worse than others then.
pub fn keep_what_is_in_memory() {
    no_core_dump();
    panic::set_hook(Box::new(tell_place));
}

fn no_core_dump() {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).ok();
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).ok();
    }
}

fn tell_place(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    tell!("bug: a panic{place}; its message is kept back, since it may quote a secret");
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        tell!("{trace}");
    } else {
        tell!("  (RUST_BACKTRACE=1 shows the way there)");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn nobody_gets_a_core_dump() {
        super::no_core_dump();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
