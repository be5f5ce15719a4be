//! What a connector is asked, and what it answers.

use crate::error::Gap;
use crate::payment::Payment;
use crate::records::{Account, Asset, Balance, Metadata, Other, Rejected, Timestamp, Withdrawn};

/// The record that a task runs for, as the connector returned it, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The name of the task that read it.
    pub task: String,
    /// Its reference.
    pub reference: String,
    /// Of an account, when it has one.
    pub default_asset: Option<Asset>,
    /// What only people and reports read.
    pub metadata: Metadata,
    /// The provider's bytes of it.
    pub raw: String,
}

/// The request for one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// The config: a JSON object with the fields of the manifest, and no others. A `secret` field that is set is
    /// `true`, never its value.
    ///
    /// Beyond what it needs itself, the host does not look at the values: a connector takes any text for a config,
    /// and reports what it cannot use. It never traps on one, and lets no value become a header of its own.
    pub config: String,
    /// The name of the task that runs.
    pub task: String,
    /// The record it runs for: present exactly if the task has a parent. One that this connector did not return is
    /// refused with `invalid-parent`.
    pub parent: Option<Parent>,
    /// How many rows to ask the provider for at a time, 1 to `max-page-size`. A page may hold what several requests
    /// brought, more where the provider's answer is not paged, and fewer; none of it says anything about the end.
    pub page_size: u32,
    /// How many requests may be in flight at once, 1 to the manifest's `max-in-flight`. More than that wait.
    pub max_in_flight: u32,
    /// Rows from before need not be read: how far back a first poll goes. Absent: as far as the provider lets it.
    pub since: Option<Timestamp>,
    /// When the host asked; for balances of a parent, when the parent was read. The only time a connector sees. The
    /// host's clock may be wrong. It may bound a request where the provider wants a window of time or an end of it;
    /// what was read so far is told by the rows alone, never by this time.
    pub observed_at: Timestamp,
}

/// Accounts, own or external.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsPage {
    /// The accounts.
    pub items: Vec<Account>,
    /// Accounts that the provider says are gone. Where it only stops listing them, that is for `snapshot`.
    pub withdrawn: Vec<Withdrawn>,
    /// Rows that could not be mapped.
    pub rejected: Vec<Rejected>,
    /// What this page would have held as well. It is asked for again, at the latest at the next poll, and holds
    /// nothing else up. A place to go on from that the provider no longer takes is one too: the page has the gap, and
    /// the state begins anew, which an error could not make it do.
    pub gaps: Vec<Gap>,
    /// True: call again at once, with the state as set by this call. False: the poll of this stream is complete, but
    /// for its gaps. The end of a list is where the provider says so. Where only its total says that there is more,
    /// the next page is asked once: a refusal or an empty page is the end, and what came counts.
    pub has_more: bool,
}

/// Balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancesPage {
    /// The balances.
    pub items: Vec<Balance>,
    /// Rows that could not be mapped.
    pub rejected: Vec<Rejected>,
    /// As in `accounts-page`.
    pub gaps: Vec<Gap>,
    /// As in `accounts-page`.
    pub has_more: bool,
}

/// Payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentsPage {
    /// The payments.
    pub items: Vec<Payment>,
    /// Payments reported earlier, final or not, that the provider no longer has. The host keeps each with its
    /// history: it marks it cancelled, or replaced. One it does not know is ignored.
    pub withdrawn: Vec<Withdrawn>,
    /// Rows that could not be mapped.
    pub rejected: Vec<Rejected>,
    /// As in `accounts-page`.
    pub gaps: Vec<Gap>,
    /// As in `accounts-page`.
    pub has_more: bool,
}

/// Things for which other tasks run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OthersPage {
    /// The records.
    pub items: Vec<Other>,
    /// Rows that could not be mapped.
    pub rejected: Vec<Rejected>,
    /// As in `accounts-page`.
    pub gaps: Vec<Gap>,
    /// As in `accounts-page`.
    pub has_more: bool,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The provider's stable identifier of whose data this is: an organisation, a company, a user. An install belongs
    /// to one: a host refuses to go on with another. Absent when one request does not tell.
    pub subject: Option<String>,
    /// Its name, for a person.
    pub name: Option<String>,
}

/// How urgent a line of a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For whoever looks for a fault.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something went wrong.
    Error,
}
