//! Event types: the standard catalogue and the organization's own.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::event_type::{EventType, NewEventType, actions};
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of event types.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_event_type, list_event_types)).routes(routes!(
        get_event_type,
        update_event_type,
        delete_event_type
    ))
}

/// Lists the standard types and the organization's own, by name. Sorted by `name` or `created_at`.
#[utoipa::path(
    get, path = "/api/v1/event-types", operation_id = "list_event_types", tag = "Event types", params(PageQuery, Shape),
    responses((status = 200, description = "A page of event types.", body = Page<EventType>)),
)]
async fn list_event_types(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::whole(actions::list(&api.hub, &api.caller).await?, "name", &["name", "created_at"], &asked, &shape)
}

/// Adds an event type of the organization's own.
#[utoipa::path(
    post, path = "/api/v1/event-types", operation_id = "create_event_type", tag = "Event types",
    request_body(content = NewEventType, example = json!({
        "name": "order.shipped", "description": "An order left the warehouse.", "sample": {"id": "ord_17", "carrier": "DHL"}
    })),
    responses((status = 201, description = "The event type.", body = EventType)),
)]
async fn create_event_type(api: ApiCaller, Body(new): Body<NewEventType>) -> ApiResult<Response> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, new).await?)).into_response())
}

/// Shows an event type.
#[utoipa::path(
    get, path = "/api/v1/event-types/{name}", operation_id = "get_event_type", tag = "Event types",
    params(("name" = String, Path, description = "Its name.", example = "invoice.paid"), Fields),
    responses((status = 200, description = "The event type.", body = EventType)),
)]
async fn get_event_type(
    api: ApiCaller,
    Path(name): Path<String>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &name).await?, &fields)
}

/// A change of an event type: what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventTypeChange {
    /// When it happens, in a sentence.
    #[serde(default)]
    description: Option<String>,
    /// JSON Schema of `data`; `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    schema: Option<Option<Value>>,
    /// A realistic `data`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    sample: Option<Value>,
}

/// Tells an absent field from `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Value>>, D::Error> {
    Option::<Value>::deserialize(deserializer).map(Some)
}

/// Changes an event type of the organization's own.
#[utoipa::path(
    patch, path = "/api/v1/event-types/{name}", operation_id = "update_event_type", tag = "Event types",
    params(("name" = String, Path, description = "Its name.", example = "order.shipped")),
    request_body(content = EventTypeChange, example = json!({"description": "An order left the warehouse."})),
    responses((status = 200, description = "The event type as it is now.", body = EventType)),
)]
async fn update_event_type(
    api: ApiCaller,
    Path(name): Path<String>,
    Body(change): Body<EventTypeChange>,
) -> ApiResult<Json<EventType>> {
    let now = actions::get(&api.hub, &api.caller, &name).await?;
    let change = NewEventType {
        name: now.name,
        description: change.description.unwrap_or(now.description),
        schema: change.schema.unwrap_or(now.schema),
        sample: Some(change.sample.unwrap_or(now.sample)),
    };
    Ok(Json(actions::update(&api.hub, &api.caller, &name, change).await?))
}

/// Deletes an event type of the organization's own.
#[utoipa::path(
    delete, path = "/api/v1/event-types/{name}", operation_id = "delete_event_type", tag = "Event types",
    params(("name" = String, Path, description = "Its name.", example = "order.shipped")),
    responses((status = 204, description = "It is deleted.")),
)]
async fn delete_event_type(api: ApiCaller, Path(name): Path<String>) -> ApiResult<StatusCode> {
    actions::delete(&api.hub, &api.caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
