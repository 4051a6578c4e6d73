//! The one error form of everything under `/api`: `{"error":{"code","message","details","request_id"}}`.
//!
//! A handler answers an [`ApiError`]; it travels as an empty response with the error in its extensions, and
//! [`envelope`], which knows the request's id, writes the body. What axum itself refuses (no such route, wrong
//! method) and what the limits refuse arrives there as a bare status and gets the same form.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Error, Problem};
use http::response::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::middleware::request_id::RequestId;

/// An error on its way to a program.
#[derive(Debug)]
pub struct ApiError(pub Error);

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

/// The error, carried by a response until the envelope is written.
#[derive(Debug, Clone)]
struct Fault(Arc<Error>);

/// The body of every error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorContent,
}

/// What went wrong.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorContent {
    /// Code, message and details.
    #[serde(flatten)]
    pub problem: Problem,
    /// Tell this to support; it is in the answer's header `x-request-id` and in every log line, too.
    #[schema(example = "5f0c1d2e-1a")]
    pub request_id: String,
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        match &self.0 {
            Error::LimitReached(_, seconds) => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Error::Unavailable(_) => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            Error::Unauthenticated(_) => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Fault(Arc::new(self.0)));
        response
    }
}

/// Writes the body of every error answer of the routes it is laid around.
pub async fn envelope(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let asked = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem = problem_of(&parts, &id).unwrap_or_else(|| bare(parts.status, &asked));
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = ErrorBody { error: ErrorContent { problem, request_id: id.to_string() } };
    (parts.status, parts.headers, Json(body)).into_response()
}

/// The problem that an answer carries, if it is an [`ApiError`]; logged here if the fault is ours.
pub fn problem_of(answer: &Parts, id: &RequestId) -> Option<Problem> {
    let Fault(error) = answer.extensions.get::<Fault>()?;
    log(error, id);
    Some(error.problem())
}

/// Logs a fault of ours once, here at the door.
fn log(error: &Error, id: &RequestId) {
    if let Error::Internal(source) = error {
        let mut text = source.to_string();
        let mut next = source.source();
        while let Some(cause) = next {
            text = format!("{text}: {cause}");
            next = cause.source();
        }
        tracing::error!(request_id = %id, error = text, "request failed");
    }
}

/// The problem of a status that no action gave.
pub fn bare(status: StatusCode, (method, uri): &(http::Method, http::Uri)) -> Problem {
    let path = uri.path();
    let (code, message) = match status {
        StatusCode::NOT_FOUND => (
            "route_not_found",
            format!("There is no `{method} {path}`. The document at /api/v1/openapi.json lists every route."),
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", format!("`{path}` does not take {method}; the header `Allow` says what it takes."))
        }
        StatusCode::REQUEST_TIMEOUT => {
            ("request_timeout", "The request took too long to arrive or to answer; try again.".to_owned())
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The body is larger than allowed.".to_owned()),
        StatusCode::FORBIDDEN => ("forbidden", "This request is not allowed.".to_owned()),
        status if status.is_server_error() => return Error::internal("a response without a cause").problem(),
        status => ("bad_request", status.canonical_reason().unwrap_or("The request cannot be understood.").to_owned()),
    };
    Problem { code: code.to_owned(), message, details: Vec::new() }
}

/// Answers a path under `/api` that no route has.
pub async fn no_such_route() -> StatusCode {
    StatusCode::NOT_FOUND
}
