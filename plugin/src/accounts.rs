//! The organisation's own accounts, all of them in one answer.

use crate::api::{self, Api};
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{AccountsPage, Checked, FetchRequest};
use crate::contract::payments::connector::types::{Account, Error};
use crate::host::Host;
use crate::manifest::NAMESPACE;
use crate::money::Currency;
use crate::row::{Item, Pairs, Row, rejected};

const PATH: &str = "/v2/organization";

/// Whether the config is valid and Qonto accepts its credentials, and whose data they lead to.
///
/// # Errors
/// `invalid-config`, or what Qonto answered.
pub fn check<H: Host>(host: &mut H, config: &str) -> Result<Checked, Error> {
    let body = Api::new(host, config)?.get(PATH, &[])?;
    map_page(&body)?;
    let (_, organization) = api::object(PATH, &body, "organization")?;
    let text = |keys: [&str; 2]| keys.into_iter().find_map(|key| organization.text(key)).map(Into::into);
    Ok(Checked { subject: text(["id", "slug"]), name: text(["legal_name", "name"]) })
}

/// Every account of the organisation.
///
/// # Errors
/// `invalid-config`, or what Qonto answered.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest) -> Result<AccountsPage, Error> {
    let mut api = Api::of(host, request)?;
    check_page_size(request.page_size)?;
    let body = api.get(PATH, &[])?;
    map_page(&body)
}

/// Maps the answer that holds the organisation.
///
/// # Errors
/// `malformed-response` when it holds none.
pub fn map_page(body: &str) -> Result<AccountsPage, Error> {
    let (organization, row) = api::object(PATH, body, "organization")?;
    let slug = row.text("slug");
    let mut page = empty_page();
    for Item { raw, .. } in api::list(PATH, organization, &["bank_accounts"], 1)?.rows {
        match map(raw, slug.as_deref()) {
            Ok(account) => page.items.push(account),
            Err(reason) => page.rejected.push(rejected(raw, reason)),
        }
    }
    Ok(page)
}

/// A page with nothing on it.
#[must_use]
pub fn empty_page() -> AccountsPage {
    AccountsPage { items: vec![], withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false }
}

fn map(raw: &str, slug: Option<&str>) -> Result<Account, String> {
    let row = Row::parse(raw)?;
    let currency =
        Currency::from_code(&row.required("currency")?).map_err(|expected| row.wrong("currency", &expected))?;
    let mut metadata = Pairs::of(NAMESPACE);
    for key in ["iban", "bic", "currency", "status", "main", "is_external_account", "account_number"] {
        metadata.add(key, row.scalar(key));
    }
    metadata.add("organization_slug", slug);
    for (key, field) in [("iban", "iban"), ("bic", "bic"), ("account-number", "account_number"), ("status", "status")] {
        metadata.add_standard(key, row.scalar(field));
    }
    Ok(Account {
        reference: row.id()?.into_owned(),
        name: row.text("name").map(Into::into),
        default_asset: Some(currency.asset()),
        // Qonto does not say when an account was opened.
        created_at: None,
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

    const MAIN: &str = r#"{"id":"a1","slug":"s","iban":"FR7630006000011234567890189","bic":"FICTFRP1XXX","currency":"EUR",
        "balance": 10.50,"balance_cents":1050,"name":"Main","updated_at":"2026-01-31T10:20:30.000Z","status":"active",
        "main":true,"is_external_account":false,"account_number":"","new_field":{"x":[1e2]}}"#;

    fn page(accounts: &str) -> AccountsPage {
        map_page(&format!(r#"{{"organization":{{"id":"o","slug":"acme-1234","bank_accounts":[{accounts}]}}}}"#))
            .unwrap()
    }

    #[test]
    fn an_account_keeps_its_identity_asset_metadata_and_bytes() {
        let page = page(MAIN);
        let pairs = [
            ("com.qonto.spec/bic", "FICTFRP1XXX"),
            ("com.qonto.spec/currency", "EUR"),
            ("com.qonto.spec/iban", "FR7630006000011234567890189"),
            ("com.qonto.spec/is_external_account", "false"),
            ("com.qonto.spec/main", "true"),
            ("com.qonto.spec/organization_slug", "acme-1234"),
            ("com.qonto.spec/status", "active"),
            ("std/bic", "FICTFRP1XXX"),
            ("std/iban", "FR7630006000011234567890189"),
            ("std/status", "active"),
        ];
        let expected = Account {
            reference: "a1".to_owned(),
            name: Some("Main".to_owned()),
            default_asset: Some("EUR/2".to_owned()),
            created_at: None,
            updated_at: Some(Timestamp { seconds: 1_769_854_830, nanoseconds: 0 }),
            metadata: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
            raw: MAIN.to_owned(),
        };
        assert_eq!(page, AccountsPage { items: vec![expected], ..empty_page() });
    }

    #[test]
    fn a_row_that_cannot_be_mapped_does_not_stop_the_others() {
        let bad = [
            r#"{"currency":"EUR"}"#,
            r#"{"id":"","currency":"EUR"}"#,
            r#"{"id":"b","currency":"ZZZ"}"#,
            r#"{"id":"b"}"#,
            r#"{"id":"b","currency":"EUR","updated_at":"2026-01-31 10:20:30"}"#,
            "null",
            "[]",
        ];
        let page = page(&format!("{},{MAIN}", bad.join(",")));
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.rejected.iter().map(|row| row.raw.as_str()).collect::<Vec<_>>(), bad);
        assert_eq!(page.rejected[2].reference.as_deref(), Some("b"));
        assert!(page.rejected[2].reason.contains("ZZZ") && page.rejected[2].reason.contains("ISO 4217"));
    }

    #[test]
    fn closed_external_and_foreign_accounts_are_accounts() {
        let page = page(
            r#"{"id":"c","currency":"EUR","status":"closed"},{"id":"d","currency":"JPY","iban":"","is_external_account":true}"#,
        );
        let assets: Vec<_> = page.items.iter().map(|account| account.default_asset.as_deref().unwrap()).collect();
        assert_eq!(assets, ["EUR/2", "JPY/0"]);
    }

    #[test]
    fn an_answer_without_organisation_or_accounts_is_malformed() {
        for body in ["{}", r#"{"organization":[]}"#, r#"{"organization":{}}"#, r#"{"errors":[]}"#] {
            assert!(matches!(map_page(body), Err(Error::MalformedResponse(_))), "{body}");
        }
    }
}
