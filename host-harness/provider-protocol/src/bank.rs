//! The bank of another program under the suite's words.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use model::PaymentStatus;
use outside::transport::{Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sim::{Asked, Bank, Change, Expected, Field, Movement, Odd, Provider, Quirk, Refusal, Truth};

use crate::foreign::Shared;
use crate::http_message::HttpResponse;
use crate::line::Line;
use crate::message::{Call, Hello, Refused};

/// A bank that another program plays.
///
/// Once the program went wrong, every answer is one of an empty bank that is out of order. Nobody takes it for one: see
/// [`Foreign::trouble`](crate::Foreign::trouble).
pub(crate) struct ForeignBank {
    shared: Arc<Shared>,
    hello: Hello,
    /// None once it went wrong.
    line: Mutex<Option<Line>>,
}

impl ForeignBank {
    /// A bank without rows.
    pub(crate) fn new(shared: Arc<Shared>, hello: Hello) -> Self {
        let line = Mutex::new(shared.take());
        let bank = Self { shared, hello, line };
        bank.tell(&Call::Reset);
        bank
    }

    /// One call; none once something went wrong.
    fn ask<T: DeserializeOwned>(&self, call: &Call) -> Option<T> {
        self.ask_for(call, Ok)
    }

    /// One call, of whose answer something is made.
    fn ask_for<T: DeserializeOwned, U>(&self, call: &Call, make: impl FnOnce(T) -> Result<U, String>) -> Option<U> {
        let mut held = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let line = held.as_ref()?;
        let asked = self.shared.ask(line, call);
        match asked.and_then(|answer| make(answer).map_err(|why| self.shared.impossible(line, why))) {
            Ok(value) => Some(value),
            Err(error) => {
                self.shared.blame(error);
                *held = None;
                None
            }
        }
    }

    /// One call of which nothing comes.
    fn tell(&self, call: &Call) {
        _ = self.ask::<Option<Value>>(call);
    }

    /// One call that is answered with yes or no; no such case is no.
    fn whether(&self, call: &Call) -> bool {
        self.ask::<Option<bool>>(call).flatten().unwrap_or_default()
    }

    fn refused(&self, call: &Call) -> Option<Refusal> {
        let made = self.ask_for(call, |refused: Option<Refused>| refused.map(refusal).transpose());
        made.flatten()
    }
}

fn refusal(refused: Refused) -> Result<Refusal, String> {
    let Refused { response, code, request_id } = refused;
    Ok(Refusal { response: response.into_response()?, code, request_id })
}

fn out_of_order(status: StatusCode) -> Response {
    Response { status, headers: HeaderMap::new(), body: Bytes::new() }
}

impl Drop for ForeignBank {
    fn drop(&mut self) {
        if let Some(line) = self.line.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            self.shared.give(line);
        }
    }
}

impl Provider for ForeignBank {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response {
        let call = Call::Answer { request: request.into(), now };
        let answer = self.ask_for(&call, HttpResponse::into_response);
        answer.unwrap_or_else(|| out_of_order(StatusCode::SERVICE_UNAVAILABLE))
    }
}

impl Bank for ForeignBank {
    fn name(&self) -> &str {
        &self.hello.name
    }

    fn config(&self) -> Map<String, Value> {
        self.hello.config.clone()
    }

    fn secrets(&self) -> Vec<String> {
        self.hello.secrets.clone()
    }

    fn largest_page(&self) -> u32 {
        self.hello.largest_page
    }

    fn lag(&self) -> Duration {
        Duration::from_secs(self.hello.lag_seconds)
    }

    fn idle_requests(&self, page_size: u32) -> u32 {
        self.ask(&Call::IdleRequests { page_size }).unwrap_or_default()
    }

    fn statuses(&self) -> Vec<PaymentStatus> {
        self.hello.statuses.clone()
    }

    fn open_account(&mut self, currency: &str) -> String {
        self.ask(&Call::Open { currency: currency.to_owned() }).unwrap_or_default()
    }

    fn set_balance(&mut self, account: &str, booked: &str, available: &str) -> bool {
        let [account, booked, available] = [account, booked, available].map(str::to_owned);
        self.whether(&Call::SetBalance { account, booked, available })
    }

    fn add(&mut self, movement: &Movement) -> String {
        self.ask(&Call::Add { payment: movement.clone() }).unwrap_or_default()
    }

    fn change(&mut self, reference: &str, at: DateTime<Utc>, change: &Change) -> bool {
        self.whether(&Call::Change { reference: reference.to_owned(), at, change: change.clone() })
    }

    fn remove(&mut self, reference: &str) -> bool {
        self.whether(&Call::Remove { reference: reference.to_owned() })
    }

    fn add_counterparty(&mut self, at: DateTime<Utc>) -> Option<String> {
        self.ask::<Option<String>>(&Call::AddCounterparty { at }).flatten()
    }

    fn change_counterparty(&mut self, reference: &str, at: DateTime<Utc>) -> bool {
        self.whether(&Call::ChangeCounterparty { reference: reference.to_owned(), at })
    }

    fn remove_counterparty(&mut self, reference: &str) -> bool {
        self.whether(&Call::RemoveCounterparty { reference: reference.to_owned() })
    }

    fn add_odd(&mut self, account: &str, at: DateTime<Utc>, odd: &Odd) -> Option<Expected> {
        let call = Call::AddOdd { account: account.to_owned(), at, odd: odd.clone() };
        self.ask::<Option<Expected>>(&call).flatten()
    }

    fn fills(&self) -> Vec<Field> {
        self.hello.fills.clone()
    }

    fn truth(&self) -> Truth {
        self.ask(&Call::Truth).unwrap_or_default()
    }

    fn personal(&self) -> Vec<String> {
        self.ask::<Option<Vec<String>>>(&Call::Personal).flatten().unwrap_or_default()
    }

    fn set_quirk(&mut self, quirk: Quirk) -> bool {
        self.whether(&Call::SetQuirk { quirk })
    }

    fn clear_quirks(&mut self) {
        self.tell(&Call::ClearQuirks);
    }

    fn asked(&self, request: &Request) -> Asked {
        self.ask(&Call::Asked { request: request.into() }).unwrap_or(Asked::Other)
    }

    fn dependents(&self, request: &Request) -> BTreeSet<(Asked, String)> {
        self.ask(&Call::Dependents { request: request.into() }).unwrap_or_default()
    }

    fn refusal(&self, status: u16) -> Refusal {
        self.refused(&Call::Refusal { status }).unwrap_or_else(|| {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            Refusal { response: out_of_order(status), code: None, request_id: None }
        })
    }

    fn lapsed(&self) -> Option<Refusal> {
        self.refused(&Call::Lapsed)
    }

    fn dates_balances(&self) -> bool {
        self.hello.dates_balances
    }

    fn replace(&mut self, reference: &str, at: DateTime<Utc>) -> Option<String> {
        self.ask::<Option<String>>(&Call::Replace { reference: reference.to_owned(), at }).flatten()
    }

    fn close_account(&mut self, reference: &str) -> bool {
        self.whether(&Call::CloseAccount { account: reference.to_owned() })
    }

    fn rename_subject(&mut self) {
        self.tell(&Call::RenameSubject);
    }

    fn change_subject(&mut self) -> bool {
        self.whether(&Call::ChangeSubject)
    }
}
