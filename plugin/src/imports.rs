//! The outside of a component: the contract's imports, and HTTP.

use crate::contract::payments::connector::{log, state};
use crate::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use crate::http;

/// What the host that runs this component gives it.
pub struct Imports;

impl Host for Imports {
    fn get(&mut self, request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
        http::get(request)
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
