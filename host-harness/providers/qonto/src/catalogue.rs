//! One of each: a small organization with every kind of row that the API can send, known and unknown.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::account::{Account, Beneficiary};
use super::spell::{french_iban, iban};
use super::transaction::Transaction;
use super::world::QontoWorld;

/// Every pair of operation type and subject type that is documented or seen, on the side it comes on, with the name of
/// its own object. Page "Retrieve a transaction".
const KINDS: [(&str, &str, &str, &str); 17] = [
    ("income", "Income", "credit", "income"),
    ("income", "WalletToWallet", "credit", ""),
    ("income", "FinancingIncome", "credit", ""),
    ("transfer", "Transfer", "debit", "transfer"),
    ("transfer", "WalletToWallet", "debit", ""),
    ("transfer", "F24Payment", "debit", ""),
    ("transfer", "PagopaPayment", "debit", "pagopa_payment"),
    ("card", "Card", "debit", ""),
    ("direct_debit", "DirectDebit", "debit", "direct_debit"),
    ("direct_debit_collection", "DirectDebitCollection", "credit", "direct_debit_collection"),
    ("direct_debit_hold", "DirectDebitHold", "debit", "direct_debit_hold"),
    ("qonto_fee", "BillingTransfer", "debit", ""),
    ("cheque", "Check", "credit", "check"),
    ("recall", "Income", "debit", ""),
    ("swift_income", "SwiftIncome", "credit", "swift_income"),
    ("pay_later", "Transfer", "debit", "transfer"),
    ("financing_installment", "FinancingInstallment", "debit", "financing_installment"),
];

/// 1 September 2026, 08:00 UTC, and so many minutes.
fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_788_249_600, 0).unwrap_or_default() + TimeDelta::minutes(minutes)
}

/// The object that comes with a kind of transaction.
fn own_object(name: &str) -> Value {
    match name {
        "check" => json!({ "check_number": "0000017", "check_key": "11" }),
        "financing_installment" => json!({ "total_installments_number": 6, "current_installment_number": 2 }),
        "pagopa_payment" => {
            json!({ "notice_number": "302000000000000001", "creditor_fiscal_code": "00000000000", "iuv": "02000000000000001" })
        }
        "direct_debit_hold" => json!({ "guarding_rate": "10.0" }),
        "swift_income" => json!({
            "counterparty_account_number": "000123456789",
            "counterparty_account_number_format": "account_number",
            "counterparty_bank_identifier": "FICTUS33XXX",
            "counterparty_bank_identifier_format": "SWIFT_BIC",
        }),
        _ => json!({
            "counterparty_account_number": french_iban(99_999, 1, 70_000_000_007),
            "counterparty_account_number_format": "IBAN",
            "counterparty_bank_identifier": "FICTFRP2XXX",
            "counterparty_bank_identifier_format": "SWIFT_BIC",
        }),
    }
}

/// The organization. Its international and legacy beneficiaries are there to be read; switch the [`Dialect`] to have
/// them refused.
///
/// [`Dialect`]: super::Dialect
#[must_use]
pub fn catalogue() -> QontoWorld {
    let mut world = QontoWorld::new("Catalogue", "catalogue-1", "no-secret-5b1e7a90d3c2f486");
    world.dialect.forbidden.clear();
    let main = world.account(Account::new("Principal", &french_iban(0, 1, 1), minute(0)).main());
    let closed = world.account(Account::new("Fermé", &french_iban(0, 1, 2), minute(0)).closed());
    let external = world.account(Account::new("Externe", "", minute(0)).external("12345678").set("currency", "USD"));
    // A sandbox masks IBANs: two accounts can show the same one.
    world.account(Account::new("Masqué 1", "FR76*******************0001", minute(0)));
    world.account(Account::new("Masqué 2", "FR76*******************0001", minute(0)).without("account_number"));

    kinds(&mut world, &main);
    statuses(&mut world, &main);
    amounts(&mut world, &main);
    gaps(&mut world, &main);
    for (account, label) in [(&closed, "Sur un compte fermé"), (&external, "Ailleurs")] {
        let row =
            Transaction::on(account, minute(900)).cents(4_200).credit().kind("income", "Income", "sales").label(label);
        world.transaction(row);
    }
    let at_other_bank = Transaction::on(&external, minute(901)).cents(1_999).kind("other", "Other", "other_expense");
    world.transaction(at_other_bank.set("settled_at", ()).without("settled_balance").without("settled_balance_cents"));
    beneficiaries(&mut world);
    world.balance();
    world
}

fn kinds(world: &mut QontoWorld, account: &str) {
    let mut minutes = 0;
    for (operation, subject, side, object) in KINDS {
        minutes += 1;
        let row = Transaction::on(account, minute(minutes)).cents(10_000 + i128::from(minutes)).set("side", side);
        let mut row = row.kind(operation, subject, "other_expense").label(subject);
        if operation == "card" {
            row = row.card("0042");
        }
        if !object.is_empty() {
            row = row.set(object, own_object(object));
        }
        world.transaction(row);
    }
    // What the versioning policy allows to appear any day.
    let unknown = [
        ("other", "Other", "debit"),
        ("quantum_leap", "QuantumLeap", "debit"),
        ("transfer", "transfer", "debit"),
        ("income", "Income", "sideways"),
    ];
    for (operation, subject, side) in unknown {
        minutes += 1;
        let row = Transaction::on(account, minute(minutes)).cents(100).set("side", side).label("Inconnu");
        world.transaction(
            row.kind(operation, subject, "brand_new").set("brand_new_field", json!({ "deep": [1, null] })),
        );
    }
}

