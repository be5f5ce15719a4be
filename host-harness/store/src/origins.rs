//! Where the components of installs come from, and which they were before.

use chrono::{DateTime, Utc};
use model::level::Level;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::authority::put_grant;
use super::read::install_id;
use super::{Granted, Store, StoreError, codec};

/// Where a component came from, one row for each that an install had, the newest last; `terms` is what was granted to it.
pub(super) const LAYOUT_9: &str = "
CREATE TABLE origins (
    id           INTEGER PRIMARY KEY,
    install      INTEGER NOT NULL REFERENCES installs(id),
    repository   TEXT NOT NULL,
    -- The tag that was asked for; null where a digest was.
    tag          TEXT,
    artifact     TEXT NOT NULL,
    component    TEXT NOT NULL,
    version      TEXT NOT NULL,
    -- The key that signed it; null where nobody did.
    signer       TEXT,
    level        TEXT,
    terms        TEXT,
    installed_at TEXT NOT NULL
) STRICT;
CREATE INDEX origins_install ON origins (install, id);
";

/// Where a component came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Host and name: `registry.example/acme/lakeside`.
    pub repository: String,
    /// The tag that was asked for; none where a digest was.
    pub tag: Option<String>,
    /// The artifact, by the digest of its manifest.
    pub artifact: String,
    /// The component, by its digest.
    pub component: String,
    /// The version that it gives itself.
    pub version: String,
    /// The key that signed it; none where nobody did.
    pub signer: Option<String>,
    /// What was proved of it, as the signer says.
    pub level: Option<Level>,
}

const ORIGIN: &str = "SELECT o.repository, o.tag, o.artifact, o.component, o.version, o.signer, o.level, o.terms, o.id, o.install \
    FROM origins o JOIN installs i ON i.id = o.install WHERE i.name = ?1 ORDER BY o.id DESC";

fn origin(row: &Row<'_>) -> rusqlite::Result<Origin> {
    let level: Option<String> = row.get(6)?;
    Ok(Origin {
        repository: row.get(0)?,
        tag: row.get(1)?,
        artifact: row.get(2)?,
        component: row.get(3)?,
        version: row.get(4)?,
        signer: row.get(5)?,
        level: level.and_then(|level| level.parse().ok()),
    })
}

impl Store {
    /// Where the component of an install comes from; none where whoever runs it has it.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn origin(&self, install: &str) -> Result<Option<Origin>, StoreError> {
        Ok(self.lock().prepare_cached(ORIGIN)?.query_row([install], origin).optional()?)
    }

    /// Where its components came from, the one that runs first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn origins(&self, install: &str) -> Result<Vec<Origin>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(ORIGIN)?;
        let rows = statement.query_map([install], origin)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Gives an install another component, and what is granted to it: both or neither. What its streams remember stays.
    ///
    /// # Errors
    ///
    /// There is no such install, or the file cannot be written.
    pub fn upgrade(
        &self,
        install: &str,
        origin: &Origin,
        granted: &Granted,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        install_id(&transaction, install)?;
        put_grant(&transaction, install, granted, at)?;
        put_origin(&transaction, install, origin, at)?;
        Ok(transaction.commit()?)
    }

    /// Gives an install back the component that it had before, with what was granted to that: both or neither. Gives where
    /// the present one came from, and the one before; none where there was none before.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or holds a grant that this program does not understand.
    pub fn roll_back(&self, install: &str, at: DateTime<Utc>) -> Result<Option<(Origin, Origin)>, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut statement = transaction.prepare(&format!("{ORIGIN} LIMIT 2"))?;
        let rows = statement
            .query_map([install], |row| Ok((origin(row)?, row.get::<_, Option<String>>(7)?, row.get::<_, i64>(8)?)))?;
        let found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        drop(statement);
        let [(left, _, id), (back, terms, _)] = &found[..] else { return Ok(None) };
        transaction.execute("DELETE FROM origins WHERE id = ?1", [id])?;
        put_grant(&transaction, install, &Granted::of_terms(install, terms.as_deref())?, at)?;
        note_component(&transaction, install, back)?;
        let moved = (left.clone(), back.clone());
        transaction.commit()?;
        Ok(Some(moved))
    }
}

