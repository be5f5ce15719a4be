//! A host that has polled once, a bank with news, and one request of the poll that finds them which is answered wrongly for
//! ever: what must come all the same, what must be told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

use crate::check::Finding;
use crate::checks::stock::settled;
use crate::moment::Moment;
use crate::rig::{Fault as Lack, Poll, Rig, StreamPoll};
use crate::subject::Subject;
use crate::walk::premise;
use model::{Capability, PaymentStatus};
use outside::clock::Clock as _;
use outside::transport::Request;
use sim::{Asked, Bank, Broken, Change, Fault, Logged, On, Truth};

/// Polls within which a host must have what does not depend on the request, and everything when it is well again.
const POLLS: u32 = 3;
/// Longer than a task may want between two polls of a list that hardly changes.
const DAY: Duration = Duration::from_hours(25);
/// How far a change may lie before what lists have shown, so that only a look at the payment finds it.
const LONG_AGO: TimeDelta = TimeDelta::days(20);

/// What becomes of a payment that has been open for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is settled.
    Settles,
    /// As that, and the provider dates it back.
    SettledLongAgo,
    /// It is refused, and the provider dates it back.
    FailedLongAgo,
    /// Another amount, dated back.
    EditedLongAgo,
    /// The provider no longer has it.
    Vanishes,
    /// Nothing.
    Stays,
}

/// A payment that has been open for long.
#[derive(Debug, Clone)]
pub(super) struct Open {
    /// It.
    pub reference: String,
    /// What becomes of it.
    pub fate: Fate,
}

impl Open {
    /// Lets it happen. A fate that the bank does not have is none.
    pub fn happens(&self, bank: &mut dyn Bank, now: DateTime<Utc>) {
        let (settled, long_ago) = (settled(bank), now - LONG_AGO);
        let change = |bank: &mut dyn Bank, at, change: &Change| _ = bank.change(&self.reference, at, change);
        match self.fate {
            Fate::Settles => change(bank, now - TimeDelta::minutes(8), &Change::Status(settled)),
            Fate::SettledLongAgo => change(bank, long_ago, &Change::Status(settled)),
            Fate::FailedLongAgo if bank.statuses().contains(&PaymentStatus::Failed) => {
                change(bank, long_ago, &Change::Status(PaymentStatus::Failed));
            }
            Fate::EditedLongAgo => change(bank, long_ago, &Change::Minor(4_712)),
            Fate::Vanishes => _ = bank.remove(&self.reference),
            Fate::FailedLongAgo | Fate::Stays => {}
        }
    }
}

/// A bank, and its news.
pub(super) struct Scene {
    /// What there is at the first poll; gives the payments that have been open for long.
    pub stock: fn(&mut dyn Bank) -> Vec<Open>,
    /// What is new at the next one, besides what becomes of these.
    pub news: fn(&mut dyn Bank, DateTime<Utc>),
}

/// A first poll that went well, and the requests of the poll that then finds the news.
pub(super) struct Course<'s> {
    subject: &'s Subject,
    scene: &'s Scene,
    after: Moment,
    /// The requests, each once.
    pub requests: Vec<Asking>,
}

impl<'s> Course<'s> {
    /// Polls twice at a bank that is well.
    ///
    /// # Errors
    /// Inconclusive: that does not go well.
    pub async fn new(subject: &'s Subject, scene: &'s Scene) -> Result<Self, Finding> {
        let mut first = Trial::new(subject, scene)?;
        let poll = first.rig.poll().await;
        premise(first.rig.expect_well(poll))?;
        let mut course = Self { subject, scene, after: first.rig.moment(), requests: Vec::new() };
        course.requests = course.trial()?.requests().await?;
        Ok(course)
    }

