//! SQL of endpoints and their signing secrets.

use sqlx::QueryBuilder;

use super::{Controls, Destination, EndpointStatus};
use crate::db::{Conn, on};
use crate::id::{ConnectionId, EndpointId, OrgId};
use crate::page::Cursor;
use crate::time::Timestamp;
use crate::{Error, Result};

/// A row of `endpoints`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: EndpointId,
    pub(crate) org_id: OrgId,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) description: String,
    pub(crate) event_types_json: String,
    pub(crate) status: EndpointStatus,
    pub(crate) disabled_reason: Option<String>,
    pub(crate) timeout_ms: i64,
    pub(crate) retry_json: String,
    pub(crate) rate_limit_per_minute: Option<i64>,
    pub(crate) sealed_headers: Option<Vec<u8>>,
    pub(crate) controls_json: String,
    pub(crate) sealed_auth: Option<Vec<u8>>,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
}

/// A row of `signing_secrets`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SecretRow {
    pub(crate) endpoint_id: EndpointId,
    pub(crate) created_at: Timestamp,
    pub(crate) sealed: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) expires_at: Option<Timestamp>,
    /// `whpk_…` of an Ed25519 key; none for a shared secret.
    pub(crate) public_key: Option<String>,
}

const COLUMNS: &str = "id, org_id, name, url, description, event_types_json, status, disabled_reason, timeout_ms, retry_json, \
     rate_limit_per_minute, sealed_headers, controls_json, sealed_auth, version, created_at, updated_at, deleted_at";

/// Stores an endpoint, or everything of it that can change.
pub(crate) async fn save(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO endpoints (id, org_id, name, url, description, event_types_json, status, disabled_reason, timeout_ms, retry_json,
             rate_limit_per_minute, sealed_headers, controls_json, sealed_auth, version, created_at, updated_at, deleted_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url, description = excluded.description,
             event_types_json = excluded.event_types_json, status = excluded.status, disabled_reason = excluded.disabled_reason,
             timeout_ms = excluded.timeout_ms, retry_json = excluded.retry_json, rate_limit_per_minute = excluded.rate_limit_per_minute,
             sealed_headers = excluded.sealed_headers, controls_json = excluded.controls_json, sealed_auth = excluded.sealed_auth,
             version = excluded.version, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at
             WHERE endpoints.org_id = excluded.org_id",
        )
        .bind(&row.id)
        .bind(&row.org_id)
        .bind(&row.name)
        .bind(&row.url)
        .bind(&row.description)
        .bind(&row.event_types_json)
        .bind(row.status)
        .bind(&row.disabled_reason)
        .bind(row.timeout_ms)
        .bind(&row.retry_json)
        .bind(row.rate_limit_per_minute)
        .bind(&row.sealed_headers)
        .bind(&row.controls_json)
        .bind(&row.sealed_auth)
        .bind(row.version)
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.deleted_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Keeps the endpoint as it is now as its present version; `changes_json` names what changed.
pub(crate) async fn insert_version(
    conn: &mut Conn,
    id: &EndpointId,
    actor_name: &str,
    changes_json: &str,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO endpoint_versions (org_id, endpoint_id, version, created_at, actor_name, changes_json, name, url, event_types_json, timeout_ms,
             retry_json, rate_limit_per_minute, sealed_headers, controls_json, sealed_auth)
             SELECT org_id, id, version, updated_at, $1, $2, name, url, event_types_json, timeout_ms, retry_json, rate_limit_per_minute,
             sealed_headers, controls_json, sealed_auth FROM endpoints WHERE id = $3",
        )
        .bind(actor_name)
        .bind(changes_json)
        .bind(id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The endpoint as it was in a version; what is not part of versions (status, description) is as it is now.
pub(crate) async fn find_version(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &EndpointId,
    version: i64,
) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT e.id, e.org_id, v.name, v.url, e.description, v.event_types_json, e.status, e.disabled_reason, v.timeout_ms, v.retry_json,
             v.rate_limit_per_minute, v.sealed_headers, v.controls_json, v.sealed_auth, v.version, e.created_at, v.created_at AS updated_at, e.deleted_at
             FROM endpoint_versions v JOIN endpoints e ON e.id = v.endpoint_id
             WHERE v.org_id = $1 AND v.endpoint_id = $2 AND v.version = $3 AND e.deleted_at IS NULL",
        )
        .bind(org_id)
        .bind(id)
        .bind(version)
        .fetch_optional(c)
        .await
    })?)
}

/// Drops what is secret from the versions of a deleted endpoint.
pub(crate) async fn forget_version_secrets(conn: &mut Conn, org_id: &OrgId, id: &EndpointId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE endpoint_versions SET sealed_headers = NULL, sealed_auth = NULL WHERE org_id = $1 AND endpoint_id = $2")
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// A line of an endpoint's history.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct VersionRow {
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) actor_name: String,
    pub(crate) changes_json: String,
}

