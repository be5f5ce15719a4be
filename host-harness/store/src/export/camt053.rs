//! Statements of account, as banks send them: ISO 20022, `camt.053.001.08`.
//!
//! One for each own account, currency and period in which something was booked. What the account had at the beginning
//! follows from its oldest known balance; what it has at the end has to be the latest, or there is no statement at all.

mod xml;

use std::io::{BufWriter, Write};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::ExportError;
use super::ledger::{Asset, Balances, Ledger, Movement, OwnAccount, Purse, booked_until};
use super::selection::Filter;
use crate::Store;

/// How much time a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day,
    /// A calendar month.
    Month,
}

impl Period {
    fn first(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    fn last(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Month => day.with_day(day.num_days_in_month().into()).unwrap_or(day),
        }
    }
}

/// What an account had, what moved, and what it has then.
struct Statement<'l> {
    account: OwnAccount,
    asset: &'l Asset,
    first: NaiveDate,
    last: NaiveDate,
    opening: i128,
    entries: &'l [&'l Movement],
}

impl Statement<'_> {
    fn closing(&self) -> i128 {
        self.opening + self.entries.iter().map(|entry| entry.amount).sum::<i128>()
    }
}

/// Writes the statements of an install's own accounts. Returns how many there are.
///
/// # Errors
///
/// There is no such install or account, the filter asks for a status, nothing was booked, an account's balance is not known or
/// is not what its entries make it, an amount or a currency is none that a statement can name, the store cannot be read or
/// `out` not be written.
pub fn statements(
    store: &Store,
    install: &str,
    filter: &Filter,
    period: Period,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    if filter.status.is_some() {
        return Err(ExportError::NeedsAllEntries("statements"));
    }
    store.snapshot(|connection| {
        let ledger = Ledger::read(connection, install, filter)?;
        let purses = ledger.purses();
        let mut statements = Vec::new();
        for (purse, movements) in &purses {
            statements.extend(of_purse(&ledger, purse, movements, period)?);
        }
        if statements.is_empty() {
            return Err(ExportError::NothingBooked);
        }
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        let known = ledger.balances.values().filter_map(|balances| balances.latest).map(|latest| latest.until).max();
        let known = known.and_then(|second| DateTime::<Utc>::from_timestamp(second, 0)).unwrap_or_default();
        xml::document(&mut out, known, &statements)?;
        out.flush()?;
        Ok(statements.len() as u64)
    })
}

/// The statements of an account in one currency.
fn of_purse<'l>(
    ledger: &Ledger,
    (account, asset): &'l Purse,
    movements: &'l [&'l Movement],
    period: Period,
) -> Result<Vec<Statement<'l>>, ExportError> {
    if !movements.iter().any(|one| ledger.days.contain(one.day)) {
        return Ok(Vec::new());
    }
    let misfit = |reason| Err(ExportError::Misfit { record: format!("{account} in {}", asset.currency), reason });
    if asset.currency.len() != 3 || !asset.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return misfit("a statement knows currencies of three letters alone");
    }
    if asset.decimals > xml::DECIMALS {
        return misfit("a statement has room for five decimals");
    }
    let balances = ledger.balances.get(&(account.clone(), asset.clone())).copied().unwrap_or_default();
    let Some(opening) = balances.opening(movements) else {
        return misfit("its booked balance was never read, so that no statement can begin");
    };
    expect_closing(ledger, account, asset, balances, opening, movements)?;

    let seen = balances.latest.and_then(|latest| ledger.days.of(latest.until));
    let mut opening = opening;
    let mut statements = Vec::new();
    for entries in movements.chunk_by(|one, next| {
        period.first(one.day) == period.first(next.day) && ledger.days.contain(one.day) == ledger.days.contain(next.day)
    }) {
        let (Some(oldest), Some(latest)) = (entries.first(), entries.last()) else { continue };
        let (first, last) = (period.first(oldest.day), period.last(oldest.day));
        // Of a period that is not over, as much as is known.
        let known = seen.map_or(latest.day, |seen| seen.max(latest.day));
        let statement = Statement {
            account: ledger.account(account),
            asset,
            first: ledger.days.since.map_or(first, |since| since.max(first)),
            last: ledger.days.until.map_or(last, |until| until.min(last)).min(known),
            opening,
            entries,
        };
        opening = statement.closing();
        if [statement.opening, opening].into_iter().any(xml::is_too_long) {
            return misfit("a statement has room for eighteen digits");
        }
        if ledger.days.contain(oldest.day) {
            statements.push(statement);
        }
    }
    Ok(statements)
}

/// Opening and entries make the latest balance, or there is no statement.
fn expect_closing(
    ledger: &Ledger,
    account: &str,
    asset: &Asset,
    balances: Balances,
    opening: i128,
    movements: &[&Movement],
) -> Result<(), ExportError> {
    let Some(latest) = balances.latest else { return Ok(()) };
    let entries = booked_until(movements, latest.until);
    if opening + entries == latest.amount {
        return Ok(());
    }
    Err(ExportError::DoesNotClose {
        account: ledger.account(account).iban.unwrap_or_else(|| account.to_owned()),
        day: ledger.days.of(latest.until).unwrap_or_default(),
        currency: asset.currency.clone(),
        opening: asset.decimal(opening),
        entries: asset.decimal(entries),
        closing: asset.decimal(latest.amount),
        difference: asset.decimal(latest.amount - opening - entries),
    })
}
