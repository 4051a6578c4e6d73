//! SQL of people at a provider: who is a member, and who asked to be linked.

use super::LinkedPerson;
use crate::Result;
use crate::account::Member;
use crate::connection::Provider;
use crate::connection::store::Row;
use crate::db::{Conn, on};
use crate::id::{OrgId, UserId};
use crate::time::Timestamp;

/// Somebody at a provider who asked to be linked.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct RequestRow {
    pub(crate) token_hash: Vec<u8>,
    pub(crate) provider: Provider,
    pub(crate) account_id: String,
    pub(crate) person_id: String,
    pub(crate) person_name: String,
    pub(crate) expires_at: Timestamp,
}

/// Keeps that somebody asked, in place of what they asked before; forgets what has lapsed.
pub(crate) async fn insert_request(conn: &mut Conn, row: &RequestRow, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "DELETE FROM link_requests WHERE expires_at <= $1 OR (provider = $2 AND account_id = $3 AND person_id = $4)",
        )
        .bind(now)
        .bind(row.provider)
        .bind(&row.account_id)
        .bind(&row.person_id)
        .execute(&mut *c)
        .await?;
        sqlx::query(
            "INSERT INTO link_requests (token_hash, provider, account_id, person_id, person_name, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&row.token_hash)
        .bind(row.provider)
        .bind(&row.account_id)
        .bind(&row.person_id)
        .bind(&row.person_name)
        .bind(row.expires_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Who asked with this word, if it is still good.
pub(crate) async fn find_request(conn: &mut Conn, hash: &[u8; 32], now: Timestamp) -> Result<Option<RequestRow>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT token_hash, provider, account_id, person_id, person_name, expires_at FROM link_requests
             WHERE token_hash = $1 AND expires_at > $2",
        )
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(c)
        .await
    })?)
}

/// The same, used up: each is taken once.
pub(crate) async fn take_request(conn: &mut Conn, hash: &[u8; 32], now: Timestamp) -> Result<Option<RequestRow>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "DELETE FROM link_requests WHERE token_hash = $1 AND expires_at > $2
             RETURNING token_hash, provider, account_id, person_id, person_name, expires_at",
        )
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(c)
        .await
    })?)
}

/// Links whoever asked to a member, in place of one they were linked to.
pub(crate) async fn link(
    conn: &mut Conn,
    org_id: &OrgId,
    request: &RequestRow,
    user_id: &UserId,
    now: Timestamp,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO linked_people (org_id, provider, account_id, person_id, person_name, user_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (org_id, provider, account_id, person_id) DO UPDATE SET person_name = excluded.person_name,
             user_id = excluded.user_id, created_at = excluded.created_at",
        )
        .bind(org_id)
        .bind(request.provider)
        .bind(&request.account_id)
        .bind(&request.person_id)
        .bind(&request.person_name)
        .bind(user_id)
        .bind(now)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The member that somebody at the account of a connection is linked to.
pub(crate) async fn member(conn: &mut Conn, row: &Row, person_id: &str) -> Result<Option<Member>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT m.user_id, u.email, u.name, m.role, m.joined_at FROM linked_people l
             JOIN memberships m ON m.org_id = l.org_id AND m.user_id = l.user_id JOIN users u ON u.id = m.user_id
             WHERE l.org_id = $1 AND l.provider = $2 AND l.account_id = $3 AND l.person_id = $4",
        )
        .bind(&row.org_id)
        .bind(row.provider)
        .bind(&row.account_id)
        .bind(person_id)
        .fetch_optional(c)
        .await
    })?)
}

/// Who is linked at the account of a connection, by name.
pub(crate) async fn list(conn: &mut Conn, row: &Row) -> Result<Vec<LinkedPerson>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT l.person_id, l.person_name, l.user_id, u.email, l.created_at FROM linked_people l
             JOIN users u ON u.id = l.user_id
             WHERE l.org_id = $1 AND l.provider = $2 AND l.account_id = $3 ORDER BY LOWER(l.person_name), l.person_id",
        )
        .bind(&row.org_id)
        .bind(row.provider)
        .bind(&row.account_id)
        .fetch_all(c)
        .await
    })?)
}

/// Unlinks somebody at the account of a connection.
pub(crate) async fn unlink(conn: &mut Conn, row: &Row, person_id: &str) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "DELETE FROM linked_people WHERE org_id = $1 AND provider = $2 AND account_id = $3 AND person_id = $4",
        )
        .bind(&row.org_id)
        .bind(row.provider)
        .bind(&row.account_id)
        .bind(person_id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Unlinks everybody at the account of a connection, which ends.
pub(crate) async fn forget_account(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM linked_people WHERE org_id = $1 AND provider = $2 AND account_id = $3")
            .bind(&row.org_id)
            .bind(row.provider)
            .bind(&row.account_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Unlinks everybody from a member, who is one no longer.
pub(crate) async fn forget_member(conn: &mut Conn, org_id: &OrgId, user_id: &UserId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM linked_people WHERE org_id = $1 AND user_id = $2")
            .bind(org_id)
            .bind(user_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
