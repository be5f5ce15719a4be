//! A Qonto that lives in memory: the read endpoints of its Business API v2 over rows that tests write and change.
//!
//! What is documented is answered as documented; what is not, and what was seen otherwise, is a switch of the
//! [`Dialect`].

mod account;
mod api;
mod bank;
mod beneficiaries;
mod catalogue;
mod checks;
mod company;
mod dialect;
mod problem;
mod query;
mod spell;
mod table;
mod transaction;
mod transactions;
mod world;

use serde_json::json;

use conformance::{Demo, Kit};

pub use account::{Account, Beneficiary};
pub use bank::QontoBank;
pub use catalogue::catalogue;
pub use company::{demo_company, demo_now};
pub use dialect::{
    Casing, Dialect, Endpoint, ErrorShape, Meta, PageParameter, PageRows, PastEnd, PerPage, RetryAfter, StagingAnswer,
    StatusFilter,
};
pub use spell::{decimal, french_iban, iban, is_iban, timestamp};
pub use table::Row;
pub use transaction::Transaction;
pub use world::QontoWorld;

/// Qonto, as whoever simulates it or proves a connector for it takes it.
pub const KIT: Kit = Kit { name: "qonto", make: || Box::new(QontoBank::default()), demo, checks: checks::CHECKS };

fn demo() -> Demo {
    let world = demo_company();
    let config = json!({
        "clientID": world.login,
        "apiKey": world.secret,
        "endpoint": "https://thirdparty.qonto.com",
        "pageSize": 25,
    });
    let config = config.as_object().cloned().unwrap_or_default();
    Demo { provider: Box::new(world), config, now: demo_now() }
}

#[cfg(test)]
mod tests;
