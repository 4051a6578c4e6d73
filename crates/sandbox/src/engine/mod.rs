//! Runs scripts on the thread that owns it, one after the other.

mod answer;
mod budget;
mod fault;
mod room;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crate::run::Job;
use crate::{Limits, Part, Run, ScriptError};
use room::{Blank, Room};

/// Runs scripts, each in a room of its own.
#[derive(Default)]
pub(crate) struct Engine {
    blank: Option<Blank>,
    used: Option<Room>,
}

impl Engine {
    /// Runs a job. `stop` ends the script at its next step, whatever time it has left.
    pub fn run(&mut self, job: &Job, limits: &Limits, stop: Arc<AtomicBool>) -> Run {
        let start = Instant::now();
        let attempt = catch_unwind(AssertUnwindSafe(|| self.attempt(job, limits, stop)));
        let run = attempt.unwrap_or_else(|_| Run::failed(ScriptError::Crashed, 0));
        Run { took_us: elapsed_us(start), ..run }
    }

    /// Clears up after a run and prepares for the next, while nobody waits. If that fails, the next run tries again.
    pub fn rest(&mut self) {
        self.used = None;
        if self.blank.is_none() {
            self.blank = Blank::new().ok();
        }
    }

    fn attempt(&mut self, job: &Job, limits: &Limits, stop: Arc<AtomicBool>) -> Run {
        if let Err(error) = sizes(job, limits) {
            return Run::failed(error, 0);
        }
        let blank = self.blank.take().map_or_else(Blank::new, Ok);
        let Ok(room) = blank.and_then(|blank| Room::new(blank, job, *limits, stop)) else {
            return Run::failed(ScriptError::Crashed, 0);
        };
        let result = room.run(job);
        let run = Run { result, took_us: 0, memory_bytes: room.memory_bytes(), log: room.log.take() };
        self.used = Some(room);
        run
    }
}

fn sizes(job: &Job, limits: &Limits) -> Result<(), ScriptError> {
    let event = job.event.as_ref().map_or(0, |event| event.json.len());
    within(Part::Source, job.source.len(), limits.max_source_bytes)?;
    within(Part::Event, event, limits.max_input_bytes)
}

/// Whether a part is as short as it must be.
fn within(part: Part, bytes: usize, limit: usize) -> Result<(), ScriptError> {
    if bytes > limit { Err(ScriptError::TooLarge { part, bytes, limit }) } else { Ok(()) }
}

/// Microseconds since then.
pub(crate) fn elapsed_us(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
