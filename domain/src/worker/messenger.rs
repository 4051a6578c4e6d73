//! Talks with the other nodes: says that this one is there, sends its signals and follows theirs. Signals go by Redis where
//! there is one that answers, else by the database (`NOTIFY`); they are read from both. Deliveries are offered and taken beside
//! it (`offerer.rs`).

use std::future::Future;
use std::time::Duration;

use sqlx::postgres::PgListener;

use crate::db::Db;
use crate::directory::Directory;
use crate::node::signal::{Signal, Work, pack, unpack};
use crate::node::{BEAT_MS, FORGOTTEN_MS, GONE_MS, actions, store};
use crate::worker::lanes::Lanes;
use crate::worker::offerer;
use crate::{Hub, Result};

/// The name that PostgreSQL notifies by.
pub(crate) const CHANNEL: &str = "patchbay";
/// A notification of PostgreSQL holds less than 8000 bytes.
const NOTIFY_BYTES: usize = 7900;
/// A message by Redis.
const MESSAGE_BYTES: usize = 32 * 1024;
/// How long signals are collected before they are sent together.
const COLLECT: Duration = Duration::from_millis(10);
/// How long to wait before a lost connection is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// A connection that listens is taken for dead when nothing was heard for so long.
const SILENCE: Duration = Duration::from_millis(3 * BEAT_MS.unsigned_abs());
/// How many beats long another node is believed to have pages open.
const WATCH_MS: i64 = 3 * BEAT_MS;

/// Runs what belongs to the workers until the program stops. On SQLite there are no other nodes.
pub(super) async fn run(hub: Hub) {
    let Db::Postgres(pool) = hub.db.clone() else { return };
    tokio::join!(
        until_the_end(&hub, beat(&hub)),
        until_the_end(&hub, send(&hub)),
        until_the_end(&hub, follow_database(&hub, &pool)),
        until_the_end(&hub, follow_redis(&hub)),
        until_the_end(&hub, offerer::give(&hub)),
        offerer::take(&hub),
    );
    hub.signals.set_open(false);
    hub.lanes.set_offers(false);
    offerer::give_rest(&hub).await;
    // The others stop counting it after a while all the same.
    if let Err(error) = leave(&hub).await {
        tracing::warn!(%error, "this node could not be taken off the list");
    }
}

async fn until_the_end(hub: &Hub, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = hub.shutdown.cancelled() => {}
    }
}

async fn leave(hub: &Hub) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    store::leave(&mut tx, &hub.node_id).await?;
    tx.commit().await
}

/// Beats every few seconds.
async fn beat(hub: &Hub) {
    loop {
        beat_once(hub).await;
        hub.bus.renew(hub.now());
        tokio::time::sleep(Duration::from_millis(BEAT_MS.unsigned_abs())).await;
    }
}

/// Says that this node is there and whether Redis answers it, and hears how many others deliver.
pub(super) async fn beat_once(hub: &Hub) {
    let answers = match &hub.redis {
        Some(redis) => redis.answers().await,
        None => false,
    };
    match count(hub, answers).await {
        Ok((workers, answered)) => {
            hub.lanes.set_sharers(workers);
            // A node that is cut off from Redis sends its share of each limit; beside it the others may send only theirs.
            share(hub, answers && answered == workers);
        }
        Err(error) => {
            tracing::warn!(%error, "the nodes could not be counted");
            if !answers {
                share(hub, false);
            }
        }
    }
}

/// Has Redis hold the rate limits of all nodes, or has the nodes divide them; with that, a node that does not deliver offers
/// what it stores, or leaves it to be claimed.
fn share(hub: &Hub, shared: bool) {
    hub.lanes.set_offers(shared && !hub.settings.role.works());
    if hub.lanes.set_shared(shared) == shared {
        return;
    }
    match shared {
        true => tracing::info!("Redis answers all nodes: it holds the rate limits of all"),
        false => tracing::warn!("Redis does not answer all nodes: they divide the rate limits among themselves"),
    }
    super::deliverer::pump(hub);
}

/// Puts this node on the list; answers how many nodes deliver, and how many of them Redis answers.
async fn count(hub: &Hub, redis_answers: bool) -> Result<(i64, i64)> {
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    store::beat(&mut tx, &actions::this(hub), redis_answers).await?;
    store::forget(&mut tx, now.plus_ms(-FORGOTTEN_MS)).await?;
    let workers = store::count_workers(&mut tx, now.plus_ms(-GONE_MS)).await?;
    store::notify(&mut tx, CHANNEL, &beat_message(&hub.node_id)).await?;
    tx.commit().await?;
    Ok(workers)
}

