//! The query string, and the paging that all lists share.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};
use url::Url;

use super::dialect::{Dialect, Meta, PageParameter, PageRows, PastEnd, PerPage};
use super::problem::Problem;

/// The decoded pairs of a query.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(url: &Url) -> Self {
        Self(url.query_pairs().into_owned().collect())
    }

    /// The last value of a parameter, as Rails takes it.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// All values of a parameter.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Half-open window in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Window {
    pub(super) const ALL: Self = Self { low: i64::MIN, high: i64::MAX };

    /// Whether a row with this time passes; one without a time passes only where there is no filter.
    pub(super) fn takes(self, at: Option<i64>) -> bool {
        self == Self::ALL || at.is_some_and(|at| self.low <= at && at < self.high)
    }
}

/// Reads `{field}_from` and `{field}_to`; what is wrong with them goes to `wrong`.
pub(super) fn window(
    query: &Query,
    field: &str,
    now: DateTime<Utc>,
    dialect: &Dialect,
    wrong: &mut Vec<(&'static str, String)>,
) -> Window {
    let mut bound = |suffix: &str| {
        let name = format!("{field}_{suffix}");
        let text = query.one(&name)?;
        let years = dialect.earliest_year..=now.year() + dialect.years_ahead;
        if let Some(at) = instant(text).filter(|at| years.contains(&at.year())) {
            return Some(at.timestamp_micros());
        }
        let message = format!("The datetime in {name} param isn't well formatted (ISO 8601) or year is out of range");
        wrong.push(("date_invalid", message));
        None
    };
    Window {
        low: bound("from").map_or(i64::MIN, |at| if dialect.from_inclusive { at } else { at + 1 }),
        high: bound("to").map_or(i64::MAX, |at| if dialect.to_inclusive { at + 1 } else { at }),
    }
}

/// An ISO 8601 time. Without an offset it is UTC, and a date alone is its midnight.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    if let Ok(at) = text.parse::<NaiveDateTime>() {
        return Some(at.and_utc());
    }
    text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc())
}

/// Which page was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    page: usize,
    /// What `meta` says.
    per_page: usize,
    /// How many rows come.
    rows: usize,
}

impl Paging {
    pub(super) fn of(query: &Query, default_per_page: usize, dialect: &Dialect) -> Result<Self, Problem> {
        let page = match dialect.page_parameter {
            PageParameter::Page => query.one("page"),
            PageParameter::PageOrCurrentPage => query.one("page").or_else(|| query.one("current_page")),
            PageParameter::Ignored => None,
        };
        let page = match page.map(str::parse::<usize>) {
            None => 1,
            Some(Ok(page)) if page > 0 => page,
            Some(_) => return Err(Problem::invalid("page", "page must be greater than or equal to 1")),
        };
        let per_page = match (query.one("per_page").map(str::parse::<usize>), dialect.per_page) {
            (None, _) => default_per_page,
            (Some(Ok(per_page)), _) if (1..=100).contains(&per_page) => per_page,
            (Some(Ok(per_page)), PerPage::Clamped) => per_page.clamp(1, 100),
            (Some(_), _) => return Err(Problem::invalid("per_page", "per_page must be between 1 and 100")),
        };
        let (per_page, rows) = match dialect.page_rows {
            PageRows::AsAsked => (per_page, per_page),
            PageRows::AtMost(most) => (per_page.min(most.max(1)), per_page.min(most.max(1))),
            PageRows::Fewer(fewer) => (per_page, per_page.saturating_sub(fewer).max(1)),
            PageRows::More(more) => (per_page, per_page.saturating_add(more)),
        };
        Ok(Self { page, per_page, rows })
    }

    /// Which of `total` rows are on the page.
    pub(super) fn range(self, total: usize, dialect: &Dialect) -> Result<Range<usize>, Problem> {
        let start = (self.page - 1).saturating_mul(self.rows);
        if self.page > 1 && start >= total {
            return match dialect.past_end {
                PastEnd::Refused => Err(Problem::past_end()),
                PastEnd::Empty => Ok(total..total),
            };
        }
        Ok(start.min(total)..start.saturating_add(self.rows).min(total))
    }

    /// The `meta` object of the page, in JSON.
    pub(super) fn meta(self, total: usize, dialect: &Dialect) -> Option<String> {
        let pages = if total == 0 { dialect.total_pages_when_empty } else { total.div_ceil(self.rows) };
        let number = |page: Option<usize>| page.map_or_else(|| "null".to_owned(), |page| page.to_string());
        let next = (self.page < pages).then_some(self.page + 1);
        let previous = (self.page > 1).then_some(self.page - 1);
        let next = match dialect.meta {
            Meta::Absent => return None,
            Meta::NoNextOnLast if next.is_none() => String::new(),
            _ => format!("\"next_page\":{},", number(next)),
        };
        Some(format!(
            "{{\"current_page\":{},{next}\"prev_page\":{},\"total_pages\":{pages},\"total_count\":{total},\"per_page\":{}}}",
            self.page,
            number(previous),
            self.per_page
        ))
    }
}

/// The body of a list.
pub(super) fn list<'a>(key: &str, rows: impl Iterator<Item = Cow<'a, str>>, meta: Option<&str>) -> String {
    let mut body = format!("{{\"{key}\":[");
    for (position, row) in rows.enumerate() {
        if position > 0 {
            body.push(',');
        }
        body.push_str(&row);
    }
    body.push(']');
    if let Some(meta) = meta {
        // Writing to a string cannot fail.
        let _ = write!(body, ",\"meta\":{meta}");
    }
    body.push('}');
    body
}
