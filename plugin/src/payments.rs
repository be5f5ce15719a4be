//! The payments of one account: a walk over each status, one page of each in a call.

use crate::api::{self, Api, Ask, List};
use crate::balances::parent_of;
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{FetchRequest, PaymentsPage};
use crate::contract::payments::connector::types::Error;
use crate::errors::{self, DATE_INVALID, SEARCH_LIMIT, gap};
use crate::host::{Host, Level};
use crate::lane::{Asked, Lane};
use crate::payments_state::{PENDING, Poll, Progress, STATUSES, State, WINDOWS};
use crate::seen::fingerprint;
use crate::time;
use crate::transactions::Entry;
use crate::walk::{Page, Step, Stuck, UNKNOWN_TOTAL, Walk};

/// The list of transactions, and below it each of them.
pub const PATH: &str = "/v2/transactions";

/// Asks for the names of a transaction's labels, which else would be one more list to read. So does whatever asks for one: its
/// bytes are the same then.
#[must_use]
pub fn labels() -> (&'static str, String) {
    ("includes[]", "labels".to_owned())
}

/// The next page of the payments of the parent.
///
/// # Errors
/// `invalid-config`, `invalid-parent`, `invalid-state`, or what Qonto answered when no status could be read.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest) -> Result<PaymentsPage, Error> {
    let stored = host.state();
    let mut api = Api::of(host, request)?;
    let size = check_page_size(request.page_size)?;
    let (parent, _) = parent_of(request)?;
    let mut state = State::read(stored.as_deref())?;
    let poll = state.poll.take();
    if poll.is_none() {
        state.begin_poll();
    }
    let mut call = Call {
        api: &mut api,
        state,
        is_running: poll.is_some(),
        poll: poll.unwrap_or_default(),
        came: Came::default(),
        lanes: Default::default(),
        account: &parent.reference,
        size,
        page: empty_page(),
        now: time::millis(request.observed_at),
    };
    call.state.poll = call.go_on()?;
    let Call { state, mut page, .. } = call;
    page.has_more = state.poll.is_some();
    api.client.host.set_state(state.write()?);
    Ok(page)
}

/// Maps one page of transactions, without any state.
///
/// # Errors
/// `malformed-response` when it is no such page.
pub fn map_page(body: &[u8], account: &str) -> Result<PaymentsPage, Error> {
    let body = std::str::from_utf8(body).map_err(|_| errors::malformed(PATH, "the answer is not UTF-8"))?;
    let list = api::list(PATH, body, &["transactions"], 1)?;
    let mut page = empty_page();
    page.has_more = list.meta.is_some_and(|meta| meta.has_next);
    for row in list.rows {
        emit(&mut page, Entry::read(row, account));
    }
    Ok(page)
}

/// A page with nothing on it.
#[must_use]
pub fn empty_page() -> PaymentsPage {
    PaymentsPage { items: vec![], withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false }
}

/// Puts an entry where it belongs.
pub fn emit(page: &mut PaymentsPage, entry: Entry) {
    match entry.outcome {
        Ok(payment) => page.items.push(payment),
        Err(rejected) => page.rejected.push(rejected),
    }
}

/// One call: a page of each walk that is open, and where that leads.
struct Call<'c, 'a, H> {
    api: &'c mut Api<'a, H>,
    state: State,
    poll: Poll,
    /// The poll began in a call before.
    is_running: bool,
    came: Came,
    lanes: [Lane; 3],
    account: &'c str,
    size: u32,
    page: PaymentsPage,
    now: i64,
}

/// What came in a call.
#[derive(Default)]
struct Came {
    /// Some walk could be read.
    is_read: bool,
    failure: Option<Error>,
    /// Qonto, or the host, wants no further request now.
    limit: Option<Error>,
}

