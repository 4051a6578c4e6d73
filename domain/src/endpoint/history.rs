//! Who changed an endpoint, when, and what.

use serde::{Deserialize, Serialize};

use super::store;
use crate::id::EndpointId;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result};

/// One change of an endpoint. Attempts name the version they were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EndpointVersion {
    /// 1 for the first.
    pub version: i64,
    /// When the change was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub actor_name: String,
    /// The fields that changed.
    pub changes: Vec<String>,
}

/// The newest changes of an endpoint, 50 at most, for its page. Needs `endpoints:read`.
///
/// # Errors
/// Not found.
pub async fn list(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<Vec<EndpointVersion>> {
    Ok(page(hub, caller, id, &PageQuery::default()).await?.data)
}

/// The changes of an endpoint, newest first. Needs `endpoints:read`.
///
/// # Errors
/// Not found; a wrong page.
pub async fn page(hub: &Hub, caller: &Caller, id: &EndpointId, page: &PageQuery) -> Result<Page<EndpointVersion>> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let mut conn = hub.db.read().await?;
    store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("endpoint"))?;
    let rows = store::versions(&mut conn, org_id, id, &cursor, limit).await?;
    let rows: Vec<EndpointVersion> = rows
        .into_iter()
        .map(|row| {
            Ok(EndpointVersion {
                version: row.version,
                created_at: row.created_at,
                actor_name: row.actor_name,
                changes: serde_json::from_str(&row.changes_json).map_err(Error::internal)?,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Page::build(rows, limit, &cursor, |row| row.version.to_string()))
}
