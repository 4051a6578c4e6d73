//! Keeps one child process, asks it, and kills it when it does not answer.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::elapsed_us;
use crate::run::Job;
use crate::wire::{self, Question};
use crate::{Limits, Run, ScriptError};

/// How long a child may take to start.
const START: Duration = Duration::from_secs(10);

pub(crate) struct Keeper {
    program: PathBuf,
    args: Vec<OsString>,
    child: Option<Worker>,
}

/// A child and the line to it.
struct Worker {
    process: Child,
    line: UnixStream,
}

impl Keeper {
    pub fn new(program: PathBuf, args: Vec<OsString>) -> Self {
        Keeper { program, args, child: None }
    }

    /// Sees to it that there is a child, ready for the next job.
    pub fn rest(&mut self, limits: &Limits) -> io::Result<()> {
        self.worker(limits).map(drop)
    }

    /// Runs the job in the child. A child that was late, that fell over or that ran out of memory is not asked again. One that falls
    /// over may have been hurt by the job before, so the job gets a second try in a new one.
    pub fn run(&mut self, job: &Job, limits: &Limits) -> Run {
        let fresh = self.child.is_none();
        let run = self.attempt(job, limits);
        let again = !fresh && run.result == Err(ScriptError::Crashed);
        if again { self.attempt(job, limits) } else { run }
    }

    fn attempt(&mut self, job: &Job, limits: &Limits) -> Run {
        let Ok(worker) = self.worker(limits) else { return Run::failed(ScriptError::Busy, 0) };
        let start = Instant::now();
        let run = worker.ask(job, limits, limits.wall).unwrap_or_else(|error| {
            let late = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
            Run::failed(if late { ScriptError::Timeout } else { ScriptError::Crashed }, elapsed_us(start))
        });
        let doubtful = matches!(run.result, Err(ScriptError::Crashed | ScriptError::OutOfMemory));
        if doubtful || start.elapsed() >= limits.wall {
            self.child = None;
        }
        run
    }

    /// The child, started and ready if there was none.
    fn worker(&mut self, limits: &Limits) -> io::Result<&mut Worker> {
        let worker = match self.child.take() {
            Some(worker) => worker,
            None => Worker::start(&self.program, &self.args, limits)?,
        };
        Ok(self.child.insert(worker))
    }
}

impl Worker {
    /// Starts a child with nothing of this process but its standard error, and waits until it has run a script.
    fn start(program: &PathBuf, args: &[OsString], limits: &Limits) -> io::Result<Self> {
        let (line, far_end) = UnixStream::pair()?;
        let process = Command::new(program)
            .args(args)
            .env_clear()
            .env("TZ", "UTC")
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(far_end)))
            .stdout(Stdio::null())
            .spawn()?;
        let mut worker = Worker { process, line };
        let job = Job { source: Arc::from("function transform() {}"), event: None };
        let ready = worker.ask(&job, limits, START)?.result.is_ok();
        if ready { Ok(worker) } else { Err(io::Error::other("the child process runs no scripts")) }
    }

    /// One question, one answer, all within the time.
    fn ask(&mut self, job: &Job, limits: &Limits, time: Duration) -> io::Result<Run> {
        let until = Some(Instant::now() + time);
        wire::write(&self.line, &Question { limits: *limits, job: job.clone() }, until)?;
        wire::read(&self.line, until)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl Drop for Worker {
    /// Neither can fail in a way that matters: the child is gone afterwards.
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
