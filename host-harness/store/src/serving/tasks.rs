//! What takes a while, and how it went: resets and removals of connectors.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::connectors::Connector;
use super::events::News;
use super::new_uuid;
use crate::{Store, StoreError, codec};

/// What a task does that makes a connector anew.
pub const RESET: &str = "reset";

/// How a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskStatus {
    /// Under way.
    Processing,
    /// Done; with the UUID of the connector that it made, where it made one.
    Succeeded(Option<String>),
    /// Not done, and why.
    Failed(String),
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What it is called by.
    pub uuid: String,
    /// The provider of its connector, which may be gone.
    pub provider: String,
    /// The UUID of that connector.
    pub connector: String,
    /// `reset`, `uninstall`.
    pub what: String,
    /// How it stands.
    pub status: TaskStatus,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// Begins a task about a connector; gives its UUID.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn begin_task(&self, of: &Connector, what: &str, at: DateTime<Utc>) -> Result<String, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let uuid = new_uuid(&transaction)?;
        transaction.execute(
            "INSERT INTO tasks (uuid, provider, connector, what, status, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, 'PROCESSING', ?5, ?5)",
            params![uuid, of.provider, of.uuid, what, codec::host_time(at)],
        )?;
        News::TaskBegins(&uuid).note(&transaction, at)?;
        transaction.commit()?;
        Ok(uuid)
    }

    /// Notes how a task ended. What it made is known already where that was noted with it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn end_task(&self, uuid: &str, status: &TaskStatus, at: DateTime<Utc>) -> Result<(), StoreError> {
        let (word, created, error) = match status {
            TaskStatus::Processing => ("PROCESSING", None, None),
            TaskStatus::Succeeded(created) => ("SUCCEEDED", created.as_ref(), None),
            TaskStatus::Failed(error) => ("FAILED", None, Some(error)),
        };
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let what: Option<String> = transaction
            .query_row(
                "UPDATE tasks SET status = ?2, created = ifnull(?3, created), error = ?4, updated_at = ?5 WHERE uuid = ?1 \
                 RETURNING what",
                params![uuid, word, created, error, codec::host_time(at)],
                |row| row.get(0),
            )
            .optional()?;
        if what.is_some_and(|what| what == RESET) && matches!(status, TaskStatus::Succeeded(_)) {
            News::Reset(uuid).note(&transaction, at)?;
        }
        News::TaskEnds(uuid).note(&transaction, at)?;
        Ok(transaction.commit()?)
    }

    /// A task; none where there is none of this UUID.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn task(&self, uuid: &str) -> Result<Option<Task>, StoreError> {
        Ok(tasks_where(&self.lock(), "uuid = ?1", Some(uuid))?.pop())
    }

    /// The tasks that are not done: those that a process left, when it starts.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn open_tasks(&self) -> Result<Vec<Task>, StoreError> {
        Ok(tasks_where(&self.lock(), "status = 'PROCESSING' AND ?1 IS NULL", None)?)
    }
}

pub(super) fn tasks_where(
    connection: &Connection,
    condition: &str,
    value: Option<&str>,
) -> rusqlite::Result<Vec<Task>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT uuid, provider, connector, what, status, created, error, created_at, updated_at FROM tasks \
         WHERE {condition} ORDER BY id"
    ))?;
    let rows = statement.query_map([value], |row| {
        let status: String = row.get(4)?;
        Ok(Task {
            uuid: row.get(0)?,
            provider: row.get(1)?,
            connector: row.get(2)?,
            what: row.get(3)?,
            status: match status.as_str() {
                "SUCCEEDED" => TaskStatus::Succeeded(row.get(5)?),
                "FAILED" => TaskStatus::Failed(row.get::<_, Option<String>>(6)?.unwrap_or_default()),
                _ => TaskStatus::Processing,
            },
            created_at: codec::read_host_time(row, 7)?.unwrap_or_default(),
            updated_at: codec::read_host_time(row, 8)?.unwrap_or_default(),
        })
    })?;
    rows.collect()
}
