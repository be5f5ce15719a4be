//! What a connector reads: accounts, balances, payments, and what could not be read.

use serde::{Deserialize, Serialize};

/// An instant in UTC. `seconds` since 1970-01-01T00:00:00Z, negative before it; `nanoseconds` below 1 000 000 000.
/// A local time whose zone the provider documents is converted. One whose zone is not known is no instant: reject the
/// row rather than guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    /// Since 1970-01-01T00:00:00Z, negative before it.
    pub seconds: i64,
    /// Below 1 000 000 000.
    pub nanoseconds: u32,
}

/// An amount in the smallest unit of its asset, in base 10: `"129900"`, `"-5"`, `"0"`.
/// Digits with an optional leading `-`; no leading zeros, no `+`, no `-0`. Any number of digits. Never derive it
/// from a binary floating-point number: read the digits of the provider's JSON.
pub type MinorUnits = String;

/// What an amount is of, and the number of decimals of its unit: `EUR/2`, `JPY/0`, `BHD/3`, `BTC/8`. An upper-case
/// code (a letter, then up to 16 letters or digits, then perhaps `_` and up to 16 letters), a slash, 0 to 38. For
/// money the ISO 4217 code and its exponent; more decimals only where the provider's own ledger keeps more
/// (`USD/4`), and then for every amount of that asset in the install. The exponents that a provider's interface uses
/// may differ from ISO's: convert.
pub type Asset = String;

/// An amount of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How much.
    pub amount: MinorUnits,
    /// What it is of.
    pub asset: Asset,
}

/// Key and value pairs, each key at most once, sorted by key. Keys are namespaced by provider:
/// `com.qonto.spec/iban`. A value that the provider does not give has no pair.
///
/// Keys in the namespace `std/` mean the same for every provider, and are used where the provider gives the value:
///
/// - Of payments: `std/description` (what payer or bank wrote), `std/end-to-end-id`, `std/mandate-id`,
///   `std/booking-date` and `std/value-date` (a date, `2026-01-31`), `std/status`, `std/type` and `std/scheme` (the
///   provider's own words), `std/group` (equal for the rows of one event: both legs, one batch), `std/batch-count`
///   (how many payments a row stands for).
/// - Of accounts: `std/iban`, `std/bic`, `std/account-number`, `std/sort-code`, `std/routing-number`, `std/country`
///   (two letters), `std/holder`, `std/address` (on a chain), `std/status`, `std/type`.
///
/// That list may grow, and is no part of the shape. A host refuses a page with a `std/` key that it does not know:
/// the namespace is not for keys of one's own.
pub type Metadata = Vec<(String, String)>;

/// Something above or beside accounts that other tasks run for: a profile, a user, an entity, a consent. The host
/// keeps it for that purpose only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The provider's stable identifier. Unique within the task; never empty.
    pub reference: String,
    /// Its name.
    pub name: Option<String>,
    /// What only people and reports read.
    pub metadata: Metadata,
    /// The provider's bytes of this object, verbatim.
    pub raw: String,
}

/// An account: one of the customer's own (`fetch-accounts`), or a third party's that money can go to or come from
/// (`fetch-external-accounts`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's stable identifier. Unique among accounts of this kind in one install; never empty.
    pub reference: String,
    /// Its name.
    pub name: Option<String>,
    /// The asset the account is kept in. Absent where it may hold several: each has balances of its own.
    pub default_asset: Option<Asset>,
    /// When the provider says it was created. Absent when the provider does not say: never a made-up date.
    pub created_at: Option<Timestamp>,
    /// When the provider says it last changed. Absent when the provider does not say.
    pub updated_at: Option<Timestamp>,
    /// What only people and reports read.
    pub metadata: Metadata,
    /// The provider's bytes of this object, verbatim: a JSON value with its numbers spelled as received.
    pub raw: String,
}

/// Which of an account's balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceKind {
    /// What the provider's ledger holds: settled movements only.
    Booked,
    /// What can be spent now: booked, less what is reserved, with a credit line where the provider counts it in.
    Available,
    /// On its way in, not yet settled.
    Pending,
    /// Held back: for authorisations, orders, disputes, or by the provider as a security.
    Reserved,
    /// Any other that the provider names: see `label`.
    Other,
}

/// One balance of one account at one time. An account may have several: one for each asset, kind and label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The `reference` of the account.
    pub account_reference: String,
    /// Which of the balances.
    pub kind: BalanceKind,
    /// The provider's word for it: `expected`, `staked`. Given with `other`, and where two balances of one kind would
    /// otherwise be the same.
    pub label: Option<String>,
    /// Seen from the customer: what is owed is negative, however the provider spells it.
    pub amount: MinorUnits,
    /// What it is of.
    pub asset: Asset,
    /// When the balance held. A connector that reads it out of the parent, or that is told no time, gives the
    /// request's `observed-at`. Of two balances that are otherwise the same, the one read last is the present one.
    pub as_of: Timestamp,
}

/// A row reported earlier that the provider no longer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// Its reference.
    pub reference: String,
    /// The reference of the row that stands in its place, when the provider says: a booked one for a pending one.
    pub replaced_by: Option<String>,
}

/// A row that the connector read and could not map. The host keeps it in quarantine and shows it; the page and
/// the stream go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The provider's identifier of the row, when it could be read.
    pub reference: Option<String>,
    /// What is wrong, for a person: which field, what it holds, what was expected.
    pub reason: String,
    /// The provider's bytes of the row, verbatim.
    pub raw: String,
}
