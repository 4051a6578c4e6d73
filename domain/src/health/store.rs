//! SQL of the figures: hours and queues, what is not counted yet, and which endpoints fail.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use super::count::{Changed, HourOf, Queue};
use super::{Counts, Waiting};
use crate::Result;
use crate::db::{Conn, Tx, on};
use crate::delivery::ErrorClass;
use crate::event::store::chunks;
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::time::Timestamp;

/// Deliveries that are counted while reading at most.
pub(super) const COUNTED: i64 = 20_000;

const CHANGED: &str = "SELECT org_id, id, endpoint_id, status, attempt_count, last_code, last_error, created_at, updated_at, finished_at, unindexed_at, \
     counted_status, counted_attempts FROM deliveries WHERE ";

/// Those of these deliveries that have changed since they were counted, kept as they are until the transaction ends.
pub(crate) async fn changed(tx: &mut Tx, ids: &[(&OrgId, &DeliveryId)]) -> Result<Vec<Changed>> {
    let mut all = Vec::with_capacity(ids.len());
    for piece in ids.chunks(200) {
        let lock = crate::db::dialect!(&**tx, sqlite: ")", postgres: ") ORDER BY id FOR UPDATE OF deliveries");
        let rows: Vec<Changed> = on!(&mut **tx, |c| {
            let mut q = QueryBuilder::new(CHANGED);
            q.push("(org_id, id) IN (").push_values(piece, |mut row, (org_id, id)| {
                row.push_bind(*org_id).push_bind(*id);
            });
            q.push(lock).build_query_as().fetch_all(c).await
        })?;
        // Asked for here, lest the database reads all that have changed to find these.
        all.extend(rows.into_iter().filter(|row| row.unindexed_at.is_some()));
    }
    Ok(all)
}

