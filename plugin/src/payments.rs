//! The payments of one account: a walk over each status, one page in each call.

use crate::api::{self, Api, List};
use crate::balances::parent_of;
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{FetchRequest, PaymentsPage};
use crate::contract::payments::connector::types::Error;
use crate::errors::{self, DATE_INVALID, SEARCH_LIMIT, gap};
use crate::host::{Host, Level};
use crate::payments_state::{Poll, Progress, STATUSES, State};
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
    let mut api = Api::new(host, &request.config, Some(request.observed_at))?;
    let size = check_page_size(request.page_size)?;
    let (parent, _) = parent_of(request)?;
    let mut state = State::read(stored.as_deref())?;
    let poll = state.poll.take().unwrap_or_default();
    let mut call = Call {
        api: &mut api,
        state,
        account: &parent.reference,
        size,
        page: empty_page(),
        now: time::millis(request.observed_at),
    };
    call.state.poll = call.go_on(poll)?;
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
    for raw in list.rows {
        emit(&mut page, Entry::read(raw, account));
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

/// One call: a page of the first status that can be read, and where that leads.
struct Call<'c, 'a, H> {
    api: &'c mut Api<'a, H>,
    state: State,
    account: &'c str,
    size: u32,
    page: PaymentsPage,
    now: i64,
}

impl<H: Host> Call<'_, '_, H> {
    /// Reads on; gives what is left of the poll, or nothing when it is over.
    fn go_on(&mut self, mut poll: Poll) -> Result<Option<Poll>, Error> {
        let mut failure = None;
        for (status, word) in STATUSES.iter().enumerate() {
            if poll.lanes[status] != Progress::Open {
                continue;
            }
            match self.walk(status, &mut poll.found) {
                Ok(progress) => {
                    poll.lanes[status] = progress;
                    return Ok(self.what_is_left(poll));
                }
                Err(error) if errors::ends_the_call(&error) => return Err(error),
                Err(error) => {
                    poll.lanes[status] = Progress::Failed;
                    poll.found = true;
                    // Twice in a row the key is wrong: each further refusal brings Qonto's lock-out nearer.
                    let refused = |error: &Error| matches!(error, Error::Unauthorized(_));
                    if refused(&error) && failure.as_ref().is_some_and(refused) {
                        return Err(error);
                    }
                    self.page.gaps.push(gap(format!("{word} transactions of the account"), error.clone()));
                    failure.get_or_insert(error);
                }
            }
        }
        // What was read to its end before must not wait for what cannot be read.
        match failure {
            Some(error) if !poll.lanes.contains(&Progress::Done) => Err(error),
            _ => Ok(None),
        }
    }

    fn what_is_left(&mut self, poll: Poll) -> Option<Poll> {
        if poll.lanes.contains(&Progress::Open) {
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

    /// A step of the walk over one status. A walk that could not go on stays where it was.
    fn walk(&mut self, status: usize, found: &mut bool) -> Result<Progress, Error> {
        let mut walk = self.state.take_walk(status, self.size);
        let before = walk.clone();
        let step = match self.read(STATUSES[status], &mut walk) {
            Err(error) => {
                if before != Walk::new(None, self.size) {
                    self.state.keep_walk(status, before);
                }
                return Err(error);
            }
            Ok(Read::Refused(step)) => step,
            Ok(Read::Page { entries, step }) => {
                *found |= !entries.is_empty() || step == Step::OutOfBudget;
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
        if step == Step::More {
            self.state.keep_walk(status, walk);
            return Ok(Progress::Open);
        }
        Ok(Progress::Done)
    }

    /// One request of a walk.
    fn read(&mut self, status: &str, walk: &mut Walk) -> Result<Read, Error> {
        let query = walk.query(self.size);
        let mut pairs = vec![
            ("bank_account_id", self.account.to_owned()),
            ("status[]", status.to_owned()),
            ("sort_by", "updated_at:asc".to_owned()),
            ("per_page", self.size.to_string()),
            ("page", query.page.to_string()),
        ];
        pairs.extend(query.from.map(|from| ("updated_at_from", time::format(from))));
        pairs.extend(query.to.map(|to| ("updated_at_to", time::format(to))));
        let body = match self.api.get(PATH, &pairs) {
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
        let entries: Vec<Entry> = rows.into_iter().map(|raw| Entry::read(raw, self.account)).collect();
        let times = entries.iter().map(|entry| entry.updated).collect();
        let step =
            walk.advance(&Page { times, has_next: meta.has_next, total: meta.total }).map_err(|stuck| match stuck {
                Stuck::NoProgress(reason) => errors::no_progress(PATH, &reason),
                Stuck::Malformed(reason) | Stuck::Refused(reason) => errors::malformed(PATH, &reason),
            })?;
        Ok(Read::Page { entries, step })
    }
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
