//! API keys: list, make, revoke.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::api_key::{ApiKey, CreatedApiKey, NewApiKey, actions};
use domain::id::ApiKeyId;
use domain::{Page, PageQuery};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of API keys.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_api_key, list_api_keys)).routes(routes!(get_api_key, revoke_api_key))
}

/// Lists API keys, newest first, revoked ones included. Sorted by `created_at`, `name` or `last_used_at`.
#[utoipa::path(
    get, path = "/api/v1/api-keys", operation_id = "list_api_keys", tag = "API keys", params(PageQuery, Shape),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKey>)),
)]
async fn list_api_keys(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::whole(
        actions::list(&api.hub, &api.caller).await?,
        "id",
        &["created_at", "name", "last_used_at"],
        &asked,
        &shape,
    )
}

/// Makes an API key; the key itself is in the answer, this once.
#[utoipa::path(
    post, path = "/api/v1/api-keys", operation_id = "create_api_key", tag = "API keys",
    request_body(content = NewApiKey, example = json!({"name": "Billing service", "scopes": ["events:write"]})),
    responses((status = 201, description = "The key.", body = CreatedApiKey)),
)]
async fn create_api_key(api: ApiCaller, Body(new): Body<NewApiKey>) -> ApiResult<Response> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, new).await?)).into_response())
}

/// Shows an API key, without the key itself.
#[utoipa::path(
    get, path = "/api/v1/api-keys/{id}", operation_id = "get_api_key", tag = "API keys",
    params(("id" = ApiKeyId, Path, description = "The key's id."), Fields),
    responses((status = 200, description = "The key.", body = ApiKey)),
)]
async fn get_api_key(
    api: ApiCaller,
    Id(id): Id<ApiKeyId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Revokes an API key, at once.
#[utoipa::path(
    delete, path = "/api/v1/api-keys/{id}", operation_id = "revoke_api_key", tag = "API keys",
    params(("id" = ApiKeyId, Path, description = "The key's id.")),
    responses((status = 200, description = "The key, revoked.", body = ApiKey)),
)]
async fn revoke_api_key(api: ApiCaller, Id(id): Id<ApiKeyId>) -> ApiResult<Json<ApiKey>> {
    Ok(Json(actions::revoke(&api.hub, &api.caller, &id).await?))
}
