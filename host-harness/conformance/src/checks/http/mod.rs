//! H: what it makes of answers that are not as they should be.

mod action;
mod hygiene;
mod lasting;
mod lies;
mod news;
mod open;
mod rate_limit;
mod redirects;
mod refusals;
mod stage;
mod transient;
mod words;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Level, Tier};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "H1",
        title: "rate-limit",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.error",
            text: "Too many requests, or a quota is used up. The host waits `retry-after-seconds`, or backs off, and repeats the call.",
        },
        provocation: "a 429 with seconds, an hour, a date, a bad or no Retry-After, and a 503 with one, on lists of every kind",
        rule: "the call ends at once with `rate-limited` and the provider's wait; the same call later loses nothing",
        run: |subject| rate_limit::rate_limit(subject).boxed(),
    },
    Check {
        id: "H2",
        title: "transient",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.error",
            text: "The provider did not answer, or answered that it cannot now (5xx, or data that it is still preparing). The host backs off and repeats the call.",
        },
        provocation: "500 to 504, refused, reset, stalled, half and slow answers on lists of every kind",
        rule: "the call ends with `unavailable`, told in words, without a try of its own; the same call later loses nothing",
        run: |subject| transient::transient(subject).boxed(),
    },
    Check {
        id: "H3",
        title: "no-retry",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "types.error-detail",
            text: "What a person needs to take an error up with the provider. Every field that is known is given.",
        },
        provocation: "400, 401, 403, 404, 410 and 422 in the provider's words, and an error of it with status 200, on accounts and payments",
        rule: "asked once; an error that the host does not retry, with the provider's status, code and request id",
        run: |subject| refusals::refusals(subject).boxed(),
    },
    Check {
        id: "H4",
        title: "lying-200",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "types.error",
            text: "The answer is not what the provider's interface promises: HTML, truncated JSON, a missing list.",
        },
        provocation: "22 successes that are none or are damaged, on the first, second and last list of every kind",
        rule: "`malformed-response`, or all of it is read: never a success with fewer rows, never a failure hidden",
        run: |subject| lies::lies(subject).boxed(),
    },
    Check {
        id: "H5",
        title: "redirects",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "payments:connector",
            text: "The host follows no redirects; neither should a connector, except by a granted request of its own.",
        },
        provocation: "301, 302, 307 and 308 to the same host, other hosts, plain http, look-alikes, and without end",
        rule: "nothing is asked beyond the origin; an error, or at most three hops to the whole answer",
        run: |subject| redirects::redirects(subject).boxed(),
    },
    Check {
        id: "H6",
        title: "request-hygiene",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause {
            item: "payments:connector",
            text: "its requests change nothing at the provider, carry a `user-agent`, and are about as many as the pages it reads",
        },
        provocation: "a first poll of some hundred rows, and idle polls",
        rule: "only GET, a user agent, clean URLs; at most twice the pages, and no more than a few when nothing is new",
        run: |subject| hygiene::hygiene(subject).boxed(),
    },
    Check {
        id: "H7",
        title: "lasting-failure",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "payments:connector",
            text: "What one request answers for ever holds up nothing that does not depend on it. A failed request is a gap when other rows of the stream could be read without it, whatever its error, and an error of the call when nothing could be read.",
        },
        provocation: "news in every list, open payments that leave theirs, and each request of the poll that finds them in its turn answered for ever in two of twelve ways, by turns: a 400, 401, 403, 404, 422, 429, 500, HTML, half an answer, `null`, a broken connection, nothing at all",
        rule: "within three polls all comes that does not depend on that request, and a gap or an error tells of the rest; all comes when it is answered well again",
        run: |subject| lasting::lasting(subject).boxed(),
    },
    Check {
        id: "H8",
        title: "open-payments",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.follow-payments",
            text: "Each comes back as it is now, changed or not, or as withdrawn; for one that could not be asked for there is a gap; one that does not come back is asked for again at a later poll.",
        },
        provocation: "52 open payments of which some settle, fail, change and vanish, most of it dated back behind what lists have shown; and one of them whose own request never gets a good answer",
        rule: "all the others come as they are now, or as withdrawn; the one is told and not taken for gone, and comes when it is answered well again",
        run: |subject| open::open_payments(subject).boxed(),
    },
    Check {
        id: "H9",
        title: "action-required",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.error.action-required",
            text: "The credentials are right, and access has lapsed until a person does something at the provider: a consent to renew, a strong authentication, terms to accept. The host does not repeat the call, and shows what to do.",
        },
        provocation: "lists of every kind, and `check`, answered in the provider's words for an access that has lapsed; ordinary refusals",
        rule: "asked once; `action-required` with a sentence that has no link, and with the provider's status, code and request id; never for an ordinary refusal",
        run: |subject| action::action(subject).boxed(),
    },
    Check {
        id: "H10",
        title: "every-answer",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause {
            item: "payments:connector",
            text: "A failed request is a gap when other rows of the stream could be read without it, whatever its error, and an error of the call when nothing could be read.",
        },
        provocation: "as H7, each request in all twelve ways",
        rule: "within three polls all comes that does not depend on that request; after a 401 or 429 what else its stream reads may wait, and no other stream does",
        run: |subject| lasting::every_answer(subject).boxed(),
    },
    Check {
        id: "H11",
        title: "gap-in-words",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "types.gap.what",
            text: "What is missing, for a person, and in the same words each time, so that a host can tell a gap that lasts",
        },
        provocation: "each request of a poll that finds news in its turn refused for ever, in three polls",
        rule: "the third poll tells of what the second told, in the same words",
        run: |subject| words::words(subject).boxed(),
    },
];
