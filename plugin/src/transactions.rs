//! What a Qonto transaction is in the words of the contract.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::contract::payments::connector::types::{
    Counterparty, Metadata, Money, Payment, PaymentScheme, PaymentStatus, PaymentType, Rejected, TimePrecision,
    Timestamp,
};
use crate::manifest::NAMESPACE;
use crate::money::{Currency, Decimal, minor_units};
use crate::row::{self, Item, Pairs, Row};
use crate::time;

/// The objects that may hold the other party's account.
const COUNTERPARTIES: [&str; 5] = ["transfer", "income", "swift_income", "direct_debit", "direct_debit_collection"];

/// A row of a list of transactions.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The identifier, when it can be read.
    pub id: Option<String>,
    /// `updated_at` in milliseconds, when it can be read.
    pub updated: Option<i64>,
    /// The payment, or why it is none.
    pub outcome: Result<Payment, Rejected>,
}

impl Entry {
    /// Reads a row as a transaction of `account`.
    #[must_use]
    pub fn read(Item { raw, row }: Item, account: &str) -> Self {
        let rejected = |id: Option<String>, reason: String| Rejected { reference: id, reason, raw: raw.to_owned() };
        let row = match row {
            Ok(row) => row,
            Err(reason) => return Self { id: None, updated: None, outcome: Err(rejected(None, reason)) },
        };
        let id = row.id().ok().map(Cow::into_owned);
        let updated = row.required_time("updated_at");
        let millis = updated.as_ref().ok().copied().map(time::millis);
        let outcome = map(&row, raw, account, updated).map_err(|reason| rejected(id.clone(), reason));
        Self { id, updated: millis, outcome }
    }

    /// The bytes of the row.
    #[must_use]
    pub fn raw(&self) -> &str {
        match &self.outcome {
            Ok(payment) => &payment.raw,
            Err(rejected) => &rejected.raw,
        }
    }
}

fn map(row: &Row, raw: &str, account: &str, updated: Result<Timestamp, String>) -> Result<Payment, String> {
    let id = row.id()?;
    if row.text("bank_account_id").is_some_and(|other| other != account) {
        return Err(row.wrong("bank_account_id", &format!("expected {account}, the account that was asked for")));
    }
    let currency =
        Currency::from_code(&row.required("currency")?).map_err(|expected| row.wrong("currency", &expected))?;
    let word = row.text("status");
    let status = word.as_deref().map_or(PaymentStatus::Unknown, status);
    let subject = row.text("subject_type");
    let (payment_type, is_source) = direction(subject.as_deref(), row.text("side").as_deref());
    let own = |is_here: bool| is_here.then(|| account.to_owned());
    Ok(Payment {
        amount: amount(row, currency)?,
        asset: currency.asset(),
        // Qonto names none, and its fees are transactions of their own.
        parent_reference: None,
        fees: Vec::new(),
        counter_amount: counter_amount(row, currency),
        created_at: row.required_time("emitted_at")?,
        created_at_precision: TimePrecision::Instant,
        updated_at: Some(updated?),
        payment_type,
        status,
        scheme: scheme(row, currency),
        source_account_reference: own(is_source == Some(true)),
        destination_account_reference: own(is_source == Some(false)),
        counterparty: counterparty(row),
        metadata: metadata(row, &id, currency, status),
        reference: id.into_owned(),
        raw: raw.to_owned(),
    })
}

fn amount(row: &Row, currency: Currency) -> Result<String, String> {
    let wrong =
        |reason: &str| format!("{}; {}", row.wrong("amount_cents", reason), row.wrong("amount", "the same amount"));
    let amount =
        minor_units(row.json("amount_cents"), row.json("amount"), currency).map_err(|reason| wrong(&reason))?;
    if amount.sign() == Ordering::Less {
        return Err(wrong("expected no negative amount, the side tells the direction"));
    }
    amount.whole().ok_or_else(|| wrong("expected a whole number"))
}