    /// A host before the poll that finds the news.
    pub fn trial(&self) -> Result<Trial, Finding> {
        let mut trial = Trial::new(self.subject, self.scene)?;
        trial.rig = trial.rig.at(&self.after);
        trial.rig.clock.advance(trial.rig.install.polling_period);
        let now = trial.rig.clock.now();
        trial.rig.sim.with(|bank| {
            (self.scene.news)(&mut **bank, now);
            trial.open.iter().for_each(|open| open.happens(&mut **bank, now));
        });
        Ok(trial)
    }

    /// A host before that poll, of which one request is answered wrongly for ever.
    pub fn failing(&self, asking: &Asking, wrong: &Wrong) -> Result<Trial, Finding> {
        let mut trial = self.trial()?;
        let Request { method, url, .. } = &asking.request;
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        trial.rig.setting = format!("{method} {}{query} gets {}, for ever", url.path(), wrong.name);
        let failing = asking.request.clone();
        trial.rig.sim.inject(On::matching(move |other| is_again(&failing, other)), wrong.fault.clone());
        Ok(trial)
    }

    /// One request is answered wrongly for ever, and then well.
    ///
    /// # Errors
    /// Fail: something is lost by it, or held up, or not told.
    pub async fn runs(&self, asking: &Asking, wrong: &Wrong) -> Result<(), Finding> {
        let mut trial = self.failing(asking, wrong)?;
        trial.one_fails(asking, wrong).await?;
        trial.rig.sim.calm();
        trial.rig.clock.advance(DAY);
        trial.all_comes("when the request is answered well again").await
    }
}

/// A host and a bank.
pub(super) struct Trial {
    /// They.
    pub rig: Rig,
    /// The payments that have been open for long.
    pub open: Vec<Open>,
}

impl Trial {
    fn new(subject: &Subject, scene: &Scene) -> Result<Self, Finding> {
        let mut open = Vec::new();
        let rig = Rig::new(subject, |bank| open = (scene.stock)(bank))?;
        Ok(Self { rig, open })
    }

    /// The payments that the provider no longer has.
    fn vanished(&self) -> impl Iterator<Item = &String> {
        self.open.iter().filter(|open| open.fate == Fate::Vanishes).map(|open| &open.reference)
    }

    /// What the host lacks of what the bank has, but for what depends on a request.
    fn lacks(&self, but_for: &BTreeSet<(Asked, String)>) -> Vec<String> {
        let ledger = &self.rig.ledger;
        let truth = without(self.rig.sim.with(|bank| bank.truth()), but_for);
        let mut lacking = ledger.payment_differences(&truth, false);
        lacking.extend(ledger.account_differences(&truth));
        let known = self.vanished().filter(|gone| ledger.payments.contains_key(*gone));
        let kept = known.filter(|gone| !ledger.withdrawn.contains(*gone));
        let kept = kept.filter(|gone| !but_for.contains(&(Asked::Payments, (*gone).clone())));
        lacking.extend(kept.map(|gone| format!("payment {gone} is gone at the provider, and not in `withdrawn`")));
        lacking
    }

    /// Polls at a provider that is well until everything has come.
    async fn all_comes(&mut self, when: &str) -> Result<(), Finding> {
        let mut ended = Ok(());
        for _ in 0..POLLS {
            let poll = self.rig.poll().await;
            let lacking = self.lacks(&BTreeSet::new());
            ended = self.rig.expect_well(poll).and_then(|_| match lacking.first() {
                None => Ok(()),
                Some(first) => Err(self.rig.failure(format!("{when}, {first}"), lacking)),
            });
            if ended.is_ok() {
                break;
            }
            self.rig.clock.advance(self.rig.install.polling_period);
        }
        ended
    }

