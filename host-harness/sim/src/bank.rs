//! What the conformance suite needs of a simulated provider: rows to stock it with, changes to make between two
//! requests, ways to disturb it, and the truth to hold a connector against.
//!
//! The suite speaks of accounts, payments and counterparties; how a provider spells them is in its [`Bank`]. To prove
//! connectors for another provider, write another one: a folder beside this file, and for a small one a crate of the tests, show how.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Provider;
use model::{Money, PaymentStatus, PaymentType};
use outside::har::Told;
use outside::transport::{Request, Response};

/// A payment as the suite orders it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The reference of the account it is on.
    pub account: String,
    /// When it was initiated and last changed.
    pub at: DateTime<Utc>,
    /// Where it stands: one of [`Bank::statuses`].
    pub status: PaymentStatus,
    /// True for money that comes in.
    pub incoming: bool,
    /// How much, in minor units of the account's currency.
    pub minor: u64,
    /// When lists begin to show it, where that is later than the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_at: Option<DateTime<Utc>>,
}

impl Movement {
    /// A settled outgoing payment of 1.00.
    #[must_use]
    pub fn on(account: &str, at: DateTime<Utc>) -> Self {
        Self {
            account: account.to_owned(),
            at,
            status: PaymentStatus::Succeeded,
            incoming: false,
            minor: 100,
            visible_at: None,
        }
    }

    /// With another status.
    #[must_use]
    pub fn status(self, status: PaymentStatus) -> Self {
        Self { status, ..self }
    }

    /// With another amount, in minor units.
    #[must_use]
    pub fn minor(self, minor: u64) -> Self {
        Self { minor, ..self }
    }

    /// Money that comes in.
    #[must_use]
    pub fn incoming(self) -> Self {
        Self { incoming: true, ..self }
    }

    /// Not shown by lists before `at`.
    #[must_use]
    pub fn visible_at(self, at: DateTime<Utc>) -> Self {
        Self { visible_at: Some(at), ..self }
    }
}

/// A change of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It stands elsewhere now.
    Status(PaymentStatus),
    /// The text that a person reads: a label, a note.
    Label(String),
    /// The amount, in minor units.
    Minor(u64),
}

/// A payment as the provider has it, in the words of the contract: what a connector must make of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruePayment {
    /// The reference of its account.
    pub account: String,
    /// See `types.payment.payment-type`.
    #[serde(rename = "type")]
    pub payment_type: PaymentType,
    /// Whether the money enters the account; none where the provider does not say.
    #[serde(default)]
    pub incoming: Option<bool>,
    /// See `types.payment.status`.
    pub status: PaymentStatus,
    /// In minor units.
    pub amount: String,
    /// `EUR/2`.
    pub asset: String,
    /// When it was initiated.
    pub created_at: DateTime<Utc>,
    /// Whether the provider tells the date of that only.
    #[serde(default)]
    pub created_on_day: bool,
    /// When it was last changed; none where the provider does not say.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// What the provider kept for itself.
    #[serde(default)]
    pub fees: Vec<Money>,
    /// What is on the other side, where that is of another asset.
    #[serde(default)]
    pub counter_amount: Option<Money>,
    /// The payment that it gives back or corrects.
    #[serde(default)]
    pub parent: Option<String>,
    /// The provider's bytes.
    pub raw: String,
}

/// Everything a connector has to find.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Truth {
    /// Own accounts: the provider's bytes by reference.
    pub accounts: BTreeMap<String, String>,
    /// Counterparties' accounts: the provider's bytes by reference.
    pub external_accounts: BTreeMap<String, String>,
    /// Balances in minor units: by account, kind and asset. The kind is the contract's word, with the label behind it
    /// where there is one: `booked`, `other (staked)`.
    #[serde(with = "balances")]
    pub balances: BTreeMap<(String, String, String), String>,
    /// Others that tasks run for: the provider's bytes by reference.
    pub others: BTreeMap<String, String>,
    /// Payments by reference.
    pub payments: BTreeMap<String, TruePayment>,
}

/// Balances as a list of four texts each, since JSON has no keys of three.
mod balances {
    use std::collections::BTreeMap;

    use serde::{Deserialize as _, Deserializer, Serializer};

    type Balances = BTreeMap<(String, String, String), String>;

