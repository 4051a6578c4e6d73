//! Sends what waits in the lanes and stores what came of it.

use std::sync::Arc;

use tracing::Instrument as _;

use crate::delivery::send::{self, Sent};
use crate::delivery::state::{AttemptResult, NextState, Policy, next_state, retry_after_ms};
use crate::delivery::store::AttemptRow;
use crate::delivery::{DeliveryStatus, DeliverySummary, ErrorClass, Outcome};
use crate::directory::{Entry, Route};
use crate::endpoint::{Controls, EndpointStatus, StatusAction};
use crate::failure::Change;
use crate::id::AttemptId;
use crate::live::Notice;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::worker::lanes::{Job, Lanes, Left, Request, Turn, Verdict};
use crate::worker::{batcher, claimer};
use crate::{Hub, commit};

/// The shortest timeout that an endpoint may have, in microseconds. A lease that is running out leaves less, in which no
/// connection has to come about.
const SHORTEST_TIMEOUT_US: i64 = 1_000_000;

/// Starts as many attempts as may start now. Called whenever a lane gained work or a place became free.
pub(crate) fn pump(hub: &Hub) {
    while let Some(turn) = hub.lanes.next(hub.now()) {
        match turn {
            Turn::Send(job) => {
                hub.attempts.spawn(deliver(hub.clone(), *job));
            }
            Turn::Batch(jobs) => {
                hub.attempts.spawn(batcher::deliver(hub.clone(), jobs));
            }
            Turn::Back(jobs, until) => {
                let own = hub.clone();
                hub.attempts.spawn(async move { hand_back(&own, jobs, until).await });
            }
            Turn::Hold(jobs) => {
                let own = hub.clone();
                hub.attempts.spawn(async move { hold(&own, jobs).await });
            }
            Turn::Ask(request) => {
                hub.attempts.spawn(ask(hub.clone(), request));
            }
        }
    }
}

/// Bytes of the task of one delivery: it is made, moved and freed for each.
#[cfg(test)]
pub(super) fn size_of_delivery() -> usize {
    const fn size<F>(_: &impl Fn(Hub, Job) -> F) -> usize {
        size_of::<F>()
    }
    size(&deliver)
}

/// Asks what holds the rate limits of all nodes how many deliveries may go. Without an answer the nodes divide the limits
/// among themselves until the next one.
async fn ask(hub: Hub, request: Request) {
    let Some(redis) = &hub.redis else { return };
    let Request { endpoint_id, interval_ms, burst_ms, wanted } = &request;
    let asked_at = hub.now();
    match redis.reserve(endpoint_id, *interval_ms, *burst_ms, *wanted).await {
        Ok(reserved) => {
            let now = hub.now();
            hub.lanes.grant(&request, reserved.granted, now.plus_ms(reserved.used_ms), asked_at, now);
        }
        Err(error) => {
            if hub.lanes.set_shared(false) {
                tracing::warn!(%error, "Redis does not answer: the nodes divide the rate limits among themselves");
            }
        }
    }
    pump(&hub);
}

/// One attempt from start to end: sign, send, decide, store, tell.
async fn deliver(hub: Hub, job: Job) {
    let place = Place::new(&hub, job.route.id.clone());
    let Some(route) = still_goes(&hub, &job).await else {
        return Box::pin(give_back(&hub, place, vec![job])).await;
    };
    let job = Job { route, ..job };
    let (row, left, place) = attempt(&hub, &job, place).await;
    let row = Arc::new(row);
    let stored = commit::attempt(&hub, Arc::clone(&row));
    // Only now, so that whoever waits for all attempts to end waits for their results too.
    drop(place);
    pump(&hub);
    if !left.held.is_empty() {
        Box::pin(hold(&hub, left.held)).await;
    }
    let held = stored.await.unwrap_or(false);
    if left.recovered {
        Box::pin(release(&hub, &job.route)).await;
    }
    stored_as(&hub, &job, &row, held);
}

