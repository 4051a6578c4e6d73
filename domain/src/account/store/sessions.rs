//! SQL of sessions. A session is live while it was used lately enough and is not too old: every
//! statement that reads one gets both limits.

use crate::Result;
use crate::account::{SESSION_IDLE_MS, SESSION_MAX_MS, Session};
use crate::caller::{OperatorRole, Role};
use crate::db::{Conn, on};
use crate::id::{OrgId, SessionId, UserId};
use crate::time::Timestamp;

/// A live session with all that a caller needs, read in one query.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct KnownSession {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) org_id: Option<OrgId>,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) operator_role: Option<OperatorRole>,
    pub(crate) role: Option<Role>,
}

/// What a new session is made of.
pub(crate) struct NewSession<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) token_hash: &'a [u8; 32],
    pub(crate) user_id: &'a UserId,
    pub(crate) org_id: Option<&'a OrgId>,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) ip: Option<&'a str>,
}

/// The live session behind a token.
pub(crate) async fn find_by_token(
    conn: &mut Conn,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<KnownSession>> {
    let found = on!(conn, |c| {
        sqlx::query_as(
            "SELECT s.id, s.user_id, s.org_id, s.last_seen_at, u.email, u.name, u.operator_role, m.role
             FROM sessions s
             JOIN users u ON u.id = s.user_id
             LEFT JOIN memberships m ON m.org_id = s.org_id AND m.user_id = s.user_id
             WHERE s.token_hash = $1 AND s.last_seen_at > $2 AND s.created_at > $3",
        )
        .bind(token_hash.as_slice())
        .bind(now.plus_ms(-SESSION_IDLE_MS))
        .bind(now.plus_ms(-SESSION_MAX_MS))
        .fetch_optional(c)
        .await
    })?;
    Ok(found)
}

/// Stores a new session.
pub(crate) async fn insert(conn: &mut Conn, new: &NewSession<'_>, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO sessions (id, token_hash, user_id, org_id, created_at, last_seen_at, user_agent, ip)
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
        )
        .bind(new.id)
        .bind(new.token_hash.as_slice())
        .bind(new.user_id)
        .bind(new.org_id)
        .bind(now)
        .bind(new.user_agent)
        .bind(new.ip)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Notes a use, unless another request did since `unless_after`.
pub(crate) async fn touch(
    conn: &mut Conn,
    id: &SessionId,
    now: Timestamp,
    unless_after: Timestamp,
    ip: Option<&str>,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE sessions SET last_seen_at = $2, ip = COALESCE($4, ip) WHERE id = $1 AND last_seen_at <= $3")
            .bind(id)
            .bind(now)
            .bind(unless_after)
            .bind(ip)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The live sessions of an account, latest use first.
pub(crate) async fn list(conn: &mut Conn, user_id: &UserId, now: Timestamp) -> Result<Vec<Session>> {
    let sessions = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, created_at, last_seen_at, user_agent, ip FROM sessions
             WHERE user_id = $1 AND last_seen_at > $2 AND created_at > $3
             ORDER BY last_seen_at DESC, id DESC",
        )
        .bind(user_id)
        .bind(now.plus_ms(-SESSION_IDLE_MS))
        .bind(now.plus_ms(-SESSION_MAX_MS))
        .fetch_all(c)
        .await
    })?;
    Ok(sessions)
}

/// Ends a session of an account; whether there was one.
pub(crate) async fn delete(conn: &mut Conn, user_id: &UserId, id: &SessionId) -> Result<bool> {
    let gone = on!(conn, |c| {
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2")
            .bind(user_id)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(gone > 0)
}

/// Ends the sessions of an account, but for one to keep; answers how many.
pub(crate) async fn delete_all(conn: &mut Conn, user_id: &UserId, keep: Option<&SessionId>) -> Result<i64> {
    let gone = on!(conn, |c| {
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> COALESCE($2, '')")
            .bind(user_id)
            .bind(keep)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// Forgets the sessions that have lapsed.
pub(super) async fn delete_lapsed(conn: &mut Conn, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM sessions WHERE last_seen_at <= $1 OR created_at <= $2")
            .bind(now.plus_ms(-SESSION_IDLE_MS))
            .bind(now.plus_ms(-SESSION_MAX_MS))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Makes a session act in an organization.
pub(crate) async fn set_org(conn: &mut Conn, user_id: &UserId, id: &SessionId, org_id: &OrgId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE sessions SET org_id = $3 WHERE user_id = $1 AND id = $2")
            .bind(user_id)
            .bind(id)
            .bind(org_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Moves an account's sessions out of an organization, into another of theirs or none.
pub(crate) async fn leave_org(conn: &mut Conn, user_id: &UserId, org_id: &OrgId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "UPDATE sessions SET org_id = (SELECT MIN(m.org_id) FROM memberships m WHERE m.user_id = $1 AND m.org_id <> $2)
             WHERE user_id = $1 AND org_id = $2",
        )
        .bind(user_id)
        .bind(org_id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Where a new session of this account starts: in the organization used last, else in the oldest one.
pub(crate) async fn home_org(conn: &mut Conn, user_id: &UserId) -> Result<Option<OrgId>> {
    let org = on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT m.org_id FROM memberships m
             LEFT JOIN sessions s ON s.user_id = m.user_id AND s.org_id = m.org_id
             WHERE m.user_id = $1
             ORDER BY s.last_seen_at DESC NULLS LAST, m.joined_at, m.org_id LIMIT 1",
        )
        .bind(user_id)
        .fetch_optional(c)
        .await
    })?;
    Ok(org)
}
