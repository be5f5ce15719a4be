//! The types that are generated from `wit/`, turned into the model's and back: the one place that knows both.

use super::wit::{connector, log, types};

/// Has a counterpart in the model.
pub(super) trait Plain {
    /// The counterpart.
    type Plain;
    /// Turns it into that.
    fn plain(self) -> Self::Plain;
}

impl<T: Plain> Plain for Option<T> {
    type Plain = Option<T::Plain>;
    fn plain(self) -> Self::Plain {
        self.map(T::plain)
    }
}

impl<T: Plain> Plain for Vec<T> {
    type Plain = Vec<T::Plain>;
    fn plain(self) -> Self::Plain {
        self.into_iter().map(T::plain).collect()
    }
}

impl<T: Plain, E: Plain> Plain for Result<T, E> {
    type Plain = Result<T::Plain, E::Plain>;
    fn plain(self) -> Self::Plain {
        self.map(T::plain).map_err(E::plain)
    }
}

macro_rules! same {
    ($($type:ty),*) => {$(
        impl Plain for $type {
            type Plain = Self;
            fn plain(self) -> Self {
                self
            }
        }
    )*};
}

same!(bool, u16, u32, u64, i64, String, (String, String));

macro_rules! record {
    ($from:ident::$name:ident { $($field:ident),* $(,)? }) => {
        impl Plain for $from::$name {
            type Plain = model::$name;
            fn plain(self) -> Self::Plain {
                let Self { $($field),* } = self;
                model::$name { $($field: $field.plain()),* }
            }
        }
    };
}

macro_rules! cases {
    ($from:ident::$name:ident { $($case:ident $(($inner:ident))?),* $(,)? }) => {
        impl Plain for $from::$name {
            type Plain = model::$name;
            fn plain(self) -> Self::Plain {
                match self {
                    $(Self::$case $(($inner))? => model::$name::$case $(($inner.plain()))?),*
                }
            }
        }
    };
}

record!(types::Timestamp { seconds, nanoseconds });
cases!(types::TimePrecision { Instant, Day });
record!(types::Money { amount, asset });
record!(types::Other { reference, name, metadata, raw });
record!(types::Account { reference, name, default_asset, created_at, updated_at, metadata, raw });
cases!(types::BalanceKind { Booked, Available, Pending, Reserved, Other });
record!(types::Balance { account_reference, kind, label, amount, asset, as_of });
cases!(types::PaymentType { PayIn, Payout, Transfer, Conversion, Other });
cases!(types::PaymentStatus {
    Pending,
    Succeeded,
    Cancelled,
    Failed,
    Expired,
    Refunded,
    RefundedFailure,
    RefundReversed,
    Dispute,
    DisputeWon,
    DisputeLost,
    AmountAdjustment,
    Authorisation,
    Capture,
    CaptureFailed,
    Other,
    Unknown
});
cases!(types::PaymentScheme {
    Card,
    CardVisa,
    CardMastercard,
    CardAmex,
    CardDiners,
    CardDiscover,
    CardJcb,
    CardUnionPay,
    Sepa,
    SepaCredit,
    SepaCreditInstant,
    SepaDebit,
    Swift,
    Ach,
    AchDebit,
    Rtp,
    A2a,
    Cheque,
    GooglePay,
    ApplePay,
    Internal,
    Other,
    Unknown
});
record!(types::Counterparty {
    name,
    account_reference,
    account_number,
    account_number_format,
    bank_identifier,
    bank_identifier_format
});
record!(types::Payment {
    reference,
    parent_reference,
    created_at,
    created_at_precision,
    updated_at,
    payment_type,
    status,
    scheme,
    amount,
    asset,
    fees,
    counter_amount,
    source_account_reference,
    destination_account_reference,
    counterparty,
    metadata,
    raw
});
record!(types::Withdrawn { reference, replaced_by });
record!(types::Rejected { reference, reason, raw });
record!(types::ErrorDetail { message, http_status, provider_code, request_id, retry_after_seconds });
record!(types::ActionDetail { detail, action });
record!(types::ConfigError { field, reason });
cases!(types::Error { InvalidConfig(detail), Unauthorized(detail), ActionRequired(detail), Forbidden(detail), NotFound(detail), RateLimited(detail), Unavailable(detail), MalformedResponse(detail), UpstreamRejected(detail), InvalidState(detail), InvalidParent(detail), Unsupported(detail), NoProgress(detail), Other(detail) });
record!(types::Gap { what, error });
cases!(connector::Capability { FetchAccounts, FetchExternalAccounts, FetchBalances, FetchPayments, FetchOthers });
record!(connector::Task { name, capability, periodic, min_period_seconds, parent, snapshot, follow });
cases!(connector::FieldKind { Text, Secret, Url, Integer, Duration, Boolean, Date });
record!(connector::ConfigField { name, kind, required, default, description });
record!(connector::Credential { name, to, not_to, headers, more });
record!(connector::RequestPattern { method, to, path });
cases!(connector::RateScope { Address, Install, Path });
record!(connector::RateLimit { requests, window_seconds, scope });
record!(connector::Manifest {
    name,
    version,
    description,
    capabilities,
    workflow,
    config,
    credentials,
    requests,
    headers,
    max_page_size,
    max_in_flight,
    rate_limits
});
record!(connector::AccountsPage { items, withdrawn, rejected, gaps, has_more });
record!(connector::BalancesPage { items, rejected, gaps, has_more });
record!(connector::PaymentsPage { items, withdrawn, rejected, gaps, has_more });
record!(connector::OthersPage { items, rejected, gaps, has_more });
record!(connector::Checked { subject, name });
cases!(log::Level { Debug, Info, Warn, Error });

/// What a connector is asked, as the generated bindings take it.
pub(super) fn request(request: model::FetchRequest) -> connector::FetchRequest {
    let model::FetchRequest { config, task, parent, page_size, max_in_flight, since, observed_at } = request;
    let since = since.map(timestamp);
    let (parent, observed_at) = (parent.map(self::parent), timestamp(observed_at));
    connector::FetchRequest { config, task, parent, page_size, max_in_flight, since, observed_at }
}

fn parent(parent: model::Parent) -> connector::Parent {
    let model::Parent { task, reference, default_asset, metadata, raw } = parent;
    connector::Parent { task, reference, default_asset, metadata, raw }
}

fn timestamp(stamp: model::Timestamp) -> types::Timestamp {
    let model::Timestamp { seconds, nanoseconds } = stamp;
    types::Timestamp { seconds, nanoseconds }
}
