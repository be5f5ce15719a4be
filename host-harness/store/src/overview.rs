//! An install at a glance: what a person wants to see first.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::read::install_id;
use super::{Store, StoreError};

/// An amount of an asset, both as in the contract: `-5`, `EUR/2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// In the smallest unit.
    pub minor: String,
    /// What it is of.
    pub asset: String,
}

/// One of the accounts, the customer's own or somebody else's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// Its name, or else its reference.
    pub name: String,
    /// Its IBAN, where the connector tells it.
    pub iban: Option<String>,
    /// The latest booked balance of each asset.
    pub booked: Vec<Amount>,
    /// The latest available balance of each asset.
    pub available: Vec<Amount>,
}

/// How many payments there are of a type in a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// `PAYOUT`.
    pub payment_type: String,
    /// `SUCCEEDED`.
    pub status: String,
    /// How many.
    pub payments: u64,
}

/// One of the latest payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    /// The day of its creation, in UTC.
    pub created_on: Option<String>,
    /// `PAYOUT`.
    pub payment_type: String,
    /// `SUCCEEDED`.
    pub status: String,
    /// Without a sign.
    pub amount: Amount,
    /// `CARD`.
    pub scheme: String,
    /// The other party's name.
    pub counterparty: Option<String>,
}

/// An install at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The customer's own accounts that are not gone, by name.
    pub accounts: Vec<AccountLine>,
    /// Third parties' accounts that are not gone, by name.
    pub external_accounts: Vec<AccountLine>,
    /// Payments, by type and status.
    pub counts: Vec<Count>,
    /// The latest payments, the latest first.
    pub latest: Vec<PaymentLine>,
    /// Rows that a connector could not map and that have not arrived since.
    pub rejected: u64,
}

impl Store {
    /// What an install holds, with so many of its latest payments.
    ///
    /// # Errors
    ///
    /// There is no such install, or the file cannot be read.
    pub fn overview(&self, install: &str, latest: u32) -> Result<Overview, StoreError> {
        self.snapshot(|connection| {
            let install = install_id(connection, install)?;
            Ok(Overview {
                accounts: accounts(connection, install, "account")?,
                external_accounts: accounts(connection, install, "external-account")?,
                counts: counts(connection, install)?,
                latest: latest_payments(connection, install, latest)?,
                rejected: connection.query_row(
                    "SELECT count(*) FROM quarantine q JOIN streams s ON s.id = q.stream \
                     WHERE s.install = ?1 AND q.resolved_at IS NULL",
                    [install],
                    |row| count(row, 0),
                )?,
            })
        })
    }
}

impl Store {
    /// Whether anything was ever read of an install, be it that there is nothing.
    ///
    /// # Errors
    ///
    /// There is no such install, or the file cannot be read.
    pub fn holds_records(&self, install: &str) -> Result<bool, StoreError> {
        self.snapshot(|connection| {
            let install = install_id(connection, install)?;
            let holds = "SELECT EXISTS (SELECT 1 FROM accounts WHERE install = ?1) \
                         OR EXISTS (SELECT 1 FROM payments WHERE install = ?1) \
                         OR EXISTS (SELECT 1 FROM streams WHERE install = ?1 AND completed_at IS NOT NULL) \
                         OR EXISTS (SELECT 1 FROM quarantine q JOIN streams s ON s.id = q.stream WHERE s.install = ?1)";
            Ok(connection.query_row(holds, [install], |row| row.get(0))?)
        })
    }

    /// The names of an install's accounts by their references, those of accounts that are gone included. Of an account of
    /// the customer's own and another of one reference, that of the own one.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn account_names(&self, install: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT a.reference, a.name FROM accounts a JOIN installs i ON i.id = a.install \
             WHERE i.name = ?1 AND trim(a.name) <> '' ORDER BY a.kind DESC",
        )?;
        let names = statement.query_map([install], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }
}

fn accounts(connection: &Connection, install: i64, kind: &str) -> Result<Vec<AccountLine>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT reference, ifnull(name, reference), json_extract(metadata, '$.\"std/iban\"') FROM accounts \
         WHERE install = ?1 AND kind = ?2 AND gone_at IS NULL ORDER BY ifnull(name, reference), reference",
    )?;
    // One of each asset.
    let mut balances = connection.prepare(
        "SELECT amount, asset FROM _balances WHERE install = ?1 AND account = ?2 AND kind = ?3 AND label IS NULL \
         AND is_latest ORDER BY asset",
    )?;
    let mut rows = statement.query(params![install, kind])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        let reference: String = row.get(0)?;
        let mut latest = |kind: &str| {
            let amounts = balances.query_map(params![install, reference, kind], |row| amount(row, 0))?;
            amounts.collect::<rusqlite::Result<Vec<_>>>()
        };
        let (booked, available) = (latest("BOOKED")?, latest("AVAILABLE")?);
        accounts.push(AccountLine { name: row.get(1)?, iban: row.get(2)?, booked, available });
    }
    Ok(accounts)
}

