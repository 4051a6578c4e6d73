//! What providers post to sources. `domain` verifies the raw bytes, stores the request, and has it handled after the answer.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::Error;
use domain::source::MAX_BODY;
use domain::source::mail;
use domain::source::receive::{Answer, Body, Head, find, receive};
use http::header;
use serde_json::json;

use crate::api::error::ApiResult;
use crate::api::extract;
use crate::middleware::client_ip;
use crate::state::AppState;

/// Takes a request to the address of a source.
pub async fn take(
    State(state): State<AppState>,
    Path((provider, token)): Path<(String, String)>,
    request: Request,
) -> ApiResult<Response> {
    // An address that is none is told so before the body is waited for.
    let door = find(&state.hub, &provider, &token).await?;
    let (head, body) = parts(&state, &provider, &token, request);
    let body = read(&head, body).await?;
    Ok(answer(receive(&state.hub, door, head, body.as_domain()).await?))
}

/// Takes what the installation's provider of e-mail posts for everybody.
pub async fn take_mail(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    request: Request,
) -> ApiResult<Response> {
    let (head, body) = parts(&state, &provider, "", request);
    let body = read(&head, body).await?;
    Ok(answer(mail::receive(&state.hub, head, body.as_domain()).await?))
}

/// What came, before its body is read.
fn parts<'a>(state: &AppState, provider: &'a str, token: &'a str, request: Request) -> (Head<'a>, axum::body::Body) {
    let (parts, body) = request.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let head = Head {
        provider,
        token,
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned(),
        ip: client_ip::of(&parts, state).map(|ip| ip.to_string()),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
    };
    (head, body)
}

/// A body that was read, or that is too large to be.
enum Taken {
    Whole(axum::body::Bytes),
    TooLarge(usize),
}

impl Taken {
    fn as_domain(&self) -> Body<'_> {
        match self {
            Self::Whole(bytes) => Body::Whole(bytes),
            Self::TooLarge(size) => Body::TooLarge(*size),
        }
    }
}

/// Reads a body, if it is not announced as too large.
async fn read(head: &Head<'_>, body: axum::body::Body) -> ApiResult<Taken> {
    let length = head.headers.iter().find(|(name, _)| name == header::CONTENT_LENGTH.as_str());
    let announced = length.and_then(|(_, value)| value.parse::<usize>().ok()).unwrap_or(0);
    if announced > MAX_BODY {
        return Ok(Taken::TooLarge(announced));
    }
    match extract::read(Request::new(body), MAX_BODY).await {
        Ok(bytes) => Ok(Taken::Whole(bytes)),
        Err(Error::TooLarge(_)) => Ok(Taken::TooLarge(MAX_BODY + 1)),
        Err(error) => Err(error.into()),
    }
}

fn answer(answer: Answer) -> Response {
    match answer {
        Answer::Kept(id) => Json(json!({ "id": id })).into_response(),
        Answer::ForNobody => Json(json!({ "id": null })).into_response(),
        Answer::Echo(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
    }
}
