//! What the connector says of itself.

use connector_kit::manifest::task;

use crate::config::{self, MAX_PAGE_SIZE, PRODUCTION};
use crate::contract::exports::payments::connector::connector::{
    Capability, Credential, Manifest, RateLimit, RateScope, RequestPattern, Task,
};

/// The prefix of the metadata keys that are Qonto's own.
pub const NAMESPACE: &str = "com.qonto.spec/";
/// The task that reads the beneficiaries in other currencies than euros.
pub const INTERNATIONAL: &str = "fetch-international-beneficiaries";
/// How many requests may be in flight. Qonto states no limit of that kind; its rates, 100 requests a second, are the host's
/// to keep, and are reached by so many where an answer takes a quarter of a second.
pub const MAX_IN_FLIGHT: u32 = 24;
/// A day: 17 lists that hardly ever change, and that most keys are refused.
const SELDOM: u32 = 86_400;

/// The manifest; always the same.
#[must_use]
pub fn describe() -> Manifest {
    Manifest {
        name: "qonto".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description:
            "Reads the business accounts, balances, beneficiaries and transactions of one Qonto organisation. \
                      Read-only: it initiates nothing."
                .to_owned(),
        capabilities: vec![
            Capability::FetchAccounts,
            Capability::FetchBalances,
            Capability::FetchExternalAccounts,
            Capability::FetchPayments,
        ],
        workflow: workflow(),
        config: config::fields(),
        credentials: credentials(),
        requests: requests(),
        headers: Vec::new(),
        max_page_size: MAX_PAGE_SIZE,
        max_in_flight: MAX_IN_FLIGHT,
        rate_limits: vec![
            RateLimit { requests: 1000, window_seconds: 10, scope: RateScope::Address },
            RateLimit { requests: 10_000, window_seconds: 600, scope: RateScope::Address },
        ],
    }
}

fn workflow() -> Vec<Task> {
    vec![
        Task { snapshot: true, ..task("fetch-accounts", Capability::FetchAccounts, None) },
        Task { periodic: false, ..task("fetch-balances", Capability::FetchBalances, Some(0)) },
        Task { follow: true, ..task("fetch-payments", Capability::FetchPayments, Some(0)) },
        task("fetch-external-accounts", Capability::FetchExternalAccounts, None),
        Task {
            min_period_seconds: SELDOM,
            snapshot: true,
            ..task(INTERNATIONAL, Capability::FetchExternalAccounts, None)
        },
    ]
}

fn credentials() -> Vec<Credential> {
    let credential = |name: &str, not_to: &[&str], header: &str, format: &str| Credential {
        name: name.to_owned(),
        to: vec!["endpoint".to_owned()],
        not_to: not_to.iter().map(|origin| (*origin).to_owned()).collect(),
        headers: vec![(header.to_owned(), format.to_owned())],
        more: Vec::new(),
    };
    vec![
        credential("login", &[], "authorization", "{clientID}:{apiKey}"),
        credential("staging", &PRODUCTION, "x-qonto-staging-token", "{stagingToken}"),
    ]
}

fn requests() -> Vec<RequestPattern> {
    const PATHS: [&str; 6] = [
        "/v2/organization",
        "/v2/transactions",
        "/v2/transactions/{id}",
        "/v2/sepa/beneficiaries",
        "/v2/international/beneficiaries",
        "/v2/beneficiaries",
    ];
    let get = |path: &str| RequestPattern { method: "GET".into(), to: "endpoint".into(), path: path.into() };
    PATHS.into_iter().map(get).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::exports::payments::connector::connector::FieldKind;

    #[test]
    fn the_workflow_is_the_document_s_tree() {
        let manifest = describe();
        let tree: Vec<_> =
            manifest.workflow.iter().map(|task| (task.name.as_str(), task.periodic, task.parent)).collect();
        let expected = [
            ("fetch-accounts", true, None),
            ("fetch-balances", false, Some(0)),
            ("fetch-payments", true, Some(0)),
            ("fetch-external-accounts", true, None),
            ("fetch-international-beneficiaries", true, None),
        ];
        assert_eq!(tree, expected);
        assert!(manifest.workflow.iter().all(|task| manifest.capabilities.contains(&task.capability)));
        assert_eq!(manifest.capabilities.len(), 4);
    }

    #[test]
    fn the_config_is_the_document_s_table() {
        let fields = describe().config;
        let table: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.kind, field.required, field.default.as_deref()))
            .collect();
        let expected = [
            ("apiKey", FieldKind::Secret, true, None),
            ("clientID", FieldKind::Text, true, None),
            ("endpoint", FieldKind::Url, true, None),
            ("pageSize", FieldKind::Integer, false, Some("25")),
            ("pollingPeriod", FieldKind::Duration, false, Some("30m")),
            ("stagingToken", FieldKind::Secret, false, None),
        ];
        assert_eq!(table, expected);
        assert!(fields.iter().all(|field| !field.description.is_empty()));
    }
}
