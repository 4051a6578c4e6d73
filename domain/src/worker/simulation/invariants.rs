//! What must hold in every world. [`Truth`] watches from outside: it knows the true time, all clocks and what every
//! receiver got, and keeps books of its own instead of believing those of the engine.

use std::collections::{HashMap, VecDeque};

use super::knowledge::Rests;
use super::store::Store;
use crate::delivery::store::AttemptRow;
use crate::delivery::{DeliveryStatus, Outcome};
use crate::directory::Route;
use crate::endpoint::StatusAction;
use crate::endpoint::breaker::PROBE_MS;
use crate::id::AttemptId;
use crate::time::Timestamp;
use crate::worker::lanes::Job;

/// How far clocks may disagree, in milliseconds: two seconds each way, and some drift.
pub(super) const CLOCKS_MS: i64 = 4500;
/// A rate limit lets this much pass at once, in milliseconds of its rate.
const BURST_MS: i64 = 10_000;
/// A node believes what it has read for so long where others share the store, in milliseconds, and a moment more.
const BELIEVED_MS: i64 = 2002;
/// The span over which rates are counted, in milliseconds.
const WINDOW_MS: i64 = 60_000;

/// The rules, by the numbers of the essay in `mod.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invariant {
    NothingLost,
    NotEarly,
    OneLease,
    InOrder,
    Attempts,
    OneProbe,
    NoDuplicate,
    Limits,
    Stopped,
}

/// A rule that was broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) invariant: Invariant,
    pub(super) what: String,
}

/// How often what was to be tried really came up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) steps: u64,
    pub(super) sent: u64,
    pub(super) delivered: u64,
    pub(super) failed: u64,
    pub(super) duplicates: u64,
    pub(super) lapsed: u64,
    pub(super) crashes: u64,
    pub(super) probes: u64,
    pub(super) held: u64,
    pub(super) postponed: u64,
    pub(super) kept: u64,
    pub(super) behind: u64,
    pub(super) refused: u64,
    pub(super) disabled: u64,
    pub(super) stranded: u64,
    pub(super) batched: u64,
    pub(super) unheard: u64,
    pub(super) untold: u64,
    pub(super) given_back: u64,
    pub(super) offered: u64,
    pub(super) taken: u64,
    pub(super) missed: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, (_, more)) in self.all_mut().into_iter().zip(other.clone().all()) {
            *sum += more;
        }
    }

    /// Fails where something that was to be tried never came up.
    pub(super) fn must_have_seen_everything(&self) {
        for (name, count) in self.clone().all() {
            assert!(count > 0, "no world had any {name}: {self:?}");
        }
    }

    fn all(mut self) -> Vec<(&'static str, u64)> {
        const NAMES: [&str; 22] = [
            "steps",
            "sent",
            "delivered",
            "failed",
            "duplicates",
            "lapsed",
            "crashes",
            "probes",
            "held",
            "postponed",
            "kept",
            "behind",
            "refused",
            "disabled",
            "stranded",
            "batched",
            "unheard",
            "untold",
            "given_back",
            "offered",
            "taken",
            "missed",
        ];
        NAMES.into_iter().zip(self.all_mut().map(|count| *count)).collect()
    }

    const fn all_mut(&mut self) -> [&mut u64; 22] {
        [
            &mut self.steps,
            &mut self.sent,
            &mut self.delivered,
            &mut self.failed,
            &mut self.duplicates,
            &mut self.lapsed,
            &mut self.crashes,
            &mut self.probes,
            &mut self.held,
            &mut self.postponed,
            &mut self.kept,
            &mut self.behind,
            &mut self.refused,
            &mut self.disabled,
            &mut self.stranded,
            &mut self.batched,
            &mut self.unheard,
            &mut self.untold,
            &mut self.given_back,
            &mut self.offered,
            &mut self.taken,
            &mut self.missed,
        ]
    }
}

/// An attempt whose result is not stored yet.
#[derive(Debug)]
struct Open {
    attempt: AttemptId,
    node: usize,
    lease: Timestamp,
    good: bool,
    /// Whether its node crashed, so that nobody knows of it.
    crashed: bool,
}

/// What is known of one delivery beside its row.
#[derive(Debug, Default)]
struct Fate {
    /// When it was due, by the clock of who made it so.
    due: Timestamp,
    /// True time before which no retry may go.
    retry_from: i64,
    open: Vec<Open>,
    arrived: bool,
}

