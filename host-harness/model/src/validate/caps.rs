//! How many and how long: the host keeps, shows and compares what a connector says, so all of it has an end.
//!
//! What comes from a provider may be long, and the connector does not choose it: those caps are where no honest answer
//! reaches. What its author writes is held to what a person reads.

use super::{Checked, quoted, rule};
use crate::size::Size as _;
use crate::{
    Account, Balance, ConfigField, Counterparty, Credential, Manifest, Other, Page, Parent, Payment, RateLimit,
    Rejected, RequestPattern,
};

/// Bytes of a name in a manifest.
const NAME: usize = 100;
/// Bytes of what a manifest says to a person, defaults included.
const SENTENCES: usize = 4_000;
/// Tasks, config fields, capabilities or rate limits of a manifest.
const ENTRIES: usize = 100;
/// Rows that a connector may want to be asked for at a time.
const PAGE_SIZE: u32 = 10_000;
/// Requests that a provider may take at once.
const IN_FLIGHT: u32 = 1_000;
/// Seconds between two polls of a task: a month.
const PERIOD: u32 = 31 * 86_400;
/// Fees of a payment.
const FEES: usize = 100;
/// Gaps of a page.
const GAPS: usize = 1_000;
/// Requests of a rate limit: the host remembers each.
const REQUESTS: u32 = 1_000_000;
/// Seconds of a rate limit's window: the host waits no longer for anything.
const WINDOW: u32 = 86_400;
/// Records, rejected rows or withdrawn references of a page.
const ROWS: usize = 100_000;
/// Bytes of a reference.
const REFERENCE: usize = 4 << 10;
/// Digits of an amount, its sign included.
const DIGITS: usize = 100;
/// Pairs of metadata.
const PAIRS: usize = 1_000;
/// Bytes of a key of metadata.
const KEY: usize = 1 << 10;
/// Bytes of a text of the provider's: a name, a number, a value of metadata.
const TEXT: usize = 16 << 20;
/// Bytes of a reason.
const REASON: usize = 16 << 10;
/// Bytes of `raw`: those of the largest answer.
const RAW: usize = 16 << 20;
/// How much larger a page may be than what it was made from, and how much it may hold that was made from nothing.
const GROWTH: u64 = 8;
const FREE: u64 = 64 << 10;

fn at_most(cap: usize, length: usize, what: impl FnOnce() -> String) -> Checked {
    rule(length <= cap, || format!("{} is {length} long; the most is {cap}", what()))
}

fn texts<'a>(cap: usize, texts: impl IntoIterator<Item = &'a String>, what: &dyn Fn() -> String) -> Checked {
    texts.into_iter().try_for_each(|text| at_most(cap, text.len(), || format!("{}: a text", what())))
}

pub(super) fn about(manifest: &Manifest) -> Checked {
    at_most(NAME, manifest.name.len(), || "the name of the connector".into())?;
    at_most(NAME, manifest.version.len(), || "the version".into())?;
    at_most(SENTENCES, manifest.description.len(), || "the description".into())?;
    at_most(ENTRIES, manifest.capabilities.len(), || "the list of capabilities".into())?;
    at_most(ENTRIES, manifest.rate_limits.len(), || "the list of rate limits".into())?;
    rule(manifest.max_page_size <= PAGE_SIZE, || {
        format!("`max-page-size` is {}; the most is {PAGE_SIZE}", manifest.max_page_size)
    })?;
    rule(manifest.max_in_flight <= IN_FLIGHT, || {
        format!("`max-in-flight` is {}; the most is {IN_FLIGHT}", manifest.max_in_flight)
    })?;
    manifest.rate_limits.iter().copied().try_for_each(rate_limit)
}

fn rate_limit(limit: RateLimit) -> Checked {
    rule(limit.requests <= REQUESTS && limit.window_seconds <= WINDOW, || {
        format!(
            "a rate limit is of {} requests in {} s; the most is {REQUESTS} in {WINDOW} s",
            limit.requests, limit.window_seconds
        )
    })
}

pub(super) fn workflow(manifest: &Manifest) -> Checked {
    at_most(ENTRIES, manifest.workflow.len(), || "the workflow".into())?;
    manifest.workflow.iter().try_for_each(|task| {
        at_most(NAME, task.name.len(), || "the name of a task".into())?;
        rule(task.min_period_seconds <= PERIOD, || {
            format!("the `min-period-seconds` of a task is {}; the most is {PERIOD}", task.min_period_seconds)
        })
    })
}

