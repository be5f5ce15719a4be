//! A poll, call by call, and what goes wrong with one request of it.
//!
//! The same call is made again and again from the same committed state, each time with another misfortune, and at last
//! without one. So one poll tries many of them, and in the end shows whether any of them cost a row.

use std::collections::BTreeMap;

use url::Url;

use crate::check::Finding;
use crate::ledger::Ledger;
use crate::rig::{Fault as Lack, PAGE, Rig, ago, told};
use crate::subject::Subject;
use model::Task;
use outside::transport::Request;
use sandbox::{CallError, Called, Fetch, Fetched, Page};
use sim::{Asked, Bank, Fault, Logged, Movement, On};
use store::Kept;

/// Calls that the poll may take: some times what a connector needs that reads one page in each.
const PATIENCE: usize = 400;
/// Calls that may fail, after a misfortune that was taken for an answer, until all is read.
const FAILURES: u32 = 12;
/// Differences that are shown.
const SHOWN: usize = 12;

/// An account with three pages of payments in every status, each at its own minute, and two pages of counterparties.
pub(super) fn stock(bank: &mut dyn Bank) {
    let account = bank.open_account("EUR");
    let count = 2 * PAGE + 2;
    for (place, status) in (0_u32..).zip(bank.statuses()) {
        for number in 0..count {
            let minutes = i64::from(place * count + number);
            let row = Movement::on(&account, ago(600 - minutes)).status(status);
            bank.add(&row.minor(u64::from(number) + 1));
        }
    }
    for number in 0..i64::from(PAGE) + 2 {
        bank.add_counterparty(ago(900 - number));
    }
}

/// A poll under way.
pub(super) struct Stage {
    /// The connector and the bank.
    pub rig: Rig,
    task: usize,
    place: usize,
    /// What the ledger had when the stream began.
    since: u64,
    /// What is left to be followed of the stream whose pages have come to their end.
    follow: Vec<Fetch>,
    calls: usize,
    /// Some page had a gap: what it lacks comes with the next poll.
    gaps: bool,
}

impl Stage {
    /// Before the first call of a first poll.
    pub fn new(subject: &Subject) -> Result<Self, Finding> {
        let rig = Rig::new(subject, stock)?;
        Ok(Self { rig, task: 0, place: 0, since: 0, follow: Vec::new(), calls: 0, gaps: false })
    }

    /// Which task is next, and for which record; none when the poll is over.
    fn stream(&self) -> Option<(usize, usize, Task, Option<Kept>)> {
        let mut place = self.place;
        for (number, task) in self.rig.install.manifest.workflow.iter().enumerate().skip(self.task) {
            if let Some(parent) = self.rig.parents(task).into_iter().nth(place) {
                return Some((number, place, task.clone(), parent));
            }
            place = 0;
        }
        None
    }

    /// What the next call is for; none when the poll is over.
    fn next(&self) -> Option<(Task, Option<Kept>, Fetch)> {
        let (_, _, task, parent) = self.stream()?;
        let what = self.follow.first().cloned().unwrap_or(Fetch::Page(task.capability));
        Some((task, parent, what))
    }

    /// The next call, from the committed state; nothing is committed, so it can be made again. None when the poll is
    /// over. Gives its requests as well.
    pub async fn call(&self) -> Option<(Called<Fetched<Page>>, Vec<Logged>)> {
        let (task, parent, what) = self.next()?;
        let _ = self.rig.sim.take_log();
        let called = self.rig.make(&task, parent.as_ref(), &what, self.rig.connector.limits()).await;
        Some((called, self.rig.sim.take_log()))
    }

    /// Commits what the call gave, and moves on.
    pub fn commit(&mut self, fetched: &Fetched<Page>) {
        let Some((number, place, task, parent)) = self.stream() else { return };
        (self.task, self.place) = (number, place);
        let what = self.follow.first().cloned().unwrap_or(Fetch::Page(task.capability));
        self.rig.commit_of(&task, parent.as_ref(), &what, fetched);
        self.gaps |= Lack::of_gaps(fetched.page.gaps()).is_some();
        self.calls += 1;
        if fetched.page.has_more() {
            return;
        }
        if self.follow.is_empty() {
            self.follow = self.rig.follow_ups(&task, parent.as_ref(), self.since);
        } else {
            self.follow.remove(0);
        }
        if self.follow.is_empty() {
            self.place += 1;
            self.since = self.rig.ledger.pages();
        }
    }

