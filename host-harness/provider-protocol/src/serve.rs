//! The other side: a bank in Rust that answers lines.

use std::io::{self, BufRead, Write};

use serde::Serialize;
use serde_json::{Value, json};
use sim::{Bank, Refusal};

use crate::http_message::{HttpRequest, HttpResponse};
use crate::message::{Call, Hello, PROTOCOL, Refused, Reply};

/// Answers each line of `from` with one line of `to`, until `from` ends. `make` makes a bank without rows.
///
/// # Errors
/// When `from` cannot be read, or `to` written to.
pub fn serve(make: impl Fn() -> Box<dyn Bank>, mut from: impl BufRead, mut to: impl Write) -> io::Result<()> {
    let mut bank = make();
    let mut line = Vec::new();
    loop {
        line.clear();
        from.read_until(b'\n', &mut line)?;
        // Whoever ended in the middle of a line waits for no answer.
        if line.last() != Some(&b'\n') {
            return Ok(());
        }
        let reply = match serde_json::from_slice(&line) {
            Ok(Call::Reset) => {
                bank = make();
                Reply::Ok(Value::Null)
            }
            Ok(call) => answer(&mut *bank, call).map_or_else(Reply::Error, Reply::Ok),
            // What a later version asks.
            Err(_) => Reply::Ok(Value::Null),
        };
        // At once: on a port, the parts of a line would wait for each other.
        let mut answer = serde_json::to_vec(&reply)?;
        answer.push(b'\n');
        to.write_all(&answer)?;
        to.flush()?;
    }
}

fn value(value: impl Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn refused(refusal: Refusal) -> Refused {
    let Refusal { response, code, request_id } = refusal;
    Refused { response: HttpResponse::from(&response), code, request_id }
}

fn hello(bank: &dyn Bank) -> Hello {
    Hello {
        protocol: PROTOCOL,
        name: bank.name().to_owned(),
        config: bank.config(),
        secrets: bank.secrets(),
        largest_page: bank.largest_page(),
        statuses: bank.statuses(),
        fills: bank.fills(),
        lag_seconds: bank.lag().as_secs(),
        dates_balances: bank.dates_balances(),
    }
}

fn answer(bank: &mut dyn Bank, call: Call) -> Result<Value, String> {
    match call {
        Call::Hello { .. } => value(hello(bank)),
        Call::Reset => Ok(Value::Null),
        Call::Answer { request, now } => {
            let request = HttpRequest::into_request(request)?;
            value(HttpResponse::from(&bank.answer(&request, now)))
        }
        Call::Truth => value(bank.truth()),
        Call::Open { currency } => Ok(json!(bank.open_account(&currency))),
        Call::SetBalance { account, booked, available } => Ok(json!(bank.set_balance(&account, &booked, &available))),
        Call::CloseAccount { account } => Ok(json!(bank.close_account(&account))),
        Call::Add { payment } => Ok(json!(bank.add(&payment))),
        Call::Change { reference, at, change } => Ok(json!(bank.change(&reference, at, &change))),
        Call::Remove { reference } => Ok(json!(bank.remove(&reference))),
        Call::Replace { reference, at } => Ok(json!(bank.replace(&reference, at))),
        Call::AddCounterparty { at } => Ok(json!(bank.add_counterparty(at))),
        Call::ChangeCounterparty { reference, at } => Ok(json!(bank.change_counterparty(&reference, at))),
        Call::RemoveCounterparty { reference } => Ok(json!(bank.remove_counterparty(&reference))),
        Call::AddOdd { account, at, odd } => value(bank.add_odd(&account, at, &odd)),
        Call::Personal => Ok(json!(bank.personal())),
        Call::SetQuirk { quirk } => Ok(json!(bank.set_quirk(quirk))),
        Call::ClearQuirks => {
            bank.clear_quirks();
            Ok(Value::Null)
        }
        Call::Asked { request } => value(bank.asked(&request.into_request()?)),
        Call::Dependents { request } => value(bank.dependents(&request.into_request()?)),
        Call::IdleRequests { page_size } => Ok(json!(bank.idle_requests(page_size))),
        Call::Refusal { status } => value(refused(bank.refusal(status))),
        Call::Lapsed => value(bank.lapsed().map(refused)),
        Call::RenameSubject => {
            bank.rename_subject();
            Ok(Value::Null)
        }
        Call::ChangeSubject => Ok(json!(bank.change_subject())),
    }
}
