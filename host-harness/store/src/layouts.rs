//! The layout of the file: one script for each that there was.

use super::origins::LAYOUT_9;
use super::serving::layout::{LAYOUT_7, LAYOUT_8};
use super::views::LAYOUT_6;

/// Oldest first. A released one never changes: a change is a further script.
pub(super) const LAYOUTS: &[&str] =
    &[LAYOUT_1, LAYOUT_2, LAYOUT_3, LAYOUT_4, LAYOUT_5, LAYOUT_6, LAYOUT_7, LAYOUT_8, LAYOUT_9];

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

/// A new payment is one row in one table, whatever the number of rows: the present version stands in `payments`, and
/// `adjustments` holds the others alone, of the few payments that have any.
///
/// A payment is found by a number that is made of its reference, see `reference_hash.rs`. An index of the references
/// themselves is three times as large, and they come in no order: each row of a page goes to another place in it.
///
/// The provider's bytes are packed beside a sample of their kind, see `raw.rs`.
const LAYOUT_5: &str = "
-- What the install's payments are packed with: with another one they would be read as something else.
ALTER TABLE installs ADD COLUMN sample TEXT;
CREATE TRIGGER installs_sample BEFORE UPDATE OF sample ON installs WHEN OLD.sample IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'payments are packed with this sample: it never changes'); END;
UPDATE installs SET sample = (SELECT substr(a.raw, 1, 4096) FROM payments p JOIN adjustments a ON a.payment = p.id
    WHERE p.install = installs.id ORDER BY p.id, a.seq LIMIT 1);

CREATE TABLE payments_5 (
    id             INTEGER PRIMARY KEY,
    install        INTEGER NOT NULL REFERENCES installs(id),
    reference_hash INTEGER NOT NULL,
    reference      TEXT NOT NULL,
    -- The present version, by its arrival, and as which call it was read first.
    seq            INTEGER NOT NULL,
    first          INTEGER NOT NULL,
    updated_s      INTEGER,
    updated_n      INTEGER,
    withdrawn_s    INTEGER,
    withdrawn_n    INTEGER,
    status         TEXT NOT NULL,
    amount         TEXT NOT NULL,
    -- What no version but the present one is known to say.
    parent         TEXT,
    created_s      INTEGER NOT NULL,
    created_n      INTEGER NOT NULL,
    precision      TEXT NOT NULL,
    type           TEXT NOT NULL,
    scheme         TEXT NOT NULL,
    asset          TEXT NOT NULL,
    fees           TEXT NOT NULL,
    counter        TEXT,
    source         TEXT,
    destination    TEXT,
    stream         INTEGER REFERENCES streams(id),
    -- As which call the payment was read last, in whatever version.
    reading        INTEGER NOT NULL,
    ended          INTEGER NOT NULL,
    changed_at     TEXT NOT NULL,
    replaced_by    TEXT,
    -- The long ones come last: what is read of a row is read up to where it stands.
    counterparty   TEXT,
    metadata       TEXT NOT NULL,
    raw            ANY NOT NULL
) STRICT;
INSERT INTO payments_5 SELECT p.id, p.install, hash_reference(p.install, p.reference), p.reference, a.seq, a.reading,
    a.updated_s, a.updated_n, a.withdrawn_s, a.withdrawn_n, a.status, a.amount, p.parent, p.created_s, p.created_n,
    p.precision, p.type, p.scheme, p.asset, p.fees, p.counter, p.source, p.destination, p.stream, p.reading, p.ended,
    p.changed_at, p.replaced_by, p.counterparty, p.metadata, pack_raw(a.raw, i.sample)
    FROM payments p JOIN installs i ON i.id = p.install JOIN adjustments a ON a.payment = p.id AND a.seq = p.current
    ORDER BY p.id;

CREATE TABLE adjustments_5 (
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
    raw         ANY NOT NULL,
    UNIQUE (payment, seq)
) STRICT;
INSERT INTO adjustments_5 SELECT a.id, a.payment, a.seq, a.reading, a.updated_s, a.updated_n, a.withdrawn_s, a.withdrawn_n,
    a.status, a.amount, pack_raw(a.raw, i.sample)
    FROM adjustments a JOIN payments p ON p.id = a.payment JOIN installs i ON i.id = p.install
    WHERE a.seq <> p.current ORDER BY a.id;
DROP TABLE adjustments;
DROP TABLE payments;
ALTER TABLE payments_5 RENAME TO payments;
ALTER TABLE adjustments_5 RENAME TO adjustments;
CREATE INDEX payments_reference ON payments (reference_hash);
CREATE INDEX payments_stream ON payments (stream, status);
";
