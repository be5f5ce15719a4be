//! The outside of a component: the contract's imports, and HTTP.

use crate::contract::payments::connector::{log, state};
use crate::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use crate::http::{self, Sent};

/// What the host that runs this component gives it.
pub struct Imports;

impl Host for Imports {
    type Sent = Result<Sent, HttpFailure>;

    fn send(&mut self, request: &HttpGet) -> Self::Sent {
        http::send(request)
    }

    fn answer(&mut self, sent: Self::Sent) -> Result<HttpAnswer, HttpFailure> {
        http::answer(&sent?)
    }

    fn state(&mut self) -> Option<Vec<u8>> {
        state::get()
    }

    fn set_state(&mut self, state: Vec<u8>) {
        state::set(&state);
    }

    fn log(&mut self, level: Level, message: &str) {
        log::write(level, message);
    }
}