/// Notes that deliveries are counted as they are.
pub(crate) async fn mark(tx: &mut Tx, changes: &[Changed]) -> Result<()> {
    for piece in chunks(changes) {
        on!(&mut **tx, |c| {
            let mut q = QueryBuilder::new(
                "UPDATE deliveries SET counted_status = status, counted_attempts = attempt_count WHERE (org_id, id) IN (",
            );
            q.push_values(piece, |mut row, change| {
                row.push_bind(&change.org_id).push_bind(&change.id);
            });
            q.push(")").build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Deliveries that have changed and are not counted yet, of an organization or of all; those that changed last, if there
/// are more than are counted while reading.
pub(super) async fn uncounted(
    conn: &mut Conn,
    org_id: Option<&OrgId>,
    endpoint_id: Option<&EndpointId>,
) -> Result<Vec<Changed>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT m.* FROM (");
        q.push(CHANGED)
            .push("unindexed_at IS NOT NULL ORDER BY unindexed_at DESC LIMIT ")
            .push_bind(COUNTED)
            .push(") m WHERE 1 = 1");
        if let Some(org_id) = org_id {
            q.push(" AND m.org_id = ").push_bind(org_id);
        }
        if let Some(id) = endpoint_id {
            q.push(" AND m.endpoint_id = ").push_bind(id);
        }
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Whether more has changed in the installation than is counted while reading, so that figures may lack some of it.
pub(super) async fn is_behind(conn: &mut Conn) -> Result<bool> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE unindexed_at IS NOT NULL LIMIT $1) m";
    let count: i64 = on!(conn, |c| sqlx::query_scalar(SQL).bind(COUNTED).fetch_one(c).await)?;
    Ok(count >= COUNTED)
}

/// The hour of an endpoint, or with empty ids of the installation.
struct HourRow<'a> {
    org_id: &'a str,
    endpoint_id: &'a str,
    hour_at: i64,
    counts: Counts,
}

/// Adds to hours: to those of the endpoints, and to those of the installation.
pub(super) async fn add_hours(tx: &mut Tx, hours: &BTreeMap<HourOf, Counts>) -> Result<()> {
    let mut whole: BTreeMap<i64, Counts> = BTreeMap::new();
    for ((.., hour_at), counts) in hours {
        whole.entry(*hour_at).or_default().add(counts);
    }
    let row = |org_id, endpoint_id, hour_at: &i64, counts: &Counts| HourRow {
        org_id,
        endpoint_id,
        hour_at: *hour_at,
        counts: *counts,
    };
    let rows: Vec<HourRow<'_>> = hours
        .iter()
        .map(|((org_id, endpoint_id, hour), counts)| row(org_id.as_str(), endpoint_id.as_str(), hour, counts))
        .chain(whole.iter().map(|(hour, counts)| row("", "", hour, counts)))
        .collect();
    for piece in chunks(&rows) {
        on!(&mut **tx, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO health_hours (org_id, endpoint_id, hour_at, created, delivered, failed, dropped, attempts, retries, failures,
                 latency_ms, within_100_ms, within_500_ms, within_2_s, within_5_s, within_60_s) ",
            );
            q.push_values(piece, |mut b, r| {
                let n = &r.counts;
                b.push_bind(r.org_id).push_bind(r.endpoint_id).push_bind(r.hour_at);
                b.push_bind(n.created).push_bind(n.delivered).push_bind(n.failed).push_bind(n.dropped);
                b.push_bind(n.attempts).push_bind(n.retries).push_bind(n.failures).push_bind(n.latency_ms);
                b.push_bind(n.within_100_ms).push_bind(n.within_500_ms).push_bind(n.within_2_s);
                b.push_bind(n.within_5_s).push_bind(n.within_60_s);
            });
            q.push(
                " ON CONFLICT (org_id, endpoint_id, hour_at) DO UPDATE SET created = health_hours.created + excluded.created,
                 delivered = health_hours.delivered + excluded.delivered, failed = health_hours.failed + excluded.failed,
                 dropped = health_hours.dropped + excluded.dropped, attempts = health_hours.attempts + excluded.attempts,
                 retries = health_hours.retries + excluded.retries, failures = health_hours.failures + excluded.failures,
                 latency_ms = health_hours.latency_ms + excluded.latency_ms,
                 within_100_ms = health_hours.within_100_ms + excluded.within_100_ms,
                 within_500_ms = health_hours.within_500_ms + excluded.within_500_ms,
                 within_2_s = health_hours.within_2_s + excluded.within_2_s, within_5_s = health_hours.within_5_s + excluded.within_5_s,
                 within_60_s = health_hours.within_60_s + excluded.within_60_s",
            );
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Adds to queues.
pub(super) async fn add_queues(tx: &mut Tx, queues: &BTreeMap<(OrgId, EndpointId), Queue>) -> Result<()> {
    let rows: Vec<_> = queues.iter().collect();
    for piece in chunks(&rows) {
        on!(&mut **tx, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO endpoint_queues (org_id, endpoint_id, pending, retrying, paused, last_at, last_failed_at, last_code, last_error) ",
            );
            q.push_values(piece, |mut b, ((org_id, endpoint_id), queue)| {
                let failure = queue.last_failure;
                b.push_bind(org_id).push_bind(endpoint_id).push_bind(queue.waiting.pending);
                b.push_bind(queue.waiting.retrying).push_bind(queue.waiting.paused).push_bind(queue.last_at);
                b.push_bind(failure.map(|(at, ..)| at)).push_bind(failure.and_then(|(_, code, _)| code));
                b.push_bind(failure.and_then(|(.., error)| error));
            });
            q.push(
                " ON CONFLICT (org_id, endpoint_id) DO UPDATE SET pending = endpoint_queues.pending + excluded.pending,
                 retrying = endpoint_queues.retrying + excluded.retrying, paused = endpoint_queues.paused + excluded.paused,
                 last_at = CASE WHEN excluded.last_at > endpoint_queues.last_at THEN excluded.last_at ELSE endpoint_queues.last_at END,
                 last_code = CASE WHEN excluded.last_failed_at >= COALESCE(endpoint_queues.last_failed_at, 0) THEN excluded.last_code ELSE endpoint_queues.last_code END,
                 last_error = CASE WHEN excluded.last_failed_at >= COALESCE(endpoint_queues.last_failed_at, 0) THEN excluded.last_error ELSE endpoint_queues.last_error END,
                 last_failed_at = CASE WHEN excluded.last_failed_at >= COALESCE(endpoint_queues.last_failed_at, 0) THEN excluded.last_failed_at ELSE endpoint_queues.last_failed_at END",
            );
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// What happened in the hours of each endpoint of an organization, or of one of them, since a time.
pub(super) async fn endpoint_hours(
    conn: &mut Conn,
    org_id: &OrgId,
    endpoint_id: Option<&EndpointId>,
    since: Timestamp,
) -> Result<Vec<(EndpointId, i64, i64, i64)>> {
    Ok(on!(conn, |c| {
        let mut q =
            QueryBuilder::new("SELECT endpoint_id, hour_at, delivered, failed FROM health_hours WHERE org_id = ");
        q.push_bind(org_id);
        if let Some(id) = endpoint_id {
            q.push(" AND endpoint_id = ").push_bind(id);
        }
        q.push(" AND hour_at >= ").push_bind(since);
        q.build_query_as().fetch_all(c).await
    })?)
}

const SUMS: &str = "CAST(SUM(created) AS BIGINT) AS created, CAST(SUM(delivered) AS BIGINT) AS delivered, CAST(SUM(failed) AS BIGINT) AS failed, \
     CAST(SUM(dropped) AS BIGINT) AS dropped, CAST(SUM(attempts) AS BIGINT) AS attempts, CAST(SUM(retries) AS BIGINT) AS retries, \
     CAST(SUM(failures) AS BIGINT) AS failures, CAST(SUM(latency_ms) AS BIGINT) AS latency_ms, CAST(SUM(within_100_ms) AS BIGINT) AS within_100_ms, \
     CAST(SUM(within_500_ms) AS BIGINT) AS within_500_ms, CAST(SUM(within_2_s) AS BIGINT) AS within_2_s, \
     CAST(SUM(within_5_s) AS BIGINT) AS within_5_s, CAST(SUM(within_60_s) AS BIGINT) AS within_60_s";

/// An hour and what happened in it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Hour {
    pub(super) hour_at: i64,
    #[sqlx(flatten)]
    pub(super) counts: Counts,
}

/// What happened in each hour since a time, in an organization or in the whole installation.
pub(super) async fn hours(conn: &mut Conn, org_id: Option<&OrgId>, since: Timestamp) -> Result<Vec<Hour>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT hour_at, ");
        q.push(SUMS).push(" FROM health_hours WHERE org_id = ").push_bind(org_id.map_or("", OrgId::as_str));
        if org_id.is_none() {
            q.push(" AND endpoint_id = ''");
        }
        q.push(" AND hour_at >= ").push_bind(since).push(" GROUP BY hour_at ORDER BY hour_at");
        q.build_query_as().fetch_all(c).await
    })?)
}

/// An organization and what happened in it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct OrgCounts {
    pub(super) org_id: OrgId,
    #[sqlx(flatten)]
    pub(super) counts: Counts,
}

