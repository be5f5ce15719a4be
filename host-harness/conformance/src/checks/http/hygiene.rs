//! H6: what a connector's requests look like, and how many there are.
//!
//! There is no list of the requests that are right, to be held against the ones made: another connector may read the
//! same provider in another way, and be right as well. So these are the rules that hold for all of them.

use http::Method;
use http::header::USER_AGENT;

use crate::check::{Finding, Outcome};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use model::PaymentStatus;
use outside::clock::Clock as _;
use sim::{Bank, Logged, Movement};

/// Rows of each status that ends.
const ROWS: u32 = 90;
/// Rows of each that does not: the host asks how they stand, a few in a call.
const OPEN: u32 = 6;
/// Rows a page.
const SIZE: u32 = 20;
/// Polls with nothing new.
const IDLE: usize = 3;

fn stock(bank: &mut dyn Bank) {
    for _ in 0..2 {
        let account = bank.open_account("EUR");
        for status in bank.statuses() {
            for number in 0..rows(status) {
                let at = ago(6_000 - i64::from(number) * 60);
                bank.add(&Movement::on(&account, at).status(status));
            }
        }
    }
    for number in 0..=i64::from(SIZE) {
        bank.add_counterparty(ago(9_000 - number));
    }
}

fn rows(status: PaymentStatus) -> u32 {
    if matches!(status, PaymentStatus::Pending | PaymentStatus::Authorisation) { OPEN } else { ROWS }
}

/// Pages that the rows fill, list by list, were each read once.
fn pages(rig: &Rig) -> u32 {
    let (statuses, people) = rig.sim.with(|bank| (bank.statuses(), bank.truth().external_accounts.len()));
    let lists: u32 = statuses.iter().map(|status| 2 * rows(*status).div_ceil(rig.page_size)).sum();
    let people = u32::try_from(people).unwrap_or_default();
    1 + lists + people.div_ceil(rig.page_size)
}

fn expect_clean(rig: &Rig, request: &Logged) -> Result<(), Finding> {
    let (method, url) = (&request.method, &request.url);
    let fails = |what: String| Err(rig.failure(format!("{method} {}: {what}", url.path()), Vec::new()));
    if !matches!(*method, Method::GET | Method::HEAD) {
        return fails("a connector reads, and reading is GET".to_owned());
    }
    let agent = request.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    if agent.trim().is_empty() {
        return fails("it has no `user-agent`, so the provider cannot tell whom to write to".to_owned());
    }
    if url.as_str().contains("%25") {
        return fails(format!("{url} is encoded twice"));
    }
    let whole = url.as_str();
    if whole.contains("{{") || whole.contains("%7B%7B") || whole.contains("%7b%7b") {
        return fails("a placeholder is in the URL".to_owned());
    }
    let secret = rig.sim.with(|bank| {
        let config = bank.config();
        let value = |field: &String| {
            config.get(field).and_then(|value| value.as_str()).is_some_and(|value| whole.contains(value))
        };
        bank.secrets().into_iter().find(value)
    });
    if let Some(field) = secret {
        return fails(format!("the value of the secret `{field}` is in the URL"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return fails("a user name, a password or a fragment is in the URL".to_owned());
    }
    Ok(())
}

/// Runs it.
pub(super) async fn hygiene(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?;
    rig.page_size = SIZE.min(rig.install.manifest.max_page_size);
    rig.setting = format!("2 accounts with {ROWS} rows in every status, pages of {}", rig.page_size);
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let first = rig.sim.take_log();
    let allowance = rig.sim.with(|bank| bank.idle_requests(rig.page_size));
    // A keyset asks for a row that it knows again with each page, and what is pending may be looked at twice.
    let most = 2 * pages(&rig) + allowance;
    if first.len() > most as usize {
        let what =
            format!("the first poll took {} requests for {} pages; at most {most} are fair", first.len(), pages(&rig));
        return Err(rig.failure(what, Vec::new()));
    }
    first.iter().try_for_each(|request| expect_clean(&rig, request))?;
    let mut idle = 0;
    for _ in 0..IDLE {
        rig.clock.advance(std::time::Duration::from_mins(30));
        let poll = rig.poll().await;
        rig.expect_well(poll)?;
        let log = rig.sim.take_log();
        log.iter().try_for_each(|request| expect_clean(&rig, request))?;
        if log.len() > allowance as usize {
            let what = format!(
                "at {} a poll with nothing new took {} requests; {allowance} are fair for 2 accounts",
                rig.clock.now().format("%H:%M"),
                log.len()
            );
            return Err(rig.failure(what, Vec::new()));
        }
        idle = idle.max(log.len());
    }
    Ok(format!(
        "{} requests for {} pages, {idle} when there is nothing new; each a clean GET",
        first.len(),
        pages(&rig)
    ))
}
