//! A ledger of plain text, in the format of beancount: what hledger reads as well, and nothing else of it.
//!
//! Each payment is a transaction; what is pending has a `!` and is on no account of the bank's yet. The two rows of a transfer
//! between own accounts are one transaction where they are of one day, and else meet on an account for what is on its way.
//! What an account had before its first entry is a transaction of its own, and the latest balance is asserted where it is
//! the one that its day ended with.

mod names;
mod transactions;

use std::collections::BTreeSet;
use std::fmt;
use std::io::{BufWriter, Write};

use chrono::NaiveDate;

pub use self::names::{AccountNames, NotAccountNames};
use self::names::{Chart, OPENING};
use self::transactions::{Posting, Transaction, transactions};
use super::ExportError;
use super::ledger::{Balances, Ledger, Movement, Purse};
use super::selection::Filter;
use crate::Store;

/// A balance that an account has at the beginning of a day.
struct Assertion {
    day: NaiveDate,
    account: String,
    amount: String,
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} balance {}  {}", self.day, self.account, self.amount)
    }
}

/// Writes an install's payments as a ledger. Returns how many transactions there are.
///
/// # Errors
///
/// There is no such install or account, the filter asks for a status, two accounts bear one name, an amount or a day is none
/// that a ledger can name, the store cannot be read or `out` not be written.
pub fn ledger(
    store: &Store,
    install: &str,
    filter: &Filter,
    names: &AccountNames,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    if filter.status.is_some() {
        return Err(ExportError::NeedsAllEntries("ledgers"));
    }
    store.snapshot(|connection| {
        let ledger = Ledger::read(connection, install, filter)?;
        let chart = Chart::new(&ledger, names)?;
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        let mut transactions = transactions(&ledger, &chart);
        let start = start(&ledger, &transactions);
        let purses = ledger.purses();
        let of = |purse: &Purse| ledger.balances.get(purse).copied().unwrap_or_default();
        let openings = purses.iter().filter_map(|(purse, moved)| opening(&chart, start, purse, of(purse), moved));
        transactions.splice(0..0, openings);
        let assertions = purses.iter().filter_map(|(purse, moved)| assertion(&ledger, &chart, purse, of(purse), moved));
        let mut assertions: Vec<Assertion> = assertions.collect();
        assertions.sort_by_key(|one| one.day);
        write(&mut out, start, &transactions, &assertions)?;
        out.flush()?;
        Ok(transactions.len() as u64)
    })
}

/// The day before anything else.
fn start(ledger: &Ledger, transactions: &[Transaction]) -> NaiveDate {
    let balances = ledger.balances.values().filter_map(|balances| ledger.days.of(balances.latest?.until));
    let first = ledger.days.since.or_else(|| transactions.iter().map(|one| one.day).chain(balances).min());
    first.and_then(|day| day.pred_opt()).unwrap_or_default()
}

/// What an account had before the first day that is asked for.
fn opening(
    chart: &Chart<'_>,
    start: NaiveDate,
    (account, asset): &Purse,
    balances: Balances,
    movements: &[&Movement],
) -> Option<Transaction> {
    let before = movements.iter().filter(|one| one.day <= start);
    let amount = balances.opening(movements)? + before.map(|one| one.amount).sum::<i128>();
    let posting = |account: String, amount| Posting { account, asset: asset.clone(), amount, price: None };
    (amount != 0).then(|| Transaction {
        day: start,
        is_pending: false,
        payee: None,
        narration: "Opening balance".to_owned(),
        ids: Vec::new(),
        postings: vec![posting(chart.own(account, false), amount), posting(OPENING.to_owned(), -amount)],
        half: None,
    })
}

/// The latest balance, where all that was booked until it was read is of its day or before, and nothing else.
fn assertion(
    ledger: &Ledger,
    chart: &Chart<'_>,
    (account, asset): &Purse,
    balances: Balances,
    movements: &[&Movement],
) -> Option<Assertion> {
    let latest = balances.latest?;
    let day = ledger.days.of(latest.until).filter(|day| ledger.days.contain(*day))?;
    let is_of_its_end = |one: &&Movement| one.booked_at.is_some_and(|at| at <= latest.until) == (one.day <= day);
    let next = day.succ_opt().filter(|_| movements.iter().all(is_of_its_end))?;
    let amount = format!("{} {}", asset.decimal(latest.amount), asset.currency);
    Some(Assertion { day: next, account: chart.own(account, false), amount })
}

/// All of it, by day: an assertion is of the beginning of its own.
fn write(
    out: &mut dyn Write,
    start: NaiveDate,
    transactions: &[Transaction],
    assertions: &[Assertion],
) -> std::io::Result<()> {
    writeln!(out, "; A ledger for beancount, which hledger reads as well.\n")?;
    let posted = transactions.iter().flat_map(|one| &one.postings).map(|posting| &posting.account);
    let accounts: BTreeSet<&String> = posted.chain(assertions.iter().map(|one| &one.account)).collect();
    for account in accounts {
        writeln!(out, "{start} open {account}")?;
    }
    let mut assertions = assertions.iter().peekable();
    for transaction in transactions {
        while let Some(assertion) = assertions.next_if(|one| one.day <= transaction.day) {
            write!(out, "\n{assertion}")?;
        }
        write!(out, "\n{transaction}")?;
    }
    assertions.try_for_each(|assertion| write!(out, "\n{assertion}"))
}
