//! Where a thread of the pool runs its scripts: on itself, or in its child process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::engine::Engine;
#[cfg(unix)]
use crate::keeper::Keeper;
use crate::run::Job;
use crate::{Config, Isolation, Limits, Run};

pub(crate) enum Place {
    Here(Box<Engine>),
    #[cfg(unix)]
    Child(Keeper),
}

impl Place {
    pub fn new(config: &Config) -> Self {
        match &config.isolation {
            Isolation::Threads => Place::Here(Box::default()),
            #[cfg(unix)]
            Isolation::Process { program, args } => Place::Child(Keeper::new(program.clone(), args.clone())),
        }
    }

    /// Whether scripts can run there at all.
    pub fn try_out(config: &Config) -> io::Result<()> {
        match Place::new(config) {
            Place::Here(_) => Ok(()),
            #[cfg(unix)]
            Place::Child(mut keeper) => keeper.rest(&config.limits),
        }
    }

    /// How long the watchdog waits for an answer. A keeper kills its child in time itself; for it this is only a net.
    pub fn patience(config: &Config) -> Duration {
        match config.isolation {
            Isolation::Threads => config.limits.wall,
            #[cfg(unix)]
            Isolation::Process { .. } => config.limits.wall * 2 + Duration::from_secs(10),
        }
    }

    pub fn run(&mut self, job: &Job, limits: &Limits, stop: Arc<AtomicBool>) -> Run {
        match self {
            Place::Here(engine) => engine.run(job, limits, stop),
            #[cfg(unix)]
            Place::Child(keeper) => keeper.run(job, limits),
        }
    }

    /// Prepares for the next run, while nobody waits. If that fails, the next run tries again and says so.
    pub fn rest(&mut self, limits: &Limits) {
        match self {
            Place::Here(engine) => engine.rest(),
            #[cfg(unix)]
            Place::Child(keeper) => drop(keeper.rest(limits)),
        }
    }
}
