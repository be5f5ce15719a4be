//! Whether what a connector returned is what the contract says. The types are the sandbox's to check; these are the
//! rules that types cannot express. What breaks one is not stored.

mod caps;

use std::collections::BTreeSet;

pub use self::caps::proportion;

use crate::manifest_json::capability_word;
use crate::period::{PERIOD, period};
use crate::standard;
use crate::{
    Account, Balance, BalanceKind, Capability, Counterparty, Error, Fetched, FieldKind, Gap, Manifest, Money, Other,
    Page, Payment, PaymentType, Rejected, Task, TimePrecision, Timestamp, Withdrawn,
};

/// A rule of the contract that was broken: which record, which field, what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Breach(pub String);

/// Bytes of a value that a text repeats, and of the whole text.
const VALUE: usize = 100;
const TEXT: usize = 1_000;

impl<T: Into<String>> From<T> for Breach {
    /// Cut where it is longer than a person reads: it repeats what a connector said.
    fn from(text: T) -> Self {
        let mut text = text.into();
        if text.len() > TEXT {
            text.truncate(text.floor_char_boundary(TEXT));
            text.push('…');
        }
        Self(text)
    }
}

type Checked = Result<(), Breach>;

fn rule(holds: bool, broken: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(broken().into()) }
}

/// A value of a connector's in quotes, its beginning if it is long.
#[must_use]
pub fn quoted(value: &str) -> String {
    match value.len() {
        0..=VALUE => format!("{value:?}"),
        _ => format!("{:?}…", &value[..value.floor_char_boundary(VALUE)]),
    }
}

/// Holds a page against the contract. `account` is the one of the customer's own that it was fetched for, where that is
/// what its task runs for.
///
/// # Errors
/// The first rule that is broken.
pub fn page(page: &Page, account: Option<&str>) -> Checked {
    caps::page(page)?;
    match page {
        Page::Accounts(page) => page.items.iter().try_for_each(account_record)?,
        Page::Balances(page) => page.items.iter().try_for_each(|item| balance(item, account))?,
        Page::Payments(page) => page.items.iter().try_for_each(|item| payment(item, account))?,
        Page::Others(page) => page.items.iter().try_for_each(other)?,
    }
    page.withdrawn().iter().try_for_each(withdrawn)?;
    gaps(page.gaps())?;
    page.rejected().iter().try_for_each(rejected)
}

/// Holds what a call gave against the contract. A connector is a function of its state: one that wants to go on and
/// leaves the state as it was would do the same for ever.
///
/// # Errors
/// The first rule that is broken.
pub fn fetched(fetched: &Fetched<Page>, account: Option<&str>, state: Option<&[u8]>) -> Checked {
    page(&fetched.page, account)?;
    let moved = fetched.state.is_some() && fetched.state.as_deref() != state;
    rule(moved || !fetched.page.has_more(), || {
        "it says there is more, but left the state as it was: the next call would be the same".into()
    })
}

/// Holds what `follow-payments` gave against the contract: what was asked for, and nothing else.
///
/// # Errors
/// The first rule that is broken.
pub fn followed(fetched: &Page, account: Option<&str>, references: &[String]) -> Checked {
    page(fetched, account)?;
    rule(!fetched.has_more(), || "it says that there is more to follow; it is asked for a few at a time".into())?;
    let Page::Payments(page) = fetched else { return Ok(()) };
    let items = page.items.iter().map(|item| &item.reference);
    let strange = items.chain(page.withdrawn.iter().map(|one| &one.reference)).find(|one| !references.contains(one));
    rule(strange.is_none(), || {
        format!("it returned the payment {}, which it was not asked to follow", quoted(strange.map_or("", |s| s)))
    })
}

fn account_record(account: &Account) -> Checked {
    let at = || format!("account {}", quoted(&account.reference));
    rule(!account.reference.is_empty(), || "an account has an empty `reference`".into())?;
    account.default_asset.iter().try_for_each(|value| asset(value, "default-asset", &at))?;
    account.created_at.iter().chain(&account.updated_at).try_for_each(|time| timestamp(time, &at))?;
    metadata(&account.metadata, &at)?;
    rule(!account.raw.is_empty(), || format!("{} has an empty `raw`", at()))
}

