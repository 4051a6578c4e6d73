//! Alerts: what people must know of an organization and, for operators, of the installation.

use axum::response::Response;
use domain::alert::{Alert, actions};
use domain::id::AlertId;
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Id};
use super::shape::{self, Asked, Shape};
use crate::state::AppState;

/// The routes of alerts.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_alerts))
        .routes(routes!(see_alert))
        .routes(routes!(list_installation_alerts))
        .routes(routes!(see_installation_alert))
}

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AlertQuery {
    /// `true` for those that are not over yet.
    open: Option<bool>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

/// Lists alerts, newest first.
#[utoipa::path(
    get, path = "/api/v1/alerts", operation_id = "list_alerts", tag = "Endpoints", params(AlertQuery, Shape),
    responses((status = 200, description = "A page of alerts.", body = Page<Alert>)),
)]
async fn list_alerts(api: ApiCaller, Asked(query, shape): Asked<AlertQuery, Shape>) -> ApiResult<Response> {
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    shape::page(actions::list(&api.hub, &api.caller, query.open.unwrap_or(false), &asked).await?, &shape)
}

/// Notes that somebody has seen an alert. It stays open until what it tells of is over.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/see", operation_id = "see_alert", tag = "Endpoints",
    params(("id" = AlertId, Path, description = "The alert's id.")),
    responses((status = 204, description = "It is noted.")),
)]
async fn see_alert(api: ApiCaller, Id(id): Id<AlertId>) -> ApiResult<StatusCode> {
    actions::see(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the alerts of the installation, newest first: figures of all organizations together beyond their limits. For
/// operators.
#[utoipa::path(
    get, path = "/api/v1/installation/alerts", operation_id = "list_installation_alerts", tag = "Installation",
    params(AlertQuery, Shape), responses((status = 200, description = "A page of alerts.", body = Page<Alert>)),
)]
async fn list_installation_alerts(
    api: ApiCaller,
    Asked(query, shape): Asked<AlertQuery, Shape>,
) -> ApiResult<Response> {
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    let open = query.open.unwrap_or(false);
    shape::page(actions::list_installation(&api.hub, &api.caller, open, &asked).await?, &shape)
}

/// Notes that somebody has seen an alert of the installation. It stays open until the figure is back. For operators.
#[utoipa::path(
    post, path = "/api/v1/installation/alerts/{id}/see", operation_id = "see_installation_alert", tag = "Installation",
    params(("id" = AlertId, Path, description = "The alert's id.")),
    responses((status = 204, description = "It is noted.")),
)]
async fn see_installation_alert(api: ApiCaller, Id(id): Id<AlertId>) -> ApiResult<StatusCode> {
    actions::see_installation(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