fn counts(connection: &Connection, install: i64) -> Result<Vec<Count>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT type, status, count(*) FROM payments WHERE install = ?1 GROUP BY type, status ORDER BY type, status",
    )?;
    let counts = statement.query_map([install], |row| {
        Ok(Count { payment_type: row.get(0)?, status: row.get(1)?, payments: count(row, 2)? })
    })?;
    Ok(counts.collect::<rusqlite::Result<_>>()?)
}

fn latest_payments(connection: &Connection, install: i64, most: u32) -> Result<Vec<PaymentLine>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT date(created_s, 'unixepoch'), type, status, amount, asset, scheme, json_extract(counterparty, '$.name') \
         FROM payments WHERE install = ?1 ORDER BY created_s DESC, created_n DESC, reference DESC LIMIT ?2",
    )?;
    let payments = statement.query_map(params![install, most], |row| {
        Ok(PaymentLine {
            created_on: row.get(0)?,
            payment_type: row.get(1)?,
            status: row.get(2)?,
            amount: amount(row, 3)?,
            scheme: row.get(5)?,
            counterparty: row.get(6)?,
        })
    })?;
    Ok(payments.collect::<rusqlite::Result<_>>()?)
}

fn count(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(index)?.cast_unsigned())
}

fn amount(row: &Row<'_>, index: usize) -> rusqlite::Result<Amount> {
    Ok(Amount { minor: row.get(index)?, asset: row.get(index + 1)? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::testing::{account, accounts, balance, deliver, payment, payments, rejected};
    use crate::{AccountKind, PageRecords};
    use model::PaymentStatus::{Pending, Succeeded};

    #[test]
    fn the_latest_come_first_and_each_account_has_its_latest_balances() {
        let store = Store::in_memory().unwrap();
        let mut page: Vec<_> = ["a", "b", "c"].map(|reference| payment(reference, Succeeded, 1)).into();
        page[1].created_at.seconds = 500_000;
        page[2].status = Pending;
        deliver(&store, &payments(page), &[rejected(None, "{}")], 1).unwrap();
        deliver(&store, &accounts(vec![account("acc-1", "Main", None)]), &[], 1).unwrap();
        for amount in ["5", "7"] {
            deliver(&store, &PageRecords::Balances(vec![balance(amount, 60)]), &[], 1).unwrap();
        }
        let overview = store.overview("acme", 2).unwrap();
        let of = |minor: &str| Amount { minor: minor.to_owned(), asset: "EUR/2".to_owned() };
        assert_eq!(overview.accounts.len(), 1);
        assert_eq!((&overview.accounts[0].name, &overview.accounts[0].booked), (&"Main".to_owned(), &vec![of("7")]));
        let latest: Vec<_> = overview.latest.iter().map(|line| line.created_on.as_deref().unwrap()).collect();
        assert_eq!(latest, ["1970-01-06", "1970-01-01"]);
        let counts: Vec<_> = overview.counts.iter().map(|count| (count.status.as_str(), count.payments)).collect();
        assert_eq!(counts, [("PENDING", 1), ("SUCCEEDED", 2)]);
        assert_eq!(overview.rejected, 1);
        assert!(matches!(store.overview("amce", 2), Err(StoreError::NoSuchInstall { .. })));
    }

    #[test]
    fn an_account_without_a_name_has_none_and_one_of_the_own_goes_before_another_of_its_reference() {
        let store = Store::in_memory().unwrap();
        let own = vec![account("acc-1", "Main", None), account("acc-2", " ", None)];
        deliver(&store, &accounts(own), &[], 1).unwrap();
        let items = vec![account("acc-1", "Somebody", None), account("acc-3", "Shop", None)];
        let others = PageRecords::Accounts { kind: AccountKind::External, items, withdrawn: Vec::new() };
        deliver(&store, &others, &[], 1).unwrap();
        let names = store.account_names("acme").unwrap();
        let names: Vec<_> = names.iter().map(|(reference, name)| [&**reference, &**name]).collect();
        assert_eq!(names, [["acc-1", "Main"], ["acc-3", "Shop"]]);
        assert!(store.account_names("amce").unwrap().is_empty());
    }
}
