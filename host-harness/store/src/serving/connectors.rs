//! Connectors: the installs of a store, as an API names them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::list::{Columns, Compiled, Condition, Field, List, Page, Seek, read};
use super::new_uuid;
use crate::authority::put_grant;
use crate::origins::put_origin;
use crate::{Granted, Origin, Store, StoreError, codec, uninstall};

/// An install, as an API knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// Never another's, also when one of the same name takes its place.
    pub uuid: String,
    /// The name that the connector gives itself.
    pub provider: String,
    /// The name of the install.
    pub install: String,
    /// The component that ran it last, by its digest.
    pub component: Option<String>,
    /// Time between two polls; zero where nobody polls it on schedule.
    pub period: Duration,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its config was last written.
    pub updated_at: DateTime<Utc>,
    /// Since when it rests, and why.
    pub paused: Option<(DateTime<Utc>, String)>,
    /// Since when it is about to be erased.
    pub leaves_at: Option<DateTime<Utc>>,
    /// Whether its config is kept here.
    pub has_config: bool,
}

/// What a new one is made of.
#[derive(Debug, Clone, Copy)]
pub struct NewConnector<'a> {
    /// Who may run it.
    pub granted: &'a Granted,
    /// The name that the connector gives itself.
    pub provider: &'a str,
    /// The name of the install.
    pub install: &'a str,
    /// Time between two polls.
    pub period: Duration,
    /// Where its component comes from; none for one that whoever runs it has.
    pub origin: Option<&'a Origin>,
}

const CONNECTOR: &str = "SELECT p.uuid, p.provider, i.name, p.component, p.period_s, p.created_at, p.updated_at, p.paused_at, \
    p.paused_reason, p.leaves_at, p.sealed IS NOT NULL, CAST(strftime('%s', p.created_at) AS INTEGER), 0, p.install \
    FROM connectors p JOIN installs i ON i.id = p.install";

const COLUMNS: Columns = Columns {
    column: |field| match field {
        Field::Install => Some("i.name"),
        Field::Provider => Some("p.provider"),
        _ => None,
    },
    created: ["CAST(strftime('%s', p.created_at) AS INTEGER)", "0"],
    is: "FALSE",
};

fn connector(row: &Row<'_>) -> rusqlite::Result<Connector> {
    let paused_at = codec::read_host_time(row, 7)?;
    Ok(Connector {
        uuid: row.get(0)?,
        provider: row.get(1)?,
        install: row.get(2)?,
        component: row.get(3)?,
        period: Duration::from_secs(row.get::<_, i64>(4)?.cast_unsigned()),
        created_at: codec::read_host_time(row, 5)?.unwrap_or_default(),
        updated_at: codec::read_host_time(row, 6)?.unwrap_or_default(),
        paused: paused_at.map(|at| Ok::<_, rusqlite::Error>((at, row.get(8)?))).transpose()?,
        leaves_at: codec::read_host_time(row, 9)?,
        has_config: row.get(10)?,
    })
}

impl Store {
    /// Makes a connector, with its config as `seal` seals it for the UUID that it gets.
    ///
    /// # Errors
    ///
    /// There is an install of this name, what is sealed cannot be, or the file cannot be written.
    pub fn add_connector<E: From<StoreError>>(
        &self,
        new: &NewConnector<'_>,
        at: DateTime<Utc>,
        seal: impl FnOnce(&str) -> Result<Vec<u8>, E>,
    ) -> Result<Connector, E> {
        self.added(new, at, seal, None)
    }

    /// Makes a connector in the place of another one, of which nothing is left: all or nothing.
    ///
    /// # Errors
    ///
    /// As [`Store::add_connector`].
    pub fn replace_connector<E: From<StoreError>>(
        &self,
        new: &NewConnector<'_>,
        at: DateTime<Utc>,
        seal: impl FnOnce(&str) -> Result<Vec<u8>, E>,
    ) -> Result<Connector, E> {
        self.added(new, at, seal, Some(new.install))
    }

    fn added<E: From<StoreError>>(
        &self,
        new: &NewConnector<'_>,
        at: DateTime<Utc>,
        seal: impl FnOnce(&str) -> Result<Vec<u8>, E>,
        gone: Option<&str>,
    ) -> Result<Connector, E> {
        let uuid = new_uuid(&self.lock()).map_err(StoreError::from)?;
        let sealed = seal(&uuid)?;
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        if let Some(install) = gone {
            // Told with the same transaction: a task whose process ends now would not know what it made.
            let noted = transaction.execute(
                "UPDATE tasks SET created = ?1 WHERE status = 'PROCESSING' AND connector = (SELECT n.uuid FROM connectors n \
                 JOIN installs i ON i.id = n.install WHERE i.name = ?2)",
                [&uuid, install],
            );
            noted.map_err(failed)?;
            uninstall::erase(&transaction, install)?;
        }
        let added = add(&transaction, new, &uuid, &sealed, at)?;
        transaction.commit().map_err(failed)?;
        Ok(added)
    }

