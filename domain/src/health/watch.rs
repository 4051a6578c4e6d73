//! Watching the figures: an alert is raised when a figure of an organization goes beyond its limit, and closed when it has
//! come back; each is told as an operational event, once. [`super::watch_installation`] does so for all of them together.

use std::collections::BTreeMap;

use serde_json::json;

use super::store;
use super::{Counts, Figure, Grade, HOUR_MS, Waiting, figures};
use crate::alert::{self, AlertKind};
use crate::event::store::insert_system;
use crate::id::OrgId;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// An alert stays open so long at least, in milliseconds, so that a figure at its limit does not come and go every minute.
pub(super) const LEAST_OPEN_MS: i64 = 10 * 60_000;

/// Looks at the figures of every organization in which anything happened in this hour and the one before; answers how many
/// alerts it raised or closed.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    let since = since(now);
    let mut conn = hub.db.read().await?;
    let mut seen: BTreeMap<OrgId, (Counts, Waiting)> = BTreeMap::new();
    for row in store::by_org(&mut conn, since).await? {
        seen.entry(row.org_id).or_default().0 = row.counts;
    }
    for row in store::waiting_by_org(&mut conn, Figure::QueueDepth.limit() as i64).await? {
        seen.entry(row.org_id).or_default().1 = row.waiting;
    }
    let open = alert::store::open_of_kind(&mut conn, AlertKind::HealthDegraded).await?;
    drop(conn);
    let mut done = 0;
    for (org_id, figure, created_at) in &open {
        let Ok(figure) = figure.parse::<Figure>() else { continue };
        let (counts, waiting) = seen.get(org_id).copied().unwrap_or_default();
        let now_at = value(&counts, &waiting, figure);
        if now_at.1 != Grade::Alert && now.since(*created_at) >= LEAST_OPEN_MS {
            done += usize::from(close(hub, org_id, figure, now_at.0).await?);
        }
    }
    for (org_id, (counts, waiting)) in &seen {
        for figure in figures(counts, waiting) {
            let is_open = open.iter().any(|(org, name, _)| org == org_id && name == figure.figure.as_str());
            if let (Grade::Alert, Some(value), false) = (figure.grade, figure.value, is_open) {
                done += usize::from(raise(hub, org_id, figure.figure, value).await?);
            }
        }
    }
    Ok(done)
}

/// When the hour before this one began: the figures that are watched go back so far.
pub(super) const fn since(now: Timestamp) -> Timestamp {
    Timestamp((now.0.div_euclid(HOUR_MS) - 1) * HOUR_MS)
}

/// A figure and how good it is.
fn value(counts: &Counts, waiting: &Waiting, figure: Figure) -> (Option<f64>, Grade) {
    let all = figures(counts, waiting);
    all.iter().find(|known| known.figure == figure).map_or((None, Grade::Quiet), |known| (known.value, known.grade))
}

/// A figure beyond its limit in words.
pub(super) fn words(figure: Figure, value: f64) -> String {
    let (is, limit) = (figure.words(value), figure.words(figure.limit()));
    let beyond = if figure == Figure::DeliveryRate { "less" } else { "more" };
    format!("{} is {is}, {beyond} than {limit}.", figure.name())
}

/// What is told of a figure that went beyond its limit, in the shape of the standard types' schemas.
pub(super) fn degraded(figure: Figure, value: f64, now: Timestamp) -> serde_json::Value {
    let (limit, message) = (figure.limit(), words(figure, value));
    json!({ "figure": figure, "value": value, "limit": limit, "message": message, "degraded_at": now })
}

/// What is told of a figure that has come back.
pub(super) fn recovered(figure: Figure, value: Option<f64>, now: Timestamp) -> serde_json::Value {
    json!({ "figure": figure, "value": value, "limit": figure.limit(), "recovered_at": now })
}

async fn raise(hub: &Hub, org_id: &OrgId, figure: Figure, value: f64) -> Result<bool> {
    let words = words(figure, value);
    let mut tx = hub.db.begin().await?;
    if !alert::raise_once(&mut tx, hub, org_id, AlertKind::HealthDegraded, figure.as_str(), &words).await? {
        return Ok(false);
    }
    insert_system(&mut tx, hub, org_id, "health.degraded", &degraded(figure, value, hub.now())).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    Ok(true)
}

async fn close(hub: &Hub, org_id: &OrgId, figure: Figure, value: Option<f64>) -> Result<bool> {
    let mut tx = hub.db.begin().await?;
    let kind = Some(AlertKind::HealthDegraded);
    if alert::store::close(&mut tx, org_id, kind, figure.as_str(), hub.now()).await? == 0 {
        return Ok(false);
    }
    insert_system(&mut tx, hub, org_id, "health.recovered", &recovered(figure, value, hub.now())).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    Ok(true)
}
