//! For whoever watches the process: does it live, may it be sent requests.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::Error;
use serde_json::json;

use crate::api::error::{ApiError, ApiResult};
use crate::state::AppState;

/// The process answers.
pub async fn alive() -> Response {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// The database answers and has its tables, the workers run, and the program is not stopping.
pub async fn ready(State(state): State<AppState>) -> ApiResult<Response> {
    if state.stopping.is_cancelled() {
        return Err(ApiError(Error::unavailable("The program is stopping.")));
    }
    if !state.is_ready() {
        return Err(ApiError(Error::unavailable("The workers do not run yet.")));
    }
    domain::account::actions::needs_setup(&state.hub).await.map_err(|error| match error {
        Error::Unavailable(problem) => Error::Unavailable(problem),
        other => {
            tracing::error!(error = ?other, "not ready");
            Error::unavailable("The database does not answer as it should.")
        }
    })?;
    Ok(Json(json!({ "status": "ready", "database": state.hub.db.kind() })).into_response())
}
