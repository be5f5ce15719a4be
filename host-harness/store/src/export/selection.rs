//! Which records of an install are asked for.

use chrono::NaiveDate;
use rusqlite::Connection;

use super::ExportError;
use super::zone::{CREATED_ON, Zone};
use crate::codec;
use crate::read::install_id;
use model::PaymentStatus;

/// Which kind of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Movements on the customer's own accounts, as of the view `v_entries`.
    Entries,
    /// The customer's own accounts.
    Accounts,
    /// Third parties' accounts.
    ExternalAccounts,
    /// The latest balance of each account, kind and asset.
    Balances,
    /// Payments in their current version, with their adjustments.
    Payments,
    /// Rows that a connector could not map and that have not arrived since.
    Rejected,
    /// Accounts, external accounts, balances, payments and rejected rows.
    All,
}

impl What {
    /// The word for it: `external-accounts`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Accounts => "accounts",
            Self::ExternalAccounts => "external-accounts",
            Self::Balances => "balances",
            Self::Payments => "payments",
            Self::Rejected => "rejected",
            Self::All => "all",
        }
    }
}

/// Which of them. Entries lie on the day of their booking, payments on that of their creation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where the days are counted, where the provider tells none. What it does tell stays.
    pub zone: Zone,
    /// From this day on.
    pub since: Option<NaiveDate>,
    /// Up to this day, and with it.
    pub until: Option<NaiveDate>,
    /// On this own account: its reference or its IBAN, in whatever spelling.
    pub account: Option<String>,
    /// In this status: `SUCCEEDED`.
    pub status: Option<String>,
}

/// Kind and filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The kind.
    pub what: What,
    /// Which of them.
    pub filter: Filter,
}

impl From<What> for Selection {
    fn from(what: What) -> Self {
        Self { what, filter: Filter::default() }
    }
}

/// A selection in the terms of the store.
pub(super) struct Selected {
    pub(super) install: i64,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) account: Option<String>,
    pub(super) status: Option<String>,
}

impl Selected {
    pub(super) fn of(connection: &Connection, name: &str, selection: &Selection) -> Result<Self, ExportError> {
        let Selection { what, filter } = selection;
        let has_days = matches!(what, What::Entries | What::Payments);
        let given = [
            ("a day", filter.since.is_some() || filter.until.is_some(), has_days),
            ("an account", filter.account.is_some(), has_days || matches!(what, What::Balances)),
            ("a status", filter.status.is_some(), has_days),
        ];
        if let Some((by, ..)) = given.into_iter().find(|(_, is_given, fits)| *is_given && !fits) {
            return Err(ExportError::NoSuchFilter { what: what.name(), by });
        }
        if let (Some(since), Some(until)) = (filter.since, filter.until)
            && until < since
        {
            return Err(ExportError::NoDays { since, until });
        }
        let install = install_id(connection, name)?;
        filter.zone.register(connection)?;
        let account = filter.account.as_ref().map(|account| own_account(connection, install, account)).transpose()?;
        let day = |day: Option<NaiveDate>| day.map(|day| day.format("%Y-%m-%d").to_string());
        let status = filter.status.as_ref().map(|status| known_status(*what, status)).transpose()?;
        Ok(Self { install, since: day(filter.since), until: day(filter.until), account, status })
    }
}

/// The statuses of payments of which the money has moved, so that they are entries: those of the views.
pub(crate) const BOOKED: [PaymentStatus; 9] = [
    PaymentStatus::Succeeded,
    PaymentStatus::Refunded,
    PaymentStatus::RefundedFailure,
    PaymentStatus::RefundReversed,
    PaymentStatus::Dispute,
    PaymentStatus::DisputeWon,
    PaymentStatus::DisputeLost,
    PaymentStatus::AmountAdjustment,
    PaymentStatus::Capture,
];

/// The others.
pub(crate) const NOT_BOOKED: [PaymentStatus; 8] = [
    PaymentStatus::Pending,
    PaymentStatus::Cancelled,
    PaymentStatus::Failed,
    PaymentStatus::Expired,
    PaymentStatus::Authorisation,
    PaymentStatus::CaptureFailed,
    PaymentStatus::Other,
    PaymentStatus::Unknown,
];

/// A status that such records can be in, in the store's spelling.
fn known_status(what: What, status: &str) -> Result<String, ExportError> {
    let others = NOT_BOOKED.iter().filter(|_| what != What::Entries);
    let known: Vec<&'static str> =
        BOOKED.iter().chain(others).map(|status| codec::payment_status_name(*status)).collect();
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(status));
    let found = found.map(|found| (*found).to_owned());
    found.ok_or_else(|| ExportError::NoSuchStatus { what: what.name(), status: status.to_owned(), known })
}

/// An IBAN as it is compared: without what separates its groups, in capitals.
pub(super) fn compact_iban(iban: &str) -> String {
    iban.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// The reference of an own account that is named by its reference or its IBAN.
fn own_account(connection: &Connection, install: i64, named: &str) -> Result<String, ExportError> {
    let iban = compact_iban(named);
    let mut statement = connection.prepare(
        "SELECT reference, ifnull(json_extract(metadata, '$.\"std/iban\"'), '') FROM accounts \
         WHERE install = ?1 AND kind = 'account' ORDER BY reference",
    )?;
    let rows = statement.query_map([install], |row| Ok((row.get(0)?, compact_iban(&row.get::<_, String>(1)?))))?;
    let accounts: Vec<(String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let found = accounts.iter().find(|(reference, known)| reference == named || *known == iban && !iban.is_empty());
    if let Some((reference, _)) = found {
        return Ok(reference.clone());
    }
    let known = accounts.into_iter().map(|(reference, iban)| if iban.is_empty() { reference } else { iban }).collect();
    Err(ExportError::NoSuchAccount { account: named.to_owned(), known })
}

/// The ids of the records of a selection, in the order of the export. Each takes what [`Selected`] holds; what does not fit
/// the kind is none.
pub(super) const ACCOUNTS: &str = "SELECT id FROM accounts WHERE install = ?1 AND kind = 'account' \
    AND coalesce(?2, ?3, ?4, ?5) IS NULL ORDER BY reference";

/// Third parties' accounts.
pub(super) const EXTERNAL_ACCOUNTS: &str = "SELECT id FROM accounts WHERE install = ?1 AND kind = 'external-account' \
    AND coalesce(?2, ?3, ?4, ?5) IS NULL ORDER BY reference";

/// The latest of each account, kind, label and asset.
pub(super) const BALANCES: &str = "SELECT id FROM _balances WHERE install = ?1 AND is_latest \
    AND coalesce(?2, ?3, ?5) IS NULL AND (?4 IS NULL OR account = ?4) ORDER BY account, kind, label, asset";

/// Payments.
pub(super) fn payments() -> String {
    format!(
        "SELECT id FROM payments p WHERE install = ?1 AND (?2 IS NULL OR {CREATED_ON} >= ?2) \
         AND (?3 IS NULL OR {CREATED_ON} <= ?3) AND (?4 IS NULL OR ?4 IN (source, destination)) \
         AND (?5 IS NULL OR status = ?5) ORDER BY created_s, created_n, reference"
    )
}

/// Rejected rows that have not arrived since.
pub(super) const REJECTED: &str = "SELECT q.id FROM quarantine q JOIN streams s ON s.id = q.stream WHERE s.install = ?1 \
    AND q.resolved_at IS NULL AND coalesce(?2, ?3, ?4, ?5) IS NULL ORDER BY s.task, s.parent, q.id";
