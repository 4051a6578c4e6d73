//! What Slack posts to the hub. The signature is over the raw body; `domain` holds it against the app's secret.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::connection::inbound::{Door, receive};
use http::header;

use crate::api::error::ApiResult;
use crate::api::extract;
use crate::state::AppState;

/// Slack's requests are far smaller.
const MAX_BODY: usize = 1024 * 1024;

/// What happened in a workspace.
pub async fn events(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    take(&state, Door::Events, request).await
}

/// Presses of buttons.
pub async fn interactions(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    take(&state, Door::Interactions, request).await
}

/// `/patchbay`.
pub async fn commands(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    take(&state, Door::Commands, request).await
}

async fn take(state: &AppState, door: Door, request: Request) -> ApiResult<Response> {
    let (timestamp, signature) =
        (header_of(&request, "x-slack-request-timestamp"), header_of(&request, "x-slack-signature"));
    let body = extract::read(request, MAX_BODY).await?;
    let answer = receive(&state.hub, door, &timestamp, &signature, &body).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], answer).into_response())
}

fn header_of(request: &Request, name: &str) -> String {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
