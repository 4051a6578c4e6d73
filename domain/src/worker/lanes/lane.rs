//! The queue of one endpoint: what waits in it, and when its head may go.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{ANSWER_MS, BATCH_BYTES, BURST_MS, Job, LEASE_MARGIN_MS, Request, SLOW_PLACES, STALE_MS, lease_ms};
use crate::directory::Route;
use crate::endpoint::breaker::Breaker;
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;

impl Job {
    /// Whether it goes in one request with others.
    pub(super) fn goes_together(&self) -> bool {
        self.route.goes_together(self.row.cause, self.row.created_at)
    }

    /// Until when its lease has room beside the wait in the lane; when it was claimed, for what was.
    fn rests_until(&self) -> Timestamp {
        self.lease.plus_ms(-(self.route.timeout_ms + LEASE_MARGIN_MS))
    }

    /// Until when it waits for others to go with. A digest is always claimed, in pieces: it waits for the others of them all the
    /// same.
    pub(super) fn waits_until(&self) -> Timestamp {
        let is_digest = self.route.schedule.is_some() && self.goes_together();
        self.rests_until().plus_ms(if is_digest { self.route.controls.delivery.wait_ms() } else { 0 })
    }

    /// Whether it waited so long that its lease has no room for an attempt.
    pub(in crate::worker) fn is_stale(&self, now: Timestamp) -> bool {
        now.since(self.rests_until()) > STALE_MS
    }
}

#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) org_id: Option<OrgId>,
    pub(super) host: Arc<str>,
    /// Attempts under way at most.
    pub(super) limit: usize,
    /// The rate limit by which it puts off.
    rate: Option<i64>,
    pub(super) breaker: Breaker,
    pub(super) queue: VecDeque<Job>,
    /// Promised to deliveries that are being committed.
    pub(super) promised: usize,
    pub(super) under_way: usize,
    /// The time up to which the rate limit has been used (GCRA's theoretical arrival time).
    pub(super) used_until: i64,
    /// Nodes that divide the rate limit and the concurrency among them; 0 is as good as 1.
    pub(super) sharers: i64,
    /// Whether the nodes hold the rate limit together, so that it is not divided.
    pub(super) shared: bool,
    /// Deliveries that may go by such a limit,
    pub(super) granted: u32,
    /// until then.
    granted_until: i64,
    /// When to ask for more.
    pub(super) ask_at: i64,
    /// The latest time given to a delivery that waits in the database.
    pub(super) tail_at: i64,
    /// A moving average of how long an attempt takes, in milliseconds.
    pub(super) mean_ms: f64,
    pub(super) slow: bool,
    /// Whether it stands in its organization's round.
    pub(super) listed: bool,
}

impl Lane {
    /// Milliseconds between two deliveries that the rate limit allows this process.
    pub(super) fn interval_ms(&self, rate_per_minute: Option<i64>) -> i64 {
        interval_ms(rate_per_minute, if self.shared { 1 } else { self.sharers.max(1) })
    }

    /// Milliseconds of the rate that may go at once after a quiet time.
    pub(super) fn burst_ms(&self, rate: Option<i64>) -> i64 {
        BURST_MS.max(self.interval_ms(rate))
    }

    /// When the rate limit lets the next request go, or may be asked whether it does.
    pub(super) fn allowed_at(&self, rate: Option<i64>, now: i64) -> i64 {
        match rate {
            None => now,
            Some(_) if self.shared && self.granted(now) > 0 => now,
            Some(_) if self.shared => now.max(self.ask_at),
            Some(_) => now.max(self.used_until - self.burst_ms(rate)),
        }
    }

    /// Deliveries that may go by the limit that all nodes hold. What was allowed and not used must not go beside what a later
    /// answer allows.
    pub(super) const fn granted(&self, now: i64) -> u32 {
        if now < self.granted_until { self.granted } else { 0 }
    }

    /// Hears how many deliveries may go by the limit that all nodes hold, since it was asked, and up to when it is used.
    pub(super) fn hear(
        &mut self,
        request: &Request,
        granted: u32,
        used_until: Timestamp,
        asked_at: Timestamp,
        now: Timestamp,
    ) {
        let left = self.granted(now.0);
        if left == 0 {
            self.granted_until = asked_at.0 + ANSWER_MS;
        }
        self.granted = left + granted;
        self.used_until = used_until.0;
        self.ask_at = if granted > 0 { now.0 } else { now.0.max(used_until.0 - request.burst_ms) };
    }

    /// When its first delivery goes, alone or with others: by the rate limit, and of a batch once it is full or one in it has
    /// waited.
    pub(super) fn goes_at(&self, now: i64) -> Option<i64> {
        let job = self.queue.front()?;
        let at = self.allowed_at(job.route.rate_limit_per_minute, now);
        if !job.goes_together() || self.is_full() {
            return Some(at);
        }
        let together = self.queue.iter().take_while(|job| job.goes_together());
        together.map(|job| job.waits_until().0).min().map(|waited| at.max(waited))
    }

    /// Puts a delivery behind the others; one that goes alone, before those that still wait for each other. Answers whether it goes
    /// alone.
    pub(super) fn push(&mut self, job: Job) -> bool {
        if !job.route.batches() || job.goes_together() {
            self.queue.push_back(job);
            return false;
        }
        // Of one that was claimed this is a little earlier than it came.
        let came = job.lease.plus_ms(-lease_ms(&job.route));
        let waits = |other: &Job| other.goes_together() && other.waits_until() > came;
        let place = self.queue.iter().position(waits).unwrap_or(self.queue.len());
        self.queue.insert(place, job);
        true
    }