    /// Notes which connector polls an install, whoever started it: where nothing is known of it yet, it is made.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn note_connector(
        &self,
        install: &str,
        provider: &str,
        component: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("INSERT INTO installs (name) VALUES (?1) ON CONFLICT DO NOTHING", [install])?;
        let uuid = new_uuid(&transaction)?;
        transaction.execute(
            "INSERT INTO connectors (install, uuid, provider, component, created_at, updated_at) \
             SELECT id, ?2, ?3, ?4, ?5, ?5 FROM installs WHERE name = ?1 \
             ON CONFLICT (install) DO UPDATE SET component = ?4, provider = ?3 WHERE component IS NOT ?4",
            params![install, uuid, provider, component, codec::host_time(at)],
        )?;
        Ok(transaction.commit()?)
    }

    /// One connector; none where there is none of this UUID.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn connector(&self, uuid: &str) -> Result<Option<Connector>, StoreError> {
        let sql = format!("{CONNECTOR} WHERE p.uuid = ?1");
        Ok(self.lock().prepare_cached(&sql)?.query_row([uuid], connector).optional()?)
    }

    /// The connector of an install; none where nothing ever polled it.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn connector_of(&self, install: &str) -> Result<Option<Connector>, StoreError> {
        Ok(named(&self.lock(), install)?)
    }

    /// All connectors, oldest first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn connectors(&self) -> Result<Vec<Connector>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!("{CONNECTOR} ORDER BY p.install"))?;
        let rows = statement.query_map([], connector)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A part of the list of connectors, as they were made.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_connectors(&self, condition: &Condition, seek: Seek, most: u32) -> Result<Page<Connector>, StoreError> {
        self.reading(|reader| {
            let Compiled { sql: condition, values, .. } = Compiled::new(&COLUMNS, condition);
            let [seconds, _] = COLUMNS.created;
            let list = List { select: CONNECTOR, condition, values, key: [seconds, "0 | 0", "p.install"] };
            read(reader, list, seek, most, connector)
        })
    }

    /// The config of a connector, sealed; none where it has none here.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn sealed_config(&self, uuid: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = self
            .lock()
            .prepare_cached("SELECT sealed FROM connectors WHERE uuid = ?1")?
            .query_row([uuid], |row| row.get(0))
            .optional()?;
        Ok(sealed.flatten())
    }

    /// Takes another config. What the connector remembers stays, and it no longer rests.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn set_config(&self, uuid: &str, sealed: &[u8], period: Duration, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.lock().execute(
            "UPDATE connectors SET sealed = ?2, period_s = ?3, updated_at = ?4, paused_at = NULL, paused_reason = NULL \
             WHERE uuid = ?1",
            params![uuid, sealed, seconds(period), codec::host_time(at)],
        )?;
        Ok(())
    }

    /// Seals every config anew, all or none: `seal` gets the UUID and what was sealed.
    ///
    /// # Errors
    ///
    /// What is sealed cannot be opened, or the file not be written.
    pub fn reseal<E: From<StoreError>>(
        &self,
        mut seal: impl FnMut(&str, &[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<usize, E> {
        let mut connection = self.lock();
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut statement =
            transaction.prepare("SELECT uuid, sealed FROM connectors WHERE sealed NOT NULL").map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        let kept: Vec<(String, Vec<u8>)> = rows.collect::<rusqlite::Result<_>>().map_err(failed)?;
        drop(statement);
        for (uuid, sealed) in &kept {
            let sealed = seal(uuid, sealed)?;
            let set = transaction.execute("UPDATE connectors SET sealed = ?2 WHERE uuid = ?1", params![uuid, sealed]);
            set.map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        Ok(kept.len())
    }

    /// Lets a connector rest, for a reason; none: it goes on.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn set_paused(&self, uuid: &str, reason: Option<&str>, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.lock().execute(
            "UPDATE connectors SET paused_at = iif(?2 IS NULL, NULL, ?3), paused_reason = ?2 WHERE uuid = ?1",
            params![uuid, reason, codec::host_time(at)],
        )?;
        Ok(())
    }

    /// Notes that a connector is about to be erased: whoever starts next goes on with that.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn set_leaving(&self, uuid: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.lock().execute(
            "UPDATE connectors SET leaves_at = ifnull(leaves_at, ?2) WHERE uuid = ?1",
            params![uuid, codec::host_time(at)],
        )?;
        Ok(())
    }
}

fn named(connection: &Connection, install: &str) -> rusqlite::Result<Option<Connector>> {
    let sql = format!("{CONNECTOR} WHERE i.name = ?1");
    connection.prepare_cached(&sql)?.query_row([install], connector).optional()
}

fn add(
    connection: &Connection,
    new: &NewConnector<'_>,
    uuid: &str,
    sealed: &[u8],
    at: DateTime<Utc>,
) -> Result<Connector, StoreError> {
    let made = connection.execute("INSERT INTO installs (name) VALUES (?1) ON CONFLICT DO NOTHING", [new.install])?;
    if made == 0 {
        return Err(StoreError::InstallExists { install: new.install.to_owned() });
    }
    connection.execute(
        "INSERT INTO connectors (install, uuid, provider, sealed, period_s, created_at, updated_at) \
         SELECT id, ?2, ?3, ?4, ?5, ?6, ?6 FROM installs WHERE name = ?1",
        params![new.install, uuid, new.provider, sealed, seconds(new.period), codec::host_time(at)],
    )?;
    put_grant(connection, new.install, new.granted, at)?;
    if let Some(origin) = new.origin {
        put_origin(connection, new.install, origin, at)?;
    }
    let added = named(connection, new.install)?;
    added.ok_or_else(|| StoreError::NoSuchInstall { install: new.install.to_owned(), known: Vec::new() })
}

fn seconds(period: Duration) -> i64 {
    i64::try_from(period.as_secs()).unwrap_or(i64::MAX)
}
