//! How values of the contract are spelled in the store, which is how they are spelled when they leave it.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Error, Result, Row};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use model::{BalanceKind, Counterparty, Money, PaymentScheme, PaymentStatus, PaymentType, TimePrecision, Timestamp};

/// The contract's time for an instant.
#[must_use]
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    // A leap second's nanoseconds go beyond what the contract allows.
    Timestamp { seconds: at.timestamp(), nanoseconds: at.timestamp_subsec_nanos().min(999_999_999) }
}

/// A time that sorts.
pub(super) fn order(time: Timestamp) -> (i64, u32) {
    (time.seconds, time.nanoseconds)
}

/// An instant of the host, as text that sorts.
pub(super) fn host_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

/// Reads back what [`host_time`] wrote.
pub(super) fn read_host_time(row: &Row<'_>, index: usize) -> Result<Option<DateTime<Utc>>> {
    let text: Option<String> = row.get(index)?;
    text.map(|text| text.parse().map_err(|error| damaged(index, error))).transpose()
}

/// Reads back a provider's time from two columns.
pub(super) fn read_timestamp(row: &Row<'_>, index: usize) -> Result<Option<Timestamp>> {
    let (seconds, nanoseconds): (Option<i64>, Option<u32>) = (row.get(index)?, row.get(index + 1)?);
    Ok(seconds.zip(nanoseconds).map(|(seconds, nanoseconds)| Timestamp { seconds, nanoseconds }))
}

/// Whether a column holds exactly this text, without a copy of it.
pub(super) fn is_text(row: &Row<'_>, index: usize, value: Option<&str>) -> Result<bool> {
    Ok(match row.get_ref(index)? {
        ValueRef::Null => value.is_none(),
        ValueRef::Text(stored) => value.is_some_and(|value| value.as_bytes() == stored),
        _ => false,
    })
}

