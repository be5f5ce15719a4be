//! Payments of all connectors.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::condition::{Columns, Compiled, Condition, Field};
use super::{List, Of, Page, RecordId, Seek, of, read};
use crate::{Store, StoreError, codec, raw};
use model::Timestamp;

/// A payment in its present version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentItem {
    /// Whose.
    pub of: Of,
    /// The provider's identifier.
    pub reference: String,
    /// The type that it had first, which is part of what it is called by.
    pub payment_type: String,
    /// The type that it has, where it is another one.
    pub present_type: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The amount that it had first, in the smallest unit, without a sign.
    pub initial_amount: String,
    /// The amount that it has.
    pub amount: String,
    /// What it is an amount of.
    pub asset: String,
    /// The rail.
    pub scheme: String,
    /// The status.
    pub status: String,
    /// The own account that it leaves.
    pub source: Option<String>,
    /// The own account that it comes to.
    pub destination: Option<String>,
    /// What it belongs to.
    pub parent: Option<String>,
    /// The amount in another currency, as JSON.
    pub counter: Option<String>,
    /// Fees, as JSON.
    pub fees: String,
    /// The other party, as JSON.
    pub counterparty: Option<String>,
    /// What the connector says of it.
    pub metadata: Vec<(String, String)>,
    /// What users noted of it.
    pub notes: BTreeMap<String, String>,
}

/// A version of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentItem {
    /// Its number among the payment's, by its arrival.
    pub seq: i64,
    /// When the provider made it, or the host found that it is gone; where neither is known, the payment's own time.
    pub at: Timestamp,
    /// The status.
    pub status: String,
    /// The amount.
    pub amount: String,
    /// The provider's bytes.
    pub raw: String,
}

/// A payment, with its key in the last three columns.
pub(in crate::serving) const PAYMENT: &str = "SELECT n.uuid, n.provider, i.name, p.reference, ifnull(p.first_type, p.type), \
    iif(p.first_type IS NOT p.type AND p.first_type NOT NULL, p.type, NULL), \
    CASE p.seq WHEN 1 THEN p.amount ELSE ifnull((SELECT a.amount FROM adjustments a WHERE a.payment = p.id ORDER BY a.seq \
    LIMIT 1), p.amount) END, p.amount, p.asset, p.scheme, p.status, p.source, p.destination, p.parent, p.counter, p.fees, \
    p.counterparty, p.metadata, (SELECT metadata FROM payment_notes WHERE payment = p.id), p.created_s, p.created_n, p.id \
    FROM payments p CROSS JOIN connectors n ON n.install = p.install CROSS JOIN installs i ON i.id = p.install";

const COLUMNS: Columns = Columns {
    column: |field| {
        Some(match field {
            Field::Reference => "p.reference",
            Field::Type => "ifnull(p.first_type, p.type)",
            Field::Asset => "p.asset",
            Field::Scheme => "p.scheme",
            Field::Status => "p.status",
            Field::Amount => "p.amount",
            Field::InitialAmount => {
                "CASE p.seq WHEN 1 THEN p.amount ELSE ifnull((SELECT a.amount FROM adjustments a \
                WHERE a.payment = p.id ORDER BY a.seq LIMIT 1), p.amount) END"
            }
            Field::Metadata(_) => {
                "ifnull((SELECT json_extract(metadata, ?) FROM payment_notes WHERE payment = p.id), \
                json_extract(p.metadata, ?))"
            }
            Field::Source => "p.source",
            Field::Destination => "p.destination",
            Field::Install => "i.name",
            Field::Provider => "n.provider",
            Field::Name => return None,
        })
    },
    created: ["p.created_s", "p.created_n"],
    is: "p.id IN (SELECT q.id FROM connectors o JOIN payments q ON q.install = o.install WHERE o.uuid = ? AND \
         q.reference_hash = hash_reference(o.install, ?) AND q.reference = ? \
         AND ? IN (ifnull(q.first_type, q.type), iif(ifnull(q.first_type, q.type) = 'CONVERSION', 'OTHER', NULL)))",
};

pub(in crate::serving) fn payment(row: &Row<'_>) -> rusqlite::Result<PaymentItem> {
    let notes: Option<String> = row.get(18)?;
    Ok(PaymentItem {
        of: of(row)?,
        reference: row.get(3)?,
        payment_type: row.get(4)?,
        present_type: row.get(5)?,
        initial_amount: row.get(6)?,
        amount: row.get(7)?,
        asset: row.get(8)?,
        scheme: row.get(9)?,
        status: row.get(10)?,
        source: row.get(11)?,
        destination: row.get(12)?,
        parent: row.get(13)?,
        counter: row.get(14)?,
        fees: row.get(15)?,
        counterparty: row.get(16)?,
        metadata: codec::read_metadata(row, 17)?,
        notes: notes.and_then(|notes| serde_json::from_str(&notes).ok()).unwrap_or_default(),
        created_at: Timestamp { seconds: row.get(19)?, nanoseconds: row.get(20)? },
    })
}

impl Store {
    /// A part of the list of payments, as they were made.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_payments(&self, condition: &Condition, seek: Seek, most: u32) -> Result<Page<PaymentItem>, StoreError> {
        self.reading(|connection| {
            let compiled = Compiled::new(&COLUMNS, condition);
            let (condition, values) = (compiled.sql, compiled.values);
            let list = List { select: PAYMENT, condition, values, key: ["p.created_s", "p.created_n", "p.id"] };
            read(connection, list, seek, most, payment)
        })
    }

    /// One payment with its versions, the latest first; none where there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn payment(&self, id: &RecordId) -> Result<Option<(PaymentItem, Vec<AdjustmentItem>)>, StoreError> {
        self.reading(|connection| {
            let compiled = Compiled::new(&COLUMNS, &Condition::Is(id.clone()));
            let sql = format!("{PAYMENT} WHERE {}", compiled.sql);
            let found = connection
                .prepare_cached(&sql)?
                .query_row(rusqlite::params_from_iter(compiled.values), |row| Ok((payment(row)?, row.get(21)?)))
                .optional()?;
            found.map(|(payment, id)| Ok((payment, adjustments(connection, id)?))).transpose()
        })
    }
}

/// The versions of a payment, the latest first.
pub(in crate::serving) fn adjustments(connection: &Connection, payment: i64) -> rusqlite::Result<Vec<AdjustmentItem>> {
    let mut statement = connection.prepare_cached(
        "SELECT i.sample, v.seq, coalesce(v.withdrawn_s, v.updated_s, p.created_s), \
         coalesce(v.withdrawn_n, v.updated_n, p.created_n), v.status, v.amount, v.raw FROM payments p \
         JOIN installs i ON i.id = p.install JOIN ( \
             SELECT id AS payment, seq, updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, raw FROM payments \
             WHERE id = ?1 UNION ALL \
             SELECT payment, seq, updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, raw FROM adjustments \
             WHERE payment = ?1) v ON v.payment = p.id WHERE p.id = ?1 ORDER BY v.seq DESC",
    )?;
    let rows = statement.query_map([payment], |row| {
        let sample: Option<String> = row.get(0)?;
        Ok(AdjustmentItem {
            seq: row.get(1)?,
            at: Timestamp { seconds: row.get(2)?, nanoseconds: row.get(3)? },
            status: row.get(4)?,
            amount: row.get(5)?,
            raw: raw::unpack(row, 6, sample.as_deref().unwrap_or_default())?.into_owned(),
        })
    })?;
    rows.collect()
}
