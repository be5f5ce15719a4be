//! What a beneficiary is in the words of the contract.

use std::borrow::Cow;

use crate::contract::payments::connector::types::Account;
use crate::manifest::NAMESPACE;
use crate::money::Currency;
use crate::row::{Pairs, Row};

/// The metadata keys that bear the provider's own names, wherever in the row they are. Not the e-mail address: it is
/// personal, says nothing about the account, and is in `raw` for who needs it.
const KEYS: [&str; 17] = [
    "iban",
    "bic",
    "bank_name",
    "trusted",
    "status",
    "currency",
    "account_number",
    "routing_number",
    "swift_sort_code",
    "intermediary_bank_bic",
    "country",
    "payment_type",
    "account_identifier",
    "bank_identifier",
    "branch_identifier",
    "activity_tag",
    "legal_type",
];

/// The keys that mean the same for every provider, and the fields that they are read from.
const STANDARD: [(&str, &str); 6] = [
    ("iban", "iban"),
    ("bic", "bic"),
    ("account-number", "account_number"),
    ("routing-number", "routing_number"),
    ("country", "country"),
    ("status", "status"),
];

/// Maps a beneficiary; `currency` is that of the list, for rows that do not name one.
///
/// # Errors
/// The row cannot be mapped: which field, what it holds, what was expected.
pub fn map(raw: &str, currency: &str) -> Result<Account, String> {
    let row = Row::parse(raw)?;
    let id = row.id()?;
    // The details are flat in production and nested in the sandbox.
    let nested = row.object("bank_account").unwrap_or_default();
    let field = |key: &str| row.scalar(key).or_else(|| nested.scalar(key));
    let code = field("currency").unwrap_or(Cow::Borrowed(currency));
    let currency = Currency::from_code(&code)
        .map_err(|expected| format!("currency is {}: {expected}", crate::row::clip(&code, 80)))?;
    let mut metadata = Pairs::of(NAMESPACE);
    metadata.add("beneficiary_id", Some(id.clone()));
    for key in KEYS {
        metadata.add(key, field(key));
    }
    for (key, name) in STANDARD {
        metadata.add_standard(key, field(name));
    }
    Ok(Account {
        reference: id.into_owned(),
        name: row.text("name").map(Into::into),
        default_asset: Some(currency.asset()),
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        metadata: metadata.finish(),
        raw: raw.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::contract::payments::connector::types::Timestamp;

    fn pairs(account: &Account) -> Vec<(&str, &str)> {
        account
            .metadata
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("com.qonto.spec/")?, value.as_str())))
            .collect()
    }

    #[test]
    fn flat_and_nested_details_give_the_same_account() {
        let flat = r#"{"id":"b1","name":"Paper & Co","iban":"DE89370400440532013000","bic":"FICTDEFFXXX","status":"validated",
            "trusted":true,"email":"x@example.com","activity_tag":null,"created_at":"2026-01-31T10:20:30.000Z",
            "updated_at":"2026-01-31T10:20:31.000Z"}"#;
        let nested = r#"{"id":"b1","name":"Paper & Co","bank_account":{"iban":"DE89370400440532013000","bic":"FICTDEFFXXX"},
            "status":"validated","trusted":true,"created_at":"2026-01-31T10:20:30.000Z","updated_at":"2026-01-31T10:20:31Z"}"#;
        for raw in [flat, nested] {
            let account = map(raw, "EUR").unwrap();
            assert_eq!((account.reference.as_str(), account.name.as_deref()), ("b1", Some("Paper & Co")));
            assert_eq!(account.default_asset.as_deref(), Some("EUR/2"));
            assert_eq!(account.created_at, Some(Timestamp { seconds: 1_769_854_830, nanoseconds: 0 }));
            assert_eq!(account.updated_at, Some(Timestamp { seconds: 1_769_854_831, nanoseconds: 0 }));
            assert_eq!(account.raw, raw);
            let expected = [
                ("beneficiary_id", "b1"),
                ("bic", "FICTDEFFXXX"),
                ("iban", "DE89370400440532013000"),
                ("status", "validated"),
                ("trusted", "true"),
            ];
            assert_eq!(pairs(&account), expected);
        }
    }

    #[test]
    fn an_account_without_iban_is_known_by_its_own_numbers() {
        let account = map(
            r#"{"id":"b2","country":"US","currency":"USD","payment_type":"aba","account_identifier":"123",
                "bank_identifier":"021000021","branch_identifier":null}"#,
            "USD",
        )
        .unwrap();
        assert_eq!(account.default_asset.as_deref(), Some("USD/2"));
        let expected = [
            ("account_identifier", "123"),
            ("bank_identifier", "021000021"),
            ("beneficiary_id", "b2"),
            ("country", "US"),
            ("currency", "USD"),
            ("payment_type", "aba"),
        ];
        assert_eq!(pairs(&account), expected);
        assert_eq!(map(r#"{"id":"b3"}"#, "JPY").unwrap().default_asset.as_deref(), Some("JPY/0"));
    }

    #[test]
    fn no_identifier_a_strange_currency_or_a_local_time_is_a_reason_to_reject() {
        for (raw, field) in [
            (r#"{"iban":"DE89370400440532013000"}"#, "id"),
            (r#"{"id":"b","currency":"ZZZ"}"#, "currency"),
            (r#"{"id":"b","updated_at":"2026-01-31T10:20:31"}"#, "updated_at"),
            ("7", "object"),
        ] {
            assert!(map(raw, "EUR").unwrap_err().contains(field), "{raw}");
        }
    }
}
