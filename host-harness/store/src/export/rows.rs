//! From rows of the store to fields.
//!
//! Long lists are sorted as ids only and each record is then read on its own, so that `SQLite` never sorts the bytes of
//! all the records to find the first.

use std::borrow::Cow;
use std::io::Write;

use rusqlite::{Connection, Row, Statement};

use super::ExportError;
use super::encode::{Field, Sink, object, time};
use crate::{StreamKey, payments, raw};

const ACCOUNT: [&str; 10] =
    ["kind", "reference", "name", "defaultAsset", "createdAt", "updatedAt", "goneAt", "replacedBy", "metadata", "raw"];

const BALANCE: [&str; 7] = ["kind", "accountReference", "type", "label", "amount", "asset", "asOf"];

const PAYMENT: [&str; 20] = [
    "kind",
    "reference",
    "parentReference",
    "replacedBy",
    "type",
    "status",
    "scheme",
    "amount",
    "asset",
    "fees",
    "counterAmount",
    "createdAt",
    "createdAtPrecision",
    "updatedAt",
    "sourceAccountReference",
    "destinationAccountReference",
    "counterparty",
    "metadata",
    "raw",
    "adjustments",
];

const ADJUSTMENT: [&str; 3] = ["status", "amount", "updatedAt"];

const REJECTED: [&str; 5] = ["kind", "stream", "reference", "reason", "raw"];

/// A record with its fields, by its id.
pub(super) trait Records {
    /// The names of the fields, in their order.
    const NAMES: &'static [&'static str];

    /// Calls `each` with the fields of a record; not at all where there is none with this id.
    fn record(&mut self, id: i64, each: impl FnOnce(&[Field<'_>]) -> std::io::Result<()>) -> Result<(), ExportError>;

    /// Writes a record into `sink`.
    fn write<W: Write>(&mut self, id: i64, sink: &mut Sink<W>) -> Result<(), ExportError> {
        self.record(id, |fields| sink.record(Self::NAMES, fields))
    }
}

/// Accounts, one's own and others'.
pub(super) struct Accounts<'c>(Statement<'c>);

impl<'c> Accounts<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, ExportError> {
        Ok(Self(connection.prepare(
            "SELECT reference, name, asset, created_s, created_n, updated_s, updated_n, metadata, raw, gone_at, \
             replaced_by, kind FROM accounts WHERE id = ?1",
        )?))
    }
}

impl Records for Accounts<'_> {
    const NAMES: &'static [&'static str] = &ACCOUNT;

    fn record(&mut self, id: i64, each: impl FnOnce(&[Field<'_>]) -> std::io::Result<()>) -> Result<(), ExportError> {
        let mut rows = self.0.query([id])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let fields = [
            Field::text(text(row, 11)?),
            Field::text(text(row, 0)?),
            Field::optional(optional(row, 1)?),
            Field::optional(optional(row, 2)?),
            instant(row, 3)?,
            instant(row, 5)?,
            Field::optional(optional(row, 9)?),
            Field::optional(optional(row, 10)?),
            Field::Json(Cow::Borrowed(text(row, 7)?)),
            Field::raw(text(row, 8)?),
        ];
        Ok(each(&fields)?)
    }
}

/// Balances.
pub(super) struct Balances<'c>(Statement<'c>);

impl<'c> Balances<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, ExportError> {
        Ok(Self(
            connection
                .prepare("SELECT account, kind, amount, asset, since_s, since_n, label FROM balances WHERE id = ?1")?,
        ))
    }
}

impl Records for Balances<'_> {
    const NAMES: &'static [&'static str] = &BALANCE;

    fn record(&mut self, id: i64, each: impl FnOnce(&[Field<'_>]) -> std::io::Result<()>) -> Result<(), ExportError> {
        let mut rows = self.0.query([id])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let fields = [
            Field::text("balance"),
            Field::text(text(row, 0)?),
            Field::text(text(row, 1)?),
            Field::optional(optional(row, 6)?),
            Field::text(text(row, 2)?),
            Field::text(text(row, 3)?),
            instant(row, 4)?,
        ];
        Ok(each(&fields)?)
    }
}

/// Payments of one install.
pub(super) struct Payments<'c> {
    payment: Statement<'c>,
    history: Statement<'c>,
    sample: String,
}

impl<'c> Payments<'c> {
    pub(super) fn new(connection: &'c Connection, install: i64) -> Result<Self, ExportError> {
        Ok(Self {
            payment: connection.prepare(
                "SELECT reference, type, status, scheme, amount, asset, created_s, created_n, \
                 ifnull(withdrawn_s, updated_s), ifnull(withdrawn_n, updated_n), source, destination, counterparty, \
                 metadata, raw, parent, replaced_by, fees, counter, precision, first, seq FROM payments WHERE id = ?1",
            )?,
            history: connection.prepare(
                "SELECT reading, seq, status, amount, ifnull(withdrawn_s, updated_s), ifnull(withdrawn_n, updated_n) \
                 FROM adjustments WHERE payment = ?1",
            )?,
            sample: payments::sample(connection, install)?.unwrap_or_default(),
        })
    }
}

