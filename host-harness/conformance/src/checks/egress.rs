//! E: whether it stays in its sandbox.

mod ambient;
mod hosts;
mod large;
mod limits;
mod long;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Level, Tier};
use crate::rig::ago;
use sim::{Bank, Movement};

/// The clause about limits that the last of these prove.
const NOT_BEFORE: &str = "it does not grow with the rows that were read before.";

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "E1",
        title: "granted-requests",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause { item: "package", text: "Any other request is refused, and the call fails, however it ends" },
        provocation: "redirects, links in headers and bodies, refusals and HTML that lead to another host, port or scheme, \
                      to IP addresses and to a host dressed up as the provider's",
        rule: "no call asks for an origin, a method, a path or a header that was not granted, even where the connector goes on \
               without it",
        run: |subject| hosts::declared_hosts(subject).boxed(),
    },
    Check {
        id: "E2",
        title: "no-ambient",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "package",
            text: "It has no clock, no randomness, no files, no environment, no sockets",
        },
        provocation: "the same poll with other clocks, other random numbers and an environment variable behind the stubs of \
                      the language's runtime",
        rule: "pages, states and requests are the same",
        run: |subject| ambient::no_ambient(subject).boxed(),
    },
    Check {
        id: "E3",
        title: "memory-time",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "package",
            text: "A page of `max-page-size` times `max-in-flight` rows needs no more than half of the memory.",
        },
        provocation: "pages of `max-page-size` rows under half the memory and a quarter of the time; then every limit squeezed \
                      until calls break off",
        rule: "full pages fit; a call that breaks off says which limit it hit, and the next one gives what it gave before",
        run: |subject| limits::memory_time(subject).boxed(),
    },
    Check {
        id: "E4",
        title: "flat-memory",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause { item: "package", text: NOT_BEFORE },
        provocation: "a history of a thousand pages, and then polls that find nothing new",
        rule: "late pages and late polls take no more memory than early ones; states stay within 64 KiB",
        run: |subject| long::flat_memory(subject).boxed(),
    },
    Check {
        id: "E5",
        title: "big-page",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause { item: "package", text: "a call that goes beyond fails, with state and records as they were." },
        provocation: "an answer of 32 MiB, a page of 2,000 rows where 5 were asked, a row with a text of 4 MiB",
        rule: "each is read or ends in a typed error within memory, and the next ordinary poll misses nothing",
        run: |subject| large::big_page(subject).boxed(),
    },
];

/// Accounts with payments, ten minutes apart, and some counterparties.
fn stock(bank: &mut dyn Bank, accounts: u32, payments: u32, counterparties: u32) {
    for account in 0..accounts {
        let reference = bank.open_account("EUR");
        for number in 0..payments {
            let at = ago(180 + 10 * i64::from(payments - number) + i64::from(account));
            bank.add(&Movement::on(&reference, at).minor(u64::from(number) + 1));
        }
    }
    for number in 0..counterparties {
        bank.add_counterparty(ago(5_000 - i64::from(number)));
    }
}
