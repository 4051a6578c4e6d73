//! The audit log.

use axum::response::Response;
use domain::audit::{AuditEntry, actions};
use domain::{Page, PageQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::ApiCaller;
use super::shape::{self, Asked, Shape};
use crate::state::AppState;

/// The routes of the audit log.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit_entries))
}

/// Lists who did what, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit-entries", operation_id = "list_audit_entries", tag = "Organization", params(PageQuery, Shape),
    responses((status = 200, description = "A page of entries.", body = Page<AuditEntry>)),
)]
async fn list_audit_entries(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::page(actions::list(&api.hub, &api.caller, &asked).await?, &shape)
}
