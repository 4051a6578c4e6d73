//! What a node does with events, claims and attempts: the steps of `event::actions`, `claimer.rs` and `deliverer.rs`
//! between one wait for the store or a receiver and the next. Decisions are made by the real code.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::Bug;
use super::commit::{Kept, Op};
use super::engine::{Act, Sim};
use super::knowledge::{Known, Rests, Then};
use super::world::{Mood, Posted, answer};
use crate::commit::Planned;
use crate::delivery::Trigger;
use crate::delivery::store::{AttemptRow, Row};
use crate::directory::Route;
use crate::endpoint::EndpointStatus;
use crate::event::Matter;
use crate::id::{AttemptId, DeliveryId, EndpointId, EventId, OrgId};
use crate::time::Timestamp;
use crate::worker::claimer::{self, PutOff};
use crate::worker::deliverer::{self, Ending};
use crate::worker::dispatcher;
use crate::worker::lanes::{Job, LEASE_MARGIN_MS, Turn, Verdict};

/// What was leased and is still to be sorted.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) now: Timestamp,
    pub(super) rows: BTreeMap<usize, Vec<Row>>,
    /// Whether they were claimed by their time, and not taken from an offer.
    pub(super) claimed: bool,
}

/// An attempt under way.
#[derive(Debug)]
pub(super) struct Flight {
    job: Job,
    attempt: AttemptId,
    /// Others in the same request.
    others: Vec<(Job, AttemptId)>,
    started_at: Timestamp,
    ending: Ending,
    took_ms: i64,
}

impl Sim {
    /// `event::actions::ingest`, up to its place in the queue for the commit.
    pub(super) fn post(&mut self, node: usize, posted: Posted) {
        if !self.serves(node) {
            return;
        }
        self.look(node, posted.org, Then::Post(posted));
    }

    /// The same, once the endpoints are known.
    pub(super) fn post_to(&mut self, node: usize, posted: Posted, routes: &[Arc<Route>]) {
        let matter = Matter::new("invoice.paid", &[], posted.key, "{}");
        let mut deliveries = Vec::new();
        for route in routes {
            if posted.wanted_by >> self.store.endpoint(&route.id) & 1 == 1 {
                let at = self.at(node);
                let row = self.row(node, route, &matter, Trigger::Event);
                if row.due_at.is_some() {
                    self.truth.learned(self.store.endpoint(&route.id), route, at);
                }
                deliveries.push(Planned::into_lanes(&self.nodes[node].lanes, row, route, at.clock));
            }
        }
        if self.nodes[node].waiting.len() >= self.room {
            // `commit::ingest` without room.
            self.refuse(node, deliveries);
            return;
        }
        self.submit(node, Op::Ingest(deliveries));
    }

    fn row(&mut self, node: usize, route: &Route, matter: &Matter<'_>, cause: Trigger) -> Row {
        let now = self.clock(node);
        // As `Hub::id`: later ids of a node are greater, those of two nodes differ.
        let mut random = self.dice.bytes();
        random[..8].copy_from_slice(&self.number().to_be_bytes());
        dispatcher::row_as(DeliveryId::new(now.0, random), route, &EventId::new(1, [1; 10]), matter, cause, now)
    }

    pub(super) fn replay_one(&mut self, node: usize, old: usize) {
        let endpoint = self.store.endpoint(&self.store.deliveries[old].row.endpoint_id);
        self.look(node, self.store.endpoints[endpoint].org, Then::Replay(old));
    }

    /// The same, once the endpoints are known.
    pub(super) fn replay_to(&mut self, node: usize, old: usize, routes: &[Arc<Route>]) {
        if !self.reaches(node) {
            return;
        }
        let old = self.store.deliveries[old].row.clone();
        let Some(route) = routes.iter().find(|route| route.id == old.endpoint_id) else { return };
        let matter = Matter::new("invoice.paid", &[], None, "{}");
        let row = self.row(node, route, &matter, Trigger::Replay);
        self.truth.stored(row.created_at);
        self.store.insert(Row { replay_of: Some(old.id), ..row });
        self.nodes[node].tick_at = self.now;
    }

    // -- claimer.rs