    pub fn serialize<S: Serializer>(balances: &Balances, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(balances.iter().map(|((account, kind, asset), amount)| [account, kind, asset, amount]))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Balances, D::Error> {
        let rows = Vec::<[String; 4]>::deserialize(from)?.into_iter();
        Ok(rows.map(|[account, kind, asset, amount]| ((account, kind, asset), amount)).collect())
    }
}

/// A deviation of the provider that was seen with some API. A bank without such a case says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quirk {
    /// A row at exactly the time asked for is not in the answer.
    FromExclusive,
    /// A page beyond the last one is empty, where it is an error otherwise.
    PastEndEmpty,
    /// Whatever page is asked, the first one comes, and says that it is the first.
    PageIgnored,
    /// Rows come newest first, whatever order is asked.
    SortIgnored,
    /// At most this many rows come, whatever is asked; what the answer says of itself is right.
    PageClamped(u32),
    /// Pages are a row shorter than asked, with more behind them: all rows come. A page of one row stays one.
    ShortPages,
    /// A page holds three rows more than asked, where there are as many; the next one goes on behind them.
    Overfull,
    /// The provider says of every page, the last one too, that the next page is the same one again.
    NextIsSame,
    /// The next page is an earlier one, from the second page on, the last one too.
    NextGoesBack,
    /// The number of pages is absurd: a billion. Each says that there is a next one; beyond the rows they are empty.
    AbsurdPages,
    /// Every page is empty and says that there is more, until [`Bank::clear_quirks`].
    EmptyWithMore,
    /// One answer, the second of those with a next page, comes empty, still with a next page; asked again, it has its
    /// rows. Nothing happens where everything fits on one page.
    EmptyOnce,
    /// The stated total is three higher than the rows that come.
    TotalTooHigh,
    /// A first page with more behind it says that it is the last; what it states as total is right.
    EndsEarly,
    /// Every answer offers links to foreign hosts, in headers and body.
    ForeignLinks,
}

/// What is odd about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Odd {
    /// The amount, in the provider's spelling of the currency's minor units; large ones as well.
    Amount(String),
    /// The amount in minor units contradicts the decimal one.
    Contradiction,
    /// The amount in exponent notation: `1.5e3`.
    Exponent,
    /// The amount has more decimals than the currency: 1.005.
    TooFine,
    /// No amount, in no spelling.
    NoAmount,
    /// Every spelling of the amount is null.
    NullAmount,
    /// A negative zero.
    NegativeZero,
    /// The account's currency is another one: the ISO 4217 code, or what the provider would send.
    Currency(String),
    /// Paid in another currency, of which the row tells the amount as well; the account's is the payment's.
    Abroad,
    /// No currency at all.
    NoCurrency,
    /// This status, which no documentation names.
    UnknownStatus(String),
    /// A kind of operation that no documentation names.
    UnknownKind,
    /// Neither in nor out.
    UnknownSide,
    /// A field that no documentation names.
    NewField,
    /// Every optional field is null.
    NullFields,
    /// Every optional field is missing.
    AbsentFields,
    /// Every optional text is empty.
    EmptyFields,
    /// No account number of the other party.
    NoAccountNumber,
    /// The other party's account number is masked.
    MaskedNumber,
    /// Money between two own accounts.
    OwnTransfer,
    /// An amount of zero.
    Zero,
    /// The time of the last change in another spelling of the same instant: fraction digits, offset. Where the provider
    /// tells no such time, that by which its list is ordered; for a mere date a time of day is a wrong one.
    Time(String),
    /// That time is missing.
    NoTime,
    /// That time is null.
    NullTime,
    /// Spelling of the provider's JSON that a re-serialisation would lose: white space, escapes, `1.50`.
    Spelling,
    /// No identifier.
    NoReference,
    /// Nothing odd: everything is there that the provider can say about a payment.
    Complete,
}

/// An optional field of the contract's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// `account.name` of own accounts.
    AccountName,
    /// `account.default-asset` of own accounts.
    AccountAsset,
    /// `account.created-at` of own accounts.
    AccountCreated,
    /// `account.updated-at` of own accounts.
    AccountUpdated,
    /// `account.name` of external accounts.
    ExternalName,
    /// `account.default-asset` of external accounts.
    ExternalAsset,
    /// `account.created-at` of external accounts.
    ExternalCreated,
    /// `account.updated-at` of external accounts.
    ExternalUpdated,
    /// `payment.metadata`.
    Metadata,
    /// `payment.scheme`, other than unknown.
    Scheme,
    /// `payment.source-account-reference`.
    Source,
    /// `payment.destination-account-reference`.
    Destination,
    /// `payment.counterparty.name`.
    PartyName,
    /// `payment.counterparty.account-number`.
    PartyNumber,
    /// `payment.counterparty.account-number-format`.
    PartyNumberFormat,
    /// `payment.counterparty.bank-identifier`.
    PartyBank,
    /// `payment.counterparty.bank-identifier-format`.
    PartyBankFormat,
}

/// What the contract says becomes of an odd row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expected {
    /// This payment, under this reference.
    Payment(String, TruePayment),
    /// A rejected row with these bytes.
    Rejected(String),
    /// Either: the payment as given, or a rejected row with the same bytes.
    Either(String, TruePayment),
}

/// What a request asks for, as far as a check needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Asked {
    /// Own accounts.
    Accounts,
    /// Counterparties' accounts.
    ExternalAccounts,
    /// A list of payments.
    Payments,
    /// Balances, where they have an answer of their own.
    Balances,
    /// Others, for which tasks run.
    Others,
    /// Something else.
    Other,
}

/// An error answer, and what of it a connector must keep.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The answer.
    pub response: Response,
    /// The provider's code in it; none when this status has none.
    pub code: Option<String>,
    /// The provider's identifier of the exchange.
    pub request_id: Option<String>,
}

/// A provider that the suite can stock, change and disturb. Times are UTC; amounts minor units.
///
/// Any, so that the checks for one provider can reach what only that one has.
pub trait Bank: Provider + Any {
    /// The name by which `--provider` picks it: that of the connectors for it.
    fn name(&self) -> &str;

