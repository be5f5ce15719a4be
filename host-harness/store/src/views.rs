//! The layout's views: the store as a person reads it with any SQL tool. What their columns mean is in
//! `host-harness/docs/data.md`; they are stable.
//!
//! Plain SQL, since whoever opens the file has none of this program's functions. So an amount is made of its digits, and
//! never computed with: text is as exact as it is long.

/// What changed, one line each time, and views over everything.
///
/// `change_log` is written by triggers, so that no way to change a record can forget it, but for new payments: there are many,
/// and a statement that fires a trigger keeps what all its pages were before. Its numbers come in the order of commits, and
/// none comes twice. The mark of a line is chance: it tells the line from one of the same number in another store, or in one
/// that was put back to an earlier day and has gone on since.
///
/// Names with `_` before them are steps of the others, and no more than that.
pub(super) const LAYOUT_6: &str = r#"
CREATE TABLE change_log (
    seq     INTEGER PRIMARY KEY,
    install INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    record  INTEGER NOT NULL,
    is_gone INTEGER NOT NULL,
    mark    INTEGER NOT NULL DEFAULT (random() & 0xffffffff)
) STRICT;
INSERT INTO change_log (install, kind, record, is_gone) SELECT install, kind, id, gone_at IS NOT NULL FROM accounts ORDER BY id;
INSERT INTO change_log (install, kind, record, is_gone) SELECT install, 'balance', id, 0 FROM balances ORDER BY id;
INSERT INTO change_log (install, kind, record, is_gone) SELECT install, 'payment', id, withdrawn_s IS NOT NULL FROM payments
    ORDER BY id;

CREATE TRIGGER accounts_new AFTER INSERT ON accounts BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, NEW.kind, NEW.id, 0);
END;
CREATE TRIGGER accounts_changed AFTER UPDATE OF raw ON accounts BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, NEW.kind, NEW.id, 0);
END;
CREATE TRIGGER accounts_gone AFTER UPDATE OF gone_at ON accounts WHEN (OLD.gone_at IS NULL) <> (NEW.gone_at IS NULL) BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, NEW.kind, NEW.id, NEW.gone_at IS NOT NULL);
END;
CREATE TRIGGER balances_new AFTER INSERT ON balances BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, 'balance', NEW.id, 0);
END;
CREATE TRIGGER payments_changed AFTER UPDATE OF metadata ON payments BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, 'payment', NEW.id, 0);
END;
CREATE TRIGGER payments_gone AFTER UPDATE OF withdrawn_s ON payments WHEN NEW.withdrawn_s IS NOT NULL BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, 'payment', NEW.id, 1);
END;

-- Accounts, one's own and others'.
CREATE VIEW v_accounts AS SELECT
    i.name AS install,
    a.reference AS account_id,
    a.kind,
    a.name,
    json_extract(a.metadata, '$."std/iban"') AS iban,
    json_extract(a.metadata, '$."std/account-number"') AS account_number,
    json_extract(a.metadata, '$."std/bic"') AS bic,
    json_extract(a.metadata, '$."std/holder"') AS holder,
    json_extract(a.metadata, '$."std/country"') AS country,
    json_extract(a.metadata, '$."std/status"') AS status,
    json_extract(a.metadata, '$."std/type"') AS type,
    substr(a.asset, 1, instr(a.asset, '/') - 1) AS currency,
    strftime('%Y-%m-%dT%H:%M:%S', a.created_s, 'unixepoch') || printf('.%06dZ', a.created_n / 1000) AS created_at,
    strftime('%Y-%m-%dT%H:%M:%S', a.updated_s, 'unixepoch') || printf('.%06dZ', a.updated_n / 1000) AS updated_at,
    a.gone_at,
    a.replaced_by AS replaced_by_account_id
FROM accounts a JOIN installs i ON i.id = a.install
WHERE a.kind IN ('account', 'external-account');

-- The runs of equal balances, with the digits of the amount, as many as its decimals at least take, and its sign.
CREATE VIEW _balances AS SELECT
    id, install, account, kind, label, asset, since_s, since_n, until_s, until_n,
    CASE WHEN amount LIKE '-%' THEN '-' ELSE '' END AS sign,
    CASE WHEN length(ltrim(amount, '-')) < 16 THEN CAST(amount AS INTEGER) END AS minor,
    amount,
    CAST(substr(asset, instr(asset, '/') + 1) AS INTEGER) AS exponent,
    replace(hex(zeroblob(max(0, substr(asset, instr(asset, '/') + 1) + 1 - length(ltrim(amount, '-'))))), '00', '0')
        || ltrim(amount, '-') AS digits,
    first = max(first) OVER of_one AS is_latest,
    first = min(first) OVER of_one AS is_oldest
