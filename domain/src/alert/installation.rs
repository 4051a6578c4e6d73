//! SQL of the installation's alerts, which are no organization's.

use sqlx::QueryBuilder;

use super::{Alert, AlertKind};
use crate::Result;
use crate::db::{Conn, on};
use crate::id::AlertId;
use crate::page::Cursor;
use crate::time::Timestamp;

/// Stores an alert, unless one about the same thing is open; answers whether it did.
pub(crate) async fn raise_once(
    conn: &mut Conn,
    id: &AlertId,
    kind: AlertKind,
    target: &str,
    message: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "INSERT INTO installation_alerts (id, kind, target, message, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (kind, target) WHERE closed_at IS NULL DO NOTHING",
        )
        .bind(id)
        .bind(kind)
        .bind(target)
        .bind(message)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
    })?)
}

/// The open alerts of a kind: about what, since when.
pub(crate) async fn open_of_kind(conn: &mut Conn, kind: AlertKind) -> Result<Vec<(String, Timestamp)>> {
    const SQL: &str =
        "SELECT target, created_at FROM installation_alerts WHERE kind = $1 AND closed_at IS NULL ORDER BY target";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(kind).fetch_all(c).await)?)
}

/// Closes the open alert about a thing; answers whether there was one.
pub(crate) async fn close(conn: &mut Conn, kind: AlertKind, target: &str, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query(
            "UPDATE installation_alerts SET closed_at = $1 WHERE closed_at IS NULL AND kind = $2 AND target = $3",
        )
        .bind(now)
        .bind(kind)
        .bind(target)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
    })?)
}

/// Notes that somebody has seen an alert; answers whether there is such an alert.
pub(crate) async fn see(conn: &mut Conn, id: &AlertId, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query("UPDATE installation_alerts SET seen_at = COALESCE(seen_at, $1) WHERE id = $2")
            .bind(now)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
    })?)
}

/// How many open alerts nobody has seen.
pub(crate) async fn count_unseen(conn: &mut Conn) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM installation_alerts WHERE closed_at IS NULL AND seen_at IS NULL";
    Ok(on!(conn, |c| sqlx::query_scalar(SQL).fetch_one(c).await)?)
}

/// A page of alerts, newest first; only the open ones where asked.
pub(crate) async fn list(conn: &mut Conn, open: bool, cursor: &Cursor, limit: i64) -> Result<Vec<Alert>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT id, kind, target, message, created_at, closed_at, seen_at FROM installation_alerts WHERE 1 = 1",
        );
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
