//! Deliveries in this process's hands: one queue per endpoint, one round per organization.
//!
//! A lane decides two things, both pure: whether a delivery may join its queue now or has to wait in the
//! database until a later time (rate limit, full queue), and when its head may go. The rounds see to it that a
//! busy organization or a hanging endpoint takes nothing from the others: each lane has a few places of its own.
//! Where an endpoint takes several deliveries in one request, a lane lets them wait for each other.
//! A lane's circuit breaker, and that of its target host, hold deliveries back while the receiver is failing.

mod job;
mod lane;

pub(crate) use job::{Job, Left, Place, Request, Turn, Verdict, lease_ms};

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lane::Lane;

use std::sync::Arc;

use crate::directory::Route;
use crate::endpoint::breaker::{Admission, Breaker, LONGEST_HOST_PAUSE_MS, LONGEST_PAUSE_MS};
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;

/// Deliveries under way in this process at most.
const MAX_UNDER_WAY: usize = 4096;
/// Places of a lane whose receiver did not answer in time lately.
const SLOW_PLACES: usize = 4;
/// Deliveries that wait in a lane's memory at most; more wait in the database.
const LANE_QUEUE: usize = 512;
/// A delivery joins a lane only if its turn comes within this time, in milliseconds.
const MAX_WAIT_MS: i64 = 5000;
/// A rate limit lets this much pass at once after a quiet time, in milliseconds of its rate.
const BURST_MS: i64 = 10_000;
/// A lease lasts the endpoint's timeout and this much longer: the wait in the lane, and room for storing the result. With
/// the usual timeout another process takes over what a dead one held within 25 seconds.
pub(crate) const LEASE_MARGIN_MS: i64 = 15_000;
/// An answer about a limit that all nodes hold is given up after this time, in milliseconds, and asked for again; one that
/// came is good for as long.
const ANSWER_MS: i64 = 2000;
/// Deliveries in one request have at most this size together, in bytes; a single one may have more.
pub(super) const BATCH_BYTES: usize = 1024 * 1024;
/// A delivery that waited longer than this in memory is left to its lapsing lease.
const STALE_MS: i64 = 10_000;

/// All lanes of this process.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether a deliverer runs in this process; without one nothing may join,
    open: bool,
    /// and what is stored is offered to the nodes that have one, if this is so.
    offers: bool,
    lanes: HashMap<EndpointId, Lane>,
    rounds: HashMap<OrgId, VecDeque<EndpointId>>,
    order: VecDeque<OrgId>,
    /// Lanes whose head waits for the rate limit, looked at again by the clock.
    resting: HashSet<EndpointId>,
    under_way: usize,
    /// Circuit breakers of target hosts that failed lately.
    hosts: HashMap<Arc<str>, Breaker>,
    /// Nodes that deliver; 0 is as good as 1.
    sharers: i64,
    /// Whether something holds the rate limits of all nodes together, so that they need not be divided.
    shared: bool,
}

impl State {
    /// Where the breakers of an endpoint and its host send a delivery; none if they let it pass.
    fn gate(&self, lane: &Lane, now: Timestamp) -> Option<Place> {
        match lane.breaker.look(now) {
            Admission::Wait(_) => return Some(Place::Held),
            Admission::Probe if !lane.is_empty() => return Some(Place::Held),
            Admission::Probe | Admission::Go => {}
        }
        match self.hosts.get(&lane.host)?.look(now) {
            Admission::Wait(until) => Some(Place::Later(until)),
            Admission::Probe if !lane.is_empty() => Some(Place::Later(now.plus_ms(1000))),
            Admission::Probe | Admission::Go => None,
        }
    }

    /// The endpoint's lane, up to date with its settings.
    fn lane(&mut self, route: &Route, now: Timestamp) -> &mut Lane {
        let lane = self.lanes.entry(route.id.clone()).or_default();
        lane.follow(route, now);
        (lane.sharers, lane.shared) = (self.sharers, self.shared);
        lane
    }
}

impl Lanes {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens or closes the lanes; closing hands back what waits in them.
    pub(crate) fn set_open(&self, open: bool) -> Vec<Job> {
        let mut state = self.lock();
        state.open = open;
        if open {
            return Vec::new();
        }
        state.lanes.values_mut().flat_map(|lane| std::mem::take(&mut lane.queue)).collect()
    }

    /// Has what cannot join be offered to other nodes, or no longer.
    pub(crate) fn set_offers(&self, offers: bool) {
        self.lock().offers = offers;
    }