FROM balances
WINDOW of_one AS (PARTITION BY install, account, kind, label, asset);

-- What each payment moves on which account: out of one, into another, and each fee.
CREATE VIEW _legs AS
SELECT id, install, 0 AS leg, source AS account, '-' AS sign, amount, asset FROM payments WHERE source IS NOT NULL
UNION ALL
SELECT id, install, 1, destination, '',
    CASE WHEN type = 'CONVERSION' THEN json_extract(counter, '$.amount') ELSE amount END,
    CASE WHEN type = 'CONVERSION' THEN json_extract(counter, '$.asset') ELSE asset END
FROM payments WHERE destination IS NOT NULL AND (type <> 'CONVERSION' OR counter IS NOT NULL)
UNION ALL
SELECT p.id, p.install, 2 + f.key, ifnull(p.source, p.destination), '-', json_extract(f.value, '$.amount'),
    json_extract(f.value, '$.asset')
FROM payments p, json_each(p.fees) f WHERE p.fees <> '[]' AND ifnull(p.source, p.destination) IS NOT NULL;

-- The legs of which the money has moved, and when: by the second where the provider tells it, else by the day. An amount of
-- up to fifteen digits is a number as well, and sums of such do not overflow.
CREATE VIEW _booked AS SELECT
    l.id, l.install, l.leg, l.account, CASE WHEN l.amount <> '0' THEN l.sign ELSE '' END AS sign, l.asset,
    json_extract(p.metadata, '$."std/booked-at"') AS booked_at,
    CASE WHEN length(l.amount) < 16 THEN CAST(l.sign || l.amount AS INTEGER) END AS minor,
    CAST(substr(l.asset, instr(l.asset, '/') + 1) AS INTEGER) AS exponent,
    replace(hex(zeroblob(max(0, substr(l.asset, instr(l.asset, '/') + 1) + 1 - length(l.amount)))), '00', '0')
        || l.amount AS digits,
    ifnull(json_extract(p.metadata, '$."std/booking-date"'),
        date(ifnull(json_extract(p.metadata, '$."std/booked-at"'), datetime(p.created_s, 'unixepoch')))) AS booked_on,
    ifnull(CAST(strftime('%s', json_extract(p.metadata, '$."std/booked-at"')) AS INTEGER), max(p.created_s,
        ifnull(CAST(strftime('%s', json_extract(p.metadata, '$."std/booking-date"')) AS INTEGER), p.created_s))) AS booked_s
FROM _legs l JOIN payments p ON p.id = l.id
WHERE p.status IN ('SUCCEEDED', 'REFUNDED', 'REFUNDED_FAILURE', 'REFUND_REVERSED', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_LOST',
    'AMOUNT_ADJUSTMENT', 'CAPTURE');

-- What an account had before its first entry: the oldest booked balance less the entries until then. Nothing is known where
-- an amount is too long for a number.
CREATE VIEW _openings AS SELECT
    b.install, b.account, b.asset,
    CASE WHEN count(e.id) = count(e.minor) THEN b.minor - ifnull(sum(e.minor), 0) END AS opening
FROM _balances b
LEFT JOIN _booked e ON e.install = b.install AND e.account = b.account AND e.asset = b.asset AND e.booked_s <= b.since_s
WHERE b.kind = 'BOOKED' AND b.label IS NULL AND b.is_oldest
GROUP BY b.install, b.account, b.asset;

-- The latest balances; beside a booked one, what the entries until then come to, and by how much that differs.
CREATE VIEW v_balances AS SELECT
    i.name AS install,
    b.account AS account_id,
    a.name AS account_name,
    json_extract(a.metadata, '$."std/iban"') AS account_iban,
    b.kind AS type,
    b.label,
    b.sign || substr(b.digits, 1, length(b.digits) - b.exponent)
        || CASE WHEN b.exponent > 0 THEN '.' || substr(b.digits, -b.exponent) ELSE '' END AS amount,
    ifnull(b.minor, b.amount) AS amount_minor,
    substr(b.asset, 1, instr(b.asset, '/') - 1) AS currency,
    strftime('%Y-%m-%dT%H:%M:%S', b.since_s, 'unixepoch') || printf('.%06dZ', b.since_n / 1000) AS since,
    strftime('%Y-%m-%dT%H:%M:%S', b.until_s, 'unixepoch') || printf('.%06dZ', b.until_n / 1000) AS as_of,
    s.entries AS entries_minor,
    b.minor - s.entries AS difference_minor
