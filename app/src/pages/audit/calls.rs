//! What the audit log asks the server.

use domain::Page;
use domain::audit::AuditEntry;
use domain::audit::query::AuditQuery;
use leptos::prelude::*;

use crate::error::UiError;

/// One page of the organization's audit log, newest first.
#[server]
pub async fn load_audit(#[server(default)] query: AuditQuery) -> Result<Page<AuditEntry>, UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::audit::actions::list(&hub, &caller, &query).await?)
}
