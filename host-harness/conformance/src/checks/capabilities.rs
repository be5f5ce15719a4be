//! K: whether it can do what it says, and its workflow is a tree.

mod cycle;
mod parents;
mod snapshot;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Finding, Level, Outcome, Tier, fail_listing};
use crate::rig::{EVERYTHING, Rig, ago, case};
use crate::subject::Subject;
use model::manifest_json::capability_word;
use model::validate;
use model::{Capability, Error, Manifest, Parent, Task};
use sandbox::{CallError, Called, Fetch, Fetched, Page};
use sim::{Bank, Movement};

/// How deep a workflow may be.
const DEPTH: usize = 8;

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "K1",
        title: "honest-capabilities",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.capability",
            text: "What a connector can do. What it cannot do it answers with `unsupported`.",
        },
        provocation: "one poll of a provider that has everything; then a call for each capability that the manifest does not list",
        rule: "each listed capability gives a record, each other one `unsupported` without a request",
        run: |subject| honest_capabilities(subject).boxed(),
    },
    Check {
        id: "K2",
        title: "tree-valid",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.manifest.workflow",
            text: "Each capability is the capability of at least one task, and each task's is listed.",
        },
        provocation: "the workflow of the manifest is held against the contract",
        rule: "unique names, parents first and of the right kind, capabilities both ways, at most 8 deep; a warning for what a host polls too seldom or twice",
        run: |subject| async move { tree_valid(&subject) }.boxed(),
    },
    Check {
        id: "K3",
        title: "parent-payload",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause { item: "types.error.invalid-parent", text: "The parent is not one this connector returned." },
        provocation: "balances and payments for accounts whose `raw` is empty, garbage, cut or another account's, or whose reference is empty or unknown",
        rule: "`invalid-parent`, or the rows of the account asked for: never another's, never silence, never a trap",
        run: |subject| parents::parent_payload(subject).boxed(),
    },
    Check {
        id: "K4",
        title: "install-cycle",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause {
            item: "state",
            text: "A stream is one task of one install for one parent; no call sees the state of another stream.",
        },
        provocation: "installs in one store: two side by side, one reset after a failed poll, one reset in the middle of a poll, one more after 400 days",
        rule: "each ends with the same records, and all that the provider has",
        run: |subject| cycle::install_cycle(subject).boxed(),
    },
    Check {
        id: "K5",
        title: "whole-snapshot",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.task.snapshot",
            text: "True: a complete poll without a gap reports every record there is, so that the host may take one that is missing from it to be gone.",
        },
        provocation: "six polls of more than a page of accounts and counterparties, some with nothing new, some after one was changed, added or removed",
        rule: "each complete poll of a task that declares `snapshot` reports again what it reported before and the provider still has, changed or not",
        run: |subject| snapshot::snapshot(subject).boxed(),
    },
];

/// Two accounts with payments of every status, in and out, and counterparties.
fn stock(bank: &mut dyn Bank) {
    for account in 0..2 {
        let reference = bank.open_account("EUR");
        for (number, status) in (0..).zip(bank.statuses().into_iter().cycle().take(6)) {
            let movement = Movement::on(&reference, ago(300 - number)).status(status);
            let movement = movement.minor(1_000 * (account + 1) + number.unsigned_abs());
            bank.add(&if number % 2 == 0 { movement.incoming() } else { movement });
        }
    }
    for number in 0..3 {
        bank.add_counterparty(ago(300 - number));
    }
}