pub(super) fn config(fields: &[ConfigField]) -> Checked {
    at_most(ENTRIES, fields.len(), || "the list of config fields".into())?;
    fields.iter().try_for_each(|field| {
        at_most(NAME, field.name.len(), || "the name of a config field".into())?;
        let what = || format!("the config field {}", quoted(&field.name));
        texts(SENTENCES, field.default.iter().chain([&field.description]), &what)
    })
}

pub(super) fn asks(manifest: &Manifest) -> Checked {
    at_most(ENTRIES, manifest.credentials.len(), || "the list of credentials".into())?;
    at_most(ENTRIES, manifest.requests.len(), || "the list of requests".into())?;
    at_most(ENTRIES, manifest.headers.len(), || "the list of headers".into())?;
    manifest.headers.iter().try_for_each(|name| at_most(NAME, name.len(), || "the name of a header".into()))?;
    manifest.requests.iter().try_for_each(request)?;
    manifest.credentials.iter().try_for_each(credential)
}

fn request(request: &RequestPattern) -> Checked {
    texts(REASON, [&request.method, &request.to, &request.path], &|| "a request".into())
}

fn credential(credential: &Credential) -> Checked {
    let what = || format!("the credential {}", quoted(&credential.name));
    at_most(NAME, credential.name.len(), || "the name of a credential".into())?;
    at_most(ENTRIES, credential.headers.len().max(credential.more.len()), what)?;
    at_most(ENTRIES, credential.to.len().max(credential.not_to.len()), what)?;
    texts(SENTENCES, credential.to.iter().chain(&credential.not_to), &what)?;
    let pairs = credential.headers.iter().chain(&credential.more);
    texts(SENTENCES, pairs.flat_map(|(key, value)| [key, value]), &what)
}

pub(super) fn page(page: &Page) -> Checked {
    let rows = page.len().saturating_add(page.rejected().len());
    at_most(ROWS, rows, || "the page, in rows,".into())?;
    match page {
        Page::Accounts(page) => page.items.iter().try_for_each(account)?,
        Page::Balances(page) => page.items.iter().try_for_each(balance)?,
        Page::Payments(page) => page.items.iter().try_for_each(payment)?,
        Page::Others(page) => page.items.iter().try_for_each(other)?,
    }
    at_most(ROWS, page.withdrawn().len(), || "the list of withdrawn rows".into())?;
    for withdrawn in page.withdrawn() {
        texts(REFERENCE, [&withdrawn.reference].into_iter().chain(&withdrawn.replaced_by), &|| {
            "a withdrawn row".into()
        })?;
    }
    at_most(GAPS, page.gaps().len(), || "the list of gaps".into())?;
    page.rejected().iter().try_for_each(rejected)
}

fn account(account: &Account) -> Checked {
    let what = || format!("account {}", quoted(&account.reference));
    texts(REFERENCE, [&account.reference], &what)?;
    texts(TEXT, account.name.iter().chain(&account.default_asset), &what)?;
    record(&account.metadata, &account.raw, &what)
}

fn other(other: &Other) -> Checked {
    let what = || format!("the record {}", quoted(&other.reference));
    texts(REFERENCE, [&other.reference], &what)?;
    texts(TEXT, &other.name, &what)?;
    record(&other.metadata, &other.raw, &what)
}

fn balance(balance: &Balance) -> Checked {
    let what = || format!("balance of {}", quoted(&balance.account_reference));
    texts(REFERENCE, [&balance.account_reference], &what)?;
    texts(KEY, &balance.label, &what)?;
    texts(DIGITS, [&balance.amount, &balance.asset], &what)
}

fn payment(payment: &Payment) -> Checked {
    let what = || format!("payment {}", quoted(&payment.reference));
    let ends = payment.source_account_reference.iter().chain(&payment.destination_account_reference);
    texts(REFERENCE, ends.chain([&payment.reference]).chain(&payment.parent_reference), &what)?;
    at_most(FEES, payment.fees.len(), || format!("{}: the fees", what()))?;
    let money = payment.fees.iter().chain(&payment.counter_amount).flat_map(|money| [&money.amount, &money.asset]);
    texts(DIGITS, money.chain([&payment.amount, &payment.asset]), &what)?;
    if let Some(Counterparty {
        name,
        account_reference,
        account_number,
        account_number_format,
        bank_identifier,
        bank_identifier_format,
    }) = &payment.counterparty
    {
        texts(REFERENCE, account_reference, &what)?;
        let numbers = account_number.iter().chain(account_number_format);
        let banks = bank_identifier.iter().chain(bank_identifier_format);
        texts(TEXT, name.iter().chain(numbers).chain(banks), &what)?;
    }
    record(&payment.metadata, &payment.raw, &what)
}

