//! Every row that Qonto can send lands in the store as the contract's tables say.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use crate::support::{Rig, SECRET, at, exported, world};
use chrono::TimeDelta;
use qonto::{Transaction, catalogue};
use serde_json::{Value, json};
use store::export::What;

const METADATA: &str = "com.qonto.spec/";

async fn polled() -> Rig {
    let mut world = catalogue();
    SECRET.clone_into(&mut world.secret);
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    rig
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

/// The payment with this label in its raw object.
fn labelled(rig: &Rig, label: &str) -> Value {
    let found: Vec<Value> = rig.payments().into_values().filter(|payment| payment["raw"]["label"] == label).collect();
    assert_eq!(found.len(), 1, "{label}");
    found.into_iter().next().unwrap()
}

#[tokio::test]
async fn each_payment_follows_from_its_row_by_the_tables() {
    let rig = polled().await;
    let payments = rig.payments();
    assert!(payments.len() > 40, "{}", payments.len());
    for (id, payment) in &payments {
        let raw = &payment["raw"];
        assert_eq!(raw["id"], id.as_str());
        let status = match raw["status"].as_str().unwrap() {
            "pending" => "PENDING",
            "completed" => "SUCCEEDED",
            "declined" => "FAILED",
            "reversed" => "CANCELLED",
            _ => "UNKNOWN",
        };
        assert_eq!(payment["status"], status, "{raw}");
        let account = &raw["bank_account_id"];
        let own = if account.is_null() { None } else { Some(account.clone()) };
        let (kind, source, destination) = match raw["side"].as_str().unwrap() {
            "debit" => ("PAYOUT", own, Some(Value::Null)),
            "credit" => ("PAY-IN", Some(Value::Null), own),
            _ => ("OTHER", Some(Value::Null), Some(Value::Null)),
        };
        let kind = if raw["subject_type"] == "WalletToWallet" { "TRANSFER" } else { kind };
        assert_eq!(payment["type"], kind, "{raw}");
        assert!(source.is_none_or(|source| source == payment["sourceAccountReference"]), "{raw}");
        assert!(destination.is_none_or(|other| other == payment["destinationAccountReference"]), "{raw}");
        assert_eq!(payment["amount"].as_str().unwrap(), raw["amount_cents"].to_string());
        assert_eq!(payment["asset"], "EUR/2", "the account's currency, whatever the local one");
        for key in ["transaction_id", "operation_type", "side", "reference", "note", "subject_type"] {
            let stored = text(&payment["metadata"][format!("{METADATA}{key}")]);
            assert_eq!(stored, text(&raw[key]), "{key} of {raw}");
        }
        assert_eq!(payment["adjustments"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn every_kind_of_subject_has_its_scheme() {
    let rig = polled().await;
    let schemes = [
        ("SwiftIncome", "SWIFT"),
        ("Check", "CHEQUE"),
        ("DirectDebit", "SEPA_DEBIT"),
        ("DirectDebitCollection", "SEPA_DEBIT"),
        ("DirectDebitHold", "SEPA_DEBIT"),
        ("BillingTransfer", "INTERNAL"),
        ("PagopaPayment", "OTHER"),
        ("F24Payment", "OTHER"),
        ("Card", "CARD"),
        ("Inconnu", ""),
    ];
    let payments = rig.payments();
    for (subject, scheme) in schemes {
        let mut of_kind = payments.values().filter(|payment| payment["raw"]["label"] == subject).peekable();
        assert!(of_kind.peek().is_some(), "{subject}");
        assert!(of_kind.all(|payment| scheme.is_empty() || payment["scheme"] == scheme), "{subject}");
    }
    let unknown: Vec<_> = payments.values().filter(|payment| payment["raw"]["subject_type"] == "QuantumLeap").collect();
    assert_eq!((unknown.len(), &unknown[0]["scheme"]), (1, &json!("UNKNOWN")));
}

#[tokio::test]
async fn what_is_unknown_or_missing_lands_too_with_the_provider_s_word() {
    let rig = polled().await;
    let hold = labelled(&rig, "on_hold");
    assert_eq!(
        (&hold["status"], &hold["metadata"][format!("{METADATA}status")]),
        (&json!("UNKNOWN"), &json!("on_hold"))
    );
    let payments = rig.payments();
    let sideways = payments.values().find(|payment| payment["raw"]["side"] == "sideways").expect("an unknown side");
    assert_eq!(sideways["type"], "OTHER");
    let old = labelled(&rig, "Ancienne forme");
    assert!(old["raw"].get("bank_account_id").is_none());
    assert_eq!((&old["amount"], &old["counterparty"]["name"]), (&json!("300"), &json!("Ancienne forme")));
    assert!(old["sourceAccountReference"].is_string(), "the account that was asked for");
    let none = labelled(&rig, "Sans contrepartie");
    assert_eq!(none["counterparty"]["accountNumber"], Value::Null);
    let settled = labelled(&rig, "pending");
    assert_eq!(settled["metadata"].get(format!("{METADATA}settled_at")), None);
    for name in ["Devise inconnue", "Contradiction"] {
        assert!(payments.values().all(|payment| payment["raw"]["label"] != name), "{name}");
    }
}

#[tokio::test]
async fn another_currency_is_told_in_the_metadata() {
    let rig = polled().await;
    for (currency, amount) in [("USD", "12.34"), ("GBP", "9.99"), ("JPY", "1500")] {
        let payment = labelled(&rig, currency);
        assert_eq!((&payment["amount"], &payment["asset"]), (&json!("1100"), &json!("EUR/2")));
        assert_eq!(payment["metadata"][format!("{METADATA}local_currency")], currency);
        assert_eq!(payment["metadata"][format!("{METADATA}local_amount")], amount);
    }
}

#[tokio::test]
async fn rows_that_cannot_be_mapped_are_exported_with_the_reason_and_block_nothing() {
    let rig = polled().await;
    let rejected = exported(&rig.store, What::Rejected);
    for (label, field) in [("Contradiction", "amount"), ("Devise inconnue", "ZZZ"), ("Sans identifiant", "id")] {
        let found: Vec<&Value> = rejected.iter().filter(|row| row["raw"]["label"] == label).collect();
        assert_eq!(found.len(), 1, "{label}: {rejected:?}");
        assert!(found[0]["reason"].as_str().unwrap().contains(field), "{}", found[0]["reason"]);
        assert!(found[0]["stream"].as_str().unwrap().starts_with("fetch-payments"));
        assert_eq!(found[0]["reference"], found[0]["raw"]["id"], "{label}");
    }
    assert_eq!(rejected.len(), 3, "{rejected:?}");
    rig.poll_well().await;
    assert_eq!(exported(&rig.store, What::Rejected), rejected, "no row is kept twice");
}

#[tokio::test]
async fn a_rejected_row_that_is_mended_arrives_and_leaves_the_rejected() {
    let (mut world, accounts) = world(1);
    let row = Transaction::on(&accounts[0], at(0)).cents(1_000).set("currency", "ZZZ").label("Torn");
    let id = world.transaction(row);
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    assert_eq!((rig.payments().len(), exported(&rig.store, What::Rejected).len()), (0, 1));
    rig.sim.with(|world| world.edit(&id, at(1), |row| _ = row.set("currency", "EUR")));
    rig.poll_well().await;
    rig.assert_complete();
    assert!(exported(&rig.store, What::Rejected).is_empty());
}

#[tokio::test]
async fn accounts_carry_their_metadata_and_two_balances() {
    let rig = polled().await;
    let accounts = exported(&rig.store, What::Accounts);
    assert_eq!(accounts.len(), 4, "all but the one at another bank");
    let balances = exported(&rig.store, What::Balances);
    for account in &accounts {
        let (raw, metadata) = (&account["raw"], &account["metadata"]);
        assert_eq!((&account["reference"], &account["name"]), (&raw["id"], &raw["name"]));
        assert_eq!(account["defaultAsset"], "EUR/2");
        for key in ["iban", "bic", "currency", "status"] {
            assert_eq!(metadata[format!("{METADATA}{key}")], raw[key], "{key}");
        }
        assert_eq!(metadata[format!("{METADATA}organization_slug")], "catalogue-1");
        let of_account = |kind: &str| -> Vec<&Value> {
            let is = |one: &&Value| one["accountReference"] == account["reference"] && one["type"] == kind;
            balances.iter().filter(is).collect()
        };
        for (kind, field) in [("BOOKED", "balance_cents"), ("AVAILABLE", "authorized_balance_cents")] {
            let found = of_account(kind);
            assert_eq!(found.len(), 1, "{kind} of {raw}");
            assert_eq!(found[0]["amount"].as_str().unwrap(), raw[field].to_string());
            assert_eq!(found[0]["asset"], "EUR/2");
        }
    }
    let masked = accounts.iter().filter(|one| one["raw"]["iban"].as_str().unwrap().contains('*')).count();
    assert_eq!(masked, 2, "a masked IBAN identifies nothing");
}

#[tokio::test]
async fn beneficiaries_of_both_lists_carry_their_metadata() {
    let rig = polled().await;
    let stored = exported(&rig.store, What::ExternalAccounts);
    let ids = rig.sim.with(|world| world.beneficiary_ids());
    assert_eq!(stored.len(), ids.len());
    for account in &stored {
        let (raw, metadata) = (&account["raw"], &account["metadata"]);
        assert!(ids.contains(&account["reference"].as_str().unwrap().to_owned()));
        assert_eq!((&account["reference"], &account["name"]), (&raw["id"], &raw["name"]));
        assert_eq!(metadata[format!("{METADATA}beneficiary_id")], raw["id"]);
        for key in ["iban", "bic", "status", "account_identifier", "branch_identifier"] {
            assert_eq!(text(&metadata[format!("{METADATA}{key}")]), text(&raw[key]), "{key} of {raw}");
        }
        let trusted = metadata.get(format!("{METADATA}trusted")).map(|word| word.as_str().unwrap().to_owned());
        assert_eq!(trusted, raw.get("trusted").map(ToString::to_string), "{raw}");
        assert!(!metadata.to_string().contains("exemple.invalid"), "an e-mail address is not the account's");
    }
    let assets: Vec<&str> = stored.iter().map(|account| account["defaultAsset"].as_str().unwrap()).collect();
    assert!(["EUR/2", "USD/2", "GBP/2", "JPY/0"].iter().all(|asset| assets.contains(asset)), "{assets:?}");
}

#[tokio::test]
async fn a_bank_name_is_kept_when_there_is_one() {
    let (mut world, _) = world(1);
    let made = qonto::Beneficiary::sepa("B", "FR76", "FICTFRP2XXX", at(0));
    world.sepa_beneficiary(made.set("bank_name", "Banque Fictive"));
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    let stored = exported(&rig.store, What::ExternalAccounts);
    assert_eq!(stored[0]["metadata"][format!("{METADATA}bank_name")], "Banque Fictive");
}

#[tokio::test]
async fn raw_is_spelled_as_it_was_received() {
    let (mut world, accounts) = world(1);
    let spelled = [("10.00", "1000"), ("90071992547409.93", "9007199254740993"), ("1e1", "1000")];
    for (number, (amount, cents)) in (0..).zip(spelled) {
        let row = Transaction::on(&accounts[0], at(0) + TimeDelta::seconds(number));
        let row = row.set_raw("amount", amount).set_raw("amount_cents", cents).set_raw("label", "\"\\u00e9/\\/\"");
        world.transaction(row);
    }
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    let export = rig.export_text();
    for row in rig.sim.with(|world| world.rows()) {
        assert!(export.contains(&format!("\"raw\":{}", row.text)), "{} is not in {export}", row.text);
    }
    let mut amounts: Vec<String> =
        rig.payments().values().map(|payment| payment["amount"].as_str().unwrap().to_owned()).collect();
    amounts.sort();
    assert_eq!(amounts, ["1000", "1000", "9007199254740993"]);
}
