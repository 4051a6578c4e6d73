//! Figures for Prometheus: counted where things happen, gauged when somebody asks. Names begin with `patchbay_`; their
//! labels never name a tenant, so that their number stays small.

use metrics::{counter, gauge, histogram};

use crate::alert::{AlertKind, installation};
use crate::db::{Conn, on};
use crate::delivery::store::AttemptRow;
use crate::health::Figure;
use crate::node::offer::Group;
use crate::source::{InboundState, InboundVerdict};
use crate::time::Timestamp;
use crate::{Hub, Result};

/// Due deliveries are counted up to here.
const COUNTED: i64 = 20_000;

/// Events and deliveries were stored together in one commit.
pub(crate) fn committed(events: usize, deliveries: usize, attempts: usize) {
    counter!("patchbay_events_accepted_total").increment(events as u64);
    counter!("patchbay_deliveries_created_total").increment(deliveries as u64);
    histogram!("patchbay_commit_size").record((events + attempts) as f64);
}

/// An attempt ended and was stored.
pub(crate) fn attempted(row: &AttemptRow, delivery_created_at: Timestamp) {
    counter!("patchbay_attempts_total", "outcome" => row.outcome.as_str()).increment(1);
    histogram!("patchbay_attempt_seconds").record(row.timing.total_us as f64 / 1_000_000.0);
    if row.status.is_final() {
        counter!("patchbay_deliveries_finished_total", "status" => row.status.as_str()).increment(1);
        histogram!("patchbay_delivery_seconds").record(row.ended_at.since(delivery_created_at) as f64 / 1000.0);
    }
}

/// Deliveries were found in the table and leased.
pub(crate) fn claimed(deliveries: usize) {
    counter!("patchbay_deliveries_claimed_total").increment(deliveries as u64);
}

/// Offers were put into a group's stream.
pub(crate) fn offered(group: Group) {
    counter!("patchbay_offers_sent_total", "group" => group.as_str()).increment(1);
}

/// Entries of a group's stream were read; of the deliveries in them so many were leased, and so many taken already.
pub(crate) fn read_offers(group: Group, entries: usize, leased: usize, missed: usize) {
    let group = group.as_str();
    counter!("patchbay_offers_read_total", "group" => group).increment(entries as u64);
    for (outcome, count) in [("leased", leased), ("taken_already", missed)] {
        counter!("patchbay_offered_deliveries_total", "group" => group, "outcome" => outcome).increment(count as u64);
    }
}

/// A circuit breaker opened.
pub(crate) fn breaker_opened() {
    counter!("patchbay_breakers_opened_total").increment(1);
}

/// A request came to a source, and was found to be the provider's or not.
pub(crate) fn came_in(provider: inbound::Provider, verdict: InboundVerdict) {
    counter!("patchbay_inbound_requests_total", "provider" => provider.key(), "verdict" => verdict.as_str())
        .increment(1);
}

/// A request was handled to its end: `processed`, or `failed` for good (a dead letter).
pub(crate) fn handled(state: InboundState) {
    counter!("patchbay_inbound_handled_total", "state" => state.as_str()).increment(1);
}

/// Takes the figures that are looked up rather than counted: what is under way, what is due, how far the search index is
/// behind, how many endpoints fail, what came in and waits to be handled, which of the installation's alerts are open, how far
/// the groups of nodes are with what is offered to them.
///
/// # Errors
/// The database does not answer.
pub async fn gauge_all(hub: &Hub) -> Result<()> {
    gauge_groups(hub).await;
    let mut conn = hub.db.read().await?;
    let now = hub.now();
    gauge!("patchbay_deliveries_under_way").set(hub.lanes.under_way() as f64);
    gauge!("patchbay_deliveries_due").set(count(&mut conn, DUE, now).await? as f64);
    gauge!("patchbay_deliveries_held").set(count(&mut conn, HELD, now).await? as f64);
    gauge!("patchbay_deliveries_unfetched").set(count(&mut conn, UNFETCHED, now).await? as f64);
    gauge!("patchbay_endpoints_failing").set(count(&mut conn, FAILING, now).await? as f64);
    let (waiting, oldest_ms) = inbound_waiting(&mut conn, now).await?;
    gauge!("patchbay_inbound_waiting").set(waiting as f64);
    gauge!("patchbay_inbound_oldest_waiting_seconds").set(oldest_ms as f64 / 1000.0);
    gauge!("patchbay_search_lag").set(count(&mut conn, UNINDEXED, now).await? as f64);
    gauge!("patchbay_transformations_stuck").set(hub.sandbox.stuck() as f64);
    let open = installation::open_of_kind(&mut conn, AlertKind::HealthDegraded).await?;
    for figure in Figure::ALL {
        let count = open.iter().filter(|(name, _)| name == figure.as_str()).count();
        gauge!("patchbay_installation_alerts_open", "figure" => figure.as_str()).set(count as f64);
    }
    Ok(())
}

/// Takes how far each group is: NaN for what Redis does not say.
async fn gauge_groups(hub: &Hub) {
    let Some(redis) = &hub.redis else { return };
    let all = redis.progress().await.unwrap_or_default();
    for group in Group::ALL {
        let progress = all.iter().find(|progress| progress.group == group.as_str());
        let lag = progress.and_then(|progress| progress.lag).map_or(f64::NAN, |lag| lag as f64);
        let pending = progress.map_or(f64::NAN, |progress| progress.pending as f64);
        gauge!("patchbay_offers_lag", "group" => group.as_str()).set(lag);
        gauge!("patchbay_offers_pending", "group" => group.as_str()).set(pending);
    }
}

const DUE: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE due_at <= $1 LIMIT $2) m";
const HELD: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE waits_for IN ('breaker', 'order') AND created_at <= $1 LIMIT $2) m";
const UNFETCHED: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE waits_for = 'pull' AND created_at <= $1 LIMIT $2) m";
const FAILING: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM endpoint_failures WHERE first_at <= $1 LIMIT $2) m";
const UNINDEXED: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE unindexed_at <= $1 LIMIT $2) m";

/// How many requests that came in wait to be handled, and for how many milliseconds the oldest of them has; of those that are due
/// first, so many are looked at as are counted.
pub(crate) async fn inbound_waiting(conn: &mut Conn, now: Timestamp) -> Result<(i64, i64)> {
    let (waiting, oldest): (i64, Option<Timestamp>) = on!(conn, |c| {
        sqlx::query_as(
            "SELECT COUNT(*), MIN(m.received_at) FROM
               (SELECT received_at FROM inbound_requests WHERE due_at IS NOT NULL ORDER BY due_at LIMIT $1) m",
        )
        .bind(COUNTED)
        .fetch_one(c)
        .await
    })?;
    Ok((waiting, oldest.map_or(0, |at| now.since(at).max(0))))
}

async fn count(conn: &mut Conn, sql: &'static str, now: Timestamp) -> Result<i64> {
    Ok(on!(conn, |c| sqlx::query_scalar(sql).bind(now).bind(COUNTED).fetch_one(c).await)?)
}
