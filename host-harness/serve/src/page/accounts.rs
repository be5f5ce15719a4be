//! Accounts, and what each had over time.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::Html;
use maud::{Markup, html};
use model::money::money;
use store::serving::list::{BalanceItem, Seek, Span};

use super::chart::{Point, chart};
use super::layout::{Tab, moment, page, table, text};
use super::payments::{Place, pages};
use super::visitor::Visitor;
use super::{Read, Refusal};
use crate::api::accounts::Account;
use crate::api::balances::Balance;
use crate::api::list::Asked;
use crate::host::Host;
use crate::id::{AccountId, Id as _};
use crate::problem::Problem;
use crate::query::Of;

/// The most balances of a kind that are drawn.
const MOST: u32 = 500;
/// The most that are listed as well.
const LISTED: usize = 20;
/// The kinds that accounts commonly have.
const KINDS: [(&str, &str); 2] = [("BOOKED", "Booked"), ("AVAILABLE", "Available")];

/// The list.
pub(super) async fn list(
    State(host): State<Host>,
    visitor: Visitor,
    Query(place): Query<Place>,
) -> Result<Html<String>, Refusal> {
    let asked = Asked::at(place.cursor(), String::new())?;
    let (condition, (seek, size)) = (asked.condition(Of::Accounts)?, asked.seek());
    let found = host.store(move |store| store.list_accounts(&condition, seek, size)).await?;
    let part = asked.listed(found, Account::from).cursor;
    let head = html! {
        th scope="col" { "Account" } th scope="col" { "Whose" } th scope="col" { "Asset" } th scope="col" { "Provider" }
        th.extra scope="col" { "Since" }
    };
    let rows = html! {
        @for account in &part.data {
            tr {
                td { a href={ "/accounts/" (account.id) } { (text(account.name.as_ref().unwrap_or(&account.reference))) } }
                td { (whose(&account.kind)) } td { (text(account.default_asset.as_deref().unwrap_or_default())) }
                td { (text(&account.provider)) } td.extra { (moment(&account.created_at)) }
            }
        }
    };
    let body = html! {
        h1 { "Accounts" }
        @if part.data.is_empty() { p { "There is no account yet." } } @else { (table("Accounts", &head, &rows)) }
        (pages("/accounts?", part.previous.as_deref(), part.next.as_deref()))
    };
    Ok(page(&visitor, "Accounts", Tab::Accounts, &body))
}

fn whose(account_type: &str) -> &'static str {
    if account_type == "INTERNAL" { "own" } else { "a third party's" }
}

/// One account.
pub(super) async fn show(
    State(host): State<Host>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Html<String>, Refusal> {
    let record = AccountId::parse(&id).ok_or_else(|| Problem::invalid_id("an account"))?.record();
    let (found, kinds) = host
        .store(move |store| -> Read<_> {
            let mut kinds = Vec::new();
            for (kind, name) in KINDS {
                let span = Span { kind: kind.to_owned(), asset: None, from: None, to: None };
                kinds.push((name, store.list_balances(&record, &span, Seek::Newest, MOST)?.items));
            }
            Ok((store.account(&record)?, kinds))
        })
        .await?;
    let account = found.map(Account::from).ok_or_else(|| Problem::not_found("account"))?;
    let title = account.name.as_ref().unwrap_or(&account.reference);
    let curves: Vec<Markup> = kinds
        .into_iter()
        .flat_map(|(name, items)| {
            by_asset(items.into_iter().map(|(_, item)| item)).into_iter().map(move |of| (name, of))
        })
        .map(|(name, (asset, items))| history(&id, name, &asset, items))
        .collect();
    let body = html! {
        p { a href="/accounts" { "All accounts" } }
        h1 { (text(title)) }
        dl {
            dt { "Whose" } dd { (whose(&account.kind)) }
            dt { "Reference" } dd { code { (text(&account.reference)) } }
            dt { "Connector" } dd { a href={ "/connectors/" (account.connector_id) } { (text(&account.provider)) } }
            dt { "Since" } dd { (moment(&account.created_at)) }
        }
        @if curves.is_empty() { p { "No balance of it was read." } }
        @for curve in &curves { (curve) }
        @if !account.metadata.is_empty() {
            h2 { "Metadata" }
            dl { @for (key, value) in &account.metadata { dt { (text(key)) } dd { (text(value)) } } }
        }
        details { summary { "What the provider sent" } pre { (text(account.raw.text())) } }
    };
    Ok(page(&visitor, title, Tab::Accounts, &body))
}

/// Balances of each asset, as they come.
fn by_asset(items: impl Iterator<Item = BalanceItem>) -> BTreeMap<String, Vec<BalanceItem>> {
    let mut assets: BTreeMap<String, Vec<BalanceItem>> = BTreeMap::new();
    for item in items {
        assets.entry(item.asset.clone()).or_default().push(item);
    }
    assets
}

/// What an account had of an asset, the newest first: a curve and a table.
fn history(account: &str, kind: &str, asset: &str, items: Vec<BalanceItem>) -> Markup {
    let points: Vec<Point> = items.iter().rev().map(Point::of).collect();
    let balances: Vec<Balance> = items.into_iter().map(|item| Balance::of(account, item)).collect();
    let shown = |balance: &Balance| text(&money(&balance.amount.to_string(), asset));
    let head = html! {
        th.number scope="col" { "Amount" } th scope="col" { "From" } th scope="col" { "Until, or read last" }
    };
    let rows = html! {
        @for balance in balances.iter().take(LISTED) {
            tr { td.number { (shown(balance)) } td { (moment(&balance.created_at)) } td { (moment(&balance.last_updated_at)) } }
        }
    };
    let name = format!("{kind} balance in {asset} over time");
    html! {
        h2 { (kind) " balance" }
        @if let Some(latest) = balances.first() { p.stands { (shown(latest)) } }
        @if points.len() > 1 { (chart(&name, asset, &points)) }
        (table(&name, &head, &rows))
        @if balances.len() > LISTED { p.quiet { "The latest " (LISTED) " of " (balances.len()) " are listed." } }
    }
}
