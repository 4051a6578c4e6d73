//! Looking at the nodes of the installation.

use super::{Node, store};
use crate::{Caller, Hub, Page, PageQuery, Result};

/// The nodes that were seen within the last hour, newest first. On SQLite there is none to list: one process has the
/// file. For operators.
///
/// # Errors
/// Forbidden, or the page is malformed.
pub async fn list(hub: &Hub, caller: &Caller, page: &PageQuery) -> Result<Page<Node>> {
    caller.require_operator()?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let rows = store::list(&mut hub.db.read().await?, &cursor, limit + 1).await?;
    Ok(Page::build(rows, limit, &cursor, |node| node.id.clone()))
}
