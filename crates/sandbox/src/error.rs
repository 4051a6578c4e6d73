//! Why a script gave no answer, as plain sentences.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a script gave no answer. `Display` is a sentence for the person who wrote the script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ScriptError {
    /// The source is not JavaScript.
    #[error("Line {line}, column {column}: {message}.")]
    Syntax {
        /// Line of the source, from 1.
        line: u32,
        /// Column of the line, from 1.
        column: u32,
        /// What the parser says.
        message: String,
    },
    /// The source has no function of the right name.
    #[error("The script has no function named `transform`.")]
    NoTransform,
    /// The script threw, and nothing caught it.
    #[error("The script failed{}: {message}", At(*line))]
    Threw {
        /// The error as JavaScript shows it, or the value thrown; at most 500 bytes.
        message: String,
        /// Line of the source, from 1, if the error knows it.
        line: Option<u32>,
    },
    /// The script used up its time.
    #[error("The script took longer than it may.")]
    Timeout,
    /// The script used up its memory. A script that throws `null` is answered so as well: the engine does that when it has no
    /// memory left for an error.
    #[error("The script used more memory than it may.")]
    OutOfMemory,
    /// The script used up its stack.
    #[error("The script calls itself too deeply.")]
    StackOverflow,
    /// The event is not JSON.
    #[error("The event handed to the script is not JSON.")]
    BadInput,
    /// `transform` returned what cannot be sent.
    #[error("`transform` must return an object, or null to send nothing, but {found}.")]
    BadResult {
        /// What it did instead: half a sentence.
        found: String,
    },
    /// Something is longer than allowed.
    #[error("The {part} is {bytes} bytes long; at most {limit} are allowed.")]
    TooLarge {
        /// What is too long.
        part: Part,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Too many scripts wait, or too many hang. Try again later.
    #[error("The script was not run, because too many others are running.")]
    Busy,
    /// The engine failed while it ran the script. With [`Isolation::Process`](crate::Isolation::Process) only the child is lost.
    #[error("The script made the JavaScript engine fail.")]
    Crashed,
}

/// What can be too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The text of the script.
    Source,
    /// The event handed to it.
    Event,
    /// What it returned.
    Result,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Source => "script",
            Part::Event => "event",
            Part::Result => "result of the script",
        })
    }
}

/// ` on line 3`, or nothing.
struct At(Option<u32>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, " on line {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_sentences() {
        let threw = |line| ScriptError::Threw { message: "TypeError: not a function".into(), line };
        assert_eq!(threw(Some(3)).to_string(), "The script failed on line 3: TypeError: not a function");
        assert_eq!(threw(None).to_string(), "The script failed: TypeError: not a function");
        let large = ScriptError::TooLarge { part: Part::Result, bytes: 300_000, limit: 262_144 };
        assert_eq!(large.to_string(), "The result of the script is 300000 bytes long; at most 262144 are allowed.");
    }
}
