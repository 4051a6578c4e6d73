//! SQL of sources and their secrets. What came to them is in [`requests`], found by [`found`], what is known of it in [`known`], and what became of e-mail
//! in [`history`].

pub(crate) mod found;
pub(crate) mod history;
pub(crate) mod known;
pub(crate) mod requests;

use sqlx::QueryBuilder;

use super::SourceStatus;
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::id::{OrgId, SourceId};
use crate::time::Timestamp;

/// A row of `sources`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: SourceId,
    pub(crate) org_id: OrgId,
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) status: SourceStatus,
    pub(crate) scheme_json: String,
    pub(crate) account: Option<String>,
    pub(crate) channels_json: String,
    pub(crate) sealed_token: Vec<u8>,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) previous_token_hash: Option<Vec<u8>>,
    pub(crate) previous_token_until: Option<Timestamp>,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const COLUMNS: &str = "id, org_id, provider, name, status, scheme_json, account, channels_json, sealed_token, token_hash, previous_token_hash, \
     previous_token_until, created_by, created_at, updated_at";

/// Stores a source, or everything of it that can change.
pub(crate) async fn save(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO sources (id, org_id, provider, name, status, scheme_json, account, channels_json, sealed_token, token_hash,
               previous_token_hash, previous_token_until, created_by, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, status = excluded.status, scheme_json = excluded.scheme_json,
               account = excluded.account, channels_json = excluded.channels_json, sealed_token = excluded.sealed_token, token_hash = excluded.token_hash, previous_token_hash = excluded.previous_token_hash,
               previous_token_until = excluded.previous_token_until, updated_at = excluded.updated_at
             WHERE sources.org_id = excluded.org_id",
        )
        .bind(&row.id)
        .bind(&row.org_id)
        .bind(&row.provider)
        .bind(&row.name)
        .bind(row.status)
        .bind(&row.scheme_json)
        .bind(&row.account)
        .bind(&row.channels_json)
        .bind(&row.sealed_token)
        .bind(&row.token_hash)
        .bind(&row.previous_token_hash)
        .bind(row.previous_token_until)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The organization's sources, oldest first.
pub(crate) async fn list(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM sources WHERE org_id = ").push_bind(org_id).push(" ORDER BY id");
        q.build_query_as().fetch_all(c).await
    })?)
}

/// A row of the list: a source and what is known of its requests.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Listed {
    pub(crate) id: SourceId,
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) status: SourceStatus,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) has_secret: i64,
    /// When the last request of each verdict came.
    pub(crate) verified_at: Option<Timestamp>,
    pub(crate) rejected_at: Option<Timestamp>,
    pub(crate) challenged_at: Option<Timestamp>,
}

/// The organization's sources with what is known of their requests, oldest first, by one statement however many there are; nothing
/// sealed is read.
pub(crate) async fn overview(conn: &mut Conn, org_id: &OrgId, now: Timestamp) -> Result<Vec<Listed>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT s.id, s.provider, s.name, s.status, s.created_by, s.created_at, s.updated_at,
               CAST(CASE WHEN EXISTS (SELECT 1 FROM source_secrets k WHERE k.source_id = s.id AND (k.expires_at IS NULL OR k.expires_at > $2))
                 THEN 1 ELSE 0 END AS BIGINT) AS has_secret,
               (SELECT r.received_at FROM inbound_requests r WHERE r.source_id = s.id AND r.verdict = 'verified' ORDER BY r.id DESC LIMIT 1) AS verified_at,
               (SELECT r.received_at FROM inbound_requests r WHERE r.source_id = s.id AND r.verdict = 'rejected' ORDER BY r.id DESC LIMIT 1) AS rejected_at,
               (SELECT r.received_at FROM inbound_requests r WHERE r.source_id = s.id AND r.verdict = 'challenge' ORDER BY r.id DESC LIMIT 1) AS challenged_at
             FROM sources s WHERE s.org_id = $1 ORDER BY s.id",
        )
        .bind(org_id)
        .bind(now)
        .fetch_all(c)
        .await
    })?)
}

/// One source.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &SourceId) -> Result<Option<Row>> {
    one(conn, org_id, id, "").await
}

/// One source, about to be changed, or what it knows.
pub(crate) async fn lock(conn: &mut Conn, org_id: &OrgId, id: &SourceId) -> Result<Option<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR UPDATE");
    one(conn, org_id, id, lock).await
}

async fn one(conn: &mut Conn, org_id: &OrgId, id: &SourceId, lock: &'static str) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM sources WHERE org_id = ").push_bind(org_id);
        q.push(" AND id = ").push_bind(id).push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// The source of a provider behind an address, whose token is all that a sender has to name: by the token of now, or by the one
/// before while it is taken.
pub(crate) async fn by_token(conn: &mut Conn, provider: &str, hash: &[u8], now: Timestamp) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM sources WHERE provider = ").push_bind(provider);
        q.push(" AND (token_hash = ").push_bind(hash);
        q.push(" OR (previous_token_hash = ").push_bind(hash);
        q.push(" AND previous_token_until > ").push_bind(now).push("))");
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// A source of this provider, whoever's it is: for e-mail, of which the address alone says where it goes.
pub(crate) async fn of_any(conn: &mut Conn, provider: &str, id: &SourceId) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM sources WHERE id = ").push_bind(id).push(" AND provider = ").push_bind(provider);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// Deletes a source and everything that came to it.
pub(crate) async fn delete(conn: &mut Conn, org_id: &OrgId, id: &SourceId) -> Result<()> {
    crate::search::forget_source(conn, id).await?;
    on!(conn, |c| {
        for sql in [
            "DELETE FROM inbound_subjects WHERE source_id = $1",
            "DELETE FROM inbound_keys WHERE source_id = $1",
            "DELETE FROM inbound_requests WHERE source_id = $1",
            "DELETE FROM email_history WHERE source_id = $1",
            "DELETE FROM source_secrets WHERE source_id = $1",
        ] {
            sqlx::query(sql).bind(id).execute(&mut *c).await?;
        }
        sqlx::query("DELETE FROM sources WHERE org_id = $1 AND id = $2")
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// A row of `source_secrets`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct SecretRow {
    pub(crate) source_id: SourceId,
    pub(crate) created_at: Timestamp,
    pub(crate) sealed: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) expires_at: Option<Timestamp>,
}

/// The secrets of a source that have not ended, newest first.
pub(crate) async fn secrets(conn: &mut Conn, id: &SourceId, now: Timestamp) -> Result<Vec<SecretRow>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT source_id, created_at, sealed, hint, expires_at FROM source_secrets
             WHERE source_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at DESC",
        )
        .bind(id)
        .bind(now)
        .fetch_all(c)
        .await
    })?)
}

/// Adds a secret.
pub(crate) async fn insert_secret(conn: &mut Conn, row: &SecretRow) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO source_secrets (source_id, created_at, sealed, hint, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&row.source_id)
        .bind(row.created_at)
        .bind(&row.sealed)
        .bind(&row.hint)
        .bind(row.expires_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lets the newest secret end at a time, if not earlier, and drops those before it.
pub(crate) async fn retire_secrets(conn: &mut Conn, id: &SourceId, until: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "DELETE FROM source_secrets WHERE source_id = $1
             AND created_at < (SELECT MAX(created_at) FROM source_secrets WHERE source_id = $1)",
        )
        .bind(id)
        .execute(&mut *c)
        .await?;
        sqlx::query(
            "UPDATE source_secrets SET expires_at = $2 WHERE source_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
        )
            .bind(id)
            .bind(until)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
