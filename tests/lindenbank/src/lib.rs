//! Lindenbank: a bank that does not exist, and a simulation of its API.
//!
//! It is what Qonto is not, so that neither the contract nor the suite grows to fit one provider. Its payments are one
//! list for everything that a login leads to. It tells dates and no time of day, and never when something changed. A
//! row has its fees and a second amount; a refund names what it gives back. An account holds several currencies, and
//! stands below a profile.
//!
//! The people, the numbers and the rows are invented for these tests. The IBANs have right check digits and a bank code
//! that was never given out. Nothing of it was recorded anywhere.
//!
//! # The API
//!
//! `GET` with `authorization: Bearer …`. A list answers `{"items":[…],"next":"…"}` with `limit` rows from behind the
//! cursor `after`; `next` is null at its end, and a page with more behind it is never empty. A cursor lives for a day.
//!
//! - `/v1/me`: whose data it is.
//! - `/v1/profiles`, `/v1/profiles/{id}/accounts`: lists in the order of `sequence`.
//! - `/v1/accounts/{id}/balances`: every balance of an account at once.
//! - `/v1/payments`: a list in the order of `bookingDate` and `sequence`, with `from` the first date. A row may show a
//!   day after its date. No date lies ahead.
//! - `/v1/payments/{id}`: one row. 404 `payment_unknown` when there is none, 410 `payment_replaced` with `replacedBy`
//!   when another one stands in its place.
//!
//! A consent to read ends after some months: 403 `consent_lapsed` everywhere, until the customer renews it.
//!
//! What is booked or declined does not change any more; what is pending may change or vanish, and nothing tells when.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod answers;
mod bank;
mod iban;
mod money;
mod odd;
mod quirks;
mod rows;
mod suite;
#[cfg(test)]
mod tests;

pub use bank::{Lindenbank, TOKEN};
pub use iban::german_iban;
