//! Looking at the nodes of the installation.

use super::{Node, Progress, store};
use crate::{Caller, Hub, Page, PageQuery, Result};

/// The nodes that were seen within the last hour, newest first. On SQLite there is none to list: one process has the
/// file. For operators and support.
///
/// # Errors
/// Forbidden, or the page is malformed.
pub async fn list(hub: &Hub, caller: &Caller, page: &PageQuery) -> Result<Page<Node>> {
    caller.require_staff()?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let rows = store::list(&mut hub.db.read().await?, &cursor, limit + 1).await?;
    Ok(Page::build(rows, limit, &cursor, |node| node.id.clone()))
}

/// Nodes that a page shows at most.
const SHOWN: u32 = 200;

/// The same nodes as a page shows them, which knows that there is at least this one. For operators and support.
///
/// # Errors
/// Forbidden.
pub async fn list_shown(hub: &Hub, caller: &Caller) -> Result<Vec<Node>> {
    let mut nodes = list(hub, caller, &PageQuery { limit: Some(SHOWN), cursor: None }).await?.data;
    if nodes.is_empty() {
        nodes.push(this(hub));
    }
    Ok(nodes)
}

/// How far the groups of nodes are with what is offered to them; none where the nodes share no Redis, and no group where it does
/// not answer. For operators and support.
///
/// # Errors
/// Forbidden.
pub async fn list_groups(hub: &Hub, caller: &Caller) -> Result<Option<Vec<Progress>>> {
    caller.require_staff()?;
    Ok(match &hub.redis {
        Some(redis) => Some(redis.progress().await.unwrap_or_default()),
        None => None,
    })
}

/// This process as it is now.
pub(crate) fn this(hub: &Hub) -> Node {
    Node {
        id: hub.node_id.clone(),
        role: hub.settings.role,
        address: hub.settings.listen.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: hub.started_at,
        last_seen_at: hub.now(),
    }
}
