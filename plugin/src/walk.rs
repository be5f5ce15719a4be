//! Reading a list in the order of `updated_at` while it changes, as pure logic.
//!
//! Keyset, not pages: each request asks page 1 from just before the newest row read, so that rows which move while the
//! walk goes on shift nothing. The invariant: every row whose `updated_at` is not after `from` has been read.

mod json;
mod split;

use crate::api::claims_more;
use crate::tie::Tie;
use crate::time::{DAY, LATEST};

/// Qonto opened in 2017: nothing is older. In milliseconds.
pub const FIRST_DAY: i64 = 1_483_228_800_000;
/// The narrowest window, in milliseconds, that a search limit may leave.
const NARROWEST: i64 = 4;
/// What the total of a window is taken for when the provider does not say: its search limit.
pub const UNKNOWN_TOTAL: u64 = 10_000;

/// Where a walk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The lower bound; none asks from the beginning.
    from: Option<i64>,
    /// The upper bound that a search limit made necessary.
    to: Option<i64>,
    /// Where the window of the next walk begins: what lies before is this one's.
    end: Option<i64>,
    /// The page to ask: 1, except where rows share one instant or have none.
    page: u32,
    /// The rows of one instant fill a page.
    tie: Option<Tie>,
    /// Requests that this window may still take, known from its first answer.
    budget: Option<u64>,
    /// The page that was refused once, with the total of the pass.
    refused: Option<(u32, Option<u64>)>,
    /// The page size that `page` counts in.
    size: u32,
    /// How wide the last window was that a search limit made necessary.
    width: Option<i64>,
    /// The page behind what the provider called the end was asked for, since its total said that there is more.
    probing: bool,
    /// Only the rows of one instant, which could not be read before.
    again: bool,
    /// A request of it failed in this poll, and others go on: the next poll asks it again.
    failed: bool,
    tail: Tail,
}

/// Whether a walk is the last one of several windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tail {
    #[default]
    No,
    /// It is, and is not cut again: what keeps coming there is read by this one alone, so that it runs out of its budget.
    Last,
    /// It is, and came to the end before the windows before it did.
    Resting,
}

/// The filter to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// `updated_at_from`, in milliseconds.
    pub from: Option<i64>,
    /// `updated_at_to`, in milliseconds.
    pub to: Option<i64>,
    /// `page`.
    pub page: u32,
}

/// What a page says about the way.
#[derive(Clone, Debug)]
pub struct Page {
    /// `updated_at` of each row in milliseconds, where it can be read.
    pub times: Vec<Option<i64>>,
    /// Whether there is a next page.
    pub has_next: bool,
    /// The hits of the filter.
    pub total: Option<u64>,
    /// The sum of the rows' fingerprints; asked for where [`Walk::is_in_tie`].
    pub sum: i64,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another request.
    More,
    /// Everything was read.
    Done,
    /// The budget is used up: the next poll goes on.
    OutOfBudget,
}

/// What the provider does that makes a walk impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It ignores the order or a filter.
    NoProgress(String),
    /// Its answer contradicts itself.
    Malformed(String),
    /// It refuses what cannot be asked in another way.
    Refused(String),
}

impl Walk {
    /// A walk over everything after `from`.
    #[must_use]
    pub fn new(from: Option<i64>, size: u32) -> Self {
        Self {
            from,
            to: None,
            end: None,
            page: 1,
            tie: None,
            budget: None,
            refused: None,
            size,
            width: None,
            probing: false,
            again: false,
            failed: false,
            tail: Tail::No,
        }
    }

    /// A walk over the rows of one instant that a walk [left out](Self::leave_out).
    #[must_use]
    pub fn again(from: i64, size: u32) -> Self {
        Self { tie: Some(Tie::default()), again: true, ..Self::new(Some(from), size) }
    }

    /// Whether it is one over what was left out.
    #[must_use]
    pub fn is_again(&self) -> bool {
        self.again
    }

    /// Behind which time it asks.
    #[must_use]
    pub fn from(&self) -> Option<i64> {
        self.from
    }

