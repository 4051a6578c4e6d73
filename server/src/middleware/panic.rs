//! A request that panics is answered with 500; the others go on.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};
use domain::Error;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::error::ApiError;

/// The layer that catches panics.
pub fn layer() -> CatchPanicLayer<fn(Box<dyn Any + Send + 'static>) -> Response> {
    CatchPanicLayer::custom(answer)
}

fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("without words");
    tracing::error!(panic = text, "a request panicked");
    ApiError(Error::internal(format!("a panic: {text}"))).into_response()
}
