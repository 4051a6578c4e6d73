//! Full-text search over what was sent and answered, behind the hot path. On the way each change is counted for
//! [`crate::health`].
//!
//! Whoever changes a delivery sets its `unindexed_at`; [`tick`] takes the oldest of them, reads what belongs
//! to each ([`document`]), replaces its document in the index ([`store`]) and clears `unindexed_at`, unless it
//! has changed again meanwhile. So a document is at most behind, never wrong for long, and no delivery waits
//! for it.
//!
//! Requests that came in are found in the same way ([`request`]), by an index of their own.
//!
//! Both databases index the same words: those that [`crate::delivery::query::words`] makes of a text. Neither
//! splits or folds anything by itself, so an answer never depends on the database.

mod document;
mod request;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use request::{forget_requests, forget_source};
pub use store::Spread;
pub(crate) use store::{DELIVERIES, REQUESTS, push_match, spread};

use crate::{Hub, Result, health};

/// Deliveries that one round takes.
const ROUND: i64 = 200;
/// Deliveries that one transaction writes while the index keeps up. Writers wait for each other on SQLite, so
/// ingest must not wait for the index longer than for a commit.
const FEW: usize = 16;
/// An attempt that is under way changes the delivery soon; its document waits so long for that, in milliseconds.
const SETTLE_MS: i64 = 1000;

/// Indexes the deliveries and requests that changed longest ago; says how many.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    Ok(deliveries(hub).await? + request::tick(hub).await?)
}

async fn deliveries(hub: &Hub) -> Result<usize> {
    let mut due = store::unindexed(&mut hub.db.read().await?, hub.now(), SETTLE_MS, ROUND).await?;
    // Several processes may take the same deliveries; in one order they wait for each other instead of blocking.
    due.sort_by(|a, b| a.id.cmp(&b.id));
    // With a full round the index is behind: then throughput counts more than a short wait.
    let share = if due.len() < ROUND as usize { FEW } else { due.len() };
    for part in due.chunks(share) {
        let documents = document::read(&mut hub.db.read().await?, part).await?;
        let mut tx = hub.db.begin().await?;
        store::replace(&mut tx, store::DELIVERIES, &documents).await?;
        count(&mut tx, part).await?;
        store::clear(&mut tx, part).await?;
        tx.commit().await?;
        tokio::task::yield_now().await;
    }
    Ok(due.len())
}

/// Counts those of these deliveries that are about to be cleared.
async fn count(tx: &mut crate::db::Tx, part: &[store::Due]) -> Result<()> {
    let ids: Vec<_> = part.iter().map(|due| (&due.org_id, &due.id)).collect();
    let mut changes = health::store::changed(tx, &ids).await?;
    let mut seen: Vec<_> = part.iter().map(|due| (&due.id, Some(due.unindexed_at))).collect();
    seen.sort_unstable();
    changes.retain(|change| seen.binary_search(&(&change.id, change.unindexed_at)).is_ok());
    health::count::count(tx, &changes).await
}

/// Drops deliveries from the index, and from what waits for it.
pub(crate) async fn forget(
    tx: &mut crate::db::Tx,
    org_id: &crate::id::OrgId,
    ids: &[crate::id::DeliveryId],
) -> Result<()> {
    for piece in ids.chunks(64) {
        store::forget(tx, org_id, piece).await?;
    }
    Ok(())
}

/// How many deliveries and requests wait to be indexed.
pub(crate) async fn lag(hub: &Hub) -> Result<i64> {
    let mut conn = hub.db.read().await?;
    Ok(store::lag(&mut conn).await? + request::lag(&mut conn).await?)
}