/// A message without a signal, by which a node hears that it hears.
fn beat_message(node_id: &str) -> String {
    serde_json::json!({ "from": node_id, "signals": [] }).to_string()
}

/// Sends signals as they come, those of a moment together.
async fn send(hub: &Hub) {
    hub.signals.set_open(true);
    loop {
        let signals = hub.signals.take().await;
        if let Err(error) = publish(hub, &signals).await {
            // What was to be heard is lost; nobody waits for it.
            tracing::warn!(%error, "the other nodes could not be told");
            tokio::time::sleep(AGAIN).await;
            hub.signals.send(Signal::Gap);
        }
        tokio::time::sleep(COLLECT).await;
    }
}

async fn publish(hub: &Hub, signals: &[Signal]) -> Result<()> {
    let mut left = signals.to_vec();
    if let Some(redis) = &hub.redis {
        let mut sent = Ok(());
        for message in pack(&hub.node_id, signals, MESSAGE_BYTES) {
            sent = redis.publish(&message).await;
            if sent.is_err() {
                break;
            }
        }
        match sent {
            // What matters goes both ways: another node may be cut off from Redis.
            Ok(()) => left.retain(|signal| !matches!(signal, Signal::Notice(..))),
            Err(error) => tracing::debug!(%error, "sent by the database instead"),
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let mut tx = hub.db.begin().await?;
    for message in pack(&hub.node_id, &left, NOTIFY_BYTES) {
        store::notify(&mut tx, CHANNEL, &message).await?;
    }
    tx.commit().await
}

/// Follows the notifications of PostgreSQL.
async fn follow_database(hub: &Hub, pool: &sqlx::PgPool) {
    loop {
        if let Err(error) = listen(hub, pool).await {
            tracing::warn!(%error, "notifications of other nodes cannot be heard");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen(hub: &Hub, pool: &sqlx::PgPool) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    heal(hub);
    loop {
        // This node's own beat is heard too: silence means that the connection is dead without knowing it.
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(heard) => match heard? {
                Some(notification) => hear(hub, notification.payload()),
                // The connection was lost and was made anew.
                None => heal(hub),
            },
            Err(_) => return Err(sqlx::Error::Protocol("the connection that listens has fallen silent".into())),
        }
    }
}

/// Follows the stream of Redis, if there is one.
async fn follow_redis(hub: &Hub) {
    let Some(redis) = &hub.redis else { return };
    loop {
        match redis.follow().await {
            Ok(mut follower) => {
                heal(hub);
                while let Ok(messages) = follower.next().await {
                    messages.iter().for_each(|message| hear(hub, message));
                }
                // What was not read yet is lost.
                heal(hub);
            }
            Err(error) => tracing::debug!(%error, "Redis cannot be followed"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// What a signal changes in what a node knows of endpoints.
pub(super) fn heed(directory: &Directory, lanes: &Lanes, signal: &Signal) {
    match signal {
        Signal::Changed(org_id) => directory.forget(org_id),
        Signal::Trusted(endpoint_id) => lanes.trust(endpoint_id),
        Signal::Gap => {
            directory.forget_all();
            lanes.trust_all();
        }
        Signal::Work(_) | Signal::Watched(_) | Signal::Notice(..) | Signal::Missed(_) => {}
    }
}

/// Signals may have been missed: everything is looked at anew.
fn heal(hub: &Hub) {
    heed(&hub.directory, &hub.lanes, &Signal::Gap);
    hub.bus.reset();
    [Work::Dispatch, Work::Due, Work::Replay, Work::Inbound, Work::Keys]
        .into_iter()
        .for_each(|work| hub.wake_here(work));
}

/// Does what a message of another node says.
pub(crate) fn hear(hub: &Hub, message: &str) {
    for signal in unpack(&hub.node_id, message) {
        heed(&hub.directory, &hub.lanes, &signal);
        match signal {
            Signal::Changed(_) => hub.wake_here(Work::Due),
            Signal::Trusted(_) => {}
            Signal::Work(work) => hub.wake_here(work),
            Signal::Watched(org_id) => hub.bus.watched_elsewhere(org_id, hub.now().plus_ms(WATCH_MS)),
            Signal::Notice(org_id, notice) => hub.bus.notify_here(&org_id, *notice),
            Signal::Missed(org_id) => hub.bus.reset_org(&org_id),
            Signal::Gap => heal(hub),
        }
    }
}
