//! Payments that are not final: what a stream's poll did not report of them is asked for by itself.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use super::{Store, StoreError, StreamKey, codec};
use model::PaymentStatus;

/// Statuses that end.
const OPEN: [PaymentStatus; 2] = [PaymentStatus::Pending, PaymentStatus::Authorisation];
/// Statuses of which nobody knows whether they do: followed for so long after they last changed.
const UNCLEAR: [PaymentStatus; 2] = [PaymentStatus::Other, PaymentStatus::Unknown];
const UNCLEAR_FOR: TimeDelta = TimeDelta::days(30);

impl Store {
    pub(crate) fn open_payments(&self, key: &StreamKey, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let connection = self.lock();
        let [pending, authorised] = OPEN.map(codec::payment_status_name);
        let [other, unknown] = UNCLEAR.map(codec::payment_status_name);
        let earliest = codec::host_time(now.checked_sub_signed(UNCLEAR_FOR).unwrap_or(now));
        let mut statement = connection.prepare(
            "SELECT p.reference FROM payments p JOIN streams s ON s.id = p.stream JOIN installs i ON i.id = s.install \
             WHERE i.name = ?1 AND s.task = ?2 AND s.parent IS ?3 AND (s.round IS NULL OR p.reading < s.round) \
             AND p.withdrawn_s IS NULL AND p.status IN (?4, ?5, ?6, ?7) AND (p.status IN (?4, ?5) OR p.changed_at >= ?8) \
             ORDER BY p.created_s, p.created_n, p.reference",
        )?;
        let rows = statement.query_map(
            params![key.install, key.task, key.parent, pending, authorised, other, unknown, earliest],
            |row| row.get(0),
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
