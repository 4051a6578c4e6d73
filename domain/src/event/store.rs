//! SQL of the event log and of idempotency keys.

use std::borrow::Borrow;
use std::collections::HashSet;

use sqlx::QueryBuilder;

use super::{Event, EventSource, EventSummary};
use crate::db::{Conn, on};
use crate::id::{EventId, OrgId};
use crate::page::Cursor;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// Rows per INSERT: large batches are cut into pieces of these sizes, so that few statement texts exist and no batch needs many
/// of them.
pub(crate) const CHUNKS: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// Cuts a batch into pieces of [`CHUNKS`].
pub(crate) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

/// An event about to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewRow {
    pub(crate) org_id: OrgId,
    pub(crate) id: EventId,
    pub(crate) event_type: String,
    pub(crate) source: EventSource,
    pub(crate) caller_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) ordering_key: Option<String>,
    pub(crate) channels: Option<String>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) dispatched_at: Option<Timestamp>,
    pub(crate) data: String,
}

/// A name under which an event was accepted: `key:…` or `id:…`.
#[derive(Debug, Clone)]
pub(crate) struct KeyRow {
    pub(crate) org_id: OrgId,
    pub(crate) name: String,
    pub(crate) body_hash: Vec<u8>,
    pub(crate) event_id: EventId,
    pub(crate) event_type: String,
    pub(crate) created_at: Timestamp,
}

/// Stores events.
pub(crate) async fn insert(conn: &mut Conn, rows: &[impl Borrow<NewRow>]) -> Result<()> {
    for piece in chunks(rows) {
        on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO events (org_id, id, event_type, source, caller_id, idempotency_key, ordering_key, channels, occurred_at, created_at, dispatched_at, data) ",
            );
            q.push_values(piece, |mut b, r| {
                let r: &NewRow = r.borrow();
                b.push_bind(&r.org_id).push_bind(&r.id).push_bind(&r.event_type).push_bind(r.source);
                b.push_bind(&r.caller_id)
                    .push_bind(&r.idempotency_key)
                    .push_bind(&r.ordering_key)
                    .push_bind(&r.channels);
                b.push_bind(r.occurred_at).push_bind(r.created_at).push_bind(r.dispatched_at).push_bind(&r.data);
            });
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Writes an event of the hub itself in the caller's transaction, without deliveries: the dispatcher makes
/// them. Call `hub.wake(Work::Dispatch)` after the commit.
pub(crate) async fn insert_system(
    conn: &mut Conn,
    hub: &Hub,
    org_id: &OrgId,
    event_type: &str,
    data: &serde_json::Value,
) -> Result<EventId> {
    let row = system_row(hub, org_id, event_type, data);
    let id = row.id.clone();
    insert(conn, &[row]).await?;
    Ok(id)
}

/// An event of the hub itself, about to be stored.
pub(crate) fn system_row(hub: &Hub, org_id: &OrgId, event_type: &str, data: &serde_json::Value) -> NewRow {
    let now = hub.now();
    NewRow {
        org_id: org_id.clone(),
        id: hub.id(EventId::new),
        event_type: event_type.to_owned(),
        source: EventSource::System,
        caller_id: None,
        idempotency_key: None,
        ordering_key: None,
        channels: None,
        occurred_at: now,
        created_at: now,
        dispatched_at: None,
        data: data.to_string(),
    }
}

/// Claims names that are free; answers those that were taken by this call as `(org, name)`.
pub(crate) async fn insert_keys(conn: &mut Conn, rows: &[KeyRow]) -> Result<HashSet<(OrgId, String)>> {
    let mut taken = HashSet::new();
    for piece in chunks(rows) {
        let new: Vec<(OrgId, String)> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO idempotency_keys (org_id, name, body_hash, event_id, event_type, created_at) ",
            );
            q.push_values(piece, |mut b, r| {
                b.push_bind(&r.org_id).push_bind(&r.name).push_bind(&r.body_hash).push_bind(&r.event_id);
                b.push_bind(&r.event_type).push_bind(r.created_at);
            });
            q.push(" ON CONFLICT (org_id, name) DO NOTHING RETURNING org_id, name");
            q.build_query_as().fetch_all(c).await
        })?;
        taken.extend(new);
    }
    Ok(taken)
}

/// What was accepted under a name: hash of the body, event, type, time.
pub(crate) async fn find_key(
    conn: &mut Conn,
    org_id: &OrgId,
    name: &str,
) -> Result<Option<(Vec<u8>, EventId, String, Timestamp)>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT body_hash, event_id, event_type, created_at FROM idempotency_keys WHERE org_id = $1 AND name = $2",
        )
        .bind(org_id)
        .bind(name)
        .fetch_optional(c)
        .await
    })?)
}

