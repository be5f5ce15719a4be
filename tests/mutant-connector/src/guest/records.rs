//! Bugs in what becomes of rows: in the records themselves, and in which of them come.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use qonto_connector::codec::Object;
use qonto_connector::contract::exports::payments::connector::connector::{AccountsPage, BalancesPage, PaymentsPage};
use qonto_connector::contract::payments::connector::types::{
    BalanceKind, Error, Payment, PaymentScheme, PaymentStatus, PaymentType, Timestamp,
};
use qonto_connector::errors::malformed;
use qonto_connector::host::{Host as _, HttpGet, Level};
use qonto_connector::imports::Imports;
use qonto_connector::row::Row;
use qonto_connector::{payments, time};

use super::bug;
use super::host::Saboteur;
use crate::mutants::Bug;

/// What the provider names and this connector knows.
const KINDS: [&str; 16] = [
    "card",
    "transfer",
    "income",
    "directdebit",
    "directdebitcollection",
    "directdebithold",
    "recall",
    "swiftincome",
    "check",
    "wallettowallet",
    "billingtransfer",
    "financingincome",
    "financinginstallment",
    "pagopapayment",
    "f24payment",
    "other",
];

pub(super) fn accounts(host: &mut Saboteur, mut page: AccountsPage) -> AccountsPage {
    match bug() {
        Some(Bug::IbanLogged) => {
            for account in &page.items {
                host.log(Level::Info, &format!("read account {:?}", pair(&account.metadata, "iban")));
            }
        }
        Some(Bug::KeyInRecord) => {
            for account in &mut page.items {
                account.metadata.push(("com.qonto.spec/zz_connection".to_owned(), host.key.clone()));
                account.metadata.sort();
            }
        }
        Some(Bug::ClosedAccountsDropped) => {
            page.items.retain(|account| pair(&account.metadata, "status").as_deref() != Some("closed"));
        }
        Some(Bug::UnchangedOmitted) => {
            page.items.retain(|account| {
                let version = format!("{};", short(&account.raw));
                let is_new = !host.extra.contains(&version);
                if is_new {
                    host.extra.push_str(&version);
                }
                is_new
            });
            host.set_state(Vec::new());
        }
        _ => {}
    }
    page
}

pub(super) fn external_accounts(host: &mut Saboteur, mut page: AccountsPage) -> AccountsPage {
    match bug() {
        Some(Bug::RowsWithoutIbanDropped) => page.items.retain(|account| pair(&account.metadata, "iban").is_some()),
        Some(Bug::SameIbanCollapsed) => {
            let mut known = Vec::new();
            page.items.retain(|account| {
                let iban = pair(&account.metadata, "iban");
                let is_new = iban.is_none() || !known.contains(&iban);
                known.push(iban);
                is_new
            });
        }
        Some(Bug::CallsHome) => {
            let request = HttpGet { url: "https://telemetry.example.com/ping".to_owned(), headers: Vec::new() };
            if Imports.get(&request).is_err() {
                host.log(Level::Debug, "no telemetry today");
            }
        }
        _ => {}
    }
    page
}

pub(super) fn balances(mut page: BalancesPage) -> BalancesPage {
    if bug() == Some(Bug::BookedOnly) {
        page.items.retain(|balance| balance.kind == BalanceKind::Booked);
    }
    page
}

pub(super) fn payments(host: &mut Saboteur, mut page: PaymentsPage, parent: &str) -> Result<PaymentsPage, Error> {
    let Some(bug) = bug() else { return Ok(page) };
    refuse(bug, &page)?;
    rescue(bug, &mut page, parent);
    choose(bug, host, &mut page);
    for (place, payment) in page.items.iter_mut().enumerate() {
        if bug == Bug::PlaceIsId {
            payment.reference = format!("payment-{}", place + 1);
        }
        change(bug, host, payment, parent);
    }
    remember(bug, host, &mut page);
    Ok(page)
}

