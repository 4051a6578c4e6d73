//! Group commit: many callers, one transaction.
//!
//! Whatever is written on the hot path (accepted events with their deliveries, attempts with the state after
//! them, verified requests to sources) is put into one queue. The first to come starts a task that takes everything
//! that waits, writes it with multi-row statements, commits once, and answers all callers after the commit; what
//! arrives meanwhile is the next batch. So a lone event pays for its own commit and is not delayed, and a thousand
//! share one.
//!
//! A caller is answered only after its commit is durable. When a commit fails, events and requests are refused (their
//! callers are told to try again) and attempts are kept and tried again, because they did happen.

mod queue;

pub(crate) use self::queue::Commits;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use self::queue::Op;
use crate::delivery::WaitsFor;
use crate::delivery::store::{self as delivery_store, AttemptRow};
use crate::delivery::waiting::{self, Line};
use crate::directory::Route;
use crate::event::store::{self as event_store, KeyRow};
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::live::Notice;
use crate::node::offer::{Group, OFFER_MS, Offer};
use crate::node::signal::Work;
use crate::source::store::requests::{self, Whole};
use crate::time::Timestamp;
use crate::worker::lanes::{Job, Lanes, Place, lease_ms};
use crate::worker::{deliverer, dispatcher};
use crate::{Error, Hub, Result};

/// How often a failed batch of attempts is tried again, a second apart; then leases lapse and the deliveries repeat.
pub(crate) const ATTEMPT_TRIES: u32 = 40;

/// An event with its deliveries, about to be accepted.
#[derive(Debug)]
pub(crate) struct Ingest {
    pub(crate) event: event_store::NewRow,
    /// The body that receivers get.
    pub(crate) body: Bytes,
    pub(crate) deliveries: Vec<Planned>,
    /// Names that make a repetition recognisable, with a hash of the body.
    pub(crate) keys: Vec<KeyRow>,
}

/// A delivery about to be stored, and where it goes then.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) row: delivery_store::Row,
    pub(crate) route: Arc<Route>,
    pub(crate) way: Way,
}

/// Where a planned delivery goes after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Into the endpoint's lane, where a place is promised: `row.due_at` is the end of its lease.
    Lane,
    /// To another node: `row.due_at` is when the offer lapses.
    Offer,
    /// Nowhere: it waits in the database.
    Table,
}

impl Planned {
    /// Plans a delivery that is due now: into the lane if it has a place, else to a node that delivers, where this one does not
    /// and can offer, else into the database for later.
    pub(crate) fn new(hub: &Hub, row: delivery_store::Row, route: &Arc<Route>, now: Timestamp) -> Self {
        Self::into_lanes(&hub.lanes, row, route, now)
    }

    /// The same, for these lanes.
    pub(crate) fn into_lanes(lanes: &Lanes, row: delivery_store::Row, route: &Arc<Route>, now: Timestamp) -> Self {
        let mut way = Way::Table;
        let mut row = dispatcher::timed(row, route, now);
        if row.scheduled {
            // It waits in the database until its rule tells it.
        } else if row.due_at.is_some() && lanes.offers() {
            (row.due_at, way) = (Some(now.plus_ms(OFFER_MS)), Way::Offer);
        } else if row.due_at.is_some() {
            row.due_at = match lanes.promise(route, now) {
                Place::Lane => {
                    way = Way::Lane;
                    Some(now.plus_ms(lease_ms(route)))
                }
                Place::Later(at) => Some(at),
                Place::Held => {
                    row.waits_for = Some(WaitsFor::Breaker);
                    None
                }
            };
        }
        Self { row, route: Arc::clone(route), way }
    }

    /// What to offer of it once it is stored; nothing of one that stands behind an older one of its key.
    pub(crate) fn offer(&self, behind: &HashSet<DeliveryId>) -> Option<(Group, Offer)> {
        let lease = self.row.due_at.filter(|_| self.way == Way::Offer && !behind.contains(&self.row.id))?;
        let offer = Offer {
            org_id: self.row.org_id.clone(),
            event_id: self.row.event_id.clone(),
            lease,
            deliveries: vec![(self.row.id.clone(), lease_ms(&self.route))],
        };
        Some((Group::of(&self.route), offer))
    }

    /// Whether it is due and nobody is told of it by name.
    fn is_left_due(&self) -> bool {
        self.way == Way::Table && self.row.due_at.is_some_and(|at| at <= self.row.created_at)
    }

