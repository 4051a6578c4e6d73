//! The throw-away inbox as a receiver: takes whatever arrives at its address, of any method.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::inbox::{MAX_BODY, actions};
use serde_json::json;

use crate::api::error::ApiResult;
use crate::api::extract;
use crate::state::AppState;

/// An event of the largest size comes in an envelope of ours.
const ENVELOPE: usize = 4 * 1024;

/// Records the request.
pub async fn record(State(state): State<AppState>, Path(token): Path<String>, request: Request) -> ApiResult<Response> {
    let method = request.method().to_string();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = extract::read(request, MAX_BODY + ENVELOPE).await?;
    actions::record(&state.hub, &token, &method, headers, &body).await?;
    Ok(Json(json!({ "ok": true })).into_response())
}
