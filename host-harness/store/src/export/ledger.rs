//! The movements on own accounts with their exact amounts, and the balances that they have to come to: what statements and
//! ledgers are made of.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use rusqlite::{Connection, Row, params};

use super::ExportError;
use super::rows::text;
use super::selection::{Filter, Selected, Selection, What};
use super::zone::{Zone, booked_on};

/// One's own account.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnAccount {
    pub(super) reference: String,
    pub(super) name: Option<String>,
    pub(super) iban: Option<String>,
    pub(super) number: Option<String>,
    pub(super) bic: Option<String>,
    pub(super) holder: Option<String>,
}

/// A currency, and how many decimals its amounts have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asset {
    pub(super) currency: String,
    pub(super) decimals: usize,
}

impl Asset {
    fn of(text: &str) -> Self {
        let (currency, decimals) = text.split_once('/').unwrap_or((text, "0"));
        Self { currency: currency.to_owned(), decimals: decimals.parse().unwrap_or_default() }
    }

    /// An amount of the smallest unit as a decimal number: `-12.50`.
    pub(super) fn decimal(&self, minor: i128) -> String {
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = self.decimals + 1);
        let (whole, rest) = digits.split_at(digits.len() - self.decimals);
        let (sign, point) = (if minor < 0 { "-" } else { "" }, if rest.is_empty() { "" } else { "." });
        format!("{sign}{whole}{point}{rest}")
    }
}

/// Money that moved on an account, or is about to.
#[derive(Debug, Clone)]
pub(super) struct Movement {
    /// The payment it is of, which may move money on several accounts.
    pub(super) payment: i64,
    pub(super) reference: String,
    /// 0: out of the payment's source; 1: into its destination; from 2 on: a fee.
    pub(super) leg: u32,
    pub(super) account: String,
    pub(super) asset: Asset,
    /// In the smallest unit, negative where it leaves the account.
    pub(super) amount: i128,
    pub(super) day: NaiveDate,
    /// When it was booked, in seconds since 1970; none of what is pending.
    pub(super) booked_at: Option<i64>,
    /// The type of the payment, or `FEE`.
    pub(super) kind: String,
    pub(super) scheme: String,
    pub(super) counterparty: Option<String>,
    pub(super) counterparty_account: Option<String>,
    pub(super) counterparty_bic: Option<String>,
    pub(super) label: Option<String>,
    /// What the payer wrote.
    pub(super) note: Option<String>,
    pub(super) category: Option<String>,
    pub(super) value_on: Option<String>,
    pub(super) end_to_end_id: Option<String>,
    pub(super) mandate_id: Option<String>,
    pub(super) group: Option<String>,
}

/// A booked balance, and for how long it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) amount: i128,
    pub(super) since: i64,
    pub(super) until: i64,
}

/// The booked balances of an account in one currency.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Balances {
    oldest: Option<Known>,
    pub(super) latest: Option<Known>,
}

impl Balances {
    /// What the account had before its first movement: the oldest balance less what was booked until then.
    pub(super) fn opening(&self, movements: &[&Movement]) -> Option<i128> {
        self.oldest.map(|oldest| oldest.amount - booked_until(movements, oldest.since))
    }
}

/// What was booked until a moment comes to.
pub(super) fn booked_until(movements: &[&Movement], second: i64) -> i128 {
    let booked = movements.iter().filter(|one| one.booked_at.is_some_and(|at| at <= second));
    booked.map(|one| one.amount).sum()
}

/// An account in one currency.
pub(super) type Purse = (String, Asset);

/// What an install's ledger is made of.
pub(super) struct Ledger {
    pub(super) accounts: BTreeMap<String, OwnAccount>,
    pub(super) balances: BTreeMap<Purse, Balances>,
    /// By account, currency, and the order of booking.
    pub(super) movements: Vec<Movement>,
    pub(super) days: Days,
}

/// Which days are asked for, and where they are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    pub(super) since: Option<NaiveDate>,
    pub(super) until: Option<NaiveDate>,
    zone: Zone,
}

