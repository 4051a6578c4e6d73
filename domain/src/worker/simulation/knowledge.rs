//! What nodes know of endpoints: their looks, the changes that are made at one of them, and what the others hear of these.
//! The steps of `directory::entry`, `endpoint::actions::update` and `messenger.rs` between one wait and the next; the
//! directory and the signals are the real ones. A signal may be lost, come late, twice or after a later one.

use std::sync::Arc;

use futures::FutureExt as _;

use super::Bug;
use super::engine::{Act, Sim};
use super::node::Round;
use super::world::{Deed, Posted, org_id};
use crate::delivery::store::Row;
use crate::directory::{Entry, Route};
use crate::endpoint::EndpointStatus;
use crate::node::signal::{Signal, pack, unpack};
use crate::time::Timestamp;
use crate::worker::lanes::Job;
use crate::worker::messenger;

/// How long signals are collected: `COLLECT` of `messenger.rs`, in milliseconds.
const COLLECT_MS: i64 = 10;
/// How long before a lost connection is tried again: `AGAIN` of `messenger.rs`, in milliseconds.
const AGAIN_MS: i64 = 1000;
/// What a notification holds: `NOTIFY_BYTES` of `messenger.rs`.
const NOTIFY_BYTES: usize = 7900;

/// What a node does once it knows an organization's endpoints.
#[derive(Debug)]
pub(super) enum Then {
    Post(Posted),
    Sort(Box<Round>, Vec<Row>),
    Send(Box<Job>, Vec<Job>),
    Replay(usize),
}

/// When the look began and ended on which knowledge rests, in true time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rests {
    pub(super) began: i64,
    pub(super) ended: i64,
}

/// What is known, and since when; none where the store does not answer.
pub(super) type Known = Option<(Arc<Entry>, Rests)>;

/// A look under way.
#[derive(Debug)]
pub(super) struct Look {
    org: usize,
    version: u64,
    read_at: Timestamp,
    began: i64,
    /// What the store answered already, if it did.
    found: Option<Vec<Arc<Route>>>,
    then: Then,
}

impl Sim {
    /// `directory::entry`, and what it is asked for.
    pub(super) fn look(&mut self, node: usize, org: usize, then: Then) {
        let now = self.clock(node);
        let shared = self.nodes.len() > 1 && self.bug != Bug::KnowledgeNeverLapses;
        if let Some(entry) = self.nodes[node].directory.known(&org_id(org), shared, now) {
            let rests = self.nodes[node].rests[org];
            self.go_on(node, then, Some((entry, rests)));
            return;
        }
        let version = self.nodes[node].directory.version();
        // The answer is of any moment between question and answer.
        let found = (self.reaches(node) && self.dice.percent(50)).then(|| self.store.routes(org));
        let look = Look { org, version, read_at: now, began: self.now, found, then };
        self.plan_soon(node, Act::Look(Box::new(look)));
    }

    /// The rest of `directory::entry`, once the store has answered.
    pub(super) fn looked(&mut self, node: usize, look: Look) {
        let Look { org, version, read_at, began, found, then } = look;
        let Some(found) = found.or_else(|| self.reaches(node).then(|| self.store.routes(org))) else {
            self.go_on(node, then, None);
            return;
        };
        let (id, entry) = (org_id(org), Arc::new(Entry::for_tests(found, read_at)));
        let rests = Rests { began, ended: self.now };
        let own = &mut self.nodes[node];
        own.directory.learn(&id, &entry, version);
        if own.directory.known(&id, false, read_at).is_some_and(|known| Arc::ptr_eq(&known, &entry)) {
            own.rests[org] = rests;
        }
        self.go_on(node, then, Some((entry, rests)));
    }

    fn go_on(&mut self, node: usize, then: Then, known: Known) {
        match (then, known) {
            (Then::Send(job, others), known) => self.send_as(node, *job, others, known),
            (Then::Post(posted), Some((entry, _))) => self.post_to(node, posted, &entry.endpoints),
            (Then::Sort(round, rows), Some((entry, _))) => self.sort_to(node, *round, rows, &entry.endpoints),
            (Then::Replay(old), Some((entry, _))) => self.replay_to(node, old, &entry.endpoints),
            // What was leased lapses.
            (Then::Sort(round, _), None) => self.sort(node, *round),
            (Then::Post(_) | Then::Replay(_), None) => {}
        }
    }

    // -- endpoint/actions.rs

    /// The transaction of `endpoint::actions::update`, where only the status changes.
    pub(super) fn set(&mut self, node: usize, endpoint: usize, status: EndpointStatus) {
        if !self.serves(node) || !self.reaches(node) || self.store.endpoints[endpoint].status == status {
            return;
        }
        self.store.endpoints[endpoint].status = status;
        let id = self.store.endpoints[endpoint].id.clone();
        let (now, active) = (self.clock(node), status == EndpointStatus::Active);
        self.truth.switched(endpoint, active, self.now);
        if active {
            self.store.clear(endpoint);
            self.store.resume(&id, now);
            self.truth.hurried(endpoint, &self.store);
        } else {
            self.store.pause(&id, now);
        }
        self.plan_soon(node, Act::Updated(endpoint, active));
    }

