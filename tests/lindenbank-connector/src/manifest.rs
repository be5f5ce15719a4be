//! What the connector says of itself.

use crate::config::{self, MAX_PAGE_SIZE};
use crate::contract::exports::payments::connector::connector::{
    Capability, Credential, Manifest, RateLimit, RateScope, RequestPattern, Task,
};

/// The names of the tasks.
pub const PROFILES: &str = "fetch-profiles";
/// See [`PROFILES`].
pub const ACCOUNTS: &str = "fetch-accounts";
/// See [`PROFILES`].
pub const BALANCES: &str = "fetch-balances";
/// See [`PROFILES`].
pub const PAYMENTS: &str = "fetch-payments";

/// The manifest; always the same.
#[must_use]
pub fn describe() -> Manifest {
    let task = |name: &str, capability, parent| Task {
        name: name.into(),
        capability,
        periodic: true,
        min_period_seconds: 0,
        parent,
        snapshot: false,
        follow: false,
    };
    let get = |path: &str| RequestPattern { method: "GET".into(), to: "endpoint".into(), path: path.into() };
    Manifest {
        name: "lindenbank".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        description: "Reads the profiles, accounts, balances and payments of one customer of Lindenbank. Read-only."
            .into(),
        capabilities: vec![
            Capability::FetchOthers,
            Capability::FetchAccounts,
            Capability::FetchBalances,
            Capability::FetchPayments,
        ],
        workflow: vec![
            Task { snapshot: true, ..task(PROFILES, Capability::FetchOthers, None) },
            Task { snapshot: true, ..task(ACCOUNTS, Capability::FetchAccounts, Some(0)) },
            Task { periodic: false, ..task(BALANCES, Capability::FetchBalances, Some(1)) },
            Task { follow: true, ..task(PAYMENTS, Capability::FetchPayments, None) },
        ],
        config: config::fields(),
        credentials: vec![Credential {
            name: "login".into(),
            to: vec!["endpoint".into()],
            not_to: vec![],
            headers: vec![("authorization".into(), "Bearer {token}".into())],
            more: vec![],
        }],
        requests: [
            "/v1/me",
            "/v1/profiles",
            "/v1/profiles/{id}/accounts",
            "/v1/accounts/{id}/balances",
            "/v1/payments",
            "/v1/payments/{id}",
        ]
        .map(get)
        .into(),
        headers: vec![],
        max_page_size: MAX_PAGE_SIZE,
        max_in_flight: 1,
        rate_limits: vec![RateLimit { requests: 600, window_seconds: 60, scope: RateScope::Install }],
    }
}
