//! Offers what this node stores and does not send, and takes what others offer: by Redis streams, where there are any.
//!
//! No caller waits for this. What cannot be offered, and what nobody takes, is due a few seconds later, for the claimers.

use std::time::Duration;

use crate::node::Redis;
use crate::node::offer::{Group, Offer};
use crate::node::stream::{GroupReader, Read};
use crate::worker::claimer;
use crate::{Hub, figures};

/// Offers sent in one round trip.
const PIECE: usize = 256;
/// Entries read in one look at most.
const LOOK: usize = 128;
/// How long to wait before a lost connection is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long to wait for room when everything that may be under way is.
const FULL: Duration = Duration::from_millis(10);

/// Sends offers as they come.
pub(super) async fn give(hub: &Hub) {
    loop {
        let offers = hub.offers.take().await;
        send(hub, &offers).await;
    }
}

/// Sends the offers that wait at the end.
pub(super) async fn give_rest(hub: &Hub) {
    send(hub, &hub.offers.take_now()).await;
}

async fn send(hub: &Hub, offers: &[(Group, Offer)]) {
    let Some(redis) = &hub.redis else { return };
    for piece in offers.chunks(PIECE) {
        if let Err(error) = redis.offer(piece).await {
            // The next beat says whether it answers again.
            hub.lanes.set_offers(false);
            tracing::warn!(%error, "deliveries could not be offered by Redis; they are claimed from the table");
            return;
        }
        piece.iter().for_each(|(group, _)| figures::offered(*group));
    }
}

/// Takes what the other nodes offer, until the program stops.
pub(super) async fn take(hub: &Hub) {
    let (Some(redis), true) = (&hub.redis, hub.settings.role.works()) else { return };
    let each = |group| follow(hub, redis, group);
    tokio::join!(each(Group::Webhooks), each(Group::Rules), each(Group::Connectors));
}

async fn follow(hub: &Hub, redis: &Redis, group: Group) {
    while !hub.shutdown.is_cancelled() {
        match redis.read_group(group, &hub.node_id).await {
            Ok(reader) => read(hub, reader, group).await,
            Err(error) => tracing::debug!(%group, %error, "the group cannot be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = hub.shutdown.cancelled() => {}
        }
    }
    // Without an answer another node buries it.
    let _left = redis.leave_group(group, &hub.node_id).await;
}

/// Reads until the connection is lost or the program stops.
async fn read(hub: &Hub, mut reader: GroupReader, group: Group) {
    loop {
        // Between its lease and its lane nothing may be dropped: only the look ends with the program.
        let found = tokio::select! {
            found = look(hub, &mut reader) => found,
            () = hub.shutdown.cancelled() => return,
        };
        let done = match found {
            Ok(found) if found.ids.is_empty() => Ok(()),
            Ok(found) => {
                accept(hub, group, &found).await;
                reader.done(&found.ids).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::debug!(%group, %error, "the group cannot be read any more");
            return;
        }
    }
}

/// The next entries, as many as there is room for.
async fn look(hub: &Hub, reader: &mut GroupReader) -> redis::RedisResult<Read> {
    loop {
        match hub.lanes.room().min(LOOK) {
            0 => tokio::time::sleep(FULL).await,
            room => return reader.read(room).await,
        }
    }
}

/// Leases what was read, or learns that somebody else has.
async fn accept(hub: &Hub, group: Group, found: &Read) {
    let offered: usize = found.offers.iter().map(|offer| offer.deliveries.len()).sum();
    loop {
        match claimer::take(hub, &found.offers).await {
            Ok(leased) => {
                figures::read_offers(group, found.ids.len(), leased, offered.saturating_sub(leased));
                return;
            }
            Err(_) if hub.shutdown.is_cancelled() => return,
            Err(error) => {
                tracing::warn!(%group, %error, "what is offered could not be taken");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
