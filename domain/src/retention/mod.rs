//! What is kept for how long: payloads are erased and log rows deleted by age, and the payload of one event on request. An
//! event that still has deliveries to make keeps its payload until they have ended.
//!
//! Payloads go to the minute. The log goes by whole days (UTC), so that on PostgreSQL a day that has lapsed for everybody can be
//! dropped as a whole ([`days`]): then only its deliveries are deleted row by row, and what is big goes at once. What some
//! organizations keep longer than others, and everything on SQLite, is deleted in small pieces.

mod days;
mod store;

use crate::id::{DeliveryId, EventId, OrgId};
use crate::node::signal::Work;
use crate::source::store::{history, known, requests};
use crate::time::Timestamp;
use crate::worker::deliverer;
use crate::{Caller, Error, Hub, Permission, Result, audit, health, search};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Rows that one transaction erases or deletes.
const PIECE: i64 = 500;
/// Pieces of one organization in one round, so that no other waits for long.
const PIECES: usize = 20;
/// A round that erases or deletes so many may have left some.
pub(crate) const FULL: usize = PIECES * PIECE as usize;

/// One round over all organizations that have limits; answers how many rows it erased or deleted.
///
/// # Errors
/// The database does not answer; what is done stays done.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    prepare(hub).await?;
    let limits = store::limits(&mut hub.db.read().await?).await?;
    let whole = days::lapsed(&hub.db, now).await?;
    let (mut done, mut complete) = (0, true);
    for limit in &limits {
        if let Some(days) = limit.payload_days {
            done += erase_old(hub, limit, now.plus_ms(-days * DAY_MS)).await?;
            done += erase_inbound(hub, &limit.id, now.plus_ms(-days * DAY_MS)).await?;
        }
        if let Some(before) = log_begins(limit, now) {
            let (deleted, all) = delete_deliveries(hub, &limit.id, before, whole).await?;
            done += deleted + delete_inbound(hub, &limit.id, before).await?;
            complete &= all;
        }
    }
    done += days::drop_before(&hub.db, whole, complete).await?;
    for limit in &limits {
        if let Some(before) = log_begins(limit, now) {
            // Days that go as a whole are left alone while their deliveries are still being deleted.
            let from = if complete { Timestamp(0) } else { whole };
            done += delete_events(hub, &limit.id, from, before).await?;
        }
    }
    Ok(done)
}

/// Has the database ready for what the next days bring; called before the first event is taken in, and in each round.
///
/// # Errors
/// The database does not answer, or is too busy for it; what comes meanwhile is kept all the same.
pub async fn prepare(hub: &Hub) -> Result<()> {
    days::prepare(&hub.db, hub.now()).await
}

/// The time before which an organization keeps no rows of the log: a midnight.
fn log_begins(limit: &store::Limits, now: Timestamp) -> Option<Timestamp> {
    limit.log_days.map(|days| days::midnight(now).plus_ms(-days * DAY_MS))
}

/// Erases payloads of events from before a time, from where the last round came to. It looks without the writer, which it needs
/// only for what it finds.
async fn erase_old(hub: &Hub, limit: &store::Limits, before: Timestamp) -> Result<usize> {
    let begin = limit.payload_swept_to.unwrap_or(Timestamp(0));
    let (mut from, mut erased) = (begin, 0);
    for _ in 0..PIECES {
        if from >= before {
            break;
        }
        let found = store::old_payloads(&mut hub.db.read().await?, &limit.id, from, before, PIECE).await?;
        if !found.is_empty() {
            let mut tx = hub.db.begin().await?;
            // One may have been replayed since.
            let ended: Vec<EventId> = store::still_ended(&mut tx, &limit.id, &found).await?;
            erase(&mut tx, &limit.id, &ended, hub.now()).await?;
            tx.commit().await?;
            erased += ended.len();
        }
        let more = found.last().filter(|_| found.len() as i64 == PIECE);
        from = more.map_or(before, time_of);
    }
    if erased > 0 {
        // What still waits is looked at again, and everything after it.
        let kept = store::first_payload(&mut hub.db.read().await?, &limit.id, begin, from).await?;
        let mut tx = hub.db.begin().await?;
        store::swept_to(&mut tx, &limit.id, kept.as_ref().map_or(from, time_of)).await?;
        tx.commit().await?;
    }
    Ok(erased)
}

