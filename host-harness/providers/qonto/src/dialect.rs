//! How the simulated API behaves where the live one is not documented, or was seen to behave in more than one way.

use std::collections::BTreeSet;
use std::time::Duration;

use sim::RateLimit;

/// An endpoint of the API, to switch its answers on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `GET /v2/organization`.
    Organization,
    /// `GET /v2/bank_accounts` and `/v2/bank_accounts/{id}`.
    BankAccounts,
    /// `GET /v2/transactions` and `/v2/transactions/{id}`.
    Transactions,
    /// `GET /v2/sepa/beneficiaries` and `/v2/sepa/beneficiaries/{id}`.
    SepaBeneficiaries,
    /// `GET /v2/international/beneficiaries`.
    InternationalBeneficiaries,
    /// `GET /v2/beneficiaries` and `/v2/beneficiaries/{id}`, past their sunset.
    LegacyBeneficiaries,
}

/// Which values of a repeated `status[]` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// All of them, as documented.
    All,
    /// The first one only, as was seen in May 2025.
    First,
    /// The last one only.
    Last,
}

/// What comes for a page beyond the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastEnd {
    /// 422, as seen live.
    Refused,
    /// 200 with an empty list.
    Empty,
}

/// Which query parameter names the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageParameter {
    /// `page`, as documented.
    Page,
    /// `page`, or else `current_page`, which some clients send.
    PageOrCurrentPage,
    /// None: every request gets page 1, and `meta.current_page` says so.
    Ignored,
}

/// What comes for a `per_page` outside 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerPage {
    /// 422.
    Refused,
    /// The nearest allowed value, shown in `meta.per_page`.
    Clamped,
}

/// How many rows a page of a list holds, where there are as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRows {
    /// `per_page`.
    AsAsked,
    /// At most this many; `meta.per_page` says so.
    AtMost(usize),
    /// So many fewer than asked, one at least; `meta.per_page` is what was asked.
    Fewer(usize),
    /// So many more than asked; `meta.per_page` is what was asked.
    More(usize),
}

/// The `Retry-After` header of a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// None: the documentation names none.
    Absent,
    /// Whole seconds, rounded up.
    Seconds,
    /// An HTTP date.
    Date,
}

/// The spelling of `subject_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Casing {
    /// `DirectDebit`, as real payloads have it.
    Camel,
    /// `directdebit`.
    Lower,
    /// `direct_debit`.
    Snake,
}

/// The `meta` object of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meta {
    /// Complete, as documented.
    Complete,
    /// Without `next_page` on the last page, as `/v2/cards` has it.
    NoNextOnLast,
    /// Not there.
    Absent,
}

/// The gateway's answer to a request without the staging token, where one is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagingAnswer {
    /// 302 to the login wall.
    Redirect,
    /// The login wall's HTML with status 200, as a client sees it that follows redirects.
    Html,
}

/// The `errors` of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorShape {
    /// A list of objects, as documented.
    List,
    /// One object, as in Qonto's Postman collections.
    Object,
}