    /// How many at its head go alone, of an endpoint whose others go together.
    fn alone(&self, route: &Route) -> usize {
        if !route.batches() || route.schedule.is_none() {
            return 0;
        }
        self.queue.iter().position(Job::goes_together).unwrap_or(self.queue.len())
    }

    /// Drops what waited so long that its lease has no room for an attempt.
    pub(super) fn drop_stale(&mut self, now: Timestamp) {
        if self.queue.front().is_some_and(|job| job.route.batches()) {
            self.queue.retain(|job| !job.is_stale(now));
            return;
        }
        while self.queue.front().is_some_and(|job| job.is_stale(now)) {
            self.queue.pop_front();
        }
    }

    /// Whether as many wait for each other as fit into one request.
    pub(super) fn is_full(&self) -> bool {
        let Some(first) = self.queue.front() else { return false };
        let together = || self.queue.iter().take_while(|job| job.goes_together());
        together().count() >= first.route.controls.delivery.per_request()
            || together().map(|job| job.body.len()).sum::<usize>() >= BATCH_BYTES
    }

    /// Takes what goes in one request: the first ones, as long as they are of one version and not too large together.
    pub(super) fn take_batch(&mut self) -> Vec<Job> {
        let Some(first) = self.queue.pop_front() else { return Vec::new() };
        let (most, version, mut bytes) =
            (first.route.controls.delivery.per_request(), first.route.version, first.body.len());
        let mut jobs = vec![first];
        while let Some(next) = self.queue.front()
            && jobs.len() < most
            && next.route.version == version
            && next.goes_together()
            && bytes + next.body.len() <= BATCH_BYTES
        {
            bytes += next.body.len();
            jobs.extend(self.queue.pop_front());
        }
        jobs
    }

    pub(super) fn places(&self) -> usize {
        let limit = (self.limit / usize::try_from(self.sharers.max(1)).unwrap_or(1)).max(1);
        if self.slow { SLOW_PLACES.min(limit) } else { limit }
    }

    /// Takes over what the endpoint's settings and the database say.
    pub(super) fn follow(&mut self, route: &Route, now: Timestamp) {
        self.limit = route.concurrency;
        self.tail_at = eased(self.tail_at, now.0, self.rate, route.rate_limit_per_minute);
        self.rate = route.rate_limit_per_minute;
        if *self.host != *route.host {
            self.host = Arc::clone(&route.host);
        }
        if let Some(stored) = &route.breaker {
            self.breaker.learn(stored, now);
        }
    }

    /// The question how many of its requests may go.
    pub(super) fn request(&self, endpoint_id: EndpointId, rate: Option<i64>) -> Request {
        let interval_ms = interval_ms(rate, 1);
        let requests = self.queue.front().map_or(0, |job| {
            let alone = self.alone(&job.route);
            alone + (self.queue.len() - alone).div_ceil(job.route.controls.delivery.per_request())
        });
        Request {
            endpoint_id,
            interval_ms,
            burst_ms: BURST_MS.max(interval_ms),
            wanted: requests.min(self.places().saturating_sub(self.under_way)) as u32,
        }
    }

    /// Whether nothing is in it, so that a probe would be alone.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.promised == 0 && self.under_way == 0
    }

    /// Milliseconds until a delivery that joins now could go, with others or not. Those that have not joined yet are taken for
    /// ones of its kind.
    pub(super) fn wait_ms(&self, route: &Route, now: i64, extra: i64, together: bool) -> i64 {
        let rate = route.rate_limit_per_minute;
        let (alone, each) = (self.alone(route), route.controls.delivery.per_request() as i64);
        let (waiting, coming) = ((self.queue.len() - alone) as i64, self.promised as i64 + extra);
        let ahead = alone as i64 + if together { (waiting + coming) / each } else { waiting / each + coming };
        let by_rate = match rate {
            None => 0,
            // Also where the nodes hold the limit together, each gets its share of it.
            Some(_) => {
                let interval_ms = interval_ms(rate, self.sharers.max(1));
                (self.used_until.max(now) + ahead * interval_ms - self.burst_ms(rate) - now).max(0)
            }
        };
        let by_places = (ahead as f64 * self.mean_ms / self.places() as f64) as i64;
        by_rate.max(by_places)
    }
}

/// When goes what was put off until `at` by a rate limit, now that it is another one: sooner in proportion if that lets more pass.
fn eased(at: i64, now: i64, before: Option<i64>, after: Option<i64>) -> i64 {
    match (before, after) {
        (Some(_), None) => at.min(now),
        (Some(before), Some(after)) if after > before && at > now => now + (at - now) * before / after,
        _ => at,
    }
}

/// Milliseconds between two deliveries, where this many nodes divide the rate. They are whole and rounded up: what is asked for is never
/// exceeded, and one node sends 60,000 a minute at most where there is a rate.
fn interval_ms(rate_per_minute: Option<i64>, nodes: i64) -> i64 {
    rate_per_minute.map_or(0, |rate| (60_000 * nodes + rate.max(1) - 1) / rate.max(1))
}