/// The time in the id of an event.
fn time_of(event: &EventId) -> Timestamp {
    Timestamp(crate::id::time_of(event.as_str()))
}

/// Erases what was posted to sources before a time, and what is kept of its subjects and of e-mail.
async fn erase_inbound(hub: &Hub, org_id: &OrgId, before: Timestamp) -> Result<usize> {
    let mut erased = 0;
    for _ in 0..PIECES {
        let mut tx = hub.db.begin().await?;
        let piece = requests::erase(&mut tx, org_id, before, PIECE, hub.now()).await?;
        known::forget_org(&mut tx, org_id, before).await?;
        history::forget(&mut tx, org_id, before).await?;
        tx.commit().await?;
        erased += piece;
        if (piece as i64) < PIECE {
            break;
        }
    }
    Ok(erased)
}

/// Deletes requests that were posted to sources before a time.
async fn delete_inbound(hub: &Hub, org_id: &OrgId, before: Timestamp) -> Result<usize> {
    let mut deleted = 0;
    for _ in 0..PIECES {
        let mut tx = hub.db.begin().await?;
        let piece = requests::delete_old(&mut tx, org_id, before, PIECE).await?;
        tx.commit().await?;
        deleted += piece;
        if (piece as i64) < PIECE {
            break;
        }
    }
    Ok(deleted)
}

/// Deletes deliveries that ended from before a time, with what belongs to them, but for what goes with its whole day. Answers
/// how many, and whether those were all.
async fn delete_deliveries(hub: &Hub, org_id: &OrgId, before: Timestamp, whole: Timestamp) -> Result<(usize, bool)> {
    let mut deleted = 0;
    for _ in 0..PIECES {
        let mut tx = hub.db.begin().await?;
        let ids: Vec<DeliveryId> = store::old_deliveries(&mut tx, org_id, before, PIECE).await?;
        // Ids come oldest first.
        let rest = &ids[ids.partition_point(|id| *id < DeliveryId::new(whole.0, [0; 10]))..];
        health::count::settle(&mut tx, org_id, &ids).await?;
        store::delete_attempts(&mut tx, org_id, rest).await?;
        search::forget(&mut tx, org_id, rest).await?;
        store::delete_deliveries(&mut tx, org_id, &ids).await?;
        tx.commit().await?;
        deleted += ids.len();
        if (ids.len() as i64) < PIECE {
            return Ok((deleted, true));
        }
    }
    Ok((deleted, false))
}

/// Deletes dispatched events without deliveries between two times; answers how many.
async fn delete_events(hub: &Hub, org_id: &OrgId, from: Timestamp, before: Timestamp) -> Result<usize> {
    let mut deleted = 0;
    for _ in 0..PIECES {
        let mut tx = hub.db.begin().await?;
        let events = store::delete_events(&mut tx, org_id, from, before, PIECE).await?;
        tx.commit().await?;
        deleted += events as usize;
        if (events as i64) < PIECE {
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

/// Erases the payload of one event on request, and the request to a source that brought it. Deliveries of it that have not
/// ended end as failed: there is nothing left to send. Needs `events:write`; recorded in the audit log.
///
/// # Errors
/// Not found.
pub async fn erase_event(hub: &Hub, caller: &Caller, id: &EventId) -> Result<()> {
    let org_id = caller.require(Permission::EventsWrite)?;
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    let event = crate::event::store::find(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("event"))?;
    let mut endpoints = store::end_deliveries(&mut tx, org_id, id, now).await?;
    erase(&mut tx, org_id, std::slice::from_ref(id), now).await?;
    if let Some((_, request)) = crate::source::origin(&event) {
        requests::erase_one(&mut tx, org_id, &request, now).await?;
    }
    audit::store::record(&mut tx, hub, caller, Some(org_id), "event.erased", Some(id.as_str()), None).await?;
    tx.commit().await?;
    endpoints.sort();
    endpoints.dedup();
    for endpoint in &endpoints {
        // What waits in this process carries its body: it is claimed anew, and what is erased is not.
        deliverer::hand_back(hub, hub.lanes.empty(endpoint), now).await;
    }
    if !endpoints.is_empty() {
        hub.wake(Work::Due);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
