//! The delivery log: list, figures, one with its attempts, replays.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::delivery::query::LogQuery;
use domain::delivery::{Attempt, DeliveryDetail, DeliverySummary, FailureReasons, LogStats, actions};
use domain::id::{DeliveryId, EndpointId};
use domain::replay::Settings;
use domain::source::export::{self as files, ExportFormat};
use domain::{Error, Page, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::endpoints::DeliveryRef;
use super::error::ApiResult;
use super::events::EventJson;
use super::extract::{ApiCaller, Body, Id, MaybeBody};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::export::{self, File};
use crate::state::AppState;

/// The routes of deliveries.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(export_deliveries))
        .routes(routes!(get_delivery_stats))
        .routes(routes!(get_failure_reasons))
        .routes(routes!(replay_deliveries))
        .routes(routes!(replay_failed_deliveries))
        .routes(routes!(get_delivery))
        .routes(routes!(replay_delivery))
        .routes(routes!(try_delivery))
}

/// Lists deliveries, newest first.
#[utoipa::path(
    get, path = "/api/v1/deliveries", operation_id = "list_deliveries", tag = "Deliveries", params(LogQuery, Shape),
    responses((status = 200, description = "A page of deliveries.", body = Page<DeliverySummary>)),
)]
async fn list_deliveries(api: ApiCaller, Asked(query, shape): Asked<LogQuery, Shape>) -> ApiResult<Response> {
    shape::page(actions::list(&api.hub, &api.caller, &query).await?, &shape)
}

/// What kind of file an export is.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileKind {
    /// `csv` when absent.
    #[param(inline)]
    format: Option<ExportFormat>,
}

impl FileKind {
    /// The one that is asked for.
    pub fn format(&self) -> ExportFormat {
        self.format.unwrap_or(ExportFormat::Csv)
    }
}

/// Exports deliveries, newest first, as CSV or as lines of JSON. Filters as in the list; there are no pages.
#[utoipa::path(
    get, path = "/api/v1/deliveries/export", operation_id = "export_deliveries", tag = "Deliveries", params(LogQuery, FileKind),
    responses((status = 200, description = "The deliveries.", content((String = "text/csv"), (String = "application/x-ndjson")))),
)]
async fn export_deliveries(api: ApiCaller, Asked(query, kind): Asked<LogQuery, FileKind>) -> ApiResult<Response> {
    Ok(export::answer(File::Log(Box::new(files::deliveries(&api.hub, &api.caller, &query, kind.format()).await?))))
}

/// Counts deliveries for the same filters: facets, histogram, percentiles.
#[utoipa::path(
    get, path = "/api/v1/deliveries/stats", operation_id = "get_delivery_stats", tag = "Deliveries", params(LogQuery, Fields),
    responses((status = 200, description = "The figures.", body = LogStats)),
)]
async fn get_delivery_stats(api: ApiCaller, Asked(query, fields): Asked<LogQuery>) -> ApiResult<Response> {
    shape::one(&actions::stats(&api.hub, &api.caller, &query).await?, &fields)
}

/// Groups dead letters by why they failed. Filters as in the list, of which `status` means nothing here.
#[utoipa::path(
    get, path = "/api/v1/deliveries/failure-reasons", operation_id = "get_failure_reasons", tag = "Deliveries", params(LogQuery, Fields),
    responses((status = 200, description = "The reasons, the most frequent first.", body = FailureReasons)),
)]
async fn get_failure_reasons(api: ApiCaller, Asked(query, fields): Asked<LogQuery>) -> ApiResult<Response> {
    shape::one(&actions::failure_reasons(&api.hub, &api.caller, &query).await?, &fields)
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, ToSchema)]
struct Delivery {
    /// The row of the log.
    #[serde(flatten)]
    delivery: DeliverySummary,
    /// The attempts, oldest first.
    attempts: Vec<Attempt>,
    /// The event that is delivered.
    event: EventJson,
    /// Where the endpoint points now.
    endpoint_url: String,
    /// The pattern by which the endpoint wanted the event, if it (still) does.
    matched: Option<String>,
    /// The attempts planned after the next one, as the schedule has them now.
    planned_attempts: Vec<Timestamp>,
    /// The same event at other endpoints, and replays.
    related: Vec<DeliverySummary>,
}