/// Notes where a component came from, with what is granted to it.
pub(super) fn put_origin(
    connection: &Connection,
    install: &str,
    origin: &Origin,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO origins (install, repository, tag, artifact, component, version, signer, level, terms, installed_at) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT terms FROM grants WHERE install = ?1), ?9",
        params![
            install_id(connection, install)?,
            origin.repository,
            origin.tag,
            origin.artifact,
            origin.component,
            origin.version,
            origin.signer,
            origin.level.map(|level| level.to_string()),
            codec::host_time(at),
        ],
    )?;
    note_component(connection, install, origin)
}

fn note_component(connection: &Connection, install: &str, origin: &Origin) -> Result<(), StoreError> {
    let install = install_id(connection, install)?;
    connection
        .execute("UPDATE connectors SET component = ?2 WHERE install = ?1", params![install, origin.component])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::time::Duration;

    use model::grant::Grant;

    use super::*;
    use crate::serving::connectors::NewConnector;
    use crate::testing::at;

    fn origin(version: &str) -> Origin {
        Origin {
            repository: "registry.example/acme/lakeside".to_owned(),
            tag: Some("latest".to_owned()),
            artifact: format!("sha256:artifact of {version}"),
            component: format!("sha256:{version}"),
            version: version.to_owned(),
            signer: Some("sha256:key".to_owned()),
            level: Some(Level::Gold),
        }
    }

    fn granted(version: &str) -> Granted {
        let digests = [origin(version).component].into();
        Granted::Grant(Box::new(Grant { connector: "lakeside".to_owned(), digests, ..Grant::default() }))
    }

    fn installed() -> Store {
        let store = Store::in_memory().unwrap();
        let new = NewConnector {
            granted: &granted("1.0.0"),
            provider: "lakeside",
            install: "acme",
            period: Duration::from_mins(1),
            origin: Some(&origin("1.0.0")),
        };
        store.add_connector(&new, at(1), |_| Ok::<_, StoreError>(b"sealed".to_vec())).unwrap();
        store
    }

    #[test]
    fn an_upgrade_and_a_rollback_move_the_component_with_its_grant_and_leave_the_config() {
        let store = installed();
        let component = || store.connector_of("acme").unwrap().unwrap().component.unwrap();
        assert_eq!((store.origin("acme").unwrap(), component()), (Some(origin("1.0.0")), "sha256:1.0.0".to_owned()));
        assert_eq!(store.roll_back("acme", at(2)).unwrap(), None, "there was none before");
        assert_eq!(store.granted("acme").unwrap(), Some(granted("1.0.0")));
        let unsigned = Origin { signer: None, level: None, tag: None, ..origin("1.1.0") };
        store.upgrade("acme", &unsigned, &granted("1.1.0"), at(3)).unwrap();
        assert_eq!((store.granted("acme").unwrap(), component()), (Some(granted("1.1.0")), "sha256:1.1.0".to_owned()));
        assert_eq!(store.origins("acme").unwrap(), [unsigned.clone(), origin("1.0.0")]);
        assert_eq!(store.roll_back("acme", at(4)).unwrap(), Some((unsigned, origin("1.0.0"))));
        assert_eq!((store.granted("acme").unwrap(), component()), (Some(granted("1.0.0")), "sha256:1.0.0".to_owned()));
        assert_eq!(store.origins("acme").unwrap(), [origin("1.0.0")]);
        let uuid = store.connector_of("acme").unwrap().unwrap().uuid;
        assert_eq!(store.sealed_config(&uuid).unwrap().as_deref(), Some(&b"sealed"[..]));
    }

    #[test]
    fn an_upgrade_of_what_is_not_there_changes_nothing_and_what_is_erased_has_no_origin_left() {
        let store = installed();
        assert!(matches!(
            store.upgrade("other", &origin("1.1.0"), &granted("1.1.0"), at(2)),
            Err(StoreError::NoSuchInstall { .. })
        ));
        assert_eq!((store.installs().unwrap(), store.granted("other").unwrap()), (vec!["acme".to_owned()], None));
        store.erase("acme").unwrap();
        assert_eq!(store.origins("acme").unwrap(), []);
    }
}