/// The endpoint by which a delivery goes that waited in its lane, alone or before others: none if it must be claimed anew.
pub(super) async fn still_goes(hub: &Hub, job: &Job) -> Option<Arc<Route>> {
    let org_id = &job.route.org_id;
    let known = match crate::directory::entry(hub, org_id).await {
        Ok(entry) => Some(entry),
        // Its lease holds: what was known last must do.
        Err(_) => hub.directory.known(org_id, false, hub.now()),
    };
    goes(known.as_deref(), job, hub.now())
}

/// The same, where this is known of the organization by now, if anything is: none if the endpoint was changed, stopped or
/// deleted since the delivery joined the lane, if its receiver fetches, or if the look took so long that the lease has no room
/// for an attempt.
pub(super) fn goes(known: Option<&Entry>, job: &Job, now: Timestamp) -> Option<Arc<Route>> {
    if job.is_stale(now) {
        return None;
    }
    let Some(known) = known else { return Some(Arc::clone(&job.route)) };
    let newest = known.route(&job.route.id);
    let newest = newest.filter(|now| now.status == EndpointStatus::Active && !now.controls.delivery.is_pull())?;
    match job.row.endpoint_version {
        // It is to go as the endpoint was then.
        Some(version) if version == job.route.version => Some(Arc::clone(&job.route)),
        _ => (newest.version == job.route.version).then(|| Arc::clone(newest)),
    }
}

/// Gives back what does not go any more, to be claimed anew.
pub(super) async fn give_back(hub: &Hub, place: Place, jobs: Vec<Job>) {
    hub.lanes.judge(&place.id, Verdict::Neutral, None, hub.now());
    drop(place);
    pump(hub);
    hand_back(hub, jobs, hub.now()).await;
    hub.wake(Work::Due);
}

/// Lets everything go that was held for an endpoint that has recovered.
pub(super) async fn release(hub: &Hub, route: &Route) {
    if let Err(error) = claimer::release(hub, &route.id).await {
        tracing::warn!(%error, "held deliveries were not all released; the sweeper releases the rest");
    }
}

/// After the commit: counts the attempt and tells of it, where its lease held.
pub(super) fn stored_as(hub: &Hub, job: &Job, row: &AttemptRow, held: bool) {
    if !held {
        tracing::info!(delivery = %row.delivery_id, "the lease was gone when the attempt ended; another worker decides");
        return;
    }
    if row.next_attempt_at.is_some() || row.ordering_key.is_some() {
        hub.wake(Work::Due);
    }
    crate::figures::attempted(row, job.row.created_at);
    tell(hub, job, row);
}

/// Frees the lane's place when it goes: a panic must not keep it for ever.
pub(super) struct Place {
    hub: Hub,
    id: crate::id::EndpointId,
    took_ms: f64,
    timed_out: bool,
}

impl Place {
    pub(super) fn new(hub: &Hub, id: crate::id::EndpointId) -> Self {
        Self { hub: hub.clone(), id, took_ms: 0.0, timed_out: false }
    }

    /// Notes how long the request took.
    pub(super) fn took(&mut self, sent: &Sent, end: &Ending) {
        self.took_ms = sent.exchange().map_or(0.0, |exchange| exchange.timing.total_us as f64 / 1000.0);
        self.timed_out = end.result.outcome == Outcome::TimedOut;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hub.lanes.leave(&self.id, self.took_ms, self.timed_out);
    }
}

/// Sends once and decides what comes next.
async fn attempt(hub: &Hub, job: &Job, mut place: Place) -> (AttemptRow, Left, Place) {
    let started_at = hub.now();
    let span = span(job);
    let sent = send::send(hub, job, started_at).instrument(span.clone()).await;
    let now = hub.now();
    let end = Ending::of(&sent, now);
    span.record("outcome", end.result.outcome.as_str());
    span.record("code", end.result.code);
    place.took(&sent, &end);
    let number = job.row.attempt_count + 1;
    let next = next(job, &sent, &end, now, hub.random.unit());
    let (left, health) = conclude(&hub.lanes, &job.route, &end, &next, now);
    if left.opened.is_some() {
        crate::figures::breaker_opened();
    }
    let mut row = row(hub, job, sent, end, &next, (number, started_at, now));
    row.health = health;
    row.tells = tells(hub, job, &row).await;
    (row, left, place)
}

