//! The threads scripts run on, and the watchdog over them.
//!
//! A thread that does not come back in time is given up: its caller is answered, and another thread takes its place. It cannot be
//! killed, so it goes on until its built-in function returns; then it is stopped and joins the others again, if one is missing.
//! At no time are there more than `threads + max_stuck` of them.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::place::Place;
use crate::run::Job;
use crate::{Config, Run, ScriptError};

/// Stack a thread has beside that of the script: the engine's own functions do not all count theirs.
const SPARE_STACK: usize = 1 << 20;

/// The threads and their work.
#[derive(Debug)]
pub(crate) struct Pool {
    config: Config,
    state: Mutex<State>,
    /// Told when there is something to run.
    work: Condvar,
    /// Told when there is something to watch.
    watch: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    running: HashMap<u64, Running>,
    next_ticket: u64,
    /// Threads that run something or wait for it.
    alive: usize,
    /// Threads that were given up.
    stuck: usize,
    closed: bool,
    /// The watchdog waits for news, not for a deadline.
    watchdog_rests: bool,
}

/// A job on its way to a thread.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub job: Job,
    pub caller: oneshot::Sender<Run>,
}

/// A job on a thread.
#[derive(Debug)]
struct Running {
    caller: oneshot::Sender<Run>,
    since: Instant,
    stop: Arc<AtomicBool>,
}

impl Pool {
    /// Starts the threads and the watchdog.
    pub fn start(mut config: Config) -> io::Result<Arc<Self>> {
        config.threads = config.threads.max(1);
        config.max_stuck = config.max_stuck.max(1);
        let pool = Arc::new(Pool { config, state: Mutex::default(), work: Condvar::new(), watch: Condvar::new() });
        pool.start_all().inspect_err(|_| pool.close())?;
        Ok(pool)
    }

    fn start_all(self: &Arc<Self>) -> io::Result<()> {
        let mut state = self.lock();
        for _ in 0..self.config.threads {
            self.start_thread(&mut state)?;
        }
        let pool = Arc::clone(self);
        thread::Builder::new().name("sandbox-watch".into()).spawn(move || pool.watch()).map(drop)
    }

    /// Ends the threads; who waits is refused.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.work.notify_all();
        self.watch.notify_all();
    }

    /// Threads that hang.
    pub fn stuck(&self) -> usize {
        self.lock().stuck
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the job was taken in. A caller whose channel is dropped later was refused as well.
    pub fn enqueue(&self, waiting: Waiting) -> bool {
        let mut state = self.lock();
        let full = state.waiting.len() >= self.config.max_waiting;
        if full || state.alive == 0 || state.stuck >= self.config.max_stuck {
            return false;
        }
        state.waiting.push_back(waiting);
        drop(state);
        self.work.notify_one();
        true
    }

    fn start_thread(self: &Arc<Self>, state: &mut State) -> io::Result<()> {
        let pool = Arc::clone(self);
        let stack = self.config.limits.stack_bytes + SPARE_STACK;
        thread::Builder::new().name("sandbox-run".into()).stack_size(stack).spawn(move || pool.work())?;
        state.alive += 1;
        Ok(())
    }

    /// The life of a thread.
    fn work(&self) {
        let mut place = Place::new(&self.config);
        let limits = &self.config.limits;
        place.rest(limits);
        while let Some((ticket, job, stop)) = self.take() {
            let run = place.run(&job, limits, stop);
            if !self.answer(ticket, run) {
                return;
            }
            place.rest(limits);
        }
    }

    /// Waits for the next job; None when the sandbox is closed.
    fn take(&self) -> Option<(u64, Job, Arc<AtomicBool>)> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            match state.waiting.pop_front() {
                Some(waiting) if waiting.caller.is_closed() => {}
                Some(Waiting { job, caller }) => {
                    let (ticket, stop) = (state.next_ticket, Arc::<AtomicBool>::default());
                    state.next_ticket += 1;
                    state.running.insert(ticket, Running { caller, since: Instant::now(), stop: Arc::clone(&stop) });
                    if std::mem::take(&mut state.watchdog_rests) {
                        self.watch.notify_one();
                    }
                    return Some((ticket, job, stop));
                }
                None => state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Hands the run to its caller, and says whether the thread is still needed.
    fn answer(&self, ticket: u64, run: Run) -> bool {
        let mut state = self.lock();
        if let Some(running) = state.running.remove(&ticket) {
            drop(state);
            drop(running.caller.send(run)); // a caller who has gone does not mind
            return true;
        }
        state.stuck -= 1;
        let needed = state.alive < self.config.threads;
        state.alive += usize::from(needed);
        needed
    }

    /// The life of the watchdog.
    fn watch(self: &Arc<Self>) {
        let patience = Place::patience(&self.config);
        let mut state = self.lock();
        while !(state.closed && state.running.is_empty()) {
            self.give_up_late(&mut state, patience);
            let oldest = state.running.values().map(|running| running.since.elapsed()).max();
            state.watchdog_rests = oldest.is_none();
            state = match oldest {
                None => self.watch.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(age) => {
                    let left = patience.saturating_sub(age).max(Duration::from_micros(100));
                    self.watch.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn give_up_late(self: &Arc<Self>, state: &mut State, patience: Duration) {
        let late: Vec<_> = state.running.extract_if(|_, running| running.since.elapsed() >= patience).collect();
        for (_, running) in late {
            running.stop.store(true, Ordering::Relaxed);
            state.alive -= 1;
            state.stuck += 1;
            let took_us = u64::try_from(running.since.elapsed().as_micros()).unwrap_or(u64::MAX);
            drop(running.caller.send(Run::failed(ScriptError::Timeout, took_us)));
        }
        while state.alive < self.config.threads && state.stuck < self.config.max_stuck && !state.closed {
            if self.start_thread(state).is_err() {
                break;
            }
        }
        if state.alive == 0 || state.stuck >= self.config.max_stuck {
            state.waiting.clear();
        }
    }
}
