//! The throw-away inbox: what arrived at the hub's own receiver.

use axum::response::Response;
use domain::inbox::{Inbox, actions};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::ApiCaller;
use super::shape::{self, Asked, Fields, Nothing};
use crate::state::AppState;

/// The routes of the inbox.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_inbox, clear_inbox))
}

/// Shows the organization's inbox with the last requests; it is made at the first use.
#[utoipa::path(
    get, path = "/api/v1/inbox", operation_id = "get_inbox", tag = "Inbox", params(Fields),
    responses((status = 200, description = "The inbox.", body = Inbox)),
)]
async fn get_inbox(api: ApiCaller, Asked(Nothing {}, fields): Asked<Nothing>) -> ApiResult<Response> {
    shape::one(&actions::get_or_create(&api.hub, &api.caller).await?, &fields)
}

/// Forgets what arrived at the inbox.
#[utoipa::path(
    delete, path = "/api/v1/inbox", operation_id = "clear_inbox", tag = "Inbox",
    responses((status = 204, description = "It is empty.")),
)]
async fn clear_inbox(api: ApiCaller) -> ApiResult<StatusCode> {
    actions::clear(&api.hub, &api.caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