impl Days {
    pub(super) fn contain(self, day: NaiveDate) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The day of a moment in seconds since 1970.
    pub(super) fn of(self, second: i64) -> Option<NaiveDate> {
        DateTime::from_timestamp(second, 0).map(|at| self.zone.date(at))
    }
}

impl Ledger {
    /// Reads all movements of the accounts that are asked for, whatever days are: what came before makes the opening.
    pub(super) fn read(connection: &Connection, install: &str, filter: &Filter) -> Result<Self, ExportError> {
        let selected = Selected::of(connection, install, &Selection { what: What::Entries, filter: filter.clone() })?;
        Ok(Self {
            accounts: accounts(connection, &selected)?,
            balances: balances(connection, &selected)?,
            movements: movements(connection, &selected)?,
            days: Days { since: filter.since, until: filter.until, zone: filter.zone },
        })
    }

    /// The account of this reference; of one that was never read, nothing else is known.
    pub(super) fn account(&self, reference: &str) -> OwnAccount {
        let unknown = || OwnAccount { reference: reference.to_owned(), ..OwnAccount::default() };
        self.accounts.get(reference).cloned().unwrap_or_else(unknown)
    }

    /// Each account in each currency, with what was booked on it.
    pub(super) fn purses(&self) -> BTreeMap<Purse, Vec<&Movement>> {
        let mut purses: BTreeMap<Purse, Vec<&Movement>> = BTreeMap::new();
        for purse in self.balances.keys() {
            purses.entry(purse.clone()).or_default();
        }
        for movement in self.movements.iter().filter(|one| one.booked_at.is_some()) {
            purses.entry((movement.account.clone(), movement.asset.clone())).or_default().push(movement);
        }
        purses
    }
}

fn accounts(connection: &Connection, selected: &Selected) -> Result<BTreeMap<String, OwnAccount>, ExportError> {
    let mut statement = connection.prepare(
        "SELECT account_id, name, iban, account_number, bic, holder FROM v_accounts \
         WHERE install = (SELECT name FROM installs WHERE id = ?1) AND kind = 'account'",
    )?;
    let rows = statement.query_map([selected.install], |row| {
        Ok(OwnAccount {
            reference: row.get(0)?,
            name: row.get(1)?,
            iban: row.get(2)?,
            number: row.get(3)?,
            bic: row.get(4)?,
            holder: row.get(5)?,
        })
    })?;
    Ok(rows.map(|row| row.map(|one| (one.reference.clone(), one))).collect::<rusqlite::Result<_>>()?)
}

fn balances(connection: &Connection, selected: &Selected) -> Result<BTreeMap<Purse, Balances>, ExportError> {
    let mut statement = connection.prepare(
        "SELECT account, asset, amount, since_s, until_s, is_oldest, is_latest FROM _balances \
         WHERE install = ?1 AND kind = 'BOOKED' AND label IS NULL AND (is_oldest OR is_latest) \
         AND (?2 IS NULL OR account = ?2)",
    )?;
    let mut rows = statement.query(params![selected.install, selected.account])?;
    let mut balances: BTreeMap<Purse, Balances> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let account: String = row.get(0)?;
        let amount = exact(text(row, 2)?, &account)?;
        let known = Known { amount, since: row.get(3)?, until: row.get(4)? };
        let of_one = balances.entry((account, Asset::of(&row.get::<_, String>(1)?))).or_default();
        if row.get(5)? {
            of_one.oldest = Some(known);
        }
        if row.get(6)? {
            of_one.latest = Some(known);
        }
    }
    Ok(balances)
}

