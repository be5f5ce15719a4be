//! Balances, read out of the account they belong to.

use crate::config::{Config, check_page_size};
use crate::contract::exports::payments::connector::connector::{BalancesPage, FetchRequest, Parent};
use crate::contract::payments::connector::types::{Balance, BalanceKind, Error, Timestamp};
use crate::errors::invalid_parent;
use crate::money::{Currency, minor_units};
use crate::row::{Row, rejected};

/// The two balances of the parent; makes no request.
///
/// # Errors
/// `invalid-config`, or `invalid-parent`.
pub fn fetch(request: &FetchRequest) -> Result<BalancesPage, Error> {
    Config::parse(&request.config)?;
    check_page_size(request.page_size)?;
    let (parent, row) = parent_of(request)?;
    let mut page = BalancesPage { items: vec![], rejected: vec![], gaps: vec![], has_more: false };
    for (kind, decimal) in [(BalanceKind::Booked, "balance"), (BalanceKind::Available, "authorized_balance")] {
        match map(&row, parent, kind, decimal, request.observed_at) {
            Ok(balance) => page.items.push(balance),
            Err(reason) => page.rejected.push(rejected(&parent.raw, reason)),
        }
    }
    Ok(page)
}

/// The account that a request is for with the provider's object of it, when it is the account that it says it is.
///
/// # Errors
/// `invalid-parent`.
pub fn parent_of(request: &FetchRequest) -> Result<(&Parent, Row<'_>), Error> {
    let parent = request.parent.as_ref().ok_or_else(|| invalid_parent("there is none"))?;
    let row = Row::parse(&parent.raw).map_err(|reason| invalid_parent(&reason))?;
    match row.text("id") {
        Some(id) if id == parent.reference => Ok((parent, row)),
        _ => Err(invalid_parent(&row.wrong("id", "expected the account's reference"))),
    }
}

fn map(row: &Row, parent: &Parent, kind: BalanceKind, decimal: &str, as_of: Timestamp) -> Result<Balance, String> {
    let cents = format!("{decimal}_cents");
    let currency =
        Currency::from_code(&row.required("currency")?).map_err(|expected| row.wrong("currency", &expected))?;
    let amount = minor_units(row.json(&cents), row.json(decimal), currency)
        .map_err(|reason| format!("{}; {}", row.wrong(&cents, &reason), row.wrong(decimal, "the same amount")))?;
    let amount = amount.whole().unwrap_or_default();
    let account_reference = parent.reference.clone();
    Ok(Balance { account_reference, kind, label: None, amount, asset: currency.asset(), as_of })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const CONFIG: &str = r#"{"apiKey":true,"clientID":"acme-1234","endpoint":"https://thirdparty.qonto.com"}"#;
    const NOW: Timestamp = Timestamp { seconds: 1_769_854_830, nanoseconds: 5 };

    fn balances(raw: &str) -> Result<BalancesPage, Error> {
        let parent = Parent {
            task: "fetch-accounts".to_owned(),
            reference: "a1".to_owned(),
            default_asset: None,
            metadata: vec![],
            raw: raw.to_owned(),
        };
        fetch(&FetchRequest {
            config: CONFIG.to_owned(),
            task: "fetch-balances".to_owned(),
            parent: Some(parent),
            page_size: 25,
            max_in_flight: 1,
            since: None,
            observed_at: NOW,
        })
    }

    #[test]
    fn booked_and_available_come_from_the_account_at_the_time_it_was_read() {
        let page = balances(
            r#"{"id":"a1","currency":"EUR","balance":-10.5,"balance_cents":-1050,"authorized_balance":0,"authorized_balance_cents":0}"#,
        )
        .unwrap();
        let balance = |kind, amount: &str| Balance {
            account_reference: "a1".to_owned(),
            kind,
            label: None,
            amount: amount.to_owned(),
            asset: "EUR/2".to_owned(),
            as_of: NOW,
        };
        let items = vec![balance(BalanceKind::Booked, "-1050"), balance(BalanceKind::Available, "0")];
        assert_eq!(page, BalancesPage { items, rejected: vec![], gaps: vec![], has_more: false });
    }

    #[test]
    fn cents_that_contradict_the_decimal_are_rejected_and_the_other_balance_stays() {
        let raw = r#"{"id":"a1","currency":"EUR","balance":10.5,"balance_cents":1051,"authorized_balance_cents":7}"#;
        let page = balances(raw).unwrap();
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.items[0].kind, BalanceKind::Available);
        assert_eq!((page.rejected[0].reference.as_deref(), page.rejected[0].raw.as_str()), (Some("a1"), raw));
        assert!(page.rejected[0].reason.contains("balance_cents is 1051"), "{}", page.rejected[0].reason);
    }

    #[test]
    fn a_parent_that_is_another_account_or_none_is_refused() {
        for raw in ["", "[]", "{}", r#"{"id":"a2","currency":"EUR","balance_cents":1}"#, r#"{"id":7}"#] {
            assert!(matches!(balances(raw), Err(Error::InvalidParent(_))), "{raw}");
        }
    }
}
