//! Answers as Entra ID and Graph give them.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A good answer, or the refusal.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// A good answer.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    body: Option<Value>,
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
    pub(crate) status: u16,
    /// What is remembered of it: its code.
    pub(crate) error: String,
    pub(crate) body: Value,
}

/// The statuses of Graph's codes.
const CODES: [(&str, u16); 12] = [
    ("BadRequest", 400),
    ("InvalidRequest", 400),
    ("InvalidAuthenticationToken", 401),
    ("Forbidden", 403),
    ("Authorization_RequestDenied", 403),
    ("NotFound", 404),
    ("Conflict", 409),
    ("RequestEntityTooLarge", 413),
    ("TooManyRequests", 429),
    ("InternalServerError", 500),
    ("BadGateway", 502),
    ("ServiceUnavailable", 503),
];

impl Refusal {
    /// Graph's kind, by its code.
    pub(crate) fn graph(code: &str, message: &str) -> Self {
        let status = CODES.iter().find(|(known, _)| *known == code).map_or(400, |(_, status)| *status);
        Self { status, error: code.to_owned(), body: json!({ "error": { "code": code, "message": message } }) }
    }

    /// There is no such thing, or nobody whom this person may see it with.
    pub(super) fn not_found(what: &str) -> Self {
        Self::graph("NotFound", what)
    }

    /// The token is worth nothing.
    pub(super) fn unauthorized(message: &str) -> Self {
        Self::graph("InvalidAuthenticationToken", message)
    }
}

/// An answer on its way out.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) error: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Json(Value),
    Text(String),
}

impl Reply {
    /// What an operation came to.
    pub(super) fn of(outcome: Outcome) -> Self {
        match outcome {
            Ok(Answer { status, body: Some(body) }) => {
                Self { status, error: None, headers: Vec::new(), body: Content::Json(body) }
            }
            Ok(Answer { status, body: None }) => Self::bare(status, String::new()),
            Err(refusal) => Self {
                status: refusal.status,
                error: Some(refusal.error),
                headers: Vec::new(),
                body: Content::Json(refusal.body),
            },
        }
    }

    /// Too many requests: wait so many seconds.
    pub(super) fn rate_limited(after_s: u64) -> Self {
        let refusal = Refusal::graph("TooManyRequests", "Too many requests");
        let mut reply = Self::of(Err(refusal));
        reply.headers.push(("retry-after", after_s.to_string()));
        reply
    }

    /// A text with a status, which need not be Graph's.
    pub(super) fn bare(status: u16, body: String) -> Self {
        Self { status, error: None, headers: Vec::new(), body: Content::Text(body) }
    }

    /// With what Graph says of each request: ids for its support, in headers and in errors.
    pub(super) fn stamped(mut self, request_id: &str, client_request_id: Option<&str>, date: &str) -> Self {
        let client = client_request_id.unwrap_or(request_id);
        self.headers.extend([("request-id", request_id.to_owned()), ("client-request-id", client.to_owned())]);
        if let Content::Json(body) = &mut self.body
            && body["error"].is_object()
        {
            // Graph writes the date without its offset.
            let date = date.get(..19).unwrap_or(date);
            body["error"]["innerError"] =
                json!({ "date": date, "request-id": request_id, "client-request-id": client });
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (text, is_json) = match self.body {
            Content::Json(body) => (body.to_string(), true),
            Content::Text(text) => (text, false),
        };
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        if is_json {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
