//! M: whether money, time and meaning survive.

mod balances;
mod fields;
mod lifecycle;
mod money;
mod rows;
mod time;
mod trial;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Level, Tier};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "M1",
        title: "exact-money",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.minor-units",
            text: "Any number of digits. Never derive it from a binary floating-point number: read the digits of the provider's JSON.",
        },
        provocation: "amounts from 0 to beyond 64 bits, with an exponent, too fine, negative zero, two that contradict, none; balances beyond 2^53 and below zero",
        rule: "each comes exactly, or as a rejected row where it is none; the rows around them all come",
        run: |subject| money::exact(subject).boxed(),
    },
    Check {
        id: "M2",
        title: "currencies",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause { item: "types.asset", text: "For money the ISO 4217 code and its exponent" },
        provocation: "payments, and whole accounts, in currencies of 0, 2, 3 and 4 decimals, and one paid abroad; unknown, lower-case, empty and missing currencies",
        rule: "each payment and balance has the right exponent, or is a rejected row; the rows around them all come",
        run: |subject| money::currencies(subject).boxed(),
    },
    Check {
        id: "M3",
        title: "direction",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause { item: "types.payment-type", text: "Which way the money goes, seen from the customer." },
        provocation: "payments in and out in every status, of zero too, a transfer between own accounts, one that goes neither way",
        rule: "each has its type, and its account at the end where it belongs; the other end is an own account or none",
        run: |subject| money::direction(subject).boxed(),
    },
    Check {
        id: "M4",
        title: "unknown-values",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.payment-status",
            text: "A provider's value with no counterpart here is `unknown`, with the provider's word in the metadata: never an error.",
        },
        provocation: "a status, a kind, a direction and a field that no documentation names; optional fields null, missing and empty; no account number, a masked one; no identifier",
        rule: "each is a payment with its raw bytes, and without what the provider does not give, but for the row without identifier, which is rejected; the rows around them all come",
        run: |subject| fields::unknown(subject).boxed(),
    },
    Check {
        id: "M5",
        title: "schema-and-raw",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.payment.raw",
            text: "The provider's bytes of this object, verbatim: a JSON value with its numbers spelled as received.",
        },
        provocation: "accounts, counterparties and payments in unusual but correct JSON, read with pages of 2, 5 and 50, and all again without the state",
        rule: "records are valid, references unique and always the same, `raw` the provider's bytes; what the provider tells has its field",
        run: |subject| fields::schema(subject).boxed(),
    },
    Check {
        id: "M6",
        title: "timestamps",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.timestamp",
            text: "One whose zone is not known is no instant: reject the row rather than guess.",
        },
        provocation: "0 to 9 fraction digits, offsets, none, the hours that summer time doubles and skips, 29 February, a leap second, null, a page without times",
        rule: "each is the right instant, or a rejected row; the rows around and after them all come",
        run: |subject| time::spellings(subject).boxed(),
    },
    Check {
        id: "M7",
        title: "clock-skew",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause { item: "connector.fetch-request.observed-at", text: "The host's clock may be wrong." },
        provocation: "three polls with the host's clock a day behind or ahead, standing still, going back, in 2038 and in 2100",
        rule: "each poll finds the rows that it finds by a right clock, and leaves the same states",
        run: |subject| time::skew(subject).boxed(),
    },
    Check {
        id: "M8",
        title: "lifecycle",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.payment.reference",
            text: "The same payment seen again later carries the same reference: the host keeps each change as an adjustment.",
        },
        provocation: "pending payments settle, at another amount too, fail, change amount and label, vanish, and come back under another reference; a settled one is taken back",
        rule: "the host has each payment once, in its last version; a pending one that the provider no longer has is withdrawn",
        run: |subject| lifecycle::lifecycle(subject).boxed(),
    },
    Check {
        id: "M9",
        title: "fees",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.payment.fees",
            text: "What the provider kept for itself of this movement, as far as the row tells. Not: fees that are rows of their own. Never negative; a fee given back is a payment.",
        },
        provocation: "payments with and without fees in two currencies, read with pages of 2 and 50, and all again without the state",
        rule: "each has the fees that its row tells, once, and the gross amount beside them",
        run: |subject| rows::fees(subject).boxed(),
    },
    Check {
        id: "M10",
        title: "other-side",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.payment.counter-amount",
            text: "The amount on the other side when it is of another asset: what the third party was asked for or got, or what a conversion brought.",
        },
        provocation: "payments abroad, exchanges and ordinary ones in two currencies, read in several ways",
        rule: "`counter-amount` and `conversion` as the row tells, never of the asset that the amount is of; the amount is what the account moved",
        run: |subject| rows::other_side(subject).boxed(),
    },
    Check {
        id: "M11",
        title: "links",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.payment.parent-reference",
            text: "The payment that this one gives back, contests, captures or corrects, when the provider says: its reference as the connector reports it, whether or not it has been reported.",
        },
        provocation: "refunds of payments on the same page, on another, and from before `since`; read again without the state",
        rule: "`parent-reference` is that of the payment that the row names, each time, and none where it names none",
        run: |subject| rows::links(subject).boxed(),
    },
    Check {
        id: "M12",
        title: "mere-dates",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.time-precision.day",
            text: "The provider gives a date and no time. The timestamp is 00:00 UTC of that date, and says no more than the date.",
        },
        provocation: "payments whose rows tell a date or a time, read at different hours and on different days",
        rule: "`day` and 00:00 UTC of the date where there is no time, `instant` and the time where there is one; each time the same",
        run: |subject| rows::dates(subject).boxed(),
    },
    Check {
        id: "M13",
        title: "balance-kinds",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.balance",
            text: "An account may have several: one for each asset, kind and label.",
        },
        provocation: "accounts with every balance that the provider has, one indebted, one with nothing",
        rule: "each balance of the provider's, and no other, once, under its kind: what is `other` with the provider's word; where the provider tells no time, as of when the host asked",
        run: |subject| balances::kinds(subject).boxed(),
    },
    Check {
        id: "M14",
        title: "replaced",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.withdrawn.replaced-by",
            text: "The reference of the row that stands in its place, when the provider says: a booked one for a pending one.",
        },
        provocation: "open payments that come back under another identifier, and some that vanish",
        rule: "each is withdrawn, with the reference of what stands in its place where the provider names it, and none where it does not; that comes as well",
        run: |subject| lifecycle::replaced(subject).boxed(),
    },
    Check {
        id: "M15",
        title: "known-party",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "types.counterparty.account-reference",
            text: "The `reference` of the external account, when the provider links the payment to one that a task of this connector reads.",
        },
        provocation: "payments with all that the provider tells of the other party, and counterparties",
        rule: "`account-reference` is that of an external account which a task has read, or absent",
        run: |subject| fields::known_party(subject).boxed(),
    },
];
