//! Both directions of the log in one line of time: deliveries that go out, and requests that came in.

use axum::response::Response;
use domain::Page;
use domain::source::both::{self, EntryQuery};
use domain::source::export as files;
use domain::source::{LogEntry, LogEntryFacets};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deliveries::FileKind;
use super::error::ApiResult;
use super::extract::ApiCaller;
use super::shape::{self, Asked, Fields, Shape};
use crate::export::{self, File};
use crate::state::AppState;

/// The routes of both directions.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_log_entries))
        .routes(routes!(export_log_entries))
        .routes(routes!(get_log_entry_stats))
}

/// Lists deliveries and requests that came in together, newest first. `direction` says which a row is.
#[utoipa::path(
    get, path = "/api/v1/log-entries", operation_id = "list_log_entries", tag = "Deliveries", params(EntryQuery, Shape),
    responses((status = 200, description = "A page of both.", body = Page<LogEntry>)),
)]
async fn list_log_entries(api: ApiCaller, Asked(query, shape): Asked<EntryQuery, Shape>) -> ApiResult<Response> {
    shape::page(both::list(&api.hub, &api.caller, &query).await?, &shape)
}

/// Exports deliveries and requests that came in together, newest first, as CSV or as lines of JSON. There are no pages.
#[utoipa::path(
    get, path = "/api/v1/log-entries/export", operation_id = "export_log_entries", tag = "Deliveries", params(EntryQuery, FileKind),
    responses((status = 200, description = "Both.", content((String = "text/csv"), (String = "application/x-ndjson")))),
)]
async fn export_log_entries(api: ApiCaller, Asked(query, kind): Asked<EntryQuery, FileKind>) -> ApiResult<Response> {
    Ok(export::answer(File::Log(Box::new(files::entries(&api.hub, &api.caller, &query, kind.format()).await?))))
}

/// Counts deliveries and requests together for the same filters: by direction, status, event type and place.
#[utoipa::path(
    get, path = "/api/v1/log-entries/stats", operation_id = "get_log_entry_stats", tag = "Deliveries", params(EntryQuery, Fields),
    responses((status = 200, description = "The figures.", body = LogEntryFacets)),
)]
async fn get_log_entry_stats(api: ApiCaller, Asked(query, fields): Asked<EntryQuery>) -> ApiResult<Response> {
    shape::one(&both::facets(&api.hub, &api.caller, &query).await?, &fields)
}