impl<H: Host> Call<'_, '_, H> {
    /// Reads on; gives what is left of the poll, or nothing when it is over.
    fn go_on(&mut self) -> Result<Option<Poll>, Error> {
        while self.came.limit.is_none() {
            let batch = self.next_batch();
            if batch.is_empty() {
                break;
            }
            let asks: Vec<Ask> = batch.iter().map(|asked| self.ask(asked)).collect();
            let mut answers = self.api.get_all(&asks).into_iter();
            for asked in batch {
                match answers.next() {
                    Some(answer) => self.take(asked, answer)?,
                    None => self.keep(asked.status, asked.before),
                }
            }
            (0..STATUSES.len()).for_each(|status| self.end_of_lane(status));
        }
        self.keep_walks();
        let Came { is_read, failure, limit, .. } = std::mem::take(&mut self.came);
        match limit.or(failure.filter(|_| !self.is_running)) {
            Some(error) if !is_read => Err(error),
            // What was read in this call or before must not wait for what cannot be read.
            _ => Ok(self.what_is_left()),
        }
    }

    /// The walks to ask next, each once a call: the pending ones go first, so that a payment that settles while they are
    /// read is met in a list that is read after them. As long as nothing could be read in this poll, one at a time.
    fn next_batch(&mut self) -> Vec<Asked> {
        let end = if self.poll.lanes[PENDING] == Progress::Open { PENDING + 1 } else { STATUSES.len() };
        let most = if self.came.is_read || self.is_running { WINDOWS } else { 1 };
        let mut batch = Vec::new();
        for (status, lane) in self.lanes.iter_mut().enumerate().take(end) {
            if self.poll.is_open(status) {
                if !lane.is_begun() {
                    lane.begin(self.state.take_walks(status, &self.poll, self.size, self.now));
                }
                batch.extend(lane.next(status, most.saturating_sub(batch.len())));
            }
        }
        batch
    }

    /// Takes in what a walk was answered.
    fn take(&mut self, asked: Asked, answer: Result<String, Error>) -> Result<(), Error> {
        let Asked { status, before, walk, is_alone } = asked;
        match self.walk(status, walk, is_alone, answer) {
            Ok(()) => {
                self.came.is_read = true;
                Ok(())
            }
            // It goes on in the next call: to begin the list anew would make more requests still.
            Err(error) if errors::ends_the_call(&error) => {
                self.tell(missing(status), error.clone());
                self.came.limit.get_or_insert(error);
                self.keep(status, before);
                Ok(())
            }
            Err(error) => self.fail(status, before, is_alone, error),
        }
    }

    /// Goes on where that can be done without what failed, and else gives it up until the next poll: the window, or the lane
    /// where it has no other or where nothing could be read yet.
    fn fail(&mut self, status: usize, walk: Walk, is_alone: bool, error: Error) -> Result<(), Error> {
        self.poll.found = true;
        let refused = |error: &Error| matches!(error, Error::Unauthorized(_));
        let mut behind = walk.clone();
        let left_out = if refused(&error) { None } else { behind.leave_out() };
        if let Some(from) = left_out.filter(|from| self.state.leave_out(status, *from, &mut self.poll)) {
            if !behind.is_over() {
                self.keep(status, behind);
            }
            self.tell(missing_at(status, from), error);
            self.came.is_read = true;
            return Ok(());
        }
        if walk.is_again() && !refused(&error) {
            let from = walk.from().unwrap_or_default();
            self.state.leave_out(status, from, &mut self.poll);
            self.tell(missing_at(status, from), error);
            self.poll.lanes[status] = self.behind(status);
            self.came.is_read = true;
            return Ok(());
        }
        let has_others = !is_alone && (self.came.is_read || self.is_running);
        if !has_others {
            self.poll.lanes[status] = Progress::Failed;
        }
        // Twice in a row the key is wrong: each further refusal brings Qonto's lock-out nearer.
        if !self.came.is_read && refused(&error) && self.came.failure.as_ref().is_some_and(refused) {
            return Err(error);
        }
        self.tell(missing(status), error.clone());
        // A page that is refused may not be there any more.
        let walk = if errors::status(&error) == Some(422) { walk.from_first_page() } else { walk };
        self.came.failure.get_or_insert(error);
        self.keep(status, if has_others { walk.failed() } else { walk });
        Ok(())
    }

