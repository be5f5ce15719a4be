//! `GET /v2/transactions`: page "List transactions".

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::dialect::{Dialect, StatusFilter};
use super::problem::Problem;
use super::query::{Paging, Query, Window, list, window};
use super::spell::spelled;
use super::table::Row;
use super::world::QontoWorld;
use sim::Object;

/// The statuses that the filter knows.
const STATUSES: [&str; 3] = ["pending", "declined", "completed"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Updated,
    Settled,
    Emitted,
    Created,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sort {
    field: Field,
    ascending: bool,
}

/// What a list is filtered and sorted by.
struct Selection {
    statuses: Vec<String>,
    updated: Window,
    emitted: Window,
    settled: Window,
    created: Window,
    credit: Option<bool>,
    operation_types: Vec<String>,
    sort: Sort,
}

impl Selection {
    fn of(query: &Query, now: DateTime<Utc>, dialect: &Dialect) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let sort = sort(query, &mut wrong);
        let mut updated = window(query, "updated_at", now, dialect, &mut wrong);
        if dialect.updated_at_from_ignored {
            updated.low = i64::MIN;
        }
        let emitted = window(query, "emitted_at", now, dialect, &mut wrong);
        let settled = window(query, "settled_at", now, dialect, &mut wrong);
        let created = window(query, "created_at", now, dialect, &mut wrong);
        let mut statuses: Vec<String> = query.all("status[]").map(str::to_owned).collect();
        if statuses.iter().any(|status| !STATUSES.contains(&status.as_str())) {
            wrong.push(("status_invalid", "At least one status isn't valid".to_owned()));
        }
        if !wrong.is_empty() {
            return Err(Problem::bad_filter(&wrong));
        }
        match dialect.status_filter {
            StatusFilter::All => {}
            StatusFilter::First => statuses.truncate(1),
            StatusFilter::Last => drop(statuses.drain(..statuses.len().saturating_sub(1))),
        }
        statuses.sort();
        statuses.dedup();
        if statuses.is_empty() {
            statuses.push("completed".to_owned());
        }
        let credit = match query.one("side") {
            None => None,
            Some("credit") => Some(true),
            Some("debit") => Some(false),
            Some(_) => return Err(Problem::invalid("side", "side must be one of: credit, debit")),
        };
        Ok(Self {
            statuses,
            updated,
            emitted,
            settled,
            created,
            credit,
            operation_types: query.all("operation_type[]").map(str::to_owned).collect(),
            sort: if dialect.sort_ignored { Sort { field: Field::Settled, ascending: false } } else { sort },
        })
    }

    /// One list, in the order it is kept in: the page can be cut out of it.
    fn is_a_slice(&self) -> bool {
        self.statuses.len() == 1
            && self.sort.field == Field::Updated
            && [self.emitted, self.settled, self.created].iter().all(|window| *window == Window::ALL)
            && self.credit.is_none()
            && self.operation_types.is_empty()
    }

    fn takes(&self, row: &Row) -> bool {
        self.emitted.takes(row.emitted_at)
            && self.settled.takes(row.settled_at)
            && self.created.takes(row.created_at)
            && (self.credit.is_none() || self.credit == row.credit)
            && (self.operation_types.is_empty()
                || row
                    .operation_type
                    .as_ref()
                    .is_some_and(|kind| self.operation_types.iter().any(|one| **one == **kind)))
    }

    /// Rows without the time that is sorted by come as if it were yet to come.
    fn order(&self, rows: &mut [Arc<Row>]) {
        let key = |row: &Arc<Row>| {
            let time = match self.sort.field {
                Field::Updated => Some(row.updated_at),
                Field::Settled => row.settled_at,
                Field::Emitted => row.emitted_at,
                Field::Created => row.created_at,
            };
            (time.unwrap_or(i64::MAX), row.updated_at, Arc::clone(&row.id))
        };
        if self.sort.ascending {
            rows.sort_by_cached_key(key);
        } else {
            rows.sort_by_cached_key(|row| Reverse(key(row)));
        }
    }
}

