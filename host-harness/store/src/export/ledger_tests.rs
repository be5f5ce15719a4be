//! Statements and ledgers of a small business: two accounts, a fee, a conversion, a transfer in two rows, something pending.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{ExportError, Filter, Period, ledger, statements};
use crate::testing::{account, accounts, balance, deliver, payment, payments};
use crate::{PageRecords, Store};
use model::{Account, Balance, Counterparty, Money, Payment, PaymentStatus, PaymentType, TimePrecision};

const DAY: i64 = 86_400;
/// The first of March 1970.
const MARCH: i64 = 59;

fn on(reference: &str, day: i64, amount: &str, payment_type: PaymentType) -> Payment {
    let (source, destination) = match payment_type {
        PaymentType::PayIn => (None, Some("main")),
        _ => (Some("main"), None),
    };
    Payment {
        payment_type,
        amount: amount.to_owned(),
        source_account_reference: source.map(str::to_owned),
        destination_account_reference: destination.map(str::to_owned),
        created_at: crate::testing::time(day * DAY + 36_000),
        created_at_precision: TimePrecision::Instant,
        ..payment(reference, PaymentStatus::Succeeded, 1)
    }
}

fn with(mut payment: Payment, party: &str, metadata: &[(&str, &str)]) -> Payment {
    payment.counterparty = Some(Counterparty {
        account_reference: None,
        name: Some(party.to_owned()),
        account_number: Some("FR76 3000 6000 0112 3456 7890 189".to_owned()),
        account_number_format: Some("IBAN".to_owned()),
        bank_identifier: Some("AGRIFRPP".to_owned()),
        bank_identifier_format: Some("BIC".to_owned()),
    });
    payment.metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    payment
}

fn known(of: &str, amount: &str, asset: &str, day: i64) -> Balance {
    Balance { account_reference: of.to_owned(), asset: asset.to_owned(), ..balance(amount, day * DAY + 43_200) }
}

/// The main account had 100.00 before its first entry.
fn business(main: &str) -> Store {
    let store = Store::in_memory().unwrap();
    let named = |reference: &str, name: &str, iban: &str| Account {
        metadata: vec![("std/iban".to_owned(), iban.to_owned())],
        ..account(reference, name, None)
    };
    let own = vec![
        named("main", "Compte courant", "DE89 3704 0044 0532 0130 00"),
        named("savings", "Épargne", "GB82 WEST 1234 5698 7654 32"),
    ];
    deliver(&store, &accounts(own), &[], 1).unwrap();
    let mut fee = with(on("fee", MARCH, "2000", PaymentType::Payout), "A & <B>", &[("std/category", "office")]);
    fee.fees = vec![Money { amount: "150".to_owned(), asset: "EUR/2".to_owned() }];
    let mut into = on("into", MARCH + 1, "3000", PaymentType::Transfer);
    (into.source_account_reference, into.destination_account_reference) = (None, Some("savings".to_owned()));
    let mut late = into.clone();
    (late.reference, late.created_at.seconds) = ("late".to_owned(), (MARCH + 3) * DAY);
    let mut yen = on("yen", MARCH + 2, "1000", PaymentType::Conversion);
    yen.destination_account_reference = Some("savings".to_owned());
    yen.counter_amount = Some(Money { amount: "1600".to_owned(), asset: "JPY/0".to_owned() });
    let mut pending = on("pending", MARCH + 2, "500", PaymentType::Payout);
    pending.status = PaymentStatus::Pending;
    let rows = vec![
        with(on("sale", MARCH - 1, "5000", PaymentType::PayIn), "C; \"D\"\\", &[("std/description", "no\r\n1")]),
        fee,
        on("out", MARCH + 1, "3000", PaymentType::Transfer),
        into,
        yen,
        on("gone", MARCH + 2, "3000", PaymentType::Transfer),
        late,
        pending,
    ];
    deliver(&store, &payments(rows), &[], 1).unwrap();
    let balances = vec![
        known("main", "15000", "EUR/2", MARCH - 1),
        known("savings", "6000", "EUR/2", MARCH + 3),
        known("savings", "1600", "JPY/0", MARCH + 3),
    ];
    deliver(&store, &PageRecords::Balances(balances), &[], 1).unwrap();
    deliver(&store, &PageRecords::Balances(vec![known("main", main, "EUR/2", MARCH + 2)]), &[], 1).unwrap();
    store
}

/// What the main account has at last, when nothing is amiss.
const CLOSING: &str = "5850";

