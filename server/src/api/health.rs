//! How deliveries do, in an organization and, for operators, in the whole installation.

use axum::response::Response;
use domain::health::{HealthReport, Span, actions};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::ApiCaller;
use super::shape::{self, Asked, Fields};
use crate::state::AppState;

/// The routes of health.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_installation_health))
}

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HealthQuery {
    /// `24h` (default), `7d` or `30d`.
    #[param(inline)]
    span: Option<Span>,
}

/// Shows how the organization's deliveries do: delivery rate, latency, retry rate and queue depth with their limits, all of
/// it over time, and the hosts that fail.
#[utoipa::path(
    get, path = "/api/v1/health", operation_id = "get_health", tag = "Deliveries", params(HealthQuery, Fields),
    responses((status = 200, description = "The figures.", body = HealthReport)),
)]
async fn get_health(api: ApiCaller, Asked(query, fields): Asked<HealthQuery>) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, query.span.unwrap_or(Span::Day)).await?, &fields)
}

/// Shows the same for all organizations together. For operators.
#[utoipa::path(
    get, path = "/api/v1/installation/health", operation_id = "get_installation_health", tag = "Installation",
    params(HealthQuery, Fields), responses((status = 200, description = "The figures.", body = HealthReport)),
)]
async fn get_installation_health(api: ApiCaller, Asked(query, fields): Asked<HealthQuery>) -> ApiResult<Response> {
    let span = query.span.unwrap_or(Span::Day);
    shape::one(&actions::get_installation(&api.hub, &api.caller, span).await?, &fields)
}
