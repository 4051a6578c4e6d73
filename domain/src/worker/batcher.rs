//! Sends several deliveries in one signed request, and stores an attempt of each.
//!
//! The request's own id is made of its deliveries, so that the same ones tried again are the same message: it is the
//! `webhook-id` that is signed, while each event keeps its own inside. The answer counts for all of them; one request is one
//! success or failure of the endpoint. A delivery of which nothing can be sent (its transformation failed, or chose so) has
//! that for its attempt and is not in the request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::deliverer::{self, Ending, Place};
use super::lanes::{BATCH_BYTES, Job, Left, Verdict};
use crate::delivery::message;
use crate::delivery::send::{self, Content};
use crate::delivery::store::AttemptRow;
use crate::failure::Change;
use crate::id::{AttemptId, BatchId};
use crate::time::Timestamp;
use crate::{Hub, commit};

/// What is not made by then goes in another request: the lease has no more room.
const MAX_WORK: Duration = Duration::from_secs(4);
/// Of an answer to several deliveries, so much of its body is kept with each of them, in bytes.
const KEPT_ANSWER: usize = 2048;

/// One request from start to end: transform each, sign, send, decide for each, store, tell.
pub(super) async fn deliver(hub: Hub, jobs: Vec<Job>) {
    let Some(first) = jobs.first() else { return };
    let mut place = Place::new(&hub, first.route.id.clone());
    // A batch may have waited for minutes.
    let Some(route) = deliverer::still_goes(&hub, first).await else {
        return deliverer::give_back(&hub, place, jobs).await;
    };
    let now = hub.now();
    let (late, jobs): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.is_stale(now));
    deliverer::hand_back(&hub, late, now).await;
    let jobs = jobs.into_iter().map(|job| Job { route: Arc::clone(&route), ..job }).collect();
    let (attempts, left) = attempt(&hub, jobs, &mut place).await;
    let mut stored = Vec::with_capacity(attempts.len());
    for (job, mut row) in attempts {
        row.tells = deliverer::tells(&hub, &job, &row).await;
        let row = Arc::new(row);
        stored.push((commit::attempt(&hub, Arc::clone(&row)), job, row));
    }
    // Only now, so that whoever waits for all attempts to end waits for their results too.
    drop(place);
    deliverer::pump(&hub);
    deliverer::hold(&hub, left.held).await;
    let mut recovered = left.recovered;
    for (held, job, row) in stored {
        let held = held.await.unwrap_or(false);
        if std::mem::take(&mut recovered) {
            deliverer::release(&hub, &route).await;
        }
        deliverer::stored_as(&hub, &job, &row, held);
    }
}

/// A delivery, and its part of the request.
type Part = (Job, Content);

/// Makes the parts of a request. Those of which nothing can be sent have had their attempt with that; those that take too
/// long, or have no room any more because of what transformations made of those before, are given back.
async fn make(hub: &Hub, jobs: Vec<Job>, started_at: Timestamp, jitter: f64) -> (Vec<Part>, Vec<(Job, AttemptRow)>) {
    let (began, mut late, mut bytes) = (Instant::now(), Vec::new(), 0);
    let (mut parts, mut attempts) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
    for job in jobs {
        if began.elapsed() > MAX_WORK || bytes > BATCH_BYTES {
            late.push(job);
            continue;
        }
        match send::make(hub, &job).await {
            Ok(content) => {
                bytes += content.body.len();
                parts.push((job, content));
            }
            Err(sent) => {
                let now = hub.now();
                let end = Ending::of(&sent, now);
                let next = deliverer::next(&job, &sent, &end, now, jitter);
                let number = job.row.attempt_count + 1;
                let row = deliverer::row(hub, &job, sent, end, &next, (number, started_at, now));
                attempts.push((job, row));
            }
        }
    }
    deliverer::hand_back(hub, late, started_at).await;
    (parts, attempts)
}

