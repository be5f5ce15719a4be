//! Rows that share an instant and fill more than a page.

use crate::codec::{self, Object};
use crate::row::Row;

/// A pass over the rows of two milliseconds, page by page.
///
/// A row that moves within them while they are read shifts another one from a page to come to one that was read, and no
/// total tells. So a pass of several pages counts when the next one finds the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tie {
    /// The hits, as the first page of the pass told them.
    pub total: Option<u64>,
    /// How many rows were read.
    pub read: u64,
    /// The sum of the fingerprints of those, whatever their order.
    pub sum: i64,
    /// What the sum of the pass before came to.
    pub before: Option<i64>,
}

impl Tie {
    /// Reads what `write` wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(row: &Row) -> Result<Self, String> {
        Ok(Self {
            total: codec::number(row, "total")?,
            read: codec::required(row, "read")?,
            sum: codec::number(row, "sum")?.unwrap_or_default(),
            before: codec::number(row, "before")?,
        })
    }

    /// The pass as JSON.
    #[must_use]
    pub fn write(&self) -> String {
        Object::new()
            .count("total", self.total)
            .count("read", Some(self.read))
            .number("sum", Some(self.sum).filter(|sum| *sum != 0))
            .number("before", self.before)
            .finish()
    }
}
