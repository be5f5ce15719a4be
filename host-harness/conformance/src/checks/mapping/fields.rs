//! M4, M5, M15: what is not known, and whether everything known is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Finding, Outcome};
use crate::ledger::Ledger;
use crate::plain::quoted;
use crate::rig::{PAGE, Rig, ago};
use crate::subject::Subject;
use model::{Account, Capability, Counterparty, Payment, PaymentScheme};
use sim::{Bank, Expected, Field, Movement, Odd};

use super::trial::Trial;

/// A status of tomorrow.
const WORD: &str = "quarantined_by_regulator";

/// What programs write where there is nothing.
const NOTHING: [&str; 6] = ["", "null", "None", "nil", "<nil>", "undefined"];

/// M4.
pub async fn unknown(subject: Subject) -> Outcome {
    let odds = [
        Odd::UnknownStatus(WORD.to_owned()),
        Odd::UnknownKind,
        Odd::UnknownSide,
        Odd::NewField,
        Odd::NullFields,
        Odd::AbsentFields,
        Odd::EmptyFields,
        Odd::NoAccountNumber,
        Odd::MaskedNumber,
        Odd::NoReference,
        Odd::NoReference,
    ];
    let mut trial = Trial::new(&subject, &odds)?;
    let seen = trial.hold().await?;
    for (odd, expected) in &trial.expected {
        let Expected::Payment(reference, _) = expected else { continue };
        let Some(payment) = trial.rig.ledger.payments.get(reference) else { continue };
        let pairs: Vec<String> = payment.metadata.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        if matches!(odd, Odd::UnknownStatus(_)) && !payment.metadata.iter().any(|(_, value)| value == WORD) {
            let what = format!("the provider's word {WORD:?} for a status is not in the payment's metadata");
            return Err(trial.rig.failure(what, pairs));
        }
        if matches!(odd, Odd::NullFields | Odd::AbsentFields)
            && let Some(text) = texts(payment).find(|text| NOTHING.contains(text))
        {
            let what = format!("{odd:?}: the payment says {text:?} where the provider gives nothing");
            return Err(trial.rig.failure(what, pairs));
        }
    }
    Ok(seen)
}

/// Every optional text of a payment.
fn texts(payment: &Payment) -> impl Iterator<Item = &str> {
    let party = payment.counterparty.iter().flat_map(|party| {
        let Counterparty {
            name,
            account_reference: _,
            account_number,
            account_number_format,
            bank_identifier,
            bank_identifier_format,
        } = party;
        [name, account_number, account_number_format, bank_identifier, bank_identifier_format].into_iter().flatten()
    });
    payment.metadata.iter().map(|(_, value)| value).chain(party).map(String::as_str)
}

/// Everything that a provider has: accounts, counterparties, payments both ways and one with all its details.
fn stock(bank: &mut dyn Bank) {
    for account in [bank.open_account("EUR"), bank.open_account("EUR")] {
        for number in 0..6 {
            let row = Movement::on(&account, ago(400 - 7 * number)).minor(number.unsigned_abs() + 1);
            bank.add(&if number % 2 == 0 { row.incoming() } else { row });
        }
        for (minutes, odd) in (300..).zip([Odd::Spelling, Odd::Complete, Odd::Spelling]) {
            bank.add_odd(&account, ago(minutes), &odd);
        }
    }
    for minutes in 1..=4 {
        bank.add_counterparty(ago(1_000 - minutes));
    }
}

/// M5.
pub async fn schema(subject: Subject) -> Outcome {
    let mut first: Option<Ledger> = None;
    for size in [2, PAGE, 50] {
        let mut rig = Rig::new(&subject, stock)?;
        let size = size.min(rig.install.manifest.max_page_size);
        rig = rig.pages_of(size).setting(format!("two accounts, four counterparties, 18 payments, pages of {size}"));
        read_all(&mut rig, "after the first poll").await?;
        match &first {
            None => {
                let fields = missing_fields(&rig);
                if let Some(field) = fields.first() {
                    let what = format!("the provider tells {field:?}, and no record of the connector has it");
                    return Err(rig.failure(what, fields.iter().map(|field| format!("{field:?}")).collect()));
                }
                first = Some(rig.ledger.clone());
            }
            Some(first) => same_references(&rig, first, size)?,
        }
        // As after a reset of the state: the same rows under the same references, or the host has them twice.
        rig.states.clear();
        read_all(&mut rig, "after all was read again without the state").await?;
    }
    let count =
        first.map_or(0, |ledger| ledger.accounts.len() + ledger.external_accounts.len() + ledger.payments.len());
    Ok(format!("{count} records, with three page sizes, read twice each"))
}

