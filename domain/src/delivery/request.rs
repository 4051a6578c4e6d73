//! One signed request: what goes out for a delivery, and what is kept of it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::directory::Route;
use crate::endpoint::SigningScheme;
use crate::time::Timestamp;

/// The headers of a request, and the same as text for the record (custom values masked).
pub(crate) struct SignedRequest {
    /// As sent.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// As kept: a JSON list of pairs.
    pub(crate) record: String,
}

/// Signs a body for an endpoint by each of its schemes, and adds its own headers, its credentials and those that a
/// transformation asked for. With Standard Webhooks there is one signature per live secret.
///
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
pub(crate) fn sign(
    route: &Route,
    id: &str,
    body: &Bytes,
    now: Timestamp,
    credentials: Option<(HeaderName, HeaderValue)>,
    extra: Vec<(String, String)>,
) -> SignedRequest {
    let mut request = Builder::new(8 + route.headers.len());
    let seconds = now.seconds();
    let text = seconds.to_string();
    request.add("content-type", "application/json");
    request.add("webhook-id", id);
    request.add("webhook-timestamp", &text);
    let (secrets, keys) = (route.live_secrets(now), route.live_keys(now));
    let standard = standard(route, &secrets, &keys, id, seconds, body);
    if !standard.is_empty() {
        request.add("webhook-signature", &standard);
    }
    if let Some(secret) = secrets.first().filter(|_| route.signs(SigningScheme::Plain)) {
        request.add("x-webhook-id", id);
        request.add("x-webhook-timestamp", &text);
        request.add("x-webhook-signature", &signature::sign_plain(secret, seconds, body));
    }
    let keys = signature::Keys { secrets: &secrets, ed25519: &keys };
    for (own, scheme) in [
        (SigningScheme::Stripe, signature::Scheme::Stripe),
        (SigningScheme::Github, signature::Scheme::Github),
        (SigningScheme::Slack, signature::Scheme::Slack),
    ] {
        if route.signs(own) {
            for (name, value) in signature::sign(scheme, &keys, id, seconds, body) {
                request.add(name, &value);
            }
        }
    }
    for (name, value) in route.headers.iter().cloned().chain(credentials) {
        request.add_masked(name, value);
    }
    for (name, value) in extra {
        request.add_own(&name, &value);
    }
    request.finish()
}

/// The signatures of Standard Webhooks, with shared secrets and with key pairs.
fn standard(
    route: &Route,
    secrets: &[&signature::Secret],
    keys: &[&signature::SigningKey],
    id: &str,
    seconds: i64,
    body: &Bytes,
) -> String {
    let mut all = String::new();
    let mut push = |one: &str| {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(one);
    };
    if route.signs(SigningScheme::Standard) {
        for secret in secrets {
            push(&signature::sign_standard(std::slice::from_ref(*secret), id, seconds, body));
        }
    }
    if route.signs(SigningScheme::Ed25519) {
        for key in keys {
            push(&signature::sign_ed25519(key, id, seconds, body));
        }
    }
    all
}

/// Headers and their record, side by side.
struct Builder {
    headers: Vec<(HeaderName, HeaderValue)>,
    record: String,
}

impl Builder {
    fn new(count: usize) -> Self {
        let mut record = String::with_capacity(640);
        record.push('[');
        Self { headers: Vec::with_capacity(count), record }
    }

    fn note(&mut self, name: &str, json_value: &str) {
        self.record.push_str(if self.record.len() > 1 { ",[\"" } else { "[\"" });
        self.record.push_str(name);
        self.record.push_str("\",");
        self.record.push_str(json_value);
        self.record.push(']');
    }

    /// Ids, numbers and base64 are plain ASCII: both the header and the JSON take them as they are.
    fn add(&mut self, name: &'static str, value: &str) {
        if let Ok(header) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), header));
            self.note(name, &format!("\"{value}\""));
        }
    }

    /// A value that nobody may read afterwards.
    fn add_masked(&mut self, name: HeaderName, value: HeaderValue) {
        self.note(name.as_str(), "\"••••\"");
        self.headers.push((name, value));
    }

    /// A header that a transformation asked for; it replaces none of the hub's.
    fn add_own(&mut self, name: &str, value: &str) {
        let reserved = crate::endpoint::RESERVED_HEADERS.contains(&name);
        let (Ok(name), Ok(header)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) else { return };
        if !reserved && !self.headers.iter().any(|(known, _)| *known == name) {
            self.note(name.as_str(), &serde_json::Value::from(value).to_string());
            self.headers.push((name, header));
        }
    }

    fn finish(mut self) -> SignedRequest {
        self.record.push(']');
        SignedRequest { headers: self.headers, record: self.record }
    }
}
