//! From rows of the store to fields.
//!
//! Long lists are sorted as ids only and each record is then read on its own, so that `SQLite` never sorts the bytes of
//! all the records to find the first.

use std::borrow::Cow;
use std::io::Write;

use rusqlite::{Connection, OptionalExtension as _, Row, Statement, params};

use super::ExportError;
use super::encode::{Field, Sink, object, time};
use crate::{AccountKind, StoreError, StreamKey, payments, raw};

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

/// The id of an install.
pub(super) fn install(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let id = connection.query_row("SELECT id FROM installs WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    if let Some(id) = id {
        return Ok(id);
    }
    let mut statement = connection.prepare("SELECT name FROM installs ORDER BY name")?;
    let known = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Err(StoreError::NoSuchInstall { install: name.to_owned(), known })
}

pub(super) fn accounts<W: Write>(
    connection: &Connection,
    install: i64,
    kind: AccountKind,
    sink: &mut Sink<W>,
) -> Result<(), ExportError> {
    sink.header(&ACCOUNT)?;
    let mut statement = connection.prepare(
        "SELECT reference, name, asset, created_s, created_n, updated_s, updated_n, metadata, raw, gone_at, \
         replaced_by FROM accounts WHERE install = ?1 AND kind = ?2 ORDER BY reference",
    )?;
    let mut rows = statement.query(params![install, kind.name()])?;
    while let Some(row) = rows.next()? {
        let fields = [
            Field::text(kind.name()),
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
        sink.record(&ACCOUNT, &fields)?;
    }
    Ok(())
}

pub(super) fn balances<W: Write>(connection: &Connection, install: i64, sink: &mut Sink<W>) -> Result<(), ExportError> {
    sink.header(&BALANCE)?;
    let mut statement = connection.prepare(
        "SELECT account, kind, amount, asset, since_s, since_n, label FROM balances b WHERE install = ?1 AND NOT EXISTS \
         (SELECT 1 FROM balances l WHERE l.install = b.install AND l.account = b.account AND l.kind = b.kind \
         AND l.label IS b.label AND l.asset = b.asset \
         AND l.first > b.first) \
         ORDER BY account, kind, label, asset",
    )?;
    let mut rows = statement.query([install])?;
    while let Some(row) = rows.next()? {
        let fields = [
            Field::text("balance"),
            Field::text(text(row, 0)?),
            Field::text(text(row, 1)?),
            Field::optional(optional(row, 6)?),
            Field::text(text(row, 2)?),
            Field::text(text(row, 3)?),
            instant(row, 4)?,
        ];
        sink.record(&BALANCE, &fields)?;
    }
    Ok(())
}

pub(super) fn payments<W: Write>(connection: &Connection, install: i64, sink: &mut Sink<W>) -> Result<(), ExportError> {
    sink.header(&PAYMENT)?;
    let sample = payments::sample(connection, install)?.unwrap_or_default();
    let mut order =
        connection.prepare("SELECT id FROM payments WHERE install = ?1 ORDER BY created_s, created_n, reference")?;
    let mut payment = connection.prepare(
        "SELECT reference, type, status, scheme, amount, asset, created_s, created_n, ifnull(withdrawn_s, updated_s), \
         ifnull(withdrawn_n, updated_n), source, destination, counterparty, metadata, raw, parent, replaced_by, fees, \
         counter, precision, first, seq FROM payments WHERE id = ?1",
    )?;
    let mut history = connection.prepare(
        "SELECT reading, seq, status, amount, ifnull(withdrawn_s, updated_s), ifnull(withdrawn_n, updated_n) \
         FROM adjustments WHERE payment = ?1",
    )?;
    let mut ids = order.query([install])?;
    while let Some(id) = ids.next()? {
        let id: i64 = id.get(0)?;
        let mut rows = payment.query([id])?;
        let Some(row) = rows.next()? else { continue };
        let raw = raw::unpack(row, 14, &sample)?;
        let present = [Field::text(text(row, 2)?), Field::text(text(row, 4)?), instant(row, 8)?];
        let adjustments = adjustments(&mut history, id, (row.get(20)?, row.get(21)?), &present)?;
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
        sink.record(&PAYMENT, &fields)?;
    }
    Ok(())
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

pub(super) fn rejected<W: Write>(connection: &Connection, install: i64, sink: &mut Sink<W>) -> Result<(), ExportError> {
    sink.header(&REJECTED)?;
    let mut order = connection.prepare(
        "SELECT q.id FROM quarantine q JOIN streams s ON s.id = q.stream \
         WHERE s.install = ?1 AND q.resolved_at IS NULL ORDER BY s.task, s.parent, q.id",
    )?;
    let mut rejected = connection.prepare(
        "SELECT s.task, s.parent, q.reference, q.reason, q.raw FROM quarantine q JOIN streams s ON s.id = q.stream \
         WHERE q.id = ?1",
    )?;
    let mut ids = order.query([install])?;
    while let Some(id) = ids.next()? {
        let mut rows = rejected.query([id.get::<_, i64>(0)?])?;
        let Some(row) = rows.next()? else { continue };
        let stream = StreamKey { install: String::new(), task: row.get(0)?, parent: row.get(1)? };
        let fields = [
            Field::text("rejected"),
            Field::Text(Cow::Owned(stream.to_string())),
            Field::optional(optional(row, 2)?),
            Field::text(text(row, 3)?),
            Field::raw(text(row, 4)?),
        ];
        sink.record(&REJECTED, &fields)?;
    }
    Ok(())
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> rusqlite::Result<&'r str> {
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
