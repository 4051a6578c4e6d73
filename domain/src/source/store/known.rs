//! SQL of what is known of a source's events: which have come, and the newest of each subject. Whoever writes here holds the lock
//! on the source.

use sha2::{Digest as _, Sha256};

use crate::Result;
use crate::db::{Conn, on};
use crate::id::{InboundRequestId, OrgId, SourceId};
use crate::time::Timestamp;

/// So long it is remembered what came, in milliseconds: no provider tries again for a month.
const REMEMBERED_MS: i64 = 30 * 24 * 3600 * 1000;

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// Notes that an event has come with a request, by what makes it the same; answers the request that brought it before, if one did.
pub(crate) async fn note(
    conn: &mut Conn,
    source: &SourceId,
    key: &str,
    request: &InboundRequestId,
    now: Timestamp,
) -> Result<Option<InboundRequestId>> {
    let key = hash(key);
    let made = on!(&mut *conn, |c| {
        sqlx::query(
            "INSERT INTO inbound_keys (source_id, key_hash, request_id, seen_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (source_id, key_hash) DO NOTHING",
        )
        .bind(source)
        .bind(&key)
        .bind(request)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    if made > 0 {
        return Ok(None);
    }
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT request_id FROM inbound_keys WHERE source_id = $1 AND key_hash = $2")
            .bind(source)
            .bind(&key)
            .fetch_optional(c)
            .await
    })?)
}

/// The newest that is known of a subject.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Subject {
    pub(crate) version: i64,
    pub(crate) is_ended: i64,
    /// The data of the newest event about it.
    pub(crate) data: String,
}

/// The newest that is known of a subject.
pub(crate) async fn subject(conn: &mut Conn, source: &SourceId, subject: &str) -> Result<Option<Subject>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT version, is_ended, data FROM inbound_subjects WHERE source_id = $1 AND subject_hash = $2",
        )
        .bind(source)
        .bind(hash(subject))
        .fetch_optional(c)
        .await
    })?)
}

/// Keeps the newest of a subject.
pub(crate) async fn keep(
    conn: &mut Conn,
    source: &SourceId,
    subject: &str,
    newest: &Subject,
    now: Timestamp,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO inbound_subjects (source_id, subject_hash, version, is_ended, data, seen_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (source_id, subject_hash) DO UPDATE SET version = excluded.version, is_ended = excluded.is_ended,
               data = excluded.data, seen_at = excluded.seen_at",
        )
        .bind(source)
        .bind(hash(subject))
        .bind(newest.version)
        .bind(newest.is_ended)
        .bind(&newest.data)
        .bind(now)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Forgets what came long ago.
pub(crate) async fn forget(conn: &mut Conn, now: Timestamp) -> Result<()> {
    let before = now.plus_ms(-REMEMBERED_MS);
    on!(conn, |c| {
        sqlx::query("DELETE FROM inbound_keys WHERE seen_at < $1").bind(before).execute(&mut *c).await?;
        sqlx::query("DELETE FROM inbound_subjects WHERE seen_at < $1").bind(before).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Forgets the newest of an organization's subjects that nothing was heard of since a time.
pub(crate) async fn forget_org(conn: &mut Conn, org_id: &OrgId, before: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "DELETE FROM inbound_subjects WHERE seen_at < $1 AND source_id IN (SELECT id FROM sources WHERE org_id = $2)",
        )
        .bind(before)
        .bind(org_id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}
