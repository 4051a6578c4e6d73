//! What holds calls to a provider back: it did not answer several times in a row, or it asked to wait.
//!
//! The first is a circuit breaker as endpoints have it, kept in the connection's row for all processes. Calls that nobody answers
//! count (no connection, no answer in time, a code of 500 and above); what the provider says itself does not, and any answer closes
//! it. After a pause that grows, one call goes as a probe. Messages do not pass here: the breaker of their endpoint counts them.
//!
//! The second is kept per method, in this process, as Slack's limits are per method.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::store::{self, Row};
use crate::alert::{self, AlertKind};
use crate::db::Conn;
use crate::endpoint::breaker::{Admission, Breaker, PROBE_MS};
use crate::id::ConnectionId;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// The longest pause, in milliseconds: tokens are renewed by such calls, too.
const LONGEST_PAUSE_MS: i64 = 15 * 60_000;

/// How a call came to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// As always.
    Usual,
    /// As the one that tries whether the provider answers again.
    Probe,
}

/// Asks whether a call may go now; for how long not, in milliseconds, where it may not.
pub(super) async fn enter(hub: &Hub, row: &Row) -> Result<Result<Pass, i64>> {
    let now = hub.now();
    match breaker(row).look(now) {
        Admission::Go => Ok(Ok(Pass::Usual)),
        Admission::Wait(until) => Ok(Err(until.since(now))),
        Admission::Probe => {
            let mut tx = hub.db.begin().await?;
            let is_ours = store::start_probe(&mut tx, row, now.plus_ms(PROBE_MS)).await?;
            tx.commit().await?;
            Ok(if is_ours { Ok(Pass::Probe) } else { Err(PROBE_MS) })
        }
    }
}

/// Notes whether a call was answered, in a row about to be stored.
pub(super) fn count(row: &mut Row, pass: Pass, answered: bool, now: Timestamp) {
    let mut breaker = breaker(row);
    if answered {
        breaker.succeed();
    } else {
        if pass == Pass::Probe {
            // It stood until now that others wait for this one.
            breaker.open_until = Some(now);
        }
        breaker.fail(now, LONGEST_PAUSE_MS);
    }
    (row.call_failures, row.calls_resume_at, row.call_pause_ms) =
        (breaker.failures, breaker.open_until, breaker.pause_ms);
}

/// Raises the alert that the provider does not answer once calls are held back, and ends it with the first answer, in the caller's
/// transaction; `before` is until when they were held back before this call.
pub(super) async fn tell(conn: &mut Conn, hub: &Hub, before: Option<Timestamp>, row: &Row) -> Result<()> {
    let kind = AlertKind::ConnectionSilent;
    match (before, row.calls_resume_at) {
        (None, Some(_)) => {
            let (name, provider) = (&row.name, row.provider.name());
            let words = format!(
                "{provider} did not answer {} calls in a row for the connection {name}. It is asked again after growing pauses; the first answer ends this.",
                row.call_failures
            );
            alert::raise_once(conn, hub, &row.org_id, kind, row.id.as_str(), &words).await.map(drop)
        }
        (Some(_), None) => {
            alert::store::close(conn, &row.org_id, Some(kind), row.id.as_str(), hub.now()).await.map(drop)
        }
        _ => Ok(()),
    }
}

const fn breaker(row: &Row) -> Breaker {
    Breaker::stored(row.call_failures, row.calls_resume_at, row.call_pause_ms)
}

/// Methods of connections that are to be left alone until a time, because the provider asked for that.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<HashMap<(ConnectionId, String), Timestamp>>);

impl Waits {
    /// How long a method is to be left alone yet, in milliseconds.
    pub(super) fn left(&self, id: &ConnectionId, operation: &str, now: Timestamp) -> Option<i64> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = waits.get(&(id.clone(), operation.to_owned()))?;
        Some(until.since(now)).filter(|ms| *ms > 0)
    }

    /// Notes that a method is to be left alone; forgets what is over.
    pub(super) fn note(&self, id: &ConnectionId, operation: &str, until: Timestamp, now: Timestamp) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|_, until| *until > now);
        waits.insert((id.clone(), operation.to_owned()), until);
    }
}
