//! What is kept for how long: payloads are erased and log rows deleted by age, in small pieces, and the payload of one event
//! on request. An event that still has deliveries to make keeps its payload until they have ended.

mod store;

use crate::id::{DeliveryId, EventId, OrgId};
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result, audit, health, search};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Rows that one transaction erases or deletes.
const PIECE: i64 = 500;
/// Pieces of one organization in one round, so that no other waits for long.
const PIECES: usize = 20;

/// One round over all organizations that have limits; answers how many rows it erased or deleted.
///
/// # Errors
/// The database does not answer; what is done stays done.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let limits = store::limits(&mut hub.db.read().await?).await?;
    let mut done = 0;
    for limit in limits {
        if let Some(days) = limit.payload_days {
            done += erase_old(hub, &limit, hub.now().plus_ms(-days * DAY_MS)).await?;
        }
        if let Some(days) = limit.log_days {
            done += delete_old(hub, &limit.id, hub.now().plus_ms(-days * DAY_MS)).await?;
        }
    }
    Ok(done)
}

/// Erases payloads of events from before a time, from where the last round came to.
async fn erase_old(hub: &Hub, limit: &store::Limits, before: Timestamp) -> Result<usize> {
    let mut from = limit.payload_swept_to.unwrap_or(Timestamp(0));
    let mut erased = 0;
    for _ in 0..PIECES {
        if from >= before {
            break;
        }
        let mut tx = hub.db.begin().await?;
        let ended: Vec<EventId> = store::old_payloads(&mut tx, &limit.id, from, before, PIECE).await?;
        erase(&mut tx, &limit.id, &ended, hub.now()).await?;
        // What still waits is looked at again, and everything after it.
        let waiting = store::first_waiting(&mut tx, &limit.id, from, before).await?;
        let more = ended.last().filter(|_| ended.len() as i64 == PIECE);
        from = waiting.as_ref().or(more).map_or(before, |event| Timestamp(crate::id::time_of(event.as_str())));
        store::swept_to(&mut tx, &limit.id, from).await?;
        tx.commit().await?;
        erased += ended.len();
        if ended.is_empty() {
            break;
        }
    }
    Ok(erased)
}

/// Deletes deliveries that ended, and events without deliveries, from before a time.
async fn delete_old(hub: &Hub, org_id: &OrgId, before: Timestamp) -> Result<usize> {
    let mut deleted = 0;
    for _ in 0..PIECES {
        let mut tx = hub.db.begin().await?;
        let deliveries: Vec<DeliveryId> = store::old_deliveries(&mut tx, org_id, before, PIECE).await?;
        health::count::settle(&mut tx, org_id, &deliveries).await?;
        store::delete_deliveries(&mut tx, org_id, &deliveries).await?;
        search::forget(&mut tx, org_id, &deliveries).await?;
        let events = store::delete_events(&mut tx, org_id, before, PIECE).await?;
        tx.commit().await?;
        deleted += deliveries.len() + events as usize;
        if deliveries.is_empty() && events == 0 {
            break;
        }
    }
    Ok(deleted)
}

/// Erases the payloads of events, what was sent and answered for them, and their words in the search index.
async fn erase(tx: &mut crate::db::Tx, org_id: &OrgId, events: &[EventId], now: Timestamp) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let deliveries = store::deliveries_of(tx, org_id, events).await?;
    store::erase_events(tx, org_id, events, now).await?;
    store::erase_attempts(tx, org_id, &deliveries).await?;
    health::count::settle(tx, org_id, &deliveries).await?;
    search::forget(tx, org_id, &deliveries).await
}

/// Erases the payload of one event on request. Deliveries of it that have not ended end as failed: there is nothing left to
/// send. Needs `events:write`; recorded in the audit log.
///
/// # Errors
/// Not found.
pub async fn erase_event(hub: &Hub, caller: &Caller, id: &EventId) -> Result<()> {
    let org_id = caller.require(Permission::EventsWrite)?;
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    crate::event::store::find(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("event"))?;
    store::end_deliveries(&mut tx, org_id, id, now).await?;
    erase(&mut tx, org_id, std::slice::from_ref(id), now).await?;
    audit::store::record(&mut tx, hub, caller, Some(org_id), "event.erased", Some(id.as_str()), None).await?;
    tx.commit().await
}
