//! The payments of one account: a walk over each status, one page of each in a call.

use crate::api::{self, Api, Ask, List};
use crate::balances::parent_of;
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{FetchRequest, PaymentsPage};
use crate::contract::payments::connector::types::Error;
use crate::errors::{self, DATE_INVALID, SEARCH_LIMIT, gap};
use crate::host::{Host, Level};
use crate::payments_state::{PENDING, Poll, Progress, STATUSES, State};
use crate::seen::fingerprint;
use crate::time;
use crate::transactions::Entry;
use crate::walk::{Page, Step, Stuck, Walk};

/// The list of transactions, and below it each of them.
pub const PATH: &str = "/v2/transactions";

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
    let mut call = Call {
        api: &mut api,
        state,
        is_running: poll.is_some(),
        poll: poll.unwrap_or_default(),
        came: Came::default(),
        account: &parent.reference,
        size,
        page: empty_page(),
        now: time::millis(request.observed_at),
    };
    call.state.poll = call.go_on()?;
    let Call { state, mut page, .. } = call;
    page.has_more = state.poll.is_some();
    api.host.set_state(state.write()?);
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

/// One call: a page of each status that is to be read, and where that leads.
struct Call<'c, 'a, H> {
    api: &'c mut Api<'a, H>,
    state: State,
    poll: Poll,
    /// The poll began in a call before.
    is_running: bool,
    came: Came,
    account: &'c str,
    size: u32,
    page: PaymentsPage,
    now: i64,
}

/// What came in a call.
#[derive(Default)]
struct Came {
    asked: [bool; 3],
    /// Some lane could be read.
    is_read: bool,
    failure: Option<Error>,
    /// Qonto, or the host, wants no further request now.
    limit: Option<Error>,
}

/// A lane that a request is made for.
struct Lane {
    status: usize,
    /// Where its walk stands.
    before: Walk,
    /// The same, while it is asked.
    walk: Walk,
}

impl<H: Host> Call<'_, '_, H> {
    /// Reads on; gives what is left of the poll, or nothing when it is over.
    fn go_on(&mut self) -> Result<Option<Poll>, Error> {
        while self.came.limit.is_none() {
            let mut lanes = self.next_lanes();
            if lanes.is_empty() {
                break;
            }
            let asks: Vec<Ask> = lanes.iter_mut().map(|lane| self.ask(lane)).collect();
            let mut answers = self.api.get_all(&asks).into_iter();
            for lane in lanes {
                match answers.next() {
                    Some(answer) => self.take(lane, answer)?,
                    None => self.keep(lane.status, lane.before),
                }
            }
        }
        let Came { is_read, failure, limit, .. } = std::mem::take(&mut self.came);
        match limit.or(failure.filter(|_| !self.is_running)) {
            Some(error) if !is_read => Err(error),
            // What was read in this call or before must not wait for what cannot be read.
            _ => Ok(self.what_is_left()),
        }
    }

    /// The lanes to ask next, each once a call: the pending ones go first, so that a payment that settles while they are
    /// read is met in a list that is read after them. As long as nothing could be read, one at a time.
    fn next_lanes(&mut self) -> Vec<Lane> {
        let end = if self.poll.lanes[PENDING] == Progress::Open { PENDING + 1 } else { STATUSES.len() };
        let lanes = (0..end).filter(|status| self.poll.is_open(*status) && !self.came.asked[*status]);
        let lanes: Vec<usize> = lanes.take(if self.came.is_read { STATUSES.len() } else { 1 }).collect();
        let lane = |status| {
            self.came.asked[status] = true;
            let walk = self.state.take_walk(status, &self.poll, self.size);
            Lane { status, before: walk.clone(), walk }
        };
        lanes.into_iter().map(lane).collect()
    }

    /// Takes in what a lane was answered.
    fn take(&mut self, lane: Lane, answer: Result<String, Error>) -> Result<(), Error> {
        let Lane { status, before, walk } = lane;
        match self.walk(status, walk, answer) {
            Ok(progress) => {
                self.poll.lanes[status] = progress;
                self.came.is_read = true;
                Ok(())
            }
            // It goes on in the next call: to begin the list anew would make more requests still.
            Err(error) if errors::ends_the_call(&error) => {
                self.page.gaps.push(gap(missing(status), error.clone()));
                self.came.limit.get_or_insert(error);
                self.keep(status, before);
                Ok(())
            }
            Err(error) => self.fail(status, before, error),
        }
    }

