//! What surrounds the engine in a simulation: endpoints and their receivers, what arrives, and what goes wrong.

use std::sync::Arc;

use super::dice::Dice;
use crate::delivery::ErrorClass;
use crate::delivery::Outcome;
use crate::delivery::state::AttemptResult;
use crate::directory::Route;
use crate::endpoint::breaker::Breaker;
use crate::endpoint::{Controls, DeliveryForm, EndpointStatus, Retry, StatusAction};
use crate::id::{EndpointId, OrgId};
use crate::worker::deliverer::Ending;

/// A row of `endpoints`.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) id: EndpointId,
    pub(super) org: usize,
    pub(super) org_id: OrgId,
    pub(super) host: usize,
    pub(super) status: EndpointStatus,
    pub(super) rate: Option<i64>,
    pub(super) timeout_ms: i64,
    pub(super) retry: Retry,
    pub(super) controls: Controls,
}

/// The id of an organization.
pub(super) fn org_id(org: usize) -> OrgId {
    OrgId::new(1, [org as u8; 10])
}

impl Endpoint {
    fn new(number: usize, org: usize, host: usize, dice: &mut Dice) -> Self {
        const FORMS: [DeliveryForm; 5] = [
            DeliveryForm::Push,
            DeliveryForm::Push,
            DeliveryForm::Push,
            DeliveryForm::Batch { max_events: 2, max_wait_s: 1 },
            DeliveryForm::Batch { max_events: 5, max_wait_s: 8 },
        ];
        const WAITS: [i64; 7] = [1, 2, 5, 20, 60, 300, 900];
        let waits = (0..dice.below(5)).map(|_| dice.pick(&WAITS)).collect();
        let rules: &[(&str, StatusAction)] = match dice.below(4) {
            0 => &[("4xx", StatusAction::Fail), ("429", StatusAction::Retry)],
            1 => &[("410", StatusAction::Fail), ("503", StatusAction::Disable)],
            _ => &[],
        };
        let controls = Controls {
            concurrency_limit: dice.pick(&[None, Some(1), Some(2), Some(5)]),
            delivery: dice.pick(&FORMS),
            status_rules: rules.iter().map(|(code, action)| ((*code).to_owned(), *action)).collect(),
            ..Controls::default()
        };
        Self {
            id: EndpointId::new(1, [number as u8; 10]),
            org,
            org_id: org_id(org),
            host,
            status: EndpointStatus::Active,
            rate: dice.pick(&[None, None, Some(6), Some(30), Some(600)]),
            timeout_ms: dice.pick(&[1000, 5000, 30_000]),
            retry: Retry::Own(waits),
            controls,
        }
    }

    /// The endpoint made ready, as `directory::route` makes it.
    pub(super) fn route(&self, breaker: Option<Breaker>) -> Route {
        let mut route = Route::for_tests(self.org_id.clone(), self.id.clone(), self.rate);
        route.host = Arc::from(["one.example:443", "two.example:443", "three.example:443"][self.host]);
        route.status = self.status;
        route.timeout_ms = self.timeout_ms;
        route.retry = self.retry.clone();
        route.concurrency = usize::try_from(self.controls.concurrency()).unwrap_or(1);
        route.controls = self.controls.clone();
        route.breaker = breaker;
        route
    }
}

/// How a receiver behaves at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Answers 200.
    Good,
    /// Answers this code, with this `Retry-After` in milliseconds.
    Answers(i64, Option<i64>),
    /// Answers too late.
    Hangs,
    /// Answers well or ill, as it falls.
    Flaky,
    /// Takes no connection.
    Gone,
}

