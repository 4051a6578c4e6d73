//! Limits of an endpoint that can be checked without a network.

use std::collections::BTreeMap;

use crate::Detail;

/// Names that a custom header may not have, because the hub or HTTP itself sets them.
pub const RESERVED_HEADERS: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "stripe-signature",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-hub-signature-256",
    "x-slack-request-timestamp",
    "x-slack-signature",
    "x-webhook-id",
    "x-webhook-signature",
    "x-webhook-timestamp",
];

/// Checks custom headers: token names that are not reserved, printable values, at most 20.
#[must_use]
pub fn check_headers(headers: &BTreeMap<String, String>) -> Vec<Detail> {
    let mut details = Vec::new();
    if headers.len() > 20 {
        details.push(Detail { field: "headers".into(), message: "at most 20 custom headers.".into() });
    }
    for (name, value) in headers {
        let token = !name.is_empty()
            && name.len() <= 100
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        let message = if !token {
            "is not a header name: letters, digits and `-`."
        } else if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            "is reserved: the hub or HTTP itself sets it."
        } else if value.len() > 2000 || value.bytes().any(|b| b < 0x20 && b != b'\t' || b >= 0x7f) {
            "must have a value of at most 2000 printable ASCII characters."
        } else {
            continue;
        };
        details.push(Detail { field: format!("headers.{name}"), message: message.into() });
    }
    details
}

/// Checks what can be checked without a network; the URL is checked by the action.
#[must_use]
pub fn check_limits(name: Option<&str>, timeout_ms: Option<i64>, rate: Option<Option<i64>>) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut wrong = |field: &str, message: &str| details.push(Detail { field: field.into(), message: message.into() });
    if name.is_some_and(|name| name.trim().is_empty() || name.chars().count() > 100) {
        wrong("name", "must have 1 to 100 characters.");
    }
    if timeout_ms.is_some_and(|ms| !(1000..=30_000).contains(&ms)) {
        wrong("timeout_ms", "must be between 1000 and 30000.");
    }
    if let Some(Some(rate)) = rate
        && !(1..=100_000).contains(&rate)
    {
        wrong("rate_limit_per_minute", "must be between 1 and 100000, or null for no limit.");
    }
    details
}
