//! Reading the audit log; other actions write it with `store::record` in their own transaction.

use super::{AuditEntry, store};
use crate::{Caller, Hub, Page, PageQuery, Permission, Result};

/// The organization's audit log, newest first. Needs `audit:read`.
///
/// # Errors
/// Forbidden, or the page is malformed.
pub async fn list(hub: &Hub, caller: &Caller, page: &PageQuery) -> Result<Page<AuditEntry>> {
    let org_id = caller.require(Permission::AuditRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let rows = store::list(&mut hub.db.read().await?, org_id, &cursor, limit + 1).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// Records that staff looked into the organization, when this caller is no member of it. Called by the
/// actions that read the log; a failure to record refuses the look.
///
/// # Errors
/// The look could not be recorded.
pub async fn record_look(hub: &Hub, caller: &Caller, action: &str, target: Option<&str>) -> Result<()> {
    if !caller.is_outside_look() {
        return Ok(());
    }
    let office = caller.operator.map(|role| format!("as {role}"));
    let mut tx = hub.db.begin().await?;
    store::record(&mut tx, hub, caller, caller.org_id.as_ref(), action, target, office.as_deref()).await?;
    tx.commit().await
}
