//! SQL of deliveries that wait for something else than a time: a circuit breaker, or an older one of their key.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::WaitsFor;
use super::store::{AttemptRow, Row};
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::time::Timestamp;

/// Holds leased deliveries until the circuit breaker of their endpoint closes, where the lease still holds.
pub(crate) async fn hold(conn: &mut Conn, rows: &[(OrgId, DeliveryId, Timestamp)]) -> Result<()> {
    for (org_id, id, lease) in rows {
        on!(conn, |c| {
            sqlx::query("UPDATE deliveries SET due_at = NULL, waits_for = 'breaker' WHERE org_id = $1 AND id = $2 AND due_at = $3")
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

/// Makes the oldest `limit` held deliveries of an endpoint due; answers how many. One that somebody else has released meanwhile is looked at
/// once more by PostgreSQL, and left alone: it may be leased or delivered by now.
pub(crate) async fn release(conn: &mut Conn, endpoint_id: &EndpointId, now: Timestamp, limit: i64) -> Result<u64> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET due_at = $1, waits_for = NULL WHERE (org_id, id) IN
             (SELECT org_id, id FROM deliveries WHERE endpoint_id = $2 AND waits_for = 'breaker' ORDER BY id LIMIT $3)
             AND waits_for = 'breaker'",
        )
        .bind(now)
        .bind(endpoint_id)
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// Endpoints that have held deliveries although no failure of theirs is on record: a crash came between.
pub(crate) async fn forgotten(conn: &mut Conn) -> Result<Vec<EndpointId>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT DISTINCT d.endpoint_id FROM deliveries d WHERE d.waits_for = 'breaker'
             AND NOT EXISTS (SELECT 1 FROM endpoint_failures f WHERE f.endpoint_id = d.endpoint_id AND f.open_until IS NOT NULL) LIMIT 100",
        )
        .fetch_all(c)
        .await
    })?)
}

/// Active endpoints with deliveries that are kept: one was kept by a process that had not heard yet that the endpoint
/// was switched on, or the endpoint is a rule's whose connection does not work.
pub(crate) async fn stranded(conn: &mut Conn) -> Result<Vec<(OrgId, EndpointId)>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT e.org_id, e.id FROM endpoints e WHERE e.status = 'active' AND e.deleted_at IS NULL
             AND EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint_id = e.id AND d.status = 'paused') ORDER BY e.id",
        )
        .fetch_all(c)
        .await
    })?)
}

/// Lets deliveries go that wait for an older one of their key although there is none: it ended without an attempt, because
/// its payload was erased. Answers how many.
pub(crate) async fn close_ranks(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET waits_for = NULL, due_at = CASE WHEN status = 'paused' THEN NULL ELSE $1 END WHERE waits_for = 'order'
             AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.endpoint_id = deliveries.endpoint_id AND o.ordering_key = deliveries.ordering_key
             AND o.finished_at IS NULL AND o.order_number < deliveries.order_number)",
        )
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// What one line of deliveries in order is called: endpoint and key.
pub(crate) type Line = (EndpointId, String);

/// Lets no other transaction add to or take from these lines until this one ends. They must be sorted.
pub(crate) async fn lock_lines(conn: &mut Conn, lines: &[Line]) -> Result<()> {
    if !matches!(conn, Conn::Postgres(_)) {
        return Ok(());
    }
    for (endpoint_id, key) in lines {
        let sql = dialect!(conn, sqlite: "SELECT $1", postgres: "SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT)");
        let line = format!("{endpoint_id}|{key}");
        let _locked: Option<String> = on!(conn, |c| sqlx::query_scalar(sql).bind(line).fetch_one(c).await)?;
    }
    Ok(())
}

/// The last place taken in a line; none when nothing in it is unfinished.
pub(crate) async fn last_in_line(conn: &mut Conn, (endpoint_id, key): &Line) -> Result<Option<i64>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT MAX(order_number) FROM deliveries WHERE endpoint_id = $1 AND ordering_key = $2 AND finished_at IS NULL",
        )
        .bind(endpoint_id)
        .bind(key)
        .fetch_one(c)
        .await
    })?)
}

/// Gives new deliveries with an ordering key their place in line: one with an unfinished older one before it waits.
/// Answers those that do. On PostgreSQL their lines must be locked, or nothing else may add to them.
pub(crate) async fn line_up<'a>(
    conn: &mut Conn,
    rows: impl Iterator<Item = &'a mut Row>,
) -> Result<HashSet<DeliveryId>> {
    // What is to be fetched stands in one queue, whatever its key.
    let lined = |row: &&mut Row| row.ordering_key.is_some() && row.waits_for != Some(WaitsFor::Pull);
    let rows: Vec<_> = rows.filter(lined).collect();
    let mut last: HashMap<Line, Option<i64>> = HashMap::new();
    for row in &rows {
        let Some(key) = row.ordering_key.clone() else { continue };
        let line = (row.endpoint_id.clone(), key);
        if let Entry::Vacant(vacant) = last.entry(line) {
            let number = last_in_line(conn, vacant.key()).await?;
            vacant.insert(number);
        }
    }
    Ok(number_lines(rows.into_iter(), last))
}

/// Numbers new deliveries in order after the `last` of their lines; answers those that wait.
pub(crate) fn number_lines<'a>(
    rows: impl Iterator<Item = &'a mut Row>,
    mut last: HashMap<Line, Option<i64>>,
) -> HashSet<DeliveryId> {
    let mut behind = HashSet::new();
    for row in rows {
        let Some(key) = row.ordering_key.clone() else { continue };
        let line = (row.endpoint_id.clone(), key);
        let before = last.get(&line).copied().flatten();
        if before.is_some() {
            row.due_at = None;
            row.waits_for = Some(WaitsFor::Order);
            behind.insert(row.id.clone());
        }
        let number = before.unwrap_or(0) + 1;
        row.order_number = Some(number);
        last.insert(line, Some(number));
    }
    behind
}

/// After a delivery in order ended: lets the next of its line go.
pub(crate) async fn next_in_line(conn: &mut Conn, row: &AttemptRow) -> Result<()> {
    let Some(key) = &row.ordering_key else { return Ok(()) };
    on!(conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET waits_for = NULL, due_at = CASE WHEN status = 'paused' THEN NULL ELSE $1 END WHERE (org_id, id) IN
             (SELECT org_id, id FROM deliveries WHERE endpoint_id = $2 AND ordering_key = $3 AND finished_at IS NULL ORDER BY order_number LIMIT 1)
             AND waits_for = 'order'",
        )
        .bind(row.ended_at)
        .bind(&row.endpoint_id)
        .bind(key)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}