/// `field:order`, `field` (newest first) or `:order` (by settlement).
fn sort(query: &Query, wrong: &mut Vec<(&'static str, String)>) -> Sort {
    let text = query.one("sort_by").unwrap_or("settled_at:desc");
    let (field, order) = text.split_once(':').unwrap_or((text, "desc"));
    let field = match field {
        "updated_at" => Some(Field::Updated),
        "settled_at" | "" => Some(Field::Settled),
        "emitted_at" => Some(Field::Emitted),
        "created_at" => Some(Field::Created),
        _ => None,
    };
    let ascending = match order {
        "asc" => Some(true),
        "desc" => Some(false),
        _ => None,
    };
    if let (Some(field), Some(ascending)) = (field, ascending) {
        return Sort { field, ascending };
    }
    let message = if field.is_none() { "Sort field is invalid" } else { "Sort order is invalid" };
    wrong.push(("sort_invalid", message.to_owned()));
    Sort { field: Field::Settled, ascending: false }
}

impl QontoWorld {
    /// The rows of the list that a query reads a part of, whatever its page and window of time.
    pub(super) fn listed(&self, query: &Query) -> Vec<Arc<Row>> {
        let Ok(account) = self.account_asked(query) else { return Vec::new() };
        let asked: Vec<&str> = query.all("status[]").collect();
        let statuses = if asked.is_empty() { vec!["completed"] } else { asked };
        let mut rows = self.rows();
        rows.retain(|row| *row.account == *account && statuses.contains(&row.status.as_ref()));
        rows
    }

    pub(super) fn transactions(&mut self, query: &Query, now: DateTime<Utc>) -> Result<String, Problem> {
        let account = self.account_asked(query)?;
        let paging = Paging::of(query, 100, &self.dialect)?;
        let selection = Selection::of(query, now, &self.dialect)?;
        let shown = Shown::of(query, &self.dialect);
        let Window { low, high } = selection.updated;
        if selection.is_a_slice() {
            // The walk of a poller: a page costs what it holds, however many rows there are.
            let status = selection.statuses.first().map_or("completed", String::as_str);
            let rows = self.table.slice(&account, status, low, high);
            return answer(rows, !selection.sort.ascending, paging, shown);
        }
        let mut rows = Vec::new();
        for status in &selection.statuses {
            let slice = self.table.slice(&account, status, low, high);
            rows.extend(slice.iter().filter(|row| selection.takes(row)).map(Arc::clone));
        }
        selection.order(&mut rows);
        answer(&rows, false, paging, shown)
    }

    /// The account that the filter means. `bank_account_id` wins over `iban`.
    pub(super) fn account_asked(&self, query: &Query) -> Result<String, Problem> {
        let (field, value) = match (query.one("bank_account_id"), query.one("iban")) {
            (Some(id), _) => ("id", id),
            (None, Some(iban)) if !iban.is_empty() => ("iban", iban),
            _ => return Err(Problem::no_account()),
        };
        let found = self.accounts.iter().find(|account| account.text(field).as_deref() == Some(value));
        let id = found.and_then(|account| account.text("id"));
        id.map(Cow::into_owned).ok_or_else(|| Problem::not_found("Bank account"))
    }
}

/// What a query wants to see of each transaction, and how the dialect spells it.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    dialect: &'a Dialect,
    labels: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn of(query: &Query, dialect: &'a Dialect) -> Self {
        Self { dialect, labels: query.all("includes[]").any(|included| included == "labels") }
    }

    pub(super) fn row<'r>(&self, row: &'r Row) -> Cow<'r, str> {
        if self.labels || !row.text.contains("\"labels\"") {
            return spelled(&row.text, self.dialect);
        }
        let Ok(mut object) = Object::parse(&row.text) else { return spelled(&row.text, self.dialect) };
        Cow::Owned(spelled(&object.remove("labels").render(), self.dialect).into_owned())
    }
}

fn answer(rows: &[Arc<Row>], backwards: bool, paging: Paging, shown: Shown<'_>) -> Result<String, Problem> {
    let dialect = shown.dialect;
    let total = rows.len();
    if dialect.search_limit.is_some_and(|limit| total > limit) {
        return Err(Problem::search_limit());
    }
    let range = paging.range(total, dialect)?;
    let meta = paging.meta(total, dialect);
    let range = if backwards { total - range.end..total - range.start } else { range };
    let rows = rows.get(range).unwrap_or_default();
    Ok(if backwards {
        list("transactions", rows.iter().rev().map(|row| shown.row(row)), meta.as_deref())
    } else {
        list("transactions", rows.iter().map(|row| shown.row(row)), meta.as_deref())
    })
}
