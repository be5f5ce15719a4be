//! How open payments stand that the walks did not meet: first in the list of the pending ones, then one by one.

use crate::api::{self, Api, Ask, List};
use crate::balances::parent_of;
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{FetchRequest, PaymentsPage};
use crate::contract::payments::connector::types::{Error, Withdrawn};
use crate::errors::{self, gap};
use crate::host::Host;
use crate::payments::{PATH, emit, empty_page, labels};
use crate::row::Item;
use crate::transactions::Entry;

/// The rows of a page of the list that make it worth its request: a second one would be a request by itself.
const WORTH_A_PAGE: usize = 2;

/// The most pages of the list in one call: the rest of its requests is for looking up one by one.
const PAGES: u32 = 20;

/// Each of `references` as it is now.
///
/// # Errors
/// `invalid-config`, `invalid-parent`, or what Qonto answered when none could be read.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest, references: &[String]) -> Result<PaymentsPage, Error> {
    let mut api = Api::of(host, request)?;
    let size = check_page_size(request.page_size)?;
    let (parent, _) = parent_of(request)?;
    let mut missing: Vec<&str> = Vec::with_capacity(references.len());
    for reference in references {
        if !missing.contains(&reference.as_str()) {
            missing.push(reference);
        }
    }
    let mut call = Call { api: &mut api, account: &parent.reference, size, missing, page: empty_page() };
    call.listed()?;
    call.one_by_one()?;
    Ok(call.page)
}

struct Call<'c, 'a, H> {
    api: &'c mut Api<'a, H>,
    account: &'c str,
    size: u32,
    /// A few dozen at the most: the host hands them over in portions.
    missing: Vec<&'c str>,
    page: PaymentsPage,
}

impl<H: Host> Call<'_, '_, H> {
    /// Finds as many as it can in the pages of the pending list, as long as a page has some. What goes wrong there is no
    /// matter: they are asked for one by one then.
    fn listed(&mut self) -> Result<(), Error> {
        for number in 1..=PAGES {
            if self.missing.len() < WORTH_A_PAGE && !self.has_only_the_list() {
                break;
            }
            let query = [
                ("bank_account_id", self.account.to_owned()),
                ("status[]", "pending".to_owned()),
                ("sort_by", "updated_at:asc".to_owned()),
                ("per_page", self.size.to_string()),
                ("page", number.to_string()),
                labels(),
            ];
            let body = match self.api.get(PATH, &query) {
                Ok(body) => body,
                Err(error) if errors::ends_the_call(&error) => return Err(error),
                Err(_) => break,
            };
            let Ok(List { rows, meta }) = api::list(PATH, &body, &["transactions"], number) else { break };
            let before = self.missing.len();
            for row in rows {
                let entry = Entry::read(row, self.account);
                let place = self.missing.iter().position(|id| entry.id.as_deref() == Some(*id));
                if let Some(place) = place {
                    self.missing.remove(place);
                    emit(&mut self.page, entry);
                }
            }
            let found = before - self.missing.len();
            let is_worth_it = found >= WORTH_A_PAGE || self.has_only_the_list();
            if !is_worth_it || !meta.is_some_and(|meta| meta.has_next) {
                break;
            }
        }
        Ok(())
    }

    /// Whether one is missing that can only be found in the list, since its id cannot stand in a path.
    fn has_only_the_list(&self) -> bool {
        self.missing.iter().any(|id| api::segment(id).is_none())
    }

    fn one_by_one(&mut self) -> Result<(), Error> {
        let mut left = Vec::new();
        for id in std::mem::take(&mut self.missing) {
            if let Some(segment) = api::segment(id) {
                left.push((id, Ask { path: format!("{PATH}/{segment}"), query: vec![labels()] }));
                continue;
            }
            let reason = "it is not in the list, and its id cannot stand in the path of a request";
            self.page.gaps.push(gap(format!("pending transaction {id}"), Error::Other(errors::detail(reason))));
        }
        let mut failure = None;
        while !left.is_empty() && !failure.as_ref().is_some_and(errors::ends_the_call) {
            // As long as nothing could be read, one at a time.
            let width = if self.has_read() { left.len() } else { 1 };
            let (ids, asks): (Vec<&str>, Vec<Ask>) = left.drain(..width).unzip();
            for ((id, ask), answer) in ids.into_iter().zip(&asks).zip(self.api.get_all(&asks)) {
                if let Err(error) = self.take(id, &ask.path, answer) {
                    self.page.gaps.push(gap(format!("pending transaction {id}"), error.clone()));
                    if errors::ends_the_call(&error) || failure.is_none() {
                        failure = Some(error);
                    }
                }
            }
        }
        match failure {
            Some(error) if !self.has_read() => Err(error),
            _ => Ok(()),
        }
    }

    fn has_read(&self) -> bool {
        !self.page.items.is_empty() || !self.page.withdrawn.is_empty() || !self.page.rejected.is_empty()
    }

    /// Takes in what the look-up of a transaction was answered: as it is now, or that Qonto no longer has it.
    fn take(&mut self, id: &str, path: &str, answer: Result<String, Error>) -> Result<(), Error> {
        let body = match answer {
            Err(Error::NotFound(_)) => {
                self.page.withdrawn.push(Withdrawn { reference: id.to_owned(), replaced_by: None });
                return Ok(());
            }
            answer => answer?,
        };
        let (raw, row) = api::object(path, &body, "transaction")?;
        let entry = Entry::read(Item { raw, row: Ok(row) }, self.account);
        match entry.id.as_deref() {
            Some(found) if found == id => emit(&mut self.page, entry),
            Some(other) => {
                return Err(errors::malformed(path, &format!("transaction {id} was asked, {other} came")));
            }
            None => return Err(errors::malformed(path, &format!("transaction {id} was asked, one without id came"))),
        }
        Ok(())
    }
}
