//! The child process: answers what its keeper asks, with as few rights as it can do with.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::Limits;
use crate::engine::Engine;
use crate::wire::{self, Question};

/// Memory the whole process may take on top of what it starts with, should a script get past the engine's own count.
const MAX_MORE_DATA: u64 = 256 << 20;

/// Runs scripts for the [`Sandbox`](crate::Sandbox) that started this process, until that closes. Call it first thing in `main`,
/// before threads are started or files opened, and return when it returns.
///
/// # Errors
/// If the process was not started by a sandbox.
pub fn serve() -> io::Result<()> {
    match answer_all() {
        // The sandbox has gone in the middle of a word: so be it.
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => Ok(()),
        result => result,
    }
}

fn answer_all() -> io::Result<()> {
    let line = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    lower(Resource::Core, 0)?;
    lower(Resource::Fsize, 0)?;
    if let Some(data) = data_bytes() {
        lower(Resource::Data, data + MAX_MORE_DATA)?;
    }
    let mut engine = Engine::default();
    while let Some(Question { limits, job }) = wire::read(&line, None)? {
        allow_cpu(&limits)?;
        let run = engine.run(&job, &limits, Arc::default());
        wire::write(&line, &run, None)?;
        engine.rest();
    }
    Ok(())
}

/// Memory of this process, where the kernel tells. The allocator of a large program may have set aside much of it already.
fn data_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Has the kernel end this process if it hangs and nobody is left to kill it.
fn allow_cpu(limits: &Limits) -> io::Result<()> {
    let used = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
    lower(Resource::Cpu, (used + limits.wall).as_secs() + 2)
}

/// Sets the soft limit; never above the hard one.
fn lower(resource: Resource, to: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(to, |maximum| maximum.min(to)));
    Ok(setrlimit(resource, Rlimit { current, maximum })?)
}