fn stated(store: &Store, filter: &Filter, period: Period) -> Result<String, ExportError> {
    let mut out = Vec::new();
    statements(store, "acme", filter, period, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// Each statement's days, opening and closing.
fn summary(xml: &str) -> Vec<String> {
    let texts = |part: &str, open: &str| -> Vec<String> {
        let after = part.split(open).skip(1);
        after.map(|text| text.split('<').next().unwrap().split('>').next_back().unwrap().to_owned()).collect()
    };
    let of_one = |statement: &str| {
        let (head, entries) = statement.split_once("<TxsSummry>").unwrap();
        let days = [texts(head, "<FrDtTm>"), texts(head, "<ToDtTm>")].concat();
        let days: Vec<&str> = days.iter().map(|time| &time[5..10]).collect();
        let signs = texts(head, "<CdtDbtInd>").join(" ");
        let amounts = texts(head, "<Amt Ccy=").join(" ");
        format!("{} {amounts} {signs} {}", days.join(" "), entries.matches("<Ntry>").count())
    };
    xml.split("<Stmt>").skip(1).map(of_one).collect()
}

#[test]
fn a_statement_begins_with_what_the_one_before_ended_with() {
    let store = business(CLOSING);
    let filter = Filter::default();
    let months = stated(&store, &filter, Period::Month).unwrap();
    assert_eq!(
        summary(&months),
        [
            "02-01 02-28 100.00 150.00 CRDT CRDT 1",
            "03-01 03-03 150.00 58.50 CRDT CRDT 5",
            "03-01 03-04 0.00 60.00 CRDT CRDT 2",
            "03-01 03-04 0 1600 CRDT CRDT 1",
        ]
    );
    let main = Filter { account: Some("main".to_owned()), ..Filter::default() };
    assert_eq!(
        summary(&stated(&store, &main, Period::Day).unwrap()),
        [
            "02-28 02-28 100.00 150.00 CRDT CRDT 1",
            "03-01 03-01 150.00 128.50 CRDT CRDT 2",
            "03-02 03-02 128.50 98.50 CRDT CRDT 1",
            "03-03 03-03 98.50 58.50 CRDT CRDT 2",
        ]
    );
    let cut = Filter { since: "1970-03-02".parse().ok(), until: "1970-03-02".parse().ok(), ..main };
    assert_eq!(summary(&stated(&store, &cut, Period::Month).unwrap()), ["03-02 03-02 128.50 98.50 CRDT CRDT 1"]);
    let none = Filter { since: "1980-01-01".parse().ok(), ..Filter::default() };
    assert!(matches!(stated(&store, &none, Period::Month), Err(ExportError::NothingBooked)));
}

#[test]
fn a_statement_that_does_not_close_is_refused_with_the_difference() {
    let error = stated(&business("5900"), &Filter::default(), Period::Month).unwrap_err().to_string();
    assert_eq!(
        error,
        "the account DE89 3704 0044 0532 0130 00 does not add up on 1970-03-03: it had 100.00 EUR, -41.50 EUR were booked since, \
         and it has 59.00 EUR, which is 0.50 EUR more than that; entries are missing or twice there, so have them read again, \
         or leave the account out"
    );
    let savings = Filter { account: Some("savings".to_owned()), ..Filter::default() };
    assert!(stated(&business("5900"), &savings, Period::Month).is_ok(), "the other account does");
    let status = Filter { status: Some("SUCCEEDED".to_owned()), ..Filter::default() };
    assert!(stated(&business(CLOSING), &status, Period::Month).unwrap_err().to_string().contains("by a status"));
}

#[test]
fn an_entry_says_whose_money_it_is_and_what_for() {
    let xml = stated(&business(CLOSING), &Filter::default(), Period::Month).unwrap();
    let flat: String = xml.lines().map(str::trim_start).collect();
    for part in [
        "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy><Nm>Compte courant</Nm></Acct>",
        "<Amt Ccy=\"EUR\">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>",
        "<RltdPties><Cdtr><Pty><Nm>A &amp; &lt;B&gt;</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN>",
        "<RltdAgts><CdtrAgt><FinInstnId><BICFI>AGRIFRPP</BICFI></FinInstnId></CdtrAgt></RltdAgts>",
        "<NtryRef>fee/fee-1</NtryRef><Amt Ccy=\"EUR\">1.50</Amt>",
        "<RmtInf><Ustrd>no 1</Ustrd></RmtInf>",
        "<BkTxCd><Prtry><Cd>CONVERSION/SEPA_CREDIT</Cd></Prtry></BkTxCd>",
        "<TtlDbtNtries><NbOfNtries>5</NbOfNtries><Sum>91.50</Sum></TtlDbtNtries>",
    ] {
        assert!(flat.contains(part), "{part}\n{xml}");
    }
}

fn written(store: &Store, filter: &Filter, names: &str) -> Result<String, ExportError> {
    let mut out = Vec::new();
    ledger(store, "acme", filter, &names.parse().unwrap(), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn a_ledger_has_each_payment_once_and_asserts_the_balance_it_leads_to() {
    let names = r#"{"DE89370400440532013000": "Assets:Main", "office": "Expenses:Bureau", "FEE": "Expenses:Fees"}"#;
    let text = written(&business(CLOSING), &Filter::default(), names).unwrap();
    let body = text.split_once("\n\n").unwrap().1;
    let expected = r#"1970-02-27 open Assets:Bank:Épargne
1970-02-27 open Assets:Main
1970-02-27 open Assets:Pending:Main
1970-02-27 open Assets:Transfers
1970-02-27 open Equity:Opening-Balances
1970-02-27 open Expenses:Bureau
1970-02-27 open Expenses:Fees
1970-02-27 open Expenses:Uncategorised
1970-02-27 open Income:Uncategorised

1970-02-27 * "Opening balance"
  Assets:Main  100.00 EUR
  Equity:Opening-Balances  -100.00 EUR

1970-02-28 * "C, \"D\"\\" "no 1"
  ; id: sale
  Assets:Main  50.00 EUR
  Income:Uncategorised  -50.00 EUR

1970-03-01 * "A & <B>" "PAYOUT"
  ; id: fee
  Assets:Main  -20.00 EUR
  Assets:Main  -1.50 EUR
  Expenses:Bureau  20.00 EUR
  Expenses:Fees  1.50 EUR

1970-03-02 * "TRANSFER"
  ; id: out
  ; id: into
  Assets:Main  -30.00 EUR
  Assets:Bank:Épargne  30.00 EUR

1970-03-03 ! "PAYOUT"
  ; id: pending
  Assets:Pending:Main  -5.00 EUR
  Expenses:Uncategorised  5.00 EUR

1970-03-03 * "CONVERSION"
  ; id: yen
  Assets:Main  -10.00 EUR @@ 1600 JPY
  Assets:Bank:Épargne  1600 JPY

1970-03-03 * "TRANSFER"
  ; id: gone
  Assets:Main  -30.00 EUR
  Assets:Transfers  30.00 EUR

1970-03-04 balance Assets:Main  58.50 EUR

1970-03-04 * "TRANSFER"
  ; id: late
  Assets:Bank:Épargne  30.00 EUR
  Assets:Transfers  -30.00 EUR

1970-03-05 balance Assets:Bank:Épargne  60.00 EUR

1970-03-05 balance Assets:Bank:Épargne  1600 JPY
"#;
    assert_eq!(body, expected);
}

#[test]
fn a_ledger_of_some_days_begins_with_what_there_was_and_asserts_nothing_that_it_does_not_reach() {
    let filter = Filter {
        since: "1970-03-02".parse().ok(),
        until: "1970-03-02".parse().ok(),
        account: Some("main".to_owned()),
        ..Filter::default()
    };
    let text = written(&business(CLOSING), &filter, "{}").unwrap();
    let body = text.split_once("\n\n").unwrap().1;
    assert!(body.contains("1970-03-01 * \"Opening balance\"\n  Assets:Bank:Compte-courant  128.50 EUR\n"), "{body}");
    assert!(body.contains("  Assets:Bank:Compte-courant  -30.00 EUR\n  Assets:Transfers  30.00 EUR\n"), "{body}");
    assert!(!body.contains(" balance ") && !body.contains("Épargne"), "{body}");
    let same = r#"{"main": "Assets:One", "savings": "Assets:One"}"#;
    assert!(
        written(&business(CLOSING), &Filter::default(), same).unwrap_err().to_string().starts_with("savings cannot")
    );
}

#[test]
fn a_balance_in_the_middle_of_a_day_is_not_asserted_of_its_end() {
    let store = business(CLOSING);
    let mut evening = on("evening", MARCH + 2, "1", PaymentType::Payout);
    evening.created_at.seconds = (MARCH + 2) * DAY + 80_000;
    deliver(&store, &payments(vec![evening]), &[], 1).unwrap();
    let text = written(&store, &Filter::default(), "{}").unwrap();
    assert_eq!(text.matches(" balance ").count(), 2, "of the other two\n{text}");
}

#[test]
fn accounts_of_one_name_have_names_of_their_own() {
    let store = Store::in_memory().unwrap();
    let twice = ["a-1", "b-2", "日本"].map(|reference| account(reference, "Main", None));
    deliver(&store, &accounts(twice.to_vec()), &[], 1).unwrap();
    let balances = ["a-1", "b-2", "日本"].map(|of| known(of, "5", "EUR/2", 1));
    deliver(&store, &PageRecords::Balances(balances.to_vec()), &[], 1).unwrap();
    let text = written(&store, &Filter::default(), "{}").unwrap();
    for name in ["Assets:Bank:Main-A-1\n", "Assets:Bank:Main-B-2\n", "Assets:Bank:Main\n"] {
        assert!(text.contains(&format!("open {name}")), "{name}{text}");
    }
}
