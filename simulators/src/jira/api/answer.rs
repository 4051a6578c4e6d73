//! Answers as Jira and its gateway give them.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// A good answer, or the refusal.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// A good answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body) }
    }

    pub(crate) fn made(body: Value) -> Self {
        Self { status: 201, body: Some(body) }
    }

    pub(crate) fn nothing() -> Self {
        Self { status: 204, body: None }
    }
}

/// An answer that is none.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(super) status: u16,
    /// A code, or the first of its sentences.
    pub(super) error: String,
    body: Value,
}

impl Refusal {
    /// The authorization server's kind.
    pub(crate) fn oauth(status: u16, code: &str, description: &str) -> Self {
        Self { status, error: code.to_owned(), body: json!({ "error": code, "error_description": description }) }
    }

    /// The gateway's kind.
    pub(crate) fn gateway(status: u16, message: &str) -> Self {
        Self { status, error: message.to_owned(), body: json!({ "code": status, "message": message }) }
    }

    /// The token is worth nothing.
    pub(crate) fn unauthorized() -> Self {
        Self::gateway(401, "Unauthorized")
    }

    /// Jira's kind, with one sentence.
    pub(crate) fn jira(status: u16, message: &str) -> Self {
        Self::fields(status, &[(None, message.to_owned())])
    }

    /// Jira's kind, with a sentence about a field.
    pub(crate) fn field(name: &str, message: &str) -> Self {
        Self::fields(400, &[(Some(name.to_owned()), message.to_owned())])
    }

    /// Jira's kind, with sentences about fields, and without.
    pub(crate) fn fields(status: u16, sentences: &[(Option<String>, String)]) -> Self {
        let general: Vec<&String> =
            sentences.iter().filter(|(field, _)| field.is_none()).map(|(_, sentence)| sentence).collect();
        let by_field = sentences.iter().filter_map(|(field, sentence)| Some((field.clone()?, json!(sentence))));
        let by_field: Map<String, Value> = by_field.collect();
        let error = sentences.first().map(|(_, sentence)| sentence.clone()).unwrap_or_default();
        Self { status, error, body: json!({ "errorMessages": general, "errors": by_field }) }
    }

    /// There is no such issue, or it is not for this person.
    pub(crate) fn no_issue() -> Self {
        Self::jira(404, "Issue does not exist or you do not have permission to see it.")
    }
}

/// An answer on its way out.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) error: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: String,
    is_json: bool,
}

impl Reply {
    /// What an operation came to.
    pub(super) fn of(outcome: Outcome) -> Self {
        match outcome {
            Ok(Answer { status, body: Some(body) }) => Self::json(status, &body),
            Ok(Answer { status, body: None }) => Self::bare(status, String::new()),
            Err(refusal) => Self { error: Some(refusal.error), ..Self::json(refusal.status, &refusal.body) },
        }
    }

    /// Too many requests, for a reason that Jira names in a header.
    pub(super) fn rate_limited(after_s: u64, reason: &str) -> Self {
        let refusal = Refusal::jira(429, "Rate limit exceeded.");
        let headers = [("retry-after", after_s.to_string()), ("ratelimit-reason", reason.to_owned())];
        Self { error: Some(reason.to_owned()), ..Self::of(Err(refusal)) }.with(headers)
    }

    /// A text with a status, which need not be Jira's.
    pub(super) fn bare(status: u16, body: String) -> Self {
        Self { status, error: None, headers: Vec::new(), body, is_json: false }
    }

    /// With more headers.
    pub(super) fn with(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    fn json(status: u16, body: &Value) -> Self {
        Self { is_json: true, ..Self::bare(status, body.to_string()) }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        if self.is_json {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
