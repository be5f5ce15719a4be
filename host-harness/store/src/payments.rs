//! Payments: the current version of each, and all its versions as adjustments.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Result, Statement, params};

use super::versions::{Present, Reading};
use super::{Change, codec};
use model::{Payment, PaymentStatus, Timestamp};

/// Writes the payments of one page.
pub(super) struct PaymentWriter<'c> {
    connection: &'c Connection,
    find: Statement<'c>,
    insert: Statement<'c>,
    adjust: Statement<'c>,
    read_again: Statement<'c>,
    install: i64,
    reading: Reading,
    at: String,
}

/// The row a payment is stored in already.
struct Known {
    id: i64,
    present: Present,
    /// Updated, status, amount and raw are those of the current adjustment.
    same_adjustment: bool,
    /// Everything else is as stored.
    same_rest: bool,
}

/// The fields of a payment that the store keeps as one text each.
struct Texts {
    fees: String,
    counter: Option<String>,
    counterparty: Option<String>,
    metadata: String,
}

impl Texts {
    fn of(payment: &Payment) -> Result<Self> {
        Ok(Self {
            fees: codec::fees_json(&payment.fees)?,
            counter: payment.counter_amount.as_ref().map(codec::money_json).transpose()?,
            counterparty: codec::counterparty_json(payment.counterparty.as_ref())?,
            metadata: codec::metadata_json(&payment.metadata)?,
        })
    }
}

impl<'c> PaymentWriter<'c> {
    pub(super) fn new(connection: &'c Connection, install: i64, reading: Reading, at: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            connection,
            find: connection.prepare(
                "SELECT p.id, p.created_s, p.created_n, a.updated_s, a.updated_n, p.type, p.scheme, p.asset, p.source, \
                 p.destination, p.counterparty, p.metadata, a.status, a.amount, a.raw, p.parent, p.precision, p.fees, \
                 p.counter, p.reading, p.ended \
                 FROM payments p JOIN adjustments a ON a.payment = p.id AND a.seq = p.current \
                 WHERE p.install = ?1 AND p.reference = ?2",
            )?,
            insert: connection.prepare(
                "INSERT INTO payments (install, reference, current, parent, created_s, created_n, precision, type, \
                 scheme, asset, fees, counter, source, destination, counterparty, metadata, stream, reading, ended, \
                 changed_at) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
                 ?19)",
            )?,
            adjust: connection.prepare(
                "INSERT INTO adjustments (payment, seq, reading, updated_s, updated_n, status, amount, raw) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            read_again: connection.prepare(
                "UPDATE payments SET stream = ?2, reading = max(reading, ?3), ended = ?4 WHERE id = ?1",
            )?,
            install,
            reading,
            at: codec::host_time(at),
        })
    }

    /// Stores one payment: present when it was read last. What is not becomes part of the history.
    pub(super) fn store(&mut self, payment: &Payment) -> Result<Change> {
        let texts = Texts::of(payment)?;
        let Reading { stream, number, ended, .. } = self.reading;
        let Some(known) = self.find(payment, &texts)? else {
            self.insert.execute(params![
                self.install,
                payment.reference,
                payment.parent_reference,
                payment.created_at.seconds,
                payment.created_at.nanoseconds,
                codec::time_precision_name(payment.created_at_precision),
                codec::payment_type_name(payment.payment_type),
                codec::payment_scheme_name(payment.scheme),
                payment.asset,
                texts.fees,
                texts.counter,
                payment.source_account_reference,
                payment.destination_account_reference,
                texts.counterparty,
                texts.metadata,
                stream,
                number,
                ended,
                self.at,
            ])?;
            self.adjust(self.connection.last_insert_rowid(), 1, payment)?;
            return Ok(Change::Inserted);
        };
        if !self.reading.supersedes(payment.updated_at, known.present) {
            if known.same_adjustment || self.is_adjustment(known.id, payment)? {
                return Ok(Change::Unchanged);
            }
            let seq = self.next_seq(known.id)?;
            self.adjust(known.id, seq, payment)?;
            return Ok(Change::Updated);
        }
        self.read_again.execute(params![known.id, stream, number, ended])?;
        if known.same_adjustment && known.same_rest {
            return Ok(Change::Unchanged);
        }
        let mut seq = None;
        if !known.same_adjustment {
            let next = self.next_seq(known.id)?;
            self.adjust(known.id, next, payment)?;
            seq = Some(next);
        }
        // Where only the rest differs, the provider's object is mapped otherwise: by a newer connector, say.
        self.supersede(known.id, seq, payment, &texts)?;
        Ok(Change::Updated)
    }

    fn find(&mut self, payment: &Payment, texts: &Texts) -> Result<Option<Known>> {
        let mut rows = self.find.query(params![self.install, payment.reference])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let updated = codec::read_timestamp(row, 3)?;
        let same_adjustment = updated == payment.updated_at
            && codec::is_text(row, 12, Some(codec::payment_status_name(payment.status)))?
            && codec::is_text(row, 13, Some(&payment.amount))?
            && codec::is_text(row, 14, Some(&payment.raw))?;
        let same_rest = codec::read_timestamp(row, 1)? == Some(payment.created_at)
            && codec::is_text(row, 5, Some(codec::payment_type_name(payment.payment_type)))?
            && codec::is_text(row, 6, Some(codec::payment_scheme_name(payment.scheme)))?
            && codec::is_text(row, 7, Some(&payment.asset))?
            && codec::is_text(row, 8, payment.source_account_reference.as_deref())?
            && codec::is_text(row, 9, payment.destination_account_reference.as_deref())?
            && codec::is_text(row, 10, texts.counterparty.as_deref())?
            && codec::is_text(row, 11, Some(&texts.metadata))?
            && codec::is_text(row, 15, payment.parent_reference.as_deref())?
            && codec::is_text(row, 16, Some(codec::time_precision_name(payment.created_at_precision)))?
            && codec::is_text(row, 17, Some(&texts.fees))?
            && codec::is_text(row, 18, texts.counter.as_deref())?;
        let present = Present { number: row.get(19)?, ended: row.get(20)?, updated };
        Ok(Some(Known { id: row.get(0)?, present, same_adjustment, same_rest }))
    }

    fn adjust(&mut self, id: i64, seq: i64, payment: &Payment) -> Result<()> {
        self.adjust.execute(params![
            id,
            seq,
            self.reading.number,
            payment.updated_at.map(|time| time.seconds),
            payment.updated_at.map(|time| time.nanoseconds),
            codec::payment_status_name(payment.status),
            payment.amount,
            payment.raw,
        ])?;
        Ok(())
    }

    fn is_adjustment(&self, id: i64, payment: &Payment) -> Result<bool> {
        self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM adjustments WHERE payment = ?1 AND updated_s IS ?2 AND updated_n IS ?3 \
             AND status = ?4 AND amount = ?5 AND raw = ?6)",
            params![
                id,
                payment.updated_at.map(|time| time.seconds),
                payment.updated_at.map(|time| time.nanoseconds),
                codec::payment_status_name(payment.status),
                payment.amount,
                payment.raw,
            ],
            |row| row.get(0),
        )
    }

    fn next_seq(&self, id: i64) -> Result<i64> {
        next_seq(self.connection, id)
    }

    fn supersede(&self, id: i64, seq: Option<i64>, payment: &Payment, texts: &Texts) -> Result<()> {
        self.connection.execute(
            "UPDATE payments SET current = ifnull(?2, current), parent = ?3, created_s = ?4, created_n = ?5, \
             precision = ?6, type = ?7, scheme = ?8, asset = ?9, fees = ?10, counter = ?11, source = ?12, \
             destination = ?13, counterparty = ?14, metadata = ?15, replaced_by = NULL, \
             changed_at = iif(?2 IS NULL, changed_at, ?16) WHERE id = ?1",
            params![
                id,
                seq,
                payment.parent_reference,
                payment.created_at.seconds,
                payment.created_at.nanoseconds,
                codec::time_precision_name(payment.created_at_precision),
                codec::payment_type_name(payment.payment_type),
                codec::payment_scheme_name(payment.scheme),
                payment.asset,
                texts.fees,
                texts.counter,
                payment.source_account_reference,
                payment.destination_account_reference,
                texts.counterparty,
                texts.metadata,
                self.at,
            ],
        )?;
        Ok(())
    }
}

