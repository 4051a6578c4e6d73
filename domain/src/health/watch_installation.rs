//! Watching the figures of the installation as a whole, by the same limits as an organization's.
//!
//! Its alerts are no organization's, so they are logged, gauged for Prometheus ([`crate::figures`]), shown to operators and
//! support, and told as operational events only to the organization that the setting `PATCHBAY_OPERATIONS_ORG` names.

use serde_json::Value;

use super::watch::{LEAST_OPEN_MS, degraded, recovered, since, words};
use super::{Counts, Figure, Grade, figures, store};
use crate::alert::{AlertKind, installation};
use crate::db::Conn;
use crate::event::store::insert_system;
use crate::id::AlertId;
use crate::node::signal::Work;
use crate::{Hub, Result};

/// Looks at the figures of all organizations together over this hour and the one before; answers how many alerts it
/// raised or closed.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    let mut conn = hub.db.read().await?;
    let mut counts = Counts::default();
    store::hours(&mut conn, None, since(now)).await?.iter().for_each(|hour| counts.add(&hour.counts));
    let waiting = store::waiting(&mut conn, None).await?;
    let open = installation::open_of_kind(&mut conn, AlertKind::HealthDegraded).await?;
    drop(conn);
    let mut done = 0;
    for known in figures(&counts, &waiting) {
        let raised_at = open.iter().find(|(name, _)| name == known.figure.as_str()).map(|(_, at)| *at);
        let changed = match (raised_at, known.grade, known.value) {
            (None, Grade::Alert, Some(value)) => raise(hub, known.figure, value).await?,
            (None, ..) | (Some(_), Grade::Alert, _) => false,
            (Some(at), _, value) => now.since(at) >= LEAST_OPEN_MS && close(hub, known.figure, value).await?,
        };
        done += usize::from(changed);
    }
    Ok(done)
}

async fn raise(hub: &Hub, figure: Figure, value: f64) -> Result<bool> {
    let (id, words, now) = (hub.id(AlertId::new), words(figure, value), hub.now());
    let mut tx = hub.db.begin().await?;
    if !installation::raise_once(&mut tx, &id, AlertKind::HealthDegraded, figure.as_str(), &words, now).await? {
        return Ok(false);
    }
    tell(&mut tx, hub, "installation.degraded", &degraded(figure, value, now)).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    tracing::warn!(figure = figure.as_str(), value, limit = figure.limit(), "of the whole installation: {words}");
    Ok(true)
}

async fn close(hub: &Hub, figure: Figure, value: Option<f64>) -> Result<bool> {
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    if !installation::close(&mut tx, AlertKind::HealthDegraded, figure.as_str(), now).await? {
        return Ok(false);
    }
    tell(&mut tx, hub, "installation.recovered", &recovered(figure, value, now)).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    let name = figure.name();
    tracing::info!(
        figure = figure.as_str(),
        value,
        limit = figure.limit(),
        "of the whole installation: {name} is back"
    );
    Ok(true)
}

/// Writes an event for the organization of who runs the installation, if one is named.
async fn tell(conn: &mut Conn, hub: &Hub, name: &str, data: &Value) -> Result<()> {
    match &hub.settings.operations_org {
        Some(org_id) => insert_system(conn, hub, org_id, name, data).await.map(drop),
        None => Ok(()),
    }
}
