//! Scenario files: stories of a provider and its host, to be played on any connector.
//!
//! `harness replay FILE` plays one, and says whether every payment arrived; the random histories of check N2 are
//! scenarios, and one that fails is written as a file; `harness sim serve --scenario FILE` serves the provider of one.
//! A file is JSON. What is not given has a default; what is not known is an error.
//!
//! ```json
//! {
//!   "scenario": 1,
//!   "about": "A payment settles while the second page is read.",
//!   "provider": "my-bank",
//!   "start": "2026-06-01T09:20:00Z",
//!   "pageSize": 2,
//!   "accounts": 1,
//!   "quirks": ["fromExclusive"],
//!   "steps": [
//!     {"insert": {"rows": 3, "status": "PENDING", "ago": "2h"}},
//!     {"insert": {"rows": 5, "tie": true, "incoming": true}},
//!     {"poll": {
//!       "before": [{"request": 2, "steps": [{"edit": {"row": 1, "change": {"status": "SUCCEEDED"}}}]}],
//!       "faults": [{"request": 3, "fault": {"status": 503}}]
//!     }},
//!     {"advance": "30m"},
//!     {"insert": {"visibleAfter": "10m"}},
//!     {"poll": {"crash": {"call": 2, "hostCall": 3}}},
//!     {"redeliver": 2},
//!     {"delete": {"row": 2}}
//!   ]
//! }
//! ```
//!
//! - The fields are those of [`Scenario`]; the steps those of [`Step`], each an object with one key.
//! - **Rows** are named by number: the order in which the file inserts them, from 1, those inserted in the middle of a
//!   poll (`before`) included.
//! - **Time** is virtual. It stands still but for `advance`, delays of answers, and one millisecond for each change, so
//!   that no two versions of a row share a time. `insert` with `tie` puts all its rows on one instant.
//! - **Accounts** are read once, before the first step. A `poll` reads the payments of every account, one after the other.
//! - **Requests** are counted from 1 in each poll, those for accounts and counterparties left out.
//! - **In the end**, whatever happened: time goes on until every row shows, the provider is well, and the host polls until
//!   it has every payment in its last version, three times at most. Then it polls `idlePolls` times, and nothing may change.
//! - **A failure** is a payment that is missing, stale or wrong; an error that is none of the contract's; an error where
//!   nothing went wrong; a poll that reports none and left rows behind; a poll without an end; a poll with nothing new that changes something.

mod format;
mod generate;
mod play;
mod read;
mod script;
mod shrink;
mod stage;

pub use format::{
    Before, Change, Crash, Delete, Edit, Expect, FORMAT, FaultKind, FaultOn, Insert, Mutate, Poll, Scenario, Span, Step,
};
pub use generate::history;
pub use play::{Cost, Tell, Theatre};
pub use read::BadScenario;
pub use script::set_up;
pub use shrink::shrink;
pub use stage::Stage;
