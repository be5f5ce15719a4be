//! Q5: accounts of every kind, and beneficiaries by whatever identifies them.

use chrono::TimeDelta;

use super::desk::{epoch, metadata, open, poll_beneficiaries, rig, rows, with};
use crate::{Account, Beneficiary, Dialect, Endpoint, QontoWorld, french_iban};
use conformance::check::{Finding, Outcome};
use conformance::ledger::Ledger;
use conformance::rig::{PAGE, Rig, ago};
use conformance::subject::Subject;
use model::BalanceKind;
use sim::Object;

/// Booked and available balances, in cents: none, a debt, more than a float holds.
const BALANCES: [(i128, i128); 4] =
    [(0, 0), (-1_205, -1_500), (9_007_199_254_740_993, 9_007_199_254_740_991), (22_530, 22_529)];

fn accounts(world: &mut QontoWorld) -> Vec<String> {
    let own = (1_u64..).zip(BALANCES).map(|(number, (booked, available))| {
        let iban = if number > 2 { "FR76*******************0001".to_owned() } else { french_iban(99_999, 7, number) };
        let account = Account::new("Le même nom", &iban, epoch()).balance(booked, available);
        match number {
            1 => account.main(),
            2 => account.closed(),
            3 => account.set("name", ()).without("account_number"),
            _ => account,
        }
    });
    let own: Vec<Account> = own.collect();
    let mut ids: Vec<String> = own.into_iter().map(|account| world.account(account)).collect();
    // At another bank: whether those are the customer's own to be read is the connector's to say.
    ids.push(world.account(Account::new("Ailleurs", "", epoch()).external("12345678").balance(77, 77)));
    for id in &ids {
        rows(world, id, "completed", PAGE + 1, ago(600), TimeDelta::minutes(1));
    }
    ids
}

async fn own_accounts(subject: &Subject) -> Result<usize, Finding> {
    let mut ids = Vec::new();
    let mut rig = rig(subject, |world| ids = accounts(world))?
        .setting("an active, a closed, two masked accounts and one at another bank");
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let elsewhere = ids.pop();
    for (id, (booked, available)) in ids.iter().zip(BALANCES) {
        if !rig.ledger.accounts.contains_key(id) {
            return Err(rig.failure(format!("the account {id} is missing"), Vec::new()));
        }
        expect_balances(&rig, id, booked, available)?;
    }
    let missing: Vec<String> = with(&rig, |world| {
        let listed = |account: &str| Some(account) != elsewhere.as_deref() || rig.ledger.accounts.contains_key(account);
        let lost = |id: &str| !rig.ledger.payments.contains_key(id);
        let rows = world.rows();
        let missing = rows.iter().filter(|row| listed(&row.account) && lost(&row.id));
        missing.map(|row| format!("payment {} of account {} is missing", row.id, row.account)).collect()
    })?;
    match missing.first() {
        None => Ok(ids.len()),
        Some(first) => Err(rig.failure(first.clone(), missing)),
    }
}

fn expect_balances(rig: &Rig, id: &str, booked: i128, available: i128) -> Result<(), Finding> {
    for (kind, wanted) in [(BalanceKind::Booked, booked), (BalanceKind::Available, available)] {
        let balance = rig.ledger.balances.values().find(|one| one.account_reference == id && one.kind == kind);
        let found = balance.map(|balance| (balance.amount.clone(), balance.asset.as_str()));
        if found != Some((wanted.to_string(), "EUR/2")) {
            let what = format!("the {kind:?} balance of {id} is {found:?}, should be {wanted} EUR/2");
            return Err(rig.failure(what, Vec::new()));
        }
    }
    Ok(())
}

/// Beneficiaries with an IBAN, the same one again, a masked one, none; a sort code, a routing number, an account
/// number alone.
fn beneficiaries(world: &mut QontoWorld) {
    let iban = french_iban(99_999, 1, 7);
    let sepa = |name: &str, iban: &str, minutes: i64| Beneficiary::sepa(name, iban, "FICTFRP2XXX", ago(900 - minutes));
    for one in [
        sepa("Un", &iban, 1),
        sepa("Le même IBAN", &iban, 2).set("trusted", false),
        sepa("Masqué", "FR76*******************0007", 3).set("bic", ()),
        sepa("Masqué aussi", "FR76*******************0007", 4),
        sepa("Sans IBAN", "", 5).set("iban", ()),
        sepa("En attente", &french_iban(99_999, 1, 8), 6).set("status", "pending"),
        sepa("Statut inconnu", &french_iban(99_999, 1, 9), 7).set("status", "frozen"),
    ] {
        world.sepa_beneficiary(one);
    }
    let abroad = |name: &str, country: &str, currency: &str, number: &str, minutes: i64| {
        Beneficiary::international(name, country, currency, number, ago(900 - minutes))
    };
    for one in [
        abroad("Harbor LLC", "US", "USD", "000123456789", 10).set("branch_identifier", "000000000"),
        abroad("Foundry Ltd", "GB", "GBP", "00012345", 11).set("bank_identifier", "000000"),
        abroad("Kumo KK", "JP", "JPY", "0001234", 12),
    ] {
        world.international_beneficiary(one);
    }
}

