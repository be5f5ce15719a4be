//! A provider that answers as recorded, and has nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::StatusCode;
use model::PaymentStatus;
use outside::har::{HarError, Told};
use outside::transport::replay::Replay;
use outside::transport::{Request, Response};
use serde_json::{Map, Value};
use sim::{Asked, Bank, Change, Expected, Field, Movement, Odd, Provider, Quirk, Refusal, Truth, respond};

use super::Recording;

/// What a request gets that was not recorded.
const UNKNOWN: &str = r#"{"error":"not in the recording"}"#;

/// A recording under the suite's words. It takes no rows, so that only the checks of the parent module can be made of it.
pub(crate) struct RecordedBank {
    recording: Recording,
    replay: Result<Replay, HarError>,
    /// What was asked and is not in the recording.
    pub(super) missed: Vec<String>,
}

impl RecordedBank {
    pub(super) fn new(recording: Recording) -> Self {
        let replay = recording.replay();
        Self { recording, replay, missed: Vec::new() }
    }

    /// What was recorded, and never asked for.
    pub(super) fn unused(&self) -> Vec<String> {
        self.replay.as_ref().map(Replay::unused).unwrap_or_default()
    }
}

fn json(status: u16, body: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
    respond(status, "application/json", body.to_owned())
}

impl Provider for RecordedBank {
    fn answer(&mut self, request: &Request, _: DateTime<Utc>) -> Response {
        let answer = match &self.replay {
            Ok(replay) => replay.answer(request).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        answer.unwrap_or_else(|why| {
            self.missed.push(why);
            json(404, UNKNOWN)
        })
    }
}

impl Bank for RecordedBank {
    fn name(&self) -> &'static str {
        "a recording"
    }

    fn config(&self) -> Map<String, Value> {
        self.recording.0.config.clone()
    }

    fn secrets(&self) -> Vec<String> {
        self.recording.0.secrets.clone()
    }

    fn told(&self) -> Option<Told> {
        Some(self.recording.0.told)
    }

    fn largest_page(&self) -> u32 {
        self.recording.0.told.page_size
    }

    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    fn idle_requests(&self, _: u32) -> u32 {
        u32::MAX
    }

    fn statuses(&self) -> Vec<PaymentStatus> {
        vec![PaymentStatus::Succeeded]
    }

    fn open_account(&mut self, _: &str) -> String {
        String::new()
    }

    fn set_balance(&mut self, _: &str, _: &str, _: &str) -> bool {
        false
    }

    fn add(&mut self, _: &Movement) -> String {
        String::new()
    }

    fn change(&mut self, _: &str, _: DateTime<Utc>, _: &Change) -> bool {
        false
    }

    fn remove(&mut self, _: &str) -> bool {
        false
    }

    fn add_counterparty(&mut self, _: DateTime<Utc>) -> Option<String> {
        None
    }

    fn change_counterparty(&mut self, _: &str, _: DateTime<Utc>) -> bool {
        false
    }

    fn remove_counterparty(&mut self, _: &str) -> bool {
        false
    }

    fn add_odd(&mut self, _: &str, _: DateTime<Utc>, _: &Odd) -> Option<Expected> {
        None
    }

    fn fills(&self) -> Vec<Field> {
        Vec::new()
    }

    fn truth(&self) -> Truth {
        Truth::default()
    }

    fn personal(&self) -> Vec<String> {
        Vec::new()
    }

    fn set_quirk(&mut self, _: Quirk) -> bool {
        false
    }

    fn clear_quirks(&mut self) {}

    fn asked(&self, _: &Request) -> Asked {
        Asked::Other
    }

    fn dependents(&self, _: &Request) -> BTreeSet<(Asked, String)> {
        BTreeSet::new()
    }

    fn refusal(&self, status: u16) -> Refusal {
        Refusal { response: json(status, r#"{"error":"refused"}"#), code: None, request_id: None }
    }
}