    /// Begins another poll.
    fn again(&mut self) {
        (self.task, self.place, self.since) = (0, 0, self.rig.ledger.pages());
        self.follow.clear();
        self.gaps = false;
    }

    /// Makes the next call at a provider that is well, and commits it; false when the poll is over.
    async fn step(&mut self) -> Result<bool, CallError> {
        let Some((called, _)) = self.call().await else { return Ok(false) };
        let fetched = called.result?;
        self.commit(&fetched);
        Ok(true)
    }

    /// Goes on to the end of the poll; gives the failed calls on the way, which a host repeats.
    async fn finish(&mut self) -> Result<u32, CallError> {
        let mut failures = 0;
        while self.calls < PATIENCE {
            match self.step().await {
                Ok(true) => {}
                Ok(false) if self.gaps => self.again(),
                Ok(false) => return Ok(failures),
                Err(error) if failures >= FAILURES => return Err(error),
                Err(_) => failures += 1,
            }
        }
        Err(CallError::Breach(format!("the poll had no end after {PATIENCE} calls").into()))
    }
}

/// One request of the poll, found again by the number of its call and its number within the call.
#[derive(Debug, Clone)]
pub(super) struct Place {
    call: usize,
    offset: u64,
    /// What it is: `the second list of payments`.
    pub name: &'static str,
    /// What it asks.
    pub asked: Asked,
    /// Where.
    pub url: Url,
}

/// A poll without misfortunes: what there is to disturb, and what must be there in the end.
pub(super) struct Survey {
    places: Vec<Place>,
    /// What was read.
    pub ledger: Ledger,
}

/// Polls once at a provider that is well.
///
/// # Errors
/// Inconclusive: not even that goes well, which is for P1 to judge.
pub(super) async fn survey(subject: &Subject) -> Result<Survey, Finding> {
    let mut stage = Stage::new(subject)?;
    let mut requests: Vec<(usize, u64, Asked, Url)> = Vec::new();
    while let Some((called, log)) = stage.call().await {
        let call = stage.calls;
        for (offset, one) in (0..).zip(&log) {
            requests.push((call, offset, asked(&stage.rig, one), one.url.clone()));
        }
        match called.result {
            Ok(fetched) if call < PATIENCE => stage.commit(&fetched),
            _ => {
                return Err(Finding::Inconclusive(
                    "not even a provider that is well is read to its end: see P1".into(),
                ));
            }
        }
    }
    let kinds = [
        (Asked::Accounts, "the first list of accounts", 0),
        (Asked::Payments, "the first list of payments", 0),
        (Asked::Payments, "the second list of payments", 1),
        (Asked::Payments, "the last list of payments", usize::MAX),
        (Asked::ExternalAccounts, "the first list of external accounts", 0),
        (Asked::Balances, "the first balances", 0),
        (Asked::Others, "the first list of others", 0),
    ];
    let mut places = Vec::new();
    for (kind, name, which) in kinds {
        let of_kind: Vec<_> = requests.iter().filter(|request| request.2 == kind).collect();
        let found = if which == usize::MAX { of_kind.get(2..).and_then(<[_]>::last) } else { of_kind.get(which) };
        if let Some((call, offset, asked, url)) = found {
            places.push(Place { call: *call, offset: *offset, name, asked: *asked, url: url.clone() });
        }
    }
    places.sort_by_key(|place| (place.call, place.offset));
    if places.is_empty() {
        return Err(Finding::Inconclusive("its poll asks for nothing that the bank calls a list: see P1".into()));
    }
    Ok(Survey { places, ledger: stage.rig.ledger })
}

fn asked(rig: &Rig, logged: &Logged) -> Asked {
    let (method, url, headers) = (logged.method.clone(), logged.url.clone(), logged.headers.clone());
    rig.sim.with(|bank| bank.asked(&Request { method, url, headers, body: bytes::Bytes::new() }))
}

