//! Answers as Slack gives them: status 200 with `ok` and, where it is false, a code.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// The fields of a good answer, or the refusal.
pub(crate) type Outcome = Result<Map<String, Value>, Refusal>;

/// An answer that is not `ok`.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    fields: Map<String, Value>,
}

impl From<&str> for Refusal {
    fn from(code: &str) -> Self {
        Self { code: code.to_owned(), fields: Map::new() }
    }
}

impl Refusal {
    /// With more fields than the code.
    pub(crate) fn with(code: &str, fields: Value) -> Self {
        let Value::Object(fields) = fields else { return code.into() };
        Self { code: code.to_owned(), fields }
    }

    /// A scope is missing: which of them would do, and what the token has.
    pub(crate) fn missing_scope(needed: &str, provided: &[String]) -> Self {
        Self::with("missing_scope", json!({ "needed": needed, "provided": provided.join(",") }))
    }

    /// With sentences for developers, as Slack writes them.
    pub(crate) fn with_messages(code: &str, messages: &[String]) -> Self {
        let messages: Vec<String> = messages.iter().map(|message| format!("[ERROR] {message}")).collect();
        Self::with(code, json!({ "response_metadata": { "messages": messages } }))
    }
}

/// The fields of a good answer.
pub(crate) fn fields(value: Value) -> Outcome {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err("internal_error".into()),
    }
}

/// An answer on its way out.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) error: Option<String>,
    retry_after_s: Option<u64>,
    scopes: Option<String>,
    body: String,
    is_json: bool,
}

impl Reply {
    /// What a method came to.
    pub(super) fn of(outcome: Outcome, warnings: &[&'static str]) -> Self {
        let (mut fields, error) = match outcome {
            Ok(fields) => (fields, None),
            Err(refusal) => (refusal.fields, Some(refusal.code)),
        };
        fields.insert("ok".to_owned(), error.is_none().into());
        if let Some(code) = &error {
            fields.insert("error".to_owned(), code.as_str().into());
        }
        if !warnings.is_empty() {
            fields.insert("warning".to_owned(), warnings.join(",").into());
            let metadata = fields.entry("response_metadata").or_insert_with(|| json!({}));
            metadata["warnings"] = json!(warnings);
        }
        Self { error, ..Self::json(200, &Value::Object(fields)) }
    }

    /// Too many requests.
    pub(super) fn rate_limited(after_s: u64) -> Self {
        let body = json!({ "ok": false, "error": "ratelimited" });
        Self { retry_after_s: Some(after_s), error: Some("ratelimited".to_owned()), ..Self::json(429, &body) }
    }

    /// With what the token may do, which Slack says beside every answer.
    pub(super) fn with_scopes(self, scopes: Option<&[String]>) -> Self {
        Self { scopes: scopes.map(|scopes| scopes.join(",")), ..self }
    }

    /// A text with a status, which need not be Slack's.
    pub(super) fn bare(status: u16, body: String) -> Self {
        Self { status, error: None, retry_after_s: None, scopes: None, body, is_json: false }
    }

    fn json(status: u16, body: &Value) -> Self {
        Self { is_json: true, ..Self::bare(status, body.to_string()) }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if self.is_json { "application/json; charset=utf-8" } else { "text/html; charset=utf-8" };
        let mut response = (status, [(header::CONTENT_TYPE, kind)], self.body).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(scopes) = self.scopes.and_then(|scopes| HeaderValue::from_str(&scopes).ok()) {
            response.headers_mut().insert("x-oauth-scopes", scopes);
        }
        response
    }
}
