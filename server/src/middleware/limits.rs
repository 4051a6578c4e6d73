//! Nobody holds the server: requests end after a time, forms have a size.

use std::time::Duration;

use http::StatusCode;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// How long a request may take from its head to the head of its answer, its body included.
const LONGEST: Duration = Duration::from_secs(30);
/// The largest form, in bytes: the largest sample of an event type, encoded.
const MAX_FORM: usize = 1024 * 1024;

/// Answers 408 when a request takes too long. An open stream has been answered and is not touched.
pub fn time() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST)
}

/// Answers 413 when a form is too large.
pub fn form_size() -> RequestBodyLimitLayer {
    RequestBodyLimitLayer::new(MAX_FORM)
}
