//! Payments: the current version of each, and an adjustment for every change of status, amount or raw.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Result, Statement, params};

use super::{Change, codec};
use crate::contract::{Payment, PaymentStatus, Timestamp};

/// How far the clocks of host and provider may be apart.
const CLOCKS_APART: TimeDelta = TimeDelta::days(1);

/// Writes the payments of one page.
pub(super) struct PaymentWriter<'c> {
    connection: &'c Connection,
    find: Statement<'c>,
    insert: Statement<'c>,
    adjust: Statement<'c>,
    install: i64,
    /// The latest time that the provider's clock can show; a version that says more says nothing of when it changed.
    latest: (i64, u32),
}

/// The row a payment is stored in already.
struct Known {
    id: i64,
    updated: (i64, u32),
    /// Updated, status, amount and raw are those of the current adjustment.
    same_adjustment: bool,
    /// Everything else is as stored.
    same_rest: bool,
}

impl<'c> PaymentWriter<'c> {
    pub(super) fn new(connection: &'c Connection, install: i64, at: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            connection,
            find: connection.prepare(
                "SELECT p.id, p.created_s, p.created_n, p.updated_s, p.updated_n, p.type, p.scheme, p.asset, p.source, \
                 p.destination, p.counterparty, p.metadata, a.status, a.amount, a.raw \
                 FROM payments p JOIN adjustments a ON a.payment = p.id AND a.seq = p.current \
                 WHERE p.install = ?1 AND p.reference = ?2",
            )?,
            insert: connection.prepare(
                "INSERT INTO payments (install, reference, current, created_s, created_n, updated_s, updated_n, type, \
                 scheme, asset, source, destination, counterparty, metadata) \
                 VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?,
            adjust: connection.prepare(
                "INSERT INTO adjustments (payment, seq, updated_s, updated_n, status, amount, raw) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            install,
            latest: codec::order(codec::timestamp(at.checked_add_signed(CLOCKS_APART).unwrap_or(at))),
        })
    }

    /// Stores one payment. The newer `updated-at` holds; between equal ones the one that came last, unless its
    /// adjustment is known: then it is an old page delivered late. One that lies further ahead of the host's clock than
    /// clocks are apart holds against nothing that comes after it.
    pub(super) fn store(&mut self, payment: &Payment) -> Result<Change> {
        let metadata = codec::metadata_json(&payment.metadata)?;
        let counterparty = codec::counterparty_json(payment.counterparty.as_ref())?;
        let Some(known) = self.find(payment, counterparty.as_deref(), &metadata)? else {
            self.insert.execute(params![
                self.install,
                payment.reference,
                payment.created_at.seconds,
                payment.created_at.nanoseconds,
                payment.updated_at.seconds,
                payment.updated_at.nanoseconds,
                codec::payment_type_name(payment.payment_type),
                codec::payment_scheme_name(payment.scheme),
                payment.asset,
                payment.source_account_reference,
                payment.destination_account_reference,
                counterparty,
                metadata,
            ])?;
            self.adjust(self.connection.last_insert_rowid(), 1, payment)?;
            return Ok(Change::Inserted);
        };
        if known.same_adjustment {
            if known.same_rest {
                return Ok(Change::Unchanged);
            }
            // The provider's object is the same and is only mapped otherwise: by a newer connector, say.
            self.supersede(known.id, None, payment, counterparty.as_deref(), &metadata)?;
            return Ok(Change::Updated);
        }
        if self.is_adjustment(known.id, payment)? {
            return Ok(Change::Unchanged);
        }
        let seq = self.next_seq(known.id)?;
        self.adjust(known.id, seq, payment)?;
        if codec::order(payment.updated_at) >= known.updated || known.updated > self.latest {
            self.supersede(known.id, Some(seq), payment, counterparty.as_deref(), &metadata)?;
        }
        Ok(Change::Updated)
    }