/// The switches. The defaults are the best knowledge of the live API; each other value was reported by somebody, or
/// cannot be ruled out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent deviation of the API, not a state")]
pub struct Dialect {
    /// Whether a row at exactly `*_from` is in. Default true; not documented.
    pub from_inclusive: bool,
    /// Whether a row at exactly `*_to` is in. Default true; not documented.
    pub to_inclusive: bool,
    /// Which values of `status[]` count. Default all.
    pub status_filter: StatusFilter,
    /// The answer beyond the last page. Default refused.
    pub past_end: PastEnd,
    /// The name of the page parameter. Default `page`.
    pub page_parameter: PageParameter,
    /// The answer to a `per_page` out of range. Default refused; not documented.
    pub per_page: PerPage,
    /// How many rows come for it. Default as asked.
    pub page_rows: PageRows,
    /// Transactions come newest settled first, whatever `sort_by` says. Default false.
    pub sort_ignored: bool,
    /// Transactions are not filtered by `updated_at_from`. Default false.
    pub updated_at_from_ignored: bool,
    /// How long after its `updated_at` a new or changed transaction shows in lists; until then they have its older
    /// version, or none. Holds for changes made after it is set. Default zero; not known.
    pub visibility_delay: Duration,
    /// Keeps `updated_at` to the microsecond inside, as a database may, and shows milliseconds: a window from `x` to `x`
    /// then misses rows that show `x`. Holds for rows inserted after it is set. Default false; not known.
    pub hidden_microseconds: bool,
    /// A transaction filter with more hits than this is refused with `search_limit_reached`. Default 10 000.
    pub search_limit: Option<usize>,
    /// The form of `Retry-After`. Default absent.
    pub retry_after: RetryAfter,
    /// The limits that answer 429. Default none, so that a run on a clock that stands still is not limited; see
    /// [`Dialect::documented_rate_limits`].
    pub rate_limits: Vec<RateLimit>,
    /// Throttles (429) after so many answers with 401. Default none, for the same reason.
    pub unauthorized_limit: Option<RateLimit>,
    /// Digits of the fraction of a second in the timestamps of rows, 0 to 9. Default 3.
    pub fraction_digits: usize,
    /// The spelling of `subject_type`. Default `CamelCase`.
    pub subject_type: Casing,
    /// The `meta` of lists. Default complete.
    pub meta: Meta,
    /// Whether `/v2/bank_accounts` has a `meta`. Default false: the documented body has none.
    pub bank_accounts_meta: bool,
    /// `meta.total_pages` of an empty list. Default 0; not known.
    pub total_pages_when_empty: usize,
    /// The earliest year a date filter takes. Default 2017, the year the API began; not known.
    pub earliest_year: i32,
    /// How many years after the present one a date filter takes. Default 0: a `settled_at_to` in the next year was
    /// refused in December 2022.
    pub years_ahead: i32,
    /// Endpoints that answer 403. Default international beneficiaries: an API key is probably refused there.
    pub forbidden: BTreeSet<Endpoint>,
    /// Whether `/v2/beneficiaries` still answers. Default false: 410 since its sunset.
    pub legacy_beneficiaries: bool,
    /// SEPA beneficiaries carry their account nested in `bank_account`, as the sandbox has it. Default false.
    pub nested_bank_account: bool,
    /// The list of international beneficiaries is called `international_beneficiaries`. Default false: `beneficiaries`.
    pub long_international_key: bool,
    /// The answer without the staging token. Default a redirect.
    pub staging: StagingAnswer,
    /// The shape of `errors`. Default a list.
    pub errors: ErrorShape,
    /// Whether an error body has a `trace_id`. Default true.
    pub trace_id: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            from_inclusive: true,
            to_inclusive: true,
            status_filter: StatusFilter::All,
            past_end: PastEnd::Refused,
            page_parameter: PageParameter::Page,
            per_page: PerPage::Refused,
            page_rows: PageRows::AsAsked,
            sort_ignored: false,
            updated_at_from_ignored: false,
            visibility_delay: Duration::ZERO,
            hidden_microseconds: false,
            search_limit: Some(10_000),
            retry_after: RetryAfter::Absent,
            rate_limits: Vec::new(),
            unauthorized_limit: None,
            fraction_digits: 3,
            subject_type: Casing::Camel,
            meta: Meta::Complete,
            bank_accounts_meta: false,
            total_pages_when_empty: 0,
            earliest_year: 2017,
            years_ahead: 0,
            forbidden: BTreeSet::from([Endpoint::InternationalBeneficiaries]),
            legacy_beneficiaries: false,
            nested_bank_account: false,
            long_international_key: false,
            staging: StagingAnswer::Redirect,
            errors: ErrorShape::List,
            trace_id: true,
        }
    }
}

impl Dialect {
    /// Sets the limits of Qonto's page "Rate limitations": 1 000 requests in 10 s and 10 000 in 10 min, and a throttle
    /// after 200 answers with 401 in an hour.
    pub fn documented_rate_limits(&mut self) -> &mut Self {
        let limit = |requests, seconds| RateLimit { requests, window: Duration::from_secs(seconds) };
        self.rate_limits = vec![limit(1_000, 10), limit(10_000, 600)];
        self.unauthorized_limit = Some(limit(200, 3_600));
        self
    }
}
