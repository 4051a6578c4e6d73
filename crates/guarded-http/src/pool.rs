//! Connections waiting to be used again.
//!
//! Kept by [`Route`]: scheme, port, how the address was come by, and the client's certificate, so
//! that a connection made under one rule or as one client is never used under or as another. The lock is held for a few instructions and never
//! across an await; a connection is looked at, and closed, outside of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::live::Live;
use crate::target::Route;

/// How often connections are looked after at most.
const ROUND: Duration = Duration::from_secs(5);

pub(crate) struct Pool {
    shelves: Mutex<Shelves>,
    limits: PoolLimits,
}

/// How many connections are kept, and how long.
pub(crate) struct PoolLimits {
    pub(crate) idle_timeout: Duration,
    pub(crate) max_age: Duration,
    pub(crate) max_per_route: usize,
    pub(crate) max_total: usize,
}

#[derive(Default)]
struct Shelves {
    by_route: HashMap<Arc<Route>, Vec<Idle>>,
    count: usize,
    /// Whether a task is looking after the idle connections.
    tended: bool,
}

struct Idle {
    live: Box<Live>,
    until: Instant,
}

impl Pool {
    pub(crate) fn new(limits: PoolLimits) -> Arc<Self> {
        Arc::new(Self { shelves: Mutex::default(), limits })
    }

    /// The connection used last that is still good.
    pub(crate) fn take(&self, route: &Route) -> Option<Box<Live>> {
        loop {
            let mut idle = {
                let mut shelves = self.lock();
                let idle = shelves.by_route.get_mut(route)?.pop()?;
                shelves.count -= 1;
                idle
            };
            if idle.until > Instant::now() && idle.live.is_usable() {
                return Some(idle.live);
            }
        }
    }

    /// Keeps a connection for the next request, if there is room.
    pub(crate) fn put(self: &Arc<Self>, route: &Arc<Route>, live: Box<Live>) {
        let patience = live.patience(self.limits.idle_timeout, self.limits.max_age);
        if patience.is_zero() {
            return;
        }
        let idle = Idle { live, until: Instant::now() + patience };
        let mut shelves = self.lock();
        if shelves.count >= self.limits.max_total {
            return;
        }
        let shelf = match shelves.by_route.get_mut(route) {
            Some(shelf) => shelf,
            None => shelves.by_route.entry(route.clone()).or_default(),
        };
        if shelf.len() >= self.limits.max_per_route {
            return;
        }
        shelf.push(idle);
        shelves.count += 1;
        if !std::mem::replace(&mut shelves.tended, true) {
            drop(shelves);
            tokio::spawn(tend(Arc::downgrade(self), self.limits.idle_timeout.min(ROUND)));
        }
    }

    /// Takes out what has waited too long or was closed by the receiver; false once nothing is left.
    fn sweep(&self) -> bool {
        let now = Instant::now();
        let mut over = Vec::new();
        let mut shelves = self.lock();
        shelves.by_route.retain(|_, shelf| {
            over.extend(shelf.extract_if(.., |idle| idle.until <= now || !idle.live.is_usable()));
            !shelf.is_empty()
        });
        shelves.count -= over.len();
        let left = shelves.count > 0;
        shelves.tended = left;
        drop(shelves);
        drop(over);
        left
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after the idle connections until there are none left, or the client is gone.
async fn tend(pool: Weak<Pool>, round: Duration) {
    let _reset = Untended(pool.clone());
    loop {
        tokio::time::sleep(round).await;
        match pool.upgrade() {
            Some(pool) if pool.sweep() => {}
            _ => return,
        }
    }
}

/// Lets the next connection start another task if this one is dropped with its runtime.
struct Untended(Weak<Pool>);

impl Drop for Untended {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.lock().tended = false;
        }
    }
}
