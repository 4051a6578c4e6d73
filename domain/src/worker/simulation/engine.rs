//! The world of a simulation going on: true time, an agenda of what happens when, and the nodes with their clocks. One
//! thing happens at a time; what a node does is in `node.rs` and `commit.rs`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Bug;
use super::commit::{Batch, Kept, Op};
use super::dice::Dice;
use super::invariants::{At, Invariant, Tally, Truth, Violation};
use super::knowledge::{Look, Rests};
use super::node::{Flight, Round};
use super::store::Store;
use super::world::{Deed, Mood, Plan};
use crate::delivery::DeliveryStatus;
use crate::directory::{Directory, Route};
use crate::endpoint::EndpointStatus;
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::node::offer::Offer;
use crate::node::signal::Signals;
use crate::time::Timestamp;
use crate::worker::claimer::PutOff;
use crate::worker::lanes::Lanes;

/// When worlds begin.
pub(super) const BEGIN: i64 = 1_000_000_000;
/// A world that has not come to rest so long after its faults never will, in milliseconds.
const PATIENCE_MS: i64 = 48 * 3_600_000;
/// How often the sweeper runs, in milliseconds.
const SWEEP_MS: i64 = 60_000;
/// How long a node that stops waits for what is under way, in milliseconds.
const STOP_MS: i64 = 5000;

/// One process.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) lanes: Lanes,
    /// Counts its lives: what a former life began does not go on in the next.
    life: u32,
    pub(super) up: bool,
    /// Whether it delivers.
    pub(super) works: bool,
    pub(super) stopping: bool,
    pub(super) cut: bool,
    clock: (i64, i64),
    frozen_until: i64,
    pub(super) waiting: VecDeque<Op>,
    pub(super) committing: bool,
    /// Whether the claimer is in the middle of a round.
    pub(super) claiming: bool,
    pub(super) tick_at: i64,
    sweep_at: i64,
    pub(super) resting: bool,
    pub(super) directory: Directory,
    /// The look on which what it knows of each organization rests.
    pub(super) rests: [Rests; 3],
    pub(super) signals: Signals,
    /// Whether signals are being collected.
    pub(super) collecting: bool,
}

/// Whose life something belongs to, by node and count; none for the world's.
type Life = Option<(usize, u32)>;

/// What happens at a time.
#[derive(Debug)]
pub(super) enum Act {
    World(Deed),
    Write,
    Answer(Box<Batch>),
    Again(Vec<Kept>),
    Sort(Box<Round>),
    PutOff(Box<Round>, Box<PutOff>, Vec<(crate::delivery::store::Row, Arc<Route>)>),
    End(Box<Flight>),
    Hold(Vec<(OrgId, DeliveryId, Timestamp)>),
    Back(Vec<(OrgId, DeliveryId, Timestamp, Timestamp)>),
    Release(EndpointId),
    Rest,
    Look(Box<Look>),
    /// An endpoint was changed by a person; whether its failures are forgotten.
    Updated(usize, bool),
    Publish,
    Gap,
    Hear(Arc<str>),
    Mend,
    Take(Offer),
}

#[derive(Debug)]
pub(super) struct Sim {
    pub(super) now: i64,
    pub(super) dice: Dice,
    pub(super) store: Store,
    pub(super) nodes: Vec<Node>,
    pub(super) truth: Truth,
    pub(super) bug: Bug,
    pub(super) room: usize,
    pub(super) moods: Vec<Mood>,
    pub(super) hosts_down: [bool; 3],
    agenda: BTreeMap<(i64, u64), (Life, Act)>,
    count: u64,
    refusing: bool,
    slow: bool,
    pub(super) healed_at: Option<i64>,
    /// Of a hundred signals, so many are lost while there are faults.
    pub(super) loss: u64,
    /// Whether offers are carried.
    pub(super) redis: bool,
    trace: bool,
}