    /// After the commit: takes the promised place in the lane, or gives it up where the delivery was not `stored` or
    /// stands behind an older one of its key.
    pub(crate) fn settle(self, lanes: &Lanes, body: &Bytes, stored: bool, behind: &HashSet<DeliveryId>) {
        let Self { row, route, way } = self;
        match (way, row.due_at) {
            (Way::Lane, Some(lease)) if stored && !behind.contains(&row.id) => {
                lanes.join(Job { body: body.clone(), row, route, lease })
            }
            (Way::Lane, _) => lanes.release(&route.id),
            (Way::Offer | Way::Table, _) => {}
        }
    }
}

/// What became of an event.
#[derive(Debug, Clone)]
pub(crate) enum Ingested {
    /// It is stored.
    Stored,
    /// The name at this place of `keys` was used before, for this.
    Known(usize, Box<KeyRow>),
}

/// Stores an event durably, together with others.
pub(crate) async fn ingest(hub: &Hub, ingest: Ingest) -> Result<Ingested> {
    let (sender, receiver) = oneshot::channel();
    if let Err(Op::Ingest(ingest, _)) = submit(hub, Op::Ingest(Box::new(ingest), sender)) {
        hand_off(hub, *ingest, false, &HashSet::new());
        return Err(Error::unavailable(
            "Too many events wait to be stored. Nothing was accepted; try again in a moment.",
        ));
    }
    receiver.await.map_err(|_| Error::unavailable("The hub is stopping. Nothing was accepted; try again."))?
}

/// Stores a verified request to a source durably, together with others.
pub(crate) async fn request(hub: &Hub, request: Whole) -> Result<()> {
    let (sender, receiver) = oneshot::channel();
    if submit(hub, Op::Request(Box::new(request), sender)).is_err() {
        return Err(Error::unavailable(
            "Too many requests wait to be stored. This one was not; try again in a moment.",
        ));
    }
    receiver.await.map_err(|_| Error::unavailable("The hub is stopping. Nothing was accepted; try again."))?
}

/// Queues an attempt with the state after it. The answer says whether the lease still held (false, or none, also when the
/// database stayed away too long).
pub(crate) fn attempt(hub: &Hub, row: Arc<AttemptRow>) -> oneshot::Receiver<bool> {
    let (sender, receiver) = oneshot::channel();
    // There is always room for it.
    let _queued = submit(hub, Op::Attempt(row, sender, 0));
    receiver
}

/// Queues what is to be committed, or gives it back for want of room.
fn submit(hub: &Hub, op: Op) -> Result<(), Op> {
    if hub.commits.push(op)? {
        tokio::spawn(run(hub.clone()));
    }
    Ok(())
}

/// Sees to it that a panic over one batch does not leave what waits behind it: the task is begun anew.
struct Unbroken(Hub);

impl Drop for Unbroken {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tokio::spawn(run(self.0.clone()));
        }
    }
}

/// Commits batch after batch until nothing waits.
async fn run(hub: Hub) {
    let _unbroken = Unbroken(hub.clone());
    while let Some(ops) = hub.commits.next_batch() {
        commit(&hub, ops).await;
    }
}

