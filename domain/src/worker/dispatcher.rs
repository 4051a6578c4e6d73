//! Makes the deliveries of events that have none yet: those of the hub itself, written in the transaction of
//! the act they tell of. (Events from the REST API bring their deliveries with them.)

use crate::db::Tx;
use crate::delivery::{Trigger, store as delivery_store, waiting};
use crate::directory::Entry;
use crate::event::Matter;
use crate::event::store::Undispatched;
use crate::id::{DeliveryId, EventId, OrgId};
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::{Error, Hub, Result, event};

/// Events dispatched in one round.
const LIMIT: i64 = 100;

/// One round; answers how many events got their deliveries. Those of an organization whose endpoints cannot be read wait, and hold
/// up no other's.
///
/// # Errors
/// The database does not answer; nothing is half done.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let mut tx = hub.db.begin().await?;
    let (mut made, mut done, mut stuck) = (Vec::new(), 0, Vec::new());
    loop {
        let before = stuck.len();
        let events = event::store::list_undispatched(&mut tx, &stuck, LIMIT).await?;
        done += dispatch(hub, &mut tx, &events, &mut made, &mut stuck).await?;
        // What cannot have its deliveries must not take all places: it is looked past once.
        let is_full = i64::try_from(events.len()).is_ok_and(|count| count == LIMIT);
        if usize::try_from(LIMIT).is_ok_and(|limit| done >= limit) || !is_full || stuck.len() == before {
            break;
        }
    }
    if done == 0 {
        return Ok(0);
    }
    tx.commit().await?;
    hub.wake(Work::Due);
    hub.pulls.wake_all(&made);
    Ok(done)
}

/// Gives events their deliveries, which `made` gets; answers how many events had them, and adds the
/// organizations whose endpoints cannot be read to `stuck`.
async fn dispatch(
    hub: &Hub,
    tx: &mut Tx,
    events: &[Undispatched],
    made: &mut Vec<delivery_store::Row>,
    stuck: &mut Vec<OrgId>,
) -> Result<usize> {
    let (now, mut done) = (hub.now(), 0);
    for waiting in events {
        if stuck.contains(&waiting.org_id) {
            continue;
        }
        let entry = match crate::directory::entry(hub, &waiting.org_id).await {
            Ok(entry) => entry,
            Err(error) => {
                tracing::error!(org = %waiting.org_id, %error, "the endpoints of an organization cannot be read: its events wait");
                stuck.push(waiting.org_id.clone());
                continue;
            }
        };
        let mut rows = match plan(hub, &entry, waiting, now) {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(event = %waiting.id, %error, "an event cannot have its deliveries yet");
                continue;
            }
        };
        let mut lines: Vec<_> =
            rows.iter().filter_map(|r| Some((r.endpoint_id.clone(), r.ordering_key.clone()?))).collect();
        lines.sort();
        waiting::lock_lines(tx, &lines).await?;
        waiting::line_up(tx, rows.iter_mut()).await?;
        delivery_store::insert(tx, &rows).await?;
        made.extend(rows);
        event::store::mark_dispatched(tx, &waiting.org_id, &waiting.id, now).await?;
        done += 1;
    }
    Ok(done)
}

/// The deliveries of an event: one for each endpoint that wants it, due now or when its rule tells it, kept where the endpoint takes
/// none at the moment.
fn plan(hub: &Hub, entry: &Entry, event: &Undispatched, now: Timestamp) -> Result<Vec<delivery_store::Row>> {
    let channels: Vec<String> = match &event.channels {
        Some(list) => serde_json::from_str(list).map_err(Error::internal)?,
        None => Vec::new(),
    };
    let matter = Matter::new(&event.event_type, &channels, event.ordering_key.as_deref(), &event.data);
    let wanted = entry.endpoints.iter().filter(|route| route.wants(&matter));
    Ok(wanted.map(|route| timed(row(hub, route, &event.id, &matter, Trigger::Event, now), route, now)).collect())
}

/// The same delivery, due when its rule tells it where that is later; a test is told at once.
pub(crate) fn timed(
    mut row: delivery_store::Row,
    route: &crate::directory::Route,
    now: Timestamp,
) -> delivery_store::Row {
    if row.due_at.is_some()
        && row.cause != Trigger::Test
        && let Some(at) = route.later(now)
    {
        (row.due_at, row.scheduled) = (Some(at), true);
    }
    row
}

/// A delivery of an event to an endpoint, due now, kept, or to be fetched. Only what an event itself causes is kept in order: a replay
/// is asked for and goes at once, and what is told together later is told in order anyway.
pub(crate) fn row(
    hub: &Hub,
    route: &crate::directory::Route,
    event_id: &EventId,
    matter: &Matter<'_>,
    cause: Trigger,
    now: Timestamp,
) -> delivery_store::Row {
    row_as(hub.id(DeliveryId::new), route, event_id, matter, cause, now)
}

/// The same, of this id.
pub(crate) fn row_as(
    id: DeliveryId,
    route: &crate::directory::Route,
    event_id: &EventId,
    matter: &Matter<'_>,
    cause: Trigger,
    now: Timestamp,
) -> delivery_store::Row {
    let active = route.status == crate::endpoint::EndpointStatus::Active;
    let fetched = route.controls.delivery.is_pull();
    delivery_store::Row {
        org_id: route.org_id.clone(),
        id,
        event_id: event_id.clone(),
        event_type: matter.event_type.to_owned(),
        endpoint_id: route.id.clone(),
        status: if active { crate::delivery::DeliveryStatus::Pending } else { crate::delivery::DeliveryStatus::Paused },
        cause,
        attempt_count: 0,
        max_attempts: route.retry.max_attempts(),
        due_at: (active && !fetched).then_some(now),
        created_at: now,
        replay_of: None,
        waits_for: fetched.then_some(crate::delivery::WaitsFor::Pull),
        ordering_key: matter
            .ordering_key
            .filter(|_| cause == Trigger::Event && route.later(now).is_none())
            .map(str::to_owned),
        order_number: None,
        endpoint_version: None,
        scheduled: false,
    }
}