impl Sim {
    pub(super) fn new(seed: u64, bug: Bug, trace: bool) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::new(&mut dice);
        let (nodes, endpoints) = (plan.clocks.len(), plan.endpoints.len());
        let processes = plan.nodes().map(|(clock, works)| Node { clock, works, ..Node::default() }).collect();
        let mut sim = Self {
            now: BEGIN,
            dice,
            store: Store::new(plan.endpoints, bug),
            nodes: processes,
            truth: Truth::new(nodes, endpoints),
            bug,
            room: plan.room,
            moods: vec![Mood::Good; endpoints],
            hosts_down: [false; 3],
            agenda: BTreeMap::new(),
            count: 0,
            refusing: false,
            slow: false,
            healed_at: None,
            loss: plan.loss,
            redis: plan.redis,
            trace,
        };
        for node in 0..nodes {
            sim.start(node);
        }
        for (at, deed) in plan.deeds {
            sim.plan(None, at, Act::World(deed));
        }
        sim
    }

    /// Goes on until nothing is left to happen.
    pub(super) fn run(mut self) -> Result<Tally, Violation> {
        while self.truth.broken.is_none() && self.step() {
            self.truth.tally.steps += 1;
            let late = self.healed_at.is_some_and(|at| self.now - at > PATIENCE_MS);
            if late || self.truth.tally.steps > 100_000 {
                self.truth.at_rest(&self.store);
                self.truth.check(false, Invariant::NothingLost, || "the world never comes to rest".into());
            }
        }
        if self.truth.broken.is_none() {
            self.truth.at_rest(&self.store);
            for (number, node) in self.nodes.iter().enumerate() {
                let kept = node.lanes.promised();
                self.truth
                    .check(kept == 0, Invariant::Limits, || format!("node {number} keeps {kept} places for nobody"));
            }
        }
        match self.truth.broken {
            None => Ok(self.truth.tally),
            Some(violation) => Err(violation),
        }
    }

    /// Lets the next thing happen; answers whether there was one.
    fn step(&mut self) -> bool {
        let planned = self.agenda.first_key_value().map(|((at, _), _)| *at);
        match self.next_round() {
            Some((at, node, sweep)) if planned.is_none_or(|planned| at < planned) => {
                self.now = self.now.max(at);
                if sweep {
                    self.sweep(node)
                } else {
                    self.tick(node)
                }
                true
            }
            _ => match self.agenda.pop_first() {
                Some(((at, _), (life, act))) => {
                    self.now = at;
                    match life {
                        None => self.happen(0, act),
                        Some((node, life)) if self.nodes[node].life != life => {}
                        Some((node, _)) if self.nodes[node].frozen_until > at => {
                            self.plan(Some(node), self.nodes[node].frozen_until - at, act);
                        }
                        Some((node, _)) => self.happen(node, act),
                    }
                    true
                }
                None => self.activate(),
            },
        }
    }

    /// When which node's claimer or sweeper has something to do next.
    fn next_round(&self) -> Option<(i64, usize, bool)> {
        // A probe with nothing left to send is for what comes later: nothing does.
        let at_rest = self.healed_at.is_some() && self.store.all_ended();
        let due = self.store.next_due().into_iter().chain(self.store.next_probe()).min().filter(|_| !at_rest);
        let wanted = || !(self.store.forgotten().is_empty() && self.store.stranded().is_empty());
        let sweeps = self.healed_at.is_none() || self.store.any_set_aside() && wanted();
        let mut first: Option<(i64, usize, bool)> = None;
        for (number, node) in self.nodes.iter().enumerate() {
            if !node.up || !node.works || node.stopping || !self.reaches(number) {
                continue;
            }
            let tick = due
                .filter(|_| !node.claiming)
                .map(|due| (self.true_time(number, due).max(node.tick_at).max(node.frozen_until), number, false));
            let sweep = sweeps.then_some((node.sweep_at.max(node.frozen_until), number, true));
            first = [first, tick, sweep].into_iter().flatten().min();
        }
        first
    }

    fn happen(&mut self, node: usize, act: Act) {
        self.tell(|| format!("node {node}: {act:?}"));
        match act {
            Act::World(deed) => self.deed(deed),
            Act::Write => self.write(node),
            Act::Answer(batch) => self.answer(node, *batch),
            Act::Again(kept) => self.again(node, kept),
            Act::Sort(round) => self.sort(node, *round),
            Act::PutOff(round, off, going) => self.put_off(node, *round, &off, going),
            Act::End(flight) => self.end(node, *flight),
            Act::Hold(rows) => self.hold(node, &rows),
            Act::Back(rows) => self.hand_back(node, &rows),
            Act::Release(id) => self.release(node, &id),
            Act::Rest => self.rest(node),
            Act::Look(look) => self.looked(node, *look),
            Act::Updated(endpoint, forgiven) => self.updated(node, endpoint, forgiven),
            Act::Publish => self.publish(node),
            Act::Gap => self.signal(node, crate::node::signal::Signal::Gap),
            Act::Hear(message) => self.hear(node, &message),
            Act::Mend => self.heed(node, &crate::node::signal::Signal::Gap),
            Act::Take(offer) => self.take(node, &offer),
        }
    }

    fn deed(&mut self, deed: Deed) {
        let healed = self.healed_at.is_some();
        match deed {
            Deed::Post(node, posted) => self.post(node, posted),
            Deed::Start(node) => self.start(node),
            Deed::Heal => self.heal(),
            Deed::Set(node, endpoint, EndpointStatus::Active) => self.set(node, endpoint, EndpointStatus::Active),
            _ if healed => {}
            Deed::Crash(node, pause_ms) => self.crash(node, pause_ms),
            Deed::Stop(node, pause_ms) => self.stop(node, pause_ms),
            Deed::Freeze(node, pause_ms) => self.nodes[node].frozen_until = self.now + pause_ms,
            Deed::Cut(node, on) => {
                self.nodes[node].cut = on;
                self.mend(node);
            }
            Deed::Refuse(on) => {
                self.refusing = on;
                (0..self.nodes.len()).for_each(|node| self.mend(node));
            }
            Deed::Slow(on) => self.slow = on,
            Deed::NoRedis(on) => {
                self.redis = !on;
                self.nodes.iter().for_each(|node| node.lanes.set_offers(!node.works && !on));
            }
            Deed::Turn(endpoint, mood) => self.moods[endpoint] = mood,
            Deed::HostDown(host, down) => self.hosts_down[host] = down,
            Deed::Set(node, endpoint, status) => self.set(node, endpoint, status),
            Deed::Replay(node) => self.replay(node),
        }
    }

    fn crash(&mut self, node: usize, pause_ms: i64) {
        if !self.nodes[node].up {
            return;
        }
        self.truth.crashed(node);
        self.nodes[node].up = false;
        self.nodes[node].life += 1;
        let now = self.clock(node);
        if self.bug == Bug::CrashLosesRow
            && self.nodes.len() == 1
            && let Some(d) = self.store.deliveries.iter_mut().find(|d| d.row.due_at > Some(now))
        {
            d.row.due_at = None;
        }
        self.plan(None, pause_ms, Act::World(Deed::Start(node)));
    }

    fn stop(&mut self, node: usize, pause_ms: i64) {
        if !self.nodes[node].up || self.nodes[node].stopping {
            return;
        }
        self.nodes[node].stopping = true;
        let (jobs, now) = (self.nodes[node].lanes.set_open(false), self.clock(node));
        self.plan_back(node, jobs, now);
        self.plan(None, STOP_MS, Act::World(Deed::Crash(node, pause_ms)));
    }

    /// `worker::start`.
    fn start(&mut self, node: usize) {
        if self.nodes[node].up {
            return;
        }
        let old = std::mem::take(&mut self.nodes[node]);
        self.nodes[node] = Node {
            life: old.life,
            up: true,
            works: old.works,
            cut: old.cut,
            clock: old.clock,
            tick_at: self.now + self.dice.range(0, 200),
            sweep_at: self.now + self.dice.range(0, SWEEP_MS),
            ..Node::default()
        };
        self.nodes[node].lanes.set_open(old.works);
        self.nodes[node].lanes.set_offers(self.redis && !old.works);
        self.nodes[node].signals.set_open(self.nodes.len() > 1);
        if self.nodes.len() == 1 && self.reaches(node) {
            let now = self.clock(node);
            self.store.break_leases(now);
        }
    }

    /// All faults end; what was not active is switched on again.
    fn heal(&mut self) {
        self.healed_at = Some(self.now);
        (self.refusing, self.slow) = (false, false);
        self.hosts_down = [false; 3];
        self.moods.fill(Mood::Good);
        for node in 0..self.nodes.len() {
            self.nodes[node].cut = false;
            self.nodes[node].frozen_until = 0;
            if self.nodes[node].stopping {
                self.truth.crashed(node);
                self.nodes[node].up = false;
                self.nodes[node].life += 1;
            }
            self.start(node);
            self.mend(node);
        }
        self.activate();
    }

    /// Switches every endpoint on; answers whether any was off.
    fn activate(&mut self) -> bool {
        let off: Vec<usize> = (0..self.store.endpoints.len())
            .filter(|place| self.store.endpoints[*place].status != EndpointStatus::Active)
            .collect();
        let node = self.dice.below(self.nodes.len());
        off.iter().for_each(|endpoint| self.set(node, *endpoint, EndpointStatus::Active));
        !off.is_empty()
    }

    // -- time

    /// A node's clock.
    pub(super) fn clock(&self, node: usize) -> Timestamp {
        let (ahead, fast) = self.nodes[node].clock;
        Timestamp(self.now + ahead + (self.now - BEGIN) * fast / 1_000_000)
    }

    /// The true time at which a node's clock shows `at`, or a moment later.
    fn true_time(&self, node: usize, at: Timestamp) -> i64 {
        let (ahead, fast) = self.nodes[node].clock;
        let passed = (at.0 - BEGIN - ahead) as f64 * 1_000_000.0 / (1_000_000 + fast) as f64;
        (BEGIN + passed as i64 + 2).max(self.now)
    }

    pub(super) fn at(&self, node: usize) -> At {
        At { node, clock: self.clock(node), now: self.now }
    }

    /// How long the store takes.
    pub(super) fn lag(&mut self) -> i64 {
        match self.dice.below(50) {
            _ if self.slow => self.dice.range(0, 25_000),
            0..5 => self.dice.range(5, 300),
            _ => self.dice.range(0, 3),
        }
    }

    /// Puts something on the agenda: of a node's present life, or of the world.
    pub(super) fn plan(&mut self, node: Option<usize>, wait_ms: i64, act: Act) {
        self.count += 1;
        let life = node.map(|node| (node, self.nodes[node].life));
        self.agenda.insert((self.now + wait_ms, self.count), (life, act));
    }

    /// The same, after the store's time.
    pub(super) fn plan_soon(&mut self, node: usize, act: Act) {
        let lag = self.lag();
        self.plan(Some(node), lag, act);
    }

    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if self.trace {
            let text = what();
            let short: String = text.chars().take(400).collect();
            println!("{:>9} {short}", self.now - BEGIN);
        }
    }

    /// A number that nothing else has.
    pub(super) const fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    // -- what every node does

    /// Whether the store answers a node.
    pub(super) fn reaches(&self, node: usize) -> bool {
        !self.refusing && !self.nodes[node].cut
    }

    /// Whether a node takes requests.
    pub(super) fn serves(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        node.up && !node.stopping && node.frozen_until <= self.now
    }

    /// `sweeper::tick`.
    fn sweep(&mut self, node: usize) {
        let now = self.clock(node);
        while self.nodes[node].sweep_at <= self.now {
            self.nodes[node].sweep_at += SWEEP_MS;
        }
        self.nodes[node].lanes.sweep(now);
        for id in self.store.forgotten() {
            self.plan_soon(node, Act::Release(id));
        }
        if self.bug == Bug::NobodyLooksForStranded {
            return;
        }
        for id in self.store.stranded() {
            self.tell(|| format!("node {node} finds stranded deliveries of {id}"));
            self.truth.tally.stranded += 1;
            let endpoint = self.store.endpoint(&id);
            self.store.resume(&id, now);
            self.truth.hurried(endpoint, &self.store);
        }
    }

    /// Somebody replays a delivery that has ended: `delivery::actions::replay`.
    fn replay(&mut self, node: usize) {
        let ended: Vec<usize> = (0..self.store.deliveries.len())
            .filter(|place| self.store.deliveries[*place].row.status == DeliveryStatus::Failed)
            .collect();
        if self.serves(node) && !ended.is_empty() && self.reaches(node) {
            let old = ended[self.dice.below(ended.len())];
            self.replay_one(node, old);
        }
    }
}
