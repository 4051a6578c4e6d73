//! What every action is handed: database, clock, randomness, keys, caches and wake-ups.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::bus::Bus;
use crate::commit::Commits;
use crate::connection::{JiraApp, SlackApp, TeamsApp};
use crate::db::Db;
use crate::directory::Directory;
use crate::id::OrgId;
use crate::node::offer::Offers;
use crate::node::signal::{Signal, Signals, Work};
use crate::node::{NodeRole, Redis};
use crate::org::plan::Plans;
use crate::source::mail::MailDoor;
use crate::time::{Clock, Timestamp};
use crate::worker::lanes::Lanes;

/// The program's shared state. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

/// What [`Hub`] points to.
pub struct Inner {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Keys for secrets at rest.
    pub keys: crate::key::Keys,
    /// What the operator set.
    pub settings: Settings,
    /// The client for deliveries; it also knows which URLs are allowed.
    pub http: guarded_http::Client,
    /// The client for calls to providers other than deliveries: each on a connection of its own, so that what is sent once
    /// arrives at most once; takes large answers.
    pub calls: guarded_http::Client,
    /// Where transformations run.
    pub sandbox: sandbox::Sandbox,
    /// Lists of channels in memory, for the picker.
    pub(crate) pickers: crate::channel::Pickers,
    /// What providers asked to be left alone with.
    pub(crate) waits: crate::connection::hold::Waits,
    /// Tokens for receivers that want OAuth 2, by endpoint and version.
    pub(crate) tokens: oauth_flow::TokenCache<(crate::id::EndpointId, i64)>,
    /// Live notices.
    pub bus: Bus,
    /// A name of this process that differs from start to start.
    pub(crate) node_id: String,
    /// When this process started.
    pub(crate) started_at: Timestamp,
    /// What other nodes should know.
    pub(crate) signals: Signals,
    /// What the nodes share besides the database, if there is one.
    pub(crate) redis: Option<Redis>,
    /// Deliveries that are to be offered to the nodes that deliver.
    pub(crate) offers: Offers,
    /// Endpoints and own event types in memory.
    pub(crate) directory: Directory,
    /// Group commit.
    pub(crate) commits: Commits,
    /// Deliveries in this process's hands, in one queue per endpoint.
    pub(crate) lanes: Lanes,
    /// Receivers that wait for something to fetch.
    pub(crate) pulls: crate::delivery::pull::Waiters,
    /// Attempts under way, with all that follows from them.
    pub(crate) attempts: tokio_util::task::TaskTracker,
    /// Callers of API keys, by hash of the key, with the time they were read.
    pub(crate) key_cache: Mutex<HashMap<[u8; 32], (Timestamp, crate::api_key::store::KnownKey)>>,
    /// When a key of the installation was last recorded to act in an organization.
    pub(crate) entered: Mutex<HashMap<(crate::id::ApiKeyId, OrgId), Timestamp>>,
    /// When staff last had recorded what they asked, by a hash of it.
    pub(crate) asked: Mutex<HashMap<[u8; 32], Timestamp>>,
    /// The one-time token of the set-up page.
    pub(crate) setup_token: OnceLock<String>,
    /// One place: of all exports of the log one reads at a time.
    pub(crate) exports: tokio::sync::Semaphore,
    /// Whose transformation runs.
    pub(crate) scripts: crate::transformation::Turns,
    /// Places for what is done by the clock for connections.
    pub(crate) chores: Arc<tokio::sync::Semaphore>,
    /// Woken when an event without deliveries was written.
    pub(crate) dispatch_wake: tokio::sync::Notify,
    /// Woken when a delivery became due earlier than planned.
    pub(crate) due_wake: tokio::sync::Notify,
    /// Woken when a replay was asked for.
    pub(crate) replay_wake: tokio::sync::Notify,
    /// Woken when a connection wants to be looked after.
    pub(crate) chores_wake: tokio::sync::Notify,
    /// Woken when a request came to a source.
    pub(crate) inbound_wake: tokio::sync::Notify,
    /// Woken when an organization's key was rotated, or is missing.
    pub(crate) keys_wake: tokio::sync::Notify,
    /// Woken when something was sealed with an unknown key.
    pub(crate) follow_wake: tokio::sync::Notify,
    /// Never woken: for workers that only follow the clock.
    pub(crate) idle_wake: tokio::sync::Notify,
    /// The time and the random part of the last id.
    last_id: Mutex<(i64, u128)>,
    /// Ends whatever waits for something to happen on behalf of a request; before the workers end.
    pub stopping: CancellationToken,
    /// Ends the workers.
    pub shutdown: CancellationToken,
}

/// What the operator set, as far as the domain cares.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The URL people reach the hub at, without a trailing slash.
    pub base_url: String,
    /// Where this process listens: deliveries to its own inbox go here.
    pub listen: SocketAddr,
    /// What this process does.
    pub role: NodeRole,
    /// The organization whose endpoints are told of the installation's alerts, if there is one.
    pub operations_org: Option<OrgId>,
    /// The app that people add to Slack, if there is one.
    pub slack: Option<SlackApp>,
    /// Where a simulated Microsoft Teams is, without a trailing slash, if there is one.
    pub teams_url: Option<String>,
    /// The app that people connect Microsoft Teams with, if there is one.
    pub teams: Option<TeamsApp>,
    /// The app that people connect Jira with, if there is one.
    pub jira: Option<JiraApp>,
    /// What not every organization may connect.
    pub plans: Plans,
    /// How e-mail comes in for everybody: a door per provider.
    pub mail: Vec<MailDoor>,
}