    /// Goes on behind the rows of one instant that cannot be read; gives the bound to ask for them again. None where it is
    /// not known what comes behind.
    pub fn leave_out(&mut self) -> Option<i64> {
        let from = self.from.filter(|_| !self.again)?;
        match self.to.or(self.end) {
            Some(to) if to - from < NARROWEST => self.leave_window(to - 1),
            _ if self.tie.is_some() => self.leave_tie(from),
            _ => return None,
        }
        Some(from)
    }

    /// At page 1 again, where the page to ask for is refused: next time there may be no such page.
    #[must_use]
    pub fn from_first_page(mut self) -> Self {
        self.restart();
        self.refused = None;
        self
    }

    /// With pages of `size` rows from here on.
    #[must_use]
    pub fn of_size(mut self, size: u32) -> Self {
        if size != self.size {
            self.size = size;
            self.budget = None;
            self.restart();
        }
        self
    }

    /// The next request.
    #[must_use]
    pub fn query(&self) -> Query {
        let to = match (&self.tie, self.from) {
            // Both ends lie outside the two instants: it does not matter whether the provider includes them.
            (Some(_), Some(from)) => Some(from + 3),
            _ => self.to.or(self.end),
        };
        Query { from: self.from, to, page: self.page }
    }

    /// Whether the rows of one instant are read page by page.
    #[must_use]
    pub fn is_in_tie(&self) -> bool {
        self.tie.is_some()
    }

    /// Takes in the page that `query` asked for.
    ///
    /// # Errors
    /// The provider ignores order or filter, or contradicts itself.
    pub fn advance(&mut self, page: &Page) -> Result<Step, Stuck> {
        let query = self.query();
        let newest = check_order(page, query)?;
        let rows = u64::try_from(page.times.len()).unwrap_or(u64::MAX);
        let within_budget = self.spend(page, rows);
        let step = if self.tie.is_some() {
            self.advance_tie(page, rows)?
        } else if page.has_next {
            self.advance_keyset(newest);
            Step::More
        } else {
            self.end_of_list(!claims_more(page.total, self.size, self.page, rows))
        };
        let step = self.unless_over(step);
        Ok(if step == Step::Done || within_budget { step } else { Step::OutOfBudget })
    }

    /// Takes in a refusal of what `query` asked for: the window was `too_wide`, or the page is not there. `observed_at` is the host's time in milliseconds.
    ///
    /// # Errors
    /// There is no other way to ask.
    pub fn refuse(&mut self, too_wide: bool, observed_at: i64) -> Result<Step, Stuck> {
        if too_wide {
            return self.halve(observed_at).map(|()| Step::More);
        }
        if self.probing {
            let step = self.end_of_list(true);
            return Ok(self.unless_over(step));
        }
        let total = self.tie.as_ref().and_then(|tie| tie.total);
        if self.page == 1 || self.refused == Some((self.page, total)) {
            return Err(Stuck::Refused("the page was refused again".to_owned()));
        }
        // Rows left the filter while its pages were read: what they left behind moved to pages already read.
        self.refused = Some((self.page, total));
        self.restart();
        if self.spend_one() { Ok(Step::More) } else { Ok(Step::OutOfBudget) }
    }

    /// The provider says that there is no more. Where its total contradicts that, the next page is asked for, for as long as
    /// rows come.
    fn end_of_list(&mut self, is_complete: bool) -> Step {
        if !is_complete {
            self.probing = true;
            self.page += 1;
            return Step::More;
        }
        self.probing = false;
        if let Some(Tie { sum, before, .. }) = self.tie
            && self.page > 1
            && before != Some(sum)
        {
            self.page = 1;
            self.tie = Some(Tie { before: Some(sum), ..Tie::default() });
            return Step::More;
        }
        match (self.tie.is_some(), self.from, self.to) {
            _ if self.again => return Step::Done,
            (true, Some(from), Some(to)) if to <= from + 3 => self.leave_window(from + 2),
            (true, Some(from), _) => self.leave_tie(from),
            (_, _, Some(to)) => self.leave_window(to - 1),
            (_, _, None) => return Step::Done,
        }
        Step::More
    }

    fn unless_over(&self, step: Step) -> Step {
        if self.is_over() { Step::Done } else { step }
    }

    fn leave_tie(&mut self, from: i64) {
        self.tie = None;
        self.from = Some(from + 2);
        self.page = 1;
        self.refused = None;
        self.probing = false;
    }