/// Sends once and decides what comes next for each.
async fn attempt(hub: &Hub, jobs: Vec<Job>, place: &mut Place) -> (Vec<(Job, AttemptRow)>, Left) {
    let started_at = hub.now();
    // One throw for all, so that those that failed together come back together.
    let jitter = hub.random.unit();
    let endpoint_id = jobs.first().map(|job| job.route.id.clone());
    let (parts, mut attempts) = make(hub, jobs, started_at, jitter).await;
    let Some((first, _)) = parts.first() else {
        let left = endpoint_id.map(|id| hub.lanes.judge(&id, Verdict::Neutral, None, hub.now())).unwrap_or_default();
        if left.no_probe
            && let Some((_, row)) = attempts.first_mut()
        {
            row.health = Some(Change::NoProbe);
        }
        return (attempts, left);
    };
    let route = Arc::clone(&first.route);
    let id = batch_id(&parts);
    let sent = if route.controls.destination.is_some() {
        let jobs: Vec<&Job> = parts.iter().map(|(job, _)| job).collect();
        message::send(hub, &jobs).await
    } else {
        let content = Content { body: body(&id, &parts), made: None, extra: Vec::new() };
        let lease = parts.iter().map(|(job, _)| job.lease).min().unwrap_or(first.lease);
        send::post(hub, &route, id.as_str(), content, (started_at, lease)).await
    };
    let now = hub.now();
    let end = Ending::of(&sent, now);
    place.took(&sent, &end);
    let (left, health) =
        deliverer::conclude(&hub.lanes, &route, &end, &deliverer::next(first, &sent, &end, now, jitter), now);
    if left.opened.is_some() {
        crate::figures::breaker_opened();
    }
    let nexts: Vec<_> = parts.iter().map(|(job, _)| deliverer::next(job, &sent, &end, now, jitter)).collect();
    let mut row = deliverer::row(hub, first, sent, end, &nexts[0], (0, started_at, now));
    if parts.len() > 1 && row.response_body.len() > KEPT_ANSWER {
        row.response_body.truncate(KEPT_ANSWER);
        row.response_truncated = true;
    }
    for (index, ((job, content), next)) in parts.into_iter().zip(nexts).enumerate() {
        let own = AttemptRow {
            delivery_id: job.row.id.clone(),
            ordering_key: job.row.ordering_key.clone(),
            id: hub.id(AttemptId::new),
            number: job.row.attempt_count + 1,
            request_body: content.made.or_else(|| row.request_body.clone().filter(|_| index == 0)),
            lease: job.lease,
            status: next.status,
            next_attempt_at: next.due_at,
            // One request says one thing about the endpoint.
            health: health.filter(|_| index == 0),
            ..row.clone()
        };
        attempts.push((job, own));
    }
    (attempts, left)
}

/// An id made of the deliveries: of the time of the first, and of all of them.
fn batch_id(parts: &[Part]) -> BatchId {
    let mut ids: Vec<_> = parts.iter().map(|(job, _)| &job.row.id).collect();
    ids.sort();
    let mut hash = Sha256::new();
    ids.iter().for_each(|id| hash.update(id.as_str()));
    let hash = hash.finalize();
    let made_at = parts.iter().map(|(job, _)| job.row.created_at).min().unwrap_or(Timestamp(0));
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&hash[..10]);
    BatchId::new(made_at.0, bytes)
}

/// The body of a request: the bodies of its deliveries, as each would be pushed alone.
fn body(id: &BatchId, parts: &[Part]) -> Bytes {
    let size: usize = parts.iter().map(|(_, content)| content.body.len() + 1).sum();
    let mut body = Vec::with_capacity(size + 64);
    // Ids are ASCII: nothing needs escaping.
    body.extend_from_slice(format!(r#"{{"batch_id":"{id}","events":["#).as_bytes());
    for (index, (_, content)) in parts.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&content.body);
    }
    body.extend_from_slice(b"]}");
    body.into()
}
