//! Transformations: an endpoint's JavaScript that makes the body to send. Deliveries and the editor's preview both come
//! through [`run`], so what was previewed is what is sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use sandbox::{Output, Run, Script, ScriptError};
use tokio::sync::OwnedMutexGuard;

use crate::id::{EventId, OrgId};
use crate::{Error, Hub, Result};

/// Whose script runs: one at a time of each organization, so that the sandbox takes turns between them and nobody's scripts hold up those
/// of others for long.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<OrgId, Weak<tokio::sync::Mutex<()>>>>);

/// How long a script waits for those of its own organization.
const PATIENCE: Duration = Duration::from_secs(5);
/// Organizations that are remembered before those without a script under way are forgotten.
const REMEMBERED: usize = 1024;

impl Turns {
    /// Waits for the organization's turn; it ends when what is answered is dropped. None where too many of its scripts come before.
    async fn take(&self, org_id: &OrgId) -> Option<OwnedMutexGuard<()>> {
        let lock = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= REMEMBERED {
                all.retain(|_, lock| lock.strong_count() > 0);
            }
            let known = all.get(org_id).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let new = Arc::default();
                all.insert(org_id.clone(), Arc::downgrade(&new));
                new
            })
        };
        tokio::time::timeout(PATIENCE, lock.lock_owned()).await.ok()
    }
}

/// Checks a source: it is JavaScript and has a function `transform`.
///
/// # Errors
/// What is wrong with it, as the field `transformation`; unavailable when the sandbox is full.
pub(crate) async fn check(hub: &Hub, org_id: &OrgId, source: &str) -> Result<()> {
    let busy = || Error::unavailable("Too many transformations run. Try again.");
    let _turn = hub.scripts.take(org_id).await.ok_or_else(busy)?;
    match hub.sandbox.compile(source).await {
        Ok(_) => Ok(()),
        Err(ScriptError::Busy) => Err(busy()),
        Err(error) => Err(Error::invalid("transformation", error.to_string())),
    }
}

/// Runs a script over the body of an event. The script's clock stands at the time in the event's id and its randomness
/// comes from that id, so that the same script makes the same body again, on a retry and on a replay.
pub(crate) async fn run(hub: &Hub, org_id: &OrgId, script: &Script, event_id: &EventId, body: &str) -> Run {
    let Some(_turn) = hub.scripts.take(org_id).await else { return Run::failed(ScriptError::Busy, 0) };
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

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn scripts_of_one_organization_wait_for_each_other_and_not_those_of_others() {
        let turns = Turns::default();
        let (one, two) = (OrgId::new(1, [1; 10]), OrgId::new(1, [2; 10]));
        let first = turns.take(&one).await;
        assert!(turns.take(&one).now_or_never().is_none());
        assert!(turns.take(&two).now_or_never().flatten().is_some());
        assert!(turns.take(&one).await.is_none(), "after a while it is told that too many come before");
        drop(first);
        assert!(turns.take(&one).now_or_never().flatten().is_some());
        for number in 0..=REMEMBERED {
            drop(turns.take(&OrgId::new(i64::try_from(number).expect("few") + 2, [0; 10])).await);
        }
        assert!(turns.0.lock().expect("no panic").len() <= REMEMBERED);
    }
}