FROM _balances b
JOIN installs i ON i.id = b.install
LEFT JOIN accounts a ON a.install = b.install AND a.kind = 'account' AND a.reference = b.account
LEFT JOIN (
    SELECT l.install, l.account, l.asset, CASE WHEN count(e.id) = count(e.minor) THEN ifnull(sum(e.minor), 0) END AS entries
    FROM _balances l
    LEFT JOIN _booked e ON e.install = l.install AND e.account = l.account AND e.asset = l.asset AND e.booked_s <= l.until_s
    WHERE l.kind = 'BOOKED' AND l.label IS NULL AND l.is_latest
    GROUP BY l.install, l.account, l.asset
) s ON b.kind = 'BOOKED' AND b.label IS NULL AND s.install = b.install AND s.account = b.account AND s.asset = b.asset
WHERE b.is_latest;

-- Payments in their present version, whatever became of them.
CREATE VIEW v_payments AS SELECT
    i.name AS install,
    p.reference AS payment_id,
    p.parent AS parent_payment_id,
    p.replaced_by AS replaced_by_payment_id,
    strftime('%Y-%m-%dT%H:%M:%S', p.created_s, 'unixepoch') || printf('.%06dZ', p.created_n / 1000) AS created_at,
    p.precision AS created_at_precision,
    strftime('%Y-%m-%dT%H:%M:%S', p.updated_s, 'unixepoch') || printf('.%06dZ', p.updated_n / 1000) AS updated_at,
    strftime('%Y-%m-%dT%H:%M:%S', p.withdrawn_s, 'unixepoch') || printf('.%06dZ', p.withdrawn_n / 1000) AS withdrawn_at,
    p.type,
    p.status,
    p.scheme,
    substr(p.digits, 1, length(p.digits) - p.exponent)
        || CASE WHEN p.exponent > 0 THEN '.' || substr(p.digits, -p.exponent) ELSE '' END AS amount,
    CASE WHEN length(p.amount) < 16 THEN CAST(p.amount AS INTEGER) ELSE p.amount END AS amount_minor,
    substr(p.asset, 1, instr(p.asset, '/') - 1) AS currency,
    p.source AS source_account_id,
    p.destination AS destination_account_id,
    json_extract(p.counterparty, '$.name') AS counterparty_name,
    json_extract(p.counterparty, '$.accountNumber') AS counterparty_account_number,
    json_extract(p.counterparty, '$.bankIdentifier') AS counterparty_bank,
    json_extract(p.metadata, '$."std/booking-date"') AS booked_on,
    json_extract(p.metadata, '$."std/value-date"') AS value_on,
    json_extract(p.metadata, '$."std/label"') AS label,
    json_extract(p.metadata, '$."std/description"') AS reference,
    json_extract(p.metadata, '$."std/note"') AS note,
    json_extract(p.metadata, '$."std/category"') AS category,
    json_extract(p.metadata, '$."std/tags"') AS tags,
    json_extract(p.metadata, '$."std/attachments"') AS attachments,
    json_extract(p.metadata, '$."std/end-to-end-id"') AS end_to_end_id
FROM (
    SELECT *, CAST(substr(asset, instr(asset, '/') + 1) AS INTEGER) AS exponent,
        replace(hex(zeroblob(max(0, substr(asset, instr(asset, '/') + 1) + 1 - length(amount)))), '00', '0') || amount AS digits
    FROM payments
) p
JOIN installs i ON i.id = p.install;