    /// The requests of the poll that finds the news.
    async fn requests(mut self) -> Result<Vec<Asking>, Finding> {
        let poll = self.rig.poll().await;
        let poll = premise(self.rig.expect_well(poll))?;
        if let Some(first) = self.lacks(&BTreeSet::new()).first() {
            return Err(Finding::Inconclusive(format!("not even a provider that is well is read whole: {first}")));
        }
        let mut requests: Vec<Asking> = Vec::new();
        let streams =
            poll.streams.iter().zip(0..).flat_map(|(stream, number)| (0..stream.requests).map(move |_| number));
        for (one, stream) in self.rig.sim.take_log().into_iter().zip(streams) {
            // What the bank refuses to give in any case is told already.
            if one.status == Some(StatusCode::FORBIDDEN) {
                continue;
            }
            let succeeds = one.status.is_some_and(|status| status.is_success());
            let request = Request { method: one.method, url: one.url, headers: one.headers, body: Bytes::new() };
            if requests.iter().any(|known| is_again(&known.request, &request)) {
                continue;
            }
            let (asked, list) = self.rig.sim.with(|bank| (bank.asked(&request), bank.dependents(&request)));
            let goes_on = !list.is_empty() && requests.iter().any(|known| known.list == list);
            requests.push(Asking { request, asked, list, goes_on, succeeds, stream, of_stream: BTreeSet::new() });
        }
        let of_streams = requests.iter().fold(BTreeMap::new(), |mut all: BTreeMap<i32, BTreeSet<_>>, asking| {
            all.entry(asking.stream).or_default().extend(asking.list.iter().cloned());
            all
        });
        for asking in &mut requests {
            asking.of_stream = of_streams.get(&asking.stream).cloned().unwrap_or_default();
        }
        Ok(requests)
    }

    /// Polls while a request is answered wrongly each time.
    async fn one_fails(&mut self, asking: &Asking, wrong: &Wrong) -> Result<(), Finding> {
        let Asking { request, asked, .. } = asking;
        let mut lacking = Vec::new();
        for _ in 0..POLLS {
            let _ = self.rig.sim.take_log();
            let poll = self.rig.poll().await;
            if let Some((stream, fault)) =
                poll.streams.iter().find_map(|one| Some((one, one.fault.as_ref().filter(|fault| !fault.is_typed())?)))
            {
                return Err(self.rig.failure(format!("the stream {} ended: {fault}", stream.key), Vec::new()));
            }
            let log = self.rig.sim.take_log();
            let met = met(&poll, &log);
            // Who does not ask again has nothing left that depends on the answer.
            let mut excused = BTreeSet::new();
            if !met.is_empty() {
                excused = self.rig.sim.with(|bank| bank.dependents(request));
            }
            if met.iter().any(|stream| ends_payments(stream)) {
                excused.extend(self.vanished().map(|gone| (Asked::Payments, gone.clone())));
            }
            let all = self.lacks(&BTreeSet::new());
            let silent = met.iter().find(|_| !met.iter().any(|stream| stream.tells()));
            if let Some((stream, first)) = silent.zip(all.first()) {
                let what = format!("the stream {} says of nothing that it was not read, and {first}", stream.key);
                return Err(self.rig.failure(what, all));
            }
            let one = *asked == Asked::Other && excused.len() == 1;
            let taken = excused.iter().find(|(_, reference)| self.rig.ledger.withdrawn.contains(reference));
            if let Some((_, gone)) = taken.filter(|_| one) {
                let what = format!("nothing was heard of the payment {gone}, and it was taken for gone");
                return Err(self.rig.failure(what, all));
            }
            if wrong.ends_the_call && !met.is_empty() {
                excused.extend(asking.of_stream.iter().cloned());
            }
            lacking = self.lacks(&excused);
            if lacking.is_empty() {
                return Ok(());
            }
            self.rig.clock.advance(self.rig.install.polling_period);
        }
        let first = lacking.first().cloned().unwrap_or_default();
        let what = format!("after {POLLS} polls {first}; that does not depend on the request that fails");
        Err(self.rig.failure(what, lacking))
    }
}