/// One row that fails the page.
fn refuse(bug: Bug, page: &PaymentsPage) -> Result<(), Error> {
    let culprit = match bug {
        Bug::UnknownCurrencyFails => {
            page.rejected.iter().find(|row| row.reason.starts_with("currency")).map(|row| &row.raw)
        }
        Bug::RejectedFails => page.rejected.first().map(|row| &row.raw),
        Bug::UnknownStatusFails => {
            page.items.iter().find(|payment| payment.status == PaymentStatus::Unknown).map(|payment| &payment.raw)
        }
        Bug::UnknownKindFails => {
            page.items.iter().map(|payment| &payment.raw).find(|raw| kind(raw).is_some_and(|kind| !is_known(&kind)))
        }
        Bug::OffsetFails => page.items.iter().map(|payment| &payment.raw).find(|raw| !ends_in_z(raw)),
        Bug::LeapSecondTraps => {
            let has = |raw: &&String| field(raw, "updated_at").is_some_and(|text| text.contains(":60"));
            assert!(page.items.iter().map(|payment| &payment.raw).find(has).is_none(), "second out of range");
            None
        }
        _ => None,
    };
    culprit.map_or(Ok(()), |raw| Err(malformed("/v2/transactions", &format!("cannot map {raw}"))))
}

/// Rows that were rejected for good reason, mapped all the same.
fn rescue(bug: Bug, page: &mut PaymentsPage, parent: &str) {
    let fixed = |raw: &str| -> Option<Vec<(&'static str, Option<String>)>> {
        let row = Row::parse(raw).ok()?;
        Some(match bug {
            Bug::ContradictionIgnored => vec![("amount", None)],
            Bug::NullIsZero => vec![
                ("amount", Some(row.json("amount").unwrap_or("0").to_owned())),
                ("amount_cents", Some(row.json("amount_cents").unwrap_or("0").to_owned())),
                ("currency", Some(row.json("currency").unwrap_or("\"EUR\"").to_owned())),
            ],
            Bug::LocalTimeIsUtc => vec![("updated_at", Some(format!("\"{}Z\"", row.text("updated_at")?)))],
            Bug::NoTimeIsEpoch => vec![("updated_at", Some("\"1970-01-01T00:00:00Z\"".to_owned()))],
            _ => return None,
        })
    };
    let rejected = std::mem::take(&mut page.rejected);
    for row in rejected {
        match fixed(&row.raw).and_then(|changes| remap(&row.raw, &changes, parent)) {
            Some(payment) => page.items.push(payment),
            None => page.rejected.push(row),
        }
    }
}

