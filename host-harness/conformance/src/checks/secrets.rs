//! X: whether secrets and personal data stay where they belong.

mod canary;
mod echo;
mod recorded;
mod search;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Finding, Level, Tier};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use sim::{Bank, Movement};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "X1",
        title: "canary",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "package",
            text: "No secret stands in anything that a connector produces: a URL, a header, a body, a record, an error, a log line, a state.",
        },
        provocation: "unmistakable secrets; good polls, answers that fail in many ways, and bad configs, states and parents",
        rule: "the connector is given no secret, and none is in anything that it gives out, whole or in part, plain or encoded",
        run: |subject| canary::canary(subject).boxed(),
    },
    Check {
        id: "X2",
        title: "echo",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "package",
            text: "one that the provider echoes is cut out of the answer, as far as the host finds it.",
        },
        provocation: "the provider repeats the credentials in rows, errors, HTML, headers and redirects, in several encodings",
        rule: "no secret is in anything the connector gives out, and none goes into a URL",
        run: |subject| echo::echo(subject).boxed(),
    },
    Check {
        id: "X3",
        title: "fixtures-clean",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "log",
            text: "Diagnostics for the operator. Not for records, and not for personal data.",
        },
        provocation: "a poll is recorded as a host does, with odd rows and answers that fail",
        rule: "the recording has no secret and no bearer token; log and output have no name and no account number",
        run: |subject| recorded::recorded(subject).boxed(),
    },
];

/// A connector at a bank with something of every kind.
fn rig(subject: &Subject) -> Result<Rig, Finding> {
    Rig::new(subject, stock)
}

fn stock(bank: &mut dyn Bank) {
    for account in 0..2 {
        let reference = bank.open_account("EUR");
        for number in 0..7 {
            let at = ago(600 - 10 * number - account);
            bank.add(&Movement::on(&reference, at).minor(u64::try_from(number).unwrap_or_default() + 1));
        }
    }
    for number in 0..3 {
        bank.add_counterparty(ago(700 - number));
    }
}
