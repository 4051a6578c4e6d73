//! SQL of the inbox.

use super::{InboxRequest, KEPT};
use crate::db::{Conn, on};
use crate::id::{EndpointId, InboxId, InboxRequestId, OrgId};
use crate::time::Timestamp;
use crate::{Error, Result};

/// An inbox as it is kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: InboxId,
    pub(crate) org_id: OrgId,
    pub(crate) token: String,
}

/// A request as it is kept.
#[derive(Debug, sqlx::FromRow)]
struct RequestRow {
    id: InboxRequestId,
    received_at: Timestamp,
    method: String,
    headers_json: String,
    body: String,
    verified: Option<i64>,
}

/// The organization's inbox.
pub(crate) async fn of_org(conn: &mut Conn, org_id: &OrgId) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT id, org_id, token FROM inboxes WHERE org_id = $1").bind(org_id).fetch_optional(c).await
    })?)
}

/// The inbox behind a URL, whose token is the whole of a sender's permission.
pub(crate) async fn by_token(conn: &mut Conn, token: &str) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT id, org_id, token FROM inboxes WHERE token = $1").bind(token).fetch_optional(c).await
    })?)
}

/// Adds the organization's inbox, unless it has one.
pub(crate) async fn insert(conn: &mut Conn, new: &Row, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("INSERT INTO inboxes (id, org_id, token, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (org_id) DO NOTHING")
            .bind(&new.id)
            .bind(&new.org_id)
            .bind(&new.token)
            .bind(now)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The last requests, newest first.
pub(crate) async fn requests(conn: &mut Conn, inbox: &InboxId, limit: i64) -> Result<Vec<InboxRequest>> {
    let rows: Vec<RequestRow> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, received_at, method, headers_json, body, verified FROM inbox_requests
             WHERE inbox_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(inbox)
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let read = |row: RequestRow| {
        Ok(InboxRequest {
            headers: serde_json::from_str(&row.headers_json).map_err(Error::internal)?,
            id: row.id,
            received_at: row.received_at,
            method: row.method,
            body: row.body,
            verified: row.verified.map(|flag| flag != 0),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Adds a request and drops what is older than the last [`KEPT`].
pub(crate) async fn add(conn: &mut Conn, inbox: &InboxId, request: &InboxRequest) -> Result<()> {
    let headers = serde_json::to_string(&request.headers).map_err(Error::internal)?;
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO inbox_requests (id, inbox_id, received_at, method, headers_json, body, verified)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&request.id)
        .bind(inbox)
        .bind(request.received_at)
        .bind(&request.method)
        .bind(headers)
        .bind(&request.body)
        .bind(request.verified.map(i64::from))
        .execute(&mut *c)
        .await?;
        sqlx::query(
            "DELETE FROM inbox_requests WHERE inbox_id = $1 AND id <=
               (SELECT id FROM inbox_requests WHERE inbox_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        )
        .bind(inbox)
        .bind(KEPT)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Drops all requests.
pub(crate) async fn clear(conn: &mut Conn, inbox: &InboxId) -> Result<()> {
    on!(conn, |c| sqlx::query("DELETE FROM inbox_requests WHERE inbox_id = $1")
        .bind(inbox)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The live signing secrets, sealed, of the organization's endpoints that point to a URL.
pub(crate) async fn sealed_secrets(
    conn: &mut Conn,
    org_id: &OrgId,
    url: &str,
    now: Timestamp,
) -> Result<Vec<(EndpointId, Vec<u8>)>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT s.endpoint_id, s.sealed FROM signing_secrets s JOIN endpoints e ON e.id = s.endpoint_id
             WHERE e.org_id = $1 AND e.url = $2 AND e.deleted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $3)
             ORDER BY s.endpoint_id, s.created_at DESC",
        )
        .bind(org_id)
        .bind(url)
        .bind(now)
        .fetch_all(c)
        .await
    })?)
}