/// The streams of a poll of which a request met the fault, by its log.
fn met<'p>(poll: &'p Poll, log: &[Logged]) -> Vec<&'p StreamPoll> {
    let mut log = log.iter();
    let mut asks_in_vain = |stream: &&StreamPoll| {
        let requests = usize::try_from(stream.requests).unwrap_or(usize::MAX);
        log.by_ref().take(requests).filter(|one| !one.faults.is_empty()).count() > 0
    };
    poll.streams.iter().filter(|stream| asks_in_vain(stream)).collect()
}

/// Whether a stream of payments ended with an error: a host asks for what is open after a poll that came to its end.
fn ends_payments(stream: &StreamPoll) -> bool {
    stream.capability == Capability::FetchPayments && matches!(stream.fault, Some(Lack::Call(_)))
}

/// The truth, but for what depends on a request.
fn without(mut truth: Truth, but_for: &BTreeSet<(Asked, String)>) -> Truth {
    let stays = |kind, reference: &String| !but_for.contains(&(kind, reference.clone()));
    truth.accounts.retain(|reference, _| stays(Asked::Accounts, reference));
    truth.external_accounts.retain(|reference, _| stays(Asked::ExternalAccounts, reference));
    truth.balances.retain(|(account, _, _), _| stays(Asked::Balances, account));
    truth.others.retain(|reference, _| stays(Asked::Others, reference));
    truth.payments.retain(|reference, _| stays(Asked::Payments, reference));
    truth
}

/// A request of the poll that finds the news.
pub(super) struct Asking {
    request: Request,
    /// What it asks for.
    pub asked: Asked,
    /// What depends on it.
    pub list: BTreeSet<(Asked, String)>,
    /// It reads more of a list of which a request before it has read a part.
    pub goes_on: bool,
    /// The good answer has something to read: it does not say that there is nothing.
    succeeds: bool,
    /// The number of its stream in the poll.
    stream: i32,
    /// What depends on any request of that stream.
    of_stream: BTreeSet<(Asked, String)>,
}

fn is_again(one: &Request, other: &Request) -> bool {
    one.method == other.method && one.url == other.url
}

/// A body that breaks off, and does not say so.
const HALF: &str = "half of the answer, as if it were all";

/// A way to be wrong.
pub(super) struct Wrong {
    /// In few words.
    pub name: String,
    fault: Fault,
    /// On the way through a list it may be taken for the end.
    pub like_an_end: bool,
    /// After it a call makes no further request: what else its stream reads may wait as well.
    ends_the_call: bool,
}

/// All ways.
pub(super) fn wrongs(bank: &dyn Bank) -> Vec<Wrong> {
    let wrong =
        |name: &str, fault, like_an_end| Wrong { name: name.to_owned(), fault, like_an_end, ends_the_call: false };
    let refusal = |status: u16, like_an_end| {
        let answer = bank.refusal(status).response;
        wrong(&format!("a {status}"), Fault::Answer(answer), like_an_end)
    };
    let null = Fault::status(200).header("content-type", "application/json").body("null");
    vec![
        refusal(400, false),
        Wrong { ends_the_call: true, ..refusal(401, false) },
        refusal(403, false),
        refusal(404, true),
        refusal(422, true),
        Wrong { ends_the_call: true, ..refusal(429, false) },
        refusal(500, false),
        wrong("a page of HTML with status 200", Fault::html(), false),
        wrong(HALF, Fault::change_body(|body| body.slice(..body.len() / 2)), false),
        wrong("the body `null`", null, false),
        wrong("a connection that breaks", Fault::Break(Broken::Reset), false),
        wrong("an answer that never comes", Fault::Break(Broken::Stalled), false),
    ]
}

impl Wrong {
    /// Whether this is no answer to what is asked. That one record is not there is one, and a good one, with half of its
    /// words as well.
    pub fn fits(&self, asking: &Asking) -> bool {
        (asking.asked != Asked::Other || self.name != "a 404") && (asking.succeeds || self.name != HALF)
    }
}