/// Something that goes wrong.
#[derive(Debug, Clone)]
pub(super) struct Misfortune {
    /// In few words.
    pub name: String,
    /// How.
    pub fault: Fault,
    /// True: with every request from this one on, until the call ends. False: with this one alone.
    pub lasting: bool,
}

impl Misfortune {
    /// That befalls one request.
    pub fn once(name: impl Into<String>, fault: Fault) -> Self {
        Self { name: name.into(), fault, lasting: false }
    }

    /// That goes on until the call ends.
    pub fn lasting(name: impl Into<String>, fault: Fault) -> Self {
        Self { name: name.into(), fault, lasting: true }
    }
}

/// A call that met a misfortune.
pub(super) struct Met<'a> {
    /// The connector, its tape at this call.
    pub rig: &'a Rig,
    /// Where.
    pub place: &'a Place,
    /// Which.
    pub misfortune: &'a Misfortune,
    /// What it made of it.
    pub called: &'a Called<Fetched<Page>>,
    /// The same, less a page that tells an error of its own.
    pub told: Result<&'a Fetched<Page>, CallError>,
    /// Its requests.
    pub requests: &'a [Logged],
}

/// What a judge makes of a call that met a misfortune.
pub(super) enum Judged {
    /// As it should be, and nothing to commit.
    Fine,
    /// It gave a page: whether that cost a row is to be seen.
    Accepted,
}

impl Met<'_> {
    /// A failure of the connector.
    pub fn fails<T>(&self, what: impl std::fmt::Display) -> Result<T, Finding> {
        let what = format!("{} at {}: {what}", self.misfortune.name, self.place.name);
        Err(self.rig.failure(what, Vec::new()))
    }

    /// Requests of the call from the one that met the misfortune on.
    pub fn after(&self) -> &[Logged] {
        self.requests.get(usize::try_from(self.place.offset).unwrap_or_default()..).unwrap_or_default()
    }

    /// Expects that nothing was asked twice: repeating belongs to the host.
    pub fn expect_no_retry(&self) -> Result<(), Finding> {
        let mut times: BTreeMap<&Url, u32> = BTreeMap::new();
        for request in self.requests {
            *times.entry(&request.url).or_default() += 1;
        }
        match times.into_iter().find(|(_, times)| *times > 1) {
            Some((url, times)) => self.fails(format!(
                "one call asked for {} {times} times; a connector asks once and returns a typed error, the host repeats the call",
                url.path()
            )),
            None => Ok(()),
        }
    }
}

/// How many calls met a misfortune.
pub(super) struct Tally {
    /// Calls.
    pub calls: usize,
    /// Those that gave a page, and lost nothing by it.
    pub accepted: usize,
}

/// Lets every call at one of the places meet each misfortune that `of` has for it, then be made well; in the end all
/// must have been read that the survey read.
pub(super) async fn provoke(
    subject: &Subject,
    of: impl Fn(&Rig, &Place) -> Vec<Misfortune>,
    judge: impl Fn(&Met<'_>) -> Result<Judged, Finding>,
) -> Result<Tally, Finding> {
    let survey = survey(subject).await?;
    let mut stage = Stage::new(subject)?;
    let mut tally = Tally { calls: 0, accepted: 0 };
    for place in &survey.places {
        reach(&mut stage, place).await?;
        let well = stage.call().await.and_then(|(called, _)| called.result.ok());
        for misfortune in of(&stage.rig, place) {
            stage.rig.setting = format!("{} at {}, pages of {PAGE}", misfortune.name, place.name);
            let (called, requests) = meet(&stage, place, &misfortune).await?;
            let (rig, told) = (&stage.rig, told(&called));
            let met = Met { rig, place, misfortune: &misfortune, called: &called, told, requests: &requests };
            let judged = judge(&met)?;
            tally.calls += 1;
            if matches!(judged, Judged::Accepted) {
                tally.accepted += 1;
                // The same page and the same state as without it: nothing can have been lost.
                if called.result.as_ref().ok() != well.as_ref() {
                    accepted(subject, place, &misfortune, &survey.ledger).await?;
                }
            }
        }
        stage.rig.setting = format!("after misfortunes at {}, pages of {PAGE}", place.name);
    }
    conclude(&mut stage, &survey.ledger, "when the provider was well again").await?;
    Ok(tally)
}

/// Goes on to the call of a place.
async fn reach(stage: &mut Stage, place: &Place) -> Result<(), Finding> {
    while stage.calls < place.call {
        match stage.step().await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                return Err(stage
                    .rig
                    .failure(format!("a call failed at a provider that is well again: {error}"), Vec::new()));
            }
        }
    }
    Ok(())
}

