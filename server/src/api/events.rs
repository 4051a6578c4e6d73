//! Events in: the hub's busiest door, and reading what came in.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::delivery::DeliverySummary;
use domain::delivery::query::LogQuery;
use domain::event::{Accepted, Event, EventSource, EventSummary, NewEvent, actions};
use domain::id::EventId;
use domain::{Error, Page, PageQuery, Timestamp};
use http::StatusCode;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{ApiError, ApiResult};
use super::extract::{ApiCaller, Id, Raw};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of events.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_event, list_events))
        .routes(routes!(get_event))
        .routes(routes!(list_event_deliveries))
        .routes(routes!(erase_event))
}

/// The value of `Idempotency-Key`.
struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let text = value.to_str().map_err(|_| Error::invalid("Idempotency-Key", "must be printable ASCII."))?;
        Ok(Self(Some(text.to_owned())))
    }
}

/// Posts an event.
///
/// The event is stored durably before the answer; its deliveries follow at once.
#[utoipa::path(
    post, path = "/api/v1/events", operation_id = "create_event", tag = "Events",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body again gives the same answer; the same key with another body is a conflict.")),
    request_body(content = NewEvent, example = json!({
        "event_type": "invoice.paid",
        "data": {"id": "inv_8812", "amount": 4900, "currency": "EUR", "customer": "cus_17"}
    })),
    responses((status = 202, description = "The event is stored.", body = Accepted, example = json!({
        "id": "evt_01km2v6q5w8h3n4p7r9s0t1v2x", "event_type": "invoice.paid", "created_at": "2026-11-22T14:02:11.408Z"
    }))),
)]
async fn create_event(api: ApiCaller, IdempotencyKey(key): IdempotencyKey, Raw(body): Raw) -> ApiResult<Response> {
    let accepted = actions::ingest(&api.hub, &api.caller, &body, key.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// Only events of this type.
    event_type: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

/// Lists events, newest first.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "list_events", tag = "Events", params(EventQuery, Shape),
    responses((status = 200, description = "A page of events.", body = Page<EventSummary>)),
)]
async fn list_events(api: ApiCaller, Asked(query, shape): Asked<EventQuery, Shape>) -> ApiResult<Response> {
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    shape::page(actions::list(&api.hub, &api.caller, query.event_type.as_deref(), &asked).await?, &shape)
}

/// An event with its data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventJson {
    /// Its id; also the `webhook-id` that receivers see.
    id: EventId,
    /// Its type.
    event_type: String,
    /// Where it came from.
    source: EventSource,
    /// The caller's own id.
    caller_id: Option<String>,
    /// The idempotency key it came with.
    idempotency_key: Option<String>,
    /// Events with the same key belong together.
    ordering_key: Option<String>,
    /// Names by which receivers may choose.
    channels: Vec<String>,
    /// When it happened.
    occurred_at: Timestamp,
    /// When it was accepted.
    created_at: Timestamp,
    /// When its deliveries were made.
    dispatched_at: Option<Timestamp>,
    /// What happened, as it was posted; an empty object once it is erased.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    /// When the payload was erased, by age or on request.
    erased_at: Option<Timestamp>,
}

impl EventJson {
    /// The event as the API shows it.
    pub fn new(event: Event) -> Result<Self, Error> {
        Ok(Self {
            data: RawValue::from_string(event.data).map_err(Error::internal)?,
            channels: event
                .channels
                .map(|text| serde_json::from_str(&text))
                .transpose()
                .map_err(Error::internal)?
                .unwrap_or_default(),
            id: event.id,
            event_type: event.event_type,
            source: event.source,
            caller_id: event.caller_id,
            idempotency_key: event.idempotency_key,
            ordering_key: event.ordering_key,
            occurred_at: event.occurred_at,
            created_at: event.created_at,
            dispatched_at: event.dispatched_at,
            erased_at: event.erased_at,
        })
    }
}

/// Shows an event with its data.
#[utoipa::path(
    get, path = "/api/v1/events/{id}", operation_id = "get_event", tag = "Events",
    params(("id" = EventId, Path, description = "The event's id."), Fields),
    responses((status = 200, description = "The event.", body = EventJson)),
)]
async fn get_event(
    api: ApiCaller,
    Id(id): Id<EventId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&EventJson::new(actions::get(&api.hub, &api.caller, &id).await?)?, &fields)
}

/// Erases an event's payload, the request that brought it, and what was sent and answered; its waiting deliveries fail.
#[utoipa::path(
    post, path = "/api/v1/events/{id}/erase", operation_id = "erase_event", tag = "Events",
    params(("id" = EventId, Path, description = "The event's id.")),
    responses((status = 204, description = "It is erased.")),
)]
async fn erase_event(api: ApiCaller, Id(id): Id<EventId>) -> ApiResult<StatusCode> {
    domain::retention::erase_event(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the deliveries of an event, newest first.
#[utoipa::path(
    get, path = "/api/v1/events/{id}/deliveries", operation_id = "list_event_deliveries", tag = "Events",
    params(("id" = EventId, Path, description = "The event's id."), PageQuery, Shape),
    responses((status = 200, description = "A page of deliveries.", body = Page<DeliverySummary>)),
)]
async fn list_event_deliveries(
    api: ApiCaller,
    Id(id): Id<EventId>,
    Asked(asked, shape): Asked<PageQuery, Shape>,
) -> ApiResult<Response> {
    // An unknown event is not found, rather than one without deliveries.
    actions::get(&api.hub, &api.caller, &id).await?;
    let query =
        LogQuery { event_id: Some(id.to_string()), limit: asked.limit, cursor: asked.cursor, ..LogQuery::default() };
    shape::page(domain::delivery::actions::list(&api.hub, &api.caller, &query).await?, &shape)
}