/// What happened in each organization since a time.
pub(super) async fn by_org(conn: &mut Conn, since: Timestamp) -> Result<Vec<OrgCounts>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT org_id, ");
        q.push(SUMS).push(" FROM health_hours WHERE org_id <> '' AND hour_at >= ").push_bind(since);
        q.push(" GROUP BY org_id ORDER BY org_id").build_query_as().fetch_all(c).await
    })?)
}

/// The queue of an endpoint.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct QueueRow {
    pub(super) endpoint_id: EndpointId,
    #[sqlx(flatten)]
    pub(super) waiting: Waiting,
    pub(super) last_at: Timestamp,
}

/// The queues of an organization's endpoints, or of one of them.
pub(super) async fn queues(conn: &mut Conn, org_id: &OrgId, endpoint_id: Option<&EndpointId>) -> Result<Vec<QueueRow>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT endpoint_id, pending, retrying, paused, last_at FROM endpoint_queues WHERE org_id = ",
        );
        q.push_bind(org_id);
        if let Some(id) = endpoint_id {
            q.push(" AND endpoint_id = ").push_bind(id);
        }
        q.build_query_as().fetch_all(c).await
    })?)
}

const DEPTHS: &str = "COALESCE(CAST(SUM(pending) AS BIGINT), 0) AS pending, COALESCE(CAST(SUM(retrying) AS BIGINT), 0) AS retrying, \
     COALESCE(CAST(SUM(paused) AS BIGINT), 0) AS paused FROM endpoint_queues";