/// Makes the call of a place with a misfortune.
async fn meet(
    stage: &Stage,
    place: &Place,
    misfortune: &Misfortune,
) -> Result<(Called<Fetched<Page>>, Vec<Logged>), Finding> {
    let number = stage.rig.sim.requests() + 1 + place.offset;
    let on = if misfortune.lasting { On::since(number) } else { On::request(number) };
    stage.rig.sim.inject(on, misfortune.fault.clone());
    let called = stage.call().await;
    stage.rig.sim.calm();
    called.ok_or_else(|| Finding::Inconclusive("the same poll took another way: see N1".into()))
}

/// A poll of its own, in which the page that came of a misfortune is committed.
async fn accepted(subject: &Subject, place: &Place, misfortune: &Misfortune, whole: &Ledger) -> Result<(), Finding> {
    let mut stage = Stage::new(subject)?;
    reach(&mut stage, place).await?;
    stage.rig.setting = format!("{} at {}, pages of {PAGE}", misfortune.name, place.name);
    let (called, _) = meet(&stage, place, misfortune).await?;
    match called.result {
        Ok(fetched) => stage.commit(&fetched),
        Err(_) => return Err(Finding::Inconclusive("the same call ended in another way: see N1".into())),
    }
    conclude(&mut stage, whole, &format!("{} at {} was taken for an answer, and", misfortune.name, place.name)).await
}

/// Ends the poll, and expects that all was read.
async fn conclude(stage: &mut Stage, whole: &Ledger, when: &str) -> Result<(), Finding> {
    if let Err(error) = stage.finish().await {
        return Err(stage.rig.failure(format!("{when} the poll did not come to its end: {error}"), Vec::new()));
    }
    let differences = lost(whole, &stage.rig.ledger);
    match differences.first() {
        None => Ok(()),
        Some(first) => {
            let what = format!("{when} {} of its records are lost: {first}", differences.len());
            Err(stage.rig.failure(what, differences.into_iter().take(SHOWN).collect()))
        }
    }
}

/// What a ledger lacks of the whole, or has in other bytes.
fn lost(whole: &Ledger, ledger: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    for (reference, payment) in &whole.payments {
        match ledger.payments.get(reference) {
            None => found.push(format!("payment {reference} is missing")),
            Some(other) if other.raw != payment.raw => found.push(format!("payment {reference} has other bytes")),
            Some(_) if ledger.withdrawn.contains(reference) && !whole.withdrawn.contains(reference) => {
                found.push(format!("payment {reference} was withdrawn"));
            }
            Some(_) => {}
        }
    }
    let kinds = [
        ("account", &whole.accounts, &ledger.accounts),
        ("external account", &whole.external_accounts, &ledger.external_accounts),
    ];
    for (kind, whole, ledger) in kinds {
        for (reference, account) in whole {
            match ledger.get(reference) {
                None => found.push(format!("{kind} {reference} is missing")),
                Some(other) if other.raw != account.raw => found.push(format!("{kind} {reference} has other bytes")),
                Some(_) => {}
            }
        }
    }
    for key in whole.others.keys().filter(|key| !ledger.others.contains_key(*key)) {
        found.push(format!("the record {} is missing", key.1));
    }
    for key in whole.balances.keys().filter(|key| !ledger.balances.contains_key(*key)) {
        found.push(format!("the {} balance of {} is missing", key.1, key.0));
    }
    found
}
