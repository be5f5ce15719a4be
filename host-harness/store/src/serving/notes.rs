//! What users note of a payment: kept beside what the connector says, so that reading it again erases nothing.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::list::RecordId;
use crate::{Store, StoreError};

impl Store {
    /// Adds to what is noted of a payment; false when there is no such payment.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn note(&self, payment: &RecordId, notes: &BTreeMap<String, String>) -> Result<bool, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: Option<(i64, i64, i64, String)> = transaction
            .query_row(
                "SELECT p.id, p.install, p.seq, ifnull(n.metadata, '{}') FROM connectors c JOIN payments p \
                 ON p.install = c.install AND p.reference_hash = hash_reference(c.install, ?2) AND p.reference = ?2 \
                 LEFT JOIN payment_notes n ON n.payment = p.id \
                 WHERE c.uuid = ?1 AND ?3 IN (ifnull(p.first_type, p.type), \
                 iif(ifnull(p.first_type, p.type) = 'CONVERSION', 'OTHER', NULL))",
                params![payment.connector, payment.reference, payment.payment_type],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        let Some((id, install, version, before)) = found else { return Ok(false) };
        let mut all: BTreeMap<String, String> = serde_json::from_str(&before).unwrap_or_default();
        all.extend(notes.clone());
        let text = serde_json::to_string(&all).unwrap_or_default();
        transaction.execute(
            "INSERT INTO payment_notes (payment, metadata) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET metadata = ?2",
            params![id, text],
        )?;
        transaction.execute(
            "INSERT INTO change_log (install, kind, record, is_gone, version) VALUES (?1, 'payment', ?2, 0, ?3)",
            [install, id, version],
        )?;
        transaction.commit()?;
        Ok(true)
    }
}
