//! Payments: each in its present version, and the versions beside it as adjustments.

use chrono::{DateTime, Utc};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Result, params};

use super::versions::{Present, Reading};
use super::{Change, codec, raw};
use model::{Payment, PaymentStatus, Timestamp};

/// Writes the payments of one page.
pub(super) struct PaymentWriter<'c> {
    connection: &'c Connection,
    find: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    log: CachedStatement<'c>,
    read_again: CachedStatement<'c>,
    install: i64,
    /// What the install packs with; none before its first payment.
    sample: Option<String>,
    reading: Reading,
    at: String,
}

/// The row a payment is stored in already.
struct Known {
    id: i64,
    present: Present,
    /// Updated, status, amount and raw are those of the present version.
    same_version: bool,
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
            find: connection.prepare_cached(
                "SELECT id, created_s, created_n, updated_s, updated_n, type, scheme, asset, source, destination, \
                 counterparty, metadata, status, amount, raw, parent, precision, fees, counter, reading, ended \
                 FROM payments WHERE reference_hash = hash_reference(?1, ?2) AND install = ?1 AND reference = ?2",
            )?,
            insert: connection.prepare_cached(
                "INSERT INTO payments (install, reference_hash, reference, seq, first, updated_s, updated_n, status, \
                 amount, parent, created_s, created_n, precision, type, scheme, asset, fees, counter, source, \
                 destination, stream, reading, ended, changed_at, counterparty, metadata, raw) \
                 VALUES (?1, hash_reference(?1, ?2), ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
                 ?16, ?17, ?18, ?19, ?3, ?20, ?21, ?22, ?23, ?24)",
            )?,
            log: connection.prepare_cached(
                "INSERT INTO change_log (install, kind, record, is_gone) VALUES (?1, 'payment', last_insert_rowid(), 0)",
            )?,
            read_again: connection.prepare_cached(
                "UPDATE payments SET stream = ?2, reading = max(reading, ?3), ended = ?4 WHERE id = ?1",
            )?,
            install,
            sample: sample(connection, install)?,
            reading,
            at: codec::host_time(at),
        })
    }

    /// Stores one payment: present when it was read last. What is not becomes part of the history.
    pub(super) fn store(&mut self, payment: &Payment) -> Result<Change> {
        let texts = Texts::of(payment)?;
        let Some(known) = self.find(payment, &texts)? else {
            self.insert(payment, &texts)?;
            return Ok(Change::Inserted);
        };
        if !self.reading.supersedes(payment.updated_at, known.present) {
            if known.same_version || self.is_adjustment(known.id, payment)? {
                return Ok(Change::Unchanged);
            }
            self.adjust(known.id, payment)?;
            return Ok(Change::Updated);
        }
        let Reading { stream, number, ended, .. } = self.reading;
        self.read_again.execute(params![known.id, stream, number, ended])?;
        if known.same_version && known.same_rest {
            return Ok(Change::Unchanged);
        }
        if !known.same_version {
            self.supersede(known.id, payment)?;
        }
        // Where only this differs, the provider's object is mapped otherwise: by a newer connector, say.
        self.map_anew(known.id, payment, &texts)?;
        Ok(Change::Updated)
    }

    fn insert(&mut self, payment: &Payment, texts: &Texts) -> Result<()> {
        if self.sample.is_none() {
            let sample = raw::sample(&payment.raw);
            self.connection.execute("UPDATE installs SET sample = ?2 WHERE id = ?1", params![self.install, sample])?;
            self.sample = Some(sample.to_owned());
        }
        let packed = self.pack(payment);
        self.insert.execute(params![
            self.install,
            payment.reference,
            self.reading.number,
            payment.updated_at.map(|time| time.seconds),
            payment.updated_at.map(|time| time.nanoseconds),
            codec::payment_status_name(payment.status),
            payment.amount,
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
            self.reading.stream,
            self.reading.ended,
            self.at,
            texts.counterparty,
            texts.metadata,
            packed,
        ])?;
        self.log.execute([self.install])?;
        Ok(())
    }

    fn pack<'r>(&self, payment: &'r Payment) -> raw::Raw<'r> {
        raw::pack(&payment.raw, self.sample.as_deref().unwrap_or_default())
    }

    fn find(&mut self, payment: &Payment, texts: &Texts) -> Result<Option<Known>> {
        let mut rows = self.find.query(params![self.install, payment.reference])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let updated = codec::read_timestamp(row, 3)?;
        let same_version = updated == payment.updated_at
            && codec::is_text(row, 12, Some(codec::payment_status_name(payment.status)))?
            && codec::is_text(row, 13, Some(&payment.amount))?
            && raw::unpack(row, 14, self.sample.as_deref().unwrap_or_default())? == payment.raw;
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
        Ok(Some(Known { id: row.get(0)?, present, same_version, same_rest }))
    }

    /// Adds a version that is not the present one.
    fn adjust(&self, id: i64, payment: &Payment) -> Result<()> {
        let mut adjust = self.connection.prepare_cached(
            "INSERT INTO adjustments (payment, seq, reading, updated_s, updated_n, status, amount, raw) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        adjust.execute(params![
            id,
            next_seq(self.connection, id)?,
            self.reading.number,
            payment.updated_at.map(|time| time.seconds),
            payment.updated_at.map(|time| time.nanoseconds),
            codec::payment_status_name(payment.status),
            payment.amount,
            self.pack(payment),
        ])?;
        Ok(())
    }

    /// Whether this is a version that is known, and not the present one.
    fn is_adjustment(&self, id: i64, payment: &Payment) -> Result<bool> {
        let mut known = self.connection.prepare_cached(
            "SELECT raw FROM adjustments WHERE payment = ?1 AND updated_s IS ?2 AND updated_n IS ?3 AND status = ?4 \
             AND amount = ?5",
        )?;
        let mut alike = known.query(params![
            id,
            payment.updated_at.map(|time| time.seconds),
            payment.updated_at.map(|time| time.nanoseconds),
            codec::payment_status_name(payment.status),
            payment.amount,
        ])?;
        while let Some(row) = alike.next()? {
            if raw::unpack(row, 0, self.sample.as_deref().unwrap_or_default())? == payment.raw {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a version the present one.
    fn supersede(&self, id: i64, payment: &Payment) -> Result<()> {
        let seq = next_seq(self.connection, id)?;
        keep_present(self.connection, id)?;
        let mut update = self.connection.prepare_cached(
            "UPDATE payments SET seq = ?2, first = ?3, updated_s = ?4, updated_n = ?5, withdrawn_s = NULL, \
             withdrawn_n = NULL, status = ?6, amount = ?7, raw = ?8, changed_at = ?9 WHERE id = ?1",
        )?;
        update.execute(params![
            id,
            seq,
            self.reading.number,
            payment.updated_at.map(|time| time.seconds),
            payment.updated_at.map(|time| time.nanoseconds),
            codec::payment_status_name(payment.status),
            payment.amount,
            self.pack(payment),
            self.at,
        ])?;
        Ok(())
    }

    /// Writes what is kept of the present version alone.
    fn map_anew(&self, id: i64, payment: &Payment, texts: &Texts) -> Result<()> {
        let mut update = self.connection.prepare_cached(
            "UPDATE payments SET first_type = iif(type <> ?6, ifnull(first_type, type), first_type), parent = ?2, \
             created_s = ?3, created_n = ?4, precision = ?5, type = ?6, scheme = ?7, asset = ?8, fees = ?9, counter = ?10, source = ?11, destination = ?12, counterparty = ?13, metadata = ?14, \
             replaced_by = NULL WHERE id = ?1",
        )?;
        update.execute(params![
            id,
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
        ])?;
        Ok(())
    }
}

/// What an install packs payments with; none before its first one.
pub(super) fn sample(connection: &Connection, install: i64) -> Result<Option<String>> {
    let mut sample = connection.prepare_cached("SELECT sample FROM installs WHERE id = ?1")?;
    sample.query_row([install], |row| row.get(0))
}

/// The place of the version that arrives next.
fn next_seq(connection: &Connection, id: i64) -> Result<i64> {
    let mut next = connection.prepare_cached(
        "SELECT max(seq, ifnull((SELECT max(seq) FROM adjustments WHERE payment = ?1), 0)) + 1 FROM payments WHERE id = ?1",
    )?;
    next.query_row([id], |row| row.get(0))
}

/// Adds the version that is present, and no longer will be, to those beside it.
fn keep_present(connection: &Connection, id: i64) -> Result<()> {
    let mut keep = connection.prepare_cached(
        "INSERT INTO adjustments (payment, seq, reading, updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, \
         raw) SELECT id, seq, first, updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, raw \
         FROM payments WHERE id = ?1",
    )?;
    keep.execute([id])?;
    Ok(())
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
            "SELECT id, withdrawn_s IS NOT NULL AND replaced_by IS ?3 FROM payments \
             WHERE reference_hash = hash_reference(?1, ?2) AND install = ?1 AND reference = ?2",
            params![install, reference, replaced_by],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((id, false)) = known else { return Ok(false) };
    let seq = next_seq(connection, id)?;
    keep_present(connection, id)?;
    connection.execute(
        "UPDATE payments SET seq = ?2, first = max(reading, ?6), withdrawn_s = ?3, withdrawn_n = ?4, status = ?5, \
         replaced_by = ?7, reading = max(reading, ?6) WHERE id = ?1",
        params![
            id,
            seq,
            at.seconds,
            at.nanoseconds,
            codec::payment_status_name(PaymentStatus::Cancelled),
            reading,
            replaced_by
        ],
    )?;
    Ok(true)
}
