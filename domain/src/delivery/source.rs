//! The queue of one endpoint as its receiver meets it: deliveries become messages on the way out, and delivered once they are
//! committed. Behind `pull.rs`, which knows who asks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::pull::{Message, Messages, cursor};
use super::queue::{self, Leaving};
use super::store::{self, AttemptRow, Row};
use super::{DeliveryStatus, ErrorClass, Outcome, request, waiting};
use crate::db::Tx;
use crate::directory::{Entry, Route};
use crate::event::store::Load;
use crate::id::{AttemptId, DeliveryId, EndpointId, EventId, OrgId};
use crate::live::Notice;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::worker::deliverer;
use crate::{Caller, Error, Hub, Result, event, transformation};

/// An answer is cut here, in bytes of its messages.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// An answer is cut when transformations have taken this long.
pub(super) const MAX_WORK: Duration = Duration::from_secs(4);
/// Payloads that are in memory at a time.
const LOADED: usize = 16;
/// Deliveries committed in one transaction.
pub(super) const PIECE: i64 = 500;

/// What comes of a delivery that is to be handed out.
enum Made {
    Message(Box<Message>),
    /// The transformation chose to send nothing.
    Nothing,
    /// The transformation failed, and how.
    Failed(String),
    /// No transformation could run just now.
    Busy,
    /// The payload was erased.
    Gone,
}

/// An endpoint whose receiver fetches from it.
pub(super) struct Source<'a> {
    hub: &'a Hub,
    entry: Arc<Entry>,
    pub(super) route: Arc<Route>,
}

impl<'a> Source<'a> {
    /// Finds it.
    ///
    /// # Errors
    /// Not found; it is pushed to.
    pub(super) async fn find(hub: &'a Hub, org_id: &OrgId, id: &EndpointId) -> Result<Self> {
        let entry = crate::directory::entry(hub, org_id).await?;
        let route = Arc::clone(entry.route(id).ok_or_else(|| Error::not_found("endpoint"))?);
        if !route.controls.delivery.is_pull() {
            return Err(Error::conflict(
                "endpoint_not_pulled",
                "Deliveries of this endpoint are pushed to its URL. Set `delivery` to `{\"form\":\"pull\"}` to fetch them.",
            ));
        }
        Ok(Self { hub, entry, route })
    }