    /// Whether what is stored here is offered to other nodes.
    pub(crate) fn offers(&self) -> bool {
        let state = self.lock();
        state.offers && !state.open
    }

    /// Deliveries that may start now, beside those under way.
    pub(crate) fn room(&self) -> usize {
        MAX_UNDER_WAY.saturating_sub(self.lock().under_way)
    }

    /// Divides rate limits and concurrency among this many nodes.
    pub(crate) fn set_sharers(&self, nodes: i64) {
        let mut state = self.lock();
        state.sharers = nodes;
        state.lanes.values_mut().for_each(|lane| lane.sharers = nodes);
    }

    /// Has rate limits be asked for, or no longer. Answers what it was before.
    pub(crate) fn set_shared(&self, shared: bool) -> bool {
        let mut state = self.lock();
        for lane in state.lanes.values_mut().filter(|lane| lane.shared != shared) {
            (lane.shared, lane.granted, lane.ask_at) = (shared, 0, 0);
        }
        std::mem::replace(&mut state.shared, shared)
    }

    /// Hears how many deliveries of an endpoint may go by the limit that all nodes hold, and up to when it is used. What may go
    /// counts from when it was asked for: Redis allowed it at some time since.
    pub(crate) fn grant(
        &self,
        request: &Request,
        granted: u32,
        used_until: Timestamp,
        asked_at: Timestamp,
        now: Timestamp,
    ) {
        let mut state = self.lock();
        let state = &mut *state;
        let id = &request.endpoint_id;
        let Some(lane) = state.lanes.get_mut(id) else { return };
        lane.hear(request, granted, used_until, asked_at, now);
        if granted > 0
            && state.resting.remove(id)
            && !lane.listed
            && !lane.queue.is_empty()
            && let Some(org_id) = lane.org_id.clone()
        {
            lane.listed = true;
            list(&mut state.rounds, &mut state.order, org_id, id.clone());
        }
    }

    /// Deliveries under way now.
    pub(crate) fn under_way(&self) -> usize {
        self.lock().under_way
    }

    /// Decides where a new delivery goes, and keeps a place for it if that is the lane.
    /// [`Lanes::join`] or [`Lanes::release`] must follow.
    pub(crate) fn promise(&self, route: &Route, now: Timestamp) -> Place {
        let mut state = self.lock();
        if !state.open {
            return Place::Later(now);
        }
        state.lane(route, now);
        if let Some(place) = state.lanes.get(&route.id).and_then(|lane| state.gate(lane, now)) {
            return place;
        }
        let lane = state.lane(route, now);
        let rate = route.rate_limit_per_minute;
        // What a rule tells together is claimed when it is due: what comes here is told at once.
        let together = route.batches() && route.schedule.is_none();
        let wait = lane.wait_ms(route, now.0, 0, together);
        if lane.tail_at <= now.0 && wait <= MAX_WAIT_MS && lane.queue.len() + lane.promised < LANE_QUEUE {
            lane.promised += 1;
            return Place::Lane;
        }
        let step = lane.interval_ms(rate).max((lane.mean_ms / lane.places() as f64) as i64);
        let each = if together { route.controls.delivery.per_request() as i64 } else { 1 };
        let step = (step / each).max(1);
        lane.tail_at = lane.tail_at.max(now.0 + wait.max(200)) + step;
        Place::Later(Timestamp(lane.tail_at))
    }

    /// Decides for a claimed delivery, which goes with others or not, whether its turn has come; `ahead` counts those of the
    /// same claim that were sent back before it.
    pub(crate) fn admit(&self, route: &Route, now: Timestamp, ahead: i64, together: bool) -> Place {
        let mut state = self.lock();
        state.lane(route, now);
        if let Some(place) = state.lanes.get(&route.id).and_then(|lane| state.gate(lane, now)) {
            return place;
        }
        let lane = state.lane(route, now);
        let wait = lane.wait_ms(route, now.0, ahead, together);
        if ahead == 0 && wait <= MAX_WAIT_MS && lane.queue.len() + lane.promised < LANE_QUEUE {
            lane.promised += 1;
            return Place::Lane;
        }
        let at = now.0 + wait.max(200);
        lane.tail_at = lane.tail_at.max(at);
        Place::Later(Timestamp(at))
    }

    /// Gives up a place that was promised.
    pub(crate) fn release(&self, endpoint_id: &EndpointId) {
        if let Some(lane) = self.lock().lanes.get_mut(endpoint_id) {
            lane.promised = lane.promised.saturating_sub(1);
        }
    }

