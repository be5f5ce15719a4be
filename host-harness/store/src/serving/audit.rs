//! Who did what to which connector.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::{Store, StoreError, codec};

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, in words: `token`, `this machine`.
    pub who: String,
    /// What: `install`.
    pub what: String,
    /// The install that it was done to.
    pub install: Option<String>,
    /// More of it, for a person. No secret.
    pub told: String,
}

impl Store {
    /// Notes what somebody did.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn audit(&self, deed: &Deed) -> Result<(), StoreError> {
        self.lock().execute(
            "INSERT INTO audit (at, who, what, install, told) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![codec::host_time(deed.at), deed.who, deed.what, deed.install, deed.told],
        )?;
        Ok(())
    }

    /// The latest deeds, latest first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn deeds(&self, most: u32) -> Result<Vec<Deed>, StoreError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT at, who, what, install, told FROM audit ORDER BY id DESC LIMIT ?1")?;
        let rows = statement.query_map([most], |row| {
            Ok(Deed {
                at: codec::read_host_time(row, 0)?.unwrap_or_default(),
                who: row.get(1)?,
                what: row.get(2)?,
                install: row.get(3)?,
                told: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
