//! What is polled of a connector, and how each poll of it went.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row};

use super::list::{List, Page, Seek, read};
use crate::{RunSummary, Store, StoreError, StreamKey, codec};

/// A stream that is polled, as the number and the names it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The stream.
    pub stream: StreamKey,
    /// When a poll of it last came to its end.
    pub completed_at: Option<DateTime<Utc>>,
    /// The provider asked not to be called earlier.
    pub not_before: Option<DateTime<Utc>>,
}

/// A poll of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How it ended; none while it is under way, and when the process ended first.
    pub summary: Option<RunSummary>,
    /// What was missing when it ended, in words; none where nothing was.
    pub gaps: Option<String>,
}

impl Store {
    /// A part of the streams of an install, the last one added first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_schedules(&self, install: &str, seek: Seek, most: u32) -> Result<Page<Schedule>, StoreError> {
        let select = "SELECT i.name, s.task, s.parent, s.completed_at, s.not_before, 0, 0, s.id FROM streams s \
                      JOIN installs i ON i.id = s.install";
        self.reading(|connection| {
            let list = List {
                select,
                condition: "i.name = ?".to_owned(),
                values: vec![install.to_owned().into()],
                key: ["0 | 0", "0 | 0", "s.id"],
            };
            read(connection, list, seek, most, schedule)
        })
    }

    /// One stream of an install; none where it was never polled.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn schedule(&self, key: &StreamKey) -> Result<Option<Schedule>, StoreError> {
        self.reading(|connection| {
            connection
                .prepare_cached(
                    "SELECT i.name, s.task, s.parent, s.completed_at, s.not_before FROM streams s \
                     JOIN installs i ON i.id = s.install WHERE i.name = ?1 AND s.task = ?2 AND s.parent IS ?3",
                )?
                .query_row(rusqlite::params![key.install, key.task, key.parent], schedule)
                .optional()
        })
    }

    /// A part of the polls of a stream, the latest first.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_instances(&self, key: &StreamKey, seek: Seek, most: u32) -> Result<Page<Instance>, StoreError> {
        // What is missing is known of the last poll alone.
        let select = "SELECT r.id, r.started_at, r.finished_at, r.records, r.rejected, r.requests, r.error, \
                      iif(r.id = (SELECT max(id) FROM runs WHERE stream = s.id), (SELECT group_concat(what || ': ' || error, \
                      '; ') FROM gaps WHERE stream = s.id), NULL), 0, 0, r.id \
                      FROM runs r JOIN streams s ON s.id = r.stream JOIN installs i ON i.id = s.install";
        self.reading(|connection| {
            let list = List {
                select,
                condition: "i.name = ? AND s.task = ? AND s.parent IS ?".to_owned(),
                values: vec![key.install.clone().into(), key.task.clone().into(), key.parent.clone().into()],
                key: ["0 | 0", "0 | 0", "r.id"],
            };
            read(connection, list, seek, most, instance)
        })
    }

    /// When a poll of an install last began; none before the first one, and where a stream is in the middle of its reading, so
    /// that it is time to go on.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn last_poll(&self, install: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.reading(|connection| {
            connection
                .prepare_cached(
                    "SELECT iif(max(s.round) IS NULL, max(r.started_at), NULL) FROM streams s \
                     LEFT JOIN runs r ON r.stream = s.id JOIN installs i ON i.id = s.install WHERE i.name = ?1",
                )?
                .query_row([install], |row| codec::read_host_time(row, 0))
        })
    }
}

fn schedule(row: &Row<'_>) -> rusqlite::Result<Schedule> {
    Ok(Schedule {
        stream: StreamKey { install: row.get(0)?, task: row.get(1)?, parent: row.get(2)? },
        completed_at: codec::read_host_time(row, 3)?,
        not_before: codec::read_host_time(row, 4)?,
    })
}

fn instance(row: &Row<'_>) -> rusqlite::Result<Instance> {
    let count = |index| row.get::<_, Option<i64>>(index).map(|count| count.unwrap_or_default().cast_unsigned());
    let summary = match codec::read_host_time(row, 2)? {
        None => None,
        Some(finished_at) => Some(RunSummary {
            records: count(3)?,
            rejected: count(4)?,
            requests: count(5)?,
            error: row.get(6)?,
            finished_at,
        }),
    };
    Ok(Instance {
        id: row.get(0)?,
        started_at: codec::read_host_time(row, 1)?.unwrap_or_default(),
        summary,
        gaps: row.get(7)?,
    })
}
