//! Q: what only a connector for Qonto can get wrong.
//!
//! These know Qonto's switches, and hold a connector against what Qonto documents or was seen to do. They ask for no
//! particular way to read it.

mod accounts;
mod auth;
mod desk;
mod limits;
mod mapping;
mod paging;
mod statuses;
mod watermarks;

use futures::FutureExt as _;

use conformance::check::{Check, Clause, Level, Tier};

/// The clause of the checks about reading everything.
const EVERY_PAYMENT: Clause = Clause {
    item: "connector.fetch-payments",
    text: "Every payment is reported at least once in each version that lasts, here or by `follow-payments`; reporting one again is harmless, missing one is not.",
};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "Q1",
        title: "auth-and-hosts",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: Clause {
            item: "connector.fetch-request",
            text: "The host puts the credentials on them; a connector never holds one.",
        },
        provocation: "production and sandbox, with and without a staging token; the sandbox's login page as 302 and as HTML",
        rule: "`Authorization: login:key` as it is; the staging token to the sandbox alone; a login page is no malformed answer",
        run: |subject| auth::auth_and_hosts(subject).boxed(),
    },
    Check {
        id: "Q2",
        title: "all-statuses",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: EVERY_PAYMENT,
        provocation: "pending, declined and completed rows of different months; `status[]` that takes all, the first or the last",
        rule: "the rows of every status come, those that change it and new ones as well",
        run: |subject| statuses::all_statuses(subject).boxed(),
    },
    Check {
        id: "Q3",
        title: "paging-dialects",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: Clause {
            item: "types.error",
            text: "The provider's paging does not advance: the same page again, a filter ignored.",
        },
        provocation: "pages past the end, `meta` in all shapes, `page`, `sort_by` and filters ignored, the search limit",
        rule: "every row comes, or an error says that it cannot; never a silent loss, never an endless poll",
        run: |subject| paging::paging_dialects(subject).boxed(),
    },
    Check {
        id: "Q4",
        title: "watermarks",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: EVERY_PAYMENT,
        provocation: "inclusive and exclusive bounds, hidden microseconds, ties, rows of January 2017, edits of old rows",
        rule: "new and edited rows come in the next poll, whatever the bounds of the filter",
        run: |subject| watermarks::watermarks(subject).boxed(),
    },
    Check {
        id: "Q5",
        title: "accounts-and-beneficiaries",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: Clause {
            item: "types.account",
            text: "The provider's stable identifier. Unique among accounts of this kind in one install; never empty.",
        },
        provocation: "closed, masked, nameless and indebted accounts; beneficiaries by IBAN, account number, sort code, routing number",
        rule: "each comes under its own id with its balances in cents, from whichever lists answer",
        run: |subject| accounts::accounts_and_beneficiaries(subject).boxed(),
    },
    Check {
        id: "Q6",
        title: "limits",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: Clause {
            item: "types.error",
            text: "The provider does not accept the credentials. The host does not repeat the call: the operator acts.",
        },
        provocation: "Qonto's rate limits, a hundredth of them, and a key that is no longer accepted",
        rule: "the declared limits are within Qonto's and kept; with a wrong key each call asks once",
        run: |subject| limits::limits(subject).boxed(),
    },
    Check {
        id: "Q7",
        title: "mapping-table",
        tier: Tier::Provider,
        level: Level::Gold,
        clause: Clause {
            item: "types.payment",
            text: "The gross amount, never negative: the direction is in `payment-type`.",
        },
        provocation: "every subject type in three spellings, local currencies, cents that contradict the amount, every status",
        rule: "type, scheme, ends, amount, asset and status as the row says; a contradiction is rejected",
        run: |subject| mapping::mapping_table(subject).boxed(),
    },
];
