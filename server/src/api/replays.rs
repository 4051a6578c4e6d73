//! Replays of many deliveries: plan, start, watch, pause, cancel.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::id::ReplayId;
use domain::replay::{NewReplay, Plan, Replay, ReplayState, actions};
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of replays.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_replay, list_replays))
        .routes(routes!(plan_replay))
        .routes(routes!(get_replay, update_replay))
}

/// Tells what a replay would do: how many, which first, what is left out and why, how long.
#[utoipa::path(
    post, path = "/api/v1/replays/plan", operation_id = "plan_replay", tag = "Deliveries",
    request_body(content = NewReplay, example = json!({"query": {"status": "failed", "since": "24h"}, "rate_per_minute": 600})),
    responses((status = 200, description = "The plan; nothing is sent.", body = Plan)),
)]
async fn plan_replay(api: ApiCaller, Body(new): Body<NewReplay>) -> ApiResult<Json<Plan>> {
    Ok(Json(actions::plan(&api.hub, &api.caller, &new).await?))
}

/// Sends everything that matches again, in the background.
#[utoipa::path(
    post, path = "/api/v1/replays", operation_id = "create_replay", tag = "Deliveries",
    request_body(content = NewReplay, example = json!({"query": {"endpoint_id": "ep_…", "status": "failed"}, "settings": "now"})),
    responses((status = 201, description = "The replay has begun.", body = Replay)),
)]
async fn create_replay(api: ApiCaller, Body(new): Body<NewReplay>) -> ApiResult<Response> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, &new).await?)).into_response())
}

/// Lists replays, newest first.
#[utoipa::path(
    get, path = "/api/v1/replays", operation_id = "list_replays", tag = "Deliveries", params(PageQuery, Shape),
    responses((status = 200, description = "A page of replays.", body = Page<Replay>)),
)]
async fn list_replays(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::page(actions::list(&api.hub, &api.caller, &asked).await?, &shape)
}

/// Shows a replay and how far it has come.
#[utoipa::path(
    get, path = "/api/v1/replays/{id}", operation_id = "get_replay", tag = "Deliveries",
    params(("id" = ReplayId, Path, description = "The replay's id."), Fields),
    responses((status = 200, description = "The replay.", body = Replay)),
)]
async fn get_replay(
    api: ApiCaller,
    Id(id): Id<ReplayId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// What a replay is to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayChange {
    /// `paused`, `running` or `cancelled`.
    state: ReplayState,
}

/// Pauses a replay, lets it go on, or ends it; what it made stays.
#[utoipa::path(
    patch, path = "/api/v1/replays/{id}", operation_id = "update_replay", tag = "Deliveries",
    params(("id" = ReplayId, Path, description = "The replay's id.")),
    request_body(content = ReplayChange, example = json!({"state": "paused"})),
    responses((status = 200, description = "The replay as it is now.", body = Replay)),
)]
async fn update_replay(
    api: ApiCaller,
    Id(id): Id<ReplayId>,
    Body(change): Body<ReplayChange>,
) -> ApiResult<Json<Replay>> {
    Ok(Json(actions::set_state(&api.hub, &api.caller, &id, change.state).await?))
}
