//! What came in, as a part of the log: its facets, and where the events of a request went. Both directions together are in
//! [`super::both`].

use super::requests::RequestQuery;
use super::store;
use super::store::found::{self, Facet, Filter};
use super::{InboundRequest, LogColumn, RequestFacets};
use crate::audit::actions::record_count;
use crate::delivery::columns::Columns;
use crate::delivery::{self, DeliverySummary};
use crate::id::SourceId;
use crate::page::Cursor;
use crate::{Caller, Error, Hub, Permission, Result};

/// Whether anything has come in. For whom [`Caller::require_inbound`] lets pass.
///
/// # Errors
/// Forbidden.
pub async fn any(hub: &Hub, caller: &Caller) -> Result<bool> {
    let org_id = caller.require_inbound()?;
    let newest = found::list(&mut hub.db.read().await?, org_id, &Filter::default(), &Cursor::Start, 0).await?;
    Ok(!newest.is_empty())
}

/// How many requests match, the newest 5,000 counted. For whom [`Caller::require_inbound`] lets pass; a look by staff is recorded.
///
/// # Errors
/// Forbidden; a wrong time.
pub async fn count(hub: &Hub, caller: &Caller, query: &RequestQuery) -> Result<i64> {
    let org_id = caller.require_inbound()?;
    let filter = query.filter(hub.now())?;
    record_count(hub, caller, "inbound_request.counted", query).await?;
    found::total(&mut hub.db.read().await?, org_id, &filter).await
}

/// What requests can be filtered by, counted under the other filters, and how many came when. For whom [`Caller::require_inbound`] lets
/// pass; a look by staff is recorded.
///
/// # Errors
/// Forbidden; a wrong time.
pub async fn facets(hub: &Hub, caller: &Caller, query: &RequestQuery) -> Result<RequestFacets> {
    let org_id = caller.require_inbound()?;
    let now = hub.now();
    let filter = query.filter(now)?;
    record_count(hub, caller, "inbound_request.counted", query).await?;
    let mut conn = hub.db.read().await?;
    let extent = found::extent(&mut conn, org_id, &filter).await?;
    let columns = extent.map(|extent| Columns::over(extent, filter.since, filter.until, now));
    let histogram = match &columns {
        Some(columns) => columns.filled(found::over_time(&mut conn, org_id, &filter, columns).await?),
        None => Vec::new(),
    };
    Ok(RequestFacets {
        total: extent.map_or(0, |extent| extent.count),
        by_source: found::facet(&mut conn, org_id, &filter, Facet::Source).await?,
        by_verdict: found::facet(&mut conn, org_id, &filter, Facet::Verdict).await?,
        by_state: found::facet(&mut conn, org_id, &filter, Facet::State).await?,
        by_type: found::facet(&mut conn, org_id, &filter, Facet::Type).await?,
        by_cause: found::facet(&mut conn, org_id, &filter, Facet::Cause).await?,
        histogram: histogram.into_iter().map(LogColumn::from).collect(),
        partial: extent.is_some_and(|extent| extent.is_cut),
        bucket_ms: columns.map_or(0, |columns| columns.width_ms),
    })
}

/// The organization's sources by name. For whom [`Caller::require_inbound`] lets pass.
///
/// # Errors
/// Forbidden.
pub async fn names(hub: &Hub, caller: &Caller) -> Result<Vec<(SourceId, String)>> {
    let org_id = caller.require_inbound()?;
    let rows = store::list(&mut hub.db.read().await?, org_id).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// What a source is called, and its provider's key. For whom [`Caller::require_inbound`] lets pass.
///
/// # Errors
/// Not found.
pub async fn name(hub: &Hub, caller: &Caller, id: &SourceId) -> Result<(String, String)> {
    let org_id = caller.require_inbound()?;
    let row = store::find(&mut hub.db.read().await?, org_id, id).await?.ok_or_else(|| Error::not_found("source"))?;
    Ok((row.name, row.provider))
}

/// Events of one request whose deliveries are looked up.
const MOST_EVENTS: usize = 50;

/// The deliveries of the first fifty events that a request became, oldest first, a hundred of each event at most. Needs `deliveries:read`.
///
/// # Errors
/// Forbidden.
pub async fn deliveries(hub: &Hub, caller: &Caller, request: &InboundRequest) -> Result<Vec<DeliverySummary>> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let mut conn = hub.db.read().await?;
    let mut all = Vec::new();
    for event in request.outcomes.iter().filter_map(|outcome| outcome.event_id.as_ref()).take(MOST_EVENTS) {
        all.extend(delivery::log::of_event(&mut conn, org_id, event).await?);
    }
    Ok(all)
}
