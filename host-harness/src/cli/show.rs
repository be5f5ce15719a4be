//! `harness show`: what a store holds, at a glance.

use std::process::ExitCode;

use clap::Args;
use model::money::money;
use store::Store;
use store::overview::{AccountLine, Amount, Overview};

use super::failure::Failure;
use super::{StoreFile, open, tables};

/// Payments that are listed; the others are in the file.
const LISTED: u32 = 12;
/// Third parties' accounts that are listed.
const OTHERS: usize = 12;

/// Shows accounts, balances and the latest payments of a store.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    store: StoreFile,
}

impl Show {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let (store, install) = open::records(&self.store)?;
        show(&store, &install)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Shows an install.
pub fn show(store: &Store, install: &str) -> Result<(), Failure> {
    let overview = store.overview(install, LISTED)?;
    accounts(&overview.accounts);
    others(&overview.external_accounts);
    payments(&overview);
    say!("Rejected rows: {}", overview.rejected);
    Ok(())
}

fn accounts(accounts: &[AccountLine]) {
    let mut table = tables::new(["account", "IBAN", "booked", "available"]);
    for AccountLine { name, iban, booked, available } in accounts {
        let iban = iban.clone().unwrap_or_default();
        tables::add(&mut table, [name.clone(), iban, amounts(booked), amounts(available)]);
    }
    tables::align_right(&mut table, 2);
    tables::align_right(&mut table, 3);
    say!("\nAccounts\n{table}\n");
}

fn others(accounts: &[AccountLine]) {
    let mut table = tables::new(["external account", "IBAN"]);
    for AccountLine { name, iban, .. } in accounts.iter().take(OTHERS) {
        tables::add(&mut table, [name.as_str(), iban.as_deref().unwrap_or_default()]);
    }
    let more = accounts.len().saturating_sub(OTHERS);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    say!("External accounts: {}\n{table}{more}\n", accounts.len());
}

fn payments(Overview { counts, latest, .. }: &Overview) {
    let mut table = tables::new(["type", "status", "payments"]);
    for count in counts {
        tables::add(&mut table, [&count.payment_type, &count.status, &count.payments.to_string()]);
    }
    tables::align_right(&mut table, 2);
    let all: u64 = counts.iter().map(|count| count.payments).sum();
    say!("Payments: {all}\n{table}\n");

    let mut table = tables::new(["created", "type", "status", "amount", "scheme", "counterparty"]);
    for payment in latest {
        let Amount { minor, asset } = &payment.amount;
        let amount = money(minor, asset);
        let (day, party) = (payment.created_on.as_deref(), payment.counterparty.as_deref());
        let cells = [
            day.unwrap_or_default(),
            &payment.payment_type,
            &payment.status,
            &amount,
            &payment.scheme,
            party.unwrap_or_default(),
        ];
        tables::add(&mut table, cells);
    }
    tables::align_right(&mut table, 3);
    say!("The latest {}\n{table}\n", latest.len());
}

fn amounts(amounts: &[Amount]) -> String {
    amounts.iter().map(|Amount { minor, asset }| money(minor, asset)).collect::<Vec<_>>().join(", ")
}