fn statuses(world: &mut QontoWorld, account: &str) {
    for (minutes, status) in (100..).zip(["pending", "declined", "completed"]) {
        let row = Transaction::on(account, minute(minutes)).cents(2_500).status(status).label(status).card("0042");
        world.transaction(row);
    }
    // Not among the statuses that lists take: by id only.
    let reversed = Transaction::on(account, minute(103)).cents(2_500).status("reversed").label("reversed");
    world.transaction(reversed.id("00000000-0000-4000-8000-00000000beef"));
    // A word of tomorrow among the completed ones.
    let on_hold = Transaction::on(account, minute(104)).cents(0).set("status", "on_hold").label("on_hold");
    world.transaction(on_hold.listed_as("completed"));
}

fn amounts(world: &mut QontoWorld, account: &str) {
    // 2^53 + 1 is the first whole number that a float cannot hold; the last is what 64 bits can.
    for (minutes, cents) in (200..).zip([0, 1, 29, 22_530, 9_007_199_254_740_993, i128::from(i64::MAX)]) {
        let row = Transaction::on(account, minute(minutes)).cents(cents).credit().kind("income", "Income", "sales");
        world.transaction(row.label("Montant").set("income", own_object("income")));
    }
    for (minutes, (currency, hundredths)) in (210..).zip([("USD", 1_234), ("GBP", 999), ("JPY", 150_000), ("XAU", 3)]) {
        let row = Transaction::on(account, minute(minutes)).cents(1_100).local(currency, hundredths).card("0042");
        world.transaction(row.label(currency));
    }
    // The two spellings of the amount disagree.
    let torn = Transaction::on(account, minute(220)).cents(1_000).set_raw("amount", "10.01").label("Contradiction");
    world.transaction(torn);
    let odd = Transaction::on(account, minute(221)).cents(1_000).set("currency", "ZZZ").label("Devise inconnue");
    world.transaction(odd);
}

fn gaps(world: &mut QontoWorld, account: &str) {
    let optional = [
        "settled_balance",
        "settled_balance_cents",
        "clean_counterparty_name",
        "created_at",
        "logo",
        "cashflow_category",
        "cashflow_subcategory",
        "bank_account_id",
        "is_external_transaction",
    ];
    let row = Transaction::on(account, minute(300)).cents(300).label("Ancienne forme");
    world.transaction(optional.into_iter().fold(row, Transaction::without));
    let row = Transaction::on(account, minute(301)).cents(301).kind("transfer", "Transfer", "other_expense");
    world.transaction(row.label("Sans contrepartie").set("transfer", ()));
    let row = Transaction::on(account, minute(302)).cents(302).kind("income", "Income", "sales").credit();
    let empty = json!({
        "counterparty_account_number": "",
        "counterparty_account_number_format": null,
        "counterparty_bank_identifier": null,
    });
    world.transaction(row.label("Contrepartie vide").set("income", empty));
    // The formats as webhooks spell them.
    let webhook = json!({
        "counterparty_account_number": french_iban(99_999, 1, 70_000_000_007),
        "counterparty_account_number_format": "iban",
        "counterparty_bank_identifier": "FICTFRP2XXX",
        "counterparty_bank_identifier_format": "bic",
    });
    let row = Transaction::on(account, minute(310)).cents(310).kind("transfer", "Transfer", "other_expense");
    world.transaction(row.label("Formats en minuscules").set("transfer", webhook));
    // Real payloads have it: changed before it was emitted.
    let row = Transaction::on(account, minute(303)).cents(303).updated(minute(290)).label("Temps à rebours");
    world.transaction(row);
    let row =
        Transaction::on(account, minute(304)).cents(304).label("« É » \"guillemets\" \\ \u{1F9FE}\n\t").card("0042");
    world.transaction(row);
    world.transaction(Transaction::on(account, minute(305)).cents(305).label("Sans identifiant").without("id"));
    for number in 0..3 {
        let tie = Transaction::on(account, minute(306)).cents(306 + number).label("Au même instant");
        world.transaction(tie);
    }
}

fn beneficiaries(world: &mut QontoWorld) {
    let french = french_iban(99_999, 1, 70_000_000_007);
    let sepa = |name: &str, number: &str, minutes| Beneficiary::sepa(name, number, "FICTFRP2XXX", minute(minutes));
    for one in [
        sepa("Validé", &french, 1),
        sepa("Le même IBAN", &french, 2).set("trusted", false),
        sepa("En attente", &french_iban(99_999, 1, 70_000_000_008), 3).set("status", "pending"),
        sepa("Refusé", &french_iban(99_999, 1, 70_000_000_009), 4).set("status", "declined"),
        sepa("Masqué", "FR76*******************0007", 5).set("bic", ()),
        sepa("Allemand", &iban("DE", "999999990001234567"), 6).set("email", "compta@exemple.invalid"),
        sepa("Statut inconnu", &french_iban(99_999, 1, 70_000_000_010), 7).set("status", "frozen"),
        sepa("Sans IBAN", "", 8).set("iban", ()),
    ] {
        world.sepa_beneficiary(one);
    }
    let abroad = |name: &str, country: &str, currency: &str, account: &str, minutes| {
        Beneficiary::international(name, country, currency, account, minute(minutes))
    };
    for one in [
        abroad("Harbor & Pine Studio LLC", "US", "USD", "000123456789", 10)
            .set("payment_type", "aba")
            .set("branch_identifier", "000000000"),
        abroad("Foundry & Type Ltd", "GB", "GBP", "00012345", 11).set("bank_identifier", "000000"),
        abroad("Kumo Fonts KK", "JP", "JPY", "0001234", 12).set("bank_identifier", "FICTJPJT"),
    ] {
        world.international_beneficiary(one);
    }
}