/// What a receiver will answer to one request, and after how long.
pub(super) fn answer(mood: Mood, timeout_ms: i64, dice: &mut Dice) -> (Ending, i64) {
    let quick = if dice.percent(5) { dice.range(1, timeout_ms - 1) } else { dice.range(1, 400) };
    let rejected = |code, after| (Outcome::Rejected, Some(code), after, Some(ErrorClass::Http), quick);
    let reached = Some(mood != Mood::Gone);
    let (outcome, code, retry_after_ms, error_class, took_ms) = match mood {
        Mood::Flaky if dice.percent(40) => rejected(500, None),
        Mood::Good | Mood::Flaky => (Outcome::Succeeded, Some(200), None, None, quick),
        Mood::Answers(code, after) => rejected(code, after),
        Mood::Hangs => (Outcome::TimedOut, None, None, Some(ErrorClass::Timeout), timeout_ms),
        Mood::Gone => (Outcome::Unreachable, None, None, Some(ErrorClass::Connect), dice.range(1, 30)),
    };
    (
        Ending {
            result: AttemptResult { outcome, code, retry_after_ms, action: None },
            error_class,
            error: None,
            reached,
        },
        took_ms,
    )
}

/// An event that somebody posts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posted {
    pub(super) org: usize,
    /// Which endpoints want it, as bits.
    pub(super) wanted_by: u64,
    pub(super) key: Option<&'static str>,
}

/// What people and misfortune do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    /// An event is posted to a node.
    Post(usize, Posted),
    /// A node loses its memory, and is back after so many milliseconds.
    Crash(usize, i64),
    /// A node stops in good order, and is back after so many milliseconds.
    Stop(usize, i64),
    /// A node starts.
    Start(usize),
    /// A node stands still for so many milliseconds, then goes on as if nothing had been.
    Freeze(usize, i64),
    /// The store cannot be reached from a node, or can again.
    Cut(usize, bool),
    /// The store refuses everything, or not any more.
    Refuse(bool),
    /// The store takes its time, or not any more.
    Slow(bool),
    /// Redis is away, which nodes know, or is back.
    NoRedis(bool),
    /// A receiver changes.
    Turn(usize, Mood),
    /// A host does not take connections, or does again.
    HostDown(usize, bool),
    /// Somebody sets the status of an endpoint, at a node.
    Set(usize, usize, EndpointStatus),
    /// Somebody replays a delivery that has ended, at a node.
    Replay(usize),
    /// All faults end.
    Heal,
}

/// A world before it begins.
#[derive(Debug)]
pub(super) struct Plan {
    /// How each node's clock goes: milliseconds ahead, and millionths too fast.
    pub(super) clocks: Vec<(i64, i64)>,
    /// How many of the nodes deliver; the others only serve.
    workers: usize,
    /// Whether these can offer what they store.
    pub(super) redis: bool,
    pub(super) endpoints: Vec<Endpoint>,
    /// What happens when, in milliseconds from the beginning.
    pub(super) deeds: Vec<(i64, Deed)>,
    /// Events that may wait for their commit at a node.
    pub(super) room: usize,
    /// Of a hundred signals between nodes, so many are lost.
    pub(super) loss: u64,
}

impl Plan {
    pub(super) fn new(dice: &mut Dice) -> Self {
        // Most worlds are small: that finds as much, and more of it in the same time.
        let large = dice.percent(4);
        let nodes = dice.pick(&[1, 1, 1, 2, 2, 3, 4]);
        let (orgs, hosts) = (1 + dice.below(3), 1 + dice.below(3));
        let count = if large { 6 } else { 1 + dice.below(3) };
        let endpoints: Vec<Endpoint> =
            (0..count).map(|number| Endpoint::new(number, dice.below(orgs), dice.below(hosts), dice)).collect();
        let clocks = (0..nodes).map(|_| (dice.range(-2000, 2000), dice.range(-200, 200))).collect();
        let length = dice.pick(&[5_000, 30_000, 120_000, 400_000]);
        let (room, loss) = (dice.pick(&[3, 1000, 1000, 1000, 1000]), dice.pick(&[0, 10, 50, 100]));
        let workers = if dice.percent(40) { nodes } else { 1 + dice.below(nodes) };
        let redis = dice.percent(80);
        let mut plan = Self { clocks, workers, redis, endpoints, deeds: Vec::new(), room, loss };
        let posts = if large { 80 } else { 2 + dice.below(14) };
        plan.post(posts, length, dice);
        if dice.percent(30) {
            // One receiver is ill from the beginning, long enough for its circuit breaker to open.
            let mood = dice.pick(&[Mood::Answers(500, None), Mood::Flaky, Mood::Hangs, Mood::Gone]);
            plan.deeds.push((0, Deed::Turn(dice.below(count), mood)));
        }
        for _ in 0..dice.below(if large { 24 } else { 8 }) {
            plan.misfortune(length, dice);
        }
        plan.deeds.push((length + 1000, Deed::Heal));
        plan
    }