    /// The rest of `endpoint::actions::update`, after the commit.
    pub(super) fn updated(&mut self, node: usize, endpoint: usize, forgiven: bool) {
        self.changed(node, endpoint);
        let id = self.store.endpoints[endpoint].id.clone();
        if forgiven {
            self.nodes[node].lanes.trust(&id);
            self.truth.trusted(endpoint, node);
            self.signal(node, Signal::Trusted(id.clone()));
        }
        let (jobs, now) = (self.nodes[node].lanes.empty(&id), self.clock(node));
        self.plan_back(node, jobs, now);
    }

    /// `endpoint::actions::changed`.
    pub(super) fn changed(&mut self, node: usize, endpoint: usize) {
        let org = self.store.endpoints[endpoint].org;
        self.nodes[node].directory.forget(&org_id(org));
        self.truth.told(node, org, self.now);
        self.signal(node, Signal::Changed(org_id(org)));
        self.nodes[node].tick_at = self.now;
    }

    /// `endpoint::actions::disable`: answers whether it was active.
    pub(super) fn disable(&mut self, node: usize, endpoint: usize) -> bool {
        let row = &mut self.store.endpoints[endpoint];
        if row.status != EndpointStatus::Active {
            return false;
        }
        row.status = EndpointStatus::Disabled;
        let id = row.id.clone();
        self.truth.tally.disabled += 1;
        self.truth.switched(endpoint, false, self.now);
        let now = self.clock(node);
        self.store.pause(&id, now);
        if self.healed_at.is_some() {
            // Somebody will see it.
            self.plan(None, 60_000, Act::World(Deed::Set(node, endpoint, EndpointStatus::Active)));
        }
        true
    }

    // -- messenger.rs

    /// `Signals::send`; without other nodes nothing is kept.
    pub(super) fn signal(&mut self, node: usize, signal: Signal) {
        let own = &mut self.nodes[node];
        own.signals.send(signal);
        if own.signals.is_open() && !std::mem::replace(&mut own.collecting, true) {
            self.plan(Some(node), COLLECT_MS, Act::Publish);
        }
    }

    /// `messenger::send`, of what was collected.
    pub(super) fn publish(&mut self, node: usize) {
        self.nodes[node].collecting = false;
        let Some(signals) = self.nodes[node].signals.take().now_or_never() else { return };
        if !self.reaches(node) {
            self.truth.tally.untold += 1;
            self.plan(Some(node), AGAIN_MS, Act::Gap);
            return;
        }
        for message in pack(&node.to_string(), &signals, NOTIFY_BYTES) {
            let message: Arc<str> = message.into();
            for other in (0..self.nodes.len()).filter(|other| *other != node) {
                self.carry(other, &message);
            }
        }
    }

    /// What becomes of a message on its way to another node.
    fn carry(&mut self, other: usize, message: &Arc<str>) {
        let faults = self.healed_at.is_none();
        if !self.nodes[other].up || self.nodes[other].cut || faults && self.dice.percent(self.loss) {
            self.truth.tally.unheard += 1;
            return;
        }
        for _ in 0..=u64::from(self.dice.percent(5)) {
            let wait = self.carrying_time();
            self.plan(Some(other), wait, Act::Hear(Arc::clone(message)));
        }
    }

    /// How long something is on its way to another node.
    pub(super) fn carrying_time(&mut self) -> i64 {
        match self.dice.below(20) {
            0 => self.dice.range(0, 20_000),
            1..4 => self.dice.range(0, 2000),
            _ => self.dice.range(1, 20),
        }
    }

    /// `messenger::hear`.
    pub(super) fn hear(&mut self, node: usize, message: &str) {
        for signal in unpack(&node.to_string(), message) {
            self.heed(node, &signal);
        }
    }

    /// What a signal changes, by `messenger::heed`.
    pub(super) fn heed(&mut self, node: usize, signal: &Signal) {
        if self.bug != Bug::ChangeGoesUnheeded {
            messenger::heed(&self.nodes[node].directory, &self.nodes[node].lanes, signal);
        }
        match signal {
            Signal::Trusted(id) => self.truth.trusted(self.store.endpoint(id), node),
            Signal::Gap => {
                (0..3).for_each(|org| self.truth.told(node, org, self.now));
                (0..self.store.endpoints.len()).for_each(|endpoint| self.truth.trusted(endpoint, node));
            }
            Signal::Changed(id) => {
                let orgs: Vec<usize> = (0..3).filter(|org| org_id(*org) == *id).collect();
                orgs.into_iter().for_each(|org| self.truth.told(node, org, self.now));
            }
            Signal::Work(_) | Signal::Watched(_) | Signal::Notice(..) | Signal::Missed(_) => {}
        }
        self.nodes[node].tick_at = self.now;
    }

    /// The connection by which a node hears is made anew: `messenger::heal`.
    pub(super) fn mend(&mut self, node: usize) {
        if self.nodes.len() > 1 && self.nodes[node].up && self.reaches(node) {
            let wait = self.dice.range(0, AGAIN_MS);
            self.plan(Some(node), wait, Act::Mend);
        }
    }
}