/// What waits in an organization or in the whole installation.
pub(super) async fn waiting(conn: &mut Conn, org_id: Option<&OrgId>) -> Result<Waiting> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(DEPTHS);
        if let Some(org_id) = org_id {
            q.push(" WHERE org_id = ").push_bind(org_id);
        }
        q.build_query_as().fetch_one(c).await
    })?)
}

/// An organization and what waits in it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct OrgWaiting {
    pub(super) org_id: OrgId,
    #[sqlx(flatten)]
    pub(super) waiting: Waiting,
}

/// What waits in each organization where more than so many deliveries do.
pub(super) async fn waiting_by_org(conn: &mut Conn, more_than: i64) -> Result<Vec<OrgWaiting>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT org_id, ");
        q.push(DEPTHS).push(" GROUP BY org_id HAVING SUM(pending + retrying) > ").push_bind(more_than);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// An endpoint whose receiver failed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct FailingRow {
    pub(super) org_id: OrgId,
    pub(super) endpoint_id: EndpointId,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) failures: i64,
    pub(super) failed: i64,
    pub(super) attempts: i64,
    /// When the failures that go on began.
    pub(super) first_at: Option<Timestamp>,
    pub(super) last_failed_at: Option<Timestamp>,
    pub(super) last_code: Option<i64>,
    pub(super) last_error: Option<ErrorClass>,
}

/// The endpoints whose receivers failed since a time, in an organization or in the whole installation; the worst first.
pub(super) async fn failing(
    conn: &mut Conn,
    org_id: Option<&OrgId>,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<FailingRow>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.org_id, m.endpoint_id, e.name, e.url, m.failures, m.failed, m.attempts, f.first_at, q.last_failed_at, q.last_code, q.last_error FROM (
             SELECT org_id, endpoint_id, CAST(SUM(failures) AS BIGINT) AS failures, CAST(SUM(failed) AS BIGINT) AS failed, CAST(SUM(attempts) AS BIGINT) AS attempts
             FROM health_hours WHERE failures > 0 AND org_id <> '' AND hour_at >= ",
        );
        q.push_bind(since);
        if let Some(org_id) = org_id {
            q.push(" AND org_id = ").push_bind(org_id);
        }
        q.push(" GROUP BY org_id, endpoint_id ORDER BY 3 DESC, endpoint_id LIMIT ").push_bind(limit);
        q.push(
            ") m JOIN endpoints e ON e.id = m.endpoint_id AND e.deleted_at IS NULL LEFT JOIN endpoint_failures f ON f.endpoint_id = m.endpoint_id
             LEFT JOIN endpoint_queues q ON q.org_id = m.org_id AND q.endpoint_id = m.endpoint_id ORDER BY m.failures DESC, m.endpoint_id",
        );
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Forgets hours from before a time, so many at most.
pub(crate) async fn forget(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "DELETE FROM health_hours WHERE (org_id, endpoint_id, hour_at) IN (SELECT org_id, endpoint_id, hour_at FROM health_hours WHERE hour_at < $1 LIMIT $2)",
        )
        .bind(before)
        .bind(limit)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}