/// Where random bytes come from: the machine, or a test's seed.
#[derive(Debug)]
pub enum Random {
    /// The machine.
    System,
    /// A seed: the same bytes on each run. Never outside tests.
    Seeded(std::sync::atomic::AtomicU64),
}

impl Random {
    /// Fresh random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => getrandom::fill(&mut bytes).expect("the machine has randomness"),
            Self::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    // SplitMix64.
                    let mut z = state
                        .fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::SeqCst)
                        .wrapping_add(0x9e37_79b9_7f4a_7c15);
                    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
                }
            }
        }
        bytes
    }

    /// A number from 0 up to but not including 1.
    #[must_use]
    pub fn unit(&self) -> f64 {
        (u64::from_le_bytes(self.bytes()) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A secret word of 256 bits for links and keys, in the alphabet of ids.
    #[must_use]
    pub fn token(&self) -> String {
        let bytes: [u8; 30] = self.bytes();
        bytes
            .chunks(10)
            .map(|chunk| crate::id::sortable(0, chunk.try_into().expect("30 is three times 10"))[10..].to_owned())
            .collect()
    }
}

impl std::ops::Deref for Hub {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

/// What is needed to make a [`Hub`].
pub struct HubParts {
    /// The database, migrated.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Where the master key is.
    pub master: crate::key::Master,
    /// What the operator set.
    pub settings: Settings,
    /// The client for deliveries.
    pub http: guarded_http::Client,
    /// The client for calls to providers; see [`calls_config`].
    pub calls: guarded_http::Client,
    /// Where transformations run.
    pub sandbox: sandbox::Sandbox,
    /// What the nodes share besides the database, if there is one.
    pub redis: Option<Redis>,
}

/// The settings of the client for calls to providers, from those of the client for deliveries: no connection is used twice, and
/// answers may be large.
#[must_use]
pub fn calls_config(deliveries: guarded_http::Config) -> guarded_http::Config {
    const LARGE: usize = 8 * 1024 * 1024;
    guarded_http::Config { max_idle: 0, max_idle_per_host: 0, max_body: LARGE, max_read: LARGE, ..deliveries }
}

impl Hub {
    /// Puts the parts together; starts nothing. [`crate::worker::start`] starts the workers.
    #[must_use]
    pub fn new(parts: HubParts) -> Self {
        let started_at = parts.clock.now();
        let process = crate::id::sortable(started_at.0, parts.random.bytes());
        let signals = Signals::default();
        Self {
            inner: Arc::new(Inner {
                http: parts.http,
                calls: parts.calls,
                pickers: crate::channel::Pickers::default(),
                waits: crate::connection::hold::Waits::default(),
                sandbox: parts.sandbox,
                tokens: oauth_flow::TokenCache::new(),
                bus: Bus::new(&process, signals.clone()),
                node_id: process,
                started_at,
                signals,
                redis: parts.redis,
                offers: Offers::default(),
                directory: Directory::default(),
                commits: Commits::default(),
                lanes: Lanes::default(),
                pulls: crate::delivery::pull::Waiters::default(),
                attempts: tokio_util::task::TaskTracker::new(),
                exports: tokio::sync::Semaphore::new(1),
                scripts: crate::transformation::Turns::default(),
                chores: Arc::new(tokio::sync::Semaphore::new(crate::worker::refresher::AT_A_TIME)),
                key_cache: Mutex::default(),
                entered: Mutex::default(),
                asked: Mutex::default(),
                setup_token: OnceLock::new(),
                dispatch_wake: tokio::sync::Notify::new(),
                due_wake: tokio::sync::Notify::new(),
                replay_wake: tokio::sync::Notify::new(),
                chores_wake: tokio::sync::Notify::new(),
                inbound_wake: tokio::sync::Notify::new(),
                keys_wake: tokio::sync::Notify::new(),
                follow_wake: tokio::sync::Notify::new(),
                last_id: Mutex::default(),
                idle_wake: tokio::sync::Notify::new(),
                stopping: CancellationToken::new(),
                shutdown: CancellationToken::new(),
                db: parts.db,
                clock: parts.clock,
                random: parts.random,
                keys: crate::key::Keys::new(parts.master),
                settings: parts.settings,
            }),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Wakes the worker for this work, or, where this process has none, those of other nodes.
    pub(crate) fn wake(&self, work: Work) {
        self.wake_here(work);
        if !self.settings.role.works() {
            self.signals.send(Signal::Work(work));
        }
    }

    /// Wakes this process's worker for this work.
    pub(crate) fn wake_here(&self, work: Work) {
        match work {
            Work::Dispatch => self.dispatch_wake.notify_one(),
            Work::Due => self.due_wake.notify_one(),
            Work::Replay => self.replay_wake.notify_one(),
            Work::Chores => self.chores_wake.notify_one(),
            Work::Inbound => self.inbound_wake.notify_one(),
            Work::Keys => self.keys_wake.notify_one(),
        }
    }

    /// A new id made by its constructor: `hub.id(EventId::new)`. Ids made by one process in one millisecond
    /// sort in the order they were made.
    pub fn id<T>(&self, make: fn(i64, [u8; 10]) -> T) -> T {
        let now = self.now().0;
        let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        let random = if last.0 == now {
            // Room to count up is left by the cleared top bit.
            last.1 + 1
        } else {
            let mut bytes = [0; 16];
            bytes[6..].copy_from_slice(&self.random.bytes::<10>());
            bytes[6] &= 0x7f;
            u128::from_be_bytes(bytes)
        };
        *last = (now, random);
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&random.to_be_bytes()[6..]);
        make(now, bytes)
    }
}

#[cfg(test)]
pub(crate) mod testing;