    /// Tells what is missing, once a call.
    fn tell(&mut self, what: String, error: Error) {
        if self.page.gaps.iter().all(|gap| gap.what != what) {
            self.page.gaps.push(gap(what, error));
        }
    }

    /// A walk that could not go on stays where it was.
    fn keep(&mut self, status: usize, walk: Walk) {
        self.lanes[status].keep(walk, None);
    }

    /// Where no walk of a lane is open any more, what was left out of it before is next; where each that is failed in this
    /// poll, the lane has.
    fn end_of_lane(&mut self, status: usize) {
        let lane = &self.lanes[status];
        if self.poll.lanes[status] != Progress::Open || !lane.is_begun() || lane.goes_on() {
            return;
        }
        self.poll.lanes[status] = if lane.is_over() { Progress::Again } else { Progress::Failed };
        self.poll.lanes[status] = self.behind(status);
    }

    /// Keeps the walks for the next call, the long ones cut into windows.
    fn keep_walks(&mut self) {
        for status in 0..STATUSES.len() {
            // Also of one that nothing could be asked of.
            self.end_of_lane(status);
            let mut lane = std::mem::take(&mut self.lanes[status]);
            if !lane.is_begun() {
                continue;
            }
            if self.poll.lanes[status] == Progress::Open {
                let others: usize = self.lanes.iter().map(Lane::open).sum();
                lane.split(WINDOWS.saturating_sub(others + lane.open()), self.now);
            }
            let mut walks = lane.end();
            walks.retain(|walk| *walk != Walk::new(None, self.size));
            self.state.keep_walks(status, walks);
            self.state.trim(status, self.now);
        }
    }

    fn what_is_left(&mut self) -> Option<Poll> {
        let poll = std::mem::take(&mut self.poll);
        if (0..STATUSES.len()).any(|status| poll.is_open(status)) {
            return Some(poll);
        }
        // Each poll reads the newest row again, wherever it is filed by now. Where no list has any, it was deleted, or
        // the state is not of this account or time: from there on, nothing would ever be new.
        if !poll.found && self.state.forget() {
            self.api
                .client
                .host
                .log(Level::Warn, "Qonto has no row as new as the newest one read; everything is read again");
            return Some(Poll { found: true, ..Poll::default() });
        }
        None
    }

    /// A step of a walk over one status.
    fn walk(
        &mut self,
        status: usize,
        mut walk: Walk,
        is_alone: bool,
        answer: Result<String, Error>,
    ) -> Result<(), Error> {
        let whole = walk.to_be_cut(self.now);
        let Read { entries, step, is_halved, left } = self.read(&mut walk, answer)?;
        self.poll.found |= !entries.is_empty() || step == Step::OutOfBudget;
        for entry in entries {
            if self.state.is_news(status, &entry) {
                emit(&mut self.page, entry);
            }
        }
        if step == Step::OutOfBudget {
            self.api.client.host.log(Level::Info, "a walk was cut short since rows change faster than they are read");
        }
        match step {
            Step::More => match whole.filter(|_| is_halved) {
                Some(whole) => self.lanes[status].keep_halved(walk, whole, UNKNOWN_TOTAL),
                None => self.lanes[status].keep(walk, left),
            },
            Step::Done | Step::OutOfBudget if walk.is_again() => {
                let from = walk.from();
                match step {
                    Step::Done => self.state.made_up(status, from),
                    _ => drop(self.state.leave_out(status, from.unwrap_or_default(), &mut self.poll)),
                }
                self.poll.lanes[status] = self.behind(status);
            }
            Step::OutOfBudget if walk.has_end() => {
                let reason = "rows appear in a time of the past faster than they are read";
                self.tell(missing(status), errors::no_progress(PATH, reason));
                self.keep(status, walk.anew().failed());
            }
            Step::Done | Step::OutOfBudget if is_alone || walk.has_end() => {}
            Step::Done | Step::OutOfBudget => self.keep(status, walk.resting()),
        }
        Ok(())
    }