fn rejected(rejected: &Rejected) -> Checked {
    let what = || "a rejected row".to_owned();
    texts(REFERENCE, &rejected.reference, &what)?;
    texts(REASON, [&rejected.reason], &what)?;
    texts(RAW, [&rejected.raw], &what)
}

fn record(metadata: &[(String, String)], raw: &String, what: &dyn Fn() -> String) -> Checked {
    at_most(PAIRS, metadata.len(), || format!("{}: the metadata", what()))?;
    texts(KEY, metadata.iter().map(|(key, _)| key), what)?;
    texts(TEXT, metadata.iter().map(|(_, value)| value), what)?;
    texts(RAW, [raw], what)
}

/// Holds the size of a page against that of what it was made from: the answers' bodies (`answered` bytes) and the parent.
///
/// # Errors
/// It is more than eight times as large, and 64 KiB.
pub fn proportion(page: &Page, parent: Option<&Parent>, answered: u64) -> Checked {
    let source = answered.saturating_add(parent.map_or(0, crate::size::Size::bytes));
    let (bytes, most) = (page.bytes(), source.saturating_mul(GROWTH).saturating_add(FREE));
    rule(bytes <= most, || {
        format!(
            "a page of {bytes} bytes was made from {source} bytes of answers and parent; the most is {GROWTH} times as \
             much and {FREE} bytes"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::Breach;
    use super::*;
    use crate::validate;
    use crate::{Capability, FieldKind, PaymentsPage, RateScope, Task, Timestamp};

    /// Makes one thing larger than it may be.
    type Enlarge<T> = fn(&mut T);

    fn fair() -> Manifest {
        Manifest {
            name: "fair".into(),
            version: "1.0.0".into(),
            description: "-".into(),
            capabilities: vec![Capability::FetchAccounts],
            workflow: vec![Task {
                name: "accounts".into(),
                capability: Capability::FetchAccounts,
                periodic: true,
                min_period_seconds: 0,
                parent: None,
                snapshot: true,
                follow: false,
            }],
            config: vec![ConfigField {
                name: "key".into(),
                kind: FieldKind::Text,
                required: true,
                default: None,
                description: "-".into(),
            }],
            max_page_size: 100,
            max_in_flight: 1,
            credentials: vec![Credential {
                name: "login".into(),
                to: vec!["key".into()],
                not_to: vec![],
                headers: vec![("authorization".into(), "{key}".into())],
                more: vec![],
            }],
            requests: vec![RequestPattern { method: "GET".into(), to: "key".into(), path: "/x".into() }],
            headers: vec![],
            rate_limits: vec![RateLimit { requests: 10, window_seconds: 60, scope: RateScope::Address }],
        }
    }

    #[test]
    fn a_default_polling_period_below_the_floor_is_the_connectors_fault() {
        for (default, is_well) in [("10s", true), ("9s", false), ("often", false)] {
            let mut manifest = fair();
            let (name, kind, default) = ("pollingPeriod".into(), FieldKind::Duration, Some(default.to_owned()));
            manifest.config.push(ConfigField { name, kind, default, ..manifest.config[0].clone() });
            let said = validate::manifest(&manifest).err().map(|breach| breach.to_string());
            assert_eq!(said.is_none(), is_well, "{said:?}");
            assert!(said.is_none_or(|said| said.contains("pollingPeriod") && said.contains("at least 10s")));
        }
    }

    #[test]
    fn every_count_and_text_of_a_manifest_has_a_cap() {
        assert_eq!(validate::manifest(&fair()), Ok(()));
        let large: [(&str, Enlarge<Manifest>); 20] = [
            ("name", |m| m.name = "n".repeat(NAME + 1)),
            ("version", |m| m.version = format!("1.0.0-{}", "n".repeat(NAME))),
            ("description", |m| m.description = "n".repeat(SENTENCES + 1)),
            ("capabilities", |m| m.capabilities = vec![Capability::FetchAccounts; ENTRIES + 1]),
            ("rate limits", |m| m.rate_limits = vec![m.rate_limits[0]; ENTRIES + 1]),
            ("requests", |m| m.rate_limits[0].requests = u32::MAX),
            ("window", |m| m.rate_limits[0].window_seconds = u32::MAX),
            ("page size", |m| m.max_page_size = u32::MAX),
            ("in flight", |m| m.max_in_flight = u32::MAX),
            ("period", |m| m.workflow[0].min_period_seconds = u32::MAX),
            ("task", |m| m.workflow[0].name = "n".repeat(NAME + 1)),
            ("workflow", |m| m.workflow = vec![m.workflow[0].clone(); ENTRIES + 1]),
            ("field", |m| m.config[0].name = "n".repeat(NAME + 1)),
            ("default", |m| m.config[0].default = Some("n".repeat(SENTENCES + 1))),
            ("credentials", |m| m.credentials = vec![m.credentials[0].clone(); ENTRIES + 1]),
            ("credential", |m| m.credentials[0].headers[0].1 = "n".repeat(SENTENCES + 1)),
            ("requests", |m| m.requests = vec![m.requests[0].clone(); ENTRIES + 1]),
            ("request", |m| m.requests[0].path = "n".repeat(REASON + 1)),
            ("headers", |m| m.headers = vec!["n".repeat(NAME + 1)]),
            ("fields", |m| m.config = vec![m.config[0].clone(); ENTRIES + 1]),
        ];
        for (what, enlarge) in large {
            let mut manifest = fair();
            enlarge(&mut manifest);
            let Breach(said) = validate::manifest(&manifest).expect_err(what);
            assert!(said.contains("the most is") && said.len() < 300, "{what}: {said}");
        }
    }

    fn payment() -> Payment {
        let at = Timestamp { seconds: 0, nanoseconds: 0 };
        Payment {
            reference: "p".into(),
            parent_reference: None,
            created_at: at,
            created_at_precision: crate::TimePrecision::Instant,
            updated_at: Some(at),
            payment_type: crate::PaymentType::Other,
            status: crate::PaymentStatus::Other,
            scheme: crate::PaymentScheme::Other,
            amount: "1".into(),
            asset: "EUR/2".into(),
            fees: vec![],
            counter_amount: None,
            source_account_reference: None,
            destination_account_reference: None,
            counterparty: None,
            metadata: vec![("a".into(), "b".into())],
            raw: "{}".into(),
        }
    }

    fn of(items: Vec<Payment>) -> Page {
        Page::Payments(PaymentsPage { items, withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false })
    }

    #[test]
    fn every_count_and_text_of_a_page_has_a_cap() {
        assert_eq!(validate::page(&of(vec![payment()]), None), Ok(()));
        let large: [(&str, Enlarge<Payment>); 9] = [
            ("reference", |p| p.reference = "n".repeat(REFERENCE + 1)),
            ("parent", |p| p.parent_reference = Some("n".repeat(REFERENCE + 1))),
            ("fees", |p| p.fees = vec![crate::Money { amount: "1".into(), asset: "EUR/2".into() }; FEES + 1]),
            ("amount", |p| p.amount = "1".repeat(DIGITS + 1)),
            ("asset", |p| p.asset = "E".repeat(DIGITS + 1)),
            ("key", |p| p.metadata[0].0 = "n".repeat(KEY + 1)),
            ("value", |p| p.metadata[0].1 = "n".repeat(TEXT + 1)),
            ("pairs", |p| p.metadata = vec![p.metadata[0].clone(); PAIRS + 1]),
            ("raw", |p| p.raw = "n".repeat(RAW + 1)),
        ];
        for (what, enlarge) in large {
            let mut payment = payment();
            enlarge(&mut payment);
            let Breach(said) = validate::page(&of(vec![payment]), None).expect_err(what);
            assert!(said.contains("the most is") && said.len() < 300, "{what}: {said}");
        }
        let mut counterparty = payment();
        let number = Some("n".repeat(TEXT + 1));
        counterparty.counterparty = Some(Counterparty {
            name: None,
            account_reference: None,
            account_number: number,
            account_number_format: None,
            bank_identifier: None,
            bank_identifier_format: None,
        });
        assert!(validate::page(&of(vec![counterparty]), None).is_err());
        let rejected = Rejected { reference: None, reason: "n".repeat(REASON + 1), raw: String::new() };
        let page = Page::Payments(PaymentsPage {
            items: vec![],
            withdrawn: vec![],
            rejected: vec![rejected],
            gaps: vec![],
            has_more: false,
        });
        assert!(validate::page(&page, None).is_err());
        assert!(validate::page(&of(vec![payment(); ROWS + 1]), None).is_err());
    }

    #[test]
    fn a_page_holds_at_most_eight_times_its_source_and_64_kib() {
        let of_bytes = |bytes: u64| {
            let mut payment = payment();
            let rest = of(vec![payment.clone()]).bytes() - 2;
            payment.raw = "x".repeat(usize::try_from(bytes - rest).expect("small"));
            of(vec![payment])
        };
        let most = 8 * 1_000 + FREE;
        assert_eq!(proportion(&of_bytes(most), None, 1_000), Ok(()));
        assert!(proportion(&of_bytes(most + 1), None, 1_000).is_err());
        assert_eq!(proportion(&of_bytes(most + 1), None, u64::MAX), Ok(()), "saturates");
    }
}
