//! What providers post to sources. `domain` verifies the raw bytes, stores the request, and has it handled after the answer.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::Error;
use domain::source::MAX_BODY;
use domain::source::receive::{Answer, Body, Head, receive};
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
    let (parts, body) = request.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let head = Head {
        provider: &provider,
        token: &token,
        method: parts.method.as_str(),
        path: parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str),
        ip: client_ip::of(&parts, &state).map(|ip| ip.to_string()),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
    };
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    let answer = if announced > MAX_BODY {
        receive(&state.hub, head, Body::TooLarge(announced)).await?
    } else {
        match extract::read(Request::new(body), MAX_BODY).await {
            Ok(bytes) => receive(&state.hub, head, Body::Whole(&bytes)).await?,
            Err(Error::TooLarge(_)) => receive(&state.hub, head, Body::TooLarge(MAX_BODY + 1)).await?,
            Err(error) => return Err(error.into()),
        }
    };
    Ok(match answer {
        Answer::Kept(id) => Json(json!({ "id": id })).into_response(),
        Answer::Echo(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
    })
}
