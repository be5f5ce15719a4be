//! What a server keeps beside the records.

/// Connectors as their API knows them, tasks, pools, what users note, what operators did, and how far each reader of the log
/// has read.
///
/// `change_log` is what events are made of: a line now says which version of a payment it is about, since that one is told
/// even when another has taken its place before anybody read the line.
pub(crate) const LAYOUT_7: &str = "
CREATE TABLE connectors (
    install       INTEGER PRIMARY KEY REFERENCES installs(id),
    uuid          TEXT NOT NULL UNIQUE,
    provider      TEXT NOT NULL,
    -- The component that ran it last, by its digest.
    component     TEXT,
    -- The config with its secrets, sealed; null for one that is run by other means.
    sealed        BLOB,
    period_s      INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    paused_at     TEXT,
    paused_reason TEXT,
    leaves_at     TEXT
) STRICT;
-- Until now there was one connector that needed no grant, and a grant names its connector.
INSERT INTO connectors (install, uuid, provider, created_at, updated_at) SELECT i.id,
    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
        || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
    coalesce(json_extract(g.terms, '$.connector'), json_extract(g.terms, '$.revoked.connector'),
        json_extract(g.terms, '$.replayed.connector'), 'qonto'),
    began.at, began.at
    FROM installs i LEFT JOIN grants g ON g.install = i.id
    JOIN (SELECT i.id, ifnull(min(r.started_at), '1970-01-01T00:00:00.000000000Z') AS at FROM installs i
        LEFT JOIN streams s ON s.install = i.id LEFT JOIN runs r ON r.stream = s.id GROUP BY i.id) began ON began.id = i.id;

-- Those of a connector that is gone stay.
CREATE TABLE tasks (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT NOT NULL UNIQUE,
    provider   TEXT NOT NULL,
    connector  TEXT NOT NULL,
    what       TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    created    TEXT,
    error      TEXT
) STRICT;

CREATE TABLE payment_notes (
    payment  INTEGER PRIMARY KEY REFERENCES payments(id),
    metadata TEXT NOT NULL
) STRICT;

CREATE TABLE pools (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE pool_accounts (
    pool    INTEGER NOT NULL REFERENCES pools(id),
    account INTEGER NOT NULL REFERENCES accounts(id),
    PRIMARY KEY (pool, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    install TEXT,
    told    TEXT NOT NULL
) STRICT;

CREATE TABLE readers (
    name  TEXT PRIMARY KEY,
    after INTEGER NOT NULL
) STRICT;

-- What the provider does not say of an account: since when it is known here.
ALTER TABLE accounts ADD COLUMN first_seen TEXT;
UPDATE accounts SET first_seen = read_at;

-- The type that a payment had first, where it is another one now: it is part of what it is called by.
ALTER TABLE payments ADD COLUMN first_type TEXT;
CREATE INDEX payments_created ON payments (created_s, created_n);
CREATE INDEX payments_of_install ON payments (install, created_s, created_n);

ALTER TABLE change_log ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
UPDATE change_log SET version = (SELECT seq FROM payments WHERE id = record) WHERE kind = 'payment';
DROP TRIGGER payments_changed;
DROP TRIGGER payments_gone;
CREATE TRIGGER payments_changed AFTER UPDATE OF metadata ON payments BEGIN
    INSERT INTO change_log (install, kind, record, is_gone, version) VALUES (NEW.install, 'payment', NEW.id, 0, NEW.seq);
END;
CREATE TRIGGER payments_gone AFTER UPDATE OF withdrawn_s ON payments WHEN NEW.withdrawn_s IS NOT NULL BEGIN
    INSERT INTO change_log (install, kind, record, is_gone, version) VALUES (NEW.install, 'payment', NEW.id, 1, NEW.seq);
END;
";

/// Layout 8: news about what is no record. Of a pool or a task, `told` is the UUID, and `at` when it happened; a line about a
/// task that ended has the version 2.
pub(crate) const LAYOUT_8: &str = "
ALTER TABLE change_log ADD COLUMN told TEXT;
ALTER TABLE change_log ADD COLUMN at TEXT;
";
