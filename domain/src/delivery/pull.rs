//! Receivers behind a firewall fetch their deliveries: [`messages`] hands them out in the order in which they were made, and
//! [`commit`] says that they have arrived. What is handed out stays until it is committed, so a receiver that dies in between
//! gets it again.
//!
//! Transformation and signature are made when a message is fetched, as they are made when one is pushed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

use super::source::{MAX_WORK, PIECE, Source};
use super::store::Row;
use super::{WaitsFor, queue, store};
use crate::audit::actions::record_look;
use crate::endpoint::EndpointStatus;
use crate::id::{DeliveryId, EndpointId, EventId};
use crate::time::Timestamp;
use crate::{Caller, Cursor, Error, Hub, PageQuery, Permission, Result};

/// Messages in one answer when nothing else is said.
const DEFAULT_LIMIT: u32 = 100;
/// Messages in one answer at most.
const MAX_LIMIT: u32 = 500;
/// The longest wait for a message, in seconds: within the time that a request may take.
const MAX_WAIT_S: u32 = 20;
/// Receivers that fetch from one endpoint at a time, at one node.
const MAX_TOGETHER: usize = 16;
/// How often a waiting receiver looks by itself: another process may have written.
const LOOK: Duration = Duration::from_secs(1);

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PullQuery {
    /// The `next_cursor` of an earlier answer, to read on before that is committed; from the oldest message when absent.
    pub cursor: Option<String>,
    /// Messages at most, 1 to 500; 100 when absent.
    pub limit: Option<u32>,
    /// How long to wait when there is nothing, 0 to 20 seconds; 0 when absent.
    pub wait_s: Option<u32>,
}

/// One delivery, as its receiver fetches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The event: the `webhook-id`, by which a receiver knows what it has had before.
    pub webhook_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The headers that a push would have: `webhook-id`, `webhook-timestamp`, `webhook-signature` and their like.
    pub headers: BTreeMap<String, String>,
    /// The body that a push would have, as the text that is signed.
    pub body: String,
}

/// Messages in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Messages {
    /// The messages; empty when there was nothing.
    pub data: Vec<Message>,
    /// Names the last message: commit it once all of them are kept safe, or pass it as `cursor` to read on. Without a message
    /// it is the one that was asked with.
    pub next_cursor: Option<String>,
    /// Whether more wait already.
    pub has_more: bool,
}

/// What has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullCommit {
    /// A `next_cursor`: every message up to the one it names has arrived.
    #[serde(default)]
    pub cursor: Option<String>,
    /// These have arrived, whatever is before them; 500 at most.
    #[serde(default)]
    pub delivery_ids: Option<Vec<DeliveryId>>,
}

/// What a commit changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Committed {
    /// Deliveries that are delivered by it; those that were before are not counted.
    pub committed: i64,
}

/// Receivers that fetch or commit, by endpoint.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    waiting: Mutex<HashMap<EndpointId, Weak<Waiter>>>,
}

/// What those who come to one endpoint share.
#[derive(Debug, Default)]
struct Waiter {
    /// Told when something was committed for it.
    news: Notify,
    /// One of them at a time is at the database and at the transformations: they would get the same messages, and must not
    /// take everybody's connections while they wait for each other.
    turn: tokio::sync::Mutex<()>,
}

impl Waiters {
    /// Joins those who come to an endpoint.
    ///
    /// # Errors
    /// There are too many of them.
    fn at(&self, id: &EndpointId) -> Result<Arc<Waiter>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiter) = waiting.get(id).and_then(Weak::upgrade) {
            if Arc::strong_count(&waiter) > MAX_TOGETHER {
                let message = format!("At most {MAX_TOGETHER} receivers fetch from one endpoint at a time.");
                return Err(Error::limit_reached(message, 1));
            }
            return Ok(waiter);
        }
        waiting.retain(|_, waiter| waiter.strong_count() > 0);
        let waiter = Arc::new(Waiter::default());
        waiting.insert(id.clone(), Arc::downgrade(&waiter));
        Ok(waiter)
    }

    /// Wakes those that wait at an endpoint: something was committed for it.
    pub(crate) fn wake(&self, id: &EndpointId) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiter) = waiting.get(id).and_then(Weak::upgrade) {
            waiter.news.notify_waiters();
        }
    }

    /// Wakes those that wait for any of these deliveries.
    pub(crate) fn wake_all(&self, rows: &[Row]) {
        let mut last = None;
        for row in rows.iter().filter(|row| row.waits_for == Some(WaitsFor::Pull)) {
            if last != Some(&row.endpoint_id) {
                self.wake(&row.endpoint_id);
                last = Some(&row.endpoint_id);
            }
        }
    }
}

