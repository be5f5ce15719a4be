//! The table of payments: in the order of the list, and by identifier.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sim::{Object, TruePayment};

/// Where a row stands in lists: its date, then its number.
pub(crate) type Position = (String, u64);

/// A payment that the bank has.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its identifier, also where the row lacks it.
    pub(crate) id: String,
    /// When the API begins to show it; none for always.
    pub(crate) visible_at: Option<DateTime<Utc>>,
    /// What the API sends.
    pub(crate) object: Object,
    /// What a connector must make of it; none for a row that must be rejected.
    pub(crate) expected: Option<TruePayment>,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    listed: BTreeMap<Position, Row>,
    places: BTreeMap<String, Position>,
}

impl Rows {
    /// Puts a row in its place.
    pub(crate) fn insert(&mut self, position: Position, row: Row) {
        self.places.insert(row.id.clone(), position.clone());
        self.listed.insert(position, row);
    }

    /// The row of this identifier.
    pub(crate) fn get(&self, id: &str) -> Option<&Row> {
        self.listed.get(self.places.get(id)?)
    }

    /// The same, to change it. Its expected bytes are not kept up.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Row> {
        self.listed.get_mut(self.places.get(id)?)
    }

    /// Takes a row away.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Row> {
        let position = self.places.remove(id)?;
        self.listed.remove(&position)
    }

    /// Those behind a position, in the order of the list.
    pub(crate) fn behind(&self, position: &Position) -> impl Iterator<Item = (&Position, &Row)> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.listed.range((Excluded(position.clone()), Unbounded))
    }

    /// The date of the last one.
    pub(crate) fn newest(&self) -> Option<&str> {
        self.listed.keys().next_back().map(|(date, _)| date.as_str())
    }

    /// All of them, in the order of the list.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.listed.values()
    }
}
