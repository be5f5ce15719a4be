//! What can go wrong with a store, in words that say what to do next.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store refused. Unless it says otherwise, nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file, and none can be made.
    #[error(
        "cannot make the store {}: {source}. Check that its directory exists and that this user may write to it, or \
         name another file",
        path.display()
    )]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be opened.
    #[error(
        "cannot open the store {}: {}. Check that its directory exists and that this user may write to it, or \
         name another file",
        path.display(),
        plain(source)
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// What `SQLite` says.
        source: rusqlite::Error,
    },
    /// The file is one of this program's, and is damaged.
    #[error(
        "the store{} is damaged, and what was asked for cannot be read in it. Go back to a copy of it; or move it away, and what the \
         provider still has is read anew into another",
        path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default()
    )]
    Damaged {
        /// The file, where it is known.
        path: Option<PathBuf>,
    },
    /// The file is something else: not `SQLite`, or another program's database. It was left as it is.
    #[error("{} is not a payments store; it was left as it is. Name another file, or move this one away", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version of this program. It was left as it is.
    #[error(
        "the store {} has layout {found}, and this program knows layouts up to {known}; it was left as it is. Use the \
         newer program that wrote it",
        path.display()
    )]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// The layout of the file.
        found: i64,
        /// The newest layout that this program knows.
        known: i64,
    },
    /// The file was written by an older version of this program, and cannot be written to.
    #[error(
        "the store {} has layout {found}, this program reads layout {known}, and this user may not write to the file, which \
         would bring it to that; open it once as a user who may, or make a copy",
        path.display()
    )]
    OlderVersion {
        /// The file.
        path: PathBuf,
        /// The layout of the file.
        found: i64,
        /// The layout that this program reads.
        known: i64,
    },
    /// Somebody else moved the stream on between the read of its state and this commit.
    #[error(
        "another process ran or reset the stream `{stream}` meanwhile (it is at revision {stored}, this page was \
         fetched at {expected}); the page was not stored. Read the state again and repeat the call; one process per \
         store is enough"
    )]
    Concurrent {
        /// The stream.
        stream: String,
        /// The revision that the page was fetched at.
        expected: u64,
        /// The revision that the stream is at.
        stored: u64,
    },
    /// The install keeps as much as it may.
    #[error(
        "the install `{install}` keeps {stored} bytes of records and may keep {most}; the page was not stored. If that \
         is what the provider has, allow it more; if not, look at what its connector stores"
    )]
    Full {
        /// The install.
        install: String,
        /// What it keeps, in bytes.
        stored: u64,
        /// What it may keep, in bytes.
        most: u64,
    },
    /// The grant of an install is none that this program understands, or cannot be written down.
    #[error("the grant of the install `{install}` cannot be understood: {reason}. Revoke it, and grant anew")]
    Grant {
        /// The install.
        install: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such install in the store.
    #[error("the store has no install `{install}`; it has {}", list(known))]
    NoSuchInstall {
        /// The name asked for.
        install: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// There is an install of this name already.
    #[error("there is an install `{install}` already; give the new one another name")]
    InstallExists {
        /// The name.
        install: String,
    },
    /// An install was erased, and its bytes are still in the file beside the store.
    #[error(
        "`{install}` is erased, but another program has the store open, and what is erased stays in the file beside it, \
         `-wal`, until that program ends: end it, and open the store once more"
    )]
    Remains {
        /// The install.
        install: String,
    },
    /// Another process kept the store locked for longer than the store waits.
    #[error("another process keeps the store locked; nothing was stored. Wait until it is done, then run again")]
    Busy,
    /// `SQLite` failed.
    #[error(
        "the store cannot be read or written: {}. Nothing of this step was stored; check the disk (space, \
         permissions, health), then run again",
        plain(.0)
    )]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path: None },
            _ => Self::Sqlite(error),
        }
    }
}

/// What `SQLite` says, in words for who does not know it.
fn plain(error: &rusqlite::Error) -> String {
    let words = match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => "the file, or one beside it, cannot be opened",
        Some(ErrorCode::PermissionDenied) => "this user may not open it",
        Some(ErrorCode::ReadOnly) => "it may not be written to",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::SystemIoFailure) => "the disk does not read or write",
        Some(ErrorCode::OutOfMemory) => "there is too little memory",
        _ => return error.to_string(),
    };
    words.to_owned()
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none yet: run a connector first".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
