//! The database of a simulation: each function says again, in a few lines, what the statement of the same name says in
//! SQL. Each is one transaction, or part of one: the world lets nothing happen in between.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Bug;
use super::world::Endpoint;
use crate::delivery::store::{AttemptRow, Row, Taking};
use crate::delivery::waiting::Line;
use crate::delivery::{DeliveryStatus, WaitsFor};
use crate::directory::Route;
use crate::endpoint::EndpointStatus;
use crate::endpoint::breaker::{Breaker, PROBE_MS};
use crate::failure::Fold;
use crate::id::{AttemptId, DeliveryId, EndpointId, OrgId};
use crate::time::Timestamp;

/// A row of `deliveries`. Its place in the table is the order in which it was accepted.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) row: Row,
    pub(super) next_attempt_at: Option<Timestamp>,
    pub(super) updated_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
}

/// A row of `endpoint_failures`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    failures: i64,
    first_at: Timestamp,
    open_until: Option<Timestamp>,
    pause_ms: Option<i64>,
    probe_until: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct Store {
    pub(super) deliveries: Vec<Delivery>,
    places: HashMap<DeliveryId, usize>,
    attempts: HashSet<AttemptId>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) failures: Vec<Option<Failure>>,
    bug: Bug,
}

impl Store {
    pub(super) fn new(endpoints: Vec<Endpoint>, bug: Bug) -> Self {
        let failures = vec![None; endpoints.len()];
        Self { deliveries: Vec::new(), places: HashMap::new(), attempts: HashSet::new(), endpoints, failures, bug }
    }

    /// An endpoint's place in the table.
    pub(super) fn endpoint(&self, id: &EndpointId) -> usize {
        self.endpoints.iter().position(|e| e.id == *id).expect("endpoints are never deleted here")
    }

    /// A delivery's place in the table.
    pub(super) fn place(&self, id: &DeliveryId) -> usize {
        self.places[id]
    }

    pub(super) fn has(&self, id: &DeliveryId) -> bool {
        self.places.contains_key(id)
    }

    /// `directory::read`: the endpoints of an organization with their stored breakers.
    pub(super) fn routes(&self, org: usize) -> Vec<Arc<Route>> {
        let of_org = self.endpoints.iter().zip(&self.failures).filter(|(endpoint, _)| endpoint.org == org);
        of_org
            .map(|(endpoint, failure)| {
                let stored = |f: &Failure| Breaker::stored(f.failures, f.open_until, f.pause_ms.unwrap_or(0));
                Arc::new(endpoint.route(failure.as_ref().map(stored)))
            })
            .collect()
    }

    // -- delivery/store.rs

    /// `delivery::store::insert`.
    pub(super) fn insert(&mut self, row: Row) {
        self.places.insert(row.id.clone(), self.deliveries.len());
        let updated_at = row.created_at;
        self.deliveries.push(Delivery { row, next_attempt_at: None, updated_at, finished_at: None });
    }

    /// `delivery::store::insert_attempts`, of one whose id is new.
    pub(super) fn insert_attempt(&mut self, row: &AttemptRow) {
        self.attempts.insert(row.id.clone());
    }

    pub(super) fn knows_attempt(&self, id: &AttemptId) -> bool {
        self.attempts.contains(id)
    }

    /// Whether `delivery::store::finish` will take an attempt.
    pub(super) fn takes(&self, attempt: &AttemptRow) -> bool {
        let row = &self.deliveries[self.places[&attempt.delivery_id]].row;
        row.due_at == Some(attempt.lease) || self.bug == Bug::FinishIgnoresLease
    }

    /// `delivery::store::finish`, of one attempt.
    pub(super) fn finish(&mut self, attempt: &AttemptRow) -> bool {
        if !self.takes(attempt) {
            return false;
        }
        let d = &mut self.deliveries[self.places[&attempt.delivery_id]];
        d.row.status = attempt.status;
        d.row.attempt_count = attempt.number;
        d.row.due_at = attempt.next_attempt_at;
        d.next_attempt_at = attempt.next_attempt_at;
        d.updated_at = attempt.ended_at;
        d.finished_at = attempt.status.is_final().then_some(attempt.ended_at);
        true
    }

