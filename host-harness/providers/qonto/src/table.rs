//! The transactions: what was written, and what lists show of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::query::instant;
use super::spell::mix;
use sim::Object;

/// A version of a transaction: the text that is sent, and what filters and sorting look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The identifier, even where the text has none.
    pub id: Arc<str>,
    /// The bank account, even where the text names none.
    pub account: Arc<str>,
    /// The status that lists file it under.
    pub status: Arc<str>,
    /// Microseconds since 1970; lists show milliseconds.
    pub updated_at: i64,
    /// Microseconds since 1970.
    pub emitted_at: Option<i64>,
    /// Microseconds since 1970.
    pub settled_at: Option<i64>,
    /// Microseconds since 1970.
    pub created_at: Option<i64>,
    /// True for a credit, false for a debit; none for another or no word.
    pub credit: Option<bool>,
    /// The operation type, as it is sent.
    pub operation_type: Option<Box<str>>,
    /// The amount in hundredths, where the text has a whole number for it.
    pub cents: Option<i128>,
    /// The object as it is sent: JSON.
    pub text: Arc<str>,
    /// Filed under this status whatever the text says.
    listed_as: Option<Arc<str>>,
}

impl Row {
    /// Reads the keys out of `object`. Where it has none, those of the former version stay.
    fn of(
        id: Arc<str>,
        account: Arc<str>,
        object: &Object,
        listed_as: Option<Arc<str>>,
        former: Option<&Self>,
    ) -> Self {
        let time = |name| object.text(name).and_then(|text| instant(&text)).map(|at| at.timestamp_micros());
        let status = listed_as.clone().or_else(|| object.text("status").map(|status| Arc::from(status.as_ref())));
        Self {
            id,
            account,
            status: status.or_else(|| former.map(|row| Arc::clone(&row.status))).unwrap_or_else(|| "completed".into()),
            updated_at: time("updated_at").or(former.map(|row| row.updated_at)).unwrap_or_default(),
            emitted_at: time("emitted_at"),
            settled_at: time("settled_at"),
            created_at: time("created_at"),
            credit: match object.text("side").as_deref() {
                Some("credit") => Some(true),
                Some("debit") => Some(false),
                _ => None,
            },
            operation_type: object.text("operation_type").map(|kind| kind.as_ref().into()),
            cents: object.raw("amount_cents").and_then(|cents| cents.parse().ok()),
            text: object.render().into(),
            listed_as,
        }
    }
}

/// Rows in the order of (`updated_at`, id). Sorted when it is next read, so that bulk inserts cost nothing.
#[derive(Debug, Clone, Default)]
struct Index {
    rows: Vec<Arc<Row>>,
    unsorted: bool,
}

impl Index {
    fn key(row: &Row) -> (i64, &str) {
        (row.updated_at, &row.id)
    }

    fn insert(&mut self, row: Arc<Row>) {
        self.unsorted |= self.rows.last().is_some_and(|last| Self::key(last) > Self::key(&row));
        self.rows.push(row);
    }

    fn sorted(&mut self) -> &mut Vec<Arc<Row>> {
        if std::mem::take(&mut self.unsorted) {
            self.rows.sort_by(|a, b| Self::key(a).cmp(&Self::key(b)));
        }
        &mut self.rows
    }

    fn remove(&mut self, row: &Row) {
        let rows = self.sorted();
        if let Ok(place) = rows.binary_search_by(|other| Self::key(other).cmp(&Self::key(row))) {
            rows.remove(place);
        }
    }
}

/// A change that lists do not show yet: the row as it will be, or its end.
type Change = (Arc<str>, Option<Arc<Row>>);

/// All transactions of an organization.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// The latest version of each row.
    truth: HashMap<Arc<str>, Arc<Row>>,
    /// The version that lists show.
    listed: HashMap<Arc<str>, Arc<Row>>,
    /// The listed rows by account and status.
    indexes: BTreeMap<(Arc<str>, Arc<str>), Index>,
    /// Changes by the time they show (microseconds), then by the order in which they were made.
    coming: BTreeMap<(i64, u64), Change>,
    changes: u64,
}

impl Table {
    /// The latest version of a row.
    pub(super) fn get(&self, id: &str) -> Option<&Arc<Row>> {
        self.truth.get(id)
    }

    /// The latest version of every row, in no order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.truth.values()
    }

    /// Writes a row; lists show it from `visible_at` (microseconds) on, or at once.
    pub(super) fn put(
        &mut self,
        id: &str,
        account: &str,
        object: &Object,
        listed_as: Option<&str>,
        hidden_microseconds: bool,
        visible_at: impl FnOnce(&Row) -> Option<i64>,
    ) {
        let former = self.truth.get(id);
        let id = former.map_or_else(|| Arc::from(id), |row| Arc::clone(&row.id));
        let listed_as = listed_as.map(Arc::from).or_else(|| former.and_then(|row| row.listed_as.clone()));
        let mut row = Row::of(Arc::clone(&id), account.into(), object, listed_as, former.map(AsRef::as_ref));
        if hidden_microseconds && row.updated_at % 1_000 == 0 {
            let salt = id.bytes().fold(row.updated_at.cast_unsigned(), |sum, byte| mix(sum ^ u64::from(byte)));
            row.updated_at += i64::try_from(salt % 1_000).unwrap_or_default();
        }
        let row = Arc::new(row);
        self.truth.insert(Arc::clone(&id), Arc::clone(&row));
        if let Some(at) = visible_at(&row) {
            self.schedule(at, (id, Some(row)));
        } else {
            self.coming.retain(|_, (changed, _)| *changed != id);
            self.show((id, Some(row)));
        }
    }

    /// Removes a row, from lists as well.
    pub(super) fn delete(&mut self, id: &str) -> bool {
        let Some(row) = self.truth.remove(id) else { return false };
        self.coming.retain(|_, (changed, _)| changed.as_ref() != id);
        self.show((Arc::clone(&row.id), None));
        true
    }

    fn schedule(&mut self, at: i64, change: Change) {
        self.changes += 1;
        self.coming.insert((at, self.changes), change);
    }

    /// Makes visible what is due at `now` (microseconds).
    pub(super) fn settle(&mut self, now: i64) {
        while let Some(entry) = self.coming.first_entry().filter(|entry| entry.key().0 <= now) {
            let change = entry.remove();
            self.show(change);
        }
    }

    fn show(&mut self, (id, row): Change) {
        if let Some(former) = self.listed.remove(&id)
            && let Some(index) = self.indexes.get_mut(&(Arc::clone(&former.account), Arc::clone(&former.status)))
        {
            index.remove(&former);
        }
        if let Some(row) = row {
            let key = (Arc::clone(&row.account), Arc::clone(&row.status));
            self.indexes.entry(key).or_default().insert(Arc::clone(&row));
            self.listed.insert(id, row);
        }
    }

    /// The listed rows of an account in a status, in the order of (`updated_at`, id), from `low` to before `high`.
    pub(super) fn slice(&mut self, account: &str, status: &str, low: i64, high: i64) -> &[Arc<Row>] {
        let Some(index) = self.indexes.get_mut(&(Arc::from(account), Arc::from(status))) else { return &[] };
        let rows = index.sorted();
        let start = rows.partition_point(|row| row.updated_at < low);
        let end = rows.partition_point(|row| row.updated_at < high);
        rows.get(start..end).unwrap_or_default()
    }
}