    /// `claimer::tick`: probes and claims.
    pub(super) fn tick(&mut self, node: usize) {
        let at = self.at(node);
        self.nodes[node].tick_at = self.now + self.dice.range(1, 200);
        for endpoint in self.store.claim_probes(at.clock, claimer::PROBES) {
            let id = self.store.endpoints[endpoint].id.clone();
            self.store.release(&id, at.clock, 1);
        }
        let claimed = self.store.claim(at.clock, LEASE_MARGIN_MS, claimer::LIMIT);
        self.tell(|| format!("node {node} claims {claimed:?}"));
        let mut rows: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for (place, due) in claimed {
            self.truth.claimed(place, due, at);
            let row = self.store.deliveries[place].row.clone();
            let org = self.store.endpoints[self.store.endpoint(&row.endpoint_id)].org;
            rows.entry(org).or_default().push(row);
        }
        if !rows.is_empty() {
            self.nodes[node].claiming = true;
            self.nodes[node].tick_at = self.now;
            self.plan_soon(node, Act::Sort(Box::new(Round { now: at.clock, rows, claimed: true })));
        }
    }

    /// `claimer::spread`: `claimer::sort` of the next organization.
    pub(super) fn sort(&mut self, node: usize, mut round: Round) {
        let Some((org, rows)) = round.rows.pop_first() else {
            self.nodes[node].claiming &= !round.claimed;
            self.pump(node);
            return;
        };
        self.look(node, org, Then::Sort(Box::new(round), rows));
    }

    /// The same, once the endpoints are known.
    pub(super) fn sort_to(&mut self, node: usize, round: Round, rows: Vec<Row>, routes: &[Arc<Route>]) {
        let mut at = self.at(node);
        at.clock = round.now;
        for route in routes {
            if route.status == EndpointStatus::Active && rows.iter().any(|row| row.endpoint_id == route.id) {
                self.truth.learned(self.store.endpoint(&route.id), route, at);
            }
        }
        let find = |id: &EndpointId| routes.iter().find(|route| route.id == *id);
        let (going, mut off) = claimer::place(&self.nodes[node].lanes, find, rows, round.now);
        self.truth.tally.held += off.held.len() as u64;
        self.truth.tally.postponed += off.later.len() as u64;
        self.truth.tally.kept += off.kept.len() as u64;
        if self.bug == Bug::HalfOpenLetsAllThrough {
            for (_, id, lease) in std::mem::take(&mut off.held) {
                let row = self.store.deliveries[self.store.place(&id)].row.clone();
                let route = find(&row.endpoint_id).cloned().expect("it was just found");
                self.truth.leaves_lane(self.store.endpoint(&route.id), &route, at);
                self.request(node, Job { row, route, body: Bytes::new(), lease }, Vec::new(), None);
            }
        }
        self.plan_soon(node, Act::PutOff(Box::new(round), Box::new(off), going));
    }

    /// `claimer::put_off`, and `claimer::join` with the loading of events.
    pub(super) fn put_off(&mut self, node: usize, round: Round, off: &PutOff, going: Vec<(Row, Arc<Route>)>) {
        if !(self.reaches(node) || off.is_empty() && going.is_empty()) {
            if self.bug != Bug::FailedRoundKeepsPlaces {
                going.iter().for_each(|(_, route)| self.nodes[node].lanes.release(&route.id));
            }
            self.sort(node, round);
            return;
        }
        self.store.postpone(&off.later);
        self.store.hold(&off.held);
        self.store.set_aside(&off.kept, round.now);
        for (row, route) in going {
            let lease = row.due_at.expect("it was claimed");
            self.nodes[node].lanes.join(Job { row, route, body: Bytes::new(), lease });
        }
        self.sort(node, round);
    }

    /// `claimer::release`.
    pub(super) fn release(&mut self, node: usize, id: &EndpointId) {
        if self.reaches(node) {
            let now = self.clock(node);
            self.store.release(id, now, claimer::RELEASED);
            self.nodes[node].tick_at = self.now;
        }
    }

    // -- deliverer.rs

