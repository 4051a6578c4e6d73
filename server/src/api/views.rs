//! Views: queries of the delivery log under a name.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::id::ViewId;
use domain::view::{NewView, View, actions};
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Shape};
use crate::state::AppState;

/// The routes of views.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_saved_view, list_saved_views))
        .routes(routes!(update_saved_view, delete_saved_view))
}

/// Lists the organization's views of the delivery log, by name. Sorted by `name` or `created_at`.
#[utoipa::path(
    get, path = "/api/v1/saved-views", operation_id = "list_saved_views", tag = "Deliveries", params(PageQuery, Shape),
    responses((status = 200, description = "A page of views.", body = Page<View>)),
)]
async fn list_saved_views(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::whole(actions::list(&api.hub, &api.caller).await?, "id", &["name", "created_at"], &asked, &shape)
}

/// Keeps a query of the delivery log under a name, for all members of the organization.
#[utoipa::path(
    post, path = "/api/v1/saved-views", operation_id = "create_saved_view", tag = "Deliveries",
    request_body(content = NewView, example = json!({"name": "Failed today", "query": "status=failed&since=24h"})),
    responses((status = 201, description = "The view, its query as the log writes it.", body = View)),
)]
async fn create_saved_view(api: ApiCaller, Body(new): Body<NewView>) -> ApiResult<Response> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, &new).await?)).into_response())
}

/// A change of a view.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewChange {
    /// What to call it: 1 to 60 characters.
    name: String,
}

/// Gives a view another name.
#[utoipa::path(
    patch, path = "/api/v1/saved-views/{id}", operation_id = "update_saved_view", tag = "Deliveries",
    params(("id" = ViewId, Path, description = "The view's id.")),
    request_body(content = ViewChange, example = json!({"name": "Failed since yesterday"})),
    responses((status = 200, description = "The view as it is now.", body = View)),
)]
async fn update_saved_view(
    api: ApiCaller,
    Id(id): Id<ViewId>,
    Body(change): Body<ViewChange>,
) -> ApiResult<Json<View>> {
    Ok(Json(actions::rename(&api.hub, &api.caller, &id, &change.name).await?))
}

/// Deletes a view; the deliveries stay.
#[utoipa::path(
    delete, path = "/api/v1/saved-views/{id}", operation_id = "delete_saved_view", tag = "Deliveries",
    params(("id" = ViewId, Path, description = "The view's id.")),
    responses((status = 204, description = "It is deleted.")),
)]
async fn delete_saved_view(api: ApiCaller, Id(id): Id<ViewId>) -> ApiResult<StatusCode> {
    actions::delete(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