/// What the other side was asked for or got, where that is in another currency that can be read.
fn counter_amount(row: &Row, currency: Currency) -> Option<Money> {
    let local = Currency::from_code(&row.text("local_currency")?).ok().filter(|local| *local != currency)?;
    let amount = minor_units(row.json("local_amount_cents"), row.json("local_amount"), local).ok()?;
    let amount = if amount.sign() == Ordering::Less { None } else { amount.whole() };
    Some(Money { amount: amount?, asset: local.asset() })
}

fn status(word: &str) -> PaymentStatus {
    let statuses = [
        ("completed", PaymentStatus::Succeeded),
        ("pending", PaymentStatus::Pending),
        ("declined", PaymentStatus::Failed),
        ("reversed", PaymentStatus::Cancelled),
    ];
    let found = statuses.into_iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    found.map_or(PaymentStatus::Unknown, |(_, status)| status)
}

/// The type, and whether the own account is the source; neither is known without a side.
fn direction(subject: Option<&str>, side: Option<&str>) -> (PaymentType, Option<bool>) {
    let is = |word: &str| side.is_some_and(|side| side.eq_ignore_ascii_case(word));
    let is_source = if is("debit") { Some(true) } else { is("credit").then_some(false) };
    let payment_type = match is_source {
        _ if subject.is_some_and(|subject| word(subject) == "wallettowallet") => PaymentType::Transfer,
        Some(true) => PaymentType::Payout,
        Some(false) => PaymentType::PayIn,
        None => PaymentType::Other,
    };
    (payment_type, is_source)
}

/// Qonto writes `DirectDebit` here and `direct_debit` there.
fn word(text: &str) -> String {
    let mut word = text.to_ascii_lowercase();
    word.retain(|char| char != '_');
    word
}

fn scheme(row: &Row, currency: Currency) -> PaymentScheme {
    let known = |key: &str| row.text(key).and_then(|text| scheme_of(&word(&text)));
    let scheme = known("subject_type").or_else(|| known("operation_type")).unwrap_or(PaymentScheme::Unknown);
    // SEPA moves euros only: a transfer in another currency went over a rail that Qonto does not name.
    if scheme == PaymentScheme::SepaCredit && is_foreign(row, currency) { PaymentScheme::Unknown } else { scheme }
}

fn scheme_of(word: &str) -> Option<PaymentScheme> {
    Some(match word {
        "card" => PaymentScheme::Card,
        "transfer" | "income" => PaymentScheme::SepaCredit,
        "directdebit" | "directdebitcollection" | "directdebithold" => PaymentScheme::SepaDebit,
        "recall" => PaymentScheme::Sepa,
        "swiftincome" => PaymentScheme::Swift,
        "check" | "cheque" => PaymentScheme::Cheque,
        "wallettowallet" | "billingtransfer" | "qontofee" | "financingincome" | "financinginstallment" | "paylater" => {
            PaymentScheme::Internal
        }
        "pagopapayment" | "f24payment" | "other" => PaymentScheme::Other,
        _ => return None,
    })
}

fn is_foreign(row: &Row, currency: Currency) -> bool {
    row.text("local_currency").is_some_and(|local| Currency::from_code(&local) != Ok(currency))
}

fn counterparty(row: &Row) -> Option<Counterparty> {
    let details = COUNTERPARTIES.iter().find_map(|key| row.object(key)).unwrap_or_default();
    let detail = |key: &str| details.text(key).map(Cow::into_owned);
    let party = Counterparty {
        name: row.text("clean_counterparty_name").or_else(|| row.text("label")).map(Cow::into_owned),
        // A transaction does not name the beneficiary.
        account_reference: None,
        account_number: detail("counterparty_account_number"),
        account_number_format: detail("counterparty_account_number_format"),
        bank_identifier: detail("counterparty_bank_identifier"),
        bank_identifier_format: detail("counterparty_bank_identifier_format"),
    };
    let says_something = party.name.is_some() || party.account_number.is_some() || party.bank_identifier.is_some();
    says_something.then_some(party)
}

fn has_other_amount(row: &Row) -> bool {
    let (local, amount) = (row.json("local_amount"), row.json("amount"));
    // Spelled alike, as nearly always, they need not be read.
    local != amount
        && local.and_then(Decimal::parse).is_some_and(|local| Some(local) != amount.and_then(Decimal::parse))
}

