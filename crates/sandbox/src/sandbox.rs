//! What callers hold: compile a source, run a script.

use std::io;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::place::Place;
use crate::pool::{Pool, Waiting};
use crate::run::{Event, Job};
use crate::{Config, Run, Script, ScriptError};

/// Runs scripts. Share it in an `Arc`; when it is dropped its threads end.
#[derive(Debug)]
pub struct Sandbox {
    pool: Arc<Pool>,
}

impl Sandbox {
    /// Starts the threads, and with [`Isolation::Process`](crate::Isolation::Process) one child to see whether it answers.
    ///
    /// # Errors
    /// If a thread or a child cannot be started.
    pub fn new(config: Config) -> io::Result<Self> {
        Place::try_out(&config)?;
        Ok(Sandbox { pool: Pool::start(config)? })
    }

    /// Checks a source: it is JavaScript, and it has a function named `transform`. The source is run for that, within the limits;
    /// the function is not called.
    ///
    /// # Errors
    /// What is wrong with the source, or that there was no room to look at it.
    pub async fn compile(&self, source: &str) -> Result<Script, ScriptError> {
        let script = Script::accepted(source);
        let run = self.submit(Job { source: Arc::clone(&script.source), event: None }).await;
        run.result.map(|_| script)
    }

    /// Hands the event, a JSON text, to the script. Equal arguments give equal answers: the script's clock stands at `now_ms`, its
    /// randomness comes from `seed`.
    pub async fn run(&self, script: &Script, input: &str, now_ms: i64, seed: u64) -> Run {
        let event = Event { json: input.to_owned(), now_ms, seed };
        self.submit(Job { source: Arc::clone(&script.source), event: Some(event) }).await
    }

    /// Threads that hang in a built-in function at the moment. Always 0 with [`Isolation::Process`](crate::Isolation::Process).
    pub fn stuck(&self) -> usize {
        self.pool.stuck()
    }

    async fn submit(&self, job: Job) -> Run {
        let (caller, answer) = oneshot::channel();
        if !self.pool.enqueue(Waiting { job, caller }) {
            return Run::failed(ScriptError::Busy, 0);
        }
        answer.await.unwrap_or_else(|_| Run::failed(ScriptError::Busy, 0))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.pool.close();
    }
}
