//! Endpoints: make, show, change, delete, test, rotate.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::endpoint::history::EndpointVersion;
use domain::endpoint::preview::{Preview, PreviewQuery};
use domain::endpoint::secrets::Rotation;
use domain::endpoint::{
    Endpoint, EndpointChange, EndpointWithSecret, Health, NewEndpoint, actions, history, preview, secrets,
};
use domain::id::{DeliveryId, EndpointId};
use domain::{Page, PageQuery};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id, MaybeBody};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of endpoints.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_endpoint, list_endpoints))
        .routes(routes!(get_endpoint, update_endpoint, delete_endpoint))
        .routes(routes!(get_endpoint_health))
        .routes(routes!(test_endpoint))
        .routes(routes!(rotate_endpoint_secret))
        .routes(routes!(list_endpoint_versions))
        .routes(routes!(preview_endpoint))
}

/// Makes an endpoint; its signing secret is in the answer, this once.
#[utoipa::path(
    post, path = "/api/v1/endpoints", operation_id = "create_endpoint", tag = "Endpoints",
    request_body(content = NewEndpoint, example = json!({
        "name": "Billing", "url": "https://billing.example.com/webhooks", "event_types": ["invoice.*"], "retry": "standard"
    })),
    responses((status = 201, description = "The endpoint with its secret.", body = EndpointWithSecret)),
)]
async fn create_endpoint(api: ApiCaller, Body(new): Body<NewEndpoint>) -> ApiResult<Response> {
    let made = actions::create(&api.hub, &api.caller, new).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/endpoints/{}", made.endpoint.id))
        .unwrap_or(HeaderValue::from_static("/"));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(made)).into_response())
}

/// Which endpoints.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EndpointQuery {
    /// Only endpoints whose name or URL holds this.
    q: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

/// Lists endpoints, newest first.
#[utoipa::path(
    get, path = "/api/v1/endpoints", operation_id = "list_endpoints", tag = "Endpoints", params(EndpointQuery, Shape),
    responses((status = 200, description = "A page of endpoints.", body = Page<Endpoint>)),
)]
async fn list_endpoints(api: ApiCaller, Asked(query, shape): Asked<EndpointQuery, Shape>) -> ApiResult<Response> {
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    shape::page(actions::list(&api.hub, &api.caller, query.q.as_deref(), &asked).await?, &shape)
}

/// Shows an endpoint.
#[utoipa::path(
    get, path = "/api/v1/endpoints/{id}", operation_id = "get_endpoint", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id."), Fields),
    responses((status = 200, description = "The endpoint.", body = Endpoint)),
)]
async fn get_endpoint(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Changes an endpoint; what is absent stays.
#[utoipa::path(
    patch, path = "/api/v1/endpoints/{id}", operation_id = "update_endpoint", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id.")),
    request_body(content = EndpointChange, example = json!({"status": "paused"})),
    responses((status = 200, description = "The endpoint as it is now.", body = Endpoint)),
)]
async fn update_endpoint(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Body(change): Body<EndpointChange>,
) -> ApiResult<Json<Endpoint>> {
    Ok(Json(actions::update(&api.hub, &api.caller, &id, change).await?))
}

/// Deletes an endpoint; its waiting deliveries end as failed, the log keeps its name.
#[utoipa::path(
    delete, path = "/api/v1/endpoints/{id}", operation_id = "delete_endpoint", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id.")),
    responses((status = 204, description = "It is deleted.")),
)]
async fn delete_endpoint(api: ApiCaller, Id(id): Id<EndpointId>) -> ApiResult<StatusCode> {
    actions::delete(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells how an endpoint has been doing over the last seven days.
#[utoipa::path(
    get, path = "/api/v1/endpoints/{id}/health", operation_id = "get_endpoint_health", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id."), Fields),
    responses((status = 200, description = "Its health.", body = Health)),
)]
async fn get_endpoint_health(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::health(&api.hub, &api.caller, &id).await?, &fields)
}

/// What to test with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestEndpoint {
    /// The type whose sample is sent; the endpoint's first when absent.
    #[serde(default)]
    event_type: Option<String>,
}

/// The delivery that an answer speaks of.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryRef {
    /// The delivery's id: ask `GET /api/v1/deliveries/{id}` how it went.
    pub id: DeliveryId,
}

/// Sends a sample through the real path, to this endpoint only, whatever it subscribes to.
#[utoipa::path(
    post, path = "/api/v1/endpoints/{id}/test", operation_id = "test_endpoint", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id.")),
    request_body(content = Option<TestEndpoint>, example = json!({"event_type": "invoice.paid"})),
    responses((status = 202, description = "The test is on its way.", body = DeliveryRef)),
)]
async fn test_endpoint(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    MaybeBody(asked): MaybeBody<TestEndpoint>,
) -> ApiResult<Response> {
    let id = actions::test(&api.hub, &api.caller, &id, asked.event_type.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryRef { id })).into_response())
}

/// Makes a new signing secret, shown this once; the older ones keep signing for the overlap, 24 hours when absent. Of an
/// Ed25519 key the public half is shown.
#[utoipa::path(
    post, path = "/api/v1/endpoints/{id}/rotate-secret", operation_id = "rotate_endpoint_secret", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id.")),
    request_body(content = Option<Rotation>, example = json!({"overlap_hours": 48})),
    responses((status = 200, description = "The endpoint with its new secret.", body = EndpointWithSecret)),
)]
async fn rotate_endpoint_secret(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    MaybeBody(rotation): MaybeBody<Rotation>,
) -> ApiResult<Json<EndpointWithSecret>> {
    Ok(Json(secrets::rotate(&api.hub, &api.caller, &id, &rotation).await?))
}

/// Lists who changed an endpoint, when, and which fields. Attempts name the version they were made with.
#[utoipa::path(
    get, path = "/api/v1/endpoints/{id}/versions", operation_id = "list_endpoint_versions", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id."), PageQuery, Shape),
    responses((status = 200, description = "A page of its versions, newest first.", body = Page<EndpointVersion>)),
)]
async fn list_endpoint_versions(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Asked(asked, shape): Asked<PageQuery, Shape>,
) -> ApiResult<Response> {
    shape::page(history::page(&api.hub, &api.caller, &id, &asked).await?, &shape)
}

/// Tries subscription, channels, filter and transformation on the last 100 events, without sending or keeping anything.
/// What is absent is taken from the endpoint.
#[utoipa::path(
    post, path = "/api/v1/endpoints/{id}/preview", operation_id = "preview_endpoint", tag = "Endpoints",
    params(("id" = EndpointId, Path, description = "The endpoint's id.")),
    request_body(content = PreviewQuery, example = json!({"filter": {"path": "data.amount", "gt": 1000}})),
    responses((status = 200, description = "What matched, what did not and why, and what would be sent.", body = Preview)),
)]
async fn preview_endpoint(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Body(query): Body<PreviewQuery>,
) -> ApiResult<Json<Preview>> {
    Ok(Json(preview::preview(&api.hub, &api.caller, Some(&id), query).await?))
}
