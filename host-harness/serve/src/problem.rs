//! What the API says when something is wrong.

use std::fmt::Display;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// What kind of thing is wrong. The clients of the payments API know no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Code {
    /// The host failed.
    Internal,
    /// What is asked for cannot be.
    Validation,
    /// An id in the path is none.
    InvalidId,
    /// The body cannot be read.
    MissingOrInvalidBody,
    /// There is one of that name.
    Conflict,
    /// There is none.
    NotFound,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    /// What kind.
    error_code: Code,
    /// What, and what to do about it.
    error_message: String,
    /// More of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(skip)]
    status: Option<StatusCode>,
}

impl Problem {
    fn new(error_code: Code, told: String) -> Self {
        Self { error_code, error_message: told, details: None, status: None }
    }

    pub(crate) fn validation(told: impl Display) -> Self {
        Self::new(Code::Validation, told.to_string())
    }

    pub(crate) fn invalid_id(what: &str) -> Self {
        Self::new(Code::InvalidId, format!("this is no id of {what}; take one from a list"))
    }

    pub(crate) fn path(told: impl Display) -> Self {
        Self::new(Code::InvalidId, told.to_string())
    }

    pub(crate) fn body(told: impl Display) -> Self {
        Self::new(Code::MissingOrInvalidBody, told.to_string())
    }

    pub(crate) fn conflict(told: impl Display) -> Self {
        Self::new(Code::Conflict, told.to_string())
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// What failed is for the log of the host, and for nobody else.
    pub(crate) fn internal(error: &dyn Display) -> Self {
        tracing::error!(target: "harness::serve", "{error}");
        Self::new(Code::Internal, "internal server error".to_owned())
    }

    pub(crate) fn details(self, details: String) -> Self {
        Self { details: Some(details), ..self }
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status), ..self }
    }

    /// What, and what to do about it.
    pub(crate) fn message(&self) -> &str {
        &self.error_message
    }

    /// More of it.
    pub(crate) fn more(&self) -> Option<&str> {
        self.details.as_deref()
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.status.unwrap_or(match self.error_code {
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Code::NotFound => StatusCode::NOT_FOUND,
            // Also a conflict: the clients of the payments API expect it so.
            Code::Validation | Code::InvalidId | Code::MissingOrInvalidBody | Code::Conflict => StatusCode::BAD_REQUEST,
        })
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::InstallExists { .. } => Self::conflict(error),
            _ => Self::internal(&error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status(), Json(self)).into_response()
    }
}
