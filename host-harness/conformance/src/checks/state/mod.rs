//! S: whether what it remembers is enough, and not too much.

mod bad;
mod crash;
mod fixpoint;
mod isolation;
mod redelivery;
mod size;
mod watermark;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;

use super::stock::{Rows, unsettled};
use crate::check::{Check, Clause, Level, Tier};
use crate::rig::{PAGE, ago};
use sim::Bank;

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "S1",
        title: "crash-everywhere",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "state.set",
            text: "It becomes durable in the transaction that stores the page this call returns, and not at all when the call fails or traps.",
        },
        provocation: "a poll of accounts, payments and counterparties is killed at every single call to the host, and \
                      between a call's return and its commit; the next poll comes a period later, once with nothing new \
                      and once with payments that were added, edited and settled meanwhile",
        rule: "every record comes; of those the host has, no more than a page comes again than at any second poll",
        run: |subject| crash::everywhere(subject).boxed(),
    },
    Check {
        id: "S2",
        title: "fixpoint",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause { item: "state.set", text: "A poll that finds nothing new leaves it byte for byte as it was." },
        provocation: "a poll that reads a history of several pages, then 12 polls with nothing new, spread over more than a \
                      year",
        rule: "no record changes, every state stays as it was, and each idle poll makes the same few requests; a connector \
               is a function of its state, so what holds for one more poll holds for a thousand",
        run: |subject| fixpoint::fixpoint(subject).boxed(),
    },
    Check {
        id: "S3",
        title: "watermark-sane",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.fetch-request.observed-at",
            text: "what was read so far is told by the rows alone, never by this time.",
        },
        provocation: "payments dated between the newest one read and the time of the last poll, also with a host whose clock \
                      was a day ahead; late payments, and idle polls after them",
        rule: "the next poll brings them; idle polls never read more than before",
        run: |subject| watermark::sane(subject).boxed(),
    },
    Check {
        id: "S4",
        title: "small-and-opaque",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause { item: "state.set", text: "At most 64 KiB: more is a breach of the contract." },
        provocation: "2,000 payments in all statuses within one hour, the largest pages (E4 does it with more)",
        rule: "the state stays below 64 KiB, and does not grow with the rows for ever",
        run: |subject| size::small(subject).boxed(),
    },
    Check {
        id: "S5",
        title: "bad-state",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.error.invalid-state",
            text: "The state is not one this connector wrote. The operator resets the stream.",
        },
        provocation: "states that are empty, garbage, another connector's, huge, nested a thousand deep, cut short, with a \
                      bit flipped, of another stream or account, or of a time to come",
        rule: "a typed error, or every payment within two polls: never a trap, and never nothing new for ever",
        run: |subject| bad::bad_state(subject).boxed(),
    },
    Check {
        id: "S6",
        title: "redelivery",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.payment.updated-at",
            text: "Which version is the present one is decided by the order of reading, the last read wins; of two that were read at the same time, the later `updated-at`.",
        },
        provocation: "the pages of three polls with edits between them, stored twice, in reverse order, shuffled, and record \
                      by record",
        rule: "the store's export is the same each time",
        run: |subject| redelivery::redelivery(subject).boxed(),
    },
    Check {
        id: "S7",
        title: "isolation",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "state",
            text: "A stream is one task of one install for one parent; no call sees the state of another stream.",
        },
        provocation: "three accounts, in reverse order, page by page in turn, and with one of them answered by errors, HTML, a \
                      reset connection, or killed",
        rule: "the same records and states in any order; the other accounts are complete, and so is this one afterwards",
        run: |subject| isolation::isolation(subject).boxed(),
    },
];

/// A history in every status, of `pages` pages of settled rows; gives the account and its rows, the settled ones first.
fn history(bank: &mut dyn Bank, pages: u32) -> (String, Vec<String>) {
    history_until(bank, pages, ago(90))
}

/// As [`history`], with the newest row at `last`.
fn history_until(bank: &mut dyn Bank, pages: u32, last: DateTime<Utc>) -> (String, Vec<String>) {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count: pages * PAGE, last, apart: TimeDelta::minutes(9) };
    let mut references = rows.add_settled(bank);
    for status in unsettled(bank) {
        references.extend(Rows { count: 2, last: last - TimeDelta::minutes(1), ..rows }.add(bank, status));
    }
    (account, references)
}
