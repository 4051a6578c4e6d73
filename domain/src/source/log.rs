//! What came in, as a part of the log: its facets, where the events of a request went, and both directions in one line of time.

use super::requests::RequestQuery;
use super::store;
use super::store::requests::{self, Facet, Filter};
use super::{InboundRequest, LogEntry, RequestFacets};
use crate::audit::actions::record_look;
use crate::delivery::query::LogFilter;
use crate::delivery::{self, DeliverySummary};
use crate::id::{DeliveryId, InboundRequestId, SourceId};
use crate::page::Cursor;
use crate::{Caller, Hub, Page, PageQuery, Permission, Result};

/// How many requests came since a time, the newest 5,000 counted. Needs `connections:read`.
///
/// # Errors
/// Forbidden; a wrong time.
pub async fn count(hub: &Hub, caller: &Caller, query: &RequestQuery) -> Result<i64> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    requests::total(&mut hub.db.read().await?, org_id, query.filter(hub.now())?).await
}

/// What requests can be filtered by, counted under the other filters. Needs `connections:read`.
///
/// # Errors
/// Forbidden; a wrong time.
pub async fn facets(hub: &Hub, caller: &Caller, query: &RequestQuery) -> Result<RequestFacets> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let filter = query.filter(hub.now())?;
    let mut conn = hub.db.read().await?;
    Ok(RequestFacets {
        by_source: requests::facet(&mut conn, org_id, filter, Facet::Source).await?,
        by_verdict: requests::facet(&mut conn, org_id, filter, Facet::Verdict).await?,
        by_state: requests::facet(&mut conn, org_id, filter, Facet::State).await?,
        by_type: requests::facet(&mut conn, org_id, filter, Facet::Type).await?,
        by_cause: requests::facet(&mut conn, org_id, filter, Facet::Cause).await?,
    })
}

/// The organization's sources by name. Needs `connections:read`.
///
/// # Errors
/// Forbidden.
pub async fn names(hub: &Hub, caller: &Caller) -> Result<Vec<(SourceId, String)>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let rows = store::list(&mut hub.db.read().await?, org_id).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The deliveries of the events that a request became, oldest first, a hundred of each event at most. Needs `deliveries:read`.
///
/// # Errors
/// Forbidden.
pub async fn deliveries(hub: &Hub, caller: &Caller, request: &InboundRequest) -> Result<Vec<DeliverySummary>> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let mut conn = hub.db.read().await?;
    let mut all = Vec::new();
    for event in request.outcomes.iter().filter_map(|outcome| outcome.event_id.as_ref()) {
        all.extend(delivery::log::of_event(&mut conn, org_id, event).await?);
    }
    Ok(all)
}

/// What came in and what goes out, newest first. Needs `deliveries:read` and `connections:read`.
///
/// # Errors
/// Forbidden; a wrong cursor.
pub async fn both(hub: &Hub, caller: &Caller, page: &PageQuery) -> Result<Page<LogEntry>> {
    caller.require(Permission::ConnectionsRead)?;
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    record_look(hub, caller, "delivery.listed", None).await?;
    // A cursor is what the ids of both have in common: the part behind the prefix.
    let at = |prefix: &str| match &cursor {
        Cursor::Start => Cursor::Start,
        Cursor::After(key) => Cursor::After(format!("{prefix}{key}")),
        Cursor::Before(key) => Cursor::Before(format!("{prefix}{key}")),
    };
    let mut conn = hub.db.read().await?;
    let inbound =
        requests::list(&mut conn, org_id, Filter::default(), &at(InboundRequestId::PREFIX), limit).await?.into_iter();
    let outbound =
        delivery::log::list(&mut conn, org_id, &LogFilter::default(), &at(DeliveryId::PREFIX), limit).await?;
    let mut rows: Vec<LogEntry> = inbound
        .map(|row| LogEntry::Inbound(Box::new(row.into())))
        .chain(outbound.into_iter().map(|row| LogEntry::Outbound(Box::new(row))))
        .collect();
    match cursor {
        Cursor::Before(_) => rows.sort_by(|a, b| a.key().cmp(b.key())),
        _ => rows.sort_by(|a, b| b.key().cmp(a.key())),
    }
    Ok(Page::build(rows, limit, &cursor, |row| row.key().to_owned()))
}
