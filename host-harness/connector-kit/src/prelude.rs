//! What a connector of one file uses.

pub use crate::client::{Client, segment};
pub use crate::component;
pub use crate::connector::Connector;
pub use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Capability, Checked, ConfigField, Credential, FetchRequest, FieldKind, Manifest,
    OthersPage, Parent, PaymentsPage, RateLimit, RateScope, RequestPattern, Task,
};
pub use crate::contract::payments::connector::types::*;
pub use crate::host::Host;
pub use crate::manifest::task;
pub use crate::paging::{Paging, read};
pub use crate::record::{counterparty, currency, money, unsigned, word};
pub use crate::row::{Pairs, Row};
pub use crate::{errors, manifest, record};
