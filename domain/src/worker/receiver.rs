//! Handles what came to sources, in the order in which it came. Each request is claimed by moving its time on, so that one process at a
//! time handles it; what a dead one left is handled when the claim lapses. What is tried for the first time is handled together; where
//! one of many breaks, each has its own try.

use std::sync::Arc;

use crate::source::process::{LEASE_MS, handle, process};
use crate::source::store::requests::{self, Row};
use crate::{Hub, Result};

/// Requests of one round: as many as are handled well within a lease.
const AT_A_TIME: i64 = 64;
/// Requests that are handled together have so many bytes at most.
const BYTES: i64 = 4 * 1024 * 1024;

/// One round: claims what waits and handles it; answers how much.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    if !requests::any_due(&mut hub.db.read().await?, now).await? {
        return Ok(0);
    }
    let mut tx = hub.db.begin().await?;
    let claimed = requests::claim(&mut tx, now, now.plus_ms(LEASE_MS), AT_A_TIME).await?;
    tx.commit().await?;
    let count = claimed.len();
    for group in groups(claimed) {
        handle_group(hub, group).await;
    }
    Ok(count)
}

/// Puts requests together that are handled together, in their order: those that are tried for the first time, as far as they are not
/// large.
fn groups(claimed: Vec<Row>) -> Vec<Vec<Row>> {
    let (mut groups, mut bytes): (Vec<Vec<Row>>, i64) = (Vec::new(), 0);
    for row in claimed {
        bytes += row.size;
        match groups.last_mut().filter(|group| bytes <= BYTES && row.attempts == 1 && group[0].attempts == 1) {
            Some(group) => group.push(row),
            None => {
                bytes = row.size;
                groups.push(vec![row]);
            }
        }
    }
    groups
}

/// Handles requests in tasks of their own: what breaks over one holds up no other.
async fn handle_group(hub: &Hub, group: Vec<Row>) {
    let group = Arc::new(group);
    if group.len() > 1 {
        let (own, together) = (hub.clone(), Arc::clone(&group));
        let handled = tokio::spawn(async move { handle(&own, &together.iter().collect::<Vec<_>>()).await }).await;
        if matches!(handled, Ok(Ok(true))) {
            return;
        }
        tracing::warn!(count = group.len(), "requests could not be handled together; handling them one by one");
    }
    for place in 0..group.len() {
        let (own, rows, id) = (hub.clone(), Arc::clone(&group), &group[place].id);
        match tokio::spawn(async move { process(&own, &rows[place]).await }).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(request = %id, %error, source = ?std::error::Error::source(&error), "an inbound request could not be handled; its claim lapses")
            }
            Err(panic) => {
                tracing::error!(request = %id, %panic, "handling an inbound request panicked; its claim lapses")
            }
        }
    }
}