fn other(other: &Other) -> Checked {
    let at = || format!("the record {}", quoted(&other.reference));
    rule(!other.reference.is_empty(), || "a record has an empty `reference`".into())?;
    metadata(&other.metadata, &at)?;
    rule(!other.raw.is_empty(), || format!("{} has an empty `raw`", at()))
}

fn balance(balance: &Balance, account: Option<&str>) -> Checked {
    let at = || format!("balance of {}", quoted(&balance.account_reference));
    rule(!balance.account_reference.is_empty(), || "a balance names no account".into())?;
    let own = account.is_none_or(|account| account == balance.account_reference);
    rule(own, || format!("{} was returned for another account", at()))?;
    let told = balance.kind != BalanceKind::Other || balance.label.as_ref().is_some_and(|label| !label.is_empty());
    rule(told, || format!("{} is of the kind `other` and has no `label`", at()))?;
    amount(&balance.amount, &at)?;
    asset(&balance.asset, "asset", &at)?;
    timestamp(&balance.as_of, &at)
}

fn payment(payment: &Payment, account: Option<&str>) -> Checked {
    let at = || format!("payment {}", quoted(&payment.reference));
    rule(!payment.reference.is_empty(), || "a payment has an empty `reference`".into())?;
    let parent = payment.parent_reference.as_deref();
    rule(parent != Some("") && parent != Some(&payment.reference), || {
        format!("{} has a `parent-reference` that is empty or its own", at())
    })?;
    amount(&payment.amount, &at)?;
    rule(!payment.amount.starts_with('-'), || {
        format!("{} has the negative amount {}; the direction is in `payment-type`", at(), payment.amount)
    })?;
    asset(&payment.asset, "asset", &at)?;
    payment.fees.iter().try_for_each(|fee| money(fee, "fee", &at))?;
    payment.counter_amount.iter().try_for_each(|other| money(other, "counter-amount", &at))?;
    let converted = payment.payment_type != PaymentType::Conversion || payment.counter_amount.is_some();
    rule(converted, || format!("{} is a conversion without a `counter-amount`", at()))?;
    timestamp(&payment.created_at, &at)?;
    let whole_day = payment.created_at.seconds.rem_euclid(86_400) == 0 && payment.created_at.nanoseconds == 0;
    rule(payment.created_at_precision == TimePrecision::Instant || whole_day, || {
        format!("{} is dated to the day and has a time of day", at())
    })?;
    payment.updated_at.iter().try_for_each(|time| timestamp(time, &at))?;
    metadata(&payment.metadata, &at)?;
    if let Some(Counterparty { account_reference, .. }) = &payment.counterparty {
        rule(account_reference.as_deref() != Some(""), || {
            format!("{} has a counterparty with an empty `account-reference`", at())
        })?;
    }
    let ends = [&payment.source_account_reference, &payment.destination_account_reference];
    let named: Vec<&String> = ends.into_iter().flatten().collect();
    rule(named.iter().all(|end| !end.is_empty()), || format!("{} names an account with an empty reference", at()))?;
    let own = account.is_none_or(|account| named.is_empty() || named.iter().any(|end| *end == account));
    rule(own, || format!("{} is of another account than the one asked for", at()))?;
    rule(!payment.raw.is_empty(), || format!("{} has an empty `raw`", at()))
}

fn money(money: &Money, field: &str, at: &dyn Fn() -> String) -> Checked {
    amount(&money.amount, at)?;
    rule(!money.amount.starts_with('-'), || format!("{} has the negative {field} {}", at(), money.amount))?;
    asset(&money.asset, field, at)
}

fn withdrawn(withdrawn: &Withdrawn) -> Checked {
    let own = withdrawn.replaced_by.as_deref();
    rule(!withdrawn.reference.is_empty() && own != Some("") && own != Some(&withdrawn.reference), || {
        format!("the withdrawn row {} has an empty reference, or is replaced by itself", quoted(&withdrawn.reference))
    })
}

fn gaps(gaps: &[Gap]) -> Checked {
    let mut seen = BTreeSet::new();
    gaps.iter().try_for_each(|Gap { what, error }| {
        rule(!what.is_empty() && seen.insert(what), || format!("the gap {} is empty, or there twice", quoted(what)))?;
        let of_call = matches!(
            error,
            Error::InvalidConfig(_) | Error::InvalidState(_) | Error::InvalidParent(_) | Error::Unsupported(_)
        );
        rule(!of_call, || format!("the gap {} has an error that is one of the whole call", quoted(what)))
    })
}