async fn commit(hub: &Hub, ops: Vec<Op>) {
    let mut ingests = Vec::new();
    let mut attempts = Vec::new();
    let mut requests = Vec::new();
    for op in ops {
        match op {
            Op::Ingest(ingest, sender) => ingests.push((*ingest, sender)),
            Op::Attempt(row, sender, tries) => attempts.push((row, sender, tries)),
            Op::Request(request, sender) => requests.push((request, sender)),
        }
    }
    let arrived: Vec<&Whole> = requests.iter().map(|(request, _)| &**request).collect();
    let events: Vec<&Ingest> = ingests.iter().map(|(ingest, _)| ingest).collect();
    let mut rows: Vec<Arc<AttemptRow>> = attempts.iter().map(|(row, ..)| Arc::clone(row)).collect();
    // In the order in which others lock deliveries.
    rows.sort_by(|a, b| a.delivery_id.cmp(&b.delivery_id));
    let span = tracing::debug_span!("commit", events = events.len(), attempts = rows.len(), requests = arrived.len());
    let mut written = write(hub, &events, &rows, &arrived).instrument(span).await;
    if matches!(written, Err(Error::Internal(_))) {
        // Two processes that claim the same name at once: on the second look one of them sees the other's.
        written = write(hub, &events, &rows, &arrived).await;
    }
    match written {
        Ok(written) => {
            let left_due = |(ingest, _): &(Ingest, _)| ingest.deliveries.iter().any(Planned::is_left_due);
            if !hub.settings.role.works() && ingests.iter().any(left_due) {
                hub.wake(Work::Due);
            }
            for ((ingest, sender), answer) in ingests.into_iter().zip(written.answers) {
                hand_off(hub, ingest, matches!(answer, Ingested::Stored), &written.behind);
                // A caller that went away has its event stored all the same.
                let _gone = sender.send(Ok(answer));
            }
            deliverer::pump(hub);
            for (_, sender) in requests {
                let _gone = sender.send(Ok(()));
            }
            for (row, sender, _) in attempts {
                if row.tells.is_some() {
                    hub.wake(Work::Dispatch);
                }
                let _gone = sender.send(written.held.contains(&row.delivery_id));
            }
            for (org_id, endpoint_id) in written.touched {
                crate::endpoint::actions::changed(hub, &org_id, &endpoint_id);
                hub.wake(Work::Dispatch);
            }
        }
        // One of many may be the cause: each has its own try.
        Err(Error::Internal(error)) if ingests.len() + attempts.len() + requests.len() > 1 => {
            tracing::warn!(%error, "a batch failed; committing its parts one by one");
            for (ingest, sender) in ingests {
                Box::pin(commit(hub, vec![Op::Ingest(Box::new(ingest), sender)])).await;
            }
            for (row, sender, tries) in attempts {
                Box::pin(commit(hub, vec![Op::Attempt(row, sender, tries)])).await;
            }
            for (request, sender) in requests {
                Box::pin(commit(hub, vec![Op::Request(request, sender)])).await;
            }
        }
        Err(error) => {
            tracing::error!(error = %error, source = ?std::error::Error::source(&error), "a commit failed");
            let problem = error.problem();
            let refusal = || match &error {
                Error::Internal(_) => Error::internal(problem.message.clone()),
                _ => Error::Unavailable(problem.clone()),
            };
            for (ingest, sender) in ingests {
                hand_off(hub, ingest, false, &HashSet::new());
                let _gone = sender.send(Err(refusal()));
            }
            for (_, sender) in requests {
                let _gone = sender.send(Err(refusal()));
            }
            retry_attempts(hub, attempts);
        }
    }
}

/// Gives the deliveries of a stored event to the deliverer of this process, or offers them to the others, and tells open
/// pages; gives up the promised places of one that was not stored, and of deliveries that stand `behind` an older one of
/// their key.
fn hand_off(hub: &Hub, ingest: Ingest, stored: bool, behind: &HashSet<DeliveryId>) {
    let watched = stored && hub.bus.is_watched(&ingest.event.org_id);
    let mut offers = Vec::new();
    for planned in ingest.deliveries {
        if let Some((group, offer)) = planned.offer(behind).filter(|_| stored) {
            Offer::add_to(&mut offers, group, offer);
        }
        if stored && planned.row.waits_for == Some(WaitsFor::Pull) {
            hub.pulls.wake(&planned.row.endpoint_id);
        }
        if watched {
            let summary = deliverer::summary(&planned.row, &planned.route, None);
            hub.bus.notify(&planned.row.org_id, Notice::Delivery(Box::new(summary)));
        }
        planned.settle(&hub.lanes, &ingest.body, stored, behind);
    }
    hub.offers.send(offers);
}

/// Puts attempts back into the queue after a pause.
fn retry_attempts(hub: &Hub, attempts: Vec<(Arc<AttemptRow>, oneshot::Sender<bool>, u32)>) {
    if attempts.is_empty() {
        return;
    }
    let hub = hub.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (row, sender, tries) in attempts {
            if tries < ATTEMPT_TRIES {
                let _queued = submit(&hub, Op::Attempt(row, sender, tries + 1));
            }
        }
    });
}

/// What a batch came to.
struct Written {
    /// What became of each event.
    answers: Vec<Ingested>,
    /// The deliveries whose lease held when their attempt was stored.
    held: HashSet<DeliveryId>,
    /// New deliveries that wait for an older one of their key.
    behind: HashSet<DeliveryId>,
    /// Endpoints whose state changed.
    touched: Vec<(OrgId, EndpointId)>,
}

