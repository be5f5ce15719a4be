//! Payments.

use serde::{Deserialize, Serialize};

use crate::records::{Asset, Metadata, MinorUnits, Money, Timestamp};

/// How exactly a `created-at` is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimePrecision {
    /// To the fraction of a second that the provider gives.
    Instant,
    /// The provider gives a date and no time. The timestamp is 00:00 UTC of that date, and says no more than the
    /// date.
    Day,
}

/// Which way the money goes, seen from the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentType {
    /// Into one of the customer's accounts, from a third party.
    PayIn,
    /// Out of one of the customer's accounts, to a third party.
    Payout,
    /// Between two accounts of the customer.
    Transfer,
    /// One asset of the customer's for another: `amount` is given, `counter-amount` received. Source and
    /// destination may be the same account.
    Conversion,
    /// None of these, or not known.
    Other,
}

/// Where a payment stands. A provider's value with no counterpart here is `unknown`, with the provider's word in
/// the metadata: never an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentStatus {
    /// Known to the provider, not final.
    Pending,
    /// Final: the money has moved.
    Succeeded,
    /// Final: stopped or taken back before it took effect.
    Cancelled,
    /// Final: refused.
    Failed,
    /// Final: lapsed before it was completed.
    Expired,
    /// Money was given back, in part or in full.
    Refunded,
    /// Giving it back failed.
    RefundedFailure,
    /// A refund was itself taken back.
    RefundReversed,
    /// Contested by a party.
    Dispute,
    /// Contested, and the payee was right.
    DisputeWon,
    /// Contested, and the payer was right.
    DisputeLost,
    /// The amount was corrected.
    AmountAdjustment,
    /// Reserved, not yet taken.
    Authorisation,
    /// Taken after an authorisation.
    Capture,
    /// Taking it failed.
    CaptureFailed,
    /// A state the provider names, that is none of these.
    Other,
    /// A state this connector does not know.
    Unknown,
}

/// The rail the money moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentScheme {
    /// A card, whatever its network.
    Card,
    /// Visa.
    CardVisa,
    /// Mastercard.
    CardMastercard,
    /// American Express.
    CardAmex,
    /// Diners Club.
    CardDiners,
    /// Discover.
    CardDiscover,
    /// JCB.
    CardJcb,
    /// `UnionPay`.
    CardUnionPay,
    /// SEPA, when it is not known which kind.
    Sepa,
    /// A SEPA credit transfer.
    SepaCredit,
    /// An instant one.
    SepaCreditInstant,
    /// A SEPA direct debit.
    SepaDebit,
    /// Through correspondent banks.
    Swift,
    /// The clearing house of the United States.
    Ach,
    /// The same, collected by the payee.
    AchDebit,
    /// Real-time payments in the United States.
    Rtp,
    /// Account to account, on a domestic rail not listed here.
    A2a,
    /// A cheque.
    Cheque,
    /// Google Pay.
    GooglePay,
    /// Apple Pay.
    ApplePay,
    /// Inside the provider, on no outside rail.
    Internal,
    /// A rail the provider names, that is none of these: its word is `std/scheme`.
    Other,
    /// The provider does not say.
    Unknown,
}

/// The other party of a payment, as far as the provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterparty {
    /// Its name.
    pub name: Option<String>,
    /// The `reference` of the external account, when the provider links the payment to one that a task of this
    /// connector reads.
    pub account_reference: Option<String>,
    /// An account number as the provider spells it: an IBAN, a local number, an address on a chain, possibly masked.
    pub account_number: Option<String>,
    /// What kind of number that is, in the provider's word: `IBAN`, `BBAN`, …
    pub account_number_format: Option<String>,
    /// The bank: a BIC, a sort code, a routing number.
    pub bank_identifier: Option<String>,
    /// What kind of identifier that is, in the provider's word: `BIC`, …
    pub bank_identifier_format: Option<String>,
}

/// One movement on one account, or between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The provider's stable identifier. Unique among the payments of one install, whichever task or parent they
    /// came from: where the provider's are unique within an account or a list only, the connector puts that in
    /// front. Never empty. The same payment seen again later carries the same reference: the host keeps each change
    /// as an adjustment. A page may hold several versions of one payment, in the order in which they took effect.
    ///
    /// Both legs of a move between own accounts are one payment if the provider's row shows both, and two with
    /// references of their own (and one `std/group`) if it has a row for each: never one reference with contents
    /// that depend on the account it was read for.
    ///
    /// A provider without identifiers: derive one from what never changes about the row, and a count among rows that
    /// are equal in it.
    pub reference: String,
    /// The payment that this one gives back, contests, captures or corrects, when the provider says: its reference
    /// as the connector reports it, whether or not it has been reported.
    pub parent_reference: Option<String>,
    /// When the movement was initiated, or booked where the provider tells only that.
    pub created_at: Timestamp,
    /// How exactly that is known.
    pub created_at_precision: TimePrecision,
    /// When the provider last changed it. Absent when the provider does not say: never a made-up time. Which version
    /// is the present one is decided by the order of reading, the last read wins; of two that were read at the same
    /// time, the later `updated-at`.
    pub updated_at: Option<Timestamp>,
    /// Which way the money goes.
    pub payment_type: PaymentType,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The rail.
    pub scheme: PaymentScheme,
    /// The gross amount, never negative: the direction is in `payment-type`. Without `fees`: a payout takes amount
    /// and fees from its account, a pay-in brings the amount less the fees.
    pub amount: MinorUnits,
    /// What the amount is of: for a movement on a customer's account, what that account moved.
    pub asset: Asset,
    /// What the provider kept for itself of this movement, as far as the row tells. Not: fees that are rows of their
    /// own. Never negative; a fee given back is a payment.
    pub fees: Vec<Money>,
    /// The amount on the other side when it is of another asset: what the third party was asked for or got, or what
    /// a conversion brought.
    pub counter_amount: Option<Money>,
    /// The `reference` of the account the money leaves, when it is one of the customer's own.
    pub source_account_reference: Option<String>,
    /// The `reference` of the account the money enters, when it is one of the customer's own.
    pub destination_account_reference: Option<String>,
    /// The other party.
    pub counterparty: Option<Counterparty>,
    /// What only people and reports read.
    pub metadata: Metadata,
    /// The provider's bytes of this object, verbatim: a JSON value with its numbers spelled as received.
    pub raw: String,
}