/// The event of the hub itself that goes with an attempt.
pub(super) async fn tells(hub: &Hub, job: &Job, row: &AttemptRow) -> Option<Box<crate::event::store::NewRow>> {
    if row.status.is_final() && (row.status == DeliveryStatus::Failed || job.row.replay_of.is_some()) {
        let entry = crate::directory::entry(hub, &job.row.org_id).await.ok()?;
        return crate::alert::events::of_attempt(hub, &entry, &job.route, &job.row, row);
    }
    None
}

/// The attempt in a trace.
fn span(job: &Job) -> tracing::Span {
    tracing::debug_span!(
        "attempt",
        org_id = job.row.org_id.as_str(),
        endpoint_id = job.row.endpoint_id.as_str(),
        delivery_id = job.row.id.as_str(),
        event_id = job.row.event_id.as_str(),
        number = job.row.attempt_count + 1,
        outcome = tracing::field::Empty,
        code = tracing::field::Empty,
    )
}

/// What comes after an attempt.
pub(super) fn next(job: &Job, sent: &Sent, end: &Ending, now: Timestamp, jitter: f64) -> NextState {
    match sent {
        Sent::Nothing(_) => NextState { status: DeliveryStatus::Skipped, due_at: None, disable_endpoint: false },
        _ => after(job, end, now, jitter),
    }
}

/// What comes after an attempt for which something was to be sent.
pub(super) fn after(job: &Job, end: &Ending, now: Timestamp, jitter: f64) -> NextState {
    let policy = Policy { retry: &job.route.retry, controls: &job.route.controls };
    let next = next_state(end.result, job.row.attempt_count + 1, policy, now, jitter);
    NextState { due_at: next.due_at.map(|at| job.route.after_quiet(at, job.row.cause)), ..next }
}

/// Tells the breakers how an attempt ended; answers what that changed, and what has to be kept of it.
pub(super) fn conclude(
    lanes: &Lanes,
    route: &Route,
    end: &Ending,
    next: &NextState,
    now: Timestamp,
) -> (Left, Option<Change>) {
    let verdict = verdict(&route.controls, end, next);
    let left = lanes.judge(&route.id, verdict, end.reached, now);
    let health = match verdict {
        _ if next.disable_endpoint => Some(Change::Gone),
        Verdict::Bad => Some(Change::Failed(left.opened)),
        Verdict::Good if left.recovered => Some(Change::Recovered),
        Verdict::Neutral if left.no_probe => Some(Change::NoProbe),
        Verdict::Good | Verdict::Neutral => None,
    };
    (left, health)
}

/// How an attempt ended, in the words of the log.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) result: AttemptResult,
    pub(super) error_class: Option<ErrorClass>,
    pub(super) error: Option<String>,
    /// Whether it reached the host; none if nothing went out.
    pub(super) reached: Option<bool>,
}

impl Ending {
    pub(super) fn of(sent: &Sent, now: Timestamp) -> Self {
        let reached = sent.exchange().and_then(reached);
        let (outcome, code, error_class, error) = match sent {
            Sent::Request { exchange, .. } => classify(exchange),
            Sent::Nothing(sentence) => (Outcome::NotSent, None, None, Some((*sentence).to_owned())),
            Sent::Failed(class, sentence) => (Outcome::NotSent, None, Some(*class), Some(sentence.clone())),
        };
        if let Sent::Request { refusal: Some(refusal), .. } = sent {
            let (action, retry_after_ms) = (Some(refusal.action), refusal.retry_after_ms);
            let result = AttemptResult { outcome: Outcome::Rejected, code, retry_after_ms, action };
            let error = Some(refusal.sentence.clone());
            return Self { result, error_class: Some(ErrorClass::Provider), error, reached };
        }
        let retry_after_ms = sent
            .exchange()
            .and_then(|exchange| exchange.outcome.as_ref().ok())
            .and_then(|response| retry_after_ms(response.header("retry-after")?, now));
        Self { result: AttemptResult { outcome, code, retry_after_ms, action: None }, error_class, error, reached }
    }
}

