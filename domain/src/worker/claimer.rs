//! Takes deliveries that are due from the database: retries, what was put off, what a crash left behind, and
//! what other processes wrote; and by their keys those that another node offers.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::delivery::store::{self, Row, Taking};
use crate::delivery::{DeliveryStatus, queue, waiting};
use crate::directory::Route;
use crate::endpoint::EndpointStatus;
use crate::failure::store as failures;
use crate::id::{DeliveryId, EndpointId, EventId, OrgId};
use crate::node::offer::Offer;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::worker::lanes::{Job, LEASE_MARGIN_MS, Lanes, Place};
use crate::{Hub, Result, event};

/// After this time every process knows of a changed endpoint, in milliseconds.
const REFRESHED_MS: i64 = 2000;
/// Deliveries claimed in one round.
pub(super) const LIMIT: i64 = 256;

/// One round: claims what is due, puts it into the lanes, sends the rest back. Answers how many were claimed.
///
/// # Errors
/// The database does not answer; what was claimed lapses.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    probe(hub, now).await?;
    if !store::any_due(&mut hub.db.read().await?, now).await? {
        return Ok(0);
    }
    let mut tx = hub.db.begin().await?;
    let rows = store::claim(&mut tx, now, LEASE_MARGIN_MS, LIMIT).await?;
    tx.commit().await?;
    let claimed = rows.len();
    crate::figures::claimed(claimed);
    spread(hub, rows, now).await?;
    Ok(claimed)
}

/// Leases what is offered, as far as nobody has, and puts it into the lanes. Answers how many were leased.
///
/// # Errors
/// The database does not answer; what is offered lapses.
pub(crate) async fn take(hub: &Hub, offers: &[Offer]) -> Result<usize> {
    let now = hub.now();
    let wanted = takings(offers, now);
    let mut tx = hub.db.begin().await?;
    let rows = store::take(&mut tx, &wanted).await?;
    tx.commit().await?;
    let taken = rows.len();
    spread(hub, rows, now).await?;
    Ok(taken)
}

/// What offers name, each with the lease that it gets now.
pub(super) fn takings(offers: &[Offer], now: Timestamp) -> Vec<Taking> {
    let each = offers.iter().flat_map(|offer| offer.deliveries.iter().map(move |delivery| (offer, delivery)));
    each.map(|(offer, (id, lease_ms))| Taking {
        org_id: offer.org_id.clone(),
        id: id.clone(),
        offered: offer.lease,
        lease: now.plus_ms(*lease_ms),
    })
    .collect()
}

/// Sorts leased deliveries into the lanes, later and aside. What is wrong with one organization does not stop the others.
async fn spread(hub: &Hub, rows: Vec<Row>, now: Timestamp) -> Result<()> {
    let mut by_org: HashMap<OrgId, Vec<Row>> = HashMap::new();
    for row in rows {
        by_org.entry(row.org_id.clone()).or_default().push(row);
    }
    let mut failed = Ok(());
    for (org_id, rows) in by_org {
        if let Err(error) = sort(hub, &org_id, rows, now).await {
            tracing::warn!(%org_id, %error, "leased deliveries were not put into their lanes; their leases lapse");
            failed = Err(error);
        }
    }
    super::deliverer::pump(hub);
    failed
}

/// Endpoints probed in one round.
pub(super) const PROBES: i64 = 100;
/// Held deliveries released in one transaction.
pub(super) const RELEASED: i64 = 500;

/// Lets one held delivery go to each endpoint whose circuit breaker has been open for its pause. An endpoint with
/// nothing held closes its breaker: the next delivery is the probe.
async fn probe(hub: &Hub, now: Timestamp) -> Result<()> {
    if !failures::any_probe_due(&mut hub.db.read().await?, now).await? {
        return Ok(());
    }
    let mut tx = hub.db.begin().await?;
    for (endpoint_id, _) in failures::claim_probes(&mut tx, now, PROBES).await? {
        waiting::release(&mut tx, &endpoint_id, now, 1).await?;
    }
    tx.commit().await
}

