//! The audit log.

use axum::response::Response;
use domain::Page;
use domain::audit::query::AuditQuery;
use domain::audit::{AuditEntry, actions};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::ApiCaller;
use super::shape::{self, Asked, Nothing, Shape};
use crate::export::{self, File};
use crate::state::AppState;

/// The routes of the audit log.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit_entries)).routes(routes!(export_audit_entries))
}

/// Lists who did what, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit-entries", operation_id = "list_audit_entries", tag = "Organization", params(AuditQuery, Shape),
    responses((status = 200, description = "A page of entries.", body = Page<AuditEntry>)),
)]
async fn list_audit_entries(api: ApiCaller, Asked(asked, shape): Asked<AuditQuery, Shape>) -> ApiResult<Response> {
    shape::page(actions::list(&api.hub, &api.caller, &asked).await?, &shape)
}

/// Exports who did what as CSV, oldest first, with the chain of hashes: `patchbay audit verify FILE` checks the whole log offline.
#[utoipa::path(
    get, path = "/api/v1/audit-entries/export", operation_id = "export_audit_entries", tag = "Organization", params(AuditQuery),
    responses((status = 200, description = "The entries.", body = String, content_type = "text/csv")),
)]
async fn export_audit_entries(
    api: ApiCaller,
    Asked(asked, Nothing {}): Asked<AuditQuery, Nothing>,
) -> ApiResult<Response> {
    Ok(export::answer(File::Audit(actions::export(&api.hub, &api.caller, &asked).await?)))
}