-- One line for each movement on each account.
CREATE VIEW v_entries AS SELECT
    i.name AS install,
    p.reference AS payment_id,
    e.account AS account_id,
    a.name AS account_name,
    json_extract(a.metadata, '$."std/iban"') AS account_iban,
    e.booked_on,
    strftime('%Y-%m-%dT%H:%M:%S', p.created_s, 'unixepoch') || printf('.%06dZ', p.created_n / 1000) AS created_at,
    strftime('%Y-%m-%dT%H:%M:%S', p.updated_s, 'unixepoch') || printf('.%06dZ', p.updated_n / 1000) AS updated_at,
    CASE WHEN e.leg < 2 THEN p.type ELSE 'FEE' END AS type,
    p.status,
    p.scheme,
    CASE e.leg WHEN 1 THEN 'CREDIT' ELSE 'DEBIT' END AS direction,
    e.sign || substr(e.digits, 1, length(e.digits) - e.exponent)
        || CASE WHEN e.exponent > 0 THEN '.' || substr(e.digits, -e.exponent) ELSE '' END AS amount,
    ifnull(e.minor, e.sign || ltrim(e.digits, '0')) AS amount_minor,
    substr(e.asset, 1, instr(e.asset, '/') - 1) AS currency,
    CASE WHEN e.leg < 2 THEN e.sign || substr(e.local_digits, 1, length(e.local_digits) - e.local_exponent)
        || CASE WHEN e.local_exponent > 0 THEN '.' || substr(e.local_digits, -e.local_exponent) ELSE '' END
        END AS local_amount,
    CASE WHEN e.leg < 2 THEN substr(e.local_asset, 1, instr(e.local_asset, '/') - 1) END AS local_currency,
    json_extract(p.counterparty, '$.name') AS counterparty_name,
    CASE json_extract(p.counterparty, '$.accountNumberFormat') WHEN 'IBAN'
        THEN json_extract(p.counterparty, '$.accountNumber') END AS counterparty_iban,
    CASE WHEN json_extract(p.counterparty, '$.bankIdentifierFormat') IN ('BIC', 'SWIFT_BIC')
        THEN json_extract(p.counterparty, '$.bankIdentifier') END AS counterparty_bic,
    json_extract(p.metadata, '$."std/label"') AS label,
    json_extract(p.metadata, '$."std/description"') AS reference,
    json_extract(p.metadata, '$."std/note"') AS note,
    json_extract(p.metadata, '$."std/category"') AS category,
    -- Once a payment, so that it adds up.
    CASE WHEN e.leg = (p.source IS NULL) THEN json_extract(p.metadata, '$."std/vat-amount"') END AS vat_amount,
    CASE WHEN e.leg = (p.source IS NULL) THEN json_extract(p.metadata, '$."std/vat-rate"') END AS vat_rate,
    CASE WHEN e.after < 0 THEN '-' ELSE '' END || substr(e.after_digits, 1, length(e.after_digits) - e.exponent)
        || CASE WHEN e.exponent > 0 THEN '.' || substr(e.after_digits, -e.exponent) ELSE '' END AS balance_after
FROM (
    SELECT *,
        replace(hex(zeroblob(max(0, exponent + 1 - length(abs(after))))), '00', '0') || abs(after) AS after_digits,
        CAST(substr(local_asset, instr(local_asset, '/') + 1) AS INTEGER) AS local_exponent,
        replace(hex(zeroblob(max(0, substr(local_asset, instr(local_asset, '/') + 1) + 1 - length(local)))), '00', '0')
            || local AS local_digits
    FROM (
        SELECT b.*,
            -- Of a conversion, each side is the other's.
            CASE WHEN b.leg = 1 AND p.type = 'CONVERSION' THEN p.amount ELSE json_extract(p.counter, '$.amount') END AS local,
            CASE WHEN b.leg = 1 AND p.type = 'CONVERSION' THEN p.asset ELSE json_extract(p.counter, '$.asset') END AS local_asset,
            -- Not known any more behind an amount that is too long for a number.
            CASE WHEN count(*) OVER so_far = count(b.minor) OVER so_far THEN o.opening + sum(b.minor) OVER so_far END AS after
        FROM _booked b
        JOIN payments p ON p.id = b.id
        LEFT JOIN _openings o ON o.install = b.install AND o.account = b.account AND o.asset = b.asset
        WINDOW so_far AS (PARTITION BY b.install, b.account, b.asset
            ORDER BY b.booked_on, b.booked_s, b.booked_at, p.created_s, p.created_n, b.id, b.leg)
    )
) e
JOIN payments p ON p.id = e.id
JOIN installs i ON i.id = e.install
LEFT JOIN accounts a ON a.install = e.install AND a.kind = 'account' AND a.reference = e.account;

-- What changed, in the order in which it was stored.
CREATE VIEW v_changes AS SELECT
    c.seq,
    i.name AS install,
    c.kind,
    CASE c.kind WHEN 'payment' THEN p.reference
        WHEN 'balance' THEN b.account || '/' || b.kind || ifnull('/' || b.label, '')
            || '/' || substr(b.asset, 1, instr(b.asset, '/') - 1)
        ELSE a.reference END AS id,
    CASE WHEN c.is_gone THEN 'withdrawal' ELSE 'upsert' END AS change
FROM change_log c
JOIN installs i ON i.id = c.install
LEFT JOIN payments p ON c.kind = 'payment' AND p.id = c.record
LEFT JOIN balances b ON c.kind = 'balance' AND b.id = c.record
LEFT JOIN accounts a ON c.kind NOT IN ('payment', 'balance') AND a.id = c.record
WHERE coalesce(p.id, b.id, a.id) IS NOT NULL;
"#;