async fn honest_capabilities(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?.setting("two accounts, payments of every status, three counterparties");
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let listed = rig.install.manifest.capabilities.clone();
    let has_counterparties = rig.sim.with(|bank| !bank.truth().external_accounts.is_empty());
    for capability in &listed {
        let (kind, count) = match capability {
            Capability::FetchAccounts => ("account", rig.ledger.accounts.len()),
            Capability::FetchExternalAccounts if !has_counterparties => continue,
            Capability::FetchExternalAccounts => ("external account", rig.ledger.external_accounts.len()),
            Capability::FetchBalances => ("balance", rig.ledger.balances.len()),
            Capability::FetchPayments => ("payment", rig.ledger.payments.len()),
            Capability::FetchOthers => ("other", rig.ledger.others.len()),
        };
        if count == 0 {
            return Err(rig.failure(
                format!(
                    "the manifest lists `{}`, and a poll of a provider that has everything gave no {kind}",
                    capability_word(*capability)
                ),
                Vec::new(),
            ));
        }
    }
    let account = rig.accounts().into_iter().next().map_or_else(some_account, |kept| kept.parent);
    let others: Vec<Capability> = EVERYTHING.into_iter().filter(|capability| !listed.contains(capability)).collect();
    for capability in &others {
        let name = capability_word(*capability);
        let task = Task { name: name.to_owned(), capability: *capability, ..some_task() };
        let called =
            rig.fetch(&task, Some(account.clone()), Fetch::Page(*capability), None, rig.connector.limits()).await;
        if let Some(wrong) = not_unsupported(&called) {
            return Err(rig.failure(format!("`{name}` is not in the manifest; its call {wrong}"), Vec::new()));
        }
    }
    follows_what_it_says(&rig, &account).await?;
    let ledger = &rig.ledger;
    Ok(format!(
        "{} accounts, {} balances, {} payments, {} external accounts; {} capabilities unsupported",
        ledger.accounts.len(),
        ledger.balances.len(),
        ledger.payments.len(),
        ledger.external_accounts.len(),
        others.len()
    ))
}

/// A task that follows no payments has no answer to how they stand.
async fn follows_what_it_says(rig: &Rig, account: &Parent) -> Result<(), Finding> {
    let follows = rig.install.manifest.workflow.iter().any(|task| task.follow);
    if follows {
        return Ok(());
    }
    let task = rig.tasks(Capability::FetchPayments).into_iter().next().unwrap_or_else(some_task);
    let parent = task.parent.map(|_| account.clone());
    let what = Fetch::Follow(vec!["payment-1".to_owned()]);
    let called = rig.fetch(&task, parent, what, None, rig.connector.limits()).await;
    match not_unsupported(&called) {
        None => Ok(()),
        Some(wrong) => Err(rig
            .failure(format!("no task of the manifest has `follow`; a call of `follow-payments` {wrong}"), Vec::new())),
    }
}

/// How a call is not `unsupported` without a request.
fn not_unsupported(called: &Called<Fetched<Page>>) -> Option<String> {
    let expected = "should give `unsupported`";
    match &called.result {
        Err(CallError::Connector { error: Error::Unsupported(_), .. }) => {
            let requests = called.report.requests;
            (requests > 0).then(|| format!("gives `unsupported` after {requests} requests; it should make none"))
        }
        Err(CallError::Connector { error, .. }) => Some(format!("{expected}, and gave `{}`", case(error))),
        Err(error) => Some(format!("{expected}: {error}")),
        Ok(fetched) => Some(format!("{expected}, and gave a page of {} records", fetched.page.len())),
    }
}

/// A parent for a connector that reads no accounts.
fn some_account() -> Parent {
    Parent {
        task: "accounts".to_owned(),
        reference: "account-1".to_owned(),
        default_asset: None,
        metadata: Vec::new(),
        raw: r#"{"id":"account-1"}"#.to_owned(),
    }
}

/// A task that no manifest has.
fn some_task() -> Task {
    Task {
        name: "payments".to_owned(),
        capability: Capability::FetchPayments,
        periodic: true,
        min_period_seconds: 0,
        parent: None,
        snapshot: false,
        follow: false,
    }
}

