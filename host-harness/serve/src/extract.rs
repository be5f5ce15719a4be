//! What a request carries; or a problem in the API's words, since its clients read no other answer.

use std::time::Duration;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The largest body of a request: a config, or a filter.
pub(crate) const LARGEST_BODY: usize = 1 << 20;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// The parameters in the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let axum::extract::Path(read) = read.map_err(|error| Problem::path(error.body_text()))?;
        Ok(Self(read))
    }
}

/// The parameters behind the path.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::try_from_uri(&parts.uri);
        let axum::extract::Query(read) = read.map_err(|error| Problem::validation(error.body_text()))?;
        Ok(Self(read))
    }
}

/// The body, as a text.
pub(crate) struct Text(pub(crate) String);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state, PATIENCE).await.map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S, patience: Duration) -> Result<String, Problem> {
    // Whoever says so beforehand is not listened to.
    let is_small = usize::try_from(request.body().size_hint().lower()).is_ok_and(|length| length <= LARGEST_BODY);
    if !is_small {
        return Err(Problem::body(format!("a body has at most {LARGEST_BODY} bytes"))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let late = |_| Problem::body("the body took too long to arrive").with_status(StatusCode::REQUEST_TIMEOUT);
    let read = tokio::time::timeout(patience, Bytes::from_request(request, state)).await.map_err(late)?;
    let bytes = read.map_err(|error| Problem::body(error.body_text()).with_status(error.status()))?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::body("the body is not UTF-8"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use axum::body::Body;
    use axum::response::IntoResponse as _;

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_end_is_not_waited_for() {
        let request = Request::new(Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>()));
        let refused = read(request, &(), Duration::from_millis(1)).await.unwrap_err();
        assert_eq!(refused.into_response().status(), StatusCode::REQUEST_TIMEOUT);
    }
}
