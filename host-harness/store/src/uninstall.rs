//! Taking an install out of a store.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, TransactionBehavior};

use super::read::install_id;
use super::{Granted, Store, StoreError};

/// What an install holds, or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// Accounts, one's own and others', and others that tasks run for.
    pub accounts: u64,
    /// Balances, those of before included.
    pub balances: u64,
    /// Payments.
    pub payments: u64,
    /// Rejected rows.
    pub rejected: u64,
}

/// What there is of an install, in an order in which nothing that is left refers to what is gone. The last line of the log stays,
/// and says nothing: without it, its number would come again, and who has read up to it would miss what that one tells.
const EVERYTHING: &str = "
UPDATE change_log SET kind = '', record = 0 WHERE install = ?1 AND seq = (SELECT max(seq) FROM change_log);
DELETE FROM change_log WHERE install = ?1 AND record <> 0;
DELETE FROM adjustments WHERE payment IN (SELECT id FROM payments WHERE install = ?1);
DELETE FROM payment_notes WHERE payment IN (SELECT id FROM payments WHERE install = ?1);
DELETE FROM payments WHERE install = ?1;
DELETE FROM pool_accounts WHERE account IN (SELECT id FROM accounts WHERE install = ?1);
DELETE FROM account_versions WHERE account IN (SELECT id FROM accounts WHERE install = ?1);
DELETE FROM accounts WHERE install = ?1;
DELETE FROM balances WHERE install = ?1;
DELETE FROM quarantine WHERE stream IN (SELECT id FROM streams WHERE install = ?1);
DELETE FROM runs WHERE stream IN (SELECT id FROM streams WHERE install = ?1);
DELETE FROM gaps WHERE stream IN (SELECT id FROM streams WHERE install = ?1);
DELETE FROM departures WHERE stream IN (SELECT id FROM streams WHERE install = ?1);
DELETE FROM streams WHERE install = ?1;
DELETE FROM incidents WHERE install = ?1;
DELETE FROM grants WHERE install = ?1;
DELETE FROM origins WHERE install = ?1;
DELETE FROM connectors WHERE install = ?1;
DELETE FROM installs WHERE id = ?1";

impl Store {
    /// The installs that were not taken out, by name: somebody may run them, or their connectors remember something still.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn installed(&self) -> Result<Vec<String>, StoreError> {
        let mut installed = Vec::new();
        for install in self.installs()? {
            let is_revoked = matches!(self.granted(&install)?, Some(Granted::Revoked(_)));
            if !is_revoked || !self.states(&install)?.is_empty() {
                installed.push(install);
            }
        }
        Ok(installed)
    }

    /// Takes back what an install was granted, and forgets what its connector remembers. Its records stay.
    ///
    /// # Errors
    ///
    /// There is no such install, or the file cannot be written.
    pub fn uninstall(&self, install: &str, at: DateTime<Utc>) -> Result<Holds, StoreError> {
        let holds = holds(&self.lock(), install)?;
        let revoked = match self.granted(install)? {
            Some(Granted::Grant(grant) | Granted::Replayed(grant)) => Some(grant),
            Some(Granted::Revoked(grant)) => grant,
            Some(Granted::Bundled) | None => None,
        };
        self.grant(install, &Granted::Revoked(revoked), at)?;
        self.reset_state(install, None)?;
        Ok(holds)
    }

    /// Erases at most so many of an install's payments, and overwrites them; gives how many. Who erases much does it bit by
    /// bit, so that others can write in between.
    ///
    /// # Errors
    ///
    /// There is no such install, or the file cannot be written.
    pub fn erase_payments(&self, install: &str, most: u32) -> Result<usize, StoreError> {
        let mut connection = self.lock();
        connection.pragma_update(None, "secure_delete", true)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = install_id(&transaction, install)?;
        let mut erased = 0;
        for table in ["payment_notes WHERE payment", "adjustments WHERE payment", "payments WHERE id"] {
            let sql = format!(
                "DELETE FROM {table} IN (SELECT id FROM payments WHERE install = ?1 ORDER BY created_s LIMIT ?2)"
            );
            erased = transaction.execute(&sql, rusqlite::params![id, most])?;
        }
        transaction.commit()?;
        Ok(erased)
    }

    /// Takes out what is left of an install, and overwrites it.
    ///
    /// # Errors
    ///
    /// There is no such install, or the file cannot be written.
    pub fn erase(&self, install: &str) -> Result<(), StoreError> {
        let mut connection = self.lock();
        connection.pragma_update(None, "secure_delete", true)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        erase(&transaction, install)?;
        Ok(transaction.commit()?)
    }

    /// Erases an install with all its records: no byte of them is left in the file, nor in the one beside it. It takes as
    /// much room again while it does. Gives what is gone.
    ///
    /// # Errors
    ///
    /// There is no such install, the file cannot be written, or there is no room for a copy of it. [`StoreError::Remains`]:
    /// the install is gone, but another program has the store open, and what was written ahead stays until it ends.
    pub fn purge(&self, install: &str) -> Result<Holds, StoreError> {
        let mut connection = self.lock();
        let holds = holds(&connection, install)?;
        connection.pragma_update(None, "secure_delete", true)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        erase(&transaction, install)?;
        transaction.commit()?;
        // Pages that are free hold what was in them, and so does the log of what is written ahead.
        // The copy would not fit into memory.
        connection.execute_batch("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;")?;
        let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if is_busy { Err(StoreError::Remains { install: install.to_owned() }) } else { Ok(holds) }
    }
}