    fn restart(&mut self) {
        self.page = 1;
        self.probing = false;
        if self.tie.is_some() {
            self.tie = Some(Tie::default());
        }
    }

    fn advance_keyset(&mut self, newest: Option<i64>) {
        match newest {
            // No row says when it changed: step over them blindly.
            None => self.page += 1,
            Some(newest) => {
                if self.from.is_none_or(|from| newest - 1 > from) {
                    self.from = Some(newest - 1);
                } else {
                    self.tie = Some(Tie::default());
                }
                self.page = 1;
                self.refused = None;
                self.probing = false;
            }
        }
    }

    fn advance_tie(&mut self, page: &Page, rows: u64) -> Result<Step, Stuck> {
        let Some(tie) = self.tie.as_mut() else { return Ok(Step::More) };
        if self.page == 1 {
            *tie = Tie { total: page.total, before: tie.before, ..Tie::default() };
            if page.has_next && page.total.is_none() {
                return Err(Stuck::Malformed("meta.total_count is missing".to_owned()));
            }
        } else if page.total != tie.total && !self.probing {
            self.restart();
            return Ok(Step::More);
        }
        tie.read += rows;
        tie.sum = tie.sum.wrapping_add(page.sum);
        let total = tie.total.unwrap_or(tie.read);
        let is_complete = tie.read >= total;
        if page.has_next && is_complete {
            return Err(Stuck::NoProgress(format!("more pages than total_count {total} needs")));
        }
        if page.has_next {
            self.page += 1;
            return Ok(Step::More);
        }
        Ok(self.end_of_list(rows == 0 || is_complete))
    }

    /// Goes on behind a window that was read.
    fn leave_window(&mut self, from: i64) {
        *self = Self { width: self.width, end: self.end, ..Self::new(Some(from), self.size) };
    }

    fn halve(&mut self, observed_at: i64) -> Result<(), Stuck> {
        let lower = self.from.unwrap_or(FIRST_DAY);
        let upper = match (self.to.or(self.end), self.width) {
            (Some(to), _) => to,
            // Half of it is asked: twice the last window. So a stretch without rows takes few requests, however wrong
            // the clock is.
            (None, Some(width)) if observed_at <= lower => lower.saturating_add(width.saturating_mul(4)),
            (None, Some(width)) => lower.saturating_add(width.saturating_mul(4)).min(observed_at.max(lower + DAY)),
            (None, None) => observed_at.max(lower + DAY),
        }
        .min(LATEST);
        if self.tie.is_some() || upper - lower < NARROWEST {
            return Err(Stuck::Refused(
                "more rows share one instant than Qonto's search limit allows to read".to_owned(),
            ));
        }
        let width = (upper - lower) / 2;
        self.to = Some(lower + width);
        self.width = Some(width);
        self.page = 1;
        self.budget = None;
        Ok(())
    }

    /// Counts a request; the first answer of a window says how many there may be.
    fn spend(&mut self, page: &Page, rows: u64) -> bool {
        // A provider may give shorter pages than asked.
        let per_page = if page.has_next { rows.min(self.size.into()) } else { self.size.into() };
        // In a tie the total is that of two milliseconds, and says nothing of what comes behind them.
        let total = page.total.filter(|_| self.tie.is_none()).unwrap_or(UNKNOWN_TOTAL);
        let pages = total.div_ceil(per_page.max(1));
        self.budget.get_or_insert(pages.saturating_mul(6).saturating_add(16));
        self.spend_one()
    }

    fn spend_one(&mut self) -> bool {
        self.budget = self.budget.map(|budget| budget.saturating_sub(1));
        self.budget != Some(0)
    }
}

/// Checks that the page obeys order and filter, and gives the newest time in it.
fn check_order(page: &Page, query: Query) -> Result<Option<i64>, Stuck> {
    let ignored = |parameter: &str| Err(Stuck::NoProgress(format!("the provider ignores {parameter}")));
    let mut newest = None;
    for time in page.times.iter().copied().flatten() {
        if newest.is_some_and(|newest| time < newest) {
            return ignored("sort_by");
        }
        if query.from.is_some_and(|from| time < from) {
            return ignored("updated_at_from");
        }
        if query.to.is_some_and(|to| time > to) {
            return ignored("updated_at_to");
        }
        newest = Some(time);
    }
    Ok(newest)
}