/// Forgets names older than a time; answers how many.
pub(crate) async fn delete_old_keys(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    Ok(on!(conn, |c| {
        sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// The columns of [`Event`].
const COLUMNS: &str = "id, event_type, source, caller_id, idempotency_key, ordering_key, channels, occurred_at, created_at, dispatched_at, data, erased_at";

/// One event.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &EventId) -> Result<Option<Event>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM events WHERE org_id = ").push_bind(org_id).push(" AND id = ").push_bind(id);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// What a delivery needs of its event: id, type, when it happened, data.
pub(crate) type Load = (EventId, String, Timestamp, String);

/// Loads events of one organization for their deliveries.
pub(crate) async fn load(conn: &mut Conn, org_id: &OrgId, ids: &[EventId]) -> Result<Vec<Load>> {
    let mut all = Vec::with_capacity(ids.len());
    for piece in ids.chunks(64) {
        let rows: Vec<Load> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "SELECT id, event_type, occurred_at, data FROM events WHERE erased_at IS NULL AND org_id = ",
            );
            q.push_bind(org_id).push(" AND id IN (");
            let mut list = q.separated(", ");
            for id in piece {
                list.push_bind(id);
            }
            q.push(")");
            q.build_query_as().fetch_all(c).await
        })?;
        all.extend(rows);
    }
    Ok(all)
}

/// A page of events, newest first, optionally of one type.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    event_type: Option<&str>,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<EventSummary>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT id, event_type, source, caller_id, occurred_at, created_at FROM events WHERE org_id = ",
        );
        q.push_bind(org_id);
        if let Some(name) = event_type {
            q.push(" AND event_type = ").push_bind(name);
        }
        match cursor {
            Cursor::Start => q.push(" ORDER BY id DESC LIMIT "),
            Cursor::After(id) => q.push(" AND id < ").push_bind(id).push(" ORDER BY id DESC LIMIT "),
            Cursor::Before(id) => q.push(" AND id > ").push_bind(id).push(" ORDER BY id LIMIT "),
        };
        q.push_bind(limit + 1);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// An event that has no deliveries yet.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Undispatched {
    pub(crate) org_id: OrgId,
    pub(crate) id: EventId,
    pub(crate) event_type: String,
    pub(crate) channels: Option<String>,
    pub(crate) ordering_key: Option<String>,
    pub(crate) data: String,
}

/// An event to try filters and transformations on.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Recent {
    pub(crate) id: EventId,
    pub(crate) event_type: String,
    pub(crate) channels: Option<String>,
    pub(crate) ordering_key: Option<String>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) data: String,
}

/// The newest events of an organization.
pub(crate) async fn recent(conn: &mut Conn, org_id: &OrgId, limit: i64) -> Result<Vec<Recent>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, event_type, channels, ordering_key, occurred_at, created_at, data FROM events WHERE org_id = $1 AND erased_at IS NULL ORDER BY id DESC LIMIT $2",
        )
        .bind(org_id)
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}

/// The newest events of an organization since a time, as far as their payload is there; those that were sent as tests are left out.
pub(crate) async fn since(conn: &mut Conn, org_id: &OrgId, at: Timestamp, limit: i64) -> Result<Vec<Recent>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, event_type, channels, ordering_key, occurred_at, created_at, data FROM events
             WHERE org_id = $1 AND id >= $2 AND erased_at IS NULL AND source <> $3 ORDER BY id DESC LIMIT $4",
        )
        .bind(org_id)
        .bind(EventId::new(at.0.max(0), [0; 10]))
        .bind(EventSource::Test)
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}

/// Events without deliveries, oldest first, across tenants but for some organizations.
pub(crate) async fn list_undispatched(conn: &mut Conn, but: &[OrgId], limit: i64) -> Result<Vec<Undispatched>> {
    let lock = crate::db::dialect!(conn, sqlite: "", postgres: " FOR UPDATE SKIP LOCKED");
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT org_id, id, event_type, channels, ordering_key, data FROM events WHERE dispatched_at IS NULL",
        );
        if !but.is_empty() {
            q.push(" AND org_id NOT IN (");
            let mut list = q.separated(", ");
            for org_id in but {
                list.push_bind(org_id);
            }
            q.push(")");
        }
        q.push(" ORDER BY id LIMIT ").push_bind(limit).push(lock);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Notes that an event's deliveries are made.
pub(crate) async fn mark_dispatched(conn: &mut Conn, org_id: &OrgId, id: &EventId, at: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE events SET dispatched_at = $1 WHERE org_id = $2 AND id = $3")
            .bind(at)
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
