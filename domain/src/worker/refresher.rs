//! Looks after connections by the clock: renews tokens before they lapse, tries connections out, reads lists of channels. Each is
//! claimed by moving its time on, so that one process at a time does it; what a dead one left is done when the claim lapses.

use crate::connection::store::{self, Chore};
use crate::connection::{actions, sync, tokens};
use crate::{Hub, Result};

/// Connections that one round takes for each of the three.
const ROUND: i64 = 8;
/// A claim to try a connection out lasts so long, in milliseconds.
const CHECK_LEASE_MS: i64 = 60_000;

/// One round; answers how much it did.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    if !store::any_due(&mut hub.db.read().await?, now).await? {
        return Ok(0);
    }
    let mut tx = hub.db.begin().await?;
    let refresh = store::claim(&mut tx, Chore::Refresh, now, now.plus_ms(tokens::LEASE_MS), ROUND).await?;
    let check = store::claim(&mut tx, Chore::Check, now, now.plus_ms(CHECK_LEASE_MS), ROUND).await?;
    let sync = store::claim(&mut tx, Chore::Sync, now, now.plus_ms(sync::LEASE_MS), ROUND).await?;
    tx.commit().await?;
    for row in &refresh {
        tokens::refresh(hub, row).await?;
    }
    for row in &check {
        if let Err(error) = actions::probe(hub, row).await? {
            tracing::info!(connection = %row.id, %error, "a connection was tried out and did not work");
        }
    }
    for row in &sync {
        sync::page(hub, row).await?;
    }
    Ok(refresh.len() + check.len() + sync.len())
}
