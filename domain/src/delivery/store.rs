//! SQL of deliveries and attempts that the hot path and the workers use; the log's queries are in `log.rs`.

use std::borrow::Borrow;
use std::collections::HashSet;

use sqlx::QueryBuilder;

use super::{DeliveryStatus, ErrorClass, Outcome, Trigger, WaitsFor};
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::event::store::chunks;
use crate::id::{AttemptId, DeliveryId, EndpointId, EventId, OrgId};
use crate::time::Timestamp;

/// A delivery about to be stored, or as the deliverer needs it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) org_id: OrgId,
    pub(crate) id: DeliveryId,
    pub(crate) event_id: EventId,
    pub(crate) event_type: String,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) status: DeliveryStatus,
    pub(crate) cause: Trigger,
    pub(crate) attempt_count: i64,
    pub(crate) max_attempts: i64,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) replay_of: Option<DeliveryId>,
    pub(crate) waits_for: Option<WaitsFor>,
    pub(crate) ordering_key: Option<String>,
    /// Its place among those of its key that are not finished, given by the commit; of one that is to be fetched, its place
    /// in the endpoint's queue.
    pub(crate) order_number: Option<i64>,
    /// The version of the endpoint to send to, where it is not the newest.
    pub(crate) endpoint_version: Option<i64>,
    /// Of one about to be stored: whether `due_at` is when it is to go, by the endpoint's own times, and no lease.
    #[sqlx(default)]
    pub(crate) scheduled: bool,
}

/// An attempt about to be stored, with the state that the delivery takes.
#[derive(Debug, Clone)]
pub(crate) struct AttemptRow {
    pub(crate) org_id: OrgId,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) ordering_key: Option<String>,
    pub(crate) id: AttemptId,
    pub(crate) number: i64,
    pub(crate) started_at: Timestamp,
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<i64>,
    pub(crate) error_class: Option<ErrorClass>,
    pub(crate) error: Option<String>,
    pub(crate) timing: guarded_http::Timing,
    pub(crate) remote: Option<String>,
    pub(crate) tls: Option<String>,
    pub(crate) url: String,
    pub(crate) request_headers: String,
    pub(crate) endpoint_version: i64,
    pub(crate) request_body: Option<String>,
    pub(crate) response_headers: String,
    pub(crate) response_body: Vec<u8>,
    pub(crate) response_truncated: bool,
    /// The lease under which it was made; the new state is stored only while it holds.
    pub(crate) lease: Timestamp,
    pub(crate) status: DeliveryStatus,
    pub(crate) next_attempt_at: Option<Timestamp>,
    pub(crate) ended_at: Timestamp,
    /// What it says about the endpoint, where that has to be kept.
    pub(crate) health: Option<crate::failure::Change>,
    /// An event of the hub itself that goes with it.
    pub(crate) tells: Option<Box<crate::event::store::NewRow>>,
}

/// Stores deliveries. Those that are to be fetched get their numbers in the queue.
pub(crate) async fn insert(conn: &mut Conn, rows: &[impl Borrow<Row>]) -> Result<()> {
    if rows.iter().any(|row| row.borrow().waits_for == Some(WaitsFor::Pull)) {
        let mut rows: Vec<Row> = rows.iter().map(|row| row.borrow().clone()).collect();
        super::queue::number(conn, &mut rows).await?;
        return insert_rows(conn, &rows).await;
    }
    insert_rows(conn, rows).await
}

