//! P: whether all rows come, however the provider pages them.

mod idle;
mod moving;
mod odd;
mod sizes;
mod ties;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Level, Tier};

/// The clause that most of these prove.
const EVERY_PAYMENT: Clause = Clause {
    item: "connector.fetch-payments",
    text: "Every payment is reported at least once in each version that lasts, here or by `follow-payments`; reporting one again is harmless, missing one is not.",
};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "P1",
        title: "complete",
        tier: Tier::One,
        level: Level::Bronze,
        clause: EVERY_PAYMENT,
        provocation: "accounts with 0, 1, s-1, s, s+1, 10s and 10s+3 payments, polled with pages of s rows",
        rule: "after one poll the host has every payment that the provider has, in its last version",
        run: |subject| sizes::complete(subject).boxed(),
    },
    Check {
        id: "P2",
        title: "page-size-free",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.fetch-request.page-size",
            text: "A page may hold what several requests brought, more where the provider's answer is not paged, and fewer; none of it says anything about the end.",
        },
        provocation: "the same payments read with pages of 1, 2, 7, max-1 and max rows, with a size that changes in the \
                      middle of a poll, and with the sizes 0, max+1 and 4294967295, which a host never asks for",
        rule: "the same records each time; a size outside the range gives a typed error or a correct page",
        run: |subject| sizes::page_size_free(subject).boxed(),
    },
    Check {
        id: "P3",
        title: "progress",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "types.error.no-progress",
            text: "The provider's paging does not advance: the same page again, a filter ignored.",
        },
        provocation: "a provider whose next page is the same one or an earlier one, which has a billion pages, empty pages \
                      with more behind them, or gives page 1 whatever is asked",
        rule: "the poll ends after few requests, with a typed error or with every payment; once the provider is well \
               again, every payment comes",
        run: |subject| odd::progress(subject).boxed(),
    },
    Check {
        id: "P4",
        title: "tie-storm",
        tier: Tier::One,
        level: Level::Silver,
        clause: EVERY_PAYMENT,
        provocation: "1, s-1, s, s+1 and 10s payments of one instant at the beginning, in the middle and at the end, in one \
                      status and in all; then more of the last instant",
        rule: "none is lost",
        run: |subject| ties::storm(subject).boxed(),
    },
    Check {
        id: "P5",
        title: "idle-then-new",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.fetch-payments",
            text: "The payments of the parent, or of the whole install at the root, that are new or changed since the state was \
                   written",
        },
        provocation: "0 to 5 polls with nothing new, then 1, s-1, s and 1.5s new payments",
        rule: "the very next poll brings them all",
        run: |subject| idle::idle_then_new(subject).boxed(),
    },
    Check {
        id: "P6",
        title: "mutate-mid-scan",
        tier: Tier::One,
        level: Level::Silver,
        clause: EVERY_PAYMENT,
        provocation: "right before each single request of a poll: payments are added, added late, removed, edited, settled \
                      or re-ordered; and payments that are edited, added or removed before every request",
        rule: "after that poll and a quiet one, no payment is missing and none is stale",
        run: |subject| moving::mutate_mid_scan(subject).boxed(),
    },
    Check {
        id: "P7",
        title: "late-visible",
        tier: Tier::Two,
        level: Level::Gold,
        clause: EVERY_PAYMENT,
        provocation: "payments of every status that lists show a second, half the provider's lag and all of it after the \
                      time that they carry, behind newer ones that were read before",
        rule: "the poll after they show brings them",
        run: |subject| idle::late_visible(subject).boxed(),
    },
    Check {
        id: "P8",
        title: "odd-pages",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.error.malformed-response",
            text: "The answer is not what the provider's interface promises",
        },
        provocation: "a provider that gives shorter or longer pages than asked, newest rows first, at most 3 rows, no row at \
                      exactly the time asked for, an empty page past the end or once in the middle; one by one and \
                      together",
        rule: "every payment comes, or a typed error says why not; once the provider is well again, every payment comes",
        run: |subject| odd::odd_pages(subject).boxed(),
    },
    Check {
        id: "P9",
        title: "totals",
        tier: Tier::Two,
        level: Level::Gold,
        clause: Clause {
            item: "connector.accounts-page.has-more",
            text: "Where only its total says that there is more, the next page is asked once: a refusal or an empty page is \
                   the end, and what came counts.",
        },
        provocation: "a provider that states three rows more than there are, and one that calls a first page the last though \
                      its total is right",
        rule: "every row comes in every poll, and no poll fails",
        run: |subject| odd::totals(subject).boxed(),
    },
];
