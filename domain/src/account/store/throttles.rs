//! SQL of throttles: how often a name was tried since when.

use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::time::Timestamp;

/// Counts a try and answers how many there were since when. A window that began before `stale` starts anew.
pub(crate) async fn count(conn: &mut Conn, name: &str, now: Timestamp, stale: Timestamp) -> Result<(i64, Timestamp)> {
    let counted = on!(conn, |c| {
        sqlx::query_as(
            "INSERT INTO throttles (name, failures, first_at) VALUES ($1, 1, $2)
             ON CONFLICT (name) DO UPDATE SET
               failures = CASE WHEN throttles.first_at <= $3 THEN 1 ELSE throttles.failures + 1 END,
               first_at = CASE WHEN throttles.first_at <= $3 THEN excluded.first_at ELSE throttles.first_at END
             RETURNING failures, first_at",
        )
        .bind(name)
        .bind(now)
        .bind(stale)
        .fetch_one(c)
        .await
    })?;
    Ok(counted)
}

/// Forgets a name.
pub(crate) async fn clear(conn: &mut Conn, name: &str) -> Result<()> {
    on!(conn, |c| sqlx::query("DELETE FROM throttles WHERE name = $1").bind(name).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes one try back.
pub(crate) async fn uncount(conn: &mut Conn, name: &str) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE throttles SET failures = failures - 1 WHERE name = $1 AND failures > 0")
            .bind(name)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Forgets windows that began before `stale`. Waits for nobody, so it cannot deadlock with [`count`].
pub(super) async fn delete_lapsed(conn: &mut Conn, stale: Timestamp) -> Result<()> {
    let text = dialect!(conn,
        sqlite: "DELETE FROM throttles WHERE first_at <= $1",
        postgres: "DELETE FROM throttles WHERE name IN (SELECT name FROM throttles WHERE first_at <= $1 FOR UPDATE SKIP LOCKED)");
    on!(conn, |c| sqlx::query(text).bind(stale).execute(c).await.map(drop))?;
    Ok(())
}
