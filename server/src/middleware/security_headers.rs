//! What browsers are told about every answer: load nothing that we do not name, guess no types, let nobody frame it
//! (but for the one page that Teams shows).

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::state::AppState;

/// The headers that never differ.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// What is not a page may load nothing at all.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Stands at an answer that says by its policy who may frame it; the older header knows no names.
#[derive(Debug, Clone, Copy)]
pub struct Framed;

/// Adds the headers. A page's own policy (with its nonce) is already there and stays.
pub async fn add(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let may_be_framed = response.extensions().get::<Framed>().is_some();
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if may_be_framed {
        headers.remove(header::X_FRAME_OPTIONS);
    }
    if state.is_secure() {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    let mut fill = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    fill(header::CONTENT_SECURITY_POLICY, NOTHING);
    // Whatever is not a file is somebody's data.
    fill(header::CACHE_CONTROL, "no-store");
    response
}

/// The policy of a page: our own files, and scripts that carry this answer's nonce. Forms go to ourselves, and on from there to
/// the providers where people consent: browsers hold a form's redirects against the policy too.
pub fn page_policy(headers: &mut HeaderMap, nonce: &str, providers: &str) {
    policy(
        headers,
        &format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'{providers}; \
             base-uri 'none'; frame-ancestors 'none'"
        ),
    );
}

/// Sets a policy.
pub fn policy(headers: &mut HeaderMap, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
}