fn tree_valid(subject: &Subject) -> Outcome {
    let manifest = subject.manifest()?;
    let mut wrong: Vec<String> =
        validate::workflow(manifest).err().into_iter().map(|breach| breach.to_string()).collect();
    let listed = &manifest.capabilities;
    let twice = (1..listed.len()).find(|place| listed[..*place].contains(&listed[*place]));
    wrong.extend(twice.map(|place| format!("the capability `{}` is listed twice", capability_word(listed[place]))));
    let depth = depth(manifest);
    if depth > DEPTH {
        wrong.push(format!("the workflow is {depth} tasks deep, {DEPTH} at most are allowed"));
    }
    if !wrong.is_empty() {
        return fail_listing(wrong);
    }
    match doubtful(manifest).into_iter().next() {
        Some(doubt) => Err(Finding::Warn(doubt)),
        None => Ok(format!("{} tasks, {depth} deep, {} capabilities", manifest.workflow.len(), listed.len())),
    }
}

/// The tasks on the longest way down. A parent that does not come before its child counts as none.
fn depth(manifest: &Manifest) -> usize {
    let mut depths: Vec<usize> = Vec::new();
    for task in &manifest.workflow {
        let parent = task.parent.and_then(|parent| usize::try_from(parent).ok());
        let above = parent.and_then(|parent| depths.get(parent)).copied().unwrap_or_default();
        depths.push(above + 1);
    }
    depths.into_iter().max().unwrap_or_default()
}

/// What a reviewer should look at in a tree that keeps the rules.
fn doubtful(manifest: &Manifest) -> Vec<String> {
    let workflow = &manifest.workflow;
    let mut found = Vec::new();
    let late = workflow.iter().filter(|task| task.capability == Capability::FetchPayments && !task.periodic);
    found.extend(late.map(|task| {
        let name = &task.name;
        format!("`{name}` is not periodic: where an account is not read again, its new payments are not either")
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ErrorDetail;
    use sandbox::Report;

    fn manifest(tasks: &[(&str, Capability, bool, Option<u32>)]) -> Manifest {
        let task = |(name, capability, periodic, parent): &(&str, Capability, bool, Option<u32>)| Task {
            name: (*name).to_owned(),
            capability: *capability,
            periodic: *periodic,
            parent: *parent,
            ..some_task()
        };
        Manifest {
            name: "example".into(),
            version: "1.0.0".into(),
            description: "Reads.".into(),
            capabilities: vec![],
            workflow: tasks.iter().map(task).collect(),
            config: vec![],
            max_page_size: 10,
            max_in_flight: 1,
            credentials: vec![],
            requests: vec![],
            headers: vec![],
            rate_limits: vec![],
        }
    }

    #[test]
    fn payments_that_are_read_with_their_account_only_are_doubtful_and_balances_are_not() {
        let accounts = ("accounts", Capability::FetchAccounts, true, None);
        let balances = ("balances", Capability::FetchBalances, false, Some(0));
        let payments = |periodic| ("payments", Capability::FetchPayments, periodic, Some(0));
        assert_eq!(doubtful(&manifest(&[accounts, balances, payments(true)])), Vec::<String>::new());
        assert_eq!(doubtful(&manifest(&[accounts, balances, payments(false)])).len(), 1);
    }

    #[test]
    fn depth_is_that_of_the_longest_way_down() {
        let task = |parent| ("x", Capability::FetchPayments, true, parent);
        assert_eq!(depth(&manifest(&[])), 0);
        assert_eq!(depth(&manifest(&[task(None), task(Some(0)), task(Some(1)), task(None), task(Some(9))])), 3);
    }

    #[test]
    fn only_unsupported_without_a_request_will_do() {
        let detail = ErrorDetail {
            message: "no".into(),
            http_status: None,
            provider_code: None,
            request_id: None,
            retry_after_seconds: None,
        };
        let ended = |error, requests| Called {
            result: Err(CallError::Connector { error, failure: None }),
            report: Report { requests, ..Report::default() },
        };
        assert_eq!(not_unsupported(&ended(Error::Unsupported(detail.clone()), 0)), None);
        assert!(not_unsupported(&ended(Error::Unsupported(detail.clone()), 1)).is_some());
        assert!(not_unsupported(&ended(Error::InvalidParent(detail), 0)).is_some());
    }
}
