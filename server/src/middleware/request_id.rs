//! A short id for every request: in the answer, in every error and in the log.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{Extensions, HeaderValue};

use super::client_ip;
use crate::state::AppState;

/// The header that carries it, both ways.
const HEADER: &str = "x-request-id";

/// The id of a request.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id that was given to the request.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_else(|| Self("none".into()))
    }

    /// A new one: a word that differs from start to start, and a number.
    fn next() -> Self {
        static PROCESS: LazyLock<String> = LazyLock::new(|| domain::hub::Random::System.token()[..8].to_owned());
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self(format!("{}-{:x}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed)).into())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives the request its id: the one that a trusted proxy sent, or a new one.
pub async fn assign(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_fit(text));
    let id = match sent {
        Some(text) if client_ip::is_proxied(request.extensions(), &state) => RequestId(text.into()),
        _ => RequestId::next(),
    };
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn is_fit(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