    /// Takes the promised place.
    pub(crate) fn join(&self, job: Job) {
        let mut state = self.lock();
        let state = &mut *state;
        let lane = state.lanes.entry(job.route.id.clone()).or_default();
        lane.promised = lane.promised.saturating_sub(1);
        lane.org_id.get_or_insert_with(|| job.route.org_id.clone());
        let (org_id, id) = (job.route.org_id.clone(), job.route.id.clone());
        let hurries = lane.push(job);
        if !lane.listed
            && lane.under_way < lane.places()
            && (!state.resting.contains(&id) || (hurries || lane.is_full()) && state.resting.remove(&id))
        {
            lane.listed = true;
            list(&mut state.rounds, &mut state.order, org_id, id);
        }
    }

    /// The next delivery to send, if any may go: one per lane and organization in turn.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Turn> {
        let mut state = self.lock();
        let state = &mut *state;
        while state.under_way < MAX_UNDER_WAY {
            let org_id = state.order.pop_front()?;
            let Some(round) = state.rounds.get_mut(&org_id) else { continue };
            let Some(id) = round.pop_front() else {
                state.rounds.remove(&org_id);
                continue;
            };
            if round.is_empty() {
                state.rounds.remove(&org_id);
            } else {
                state.order.push_back(org_id.clone());
            }
            let Some(lane) = state.lanes.get_mut(&id) else { continue };
            lane.listed = false;
            lane.drop_stale(now);
            // It may have opened, or a probe gone, after these were promised their places.
            if !lane.queue.is_empty() && matches!(lane.breaker.look(now), Admission::Wait(_)) {
                lane.granted = 0;
                return Some(Turn::Hold(lane.queue.drain(..).collect()));
            }
            if lane.under_way >= lane.places() {
                continue;
            }
            if let Some(Admission::Wait(until)) = state.hosts.get(&lane.host).map(|host| host.look(now)) {
                lane.granted = 0;
                return Some(Turn::Back(lane.queue.drain(..).collect(), until));
            }
            let Some(at) = lane.goes_at(now.0) else { continue };
            if at > now.0 {
                state.resting.insert(id);
                continue;
            }
            let Some(job) = lane.queue.front() else { continue };
            let (rate, together) = (job.route.rate_limit_per_minute, job.goes_together());
            if !lane.shared || rate.is_none() {
                lane.used_until = lane.used_until.max(now.0) + lane.interval_ms(rate);
            } else if lane.granted(now.0) == 0 {
                lane.ask_at = now.0 + ANSWER_MS;
                state.resting.insert(id.clone());
                return Some(Turn::Ask(lane.request(id, rate)));
            } else {
                lane.granted -= 1;
            }
            let turn = if together {
                Turn::Batch(lane.take_batch())
            } else {
                let Some(job) = lane.queue.pop_front() else { continue };
                Turn::Send(Box::new(job))
            };
            lane.under_way += 1;
            state.under_way += 1;
            if lane.breaker.look(now) == Admission::Probe {
                lane.breaker.start_probe(now);
            }
            if let Some(host) = state.hosts.get_mut(&lane.host).filter(|host| host.look(now) == Admission::Probe) {
                host.start_probe(now);
            }
            if !lane.queue.is_empty() && lane.under_way < lane.places() {
                lane.listed = true;
                list(&mut state.rounds, &mut state.order, org_id, id);
            }
            return Some(turn);
        }
        None
    }

    /// Frees the place of a delivery that has had its attempt.
    pub(crate) fn leave(&self, endpoint_id: &EndpointId, took_ms: f64, timed_out: bool) {
        let mut state = self.lock();
        let state = &mut *state;
        state.under_way = state.under_way.saturating_sub(1);
        let Some(lane) = state.lanes.get_mut(endpoint_id) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
        lane.mean_ms = if lane.mean_ms == 0.0 { took_ms } else { lane.mean_ms * 0.8 + took_ms * 0.2 };
        lane.slow = timed_out;
        if !lane.listed
            && !lane.queue.is_empty()
            && lane.under_way < lane.places()
            && !state.resting.contains(endpoint_id)
            && let Some(org_id) = lane.org_id.clone()
        {
            lane.listed = true;
            list(&mut state.rounds, &mut state.order, org_id, endpoint_id.clone());
        }
    }

    /// Tells the breakers how an attempt ended, and whether it reached the host; none if nothing went out, which says nothing of
    /// the host. Call before [`Lanes::leave`], so that no other delivery slips through.
    pub(crate) fn judge(
        &self,
        endpoint_id: &EndpointId,
        verdict: Verdict,
        reached: Option<bool>,
        now: Timestamp,
    ) -> Left {
        let mut state = self.lock();
        let state = &mut *state;
        let Some(lane) = state.lanes.get_mut(endpoint_id) else { return Left::default() };
        let mut no_probe = false;
        match reached {
            Some(true) => {
                state.hosts.remove(&lane.host);
            }
            Some(false) => {
                state.hosts.entry(Arc::clone(&lane.host)).or_default().fail(now, LONGEST_HOST_PAUSE_MS);
            }
            None => {
                if let Some(host) = state.hosts.get_mut(&lane.host) {
                    host.give_up_probe();
                }
                no_probe = lane.breaker.give_up_probe();
            }
        }
        match verdict {
            Verdict::Neutral => Left { no_probe, ..Left::default() },
            Verdict::Good => {
                let recovered = lane.breaker.failures > 0;
                lane.breaker.succeed();
                Left { recovered, ..Left::default() }
            }
            Verdict::Bad => {
                let opened = lane.breaker.fail(now, LONGEST_PAUSE_MS).map(|until| (until, lane.breaker.pause_ms));
                let held = if opened.is_some() { lane.queue.drain(..).collect() } else { Vec::new() };
                Left { opened, held, ..Left::default() }
            }
        }
    }

    /// Forgets the failures of an endpoint that was switched on again.
    pub(crate) fn trust(&self, endpoint_id: &EndpointId) {
        if let Some(lane) = self.lock().lanes.get_mut(endpoint_id) {
            lane.breaker.succeed();
        }
    }

    /// Takes out what waits in a lane.
    pub(crate) fn empty(&self, endpoint_id: &EndpointId) -> Vec<Job> {
        self.lock().lanes.get_mut(endpoint_id).map_or_else(Vec::new, |lane| lane.queue.drain(..).collect())
    }

    /// Forgets the failures of all endpoints: those that are stored are learned again.
    pub(crate) fn trust_all(&self) {
        for lane in self.lock().lanes.values_mut() {
            lane.breaker.succeed();
        }
    }

    /// Lists the lanes whose rate limit lets them go again, and those whose batch has waited; answers whether any did.
    pub(crate) fn wake_resting(&self, now: Timestamp) -> bool {
        let mut state = self.lock();
        let state = &mut *state;
        let mut ready: Vec<EndpointId> = state
            .resting
            .iter()
            .filter(|id| state.lanes.get(*id).is_none_or(|lane| lane.goes_at(now.0).is_none_or(|at| at <= now.0)))
            .cloned()
            .collect();
        // In one order, whatever the set's.
        ready.sort_unstable();
        for id in &ready {
            state.resting.remove(id);
            if let Some(lane) = state.lanes.get_mut(id)
                && !lane.listed
                && !lane.queue.is_empty()
                && let Some(org_id) = lane.org_id.clone()
            {
                lane.listed = true;
                list(&mut state.rounds, &mut state.order, org_id, id.clone());
            }
        }
        !ready.is_empty()
    }

    /// Places that are promised and not taken yet.
    #[cfg(test)]
    pub(crate) fn promised(&self) -> usize {
        self.lock().lanes.values().map(|lane| lane.promised).sum()
    }

    /// Whether lanes wait for their rate limit.
    pub(crate) fn any_resting(&self) -> bool {
        !self.lock().resting.is_empty()
    }

    /// Forgets lanes that have nothing to do and no memory worth keeping.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.lock().lanes.retain(|_, lane| {
            !lane.queue.is_empty()
                || lane.promised > 0
                || lane.under_way > 0
                || lane.used_until > now.0
                || lane.tail_at > now.0 - 60_000
                || lane.breaker.failures > 0
        });
        self.lock().hosts.retain(|_, host| host.open_until.is_none_or(|until| now.since(until) < 3_600_000));
    }
}

fn list(rounds: &mut HashMap<OrgId, VecDeque<EndpointId>>, order: &mut VecDeque<OrgId>, org_id: OrgId, id: EndpointId) {
    let round = rounds.entry(org_id.clone()).or_default();
    if round.is_empty() {
        order.push_back(org_id);
    }
    round.push_back(id);
}

#[cfg(test)]
mod tests;
