//! Messages: deliveries that their receiver fetches.

use axum::Json;
use domain::delivery::pull::{self, Committed, Messages, PullCommit, PullQuery};
use domain::id::EndpointId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{Asked, Nothing};
use crate::state::AppState;

/// The routes of messages.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(fetch_messages)).routes(routes!(commit_messages))
}

/// Fetches what waits at an endpoint whose `delivery` is `pull`, oldest first, and waits for something if asked to. What is
/// fetched stays until it is committed: without a cursor, the same messages come again. Each is signed like a push; its
/// `body` is the text that is signed. Needs the scope `messages:pull`.
#[utoipa::path(
    get, path = "/api/v1/endpoints/{id}/messages", operation_id = "fetch_messages", tag = "Messages",
    params(("id" = EndpointId, Path, description = "The endpoint's id."), PullQuery),
    responses((status = 200, description = "The messages.", body = Messages)),
)]
async fn fetch_messages(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Asked(query, Nothing {}): Asked<PullQuery, Nothing>,
) -> ApiResult<Json<Messages>> {
    Ok(Json(pull::messages(&api.hub, &api.caller, &id, &query).await?))
}

/// Says that messages have arrived: all up to a cursor, or some by id. They become delivered, each once, however often it is
/// said. Needs the scope `messages:pull`.
#[utoipa::path(
    post, path = "/api/v1/endpoints/{id}/messages/commit", operation_id = "commit_messages", tag = "Messages",
    params(("id" = EndpointId, Path, description = "The endpoint's id.")),
    request_body(content = PullCommit, example = json!({"cursor": "after-1042"})),
    responses((status = 200, description = "How many were delivered by it.", body = Committed)),
)]
async fn commit_messages(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Body(what): Body<PullCommit>,
) -> ApiResult<Json<Committed>> {
    Ok(Json(pull::commit(&api.hub, &api.caller, &id, &what).await?))
}
