//! N4: whether it matters which answer comes first.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::check::{Finding, Outcome};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, Rig, ago};
use crate::subject::Subject;
use crate::walk::{Step, expect_some, walk};
use model::PaymentStatus;
use outside::clock::Clock as _;
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{Outside, Page};
use sim::{Bank, Fault, Movement, On};

/// Orders in which answers come, besides that of the requests.
const SEEDS: u64 = 4;
/// How much later than another an answer may come, in steps.
const STEPS: u64 = 4;
/// One step: longer than a connector takes from one request to the next.
const STEP: Duration = Duration::from_millis(3);
/// Requests of which one fails in a trial of its own.
const FAILING: usize = 3;

/// Answers in an order that a seed decides; in that of the requests without one.
struct Shuffled {
    inner: Arc<dyn Transport>,
    seed: Option<u64>,
    count: AtomicU64,
}

impl Transport for Shuffled {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let turn = self.count.fetch_add(1, Ordering::Relaxed);
        let late = |seed: u64| fastrand::Rng::with_seed(seed << 32 | turn).u32(..u32::try_from(STEPS).unwrap_or(1));
        let wait = self.seed.map_or(Duration::ZERO, |seed| STEP * late(seed));
        async move {
            let answer = self.inner.send(request).await;
            // Real time: that of bank and host stands still, so that nothing else is different.
            tokio::time::sleep(wait).await;
            answer
        }
        .boxed()
    }
}

/// Two accounts with payments of every status, more counterparties than a page holds, and payments that have been open
/// for long.
fn stock(bank: &mut dyn Bank) {
    for _ in 0..2 {
        let account = bank.open_account("EUR");
        if bank.statuses().contains(&PaymentStatus::Pending) {
            for number in 0..2 * i64::from(PAGE) {
                let row = Movement::on(&account, ago(40 * 24 * 60 - number)).status(PaymentStatus::Pending);
                bank.add(&row.minor(7_000 + number.unsigned_abs()));
            }
        }
        Rows { account: &account, count: 4 * PAGE, last: ago(300), apart: TimeDelta::minutes(7) }.add_in_turn(bank);
    }
    for number in 0..=i64::from(PAGE) {
        bank.add_counterparty(ago(900 - number));
    }
}

/// Something new on each account.
fn news(rig: &Rig) {
    let now = rig.clock.now();
    rig.sim.with(|bank| {
        let accounts: Vec<String> = bank.truth().accounts.into_keys().collect();
        for account in &accounts {
            let rows = Rows { account, count: PAGE, last: now - TimeDelta::minutes(1), apart: TimeDelta::seconds(1) };
            rows.add_in_turn(&mut **bank);
        }
    });
}

/// What came of the polls of each stream: the records in their order, then the state.
type Found = BTreeMap<String, Vec<String>>;

/// How a trial goes.
#[derive(Clone, Copy)]
struct Way<'r> {
    in_flight: u32,
    seed: Option<u64>,
    failing: Option<&'r Request>,
}

/// Two polls.
async fn polls(subject: &Subject, way: Way<'_>) -> Result<(Found, Vec<Step>), Finding> {
    let mut rig = Rig::new(subject, stock)?;
    rig.max_in_flight = way.in_flight;
    let outside = rig.outside().clone();
    let transport = Shuffled { inner: Arc::clone(&outside.transport), seed: way.seed, count: AtomicU64::new(0) };
    rig.redirect(Outside { transport: Arc::new(transport), ..outside });
    if let Some(Request { method, url, .. }) = way.failing.cloned() {
        let is_it = move |other: &Request| other.method == method && other.url == url;
        rig.sim.inject(On::matching(is_it), Fault::status(500));
    }
    let mut steps = walk(&mut rig).await;
    rig.clock.advance(rig.install.polling_period);
    news(&rig);
    steps.extend(walk(&mut rig).await);
    let mut found = Found::new();
    for step in &steps {
        let told = match &step.result {
            Ok(fetched) => records(&fetched.page),
            Err(error) => vec![error.to_string()],
        };
        found.entry(step.stream.clone()).or_default().extend(told);
    }
    for (stream, state) in &rig.states {
        found.entry(stream.to_string()).or_default().push(format!("the state {}", String::from_utf8_lossy(state)));
    }
    Ok((found, steps))
}

/// What a page holds, in its order. Where it ends does not matter, nor whether there are more.
fn records(page: &Page) -> Vec<String> {
    fn all<T: Debug>(rows: &[T]) -> impl Iterator<Item = String> {
        rows.iter().map(|row| format!("{row:?}"))
    }
    let mut found: Vec<String> = match page {
        Page::Accounts(page) => all(&page.items).collect(),
        Page::Balances(page) => all(&page.items).collect(),
        Page::Payments(page) => all(&page.items).collect(),
        Page::Others(page) => all(&page.items).collect(),
    };
    found.extend(all(page.withdrawn()).chain(all(page.rejected())).chain(all(page.gaps())));
    found
}

pub(super) async fn order(subject: Subject) -> Outcome {
    let most = subject.install()?.max_in_flight();
    if most == 1 {
        return Ok("it has one request under way at a time: the host lets a second one wait".to_owned());
    }
    let (_, steps) = polls(&subject, Way { in_flight: 1, seed: None, failing: None }).await?;
    expect_some(&steps)?;
    let asked: Vec<&Request> = steps.iter().flat_map(|step| &step.requests).collect();
    let apart = (asked.len() / FAILING).max(1);
    let failing = asked.iter().step_by(apart).map(|request| Some(*request));
    let mut trials = 0;
    for failing in [None].into_iter().chain(failing) {
        let (wanted, _) = polls(&subject, Way { in_flight: 1, seed: None, failing }).await?;
        for seed in [None].into_iter().chain((1..=SEEDS).map(Some)) {
            let (found, _) = polls(&subject, Way { in_flight: most, seed, failing }).await?;
            trials += 1;
            expect_same(&subject, &wanted, &found, seed, failing)?;
        }
    }
    Ok(format!("with up to {most} requests at once, {trials} times two polls: the records and states of one at a time"))
}

fn expect_same(
    subject: &Subject,
    wanted: &Found,
    found: &Found,
    seed: Option<u64>,
    failing: Option<&Request>,
) -> Result<(), Finding> {
    let Some((stream, told)) = found.iter().find(|(stream, told)| wanted.get(*stream) != Some(told)) else {
        return if wanted.len() == found.len() { Ok(()) } else { Err(Finding::Inconclusive("streams differ".into())) };
    };
    let wanted = wanted.get(stream).map(Vec::as_slice).unwrap_or_default();
    let place = (0..told.len()).find(|place| wanted.get(*place) != told.get(*place)).unwrap_or(told.len());
    let shown = |rows: &[String]| rows.get(place).cloned().unwrap_or_else(|| "nothing".to_owned());
    let order = seed.map_or_else(String::new, |seed| format!(", answers in the order of seed {seed}"));
    let failing = failing.map_or_else(String::new, |request| format!("; {} gets a 500", request.url));
    let rig = Rig::new(subject, |_| ())?.setting(format!("several requests at once{order}{failing}"));
    let what = format!(
        "with several requests at once{order}, the polls of {stream} gave {} records and states, and number {} is another one \
         than with one at a time",
        told.len(),
        place + 1
    );
    Err(rig.failure(what, vec![shown(wanted), shown(told)]))
}