/// Whether an exchange reached its host, answered or not; none if it was refused before it went out, or had too little time to.
fn reached(exchange: &guarded_http::Exchange) -> Option<bool> {
    use guarded_http::FailureClass as F;
    let connected = exchange.reused || exchange.timing.connect_us.is_some();
    match &exchange.outcome {
        Err(failure) if !connected => match failure.class {
            F::Dns | F::Connect => Some(false),
            F::Timeout if exchange.timing.total_us >= SHORTEST_TIMEOUT_US => Some(false),
            _ => None,
        },
        _ => Some(true),
    }
}

/// What the attempt says about its endpoint. An answer that was given on purpose (429, or one whose rule is not to try
/// again) and a failing transformation say nothing about it.
fn verdict(controls: &Controls, end: &Ending, next: &NextState) -> Verdict {
    let is_meant = |code: i64| code == 429 || controls.action_for(code) != StatusAction::Retry;
    match (end.result.outcome, end.error_class) {
        (Outcome::Succeeded, _) => Verdict::Good,
        (Outcome::NotSent, Some(ErrorClass::Auth)) => Verdict::Bad,
        (Outcome::NotSent, _) => Verdict::Neutral,
        (Outcome::Rejected, _) if end.result.code.is_some_and(is_meant) => Verdict::Neutral,
        // What a provider refuses for good says something about this message or its channel, and is told there.
        (Outcome::Rejected, Some(ErrorClass::Provider)) if next.status == DeliveryStatus::Failed => Verdict::Neutral,
        (Outcome::Rejected, _) if next.status == DeliveryStatus::Failed && next.disable_endpoint => Verdict::Neutral,
        _ => Verdict::Bad,
    }
}

/// The attempt as it is stored.
pub(super) fn row(
    hub: &Hub,
    job: &Job,
    sent: Sent,
    end: Ending,
    next: &NextState,
    (number, started_at, ended_at): (i64, Timestamp, Timestamp),
) -> AttemptRow {
    let (exchange, request_headers, request_body) = match sent {
        Sent::Request { exchange, record, body, .. } => (Some(*exchange), record, body),
        Sent::Nothing(_) | Sent::Failed(..) => (None, "[]".to_owned(), None),
    };
    let timing = exchange.as_ref().map(|exchange| exchange.timing).unwrap_or_default();
    let (remote, tls, outcome) = match exchange {
        Some(exchange) => (exchange.remote, exchange.tls, exchange.outcome.ok()),
        None => (None, None, None),
    };
    let (response_headers, response_body, response_truncated) = match outcome {
        Some(response) => (
            serde_json::to_string(&response.headers).unwrap_or_else(|_| "[]".into()),
            response.body.to_vec(),
            response.body_truncated,
        ),
        None => ("[]".to_owned(), Vec::new(), false),
    };
    AttemptRow {
        org_id: job.row.org_id.clone(),
        delivery_id: job.row.id.clone(),
        endpoint_id: job.route.id.clone(),
        ordering_key: job.row.ordering_key.clone(),
        id: hub.id(AttemptId::new),
        number,
        started_at,
        outcome: end.result.outcome,
        code: end.result.code,
        error_class: end.error_class,
        error: end.error,
        timing,
        remote: remote.map(|address| address.to_string()),
        tls,
        url: job.route.url.clone(),
        request_headers,
        endpoint_version: job.route.version,
        request_body,
        response_headers,
        response_body,
        response_truncated,
        lease: job.lease,
        status: next.status,
        next_attempt_at: next.due_at,
        ended_at,
        health: None,
        tells: None,
    }
}

