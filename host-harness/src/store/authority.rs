//! What an install was granted, and what it tried beyond that.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::{Store, StoreError, StreamKey, codec};
use crate::authority::Grant;
use crate::egress::Incident;

/// So many incidents within [`WITHIN`] suspend an install: a refusal is an oracle for whoever may try again and again.
pub const INCIDENTS: usize = 3;
/// See [`INCIDENTS`].
pub const WITHIN: TimeDelta = TimeDelta::days(7);

/// Who may run an install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// The program's own connector, which needs no grant.
    Bundled,
    /// What the operator agreed to.
    Grant(Box<Grant>),
}

/// An incident, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedIncident {
    /// When.
    pub at: DateTime<Utc>,
    /// Which stream; none for a check of the connection.
    pub stream: Option<String>,
    /// The component, by its digest.
    pub component: String,
    /// What was tried first: the rule's name, `origin`.
    pub kind: String,
    /// All of it, in words.
    pub told: String,
}

impl Store {
    /// Who may run an install; none before anybody agreed to it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds a grant that this program does not understand.
    pub fn granted(&self, install: &str) -> Result<Option<Granted>, StoreError> {
        let found: Option<Option<String>> = self
            .lock()
            .query_row(
                "SELECT g.terms FROM grants g JOIN installs i ON i.id = g.install WHERE i.name = ?1",
                [install],
                |row| row.get(0),
            )
            .optional()?;
        match found {
            None => Ok(None),
            Some(None) => Ok(Some(Granted::Bundled)),
            Some(Some(text)) => match serde_json::from_str(&text) {
                Ok(grant) => Ok(Some(Granted::Grant(Box::new(grant)))),
                Err(error) => Err(StoreError::Grant { install: install.to_owned(), reason: error.to_string() }),
            },
        }
    }

    /// Notes what the operator agreed to.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn grant(&self, install: &str, granted: &Granted, at: DateTime<Utc>) -> Result<(), StoreError> {
        let terms = match granted {
            Granted::Bundled => None,
            Granted::Grant(grant) => Some(
                serde_json::to_string(grant)
                    .map_err(|error| StoreError::Grant { install: install.to_owned(), reason: error.to_string() })?,
            ),
        };
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let install = install_id(&transaction, install)?;
        transaction.execute(
            "INSERT INTO grants (install, terms, accepted_at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (install) DO UPDATE SET terms = ?2, accepted_at = ?3",
            params![install, terms, codec::host_time(at)],
        )?;
        Ok(transaction.commit()?)
    }

    /// Takes back what the operator agreed to; false when there was nothing. Records stay.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn revoke(&self, install: &str) -> Result<bool, StoreError> {
        let gone = self
            .lock()
            .execute("DELETE FROM grants WHERE install = (SELECT id FROM installs WHERE name = ?1)", [install])?;
        Ok(gone > 0)
    }

    /// Remembers an incident. `stream` is none for a check of the connection, which serves no stream.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn record_incident(
        &self,
        install: &str,
        stream: Option<&StreamKey>,
        component: &str,
        incident: &Incident,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let install = install_id(&transaction, install)?;
        let first = incident.refusals.first();
        transaction.execute(
            "INSERT INTO incidents (install, at, stream, component, kind, method, origin, path, refusals, told) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                install,
                codec::host_time(at),
                stream.map(ToString::to_string),
                component,
                first.map_or("", |refusal| refusal.kind.name()),
                first.map_or("", |refusal| &refusal.method),
                first.map_or("", |refusal| &refusal.origin),
                first.map_or("", |refusal| &refusal.path),
                incident.count,
                incident.to_string(),
            ],
        )?;
        Ok(transaction.commit()?)
    }

    /// The incidents of an install that still count at `now`, oldest first. [`INCIDENTS`] of them suspend it.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn incidents(&self, install: &str, now: DateTime<Utc>) -> Result<Vec<RecordedIncident>, StoreError> {
        let since = now.checked_sub_signed(WITHIN).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT n.at, n.stream, n.component, n.kind, n.told FROM incidents n JOIN installs i ON i.id = n.install \
             WHERE i.name = ?1 AND n.cleared_at IS NULL AND n.at >= ?2 ORDER BY n.id",
        )?;
        let rows = statement.query_map(params![install, codec::host_time(since)], |row| {
            Ok(RecordedIncident {
                at: codec::read_host_time(row, 0)?.unwrap_or_default(),
                stream: row.get(1)?,
                component: row.get(2)?,
                kind: row.get(3)?,
                told: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Lets a suspended install go on: its incidents no longer count. Returns how many counted. They stay on record.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn resume(&self, install: &str, at: DateTime<Utc>) -> Result<usize, StoreError> {
        Ok(self.lock().execute(
            "UPDATE incidents SET cleared_at = ?2 WHERE cleared_at IS NULL \
             AND install = (SELECT id FROM installs WHERE name = ?1)",
            params![install, codec::host_time(at)],
        )?)
    }
}

/// The id of an install, made when it is new.
fn install_id(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.execute("INSERT INTO installs (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
    connection.query_row("SELECT id FROM installs WHERE name = ?1", [name], |row| row.get(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::egress::{Place, Refusal};
    use crate::store::testing::at;

    fn incident() -> Incident {
        let mut incident = Incident::default();
        incident.add(Refusal::of_product(Place::State));
        incident
    }

    #[test]
    fn a_grant_is_kept_for_its_install_until_it_is_revoked() {
        let store = Store::in_memory().unwrap();
        assert_eq!(store.granted("acme").unwrap(), None);
        let grant = Grant { connector: "acme".into(), ..Grant::default() };
        let grant = Granted::Grant(Box::new(grant));
        store.grant("acme", &grant, at(1)).unwrap();
        assert_eq!(store.granted("acme").unwrap(), Some(grant));
        assert_eq!(store.granted("other").unwrap(), None);
        store.grant("acme", &Granted::Bundled, at(2)).unwrap();
        assert_eq!(store.granted("acme").unwrap(), Some(Granted::Bundled));
        assert!(store.revoke("acme").unwrap() && !store.revoke("acme").unwrap());
        assert_eq!(store.granted("acme").unwrap(), None);
    }

    #[test]
    fn incidents_count_for_seven_days_or_until_the_operator_lets_the_install_go_on() {
        let store = Store::in_memory().unwrap();
        let day = 24 * 3600;
        for days in [0, 3, 6] {
            store.record_incident("acme", None, "sha256:aa", &incident(), at(days * day)).unwrap();
        }
        let counted = |days: i64| store.incidents("acme", at(days * day)).unwrap().len();
        assert_eq!([counted(6), counted(7), counted(8), counted(11), counted(14)], [3, 3, 2, 1, 0]);
        assert_eq!(store.incidents("other", at(0)).unwrap(), []);
        let first = store.incidents("acme", at(0)).unwrap().remove(0);
        assert_eq!((first.kind.as_str(), first.at), ("secret", at(0)));
        assert!(first.told.contains("a secret is in the state"), "{first:?}");
        assert_eq!(store.resume("acme", at(6 * day)).unwrap(), 3);
        assert_eq!(counted(6), 0);
    }
}
