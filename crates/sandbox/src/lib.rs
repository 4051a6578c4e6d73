//! Runs a stranger's JavaScript function over one JSON text, within hard bounds.
//!
//! A [`Sandbox`] owns a few threads. [`Sandbox::compile`] checks a source, [`Sandbox::run`] hands it an event and the answer is a
//! [`Run`]: what to send, that nothing is to be sent, or why there is no answer. See the README for what scripts look like, and for
//! what [`Isolation`] to choose.

mod config;
mod console;
mod engine;
mod error;
#[cfg(unix)]
mod keeper;
mod place;
mod pool;
mod run;
mod sandbox;
#[cfg(unix)]
mod wire;
#[cfg(unix)]
mod worker;

pub use config::{Config, Isolation, Limits};
pub use error::{Part, ScriptError};
pub use run::{Output, Run, Script};
pub use sandbox::Sandbox;
#[cfg(unix)]
pub use worker::serve;