    /// Marks a payment cancelled that the provider no longer has. False when it is not known or already final.
    ///
    /// The order of the adjustments follows the provider's clock, and this one has only the host's: it goes right after
    /// the version it withdraws. So should the provider report the payment again, anything newer than that version
    /// supersedes the cancellation, even when the provider dates it before `at`.
    pub(super) fn withdraw(&mut self, reference: &str, at: Timestamp) -> Result<bool> {
        let not_final =
            [PaymentStatus::Pending, PaymentStatus::Authorisation, PaymentStatus::Other, PaymentStatus::Unknown];
        let known: Option<(i64, String)> = self
            .connection
            .query_row(
                "SELECT p.id, a.status FROM payments p JOIN adjustments a ON a.payment = p.id AND a.seq = p.current \
                 WHERE p.install = ?1 AND p.reference = ?2",
                params![self.install, reference],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((id, status)) = known else {
            return Ok(false);
        };
        if !not_final.into_iter().any(|status_| codec::payment_status_name(status_) == status) {
            return Ok(false);
        }
        let seq = self.next_seq(id)?;
        self.connection.execute(
            "INSERT INTO adjustments (payment, seq, updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, raw) \
             SELECT a.payment, ?2, a.updated_s, a.updated_n, ?3, ?4, ?5, a.amount, a.raw \
             FROM payments p JOIN adjustments a ON a.payment = p.id AND a.seq = p.current WHERE p.id = ?1",
            params![id, seq, at.seconds, at.nanoseconds, codec::payment_status_name(PaymentStatus::Cancelled)],
        )?;
        self.connection.execute("UPDATE payments SET current = ?2 WHERE id = ?1", [id, seq])?;
        Ok(true)
    }

    fn find(&mut self, payment: &Payment, counterparty: Option<&str>, metadata: &str) -> Result<Option<Known>> {
        let mut rows = self.find.query(params![self.install, payment.reference])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let updated = (row.get(3)?, row.get(4)?);
        let same_adjustment = updated == codec::order(payment.updated_at)
            && codec::is_text(row, 12, Some(codec::payment_status_name(payment.status)))?
            && codec::is_text(row, 13, Some(&payment.amount))?
            && codec::is_text(row, 14, Some(&payment.raw))?;
        let same_rest = codec::read_timestamp(row, 1)? == Some(payment.created_at)
            && codec::is_text(row, 5, Some(codec::payment_type_name(payment.payment_type)))?
            && codec::is_text(row, 6, Some(codec::payment_scheme_name(payment.scheme)))?
            && codec::is_text(row, 7, Some(&payment.asset))?
            && codec::is_text(row, 8, payment.source_account_reference.as_deref())?
            && codec::is_text(row, 9, payment.destination_account_reference.as_deref())?
            && codec::is_text(row, 10, counterparty)?
            && codec::is_text(row, 11, Some(metadata))?;
        Ok(Some(Known { id: row.get(0)?, updated, same_adjustment, same_rest }))
    }

    fn adjust(&mut self, id: i64, seq: i64, payment: &Payment) -> Result<()> {
        self.adjust.execute(params![
            id,
            seq,
            payment.updated_at.seconds,
            payment.updated_at.nanoseconds,
            codec::payment_status_name(payment.status),
            payment.amount,
            payment.raw,
        ])?;
        Ok(())
    }

    fn is_adjustment(&self, id: i64, payment: &Payment) -> Result<bool> {
        self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM adjustments WHERE payment = ?1 AND updated_s = ?2 AND updated_n = ?3 \
             AND status = ?4 AND amount = ?5 AND raw = ?6)",
            params![
                id,
                payment.updated_at.seconds,
                payment.updated_at.nanoseconds,
                codec::payment_status_name(payment.status),
                payment.amount,
                payment.raw,
            ],
            |row| row.get(0),
        )
    }

    fn next_seq(&self, id: i64) -> Result<i64> {
        self.connection.query_row("SELECT max(seq) + 1 FROM adjustments WHERE payment = ?1", [id], |row| row.get(0))
    }

    fn supersede(
        &self,
        id: i64,
        seq: Option<i64>,
        payment: &Payment,
        counterparty: Option<&str>,
        metadata: &str,
    ) -> Result<()> {
        self.connection.execute(
            "UPDATE payments SET current = ifnull(?2, current), created_s = ?3, created_n = ?4, updated_s = ?5, \
             updated_n = ?6, type = ?7, scheme = ?8, asset = ?9, source = ?10, destination = ?11, counterparty = ?12, \
             metadata = ?13 WHERE id = ?1",
            params![
                id,
                seq,
                payment.created_at.seconds,
                payment.created_at.nanoseconds,
                payment.updated_at.seconds,
                payment.updated_at.nanoseconds,
                codec::payment_type_name(payment.payment_type),
                codec::payment_scheme_name(payment.scheme),
                payment.asset,
                payment.source_account_reference,
                payment.destination_account_reference,
                counterparty,
                metadata,
            ],
        )?;
        Ok(())
    }
}
