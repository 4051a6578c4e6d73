//! What a sandbox is given: how many threads, where scripts run, and how far a script may go.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a [`Sandbox`](crate::Sandbox) is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// How far one run may go.
    pub limits: Limits,
    /// Scripts that run at the same time.
    pub threads: usize,
    /// Runs that may wait for a thread; more are answered with `Busy`.
    pub max_waiting: usize,
    /// Threads that may hang in a built-in function; from then on runs are answered with `Busy` until one comes back.
    pub max_stuck: usize,
    /// Where scripts run.
    pub isolation: Isolation,
}

/// Where scripts run.
#[derive(Debug, Clone)]
pub enum Isolation {
    /// On threads of this process: for scripts of people you trust, and for tests. A script can bring down the process (the engine
    /// is C, and some of its paths out of memory end in a segmentation fault), and a built-in function that hangs keeps its thread.
    Threads,
    /// In child processes, one for each thread, which are killed when they do not answer: for scripts of strangers. The program
    /// must call [`serve`](crate::serve) when it is started with these arguments; it sees no environment but `TZ=UTC`.
    #[cfg(unix)]
    Process {
        /// The program to start, for example `std::env::current_exe()`.
        program: PathBuf,
        /// The arguments by which the program knows that it is to serve.
        args: Vec<OsString>,
    },
}

/// How far one run may go.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limits {
    /// CPU time of one run, its preparation not counted. It is looked at between steps of the script.
    pub cpu: Duration,
    /// Time by the clock on the wall after which the caller is answered whatever the script does.
    pub wall: Duration,
    /// Memory of the script, the engine's own objects included; less than 1 MiB counts as 1 MiB.
    pub memory_bytes: usize,
    /// Stack of the script.
    pub stack_bytes: usize,
    /// Length of a script.
    pub max_source_bytes: usize,
    /// Length of the event's JSON text.
    pub max_input_bytes: usize,
    /// Length of the new body and the extra headers together.
    pub max_output_bytes: usize,
    /// Lines kept of what the script logs.
    pub max_log_lines: usize,
    /// Bytes kept of each such line.
    pub max_log_line_bytes: usize,
}

impl Config {
    /// The usual limits. There is no usual isolation: that is a choice to be made knowingly.
    pub fn new(isolation: Isolation) -> Self {
        Config { limits: Limits::default(), threads: 2, max_waiting: 1024, max_stuck: 8, isolation }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu: Duration::from_millis(50),
            wall: Duration::from_secs(1),
            memory_bytes: 8 << 20,
            stack_bytes: 256 << 10,
            max_source_bytes: 32 << 10,
            max_input_bytes: 1 << 20,
            max_output_bytes: 256 << 10,
            max_log_lines: 50,
            max_log_line_bytes: 1024,
        }
    }
}