fn movements(connection: &Connection, selected: &Selected) -> Result<Vec<Movement>, ExportError> {
    let sql = format!(
        "SELECT p.id, p.reference, l.leg, l.account, l.asset, l.amount, {} AS day, l.booked_s, \
         CASE WHEN l.leg < 2 THEN p.type ELSE 'FEE' END, p.scheme, json_extract(p.counterparty, '$.name'), \
         json_extract(p.counterparty, '$.accountNumber'), \
         CASE WHEN json_extract(p.counterparty, '$.bankIdentifierFormat') IN ('BIC', 'SWIFT_BIC') \
             THEN json_extract(p.counterparty, '$.bankIdentifier') END, \
         json_extract(p.metadata, '$.\"std/label\"'), json_extract(p.metadata, '$.\"std/description\"'), \
         json_extract(p.metadata, '$.\"std/category\"'), json_extract(p.metadata, '$.\"std/value-date\"'), \
         json_extract(p.metadata, '$.\"std/end-to-end-id\"'), json_extract(p.metadata, '$.\"std/mandate-id\"'), \
         json_extract(p.metadata, '$.\"std/group\"') \
         FROM ( \
             SELECT id, install, leg, account, asset, sign || digits AS amount, booked_s FROM _booked \
             UNION ALL \
             SELECT l.id, l.install, l.leg, l.account, l.asset, l.sign || l.amount, NULL \
             FROM _legs l JOIN payments p ON p.id = l.id WHERE p.status = 'PENDING' \
         ) l JOIN payments p ON p.id = l.id \
         WHERE l.install = ?1 AND (?2 IS NULL OR l.account = ?2) \
         ORDER BY l.account, l.asset, day, l.booked_s, p.created_s, p.created_n, p.id, l.leg",
        booked_on()
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![selected.install, selected.account])?;
    let mut movements = Vec::new();
    while let Some(row) = rows.next()? {
        movements.push(movement(row)?);
    }
    Ok(movements)
}

fn movement(row: &Row<'_>) -> Result<Movement, ExportError> {
    let reference: String = row.get(1)?;
    let day: Option<String> = row.get(6)?;
    let day = day.and_then(|day| day.parse().ok());
    Ok(Movement {
        payment: row.get(0)?,
        leg: row.get(2)?,
        account: row.get(3)?,
        asset: Asset::of(&row.get::<_, String>(4)?),
        amount: exact(text(row, 5)?, &reference)?,
        day: day.ok_or_else(|| ExportError::Misfit { record: reference.clone(), reason: "it is of no day" })?,
        reference,
        booked_at: row.get(7)?,
        kind: row.get(8)?,
        scheme: row.get(9)?,
        counterparty: row.get(10)?,
        counterparty_account: row.get(11)?,
        counterparty_bic: row.get(12)?,
        label: row.get(13)?,
        note: row.get(14)?,
        category: row.get(15)?,
        value_on: row.get(16)?,
        end_to_end_id: row.get(17)?,
        mandate_id: row.get(18)?,
        group: row.get(19)?,
    })
}

/// The longest amount in the smallest unit, in digits: sums of a great many such are exact.
const DIGITS: usize = 30;

fn exact(amount: &str, record: &str) -> Result<i128, ExportError> {
    let short = amount.trim_start_matches(['-', '0']).len() <= DIGITS;
    let misfit = || ExportError::Misfit { record: record.to_owned(), reason: "its amount has more than thirty digits" };
    amount.parse().ok().filter(|_| short).ok_or_else(misfit)
}

/// A text of the provider's on one line, without what no text file should hold.
pub(super) fn plain(text: &str) -> String {
    let odd = |character: char| character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}');
    text.split(|character: char| character.is_whitespace() || odd(character))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_as_many_decimals_as_the_currency() {
        let decimal = |asset: &str, minor| Asset::of(asset).decimal(minor);
        assert_eq!([decimal("EUR/2", -1250), decimal("EUR/2", 5), decimal("EUR/2", 0)], ["-12.50", "0.05", "0.00"]);
        assert_eq!([decimal("JPY/0", 1500), decimal("JPY/0", 0)], ["1500", "0"]);
        assert_eq!([decimal("BHD/3", -1), decimal("ETH/18", 10_i128.pow(18))], ["-0.001", "1.000000000000000000"]);
    }

    #[test]
    fn a_text_is_on_one_line_and_of_what_a_text_file_holds() {
        assert_eq!(plain(" a\r\n\tb\u{0}c \u{ffff}\u{a0}é "), "a b c é");
    }
}
