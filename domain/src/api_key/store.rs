//! SQL of API keys. Keys without organization are the installation's own.

use super::ApiKey;
use crate::Permission;
use crate::db::{Conn, on};
use crate::id::{ApiKeyId, OrgId};
use crate::time::Timestamp;
use crate::{Error, Result};

/// A key as the door needs it.
#[derive(Debug, Clone)]
pub(crate) struct KnownKey {
    pub(crate) id: ApiKeyId,
    pub(crate) org_id: Option<OrgId>,
    pub(crate) name: String,
    pub(crate) scopes: Vec<Permission>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    /// Revoked by this process a moment ago: no slower reader may bring it back.
    pub(crate) revoked: bool,
    /// Organizations that a key of the installation named and that exist.
    pub(crate) seen_orgs: Vec<OrgId>,
}

/// A row: scopes are JSON text.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: ApiKeyId,
    name: String,
    hint: String,
    scopes: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

fn scopes_of(text: &str) -> Result<Vec<Permission>> {
    serde_json::from_str(text).map_err(Error::internal)
}

impl TryFrom<Row> for ApiKey {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            scopes: scopes_of(&row.scopes)?,
            id: row.id,
            name: row.name,
            hint: row.hint,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

/// The keys of an organization, or of the installation, newest first.
pub(crate) async fn list(conn: &mut Conn, org_id: Option<&OrgId>) -> Result<Vec<ApiKey>> {
    let text = match org_id {
        Some(_) => {
            "SELECT id, name, hint, scopes, created_at, last_used_at, expires_at, revoked_at FROM api_keys
             WHERE org_id = $1 ORDER BY id DESC"
        }
        None => {
            "SELECT id, name, hint, scopes, created_at, last_used_at, expires_at, revoked_at FROM api_keys
             WHERE $1 IS NULL AND org_id IS NULL ORDER BY id DESC"
        }
    };
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(text).bind(org_id).fetch_all(c).await)?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// One key of an organization, or of the installation.
pub(crate) async fn find(conn: &mut Conn, org_id: Option<&OrgId>, id: &ApiKeyId) -> Result<Option<ApiKey>> {
    let row: Option<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, name, hint, scopes, created_at, last_used_at, expires_at, revoked_at FROM api_keys
             WHERE COALESCE(org_id, '') = COALESCE($1, '') AND id = $2",
        )
        .bind(org_id)
        .bind(id)
        .fetch_optional(c)
        .await
    })?;
    row.map(ApiKey::try_from).transpose()
}

/// Stores a new key.
pub(crate) async fn insert(
    conn: &mut Conn,
    org_id: Option<&OrgId>,
    key: &ApiKey,
    token_hash: &[u8; 32],
    created_by: &str,
) -> Result<()> {
    let scopes = serde_json::to_string(&key.scopes).map_err(Error::internal)?;
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO api_keys (id, org_id, name, hint, token_hash, scopes, created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&key.id)
        .bind(org_id)
        .bind(&key.name)
        .bind(&key.hint)
        .bind(token_hash.as_slice())
        .bind(scopes)
        .bind(created_by)
        .bind(key.created_at)
        .bind(key.expires_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Revokes a key that is not revoked yet; answers the hash of its secret.
pub(crate) async fn revoke(
    conn: &mut Conn,
    org_id: Option<&OrgId>,
    id: &ApiKeyId,
    now: Timestamp,
) -> Result<Option<Vec<u8>>> {
    let hash = on!(conn, |c| {
        sqlx::query_scalar(
            "UPDATE api_keys SET revoked_at = $3
             WHERE COALESCE(org_id, '') = COALESCE($1, '') AND id = $2 AND revoked_at IS NULL RETURNING token_hash",
        )
        .bind(org_id)
        .bind(id)
        .bind(now)
        .fetch_optional(c)
        .await
    })?;
    Ok(hash)
}

/// The key behind a secret, unless it is revoked.
pub(crate) async fn find_by_token(conn: &mut Conn, token_hash: &[u8; 32]) -> Result<Option<KnownKey>> {
    type Found = (ApiKeyId, Option<OrgId>, String, String, Option<Timestamp>, Option<Timestamp>);
    let found: Option<Found> = on!(conn, |c| {
        sqlx::query_as("SELECT id, org_id, name, scopes, expires_at, last_used_at FROM api_keys WHERE token_hash = $1 AND revoked_at IS NULL")
            .bind(token_hash.as_slice())
            .fetch_optional(c)
            .await
    })?;
    let Some((id, org_id, name, scopes, expires_at, last_used_at)) = found else { return Ok(None) };
    let scopes = scopes_of(&scopes)?;
    Ok(Some(KnownKey { id, org_id, name, scopes, expires_at, last_used_at, revoked: false, seen_orgs: Vec::new() }))
}

/// Notes a use, unless one was noted since `unless_after`.
pub(crate) async fn touch(conn: &mut Conn, id: &ApiKeyId, now: Timestamp, unless_after: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        )
        .bind(id)
        .bind(now)
        .bind(unless_after)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}