struct Pairs<'a>(&'a [(String, String)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

struct OwnedPairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for OwnedPairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = OwnedPairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OwnedPairs, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(OwnedPairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// Metadata as a JSON object in the connector's order. A key given twice stays twice: the parent goes back unchanged.
pub(super) fn metadata_json(pairs: &[(String, String)]) -> Result<String> {
    serde_json::to_string(&Pairs(pairs)).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

/// Reads back what [`metadata_json`] wrote.
pub(super) fn read_metadata(row: &Row<'_>, index: usize) -> Result<Vec<(String, String)>> {
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str::<OwnedPairs>(text).map(|pairs| pairs.0).map_err(|error| damaged(index, error))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CounterpartyView<'a> {
    name: Option<&'a str>,
    account_reference: Option<&'a str>,
    account_number: Option<&'a str>,
    account_number_format: Option<&'a str>,
    bank_identifier: Option<&'a str>,
    bank_identifier_format: Option<&'a str>,
}

/// A counterparty as the JSON object that the export shows.
pub(super) fn counterparty_json(counterparty: Option<&Counterparty>) -> Result<Option<String>> {
    let view = counterparty.map(|party| CounterpartyView {
        name: party.name.as_deref(),
        account_reference: party.account_reference.as_deref(),
        account_number: party.account_number.as_deref(),
        account_number_format: party.account_number_format.as_deref(),
        bank_identifier: party.bank_identifier.as_deref(),
        bank_identifier_format: party.bank_identifier_format.as_deref(),
    });
    view.map(|view| serde_json::to_string(&view).map_err(|error| Error::ToSqlConversionFailure(error.into())))
        .transpose()
}

#[derive(Serialize)]
struct MoneyView<'a> {
    amount: &'a str,
    asset: &'a str,
}

impl<'a> MoneyView<'a> {
    fn of(money: &'a Money) -> Self {
        Self { amount: &money.amount, asset: &money.asset }
    }
}

/// An amount as the JSON object that the export shows.
pub(super) fn money_json(money: &Money) -> Result<String> {
    serde_json::to_string(&MoneyView::of(money)).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

/// Fees as the JSON list that the export shows.
pub(super) fn fees_json(fees: &[Money]) -> Result<String> {
    let fees: Vec<MoneyView<'_>> = fees.iter().map(MoneyView::of).collect();
    serde_json::to_string(&fees).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

/// The word for how exactly a time is known: `DAY`.
pub(super) fn time_precision_name(precision: TimePrecision) -> &'static str {
    match precision {
        TimePrecision::Instant => "INSTANT",
        TimePrecision::Day => "DAY",
    }
}

fn damaged(index: usize, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
}

/// The word for a kind of balance: `BOOKED`.
#[must_use]
pub fn balance_kind_name(kind: BalanceKind) -> &'static str {
    match kind {
        BalanceKind::Booked => "BOOKED",
        BalanceKind::Available => "AVAILABLE",
        BalanceKind::Pending => "PENDING",
        BalanceKind::Reserved => "RESERVED",
        BalanceKind::Other => "OTHER",
    }
}

/// The word for a type of payment: `PAY-IN`.
#[must_use]
pub fn payment_type_name(payment_type: PaymentType) -> &'static str {
    match payment_type {
        PaymentType::PayIn => "PAY-IN",
        PaymentType::Payout => "PAYOUT",
        PaymentType::Transfer => "TRANSFER",
        PaymentType::Conversion => "CONVERSION",
        PaymentType::Other => "OTHER",
    }
}

/// The word for a status of a payment: `REFUNDED_FAILURE`.
#[must_use]
pub fn payment_status_name(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "PENDING",
        PaymentStatus::Succeeded => "SUCCEEDED",
        PaymentStatus::Cancelled => "CANCELLED",
        PaymentStatus::Failed => "FAILED",
        PaymentStatus::Expired => "EXPIRED",
        PaymentStatus::Refunded => "REFUNDED",
        PaymentStatus::RefundedFailure => "REFUNDED_FAILURE",
        PaymentStatus::RefundReversed => "REFUND_REVERSED",
        PaymentStatus::Dispute => "DISPUTE",
        PaymentStatus::DisputeWon => "DISPUTE_WON",
        PaymentStatus::DisputeLost => "DISPUTE_LOST",
        PaymentStatus::AmountAdjustment => "AMOUNT_ADJUSTMENT",
        PaymentStatus::Authorisation => "AUTHORISATION",
        PaymentStatus::Capture => "CAPTURE",
        PaymentStatus::CaptureFailed => "CAPTURE_FAILED",
        PaymentStatus::Other => "OTHER",
        PaymentStatus::Unknown => "UNKNOWN",
    }
}

/// The word for the rail of a payment: `SEPA_CREDIT`.
#[must_use]
pub fn payment_scheme_name(scheme: PaymentScheme) -> &'static str {
    match scheme {
        PaymentScheme::Card => "CARD",
        PaymentScheme::CardVisa => "CARD_VISA",
        PaymentScheme::CardMastercard => "CARD_MASTERCARD",
        PaymentScheme::CardAmex => "CARD_AMEX",
        PaymentScheme::CardDiners => "CARD_DINERS",
        PaymentScheme::CardDiscover => "CARD_DISCOVER",
        PaymentScheme::CardJcb => "CARD_JCB",
        PaymentScheme::CardUnionPay => "CARD_UNION_PAY",
        PaymentScheme::Sepa => "SEPA",
        PaymentScheme::SepaCredit => "SEPA_CREDIT",
        PaymentScheme::SepaCreditInstant => "SEPA_CREDIT_INSTANT",
        PaymentScheme::SepaDebit => "SEPA_DEBIT",
        PaymentScheme::Swift => "SWIFT",
        PaymentScheme::Ach => "ACH",
        PaymentScheme::AchDebit => "ACH_DEBIT",
        PaymentScheme::Rtp => "RTP",
        PaymentScheme::A2a => "A2A",
        PaymentScheme::Cheque => "CHEQUE",
        PaymentScheme::GooglePay => "GOOGLE_PAY",
        PaymentScheme::ApplePay => "APPLE_PAY",
        PaymentScheme::Internal => "INTERNAL",
        PaymentScheme::Other => "OTHER",
        PaymentScheme::Unknown => "UNKNOWN",
    }
}