    /// Makes messages of deliveries. Those of which nothing can be sent end here. The answer is cut where it becomes too
    /// large or takes too long.
    pub(super) async fn hand_out(&self, rows: Vec<Row>, limit: usize) -> Result<Messages> {
        let (began, mut bytes) = (Instant::now(), 0);
        let mut answer = Messages { data: Vec::new(), next_cursor: None, has_more: rows.len() > limit };
        let rows: Vec<Row> = rows.into_iter().take(limit).collect();
        let mut events = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            if bytes > MAX_BYTES || began.elapsed() > MAX_WORK {
                answer.has_more = true;
                break;
            }
            if index % LOADED == 0 {
                events = self.load(&rows[index..rows.len().min(index + LOADED)]).await?;
            }
            let started_at = self.hub.now();
            let made = match events.get(&row.event_id) {
                Some(event) => self.make(row, event).await,
                None => Made::Gone,
            };
            match made {
                Made::Message(message) => {
                    bytes += message.body.len();
                    answer.data.push(*message);
                    answer.next_cursor = row.order_number.map(|number| cursor(&row.endpoint_id, number));
                }
                Made::Busy if answer.data.is_empty() => {
                    return Err(Error::unavailable("Too many transformations run. Fetch again in a moment."));
                }
                Made::Busy => {
                    answer.has_more = true;
                    break;
                }
                Made::Gone => self.end(row, DeliveryStatus::Failed, None, started_at).await?,
                Made::Nothing => {
                    let sentence = "The transformation answered that nothing is to be sent.".to_owned();
                    self.end(row, DeliveryStatus::Skipped, Some(sentence), started_at).await?;
                }
                Made::Failed(sentence) => {
                    self.end(row, DeliveryStatus::Failed, Some(sentence), started_at).await?;
                }
            }
        }
        Ok(answer)
    }

    /// The events of deliveries, but for those whose payload was erased.
    async fn load(&self, rows: &[Row]) -> Result<HashMap<EventId, Load>> {
        let mut ids: Vec<EventId> = rows.iter().map(|row| row.event_id.clone()).collect();
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let loaded = event::store::load(&mut self.hub.db.read().await?, &self.route.org_id, &ids).await?;
        Ok(loaded.into_iter().map(|event| (event.0.clone(), event)).collect())
    }

    /// Transforms and signs.
    async fn make(&self, row: &Row, (id, event_type, timestamp, data): &Load) -> Made {
        let hub = self.hub;
        let route = match row.endpoint_version.filter(|version| *version != self.route.version) {
            Some(version) => {
                let then = crate::directory::as_of(hub, &row.org_id, &row.endpoint_id, version).await;
                then.unwrap_or_else(|_| Arc::clone(&self.route))
            }
            None => Arc::clone(&self.route),
        };
        let own = String::from_utf8(event::body(id, event_type, *timestamp, data));
        let Ok(mut body) = own else { return Made::Failed("The event is not UTF-8.".into()) };
        let mut extra = Vec::new();
        if let Some(script) = &route.script {
            let run = transformation::run(hub, &row.org_id, script, id, &body).await;
            if matches!(run.result, Err(sandbox::ScriptError::Busy)) {
                return Made::Busy;
            }
            match transformation::outcome(run) {
                Ok(Some(made)) => (body, extra) = made,
                Ok(None) => return Made::Nothing,
                Err(sentence) => return Made::Failed(sentence),
            }
        }
        let signed = request::sign(&route, id.as_str(), &Bytes::from(body.clone()), hub.now(), None, extra);
        // The endpoint's own headers are for its URL.
        let shown = signed.headers.iter().filter(|(_, value)| !value.is_sensitive());
        let text = |value: &http::HeaderValue| value.to_str().ok().map(str::to_owned);
        Made::Message(Box::new(Message {
            delivery_id: row.id.clone(),
            webhook_id: id.clone(),
            event_type: event_type.clone(),
            timestamp: *timestamp,
            headers: shown.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect(),
            body,
        }))
    }

    /// Ends a delivery of which nothing can be handed out: with an attempt that says why, or without one where its payload
    /// is gone.
    async fn end(&self, row: &Row, status: DeliveryStatus, why: Option<String>, started_at: Timestamp) -> Result<()> {
        let now = self.hub.now();
        let failed = why.is_some() && status == DeliveryStatus::Failed;
        let error_class = failed.then_some(ErrorClass::Transformation);
        let how = Leaving { status, error_class, attempted: why.is_some(), now };
        let mut tx = self.hub.db.begin().await?;
        queue::lock(&mut tx, &self.route.id).await?;
        let ids = std::slice::from_ref(&row.id);
        let left = queue::leave(&mut tx, &self.route.org_id, &self.route.id, ids, how).await?;
        let Some(left) = left.into_iter().next() else { return Ok(()) };
        let attempt = why.map(|sentence| AttemptRow {
            outcome: Outcome::NotSent,
            error_class,
            error: Some(sentence),
            status,
            started_at,
            ..self.attempt(&left, now)
        });
        self.settle(tx, vec![(left, attempt)]).await
    }

    /// Takes these out of the queue; answers how many were in it.
    pub(super) async fn take_each(&self, ids: &[DeliveryId], caller: &Caller) -> Result<i64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let (now, status) = (self.hub.now(), DeliveryStatus::Delivered);
        let how = Leaving { status, error_class: None, attempted: true, now };
        let mut tx = self.hub.db.begin().await?;
        queue::lock(&mut tx, &self.route.id).await?;
        let rows = queue::leave(&mut tx, &self.route.org_id, &self.route.id, ids, how).await?;
        self.keep(tx, rows, caller, now).await
    }

    /// Takes the next piece up to a place out of the queue; answers how many that were.
    pub(super) async fn take_up_to(&self, number: i64, caller: &Caller) -> Result<i64> {
        let now = self.hub.now();
        let mut tx = self.hub.db.begin().await?;
        queue::lock(&mut tx, &self.route.id).await?;
        let rows = queue::leave_up_to(&mut tx, &self.route.org_id, &self.route.id, number, (now, PIECE)).await?;
        self.keep(tx, rows, caller, now).await
    }

    /// Keeps an attempt of each delivery that was taken, which says by whom.
    async fn keep(&self, tx: Tx, mut rows: Vec<Row>, caller: &Caller, now: Timestamp) -> Result<i64> {
        rows.sort_by_key(|row| row.order_number);
        let count = rows.len() as i64;
        let left = rows.into_iter().map(|row| {
            let attempt = AttemptRow { remote: caller.ip.clone(), ..self.attempt(&row, now) };
            (row, Some(attempt))
        });
        self.settle(tx, left.collect()).await?;
        Ok(count)
    }

    /// The attempt by which a delivery left the queue, delivered.
    fn attempt(&self, row: &Row, now: Timestamp) -> AttemptRow {
        AttemptRow {
            org_id: row.org_id.clone(),
            delivery_id: row.id.clone(),
            endpoint_id: row.endpoint_id.clone(),
            ordering_key: row.ordering_key.clone(),
            id: self.hub.id(AttemptId::new),
            number: row.attempt_count,
            started_at: now,
            outcome: Outcome::Succeeded,
            code: None,
            error_class: None,
            error: None,
            timing: guarded_http::Timing::default(),
            remote: None,
            tls: None,
            url: format!("{}/api/v1/endpoints/{}/messages", self.hub.settings.base_url, row.endpoint_id),
            request_headers: "[]".to_owned(),
            endpoint_version: self.route.version,
            request_body: None,
            response_headers: "[]".to_owned(),
            response_body: Vec::new(),
            response_truncated: false,
            lease: now,
            status: DeliveryStatus::Delivered,
            next_attempt_at: None,
            ended_at: now,
            health: None,
            tells: None,
        }
    }

    /// Stores the attempts of deliveries that left the queue, with what follows from them, and tells open pages.
    async fn settle(&self, mut tx: Tx, mut left: Vec<(Row, Option<AttemptRow>)>) -> Result<()> {
        let (hub, route) = (self.hub, &self.route);
        let mut told = Vec::new();
        for (row, attempt) in &mut left {
            let Some(attempt) = attempt else { continue };
            attempt.tells = crate::alert::events::of_attempt(hub, &self.entry, route, row, attempt);
            told.extend(attempt.tells.as_deref().cloned());
            // One that was planned for the former URL may stand behind it.
            waiting::next_in_line(&mut tx, attempt).await?;
        }
        let attempts: Vec<AttemptRow> = left.iter().filter_map(|(_, attempt)| attempt.clone()).collect();
        store::insert_attempts(&mut tx, &attempts).await?;
        event::store::insert(&mut tx, &told).await?;
        tx.commit().await?;
        if !told.is_empty() {
            hub.wake(Work::Dispatch);
        }
        let watched = hub.bus.is_watched(&route.org_id);
        for (row, attempt) in &left {
            if let Some(attempt) = attempt {
                crate::figures::attempted(attempt, row.created_at);
            }
            if watched {
                let summary = deliverer::summary(row, route, attempt.as_ref());
                hub.bus.notify(&row.org_id, Notice::Delivery(Box::new(summary)));
            }
        }
        Ok(())
    }
}