    /// `deliverer::pump`.
    pub(super) fn pump(&mut self, node: usize) {
        let now = self.clock(node);
        while let Some(turn) = self.nodes[node].lanes.next(now) {
            match turn {
                Turn::Send(job) => self.send(node, *job, Vec::new()),
                Turn::Batch(mut jobs) => {
                    let first = jobs.remove(0);
                    self.send(node, first, jobs);
                }
                Turn::Back(jobs, until) => self.plan_back(node, jobs, until),
                Turn::Hold(jobs) => self.plan_hold(node, jobs),
                // Limits that all nodes hold together are not part of this world.
                Turn::Ask(_) => {}
            }
        }
        if self.nodes[node].lanes.any_resting() && !self.nodes[node].resting {
            self.nodes[node].resting = true;
            let pause = self.dice.range(10, 600);
            self.plan(Some(node), pause, Act::Rest);
        }
    }

    pub(super) fn rest(&mut self, node: usize) {
        self.nodes[node].resting = false;
        let now = self.clock(node);
        self.nodes[node].lanes.wake_resting(now);
        self.pump(node);
    }

    /// The beginning of `deliverer::deliver`, or of `batcher::deliver` with others: looks whether they still go.
    fn send(&mut self, node: usize, job: Job, others: Vec<Job>) {
        let endpoint = self.store.endpoint(&job.route.id);
        let org = self.store.endpoints[endpoint].org;
        let at = self.at(node);
        self.truth.leaves_lane(endpoint, &job.route, at);
        if self.bug == Bug::SendsWithoutLooking {
            let rests = self.nodes[node].rests[org];
            self.request(node, job, others, Some(rests));
        } else {
            self.look(node, org, Then::Send(Box::new(job), others));
        }
    }

    /// `deliverer::still_goes`, and `give_back`. Without an answer, what was known last must do.
    pub(super) fn send_as(&mut self, node: usize, job: Job, others: Vec<Job>, known: Known) {
        let now = self.clock(node);
        let rests = known.as_ref().map(|(_, rests)| *rests);
        let last = || self.nodes[node].directory.known(&job.route.org_id, false, now);
        let known = known.map(|(entry, _)| entry).or_else(last);
        let Some(route) = deliverer::goes(known.as_deref(), &job, now) else {
            self.truth.gave_back(self.store.endpoint(&job.route.id), node);
            self.nodes[node].lanes.judge(&job.route.id, Verdict::Neutral, None, now);
            self.nodes[node].lanes.leave(&job.route.id, 0.0, false);
            self.plan_back(node, std::iter::once(job).chain(others).collect(), now);
            self.pump(node);
            return;
        };
        let (late, others): (Vec<Job>, Vec<Job>) = others.into_iter().partition(|job| job.is_stale(now));
        self.plan_back(node, late, now);
        let others = others.into_iter().map(|job| Job { route: Arc::clone(&route), ..job }).collect();
        self.request(node, Job { route, ..job }, others, rests);
    }

    /// The beginning of `deliverer::attempt`, or of `batcher::attempt` with others. The receiver gets the request at once.
    fn request(&mut self, node: usize, job: Job, others: Vec<Job>, rests: Option<Rests>) {
        let endpoint = self.store.endpoint(&job.route.id);
        let down = self.hosts_down[self.store.endpoints[endpoint].host];
        let mood = if down { Mood::Gone } else { self.moods[endpoint] };
        let (ending, took_ms) = answer(mood, job.route.timeout_ms, &mut self.dice);
        let attempt = AttemptId::new(self.number() as i64, [0; 10]);
        let good = ending.result.outcome == crate::delivery::Outcome::Succeeded;
        let at = self.at(node);
        self.tell(|| {
            format!("node {node} sends delivery {} to endpoint {endpoint}: {mood:?}", self.store.place(&job.row.id))
        });
        self.truth.may_go(endpoint, self.store.endpoints[endpoint].org, rests, at);
        self.truth.within_limits(endpoint, &job.route, at);
        self.truth.sends(&job, &attempt, good, at, &self.store);
        let others: Vec<(Job, AttemptId)> =
            others.into_iter().map(|job| (job, AttemptId::new(self.number() as i64, [0; 10]))).collect();
        for (job, attempt) in &others {
            self.truth.sends(job, attempt, good, at, &self.store);
        }
        self.truth.tally.batched += others.len() as u64;
        let flight = Flight { job, attempt, others, started_at: at.clock, ending, took_ms };
        self.plan(Some(node), took_ms, Act::End(Box::new(flight)));
    }

