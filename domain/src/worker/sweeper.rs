//! Removes what has lapsed: sessions, throttles, idempotency keys, hours of health; forgets idle lanes; lets deliveries go
//! that nobody else would; has the figures of health watched.

use crate::delivery::{store, waiting};
use crate::endpoint::EndpointStatus;
use crate::id::{EndpointId, OrgId};
use crate::node::signal::Work;
use crate::{Hub, Result, event, health};

/// How long an idempotency key is remembered, in milliseconds.
const KEY_MS: i64 = 48 * 3600 * 1000;

/// Hours of health that one round forgets at most.
const HOURS: i64 = 5000;

/// Deliveries that may wait for the search index before the log says so.
const LAG_WORTH_TELLING: i64 = 10_000;

/// One round; answers zero, because there is nothing to hurry for.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    hub.lanes.sweep(now);
    let stranded = stranded(hub).await?;
    let mut tx = hub.db.begin().await?;
    event::store::delete_old_keys(&mut tx, now.plus_ms(-KEY_MS)).await?;
    crate::account::store::delete_lapsed(&mut tx, now).await?;
    crate::source::store::known::forget(&mut tx, now).await?;
    health::store::forget(&mut tx, health::actions::forgotten(now), HOURS).await?;
    let forgotten = waiting::forgotten(&mut tx).await?;
    for (org_id, endpoint_id) in &stranded {
        store::resume(&mut tx, org_id, endpoint_id, now).await?;
    }
    let closed = waiting::close_ranks(&mut tx, now).await?;
    tx.commit().await?;
    if closed > 0 || !stranded.is_empty() {
        hub.wake(Work::Due);
    }
    for endpoint_id in forgotten {
        super::claimer::release(hub, &endpoint_id).await?;
    }
    health::watch::tick(hub).await?;
    health::watch_installation::tick(hub).await?;
    let lag = crate::search::lag(hub).await?;
    if lag > LAG_WORTH_TELLING {
        tracing::warn!(
            lag,
            "the search index is behind; what is newest in the log is found by filter, not yet by word"
        );
    }
    Ok(0)
}

/// Endpoints that take deliveries and have some that are kept. A rule whose connection does not work takes none, although its endpoint is
/// active.
async fn stranded(hub: &Hub) -> Result<Vec<(OrgId, EndpointId)>> {
    let kept = waiting::stranded(&mut hub.db.read().await?).await?;
    let mut found = Vec::new();
    for (org_id, endpoint_id) in kept {
        // Where the endpoints of an organization cannot be read, nothing would be sent.
        let Ok(entry) = crate::directory::entry(hub, &org_id).await else { continue };
        if entry.route(&endpoint_id).is_some_and(|route| route.status == EndpointStatus::Active) {
            found.push((org_id, endpoint_id));
        }
    }
    Ok(found)
}
