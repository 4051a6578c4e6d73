//! Transformations: an endpoint's JavaScript that makes the body to send. Deliveries and the editor's preview both come
//! through [`run`], so what was previewed is what is sent.

use sandbox::{Output, Run, Script};

use crate::id::EventId;
use crate::{Error, Hub, Result};

/// Checks a source: it is JavaScript and has a function `transform`.
///
/// # Errors
/// What is wrong with it, as the field `transformation`; unavailable when the sandbox is full.
pub(crate) async fn check(hub: &Hub, source: &str) -> Result<()> {
    match hub.sandbox.compile(source).await {
        Ok(_) => Ok(()),
        Err(sandbox::ScriptError::Busy) => Err(Error::unavailable("Too many transformations run. Try again.")),
        Err(error) => Err(Error::invalid("transformation", error.to_string())),
    }
}

/// Runs a script over the body of an event. The script's clock stands at the time in the event's id and its randomness
/// comes from that id, so that the same script makes the same body again, on a retry and on a replay.
pub(crate) async fn run(hub: &Hub, script: &Script, event_id: &EventId, body: &str) -> Run {
    hub.sandbox.run(script, body, crate::id::time_of(event_id.as_str()), seed(event_id)).await
}

/// A number that differs from event to event (FNV-1a).
fn seed(event_id: &EventId) -> u64 {
    event_id
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A body and headers to add.
pub(crate) type Made = (String, Vec<(String, String)>);

/// The body that a run asks to be sent with extra headers, none to send nothing.
///
/// # Errors
/// The sentence for the person who wrote the script.
pub(crate) fn outcome(run: Run) -> Result<Option<Made>, String> {
    match run.result {
        Ok(Output::Send { body, headers }) => Ok(Some((body, headers))),
        Ok(Output::Skip) => Ok(None),
        Err(error) => Err(format!("The transformation failed: {error}")),
    }
}