/// What one node has done to one endpoint.
#[derive(Debug, Default, Clone)]
struct Watch {
    open_until: Option<Timestamp>,
    probe_at: Option<Timestamp>,
    under_way: usize,
    sent: VecDeque<Timestamp>,
}

#[derive(Debug)]
pub(super) struct Truth {
    pub(super) broken: Option<Violation>,
    pub(super) tally: Tally,
    fates: Vec<Fate>,
    watches: Vec<Vec<Watch>>,
    /// Since when each endpoint takes nothing, where it does not.
    stopped: Vec<Option<i64>>,
    /// When each node was last told that each organization changed.
    told: Vec<[i64; 3]>,
    /// The last delivery of each line that arrived.
    lines: HashMap<(usize, String), usize>,
}

/// Who does something when: the node, its clock and the true time.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) node: usize,
    pub(super) clock: Timestamp,
    pub(super) now: i64,
}

impl Truth {
    pub(super) fn new(nodes: usize, endpoints: usize) -> Self {
        Self {
            broken: None,
            tally: Tally::default(),
            fates: Vec::new(),
            watches: vec![vec![Watch::default(); endpoints]; nodes],
            stopped: vec![None; endpoints],
            told: vec![[0; 3]; nodes],
            lines: HashMap::new(),
        }
    }