    /// Each node's clock, and whether it delivers.
    pub(super) fn nodes(&self) -> impl Iterator<Item = ((i64, i64), bool)> {
        self.clocks.iter().enumerate().map(|(node, clock)| (*clock, node < self.workers))
    }

    fn post(&mut self, count: usize, length: i64, dice: &mut Dice) {
        let mut at = dice.range(0, length);
        for _ in 0..count {
            // Events come in bursts as well as alone.
            at = if dice.percent(60) { (at + dice.range(0, 300)).min(length) } else { dice.range(0, length) };
            let org = self.endpoints[dice.below(self.endpoints.len())].org;
            let key = dice.pick(&[None, None, Some("a"), Some("a"), Some("b")]);
            let wanted_by = if dice.percent(70) { u64::MAX } else { dice.throw() };
            self.deeds.push((at, Deed::Post(dice.below(self.clocks.len()), Posted { org, wanted_by, key })));
        }
    }

    fn misfortune(&mut self, length: i64, dice: &mut Dice) {
        let (node, endpoint) = (dice.below(self.clocks.len()), dice.below(self.endpoints.len()));
        let at = dice.range(0, length);
        let until = at + dice.pick(&[50, 500, 3000, 20_000, 60_000, 120_000]).min(length);
        match dice.below(16) {
            0 | 1 => self.deeds.push((at, Deed::Crash(node, until - at))),
            2 => self.deeds.push((at, Deed::Stop(node, until - at))),
            3 => self.span(at, until, |on| Deed::Cut(node, on)),
            13 => self.deeds.push((at, Deed::Freeze(node, until - at))),
            4 | 12 => {
                // Once, or on and off.
                let blinks = if dice.percent(50) { 1 } else { 8 };
                let mut from = at;
                for _ in 0..blinks {
                    self.span(from, from + (until - at) / blinks, Deed::Refuse);
                    from += (until - at) / blinks + dice.range(0, 300);
                }
            }
            5 => self.span(at, until, Deed::Slow),
            15 if self.redis => self.span(at, until, Deed::NoRedis),
            6 => {
                let host = self.endpoints[endpoint].host;
                self.span(at, until, |on| Deed::HostDown(host, on));
            }
            7 | 8 | 14 => {
                let off = dice.pick(&[EndpointStatus::Paused, EndpointStatus::Paused, EndpointStatus::Disabled]);
                let back_at = dice.below(self.clocks.len());
                self.deeds.push((at, Deed::Set(node, endpoint, off)));
                self.deeds.push((until, Deed::Set(back_at, endpoint, EndpointStatus::Active)));
            }
            9 => self.deeds.push((at, Deed::Replay(node))),
            _ => {
                let mood = match dice.below(7) {
                    0 => Mood::Answers(410, None),
                    1 => Mood::Answers(429, Some(dice.pick(&[1000, 30_000, 3_600_000]))),
                    2 => Mood::Answers(503, Some(2000)),
                    3 => Mood::Hangs,
                    4 => Mood::Flaky,
                    _ => Mood::Answers(500, None),
                };
                self.deeds.push((at, Deed::Turn(endpoint, mood)));
                self.deeds.push((until, Deed::Turn(endpoint, Mood::Good)));
            }
        }
    }

    fn span(&mut self, from: i64, until: i64, deed: impl Fn(bool) -> Deed) {
        self.deeds.push((from, deed(true)));
        self.deeds.push((until, deed(false)));
    }
}
