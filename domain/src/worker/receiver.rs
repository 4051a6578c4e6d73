//! Handles what came to sources, in the order in which it came. Each request is claimed by moving its time on, so that one process at a
//! time handles it; what a dead one left is handled when the claim lapses.

use crate::source::process::{LEASE_MS, process};
use crate::source::store::requests;
use crate::{Hub, Result};

/// Requests of one round: as many as are handled well within a lease.
const AT_A_TIME: i64 = 50;

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
    for request in claimed {
        let (own, id) = (hub.clone(), request.id.clone());
        // In a task of its own: what breaks over one request holds up no other.
        match tokio::spawn(async move { process(&own, &request).await }).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(request = %id, %error, source = ?std::error::Error::source(&error), "an inbound request could not be handled; its claim lapses")
            }
            Err(panic) => {
                tracing::error!(request = %id, %panic, "handling an inbound request panicked; its claim lapses")
            }
        }
    }
    Ok(count)
}