async fn insert_rows(conn: &mut Conn, rows: &[impl Borrow<Row>]) -> Result<()> {
    for piece in chunks(rows) {
        on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, next_attempt_at, created_at, updated_at, replay_of, unindexed_at, waits_for, ordering_key, order_number, endpoint_version) ",
            );
            q.push_values(piece, |mut b, r| {
                let r: &Row = r.borrow();
                b.push_bind(&r.org_id)
                    .push_bind(&r.id)
                    .push_bind(&r.event_id)
                    .push_bind(&r.event_type)
                    .push_bind(&r.endpoint_id);
                b.push_bind(r.status)
                    .push_bind(r.cause)
                    .push_bind(r.attempt_count)
                    .push_bind(r.max_attempts)
                    .push_bind(r.due_at)
                    .push_bind(r.due_at.filter(|_| r.scheduled));
                b.push_bind(r.created_at).push_bind(r.created_at).push_bind(&r.replay_of).push_bind(r.created_at);
                b.push_bind(r.waits_for)
                    .push_bind(&r.ordering_key)
                    .push_bind(r.order_number)
                    .push_bind(r.endpoint_version);
            });
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Stores attempts.
pub(crate) async fn insert_attempts(conn: &mut Conn, rows: &[impl Borrow<AttemptRow>]) -> Result<()> {
    for piece in chunks(rows) {
        on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO attempts (org_id, delivery_id, id, number, started_at, outcome, code, error_class, error, dns_us, connect_us, tls_us,
                 first_byte_us, total_us, remote, tls, url, request_headers, response_headers, response_truncated, response_body, endpoint_version, request_body) ",
            );
            q.push_values(piece, |mut b, r| {
                let r: &AttemptRow = r.borrow();
                b.push_bind(&r.org_id)
                    .push_bind(&r.delivery_id)
                    .push_bind(&r.id)
                    .push_bind(r.number)
                    .push_bind(r.started_at);
                b.push_bind(r.outcome).push_bind(r.code).push_bind(r.error_class).push_bind(&r.error);
                b.push_bind(r.timing.dns_us).push_bind(r.timing.connect_us).push_bind(r.timing.tls_us);
                b.push_bind(r.timing.first_byte_us)
                    .push_bind(r.timing.total_us)
                    .push_bind(&r.remote)
                    .push_bind(&r.tls)
                    .push_bind(&r.url);
                b.push_bind(&r.request_headers)
                    .push_bind(&r.response_headers)
                    .push_bind(i64::from(r.response_truncated));
                b.push_bind(&r.response_body).push_bind(r.endpoint_version).push_bind(&r.request_body);
            });
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Gives deliveries the state after their attempt, where the lease still holds; answers which ones took it.
pub(crate) async fn finish(conn: &mut Conn, rows: &[impl Borrow<AttemptRow>]) -> Result<HashSet<DeliveryId>> {
    let mut held = HashSet::with_capacity(rows.len());
    for piece in chunks(rows) {
        let ids: Vec<DeliveryId> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "UPDATE deliveries SET status = v.column4, attempt_count = v.column5, due_at = v.column6, next_attempt_at = v.column6, last_code = v.column7,
                 last_error = v.column8, last_duration_us = v.column9, updated_at = v.column10, finished_at = v.column11, unindexed_at = v.column10 FROM (",
            );
            // PostgreSQL takes the types of a VALUES list from its first row.
            for (index, r) in piece.iter().enumerate() {
                let r: &AttemptRow = r.borrow();
                q.push(if index == 0 { "VALUES (CAST(" } else { ", (" }).push_bind(&r.org_id);
                let cast = |text: &'static str| if index == 0 { text } else { ", " };
                q.push(cast(" AS TEXT), CAST(")).push_bind(&r.delivery_id);
                q.push(cast(" AS TEXT), CAST(")).push_bind(r.lease);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(r.status);
                q.push(cast(" AS TEXT), CAST(")).push_bind(r.number);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(r.next_attempt_at);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(r.code);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(r.error_class);
                q.push(cast(" AS TEXT), CAST(")).push_bind(r.timing.total_us);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(r.ended_at);
                let finished = r.status.is_final().then_some(r.ended_at);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(finished);
                q.push(if index == 0 { " AS BIGINT))" } else { ")" });
            }
            q.push(
                ") AS v WHERE deliveries.org_id = v.column1 AND deliveries.id = v.column2 AND deliveries.due_at = v.column3 RETURNING deliveries.id",
            );
            q.build_query_scalar().fetch_all(c).await
        })?;
        held.extend(ids);
    }
    Ok(held)
}

