//! E5: what comes of answers that are far too large.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::value::RawValue;

use super::stock;
use crate::check::{Finding, Outcome, no_such_case};
use crate::rig::{Fault as Ended, PAGE, Rig, ago};
use crate::subject::Subject;
use crate::walk::premise;
use model::PaymentStatus;
use sandbox::{CallError, Exceeded};
use sim::{Asked, Change, Fault, Movement, On};

/// The answer that is too large for any host.
const ANSWER: usize = 32 << 20;
/// The text that is too long for anybody to read.
const TEXT: usize = 4 << 20;
/// The rows of a page that is too full, at most: fewer where the checks about many are to be short.
const ROWS: u32 = 2_000;
/// One in so many of the rows of the checks about many is in it.
const PART: u32 = 5;

pub(super) async fn big_page(subject: Subject) -> Outcome {
    let answer = big_answer(&subject).await?;
    let page = full_page(&subject).await?;
    let text = long_text(&subject).await?;
    Ok(format!("32 MiB: {answer}; {page}; a text of 4 MiB: {text}"))
}

/// Requests for payments.
fn payments(subject: &Subject) -> On {
    let bank = subject.bank();
    On::matching(move |request| bank.asked(request) == Asked::Payments)
}

async fn big_answer(subject: &Subject) -> Outcome {
    let mut rig = Rig::new(subject, |bank| stock(bank, 1, 2 * PAGE, 0))?.setting("an answer of 32 MiB");
    premise(rig.poll_well().await)?;
    let account = rig.accounts().first().map(|account| account.parent.reference.clone()).unwrap_or_default();
    rig.sim.with(|bank| bank.add(&Movement::on(&account, ago(1))));
    rig.sim.inject(payments(subject).once(), Fault::oversized(ANSWER));
    let seen = tried(&mut rig).await?;
    recovered(&mut rig).await?;
    Ok(seen)
}

/// A row with a long text: read with all others, or refused until the text is shorter.
async fn long_text(subject: &Subject) -> Outcome {
    let mut reference = String::new();
    let mut rig = Rig::new(subject, |bank| {
        stock(bank, 1, 2 * PAGE, 0);
        // One that is open: what is settled changes no more with some providers.
        let account = bank.truth().accounts.into_keys().next().unwrap_or_default();
        let open = bank.statuses().into_iter().find(|status| *status == PaymentStatus::Pending);
        let row = Movement::on(&account, ago(179)).minor(4_711);
        reference = bank.add(&open.map_or(row.clone(), |status| row.status(status)));
    })?
    .setting("a payment with a text of 4 MiB");
    premise(rig.poll_well().await)?;
    if !rig.sim.with(|bank| bank.change(&reference, ago(2), &Change::Label("x".repeat(TEXT)))) {
        return no_such_case("payments with a text that changes");
    }
    let seen = tried(&mut rig).await?;
    if seen == READ {
        rig.expect_payments("after a payment with a text of 4 MiB")?;
    }
    rig.sim.with(|bank| bank.change(&reference, ago(1), &Change::Label("short again".to_owned())));
    recovered(&mut rig).await?;
    Ok(seen)
}

/// One page that holds everything there is.
async fn full_page(subject: &Subject) -> Outcome {
    let rows = gathered(subject).await?;
    let mut rig = Rig::new(subject, |bank| stock(bank, 1, overfull_rows(subject), 0))?
        .setting(format!("a page of {} rows where {PAGE} were asked", rows.len()));
    let count = rows.len();
    let left = AtomicBool::new(true);
    // Once: where every page were the same, paging would not advance, which is P3's to provoke.
    let overfull = Fault::change_body(move |body| match with_rows(&body, &rows) {
        Some(full) if left.swap(false, Ordering::Relaxed) => Bytes::from(full),
        _ => body,
    });
    rig.sim.inject(payments(subject), overfull);
    let seen = tried(&mut rig).await?;
    rig.sim.calm();
    // Rows that the first pages held are not asked for again by everybody; what is left takes larger pages.
    rig.page_size = rig.install.manifest.max_page_size.min(subject.bank().largest_page());
    recovered(&mut rig).await?;
    Ok(format!("{count} rows: {seen}"))
}

fn overfull_rows(subject: &Subject) -> u32 {
    (subject.effort().rows / PART).clamp(10 * PAGE, ROWS)
}

/// The rows of all payments in the provider's own spelling, out of its answers to an ordinary poll.
async fn gathered(subject: &Subject) -> Result<Vec<String>, Finding> {
    let mut rig = Rig::new(subject, |bank| stock(bank, 1, overfull_rows(subject), 0))?;
    rig.page_size = rig.install.manifest.max_page_size.min(subject.bank().largest_page());
    let rows: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = rows.clone();
    let keep = Fault::change(move |response| {
        if let Some((_, found)) = rows_in(&response.body) {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            for row in found {
                if !kept.contains(&row) {
                    kept.push(row);
                }
            }
        }
    });
    rig.sim.inject(payments(subject), keep);
    premise(rig.poll_well().await)?;
    let rows = std::mem::take(&mut *rows.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(rows)
}

/// The list of objects in a JSON answer, under its key; none in an answer that has no such list.
fn rows_in(body: &[u8]) -> Option<(Option<String>, Vec<String>)> {
    let list = |text: &str| {
        let rows: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        let rows: Vec<String> = rows.iter().map(|row| row.get().to_owned()).collect();
        rows.iter().all(|row| row.starts_with('{')).then_some(rows)
    };
    let text = std::str::from_utf8(body).ok()?;
    if let Some(rows) = list(text) {
        return Some((None, rows));
    }
    let fields: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    fields.into_iter().find_map(|(key, value)| Some((Some(key), list(value.get())?)))
}

/// An answer with these rows in place of its own; none when it has no row to replace, so that a list that is empty
/// stays so.
fn with_rows(body: &[u8], rows: &[String]) -> Option<String> {
    let (key, own) = rows_in(body)?;
    let list = format!("[{}]", rows.join(","));
    let known = own.iter().all(|row| rows.contains(row));
    if own.is_empty() || !known {
        return None;
    }
    let Some(key) = key else { return Some(list) };
    let mut fields: std::collections::BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).ok()?;
    fields.insert(key, RawValue::from_string(list).ok()?);
    serde_json::to_string(&fields).ok()
}

/// What is said of a poll that is well.
const READ: &str = "read";

/// A poll that may end in an error, but in one that is typed and keeps to memory.
async fn tried(rig: &mut Rig) -> Outcome {
    let poll = rig.poll_payments().await;
    let fault = poll.failed().and_then(|stream| stream.fault.clone());
    match fault {
        None => Ok(READ.to_owned()),
        Some(Ended::Call(CallError::Exceeded(exceeded @ (Exceeded::Response(_) | Exceeded::Copied(_))))) => {
            Ok(format!("stopped ({exceeded})"))
        }
        Some(fault) => match fault.error() {
            Some(error) => Ok(format!("a typed error ({})", crate::rig::case(error))),
            None => Err(rig.failure(format!("{}: {fault}", rig.setting), Vec::new())),
        },
    }
}

/// The provider is well again: the next poll misses nothing.
async fn recovered(rig: &mut Rig) -> Result<(), Finding> {
    rig.sim.calm();
    rig.settle().await?;
    let when = format!("at a provider that is well, after {}", rig.setting);
    rig.expect_payments(&when)
}
