//! What an install was granted, and what it tried beyond that.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, StreamKey, codec};
use model::grant::Grant;
use model::refusal::Incident;

/// So many incidents within [`WITHIN`] suspend an install: a refusal is an oracle for whoever may try again and again.
pub const INCIDENTS: usize = 3;
/// See [`INCIDENTS`].
pub const WITHIN: TimeDelta = TimeDelta::days(7);

/// Whose an install is, and who may run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// The program's own connector, which needs no grant.
    Bundled,
    /// What the operator agreed to.
    Grant(Box<Grant>),
    /// What the operator took back; none for the program's own connector. Nobody may run it, and it is whose it was.
    Revoked(Option<Box<Grant>>),
    /// What a component asked that has only played a recording into it. Nobody has agreed to anything.
    Replayed(Box<Grant>),
}

/// What is kept for those that may not run.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Ungranted {
    Revoked(Option<Box<Grant>>),
    Replayed(Box<Grant>),
}

impl Granted {
    /// Whether the install is that of a component which asks so; none: of the program's own connector.
    #[must_use]
    pub fn is_of(&self, asked: Option<&Grant>) -> bool {
        match (self, asked) {
            (Self::Bundled | Self::Revoked(None), None) => true,
            (Self::Grant(grant) | Self::Revoked(Some(grant)) | Self::Replayed(grant), Some(asked)) => {
                let is_one_of = grant.digests.is_empty() || asked.digests.is_subset(&grant.digests);
                is_one_of && grant.connector == asked.connector
            }
            _ => false,
        }
    }

    /// The `text` fields that the operator called no secrets.
    #[must_use]
    pub fn public(&self) -> BTreeSet<String> {
        if let Self::Grant(grant) = self { grant.public.clone() } else { BTreeSet::new() }
    }

    fn read(terms: Option<&str>) -> serde_json::Result<Self> {
        let Some(terms) = terms else { return Ok(Self::Bundled) };
        Ok(match serde_json::from_str(terms) {
            Ok(Ungranted::Revoked(grant)) => Self::Revoked(grant),
            Ok(Ungranted::Replayed(grant)) => Self::Replayed(grant),
            Err(_) => Self::Grant(serde_json::from_str(terms)?),
        })
    }

    /// What stands in a grant's terms.
    pub(super) fn of_terms(install: &str, terms: Option<&str>) -> Result<Self, StoreError> {
        Self::read(terms).map_err(|error| unreadable(install, &error))
    }

    fn terms(&self) -> serde_json::Result<Option<String>> {
        Ok(Some(match self {
            Self::Bundled => return Ok(None),
            Self::Grant(grant) => serde_json::to_string(grant)?,
            Self::Revoked(grant) => serde_json::to_string(&Ungranted::Revoked(grant.clone()))?,
            Self::Replayed(grant) => serde_json::to_string(&Ungranted::Replayed(grant.clone()))?,
        }))
    }
}

/// An install whose component tried too often what it was not granted. Only the operator lets it go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the install is suspended: in {incidents} calls within seven days its component tried what it was not granted, last: \
     {last}"
)]
pub struct Suspended {
    /// How many calls.
    pub incidents: usize,
    /// What it tried last.
    pub last: String,
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
    pub(crate) fn granted(&self, install: &str) -> Result<Option<Granted>, StoreError> {
        let found: Option<Option<String>> = self
            .lock()
            .query_row(
                "SELECT g.terms FROM grants g JOIN installs i ON i.id = g.install WHERE i.name = ?1",
                [install],
                |row| row.get(0),
            )
            .optional()?;
        found.map(|terms| Granted::of_terms(install, terms.as_deref())).transpose()
    }

    /// Notes what the operator agreed to.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn grant(&self, install: &str, granted: &Granted, at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        put_grant(&transaction, install, granted, at)?;
        Ok(transaction.commit()?)
    }

    /// Takes back what the operator agreed to; false when there was nothing. Records stay, and the install is still
    /// whose it was.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written.
    pub fn revoke(&self, install: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let revoked = match self.granted(install)? {
            Some(Granted::Bundled) => Granted::Revoked(None),
            Some(Granted::Grant(grant)) => Granted::Revoked(Some(grant)),
            None | Some(Granted::Revoked(_) | Granted::Replayed(_)) => return Ok(false),
        };
        self.grant(install, &revoked, at)?;
        Ok(true)
    }

    pub(crate) fn record_incident(
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

    pub(crate) fn suspended(&self, install: &str, now: DateTime<Utc>) -> Result<Option<Suspended>, StoreError> {
        let incidents = self.incidents(install, now)?;
        let last = incidents.last().filter(|_| incidents.len() >= INCIDENTS);
        Ok(last.map(|last| Suspended { incidents: incidents.len(), last: last.told.clone() }))
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

/// Notes what the operator agreed to.
pub(super) fn put_grant(
    connection: &Connection,
    install: &str,
    granted: &Granted,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let terms = granted.terms().map_err(|error| unreadable(install, &error))?;
    let install = install_id(connection, install)?;
    connection.execute(
        "INSERT INTO grants (install, terms, accepted_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (install) DO UPDATE SET terms = ?2, accepted_at = ?3",
        params![install, terms, codec::host_time(at)],
    )?;
    Ok(())
}

fn unreadable(install: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Grant { install: install.to_owned(), reason: error.to_string() }
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
    use crate::testing::at;
    use model::refusal::{Place, Refusal};

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
        assert!(store.revoke("acme", at(3)).unwrap() && !store.revoke("acme", at(3)).unwrap());
        assert!(!store.revoke("other", at(3)).unwrap());
    }

    #[test]
    fn an_install_is_whose_it_was_after_its_grant_is_revoked() {
        let store = Store::in_memory().unwrap();
        let of =
            |digest: &str| Grant { connector: "acme".into(), digests: [digest.to_owned()].into(), ..Grant::default() };
        for (granted, mine, other) in [
            (Granted::Grant(Box::new(of("aa"))), Some(of("aa")), Some(of("bb"))),
            (Granted::Grant(Box::new(of("aa"))), Some(of("aa")), None),
            (Granted::Bundled, None, Some(of("aa"))),
        ] {
            store.grant("acme", &granted, at(1)).unwrap();
            store.revoke("acme", at(2)).unwrap();
            let revoked = store.granted("acme").unwrap().unwrap();
            assert!(matches!(revoked, Granted::Revoked(_)), "{revoked:?}");
            assert!(revoked.is_of(mine.as_ref()) && !revoked.is_of(other.as_ref()), "{revoked:?}");
        }
        let replayed = Granted::Replayed(Box::new(of("aa")));
        store.grant("acme", &replayed, at(3)).unwrap();
        assert_eq!(store.granted("acme").unwrap().as_ref(), Some(&replayed));
        assert!(!store.revoke("acme", at(4)).unwrap(), "it was granted nothing");
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