/// Empties what these attempts and the others of their deliveries sent and were answered, where the event was erased
/// meanwhile.
pub(crate) async fn blank_erased(conn: &mut Conn, rows: &[&AttemptRow]) -> Result<()> {
    for piece in chunks(rows) {
        on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "UPDATE attempts SET request_body = NULL, response_body = NULL, response_headers = '[]'
                 WHERE EXISTS (SELECT 1 FROM deliveries d JOIN events e ON e.org_id = d.org_id AND e.id = d.event_id
                   WHERE d.org_id = attempts.org_id AND d.id = attempts.delivery_id AND e.erased_at IS NOT NULL) AND org_id IN (",
            );
            let mut list = q.separated(", ");
            for row in piece {
                list.push_bind(&row.org_id);
            }
            q.push(") AND delivery_id IN (");
            let mut list = q.separated(", ");
            for row in piece {
                list.push_bind(&row.delivery_id);
            }
            q.push(")");
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

pub(super) const COLUMNS: &str = "org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, created_at, replay_of, waits_for, ordering_key, order_number, endpoint_version";

/// Leases deliveries that are due, longest due first, across tenants: `due_at` becomes the end of the lease, which lasts
/// the endpoint's timeout, now or in the version that is sent to, and `margin_ms` longer.
pub(crate) async fn claim(conn: &mut Conn, now: Timestamp, margin_ms: i64, limit: i64) -> Result<Vec<Row>> {
    let sql = dialect!(conn,
        sqlite: "UPDATE deliveries SET due_at = $1 + MAX(COALESCE((SELECT e.timeout_ms FROM endpoints e WHERE e.id = deliveries.endpoint_id), 30000),
                 COALESCE((SELECT v.timeout_ms FROM endpoint_versions v WHERE v.org_id = deliveries.org_id AND v.endpoint_id = deliveries.endpoint_id
                 AND v.version = deliveries.endpoint_version), 0))
                 WHERE (org_id, id) IN (SELECT org_id, id FROM deliveries WHERE due_at <= $2 ORDER BY due_at LIMIT $3)
                 RETURNING org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, created_at, replay_of, waits_for, ordering_key, order_number, endpoint_version",
        postgres: "UPDATE deliveries SET due_at = $1 + GREATEST(COALESCE((SELECT e.timeout_ms FROM endpoints e WHERE e.id = deliveries.endpoint_id), 30000),
                 COALESCE((SELECT v.timeout_ms FROM endpoint_versions v WHERE v.org_id = deliveries.org_id AND v.endpoint_id = deliveries.endpoint_id
                 AND v.version = deliveries.endpoint_version), 0))
                 WHERE (org_id, id) IN (SELECT org_id, id FROM deliveries WHERE due_at <= $2 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
                 RETURNING org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, created_at, replay_of, waits_for, ordering_key, order_number, endpoint_version");
    Ok(on!(conn, |c| sqlx::query_as(sql).bind(now.plus_ms(margin_ms)).bind(now).bind(limit).fetch_all(c).await)?)
}

/// A delivery that is offered, and the lease that who takes it has.
#[derive(Debug, Clone)]
pub(crate) struct Taking {
    pub(crate) org_id: OrgId,
    pub(crate) id: DeliveryId,
    /// When the offer lapses: the value of `due_at` while nobody has taken it.
    pub(crate) offered: Timestamp,
    pub(crate) lease: Timestamp,
}

/// Leases deliveries by their keys, where they are still offered: never tried, and `due_at` is still what the offer says. Never
/// waits for a row that somebody else is changing.
pub(crate) async fn take(conn: &mut Conn, rows: &[Taking]) -> Result<Vec<Row>> {
    let skip = dialect!(conn, sqlite: "", postgres: " FOR UPDATE OF d SKIP LOCKED");
    let mut taken = Vec::with_capacity(rows.len());
    for piece in chunks(rows) {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "UPDATE deliveries SET due_at = v.lease FROM (SELECT d.org_id AS of_org, d.id AS of_id, w.column4 AS lease FROM (",
            );
            // PostgreSQL takes the types of a VALUES list from its first row.
            for (index, r) in piece.iter().enumerate() {
                q.push(if index == 0 { "VALUES (CAST(" } else { ", (" }).push_bind(&r.org_id);
                let cast = |text: &'static str| if index == 0 { text } else { ", " };
                q.push(cast(" AS TEXT), CAST(")).push_bind(&r.id);
                q.push(cast(" AS TEXT), CAST(")).push_bind(r.offered);
                q.push(cast(" AS BIGINT), CAST(")).push_bind(r.lease);
                q.push(if index == 0 { " AS BIGINT))" } else { ")" });
            }
            q.push(
                ") AS w JOIN deliveries d ON d.org_id = w.column1 AND d.id = w.column2
                 WHERE d.due_at = w.column3 AND d.status = 'pending' AND d.attempt_count = 0",
            );
            q.push(skip);
            q.push(") AS v WHERE deliveries.org_id = v.of_org AND deliveries.id = v.of_id RETURNING ").push(COLUMNS);
            q.build_query_as().fetch_all(c).await
        })?;
        taken.extend(rows);
    }
    Ok(taken)
}