    /// `delivery::store::any_due`, and when the next one is.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.deliveries.iter().filter_map(|d| d.row.due_at).min()
    }

    /// `delivery::store::claim`: answers what was claimed, each with the time it was due.
    pub(super) fn claim(&mut self, now: Timestamp, margin_ms: i64, limit: i64) -> Vec<(usize, Timestamp)> {
        let early = self.bug == Bug::RetryIgnoresDueTime;
        let due = |d: &Delivery| {
            d.row.due_at.filter(|at| {
                *at <= now || early && d.row.status == DeliveryStatus::Retrying && d.next_attempt_at == Some(*at)
            })
        };
        let mut claimed: Vec<(usize, Timestamp)> =
            self.deliveries.iter().enumerate().filter_map(|(place, d)| Some((place, due(d)?))).collect();
        claimed.sort_by_key(|(_, due_at)| *due_at);
        claimed.truncate(limit as usize);
        for (place, _) in &claimed {
            let endpoint = self.endpoint(&self.deliveries[*place].row.endpoint_id);
            let lease = now.plus_ms(margin_ms + self.endpoints[endpoint].timeout_ms);
            self.deliveries[*place].row.due_at = Some(lease);
        }
        claimed
    }

    /// `delivery::store::take`: answers what was taken.
    pub(super) fn take(&mut self, wanted: &[Taking]) -> Vec<usize> {
        let mut taken = Vec::new();
        for one in wanted {
            let place = self.places[&one.id];
            let d = &mut self.deliveries[place];
            let untried = d.row.status == DeliveryStatus::Pending && d.row.attempt_count == 0;
            let offered = match self.bug {
                Bug::TakeIgnoresLease => untried && d.row.due_at.is_some(),
                Bug::OffersNeverLapse => untried && (d.row.due_at, d.row.waits_for) == (None, None),
                _ => untried && d.row.due_at == Some(one.offered),
            };
            if offered {
                d.row.due_at = Some(one.lease);
                taken.push(place);
            }
        }
        taken
    }

    /// `delivery::store::break_leases`.
    pub(super) fn break_leases(&mut self, started_at: Timestamp) {
        for d in &mut self.deliveries {
            let leased = d.next_attempt_at.is_none() || d.row.due_at != d.next_attempt_at;
            if d.row.due_at > Some(started_at) && d.updated_at < started_at && leased {
                d.row.due_at = Some(started_at);
            }
        }
    }

    /// `delivery::store::postpone`.
    pub(super) fn postpone(&mut self, rows: &[(OrgId, DeliveryId, Timestamp, Timestamp)]) {
        for (_, id, lease, at) in rows {
            let row = &mut self.deliveries[self.places[id]].row;
            if row.due_at == Some(*lease) {
                row.due_at = Some(*at);
            }
        }
    }

    /// `delivery::store::set_aside`, as paused.
    pub(super) fn set_aside(&mut self, rows: &[(OrgId, DeliveryId, Timestamp)], now: Timestamp) {
        for (_, id, lease) in rows {
            let d = &mut self.deliveries[self.places[id]];
            let waiting = matches!(d.row.status, DeliveryStatus::Pending | DeliveryStatus::Retrying);
            if waiting && d.row.due_at == Some(*lease) {
                d.row.status = DeliveryStatus::Paused;
                d.row.due_at = None;
                d.next_attempt_at = None;
                d.updated_at = now;
            }
        }
    }

    /// `delivery::store::resume`.
    pub(super) fn resume(&mut self, id: &EndpointId, now: Timestamp) {
        for d in self.deliveries.iter_mut().filter(|d| d.row.endpoint_id == *id) {
            if d.row.status == DeliveryStatus::Paused {
                let tried = d.row.attempt_count > 0;
                d.row.status = if tried { DeliveryStatus::Retrying } else { DeliveryStatus::Pending };
                d.row.due_at = (d.row.waits_for != Some(WaitsFor::Order)).then_some(now);
                d.updated_at = now;
            }
            if d.row.waits_for == Some(WaitsFor::Breaker) {
                d.row.due_at = Some(now);
                d.row.waits_for = None;
                d.updated_at = now;
            }
        }
    }

    /// `delivery::store::pause`.
    pub(super) fn pause(&mut self, id: &EndpointId, now: Timestamp) {
        for d in self.deliveries.iter_mut().filter(|d| d.row.endpoint_id == *id) {
            let waiting = matches!(d.row.status, DeliveryStatus::Pending | DeliveryStatus::Retrying);
            let due = waiting && d.row.due_at.is_some_and(|at| at <= now);
            if due || d.row.waits_for == Some(WaitsFor::Breaker) {
                d.row.status = DeliveryStatus::Paused;
                d.next_attempt_at = None;
                d.updated_at = now;
                if due {
                    d.row.due_at = None;
                } else {
                    d.row.waits_for = None;
                }
            }
        }
    }

    // -- delivery/waiting.rs

    /// `delivery::waiting::hold`.
    pub(super) fn hold(&mut self, rows: &[(OrgId, DeliveryId, Timestamp)]) {
        for (_, id, lease) in rows {
            let row = &mut self.deliveries[self.places[id]].row;
            if row.due_at == Some(*lease) {
                row.due_at = None;
                row.waits_for = Some(WaitsFor::Breaker);
            }
        }
    }

    /// `delivery::waiting::release`: oldest id first.
    pub(super) fn release(&mut self, id: &EndpointId, now: Timestamp, limit: i64) {
        let held = |d: &&mut Delivery| d.row.endpoint_id == *id && d.row.waits_for == Some(WaitsFor::Breaker);
        let mut rows: Vec<&mut Delivery> = self.deliveries.iter_mut().filter(held).collect();
        rows.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        for d in rows.into_iter().take(limit as usize) {
            d.row.due_at = Some(now);
            d.row.waits_for = None;
        }
    }

    /// `delivery::waiting::forgotten`.
    pub(super) fn forgotten(&self) -> Vec<EndpointId> {
        let forgotten = |place: usize, endpoint: &Endpoint| {
            self.failures[place].is_none_or(|f| f.open_until.is_none())
                && self.of(&endpoint.id).any(|d| d.row.waits_for == Some(WaitsFor::Breaker))
        };
        let found = self.endpoints.iter().enumerate().filter(|(place, endpoint)| forgotten(*place, endpoint));
        found.map(|(_, endpoint)| endpoint.id.clone()).collect()
    }

    /// `delivery::waiting::stranded`.
    pub(super) fn stranded(&self) -> Vec<EndpointId> {
        let stranded = |endpoint: &&Endpoint| {
            endpoint.status == EndpointStatus::Active
                && self.of(&endpoint.id).any(|d| d.row.status == DeliveryStatus::Paused)
        };
        self.endpoints.iter().filter(stranded).map(|endpoint| endpoint.id.clone()).collect()
    }

    /// Whether anything waits for a breaker or an endpoint, which is when the sweeper may have something to do.
    pub(super) fn any_set_aside(&self) -> bool {
        let set_aside =
            |d: &Delivery| d.row.status == DeliveryStatus::Paused || d.row.waits_for == Some(WaitsFor::Breaker);
        self.deliveries.iter().any(set_aside)
    }

    pub(super) fn all_ended(&self) -> bool {
        self.deliveries.iter().all(|d| d.finished_at.is_some())
    }

    fn of<'a>(&'a self, id: &'a EndpointId) -> impl Iterator<Item = &'a Delivery> {
        self.deliveries.iter().filter(move |d| d.row.endpoint_id == *id)
    }

    fn in_line<'a>(&'a self, id: &'a EndpointId, key: &'a str) -> impl Iterator<Item = &'a Delivery> {
        self.of(id).filter(move |d| d.row.ordering_key.as_deref() == Some(key) && d.finished_at.is_none())
    }

    /// `delivery::waiting::last_in_line`.
    pub(super) fn last_in_line(&self, (id, key): &Line) -> Option<i64> {
        self.in_line(id, key).filter_map(|d| d.row.order_number).max()
    }

    /// `delivery::waiting::next_in_line`.
    pub(super) fn next_in_line(&mut self, ended: &AttemptRow) {
        let Some(key) = &ended.ordering_key else { return };
        let mut line: Vec<(i64, usize)> = self
            .in_line(&ended.endpoint_id, key)
            .filter_map(|d| Some((d.row.order_number?, self.places[&d.row.id])))
            .collect();
        line.sort_unstable();
        let released = if self.bug == Bug::NextInLineReleasesTwo { 2 } else { 1 };
        for (_, place) in line.into_iter().take(released) {
            let row = &mut self.deliveries[place].row;
            if row.waits_for == Some(WaitsFor::Order) {
                row.waits_for = None;
                row.due_at = (row.status != DeliveryStatus::Paused).then_some(ended.ended_at);
            }
        }
    }

    // -- failure/store.rs

    /// `failure::store::add`: answers the count since the last success and when the first of them was.
    pub(super) fn add(&mut self, endpoint: usize, fold: &Fold) -> (i64, Timestamp) {
        let fresh =
            Failure { failures: 0, first_at: fold.last_at, open_until: None, pause_ms: None, probe_until: None };
        let failure = self.failures[endpoint].get_or_insert(fresh);
        failure.failures += fold.count;
        if let Some((until, pause_ms)) = fold.opened {
            failure.open_until = Some(until);
            failure.pause_ms = Some(pause_ms);
        }
        (failure.failures, failure.first_at)
    }

    /// `failure::store::clear`.
    pub(super) fn clear(&mut self, endpoint: usize) {
        self.failures[endpoint] = None;
    }

    /// `failure::store::any_probe_due`, and when the next one is.
    pub(super) fn next_probe(&self) -> Option<Timestamp> {
        let due = |f: &Failure| f.open_until.map(|open| f.probe_until.map_or(open, |probe| open.max(probe)));
        self.failures.iter().flatten().filter_map(due).min()
    }

    /// `failure::store::claim_probes`.
    pub(super) fn claim_probes(&mut self, now: Timestamp, limit: i64) -> Vec<usize> {
        let mut claimed = Vec::new();
        for (place, failure) in self.failures.iter_mut().enumerate() {
            let Some(failure) = failure else { continue };
            let over = failure.open_until.is_some_and(|at| at <= now) && failure.probe_until.is_none_or(|at| at <= now);
            if over && claimed.len() < limit as usize {
                failure.probe_until = Some(now.plus_ms(PROBE_MS));
                claimed.push(place);
            }
        }
        claimed
    }
}
