//! The layout of the file, and how an older file becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

/// `PMTS`: tells a payments store from any other `SQLite` file.
pub(super) const APPLICATION_ID: i64 = 0x504d_5453;

/// One script for each layout, oldest first. A released one never changes: a change is a further script.
const MIGRATIONS: &[&str] = &[LAYOUT_1, LAYOUT_2, LAYOUT_3, LAYOUT_4];

/// The newest layout that this program knows.
pub(super) const LAYOUT: i64 = MIGRATIONS.len().cast_signed() as i64;

/// Instants of the provider are two integers (`_s`, `_n`), as in the contract: any of them fits, and they sort. Instants
/// of the host are RFC 3339 text with nine decimals, which sorts as well and reads better.
const LAYOUT_1: &str = "
CREATE TABLE installs (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE streams (
    id         INTEGER PRIMARY KEY,
    install    INTEGER NOT NULL REFERENCES installs(id),
    task       TEXT NOT NULL,
    parent     TEXT,
    state      BLOB,
    revision   INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT,
    not_before TEXT,
    UNIQUE (install, task, parent)
) STRICT;
-- To SQLite two NULLs differ, so the constraint above does not hold for a root.
CREATE UNIQUE INDEX streams_root ON streams (install, task) WHERE parent IS NULL;

CREATE TABLE accounts (
    id        INTEGER PRIMARY KEY,
    install   INTEGER NOT NULL REFERENCES installs(id),
    kind      TEXT NOT NULL,
    reference TEXT NOT NULL,
    name      TEXT,
    asset     TEXT,
    created_s INTEGER,
    created_n INTEGER,
    updated_s INTEGER,
    updated_n INTEGER,
    metadata  TEXT NOT NULL,
    raw       TEXT NOT NULL,
    -- When it was last read in this version. Not part of the record.
    read_at   TEXT NOT NULL,
    UNIQUE (install, kind, reference)
) STRICT;

-- Versions of an account that are not, or no longer, the current one.
CREATE TABLE account_versions (
    id        INTEGER PRIMARY KEY,
    account   INTEGER NOT NULL REFERENCES accounts(id),
    name      TEXT,
    asset     TEXT,
    created_s INTEGER,
    created_n INTEGER,
    updated_s INTEGER,
    updated_n INTEGER,
    metadata  TEXT NOT NULL,
    raw       TEXT NOT NULL,
    kept_at   TEXT NOT NULL
) STRICT;
CREATE INDEX account_versions_account ON account_versions (account);

-- One row for each run of equal amounts: held from `since`, and seen last at `until`.
CREATE TABLE balances (
    id      INTEGER PRIMARY KEY,
    install INTEGER NOT NULL REFERENCES installs(id),
    account TEXT NOT NULL,
    kind    TEXT NOT NULL,
    asset   TEXT NOT NULL,
    amount  TEXT NOT NULL,
    since_s INTEGER NOT NULL,
    since_n INTEGER NOT NULL,
    until_s INTEGER NOT NULL,
    until_n INTEGER NOT NULL
) STRICT;
CREATE INDEX balances_key ON balances (install, account, kind, asset, since_s, since_n);

-- The current version of each payment, less what its adjustment `current` holds.
CREATE TABLE payments (
    id           INTEGER PRIMARY KEY,
    install      INTEGER NOT NULL REFERENCES installs(id),
    reference    TEXT NOT NULL,
    current      INTEGER NOT NULL,
    created_s    INTEGER NOT NULL,
    created_n    INTEGER NOT NULL,
    updated_s    INTEGER NOT NULL,
    updated_n    INTEGER NOT NULL,
    type         TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    asset        TEXT NOT NULL,
    source       TEXT,
    destination  TEXT,
    counterparty TEXT,
    metadata     TEXT NOT NULL,
    UNIQUE (install, reference)
) STRICT;

-- `seq` counts arrivals. `updated` is the provider's time and gives the order. A withdrawal is the host's own
-- adjustment: it takes its place right after the version it withdraws, and keeps the host's time in `withdrawn`.
CREATE TABLE adjustments (
    id          INTEGER PRIMARY KEY,
    payment     INTEGER NOT NULL REFERENCES payments(id),
    seq         INTEGER NOT NULL,
    updated_s   INTEGER NOT NULL,
    updated_n   INTEGER NOT NULL,
    withdrawn_s INTEGER,
    withdrawn_n INTEGER,
    status      TEXT NOT NULL,
    amount      TEXT NOT NULL,
    raw         TEXT NOT NULL,
    UNIQUE (payment, seq)
) STRICT;

-- `digest` only narrows the search for an equal row.
CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams(id),
    digest      INTEGER NOT NULL,
    reference   TEXT,
    reason      TEXT NOT NULL,
    raw         TEXT NOT NULL,
    first_seen  TEXT NOT NULL,
    resolved_at TEXT
) STRICT;
CREATE INDEX quarantine_digest ON quarantine (stream, digest);
CREATE INDEX quarantine_open ON quarantine (stream, reference) WHERE resolved_at IS NULL;

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams(id),
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    records     INTEGER,
    rejected    INTEGER,
    requests    INTEGER,
    error       TEXT
) STRICT;
CREATE INDEX runs_stream ON runs (stream);
";

