//! Work that happens later or again.
//!
//! A wake-up is a hint, a timer is the net, the table is the truth. Each worker has a `tick(hub)`: one bounded,
//! idempotent round that takes no input and answers what it did. The loops here tick until nothing is left, then
//! wait for a wake-up, the timer or the end. Delivery is at least once; a panic is caught, counted and logged.
//!
//! - `dispatcher`: events without deliveries get them.
//! - `claimer`: due deliveries are leased and put into the `lanes`.
//! - `deliverer`: what is in the lanes is sent; `batcher`: several in one request.
//! - `messenger`: the other nodes are told what they should know, and are listened to.
//! - `offerer`: deliveries are offered to nodes that deliver, by those that do not, and taken by these.
//! - `replayer`: replays of many deliveries go on, piece by piece.
//! - `receiver`: what came to sources is handled, in order.
//! - `refresher`: tokens of connections are renewed, connections tried out, lists of channels read, several at a time.
//! - `key` (a noun of its own): the `follower` learns of new keys, on every node; the `keeper` makes them, wraps and seals anew.
//! - `retention` (a noun of its own): payloads and log rows that are older than their organization keeps them go.
//! - `sweeper`: what has lapsed is removed.
//! - the search index follows behind.

mod batcher;
pub(crate) mod claimer;
pub(crate) mod deliverer;
pub(crate) mod dispatcher;
pub(crate) mod lanes;
pub(crate) mod messenger;
mod offerer;
pub(crate) mod receiver;
pub(crate) mod refresher;
mod replayer;
#[cfg(test)]
mod simulation;
pub(crate) mod sweeper;
#[cfg(test)]
pub(crate) mod tests;

use std::future::Future;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::{Hub, Result, Timestamp};

/// The running workers of this process.
#[derive(Debug)]
pub struct Workers {
    tasks: TaskTracker,
}

/// Starts the workers that this process's role asks for.
#[must_use]
pub fn start(hub: &Hub) -> Workers {
    let tracker = TaskTracker::new();
    tracker.spawn(messenger::run(hub.clone()));
    tracker.spawn(every(hub.clone(), "follower", Duration::from_secs(5), |hub| &hub.follow_wake, follower_tick));
    if !hub.settings.role.works() {
        tracker.close();
        return Workers { tasks: tracker };
    }
    hub.lanes.set_open(true);
    tracker.spawn(every(hub.clone(), "dispatcher", Duration::from_secs(1), |hub| &hub.dispatch_wake, dispatcher_tick));
    tracker.spawn(claim(hub.clone(), hub.now()));
    tracker.spawn(index(hub.clone()));
    tracker.spawn(every(hub.clone(), "replayer", Duration::from_secs(1), |hub| &hub.replay_wake, replayer_tick));
    tracker.spawn(every(hub.clone(), "refresher", Duration::from_secs(1), |hub| &hub.chores_wake, refresher_tick));
    tracker.spawn(every(hub.clone(), "receiver", Duration::from_secs(1), |hub| &hub.inbound_wake, receiver_tick));
    tracker.spawn(every(hub.clone(), "keeper", Duration::from_secs(60), |hub| &hub.keys_wake, keeper_tick));
    tracker.spawn(every(hub.clone(), "sweeper", Duration::from_secs(60), |hub| &hub.idle_wake, sweeper_tick));
    tracker.spawn(every(hub.clone(), "retention", Duration::from_secs(600), |hub| &hub.idle_wake, retention_tick));
    tracker.spawn(rest(hub.clone()));
    tracker.close();
    Workers { tasks: tracker }
}

impl Workers {
    /// Stops: nothing new is sent, leases of what waits are handed back, and what is under way has until `within`
    /// to end and be stored. What has not ended then is tried again after its lease.
    pub async fn stop(self, hub: &Hub, within: Duration) {
        hub.shutdown.cancel();
        let waiting = hub.lanes.set_open(false);
        deliverer::hand_back(hub, waiting, hub.now()).await;
        let finished = async {
            self.tasks.wait().await;
            // A round that was under way may have put more into the lanes.
            deliverer::hand_back(hub, hub.lanes.set_open(false), hub.now()).await;
            quiet(hub).await;
        };
        if tokio::time::timeout(within, finished).await.is_err() {
            tracing::warn!(
                under_way = hub.attempts.len(),
                "stopped before every attempt had ended; they are tried again after their lease"
            );
        }
    }
}

type Tick = std::pin::Pin<Box<dyn Future<Output = Result<usize>> + Send>>;

