//! Which layout a file has, and how an older file becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use super::layouts::LAYOUTS;

/// `PMTS`: tells a payments store from any other `SQLite` file.
pub(super) const APPLICATION_ID: i64 = 0x504d_5453;

/// The newest layout that this program knows.
pub(super) const LAYOUT: i64 = LAYOUTS.len().cast_signed() as i64;

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
    for script in LAYOUTS.iter().skip(usize::try_from(layout).unwrap_or(0)) {
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
    use crate::{Store, raw, reference_hash};

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        reference_hash::register(&connection).unwrap();
        raw::register(&connection).unwrap();
        connection
    }

    #[test]
    fn a_store_of_the_first_layout_gets_the_sum_of_what_it_keeps() {
        let mut connection = connection();
        connection.execute_batch(LAYOUTS[0]).unwrap();
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

    /// All versions of all payments, each as one text.
    fn versions(connection: &Connection, versions: &str) -> Vec<String> {
        let sql = format!(
            "SELECT concat_ws('|', p.install, p.reference, v.seq, v.reading, v.updated_s, v.updated_n, \
             ifnull(v.withdrawn_s, '-'), ifnull(v.withdrawn_n, '-'), v.status, v.amount), v.raw, i.sample \
             FROM payments p JOIN ({versions}) v ON v.payment = p.id JOIN (SELECT * FROM installs) i ON i.id = p.install \
             ORDER BY p.install, p.reference, v.seq"
        );
        let mut statement = connection.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| {
            let sample: Option<String> = row.get(2)?;
            let raw = raw::unpack(row, 1, sample.as_deref().unwrap_or_default())?;
            Ok(format!("{}|{raw}", row.get::<_, String>(0)?))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_store_of_layout_4_keeps_every_version_with_its_bytes() {
        let mut connection = connection();
        connection.execute_batch(include_str!("../../../tests/released/store-4.sql")).unwrap();
        connection.execute_batch("CREATE TEMP VIEW installs AS SELECT *, NULL AS sample FROM main.installs").unwrap();
        let before = versions(&connection, "SELECT * FROM adjustments");
        connection.execute_batch("DROP VIEW temp.installs").unwrap();
        migrate(&mut connection).unwrap();
        let all = "SELECT id AS payment, seq, first AS reading, updated_s, updated_n, withdrawn_s, withdrawn_n, status, \
                   amount, raw FROM payments UNION ALL SELECT payment, seq, reading, updated_s, updated_n, withdrawn_s, \
                   withdrawn_n, status, amount, raw FROM adjustments";
        assert_eq!(versions(&connection, all), before);
        assert_eq!(before.len(), 44);
        let beside: i64 = connection.query_row("SELECT count(*) FROM adjustments", [], |row| row.get(0)).unwrap();
        assert_eq!(beside, 15, "those that are not present");
    }

    #[test]
    fn a_file_that_was_migrated_has_the_layout_of_a_new_one() {
        let schema = |connection: &Connection| -> Vec<String> {
            let mut statement = connection
                .prepare("SELECT replace(sql, '\"', '') FROM sqlite_schema WHERE sql NOT NULL ORDER BY name")
                .unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let mut migrated = connection();
        migrated.execute_batch(include_str!("../../../tests/released/store-4.sql")).unwrap();
        migrate(&mut migrated).unwrap();
        assert_eq!(schema(&migrated), schema(&Store::in_memory().unwrap().lock()));
        let broken = |check: &str| migrated.prepare(check).unwrap().exists([]).unwrap();
        assert!(
            !broken("PRAGMA foreign_key_check")
                && !broken("SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
        );
    }
}