fn next_seq(connection: &Connection, id: i64) -> Result<i64> {
    connection.query_row("SELECT max(seq) + 1 FROM adjustments WHERE payment = ?1", [id], |row| row.get(0))
}

/// Marks a payment cancelled, or replaced, that the provider no longer has: the host's own adjustment, which keeps the
/// time of the version that it withdraws beside the host's. False when it is not known, or marked already.
pub(super) fn withdraw(
    connection: &Connection,
    install: i64,
    reference: &str,
    replaced_by: Option<&str>,
    reading: i64,
    at: Timestamp,
) -> Result<bool> {
    let known: Option<(i64, bool)> = connection
        .query_row(
            "SELECT p.id, a.withdrawn_s IS NOT NULL AND p.replaced_by IS ?3 FROM payments p \
             JOIN adjustments a ON a.payment = p.id AND a.seq = p.current WHERE p.install = ?1 AND p.reference = ?2",
            params![install, reference, replaced_by],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((id, false)) = known else { return Ok(false) };
    let seq = next_seq(connection, id)?;
    connection.execute(
        "INSERT INTO adjustments (payment, seq, reading, updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, \
         raw) SELECT a.payment, ?2, max(p.reading, ?6), a.updated_s, a.updated_n, ?3, ?4, ?5, a.amount, a.raw \
         FROM payments p JOIN adjustments a ON a.payment = p.id AND a.seq = p.current WHERE p.id = ?1",
        params![id, seq, at.seconds, at.nanoseconds, codec::payment_status_name(PaymentStatus::Cancelled), reading],
    )?;
    connection.execute(
        "UPDATE payments SET current = ?2, replaced_by = ?3, reading = max(reading, ?4) WHERE id = ?1",
        params![id, seq, replaced_by, reading],
    )?;
    Ok(true)
}
