//! A page of any kind, and what a call brings.

use crate::call::{AccountsPage, BalancesPage, OthersPage, PaymentsPage};
use crate::error::Gap;
use crate::manifest::Capability;
use crate::records::{Rejected, Withdrawn};

/// A page and the state that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched<P> {
    /// The page as the connector returned it.
    pub page: P,
    /// The state it set; `None` when it set none, and the state stays.
    pub state: Option<Vec<u8>>,
}

/// A page of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Of `fetch-accounts` or `fetch-external-accounts`.
    Accounts(AccountsPage),
    /// Of `fetch-balances`.
    Balances(BalancesPage),
    /// Of `fetch-payments` or `follow-payments`.
    Payments(PaymentsPage),
    /// Of `fetch-others`.
    Others(OthersPage),
}

impl Page {
    /// True when the poll of the stream goes on.
    #[must_use]
    pub fn has_more(&self) -> bool {
        match self {
            Self::Accounts(page) => page.has_more,
            Self::Balances(page) => page.has_more,
            Self::Payments(page) => page.has_more,
            Self::Others(page) => page.has_more,
        }
    }

    /// What it would have held as well.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        match self {
            Self::Accounts(page) => &page.gaps,
            Self::Balances(page) => &page.gaps,
            Self::Payments(page) => &page.gaps,
            Self::Others(page) => &page.gaps,
        }
    }

    /// What the provider says that it no longer has.
    #[must_use]
    pub fn withdrawn(&self) -> &[Withdrawn] {
        match self {
            Self::Accounts(page) => &page.withdrawn,
            Self::Payments(page) => &page.withdrawn,
            Self::Balances(_) | Self::Others(_) => &[],
        }
    }

    /// The rows that the connector could not map.
    #[must_use]
    pub fn rejected(&self) -> &[Rejected] {
        match self {
            Self::Accounts(page) => &page.rejected,
            Self::Balances(page) => &page.rejected,
            Self::Payments(page) => &page.rejected,
            Self::Others(page) => &page.rejected,
        }
    }

    /// How many records it holds, rejected ones not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Accounts(page) => page.items.len(),
            Self::Balances(page) => page.items.len(),
            Self::Payments(page) => page.items.len(),
            Self::Others(page) => page.items.len(),
        }
    }

    /// True when it holds no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What to fetch. For which record, the request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetch {
    /// A page of what a task of this capability reads.
    Page(Capability),
    /// How these payments stand.
    Follow(Vec<String>),
}
