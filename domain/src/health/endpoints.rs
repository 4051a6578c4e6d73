//! How single endpoints have been doing, for their list and their pages.

use std::collections::HashMap;

use super::HOUR_MS;
use super::count::Tally;
use super::store;
use crate::Result;
use crate::db::Conn;
use crate::delivery::log;
use crate::endpoint::Health;
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;

const DAY_MS: i64 = 24 * HOUR_MS;

/// How endpoints have been doing over seven days, by endpoint; one of them or all of the organization.
pub(crate) async fn health(
    conn: &mut Conn,
    org_id: &OrgId,
    endpoint_id: Option<&EndpointId>,
    now: Timestamp,
) -> Result<HashMap<EndpointId, Health>> {
    let start = Timestamp((now.0.div_euclid(DAY_MS) - 6) * DAY_MS);
    let tally = Tally::of(&store::uncounted(conn, Some(org_id), endpoint_id).await?);
    let mut hours = store::endpoint_hours(conn, org_id, endpoint_id, start).await?;
    hours.extend(tally.hours.into_iter().map(|((_, id, at), counts)| (id, at, counts.delivered, counts.failed)));
    let mut all: HashMap<EndpointId, Health> = HashMap::new();
    for (id, at, delivered, failed) in hours {
        let day = (at - start.0).div_euclid(DAY_MS);
        let health = all.entry(id).or_insert_with(quiet);
        if let Some(day) = usize::try_from(day).ok().and_then(|day| health.days.get_mut(day)) {
            health.delivered += delivered;
            health.failed += failed;
            day.0 += delivered;
            day.1 += failed;
        }
    }
    for (id, health) in &mut all {
        health.p95_us = log::p95_us(conn, org_id, id).await?;
    }
    let counted = store::queues(conn, org_id, endpoint_id).await?;
    let queues = counted.into_iter().map(|row| (row.endpoint_id, row.waiting, row.last_at));
    let newer = tally.queues.into_iter().map(|((_, id), queue)| (id, queue.waiting, queue.last_at));
    for (id, waiting, last_at) in queues.chain(newer) {
        let health = all.entry(id).or_insert_with(quiet);
        health.retrying += waiting.retrying;
        health.waiting += waiting.pending + waiting.paused;
        health.last_delivery_at = health.last_delivery_at.max(Some(last_at));
    }
    Ok(all)
}

/// The health of an endpoint that nothing was sent to.
pub(crate) fn quiet() -> Health {
    Health { days: vec![(0, 0); 7], ..Health::default() }
}