/// How many bytes of records an install keeps: counted as they come, so about right. What was there before is summed up
/// once.
const LAYOUT_2: &str = "
ALTER TABLE installs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE installs SET bytes = cast(
    (SELECT total(length(raw) + length(metadata)) FROM accounts WHERE install = installs.id)
    + (SELECT total(length(v.raw) + length(v.metadata)) FROM account_versions v JOIN accounts a ON a.id = v.account
       WHERE a.install = installs.id)
    + (SELECT total(length(metadata)) FROM payments WHERE install = installs.id)
    + (SELECT total(length(a.raw)) FROM adjustments a JOIN payments p ON p.id = a.payment
       WHERE p.install = installs.id)
    + (SELECT total(length(q.raw)) FROM quarantine q JOIN streams s ON s.id = q.stream WHERE s.install = installs.id)
    AS INTEGER);
";

/// What each install was granted, and what it tried beyond that. `terms` is JSON; null for the program's own connector.
const LAYOUT_3: &str = "
CREATE TABLE grants (
    install     INTEGER PRIMARY KEY REFERENCES installs(id),
    terms       TEXT,
    accepted_at TEXT NOT NULL
) STRICT;

CREATE TABLE incidents (
    id         INTEGER PRIMARY KEY,
    install    INTEGER NOT NULL REFERENCES installs(id),
    at         TEXT NOT NULL,
    stream     TEXT,
    component  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    method     TEXT NOT NULL,
    origin     TEXT NOT NULL,
    path       TEXT NOT NULL,
    refusals   INTEGER NOT NULL,
    told       TEXT NOT NULL,
    cleared_at TEXT
) STRICT;
CREATE INDEX incidents_open ON incidents (install, at) WHERE cleared_at IS NULL;
";

/// The contract 0.2.0: the order of reading decides which version is present, payments may lack `updated`, records leave,
/// streams have gaps, an install has a subject.
///
/// `reading` counts the calls of an install as they begin; `ended` is the last number drawn when the call that read a
/// version was committed, so that calls which overlapped can be told. What older layouts stored was read before the first.
const LAYOUT_4: &str = "
ALTER TABLE installs ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
ALTER TABLE installs ADD COLUMN subject TEXT;
ALTER TABLE installs ADD COLUMN subject_name TEXT;
ALTER TABLE streams ADD COLUMN completed_at TEXT;
-- The first call of the round under way, which may take several polls; whether something of it was not read, and whether a
-- row was rejected that does not say which it is.
ALTER TABLE streams ADD COLUMN round INTEGER;
ALTER TABLE streams ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN nameless INTEGER NOT NULL DEFAULT 0;

-- Others are kept here as well, under the kind `other/TASK`.
ALTER TABLE accounts ADD COLUMN stream INTEGER REFERENCES streams(id);
ALTER TABLE accounts ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
-- How many complete polls in a row have missed it, and since when.
ALTER TABLE accounts ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN missed_since TEXT;
ALTER TABLE accounts ADD COLUMN gone_at TEXT;
ALTER TABLE accounts ADD COLUMN replaced_by TEXT;
CREATE INDEX accounts_stream ON accounts (stream);

ALTER TABLE balances ADD COLUMN label TEXT;
-- As which call the run was read first, and last.
ALTER TABLE balances ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
ALTER TABLE balances ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
UPDATE balances SET first = n.number, reading = n.number FROM (SELECT id, row_number() OVER (ORDER BY since_s, since_n, id)
    - (SELECT count(*) FROM balances) AS number FROM balances) AS n WHERE n.id = balances.id;
DROP INDEX balances_key;
CREATE INDEX balances_key ON balances (install, account, kind, label, asset, first);

CREATE TABLE payments_4 (
    id           INTEGER PRIMARY KEY,
    install      INTEGER NOT NULL REFERENCES installs(id),
    reference    TEXT NOT NULL,
    current      INTEGER NOT NULL,
    parent       TEXT,
    created_s    INTEGER NOT NULL,
    created_n    INTEGER NOT NULL,
    precision    TEXT NOT NULL,
    type         TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    asset        TEXT NOT NULL,
    fees         TEXT NOT NULL,
    counter      TEXT,
    source       TEXT,
    destination  TEXT,
    counterparty TEXT,
    metadata     TEXT NOT NULL,
    stream       INTEGER REFERENCES streams(id),
    reading      INTEGER NOT NULL,
    ended        INTEGER NOT NULL,
    changed_at   TEXT NOT NULL,
    replaced_by  TEXT,
    UNIQUE (install, reference)
) STRICT;
INSERT INTO payments_4 SELECT id, install, reference, current, NULL, created_s, created_n, 'INSTANT', type, scheme, asset,
    '[]', NULL, source, destination, counterparty, metadata, NULL, 0, 0,
    strftime('%Y-%m-%dT%H:%M:%S.000000000Z', updated_s, 'unixepoch'), NULL FROM payments
    WHERE updated_s BETWEEN -62167219200 AND 253402300799;
