//! SQL of nodes.

use sqlx::QueryBuilder;

use super::Node;
use crate::db::{Conn, on};
use crate::time::Timestamp;
use crate::{Cursor, Result};

/// Says that a node is there, and whether Redis answers it.
pub(crate) async fn beat(conn: &mut Conn, node: &Node, redis_answers: bool) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO nodes (id, role, address, version, started_at, last_seen_at, redis_answers)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at, redis_answers = excluded.redis_answers",
        )
        .bind(&node.id)
        .bind(node.role)
        .bind(&node.address)
        .bind(&node.version)
        .bind(node.started_at)
        .bind(node.last_seen_at)
        .bind(i64::from(redis_answers))
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Takes a node off the list, because it ends.
pub(crate) async fn leave(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| sqlx::query("DELETE FROM nodes WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets nodes that were last seen before a time.
pub(crate) async fn forget(conn: &mut Conn, before: Timestamp) -> Result<()> {
    on!(conn, |c| sqlx::query("DELETE FROM nodes WHERE last_seen_at < $1").bind(before).execute(c).await.map(drop))?;
    Ok(())
}

/// How many nodes that deliver have been seen since a time, and how many of them Redis answers.
pub(crate) async fn count_workers(conn: &mut Conn, since: Timestamp) -> Result<(i64, i64)> {
    const SQL: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(redis_answers), 0) AS BIGINT) FROM nodes
                       WHERE last_seen_at >= $1 AND role IN ('all', 'worker')";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(since).fetch_one(c).await)?)
}

/// The nodes that are not forgotten, newest first.
pub(crate) async fn list(conn: &mut Conn, cursor: &Cursor, limit: i64) -> Result<Vec<Node>> {
    let nodes = on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT id, role, address, version, started_at, last_seen_at FROM nodes");
        match cursor {
            Cursor::Start => q.push(" ORDER BY id DESC LIMIT "),
            Cursor::After(id) => q.push(" WHERE id < ").push_bind(id).push(" ORDER BY id DESC LIMIT "),
            Cursor::Before(id) => q.push(" WHERE id > ").push_bind(id).push(" ORDER BY id LIMIT "),
        };
        q.push_bind(limit);
        q.build_query_as().fetch_all(c).await
    })?;
    Ok(nodes)
}

/// Tells all who listen at the database, once this is committed. On SQLite nobody does.
pub(crate) async fn notify(conn: &mut Conn, channel: &str, message: &str) -> Result<()> {
    if let Conn::Postgres(c) = conn {
        sqlx::query("SELECT pg_notify($1, $2)").bind(channel).bind(message).execute(&mut **c).await?;
    }
    Ok(())
}
