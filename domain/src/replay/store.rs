//! SQL of replays.

use super::{ReplayState, Settings};
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::id::{DeliveryId, OrgId, ReplayId};
use crate::page::Cursor;
use crate::time::Timestamp;

/// A row of `replays`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: ReplayId,
    pub(crate) org_id: OrgId,
    pub(crate) created_at: Timestamp,
    pub(crate) actor_name: String,
    pub(crate) state: ReplayState,
    pub(crate) query_json: String,
    pub(crate) settings: Settings,
    pub(crate) skip_delivered: i64,
    pub(crate) rate_per_minute: Option<i64>,
    pub(crate) expected: i64,
    pub(crate) made: i64,
    pub(crate) excluded: i64,
    pub(crate) cursor: Option<DeliveryId>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) updated_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, org_id, created_at, actor_name, state, query_json, settings, skip_delivered, rate_per_minute, expected, made, excluded, \
     cursor, due_at, updated_at, finished_at";

/// Stores a new replay.
pub(crate) async fn insert(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO replays (id, org_id, created_at, actor_name, state, query_json, settings, skip_delivered, rate_per_minute, expected, made,
             excluded, cursor, due_at, updated_at, finished_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind(&row.id)
        .bind(&row.org_id)
        .bind(row.created_at)
        .bind(&row.actor_name)
        .bind(row.state)
        .bind(&row.query_json)
        .bind(row.settings)
        .bind(row.skip_delivered)
        .bind(row.rate_per_minute)
        .bind(row.expected)
        .bind(row.made)
        .bind(row.excluded)
        .bind(&row.cursor)
        .bind(row.due_at)
        .bind(row.updated_at)
        .bind(row.finished_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// One replay.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &ReplayId) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = sqlx::QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM replays WHERE org_id = ").push_bind(org_id).push(" AND id = ").push_bind(id);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// A page of replays, newest first.
pub(crate) async fn list(conn: &mut Conn, org_id: &OrgId, cursor: &Cursor, limit: i64) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = sqlx::QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM replays WHERE org_id = ").push_bind(org_id);
        match cursor {
            Cursor::Start => q.push(" ORDER BY id DESC LIMIT "),
            Cursor::After(id) => q.push(" AND id < ").push_bind(id).push(" ORDER BY id DESC LIMIT "),
            Cursor::Before(id) => q.push(" AND id > ").push_bind(id).push(" ORDER BY id LIMIT "),
        };
        q.push_bind(limit + 1);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// A replay that is due, across tenants; on PostgreSQL locked, so that one process alone does its next piece.
pub(crate) async fn next_due(conn: &mut Conn, now: Timestamp) -> Result<Option<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR UPDATE SKIP LOCKED");
    Ok(on!(conn, |c| {
        let mut q = sqlx::QueryBuilder::new("SELECT ");
        q.push(COLUMNS)
            .push(" FROM replays WHERE due_at <= ")
            .push_bind(now)
            .push(" ORDER BY due_at LIMIT 1")
            .push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// Whether any replay is due; a cheap look before [`next_due`] takes the writer.
pub(crate) async fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    let one: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT due_at FROM replays WHERE due_at <= $1 LIMIT 1").bind(now).fetch_optional(c).await
    })?;
    Ok(one.is_some())
}

/// Stores how far a replay has come.
pub(crate) async fn advance(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "UPDATE replays SET state = $1, made = $2, excluded = $3, cursor = $4, due_at = $5, updated_at = $6, finished_at = $7 WHERE id = $8",
        )
        .bind(row.state)
        .bind(row.made)
        .bind(row.excluded)
        .bind(&row.cursor)
        .bind(row.due_at)
        .bind(row.updated_at)
        .bind(row.finished_at)
        .bind(&row.id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Puts a running replay off until a time.
pub(crate) async fn put_off(conn: &mut Conn, id: &ReplayId, until: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE replays SET due_at = $1 WHERE id = $2 AND state = 'running'")
            .bind(until)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Gives a replay another state, if it is in one of those it may leave; answers whether it was.
pub(crate) async fn set_state(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &ReplayId,
    state: ReplayState,
    now: Timestamp,
) -> Result<bool> {
    let (due_at, finished_at, from) = match state {
        ReplayState::Running => (Some(now), None, "paused"),
        ReplayState::Paused => (None, None, "running"),
        ReplayState::Cancelled | ReplayState::Finished => (None, Some(now), ""),
    };
    Ok(on!(conn, |c| {
        sqlx::query(
            "UPDATE replays SET state = $1, due_at = $2, updated_at = $3, finished_at = $4
             WHERE org_id = $5 AND id = $6 AND (state = $7 OR ($7 = '' AND state IN ('running', 'paused')))",
        )
        .bind(state)
        .bind(due_at)
        .bind(now)
        .bind(finished_at)
        .bind(org_id)
        .bind(id)
        .bind(from)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
    })?)
}