/// A page of the versions of an endpoint, newest first.
pub(crate) async fn versions(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &EndpointId,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<VersionRow>> {
    // A cursor that is no number is one of another list: it shows nothing rather than everything.
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT version, created_at, actor_name, changes_json FROM endpoint_versions WHERE org_id = ",
        );
        q.push_bind(org_id).push(" AND endpoint_id = ").push_bind(id);
        match cursor {
            Cursor::Start => q.push(" ORDER BY version DESC LIMIT "),
            Cursor::After(at) => q.push(" AND version < ").push_bind(number(at)).push(" ORDER BY version DESC LIMIT "),
            Cursor::Before(at) => q.push(" AND version > ").push_bind(number(at)).push(" ORDER BY version LIMIT "),
        };
        q.push_bind(limit + 1);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// One endpoint, unless it is deleted, about to be changed: on PostgreSQL the row stays locked until the transaction ends.
pub(crate) async fn lock(conn: &mut Conn, org_id: &OrgId, id: &EndpointId) -> Result<Option<Row>> {
    let lock = crate::db::dialect!(conn, sqlite: "", postgres: " FOR UPDATE");
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM endpoints WHERE deleted_at IS NULL AND org_id = ").push_bind(org_id);
        q.push(" AND id = ").push_bind(id).push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// One endpoint, unless it is deleted.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &EndpointId) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS)
            .push(" FROM endpoints WHERE deleted_at IS NULL AND org_id = ")
            .push_bind(org_id)
            .push(" AND id = ")
            .push_bind(id);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// All endpoints of an organization that are not deleted, oldest first.
pub(crate) async fn all(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS)
            .push(" FROM endpoints WHERE deleted_at IS NULL AND org_id = ")
            .push_bind(org_id)
            .push(" ORDER BY id");
        q.build_query_as().fetch_all(c).await
    })?)
}

/// The endpoints whose deliveries go to channels of a connection, oldest first.
pub(crate) async fn of_connection(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &ConnectionId,
) -> Result<Vec<(Row, Destination)>> {
    let read = |row: Row| {
        let controls: Controls = serde_json::from_str(&row.controls_json).map_err(Error::internal)?;
        Ok(controls
            .destination
            .filter(|destination| destination.connection_id == *id)
            .map(|destination| (row, destination)))
    };
    all(conn, org_id).await?.into_iter().filter_map(|row| read(row).transpose()).collect()
}

/// A page of endpoints, newest first (or oldest first), filtered by words in name and URL.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    search: Option<&str>,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM endpoints WHERE deleted_at IS NULL AND org_id = ").push_bind(org_id);
        if let Some(text) = search {
            let pattern =
                format!("%{}%", text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
            q.push(" AND (LOWER(name) LIKE ")
                .push_bind(pattern.clone())
                .push(" ESCAPE '\\' OR LOWER(url) LIKE ")
                .push_bind(pattern)
                .push(" ESCAPE '\\')");
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

/// Stores a signing secret.
pub(crate) async fn insert_secret(conn: &mut Conn, row: &SecretRow) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("INSERT INTO signing_secrets (endpoint_id, created_at, sealed, hint, expires_at, public_key) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&row.endpoint_id)
            .bind(row.created_at)
            .bind(&row.sealed)
            .bind(&row.hint)
            .bind(row.expires_at)
            .bind(&row.public_key)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Lets the shared secrets (or the Ed25519 keys) that have no end yet end at `at`, and drops all that have ended.
pub(crate) async fn retire_secrets(
    conn: &mut Conn,
    endpoint_id: &EndpointId,
    asymmetric: bool,
    at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM signing_secrets WHERE endpoint_id = $1 AND expires_at <= $2")
            .bind(endpoint_id)
            .bind(now)
            .execute(&mut *c)
            .await?;
        sqlx::query("UPDATE signing_secrets SET expires_at = $1 WHERE endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $1) AND (public_key IS NOT NULL) = $3")
            .bind(at)
            .bind(endpoint_id)
            .bind(asymmetric)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The secrets of an organization's endpoints, newest first.
pub(crate) async fn secrets_of_org(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<SecretRow>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT s.endpoint_id, s.created_at, s.sealed, s.hint, s.expires_at, s.public_key FROM signing_secrets s
             JOIN endpoints e ON e.id = s.endpoint_id WHERE e.org_id = $1 AND e.deleted_at IS NULL ORDER BY s.created_at DESC",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?)
}

/// The secrets of one endpoint, newest first.
pub(crate) async fn secrets(conn: &mut Conn, endpoint_id: &EndpointId) -> Result<Vec<SecretRow>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT endpoint_id, created_at, sealed, hint, expires_at, public_key FROM signing_secrets WHERE endpoint_id = $1 ORDER BY created_at DESC")
            .bind(endpoint_id)
            .fetch_all(c)
            .await
    })?)
}

/// Drops all secrets of an endpoint.
pub(crate) async fn delete_secrets(conn: &mut Conn, endpoint_id: &EndpointId) -> Result<()> {
    on!(conn, |c| sqlx::query("DELETE FROM signing_secrets WHERE endpoint_id = $1")
        .bind(endpoint_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
