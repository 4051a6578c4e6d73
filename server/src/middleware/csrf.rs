//! Requests that change something and may carry a cookie must come from our own pages.
//!
//! Decided by `Sec-Fetch-Site`, else by `Origin` against `Host` or the base URL; a program that sends neither has
//! no cookie of a browser to abuse. REST and the inbox are not under this layer: they take no cookie.

use axum::body::Body;
use axum::response::IntoResponse as _;
use domain::Error;
use http::Response;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::api::error::ApiError;

type Answer = fn(ProtectionError) -> Response<Body>;

/// The layer that refuses foreign pages.
///
/// # Errors
/// The base URL is not an origin.
pub fn layer(base_url: &str) -> anyhow::Result<CsrfLayer<Answer>> {
    Ok(CsrfLayer::new().add_trusted_origin(base_url)?.with_rejection_response(refuse as Answer))
}

fn refuse(_: ProtectionError) -> Response<Body> {
    ApiError(Error::forbidden("This request did not come from a page of this site. Reload the page and try again."))
        .into_response()
}
