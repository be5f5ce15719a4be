//! Plays a scenario on a connector, and judges what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::PoisonError;
use std::time::Duration;

use super::format::{Crash, Expect, Poll, Scenario, Step, line};
use super::script::set_up;
use super::stage::Stage;
use crate::check::Finding;
use crate::ledger::Ledger;
use crate::rig::{Fault, Rig, case};
use crate::subject::Subject;
use engine::install::Install;
use model::{Capability, Gap, Task};
use sandbox::{Called, Fetch, Fetched, Page};
use store::{Kept, StreamKey};

/// Calls that the poll of one stream may take. Far more than any scenario needs that is meant to be played in no time.
const PATIENCE: u32 = 3_000;
/// Polls of a provider that is well again, after which everything must have come. One may finish what a crash cut off.
const SETTLING: u32 = 3;
/// Pages that can be redelivered.
const KEPT: usize = 64;

/// Is told, line by line, what happens.
pub type Tell<'a> = dyn FnMut(String) + Send + Sync + 'a;

/// Where scenarios are played: a connector, installed, with the accounts that it read.
///
/// Accounts are read once, before any scenario: what is on trial here is the payments, and each call costs.
#[derive(Clone)]
pub struct Theatre {
    subject: Subject,
    install: Install,
    /// What was read of so many accounts.
    accounts: BTreeMap<u32, Ledger>,
}

/// What a scenario took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Polls.
    pub polls: u64,
    /// Calls of the connector.
    pub calls: u64,
    /// Requests that it made.
    pub requests: u64,
}

/// How a poll went.
#[derive(Debug, Default)]
struct Polled {
    pages: u64,
    rows: u64,
    changed: u64,
    requests: u64,
    calls: u32,
    crashed: bool,
    faults: Vec<(StreamKey, Fault)>,
}

impl fmt::Display for Polled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pages, rows, changed, requests, .. } = self;
        write!(f, "{pages} pages, {rows} rows ({changed} new or changed), {requests} requests")?;
        if self.crashed {
            f.write_str("; the host died")?;
        }
        for (stream, fault) in &self.faults {
            let name = fault.error().map_or("failed", case);
            write!(f, "; {stream}: {name}: {fault}")?;
        }
        Ok(())
    }
}

impl Theatre {
    /// Installs the connector and reads the accounts, for scenarios with so many of them.
    ///
    /// # Errors
    /// Inconclusive: it cannot be installed. Skip: it reads no payments. Fail: the accounts cannot be read.
    pub async fn open(subject: &Subject, accounts: impl IntoIterator<Item = u32>) -> Result<Self, Finding> {
        let install = subject.install()?;
        if !install.manifest.workflow.iter().any(|task| task.capability == Capability::FetchPayments) {
            return Err(Finding::Skip("the connector reads no payments".into()));
        }
        let mut known = BTreeMap::new();
        for count in accounts {
            let stock = |bank: &mut dyn sim::Bank| (0..count).for_each(|_| _ = bank.open_account("EUR"));
            let mut rig = Rig::with_install(subject, install.clone(), stock)?;
            let poll = rig.poll_only(&[Capability::FetchAccounts]).await;
            rig.expect_well(poll)?;
            known.insert(count, rig.ledger);
        }
        Ok(Self { subject: subject.clone(), install, accounts: known })
    }

    /// Plays a scenario to its end, and judges it.
    ///
    /// # Errors
    /// Fail: something is lost or stale, an error is none of the contract, a poll has no end, or nothing new changes
    /// something.
    pub async fn play<'a>(&self, scenario: &'a Scenario, tell: Option<&'a mut Tell<'a>>) -> Result<Cost, Finding> {
        let mut play = self.rehearse(scenario, tell)?;
        for (place, step) in scenario.steps.iter().enumerate() {
            play.step(place + 1, step).await?;
        }
        play.end().await?;
        Ok(play.cost)
    }

    fn rehearse<'a>(&self, scenario: &'a Scenario, tell: Option<&'a mut Tell<'a>>) -> Result<Play<'a>, Finding> {
        let mut rig = Rig::with_install(&self.subject, self.install.clone(), |_| ())?.pages_of(scenario.page_size);
        // A scenario counts requests, so each waits for the one before it; N4 holds a connector to the same with several.
        rig.max_in_flight = 1;
        rig.clock.set(scenario.start);
        let clock = rig.clock.clone();
        let stage = rig.sim.with(|bank| Stage::open(&mut **bank, &clock, scenario));
        rig.ledger = self.accounts.get(&scenario.accounts).cloned().unwrap_or_default();
        if let Some(missing) = stage.accounts().iter().find(|account| !rig.ledger.accounts.contains_key(*account)) {
            return Err(rig.failure(format!("the account {missing} was not read"), Vec::new()));
        }
        rig.setting = format!("pages of {} rows, accounts: {}", scenario.page_size, scenario.accounts);
        let streams = rig.streams(Capability::FetchPayments);
        Ok(Play {
            theatre: self.clone(),
            scenario,
            rig,
            stage,
            streams,
            pages: Vec::new(),
            finished: true,
            cost: Cost::default(),
            tell,
        })
    }
}

