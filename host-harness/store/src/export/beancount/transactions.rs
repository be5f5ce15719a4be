//! From movements to transactions that balance.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use super::super::ledger::{Asset, Ledger, Movement, plain};
use super::names::{Chart, TRANSFERS};

/// Money on an account of the ledger.
pub(super) struct Posting {
    pub(super) account: String,
    pub(super) asset: Asset,
    pub(super) amount: i128,
    /// What all of it was exchanged for.
    pub(super) price: Option<(i128, Asset)>,
}

/// One side of a transfer between own accounts, whose other side is another row.
pub(super) struct Half {
    account: String,
    asset: Asset,
    amount: i128,
    group: Option<String>,
}

/// Postings that come to nothing.
pub(super) struct Transaction {
    pub(super) day: NaiveDate,
    pub(super) is_pending: bool,
    pub(super) payee: Option<String>,
    pub(super) narration: String,
    /// The payments it is made of.
    pub(super) ids: Vec<String>,
    pub(super) postings: Vec<Posting>,
    pub(super) half: Option<Half>,
}

/// The transactions on the days that are asked for, by day.
pub(super) fn transactions(ledger: &Ledger, chart: &Chart<'_>) -> Vec<Transaction> {
    let mut payments: BTreeMap<i64, Vec<&Movement>> = BTreeMap::new();
    for movement in ledger.movements.iter().filter(|one| ledger.days.contain(one.day)) {
        payments.entry(movement.payment).or_default().push(movement);
    }
    let mut payments: Vec<Vec<&Movement>> = payments.into_values().collect();
    payments.sort_by_key(|legs| legs.first().map(|leg| (leg.day, leg.booked_at, leg.payment)));
    let made = payments.iter().filter_map(|legs| transaction(chart, legs));
    pair(made.collect())
}

/// A payment. Its legs are of one day.
fn transaction(chart: &Chart<'_>, legs: &[&Movement]) -> Option<Transaction> {
    let first = legs.first()?;
    let is_pending = first.booked_at.is_none();
    let posting =
        |account, movement: &Movement, amount| Posting { account, asset: movement.asset.clone(), amount, price: None };
    let own = |leg: &&Movement| posting(chart.own(&leg.account, is_pending), leg, leg.amount);
    let mut postings: Vec<Posting> = legs.iter().map(own).collect();
    let (moved, fees): (Vec<&Movement>, Vec<&Movement>) = legs.iter().copied().partition(|leg| leg.leg < 2);
    let mut half = None;
    match moved.as_slice() {
        [out, into] if out.asset == into.asset && out.amount + into.amount == 0 => {}
        [out, into] if out.asset != into.asset && out.amount != 0 && into.amount != 0 => {
            let at = legs.iter().position(|leg| leg.leg == out.leg).unwrap_or_default();
            if let Some(posting) = postings.get_mut(at) {
                posting.price = Some((into.amount.abs(), into.asset.clone()));
            }
        }
        [one] if chart.is_transfer(one) => {
            let (account, asset, group) = (one.account.clone(), one.asset.clone(), one.group.clone());
            half = Some(Half { account, asset, amount: one.amount, group });
        }
        others => postings.extend(others.iter().map(|one| posting(chart.other(one), one, -one.amount))),
    }
    postings.extend(fees.iter().map(|fee| posting(chart.other(fee), fee, -fee.amount)));
    let payee = first.counterparty.as_deref().map(plain).filter(|payee| !payee.is_empty());
    let words = [&first.note, &first.label].into_iter().flatten().map(|words| plain(words));
    let narration = words.into_iter().find(|words| !words.is_empty() && payee.as_ref() != Some(words));
    Some(Transaction {
        day: first.day,
        is_pending,
        payee,
        narration: narration.unwrap_or_else(|| first.kind.clone()),
        ids: vec![first.reference.clone()],
        postings,
        half,
    })
}

/// Makes two halves of one day, amount and group one transaction; what is left alone is on its way.
fn pair(transactions: Vec<Transaction>) -> Vec<Transaction> {
    let mut paired: Vec<Transaction> = Vec::with_capacity(transactions.len());
    let mut alone: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for transaction in transactions {
        let Some(half) = &transaction.half else {
            paired.push(transaction);
            continue;
        };
        let (asset, group) = (half.asset.clone(), half.group.clone());
        let key = (transaction.day, transaction.is_pending, asset, half.amount.abs(), group);
        let waiting = alone.entry(key).or_default();
        let fits = |other: &Half| other.account != half.account && other.amount + half.amount == 0;
        let place = waiting.iter().position(|at| paired.get(*at).and_then(|one| one.half.as_ref()).is_some_and(fits));
        if let Some(first) = place.map(|place| waiting.remove(place)).and_then(|at| paired.get_mut(at)) {
            first.half = None;
            first.ids.extend(transaction.ids);
            first.postings.extend(transaction.postings);
        } else {
            waiting.push(paired.len());
            paired.push(transaction);
        }
    }
    for transaction in &mut paired {
        if let Some(Half { asset, amount, .. }) = transaction.half.take() {
            transaction.postings.push(Posting { account: TRANSFERS.to_owned(), asset, amount: -amount, price: None });
        }
    }
    paired
}

impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = if self.is_pending { '!' } else { '*' };
        write!(f, "{} {flag}", self.day)?;
        self.payee.iter().try_for_each(|payee| write!(f, " {}", quoted(payee)))?;
        writeln!(f, " {}", quoted(&self.narration))?;
        self.ids.iter().try_for_each(|id| writeln!(f, "  ; id: {}", word(id)))?;
        self.postings.iter().try_for_each(|posting| {
            let Posting { account, asset, amount, price } = posting;
            write!(f, "  {account}  {} {}", asset.decimal(*amount), asset.currency)?;
            let price = price.as_ref().map(|(amount, of)| format!(" @@ {} {}", of.decimal(*amount), of.currency));
            writeln!(f, "{}", price.unwrap_or_default())
        })
    }
}

/// A text in quotes. To hledger a comment begins at a `;`, and a comment may hold dates.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(';', ","))
}

/// An identifier in a comment, where hledger looks for tags and dates.
fn word(id: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "-_./".contains(character);
    id.chars().map(|character| if is_plain(character) { character } else { '_' }).collect()
}
