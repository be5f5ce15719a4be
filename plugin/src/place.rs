//! The place in a list that is read by page numbers, while rows leave it.

use crate::api::{self, Meta};
use crate::codec::{self, Object};
use crate::contract::payments::connector::types::Error;
use crate::errors;
use crate::row::Row;

/// How often a list is begun again in one poll before the next poll goes on.
const RESTARTS: u32 = 10;
/// The most pages of a list that does not say how long it is.
const PAGES: u64 = 10_000;

/// The page to ask for, and what is known of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    page: u32,
    size: u32,
    total: Option<u64>,
    restarts: u32,
    /// The page behind what Qonto called the end is asked for, since its total said that there is more.
    probing: bool,
}

impl Place {
    /// The first of pages of so many rows.
    #[must_use]
    pub fn new(size: u32) -> Self {
        Self { page: 1, size, total: None, restarts: 0, probing: false }
    }

    /// Reads what `write` wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(row: &Row) -> Result<Self, String> {
        Ok(Self {
            page: codec::required(row, "page")?,
            size: codec::required(row, "size")?,
            total: codec::number(row, "total")?,
            restarts: codec::required(row, "restarts")?,
            probing: row.json("probing") == Some("true"),
        })
    }

    /// Adds the place to an object of a state.
    #[must_use]
    pub fn write(&self, object: Object) -> Object {
        object
            .number("page", Some(self.page.into()))
            .number("size", Some(self.size.into()))
            .count("total", self.total)
            .number("restarts", Some(self.restarts.into()))
            .flag("probing", self.probing)
    }

    /// Begins anew where pages have another size now: their numbers mean something else.
    #[must_use]
    pub fn of_size(self, size: u32) -> Self {
        if self.size == size { self } else { Self { restarts: self.restarts, ..Self::new(size) } }
    }

    /// The number of the page.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page
    }

    /// The parameters that ask for it.
    #[must_use]
    pub fn query(&self) -> [(&'static str, String); 2] {
        [("per_page", self.size.to_string()), ("page", self.page.to_string())]
    }

    /// Goes on behind a page of `rows` rows, of which the list says `meta`; none at its end.
    ///
    /// # Errors
    /// `no-progress`: rows leave faster than they are read, or there are more pages than rows.
    pub fn advance(self, path: &str, meta: Option<Meta>, rows: usize) -> Result<Option<Self>, Error> {
        let total = meta.and_then(|meta| meta.total);
        if self.shrank(meta) {
            return self.restarted(errors::no_progress(path, "rows leave the list faster than it is read"));
        }
        if meta.is_some_and(|meta| meta.has_next) {
            // Every page holds a row, so there are never more pages than rows.
            if u64::from(self.page) > total.unwrap_or(PAGES).min(PAGES) {
                return Err(errors::no_progress(path, "there are more pages than rows"));
            }
            return Ok(Some(Self { page: self.page + 1, total, probing: false, ..self }));
        }
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let probes = api::claims_more(total, self.size, self.page, rows);
        Ok(probes.then_some(Self { page: self.page + 1, probing: true, ..self }))
    }

    /// Goes on where Qonto says that there is no such page: it was the end, or rows have left the list. None at its end.
    ///
    /// # Errors
    /// `error`, when it is the first page, or the list was begun again too often.
    pub fn refused(self, error: Error) -> Result<Option<Self>, Error> {
        match self {
            Self { probing: true, .. } => Ok(None),
            Self { page: 1, .. } => Err(error),
            _ => self.restarted(error),
        }
    }

    /// Whether rows have moved up past the page just read.
    #[must_use]
    pub fn shrank(&self, meta: Option<Meta>) -> bool {
        self.total.zip(meta.and_then(|meta| meta.total)).is_some_and(|(before, now)| now < before)
    }

    /// From page 1 again; `error` when that happened too often.
    fn restarted(self, error: Error) -> Result<Option<Self>, Error> {
        let restarts = self.restarts.saturating_add(1);
        if restarts > RESTARTS { Err(error) } else { Ok(Some(Self { restarts, ..Self::new(self.size) })) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const fn meta(has_next: bool, total: u64) -> Meta {
        Meta { has_next, total: Some(total) }
    }

    fn refusal() -> Error {
        errors::malformed("/list", "422")
    }

    fn second() -> Place {
        Place::new(2).advance("/list", Some(meta(true, 5)), 2).unwrap().unwrap()
    }

    #[test]
    fn the_end_is_where_the_list_says_so_and_a_larger_total_is_looked_behind_once() {
        assert_eq!(second().page(), 2);
        assert_eq!(
            second().advance("/list", Some(meta(false, 4)), 2).unwrap().map(|place| place.page()),
            Some(1),
            "it shrank"
        );
        assert_eq!(Place::new(2).advance("/list", Some(meta(false, 2)), 2).unwrap(), None);
        let behind = Place::new(2).advance("/list", Some(meta(false, 3)), 2).unwrap().unwrap();
        assert_eq!(behind.page(), 2);
        assert_eq!(behind.advance("/list", Some(meta(false, 3)), 0).unwrap(), None);
        assert_eq!(behind.refused(refusal()).unwrap(), None);
        assert!(second().advance("/list", Some(meta(true, 1)), 2).is_ok(), "it shrank");
        assert!(Place::new(2).advance("/list", Some(meta(true, 0)), 2).is_err(), "more pages than rows");
    }

    #[test]
    fn a_list_that_is_begun_again_and_again_ends_in_an_error() {
        assert!(Place::new(2).refused(refusal()).is_err(), "there is always a first page");
        let mut place = second();
        for _ in 0..RESTARTS {
            let again = place.refused(refusal()).unwrap().unwrap();
            assert_eq!(again.page(), 1);
            place = again.advance("/list", Some(meta(true, 5)), 2).unwrap().unwrap();
        }
        assert!(place.refused(refusal()).is_err());
        assert!(place.of_size(3).refused(refusal()).is_err());
    }
}
