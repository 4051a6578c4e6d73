//! SQL of erasing and deleting. Ids begin with their time, so "before a time" is a range of the primary key.

use sqlx::QueryBuilder;

use crate::Result;
use crate::db::{Conn, on};
use crate::id::{DeliveryId, EndpointId, EventId, OrgId};
use crate::time::Timestamp;

/// How long an organization keeps what.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Limits {
    pub(super) id: OrgId,
    pub(super) payload_days: Option<i64>,
    pub(super) log_days: Option<i64>,
    pub(super) payload_swept_to: Option<Timestamp>,
}

/// The organizations that do not keep everything for ever.
pub(super) async fn limits(conn: &mut Conn) -> Result<Vec<Limits>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, payload_days, log_days, payload_swept_to FROM orgs WHERE payload_days IS NOT NULL OR log_days IS NOT NULL ORDER BY id",
        )
        .fetch_all(c)
        .await
    })?)
}

/// Notes that all payloads before a time are erased.
pub(super) async fn swept_to(conn: &mut Conn, org_id: &OrgId, at: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE orgs SET payload_swept_to = $1 WHERE id = $2")
            .bind(at)
            .bind(org_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The first event with its payload from a time on and before another.
pub(super) async fn first_payload(
    conn: &mut Conn,
    org_id: &OrgId,
    from: Timestamp,
    before: Timestamp,
) -> Result<Option<EventId>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT id FROM events WHERE org_id = $1 AND id >= $2 AND id < $3 AND erased_at IS NULL ORDER BY id LIMIT 1",
        )
        .bind(org_id)
        .bind(EventId::new(from.0.max(0), [0; 10]))
        .bind(EventId::new(before.0.max(0), [0; 10]))
        .fetch_optional(c)
        .await
    })?)
}

/// Events with their payload from a time on and before another, whose deliveries have all ended; oldest first.
pub(super) async fn old_payloads(
    conn: &mut Conn,
    org_id: &OrgId,
    from: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<EventId>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT e.id FROM events e WHERE e.org_id = $1 AND e.id >= $2 AND e.id < $3 AND e.erased_at IS NULL
             AND e.dispatched_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = e.id AND d.finished_at IS NULL)
             ORDER BY e.id LIMIT $4",
        )
        .bind(org_id)
        .bind(EventId::new(from.0.max(0), [0; 10]))
        .bind(EventId::new(before.0.max(0), [0; 10]))
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}

/// Those of these events that have their payload, and whose deliveries have all ended.
pub(super) async fn still_ended(conn: &mut Conn, org_id: &OrgId, events: &[EventId]) -> Result<Vec<EventId>> {
    let mut all = Vec::with_capacity(events.len());
    for piece in events.chunks(64) {
        let ids: Vec<EventId> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "SELECT e.id FROM events e WHERE e.erased_at IS NULL AND e.dispatched_at IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = e.id AND d.finished_at IS NULL) AND e.org_id = ",
            );
            q.push_bind(org_id).push(" AND e.id IN (");
            let mut list = q.separated(", ");
            for id in piece {
                list.push_bind(id);
            }
            q.push(")");
            q.build_query_scalar().fetch_all(c).await
        })?;
        all.extend(ids);
    }
    Ok(all)
}

/// The deliveries of these events.
pub(super) async fn deliveries_of(conn: &mut Conn, org_id: &OrgId, events: &[EventId]) -> Result<Vec<DeliveryId>> {
    let mut all = Vec::new();
    for piece in events.chunks(64) {
        let ids: Vec<DeliveryId> = on!(conn, |c| {
            let mut q = QueryBuilder::new("SELECT id FROM deliveries WHERE org_id = ");
            q.push_bind(org_id).push(" AND event_id IN (");
            let mut list = q.separated(", ");
            for id in piece {
                list.push_bind(id);
            }
            q.push(")");
            q.build_query_scalar().fetch_all(c).await
        })?;
        all.extend(ids);
    }
    Ok(all)
}