    /// Where a lane stands behind a walk that is over.
    fn behind(&self, status: usize) -> Progress {
        match self.poll.lanes[status] {
            Progress::Again if !self.state.has_left_out(status, &self.poll) => Progress::Done,
            progress => progress,
        }
    }

    /// The next request of a walk.
    fn ask(&self, Asked { status, walk, .. }: &Asked) -> Ask {
        let asked = walk.query();
        let mut query = vec![
            ("bank_account_id", self.account.to_owned()),
            ("status[]", STATUSES[*status].to_owned()),
            ("sort_by", "updated_at:asc".to_owned()),
            ("per_page", self.size.to_string()),
            ("page", asked.page.to_string()),
            labels(),
        ];
        query.extend(asked.from.map(|from| ("updated_at_from", time::format(from))));
        query.extend(asked.to.map(|to| ("updated_at_to", time::format(to))));
        Ask { path: PATH.to_owned(), query }
    }

    /// Takes in the answer to the request of a walk.
    fn read(&mut self, walk: &mut Walk, answer: Result<String, Error>) -> Result<Read, Error> {
        let query = walk.query();
        let body = match answer {
            Ok(body) => body,
            // A window that ends in a year to come is too wide as well, if only because the clock is wrong.
            Err(error) if errors::status(&error) == Some(422) || errors::has_code(&error, DATE_INVALID) => {
                let beyond = query.to.is_some() && errors::has_code(&error, DATE_INVALID);
                let too_wide = beyond || errors::has_code(&error, SEARCH_LIMIT);
                return match walk.refuse(too_wide, self.now) {
                    Ok(step) => Ok(Read { entries: Vec::new(), step, is_halved: too_wide, left: None }),
                    Err(Stuck::Refused(reason)) if too_wide => Err(with_reason(error, &reason)),
                    Err(_) => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        let List { rows, meta } = api::list(PATH, &body, &["transactions"], query.page)?;
        // Without it nobody knows whether there is more; a list that ends too early would be a silent loss.
        let meta = meta.ok_or_else(|| errors::malformed(PATH, "meta is missing"))?;
        let entries: Vec<Entry> = rows.into_iter().map(|row| Entry::read(row, self.account)).collect();
        let times = entries.iter().map(|entry| entry.updated).collect();
        let prints = entries.iter().map(|entry| fingerprint(entry.raw()));
        let sum = if walk.is_in_tie() { prints.fold(0, i64::wrapping_add) } else { 0 };
        let page = Page { times, has_next: meta.has_next, total: meta.total, sum };
        let step = walk.advance(&page).map_err(|stuck| match stuck {
            Stuck::NoProgress(reason) => errors::no_progress(PATH, &reason),
            Stuck::Malformed(reason) | Stuck::Refused(reason) => errors::malformed(PATH, &reason),
        })?;
        let left = meta.total.map(|total| total.saturating_sub(u64::try_from(page.times.len()).unwrap_or(u64::MAX)));
        let is_within = |entry: &Entry| entry.updated.is_none_or(|time| walk.is_within(query.from, time));
        Ok(Read { entries: entries.into_iter().filter(is_within).collect(), step, is_halved: false, left })
    }
}

/// What a lane that cannot be read leaves out.
fn missing(status: usize) -> String {
    format!("{} transactions of the account", STATUSES[status])
}

/// What is left out where the rows of one instant, behind `from`, cannot be read.
fn missing_at(status: usize, from: i64) -> String {
    format!("{} of {}", missing(status), time::format(from.saturating_add(1)))
}

/// What a request of a walk gave.
struct Read {
    entries: Vec<Entry>,
    step: Step,
    /// A search limit made the window smaller.
    is_halved: bool,
    /// How many rows are left of it.
    left: Option<u64>,
}

fn with_reason(error: Error, reason: &str) -> Error {
    match error {
        Error::UpstreamRejected(mut detail) => {
            detail.message = format!("{}: {reason}", detail.message);
            Error::UpstreamRejected(detail)
        }
        other => other,
    }
}