    /// The rest of `deliverer::attempt`, and `deliverer::deliver` up to the wait for the commit.
    pub(super) fn end(&mut self, node: usize, flight: Flight) {
        let at = self.at(node);
        let jitter = self.dice.unit();
        let next = deliverer::after(&flight.job, &flight.ending, at.clock, jitter);
        let lanes = &self.nodes[node].lanes;
        let (left, health) = deliverer::conclude(lanes, &flight.job.route, &flight.ending, &next, at.clock);
        let outcome = flight.ending.result.outcome;
        let (id, endpoint) = (flight.job.route.id.clone(), self.store.endpoint(&flight.job.route.id));
        self.truth.ended(endpoint, outcome, left.opened.map(|(until, _)| until), at);
        let timed_out = outcome == crate::delivery::Outcome::TimedOut;
        let took_ms = flight.took_ms as f64;
        let others = flight.others.iter().map(|(job, attempt)| {
            let next = deliverer::after(job, &flight.ending, at.clock, jitter);
            AttemptRow {
                status: next.status,
                next_attempt_at: next.due_at,
                ended_at: at.clock,
                ..attempt_row(job, attempt, &flight)
            }
        });
        let others: Vec<AttemptRow> = others.collect();
        let row = AttemptRow {
            status: next.status,
            next_attempt_at: next.due_at,
            ended_at: at.clock,
            health,
            ..attempt_row(&flight.job, &flight.attempt, &flight)
        };
        self.submit(node, Op::Attempt(Box::new(Kept { row, recovered: left.recovered, tries: 0 })));
        for row in others {
            self.submit(node, Op::Attempt(Box::new(Kept { row, recovered: false, tries: 0 })));
        }
        self.nodes[node].lanes.leave(&id, took_ms, timed_out);
        self.pump(node);
        self.plan_hold(node, left.held);
    }

    /// `deliverer::hand_back`, after the store's time.
    pub(super) fn plan_back(&mut self, node: usize, jobs: Vec<Job>, until: Timestamp) {
        if !jobs.is_empty() {
            self.truth.tally.postponed += jobs.len() as u64;
            let rows = jobs.into_iter().map(|job| (job.row.org_id, job.row.id, job.lease, until)).collect();
            self.plan_soon(node, Act::Back(rows));
        }
    }

    fn plan_hold(&mut self, node: usize, jobs: Vec<Job>) {
        if !jobs.is_empty() {
            self.truth.tally.held += jobs.len() as u64;
            let rows = jobs.into_iter().map(|job| (job.row.org_id, job.row.id, job.lease)).collect();
            self.plan_soon(node, Act::Hold(rows));
        }
    }

    pub(super) fn hand_back(&mut self, node: usize, rows: &[(OrgId, DeliveryId, Timestamp, Timestamp)]) {
        if self.reaches(node) {
            self.store.postpone(rows);
        }
    }

    pub(super) fn hold(&mut self, node: usize, rows: &[(OrgId, DeliveryId, Timestamp)]) {
        if self.reaches(node) {
            self.store.hold(rows);
        }
    }
}

/// What `deliverer::row` keeps of an attempt; what only the log shows is left empty.
fn attempt_row(job: &Job, attempt: &AttemptId, flight: &Flight) -> AttemptRow {
    let Flight { started_at, ending, .. } = flight;
    let started_at = *started_at;
    AttemptRow {
        number: job.row.attempt_count + 1,
        org_id: job.row.org_id.clone(),
        delivery_id: job.row.id.clone(),
        endpoint_id: job.row.endpoint_id.clone(),
        ordering_key: job.row.ordering_key.clone(),
        id: attempt.clone(),
        started_at,
        outcome: ending.result.outcome,
        code: ending.result.code,
        error_class: ending.error_class,
        error: None,
        timing: guarded_http::Timing::default(),
        remote: None,
        tls: None,
        url: String::new(),
        request_headers: String::new(),
        endpoint_version: 1,
        request_body: None,
        response_headers: String::new(),
        response_body: Vec::new(),
        response_truncated: false,
        lease: job.lease,
        status: job.row.status,
        next_attempt_at: None,
        ended_at: started_at,
        health: None,
        tells: None,
    }
}