/// A page that was committed.
struct Delivered {
    number: u64,
    task: Task,
    parent: Option<Kept>,
    page: Page,
    at: chrono::DateTime<chrono::Utc>,
}

/// A scenario under way.
struct Play<'a> {
    theatre: Theatre,
    scenario: &'a Scenario,
    rig: Rig,
    stage: Stage,
    streams: Vec<(Task, Option<Kept>)>,
    /// The last pages, newest last: as which they were committed, of which stream, when.
    pages: Vec<Delivered>,
    /// Whether the last poll came to its end. One that did not leaves the next one to go on in the middle.
    finished: bool,
    cost: Cost,
    tell: Option<&'a mut Tell<'a>>,
}

impl Play<'_> {
    fn tell(&mut self, text: impl FnOnce() -> String) {
        if let Some(tell) = &mut self.tell {
            tell(text());
        }
    }

    async fn step(&mut self, number: usize, step: &Step) -> Result<(), Finding> {
        let seen = match step {
            Step::Poll(poll) => {
                let polled = self.poll(poll, number as u64).await;
                let text = polled.to_string();
                self.judge(poll, &polled, number)?;
                self.judge_silence(poll, &polled, number)?;
                text
            }
            Step::Redeliver(pages) => self.redeliver(*pages),
            other => {
                let (stage, clock) = (self.stage.clone(), self.rig.clock.clone());
                let made = self.rig.sim.with(|bank| stage.make(&mut **bank, other));
                let now = outside::clock::Clock::now(&clock);
                if made { format!("at {now}") } else { "nothing came of it".to_owned() }
            }
        };
        self.tell(|| format!("step {number}  {}\n        {seen}", line(step)));
        Ok(())
    }

    fn redeliver(&mut self, pages: usize) -> String {
        let first = self.pages.len().saturating_sub(pages);
        let mut changed = 0;
        for Delivered { number, task, parent, page, at } in self.pages.iter().skip(first) {
            let key = self.rig.key(task, parent.as_ref());
            changed += self.rig.ledger.commit_as(*number, &key, task, page, *at).changed;
        }
        format!("{} pages again, {changed} rows new or changed", self.pages.len() - first)
    }

    /// Polls the payments of every account, with a script.
    async fn poll(&mut self, poll: &Poll, number: u64) -> Polled {
        let make_bank = self.theatre.subject.make_bank();
        let seed = self.scenario.seed.wrapping_add(number);
        let leftover = set_up(&self.rig.sim, &self.stage, &make_bank, poll, seed);
        let mut polled = Polled::default();
        for (task, parent) in self.streams.clone() {
            self.stream(&task, parent.as_ref(), poll.crash, &mut polled).await;
            if polled.crashed {
                break;
            }
        }
        self.rig.sim.calm();
        let steps = std::mem::take(&mut *leftover.lock().unwrap_or_else(PoisonError::into_inner));
        for step in steps.into_iter().flatten() {
            let stage = self.stage.clone();
            self.rig.sim.with(|bank| stage.make(&mut **bank, &step));
        }
        self.cost.polls += 1;
        self.cost.calls += u64::from(polled.calls);
        self.cost.requests += polled.requests;
        polled
    }

    /// Polls one stream to its end, its first failed call, or the host's death.
    async fn stream(&mut self, task: &Task, parent: Option<&Kept>, crash: Option<Crash>, polled: &mut Polled) {
        let since = self.rig.ledger.pages();
        let pages = Fetch::Page(task.capability);
        let mut gaps = Vec::new();
        for _ in 0..PATIENCE {
            match self.call(task, parent, &pages, crash, polled, &mut gaps).await {
                None => return,
                Some(true) => {}
                Some(false) => {
                    for what in self.rig.follow_ups(task, parent, since) {
                        if self.call(task, parent, &what, crash, polled, &mut gaps).await.is_none() {
                            return;
                        }
                    }
                    // Whatever it is that a provider refuses here, it was refused for once.
                    let fault = gaps.into_iter().next().map(|gap| (self.rig.key(task, parent), Fault::Gap(gap)));
                    return polled.faults.extend(fault);
                }
            }
        }
        polled.faults.push((self.rig.key(task, parent), Fault::Endless(PATIENCE)));
    }

    /// One call, committed; whether there are more, none when it failed or the host died.
    async fn call(
        &mut self,
        task: &Task,
        parent: Option<&Kept>,
        what: &Fetch,
        crash: Option<Crash>,
        polled: &mut Polled,
        gaps: &mut Vec<Gap>,
    ) -> Option<bool> {
        polled.calls += 1;
        let crash = crash.filter(|crash| crash.call == polled.calls);
        let called = self.dying(task, parent, what, crash).await;
        polled.requests += u64::from(called.report.requests);
        if crash.is_some() {
            polled.crashed = true;
            return None;
        }
        let fetched = match called.result {
            Ok(fetched) => fetched,
            Err(error) => {
                polled.faults.push((self.rig.key(task, parent), Fault::Call(error)));
                return None;
            }
        };
        let (rows, changed) = self.rig.commit_of(task, parent, what, &fetched);
        polled.pages += 1;
        polled.rows += rows;
        polled.changed += changed;
        gaps.extend_from_slice(fetched.page.gaps());
        let more = fetched.page.has_more();
        if self.pages.len() == KEPT {
            self.pages.remove(0);
        }
        let at = outside::clock::Clock::now(&self.rig.clock);
        let number = self.rig.ledger.pages();
        self.pages.push(Delivered { number, task: task.clone(), parent: parent.cloned(), page: fetched.page, at });
        Some(more)
    }

    async fn dying(
        &self,
        task: &Task,
        parent: Option<&Kept>,
        what: &Fetch,
        crash: Option<Crash>,
    ) -> Called<Fetched<Page>> {
        let mut limits = self.rig.connector.limits();
        if let Some(last) = crash.and_then(|crash| crash.host_call) {
            limits.host_calls = last.saturating_sub(1);
        }
        self.rig.make(task, parent, what, limits).await
    }

    /// What no poll may do, whatever happens to it.
    fn judge(&self, poll: &Poll, polled: &Polled, number: usize) -> Result<(), Finding> {
        let excused = poll.is_disturbed() || self.scenario.expect == Expect::CompleteOrError;
        for (stream, fault) in &polled.faults {
            if !fault.is_typed() {
                let what = match fault {
                    Fault::Call(error) => {
                        format!("step {number}: {stream} should end well or with an error of the contract: {error}")
                    }
                    fault => format!("step {number}: {stream}: {fault}"),
                };
                return Err(self.rig.failure(what, Vec::new()));
            }
            if !excused {
                let what = format!("step {number}: nothing went wrong at the provider, and {stream} failed: {fault}");
                return Err(self.rig.failure(what, Vec::new()));
            }
        }
        Ok(())
    }

    /// A poll that reports no error has everything, unless rows moved meanwhile, do not show yet, or it was the end of an
    /// earlier one.
    fn judge_silence(&mut self, poll: &Poll, polled: &Polled, number: usize) -> Result<(), Finding> {
        let began_anew = std::mem::replace(&mut self.finished, polled.faults.is_empty() && !polled.crashed);
        let rows_stood_still = poll.before.is_empty() && poll.mutate.is_none() && !self.stage.hides();
        if !(began_anew && self.finished && rows_stood_still) {
            return Ok(());
        }
        let truth = self.rig.sim.with(|bank| bank.truth());
        let differences = self.rig.ledger.payment_differences(&truth, false);
        match differences.first() {
            None => Ok(()),
            Some(first) => {
                let what = format!("step {number}: the poll reported no error, and {first}");
                Err(self.rig.failure(what, differences))
            }
        }
    }

    /// The provider is well again: everything must come, and then nothing more.
    async fn end(&mut self) -> Result<(), Finding> {
        let lag = self.rig.sim.with(|bank| bank.lag());
        self.rig.clock.advance(lag + Duration::from_secs(1));
        let number = self.scenario.steps.len() + 1;
        let mut differences = Vec::new();
        for _ in 0..SETTLING {
            let polled = self.poll(&Poll::default(), 0).await;
            self.tell(|| format!("the end  the provider is well, and all rows show: {polled}"));
            if self.scenario.expect == Expect::CompleteOrError && !polled.faults.is_empty() {
                return self.judge(&Poll::default(), &polled, number);
            }
            self.judge(&Poll::default(), &polled, number)?;
            let truth = self.rig.sim.with(|bank| bank.truth());
            differences = self.rig.ledger.payment_differences(&truth, false);
            if differences.is_empty() {
                return self.idle().await;
            }
        }
        let first = differences.first().cloned().unwrap_or_default();
        let what = format!("in the end, after {SETTLING} polls of a provider that is well, {first}");
        Err(self.rig.failure(what, differences))
    }

    /// Polls with nothing new. The first may still finish what a crash interrupted.
    async fn idle(&mut self) -> Result<(), Finding> {
        let mut finishing = true;
        let mut left = self.scenario.idle_polls;
        while left > 0 {
            let before = self.rig.states.clone();
            let polled = self.poll(&Poll::default(), 0).await;
            self.tell(|| format!("the end  a poll with nothing new: {polled}"));
            self.judge(&Poll::default(), &polled, self.scenario.steps.len() + 1)?;
            let same = before == self.rig.states;
            if (!same || polled.changed > 0) && !std::mem::take(&mut finishing) {
                let state = if same { "" } else { ", and its state is another one" };
                let what = format!(
                    "in the end, a poll with nothing new should change nothing; it changed {} records{state}",
                    polled.changed
                );
                return Err(self.rig.failure(what, Vec::new()));
            }
            if same {
                finishing = false;
                left -= 1;
            }
        }
        Ok(())
    }
}
