//! SQL of alerts.

use sqlx::QueryBuilder;

use super::{Alert, AlertKind};
use crate::Result;
use crate::db::{Conn, on};
use crate::id::{AlertId, OrgId};
use crate::page::Cursor;
use crate::time::Timestamp;

/// Stores an alert, or changes the words of the open one about the same thing.
pub(crate) async fn raise(
    conn: &mut Conn,
    id: &AlertId,
    org_id: &OrgId,
    kind: AlertKind,
    target: &str,
    message: &str,
    now: Timestamp,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO alerts (id, org_id, kind, target, message, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (org_id, kind, target) WHERE closed_at IS NULL DO UPDATE SET message = excluded.message, seen_at = NULL",
        )
        .bind(id)
        .bind(org_id)
        .bind(kind)
        .bind(target)
        .bind(message)
        .bind(now)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Stores an alert, unless one about the same thing is open; answers whether it did.
pub(crate) async fn raise_once(
    conn: &mut Conn,
    id: &AlertId,
    org_id: &OrgId,
    kind: AlertKind,
    target: &str,
    message: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "INSERT INTO alerts (id, org_id, kind, target, message, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (org_id, kind, target) WHERE closed_at IS NULL DO NOTHING",
        )
        .bind(id)
        .bind(org_id)
        .bind(kind)
        .bind(target)
        .bind(message)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
    })?)
}

/// The open alerts of a kind in all organizations: whose, about what, since when.
pub(crate) async fn open_of_kind(conn: &mut Conn, kind: AlertKind) -> Result<Vec<(OrgId, String, Timestamp)>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT org_id, target, created_at FROM alerts WHERE kind = $1 AND closed_at IS NULL ORDER BY org_id, target")
            .bind(kind)
            .fetch_all(c)
            .await
    })?)
}

/// Closes the open alerts about a thing, of one kind or of all; answers how many.
pub(crate) async fn close(
    conn: &mut Conn,
    org_id: &OrgId,
    kind: Option<AlertKind>,
    target: &str,
    now: Timestamp,
) -> Result<u64> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("UPDATE alerts SET closed_at = ");
        q.push_bind(now).push(" WHERE closed_at IS NULL AND org_id = ").push_bind(org_id);
        q.push(" AND target = ").push_bind(target.to_owned());
        if let Some(kind) = kind {
            q.push(" AND kind = ").push_bind(kind);
        }
        q.build().execute(c).await.map(|done| done.rows_affected())
    })?)
}

/// Notes that somebody has seen an alert; answers whether there is such an alert.
pub(crate) async fn see(conn: &mut Conn, org_id: &OrgId, id: &AlertId, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query("UPDATE alerts SET seen_at = COALESCE(seen_at, $1) WHERE org_id = $2 AND id = $3")
            .bind(now)
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
    })?)
}

/// How many open alerts nobody has seen.
pub(crate) async fn count_unseen(conn: &mut Conn, org_id: &OrgId) -> Result<i64> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT COUNT(*) FROM alerts WHERE org_id = $1 AND closed_at IS NULL AND seen_at IS NULL")
            .bind(org_id)
            .fetch_one(c)
            .await
    })?)
}

/// A page of alerts, newest first; only the open ones where asked.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    open: bool,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<Alert>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT id, kind, target, message, created_at, closed_at, seen_at FROM alerts WHERE org_id = ",
        );
        q.push_bind(org_id);
        if open {
            q.push(" AND closed_at IS NULL");
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