/// Where the lists are, and what is behind them.
struct Lists {
    name: &'static str,
    set: fn(&mut Dialect),
    /// Whether the international ones can be read.
    international: bool,
}

const LISTS: [Lists; 5] = [
    Lists { name: "both lists, the former one gone", set: |dialect| dialect.forbidden.clear(), international: true },
    Lists {
        name: "the international list refused to this key, the former one gone",
        set: |dialect| dialect.forbidden = [Endpoint::InternationalBeneficiaries].into(),
        international: false,
    },
    Lists {
        name: "details nested in `bank_account`, as the sandbox has them",
        set: |dialect| {
            dialect.forbidden.clear();
            dialect.nested_bank_account = true;
        },
        international: true,
    },
    Lists {
        name: "the international list under its long name",
        set: |dialect| {
            dialect.forbidden.clear();
            dialect.long_international_key = true;
        },
        international: true,
    },
    Lists {
        name: "the former list still there",
        set: |dialect| {
            dialect.forbidden.clear();
            dialect.legacy_beneficiaries = true;
        },
        international: true,
    },
];

async fn lists(subject: &Subject, lists: &Lists) -> Result<usize, Finding> {
    let mut rig = rig(subject, |world| {
        open(world);
        (lists.set)(&mut world.dialect);
        beneficiaries(world);
    })?
    // Of those that share an IBAN, two come on one page and two on different ones.
    .pages_of(3)
    .setting(format!("beneficiaries: {}; pages of 3", lists.name));
    // A refusal that is remembered must not cost the other list anything.
    for _ in 0..if lists.international { 1 } else { 2 } {
        poll_beneficiaries(&mut rig).await?;
        rig.clock.advance(std::time::Duration::from_mins(30));
    }
    let wanted = with(&rig, |world| {
        let ids = world.beneficiary_ids();
        ids.into_iter().map(|id| (world.beneficiary_object(&id).cloned().unwrap_or_default(), id)).collect::<Vec<_>>()
    })?;
    let mut found = 0;
    for (object, id) in wanted {
        let international = object.raw("account_identifier").is_some();
        if international && !lists.international {
            continue;
        }
        expect_beneficiary(&rig, &rig.ledger, &id, &object)?;
        found += 1;
    }
    Ok(found)
}

/// The account is there under the beneficiary's id, with what identifies it at its bank.
fn expect_beneficiary(rig: &Rig, ledger: &Ledger, id: &str, object: &Object) -> Result<(), Finding> {
    let name = object.text("name").unwrap_or_default();
    let Some(account) = ledger.external_accounts.get(id) else {
        return Err(rig.failure(format!("the beneficiary {name:?} ({id}) is missing"), Vec::new()));
    };
    let asset = match object.text("currency").as_deref() {
        Some("JPY") => "JPY/0".to_owned(),
        currency => format!("{}/2", currency.unwrap_or("EUR")),
    };
    if account.default_asset.as_deref().is_some_and(|found| found != asset) {
        let what = format!("the beneficiary {name:?} has the asset {:?}, should be {asset}", account.default_asset);
        return Err(rig.failure(what, Vec::new()));
    }
    for key in ["iban", "bic"] {
        let wanted = object.text(key).filter(|text| !text.is_empty());
        let found = metadata(&account.metadata, key);
        if found != wanted.as_deref() {
            let what = format!("the beneficiary {name:?} has the {key} {found:?}, should be {wanted:?}");
            return Err(rig.failure(what, Vec::new()));
        }
    }
    Ok(())
}

/// Runs it.
pub(super) async fn accounts_and_beneficiaries(subject: Subject) -> Outcome {
    let own = own_accounts(&subject).await?;
    let mut found = 0;
    for one in &LISTS {
        found = found.max(lists(&subject, one).await?);
    }
    Ok(format!("{own} accounts with two balances each; {found} beneficiaries from lists in {} shapes", LISTS.len()))
}