INSERT INTO payments_4 SELECT id, install, reference, current, NULL, created_s, created_n, 'INSTANT', type, scheme, asset,
    '[]', NULL, source, destination, counterparty, metadata, NULL, 0, 0, '1970-01-01T00:00:00.000000000Z', NULL
    FROM payments WHERE updated_s NOT BETWEEN -62167219200 AND 253402300799;

CREATE TABLE adjustments_4 (
    id          INTEGER PRIMARY KEY,
    payment     INTEGER NOT NULL REFERENCES payments(id),
    seq         INTEGER NOT NULL,
    reading     INTEGER NOT NULL,
    updated_s   INTEGER,
    updated_n   INTEGER,
    withdrawn_s INTEGER,
    withdrawn_n INTEGER,
    status      TEXT NOT NULL,
    amount      TEXT NOT NULL,
    raw         TEXT NOT NULL,
    UNIQUE (payment, seq)
) STRICT;
-- Until now the provider's time gave the order; from here on the order of reading does, within one call that of the page.
INSERT INTO adjustments_4 SELECT id, payment,
    row_number() OVER (PARTITION BY payment ORDER BY updated_s, updated_n, seq), 0,
    updated_s, updated_n, withdrawn_s, withdrawn_n, status, amount, raw FROM adjustments;
UPDATE payments_4 SET current = (SELECT n.seq FROM adjustments o JOIN adjustments_4 n ON n.id = o.id
    WHERE o.payment = payments_4.id AND o.seq = payments_4.current);
DROP TABLE adjustments;
DROP TABLE payments;
ALTER TABLE payments_4 RENAME TO payments;
ALTER TABLE adjustments_4 RENAME TO adjustments;
CREATE INDEX payments_stream ON payments (stream, reading);

-- What the provider no longer has, until the poll that found it is over, or the operator says so.
CREATE TABLE departures (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams(id),
    kind        TEXT NOT NULL,
    reference   TEXT NOT NULL,
    replaced_by TEXT,
    reading     INTEGER NOT NULL,
    at          TEXT NOT NULL,
    -- The provider was asked for this very record, and said that there is none.
    asked       INTEGER NOT NULL,
    UNIQUE (stream, kind, reference)
) STRICT;

CREATE TABLE gaps (
    id         INTEGER PRIMARY KEY,
    stream     INTEGER NOT NULL REFERENCES streams(id),
    what       TEXT NOT NULL,
    error      TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    UNIQUE (stream, what)
) STRICT;
";

/// What a file turned out to be.
pub(super) enum Found {
    /// Nothing in it: a store to be.
    Empty,
    /// A store with this layout.
    Layout(i64),
    /// Another program's.
    Foreign,
}

/// Looks at a file without changing it.
pub(super) fn inspect(connection: &Connection) -> rusqlite::Result<Found> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let layout = number("PRAGMA user_version")?;
    if application == APPLICATION_ID {
        return Ok(Found::Layout(layout));
    }
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    Ok(if application == 0 && layout == 0 && objects == 0 { Found::Empty } else { Found::Foreign })
}

/// Brings a store to the newest layout, all of it or not at all.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    // A table that is made anew would take what refers to the old one along.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "legacy_alter_table", true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been faster.
    let layout: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for script in MIGRATIONS.iter().skip(usize::try_from(layout).unwrap_or(0)) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", LAYOUT.max(layout))?;
    transaction.commit()?;
    connection.pragma_update(None, "legacy_alter_table", false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_the_first_layout_gets_the_sum_of_what_it_keeps() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(LAYOUT_1).unwrap();
        let rows = "INSERT INTO installs VALUES (1, 'one'), (2, 'empty');
            INSERT INTO accounts (install, kind, reference, metadata, raw, read_at) VALUES (1, 'account', 'a', '{}', '12345678', '');
            INSERT INTO payments (id, install, reference, current, created_s, created_n, updated_s, updated_n, type, scheme,
            asset, metadata) VALUES (7, 1, 'p', 1, 0, 0, 0, 0, 'OTHER', 'OTHER', 'EUR/2', '{}');
            INSERT INTO adjustments (payment, seq, updated_s, updated_n, status, amount, raw) VALUES
            (7, 1, 0, 0, 'PENDING', '1', '1234'), (7, 2, 0, 0, 'SUCCEEDED', '1', '1234');";
        connection.execute_batch(rows).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        migrate(&mut connection).unwrap();
        let mut statement = connection.prepare("SELECT bytes FROM installs ORDER BY id").unwrap();
        let bytes: Vec<i64> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(bytes, [20, 0]);
    }
}
