//! The caller's organization, and, for operators, all of them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::org::{Org, OrgChange, OrgOverview, actions};
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of organizations.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_org, update_org)).routes(routes!(create_org, list_orgs))
}

/// Shows the organization that the key acts in.
#[utoipa::path(
    get, path = "/api/v1/org", operation_id = "get_org", tag = "Organization", params(Fields),
    responses((status = 200, description = "The organization.", body = Org)),
)]
async fn get_org(api: ApiCaller, Asked(Nothing {}, fields): Asked<Nothing>) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller).await?, &fields)
}

/// An organization's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrgName {
    /// 1 to 80 characters.
    name: String,
}

/// Changes the organization that the key acts in: its name, and how long payloads and log rows are kept.
#[utoipa::path(
    patch, path = "/api/v1/org", operation_id = "update_org", tag = "Organization",
    request_body(content = OrgChange, example = json!({"payload_days": 30, "log_days": 365})),
    responses((status = 200, description = "The organization as it is now.", body = Org)),
)]
async fn update_org(api: ApiCaller, Body(change): Body<OrgChange>) -> ApiResult<Json<Org>> {
    Ok(Json(actions::update(&api.hub, &api.caller, change).await?))
}

/// Which organizations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrgQuery {
    /// Only organizations whose name or id holds this.
    q: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

/// Lists every organization of the installation with its figures, newest first. For operators.
#[utoipa::path(
    get, path = "/api/v1/orgs", operation_id = "list_orgs", tag = "Installation", params(OrgQuery, Shape),
    responses((status = 200, description = "A page of organizations.", body = Page<OrgOverview>)),
)]
async fn list_orgs(api: ApiCaller, Asked(query, shape): Asked<OrgQuery, Shape>) -> ApiResult<Response> {
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    shape::page(actions::list_all(&api.hub, &api.caller, query.q.as_deref(), &asked).await?, &shape)
}

/// Creates an organization. For operators.
#[utoipa::path(
    post, path = "/api/v1/orgs", operation_id = "create_org", tag = "Installation",
    request_body(content = OrgName, example = json!({"name": "Acme Corp"})),
    responses((status = 201, description = "The organization.", body = Org)),
)]
async fn create_org(api: ApiCaller, Body(new): Body<OrgName>) -> ApiResult<Response> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, &new.name).await?)).into_response())
}