/// Lets everything go that was held for an endpoint, in pieces.
///
/// # Errors
/// The database does not answer; the sweeper lets the rest go.
pub(crate) async fn release(hub: &Hub, endpoint_id: &EndpointId) -> Result<()> {
    loop {
        let mut tx = hub.db.begin().await?;
        let released = waiting::release(&mut tx, endpoint_id, hub.now(), RELEASED).await?;
        tx.commit().await?;
        if released == 0 {
            return Ok(());
        }
        hub.wake(Work::Due);
    }
}

/// At the start on SQLite, where no other process can hold a lease: what a crash left leased is due at once.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn recover(hub: &Hub, started_at: Timestamp) -> Result<()> {
    if matches!(hub.db, crate::db::Db::Sqlite { .. }) {
        let mut tx = hub.db.begin().await?;
        let freed = store::break_leases(&mut tx, started_at).await?;
        tx.commit().await?;
        tracing::info!(freed, "deliveries that the last run left under way are due again");
    }
    Ok(())
}

/// Claimed deliveries that do not go now.
#[derive(Debug, Default)]
pub(super) struct PutOff {
    pub(super) later: Vec<(OrgId, DeliveryId, Timestamp, Timestamp)>,
    pub(super) held: Vec<(OrgId, DeliveryId, Timestamp)>,
    pub(super) kept: Vec<(OrgId, DeliveryId, Timestamp)>,
    pub(super) gone: Vec<(OrgId, DeliveryId, Timestamp)>,
    /// To be fetched: the endpoint's form has changed since they were planned.
    pub(super) fetched: Vec<(OrgId, DeliveryId, EndpointId, Timestamp)>,
}

impl PutOff {
    /// Whether all go.
    pub(super) fn is_empty(&self) -> bool {
        self.later.is_empty()
            && self.held.is_empty()
            && self.kept.is_empty()
            && self.gone.is_empty()
            && self.fetched.is_empty()
    }
}

/// Sorts the claimed deliveries of one organization into lanes, later and aside.
pub(super) async fn sort(hub: &Hub, org_id: &OrgId, rows: Vec<Row>, now: Timestamp) -> Result<()> {
    let mut entry = crate::directory::entry(hub, org_id).await?;
    if rows.iter().any(|row| entry.route(&row.endpoint_id).is_none()) {
        // Another node may have made the endpoint since the last look: only a new one can say that it is gone.
        hub.directory.forget(org_id);
        entry = crate::directory::entry(hub, org_id).await?;
    }
    let (mut going, off) = place(&hub.lanes, |id| entry.route(id), rows, now);
    for (row, route) in &mut going {
        *route = route_for(hub, row, route).await;
    }
    if let Err(error) = put_off(hub, &off, now).await {
        going.iter().for_each(|(_, route)| hub.lanes.release(&route.id));
        return Err(error);
    }
    join(hub, org_id, going).await
}