fn rejected(rejected: &Rejected) -> Checked {
    let named = |reference: &String| format!("the rejected row {reference:?}");
    let at = || rejected.reference.as_ref().map_or_else(|| "a rejected row without a reference".into(), named);
    rule(!rejected.reason.is_empty(), || format!("{} has no `reason`", at()))
}

fn amount(value: &str, at: &dyn Fn() -> String) -> Checked {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let plain = whole && (digits == "0" || !digits.starts_with('0')) && value != "-0";
    rule(plain, || format!("{} has the amount {value:?}, which is no whole number of minor units", at()))
}

fn asset(value: &str, field: &str, at: &dyn Fn() -> String) -> Checked {
    rule(is_asset(value), || format!("{} has the {field} {value:?}, which is not like EUR/2", at()))
}

fn is_asset(value: &str) -> bool {
    let Some((name, exponent)) = value.split_once('/') else { return false };
    let (code, more) = name.split_once('_').map_or((name, None), |(code, more)| (code, Some(more)));
    let code_ok = (1..=17).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let more_ok =
        more.is_none_or(|more| (1..=16).contains(&more.len()) && more.bytes().all(|b| b.is_ascii_uppercase()));
    let exponent_ok = exponent.parse::<u8>().is_ok_and(|n| n <= 38 && n.to_string() == exponent);
    code_ok && more_ok && exponent_ok
}

fn timestamp(time: &Timestamp, at: &dyn Fn() -> String) -> Checked {
    let whole = time.nanoseconds < 1_000_000_000;
    rule(whole && chrono::DateTime::from_timestamp(time.seconds, time.nanoseconds).is_some(), || {
        format!("{} has the time {} s {} ns, which is none", at(), time.seconds, time.nanoseconds)
    })
}

fn metadata(pairs: &[(String, String)], at: &dyn Fn() -> String) -> Checked {
    let sorted = pairs.windows(2).all(|pair| pair[0].0 < pair[1].0);
    rule(sorted, || format!("{} has metadata whose keys are not sorted, or not unique", at()))?;
    pairs.iter().try_for_each(|(key, value)| {
        let wrong = standard::wrong(key, value);
        wrong.map_or(Ok(()), |wrong| Err(format!("{} has the metadata {}: {wrong}", at(), quoted(key)).into()))
    })
}

/// Holds a manifest against the contract.
///
/// # Errors
/// The first rule that is broken.
pub fn manifest(manifest: &Manifest) -> Checked {
    about(manifest)?;
    workflow(manifest)?;
    config(manifest)?;
    caps::asks(manifest)
}

/// The first part of [`manifest`]: what it says of itself, and its limits.
///
/// # Errors
/// The first rule that is broken.
pub fn about(manifest: &Manifest) -> Checked {
    caps::about(manifest)?;
    let word = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    rule(word(&manifest.name), || {
        format!("the name {:?} is not of lower-case letters, digits and `-`", manifest.name)
    })?;
    rule(is_semver(&manifest.version), || format!("the version {:?} is no semantic version", manifest.version))?;
    rule(!manifest.description.is_empty(), || "the manifest has no description".into())?;
    rule(manifest.max_page_size > 0, || "`max-page-size` is 0".into())?;
    rule(manifest.max_in_flight > 0, || "`max-in-flight` is 0".into())?;
    rule(manifest.rate_limits.iter().all(|limit| limit.requests > 0 && limit.window_seconds > 0), || {
        "a rate limit of 0 requests, or of a window of 0 s, lets nothing pass".into()
    })
}

