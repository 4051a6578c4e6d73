//! Endpoints that fail: failures in a row are counted where they are stored, so that the count survives a restart and
//! several processes share it. At 50, 70 and 90 people are warned; at 100 that span an hour the endpoint is disabled.

pub(crate) mod store;

use std::borrow::Borrow;
use std::collections::HashMap;

use crate::alert::{self, AlertKind};
use crate::db::Conn;
use crate::delivery::store::AttemptRow;
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;
use crate::{Hub, Result, endpoint};

/// Counts at which people are warned.
const WARNINGS: [i64; 3] = [50, 70, 90];
/// The count that disables an endpoint,
pub(crate) const DISABLES: i64 = 100;
/// if the failures span at least this time, in milliseconds.
const LEAST_SPAN_MS: i64 = 3_600_000;

/// What an attempt says about its endpoint that has to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It failed; with it the circuit breaker opened until then, with that pause in milliseconds.
    Failed(Option<(Timestamp, i64)>),
    /// It took a delivery after failures.
    Recovered,
    /// It wants no more: disable it.
    Gone,
    /// What was to be a probe said nothing of it.
    NoProbe,
}

/// The failures of one endpoint in a batch, folded.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    pub(crate) count: i64,
    pub(crate) opened: Option<(Timestamp, i64)>,
    pub(crate) recovered: bool,
    pub(crate) gone: bool,
    pub(crate) no_probe: bool,
    pub(crate) last_at: Timestamp,
}

impl Fold {
    /// Whether an endpoint with so many failures in a row since `first_at` has to be disabled.
    pub(crate) fn disables(&self, failures: i64, first_at: Timestamp) -> bool {
        failures >= DISABLES && self.last_at.since(first_at) >= LEAST_SPAN_MS
    }
}

/// Keeps what a batch of attempts says about endpoints, in its transaction. Answers the endpoints whose settings or
/// state changed: call [`endpoint::actions::changed`] for them after the commit.
pub(crate) async fn note(
    conn: &mut Conn,
    hub: &Hub,
    rows: &[impl Borrow<AttemptRow>],
) -> Result<Vec<(OrgId, EndpointId)>> {
    let mut touched = Vec::new();
    for ((org_id, id), fold) in fold(rows) {
        if apply(conn, hub, &org_id, &id, &fold).await? {
            touched.push((org_id, id));
        }
    }
    Ok(touched)
}

/// What a batch of attempts says about each endpoint, in one order everywhere, so that two processes never wait for each
/// other.
pub(crate) fn fold(rows: &[impl Borrow<AttemptRow>]) -> Vec<((OrgId, EndpointId), Fold)> {
    let mut folds: HashMap<(OrgId, EndpointId), Fold> = HashMap::new();
    let mut rows: Vec<&AttemptRow> = rows.iter().map(Borrow::borrow).collect();
    // In the order in which they ended, not in that in which they are locked.
    rows.sort_by_key(|row| row.ended_at);
    for row in rows {
        let Some(change) = row.health else { continue };
        let fold = folds.entry((row.org_id.clone(), row.endpoint_id.clone())).or_default();
        fold.last_at = fold.last_at.max(row.ended_at);
        match change {
            Change::Failed(opened) => {
                fold.count += 1;
                fold.opened = opened.or(fold.opened);
            }
            Change::Recovered => {
                *fold = Fold { recovered: true, gone: fold.gone, last_at: fold.last_at, ..Fold::default() }
            }
            Change::Gone => fold.gone = true,
            Change::NoProbe => fold.no_probe = true,
        }
    }
    let mut folds: Vec<_> = folds.into_iter().collect();
    folds.sort_by(|(a, _), (b, _)| a.1.cmp(&b.1));
    folds
}

async fn apply(conn: &mut Conn, hub: &Hub, org_id: &OrgId, id: &EndpointId, fold: &Fold) -> Result<bool> {
    let mut touched = false;
    if fold.recovered {
        store::clear(conn, id).await?;
        touched = true;
        let kind = Some(AlertKind::EndpointFailing);
        if alert::store::close(conn, org_id, kind, id.as_str(), fold.last_at).await? > 0 {
            alert::events::recovered(conn, hub, org_id, id).await?;
        }
    }
    if fold.gone {
        return endpoint::actions::disable(conn, hub, org_id, id, "The receiver answered that it wants no more.").await;
    }
    if fold.no_probe {
        store::give_up_probe(conn, id).await?;
    }
    if fold.count == 0 {
        return Ok(touched);
    }
    let (failures, first_at) = store::add(conn, org_id, id, fold).await?;
    if fold.disables(failures, first_at) {
        let reason = format!("{failures} attempts failed in a row.");
        return Ok(endpoint::actions::disable(conn, hub, org_id, id, &reason).await? || touched);
    }
    if WARNINGS.iter().any(|at| failures - fold.count < *at && *at <= failures) {
        alert::failing(conn, hub, org_id, id, failures, first_at).await?;
        touched = true;
    }
    Ok(touched)
}
