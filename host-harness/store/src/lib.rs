//! The embedded store: one `SQLite` file with the records, the quarantine, the states and the run log of many installs.
//!
//! A page, the rows that its connector rejected and the state that the connector set become durable in one transaction,
//! so that a crash at any instant loses nothing. Which version of a record is present is told by the order of reading, see
//! `versions.rs`: delivering a page twice, late or in parts steps back nowhere.

mod accounts;
mod authority;
mod balances;
mod codec;
mod commit;
mod departures;
mod error;
pub mod export;
mod gaps;
mod layouts;
mod open;
mod open_payments;
mod origins;
pub mod overview;
mod payments;
mod poll_store;
#[cfg(test)]
mod properties;
mod quarantine;
mod raw;
mod read;
mod reference_hash;
#[cfg(test)]
mod round_tests;
mod runs;
mod schema;
pub mod serving;
mod subject;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
#[cfg(any(test, feature = "suite"))]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod uninstall;
mod versions;
mod views;
#[cfg(test)]
mod views_tests;

use std::fmt;

use chrono::{DateTime, Utc};

pub use authority::{Granted, INCIDENTS, RecordedIncident, Suspended, WITHIN};
pub use codec::{balance_kind_name, payment_scheme_name, payment_status_name, payment_type_name, timestamp};
pub use commit::Delivery;
pub use departures::{Departure, Settled};
pub use error::StoreError;
pub use gaps::{LastingGap, NewGap};
pub use open::Store;
pub use origins::Origin;
pub use poll_store::PollStore;
pub use read::Kept;
pub use runs::{Run, RunId, RunSummary};
pub use subject::Subject;

use model::{Account, Balance, Other, Payment, Withdrawn};

/// Which stream: one task of one install for one parent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey {
    /// The name of the install.
    pub install: String,
    /// The name of the task in the manifest.
    pub task: String,
    /// The reference of the parent; none at the root.
    pub parent: Option<String>,
}

impl fmt::Display for StreamKey {
    /// `fetch-payments/acc-1`: within one install.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.task)?;
        self.parent.as_ref().map_or(Ok(()), |parent| write!(f, "/{parent}"))
    }
}

/// Where a stream stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamState {
    /// What the connector set last; none before the first time and after a reset.
    pub state: Option<Vec<u8>>,
    /// Grows with each commit and each reset; [`PollStore::commit`] wants it back.
    pub revision: u64,
    /// The provider asked not to be called earlier.
    pub not_before: Option<DateTime<Utc>>,
    /// When a poll of it last came to its end.
    pub completed_at: Option<DateTime<Utc>>,
}

/// Whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// One of the customer's own.
    Internal,
    /// A third party's.
    External,
}

impl AccountKind {
    /// As in the export: `account`, `external-account`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "account",
            Self::External => "external-account",
        }
    }
}

/// The records of one page.
#[derive(Debug, Clone)]
pub enum PageRecords {
    /// Of `fetch-accounts` or `fetch-external-accounts`.
    Accounts {
        /// Which of the two.
        kind: AccountKind,
        /// The accounts.
        items: Vec<Account>,
        /// Those that the provider no longer has.
        withdrawn: Vec<Withdrawn>,
    },
    /// Of `fetch-balances`.
    Balances(Vec<Balance>),
    /// Of `fetch-payments`.
    Payments {
        /// The payments.
        items: Vec<Payment>,
        /// Payments that the provider no longer has.
        withdrawn: Vec<Withdrawn>,
    },
    /// Of `fetch-others`.
    Others(Vec<Other>),
}

/// What a commit changed. All but `unchanged` are zero when a page comes a second time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Records not known before.
    pub inserted: u64,
    /// Records known before that changed or gained history.
    pub updated: u64,
    /// Records and rejected rows known before, as they came.
    pub unchanged: u64,
    /// Rejected rows not known before.
    pub rejected: u64,
}

impl Changes {
    fn count(&mut self, change: Change) {
        *match change {
            Change::Inserted => &mut self.inserted,
            Change::Updated => &mut self.updated,
            Change::Unchanged => &mut self.unchanged,
        } += 1;
    }

    /// Whether anything changed that an export would show, or its history.
    #[must_use]
    pub fn any(&self) -> bool {
        self.inserted + self.updated + self.rejected > 0
    }
}

/// What one record did to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Inserted,
    Updated,
    Unchanged,
}

/// A page that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The revision to commit the next page with.
    pub revision: u64,
    /// What the page changed.
    pub changes: Changes,
}