fn dispatcher_tick(hub: Hub) -> Tick {
    Box::pin(async move { dispatcher::tick(&hub).await })
}
fn claimer_tick(hub: Hub) -> Tick {
    Box::pin(async move { claimer::tick(&hub).await })
}
fn search_tick(hub: Hub) -> Tick {
    Box::pin(async move { crate::search::tick(&hub).await })
}
fn replayer_tick(hub: Hub) -> Tick {
    Box::pin(async move { replayer::tick(&hub).await })
}
fn refresher_tick(hub: Hub) -> Tick {
    Box::pin(async move { refresher::tick(&hub).await })
}
fn receiver_tick(hub: Hub) -> Tick {
    Box::pin(async move { receiver::tick(&hub).await })
}
fn follower_tick(hub: Hub) -> Tick {
    Box::pin(async move { crate::key::follow(&hub).await })
}
fn keeper_tick(hub: Hub) -> Tick {
    Box::pin(async move { crate::key::actions::tick(&hub).await })
}
fn retention_tick(hub: Hub) -> Tick {
    // What becomes old from one moment to the next waits for the next round.
    let hurries = |done: usize| if done < crate::retention::FULL { 0 } else { done };
    Box::pin(async move { crate::retention::tick(&hub).await.map(hurries) })
}
fn sweeper_tick(hub: Hub) -> Tick {
    Box::pin(async move { sweeper::tick(&hub).await })
}

/// The claimer, which first frees what the last run left leased.
async fn claim(hub: Hub, started_at: Timestamp) {
    if let Err(error) = claimer::recover(&hub, started_at).await {
        tracing::error!(%error, "leases of the last run could not be freed; they lapse within a minute");
    }
    every(hub, "claimer", Duration::from_millis(200), |hub| &hub.due_wake, claimer_tick).await;
}

/// The search index, which stands back while events are being stored: it may fall behind at saturation, but by half a
/// minute at most before it takes a round all the same.
async fn index(hub: Hub) {
    let mut stood_back = 0;
    while !hub.shutdown.is_cancelled() {
        if !hub.commits.is_idle() && stood_back < 60 {
            stood_back += 1;
        } else {
            stood_back = 0;
            if round(&hub, "search", search_tick).await > 0 {
                continue;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
            () = hub.shutdown.cancelled() => {}
        }
    }
}

/// Ticks until nothing is left, then waits for a wake-up, the timer or the end.
async fn every(hub: Hub, name: &'static str, pause: Duration, wake: fn(&Hub) -> &Notify, tick: fn(Hub) -> Tick) {
    loop {
        // Interest is registered before the look, so that a wake-up during the look is not lost.
        let woken = wake(&hub).notified();
        let done = round(&hub, name, tick).await;
        if hub.shutdown.is_cancelled() {
            return;
        }
        if done == 0 {
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(pause) => {}
                () = hub.shutdown.cancelled() => return,
            }
        }
    }
}

/// One round of a worker; a failure or a panic is logged and counts as nothing done.
async fn round(hub: &Hub, name: &'static str, tick: fn(Hub) -> Tick) -> usize {
    match tokio::spawn(tick(hub.clone())).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => {
            tracing::error!(worker = name, %error, source = ?std::error::Error::source(&error), "a round failed");
            0
        }
        Err(panic) => {
            tracing::error!(worker = name, %panic, "a round panicked");
            0
        }
    }
}

/// Wakes lanes that wait for their rate limit.
async fn rest(hub: Hub) {
    while !hub.shutdown.is_cancelled() {
        let pause = if hub.lanes.any_resting() { 10 } else { 100 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if hub.lanes.wake_resting(hub.now()) {
            deliverer::pump(&hub);
        }
    }
}

/// Waits until no attempt is under way and everything is stored.
pub(crate) async fn quiet(hub: &Hub) {
    while !hub.attempts.is_empty() || !hub.commits.is_idle() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Makes keys, and wraps and seals anew what it is time for, by hand, for tests.
///
/// # Errors
/// A round fails.
pub async fn keep(hub: &Hub) -> Result<()> {
    while crate::key::actions::tick(hub).await? > 0 {}
    Ok(())
}

/// Looks after connections by hand until nothing is due at this time, for tests.
///
/// # Errors
/// A round fails.
pub async fn look_after(hub: &Hub) -> Result<()> {
    while refresher::tick(hub).await? > 0 {
        quiet(hub).await;
    }
    Ok(())
}

/// Runs all workers by hand until nothing is left to do at this time, for tests: handles what came to sources, dispatches, claims, delivers,
/// stores and indexes. Lanes are open meanwhile.
///
/// # Errors
/// A round fails.
pub async fn drain(hub: &Hub) -> Result<()> {
    hub.lanes.set_open(true);
    loop {
        // What is under way may leave something to do behind it.
        quiet(hub).await;
        let mut done = receiver::tick(hub).await?
            + dispatcher::tick(hub).await?
            + replayer::tick(hub).await?
            + claimer::tick(hub).await?;
        hub.lanes.wake_resting(hub.now());
        deliverer::pump(hub);
        done += hub.attempts.len();
        if done == 0 {
            break;
        }
    }
    while crate::search::tick(hub).await? > 0 {}
    Ok(())
}
