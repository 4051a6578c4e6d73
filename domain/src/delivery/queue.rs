//! SQL of the queues from which receivers fetch. A delivery in a queue waits for `pull` and has a number in it.
//!
//! Numbers are given under a lock on the queue's row that lasts until the commit, so they become visible in their order: who
//! has seen a number has seen, or could have seen, all before it. That is what lets a number be a cursor although several
//! processes write. Whoever changes a queue locks its row first.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use super::store::{COLUMNS, Row};
use super::{DeliveryStatus, ErrorClass, WaitsFor, waiting};
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::time::Timestamp;

/// Makes the queue of an endpoint, or opens it again, and puts everything into it that is not finished: in the order in which
/// it was made, those of one key in the order of their line. An attempt under way ends as it ends; its delivery may be
/// fetched all the same.
pub(crate) async fn open(conn: &mut Conn, org_id: &OrgId, endpoint_id: &EndpointId, now: Timestamp) -> Result<()> {
    let number: i64 = on!(conn, |c| {
        sqlx::query_scalar(
            "INSERT INTO pull_queues (endpoint_id, org_id, number) VALUES ($1, $2, 0)
             ON CONFLICT (endpoint_id) DO UPDATE SET closed_at = NULL RETURNING number",
        )
        .bind(endpoint_id)
        .bind(org_id)
        .fetch_one(c)
        .await
    })?;
    let moved = on!(conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET waits_for = 'pull', due_at = NULL, next_attempt_at = NULL, order_number = $1 + v.place, updated_at = $2
             FROM (SELECT r.id, ROW_NUMBER() OVER (ORDER BY r.reach, r.order_number, r.id) AS place FROM
                (SELECT id, order_number, CASE WHEN ordering_key IS NULL THEN id
                 ELSE MAX(id) OVER (PARTITION BY ordering_key ORDER BY order_number) END AS reach FROM deliveries
                 WHERE org_id = $3 AND endpoint_id = $4 AND status IN ('pending', 'retrying', 'paused')) AS r) AS v
             WHERE deliveries.org_id = $3 AND deliveries.id = v.id AND deliveries.status IN ('pending', 'retrying', 'paused')",
        )
        .bind(number)
        .bind(now)
        .bind(org_id)
        .bind(endpoint_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    let last = number + i64::try_from(moved).unwrap_or(0);
    on!(conn, |c| {
        sqlx::query("UPDATE pull_queues SET number = $1 WHERE endpoint_id = $2")
            .bind(last)
            .bind(endpoint_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Closes the queue of an endpoint: what is in it is due now, or kept where the endpoint takes none; of each key only the first.
pub(crate) async fn close(conn: &mut Conn, org_id: &OrgId, endpoint_id: &EndpointId, now: Timestamp) -> Result<()> {
    const STATEMENTS: [&str; 4] = [
        "UPDATE pull_queues SET closed_at = $1 WHERE org_id = $2 AND endpoint_id = $3",
        "UPDATE deliveries SET waits_for = NULL, order_number = NULL, due_at = CASE WHEN status = 'paused' THEN NULL ELSE $1 END, updated_at = $1
         WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'pull' AND ordering_key IS NULL",
        "UPDATE deliveries SET waits_for = 'order', updated_at = $1 WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'pull'",
        "UPDATE deliveries SET waits_for = NULL, due_at = CASE WHEN status = 'paused' THEN NULL ELSE $1 END
         WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'order'
         AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.endpoint_id = deliveries.endpoint_id AND o.ordering_key = deliveries.ordering_key
         AND o.finished_at IS NULL AND o.order_number < deliveries.order_number)",
    ];
    for sql in STATEMENTS {
        on!(conn, |c| sqlx::query(sql).bind(now).bind(org_id).bind(endpoint_id).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Takes `count` numbers of a queue and answers the last of them; none if it is closed.
async fn take_numbers(conn: &mut Conn, endpoint_id: &EndpointId, count: i64) -> Result<Option<i64>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "UPDATE pull_queues SET number = number + $1 WHERE endpoint_id = $2 AND closed_at IS NULL RETURNING number",
        )
        .bind(count)
        .bind(endpoint_id)
        .fetch_optional(c)
        .await
    })?)
}

/// Gives new deliveries that are to be fetched their numbers. Where the queue was closed since they were planned, they are
/// due instead.
pub(super) async fn number(conn: &mut Conn, rows: &mut [Row]) -> Result<()> {
    let mut queues: BTreeMap<EndpointId, Vec<&mut Row>> = BTreeMap::new();
    for row in rows.iter_mut().filter(|row| row.waits_for == Some(WaitsFor::Pull)) {
        queues.entry(row.endpoint_id.clone()).or_default().push(row);
    }
    for (endpoint_id, rows) in queues {
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        match take_numbers(conn, &endpoint_id, count).await? {
            Some(last) => {
                for (place, row) in (last - count + 1..).zip(rows) {
                    row.order_number = Some(place);
                }
            }
            None => push_instead(conn, rows).await?,
        }
    }
    Ok(())
}

/// Makes deliveries due that were to be fetched; each of a key behind what is unfinished of its line.
async fn push_instead(conn: &mut Conn, mut rows: Vec<&mut Row>) -> Result<()> {
    rows.iter_mut().for_each(|row| make_due(row));
    waiting::line_up(conn, rows.into_iter()).await?;
    Ok(())
}

/// Makes a delivery due that was to be fetched, or has it kept.
pub(crate) fn make_due(row: &mut Row) {
    row.waits_for = None;
    row.due_at = (row.status != DeliveryStatus::Paused).then_some(row.created_at);
}

/// Puts leased deliveries at the end of their endpoints' queues, where the lease still holds. Those whose queue is closed by
/// now are due again at `later`.
pub(crate) async fn enqueue(
    conn: &mut Conn,
    rows: &[(OrgId, DeliveryId, EndpointId, Timestamp)],
    later: Timestamp,
) -> Result<()> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by(|a, b| (&a.2, &a.1).cmp(&(&b.2, &b.1)));
    for (org_id, id, endpoint_id, lease) in rows {
        let Some(number) = take_numbers(conn, endpoint_id, 1).await? else {
            super::store::postpone(conn, &[(org_id.clone(), id.clone(), *lease, later)]).await?;
            continue;
        };
        on!(conn, |c| {
            sqlx::query(
                "UPDATE deliveries SET waits_for = 'pull', due_at = NULL, next_attempt_at = NULL, order_number = $1 WHERE org_id = $2 AND id = $3 AND due_at = $4",
            )
            .bind(number)
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

/// The deliveries in a queue after a number, in their order.
pub(super) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    endpoint_id: &EndpointId,
    after: i64,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM deliveries WHERE waits_for = 'pull' AND org_id = ").push_bind(org_id);
        q.push(" AND endpoint_id = ").push_bind(endpoint_id).push(" AND order_number > ").push_bind(after);
        q.push(" ORDER BY order_number LIMIT ").push_bind(limit);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// The last number that a queue gave; 0 for one that never gave any.
pub(super) async fn last(conn: &mut Conn, endpoint_id: &EndpointId) -> Result<i64> {
    const SQL: &str = "SELECT number FROM pull_queues WHERE endpoint_id = $1";
    let number: Option<i64> = on!(conn, |c| sqlx::query_scalar(SQL).bind(endpoint_id).fetch_optional(c).await)?;
    Ok(number.unwrap_or(0))
}

/// Locks a queue until the transaction ends, so that what is taken out of it is taken once.
pub(super) async fn lock(conn: &mut Conn, endpoint_id: &EndpointId) -> Result<()> {
    let sql = dialect!(conn,
        sqlite: "SELECT number FROM pull_queues WHERE endpoint_id = $1",
        postgres: "SELECT number FROM pull_queues WHERE endpoint_id = $1 FOR UPDATE");
    let _locked: Option<i64> = on!(conn, |c| sqlx::query_scalar(sql).bind(endpoint_id).fetch_optional(c).await)?;
    Ok(())
}

/// How a delivery leaves its queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    pub(super) status: DeliveryStatus,
    pub(super) error_class: Option<ErrorClass>,
    /// Whether an attempt is kept of it.
    pub(super) attempted: bool,
    pub(super) now: Timestamp,
}

const LEAVE: &str = "UPDATE deliveries SET waits_for = NULL, due_at = NULL, next_attempt_at = NULL, status = ";

/// Ends these deliveries of a queue; answers those that were in it, with their attempt counted.
pub(super) async fn leave(
    conn: &mut Conn,
    org_id: &OrgId,
    endpoint_id: &EndpointId,
    ids: &[DeliveryId],
    how: Leaving,
) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(LEAVE);
        q.push_bind(how.status).push(", attempt_count = attempt_count + ").push_bind(i64::from(how.attempted));
        q.push(", last_code = NULL, last_error = ").push_bind(how.error_class);
        q.push(", updated_at = ").push_bind(how.now).push(", finished_at = ").push_bind(how.now);
        q.push(", unindexed_at = ").push_bind(how.now).push(" WHERE waits_for = 'pull' AND org_id = ");
        q.push_bind(org_id).push(" AND endpoint_id = ").push_bind(endpoint_id).push(" AND id IN (");
        let mut list = q.separated(", ");
        ids.iter().for_each(|id| {
            list.push_bind(id);
        });
        q.push(") RETURNING ").push(COLUMNS);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Ends the first `limit` deliveries in a queue up to a number as delivered; answers them with their attempt counted.
pub(super) async fn leave_up_to(
    conn: &mut Conn,
    org_id: &OrgId,
    endpoint_id: &EndpointId,
    number: i64,
    (now, limit): (Timestamp, i64),
) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "UPDATE deliveries SET status = 'delivered', waits_for = NULL, due_at = NULL, next_attempt_at = NULL, attempt_count = attempt_count + 1,
             last_code = NULL, last_error = NULL, updated_at = $1, finished_at = $1, unindexed_at = $1
             WHERE (org_id, id) IN (SELECT org_id, id FROM deliveries WHERE org_id = $2 AND endpoint_id = $3 AND waits_for = 'pull' AND order_number <= $4
             ORDER BY order_number LIMIT $5) AND waits_for = 'pull'
             RETURNING org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, created_at, replay_of, waits_for, ordering_key, order_number, endpoint_version",
        )
        .bind(now)
        .bind(org_id)
        .bind(endpoint_id)
        .bind(number)
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}
