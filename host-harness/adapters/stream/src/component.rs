//! What the connector imports, and what its caller does.

use std::cell::RefCell;

use crate::Held;
use bindings::exports::payments::adapters::held_stream;
use bindings::exports::payments::connector::{log, state};

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({ world: "payments:adapters/stream-holder", path: ["../../../wit", "../wit"] });
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::default();
}

struct Adapter;

impl held_stream::Guest for Adapter {
    fn open(state: Option<Vec<u8>>) {
        HELD.set(Held::opened(state));
    }

    fn close() -> Result<Option<Vec<u8>>, String> {
        HELD.take().closed()
    }
}

impl state::Guest for Adapter {
    fn get() -> Option<Vec<u8>> {
        HELD.with_borrow(Held::get)
    }

    fn set(value: Vec<u8>) {
        HELD.with_borrow_mut(|held| held.set(value));
    }
}

impl log::Guest for Adapter {
    fn write(level: log::Level, message: String) {
        let level = match level {
            log::Level::Debug => "debug",
            log::Level::Info => "info",
            log::Level::Warn => "warn",
            log::Level::Error => "error",
        };
        eprintln!("{level} {message:?}");
    }
}

bindings::export!(Adapter with_types_in bindings);