/// Writes a batch in one transaction.
async fn write(hub: &Hub, ingests: &[&Ingest], attempts: &[Arc<AttemptRow>], arrived: &[&Whole]) -> Result<Written> {
    let mut tx = hub.db.begin().await?;
    requests::insert_verified(&mut tx, arrived).await?;
    let mut answers = vec![Ingested::Stored; ingests.len()];
    if ingests.iter().any(|ingest| !ingest.keys.is_empty()) {
        answers = recognise(&mut tx, ingests).await?;
    }
    let fresh = || {
        ingests.iter().zip(&answers).filter(|(_, answer)| matches!(answer, Ingested::Stored)).map(|(ingest, _)| *ingest)
    };
    let mut events: Vec<&event_store::NewRow> = fresh().map(|ingest| &ingest.event).collect();
    let mut deliveries: Vec<Cow<'_, delivery_store::Row>> =
        fresh().flat_map(|ingest| ingest.deliveries.iter().map(|planned| Cow::Borrowed(&planned.row))).collect();
    lock_lines(&mut tx, &deliveries, attempts).await?;
    let mut held = HashSet::new();
    let mut touched = Vec::new();
    if !attempts.is_empty() {
        delivery_store::insert_attempts(&mut tx, attempts).await?;
        held = delivery_store::finish(&mut tx, attempts).await?;
        let late: Vec<&AttemptRow> =
            attempts.iter().map(|row| &**row).filter(|row| !held.contains(&row.delivery_id)).collect();
        delivery_store::blank_erased(&mut tx, &late).await?;
        for row in attempts.iter().filter(|row| row.status.is_final() && held.contains(&row.delivery_id)) {
            waiting::next_in_line(&mut tx, row).await?;
            events.extend(row.tells.as_deref());
        }
        touched = crate::failure::note(&mut tx, hub, attempts).await?;
    }
    let keyed = deliveries.iter_mut().filter(|row| row.ordering_key.is_some()).map(Cow::to_mut);
    let behind = waiting::line_up(&mut tx, keyed).await?;
    event_store::insert(&mut tx, &events).await?;
    delivery_store::insert(&mut tx, &deliveries).await?;
    tx.commit().await?;
    crate::figures::committed(events.len(), deliveries.len(), attempts.len());
    Ok(Written { answers, held, behind, touched })
}

/// Locks the lines of all deliveries with an ordering key that a batch begins or ends.
async fn lock_lines(
    tx: &mut crate::db::Tx,
    deliveries: &[Cow<'_, delivery_store::Row>],
    attempts: &[Arc<AttemptRow>],
) -> Result<()> {
    let begun = deliveries.iter().filter_map(|row| Some((row.endpoint_id.clone(), row.ordering_key.clone()?)));
    let ended = attempts
        .iter()
        .filter(|row| row.status.is_final())
        .filter_map(|row| Some((row.endpoint_id.clone(), row.ordering_key.clone()?)));
    let mut lines: Vec<Line> = begun.chain(ended).collect();
    lines.sort();
    lines.dedup();
    waiting::lock_lines(tx, &lines).await
}

/// Finds repetitions, against what is stored and within the batch, and claims the names of the rest.
async fn recognise(tx: &mut crate::db::Tx, ingests: &[&Ingest]) -> Result<Vec<Ingested>> {
    let mut answers = vec![Ingested::Stored; ingests.len()];
    let mut batch: HashMap<(OrgId, String), KeyRow> = HashMap::new();
    for (ingest, answer) in ingests.iter().zip(&mut answers) {
        let mut rows = Vec::new();
        for (place, key) in ingest.keys.iter().enumerate() {
            let name = (key.org_id.clone(), key.name.clone());
            let known = match batch.get(&name) {
                Some(row) => Some(row.clone()),
                None => event_store::find_key(tx, &key.org_id, &key.name).await?.map(
                    |(body_hash, event_id, event_type, created_at)| KeyRow {
                        body_hash,
                        event_id,
                        event_type,
                        created_at,
                        ..key.clone()
                    },
                ),
            };
            match known {
                Some(row) => {
                    *answer = Ingested::Known(place, Box::new(row));
                    break;
                }
                None => rows.push(key.clone()),
            }
        }
        if matches!(answer, Ingested::Stored) && !rows.is_empty() {
            let taken = event_store::insert_keys(tx, &rows).await?;
            if taken.len() < rows.len() {
                // Another process took the name between our look and our claim: the whole batch is written anew.
                return Err(Error::internal("an idempotency key was taken by another process meanwhile"));
            }
            batch.extend(rows.into_iter().map(|row| ((row.org_id.clone(), row.name.clone()), row)));
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests;