fn metadata(row: &Row, id: &str, currency: Currency, status: PaymentStatus) -> Metadata {
    let mut pairs = Pairs::of(NAMESPACE);
    // The document's `transaction_id`; rows without Qonto's legacy field of that name still have the identifier.
    pairs.add("card_last_digits", row.scalar("card_last_digits"));
    pairs.add("label", row.text("label"));
    if is_foreign(row, currency) || has_other_amount(row) {
        pairs.add("local_amount", row.scalar("local_amount"));
        pairs.add("local_currency", row.text("local_currency"));
    }
    for key in ["note", "operation_type", "reference", "settled_at", "side"] {
        pairs.add(key, row.text(key));
    }
    pairs.add("status", row.text("status").filter(|_| status == PaymentStatus::Unknown));
    pairs.add("subject_type", row.text("subject_type"));
    pairs.add("transaction_id", row.text("transaction_id").or(Some(Cow::Borrowed(id))));
    standard(row, &mut pairs);
    pairs.finish()
}

/// What means the same for every provider.
fn standard(row: &Row, pairs: &mut Pairs) {
    let list = |key: &str| row.json(key).and_then(row::items).unwrap_or_default();
    let name = |row: &Row| row.text("name").map(Cow::into_owned);
    let attachments = list("attachment_ids").len();
    pairs.add_standard("attachments", (attachments > 0).then(|| attachments.to_string()));
    if let Some(settled) = row.text("settled_at")
        && let Some(date) = time::date(&settled)
    {
        pairs.add_standard("booked-at", Some(settled));
        pairs.add_standard("booking-date", Some(date));
    }
    let category = row.object("cashflow_category").and_then(|category| name(&category));
    pairs.add_standard("category", category.or_else(|| row.text("category").map(Cow::into_owned)));
    let words = [
        ("description", "reference"),
        ("label", "label"),
        ("note", "note"),
        ("scheme", "subject_type"),
        ("status", "status"),
    ];
    for (key, field) in words {
        pairs.add_standard(key, row.text(field));
    }
    let labels: Vec<String> = list("labels").into_iter().filter_map(|label| name(&Row::parse(label).ok()?)).collect();
    pairs.add_standard("tags", Some(labels.join(", ")));
    pairs.add_standard("type", row.text("operation_type"));
    // A host takes no exponent here, and would refuse the whole page for it.
    let number = |key: &str| row.json(key).filter(|json| Decimal::parse(json).is_some() && !json.contains(['e', 'E']));
    pairs.add_standard("vat-amount", number("vat_amount"));
    // A rate below zero stands for another one, or several.
    pairs.add_standard("vat-rate", number("vat_rate").filter(|rate| !rate.starts_with('-')));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]
    use super::*;
    use crate::contract::payments::connector::types::Timestamp;
    use serde_json::{Value, json};

    fn row() -> Value {
        json!({
            "id": "t1", "transaction_id": "acme-1234-1-transaction-1", "amount": 12.5, "amount_cents": 1250,
            "local_amount": 12.5, "local_amount_cents": 1250, "side": "debit", "operation_type": "transfer",
            "currency": "EUR", "local_currency": "EUR", "label": "Paper & Co", "clean_counterparty_name": null,
            "settled_at": "2026-01-31T10:20:31.000Z", "emitted_at": "2026-01-31T10:20:30.000Z",
            "updated_at": "2026-01-31T10:20:32.123Z", "status": "completed", "note": "", "reference": "Invoice 7",
            "subject_type": "Transfer", "bank_account_id": "a1", "card_last_digits": null,
            "transfer": {
                "counterparty_account_number": "DE89370400440532013000", "counterparty_account_number_format": "IBAN",
                "counterparty_bank_identifier": "FICTDEFFXXX", "counterparty_bank_identifier_format": "BIC"
            }
        })
    }

    fn with(changes: Value) -> Entry {
        let mut row = row();
        for (key, value) in changes.as_object().unwrap() {
            row[key] = value.clone();
        }
        Entry::read(Item::of(&row.to_string()), "a1")
    }

    fn payment(changes: Value) -> Payment {
        with(changes).outcome.unwrap()
    }

    fn pair(payment: &Payment, key: &str) -> Option<String> {
        let key = format!("com.qonto.spec/{key}");
        payment.metadata.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    #[test]
    fn a_transfer_is_mapped_field_by_field() {
        let raw = row().to_string();
        let pairs = [
            ("com.qonto.spec/label", "Paper & Co"),
            ("com.qonto.spec/operation_type", "transfer"),
            ("com.qonto.spec/reference", "Invoice 7"),
            ("com.qonto.spec/settled_at", "2026-01-31T10:20:31.000Z"),
            ("com.qonto.spec/side", "debit"),
            ("com.qonto.spec/subject_type", "Transfer"),
            ("com.qonto.spec/transaction_id", "acme-1234-1-transaction-1"),
            ("std/booked-at", "2026-01-31T10:20:31.000Z"),
            ("std/booking-date", "2026-01-31"),
            ("std/description", "Invoice 7"),
            ("std/label", "Paper & Co"),
            ("std/scheme", "Transfer"),
            ("std/status", "completed"),
            ("std/type", "transfer"),
        ];
        let expected = Payment {
            reference: "t1".to_owned(),
            parent_reference: None,
            created_at: Timestamp { seconds: 1_769_854_830, nanoseconds: 0 },
            created_at_precision: TimePrecision::Instant,
            updated_at: Some(Timestamp { seconds: 1_769_854_832, nanoseconds: 123_000_000 }),
            payment_type: PaymentType::Payout,
            status: PaymentStatus::Succeeded,
            scheme: PaymentScheme::SepaCredit,
            amount: "1250".to_owned(),
            asset: "EUR/2".to_owned(),
            fees: vec![],
            counter_amount: None,
            source_account_reference: Some("a1".to_owned()),
            destination_account_reference: None,
            counterparty: Some(Counterparty {
                name: Some("Paper & Co".to_owned()),
                account_reference: None,
                account_number: Some("DE89370400440532013000".to_owned()),
                account_number_format: Some("IBAN".to_owned()),
                bank_identifier: Some("FICTDEFFXXX".to_owned()),
                bank_identifier_format: Some("BIC".to_owned()),
            }),
            metadata: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
            raw: raw.clone(),
        };
        let entry = Entry::read(Item::of(&raw), "a1");
        assert_eq!(entry.outcome, Ok(expected));
        assert_eq!((entry.id.as_deref(), entry.updated), (Some("t1"), Some(1_769_854_832_123)));
    }

    #[test]
    fn what_people_file_payments_by_is_kept_where_qonto_tells_it() {
        let standard = |changes: Value| -> Vec<(String, String)> {
            let known = ["std/attachments", "std/category", "std/note", "std/tags", "std/vat-amount", "std/vat-rate"];
            let pairs = payment(changes).metadata.into_iter();
            pairs
                .filter(|(key, _)| known.contains(&key.as_str()))
                .map(|(k, v)| (k["std/".len()..].to_owned(), v))
                .collect()
        };
        let told = standard(json!({
            "category": "old_word", "cashflow_category": {"name": "Office"}, "note": "for May",
            "labels": [{"id": "l1", "name": "Project X", "parent_id": null}, {"id": "l2"}, 7, {"name": "Team"}],
            "vat_amount": 2.5, "vat_rate": 20, "attachment_ids": ["x", "y"],
        }));
        let expected = [
            ("attachments", "2"),
            ("category", "Office"),
            ("note", "for May"),
            ("tags", "Project X, Team"),
            ("vat-amount", "2.5"),
            ("vat-rate", "20"),
        ];
        assert_eq!(told, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let other = standard(json!({"category": "sales", "cashflow_category": {"name": null}, "vat_rate": -1}));
        assert_eq!(other, [("category".to_owned(), "sales".to_owned())]);
        let odd = json!({"labels": {}, "vat_amount": "x", "vat_rate": [], "attachment_ids": 7, "category": 7});
        assert_eq!(standard(odd), []);
        let exponent = row().to_string().replacen('{', "{\"vat_amount\":1.2e1,\"vat_rate\":2E1,", 1);
        let payment = Entry::read(Item::of(&exponent), "a1").outcome.unwrap();
        assert!(payment.metadata.iter().all(|(key, _)| !key.contains("vat")), "{payment:?}");
    }

    #[test]
    fn each_status_has_its_counterpart_and_a_new_one_is_kept_as_a_word() {
        for (word, status, kept) in [
            ("pending", PaymentStatus::Pending, None),
            ("completed", PaymentStatus::Succeeded, None),
            ("COMPLETED", PaymentStatus::Succeeded, None),
            ("declined", PaymentStatus::Failed, None),
            ("reversed", PaymentStatus::Cancelled, None),
            ("frozen", PaymentStatus::Unknown, Some("frozen")),
        ] {
            let payment = payment(json!({"status": word}));
            assert_eq!((payment.status, pair(&payment, "status").as_deref()), (status, kept), "{word}");
        }
        assert_eq!(payment(json!({"status": null})).status, PaymentStatus::Unknown);
    }

    #[test]
    fn the_side_decides_type_and_own_end() {
        let here = Some("a1".to_owned());
        for (subject, side, payment_type, source, destination) in [
            ("Transfer", "debit", PaymentType::Payout, &here, &None),
            ("Income", "credit", PaymentType::PayIn, &None, &here),
            ("Card", "credit", PaymentType::PayIn, &None, &here),
            ("Check", "CREDIT", PaymentType::PayIn, &None, &here),
            ("WalletToWallet", "debit", PaymentType::Transfer, &here, &None),
            ("wallet_to_wallet", "credit", PaymentType::Transfer, &None, &here),
            ("WalletToWallet", "?", PaymentType::Transfer, &None, &None),
            ("Transfer", "sideways", PaymentType::Other, &None, &None),
        ] {
            let payment = payment(json!({"subject_type": subject, "side": side}));
            assert_eq!(payment.payment_type, payment_type, "{subject} {side}");
            assert_eq!(
                (&payment.source_account_reference, &payment.destination_account_reference),
                (source, destination)
            );
        }
        assert_eq!(payment(json!({"side": null})).payment_type, PaymentType::Other);
    }

    #[test]
    fn each_subject_has_its_scheme_in_any_spelling() {
        for (subject, operation, scheme) in [
            ("Card", "card", PaymentScheme::Card),
            ("Transfer", "transfer", PaymentScheme::SepaCredit),
            ("Income", "income", PaymentScheme::SepaCredit),
            ("DirectDebit", "direct_debit", PaymentScheme::SepaDebit),
            ("DirectDebitCollection", "direct_debit_collection", PaymentScheme::SepaDebit),
            ("DirectDebitHold", "direct_debit_hold", PaymentScheme::SepaDebit),
            ("SwiftIncome", "swift_income", PaymentScheme::Swift),
            ("Check", "cheque", PaymentScheme::Cheque),
            ("BillingTransfer", "qonto_fee", PaymentScheme::Internal),
            ("FinancingIncome", "qonto_fee", PaymentScheme::Internal),
            ("FinancingInstallment", "financing_installment", PaymentScheme::Internal),
            ("PagopaPayment", "other", PaymentScheme::Other),
            ("F24Payment", "other", PaymentScheme::Other),
            ("Other", "other", PaymentScheme::Other),
            ("Recall", "recall", PaymentScheme::Sepa),
        ] {
            for subject in [subject, &subject.to_lowercase(), &subject.to_uppercase()] {
                assert_eq!(payment(json!({"subject_type": subject})).scheme, scheme, "{subject}");
            }
            for unread in [json!("Novelty"), json!(null), json!(7)] {
                let payment = payment(json!({"subject_type": unread, "operation_type": operation}));
                assert_eq!(payment.scheme, scheme, "{operation}");
            }
        }
        let of = |subject: &str, operation: &str| {
            payment(json!({"subject_type": subject, "operation_type": operation})).scheme
        };
        assert_eq!(of("WalletToWallet", "transfer"), PaymentScheme::Internal);
        assert_eq!(of("Novelty", "pay_later"), PaymentScheme::Internal);
        assert_eq!(of("Novelty", "novelty"), PaymentScheme::Unknown);
    }

    #[test]
    fn a_transfer_in_another_currency_is_not_sepa() {
        let payment = payment(json!({"local_currency": "USD", "local_amount": 13.75}));
        assert_eq!(payment.scheme, PaymentScheme::Unknown);
        assert_eq!(pair(&payment, "local_amount").as_deref(), Some("13.75"));
        assert_eq!(pair(&payment, "local_currency").as_deref(), Some("USD"));
        assert_eq!((payment.amount.as_str(), payment.asset.as_str()), ("1250", "EUR/2"));
    }

    #[test]
    fn every_kind_of_counterparty_object_is_read() {
        for key in COUNTERPARTIES {
            let details = json!({"counterparty_account_number": "1", "counterparty_bank_identifier": ""});
            let party = payment(json!({"transfer": null, key: details, "clean_counterparty_name": "Paper"}));
            let party = party.counterparty.unwrap();
            assert_eq!(party.name.as_deref(), Some("Paper"), "{key}");
            assert_eq!((party.account_number.as_deref(), party.bank_identifier), (Some("1"), None), "{key}");
        }
        assert_eq!(payment(json!({"transfer": null, "label": ""})).counterparty, None);
    }

    #[test]
    fn optional_fields_of_any_type_never_lose_a_row() {
        for value in [json!(null), json!(""), json!(7), json!([]), json!({"x": 1}), json!(false)] {
            for key in [
                "transaction_id",
                "side",
                "operation_type",
                "label",
                "clean_counterparty_name",
                "settled_at",
                "note",
                "reference",
                "subject_type",
                "local_amount",
                "local_currency",
                "card_last_digits",
                "transfer",
                "labels",
                "attachment_ids",
                "category",
                "cashflow_category",
                "vat_amount",
                "vat_rate",
                "bank_account_id",
                "status",
                "a_new_field",
            ] {
                assert!(with(json!({key: value})).outcome.is_ok(), "{key} = {value}");
            }
        }
        assert_eq!(pair(&payment(json!({"transaction_id": null})), "transaction_id").as_deref(), Some("t1"));
        assert_eq!(pair(&payment(json!({"card_last_digits": "0042"})), "card_last_digits").as_deref(), Some("0042"));
        assert_eq!(payment(json!({"amount": 0, "amount_cents": 0})).amount, "0");
    }

    #[test]
    fn a_row_that_lacks_what_it_cannot_do_without_is_rejected_with_a_reason() {
        for (key, values) in [
            ("id", vec![json!(null), json!(""), json!(7), json!("i".repeat(1_025))]),
            ("currency", vec![json!(null), json!("ZZZ"), json!("")]),
            ("amount_cents", vec![json!(null), json!("1250"), json!(1251), json!(-1250), json!(1250.5)]),
            ("amount", vec![json!(12), json!("x"), json!(-12.5)]),
            ("emitted_at", vec![json!(null), json!("2026-01-31T10:20:30"), json!(7)]),
            ("updated_at", vec![json!(null), json!("today")]),
            ("bank_account_id", vec![json!("a2")]),
        ] {
            for value in values {
                let entry = with(json!({key: value}));
                let rejected = entry.outcome.unwrap_err();
                assert!(rejected.reason.contains(key), "{key} = {value}: {}", rejected.reason);
                let reference = if key == "id" { None } else { Some("t1") };
                assert_eq!(rejected.reference.as_deref(), reference, "{key} = {value}");
            }
        }
        let negative = with(json!({"amount": -12.5, "amount_cents": -1250})).outcome.unwrap_err();
        assert!(negative.reason.contains("negative"), "{}", negative.reason);
        assert_eq!(Entry::read(Item::of("[1]"), "a1").outcome.unwrap_err().raw, "[1]");
    }
}