/// Maps a row as if some of its fields held something else.
fn remap(raw: &str, changes: &[(&'static str, Option<String>)], parent: &str) -> Option<Payment> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(raw).ok()?;
    let mut row = Object::new();
    for (name, value) in &fields {
        if !changes.iter().any(|(changed, _)| changed == name) {
            row = row.json(name, &value.to_string());
        }
    }
    for (name, value) in changes {
        if let Some(value) = value {
            row = row.json(name, value);
        }
    }
    let body = format!("{{\"transactions\":[{}]}}", row.finish());
    let payment = payments::map_page(body.as_bytes(), parent).ok()?.items.pop()?;
    Some(Payment { raw: raw.to_owned(), ..payment })
}

/// Which rows come, and in which order.
fn choose(bug: Bug, host: &mut Saboteur, page: &mut PaymentsPage) {
    match bug {
        Bug::OverfetchTrimmed => page.items.truncate(host.size as usize),
        Bug::BufferOfFifty => page.items.truncate(50),
        Bug::RejectedDropped => page.rejected.clear(),
        Bug::FutureDropped => {
            page.items.retain(|payment| {
                host.now.is_none_or(|now| payment.updated_at.is_none_or(|time| time::millis(time) <= now))
            });
        }
        Bug::UnknownKindDropped => page.items.retain(|payment| kind(&payment.raw).is_none_or(|kind| is_known(&kind))),
        Bug::WithdrawnForgotten => page.withdrawn.clear(),
        Bug::HashOrder => {
            let rows: HashMap<String, Payment> =
                page.items.drain(..).map(|payment| (payment.reference.clone(), payment)).collect();
            page.items = rows.into_values().collect();
        }
        Bug::EditsDropped => {
            // Known by what it is called and where it stands; nothing else of it counts.
            page.items.retain(|payment| {
                let version = format!("{}{:?};", short(&payment.reference), payment.status);
                let is_new = !host.extra.contains(&version);
                if is_new {
                    host.extra.push_str(&version);
                }
                is_new
            });
        }
        Bug::OncePerPoll => page.items.retain(|payment| {
            let version = format!("{};", short(&payment.reference));
            let is_new = !host.extra.contains(&version);
            if is_new {
                host.extra.push_str(&version);
            }
            is_new
        }),
        _ => {}
    }
}

/// One record.
fn change(bug: Bug, host: &mut Saboteur, payment: &mut Payment, parent: &str) {
    let edited = field(&payment.raw, "note").is_some();
    match bug {
        Bug::FloatMoney => payment.amount = float(payment),
        Bug::HundredOfEverything => payment.amount = hundredths(payment),
        Bug::LocalAmountTaken => {
            if field(&payment.raw, "local_currency") != field(&payment.raw, "currency") {
                payment.amount = field(&payment.raw, "local_amount").map_or_else(String::new, |text| cents(&text));
            }
        }
        Bug::DirectionByKind => (payment.payment_type, payment.source_account_reference) = by_kind(payment, parent),
        Bug::NumberIsReference => {
            if let Some(party) = &mut payment.counterparty {
                party.account_reference.clone_from(&party.account_number);
            }
        }
        Bug::RawRewritten => payment.raw = without_blanks(&payment.raw),
        Bug::NewIdOnEdit if edited => payment.reference.push_str("-2"),
        Bug::CardIsId => {
            if let Some(digits) = field(&payment.raw, "card_last_digits") {
                payment.reference = format!("card-{digits}");
            }
        }
        Bug::UpdateIsCreation if edited => payment.updated_at = Some(payment.created_at),
        Bug::FractionLost => {
            payment.updated_at = payment.updated_at.map(|time| Timestamp { nanoseconds: 0, ..time });
        }
        Bug::NullIsText => {
            let nulls = ["note", "reference"].into_iter().filter(|name| field(&payment.raw, name).is_none());
            payment.metadata.extend(nulls.map(|name| (format!("com.qonto.spec/{name}"), "null".to_owned())));
            payment.metadata.sort();
            payment.metadata.dedup_by(|one, other| one.0 == other.0);
        }
        Bug::CaseMatters => {
            let known = |name: &str| name.starts_with(|first: char| first.is_ascii_uppercase());
            if field(&payment.raw, "subject_type").is_none_or(|name| !known(&name)) {
                payment.scheme = PaymentScheme::Unknown;
            }
        }
        Bug::CounterpartyLogged => {
            if let Some(number) = payment.counterparty.as_ref().and_then(|party| party.account_number.as_deref()) {
                host.log(Level::Info, &format!("payment with {number}"));
            }
        }
        Bug::ReadAtInMetadata => {
            let seconds = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
            payment.metadata.push(("com.qonto.spec/zz_read_at".to_owned(), seconds.to_string()));
            payment.metadata.sort();
        }
        Bug::LanguageInMetadata => {
            if let Ok(language) = std::env::var("LANG") {
                payment.metadata.push(("com.qonto.spec/zz_language".to_owned(), language));
                payment.metadata.sort();
            }
        }
        Bug::FirstAccountOnly => {
            for end in [&mut payment.source_account_reference, &mut payment.destination_account_reference] {
                if end.is_some() {
                    *end = Some(parent.to_owned());
                }
            }
        }
        _ => {}
    }
}

/// What is kept in the state besides.
fn remember(bug: Bug, host: &mut Saboteur, page: &mut PaymentsPage) {
    let now = host.now.unwrap_or_default();
    match bug {
        Bug::AmountFrozen => frozen(host, page),
        Bug::PollsCounted if !page.has_more => host.extra = (host.count() + 1).to_string(),
        Bug::RoomInState => host.extra = host.room.to_string(),
        Bug::ClockInState => host.extra = now.to_string(),
        Bug::WatermarkIsNow if !page.has_more => host.extra = now.to_string(),
        Bug::IdsKept => {
            for payment in &page.items {
                // Writing to a string does not fail.
                let _ = write!(host.extra, "{}:{:?}:{:0>80};", payment.reference, payment.status, payment.amount);
            }
        }
        Bug::MemoryPerPage | Bug::WorkPerPage if !page.items.is_empty() => {
            host.extra = (host.count() + page.items.len() as u64).to_string();
        }
        Bug::OncePerPoll if !page.has_more => host.extra.clear(),
        _ => {}
    }
}

/// The amount stays what it was when the payment was pending.
fn frozen(host: &mut Saboteur, page: &mut PaymentsPage) {
    for payment in &mut page.items {
        let key = format!("{}=", short(&payment.reference));
        match host.extra.split(';').find_map(|known| known.strip_prefix(&key)) {
            Some(amount) => payment.amount = amount.to_owned(),
            None if payment.status == PaymentStatus::Pending => {
                // Writing to a string does not fail.
                let _ = write!(host.extra, "{key}{};", payment.amount);
            }
            None => {}
        }
    }
}

/// Enough of an identifier to tell it from others.
fn short(reference: &str) -> String {
    let hash = reference.bytes().fold(5381_u64, |hash, byte| hash.wrapping_mul(33) ^ u64::from(byte));
    format!("{:012x}", hash & 0xffff_ffff_ffff)
}

fn pair(metadata: &[(String, String)], key: &str) -> Option<String> {
    let key = format!("com.qonto.spec/{key}");
    metadata.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
}

fn field(raw: &str, name: &str) -> Option<String> {
    Row::parse(raw).ok()?.scalar(name).map(|text| text.into_owned())
}

fn kind(raw: &str) -> Option<String> {
    let kind = field(raw, "subject_type")?;
    Some(kind.chars().filter(|char| *char != '_').map(|char| char.to_ascii_lowercase()).collect())
}

fn is_known(kind: &str) -> bool {
    KINDS.contains(&kind)
}

fn ends_in_z(raw: &str) -> bool {
    field(raw, "updated_at").is_none_or(|text| text.ends_with('Z'))
}

/// The decimal amount × 10^exponent, in floating point.
#[allow(clippy::cast_possible_truncation, reason = "the bug")]
fn float(payment: &Payment) -> String {
    let decimal: f64 = field(&payment.raw, "amount").and_then(|text| text.parse().ok()).unwrap_or_default();
    let exponent = payment.asset.rsplit('/').next().and_then(|digits| digits.parse().ok()).unwrap_or(2);
    ((decimal * 10_f64.powi(exponent)).round() as i64).to_string()
}

/// Every currency has cents, this one believes.
fn hundredths(payment: &Payment) -> String {
    let (_, exponent) = payment.asset.split_once('/').unwrap_or(("", "2"));
    match exponent.parse::<usize>() {
        Ok(exponent) if exponent < 2 => format!("{}{}", payment.amount, "0".repeat(2 - exponent)),
        Ok(exponent) if payment.amount.len() > exponent - 2 => {
            payment.amount[..payment.amount.len() + 2 - exponent].to_owned()
        }
        _ => "0".to_owned(),
    }
}

/// Hundredths of a decimal number.
fn cents(text: &str) -> String {
    let number: f64 = text.parse().unwrap_or_default();
    format!("{:.0}", number * 100.0)
}

/// Type and source as the kind of operation says, whatever the side.
fn by_kind(payment: &Payment, parent: &str) -> (PaymentType, Option<String>) {
    let payment_type = match kind(&payment.raw).as_deref() {
        Some("income" | "swiftincome" | "directdebitcollection" | "financingincome") => PaymentType::PayIn,
        Some("wallettowallet") => PaymentType::Transfer,
        Some("other") => PaymentType::Other,
        Some(kind) if is_known(kind) => PaymentType::Payout,
        _ => PaymentType::Other,
    };
    (payment_type, Some(parent.to_owned()))
}

/// JSON without the white space between its tokens.
fn without_blanks(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|char| {
            if in_string {
                (in_string, escaped) = (escaped || *char != '"', !escaped && *char == '\\');
                return true;
            }
            in_string = *char == '"';
            !char.is_ascii_whitespace()
        })
        .collect()
}
