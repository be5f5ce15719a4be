//! The run log: what became of each poll of each stream, so that a failure is seen after the fact.

use chrono::{DateTime, Utc};
use rusqlite::{TransactionBehavior, params};

use super::commit::{ROW, grow, stream_id};
use super::{Store, StoreError, StreamKey, codec};

/// How many runs of a stream are remembered: at one every five minutes, most of a day.
const REMEMBERED: i64 = 200;

/// A run that began, by the number that its store gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(pub i64);

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Records received.
    pub records: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Requests sent.
    pub requests: u64,
    /// Why it failed; none when it did not.
    pub error: Option<String>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

/// A run of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The stream.
    pub stream: StreamKey,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How it ended; none while it is under way, and when the process ended first.
    pub summary: Option<RunSummary>,
}

impl Store {
    pub(crate) fn begin_run(&self, key: &StreamKey, at: DateTime<Utc>) -> Result<RunId, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (install, stream, _) = stream_id(&transaction, key)?;
        transaction
            .execute("INSERT INTO runs (stream, started_at) VALUES (?1, ?2)", params![stream, codec::host_time(at)])?;
        let id = RunId(transaction.last_insert_rowid());
        let mut forget = transaction.prepare(
            "DELETE FROM runs WHERE stream = ?1 AND id <= \
             (SELECT id FROM runs WHERE stream = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) RETURNING length(error)",
        )?;
        let forgotten = forget.query_map([stream, REMEMBERED], |row| row.get::<_, Option<i64>>(0))?;
        let freed = forgotten.map(|length| Ok(ROW + length?.unwrap_or_default())).sum::<rusqlite::Result<i64>>()?;
        drop(forget);
        grow(&transaction, install, ROW - freed)?;
        transaction.commit()?;
        Ok(id)
    }

    pub(crate) fn finish_run(&self, id: RunId, summary: &RunSummary) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE runs SET finished_at = ?2, records = ?3, rejected = ?4, requests = ?5, error = ?6 WHERE id = ?1",
            params![
                id.0,
                codec::host_time(summary.finished_at),
                summary.records.cast_signed(),
                summary.rejected.cast_signed(),
                summary.requests.cast_signed(),
                summary.error
            ],
        )?;
        let said = summary.error.as_ref().map_or(0, |error| i64::try_from(error.len()).unwrap_or(i64::MAX));
        transaction.execute(
            "UPDATE installs SET bytes = bytes + ?2 FROM runs r JOIN streams s ON s.id = r.stream \
             WHERE r.id = ?1 AND installs.id = s.install",
            [id.0, said],
        )?;
        Ok(transaction.commit()?)
    }

    /// The last run of each stream of an install, sorted by stream.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn last_runs(&self, install: &str) -> Result<Vec<Run>, StoreError> {
        self.last_runs_where("i.name = ?1", install)
    }

    /// The last runs of those streams of all installs where it ended with an error, sorted by install and stream.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn failing_runs(&self) -> Result<Vec<Run>, StoreError> {
        self.last_runs_where("r.error IS NOT ?1", rusqlite::types::Null)
    }

    fn last_runs_where(&self, which: &str, value: impl rusqlite::ToSql) -> Result<Vec<Run>, StoreError> {
        let sql = format!(
            "SELECT i.name, s.task, s.parent, r.started_at, r.finished_at, r.records, r.rejected, r.requests, r.error \
             FROM installs i JOIN streams s ON s.install = i.id \
             JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE stream = s.id) \
             WHERE {which} ORDER BY i.name, s.task, s.parent",
        );
        self.reading(|connection| connection.prepare_cached(&sql)?.query_map([value], run)?.collect())
    }
}

fn run(row: &rusqlite::Row<'_>) -> rusqlite::Result<Run> {
    let count = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    let summary = match codec::read_host_time(row, 4)? {
        None => None,
        Some(finished_at) => Some(RunSummary {
            records: count(5)?,
            rejected: count(6)?,
            requests: count(7)?,
            error: row.get(8)?,
            finished_at,
        }),
    };
    Ok(Run {
        stream: StreamKey { install: row.get(0)?, task: row.get(1)?, parent: row.get(2)? },
        started_at: codec::read_host_time(row, 3)?.unwrap_or_default(),
        summary,
    })
}