impl Records for Payments<'_> {
    const NAMES: &'static [&'static str] = &PAYMENT;

    fn record(&mut self, id: i64, each: impl FnOnce(&[Field<'_>]) -> std::io::Result<()>) -> Result<(), ExportError> {
        let mut rows = self.payment.query([id])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let raw = raw::unpack(row, 14, &self.sample)?;
        let present = [Field::text(text(row, 2)?), Field::text(text(row, 4)?), instant(row, 8)?];
        let adjustments = adjustments(&mut self.history, id, (row.get(20)?, row.get(21)?), &present)?;
        let fields = [
            Field::text("payment"),
            Field::text(text(row, 0)?),
            Field::optional(optional(row, 15)?),
            Field::optional(optional(row, 16)?),
            Field::text(text(row, 1)?),
            Field::text(text(row, 2)?),
            Field::text(text(row, 3)?),
            Field::text(text(row, 4)?),
            Field::text(text(row, 5)?),
            Field::Json(Cow::Borrowed(text(row, 17)?)),
            optional(row, 18)?.map_or(Field::Null, |json| Field::Json(Cow::Borrowed(json))),
            instant(row, 6)?,
            Field::text(text(row, 19)?),
            instant(row, 8)?,
            Field::optional(optional(row, 10)?),
            Field::optional(optional(row, 11)?),
            optional(row, 12)?.map_or(Field::Null, |json| Field::Json(Cow::Borrowed(json))),
            Field::Json(Cow::Borrowed(text(row, 13)?)),
            Field::raw(&raw),
            Field::Json(Cow::Owned(adjustments)),
        ];
        Ok(each(&fields)?)
    }
}

/// All versions of a payment, in the order in which calls read them, then in that of their arrival.
fn adjustments(
    history: &mut Statement<'_>,
    payment: i64,
    place: (i64, i64),
    present: &[Field<'_>; 3],
) -> Result<String, ExportError> {
    let mut versions = vec![(place, version(present)?)];
    let mut rows = history.query([payment])?;
    while let Some(row) = rows.next()? {
        let fields = [Field::text(text(row, 2)?), Field::text(text(row, 3)?), instant(row, 4)?];
        versions.push(((row.get(0)?, row.get(1)?), version(&fields)?));
    }
    versions.sort_unstable_by_key(|(place, _)| *place);
    let versions: Vec<String> = versions.into_iter().map(|(_, version)| version).collect();
    Ok(format!("[{}]", versions.join(",")))
}

fn version(fields: &[Field<'_>; 3]) -> std::io::Result<String> {
    let mut json = Vec::new();
    object(&mut json, &ADJUSTMENT, fields)?;
    String::from_utf8(json).map_err(std::io::Error::other)
}

/// Rows that were rejected.
pub(super) struct RejectedRows<'c>(Statement<'c>);

impl<'c> RejectedRows<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, ExportError> {
        Ok(Self(connection.prepare(
            "SELECT s.task, s.parent, q.reference, q.reason, q.raw FROM quarantine q JOIN streams s ON s.id = q.stream \
             WHERE q.id = ?1",
        )?))
    }
}

impl Records for RejectedRows<'_> {
    const NAMES: &'static [&'static str] = &REJECTED;

    fn record(&mut self, id: i64, each: impl FnOnce(&[Field<'_>]) -> std::io::Result<()>) -> Result<(), ExportError> {
        let mut rows = self.0.query([id])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let stream = StreamKey { install: String::new(), task: row.get(0)?, parent: row.get(1)? };
        let fields = [
            Field::text("rejected"),
            Field::Text(Cow::Owned(stream.to_string())),
            Field::optional(optional(row, 2)?),
            Field::text(text(row, 3)?),
            Field::raw(text(row, 4)?),
        ];
        Ok(each(&fields)?)
    }
}

pub(super) fn text<'r>(row: &'r Row<'_>, index: usize) -> rusqlite::Result<&'r str> {
    Ok(row.get_ref(index)?.as_str()?)
}

fn optional<'r>(row: &'r Row<'_>, index: usize) -> rusqlite::Result<Option<&'r str>> {
    Ok(row.get_ref(index)?.as_str_or_null()?)
}

fn instant<'r>(row: &'r Row<'_>, index: usize) -> rusqlite::Result<Field<'r>> {
    let (seconds, nanoseconds): (Option<i64>, Option<u32>) = (row.get(index)?, row.get(index + 1)?);
    Ok(seconds
        .zip(nanoseconds)
        .map_or(Field::Null, |(seconds, nanoseconds)| Field::Text(Cow::Owned(time(seconds, nanoseconds)))))
}
