//! Opening a store: making sure that the file is one before touching it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema::{self, Found};
use super::{StoreError, raw, reference_hash};

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// As many statements as a page takes, and what goes with it.
const STATEMENTS: usize = 64;

/// Bytes of a page of a new file. Rows of payments take a bit more than 1 KB: in pages of 4 KB a sixth would be empty.
const PAGE: i64 = 8 << 10;

/// So many pages are written ahead (32 MB) before they go where they belong. A page of the index is changed by many commits
/// in turn: the more of them, the fewer times it is written there.
const AHEAD: i64 = 4_000;

/// Connections that are kept for whoever reads next.
const IDLE: usize = 8;

/// KB of pages in memory: those of the index of a few hundred thousand payments, which are changed in no order.
const CACHE: i64 = 8 << 10;

/// An embedded store. Its calls block: for a page, a few hundred microseconds.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    /// Connections that only read, and wait for the next who does.
    readers: Mutex<Vec<Connection>>,
    path: Option<PathBuf>,
    access: Access,
}

/// What a file may be opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Reading and writing.
    Whole,
    /// Reading, beside a process that writes.
    Reading,
    /// Reading what nobody writes: `SQLite` needs no file beside it then, which it could not make.
    Still,
}

impl Store {
    /// Opens the store in `path`, and creates it when there is no file or an empty one. A file that is made is its
    /// owner's alone, and so are the two that `SQLite` keeps beside it.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, is not a store, or was written by a newer version; the last two leave it as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let failed = |source| not_opened(path, source);
        // `SQLite` would make it for everybody to read; the files beside it get the permissions of this one.
        private_file::create_missing(path).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        let mut connection = connect(path, Access::Whole).map_err(failed)?;
        let layout = match schema::inspect(&connection).map_err(failed)? {
            Found::Empty => {
                connection.pragma_update(None, "page_size", PAGE).map_err(failed)?;
                // Nothing is lost with a store in which nothing is yet: five waits for the disk are spared.
                connection.pragma_update(None, "synchronous", "OFF").map_err(failed)?;
                0
            }
            Found::Layout(found) if found > schema::LAYOUT => {
                return Err(StoreError::NewerVersion { path: path.to_owned(), found, known: schema::LAYOUT });
            }
            Found::Layout(found) => found,
            Found::Foreign => return Err(StoreError::NotAStore { path: path.to_owned() }),
        };
        // The first statement that changes the file, so not before the file is known to be ours.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        Self::prepare(&mut connection, layout).map_err(failed)?;
        Ok(Self::over(connection, Some(path), Access::Whole))
    }

    /// Opens the store in `path` for somebody who only reads: also where the file, or its folder, cannot be written to.
    ///
    /// # Errors
    ///
    /// As [`Store::open`]; also where the file has an older layout, and cannot be brought to this one.
    pub fn open_to_read(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        match Self::open(path) {
            Err(StoreError::Open { source, .. } | StoreError::Sqlite(source)) if is_unwritable(&source) => {}
            opened => return opened,
        }
        let failed = |source| not_opened(path, source);
        // Without the file for what was written last, nobody has the store open to write.
        let access = if beside(path, "-wal").exists() { Access::Reading } else { Access::Still };
        let connection = connect(path, access).map_err(failed)?;
        match schema::inspect(&connection).map_err(failed)? {
            Found::Layout(schema::LAYOUT) => {}
            Found::Layout(found) if found > schema::LAYOUT => {
                return Err(StoreError::NewerVersion { path: path.to_owned(), found, known: schema::LAYOUT });
            }
            Found::Layout(found) => {
                return Err(StoreError::OlderVersion { path: path.to_owned(), found, known: schema::LAYOUT });
            }
            Found::Empty | Found::Foreign => return Err(StoreError::NotAStore { path: path.to_owned() }),
        }
        Ok(Self::over(connection, Some(path), access))
    }

    /// A store that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// `SQLite` is out of memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        set_up(&connection)?;
        Self::prepare(&mut connection, 0)?;
        Ok(Self::over(connection, None, Access::Whole))
    }

    fn over(connection: Connection, path: Option<&Path>, access: Access) -> Self {
        let path = path.map(Path::to_owned);
        Self { connection: Mutex::new(connection), readers: Mutex::default(), path, access }
    }

    fn prepare(connection: &mut Connection, layout: i64) -> rusqlite::Result<()> {
        if layout < schema::LAYOUT {
            schema::migrate(connection)?;
        }
        // With a write-ahead log, NORMAL survives a crash of the process without loss, and a power cut without damage:
        // at worst the last pages are fetched again, since their states are gone with them.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", AHEAD)?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // A statement that fires a trigger keeps what its pages were before: in a file, that is half of what a page costs.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(())
    }

    /// The connection. A panic while it was held rolled its transaction back, so it is as good as new.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a little, as a server does for each request: over a connection that is kept for the next one, and beside those
    /// who write.
    pub(crate) fn reading<R>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<R>) -> Result<R, StoreError> {
        let Some(path) = &self.path else { return Ok(read(&self.lock())?) };
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open_reader(path)?,
        };
        let read = read(&connection)?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE {
            readers.push(connection);
        }
        Ok(read)
    }

    fn open_reader(&self, path: &Path) -> Result<Connection, StoreError> {
        let open = || -> rusqlite::Result<Connection> {
            let connection = connect(path, self.access)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(connection)
        };
        open().map_err(|source| StoreError::Open { path: path.to_owned(), source })
    }

    /// Reads one consistent state of the store. A file is read over a connection of its own, so that a slow reader (an
    /// export into a pipe) does not hold up those who write.
    pub(crate) fn snapshot<R, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&Connection) -> Result<R, E>,
    ) -> Result<R, E> {
        let Some(path) = &self.path else {
            return read(&self.lock());
        };
        let written = || path.metadata().and_then(|metadata| Ok((metadata.len(), metadata.modified()?))).ok();
        let before = written();
        let connection = self.open_reader(path)?;
        let transaction = connection.unchecked_transaction().map_err(StoreError::from)?;
        let read = read(&transaction)?;
        // Nothing kept a writer off meanwhile.
        if self.access == Access::Still && written() != before {
            return Err(StoreError::Busy.into());
        }
        Ok(read)
    }
}

fn connect(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let mutex = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match access {
        Access::Whole => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | mutex)?,
        Access::Reading => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | mutex)?,
        Access::Still => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | mutex;
            let escaped = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
            Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?
        }
    };
    connection.busy_timeout(PATIENCE)?;
    set_up(&connection)?;
    Ok(connection)
}

/// What every connection needs.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    reference_hash::register(connection)?;
    raw::register(connection)
}

/// Why a file is no store that can be opened.
fn not_opened(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore { path },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path: Some(path) },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        _ => StoreError::Open { path, source },
    }
}

/// Whether a file failed to open because this user may not write to it, or not make the files that belong beside it.
fn is_unwritable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
