//! A script, and what became of one run of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ScriptError;

/// The source of a script. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub(crate) source: Arc<str>,
}

impl Script {
    /// Takes a source that [`Sandbox::compile`](crate::Sandbox::compile) has accepted before, for example one kept in a database.
    /// Nothing is looked at: a source with faults gives the same errors when it is run.
    pub fn accepted(source: impl Into<Arc<str>>) -> Self {
        Script { source: source.into() }
    }

    /// The source as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// What a script answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Output {
    /// Send this.
    Send {
        /// The new body: the JSON text of an object or an array.
        body: String,
        /// Extra headers: names in lower case and in alphabetical order, values in visible ASCII.
        headers: Vec<(String, String)>,
    },
    /// Send nothing.
    Skip,
}

/// What became of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// What the script answers, or why it does not.
    pub result: Result<Output, ScriptError>,
    /// Time from the start of the script to its end, waiting for a thread not counted.
    pub took_us: u64,
    /// Memory in use when the script ended, the engine's own objects included; 0 if that is not known.
    pub memory_bytes: u64,
    /// What the script logged, cut to the limits. Lost if the script had to be abandoned.
    pub log: Vec<String>,
}

impl Run {
    /// A run of which nothing is known but why it gave no answer.
    #[must_use]
    pub fn failed(error: ScriptError, took_us: u64) -> Self {
        Run { result: Err(error), took_us, memory_bytes: 0, log: Vec::new() }
    }
}

/// One thing for the engine to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub source: Arc<str>,
    /// None: only look whether the source has a `transform`.
    pub event: Option<Event>,
}

/// What a run of a script depends on besides its source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub json: String,
    pub now_ms: i64,
    pub seed: u64,
}
