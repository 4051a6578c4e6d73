//! The catalogue of integrations, and which of them an organization may connect.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use domain::org::{OrgIntegration, plan};
use domain::{Page, PageQuery};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body};
use super::shape::{self, Asked, Shape};
use crate::state::AppState;

/// The routes of integrations.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_integrations)).routes(routes!(update_integration))
}

/// Lists the integrations that are offered, and whether the organization may connect them.
#[utoipa::path(
    get, path = "/api/v1/integrations", operation_id = "list_integrations", tag = "Connections", params(PageQuery, Shape),
    responses((status = 200, description = "A page of integrations.", body = Page<OrgIntegration>)),
)]
async fn list_integrations(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    let all = plan::list(&api.hub, &api.caller).await?;
    shape::page(shape::part(all, &asked, |integration| integration.key.clone())?, &shape)
}

/// Whether an integration is in the organization's plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Included {
    /// Whether the organization may connect it. What is connected already goes on.
    is_included: bool,
}

/// Gives the organization an integration that is kept for certain plans, or takes it back. For operators.
#[utoipa::path(
    patch, path = "/api/v1/integrations/{key}", operation_id = "update_integration", tag = "Installation",
    params(("key" = String, Path, description = "Its key.", example = "slack")),
    request_body(content = Included, example = json!({"is_included": true})),
    responses((status = 200, description = "The integration as the organization has it now.", body = OrgIntegration)),
)]
async fn update_integration(
    api: ApiCaller,
    Path(key): Path<String>,
    Body(change): Body<Included>,
) -> ApiResult<Json<OrgIntegration>> {
    Ok(Json(plan::set(&api.hub, &api.caller, &key, change.is_included).await?))
}