    /// Notes that a rule does not hold, the first time.
    pub(super) fn check(&mut self, holds: bool, invariant: Invariant, what: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(Violation { invariant, what: what() });
        }
    }

    /// A delivery was stored.
    pub(super) fn stored(&mut self, due: Timestamp) {
        self.fates.push(Fate { due, ..Fate::default() });
    }

    /// An event was answered with 202.
    pub(super) fn accepted(&mut self, stored: bool) {
        self.check(stored, Invariant::NothingLost, || "a delivery was accepted that is not stored".into());
    }

    /// A delivery was claimed that was due at `due`.
    pub(super) fn claimed(&mut self, place: usize, due: Timestamp, at: At) {
        self.check(due <= at.clock, Invariant::NotEarly, || {
            format!("node {} claims delivery {place} {} ms early", at.node, due.since(at.clock))
        });
        self.fates[place].due = due;
    }

    /// A delivery was taken that is offered: it may go at once, and nobody has sent it.
    pub(super) fn taken(&mut self, place: usize, at: At) {
        self.tally.taken += 1;
        let fate = &mut self.fates[place];
        fate.due = fate.due.min(at.clock);
        let untouched = fate.open.is_empty() && !fate.arrived;
        self.check(untouched, Invariant::OneLease, || {
            format!("node {} takes delivery {place} by an offer although somebody has sent it", at.node)
        });
    }

    /// Deliveries of an endpoint may go at once, whatever time they waited for.
    pub(super) fn hurried(&mut self, endpoint: usize, store: &Store) {
        for (fate, d) in self.fates.iter_mut().zip(&store.deliveries) {
            if d.row.endpoint_id == store.endpoints[endpoint].id {
                fate.retry_from = 0;
            }
        }
    }

    /// A node has read what is stored of a breaker: what [`crate::endpoint::breaker::Breaker::learn`] says.
    pub(super) fn learned(&mut self, endpoint: usize, route: &Route, at: At) {
        let watch = &mut self.watches[at.node][endpoint];
        let stored = route.breaker.as_ref().and_then(|breaker| breaker.open_until);
        if stored > watch.open_until && stored > Some(at.clock) {
            watch.open_until = stored;
            watch.probe_at = None;
        }
    }

    /// A node sends a delivery, alone or with others. `good` is whether the receiver will say that it took the delivery.
    pub(super) fn sends(&mut self, job: &Job, attempt: &AttemptId, good: bool, at: At, store: &Store) {
        let place = store.place(&job.row.id);
        let endpoint = store.endpoint(&job.row.endpoint_id);
        self.tally.sent += 1;
        self.right_to_send(job, place, at, store);
        self.in_turn(place, store);
        let fate = &mut self.fates[place];
        if good && fate.arrived {
            self.tally.duplicates += 1;
        }
        let lease = job.lease;
        fate.open.push(Open { attempt: attempt.clone(), node: at.node, lease, good, crashed: false });
        if good
            && !std::mem::replace(&mut fate.arrived, true)
            && let Some(key) = job.row.ordering_key.clone()
        {
            let last = self.lines.insert((endpoint, key), place);
            self.check(last < Some(place), Invariant::InOrder, || format!("delivery {place} arrives after {last:?}"));
        }
    }

    fn right_to_send(&mut self, job: &Job, place: usize, at: At, store: &Store) {
        let row = &store.deliveries[place].row;
        let node = at.node;
        self.check(!row.status.is_final(), Invariant::NoDuplicate, || {
            format!("node {node} sends delivery {place} although {:?} is on record", row.status)
        });
        self.check(row.due_at == Some(job.lease), Invariant::OneLease, || {
            format!("node {node} sends delivery {place} under a lease that does not hold")
        });
        let fate = &self.fates[place];
        let (due, retry_from) = (fate.due, fate.retry_from);
        let other = fate.open.iter().find(|open| !open.crashed && at.clock.plus_ms(CLOCKS_MS) < open.lease);
        let other = other.map(|open| open.node);
        self.check(other.is_none(), Invariant::NoDuplicate, || {
            format!("node {node} sends delivery {place} while an attempt of node {other:?} is under way")
        });
        self.check(due <= at.clock, Invariant::NotEarly, || {
            format!("node {node} sends delivery {place} {} ms early", due.since(at.clock))
        });
        self.check(retry_from <= at.now + CLOCKS_MS, Invariant::NotEarly, || {
            format!("node {node} retries delivery {place} {} ms early", retry_from - at.now)
        });
    }

    /// Nothing older of its line is unfinished.
    fn in_turn(&mut self, place: usize, store: &Store) {
        let row = &store.deliveries[place].row;
        if row.ordering_key.is_none() {
            return;
        }
        let older = store.deliveries[..place].iter().position(|d| {
            d.finished_at.is_none() && d.row.ordering_key == row.ordering_key && d.row.endpoint_id == row.endpoint_id
        });
        self.check(older.is_none(), Invariant::InOrder, || {
            format!("delivery {place} is sent although {older:?} of its line is not finished")
        });
    }

    /// An endpoint was switched on or off.
    pub(super) fn switched(&mut self, endpoint: usize, on: bool, now: i64) {
        self.stopped[endpoint] = if on { None } else { self.stopped[endpoint].or(Some(now)) };
    }

    /// A node was told that an organization changed.
    pub(super) fn told(&mut self, node: usize, org: usize, now: i64) {
        self.told[node][org] = now;
    }

    /// A node makes a request because of what this look found; none where the store did not answer.
    pub(super) fn may_go(&mut self, endpoint: usize, org: usize, rests: Option<Rests>, at: At) {
        let Some(since) = self.stopped[endpoint] else { return };
        let Some(rests) = rests else { return };
        let (node, now, told) = (at.node, at.now, self.told[at.node][org]);
        let what = |why: &str| format!("node {node} sends to endpoint {endpoint}, off for {} ms, {why}", now - since);
        self.check(rests.began <= since, Invariant::Stopped, || what("although it has looked since"));
        // What a look finds that has just ended is the best that can be known, however long it took.
        let remembered = rests.ended < now;
        // One node alone believes itself until its own change is committed.
        let alone = self.told.len() == 1;
        let fresh = alone || !remembered || now - since <= BELIEVED_MS;
        self.check(fresh, Invariant::Stopped, || what("by what it remembers"));
        let unheeded = remembered && told > since && rests.ended <= told && told < now;
        self.check(!unheeded, Invariant::Stopped, || what("although it was told"));
    }

    /// A node makes a request.
    pub(super) fn within_limits(&mut self, endpoint: usize, route: &Route, at: At) {
        let watch = &mut self.watches[at.node][endpoint];
        watch.under_way += 1;
        let places = watch.under_way;
        self.check(places <= route.concurrency, Invariant::Limits, || {
            format!("node {} has {places} attempts to endpoint {endpoint} under way", at.node)
        });
    }

    /// What is to be sent leaves its lane.
    pub(super) fn leaves_lane(&mut self, endpoint: usize, route: &Route, at: At) {
        let watch = &mut self.watches[at.node][endpoint];
        watch.sent.push_back(at.clock);
        while watch.sent.front().is_some_and(|sent| at.clock.since(*sent) >= WINDOW_MS) {
            watch.sent.pop_front();
        }
        let (sent, open) = (watch.sent.len() as i64, (watch.open_until, watch.probe_at));
        if let (Some(until), probe_at) = open {
            self.tally.probes += 1;
            watch.probe_at = Some(at.clock);
            let alone = probe_at.is_none_or(|probe| at.clock.since(probe) >= PROBE_MS);
            self.check(at.clock >= until && alone, Invariant::OneProbe, || {
                format!(
                    "node {} sends to endpoint {endpoint}, open for {} ms, last probe at {probe_at:?}",
                    at.node,
                    until.since(at.clock)
                )
            });
        }
        if let Some(rate) = route.rate_limit_per_minute {
            let interval = 60_000 / rate;
            let most = (WINDOW_MS + BURST_MS.max(interval)) / interval + 1;
            self.check(sent <= most, Invariant::Limits, || {
                format!("node {} sends {sent} in a minute to endpoint {endpoint}, {most} may go", at.node)
            });
        }
    }

    /// A node has an attempt's result and told its lanes.
    pub(super) fn ended(&mut self, endpoint: usize, outcome: Outcome, opened: Option<Timestamp>, at: At) {
        let watch = &mut self.watches[at.node][endpoint];
        watch.under_way -= 1;
        if outcome == Outcome::Succeeded {
            watch.open_until = None;
            watch.probe_at = None;
        } else if opened.is_some() {
            watch.open_until = opened;
            watch.probe_at = None;
        }
    }

    /// A node gives back what left its lane, which is no probe then.
    pub(super) fn gave_back(&mut self, endpoint: usize, node: usize) {
        self.tally.given_back += 1;
        self.watches[node][endpoint].probe_at = None;
    }

    /// A node was told to trust an endpoint again.
    pub(super) fn trusted(&mut self, endpoint: usize, node: usize) {
        self.watches[node][endpoint].open_until = None;
        self.watches[node][endpoint].probe_at = None;
    }

    /// A node lost its memory.
    pub(super) fn crashed(&mut self, node: usize) {
        self.tally.crashes += 1;
        self.watches[node].fill(Watch::default());
        for open in self.fates.iter_mut().flat_map(|fate| &mut fate.open).filter(|open| open.node == node) {
            open.crashed = true;
        }
    }

    /// A result is about to be stored, if its lease holds.
    pub(super) fn before_finish(&mut self, row: &AttemptRow, held: bool, at: At, store: &Store) {
        let place = store.place(&row.delivery_id);
        let d = &store.deliveries[place].row;
        let holds = d.due_at == Some(row.lease);
        self.check(holds || !held, Invariant::OneLease, || {
            format!("node {} stores a result of delivery {place} without its lease", at.node)
        });
        self.check(holds || at.clock.plus_ms(CLOCKS_MS) >= row.lease, Invariant::OneLease, || {
            format!("the lease of node {} on delivery {place} was taken before it lapsed", at.node)
        });
        if !held {
            self.tally.lapsed += 1;
        }
        let (number, had, most) = (row.number, d.attempt_count, d.max_attempts);
        self.check(!held || number == had + 1 && number <= most, Invariant::Attempts, || {
            format!("attempt {number} of delivery {place} is stored after {had} of {most}")
        });
        let fate = &mut self.fates[place];
        let good = fate.open.iter().position(|open| open.attempt == row.id).map(|found| fate.open.remove(found).good);
        if let (true, Some(next)) = (held, row.next_attempt_at) {
            fate.retry_from = at.now + next.since(at.clock);
        }
        let said = row.status == DeliveryStatus::Delivered;
        self.check(good.is_none_or(|good| good == said), Invariant::NothingLost, || {
            format!("delivery {place} is {:?} on record, the receiver took it: {good:?}", row.status)
        });
        if held && row.status == DeliveryStatus::Failed {
            let controls = &store.endpoints[store.endpoint(&row.endpoint_id)].controls;
            let on_purpose = row.code.is_some_and(|code| controls.action_for(code) != StatusAction::Retry);
            self.check(number == most || on_purpose, Invariant::Attempts, || {
                format!("delivery {place} failed after {number} of {most} attempts")
            });
        }
    }

    /// At the end every delivery has ended.
    pub(super) fn at_rest(&mut self, store: &Store) {
        for (place, d) in store.deliveries.iter().enumerate() {
            let row = &d.row;
            match row.status {
                DeliveryStatus::Delivered => self.tally.delivered += 1,
                DeliveryStatus::Failed => self.tally.failed += 1,
                _ => {}
            }
            self.check(row.status.is_final(), Invariant::NothingLost, || {
                format!(
                    "delivery {place} is left {:?}, due {:?}, waiting for {:?}, attempt {} of {}",
                    row.status, row.due_at, row.waits_for, row.attempt_count, row.max_attempts
                )
            });
        }
    }
}