fn classify(exchange: &guarded_http::Exchange) -> (Outcome, Option<i64>, Option<ErrorClass>, Option<String>) {
    use guarded_http::FailureClass as F;
    match &exchange.outcome {
        Ok(response) if (200..300).contains(&response.status) => {
            (Outcome::Succeeded, Some(response.status.into()), None, None)
        }
        Ok(response) => {
            let sentence = match response.status {
                300..400 => format!("The receiver answered {}: redirects are not followed.", response.status),
                410 => "The receiver answered 410 Gone: it wants no more deliveries.".to_owned(),
                429 => "The receiver answered 429: it asks for fewer deliveries.".to_owned(),
                status => format!("The receiver answered {status}."),
            };
            (Outcome::Rejected, Some(response.status.into()), Some(ErrorClass::Http), Some(sentence))
        }
        Err(failure) => {
            let (outcome, class) = match failure.class {
                F::Timeout => (Outcome::TimedOut, ErrorClass::Timeout),
                F::Dns => (Outcome::Unreachable, ErrorClass::Dns),
                F::BlockedIp => (Outcome::Unreachable, ErrorClass::BlockedIp),
                F::Connect => (Outcome::Unreachable, ErrorClass::Connect),
                F::Tls => (Outcome::Unreachable, ErrorClass::Tls),
                F::Reset => (Outcome::Unreachable, ErrorClass::Reset),
                F::Protocol => (Outcome::Unreachable, ErrorClass::Protocol),
                F::TooLarge => (Outcome::Unreachable, ErrorClass::TooLarge),
            };
            (outcome, None, Some(class), Some(failure.message.clone()))
        }
    }
}

/// Tells open pages what the row is now.
fn tell(hub: &Hub, job: &Job, attempt: &AttemptRow) {
    if hub.bus.is_watched(&job.row.org_id) {
        hub.bus.notify(&job.row.org_id, Notice::Delivery(Box::new(summary(&job.row, &job.route, Some(attempt)))));
    }
}

/// The row of the log for a delivery, as it is made or after an attempt.
pub(crate) fn summary(
    row: &crate::delivery::store::Row,
    route: &Arc<Route>,
    attempt: Option<&AttemptRow>,
) -> DeliverySummary {
    let finished = attempt.filter(|a| a.status.is_final()).map(|a| a.ended_at);
    DeliverySummary {
        id: row.id.clone(),
        event_id: row.event_id.clone(),
        event_type: row.event_type.clone(),
        endpoint_id: row.endpoint_id.clone(),
        endpoint_name: route.name.clone(),
        status: attempt.map_or(row.status, |a| a.status),
        trigger: row.cause,
        attempt_count: attempt.map_or(row.attempt_count, |a| a.number),
        max_attempts: row.max_attempts,
        last_code: attempt.and_then(|a| a.code),
        last_error: attempt.and_then(|a| a.error_class),
        last_duration_us: attempt.map(|a| a.timing.total_us),
        next_attempt_at: attempt.and_then(|a| a.next_attempt_at),
        waits_for: row.waits_for.filter(|_| attempt.is_none()),
        ordering_key: row.ordering_key.clone(),
        created_at: row.created_at,
        updated_at: attempt.map_or(row.created_at, |a| a.ended_at),
        finished_at: finished,
        replay_of: row.replay_of.clone(),
    }
}

/// Gives back the leases of what has not been sent; it is due at `at`, here, in another process or at the next start.
pub(crate) async fn hand_back(hub: &Hub, jobs: Vec<Job>, at: Timestamp) {
    let rows: Vec<_> = jobs.into_iter().map(|job| (job.row.org_id, job.row.id, job.lease, at)).collect();
    if rows.is_empty() {
        return;
    }
    let given = async {
        let mut tx = hub.db.begin().await?;
        crate::delivery::store::postpone(&mut tx, &rows).await?;
        tx.commit().await
    };
    if let Err(error) = given.await {
        tracing::warn!(%error, "leases could not be handed back; they lapse within a minute");
    }
}

/// Holds what waited in a lane whose circuit breaker opened.
pub(super) async fn hold(hub: &Hub, jobs: Vec<Job>) {
    let rows: Vec<_> = jobs.into_iter().map(|job| (job.row.org_id, job.row.id, job.lease)).collect();
    if rows.is_empty() {
        return;
    }
    let held = async {
        let mut tx = hub.db.begin().await?;
        crate::delivery::waiting::hold(&mut tx, &rows).await?;
        tx.commit().await
    };
    if let Err(error) = held.await {
        tracing::warn!(%error, "leases could not be turned into waiting; they lapse within a minute");
    }
}
