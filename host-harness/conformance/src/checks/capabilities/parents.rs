//! K3: what a connector reads for a parent that is not as it returned it.

use super::stock;
use crate::check::{Finding, Outcome};
use crate::ledger::kind_of;
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::{Balance, Capability, Error, Parent, Payment, Task};
use sandbox::{CallError, Fetch, Page};
use sim::Truth;

/// Calls after which the reading of a dozen rows has no end.
const CALLS: u32 = 60;
/// Lists in each other.
const DEEP: usize = 10_000;

pub(super) async fn parent_payload(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?;
    let workflow = rig.install.manifest.workflow.clone();
    let of_accounts = |task: &&Task| {
        let parent = task.parent.and_then(|parent| workflow.get(usize::try_from(parent).ok()?));
        parent.is_some_and(|parent| parent.capability == Capability::FetchAccounts)
    };
    let tasks: Vec<Task> = workflow.iter().filter(of_accounts).cloned().collect();
    let poll = rig.poll_only(&[Capability::FetchAccounts]).await;
    rig.expect_well(poll)?;
    let others = of_others(&rig).await?;
    if tasks.is_empty() {
        return Ok(format!("the connector has no tasks that run for accounts; {others} parents of other kinds"));
    }
    let accounts: Vec<Parent> = rig.accounts().into_iter().map(|kept| kept.parent).collect();
    let [one, other, ..] = accounts.as_slice() else {
        return Err(Finding::Inconclusive("the connector reads fewer than two accounts: see K1".to_owned()));
    };
    let truth = rig.sim.with(|bank| bank.truth());
    let parents = parents(one, other);
    for task in &tasks {
        for (what, parent) in &parents {
            rig.setting = format!("{} for {what}", task.name);
            rig.tape.clear();
            let read = read(&rig, task, parent).await;
            if let Some(wrong) = wrong(&read, task.capability, parent, &truth) {
                return Err(rig.failure(format!("`{}` for {what} {wrong}", task.name), Vec::new()));
            }
        }
    }
    let (each, tasks) = (parents.len(), tasks.len());
    Ok(format!("{each} parents for each of {tasks} tasks, all but the first two spoilt; {others} of other kinds"))
}

/// Tasks that run for others: as those that run for accounts, but nobody knows which rows are whose. Gives how many parents
/// were tried.
async fn of_others(rig: &Rig) -> Result<usize, Finding> {
    let workflow = &rig.install.manifest.workflow;
    let truth = rig.sim.with(|bank| bank.truth());
    let mut tried = 0;
    for task in workflow {
        let parent = task.parent.and_then(|parent| workflow.get(usize::try_from(parent).ok()?));
        let Some(parent) = parent.filter(|parent| parent.capability == Capability::FetchOthers) else { continue };
        let known: Vec<Parent> = rig.ledger.kept(&parent.name).into_iter().map(|kept| kept.parent).collect();
        let (Some(one), Some(other)) = (known.first(), known.last()) else { continue };
        for (what, spoilt) in parents(one, other) {
            let what = what.replace("account", "record");
            rig.tape.clear();
            let read = read(rig, task, &spoilt).await;
            if let Some(wrong) = wrong_of_others(&read, known.contains(&spoilt), &truth) {
                return Err(rig.failure(format!("`{}` for {what} {wrong}", task.name), Vec::new()));
            }
            tried += 1;
        }
    }
    Ok(tried)
}

/// What is wrong with what was read for a record that is no account; `intact` if it is as the connector returned it.
fn wrong_of_others(read: &Read, intact: bool, truth: &Truth) -> Option<String> {
    if let Some(strange) = read.accounts.iter().find(|account| !truth.accounts.contains_key(*account)) {
        return Some(format!("gave the account {strange}, which is none"));
    }
    match &read.ended {
        Some(error) if intact => Some(format!("is as the connector returned it: {error}")),
        None | Some(CallError::Connector { error: Error::InvalidParent(_), .. }) => None,
        // The provider was asked, and does not know it or will not show it.
        Some(CallError::Connector {
            error: Error::NotFound(_) | Error::UpstreamRejected(_) | Error::Forbidden(_),
            ..
        }) if read.requests > 0 => None,
        Some(error) => Some(format!("should give `invalid-parent` or its rows: {error}")),
    }
}

