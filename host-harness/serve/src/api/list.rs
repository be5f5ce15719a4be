//! What all lists have in common: the page size, the filter, the cursor.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use serde::Deserialize;
use store::serving::list::{Condition, Page, Seek};
use utoipa::IntoParams;

use super::view::{Listed, Part};
use crate::cursor::{Cursor, page_size};
use crate::extract::{Query, Text};
use crate::problem::Problem;
use crate::query::{self, Of};

/// What a client asks of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Records of a page: 1 to 100, 15 where it is not given.
    #[serde(rename = "pageSize")]
    page_size: Option<String>,
    /// A place that an earlier page gave; everything else is what it was then.
    cursor: Option<String>,
    /// A filter, as JSON. It may stand in the body as well.
    query: Option<String>,
}

/// Which part of which list is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    seek: Seek,
    size: u32,
    filter: String,
}

impl Asked {
    /// The part of a list with this filter that a cursor leads to; none: its newest.
    pub(crate) fn at(cursor: Option<&str>, filter: String) -> Result<Self, Problem> {
        let Some(cursor) = cursor else { return Ok(Self { seek: Seek::Newest, size: page_size(None)?, filter }) };
        let cursor = Cursor::parse(cursor)?;
        Ok(Self { seek: cursor.seek(), size: cursor.n, filter })
    }

    pub(crate) fn seek(&self) -> (Seek, u32) {
        (self.seek, self.size)
    }

    /// The filter, which may be refused.
    pub(crate) fn condition(&self, of: Of) -> Result<Condition, Problem> {
        query::parse(&self.filter, of)
    }

    /// The answer with a part of the list.
    pub(crate) fn listed<T, V>(&self, page: Page<T>, view: impl Fn(T) -> V) -> Listed<V> {
        let (first, last) = (page.items.first().map(|(key, _)| *key), page.items.last().map(|(key, _)| *key));
        let older = last.filter(|_| page.has_older).map(|key| Cursor::older(key, self.size, &self.filter).text());
        let newer = first.filter(|_| page.has_newer).map(|key| Cursor::newer(key, self.size, &self.filter).text());
        let data = page.items.into_iter().map(|(_, item)| view(item)).collect();
        Listed { cursor: Part { page_size: self.size, has_more: older.is_some(), previous: newer, next: older, data } }
    }
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Query(query) = Query::<ListQuery>::from_request_parts(&mut parts, state).await?;
        let Text(body) = Text::from_request(Request::from_parts(parts, body), state).await?;
        if let Some(cursor) = query.cursor.filter(|cursor| !cursor.is_empty()) {
            let cursor = Cursor::parse(&cursor)?;
            return Ok(Self { seek: cursor.seek(), size: cursor.n, filter: cursor.q });
        }
        let filter = if body.trim().is_empty() { query.query.unwrap_or_default() } else { body };
        Ok(Self { seek: Seek::Newest, size: page_size(query.page_size.as_deref())?, filter })
    }
}