/// Polls everything, and expects exactly what the provider has.
async fn read_all(rig: &mut Rig, when: &str) -> Result<(), Finding> {
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let mut truth = rig.sim.with(|bank| bank.truth());
    if rig.tasks(Capability::FetchBalances).is_empty() {
        truth.balances.clear();
    }
    if rig.tasks(Capability::FetchExternalAccounts).is_empty() {
        truth.external_accounts.clear();
    }
    if rig.tasks(Capability::FetchPayments).is_empty() {
        truth.payments.clear();
    }
    let mut wrong = rig.ledger.account_differences(&truth);
    wrong.extend(rig.ledger.payment_differences(&truth, true));
    let kinds = [
        ("account", &rig.ledger.accounts, &truth.accounts),
        ("external account", &rig.ledger.external_accounts, &truth.external_accounts),
    ];
    for (kind, known, truth) in kinds {
        let surplus = known.keys().filter(|reference| !truth.contains_key(*reference));
        wrong.extend(surplus.map(|reference| format!("{kind} {reference} is none that the provider has")));
    }
    wrong.extend(rig.ledger.rejected.values().map(|row| format!("a correct row was rejected: {}", row.reason)));
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(rig.failure(format!("{when}, {first}"), wrong)),
    }
}

/// Expects every row to have the reference that it had with another page size.
fn same_references(rig: &Rig, first: &Ledger, size: u32) -> Result<(), Finding> {
    let by_raw = |ledger: &Ledger| -> BTreeMap<String, String> {
        let payments = ledger.payments.values().map(|payment| (payment.raw.clone(), payment.reference.clone()));
        let accounts = ledger.accounts.values().chain(ledger.external_accounts.values());
        payments.chain(accounts.map(|account| (account.raw.clone(), account.reference.clone()))).collect()
    };
    let before = by_raw(first);
    let changed = by_raw(&rig.ledger).into_iter().find(|(raw, reference)| before.get(raw) != Some(reference));
    match changed {
        None => Ok(()),
        Some((raw, reference)) => Err(rig.failure(
            format!(
                "with pages of {size}, a row has the reference {reference}; it was {} before",
                quoted(before.get(&raw))
            ),
            vec![raw],
        )),
    }
}

/// The fields that the provider fills and no record has.
fn missing_fields(rig: &Rig) -> Vec<Field> {
    let filled = filled(&rig.ledger);
    let read = |capability| !rig.tasks(capability).is_empty();
    let concerns = |field: &Field| match field {
        Field::AccountName | Field::AccountAsset | Field::AccountCreated | Field::AccountUpdated => {
            read(Capability::FetchAccounts)
        }
        Field::ExternalName | Field::ExternalAsset | Field::ExternalCreated | Field::ExternalUpdated => {
            read(Capability::FetchExternalAccounts)
        }
        _ => read(Capability::FetchPayments),
    };
    let told = rig.sim.with(|bank| bank.fills());
    told.into_iter().filter(|field| concerns(field) && !filled.contains(field)).collect()
}

/// The fields that at least one record has.
fn filled(ledger: &Ledger) -> BTreeSet<Field> {
    let mut found = BTreeSet::new();
    for account in ledger.accounts.values() {
        let names = [Field::AccountName, Field::AccountAsset, Field::AccountCreated, Field::AccountUpdated];
        found.extend(of_account(account, names));
    }
    for account in ledger.external_accounts.values() {
        let names = [Field::ExternalName, Field::ExternalAsset, Field::ExternalCreated, Field::ExternalUpdated];
        found.extend(of_account(account, names));
    }
    found.extend(ledger.payments.values().flat_map(of_payment));
    found
}

fn of_account(account: &Account, [name, asset, created, updated]: [Field; 4]) -> impl Iterator<Item = Field> {
    let fields = [
        (name, account.name.is_some()),
        (asset, account.default_asset.is_some()),
        (created, account.created_at.is_some()),
        (updated, account.updated_at.is_some()),
    ];
    fields.into_iter().filter_map(|(field, is_there)| is_there.then_some(field))
}

fn of_payment(payment: &Payment) -> Vec<Field> {
    let party = payment.counterparty.as_ref();
    let fields = [
        (Field::Metadata, !payment.metadata.is_empty()),
        (Field::Scheme, payment.scheme != PaymentScheme::Unknown),
        (Field::Source, payment.source_account_reference.is_some()),
        (Field::Destination, payment.destination_account_reference.is_some()),
        (Field::PartyName, party.is_some_and(|party| party.name.is_some())),
        (Field::PartyNumber, party.is_some_and(|party| party.account_number.is_some())),
        (Field::PartyNumberFormat, party.is_some_and(|party| party.account_number_format.is_some())),
        (Field::PartyBank, party.is_some_and(|party| party.bank_identifier.is_some())),
        (Field::PartyBankFormat, party.is_some_and(|party| party.bank_identifier_format.is_some())),
    ];
    fields.into_iter().filter_map(|(field, is_there)| is_there.then_some(field)).collect()
}

/// M15.
pub async fn known_party(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?.setting("two accounts, four counterparties, payments with all details");
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let known = &rig.ledger.external_accounts;
    let parties = rig.ledger.payments.values().filter_map(|payment| Some((payment, payment.counterparty.as_ref()?)));
    let links = parties.filter_map(|(payment, party)| Some((payment, party.account_reference.as_ref()?)));
    let (mut count, mut wrong) = (0, Vec::new());
    for (payment, link) in links {
        count += 1;
        if !known.contains_key(link) {
            let reference = &payment.reference;
            wrong.push(format!("payment {reference} names the external account {link}, which no task has read"));
        }
    }
    match wrong.first() {
        None => Ok(format!("{count} of {} payments name one of {} accounts", rig.ledger.payments.len(), known.len())),
        Some(first) => Err(rig.failure(first.clone(), wrong)),
    }
}