/// Two accounts as the connector returned them, then others, with the words that name them.
fn parents(one: &Parent, other: &Parent) -> Vec<(String, Parent)> {
    let raw = |raw: &str| Parent { raw: raw.to_owned(), ..one.clone() };
    let reference = |reference: &str| Parent { reference: reference.to_owned(), ..one.clone() };
    let half: String = one.raw.chars().take(one.raw.chars().count() / 2).collect();
    let stranger = Parent { raw: one.raw.replace(&one.reference, "no-such-account"), ..reference("no-such-account") };
    let mut parents = vec![
        ("an account".to_owned(), one.clone()),
        ("another account".to_owned(), other.clone()),
        ("an account under another one's reference".to_owned(), reference(&other.reference)),
        ("an account with another one's `raw`".to_owned(), raw(&other.raw)),
        ("an account without a reference".to_owned(), reference("")),
        ("an account with an unknown reference".to_owned(), reference("no-such-account")),
        ("an account that the provider does not know".to_owned(), stranger),
        ("an account with a reference of dots and slashes".to_owned(), reference("../../..?x=1#y")),
        ("an account with half of its `raw`".to_owned(), raw(&half)),
        ("an account with a `raw` 10 000 deep".to_owned(), raw(&"[".repeat(DEEP))),
    ];
    for garbage in ["", " ", "\0", "null", "7", "[]", "{}", "not json", r#"{"id":null}"#] {
        parents.push((format!("an account with the `raw` {garbage:?}"), raw(garbage)));
    }
    parents
}

/// What came of a stream that was read to its end.
#[derive(Debug, Default)]
struct Read {
    accounts: Vec<String>,
    balances: Vec<Balance>,
    payments: Vec<Payment>,
    rejected: usize,
    requests: u32,
    ended: Option<CallError>,
}

async fn read(rig: &Rig, task: &Task, parent: &Parent) -> Read {
    let mut read = Read::default();
    let mut state = None;
    for _ in 0..CALLS {
        let what = Fetch::Page(task.capability);
        let called = rig.fetch(task, Some(parent.clone()), what, state.clone(), rig.connector.limits()).await;
        read.requests += called.report.requests;
        let fetched = match called.result {
            Ok(fetched) => fetched,
            Err(error) => {
                read.ended = Some(error);
                return read;
            }
        };
        read.rejected += fetched.page.rejected().len();
        // What is not read is told: nobody is deceived.
        if let Some(gap) = fetched.page.gaps().first() {
            read.ended = Some(CallError::Connector { error: gap.error.clone(), failure: None });
        }
        let more = fetched.page.has_more();
        match fetched.page {
            Page::Balances(page) => read.balances.extend(page.items),
            Page::Payments(page) => read.payments.extend(page.items),
            Page::Accounts(page) => read.accounts.extend(page.items.into_iter().map(|account| account.reference)),
            Page::Others(_) => {}
        }
        if !more {
            return read;
        }
        state = fetched.state.or(state);
    }
    read
}

/// What is wrong with what was read for `parent`.
fn wrong(read: &Read, capability: Capability, parent: &Parent, truth: &Truth) -> Option<String> {
    if let Some(foreign) = foreign(read, parent, truth) {
        return Some(foreign);
    }
    match &read.ended {
        Some(CallError::Connector { error: Error::InvalidParent(_), .. }) => {
            let asked = truth.accounts.get(&parent.reference);
            (asked == Some(&parent.raw))
                .then(|| "gave `invalid-parent`, and it is as the connector returned it".to_owned())
        }
        // The provider was asked, and does not know the account or will not show it.
        Some(CallError::Connector {
            error: Error::NotFound(_) | Error::UpstreamRejected(_) | Error::Forbidden(_),
            ..
        }) if read.requests > 0 && !truth.accounts.contains_key(&parent.reference) => None,
        Some(CallError::Connector { error, .. }) => {
            Some(format!("should give `invalid-parent` or its rows, and gave `{}`", case(error)))
        }
        Some(error) => Some(format!("should give `invalid-parent` or its rows: {error}")),
        None => silence(read, capability, parent, truth),
    }
}

