//! What Jira posts to the hub: what changed in a site. `domain` holds the token against the app's secret, stores the body, and reads
//! it after the answer.

use axum::extract::{Path, Request, State};
use domain::Error;
use domain::issue::receive::{Headers, receive};
use http::{StatusCode, header};

use crate::api::error::ApiResult;
use crate::api::extract;
use crate::state::AppState;

/// Issues with long descriptions are megabytes at most.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Takes what happened in the site of a connection.
pub async fn events(
    State(state): State<AppState>,
    Path(connection): Path<String>,
    request: Request,
) -> ApiResult<StatusCode> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let [authorization, signature, identifier] =
        [header::AUTHORIZATION.as_str(), "x-hub-signature", "x-atlassian-webhook-identifier"].map(text);
    let connection = connection.parse().map_err(|_| Error::not_found("connection"))?;
    let body = extract::read(request, MAX_BODY).await?;
    let headers = Headers {
        authorization: authorization.as_deref(),
        signature: signature.as_deref(),
        identifier: identifier.as_deref(),
    };
    receive(&state.hub, &connection, headers, &body).await?;
    Ok(StatusCode::OK)
}