/// The second part of [`manifest`]: the tasks.
///
/// # Errors
/// The first rule that is broken.
pub fn workflow(manifest: &Manifest) -> Checked {
    caps::workflow(manifest)?;
    rule(!manifest.workflow.is_empty(), || "the workflow is empty: there is nothing to poll".into())?;
    let mut names = BTreeSet::new();
    for (index, task) in manifest.workflow.iter().enumerate() {
        let at = || format!("the task {:?}", task.name);
        rule(!task.name.is_empty() && !task.name.contains('/'), || format!("{} has a bad name", at()))?;
        rule(names.insert(&task.name), || format!("{} is there twice", at()))?;
        rule(manifest.capabilities.contains(&task.capability), || {
            format!("{} has a capability that the manifest does not list", at())
        })?;
        let parent = task.parent.and_then(|parent| usize::try_from(parent).ok());
        rule(parent.is_none_or(|parent| parent < index), || format!("{} comes before its parent", at()))?;
        let parent = parent.and_then(|parent| manifest.workflow.get(parent));
        family(task, parent).map_err(|wrong| Breach::from(format!("{}: {wrong}", at())))?;
    }
    let unused = manifest.capabilities.iter().find(|c| manifest.workflow.iter().all(|task| task.capability != **c));
    unused.map_or(Ok(()), |unused| Err(format!("no task has the capability `{}`", capability_word(*unused)).into()))
}

/// Whether a task may run for the records of `parent`, and do what it says.
fn family(task: &Task, parent: Option<&Task>) -> Result<(), &'static str> {
    use Capability::{FetchAccounts, FetchBalances, FetchExternalAccounts, FetchOthers, FetchPayments};
    let is_parent = |task: &Task| matches!(task.capability, FetchAccounts | FetchExternalAccounts | FetchOthers);
    if parent.is_some_and(|parent| !is_parent(parent)) {
        return Err("its parent fetches neither accounts nor external accounts nor others");
    }
    if parent.is_none() && !task.periodic {
        return Err("it is not periodic, and has no parent with whose reading it could run");
    }
    if task.snapshot && matches!(task.capability, FetchPayments | FetchBalances) {
        return Err("payments and balances are no snapshot");
    }
    if task.follow && task.capability != FetchPayments {
        return Err("only payments are followed");
    }
    Ok(())
}

/// The third part of [`manifest`]: the fields of the config.
///
/// # Errors
/// The first rule that is broken.
pub fn config(manifest: &Manifest) -> Checked {
    caps::config(&manifest.config)?;
    let mut names = BTreeSet::new();
    for field in &manifest.config {
        let at = || format!("the config field {:?}", field.name);
        let plain = !field.name.is_empty()
            && field.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        rule(plain, || format!("{} has a bad name", at()))?;
        rule(names.insert(&field.name), || format!("{} is there twice", at()))?;
        rule(!field.description.is_empty(), || format!("{} has no description", at()))?;
        rule(field.kind != FieldKind::Secret || field.default.is_none(), || format!("{} has a default", at()))?;
        let is_period = field.kind == FieldKind::Duration && field.name == "pollingPeriod";
        let default = field.default.as_deref().filter(|_| is_period);
        rule(default.is_none_or(|default| period(default).is_some()), || {
            format!("{} has the default {}; expected {}", at(), quoted(default.unwrap_or_default()), PERIOD)
        })?;
    }
    Ok(())
}

fn is_semver(version: &str) -> bool {
    semver::Version::parse(version).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_minor_units() {
        let at: &dyn Fn() -> String = &|| "x".into();
        for good in ["0", "1", "-1", "900719925474099300000000000001"] {
            assert_eq!(amount(good, at), Ok(()), "{good}");
        }
        for bad in ["", "-", "-0", "+1", "01", "1.5", "1e3", " 1", "١"] {
            assert!(amount(bad, at).is_err(), "{bad}");
        }
    }

    #[test]
    fn assets_name_a_currency_and_an_exponent() {
        for good in ["EUR/2", "JPY/0", "CLF/4", "X1/38", "USDC_ETH/6"] {
            assert!(is_asset(good), "{good}");
        }
        for bad in ["EUR", "eur/2", "EUR/", "EUR/02", "EUR/39", "EUR_/2", "EUR_a/2", "/2", "1X/2", "EUR/2/2", "EUR/+2"]
        {
            assert!(!is_asset(bad), "{bad}");
        }
    }

    #[test]
    fn versions_are_semantic() {
        assert!(is_semver("1.2.3") && is_semver("0.1.0-rc.1+5"));
        assert!(!is_semver("1.2") && !is_semver("v1.2.3") && !is_semver("1.02.3"));
    }
}