/// A row of another account than the one asked for.
fn foreign(read: &Read, parent: &Parent, truth: &Truth) -> Option<String> {
    for payment in &read.payments {
        let owner = truth.payments.get(&payment.reference).map(|payment| &payment.account);
        let named = [&payment.source_account_reference, &payment.destination_account_reference];
        if let Some(owner) = owner.filter(|owner| **owner != parent.reference) {
            return Some(format!("gave the payment {}, which is on {owner}", payment.reference));
        }
        if named.iter().any(|named| named.is_some())
            && named.iter().all(|named| named.as_ref() != Some(&parent.reference))
        {
            return Some(format!("gave the payment {}, which names another account", payment.reference));
        }
    }
    for balance in &read.balances {
        if balance.account_reference != parent.reference {
            return Some(format!("gave a balance of {}", balance.account_reference));
        }
        if !truth.accounts.contains_key(&parent.reference) {
            // An account that is invented throughout cannot be told from a real one without a request.
            let stolen = truth.accounts.values().any(|raw| *raw == parent.raw);
            if stolen {
                return Some(format!("gave the balance of another account for {}", parent.reference));
            }
            continue;
        }
        let (kind, asset) = (kind_of(balance), &balance.asset);
        match truth.balances.get(&(parent.reference.clone(), kind.clone(), asset.clone())) {
            Some(due) if balance.amount == *due => {}
            Some(due) => {
                return Some(format!("gave a {kind} balance of {}, and the account has {due}", balance.amount));
            }
            None => return Some(format!("gave a {kind} balance in {asset}, of which the account has none")),
        }
    }
    None
}

/// An account that has rows, and none came: nobody would know.
fn silence(read: &Read, capability: Capability, parent: &Parent, truth: &Truth) -> Option<String> {
    let (due, came) = match capability {
        Capability::FetchBalances => {
            (truth.balances.keys().any(|(of, _, _)| *of == parent.reference), read.balances.len())
        }
        _ => (truth.payments.values().any(|payment| payment.account == parent.reference), read.payments.len()),
    };
    (due && came + read.rejected == 0).then(|| "should give `invalid-parent` or its rows, and gave nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BalanceKind, ErrorDetail, Timestamp};

    fn account(reference: &str) -> Parent {
        Parent {
            reference: reference.into(),
            raw: format!(r#"{{"id":"{reference}"}}"#),
            ..super::super::some_account()
        }
    }

    fn truth() -> Truth {
        let mut truth = Truth::default();
        for (reference, amount) in [("a", "1"), ("b", "2")] {
            truth.accounts.insert(reference.into(), account(reference).raw);
            truth.balances.insert((reference.into(), "booked".into(), "EUR/2".into()), amount.into());
        }
        truth
    }

    fn balance(reference: &str, amount: &str) -> Read {
        let balance = Balance {
            account_reference: reference.into(),
            kind: BalanceKind::Booked,
            label: None,
            amount: amount.into(),
            asset: "EUR/2".into(),
            as_of: Timestamp { seconds: 0, nanoseconds: 0 },
        };
        Read { balances: vec![balance], ..Read::default() }
    }

    fn ended(error: fn(ErrorDetail) -> Error, requests: u32) -> Read {
        let detail = ErrorDetail {
            message: "no".into(),
            http_status: None,
            provider_code: None,
            request_id: None,
            retry_after_seconds: None,
        };
        let ended = Some(CallError::Connector { error: error(detail), failure: None });
        Read { requests, ended, ..Read::default() }
    }

    #[test]
    fn rows_of_the_account_asked_for_and_invalid_parent_are_right() {
        let judge = |read: &Read, parent: &Parent| wrong(read, Capability::FetchBalances, parent, &truth());
        let swapped = Parent { raw: account("b").raw, ..account("a") };
        assert_eq!(judge(&balance("a", "1"), &account("a")), None);
        assert_eq!(judge(&balance("a", "1"), &swapped), None);
        assert_eq!(judge(&ended(Error::InvalidParent, 0), &swapped), None);
        assert_eq!(judge(&ended(Error::NotFound, 1), &account("nobody")), None);
        assert_eq!(judge(&balance("nobody", "1"), &account("nobody")), None);
    }

    #[test]
    fn another_accounts_rows_silence_and_other_errors_are_wrong() {
        let judge = |read: &Read, parent: &Parent| wrong(read, Capability::FetchBalances, parent, &truth());
        let swapped = Parent { raw: account("b").raw, ..account("a") };
        for (read, parent) in [
            (balance("a", "2"), swapped.clone()),
            (balance("b", "2"), swapped.clone()),
            (balance("nobody", "1"), Parent { raw: account("b").raw, ..account("nobody") }),
            (Read::default(), swapped.clone()),
            (ended(Error::InvalidParent, 0), account("a")),
            (ended(Error::NotFound, 0), account("nobody")),
            (ended(Error::NotFound, 1), swapped),
            (ended(Error::Other, 1), account("nobody")),
        ] {
            assert!(judge(&read, &parent).is_some(), "{read:?}");
        }
    }

    #[test]
    fn spoilt_parents_differ_from_the_two_good_ones() {
        let parents = parents(&account("a"), &account("b"));
        for (what, parent) in parents.iter().skip(2) {
            assert!(*parent != account("a") && *parent != account("b"), "{what}");
        }
    }
}