impl Delivery {
    fn new(detail: DeliveryDetail) -> Result<Self, Error> {
        Ok(Self {
            event: EventJson::new(detail.event)?,
            delivery: detail.delivery,
            attempts: detail.attempts,
            endpoint_url: detail.endpoint_url,
            matched: detail.matched,
            planned_attempts: detail.planned,
            related: detail.related,
        })
    }
}

/// Shows a delivery with its event and every attempt.
#[utoipa::path(
    get, path = "/api/v1/deliveries/{id}", operation_id = "get_delivery", tag = "Deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id."), Fields),
    responses((status = 200, description = "The delivery.", body = Delivery)),
)]
async fn get_delivery(
    api: ApiCaller,
    Id(id): Id<DeliveryId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&Delivery::new(actions::get(&api.hub, &api.caller, &id).await?)?, &fields)
}

/// With which settings a delivery is sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayOptions {
    /// `now` (default) or `then`: as the endpoint was at the delivery's last attempt.
    #[serde(default)]
    settings: Option<Settings>,
}

/// Sends a delivery again: a new delivery of the same event to the same endpoint, as it is now or as it was then.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/replay", operation_id = "replay_delivery", tag = "Deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id.")),
    request_body(content = Option<ReplayOptions>, example = json!({"settings": "now"})),
    responses((status = 202, description = "The new delivery.", body = DeliveryRef)),
)]
async fn replay_delivery(
    api: ApiCaller,
    Id(id): Id<DeliveryId>,
    MaybeBody(options): MaybeBody<ReplayOptions>,
) -> ApiResult<Response> {
    let settings = options.settings.unwrap_or(Settings::Now);
    let id = actions::replay(&api.hub, &api.caller, &id, settings).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryRef { id })).into_response())
}

/// Tries a waiting delivery now instead of at its planned time.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/try-now", operation_id = "try_delivery", tag = "Deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id.")),
    responses((status = 202, description = "It is tried at once.", body = DeliveryRef)),
)]
async fn try_delivery(api: ApiCaller, Id(id): Id<DeliveryId>) -> ApiResult<Response> {
    actions::try_now(&api.hub, &api.caller, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryRef { id })).into_response())
}

/// A selection of deliveries.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Selection {
    /// At most 500 ids.
    ids: Vec<DeliveryId>,
}

/// The deliveries that replays made.
#[derive(Debug, Serialize, ToSchema)]
struct Replayed {
    /// In the order of the selection; one of what was named twice.
    data: Vec<DeliveryRef>,
}

/// Sends a selection again: all or nothing.
#[utoipa::path(
    post, path = "/api/v1/deliveries/replay", operation_id = "replay_deliveries", tag = "Deliveries",
    request_body(content = Selection, example = json!({"ids": ["dlv_01km2v6q5w8h3n4p7r9s0t1v2x"]})),
    responses((status = 202, description = "The new deliveries.", body = Replayed)),
)]
async fn replay_deliveries(api: ApiCaller, Body(selection): Body<Selection>) -> ApiResult<Response> {
    let made = actions::replay_many(&api.hub, &api.caller, &selection.ids).await?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { data: made.into_iter().map(|id| DeliveryRef { id }).collect() }))
        .into_response())
}

/// Whose dead letters.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhichFailed {
    /// Only this endpoint's; the whole organization's when absent.
    #[serde(default)]
    endpoint_id: Option<EndpointId>,
}

/// How many dead letters were sent again.
#[derive(Debug, Serialize, ToSchema)]
struct ReplayedFailed {
    /// New deliveries; at 1,000 there may be more to replay.
    count: i64,
}

/// Sends all dead letters again, at most 1,000 at a time; one that was replayed already or whose payload is erased is left out.
#[utoipa::path(
    post, path = "/api/v1/deliveries/replay-failed", operation_id = "replay_failed_deliveries", tag = "Deliveries",
    request_body(content = Option<WhichFailed>, example = json!({"endpoint_id": "ep_01km2v6q5w8h3n4p7r9s0t1v2x"})),
    responses((status = 202, description = "How many.", body = ReplayedFailed)),
)]
async fn replay_failed_deliveries(api: ApiCaller, MaybeBody(which): MaybeBody<WhichFailed>) -> ApiResult<Response> {
    let count = actions::replay_failed(&api.hub, &api.caller, which.endpoint_id.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayedFailed { count })).into_response())
}