/// Takes out all that there is of an install.
pub(super) fn erase(connection: &Connection, install: &str) -> Result<(), StoreError> {
    let id = install_id(connection, install)?;
    for statement in EVERYTHING.split(';') {
        connection.execute(statement, [id])?;
    }
    Ok(())
}

fn holds(connection: &Connection, install: &str) -> Result<Holds, StoreError> {
    let id = install_id(connection, install)?;
    let count = |of: &str| {
        let sql = format!("SELECT count(*) FROM {of}");
        connection.query_row(&sql, [id], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
    };
    Ok(Holds {
        accounts: count("accounts WHERE install = ?1")?,
        balances: count("balances WHERE install = ?1")?,
        payments: count("payments WHERE install = ?1")?,
        rejected: count("quarantine q JOIN streams s ON s.id = q.stream WHERE s.install = ?1")?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::testing::{
        account, accounts, at, balance, commit, deliver, everything, payment, payments, rejected, stream,
    };
    use crate::{PageRecords, StreamKey};
    use model::PaymentStatus::{Pending, Succeeded};

    const MARK: &str = "quince-jelly";

    fn filled(path: &Path) -> Store {
        let store = Store::open(path).unwrap();
        let other = StreamKey { install: "other".to_owned(), ..stream() };
        let (state, reading) = store.begin_call(&other).unwrap();
        let page = payments(vec![payment("kept", Succeeded, 1)]);
        commit(&store, &other, (state.revision, reading), &page, &[], Some(b"state"), 1).unwrap();
        deliver(&store, &accounts(vec![account("acc-1", MARK, None)]), &[], 1).unwrap();
        deliver(&store, &accounts(vec![account("acc-1", "Main", Some(1))]), &[], 1).unwrap();
        let page = |status| (0..50).map(|n| payment(&format!("{MARK}-{n}"), status, n)).collect();
        deliver(&store, &payments(page(Pending)), &[rejected(Some(MARK), MARK)], 1).unwrap();
        deliver(&store, &payments(page(Succeeded)), &[], 1).unwrap();
        deliver(&store, &PageRecords::Balances(vec![balance("5", 60)]), &[], 1).unwrap();
        store
    }

    #[test]
    fn what_is_purged_is_in_no_byte_of_the_file_and_other_installs_are_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = filled(&path);
        let told = |of: &str| -> i64 { store.lock().query_row(of, [], |row| row.get(0)).unwrap() };
        let last = told("SELECT max(seq) FROM v_changes");
        let holds = store.purge("acme").unwrap();
        assert_eq!(holds, Holds { accounts: 1, balances: 1, payments: 50, rejected: 1 });
        assert_eq!(store.installs().unwrap(), ["other"]);
        for file in fs::read_dir(folder.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes()));
        }
        assert_eq!(store.overview("other", 9).unwrap().latest.len(), 1);
        assert_eq!(store.states("other").unwrap().len(), 1);
        assert!(matches!(store.purge("acme"), Err(StoreError::NoSuchInstall { .. })));
        // Filled last, so the last line of the log was its own.
        let again = store.begin_call(&stream()).unwrap();
        let page = payments(vec![payment("new", Succeeded, 1)]);
        commit(&store, &stream(), (again.0.revision, again.1), &page, &[], None, 1).unwrap();
        assert_eq!(told("SELECT max(seq) FROM v_changes"), last + 1, "no number comes twice");
        assert_eq!(told("SELECT count(*) FROM v_changes"), 2);
        let broken = |sql: &str| store.lock().prepare(sql).unwrap().exists([]).unwrap();
        assert!(!broken("PRAGMA foreign_key_check"));
    }

    #[test]
    fn what_another_program_keeps_in_the_file_beside_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = filled(&path);
        store.lock().busy_timeout(std::time::Duration::ZERO).unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM payments;").unwrap();
        assert!(matches!(store.purge("acme"), Err(StoreError::Remains { .. })));
        assert_eq!(store.installs().unwrap(), ["other"]);
    }

    #[test]
    fn what_is_uninstalled_keeps_its_records_and_forgets_its_streams() {
        let folder = tempfile::tempdir().unwrap();
        let store = filled(&folder.path().join("store.db"));
        let before = everything(&store);
        assert_eq!(store.uninstall("acme", at(1)).unwrap().payments, 50);
        assert_eq!(everything(&store), before);
        assert_eq!(store.states("acme").unwrap(), []);
        assert_eq!((store.installed().unwrap().len(), store.installs().unwrap().len()), (1, 2));
        assert_eq!(store.states("other").unwrap().len(), 1);
    }
}