    /// Goes on where that can be done without what failed, and else gives the lane up until the next poll.
    fn fail(&mut self, status: usize, walk: Walk, error: Error) -> Result<(), Error> {
        self.poll.found = true;
        let refused = |error: &Error| matches!(error, Error::Unauthorized(_));
        let mut behind = walk.clone();
        let left_out = if refused(&error) { None } else { behind.leave_out() };
        if let Some(from) = left_out.filter(|from| self.state.leave_out(status, *from, &mut self.poll)) {
            self.state.keep_walk(status, behind);
            self.page.gaps.push(gap(missing_at(status, from), error));
            self.came.is_read = true;
            return Ok(());
        }
        if walk.is_again() && !refused(&error) {
            let from = walk.from().unwrap_or_default();
            self.state.leave_out(status, from, &mut self.poll);
            self.page.gaps.push(gap(missing_at(status, from), error));
            self.poll.lanes[status] = self.behind(status);
            self.came.is_read = true;
            return Ok(());
        }
        self.poll.lanes[status] = Progress::Failed;
        // Twice in a row the key is wrong: each further refusal brings Qonto's lock-out nearer.
        if !self.came.is_read && refused(&error) && self.came.failure.as_ref().is_some_and(refused) {
            return Err(error);
        }
        self.page.gaps.push(gap(missing(status), error.clone()));
        // A page that is refused may not be there any more.
        let walk = if errors::status(&error) == Some(422) { walk.from_first_page() } else { walk };
        self.came.failure.get_or_insert(error);
        self.keep(status, walk);
        Ok(())
    }

    /// A walk that could not go on stays where it was.
    fn keep(&mut self, status: usize, walk: Walk) {
        if walk != Walk::new(None, self.size) {
            self.state.keep_walk(status, walk);
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
            self.api.host.log(Level::Warn, "Qonto has no row as new as the newest one read; everything is read again");
            return Some(Poll { found: true, ..Poll::default() });
        }
        None
    }

    /// A step of the walk over one status.
    fn walk(&mut self, status: usize, mut walk: Walk, answer: Result<String, Error>) -> Result<Progress, Error> {
        let step = match self.read(&mut walk, answer)? {
            Read::Refused(step) => step,
            Read::Page { entries, step } => {
                self.poll.found |= !entries.is_empty() || step == Step::OutOfBudget;
                for entry in entries {
                    if self.state.is_news(status, &entry) {
                        emit(&mut self.page, entry);
                    }
                }
                self.state.trim(status);
                step
            }
        };
        if step == Step::OutOfBudget {
            self.api.host.log(Level::Info, "a walk was cut short since rows change faster than they are read");
        }
        match step {
            Step::More => {
                self.state.keep_walk(status, walk);
                return Ok(self.poll.lanes[status]);
            }
            Step::Done if walk.is_again() => self.state.made_up(status, walk.from()),
            Step::OutOfBudget if walk.is_again() => {
                self.state.leave_out(status, walk.from().unwrap_or_default(), &mut self.poll);
            }
            Step::Done | Step::OutOfBudget => self.poll.lanes[status] = Progress::Again,
        }
        Ok(self.behind(status))
    }

    /// Where a lane stands behind a walk that is over.
    fn behind(&self, status: usize) -> Progress {
        match self.poll.lanes[status] {
            Progress::Again if !self.state.has_left_out(status, &self.poll) => Progress::Done,
            progress => progress,
        }
    }

    /// The next request of a walk.
    fn ask(&self, lane: &mut Lane) -> Ask {
        let asked = lane.walk.query(self.size);
        let mut query = vec![
            ("bank_account_id", self.account.to_owned()),
            ("status[]", STATUSES[lane.status].to_owned()),
            ("sort_by", "updated_at:asc".to_owned()),
            ("per_page", self.size.to_string()),
            ("page", asked.page.to_string()),
        ];
        query.extend(asked.from.map(|from| ("updated_at_from", time::format(from))));
        query.extend(asked.to.map(|to| ("updated_at_to", time::format(to))));
        Ask { path: PATH.to_owned(), query }
    }

    /// Takes in the answer to the request of a walk.
    fn read(&mut self, walk: &mut Walk, answer: Result<String, Error>) -> Result<Read, Error> {
        let query = walk.query(self.size);
        let body = match answer {
            Ok(body) => body,
            // A window that ends in a year to come is too wide as well, if only because the clock is wrong.
            Err(error) if errors::status(&error) == Some(422) || errors::has_code(&error, DATE_INVALID) => {
                let beyond = query.to.is_some() && errors::has_code(&error, DATE_INVALID);
                let too_wide = beyond || errors::has_code(&error, SEARCH_LIMIT);
                return match walk.refuse(too_wide, self.now) {
                    Ok(step) => Ok(Read::Refused(step)),
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
        Ok(Read::Page { entries, step })
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
enum Read {
    Page { entries: Vec<Entry>, step: Step },
    Refused(Step),
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
