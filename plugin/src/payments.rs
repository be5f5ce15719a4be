//! The payments of one account: three walks and a sweep, one request in each call.

use crate::api::{self, Api, List};
use crate::balances::parent_row;
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{FetchRequest, PaymentsPage};
use crate::contract::payments::connector::types::{Account, Error};
use crate::errors::{self, DATE_INVALID, SEARCH_LIMIT};
use crate::host::{Host, Level};
use crate::payments_state::{Ids, Phase, STATUSES, State};
use crate::time;
use crate::transactions::Entry;
use crate::walk::{Page, Step, Stuck, Walk};

const PATH: &str = "/v2/transactions";

/// The next page of the payments of `parent`.
///
/// # Errors
/// `invalid-config`, `invalid-parent`, `invalid-state`, or what Qonto answered.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest, parent: &Account) -> Result<PaymentsPage, Error> {
    let stored = host.state();
    let mut api = Api::new(host, &request.config, Some(request.observed_at))?;
    let size = check_page_size(request.page_size)?;
    parent_row(parent)?;
    let mut state = State::read(stored.as_deref())?;
    let phase =
        state.poll.take().unwrap_or_else(|| Phase::Walk { status: 0, walk: state.walk_of(0, size), found: false });
    let mut call = Call {
        api: &mut api,
        state,
        account: &parent.reference,
        size,
        page: empty_page(),
        now: time::millis(request.observed_at),
    };
    call.state.poll = match phase {
        Phase::Walk { status, walk, found } => call.walk(status, walk, found)?,
        Phase::Sweep { walk, missing, first } => call.sweep(walk, missing, first)?,
        Phase::Lookup { missing } => call.lookup(missing)?,
    };
    let Call { state, mut page, .. } = call;
    page.has_more = state.poll.is_some();
    api.host.set_state(state.write()?);
    Ok(page)
}

/// Maps one page of transactions, without any state.
///
/// # Errors
/// `malformed-response` when it is no such page.
pub fn map_page(body: &[u8], account: &Account) -> Result<PaymentsPage, Error> {
    let body = std::str::from_utf8(body).map_err(|_| errors::malformed(PATH, "the answer is not UTF-8"))?;
    let list = api::list(PATH, body, &["transactions"], 1)?;
    let mut page = empty_page();
    page.has_more = list.meta.is_some_and(|meta| meta.has_next);
    for raw in list.rows {
        emit(&mut page, Entry::read(raw, &account.reference));
    }
    Ok(page)
}

fn empty_page() -> PaymentsPage {
    PaymentsPage { items: Vec::new(), withdrawn: Vec::new(), rejected: Vec::new(), has_more: false }
}

fn emit(page: &mut PaymentsPage, entry: Entry) {
    match entry.outcome {
        Ok(payment) => page.items.push(payment),
        Err(rejected) => page.rejected.push(rejected),
    }
}

/// One call: one request, what it gives, where it leads.
struct Call<'c, 'a, H> {
    api: &'c mut Api<'a, H>,
    state: State,
    account: &'c str,
    size: u32,
    page: PaymentsPage,
    now: i64,
}

impl<H: Host> Call<'_, '_, H> {
    /// A step of the walk of one status.
    fn walk(&mut self, status: usize, mut walk: Walk, mut found: bool) -> Result<Option<Phase>, Error> {
        let step = match self.read(STATUSES[status], &mut walk)? {
            Read::Refused(step) => step,
            Read::Page { entries, step, .. } => {
                found |= !entries.is_empty() || step == Step::OutOfBudget;
                for entry in entries {
                    self.state.track(&entry);
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
            return Ok(Some(Phase::Walk { status, walk, found }));
        }
        let next = status + 1;
        if next < STATUSES.len() {
            return Ok(Some(Phase::Walk { status: next, walk: self.state.walk_of(next, self.size), found }));
        }
        // Each poll reads the newest row again, wherever it is filed by now. Where no list has any, it was deleted, or
        // the state is not of this account or time: from there on, nothing would ever be new.
        if !found && self.state.forget() {
            self.api.host.log(Level::Warn, "Qonto has no row as new as the newest one read; everything is read again");
            return Ok(Some(Phase::Walk { status: 0, walk: self.state.walk_of(0, self.size), found }));
        }
        if self.state.open.is_empty() {
            return Ok(None);
        }
        let missing = self.state.open.clone();
        Ok(Some(Phase::Sweep { walk: Walk::new(None, self.size), missing, first: true }))
    }

    /// A step through the whole pending list, to see which of the open payments have left it.
    fn sweep(&mut self, mut walk: Walk, mut missing: Ids, first: bool) -> Result<Option<Phase>, Error> {
        let open = self.state.open.len() as u64;
        let step = match self.read(STATUSES[0], &mut walk)? {
            Read::Refused(step) => step,
            Read::Page { entries, step, total } => {
                for entry in entries {
                    let is_open = entry.id.as_ref().is_some_and(|id| self.state.open.contains(id));
                    if let Some(id) = entry.id.as_ref().filter(|_| entry.is_pending) {
                        missing.remove(id);
                    }
                    if !is_open && !self.state.was_seen(0, &entry) {
                        self.state.track(&entry);
                        emit(&mut self.page, entry);
                    }
                }
                // As many as are open, so none has left. Not worth a look at every page, unless the list is one page.
                if first && step == Step::More && total == Some(open) {
                    return Ok(None);
                }
                step
            }
        };
        Ok(match step {
            Step::More => Some(Phase::Sweep { walk, missing, first: false }),
            Step::Done | Step::OutOfBudget if missing.is_empty() => None,
            Step::Done | Step::OutOfBudget => Some(Phase::Lookup { missing }),
        })
    }

    /// Reads one payment that has left the pending list.
    fn lookup(&mut self, mut missing: Ids) -> Result<Option<Phase>, Error> {
        let Some(id) = missing.pop_first() else { return Ok(None) };
        // What is followed was looked at before.
        let Some(segment) = api::segment(&id) else {
            return Ok((!missing.is_empty()).then_some(Phase::Lookup { missing }));
        };
        let path = format!("{PATH}/{segment}");
        match self.api.get(&path, &[]) {
            Ok(body) => {
                let (raw, _) = api::object(&path, &body, "transaction")?;
                let entry = Entry::read(raw, self.account);
                if entry.id.as_ref() != Some(&id) {
                    return Err(errors::malformed(&path, &format!("transaction {id} was asked, {:?} came", entry.id)));
                }
                self.state.track(&entry);
                emit(&mut self.page, entry);
            }
            Err(error) if matches!(errors::status(&error), Some(404 | 410)) => {
                self.state.open.remove(&id);
                self.page.withdrawn.push(id);
            }
            // Refused for good, and the credentials are fine: it stays open, and one payment does not stop the others.
            Err(error)
                if errors::status(&error).is_some_and(|status| status != 401 && (400..500).contains(&status)) =>
            {
                let status = errors::status(&error).unwrap_or_default();
                let message =
                    format!("Qonto refuses pending transaction {id} (HTTP {status}); asked again at the next poll");
                self.api.host.log(Level::Warn, &message);
            }
            Err(error) => return Err(error),
        }
        Ok((!missing.is_empty()).then_some(Phase::Lookup { missing }))
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
        Ok(Read::Page { entries, step, total: meta.total })
    }
}

/// What a request of a walk gave.
enum Read {
    Page { entries: Vec<Entry>, step: Step, total: Option<u64> },
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
