//! Looks after connections by the clock: renews tokens before they lapse, tries connections out, reads lists of channels, and what
//! trackers have told. Each is
//! claimed by moving its time on, so that one process at a time does it; what a dead one left is done when the claim lapses.
//!
//! Several are under way at a time ([`AT_A_TIME`]), and a round does not wait for them: a provider that takes its time over one
//! connection holds up no other. Only as much is claimed as can begin at once, so that no claim lapses in a queue.

use crate::connection::store::{self, Chore, Row};
use crate::connection::{actions, sync, tokens};
use crate::issue::store::Webhook;
use crate::issue::{self, heed};
use crate::node::signal::Work;
use crate::{Hub, Result, key};

/// What one process does at a time.
pub(crate) const AT_A_TIME: usize = 8;
/// A claim to try a connection out lasts so long, in milliseconds.
const CHECK_LEASE_MS: i64 = 60_000;

/// One round: claims what is due and begins with it; answers with how much.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    let mut free = hub.chores.available_permits();
    let mut conn = hub.db.read().await?;
    if free == 0 || !(store::any_due(&mut conn, now).await? || issue::store::any_due(&mut conn, now).await?) {
        return Ok(0);
    }
    drop(conn);
    let mut claimed = Vec::new();
    let mut tx = hub.db.begin().await?;
    for (chore, lease_ms) in
        [(Chore::Refresh, tokens::LEASE_MS), (Chore::Check, CHECK_LEASE_MS), (Chore::Sync, sync::LEASE_MS)]
    {
        let limit = i64::try_from(free).unwrap_or(0);
        let rows = store::claim(&mut tx, chore, now, now.plus_ms(lease_ms), limit).await?;
        free -= rows.len();
        claimed.extend(rows.into_iter().map(|row| (chore, row)));
    }
    let limit = i64::try_from(free).unwrap_or(0);
    let told = issue::store::claim(&mut tx, now, now.plus_ms(heed::LEASE_MS), limit).await?;
    tx.commit().await?;
    let count = claimed.len() + told.len();
    for webhook in told {
        listen(hub, webhook);
    }
    for (chore, row) in claimed {
        begin(hub, chore, row);
    }
    Ok(count)
}

/// Reads a webhook behind the round.
fn listen(hub: &Hub, webhook: Webhook) {
    let place = std::sync::Arc::clone(&hub.chores).try_acquire_owned();
    let own = hub.clone();
    hub.attempts.spawn(async move {
        if let Err(error) = heed::heed(&own, &webhook).await {
            tracing::error!(connection = %webhook.connection_id, %error, source = ?std::error::Error::source(&error), "what a tracker told could not be read; its claim lapses");
        }
        drop(place);
        own.wake_here(Work::Chores);
    });
}

/// Does something behind the round; the workers' end waits for it.
fn begin(hub: &Hub, chore: Chore, row: Row) {
    // There is one: this worker alone takes them, and it has claimed no more than are free.
    let place = std::sync::Arc::clone(&hub.chores).try_acquire_owned();
    let own = hub.clone();
    hub.attempts.spawn(async move {
        if let Err(error) = look_after(&own, chore, &row).await {
            tracing::error!(connection = %row.id, ?chore, %error, source = ?std::error::Error::source(&error), "a connection could not be looked after; its claim lapses");
        }
        drop(place);
        own.wake_here(Work::Chores);
    });
}

async fn look_after(hub: &Hub, chore: Chore, row: &Row) -> Result<()> {
    key::learn(hub, &row.org_id).await;
    match chore {
        Chore::Refresh => tokens::refresh(hub, row).await,
        Chore::Sync => sync::page(hub, row).await,
        Chore::Check => {
            if let Err(error) = actions::probe(hub, row).await? {
                tracing::info!(connection = %row.id, %error, "a connection was tried out and did not work");
            }
            Ok(())
        }
    }
}