/// Runs a statement over ids in pieces: `head`, the organization, `middle`, the ids, `)`.
macro_rules! over {
    ($conn:expr, $org_id:expr, $ids:expr, $head:expr, $middle:expr) => {
        for piece in $ids.chunks(64) {
            on!($conn, |c| {
                let mut q = QueryBuilder::new($head);
                q.push_bind($org_id).push($middle);
                let mut list = q.separated(", ");
                for id in piece {
                    list.push_bind(id);
                }
                q.push(")");
                q.build().execute(c).await.map(drop)
            })?;
        }
    };
}

/// Empties the payloads of events.
pub(super) async fn erase_events(conn: &mut Conn, org_id: &OrgId, events: &[EventId], now: Timestamp) -> Result<()> {
    for id in events {
        on!(conn, |c| {
            sqlx::query(
                "UPDATE events SET data = '{}', erased_at = $1 WHERE org_id = $2 AND id = $3 AND erased_at IS NULL",
            )
            .bind(now)
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
        })?;
    }
    Ok(())
}

/// Empties what attempts sent and were answered.
pub(super) async fn erase_attempts(conn: &mut Conn, org_id: &OrgId, deliveries: &[DeliveryId]) -> Result<()> {
    over!(
        conn,
        org_id,
        deliveries,
        "UPDATE attempts SET request_body = NULL, response_body = NULL, response_headers = '[]' WHERE org_id = ",
        " AND delivery_id IN ("
    );
    Ok(())
}

/// Ends the deliveries of an event that have not ended; answers the endpoint of each.
pub(super) async fn end_deliveries(
    conn: &mut Conn,
    org_id: &OrgId,
    event_id: &EventId,
    now: Timestamp,
) -> Result<Vec<EndpointId>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "UPDATE deliveries SET status = 'failed', due_at = NULL, waits_for = NULL, next_attempt_at = NULL, updated_at = $1, finished_at = $1, unindexed_at = $1
             WHERE org_id = $2 AND event_id = $3 AND finished_at IS NULL RETURNING endpoint_id",
        )
        .bind(now)
        .bind(org_id)
        .bind(event_id)
        .fetch_all(c)
        .await
    })?)
}

/// Deliveries that ended, from before a time.
pub(super) async fn old_deliveries(
    conn: &mut Conn,
    org_id: &OrgId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<DeliveryId>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT id FROM deliveries WHERE org_id = $1 AND id < $2 AND finished_at IS NOT NULL ORDER BY id LIMIT $3",
        )
        .bind(org_id)
        .bind(DeliveryId::new(before.0.max(0), [0; 10]))
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}

/// Deletes the attempts of deliveries.
pub(super) async fn delete_attempts(conn: &mut Conn, org_id: &OrgId, ids: &[DeliveryId]) -> Result<()> {
    over!(conn, org_id, ids, "DELETE FROM attempts WHERE org_id = ", " AND delivery_id IN (");
    Ok(())
}

/// Deletes deliveries.
pub(super) async fn delete_deliveries(conn: &mut Conn, org_id: &OrgId, ids: &[DeliveryId]) -> Result<()> {
    over!(conn, org_id, ids, "DELETE FROM deliveries WHERE org_id = ", " AND id IN (");
    Ok(())
}

/// Deletes dispatched events without deliveries from a time on and before another; answers how many.
pub(super) async fn delete_events(
    conn: &mut Conn,
    org_id: &OrgId,
    from: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<u64> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "DELETE FROM events WHERE (org_id, id) IN (SELECT e.org_id, e.id FROM events e WHERE e.org_id = $1 AND e.id >= $2 AND e.id < $3
             AND e.dispatched_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = e.id) ORDER BY e.id LIMIT $4)",
        )
        .bind(org_id)
        .bind(EventId::new(from.0.max(0), [0; 10]))
        .bind(EventId::new(before.0.max(0), [0; 10]))
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}
