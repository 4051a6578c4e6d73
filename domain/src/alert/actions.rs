//! What can be done with alerts.

use super::{Alert, installation, store};
use crate::id::AlertId;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result, audit};

/// The organization's alerts, newest first; only the open ones where asked. Needs `endpoints:read`.
///
/// # Errors
/// A wrong page.
pub async fn list(hub: &Hub, caller: &Caller, open: bool, page: &PageQuery) -> Result<Page<Alert>> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let rows = store::list(&mut hub.db.read().await?, org_id, open, &cursor, limit).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// How many alerts are open and seen by nobody; none for those who may not see alerts at all.
///
/// # Errors
/// The database does not answer.
pub async fn count_unseen(hub: &Hub, caller: &Caller) -> Result<i64> {
    match caller.require(Permission::EndpointsRead) {
        Ok(org_id) => store::count_unseen(&mut hub.db.read().await?, org_id).await,
        Err(_) => Ok(0),
    }
}

/// Notes that somebody has seen an alert. Needs `endpoints:write`.
///
/// # Errors
/// Not found.
pub async fn see(hub: &Hub, caller: &Caller, id: &AlertId) -> Result<()> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let mut tx = hub.db.begin().await?;
    if !store::see(&mut tx, org_id, id, hub.now()).await? {
        return Err(Error::not_found("alert"));
    }
    tx.commit().await
}

/// The alerts of the installation as a whole, newest first; only the open ones where asked. For operators and support.
///
/// # Errors
/// Forbidden, or a wrong page.
pub async fn list_installation(hub: &Hub, caller: &Caller, open: bool, page: &PageQuery) -> Result<Page<Alert>> {
    caller.require_staff()?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let rows = installation::list(&mut hub.db.read().await?, open, &cursor, limit).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// How many of the installation's alerts are open and seen by nobody; none for those who may not see them at all.
///
/// # Errors
/// The database does not answer.
pub async fn count_unseen_installation(hub: &Hub, caller: &Caller) -> Result<i64> {
    match caller.require_staff() {
        Ok(()) => installation::count_unseen(&mut hub.db.read().await?).await,
        Err(_) => Ok(0),
    }
}

/// Notes that somebody has seen an alert of the installation. Operators only; recorded in the installation's own audit log.
///
/// # Errors
/// Forbidden, or not found.
pub async fn see_installation(hub: &Hub, caller: &Caller, id: &AlertId) -> Result<()> {
    caller.require_operator()?;
    let mut tx = hub.db.begin().await?;
    if !installation::see(&mut tx, id, hub.now()).await? {
        return Err(Error::not_found("alert"));
    }
    audit::store::record(&mut tx, hub, caller, None, "installation_alert.seen", Some(id.as_str()), None).await?;
    tx.commit().await
}