    /// A config that fits every connector for this provider, with all fields set. The values of [`Bank::secrets`] are
    /// canaries: invented, unmistakable, found wherever they leak.
    fn config(&self) -> Map<String, Value>;

    /// The fields of the config that hold secrets, whatever a manifest says of them. With other values than those of
    /// [`Bank::config`], all of them, a request is refused.
    fn secrets(&self) -> Vec<String>;

    /// The most rows it gives a page.
    fn largest_page(&self) -> u32;

    /// How late, after its own time, a row can become visible here.
    fn lag(&self) -> Duration;

    /// Requests that a poll with nothing new may take at most, with what the provider has, in pages of so many rows. Where
    /// nothing tells when a row changed, the rows of the last days are read again.
    fn idle_requests(&self, page_size: u32) -> u32;

    /// The statuses that its lists know, the settled one first.
    fn statuses(&self) -> Vec<PaymentStatus>;

    /// Adds an own account in `currency` (ISO 4217), with a balance unlike any other's; gives its reference.
    fn open_account(&mut self, currency: &str) -> String;

    /// Sets what is booked on an account, and what of it is available, in minor units; false when there is none. A new
    /// account has something of both.
    fn set_balance(&mut self, account: &str, booked: &str, available: &str) -> bool;

    /// Adds a payment; gives its reference.
    fn add(&mut self, movement: &Movement) -> String;

    /// Changes a payment at a time; false when there is none, or the provider has no such change.
    fn change(&mut self, reference: &str, at: DateTime<Utc>, change: &Change) -> bool;

    /// Takes a payment away as if it had never been; false when there is none.
    fn remove(&mut self, reference: &str) -> bool;

    /// Adds a counterparty's account; gives its reference. None where the provider has no such records.
    fn add_counterparty(&mut self, at: DateTime<Utc>) -> Option<String>;

    /// Changes a counterparty at a time; false when there is none.
    fn change_counterparty(&mut self, reference: &str, at: DateTime<Utc>) -> bool;

    /// Removes a counterparty; false when there is none.
    fn remove_counterparty(&mut self, reference: &str) -> bool;

    /// Adds an odd payment, and says what must become of it; none where the provider has no such case. A transfer
    /// between own accounts also adds the row of the other one, and that account where there is none.
    fn add_odd(&mut self, account: &str, at: DateTime<Utc>, odd: &Odd) -> Option<Expected>;

    /// The optional fields that a connector can fill from the rows of [`Bank::open_account`], of
    /// [`Bank::add_counterparty`], and of payments either way and [`Odd::Complete`].
    fn fills(&self) -> Vec<Field>;

    /// Everything it has now, less the odd rows that must be rejected.
    fn truth(&self) -> Truth;

    /// Personal data in what it has (names, account numbers), to be found where it has no business.
    fn personal(&self) -> Vec<String>;

    /// Behaves oddly from now on, as well as in the ways set before; false where it has no such case.
    fn set_quirk(&mut self, quirk: Quirk) -> bool;

    /// Behaves as before the first quirk.
    fn clear_quirks(&mut self);

    /// What a request asks for.
    fn asked(&self, request: &Request) -> Asked;

    /// What cannot be read while a request gets no good answer: the rows of the list that it reads a part of, whatever page
    /// and window of time it asks for, with what stands below them; or the one row that it asks for, also when there is
    /// none. By kind and reference; a balance by that of its account.
    fn dependents(&self, request: &Request) -> BTreeSet<(Asked, String)>;

    /// Its answer of an HTTP status from 400 up, in its own words.
    fn refusal(&self, status: u16) -> Refusal;

    /// Its answer where access has lapsed until a person acts, in its own words, with whatever links it has. None where it
    /// has no such answer.
    fn lapsed(&self) -> Option<Refusal> {
        None
    }

    /// Whether it says when a balance held.
    fn dates_balances(&self) -> bool {
        false
    }

    /// Puts another payment in the place of one that is pending, and says so; gives its reference. None where there is no
    /// such payment, or no such case.
    fn replace(&mut self, _reference: &str, _at: DateTime<Utc>) -> Option<String> {
        None
    }

    /// Closes an account, so that it is no longer listed; false when there is none, or the provider has no such case.
    fn close_account(&mut self, _reference: &str) -> bool {
        false
    }

    /// Gives whose data it has another name; it is the same still.
    fn rename_subject(&mut self) {}

    /// From now on the same credentials lead to another's data: another organisation's, another customer's. False where
    /// no single request tells whose it is.
    fn change_subject(&mut self) -> bool {
        false
    }

    /// What a connector has to be told, where this provider knows answers to nothing else. None for one that answers whatever
    /// is asked.
    fn told(&self) -> Option<Told> {
        None
    }

    /// The manifest of the last released connector for this provider, as [`manifest_json`](model::manifest_json) writes it.
    fn released(&self) -> Option<String> {
        None
    }
}

impl Provider for Box<dyn Bank> {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response {
        (**self).answer(request, now)
    }
}
