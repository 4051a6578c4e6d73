//! A span around every request, so that each log line inside knows its request; and one line when it is answered.
//!
//! Logged is the route (`/inbox/{token}`), never the path, which may hold a secret. Posting events is the busiest
//! route by far: its span and line exist only when debug output is on.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use tracing::{Instrument as _, Span};

use super::request_id::RequestId;

/// Runs the request inside its span.
pub async fn request(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let is_quiet = is_quiet(request.method(), route);
    let span = span(&request, route, is_quiet);
    let started = Instant::now();
    async move {
        let response = next.run(request).await;
        let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
        if is_quiet && status < 500 {
            tracing::debug!(status, ms, "answered");
        } else {
            tracing::info!(status, ms, "answered");
        }
        response
    }
    .instrument(span)
    .await
}

fn span(request: &Request, route: &str, is_quiet: bool) -> Span {
    let id = RequestId::of(request.extensions());
    let method = request.method();
    // Who called may be tracing; then the trace goes on here.
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let traceparent = traceparent.filter(|text| text.len() == 55);
    if is_quiet {
        tracing::debug_span!("request", %id, %method, route, traceparent)
    } else {
        tracing::info_span!("request", %id, %method, route, traceparent)
    }
}

/// Whether the route is asked too often to be worth a line.
fn is_quiet(method: &Method, route: &str) -> bool {
    (route == "/api/v1/events" && method == Method::POST)
        || matches!(route, "/healthz" | "/readyz" | "/inbox/{token}")
        || ["/pkg/", "/fonts/"].iter().any(|folder| route.starts_with(folder))
}
