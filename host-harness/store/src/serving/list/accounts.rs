//! Accounts of all connectors, the customers' own and others'.

use rusqlite::{OptionalExtension as _, Row, params_from_iter};

use super::condition::{Columns, Compiled, Condition, Field};
use super::{List, Of, Page, RecordId, Seek, of, read};
use crate::{AccountKind, Store, StoreError, codec};
use chrono::{DateTime, Utc};
use model::Timestamp;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountItem {
    /// Whose.
    pub of: Of,
    /// When its connector was made.
    pub connected_at: DateTime<Utc>,
    /// The customer's own, or a third party's.
    pub kind: AccountKind,
    /// The provider's identifier.
    pub reference: String,
    /// For a person.
    pub name: Option<String>,
    /// What it is kept in.
    pub asset: Option<String>,
    /// When it was made, or, where the provider does not say so, when it was first read.
    pub created_at: Timestamp,
    /// What the connector says of it.
    pub metadata: Vec<(String, String)>,
    /// The provider's bytes.
    pub raw: String,
}

/// When it was made, or first read.
const SECONDS: &str = "ifnull(p.created_s, ifnull(CAST(strftime('%s', p.first_seen) AS INTEGER), 0))";
const NANOSECONDS: &str = "ifnull(p.created_n, 0)";

pub(in crate::serving) const ACCOUNT: &str = "SELECT n.uuid, n.provider, i.name, n.created_at, p.kind, p.reference, p.name, \
    p.asset, p.metadata, p.raw, ifnull(p.created_s, ifnull(CAST(strftime('%s', p.first_seen) AS INTEGER), 0)), \
    ifnull(p.created_n, 0), p.id \
    FROM accounts p JOIN connectors n ON n.install = p.install JOIN installs i ON i.id = p.install";

const COLUMNS: Columns = Columns {
    column: |field| {
        Some(match field {
            Field::Reference => "p.reference",
            Field::Name => "p.name",
            Field::Type => "iif(p.kind = 'account', 'INTERNAL', 'EXTERNAL')",
            Field::Asset => "p.asset",
            Field::Metadata(_) => "json_extract(p.metadata, ?)",
            Field::Install => "i.name",
            Field::Provider => "n.provider",
            Field::Scheme
            | Field::Status
            | Field::Amount
            | Field::InitialAmount
            | Field::Source
            | Field::Destination => return None,
        })
    },
    created: [SECONDS, NANOSECONDS],
    // An account of one's own before a third party's: both may have one reference.
    is: "p.id = (SELECT q.id FROM connectors o JOIN accounts q ON q.install = o.install WHERE o.uuid = ? AND q.reference = ? \
         AND q.kind IN ('account', 'external-account') AND q.reference = ? AND ? IS NULL ORDER BY q.kind LIMIT 1)",
};

pub(in crate::serving) fn account(row: &Row<'_>) -> rusqlite::Result<AccountItem> {
    let kind: String = row.get(4)?;
    let is_own = kind == AccountKind::Internal.name();
    Ok(AccountItem {
        of: of(row)?,
        connected_at: codec::read_host_time(row, 3)?.unwrap_or_default(),
        kind: if is_own { AccountKind::Internal } else { AccountKind::External },
        reference: row.get(5)?,
        name: row.get(6)?,
        asset: row.get(7)?,
        metadata: codec::read_metadata(row, 8)?,
        raw: row.get(9)?,
        created_at: Timestamp { seconds: row.get(10)?, nanoseconds: row.get(11)? },
    })
}

impl Store {
    /// A part of the list of accounts, as they were made.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_accounts(&self, condition: &Condition, seek: Seek, most: u32) -> Result<Page<AccountItem>, StoreError> {
        self.reading(|connection| {
            let compiled = Compiled::new(&COLUMNS, condition);
            let condition = format!("p.kind IN ('account', 'external-account') AND {}", compiled.sql);
            let list =
                List { select: ACCOUNT, condition, values: compiled.values, key: [SECONDS, NANOSECONDS, "p.id"] };
            read(connection, list, seek, most, account)
        })
    }

    /// One account; none where there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn account(&self, id: &RecordId) -> Result<Option<AccountItem>, StoreError> {
        self.reading(|connection| {
            let compiled = Compiled::new(&COLUMNS, &Condition::Is(id.clone()));
            let sql = format!("{ACCOUNT} WHERE {}", compiled.sql);
            connection.prepare_cached(&sql)?.query_row(params_from_iter(compiled.values), account).optional()
        })
    }
}