/// Whether anything is due; a cheap look before [`claim`] takes the writer.
pub(crate) async fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    let one: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT due_at FROM deliveries WHERE due_at <= $1 ORDER BY due_at LIMIT 1")
            .bind(now)
            .fetch_optional(c)
            .await
    })?;
    Ok(one.is_some())
}

/// Makes every delivery that was leased before `started_at` due then; answers how many.
pub(crate) async fn break_leases(conn: &mut Conn, started_at: Timestamp) -> Result<u64> {
    Ok(on!(conn, |c| {
        sqlx::query("UPDATE deliveries SET due_at = $1 WHERE due_at > $1 AND updated_at < $1 AND (next_attempt_at IS NULL OR due_at <> next_attempt_at)")
            .bind(started_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Moves leased deliveries to another time, where the lease still holds.
pub(crate) async fn postpone(conn: &mut Conn, rows: &[(OrgId, DeliveryId, Timestamp, Timestamp)]) -> Result<()> {
    for (org_id, id, lease, due_at) in rows {
        on!(conn, |c| {
            sqlx::query("UPDATE deliveries SET due_at = $1 WHERE org_id = $2 AND id = $3 AND due_at = $4")
                .bind(*due_at)
                .bind(org_id)
                .bind(id)
                .bind(*lease)
                .execute(c)
                .await
                .map(drop)
        })?;
    }
    Ok(())
}

/// Ends leased deliveries without an attempt, where the lease still holds: as `paused`, or as `failed` because the endpoint
/// is gone.
pub(crate) async fn set_aside(
    conn: &mut Conn,
    rows: &[(OrgId, DeliveryId, Timestamp)],
    status: DeliveryStatus,
    now: Timestamp,
) -> Result<()> {
    let finished = (status == DeliveryStatus::Failed).then_some(now);
    for (org_id, id, lease) in rows {
        on!(conn, |c| {
            sqlx::query(
                "UPDATE deliveries SET status = $1, due_at = NULL, next_attempt_at = NULL, updated_at = $2, finished_at = $3, unindexed_at = $2
                 WHERE org_id = $4 AND id = $5 AND due_at = $6 AND status IN ('pending', 'retrying')",
            )
            .bind(status)
            .bind(now)
            .bind(finished)
            .bind(org_id)
            .bind(id)
            .bind(*lease)
            .execute(c)
            .await
            .map(drop)
        })?;
    }
    Ok(())
}

/// Lets the kept and the held deliveries of an endpoint that is active again go out; answers how many.
pub(crate) async fn resume(conn: &mut Conn, org_id: &OrgId, endpoint_id: &EndpointId, now: Timestamp) -> Result<u64> {
    const STATEMENTS: [&str; 2] = [
        "UPDATE deliveries SET status = CASE WHEN attempt_count > 0 THEN 'retrying' ELSE 'pending' END,
         due_at = CASE WHEN waits_for IN ('order', 'pull') THEN NULL ELSE $1 END, updated_at = $1, unindexed_at = $1
         WHERE org_id = $2 AND endpoint_id = $3 AND status = 'paused'",
        "UPDATE deliveries SET due_at = $1, waits_for = NULL, updated_at = $1 WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'breaker'",
    ];
    move_all(conn, &STATEMENTS, org_id, endpoint_id, now).await
}

/// Keeps the deliveries of an endpoint that are due or held while it takes none. Those under way end as they end; those
/// that wait for a retry are kept when they come due.
pub(crate) async fn pause(conn: &mut Conn, org_id: &OrgId, endpoint_id: &EndpointId, now: Timestamp) -> Result<u64> {
    const STATEMENTS: [&str; 3] = [
        "UPDATE deliveries SET status = 'paused', due_at = NULL, next_attempt_at = NULL, updated_at = $1, unindexed_at = $1
         WHERE org_id = $2 AND endpoint_id = $3 AND status IN ('pending', 'retrying') AND due_at <= $1",
        "UPDATE deliveries SET status = 'paused', waits_for = NULL, next_attempt_at = NULL, updated_at = $1, unindexed_at = $1
         WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'breaker'",
        "UPDATE deliveries SET status = 'paused', updated_at = $1, unindexed_at = $1
         WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'pull'",
    ];
    move_all(conn, &STATEMENTS, org_id, endpoint_id, now).await
}

async fn move_all(
    conn: &mut Conn,
    statements: &[&'static str],
    org_id: &OrgId,
    endpoint_id: &EndpointId,
    now: Timestamp,
) -> Result<u64> {
    let mut moved = 0;
    for sql in statements {
        moved += on!(conn, |c| {
            sqlx::query(*sql).bind(now).bind(org_id).bind(endpoint_id).execute(c).await.map(|done| done.rows_affected())
        })?;
    }
    Ok(moved)
}

/// Brings forward what a rate limit put off until after `until`, where no lease reaches, now that the limit is another one: in
/// proportion, or to now if there is none. What has a time of its own keeps it: a retry, and what a rule tells later.
pub(crate) async fn ease(
    conn: &mut Conn,
    (org_id, endpoint_id): (&OrgId, &EndpointId),
    (before, after): (i64, Option<i64>),
    until: Timestamp,
    now: Timestamp,
) -> Result<u64> {
    let (share, of) = after.map_or((0, 1), |after| (before, after));
    Ok(on!(conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET due_at = $1 + (due_at - $1) * $2 / $3 WHERE org_id = $4 AND endpoint_id = $5 AND due_at > $6
             AND status IN ('pending', 'retrying') AND (next_attempt_at IS NULL OR due_at <> next_attempt_at)",
        )
        .bind(now)
        .bind(share)
        .bind(of)
        .bind(org_id)
        .bind(endpoint_id)
        .bind(until)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// Ends all waiting deliveries of a deleted endpoint.
pub(crate) async fn fail_all(conn: &mut Conn, org_id: &OrgId, endpoint_id: &EndpointId, now: Timestamp) -> Result<u64> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET status = 'failed', due_at = NULL, waits_for = NULL, next_attempt_at = NULL, updated_at = $1, finished_at = $1, unindexed_at = $1
             WHERE org_id = $2 AND endpoint_id = $3 AND status IN ('pending', 'retrying', 'paused')",
        )
        .bind(now)
        .bind(org_id)
        .bind(endpoint_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// Makes a waiting delivery due now; answers whether it was waiting.
pub(crate) async fn hurry(conn: &mut Conn, org_id: &OrgId, id: &DeliveryId, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query("UPDATE deliveries SET due_at = $1, next_attempt_at = $1, updated_at = $1 WHERE org_id = $2 AND id = $3 AND status IN ('pending', 'retrying') AND next_attempt_at IS NOT NULL AND due_at = next_attempt_at")
            .bind(now)
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
    })?)
}

/// The deliveries of these ids that exist in the organization.
pub(crate) async fn find_many(conn: &mut Conn, org_id: &OrgId, ids: &[DeliveryId]) -> Result<Vec<Row>> {
    let mut all = Vec::with_capacity(ids.len());
    for piece in ids.chunks(64) {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut q = QueryBuilder::new("SELECT ");
            q.push(COLUMNS).push(" FROM deliveries WHERE org_id = ").push_bind(org_id).push(" AND id IN (");
            let mut list = q.separated(", ");
            for id in piece {
                list.push_bind(id);
            }
            q.push(") ORDER BY id");
            q.build_query_as().fetch_all(c).await
        })?;
        all.extend(rows);
    }
    Ok(all)
}

/// Dead letters that were not replayed yet and whose payload is not erased, oldest first.
pub(crate) async fn list_failed(
    conn: &mut Conn,
    org_id: &OrgId,
    endpoint_id: Option<&EndpointId>,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM deliveries WHERE status = 'failed' AND org_id = ").push_bind(org_id);
        if let Some(id) = endpoint_id {
            q.push(" AND endpoint_id = ").push_bind(id);
        }
        q.push(" AND NOT EXISTS (SELECT 1 FROM deliveries r WHERE r.event_id = deliveries.event_id AND r.replay_of = deliveries.id)");
        q.push(" AND NOT EXISTS (SELECT 1 FROM events v WHERE v.org_id = deliveries.org_id AND v.id = deliveries.event_id AND v.erased_at IS NOT NULL)");
        q.push(" ORDER BY id LIMIT ").push_bind(limit);
        q.build_query_as().fetch_all(c).await
    })?)
}