/// Decides for claimed deliveries of one organization which go into the lanes, where a place is kept for them now, and
/// what becomes of the others.
pub(super) fn place<'a>(
    lanes: &Lanes,
    route: impl Fn(&EndpointId) -> Option<&'a Arc<Route>>,
    mut rows: Vec<Row>,
    now: Timestamp,
) -> (Vec<(Row, Arc<Route>)>, PutOff) {
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut going: Vec<(Row, Arc<Route>)> = Vec::new();
    let mut off = PutOff::default();
    let mut sent_back: HashMap<EndpointId, i64> = HashMap::new();
    for row in rows {
        // A claim has set it to the end of the lease.
        let Some(lease) = row.due_at else { continue };
        match route(&row.endpoint_id) {
            None => off.gone.push((row.org_id, row.id, lease)),
            Some(route) if route.status != EndpointStatus::Active => off.kept.push((row.org_id, row.id, lease)),
            Some(route) if route.controls.delivery.is_pull() => {
                off.fetched.push((row.org_id, row.id, row.endpoint_id, lease));
            }
            // Released, resumed or late: what could not go before the quiet hours goes after them.
            Some(route) if route.after_quiet(now, row.cause) > now => {
                let end = route.after_quiet(now, row.cause);
                off.later.push((row.org_id, row.id, lease, end));
            }
            Some(route) => {
                let ahead = sent_back.entry(route.id.clone()).or_default();
                let together = route.goes_together(row.cause, row.created_at);
                match lanes.admit(route, now, *ahead, together) {
                    Place::Lane => going.push((row, Arc::clone(route))),
                    Place::Held => off.held.push((row.org_id, row.id, lease)),
                    Place::Later(at) => {
                        *ahead += 1;
                        off.later.push((row.org_id, row.id, lease, at));
                    }
                }
            }
        }
    }
    (going, off)
}

/// The endpoint as the delivery wants it: as it is, or as it was in a version. A version that cannot be had (its keys are
/// gone), or that had no URL because its receiver fetched, gives way to the endpoint as it is.
async fn route_for(hub: &Hub, row: &Row, newest: &Arc<Route>) -> Arc<Route> {
    let Some(version) = row.endpoint_version.filter(|version| *version != newest.version) else {
        return Arc::clone(newest);
    };
    match crate::directory::as_of(hub, &row.org_id, &row.endpoint_id, version).await {
        Ok(route) if route.url.is_empty() => Arc::clone(newest),
        Ok(route) => route,
        Err(error) => {
            tracing::warn!(delivery = %row.id, version, %error, "sent with the newest settings instead");
            Arc::clone(newest)
        }
    }
}

async fn put_off(hub: &Hub, off: &PutOff, now: Timestamp) -> Result<()> {
    if off.is_empty() {
        return Ok(());
    }
    let mut tx = hub.db.begin().await?;
    store::postpone(&mut tx, &off.later).await?;
    waiting::hold(&mut tx, &off.held).await?;
    store::set_aside(&mut tx, &off.kept, DeliveryStatus::Paused, now).await?;
    store::set_aside(&mut tx, &off.gone, DeliveryStatus::Failed, now).await?;
    queue::enqueue(&mut tx, &off.fetched, now.plus_ms(REFRESHED_MS)).await?;
    tx.commit().await?;
    off.fetched.iter().for_each(|(_, _, endpoint_id, _)| hub.pulls.wake(endpoint_id));
    Ok(())
}

/// Loads the events of claimed deliveries and puts them into their lanes.
async fn join(hub: &Hub, org_id: &OrgId, going: Vec<(Row, Arc<Route>)>) -> Result<()> {
    if going.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<EventId> = going.iter().map(|(row, _)| row.event_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let loaded = async { event::store::load(&mut hub.db.read().await?, org_id, &ids).await }.await;
    let events = match loaded {
        Ok(events) => events,
        Err(error) => {
            going.iter().for_each(|(_, route)| hub.lanes.release(&route.id));
            return Err(error);
        }
    };
    let bodies: HashMap<EventId, Bytes> = events
        .into_iter()
        .map(|(id, event_type, occurred_at, data)| {
            let body = Bytes::from(event::body(&id, &event_type, occurred_at, &data));
            (id, body)
        })
        .collect();
    let mut gone = Vec::new();
    for (row, route) in going {
        match (bodies.get(&row.event_id), row.due_at) {
            (Some(body), Some(lease)) => hub.lanes.join(Job { body: body.clone(), row, route, lease }),
            (_, lease) => {
                // The payload was erased: there is nothing left to send.
                hub.lanes.release(&route.id);
                gone.extend(lease.map(|lease| (org_id.clone(), row.id, lease)));
            }
        }
    }
    put_off(hub, &PutOff { gone, ..PutOff::default() }, hub.now()).await
}
