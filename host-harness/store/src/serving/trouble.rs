//! What an operator should look at: rows that could not be mapped, and what polls do not read.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::{Store, StoreError, StreamKey, codec};

/// What an operator should look at of an install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The name of the install.
    pub install: String,
    /// Incidents that count.
    pub incidents: u64,
    /// Rows that could not be mapped and have not arrived since.
    pub rejected: u64,
}

/// A row that could not be mapped and has not arrived since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The stream that it came in.
    pub stream: StreamKey,
    /// The provider's identifier, where the row has one.
    pub reference: Option<String>,
    /// Why, in the connector's words.
    pub reason: String,
    /// The provider's bytes.
    pub raw: String,
    /// When it came first.
    pub first_seen: DateTime<Utc>,
}

/// What polls of a stream do not read while they read the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The stream.
    pub stream: StreamKey,
    /// What is missing, in the connector's words.
    pub what: String,
    /// Why, as last seen.
    pub error: String,
    /// When it was seen first, of the polls in a row that saw it.
    pub since: DateTime<Utc>,
}

impl Store {
    /// What an operator should look at, of each install that has some.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn trouble(&self, now: DateTime<Utc>) -> Result<Vec<Trouble>, StoreError> {
        let since = now.checked_sub_signed(crate::WITHIN).unwrap_or(DateTime::<Utc>::MIN_UTC);
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT i.name, ifnull(n.count, 0), ifnull(q.count, 0) FROM installs i \
                 LEFT JOIN (SELECT install, count(*) AS count FROM incidents WHERE cleared_at IS NULL AND at >= ?1 \
                     GROUP BY install) n ON n.install = i.id \
                 LEFT JOIN (SELECT s.install, count(*) AS count FROM quarantine q JOIN streams s ON s.id = q.stream \
                     WHERE q.resolved_at IS NULL GROUP BY s.install) q ON q.install = i.id \
                 WHERE n.count > 0 OR q.count > 0 ORDER BY i.name",
            )?;
            let rows = statement.query_map([codec::host_time(since)], |row| {
                let count = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
                Ok(Trouble { install: row.get(0)?, incidents: count(1)?, rejected: count(2)? })
            })?;
            rows.collect()
        })
    }

    /// The rows of an install that could not be mapped and have not arrived since, the latest first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn rejected_rows(&self, install: &str, most: u32) -> Result<Vec<RejectedRow>, StoreError> {
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT i.name, s.task, s.parent, q.reference, q.reason, q.raw, q.first_seen FROM quarantine q \
                 JOIN streams s ON s.id = q.stream JOIN installs i ON i.id = s.install \
                 WHERE i.name = ?1 AND q.resolved_at IS NULL ORDER BY q.id DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![install, most], |row| {
                Ok(RejectedRow {
                    stream: StreamKey { install: row.get(0)?, task: row.get(1)?, parent: row.get(2)? },
                    reference: row.get(3)?,
                    reason: row.get(4)?,
                    raw: row.get(5)?,
                    first_seen: codec::read_host_time(row, 6)?.unwrap_or_default(),
                })
            })?;
            rows.collect()
        })
    }

    /// What the last polls of an install's streams did not read, what is missing for longest first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn missing(&self, install: &str) -> Result<Vec<Missing>, StoreError> {
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT i.name, s.task, s.parent, g.what, g.error, g.first_seen FROM gaps g \
                 JOIN streams s ON s.id = g.stream JOIN installs i ON i.id = s.install \
                 WHERE i.name = ?1 ORDER BY g.first_seen, g.id",
            )?;
            let rows = statement.query_map([install], |row| {
                Ok(Missing {
                    stream: StreamKey { install: row.get(0)?, task: row.get(1)?, parent: row.get(2)? },
                    what: row.get(3)?,
                    error: row.get(4)?,
                    since: codec::read_host_time(row, 5)?.unwrap_or_default(),
                })
            })?;
            rows.collect()
        })
    }
}
