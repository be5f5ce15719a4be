//! Whose data an install holds: one organisation's, and nobody else's.

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::{Store, StoreError};

/// An organisation, a company, a user: whoever the provider says that the credentials lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The provider's identifier.
    pub reference: String,
    /// For a person.
    pub name: Option<String>,
}

impl Store {
    /// Whose data an install holds; none when that is not known yet.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn subject(&self, install: &str) -> Result<Option<Subject>, StoreError> {
        let subject = self
            .lock()
            .query_row(
                "SELECT subject, subject_name FROM installs WHERE name = ?1 AND subject IS NOT NULL",
                [install],
                |row| Ok(Subject { reference: row.get(0)?, name: row.get(1)? }),
            )
            .optional()?;
        Ok(subject)
    }

    pub(crate) fn bind(&self, install: &str, subject: &Subject) -> Result<Subject, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("INSERT INTO installs (name) VALUES (?1) ON CONFLICT DO NOTHING", [install])?;
        transaction.execute(
            "UPDATE installs SET subject = ifnull(subject, ?2), \
             subject_name = iif(ifnull(subject, ?2) = ?2, ?3, subject_name) WHERE name = ?1",
            params![install, subject.reference, subject.name],
        )?;
        let bound =
            transaction.query_row("SELECT subject, subject_name FROM installs WHERE name = ?1", [install], |row| {
                Ok(Subject { reference: row.get(0)?, name: row.get(1)? })
            })?;
        transaction.commit()?;
        Ok(bound)
    }
}