/// Hands out the oldest messages that are not committed, after the cursor if there is one; waits for some if there are none.
/// Needs `messages:pull`.
///
/// # Errors
/// Not found; the endpoint is pushed to, or not active; a wrong question; every transformation is busy.
pub async fn messages(hub: &Hub, caller: &Caller, id: &EndpointId, query: &PullQuery) -> Result<Messages> {
    let org_id = caller.require(Permission::MessagesPull)?;
    let (after, limit) =
        (place(id, query.cursor.as_deref())?, between("limit", query.limit, DEFAULT_LIMIT, 1, MAX_LIMIT)?);
    let wait = Duration::from_secs(between("wait_s", query.wait_s, 0, 0, MAX_WAIT_S)?.into());
    record_look(hub, caller, "message.pulled", Some(id.as_str())).await?;
    let end = Instant::now() + wait;
    let waiter = hub.pulls.at(id)?;
    loop {
        // Interest is registered before the look, so that a wake-up during the look is not lost.
        let woken = waiter.news.notified();
        let turn = waiter.turn.lock().await;
        let source = Source::find(hub, org_id, id).await?;
        let status = source.route.status;
        if status != EndpointStatus::Active {
            let message = format!("The endpoint is {status}: its messages are kept until it is active again.");
            return Err(Error::conflict("endpoint_not_active", message));
        }
        let rows = queue::list(&mut hub.db.read().await?, org_id, id, after, i64::from(limit) + 1).await?;
        let looked = !rows.is_empty();
        let found = source.hand_out(rows, limit as usize).await?;
        drop(turn);
        let now = Instant::now();
        let spent = now >= end + MAX_WORK || now >= end && !found.has_more || hub.stopping.is_cancelled();
        if !found.data.is_empty() || spent {
            return Ok(Messages { next_cursor: found.next_cursor.or_else(|| query.cursor.clone()), ..found });
        }
        // All that was there has ended without a message: there may be more behind it.
        if !looked {
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep_until(end.min(now + LOOK)) => {}
                () = hub.stopping.cancelled() => {}
            }
        }
    }
}

/// Notes that messages have arrived: each becomes delivered, once. Needs `messages:pull`.
///
/// # Errors
/// Not found; the endpoint is pushed to; neither cursor nor ids.
pub async fn commit(hub: &Hub, caller: &Caller, id: &EndpointId, what: &PullCommit) -> Result<Committed> {
    let org_id = caller.require(Permission::MessagesPull)?;
    let ids = what.delivery_ids.as_deref().unwrap_or_default();
    if what.cursor.is_none() && ids.is_empty() || ids.len() > MAX_LIMIT as usize {
        return Err(Error::invalid("cursor", format!("name a cursor, or 1 to {MAX_LIMIT} `delivery_ids`.")));
    }
    let number = place(id, what.cursor.as_deref())?;
    let source = Source::find(hub, org_id, id).await?;
    record_look(hub, caller, "message.committed", Some(id.as_str())).await?;
    let waiter = hub.pulls.at(id)?;
    let _turn = waiter.turn.lock().await;
    if number > queue::last(&mut hub.db.read().await?, id).await? {
        return Err(wrong_cursor());
    }
    let known = store::find_many(&mut hub.db.read().await?, org_id, ids).await?;
    if let Some(other) = ids.iter().find(|one| !known.iter().any(|row| row.id == **one && row.endpoint_id == *id)) {
        tracing::debug!(delivery = %other, "a delivery was committed that the endpoint does not have");
        return Err(Error::not_found("delivery"));
    }
    let waiting = known.iter().filter(|row| row.waits_for == Some(WaitsFor::Pull));
    let waiting: Vec<DeliveryId> = waiting.map(|row| row.id.clone()).collect();
    let mut committed = source.take_each(&waiting, caller).await?;
    while what.cursor.is_some() {
        let count = source.take_up_to(number, caller).await?;
        committed += count;
        if count < PIECE {
            break;
        }
    }
    Ok(Committed { committed })
}

/// The cursor of a place in an endpoint's queue.
pub(crate) fn cursor(id: &EndpointId, number: i64) -> String {
    format!("after-{id}_{number}")
}

/// The place that a cursor of this endpoint names; 0 without one.
pub(crate) fn place(id: &EndpointId, cursor: Option<&str>) -> Result<i64> {
    let asked = PageQuery { limit: None, cursor: cursor.map(str::to_owned) };
    match asked.cursor()? {
        Cursor::Start => Ok(0),
        Cursor::After(place) => {
            let number = place.strip_prefix(id.as_str()).and_then(|rest| rest.strip_prefix('_')?.parse().ok());
            number.ok_or_else(wrong_cursor)
        }
        Cursor::Before(_) => Err(wrong_cursor()),
    }
}

fn wrong_cursor() -> Error {
    Error::invalid("cursor", "is not a `next_cursor` of this endpoint's messages.")
}

fn between(field: &'static str, asked: Option<u32>, usual: u32, least: u32, most: u32) -> Result<u32> {
    let value = asked.unwrap_or(usual);
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Error::invalid(field, format!("must be between {least} and {most}.")))
}
